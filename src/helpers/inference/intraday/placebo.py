"""Chance inside the day: the same clock time on sessions without events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from helpers.inference.bootstrap import two_sided_share
from helpers.inference.outcome import FEWEST_PLACEBO_DATES, Undefined
from helpers.inference.readings import Reading


@dataclass(frozen=True)
class Stretch:
    """A run of periods, as sessions and times of day.

    Attributes
    ----------
    row : int
        The session that the model is estimated before.
    offsets, slots : ndarray of int, (L,)
        For each period the sessions from `row`, and the period of the day.
    """

    row: int
    offsets: np.ndarray
    slots: np.ndarray

    def take(self, values: Callable[[int], np.ndarray]) -> np.ndarray:
        """The stretch's values around every session, (S, L).

        `values` gives the array (S, 79) of an offset in sessions.
        """
        parts = [
            values(int(offset))[:, self.slots[self.offsets == offset]]
            for offset in np.unique(self.offsets)
        ]
        return np.hstack(parts)


@dataclass(frozen=True)
class Placebo:
    """What the same stretch of the day is on sessions without events.

    Attributes
    ----------
    rows : ndarray of int, (P,)
        The placebo sessions.
    abnormal, scale : ndarray, (P, L)
        Abnormal returns of the stretch and their standard deviations, decimal.
    own_abnormal, own_scale : ndarray, (L,)
        The same of the event.
    """

    rows: np.ndarray
    abnormal: np.ndarray
    scale: np.ndarray
    own_abnormal: np.ndarray
    own_scale: np.ndarray

    @property
    def cars(self) -> np.ndarray:
        """CAR of each placebo, (P,), decimal."""
        return self.abnormal.sum(axis=1)

    @property
    def statistics(self) -> np.ndarray:
        """CAR of each placebo over its own scale, (P,)."""
        return self.cars / np.sqrt((self.scale**2).sum(axis=1))

    @property
    def total_scale(self) -> float:
        """Standard deviation of the event's stretch on an ordinary session, decimal."""
        return float(np.sqrt((self.own_scale**2).sum()))

    @property
    def observed_car(self) -> float:
        """CAR of the event, decimal."""
        return float(self.own_abnormal.sum())

    @property
    def observed(self) -> float:
        """CAR of the event over its own scale."""
        return self.observed_car / self.total_scale

    @property
    def p_value(self) -> float:
        """Two-sided share of placebos at or beyond the event, each over its scale."""
        return two_sided_share(self.observed, self.statistics)

    def reads(self, *, sign: int = 1, smallest: float | None = None) -> Reading:
        """What the event's stretch says of a claim that expects a move of this sign.

        Parameters
        ----------
        sign : 1 or -1
        smallest : float, optional
            Smallest effect that would matter, decimal; by default one ordinary
            stretch's move at that clock time: its standard deviation.
        """
        scale = self.total_scale
        return Reading(
            sign * self.observed_car,
            sign * scale * self.statistics,
            smallest=scale if smallest is None else smallest,
            turned=sign,
            about={"measure": "bars"},
        )

    def band(self, share: float = 0.95) -> np.ndarray:
        """Where that share of placebo paths lies after each period, (2, L), decimal.

        Each placebo path is brought to the event's scale first.
        """
        ratio = self.total_scale / np.sqrt((self.scale**2).sum(axis=1))
        paths = np.cumsum(self.abnormal * ratio[:, None], axis=1)
        tail = (1 - share) / 2
        return np.asarray(np.quantile(paths, [tail, 1 - tail], axis=0))


def other_sessions(where: Stretch, clear: np.ndarray, bars: np.ndarray) -> np.ndarray:
    """Rows on which the same stretch of the day may stand for no event.

    A stretch that runs on into the next session only compares with sessions of as many
    `bars` (S,); `clear` (S,) are those without events.
    """
    offsets = np.unique(where.offsets)
    rows = np.arange(-min(0, offsets[0]), len(clear) - max(0, offsets[-1]))
    own = where.row + np.arange(min(0, offsets[0]), max(0, offsets[-1]) + 1)
    keep = np.ones(len(rows), dtype=bool)
    for offset in offsets:
        keep &= clear[rows + offset] & ~np.isin(rows + offset, own)
        if offset < offsets[-1]:
            keep &= bars[rows + offset] == bars[where.row + offset]
    return rows[keep]


def placebo_of(
    where: Stretch,
    others: np.ndarray,
    abnormal: Callable[[int], np.ndarray],
    scales: np.ndarray,
) -> Placebo:
    """Take a stretch's placebos from the rows in `others` that have an estimate.

    `abnormal` gives the abnormal returns (S, 79) of an offset in sessions; `scales`
    (S, 79) are standard deviations by the session of the estimate. Undefined with fewer
    than 20.
    """
    values = where.take(abnormal)
    scale = scales[:, where.slots]
    usable = others[np.isfinite(values[others]).all(axis=1)]
    if len(usable) < FEWEST_PLACEBO_DATES:
        raise Undefined(
            f"{len(usable)} clear sessions with the same periods, fewer than "
            f"{FEWEST_PLACEBO_DATES}"
        )
    return Placebo(
        rows=usable,
        abnormal=values[usable],
        scale=scale[usable],
        own_abnormal=values[where.row],
        own_scale=scale[where.row],
    )
