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
from helpers.inference.tables import Tables, tables_by_session
from helpers.study.fit import Design
from helpers.study.panel import Panel, fit_events
from helpers.study.windows import Window, Windows


@dataclass(frozen=True)
class Cell:
    """A specification by its number, its window and the sessions added to day 0."""

    number: int
    window: Window
    shift: int


@dataclass(frozen=True)
class Task:
    """Specifications that share a fit; the design's window holds those of all."""

    design: Design
    names: list[str]
    cells: tuple[Cell, ...]

    @property
    def windows(self) -> list[Window]:
        """The distinct windows of the cells."""
        return list(dict.fromkeys(cell.window for cell in self.cells))


@dataclass(frozen=True)
class Observed:
    """What a specification says of the events themselves.

    The n events `kept`, by number, and the group of each; the mean of sign x CAR
    (decimal) with its error; and whom it skips: event_id, symbol, reason.
    """

    kept: np.ndarray
    group: np.ndarray
    groups: int
    dates: int
    estimate: float
    error: float
    df: float
    skipped: list[tuple[str, str, str]]


# One `Observed` a cell, and what the shares did on all places of the null.
Answer = tuple[list[Observed], Tables | None]


def answer(task: Task, events: pd.DataFrame, null: Null, symbols: list[str]) -> Answer:
    """Study numbered events under every cell, and fit the null."""
    panels = _panels(task, events)
    observed = [_observe(panels[cell], *cell.window) for cell in task.cells]
    if not any(len(each.kept) for each in observed):
        return observed, None
    return observed, tables_by_session(
        task.design, symbols, null.dates, null.free, task.windows
    )


def _panels(task: Task, events: pd.DataFrame) -> dict[Cell, Panel]:
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
        for cell in task.cells:
            if cell.shift == shift:
                out[cell] = widest if alike else fitted(cell.window)
    return out


def _observe(panel: Panel, first: int, last: int) -> Observed:
    """The mean CAR over a window with the error that it has."""
    fit, kept = panel.fit, panel.events["number"].to_numpy()
    reasons = panel.skipped["reason"].items() if len(panel.skipped) else ()
    skipped = [(*key, reason) for key, reason in reasons]
    if not len(kept):
        return Observed(kept, kept, 0, 0, np.nan, np.nan, np.nan, skipped)
    groups = overlapping_groups(fit, first, last)
    car = fit.car(first, last)
    if len(kept) == 1:
        error = float(fit.car_error(first, last)[0])
        df = float(fit.estimates.dof[0])
    else:
        error = mean_error(car, groups.of_event, groups.count)
        df = float(groups.count - 1) if np.isfinite(error) else np.nan
    mean = float(car.mean())
    of_event, count, dates = groups.of_event, groups.count, groups.dates
    return Observed(kept, of_event, count, dates, mean, error, df, skipped)


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
    rows: Sequence[int],
    sign: np.ndarray,
    places: Sequence[np.ndarray],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Estimate, t and degrees of freedom of a specification in each draw, (B,).

    `window` is its number in the tables; `rows`, `sign` and `places` (B,) are each
    event's share, sign and day 0 in each draw.
    """
    first = int(cell.kept[0])
    if len(cell.kept) == 1:
        at = places[first]
        estimate = tables.car[window, rows[first], at] * sign[first]
        t = estimate / tables.error[window, rows[first], at]
        return estimate, t, tables.dof[rows[first], at]
    size = np.bincount(cell.group, minlength=cell.groups)
    sums = np.zeros((cell.groups, len(places[first])))
    for i, group in zip(cell.kept, cell.group, strict=True):
        sums[group] += tables.car[window, rows[i], places[i]] * sign[i]
    estimate, error, df = mean_of_groups(sums, size)
    return estimate, estimate / error, df
