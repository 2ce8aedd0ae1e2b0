"""What an event study found, every figure traceable to its sessions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.errors import StudyError
from helpers.inference.battery import check_random, known_tests, run_tests
from helpers.inference.means import MeanOfEvents
from helpers.inference.outcome import or_study_error
from helpers.inference.resampling import Placebo, placebos
from helpers.study.windows import Window

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from helpers.inference.readings import Reading

HEADLINE = {"adjusted_bmp": "kp_p", "corrado": "corrado_p", "placebo": "placebo_p"}


@dataclass(frozen=True, repr=False)
class EventStudy(MeanOfEvents):
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

    def plot(
        self, first: int, last: int, *, title: str = "", level: float = 0.95
    ) -> Figure:
        """Draw the path of the mean CAR over a window, with its interval.

        Parameters
        ----------
        first, last : int
            The path, cumulated from `first` to each day up to `last`.
        title : str, optional
            Default what was studied.
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
        title = title or repr(self).partition("\n")[0].removeprefix("EventStudy of ")
        return car_paths({"": path}, title=title, xlabel="Sessions from day 0")

    def test(
        self,
        first: int,
        last: int,
        tests: Sequence[str] | None = None,
        *,
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
        known = known_tests(*check_random(draws, seed), exclude)
        return run_tests(self.fit, first, last, tests, known)

    def placebo(
        self,
        first: int,
        last: int,
        *,
        draws: int = 2000,
        seed: int = 20250829,
        exclude: Iterable[Any] = (),
        matched: bool = False,
    ) -> Placebo:
        """Run the study on dates without an event.

        Parameters
        ----------
        first, last : int
            Window, sessions relative to day 0, inclusive.
        draws, seed : int
            One group of dates takes every eligible session once; with several, one
            is drawn for each, `draws` times.
        exclude : dates
            Sessions that no placebo's event window may hold, such as those of other
            events; a date without a session counts as the next one.
        matched : bool
            Keep only the third of the dates whose volatility over the 21 sessions
            before the event window is nearest to the event's own.

        Returns
        -------
        Placebo
            ``statistic`` and ``caar`` of each draw, ``observed``, ``p_value`` and
            the ``days`` drawn. A placebo's whole event window, not only
            [first, last], keeps clear of the study's own and of `exclude`.

        Raises
        ------
        StudyError
            If fewer than 20 dates are eligible, or the model is fitted window by
            window.
        """
        (found,) = self._placebos([(first, last)], draws, seed, exclude, matched)
        return found

    def _placebos(
        self,
        spans: list[Window],
        draws: int,
        seed: int,
        exclude: Iterable[Any],
        matched: bool = False,
    ) -> list[Placebo]:
        self._require_events()
        for span in spans:
            self.windows.within_event(*span)
        chance = check_random(draws, seed)
        with or_study_error("No placebo distribution"):
            return placebos(self.fit, spans, *chance, exclude, matched)

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
        if not 0 < share < 1:
            raise StudyError(f"share must lie between 0 and 1, not {share}.")
        days = pd.RangeIndex(first, last + 1, name="relative_day")
        spans = [(first, int(day)) for day in days]
        found = self._placebos(spans, draws, seed, exclude)
        tail = (1 - share) / 2
        band = [np.quantile(one.caar, [tail, 1 - tail]) for one in found]
        return pd.DataFrame(band, index=days, columns=["low", "high"])
