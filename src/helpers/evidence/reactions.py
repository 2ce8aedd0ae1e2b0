"""How groups of shares met groups of events: the base of several chapters.

Shares that meet the same news on the same day are not independent. A *basket*
takes that in by construction: its members' equal-weighted return is one series,
each event gives it one abnormal return with an exact error, and the average runs
over dates, not over firms. The same events are also studied firm by firm, for
the tests that correct for the correlation instead (KP, Corrado).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from helpers.data.calendars import sessions
from helpers.data.instruments import instrument
from helpers.data.prices import load_returns
from helpers.errors import StudyError
from helpers.inference.event_study import EventStudy, event_study
from helpers.study.events import event_mask, load_events
from helpers.study.windows import Window


@dataclass(frozen=True)
class Basket:
    """Shares of one market, equally weighted.

    Attributes
    ----------
    name : str
        How it is called in figures and tables.
    symbols : tuple of str
        Members, all of exchanges with the same sessions.
    benchmark : str
        Their market.
    """

    name: str
    symbols: tuple[str, ...]
    benchmark: str

    @property
    def exchange(self) -> str:
        """Market identifier code of the first member."""
        return str(instrument(self.symbols[0])["mic"])


BASKETS: Mapping[str, Basket] = {
    basket.name: basket
    for basket in (
        Basket("Nvidia", ("NVDA",), "^GSPC"),
        Basket("other US designers", ("AMD", "AVGO", "MRVL", "QCOM"), "^GSPC"),
        Basket("US tool makers", ("AMAT", "KLAC", "LRCX"), "^GSPC"),
        Basket("TSMC (New York)", ("TSM",), "^GSPC"),
        Basket(
            "mainland chip names",
            ("688256.SS", "688041.SS", "603019.SS", "688981.SS", "688347.SS"),
            "000300.SS",
        ),
        Basket("mainland tool makers", ("688012.SS", "002371.SZ"), "000300.SS"),
        Basket("Hong Kong foundries", ("0981.HK", "1347.HK"), "^HSI"),
    )
}


def basket_returns(basket: Basket) -> pd.DataFrame:
    """Equal-weighted return of a basket beside its benchmark.

    Returns
    -------
    DataFrame
        Columns ``basket.name`` and ``basket.benchmark``, decimal. The basket's
        return is the mean over the members that have one on that session
        (listings enter when they start, suspensions drop out); NaN where none
        has.
    """
    table = load_returns([*basket.symbols, basket.benchmark])
    out = pd.DataFrame(
        {
            basket.name: table[list(basket.symbols)].mean(axis=1),
            basket.benchmark: table[basket.benchmark],
        }
    )
    holes = table.attrs["holes"].get(basket.benchmark, [])
    out.attrs["holes"] = {basket.name: [], basket.benchmark: holes}
    return out


class Reactions:
    """A list of events on a basket, as one series and firm by firm.

    Parameters
    ----------
    basket : Basket
    event_ids : sequence of str
        Events of the ledger.
    estimation, window : (int, int)
        Sessions relative to day 0, inclusive.
    mask : bool
        Keep the sessions of other ledger events and of results out of the
        estimation window.
    model : str
        Normal-return model of ``event_study``.
    returns : DataFrame, optional
        Columns of the basket and its benchmark; by default :func:`basket_returns`.

    Raises
    ------
    StudyError
        If no event is given.
    """

    def __init__(
        self,
        basket: Basket,
        event_ids: Sequence[str],
        *,
        estimation: Window = (-120, -11),
        window: Window = (-10, 10),
        mask: bool = True,
        model: str = "market",
        returns: pd.DataFrame | None = None,
    ) -> None:
        if not event_ids:
            raise StudyError(f"No event was given for {basket.name}.")
        self.basket = basket
        self.event_ids = tuple(event_ids)
        self.estimation = estimation
        self.window = window
        self.mask = mask
        self.model = model
        self.returns = basket_returns(basket) if returns is None else returns

    def only(self, event_ids: Sequence[str]) -> Reactions:
        """Some of the events, with what is known of the basket shared.

        Raises
        ------
        StudyError
            If an event is not among those of this study, or none is given.
        """
        unknown = sorted(set(event_ids) - set(self.event_ids))
        if unknown:
            raise StudyError(f"{', '.join(unknown)}: not studied for this basket.")
        out = Reactions(
            self.basket,
            event_ids,
            estimation=self.estimation,
            window=self.window,
            mask=self.mask,
            model=self.model,
            returns=self.returns,
        )
        out.placed = self.placed[self.placed["event_id"].isin(event_ids)]
        out.masked_sessions = self.masked_sessions
        return out

    @cached_property
    def placed(self) -> pd.DataFrame:
        """Every event with its day 0 on the basket's exchange."""
        found = load_events(self.basket.symbols[0], event_ids=self.event_ids)
        return found.assign(symbol=self.basket.name)

    @cached_property
    def events(self) -> pd.DataFrame:
        """One event a day 0: those that share one are a single observation.

        The first in order of announcement stands for all; ``merged`` names the
        others, separated by ";".
        """
        same_day = self.placed.groupby("day0")["event_id"]
        merged = same_day.transform(lambda ids: ";".join(ids.iloc[1:]))
        return self.placed.assign(merged=merged).drop_duplicates("day0")

    @cached_property
    def masked_sessions(self) -> pd.DataFrame:
        """Sessions of other ledger events and of results, by member."""
        return event_mask(self.basket.symbols)

    @cached_property
    def study(self) -> EventStudy:
        """The events on the basket's one series."""
        mask = None
        if self.mask:
            # The basket is masked where any of its members is.
            dates = self.masked_sessions["date"].unique()
            mask = pd.DataFrame({"symbol": self.basket.name, "date": dates})
        return event_study(
            self.returns,
            self.events,
            benchmark=self.basket.benchmark,
            model=self.model,
            estimation=self.estimation,
            window=self.window,
            mask=mask,
        )

    @cached_property
    def firms(self) -> EventStudy:
        """The events on each member of the basket."""
        symbols = list(self.basket.symbols)
        return event_study(
            load_returns([*symbols, self.basket.benchmark]),
            load_events(symbols, event_ids=self.events["event_id"].tolist()),
            benchmark=self.basket.benchmark,
            model=self.model,
            estimation=self.estimation,
            window=self.window,
            mask=self.masked_sessions if self.mask else None,
        )

    def by_event(self, first: int, last: int) -> pd.DataFrame:
        """The basket's CAR at each event, in order of day 0.

        Returns
        -------
        DataFrame
            Indexed by event_id: day0, title, type, verification, merged, car, se,
            t, df, p_value, ci_low, ci_high, and ``others``: ids of further ledger
            events whose first session falls in the same window.
        """
        cars = self.study.car(first, last).droplevel("symbol")
        about = self.events.set_index("event_id")
        columns = ["day0", "title", "type", "verification", "merged"]
        table = about[columns].join(cars, how="right")
        table["others"] = [
            self._others(event_id, first, last) for event_id in table.index
        ]
        return table.sort_values("day0", kind="stable")

    @cached_property
    def _ledger_positions(self) -> pd.Series:
        """Position of each ledger event's first session, in order of day 0."""
        placed = load_events(self.basket.symbols[0]).sort_values("day0", kind="stable")
        at = sessions(self.basket.exchange).get_indexer(placed["day0"])
        return pd.Series(at, index=placed["event_id"])

    def _others(self, event_id: str, first: int, last: int) -> str:
        offset = self._ledger_positions - self._ledger_positions[event_id]
        inside = offset.between(first, last) & (offset.index != event_id)
        return ";".join(offset.index[inside])

    def tests(
        self, first: int, last: int, *, draws: int = 2000, firms: bool = False
    ) -> pd.DataFrame:
        """Every test of the mean CAR, on the basket or firm by firm."""
        chosen = self.firms if firms else self.study
        return chosen.test(first, last, draws=draws)


def mean_car(study: EventStudy, first: int, last: int) -> dict[str, float]:
    """Mean CAR of a study with its interval, clustered by date.

    Returns
    -------
    dict
        car, ci_low, ci_high, se (decimal), df and n_events.
    """
    row = study.caar(first, last)
    return {"car": row["caar"], **row[["ci_low", "ci_high", "se", "df", "n_events"]]}


def tested_car(
    study: EventStudy, first: int, last: int, tests: Sequence[str]
) -> dict[str, float]:
    """The same with the p-value of each test, under its name."""
    found = study.test(first, last, list(tests))["p_value"]
    return {**mean_car(study, first, last), **found}
