"""What an event study found, every figure traceable to its sessions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.errors import StudyError
from helpers.inference import parametric
from helpers.inference.battery import check_random, run_tests
from helpers.inference.cross_section import explained
from helpers.inference.groups import overlapping_groups
from helpers.inference.outcome import or_study_error
from helpers.inference.parametric import Standardisation
from helpers.inference.resampling import Placebo, placebo, placebos
from helpers.study.intervals import with_interval
from helpers.study.measured import MeasuredEvents

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from helpers.inference.readings import Reading

HEADLINE = {"adjusted_bmp": "kp_p", "corrado": "corrado_p", "placebo": "placebo_p"}


@dataclass(frozen=True, repr=False)
class EventStudy(MeasuredEvents):
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
        helpers.inference.study_readings.read_study
        """
        from helpers.inference.study_readings import read_study

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
