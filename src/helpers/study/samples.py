"""Returns brought into the arrays that the models work on.

A *sample* holds the shares that are measured against the same regressors on
the same sessions. A share's sessions are the rows on which it or one of its
regressors has a value, and those that the price loader reports as missing: a
row on which nothing of that market traded is a holiday, not a missing return, unless
it is a session of the exchange of an instrument.
Where only the share itself could tell, and the loader has not reported on it,
each row from its first to its last value counts as a session.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from helpers.data.calendars import sessions
from helpers.errors import StudyError
from helpers.study.checks import Mask, mask_dates
from helpers.study.frames import calendars, known_kind, return_kind


@dataclass(frozen=True)
class Sample:
    """Shares with common sessions and regressors.

    Attributes
    ----------
    sessions : DatetimeIndex of length T
    symbols : list of S column names
    y : ndarray (S, T), what is explained, NaN where missing
    x : ndarray (K, T), regressors, NaN where missing
    regressors : list of K names
    masked : ndarray (S, T) of bool, sessions kept out of estimation
    rate : ndarray (T,), risk-free return already taken off `y`, or zeros
    """

    sessions: pd.DatetimeIndex
    symbols: list[str]
    y: np.ndarray
    x: np.ndarray
    regressors: list[str]
    masked: np.ndarray
    rate: np.ndarray

    @cached_property
    def has_mask(self) -> bool:
        """Whether any session of any share is kept out of estimation."""
        return bool(self.masked.any())

    @cached_property
    def has_gaps(self) -> bool:
        """Whether any share or regressor lacks a value on any session."""
        return bool(np.isnan(self.y).any() or np.isnan(self.x).any())


class _Calendar:
    """Which rows of a table are sessions of which column."""

    def __init__(self, table: pd.DataFrame, traded: np.ndarray) -> None:
        self._index = table.index
        self._columns = {name: k for k, name in enumerate(table.columns)}
        self._traded = traded
        self._holes: Mapping[str, Sequence[str]] = table.attrs.get("holes", {})
        self._after: Mapping[str, Sequence[str]] = table.attrs.get("after_holes", {})
        self._of_markets: dict[tuple[str, ...], np.ndarray] = {}
        self._calendars = calendars(table, self._columns)
        codes = set(self._calendars.values())
        self._held = {code: table.index.isin(sessions(code)) for code in codes}

    def missing(self, name: str) -> np.ndarray:
        """Rows that are sessions without a return, (T,), by calendar and loader."""
        out = np.zeros(len(self._index), dtype=bool)
        if code := self._calendars.get(name):
            traded = self._traded[self._columns[name]]
            own = np.flatnonzero(traded)
            if len(own):
                span = slice(own[0], own[-1] + 1)
                out[span] = (self._held[code] & ~traded)[span]
        reported = [*self._holes.get(name, ()), *self._after.get(name, ())]
        if not reported:
            return out
        dates = pd.DatetimeIndex(reported)
        inside = dates[(dates >= self._index[0]) & (dates <= self._index[-1])]
        rows = self._index.get_indexer(inside)
        if (rows < 0).any():
            raise StudyError(
                f"{name!r} has a session without a return on "
                f"{inside[rows < 0][0]:%Y-%m-%d}, but that row is gone: keep all "
                "rows, since without it the windows would be counted wrongly."
            )
        out[rows] = True
        return out

    def sessions(self, share: str, markets: Sequence[str]) -> np.ndarray:
        """Rows that are sessions of `share`, given its `markets`, (T,) of bool."""
        key = tuple(markets)
        if key not in self._of_markets:
            together = np.zeros(len(self._index), dtype=bool)
            for name in markets:
                together |= self._traded[self._columns[name]] | self.missing(name)
            self._of_markets[key] = together
        used: np.ndarray = self._of_markets[key] | self._traded[self._columns[share]]
        used |= self.missing(share)
        if not markets and share not in {*self._holes, *self._calendars}:
            own = np.flatnonzero(used)
            if len(own):
                used[own[0] : own[-1] + 1] = True
        return used


def compounded_onto(
    values: np.ndarray, rows: np.ndarray, unknown: np.ndarray, kind: str
) -> np.ndarray:
    """Returns (T,) of a foreign market between the chosen rows.

    Between two of them they are compounded, so that a session it had while this
    market was shut is not lost; what holds one of its `unknown` sessions is NaN.
    """
    out = np.full(len(rows), np.nan)
    seen = np.flatnonzero(~np.isnan(values))
    if len(rows) < 2 or not len(seen):
        return out
    known = np.nan_to_num(values[: rows[-1] + 1])
    starts = rows[:-1] + 1
    if (np.diff(rows) > 1).any() and known_kind(kind) == "log":
        joint = np.add.reduceat(known, starts)
    else:
        joint = np.multiply.reduceat(1 + known, starts) - 1
    # One session needs no arithmetic, and keeps its last digit without.
    out[1:] = np.where(np.diff(rows) == 1, known[rows[1:]], joint)
    out[1:][np.add.reduceat(unknown[: rows[-1] + 1], starts) > 0] = np.nan
    # Before its first return and after its last one the market is unknown.
    out[(rows <= seen[0]) | (rows > seen[-1])] = np.nan
    return out


def shifted(values: np.ndarray, lag: int) -> np.ndarray:
    """`values` at session t + lag, NaN beyond the ends."""
    out = np.full(len(values), np.nan)
    if abs(lag) < len(values):
        if lag < 0:
            out[-lag:] = values[:lag]
        else:
            out[: len(values) - lag] = values[lag:]
    return out


def build_samples(
    returns: pd.DataFrame,
    symbols: Sequence[str],
    regressors: Mapping[str, Sequence[str]],
    *,
    markets: Mapping[str, Sequence[str]],
    excess_of: str | None = None,
    lags: Sequence[int] = (),
    mask: Mask | None = None,
) -> list[Sample]:
    """Group the symbols into samples.

    `markets` have further columns whose sessions are a symbol's own; `excess_of` is
    the risk-free rate to take off the shares. With `lags` the one regressor is shifted
    by so many sessions; it may then be of a foreign market and is compounded onto the
    share's own sessions.
    """
    hidden = mask_dates(mask, symbols)
    kind = return_kind(returns)
    columns = {name: k for k, name in enumerate(returns.columns)}
    # pandas keeps columns together: this way round a share is one run of memory.
    table = returns.to_numpy(dtype=float, na_value=np.nan).T
    calendar = _Calendar(returns, ~np.isnan(table))

    grouped: dict[tuple[tuple[str, ...], bytes], list[str]] = {}
    for symbol in symbols:
        used = calendar.sessions(symbol, markets[symbol])
        grouped.setdefault((tuple(regressors[symbol]), used.tobytes()), []).append(
            symbol
        )
    samples = []
    for (names, used_bytes), members in grouped.items():
        rows = np.flatnonzero(np.frombuffer(used_bytes, dtype=bool))
        y = _part(table, [columns[name] for name in members], rows)
        rate = np.zeros(len(rows))
        if excess_of is not None:
            rate = table[columns[excess_of], rows]
            y = y - rate
        labels = list(names)
        if lags:
            market = names[0]
            series = compounded_onto(
                table[columns[market]], rows, calendar.missing(market), kind
            )
            x = np.array([shifted(series, lag) for lag in lags])
            labels = [f"{market}({lag:+d})" if lag else market for lag in lags]
        else:
            x = _part(table, [columns[name] for name in names], rows)
        sessions = pd.DatetimeIndex(returns.index[rows])
        masked = np.zeros(y.shape, dtype=bool)
        for k, symbol in enumerate(members):
            if symbol in hidden:
                masked[k] = sessions.isin(hidden[symbol])
        samples.append(Sample(sessions, members, y, x, labels, masked, rate))
    return samples


def _part(table: np.ndarray, series: Sequence[int], rows: np.ndarray) -> np.ndarray:
    """The chosen series of `table` (series, sessions) at the chosen rows."""
    chosen: np.ndarray = table[np.array(series, dtype=int)]
    return chosen if len(rows) == table.shape[1] else chosen[:, rows]


@dataclass(frozen=True)
class Timeline:
    """The sessions of all samples of a study in one order.

    Attributes
    ----------
    dates : DatetimeIndex of length U
    places : list with one array a sample, its sessions as positions in `dates`
    """

    dates: pd.DatetimeIndex
    places: list[np.ndarray]

    @classmethod
    def of(cls, samples: Sequence[Sample]) -> Timeline:
        """The timeline of `samples`."""
        dates = samples[0].sessions
        if len(samples) == 1:
            return cls(dates, [np.arange(len(dates))])
        for sample in samples[1:]:
            dates = pd.DatetimeIndex(dates.union(sample.sessions))
        return cls(dates, [dates.get_indexer(sample.sessions) for sample in samples])
