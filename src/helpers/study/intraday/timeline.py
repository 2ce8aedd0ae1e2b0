"""Which period of the day news can first have met, and which at the latest."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from helpers.errors import StudyError
from helpers.study.intraday.grid import NIGHT, Grid


@dataclass(frozen=True)
class Timeline:
    """All periods of a grid in order, one after the other.

    Attributes
    ----------
    grid : Grid
    """

    grid: Grid

    @cached_property
    def rows(self) -> np.ndarray:
        """Session of each period, (T,)."""
        return np.nonzero(self.grid.exists)[0]

    @cached_property
    def slots(self) -> np.ndarray:
        """Period within the session, (T,): 0 for the night, then the bars."""
        return np.nonzero(self.grid.exists)[1]

    @cached_property
    def starts(self) -> np.ndarray:
        """Instants at which the periods start, (T,)."""
        return self.grid.starts[self.grid.exists]

    @cached_property
    def ends(self) -> np.ndarray:
        """Instants at which the periods end, (T,)."""
        return self.grid.ends[self.grid.exists]

    def __len__(self) -> int:
        """Number of periods."""
        return len(self.rows)

    def of(self, row: int, slot: int) -> int:
        """Position of one period."""
        return int(np.searchsorted(self.rows, row)) + slot

    def first_after(self, instant: pd.Timestamp) -> int:
        """Position of the first period whose end price can hold news of an instant.

        News at 10:02 is in the price at 10:05, the end of the bar from 10:00; news
        at 10:05 sharp is not, and belongs to the next bar. News between a close and
        the next open belongs to the night.

        Raises
        ------
        StudyError
            If the instant has no time zone or lies outside the bars.
        """
        if instant.tzinfo is None:
            raise StudyError(f"{instant} has no time zone, so it is no instant.")
        plain = instant.tz_convert("UTC").tz_localize(None).to_datetime64()
        position = int(np.searchsorted(self.ends, plain, side="right"))
        before = np.isnat(self.starts[0]) and plain < self.ends[0]
        if position == len(self) or before:
            first, last = self.grid.sessions[[0, -1]]
            raise StudyError(
                f"{instant:%Y-%m-%d %H:%M %Z} is outside the bars, which run from "
                f"{first:%Y-%m-%d} to {last:%Y-%m-%d}."
            )
        return position

    def last_of_session(self, position: int) -> int:
        """Position of the last bar of a period's session."""
        row = int(self.rows[position])
        return self.of(row, int(self.grid.bars[row]))

    def night_of_session(self, position: int) -> int:
        """Position of the night before a period's session."""
        return self.of(int(self.rows[position]), NIGHT)
