"""One share, one event: the figures that a single case can give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from helpers.data.calendars import is_session, sessions
from helpers.data.instruments import instrument
from helpers.data.prices import load_returns
from helpers.errors import CalendarError, StudyError
from helpers.inference.event_study import event_study
from helpers.inference.power import detectable_effect
from helpers.study.events import event_mask
from helpers.study.windows import Window

WINDOWS: tuple[Window, ...] = ((0, 0), (0, 1), (-1, 1), (-5, 5))
# A placebo window longer than this cannot keep clear of the ledger's events.
LONGEST_CLEAR = 3


@dataclass(frozen=True)
class SingleEvent:
    """The study of one share around one session.

    Attributes
    ----------
    symbol, benchmark, model : str
    session : Timestamp
        Day 0.
    exchange : str
    estimates : Series
        alpha, loadings, sigma, n_obs, dof, first, last, r_squared.
    table : DataFrame
        One row a window, indexed by (first, last): car, se, t, df, p_value,
        ci_low, ci_high (decimal), sample_quantile_p, placebo_p, placebo_dates,
        detectable (smallest effect found with 80 % power).
    """

    symbol: str
    benchmark: str
    model: str
    session: pd.Timestamp
    exchange: str
    estimates: pd.Series
    table: pd.DataFrame


def single_event(
    symbol: str,
    session: pd.Timestamp | str,
    benchmark: str | None = None,
    *,
    windows: Sequence[Window] = WINDOWS,
    returns: pd.DataFrame | None = None,
    **options: Any,
) -> SingleEvent:
    """Study one share around one session, over several event windows.

    Parameters
    ----------
    symbol : str
    session : date
        Day 0, a session of the share's exchange.
    benchmark : str, optional
        By default the instrument's own.
    windows : sequence of (int, int)
        Event windows, sessions relative to day 0.
    returns : DataFrame, optional
        Decimal returns; by default from the data at hand.
    **options
        Passed on to ``event_study`` (model, estimation, mask, ...).

    Raises
    ------
    CalendarError
        If the exchange had no session on that date.
    StudyError
        If the event cannot be studied, with the reason.
    """
    about = instrument(symbol)
    exchange = str(about["mic"])
    benchmark = benchmark or about["benchmark"]
    if not isinstance(benchmark, str) or not benchmark:
        raise StudyError(f"{symbol} has no default benchmark: name one.")
    day0 = session_of(session, exchange)
    if returns is None:
        returns = load_returns(list(dict.fromkeys([symbol, benchmark])))
    clear = pd.DatetimeIndex(event_mask(symbol)["date"].unique())
    event = pd.DataFrame({"event_id": ["event"], "symbol": [symbol], "day0": [day0]})
    rows = []
    for first, last in windows:
        # No wider than the window itself, so that each keeps all its placebos.
        found = event_study(
            returns,
            event,
            benchmark=benchmark,
            window=(min(first, 0), max(last, 0)),
            **options,
        )
        if len(found.skipped):
            raise StudyError(
                f"{symbol} cannot be studied around {day0:%Y-%m-%d}: "
                f"{found.skipped['reason'].iloc[0]}."
            )
        row = found.car(first, last).iloc[0]
        chance = found.placebo(first, last, exclude=kept_clear(clear, first, last))
        quantile = found.test(first, last, ["sample_quantile"])["p_value"].iloc[0]
        rows.append(
            {
                "first": first,
                "last": last,
                **row,
                "sample_quantile_p": quantile,
                "placebo_p": chance.p_value,
                "placebo_dates": chance.dates,
                "detectable": detectable_effect(row["se"], row["df"]),
            }
        )
    return SingleEvent(
        symbol=symbol,
        benchmark=benchmark,
        model=str(options.get("model", "market")),
        session=day0,
        exchange=exchange,
        estimates=found.estimates.iloc[0],
        table=pd.DataFrame(rows).set_index(["first", "last"]),
    )


def kept_clear(occupied: pd.DatetimeIndex, first: int, last: int) -> pd.DatetimeIndex:
    """Sessions that placebo windows of this length have to keep clear of."""
    return occupied if last - first < LONGEST_CLEAR else occupied[:0]


def session_of(date: pd.Timestamp | str, exchange: str) -> pd.Timestamp:
    """The session of an exchange on a date, or an error with its neighbours."""
    try:
        session = pd.Timestamp(date)
    except ValueError:
        raise CalendarError(
            f"{date!r} is not a date: write it as YYYY-MM-DD."
        ) from None
    if pd.isna(session) or session != session.normalize() or session.tz is not None:
        raise CalendarError(f"{date!r} is not a plain date: write it as YYYY-MM-DD.")
    if is_session(exchange, session):
        return session
    known = sessions(exchange)
    at = known.searchsorted(session)
    near = [f"{day:%Y-%m-%d}" for day in known[max(0, at - 1) : at + 1]]
    raise CalendarError(
        f"{exchange} had no session on {session:%A %Y-%m-%d}; the nearest "
        f"{'are' if len(near) > 1 else 'is'} {' and '.join(near)}."
    )
