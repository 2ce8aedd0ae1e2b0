"""The answers of all tasks, specification by specification, as arrays and tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.errors import StudyError
from helpers.inference.cells import Answer, Observed, Task, placebo_values
from helpers.inference.curve import at_least_as_far
from helpers.inference.grid import DIMENSIONS, Specification
from helpers.inference.null import Cluster
from helpers.inference.tables import Tables
from helpers.study.intervals import with_interval


class Pool:
    """The answers of all tasks; refused where no specification can be estimated."""

    def __init__(
        self,
        tasks: list[Task],
        answers: list[Answer],
        specifications: list[Specification],
    ) -> None:
        self.specifications = specifications
        # By number: what it says, the tables with its window's place there, shift.
        self.cells: dict[int, tuple[Observed, Tables | None, int, int]] = {}
        for task, (observed, tables) in zip(tasks, answers, strict=True):
            windows = task.windows
            for cell, each in zip(task.cells, observed, strict=True):
                at = windows.index(cell.window)
                self.cells[cell.number] = (each, tables, at, cell.shift)
        self.dropped: dict[int, str] = {}
        same: dict[tuple[Any, ...], str] = {}
        for number, one in enumerate(specifications):
            own = self.cells[number][0]
            choices = [value for name, value in vars(one).items() if name != "mask"]
            key = (*choices, own.estimate, own.error, tuple(own.kept))
            if not len(own.kept):
                self.dropped[number] = "none of its events could be studied"
            elif same.setdefault(key, one.mask) != one.mask:
                self.dropped[number] = (
                    f"the same as with the mask {same[key]!r}: no session of its "
                    "estimation window is masked"
                )
        self.numbers = [n for n in range(len(specifications)) if n not in self.dropped]
        if not self.numbers:
            first = self.cells[0][0].skipped[0]
            raise StudyError(
                f"No specification can be estimated: {first[0]} {first[1]}, {first[2]}."
            )

    def used(self) -> np.ndarray:
        """Numbers of the events that some specification studies, in order."""
        kept = [self.cells[number][0].kept for number in self.numbers]
        return np.unique(np.concatenate(kept))

    def standing(self, event: int, symbol: str) -> list[tuple[np.ndarray, int]]:
        """Where an event can stand in all specifications, and what they add to it."""
        found: dict[tuple[int, int], tuple[np.ndarray, int]] = {}
        for number in self.numbers:
            observed, tables, _, shift = self.cells[number]
            key = (id(tables), shift)
            if key not in found and event in observed.kept:
                assert tables is not None
                found[key] = (tables.usable[tables.row(symbol)], shift)
        return list(found.values())

    def placebo(
        self, events: pd.DataFrame, clusters: list[Cluster], drawn: list[np.ndarray]
    ) -> np.ndarray:
        """Estimate, t and degrees of freedom of every draw, (3, B, S)."""
        sign, symbols = events["sign"].to_numpy(), events["symbol"].tolist()
        day0: list[np.ndarray] = [np.empty(0, dtype=int)] * len(events)
        for cluster, at in zip(clusters, drawn, strict=True):
            for event, ahead in zip(cluster.members, cluster.ahead, strict=True):
                day0[event] = at + ahead
        out = np.empty((3, len(drawn[0]), len(self.numbers)))
        for s, number in enumerate(self.numbers):
            observed, tables, window, shift = self.cells[number]
            assert tables is not None
            rows = [tables.row(symbol) for symbol in symbols]
            places = [each + shift for each in day0]
            out[:, :, s] = placebo_values(observed, tables, window, rows, sign, places)
        return out

    def table(self, placebo: np.ndarray, placebo_t: np.ndarray) -> pd.DataFrame:
        """One row a specification, as :class:`SpecificationCurve` has them."""
        chosen = [self.cells[number][0] for number in self.numbers]
        out = pd.DataFrame(
            [vars(self.specifications[number]) for number in self.numbers],
            columns=list(DIMENSIONS),
        )
        estimate, error, df = (
            np.array([getattr(each, name) for each in chosen])
            for name in ("estimate", "error", "df")
        )
        figures = with_interval(estimate, error, df, 0.95)
        figures = figures.rename(columns={"car": "estimate"})
        order = ["estimate", "se", "ci_low", "ci_high", "t", "df", "p_value"]
        out[order] = figures[order]
        t = out["t"].to_numpy()
        out["placebo_p"] = [
            at_least_as_far(t[s], placebo_t[:, s], 0)
            if np.isfinite(t[s])
            else at_least_as_far(estimate[s], placebo[:, s], 0)
            for s in range(len(out))
        ]
        out["n_events"] = [len(each.kept) for each in chosen]
        out["n_dates"] = [each.dates for each in chosen]
        out["primary"] = [number == 0 for number in self.numbers]
        out.index.name = "specification"
        return out

    def skipped(self) -> pd.DataFrame:
        """Events and specifications left out, with the reason."""
        rows: list[tuple[Any, ...]] = []
        for number, one in enumerate(self.specifications):
            left_out = list(self.cells[number][0].skipped)
            if number in self.dropped:
                left_out.append(("", "", self.dropped[number]))
            rows.extend((*vars(one).values(), *each) for each in left_out)
        columns = [*DIMENSIONS, "event_id", "symbol", "reason"]
        return pd.DataFrame(rows, columns=columns)
