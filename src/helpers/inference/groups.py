"""Which events are one observation: their windows meet, or one announcement is both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.study.fit import Fit


@dataclass(frozen=True)
class Groups:
    """Events that are not independent, by group.

    Attributes
    ----------
    of_event : (N,) of int, the group of each event
    count : int, number of groups
    dates : int
        Number of distinct dates of day 0, those of one announcement counted once.
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
    longer than the gap between them. What one announcement moved on exchanges with
    different sessions, a day in New York and the next in Hong Kong, is together
    too.
    """
    window = fit.places(first, last)
    of_event, count = chained(window[:, 0], window[:, -1], fit.news)
    day0 = fit.places(0, 0)[:, 0]
    return Groups(of_event, count, chained(day0, day0, fit.news)[1])


def chained(
    start: np.ndarray, end: np.ndarray, news: np.ndarray | None = None
) -> tuple[np.ndarray, int]:
    """Group of each window, (N,) of int in order of start, and how many there are.

    `start` and `end` are places on one timeline; each announcement in `news` is in one
    group.
    """
    order = np.argsort(start, kind="stable")
    reach = np.maximum.accumulate(end[order])
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = start[order[1:]] > reach[:-1]
    of_event = np.empty(len(order), dtype=int)
    of_event[order] = np.cumsum(fresh) - 1
    count = int(fresh.sum())
    return (of_event, count) if news is None else _joined(of_event, count, news)


def _joined(
    of_event: np.ndarray, count: int, news: np.ndarray
) -> tuple[np.ndarray, int]:
    """Groups joined where an announcement is in several, still in order of start."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    size = count + int(news.max(initial=-1)) + 1
    edges = (np.ones(len(news)), (of_event, count + news))
    _, label = connected_components(coo_array(edges, shape=(size, size)), False)
    groups, joined = np.unique(label[:count], return_inverse=True)
    return joined[of_event], len(groups)
