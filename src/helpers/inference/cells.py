"""One task of a specification curve: what one fit of the returns answers.

All specifications that share model, estimation window, benchmark, mask and kind
of return are read off one fit; their event windows and days 0 are *cells*.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from helpers.inference.groups import overlapping_groups
from helpers.inference.null import Null
from helpers.inference.parametric import mean_error, mean_of_groups
from helpers.inference.tables import Tables
from helpers.study.fit import Design, Fit
from helpers.study.panel import Panel, fit_events
from helpers.study.windows import Window, Windows


@dataclass(frozen=True)
class Cell:
    """One specification of a task.

    Attributes
    ----------
    number : int, of the specification in the curve
    window : (int, int)
    shift : int, sessions added to each event's day 0
    """

    number: int
    window: Window
    shift: int


@dataclass(frozen=True)
class Observed:
    """What a specification says of the events themselves.

    Attributes
    ----------
    kept : (n,) of int, numbers of the events studied
    group : (n,) of int, group of those whose windows overlap
    groups, dates : int, how many of each
    estimate, error, df : float, mean of sign x CAR (decimal), its standard error
    skipped : list of (event_id, symbol, reason)
    """

    kept: np.ndarray
    group: np.ndarray
    groups: int
    dates: int
    estimate: float
    error: float
    df: float
    skipped: list[tuple[str, str, str]]


@dataclass(frozen=True)
class Task:
    """Specifications that share a fit.

    Attributes
    ----------
    design : Design, its event window holds those of all cells
    names : list of str, of the loadings
    cells : tuple of Cell
    """

    design: Design
    names: list[str]
    cells: tuple[Cell, ...]

    @property
    def windows(self) -> list[Window]:
        """The distinct windows of the cells."""
        return list(dict.fromkeys(cell.window for cell in self.cells))


@dataclass(frozen=True)
class Answer:
    """A task's result: one :class:`Observed` a cell, and the placebo tables."""

    observed: list[Observed]
    tables: Tables | None


@dataclass(frozen=True)
class _Studied:
    """Events fitted once, out of their table, for every cell that reads them."""

    fit: Fit
    numbers: np.ndarray
    skipped: list[tuple[str, str, str]]

    @classmethod
    def of(cls, panel: Panel) -> _Studied:
        reasons = panel.skipped["reason"].items() if len(panel.skipped) else ()
        return cls(
            fit=panel.fit,
            numbers=panel.events["number"].to_numpy(),
            skipped=[(*key, reason) for key, reason in reasons],
        )


def answer(
    task: Task, events: pd.DataFrame, null: Null | None, symbols: list[str]
) -> Answer:
    """Study the events under every cell, and fit the null.

    Parameters
    ----------
    task : Task
    events : DataFrame with event_id, symbol, day0, sign, one row an event
    null : Null, or None for no placebo
    symbols : list of str, shares that have events
    """
    studied = _studied(task, events)
    observed = [_observe(studied[cell], *cell.window) for cell in task.cells]
    tables = None
    if null is not None and any(len(each.kept) for each in observed):
        tables = null.tables(task.design, symbols, task.windows)
    return Answer(observed, tables)


def _studied(task: Task, events: pd.DataFrame) -> dict[Cell, _Studied]:
    """The events fitted for each cell, with as few fits as that takes.

    A shorter window may hold no gap where a longer one does, or end before the
    history ends. But an event that even their common sessions leave out is left
    out by every cell.
    """
    estimation = task.design.windows.estimation
    core = (
        max(cell.window[0] for cell in task.cells),
        min(cell.window[1] for cell in task.cells),
    )
    out = {}
    for shift in dict.fromkeys(cell.shift for cell in task.cells):
        moved = _moved(task.design, events, shift)

        def fitted(window: Window, moved: pd.DataFrame = moved) -> Panel:
            design = replace(task.design, windows=Windows(estimation, window))
            return fit_events(design, task.names, moved)

        widest = fitted(task.design.windows.event)
        alike = widest.skipped.empty
        if not alike and core[0] <= core[1]:
            alike = len(fitted(core).skipped) == len(widest.skipped)
        shared = _Studied.of(widest)
        for cell in task.cells:
            if cell.shift == shift:
                out[cell] = shared if alike else _Studied.of(fitted(cell.window))
    return out


def _observe(studied: _Studied, first: int, last: int) -> Observed:
    """The mean CAR over a window with the error that it has."""
    kept, fit, skipped = studied.numbers, studied.fit, studied.skipped
    nothing = np.empty(0, dtype=int)
    if not len(kept):
        return Observed(kept, nothing, 0, 0, np.nan, np.nan, np.nan, skipped)
    groups = overlapping_groups(fit, first, last)
    car = fit.car(first, last)
    if len(kept) == 1:
        error = float(fit.car_error(first, last)[0])
        df = float(fit.estimates.dof[0])
    else:
        error = mean_error(car, groups.of_event, groups.count)
        df = float(groups.count - 1) if np.isfinite(error) else np.nan
    return Observed(
        kept=kept,
        group=groups.of_event,
        groups=groups.count,
        dates=groups.dates,
        estimate=float(car.mean()),
        error=error,
        df=df,
        skipped=skipped,
    )


def _moved(design: Design, events: pd.DataFrame, shift: int) -> pd.DataFrame:
    """The events with each day 0 `shift` sessions on, NaT beyond the history."""
    if not shift:
        return events
    day0 = events["day0"].to_numpy().copy()
    for sample in design.samples:
        own = np.flatnonzero(events["symbol"].isin(sample.symbols))
        at = sample.sessions.get_indexer(events["day0"].iloc[own])
        to = at + shift
        inside = (at >= 0) & (to >= 0) & (to < len(sample.sessions))
        day0[own[inside]] = sample.sessions.to_numpy()[to[inside]]
        day0[own[(at >= 0) & ~inside]] = np.datetime64("NaT")
    return events.assign(day0=day0)


def placebo_values(
    cell: Observed,
    tables: Tables,
    window: int,
    shift: int,
    rows: Sequence[int],
    sign: np.ndarray,
    anchors: Sequence[np.ndarray],
    ahead: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Estimate, t and degrees of freedom of a specification in each draw, (B,).

    Parameters
    ----------
    cell : Observed
    tables : Tables
    window, shift : int
        Number of the window in the tables, and sessions added to day 0.
    rows : sequence of int, each event's share in the tables
    sign : (N,)
    anchors : one (B,) an event, the place of its cluster in each draw
    ahead : (N,) of int, places from there to the event
    """
    first = int(cell.kept[0])
    if len(cell.kept) == 1:
        at = anchors[first] + ahead[first] + shift
        estimate = tables.car[window, rows[first], at] * sign[first]
        t = estimate / tables.error[window, rows[first], at]
        return estimate, t, tables.dof[rows[first], at]
    size = np.bincount(cell.group, minlength=cell.groups)
    sums = np.zeros((cell.groups, len(anchors[first])))
    for i, group in zip(cell.kept, cell.group, strict=True):
        at = anchors[i] + ahead[i] + shift
        sums[group] += tables.car[window, rows[i], at] * sign[i]
    estimate, error, df = mean_of_groups(sums, size)
    return estimate, estimate / error, df
