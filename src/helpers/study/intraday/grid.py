"""Periods of the day: the night before the open, then bars of five minutes.

A session has one period for the night, from the last bar of the session before to
the open, and one for each bar. Every return is a price change in units of the close
before the session: the periods of a session then add up to its
simple daily return without a remainder, which neither simple nor logarithmic
five-minute returns do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.data.calendars import session_hours
from helpers.data.intraday import BAR_MINUTES, EXCHANGE, load_bars
from helpers.data.price_rules import HALF_UNIT
from helpers.data.prices import load_table
from helpers.errors import StudyError

NIGHT = 0
SLOTS = 79  # the night and 78 bars, those of a session of six and a half hours
BAR = np.timedelta64(BAR_MINUTES, "m")


@dataclass(frozen=True)
class Grid:
    """Returns of several instruments by session and period.

    Attributes
    ----------
    symbols : tuple of str
    sessions : DatetimeIndex, (S,)
        Without time zone.
    opens, closes : ndarray, (S,)
        Instants in UTC, datetime64[ns].
    bars : ndarray of int, (S,)
        Bars of each session: 78, or 42 before an early close.
    returns : dict of str to ndarray, (S, 79)
        Decimal; column 0 is the night. NaN where a session has no such period
        and where a price is missing.
    volume : dict of str to ndarray, (S, 79)
        Shares; NaN for the night, for an index and where there is no bar.
    """

    symbols: tuple[str, ...]
    sessions: pd.DatetimeIndex
    opens: np.ndarray
    closes: np.ndarray
    bars: np.ndarray
    returns: dict[str, np.ndarray]
    volume: dict[str, np.ndarray]

    @property
    def exists(self) -> np.ndarray:
        """Whether a session has a period, (S, 79) of bool."""
        return np.arange(SLOTS) <= self.bars[:, None]

    @property
    def starts(self) -> np.ndarray:
        """Instant at which each period starts, (S, 79)."""
        before = np.concatenate([[np.datetime64("NaT")], self.closes[:-1]])
        bars = self.opens[:, None] + np.arange(SLOTS - 1) * BAR
        return np.column_stack([before, bars])

    @property
    def ends(self) -> np.ndarray:
        """Instant at which each period ends, (S, 79)."""
        return self.opens[:, None] + np.arange(SLOTS) * BAR

    def position(self, session: pd.Timestamp) -> int:
        """Row of a session.

        Raises
        ------
        StudyError
            If there are no bars of that session.
        """
        if session not in self.sessions:
            raise StudyError(
                f"There are no bars of {session:%Y-%m-%d}: they run from "
                f"{self.sessions[0]:%Y-%m-%d} to {self.sessions[-1]:%Y-%m-%d}."
            )
        return int(self.sessions.get_loc(session))

    def between(self, first: str, last: str) -> pd.DatetimeIndex:
        """Sessions from one date to another, inclusive.

        Raises
        ------
        StudyError
            If there are no bars of these days.
        """
        known = self.sessions
        chosen = known[(known >= first) & (known <= last)]
        if not len(chosen):
            raise StudyError(
                f"There are no bars of {first} to {last}: they run from "
                f"{known[0]:%Y-%m-%d} to {known[-1]:%Y-%m-%d}."
            )
        return chosen

    def path(self, values: np.ndarray, session: pd.Timestamp) -> pd.Series:
        """Add up what each period of a session holds, from the night on.

        Parameters
        ----------
        values : ndarray, (S, 79)
            Returns of the grid, or a model's abnormal returns.
        session : date

        Returns
        -------
        Series
            By the instant (UTC) at which the period ends.
        """
        at = self.position(session)
        count = self.bars[at] + 1
        ends = pd.DatetimeIndex(self.ends[at, :count]).tz_localize("UTC")
        return pd.Series(values[at, :count].cumsum(), index=ends)


def load_grid(symbols: Sequence[str]) -> Grid:
    """Return the returns of several instruments by session and period.

    Parameters
    ----------
    symbols : sequence of str
        Instruments with bars.

    Returns
    -------
    Grid
        From the second session of the bars, since the first has no close before.

    Raises
    ------
    DataError
        If a symbol is unknown or has no bars.
    StudyError
        If a symbol is named twice.

    Examples
    --------
    >>> grid = load_grid(["NVDA"])
    >>> night, *bars = grid.path(grid.returns["NVDA"], pd.Timestamp("2025-08-29"))
    >>> round(night, 4), round(bars[-1], 4)
    (-0.0116, -0.0334)
    """
    names = tuple(symbols)
    if len(set(names)) < len(names) or not names:
        raise StudyError("Name at least one symbol, each once.")
    periods = {name: _periods(name) for name in names}
    sessions = periods[names[0]][0]
    for name, one in periods.items():
        if not one[0].equals(sessions):
            raise StudyError(
                f"The bars of {name} and {names[0]} are not of the same sessions."
            )
    hours = session_hours(EXCHANGE).loc[sessions]
    opens, closes = (
        hours[edge].dt.tz_localize(None).dt.as_unit("ns").to_numpy()[1:]
        for edge in ("open", "close")
    )
    return Grid(
        symbols=names,
        sessions=sessions[1:],
        opens=opens,
        closes=closes,
        bars=((closes - opens) // BAR).astype(int),
        returns={name: one[1] for name, one in periods.items()},
        volume={name: one[2] for name, one in periods.items()},
    )


def _periods(symbol: str) -> tuple[pd.DatetimeIndex, np.ndarray, np.ndarray]:
    """Sessions (S,), returns and volume of the second and later ones, (S - 1, 79)."""
    bars = load_bars(symbol)
    instants = bars.index.tz_localize(None)
    dates = instants.normalize()
    sessions = pd.DatetimeIndex(dates.unique(), name="session")
    row = sessions.get_indexer(dates)
    hours = session_hours(EXCHANGE).loc[sessions]
    opens = hours["open"].dt.tz_localize(None).to_numpy()
    column = (instants.to_numpy() - opens[row]) // BAR
    shape = (len(sessions), SLOTS - 1)
    filled = {}
    for field in ("open", "close", "volume"):
        filled[field] = np.full(shape, np.nan)
        filled[field][row, column] = bars[field].to_numpy()
    closes = hours["close"].dt.tz_localize(None).to_numpy()
    count = ((closes - opens) // BAR).astype(int)
    last = filled["close"][np.arange(len(sessions)), count - 1]
    before = (last[:-1] / _distributions(symbol, sessions)[1:])[:, None]
    path = np.hstack([before, filled["open"][1:, :1], filled["close"][1:]])
    returns = np.diff(path, axis=1) / path[:, :1]
    night = np.full((len(returns), 1), np.nan)
    return sessions, returns, np.hstack([night, filled["volume"][1:]])


def _distributions(symbol: str, sessions: pd.DatetimeIndex) -> np.ndarray:
    """Growth of a holding by dividends at each session's open, one where none.

    The bars are not adjusted for dividends. The daily file's two closes tell when
    one was paid: their ratio steps up by more than rounding can.
    """
    table = load_table(symbol).reindex(sessions)
    ratio = (table["adj_close"] / table["close"]).to_numpy()
    growth = np.ones(len(sessions))
    growth[1:] = ratio[1:] / ratio[:-1]
    rounding = 2 * HALF_UNIT / table["close"].to_numpy()
    return np.where(growth - 1 > rounding, growth, 1.0)


def later(values: np.ndarray, offset: int) -> np.ndarray:
    """What stands `offset` sessions later in each row, NaN where nothing does."""
    out = np.full_like(values, np.nan)
    rows = np.arange(len(values)) + offset
    inside = (rows >= 0) & (rows < len(values))
    out[inside] = values[rows[inside]]
    return out
