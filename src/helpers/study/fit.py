"""Abnormal returns of many events at once, and the errors that belong to them.

References
----------
Mikkelson, W. H. and Partch, M. M. (1988), Journal of Financial and
Quantitative Analysis 23.
Patell, J. M. (1976), Journal of Accounting Research 14.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from helpers.study import models
from helpers.study.least_squares import Rows, window_moments, window_rows
from helpers.study.models import Estimates, NormalModel, unexplained
from helpers.study.samples import Sample, Timeline
from helpers.study.windows import Windows


@dataclass(frozen=True)
class Design:
    """Everything about a study but its events.

    Attributes
    ----------
    model : NormalModel
    windows : Windows
    samples : list of Sample
    max_missing : float
        Largest share of the estimation sessions that may have no return.
    min_observations : int
        Fewest estimation sessions that must be left.
    kind : {"simple", "log"}
        How returns add up over sessions.
    measure : {"return", "volume", "volatility"}
        What abnormal means here; volatility is measured on returns.
    """

    model: NormalModel
    windows: Windows
    samples: list[Sample]
    max_missing: float
    min_observations: int
    kind: str = "simple"
    measure: str = "return"

    @cached_property
    def timeline(self) -> Timeline:
        """The sessions of all samples in one order."""
        return Timeline.of(self.samples)

    @property
    def noun(self) -> str:
        """What the columns hold, for messages."""
        return "volume" if self.measure == "volume" else "return"

    def fit(self, sample: np.ndarray, column: np.ndarray, position: np.ndarray) -> Fit:
        """Fit N events, given by sample, share and position of day 0.

        Every window has to lie inside its sample's sessions.
        """
        parts = [
            (where, *self._fit_one(one, column[where], position[where]))
            for k, one in enumerate(self.samples)
            if len(where := np.flatnonzero(sample == k))
        ]
        places, fits, values = zip(*parts, strict=True)
        estimates, abnormal = fits[0], values[0]
        if len(parts) > 1:  # back into the order of the events
            back = np.argsort(np.concatenate(places))
            abnormal = np.concatenate(values)[back]
            joined = {
                name: np.concatenate([vars(each)[name] for each in fits])
                for name, value in vars(estimates).items()
                if isinstance(value, np.ndarray)
            }
            estimates = _picked(replace(estimates, **joined), back)
        return Fit(self, sample, column, position, abnormal, estimates)

    def _fit_one(
        self, sample: Sample, column: np.ndarray, position: np.ndarray
    ) -> tuple[Estimates, np.ndarray]:
        windows = self.windows
        start = position + windows.estimation[0]
        rows = Rows(sample, column, start, windows.estimation_length)
        name = self.model.name
        if name == "market_adjusted":
            y = sample.y - sample.x[0]
            relative = replace(sample, y=y, x=sample.x[:0], regressors=[])
            rows = rows._replace(sample=relative)
        found = models.least_squares(window_moments(*rows), rows)
        if name == "market_adjusted":
            found = models.benchmark_adjusted(found)
        elif name == "huber":
            found = models.huber(found, rows)
        elif name == "garch":
            first, last = windows.event
            ahead = np.arange(first, last + 1) - windows.estimation[1]
            found = models.garch(found, rows, ahead)
        if not self.model.alpha:
            found = models.without_alpha(found)
        first_day = position + windows.event[0]
        days = Rows(sample, column, first_day, windows.event_length)
        return found, unexplained(days, found)


def _picked(some: Any, where: np.ndarray) -> Any:
    """A dataclass of some events with each of its arrays cut to those picked."""
    arrays = {each.name: getattr(some, each.name) for each in fields(some)}
    kept = {k: v[where] for k, v in arrays.items() if isinstance(v, np.ndarray)}
    return replace(some, **kept)


@dataclass
class Fit:
    """N fitted events: abnormal returns and what their errors need.

    Attributes
    ----------
    design : Design
    sample, column, position : (N,) of int
    abnormal : (N, W), decimal
    estimates : Estimates
    known_residuals : (N, E) or None, where they are not those of the model
    sign : (N,) of 1 and -1, or None
        By which abnormal returns and residuals are multiplied; the estimates are
        those of the share itself.
    news : (N,) of int, or None
        Which events are of one announcement that met several calendars; None
        where all shares keep one calendar.
    """

    design: Design
    sample: np.ndarray
    column: np.ndarray
    position: np.ndarray
    abnormal: np.ndarray
    estimates: Estimates
    known_residuals: np.ndarray | None = None
    sign: np.ndarray | None = None
    news: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.position)

    def keep(self, where: np.ndarray) -> Fit:
        """The fitted events that a boolean or an index array picks."""
        estimates = _picked(self.estimates, where)
        kept: Fit = _picked(replace(self, estimates=estimates), where)
        return kept

    def narrowed(self, first: int, last: int) -> Fit:
        """The same events with an event window of [first, last] and no more."""
        self.design.windows.within_event(first, last)
        windows = Windows(self.design.windows.estimation, (first, last))
        design = replace(self.design, windows=windows)
        found = design.fit(self.sample, self.column, self.position)
        found = replace(found, news=self.news)
        return found if self.sign is None else found.turned(self.sign)

    def turned(self, sign: np.ndarray) -> Fit:
        """The events with their abnormal returns and residuals times 1 or -1, (N,)."""
        known = self.known_residuals
        return replace(
            self,
            abnormal=self.abnormal * sign[:, None],
            known_residuals=None if known is None else known * sign[:, None],
            sign=sign if self.sign is None else self.sign * sign,
        )

    def by_sample(self) -> list[tuple[Sample, np.ndarray]]:
        """Each sample that has events, with the numbers of its events."""
        return [
            (sample, np.flatnonzero(self.sample == k))
            for k, sample in enumerate(self.design.samples)
            if (self.sample == k).any()
        ]

    def places(self, first: int, last: int) -> np.ndarray:
        """Sessions `first` to `last` from day 0 on the common timeline, (N, L)."""
        days = np.arange(first, last + 1)
        out = np.empty((len(self), len(days)), dtype=int)
        for k, places in enumerate(self.design.timeline.places):
            at = np.flatnonzero(self.sample == k)
            out[at] = places[self.position[at, None] + days]
        return out

    def sessions(self, first: int, last: int) -> np.ndarray:
        """Dates of sessions `first` to `last` from day 0, (N, L) of datetime64."""
        dates: np.ndarray = self.design.timeline.dates.to_numpy()
        return dates[self.places(first, last)]

    @property
    def event_returns(self) -> np.ndarray:
        """Observed returns in the event window, risk-free rate included, (N, W)."""
        first, length = self.design.windows.event[0], self.design.windows.event_length
        out = np.empty((len(self), length))
        for sample, at in self.by_sample():
            start = self.position[at] + first
            out[at] = sliding_window_view(sample.y, length, axis=1)[
                self.column[at], start
            ]
            out[at] += sliding_window_view(sample.rate, length)[start]
        return out

    @cached_property
    def residuals(self) -> np.ndarray:
        """Estimation residuals, (N, E); NaN where missing or masked."""
        if self.known_residuals is not None:
            return self.known_residuals
        windows = self.design.windows
        length = windows.estimation_length
        values = np.empty((len(self), length))
        for sample, at in self.by_sample():
            column = self.column[at]
            start = self.position[at] + windows.estimation[0]
            found = _picked(self.estimates, at)
            left = unexplained(Rows(sample, column, start, length), found)
            if sample.has_mask:
                masked = sliding_window_view(sample.masked, length, axis=1)
                left[masked[column, start]] = np.nan
            values[at] = left
        return values if self.sign is None else values * self.sign[:, None]

    def in_step(self, values: np.ndarray) -> np.ndarray:
        """Estimation values (N, E) by day on all calendars, (N, D); else NaN.

        A column is the same day for all events of one date. Of one announcement
        that meets one exchange on a day and another on the next, a column is such
        a pair of days: news that reaches both shows in both at once.
        """
        if self.news is None:
            return values
        day0 = self.places(0, 0)[:, 0]
        first = np.full(int(self.news.max()) + 1, day0.max())
        np.minimum.at(first, self.news, day0)
        # Whatever holidays lie between, the next session is the one that meets it.
        anchor = first[self.news] + np.minimum(1, day0 - first[self.news])
        column = self.places(*self.design.windows.estimation) - anchor[:, None]
        column -= column.min()
        out = np.full((len(self), int(column.max()) + 1), np.nan)
        np.put_along_axis(out, column, values, axis=1)
        return out

    @property
    def leverage(self) -> np.ndarray:
        """Pull of each estimation session on its own fitted value, (N, E)."""
        windows, found = self.design.windows, self.estimates
        length = windows.estimation_length
        out = np.zeros((len(self), length))
        for sample, at in self.by_sample():
            start = self.position[at] + windows.estimation[0]
            _, x, _ = window_rows(sample, self.column[at], start, length)
            away = x - found.x_mean[at, None, :]
            pull = np.einsum("ntj,njk,ntk->nt", away, found.inverse[at], away)
            out[at] = pull + 1 / found.n[at, None] if found.constant else pull
        return out

    def variance_factor(self, first: int, last: int) -> np.ndarray:
        """Variance of the CAR over [first, last] in units of sigma squared, (N,).

        The window's own noise, the error of the intercept and that of the
        loadings, with their covariance across days (Mikkelson and Partch 1988).
        """
        days = self.design.windows.within_event(first, last)
        found = self.estimates
        length = days.stop - days.start
        own = np.full(len(self), float(length))
        if found.variance_ratio is not None:
            own = found.variance_ratio[:, days].sum(axis=1)
        factor: np.ndarray = own + length**2 / found.n if found.constant else own
        if found.beta.shape[1]:
            away = np.empty(found.beta.shape)
            for sample, at in self.by_sample():
                runs = sliding_window_view(sample.x, length, axis=1)
                start = self.position[at] + first
                if len(at) < runs.shape[1]:
                    away[at] = runs[:, start].sum(axis=2).T
                else:
                    away[at] = runs.sum(axis=2)[:, start].T
            away -= length * found.x_mean
            factor += np.einsum("nj,njk,nk->n", away, found.inverse, away)
        return factor

    def car(self, first: int, last: int) -> np.ndarray:
        """Cumulative abnormal return over [first, last], (N,)."""
        days = self.design.windows.within_event(first, last)
        total: np.ndarray = self.abnormal[:, days].sum(axis=1)
        return total

    def car_error(self, first: int, last: int) -> np.ndarray:
        """Exact standard error S_CAR over [first, last], (N,)."""
        error: np.ndarray = self.estimates.sigma * np.sqrt(
            self.variance_factor(first, last)
        )
        return error
