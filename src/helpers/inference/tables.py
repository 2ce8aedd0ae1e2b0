"""CARs of whole series: every session as if it were a day 0.

A placebo study asks for the same window on thousands of dates. Each share is
fitted once on all of them, and each event window is read off that one fit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.study.fit import Design, Fit
from helpers.study.panel import usable_fits
from helpers.study.windows import Window

WINDOWS_AT_ONCE = 50_000
# Of a fit over a window, sessions from day 0, (N,).
CarError = Callable[[Fit, int, int], np.ndarray]


@dataclass(frozen=True)
class Tables:
    """Event windows of some shares at every place of a timeline.

    Attributes
    ----------
    symbols : list of S shares
    car, error : (W, S, P), CAR of each window and its exact standard error,
        decimal; NaN where day 0 cannot stand
    dof : (S, P), degrees of freedom of the errors
    """

    symbols: list[str]
    car: np.ndarray
    error: np.ndarray
    dof: np.ndarray

    def row(self, symbol: str) -> int:
        """Row of a share."""
        return self.symbols.index(symbol)

    @property
    def usable(self) -> np.ndarray:
        """Where day 0 can stand, (S, P) of bool."""
        return ~np.isnan(self.dof)


def tables_by_session(
    design: Design,
    symbols: list[str],
    dates: pd.DatetimeIndex,
    free: np.ndarray,
    windows: Sequence[Window],
    *,
    error: CarError = Fit.car_error,
) -> Tables:
    """Every session whose event window is free, as a day 0.

    `dates` (P,) are the sessions of all samples in one order, `free` (P,) says which of
    them an event window may hold; `error` is taken as the error of a CAR.
    """
    shape = (len(windows), len(symbols), len(free))
    car, errors, dof = (np.full(each, np.nan) for each in (shape, shape, shape[1:]))
    out = Tables(symbols, car, errors, dof)
    taken = np.concatenate([[0], np.cumsum(~free)])
    estimation, event = design.windows.estimation, design.windows.event
    for k, sample in enumerate(design.samples):
        own = dates.get_indexer(sample.sessions)
        positions = np.arange(max(0, -estimation[0]), len(own) - max(0, event[1]))
        start, end = own[positions + event[0]], own[positions + event[1]]
        positions = positions[taken[end + 1] == taken[start]]
        _fill(out, design, k, positions, own[positions], windows, error)
    return out


def _fill(
    out: Tables,
    design: Design,
    k: int,
    positions: np.ndarray,
    places: np.ndarray,
    windows: Sequence[Window],
    error: CarError,
) -> None:
    """Fit the shares of sample `k` at `positions` and write them to `places`."""
    members = [s for s in out.symbols if s in design.samples[k].symbols]
    if not members or not len(positions):
        return
    columns = np.array([design.samples[k].symbols.index(s) for s in members])
    rows = np.array([out.row(s) for s in members])
    step = max(1, WINDOWS_AT_ONCE // len(positions))
    for low in range(0, len(columns), step):
        chosen = columns[low : low + step]
        column = np.repeat(chosen, len(positions))
        position = np.tile(positions, len(chosen))
        at = np.repeat(rows[low : low + step], len(positions))
        place = np.tile(places, len(chosen))
        found = design.fit(np.full(len(column), k), column, position)
        usable = usable_fits(found)
        if not usable.all():
            found, at, place = found.keep(usable), at[usable], place[usable]
        out.dof[at, place] = found.estimates.dof
        for w, (first, last) in enumerate(windows):
            out.car[w, at, place] = found.car(first, last)
            out.error[w, at, place] = error(found, first, last)
