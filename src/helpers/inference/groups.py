"""Which events are not independent because their windows share sessions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.study.fit import Fit


@dataclass(frozen=True)
class Groups:
    """Events that are not independent because their windows meet.

    Attributes
    ----------
    of_event : (N,) of int, the group of each event
    count : int, number of groups
    dates : int, number of distinct dates of day 0
    """

    of_event: np.ndarray
    count: int
    dates: int

    @property
    def note(self) -> str:
        """Remark where groups are fewer than dates, else nothing."""
        if self.count >= self.dates:
            return ""
        return f"{self.dates} dates in {self.count} groups with overlapping windows"


def overlapping_groups(fit: Fit, first: int, last: int) -> Groups:
    """Chain together the events whose windows [first, last] share a session.

    Events on one date do; those on neighbouring dates do where the window is
    longer than the gap between them.
    """
    window = fit.places(first, last)
    of_event, count = chained(window[:, 0], window[:, -1])
    return Groups(of_event, count, len(np.unique(fit.places(0, 0))))


def chained(start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, int]:
    """Group of each window, (N,) of int in order of start, and how many there are.

    Parameters
    ----------
    start, end : (N,) of int
        First and last session of each window on one timeline.
    """
    order = np.argsort(start, kind="stable")
    reach = np.maximum.accumulate(end[order])
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = start[order[1:]] > reach[:-1]
    of_event = np.empty(len(order), dtype=int)
    of_event[order] = np.cumsum(fresh) - 1
    return of_event, int(fresh.sum())
