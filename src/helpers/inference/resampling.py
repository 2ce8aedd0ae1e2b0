"""What chance alone gives: the same study on dates without an event."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from helpers.inference.groups import overlapping_groups
from helpers.inference.outcome import Outcome, Undefined, counted_error
from helpers.study.checks import plain_dates
from helpers.study.fit import Fit
from helpers.study.panel import usable_fits
from helpers.study.windows import Window

FEWEST_PLACEBO_DATES = 20
WINDOWS_AT_ONCE = 50_000


@dataclass(frozen=True)
class Placebo:
    """Distribution of a study's result over placebo dates.

    Attributes
    ----------
    statistic : (B,) mean standardised CAR of each placebo draw
    caar : (B,) mean CAR of each draw, decimal
    observed : float, mean standardised CAR of the study itself
    observed_caar : float
    dates : int, eligible dates of the group of events that has fewest
    enumerated : bool, every eligible date is used once rather than drawn
    """

    statistic: np.ndarray
    caar: np.ndarray
    observed: float
    observed_caar: float
    dates: int
    enumerated: bool

    @property
    def p_value(self) -> float:
        """Two-sided share of draws at least as far from zero as the study."""
        extreme = int((np.abs(self.statistic) >= abs(self.observed)).sum())
        return (1 + extreme) / (1 + len(self.statistic))

    @property
    def error(self) -> float:
        """Monte Carlo standard error of the p-value; zero if enumerated."""
        if self.enumerated:
            return 0.0
        return counted_error(self.p_value, len(self.statistic))


def placebo(
    fit: Fit,
    first: int,
    last: int,
    *,
    draws: int = 2000,
    seed: int = 0,
    exclude: Iterable[Any] = (),
) -> Placebo:
    """Run the study on placebo dates.

    Events that share a date share the placebo date, and those whose windows
    overlap move together, so that their correlation stays. With one such group
    every eligible session is used once; with more, one is drawn for each,
    `draws` times. A placebo's event window keeps clear of the study's own event
    windows and of the dates in `exclude`, and it must be as usable as an event.

    Parameters
    ----------
    fit : Fit of N events
    first, last : int
        Window of the test, sessions relative to day 0.
    draws, seed : int
    exclude : dates
        Sessions that no placebo's event window may hold, such as those of the
        ledger's other events; a date without a session counts as the next one.

    Raises
    ------
    Undefined
        If fewer than 20 dates are eligible for a group, or the model is fitted
        by iteration, window by window.
    """
    (found,) = placebos(fit, [(first, last)], draws=draws, seed=seed, exclude=exclude)
    return found


def placebos(
    fit: Fit,
    spans: Sequence[Window],
    *,
    draws: int = 2000,
    seed: int = 0,
    exclude: Iterable[Any] = (),
) -> list[Placebo]:
    """:func:`placebo` of several windows, the placebo dates fitted only once."""
    if fit.design.model.iterative:
        raise Undefined(
            f"the model {fit.design.model.name!r} is fitted window by window, which "
            "takes too long on all placebo dates: use the model 'market'"
        )
    tables = _tables(fit, _free_sessions(fit, exclude), spans)
    return [
        _placebo(
            fit,
            span,
            {key: table[number] for key, table in tables.items()},
            draws,
            seed,
        )
        for number, span in enumerate(spans)
    ]


def _placebo(
    fit: Fit,
    span: Window,
    tables: dict[tuple[int, int], np.ndarray],
    draws: int,
    seed: int,
) -> Placebo:
    """The distribution for one window from each share's CAR on each day."""
    dates = fit.design.timeline.dates
    day0 = fit.places(0, 0)[:, 0]
    groups = overlapping_groups(fit, *span)
    rng = np.random.default_rng(seed)
    fewest = len(dates)
    total = np.zeros((2, 1))
    for group in range(groups.count):
        members = np.flatnonzero(groups.of_event == group)
        anchor = day0[members].min()
        found = np.zeros((2, len(dates)))
        for i in members:
            table = tables[int(fit.sample[i]), int(fit.column[i])]
            ahead = day0[i] - anchor
            found[:, : found.shape[1] - ahead] += table[:, ahead:]
            found[:, found.shape[1] - ahead :] = np.nan
        found = found[:, ~np.isnan(found[0])]
        eligible = found.shape[1]
        if eligible < FEWEST_PLACEBO_DATES:
            raise Undefined(
                f"{eligible} placebo dates for "
                f"{dates[int(anchor)]:%Y-%m-%d}, fewer than {FEWEST_PLACEBO_DATES}"
            )
        fewest = min(fewest, eligible)
        if groups.count > 1:
            found = found[:, rng.integers(eligible, size=draws)]
        total = total + found
    car = fit.car(*span)
    return Placebo(
        statistic=total[0] / len(fit),
        caar=total[1] / len(fit),
        observed=float((car / fit.car_error(*span)).mean()),
        observed_caar=float(car.mean()),
        dates=fewest,
        enumerated=groups.count == 1,
    )


def _free_sessions(fit: Fit, exclude: Iterable[Any]) -> np.ndarray:
    """Sessions that a placebo's event window may hold, (U,) of bool."""
    dates = fit.design.timeline.dates
    free = np.ones(len(dates), dtype=bool)
    windows = fit.places(*fit.design.windows.event)
    for start, end in np.unique(windows[:, [0, -1]], axis=0):
        free[start : end + 1] = False
    barred = plain_dates(exclude, "exclude").dropna()
    at = dates.searchsorted(barred)
    free[at[at < len(free)]] = False
    return free


def _tables(
    fit: Fit, free: np.ndarray, spans: Sequence[Window]
) -> dict[tuple[int, int], np.ndarray]:
    """Standardised and plain CAR of each share on each day, (spans, 2, U), or NaN."""
    windows = fit.design.windows
    taken = np.concatenate([[0], np.cumsum(~free)])
    tables = {}
    for k, places in enumerate(fit.design.timeline.places):
        columns = np.unique(fit.column[fit.sample == k])
        positions = np.arange(
            max(0, -windows.estimation[0]),
            len(places) - max(0, windows.event[1]),
        )
        start = places[positions + windows.event[0]]
        end = places[positions + windows.event[1]]
        positions = positions[taken[end + 1] == taken[start]]
        step = max(1, WINDOWS_AT_ONCE // max(1, len(positions)))
        for low in range(0, len(columns), step):
            chosen = columns[low : low + step]
            values = np.full((len(spans), 2, len(chosen), len(free)), np.nan)
            if len(positions):
                column = np.repeat(chosen, len(positions))
                position = np.tile(positions, len(chosen))
                found = fit.design.fit(np.full(len(column), k), column, position)
                usable = usable_fits(found)
                found = found.keep(usable)
                row = np.searchsorted(chosen, found.column)
                at = places[found.position]
                for number, span in enumerate(spans):
                    car = found.car(*span)
                    values[number, 0, row, at] = car / found.car_error(*span)
                    values[number, 1, row, at] = car
            for number, share in enumerate(chosen):
                tables[k, int(share)] = values[:, :, number]
    return tables


def placebo_outcome(
    fit: Fit,
    first: int,
    last: int,
    *,
    draws: int,
    seed: int,
    exclude: Iterable[Any] = (),
) -> Outcome:
    """The placebo-date test as a row of the table of tests."""
    found = placebo(fit, first, last, draws=draws, seed=seed, exclude=exclude)
    note = (
        f"all {found.dates} eligible dates"
        if found.enumerated
        else f"{draws} draws, Monte Carlo error {found.error:.4f}"
    )
    return Outcome(found.observed, np.nan, found.p_value, note)
