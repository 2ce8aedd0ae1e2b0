"""One study asked again: without an event, without a firm, with unverified events.

A study is read by one test here, so that it can be asked again hundreds of times:
the exact t of the CAR where there is one date, and KP where there are several. The
chapters ask for more tests at once; a reading here is therefore found sooner, and a
verdict counted as turned sooner, than there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.evidence.how_sure_legs import Leg, PriceClaim, Readings
from helpers.evidence.signed import signed_study
from helpers.inference.battery import known_tests, outcome
from helpers.inference.event_study import EventStudy
from helpers.inference.power import detectable_effect
from helpers.study.fit import Fit

SIZE = 0.05
POWER = 0.8


@dataclass(frozen=True)
class Tested:
    """A signed mean CAR with its test.

    Attributes
    ----------
    estimate, se : float
        Decimal; the error of one date is exact, that of several is of the mean
        over dates.
    df : float
    p_value : float
        Two-sided, by the exact t or by KP.
    ci_low, ci_high : float
        95 % interval, decimal.
    dates : int
    """

    estimate: float
    se: float
    df: float
    p_value: float
    ci_low: float
    ci_high: float
    dates: int

    @property
    def reading(self) -> int:
        """-1 or 1 if the mean is beyond chance, else 0."""
        return reading_of(self.estimate, self.p_value)

    @property
    def detectable(self) -> float:
        """Smallest true mean that this study would find with 80 % power."""
        return detectable_effect(self.se, self.df, power=POWER)


def reading_of(estimate: float, p_value: float) -> int:
    """-1 for a loss, 1 for a gain beyond chance, 0 for neither."""
    return int(np.sign(estimate)) if p_value < SIZE else 0


def main_study(leg: Leg) -> EventStudy:
    """The chapter's study of the events that count."""
    return signed_study(leg.base, leg.signs)


def tested(study: EventStudy, leg: Leg) -> Tested:
    """The mean over the leg's main window and its test."""
    first, last = leg.window
    if study.n_events == 1:
        row, dates = study.car(first, last).iloc[0], 1
        p_value, estimate = float(row["p_value"]), float(row["car"])
    else:
        row = study.caar(first, last)
        estimate, dates = float(row["caar"]), int(row["n_dates"])
        p_value = _kp(study.fit, leg)
    return Tested(
        estimate=estimate,
        se=float(row["se"]),
        df=float(row["df"]),
        p_value=p_value,
        ci_low=float(row["ci_low"]),
        ci_high=float(row["ci_high"]),
        dates=dates,
    )


def _kp(fit: Fit, leg: Leg) -> float:
    """p-value of KP over the leg's main window; 1 where it is undefined."""
    found = outcome(known_tests()["adjusted_bmp"], fit, *leg.window).p_value
    return 1.0 if np.isnan(found) else float(found)


def without_events(study: EventStudy, leg: Leg) -> pd.DataFrame:
    """The mean with each event left out in turn.

    Returns
    -------
    DataFrame
        Indexed by event_id: estimate, p_value, reading. Empty with one event.
    """
    names = study.abnormal_returns.index.get_level_values("event_id")
    rows = {}
    for number, event in enumerate(names):
        if len(names) == 1:
            break
        rest = study.fit.keep(np.delete(np.arange(len(names)), number))
        cars = rest.car(*leg.window)
        p_value = _kp(rest, leg) if len(cars) > 1 else _exact(rest, leg)
        estimate = float(cars.mean())
        rows[event] = (estimate, p_value, reading_of(estimate, p_value))
    return _frame(rows, "event_id")


def _exact(fit: Fit, leg: Leg) -> float:
    from scipy.special import stdtr

    t = fit.car(*leg.window)[0] / fit.car_error(*leg.window)[0]
    return float(2 * stdtr(fit.estimates.dof[0], -abs(t)))


def without_firms(leg: Leg) -> pd.DataFrame:
    """The mean with each firm of the group left out in turn.

    Returns
    -------
    DataFrame
        Indexed by symbol: estimate, p_value, reading. Empty for a single firm,
        and without the firms that leave no study behind.
    """
    rows = {}
    for firm in leg.firms if len(leg.firms) > 1 else ():
        study = signed_study(leg.base, leg.signs, returns=leg.without(firm))
        if study.n_events:
            found = tested(study, leg)
            rows[firm] = (found.estimate, found.p_value, found.reading)
    return _frame(rows, "symbol")


def _frame(rows: Mapping[str, tuple[float, float, int]], name: str) -> pd.DataFrame:
    columns = ["estimate", "p_value", "reading"]
    table = pd.DataFrame.from_dict(dict(rows), orient="index", columns=columns)
    return table.rename_axis(name)


@dataclass(frozen=True)
class Checked:
    """A leg with everything that was asked of it, specifications aside.

    Attributes
    ----------
    main : Tested
    events, firms : DataFrame
        See :func:`without_events` and :func:`without_firms`.
    verified, wider : Tested
        Without the events that are not verified, and with all of them.
    unverified : int
        How many events are not verified.
    """

    main: Tested
    events: pd.DataFrame
    firms: pd.DataFrame
    verified: Tested
    wider: Tested
    unverified: int


def check(leg: Leg) -> Checked:
    """Ask one leg again in every way that needs no other specification."""
    study = main_study(leg)
    main = tested(study, leg)
    verified = wider = main
    if leg.unverified:
        kept = leg.signs.where(~leg.signs.index.isin(leg.unverified), 0)
        if not kept.equals(leg.signs):
            verified = tested(signed_study(leg.base, kept), leg)
        wider = tested(signed_study(leg.base, leg.wider), leg)
    return Checked(
        main,
        without_events(study, leg),
        without_firms(leg),
        verified,
        wider,
        len(leg.unverified),
    )


def words_without(
    claim: PriceClaim, main: Readings, tables: Mapping[str, pd.DataFrame]
) -> dict[str, str]:
    """The verdict with each event, or each firm, left out of all of a claim's legs.

    Parameters
    ----------
    claim : PriceClaim
    main : mapping of leg name to reading
    tables : mapping of leg name to DataFrame
        As :func:`without_events` or :func:`without_firms` gives them.

    Returns
    -------
    dict of event_id or symbol to the verdict's word
    """
    names: Iterable[str] = dict.fromkeys(
        name for table in tables.values() for name in table.index
    )
    out = {}
    for name in names:
        readings = {
            leg: int(table.at[name, "reading"]) if name in table.index else main[leg]
            for leg, table in tables.items()
        }
        out[name] = claim.rule(readings)
    return out
