"""What an event study found, every figure traceable to its sessions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.errors import StudyError
from helpers.inference import parametric
from helpers.inference.battery import check_random, run_tests
from helpers.inference.groups import overlapping_groups
from helpers.inference.outcome import Undefined
from helpers.inference.parametric import Standardisation
from helpers.inference.resampling import Placebo, placebo, placebos
from helpers.study.fit import Fit
from helpers.study.panel import Panel
from helpers.study.windows import Windows

if TYPE_CHECKING:
    from helpers.inference.readings import Reading

CAR_COLUMNS = ["car", "se", "t", "df", "p_value", "ci_low", "ci_high"]


@dataclass(frozen=True)
class EventStudy:
    """Result of :func:`helpers.event_study` and of its kin.

    All returns are decimal (0.01 is 1 %). Frames with one row an event are
    indexed by (event_id, symbol), in the order of the events given. In a volume
    study "return" means log volume, in a volatility study the size of a return.
    """

    panel: Panel

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
        return pd.MultiIndex.from_frame(self.panel.events[["event_id", "symbol"]])

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
        # Scholes and Williams estimate one beta, not one for each lag.
        if model.name != "scholes_williams":
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
        out = self._stacked([self.car(day, day, level=level) for day in days], days)
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
        days = range(first, last + 1)
        return self._stacked([self.car(first, day, level=level) for day in days], days)

    def _stacked(self, parts: list[pd.DataFrame], days: range) -> pd.DataFrame:
        """One frame a day as one frame, event by event."""
        values = np.stack([part.to_numpy() for part in parts], axis=1)
        keys = self._index.repeat(len(days))
        index = pd.MultiIndex.from_arrays(
            [
                keys.get_level_values("event_id"),
                keys.get_level_values("symbol"),
                np.tile(np.array(days), len(self._index)),
            ],
            names=["event_id", "symbol", "relative_day"],
        )
        return pd.DataFrame(
            values.reshape(-1, len(CAR_COLUMNS)), index=index, columns=CAR_COLUMNS
        )

    def caar(self, first: int, last: int, *, level: float = 0.95) -> pd.Series:
        """Mean CAR over the events, its error clustered by date.

        Parameters
        ----------
        first, last : int
            Window, sessions relative to day 0, inclusive.
        level : float
            Coverage of the confidence interval.

        Returns
        -------
        Series
            caar, se, t, df, p_value, ci_low, ci_high, n_events, n_dates,
            n_groups. Events on one date, or on dates whose windows overlap, are
            one group and count as one observation: df is the number of groups
            less one, and with a single group the error is NaN.
        """
        self._require_events()
        car = self.fit.car(first, last)
        mean = float(car.mean())
        groups = overlapping_groups(self.fit, first, last)
        error = parametric.mean_error(car, groups.of_event, groups.count)
        table = with_interval(
            np.array([mean]), np.array([error]), np.array([groups.count - 1]), level
        )
        row = table.iloc[0].rename({"car": "caar"}).rename(f"[{first:+d}, {last:+d}]")
        row["n_events"] = len(car)
        row["n_dates"] = groups.dates
        row["n_groups"] = groups.count
        return row

    def bhar(self, first: int, last: int) -> pd.DataFrame:
        """Buy-and-hold abnormal return: what was earned less what was normal.

        Returns
        -------
        DataFrame
            Columns bhar, buy_and_hold, normal, simple returns over the window;
            normal compounds the model's expected returns (with the risk-free
            rate where the model explains what exceeds it).

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
        observed = self.fit.event_returns[:, days]
        expected = observed - self.fit.abnormal[:, days]
        if design.kind == "log":
            held, normal = (np.expm1(each.sum(axis=1)) for each in (observed, expected))
        else:
            held, normal = (
                np.prod(1 + each, axis=1) - 1 for each in (observed, expected)
            )
        columns = {"bhar": held - normal, "buy_and_hold": held, "normal": normal}
        return pd.DataFrame(columns, index=self._index)

    def test(
        self,
        first: int,
        last: int,
        tests: Sequence[str] | None = None,
        *,
        standardise: Standardisation = "exact",
        draws: int = 2000,
        seed: int = 20250829,
        exclude: Iterable[Any] = (),
    ) -> pd.DataFrame:
        """Test that the mean CAR over [first, last] is zero.

        Parameters
        ----------
        first, last : int
            Window, sessions relative to day 0, inclusive.
        tests : names, or None for all
        standardise : {"exact", "sum"}
            How Patell and BMP standardise a CAR of several days.
        draws, seed : int
            Of the cluster bootstrap and of the placebo dates.
        exclude : dates
            Sessions that no placebo may hold (the ledger's other events).

        Returns
        -------
        DataFrame
            One row a test, columns statistic, df, p_value (two-sided),
            n_events, n_dates, note. Where a test is undefined its figures are
            NaN and the note says why.
        """
        self._require_events()
        return run_tests(
            self.fit,
            first,
            last,
            tests,
            standardise=standardise,
            draws=draws,
            seed=seed,
            exclude=exclude,
        )

    def placebo(
        self,
        first: int,
        last: int,
        *,
        draws: int = 2000,
        seed: int = 20250829,
        exclude: Iterable[Any] = (),
        matched: bool = False,
        method: str = "dates",
    ) -> Placebo:
        """Distribution behind the placebo test.

        See :func:`helpers.inference.resampling.placebo`.

        Raises
        ------
        StudyError
            If there are too few placebo dates.
        """
        self._require_events()
        self.windows.within_event(first, last)
        draws, seed = check_random(draws, seed)
        try:
            return placebo(
                self.fit,
                first,
                last,
                draws=draws,
                seed=seed,
                exclude=exclude,
                matched=matched,
                method=method,
            )
        except Undefined as reason:
            raise StudyError(f"No placebo distribution: {reason}.") from None

    def reads(
        self,
        first: int,
        last: int,
        *,
        sign: int | Mapping[str, int] = 1,
        smallest: float | None = None,
        exclude: Iterable[Any] = (),
    ) -> Reading:
        """What the study says of a claim that expects a move of this sign.

        Parameters
        ----------
        first, last : int
            Window, sessions relative to day 0, inclusive.
        sign : 1, -1 or mapping of event_id to 1 or -1
        smallest : float, optional
            Smallest effect that would matter, decimal; by default one ordinary
            session's abnormal move.
        exclude : dates
            Sessions that no placebo's window may hold.

        See Also
        --------
        helpers.inference.readings.read_study
        """
        from helpers.inference.readings import read_study

        return read_study(
            self, first, last, sign=sign, smallest=smallest, exclude=exclude
        )

    def placebo_band(
        self,
        first: int,
        last: int,
        *,
        share: float = 0.95,
        draws: int = 2000,
        seed: int = 20250829,
        exclude: Iterable[Any] = (),
    ) -> pd.DataFrame:
        """Where most placebo paths lie: the range of their mean CAR by day.

        Parameters
        ----------
        first, last : int
            The path, cumulated from `first` to each day up to `last`.
        share : float
            Share of the placebo dates inside the band of each day.
        draws, seed, exclude
            As for :meth:`placebo`.

        Returns
        -------
        DataFrame
            Columns low and high, decimal, indexed by relative day.

        Raises
        ------
        StudyError
            If there are too few placebo dates.
        """
        self._require_events()
        self.windows.within_event(first, last)
        if not 0 < share < 1:
            raise StudyError(f"share must lie between 0 and 1, not {share}.")
        draws, seed = check_random(draws, seed)
        days = pd.RangeIndex(first, last + 1, name="relative_day")
        spans = [(first, int(day)) for day in days]
        try:
            found = placebos(self.fit, spans, draws=draws, seed=seed, exclude=exclude)
        except Undefined as reason:
            raise StudyError(f"No placebo distribution: {reason}.") from None
        tail = (1 - share) / 2
        band = [np.quantile(one.caar, [tail, 1 - tail]) for one in found]
        return pd.DataFrame(band, index=days, columns=["low", "high"])

    def _require_events(self) -> None:
        if not len(self.fit):
            reasons = [
                " ".join(map(str, key)) + f": {reason}"
                for key, reason in zip(
                    self.skipped.index[:3], self.skipped["reason"], strict=False
                )
            ]
            raise StudyError(
                f"None of the {len(self.skipped)} events could be studied ("
                + "; ".join(reasons)
                + ("; …" if len(self.skipped) > len(reasons) else "")
                + "). See .skipped for each reason."
            )


def with_interval(
    estimate: np.ndarray,
    error: np.ndarray,
    df: np.ndarray,
    level: float,
    index: pd.Index | None = None,
) -> pd.DataFrame:
    """Estimate, error, t, p and interval as a frame."""
    from scipy.special import stdtr, stdtrit

    if not 0 < level < 1:
        raise StudyError(f"level must lie between 0 and 1, not {level}.")
    t = estimate / error
    # The quantile is slow, and few degrees of freedom differ.
    known, which = np.unique(df, return_inverse=True)
    half = stdtrit(known, 0.5 + level / 2)[which] * error
    values = [estimate, error, t, df, 2 * stdtr(df, -np.abs(t)), estimate - half]
    frame = dict(zip(CAR_COLUMNS, [*values, estimate + half], strict=True))
    return pd.DataFrame(frame, index=index)
