"""What an event study found, every figure traceable to its sessions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.errors import StudyError
from helpers.inference import parametric
from helpers.inference.battery import check_random, run_tests
from helpers.inference.cross_section import explained
from helpers.inference.groups import overlapping_groups
from helpers.inference.outcome import or_study_error, with_interval
from helpers.inference.parametric import Standardisation
from helpers.inference.resampling import Placebo, placebo, placebos
from helpers.study.checks import event_index, require_names
from helpers.study.fit import Fit
from helpers.study.panel import Panel
from helpers.study.windows import Windows

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from helpers.inference.readings import Reading

HEADLINE = {"adjusted_bmp": "kp_p", "corrado": "corrado_p", "placebo": "placebo_p"}


@dataclass(frozen=True, repr=False)
class EventStudy:
    """Result of :func:`helpers.event_study` and of its kin.

    All returns are decimal (0.01 is 1 %). Frames with one row an event are
    indexed by (event_id, symbol): events in the order in which they were given,
    and within each the symbols in the order in which those first came. In a
    volume study "return" means log volume, in a volatility study the size of a
    return. Events with a sign (a column ``sign`` of 1 and -1, or :meth:`signed`)
    have abnormal returns multiplied by it everywhere.

    Examples
    --------
    >>> from helpers import event_study, load_events, load_returns
    >>> events = load_events("NVDA", event_ids="deepseek-v31-domestic-chip-remark")
    >>> study = event_study(load_returns(["NVDA", "^GSPC"]), events, benchmark="^GSPC")
    >>> study
    EventStudy of returns: 1 event (NVDA) on 1 date
      model market on ^GSPC, estimated over sessions -120 to -11
      event window -10 to +10
    >>> study.car(0, 1)["car"].round(4).item()
    -0.0104
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
        )

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
        keys, count = self._index, len(self._index)
        index = pd.MultiIndex(
            levels=[*keys.levels, list(days)],
            codes=[
                *(np.repeat(codes, len(days)) for codes in keys.codes),
                np.tile(np.arange(len(days)), count),
            ],
            names=[*keys.names, "relative_day"],
        )
        columns = parts[0].columns
        return pd.DataFrame(
            values.reshape(-1, len(columns)), index=index, columns=columns
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
            n_groups. Events on one date, on dates whose windows overlap, or of one
            announcement on several exchanges are one group and count as one
            observation: df is the number of groups less one, and with a single
            group the error is NaN.
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

    def caar_path(self, first: int, last: int, *, level: float = 0.95) -> pd.DataFrame:
        """Mean CAR cumulated from `first` to each day up to `last`.

        Returns
        -------
        DataFrame
            Indexed by relative_day, columns as :meth:`caar`, decimal. The longer
            the path, the fewer the groups: dates whose windows overlap by then
            are one.
        """
        days = pd.RangeIndex(first, last + 1, name="relative_day")
        rows = [self.caar(first, int(day), level=level) for day in days]
        table = pd.DataFrame(rows).set_axis(days)
        return table.astype({"n_events": int, "n_dates": int, "n_groups": int})

    def summary(
        self,
        first: int,
        last: int,
        *,
        level: float = 0.95,
        exclude: Iterable[Any] = (),
        draws: int = 2000,
        seed: int = 20250829,
    ) -> pd.DataFrame:
        """Mean CAR over a window with its interval and the headline tests.

        Parameters
        ----------
        first, last : int
            Window, sessions relative to day 0, inclusive.
        level : float
            Coverage of the confidence interval.
        exclude, draws, seed
            Of the placebo dates, as for :meth:`test`.

        Returns
        -------
        DataFrame
            One row: caar, se, ci_low, ci_high, p_value (as :meth:`caar`; a single
            event has the exact error of its CAR), kp_p, corrado_p and placebo_p
            (two-sided p-values of those tests; NaN where one is undefined, for
            the reason that :meth:`test` gives), n_events, n_dates, n_groups. Rows
            of several studies can be stacked with ``pandas.concat``.
        """
        row = self.caar(first, last, level=level)
        if self.n_events == 1:
            own = self.car(first, last, level=level).iloc[0]
            row = own.rename({"car": "caar"}).combine_first(row).rename(row.name)
        table = row.to_frame().T
        tests = self.test(
            first, last, list(HEADLINE), exclude=exclude, draws=draws, seed=seed
        )
        for name, column in HEADLINE.items():
            table[column] = tests.loc[name, "p_value"]
        counts = ["n_events", "n_dates", "n_groups"]
        columns = ["caar", "se", "ci_low", "ci_high", "p_value", *HEADLINE.values()]
        return table[[*columns, *counts]].astype(dict.fromkeys(counts, int))

    def explain(
        self,
        first: int,
        last: int,
        characteristics: pd.DataFrame,
        *,
        level: float = 0.95,
    ) -> pd.DataFrame:
        """Regress the CARs on characteristics of events or shares.

        Parameters
        ----------
        first, last : int
            Window, sessions relative to day 0, inclusive.
        characteristics : DataFrame
            Numbers, one column a characteristic, indexed by event_id, by symbol or
            by both.
        level : float
            Coverage of the confidence interval.

        Returns
        -------
        DataFrame
            Rows const and the characteristics; columns estimate (decimal CAR for
            one unit more), se, t, df, p_value, ci_low, ci_high. Ordinary least
            squares (statsmodels), errors clustered by groups of dates as in
            :meth:`caar`, df the groups less one. ``attrs`` holds n_events,
            n_groups and r_squared.

        Raises
        ------
        StudyError
            If a characteristic is missing for an event or no number, if they
            follow from one another, or if there are fewer than ten groups of
            dates, with which clustered errors are far too small.
        """
        cars = self.car(first, last)["car"]
        groups = overlapping_groups(self.fit, first, last)
        return explained(cars, groups, characteristics, level)

    def select(
        self,
        *,
        event_id: str | Iterable[str] | None = None,
        symbol: str | Iterable[str] | None = None,
    ) -> EventStudy:
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

    def signed(self, sign: Mapping[str, int] | pd.Series) -> EventStudy:
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

    def _with(self, fit: Fit, **changes: Any) -> EventStudy:
        return EventStudy(replace(self.panel, fit=fit, **changes))

    def plot(self, first: int, last: int, *, level: float = 0.95) -> Figure:
        """Draw the path of the mean CAR over a window, with its interval.

        Parameters
        ----------
        first, last : int
            The path, cumulated from `first` to each day up to `last`.
        level : float
            Coverage of the confidence interval.

        Returns
        -------
        Figure
            Of matplotlib. A single event has its own path and exact interval.

        See Also
        --------
        helpers.figures.car_paths : several paths, panels and placebo bands.
        """
        # The one import from a room above, made when a figure is asked for.
        from helpers.figures import car_paths

        if self.n_events == 1:
            path = self.car_path(first, last, level=level).droplevel([0, 1])
        else:
            path = self.caar_path(first, last, level=level)
            path = path.rename(columns={"caar": "car"})
        what = repr(self).partition("\n")[0].removeprefix("EventStudy of ")
        return car_paths({"": path}, title=what, xlabel="Sessions from day 0")

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
        if design.kind == "log":
            held, normal = (np.expm1(each.sum(axis=1)) for each in (observed, expected))
        else:
            held, normal = (
                np.prod(1 + each, axis=1) - 1 for each in (observed, expected)
            )
        columns = {"bhar": held - normal, "buy_and_hold": held, "normal": normal}
        return pd.DataFrame(columns, index=self._index).mul(sign, axis=0)

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
        with or_study_error("No placebo distribution"):
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
        with or_study_error("No placebo distribution"):
            found = placebos(self.fit, spans, draws=draws, seed=seed, exclude=exclude)
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


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"


def _listed(names: Iterable[str], most: int = 4) -> str:
    distinct = list(dict.fromkeys(map(str, names)))
    more = f" and {len(distinct) - most} more" if len(distinct) > most else ""
    return ", ".join(distinct[:most]) + more
