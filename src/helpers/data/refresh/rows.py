"""Daily prices as plain arrays: a refresh looks at many short histories."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Dates = NDArray[np.datetime64]
Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]

SHOWN = 4


@dataclass(frozen=True)
class Prices:
    """Daily prices in order of date.

    Parameters
    ----------
    dates : array of datetime64[D]
        Ascending, each once.
    close, adj_close, volume : array of float
        As in a price file, of the same length; NaN where unknown.
    """

    dates: Dates
    close: Numbers
    adj_close: Numbers
    volume: Numbers

    @classmethod
    def of_lines(cls, lines: Sequence[str]) -> Prices:
        """Read them from lines of a price file that keeps the codebook's rules."""
        cells = [line.split(",") for line in lines]
        close, adj_close, volume = (
            np.array([float(row[column] or "nan") for row in cells])
            for column in (1, 2, 3)
        )
        dates = np.array([row[0] for row in cells], dtype="datetime64[D]")
        return cls(dates, close, adj_close, volume)

    def __len__(self) -> int:
        """Return the number of dates."""
        return len(self.dates)

    def where(self, chosen: Mask) -> Prices:
        """Return the dates that a mask chooses."""
        return Prices(
            self.dates[chosen],
            self.close[chosen],
            self.adj_close[chosen],
            self.volume[chosen],
        )

    def on(self, dates: Dates, column: Numbers) -> Numbers:
        """Return a column on the given dates, NaN where it has none."""
        if not len(self):
            return np.full(len(dates), np.nan)
        at = np.minimum(self.dates.searchsorted(dates), len(self) - 1)
        return np.where(self.dates[at] == dates, column[at], np.nan)


def as_days(dates: Any) -> Dates:
    """Return an index of dates as an array of days."""
    return np.asarray(dates.to_numpy(), dtype="datetime64[D]")


def among(some: Dates, others: Dates) -> Mask:
    """Tell which dates are among others; both are ascending."""
    if not len(others):
        return np.zeros(len(some), dtype=bool)
    at = others.searchsorted(some).clip(max=len(others) - 1)
    return np.asarray(others[at] == some)


def between(dates: Dates, first: np.datetime64, last: np.datetime64) -> Dates:
    """Return the dates from first to last, both included."""
    return dates[dates.searchsorted(first) : dates.searchsorted(last, side="right")]


def named(items: Iterable[object]) -> str:
    """Name the first few of dates or texts."""
    texts = [str(item) for item in items]
    more = len(texts) - SHOWN
    shown = ", ".join(texts[:SHOWN])
    return f"{shown} and {more} more" if more > 0 else shown
