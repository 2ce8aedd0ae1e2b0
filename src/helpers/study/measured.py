"""What a study measured: each event's abnormal returns, every figure traceable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
import pandas as pd

from helpers.errors import StudyError
from helpers.study.checks import event_index, require_names
from helpers.study.fit import Fit
from helpers.study.frames import known_kind
from helpers.study.intervals import with_interval
from helpers.study.panel import Panel
from helpers.study.remarks import remarks_on
from helpers.study.windows import Window, Windows


@dataclass(frozen=True, repr=False)
class MeasuredEvents:
    """Abnormal returns of events, with the errors that belong to them.

    What :class:`helpers.EventStudy` is before anything is tested; there the order
    of the rows and the meaning of signs are told.
    """

    panel: Panel

    def __repr__(self) -> str:
        design, shares = self.fit.design, self.panel.events["symbol"]
        measure = {"return": "returns"}.get(design.measure, design.measure)
        about = f" ({_listed(shares)})" if len(shares) else ""
        dates = len(np.unique(self.fit.sessions(0, 0)))
        samples = [sample for sample, _ in self.fit.by_sample()]
        on = _listed(name for sample in samples for name in sample.regressors)
        start, end = self.windows.estimation
        first, last = self.windows.event
        signed = ", signed" if self.fit.sign is not None else ""
        skipped = f", {len(self.skipped)} skipped" if len(self.skipped) else ""
        return (
            f"EventStudy of {measure}: {_counted(self.n_events, 'event')}{about} on "
            f"{_counted(dates, 'date')}{signed}{skipped}\n"
            f"  model {design.model.name}{' on ' * bool(on)}{on}, estimated over "
            f"sessions {start} to {end}\n"
            f"  event window {first:+d} to {last:+d}"
        ) + "".join(f"\n  mind: {text}" for text in self.remarks)

    @property
    def remarks(self) -> list[str]:
        """What to bear in mind: hours of the benchmark, twins, returns after gaps."""
        return list(remarks_on(self.fit)) if len(self.fit) else []

    @property
    def fit(self) -> Fit:
        """Arrays behind the frames, for further inference."""
        return self.panel.fit

    @property
    def windows(self) -> Windows:
        """Estimation and event window of the study."""
        return self.fit.design.windows

    @property
    def skipped(self) -> pd.DataFrame:
        """Events that could not be studied: columns day0 and reason."""
        return self.panel.skipped

    @property
    def n_events(self) -> int:
        """Number of events that were studied."""
        return len(self.fit)

    @cached_property
    def _index(self) -> pd.MultiIndex:
        return event_index(self.panel.events)

    @cached_property
    def abnormal_returns(self) -> pd.DataFrame:
        """Abnormal return by event and relative day, decimal."""
        first, last = self.windows.event
        return self._by_day(self.fit.abnormal, first, last)

    def _by_day(self, values: np.ndarray, first: int, last: int) -> pd.DataFrame:
        days = pd.RangeIndex(first, last + 1, name="relative_day")
        return pd.DataFrame(values, index=self._index, columns=days)

    @cached_property
    def sessions(self) -> pd.DataFrame:
        """Session date of each relative day, by event."""
        first, last = self.windows.event
        return self._by_day(self.fit.sessions(first, last), first, last)

    @cached_property
    def estimates(self) -> pd.DataFrame:
        """Model estimates by event.

        Columns alpha, the loadings, sigma (decimal per day), n_obs, dof, first
        and last (estimation sessions), r_squared. Where the benchmark enters
        with leads and lags, beta is their sum.
        """
        found, model = self.fit.estimates, self.fit.design.model
        start, end = self.windows.estimation
        columns: dict[str, np.ndarray] = {"alpha": found.alpha}
        if model.lagged and self.panel.regressors:
            columns["beta"] = found.beta.sum(axis=1)
        for k, name in enumerate(self.panel.regressors):
            columns[name] = found.beta[:, k]
        columns |= {
            "sigma": found.sigma,
            "n_obs": found.n.astype(int),
            "dof": found.dof.astype(int),
            "first": self.fit.sessions(start, start)[:, 0],
            "last": self.fit.sessions(end, end)[:, 0],
            "r_squared": found.r_squared,
        }
        return pd.DataFrame(columns, index=self._index)

    def car(self, first: int, last: int, *, level: float = 0.95) -> pd.DataFrame:
        """Cumulative abnormal return of each event with its exact error.

        Parameters
        ----------
        first, last : int
            Window, sessions relative to day 0, inclusive.
        level : float
            Coverage of the confidence interval.

        Returns
        -------
        DataFrame
            Columns car, se, t, df, p_value, ci_low, ci_high; the error holds
            that of the parameters and its covariance across days (Patell 1976;
            Mikkelson and Partch 1988), t has M - K - 1 degrees of freedom.
        """
        self._require_events()
        car, error = self.fit.car(first, last), self.fit.car_error(first, last)
        return with_interval(car, error, self.fit.estimates.dof, level, self._index)

    def daily(self, *, level: float = 0.95) -> pd.DataFrame:
        """Each day's abnormal return with its own exact error.

        Returns
        -------
        DataFrame
            Indexed by (event_id, symbol, relative_day), columns as
            :meth:`car` with the session in front.
        """
        first, last = self.windows.event
        days = range(first, last + 1)
        out = self._by_span([(day, day) for day in days], level)
        out.insert(0, "session", self.sessions.to_numpy().ravel())
        return out

    def car_path(self, first: int, last: int, *, level: float = 0.95) -> pd.DataFrame:
        """CAR cumulated from `first` to each day up to `last`.

        Returns
        -------
        DataFrame
            Indexed by (event_id, symbol, relative_day), columns as :meth:`car`.
        """
        self.windows.within_event(first, last)
        return self._by_span([(first, day) for day in range(first, last + 1)], level)

    def _by_span(self, spans: list[Window], level: float) -> pd.DataFrame:
        """CARs of several windows in one frame, event by event, by their last day."""
        self._require_events()
        car, error = (
            np.stack([of(*span) for span in spans], axis=1).ravel()
            for of in (self.fit.car, self.fit.car_error)
        )
        days = [last for _, last in spans]
        keys, count = self._index, len(self._index)
        index = pd.MultiIndex(
            levels=[*keys.levels, days],
            codes=[
                *(np.repeat(codes, len(days)) for codes in keys.codes),
                np.tile(np.arange(len(days)), count),
            ],
            names=[*keys.names, "relative_day"],
        )
        df = np.repeat(self.fit.estimates.dof, len(days))
        return with_interval(car, error, df, level, index)

    def bhar(self, first: int, last: int) -> pd.DataFrame:
        """Buy-and-hold abnormal return: what was earned less what was normal.

        Returns
        -------
        DataFrame
            Columns bhar, buy_and_hold, normal, simple returns over the window;
            normal compounds the model's expected returns (with the risk-free
            rate where the model explains what exceeds it), all times the sign
            where events have one.

        Raises
        ------
        StudyError
            If the study is not one of returns.
        """
        self._require_events()
        design = self.fit.design
        if design.measure != "return":
            raise StudyError(f"A {design.measure} study has nothing to buy and hold.")
        days = self.windows.within_event(first, last)
        sign = np.ones(len(self.fit)) if self.fit.sign is None else self.fit.sign
        observed = self.fit.event_returns[:, days]
        expected = observed - sign[:, None] * self.fit.abnormal[:, days]
        if known_kind(design.kind) == "log":
            held, normal = (np.expm1(each.sum(axis=1)) for each in (observed, expected))
        else:
            held, normal = (
                np.prod(1 + each, axis=1) - 1 for each in (observed, expected)
            )
        columns = {"bhar": held - normal, "buy_and_hold": held, "normal": normal}
        return pd.DataFrame(columns, index=self._index).mul(sign, axis=0)

    def select(
        self,
        *,
        event_id: str | Iterable[str] | None = None,
        symbol: str | Iterable[str] | None = None,
    ) -> Self:
        """Return the study of some of its events, fitted as they are.

        Parameters
        ----------
        event_id, symbol : str or iterable of str, optional
            Those to keep.

        Raises
        ------
        StudyError
            If one is not under study; near matches are named.
        """
        events, skipped = self.panel.events, self.skipped.reset_index()
        for name, chosen in (("event_id", event_id), ("symbol", symbol)):
            if chosen is not None:
                wanted = [chosen] if isinstance(chosen, str) else list(chosen)
                known = pd.concat([self.panel.events[name], skipped[name]]).unique()
                require_names(wanted, known, name)
                events = events[events[name].isin(wanted)]
                skipped = skipped[skipped[name].isin(wanted)]
        return self._with(
            self.fit.keep(events.index.to_numpy()),
            events=events.reset_index(drop=True),
            skipped=skipped.set_index(["event_id", "symbol"]),
        )

    def signed(self, sign: Mapping[str, int] | pd.Series) -> Self:
        """Return the study with each event's abnormal returns times its sign.

        Then the mean CAR is that of a position long where a gain is expected and
        short where a loss is, and every test and placebo is its.

        Parameters
        ----------
        sign : mapping or Series
            1 or -1 by event_id; events with 0 or NaN have no expected sign and
            are left out.

        Raises
        ------
        StudyError
            If an event has no entry, or one that is none of these.
        """
        given = pd.Series(sign, dtype=float)
        ids = self.panel.events["event_id"]
        lacking = ids[~ids.isin(given.index)]
        if len(lacking):
            raise StudyError(
                f"Event {lacking.iloc[0]!r} has no sign: give 1 or -1, or 0 to leave "
                "it out."
            )
        of_event = ids.map(given).to_numpy()
        kept = np.flatnonzero(~np.isnan(of_event) & (of_event != 0))
        wrong = kept[np.abs(of_event[kept]) != 1]
        if len(wrong):
            raise StudyError(
                f"Event {ids[wrong[0]]!r} has the sign {of_event[wrong[0]]:g}: it is 1 "
                "or -1, or 0 to leave it out."
            )
        events = self.panel.events.iloc[kept].reset_index(drop=True)
        return self._with(self.fit.keep(kept).turned(of_event[kept]), events=events)

    def _with(self, fit: Fit, **changes: Any) -> Self:
        return type(self)(replace(self.panel, fit=fit, **changes))

    def _require_events(self) -> None:
        if not len(self.fit):
            reasons = [
                f"{' '.join(map(str, key))}: {reason}"
                for key, reason in self.skipped["reason"].head(3).items()
            ]
            raise StudyError(
                f"None of the {len(self.skipped)} events could be studied ("
                + "; ".join(reasons)
                + ("; …" if len(self.skipped) > len(reasons) else "")
                + "). See .skipped for each reason."
            )


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"


def _listed(names: Iterable[str], most: int = 4) -> str:
    distinct = list(dict.fromkeys(map(str, names)))
    more = f" and {len(distinct) - most} more" if len(distinct) > most else ""
    return ", ".join(distinct[:most]) + more
