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
from helpers.study.intervals import with_interval


class Pool:
    """The answers of all tasks, specification by specification.

    Parameters
    ----------
    tasks, answers : lists of the same length
    specifications : list, in the order of the cells' numbers

    Raises
    ------
    StudyError
        If no specification can be estimated.
    """

    def __init__(
        self,
        tasks: list[Task],
        answers: list[Answer],
        specifications: list[Specification],
    ) -> None:
        self.specifications = specifications
        self.cells: dict[int, tuple[Observed, Answer, int, int]] = {}
        self.dropped: dict[int, str] = {}
        for task, each in zip(tasks, answers, strict=True):
            windows = task.windows
            for cell, observed in zip(task.cells, each.observed, strict=True):
                at = windows.index(cell.window)
                self.cells[cell.number] = (observed, each, at, cell.shift)
        same: dict[tuple[Any, ...], str] = {}
        for number, one in enumerate(specifications):
            observed = self.cells[number][0]
            if not len(observed.kept):
                self.dropped[number] = "none of its events could be studied"
                continue
            choices = tuple(
                value for name, value in vars(one).items() if name != "mask"
            )
            key = (*choices, observed.estimate, observed.error, tuple(observed.kept))
            if key in same:
                self.dropped[number] = (
                    f"the same as with the mask {same[key]!r}: no session of its "
                    "estimation window is masked"
                )
            else:
                same[key] = one.mask
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

    def standing(self, event: int, symbol: str, ahead: int) -> list[Any]:
        """Where an event can stand in all specifications that study it."""
        found: dict[tuple[int, int], tuple[np.ndarray, int]] = {}
        for number in self.numbers:
            observed, each, _, shift = self.cells[number]
            key = (id(each), shift)
            if key in found or event not in observed.kept:
                continue
            assert each.tables is not None
            usable = each.tables.usable[each.tables.row(symbol)]
            found[key] = (usable, ahead + shift)
        return list(found.values())

    def placebo(
        self, events: pd.DataFrame, clusters: list[Cluster], drawn: list[np.ndarray]
    ) -> np.ndarray:
        """Estimate, t and degrees of freedom of every draw, (3, B, S)."""
        sign, symbols = events["sign"].to_numpy(), events["symbol"].tolist()
        anchors: list[np.ndarray] = [np.empty(0, dtype=int)] * len(events)
        ahead = np.zeros(len(events), dtype=int)
        for cluster, at in zip(clusters, drawn, strict=True):
            for event, places in zip(cluster.members, cluster.ahead, strict=True):
                anchors[event], ahead[event] = at, places
        out = np.empty((3, len(drawn[0]), len(self.numbers)))
        for s, number in enumerate(self.numbers):
            observed, each, window, shift = self.cells[number]
            assert each.tables is not None
            rows = [each.tables.row(symbol) for symbol in symbols]
            out[:, :, s] = placebo_values(
                observed, each.tables, window, shift, rows, sign, anchors, ahead
            )
        return out

    def table(self, placebo: np.ndarray, placebo_t: np.ndarray) -> pd.DataFrame:
        """One row a specification, as :class:`SpecificationCurve` has them."""
        chosen = [self.cells[number][0] for number in self.numbers]
        out = pd.DataFrame(
            [vars(self.specifications[number]) for number in self.numbers],
            columns=list(DIMENSIONS),
        )
        figures = with_interval(
            np.array([each.estimate for each in chosen]),
            np.array([each.error for each in chosen]),
            np.array([each.df for each in chosen]),
            0.95,
        ).rename(columns={"car": "estimate"})
        order = ["estimate", "se", "ci_low", "ci_high", "t", "df", "p_value"]
        out[order] = figures[order]
        t, estimate = out["t"].to_numpy(), out["estimate"].to_numpy()
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
        rows = []
        for number, one in enumerate(self.specifications):
            for event_id, symbol, reason in self.cells[number][0].skipped:
                rows.append((*vars(one).values(), event_id, symbol, reason))
            if number in self.dropped:
                rows.append((*vars(one).values(), "", "", self.dropped[number]))
        columns = [*DIMENSIONS, "event_id", "symbol", "reason"]
        return pd.DataFrame(rows, columns=columns)
