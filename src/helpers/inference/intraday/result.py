"""What an event study inside the day found, in periods from the news."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TypeAlias

import numpy as np
import pandas as pd

from helpers.errors import StudyError
from helpers.inference.intraday.errors import Noise, noise
from helpers.inference.intraday.placebo import (
    Placebo,
    Stretch,
    other_sessions,
    placebo_of,
)
from helpers.inference.outcome import or_study_error
from helpers.study.intervals import CAR_COLUMNS, with_interval
from helpers.study.intraday.model import Estimate, IntradayModel
from helpers.study.intraday.timeline import Timeline
from helpers.study.windows import Window, check_window

Bound: TypeAlias = int | pd.Series


@dataclass(frozen=True)
class IntradayStudy:
    """Result of :func:`helpers.study_events`.

    Returns are decimal, each in units of the close before its session, so that the
    periods of a session add up to its simple daily return. Frames with one row an
    event are indexed by (event_id, symbol). A relative period counts from period 0,
    the first whose end price can hold the news: a bar of five minutes if it came
    inside a session, the night before the open if it came overnight.

    Attributes
    ----------
    model : IntradayModel
    events : DataFrame
        The events studied: event_id, symbol, session (of period 0), first and
        last (positions of the periods that the earliest and the latest instant
        of the news fall to).
    skipped : DataFrame
        Events that could not be studied, by event_id: column reason.
    window : (int, int)
        Event window, in periods relative to period 0.
    """

    model: IntradayModel
    events: pd.DataFrame
    skipped: pd.DataFrame
    window: Window

    @cached_property
    def timeline(self) -> Timeline:
        """All periods in order."""
        return Timeline(self.model.grid)

    @cached_property
    def index(self) -> pd.MultiIndex:
        """Event and symbol of each event studied."""
        return pd.MultiIndex.from_frame(self.events[["event_id", "symbol"]])

    @cached_property
    def _origin(self) -> np.ndarray:
        return self.events["first"].to_numpy()

    @cached_property
    def _row(self) -> np.ndarray:
        return self.timeline.rows[self._origin]

    @cached_property
    def _abnormal(self) -> Callable[[int], np.ndarray]:
        """Abnormal returns by sessions from the estimate, each (S, 79)."""
        return cache(self.model.abnormal)

    def stretch(self, event: int, first: int, last: int) -> Stretch:
        """The periods of one event's window as sessions and times of day."""
        at = np.arange(first, last + 1) + self._origin[event]
        if at[0] < 0 or at[-1] >= len(self.timeline):
            raise StudyError(
                f"{self.index[event][0]}: periods {first} to {last} reach beyond the "
                "bars: ask for a shorter window."
            )
        offsets = self.timeline.rows[at] - self._row[event]
        return Stretch(int(self._row[event]), offsets, self.timeline.slots[at])

    @cached_property
    def abnormal_returns(self) -> pd.DataFrame:
        """Abnormal return by event and relative period, decimal."""
        return self._by_period(
            [
                one.take(self._abnormal)[one.row]
                for one in (
                    self.stretch(k, *self.window) for k in range(len(self.events))
                )
            ]
        )

    @cached_property
    def ends(self) -> pd.DataFrame:
        """Instant (UTC) at which each relative period ends, by event."""
        periods = np.arange(self.window[0], self.window[1] + 1)
        values = self.timeline.ends[self._origin[:, None] + periods]
        return self._by_period(values).apply(
            lambda column: column.dt.tz_localize("UTC")
        )

    def _by_period(self, values: Sequence[np.ndarray] | np.ndarray) -> pd.DataFrame:
        first, last = self.window
        periods = pd.RangeIndex(first, last + 1, name="relative_period")
        shaped = np.reshape(values, (len(self.events), len(periods)))
        return pd.DataFrame(shaped, index=self.index, columns=periods)

    @cached_property
    def _estimate(self) -> list[Estimate]:
        known = self.model.estimates
        found = [known[row] for row in self._row.tolist()]
        return [estimate for estimate in found if estimate is not None]

    @cached_property
    def _noise(self) -> list[Noise]:
        rows = self._row.tolist()
        of_row = dict(zip(rows, self._estimate, strict=True))
        known = {row: noise(self.model, one) for row, one in of_row.items()}
        return [known[row] for row in rows]

    def to_close(self) -> pd.Series:
        """Relative period that ends the session of period 0, by event."""
        ends = [self.timeline.last_of_session(origin) for origin in self._origin]
        return pd.Series(ends, index=self.index, dtype=int) - self._origin

    def bounds(self, first: Bound, last: Bound) -> list[Window]:
        """Window of each event as two whole numbers."""
        if not len(self.events):
            reasons = "; ".join(f"{k}: {v}" for k, v in self.skipped["reason"].items())
            raise StudyError(f"No event could be studied ({reasons or 'none given'}).")
        both = [
            bound.reindex(self.index).to_numpy()
            if isinstance(bound, pd.Series)
            else np.full(len(self.events), bound)
            for bound in (first, last)
        ]
        return [check_window(pair, "Test") for pair in zip(*both, strict=True)]

    def car(self, first: Bound, last: Bound, *, level: float = 0.95) -> pd.DataFrame:
        """Cumulative abnormal return of each event.

        Parameters
        ----------
        first, last : int or Series by event
            Window, relative periods, inclusive: see :meth:`to_close`.
        level : float
            Coverage of the confidence interval.

        Returns
        -------
        DataFrame
            Columns car, se, t, df, p_value, ci_low, ci_high (decimal). The error
            allows for the time of day, for autocorrelation within a session and for
            the parameters; t has as many degrees of freedom as there are estimation
            sessions, less the parameters.
        """
        car, error, df = [], [], []
        for event, bounds in enumerate(self.bounds(first, last)):
            where = self.stretch(event, *bounds)
            car.append(self._whole(event, where).sum())
            error.append(np.sqrt(self._variance(event, where)))
            df.append(self._estimate[event].dof)
        return with_interval(
            np.array(car), np.array(error), np.array(df), level, self.index
        )

    def _whole(self, event: int, where: Stretch) -> np.ndarray:
        values = where.take(self._abnormal)[where.row]
        if np.isnan(values).any():
            sessions = self.model.grid.sessions
            hole = sessions[where.row + where.offsets[np.isnan(values).argmax()]]
            raise StudyError(
                f"{self.index[event][0]}: a bar of {hole:%Y-%m-%d} is missing from "
                "the window: ask for one without that session."
            )
        return values

    def _variance(self, event: int, where: Stretch) -> float:
        slots, regressors = [], []
        for offset in np.unique(where.offsets):
            slots.append(where.slots[where.offsets == offset])
            regressors.append(self.model.regressors(where.row + int(offset)))
        return self._noise[event].variance(slots, regressors)

    def car_path(self, first: int, last: int, *, level: float = 0.95) -> pd.DataFrame:
        """CAR cumulated from `first` to each relative period up to `last`.

        Returns
        -------
        DataFrame
            Indexed by (event_id, symbol, relative_period), columns as :meth:`car`
            with ``end``, the instant (UTC) at which the period ends, in front.
        """
        parts = {
            period: self.car(first, period, level=level).assign(end=self.ends[period])
            for period in range(first, last + 1)
        }
        out = pd.concat(parts, names=["relative_period"])
        out = out.reorder_levels(["event_id", "symbol", "relative_period"])
        return out.sort_index(sort_remaining=True)[["end", *CAR_COLUMNS]]

    def placebo(self, event_id: str, first: Bound, last: Bound) -> Placebo:
        """The same clock time on all other clear sessions, for one event.

        Raises
        ------
        StudyError
            If the event was not studied, or too few sessions are left.
        """
        event = self.number(event_id)
        where = self.stretch(event, *self.bounds(first, last)[event])
        others = other_sessions(where, ~self.model.masked, self.model.grid.bars)
        with or_study_error("No placebo distribution"):
            return placebo_of(where, others, self._abnormal, self.model.scales)

    def number(self, event_id: str) -> int:
        """Position of an event among those studied."""
        names = list(self.events["event_id"])
        if event_id in names:
            return names.index(event_id)
        reason = self.skipped["reason"].get(event_id, "it was not asked for")
        raise StudyError(f"{event_id} was not studied: {reason}.")
