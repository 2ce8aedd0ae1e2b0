"""What a share's periods would have been: market and sector inside the day.

Bars and nights have their own regressions, since opening prices take in hours of
news at once. The bars' regression is weighted by the time of day: the pattern of
the residuals' size over the session, U-shaped as a rule, is estimated on the same
sessions and divided out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from helpers.errors import StudyError
from helpers.study.intraday.grid import NIGHT, SLOTS, Grid, later
from helpers.study.windows import Window

BARS = slice(1, SLOTS)


@dataclass(frozen=True)
class Estimate:
    """The model as estimated before one session.

    Attributes
    ----------
    rows : ndarray of int, (M,)
        Estimation sessions.
    bars, night : ndarray, (K + 1,)
        Constant and loadings of the bars and of the night, decimal.
    scale : ndarray, (79,)
        Standard deviation of the abnormal return of each period, decimal: time of
        day times the level of the estimation sessions.
    residuals : ndarray, (M, 78)
        Of the bars over their scale; NaN where a session has no bar.
    """

    rows: np.ndarray
    bars: np.ndarray
    night: np.ndarray
    scale: np.ndarray
    residuals: np.ndarray

    @property
    def dof(self) -> int:
        """Estimation sessions less parameters: sessions are what is independent."""
        return len(self.rows) - len(self.night)


class IntradayModel:
    """Market or market-and-sector model of one share, for every session.

    Parameters
    ----------
    grid : Grid
    symbol : str
        The share.
    benchmarks : sequence of str
        One or more columns of the grid that explain it.
    estimation : (int, int)
        Estimation window, sessions relative to the event's, inclusive.
    masked : iterable of dates
        Sessions to keep out of estimation, such as those of other events.
    min_sessions : int
        Fewest estimation sessions that must be left.

    Raises
    ------
    StudyError
        If a symbol is not in the grid, the share explains itself, or the
        estimation window is not before the event.

    Examples
    --------
    >>> from helpers import load_grid
    >>> grid = load_grid(["NVDA", "SPY"])
    >>> model = IntradayModel(grid, "NVDA", ["SPY"])
    >>> session = grid.position(pd.Timestamp("2025-08-29"))
    >>> model.estimate(session).bars.round(1).tolist()
    [0.0, 1.6]
    """

    def __init__(
        self,
        grid: Grid,
        symbol: str,
        benchmarks: Sequence[str],
        *,
        estimation: Window = (-120, -11),
        masked: Iterable[pd.Timestamp] = (),
        min_sessions: int = 40,
    ) -> None:
        self.grid = grid
        self.symbol = symbol
        self.benchmarks = tuple(benchmarks)
        self.estimation = estimation
        self.min_sessions = min_sessions
        unknown = [
            name for name in (symbol, *self.benchmarks) if name not in grid.symbols
        ]
        if unknown:
            raise StudyError(
                f"{unknown[0]} is not in the grid, which holds "
                f"{', '.join(grid.symbols)}."
            )
        if not self.benchmarks or symbol in self.benchmarks:
            raise StudyError(f"Name a benchmark of {symbol} other than itself.")
        if not estimation[0] <= estimation[1] < 0:
            raise StudyError(
                f"The estimation window {estimation} must lie before the event: "
                "first and last session, both negative."
            )
        if min_sessions <= len(self.benchmarks) + 2:
            raise StudyError(f"min_sessions {min_sessions} is too small.")
        self.masked = grid.sessions.isin(pd.DatetimeIndex(list(masked)))
        self._y = grid.returns[symbol]
        self._x = np.stack([grid.returns[name] for name in self.benchmarks])
        present = grid.exists
        holes = np.isnan(self._y) | np.isnan(self._x).any(axis=0)
        self.whole = ~(holes & present).any(axis=1)

    def reason(self, row: int) -> str:
        """Why there is no estimate for a session; empty if there is one."""
        first, last = self.estimation
        if row + first < 0:
            return f"{row} sessions of bars before it, {-first} needed"
        usable = int(self._usable(row).sum())
        if usable < self.min_sessions:
            return (
                f"{usable} of {last - first + 1} estimation sessions are whole and "
                f"clear of other events, {self.min_sessions} needed"
            )
        return ""

    def _usable(self, row: int) -> np.ndarray:
        first, last = self.estimation
        window = slice(row + first, row + last + 1)
        return self.whole[window] & ~self.masked[window]

    def estimate(self, row: int) -> Estimate:
        """Estimate the model on the sessions before one session.

        Parameters
        ----------
        row : int
            Row of the session in the grid.

        Raises
        ------
        StudyError
            If too few sessions are left, with the reason.
        """
        reason = self.reason(row)
        if reason:
            raise StudyError(f"{self.grid.sessions[row]:%Y-%m-%d}: {reason}.")
        rows = row + self.estimation[0] + np.flatnonzero(self._usable(row))
        y, x = self._y[rows], self._x[:, rows]
        night = _least_squares(y[:, NIGHT], x[:, :, NIGHT], np.ones(len(rows)))
        error = y[:, NIGHT] - night[0] - np.tensordot(night[1:], x[:, :, NIGHT], 1)
        parameters = len(night)
        scale = np.empty(SLOTS)
        scale[NIGHT] = np.sqrt((error**2).sum() / (len(rows) - parameters))
        y, x = y[:, BARS], x[:, :, BARS]
        weights = np.where(np.isnan(y), 0.0, 1.0)
        for _ in range(2):
            bars = _least_squares(y, x, weights)
            error = y - bars[0] - np.tensordot(bars[1:], x, 1)
            size = np.nanmean(np.abs(error), axis=0)
            shape = size / np.sqrt((size**2).mean())
            weights = np.where(np.isnan(y), 0.0, shape**-2.0)
        scaled = error / shape
        count = np.isfinite(scaled).sum()
        level = np.sqrt(np.nansum(scaled**2) / (count - parameters))
        scale[BARS] = level * shape
        return Estimate(rows, bars, night, scale, scaled / level)

    @cached_property
    def estimates(self) -> list[Estimate | None]:
        """The estimate of each session, None where there is none."""
        return [
            None if self.reason(row) else self.estimate(row)
            for row in range(len(self.grid.sessions))
        ]

    @cached_property
    def _coefficients(self) -> tuple[np.ndarray, np.ndarray]:
        """Of bars and night by session, (S, K + 1), NaN where there is none."""
        size = len(self.benchmarks) + 1
        return self._by_session("bars", size), self._by_session("night", size)

    @cached_property
    def scales(self) -> np.ndarray:
        """Standard deviation of each period by session, (S, 79), NaN if none."""
        return self._by_session("scale", SLOTS)

    def _by_session(self, name: str, size: int) -> np.ndarray:
        none = np.full(size, np.nan)
        return np.array([getattr(one, name, none) for one in self.estimates])

    def abnormal(self, offset: int = 0) -> np.ndarray:
        """Abnormal returns of the session `offset` after each, (S, 79).

        The model is that of the session itself, not of the later one: what follows
        an event does not enter its own measure. NaN where there is no estimate.
        """
        bars, night = self._coefficients
        y = later(self._y, offset)
        out = np.empty_like(y)
        x = np.stack([later(one, offset) for one in self._x])
        out[:, NIGHT] = y[:, NIGHT] - night[:, 0]
        out[:, NIGHT] -= (night[:, 1:].T * x[:, :, NIGHT]).sum(axis=0)
        out[:, BARS] = y[:, BARS] - bars[:, :1]
        out[:, BARS] -= (bars[:, 1:].T[:, :, None] * x[:, :, BARS]).sum(axis=0)
        return out

    def regressors(self, row: int) -> np.ndarray:
        """Benchmark returns of one session, (K, 79)."""
        return self._x[:, row]


def _least_squares(y: np.ndarray, x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Constant and loadings of weighted least squares, (K + 1,).

    Observations of any shape, `x` with the regressors in front; NaN at weight zero.
    """
    kept = weights > 0
    w, y, x = weights[kept], y[kept], x[:, kept]
    total = w.sum()
    mean_y, mean_x = (w * y).sum() / total, (w * x).sum(axis=1) / total
    centred = x - mean_x[:, None]
    slopes = np.linalg.solve((w * centred) @ centred.T, (w * centred) @ (y - mean_y))
    return np.concatenate([[mean_y - slopes @ mean_x], slopes])
