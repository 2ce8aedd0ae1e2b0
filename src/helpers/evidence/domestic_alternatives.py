"""How markets met DeepSeek's releases and China's own accelerators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from helpers.data.ledger import load_ledger
from helpers.data.prices import load_returns
from helpers.evidence.domestic_news import GROUPS, MODEL_RELEASES, ROADMAP, SETBACK
from helpers.evidence.monday_after_r1 import MondayAfterR1
from helpers.evidence.reactions import BASKETS, Basket, Reactions, basket_returns
from helpers.evidence.wording import window_text
from helpers.inference.event_study import EventStudy, event_study
from helpers.inference.multiple import adjusted
from helpers.inference.power import detectable_effect
from helpers.study.events import event_mask
from helpers.study.windows import Window

SIZE = 0.05
MAIN_WINDOW: Window = (0, 1)
WINDOWS: tuple[Window, ...] = ((0, 1), (-1, 1))
MODELS: Mapping[str, str] = {
    "market": "market model",
    "market_adjusted": "market-adjusted",
}
MASKS: Mapping[bool, str] = {True: "ledger left out", False: "all sessions"}
SETS: tuple[str, ...] = ("all events", "undisturbed events")
HEADLINE = ("adjusted_bmp", "corrado", "placebo", "cluster_bootstrap")
NAIVE = ("cross_sectional", "patell")

BASKET_NAMES = (
    "mainland chip names",
    "mainland tool makers",
    "Hong Kong foundries",
    "Nvidia",
)


@dataclass(frozen=True)
class Choices:
    """What an analyst may change.

    Attributes
    ----------
    groups : mapping of name to event ids
        Kinds of news.
    alone : tuple of event ids
        Further events, read one by one.
    baskets : tuple of str
        Groups of shares, keys of ``helpers.evidence.reactions.BASKETS``.
    estimation : (int, int)
        Estimation window, sessions relative to day 0.
    share, market, sector : str
        The share that met the Monday after R1, and its two benchmarks.
    """

    groups: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: GROUPS)
    alone: tuple[str, ...] = (*MODEL_RELEASES, SETBACK)
    baskets: tuple[str, ...] = BASKET_NAMES
    estimation: Window = (-120, -11)
    share: str = "NVDA"
    market: str = "^GSPC"
    sector: str = "^SOX"


class DomesticAlternatives:
    """The chapter's event studies, each run once when first asked for.

    Parameters
    ----------
    choices : Choices
    returns : mapping of basket name to DataFrame, optional
        Columns of a basket and its benchmark, decimal; by default from the
        bundled data. Firm-by-firm tests always use the bundled data.
    share_returns : DataFrame, optional
        Decimal returns of the share and its two benchmarks.
    ledger : DataFrame, optional
        As ``load_ledger`` gives it; by default the bundled one.
    """

    def __init__(
        self,
        choices: Choices | None = None,
        returns: Mapping[str, pd.DataFrame] | None = None,
        share_returns: pd.DataFrame | None = None,
        ledger: pd.DataFrame | None = None,
    ) -> None:
        self.choices = choices or Choices()
        self.ledger = load_ledger() if ledger is None else ledger
        self._given = dict(returns or {})
        self._share_returns = share_returns

    @cached_property
    def baskets(self) -> dict[str, Basket]:
        """The groups of shares."""
        return {name: BASKETS[name] for name in self.choices.baskets}

    @cached_property
    def returns(self) -> dict[str, pd.DataFrame]:
        """Each basket's return beside its benchmark's."""
        return {
            name: self._given[name] if name in self._given else basket_returns(basket)
            for name, basket in self.baskets.items()
        }

    @cached_property
    def _member_returns(self) -> dict[str, pd.DataFrame]:
        """Each basket's members and benchmark, one column a symbol."""
        return {
            name: load_returns([*basket.symbols, basket.benchmark])
            for name, basket in self.baskets.items()
        }

    @cached_property
    def reactions(self) -> dict[str, Reactions]:
        """Every event of the chapter on each basket, main specification."""
        return {
            name: Reactions(
                basket,
                self.all_events,
                estimation=self.choices.estimation,
                window=(-5, 5),
                returns=self.returns[name],
            )
            for name, basket in self.baskets.items()
        }

    @cached_property
    def _masks(self) -> dict[str, pd.DataFrame]:
        """Sessions of ledger events and results, by firm, of each basket."""
        return {
            name: event_mask(basket.symbols) for name, basket in self.baskets.items()
        }

    def study(
        self,
        basket: str,
        event_ids: tuple[str, ...],
        *,
        model: str = "market",
        mask: bool = True,
        firms: bool = False,
        window: Window = (-1, 1),
    ) -> EventStudy:
        """Events on a basket, or on its members, under one specification."""
        members = self.baskets[basket]
        placed = self.reactions[basket].placed
        events = placed[placed["event_id"].isin(event_ids)].drop_duplicates("day0")
        left_out = self._masks[basket]
        returns = self.returns[basket]
        if firms:
            symbols = list(members.symbols)
            returns = self._member_returns[basket]
            events = events.drop(columns="symbol").merge(
                pd.Series(symbols, name="symbol"), how="cross"
            )
        else:
            left_out = left_out.drop_duplicates("date").assign(symbol=basket)
        return event_study(
            returns,
            events,
            benchmark=members.benchmark,
            model=model,
            estimation=self.choices.estimation,
            window=window,
            mask=left_out if mask else None,
        )

    @cached_property
    def all_events(self) -> tuple[str, ...]:
        """Every event that the chapter draws, in the order of the groups."""
        grouped = [event for ids in self.choices.groups.values() for event in ids]
        return tuple(dict.fromkeys([*grouped, *self.choices.alone]))

    @cached_property
    def by_event(self) -> dict[str, pd.DataFrame]:
        """CAR over [0, +1] of each basket at each event, main specification."""
        return {
            name: found.by_event(*MAIN_WINDOW) for name, found in self.reactions.items()
        }

    @cached_property
    def members(self) -> pd.DataFrame:
        """How many shares of each basket had a price at each event.

        Prices of the mainland end at different dates, so that a basket may come
        down to one share; indexed by event_id, one column a basket.
        """
        counts = {}
        for name, basket in self.baskets.items():
            returns = self._member_returns[name][list(basket.symbols)]
            days = self.by_event[name]["day0"]
            counts[name] = (
                returns.notna().sum(axis=1).reindex(days).set_axis(days.index)
            )
        return pd.DataFrame(counts).reindex(self.all_events)

    def at_event(self, basket: str, event_id: str) -> pd.Series | None:
        """A basket's row for an event, or for the one that shares its day 0."""
        table = self.by_event[basket]
        if event_id in table.index:
            return table.loc[event_id]
        for _, row in table.iterrows():
            if event_id in row["merged"].split(";"):
                return row
        return None

    @cached_property
    def skipped(self) -> pd.DataFrame:
        """Events that could not be studied: basket, event, day 0 and reason."""
        rows = []
        for name, found in self.reactions.items():
            for (event_id, _), row in found.study.skipped.iterrows():
                rows.append(
                    {"basket": name, "event_id": event_id, **row[["day0", "reason"]]}
                )
        return pd.DataFrame(rows, columns=["basket", "event_id", "day0", "reason"])

    def undisturbed(self, basket: str, event_ids: tuple[str, ...]) -> tuple[str, ...]:
        """Those events with no other ledger event in their [0, +1]."""
        table = self.by_event[basket]
        own = set(event_ids)
        kept = []
        for event_id in event_ids:
            row = self.at_event(basket, event_id)
            if row is None:
                continue
            others = {name for name in row["others"].split(";") if name}
            if not others - own and event_id in table.index:
                kept.append(event_id)
        return tuple(kept)

    @cached_property
    def specifications(self) -> pd.DataFrame:
        """Mean CAR of every group and basket under every specification.

        Returns
        -------
        DataFrame
            Indexed by group, basket, events, window, mask, model: car (the
            mean), ci_low, ci_high (clustered by date; NaN with one date),
            placebo_p, n_events.
        """
        rows = []
        for group, event_ids in self.choices.groups.items():
            for basket in self.baskets:
                for name in SETS:
                    chosen = (
                        event_ids
                        if name == SETS[0]
                        else self.undisturbed(basket, event_ids)
                    )
                    if chosen:
                        rows += self._specified(group, basket, name, chosen)
        keys = ["group", "basket", "events", "window", "mask", "model"]
        return pd.DataFrame(rows).set_index(keys).sort_index()

    def _specified(
        self, group: str, basket: str, name: str, event_ids: tuple[str, ...]
    ) -> list[dict[str, object]]:
        rows: list[dict[str, object]] = []
        # The undisturbed are few: they are read under the main choices alone.
        alone = name != SETS[0]
        for mask, mask_label in list(MASKS.items())[: 1 if alone else None]:
            for model, model_label in list(MODELS.items())[: 1 if alone else None]:
                study = self.study(basket, event_ids, model=model, mask=mask)
                for window in WINDOWS:
                    mean = study.caar(*window)
                    rows.append(
                        {
                            "group": group,
                            "basket": basket,
                            "events": name,
                            "window": window_text(*window),
                            "mask": mask_label,
                            "model": model_label,
                            "car": mean["caar"],
                            "ci_low": mean["ci_low"],
                            "ci_high": mean["ci_high"],
                            "placebo_p": study.placebo(*window).p_value,
                            "n_events": int(mean["n_events"]),
                        }
                    )
        return rows

    def specified(self, group: str, basket: str, events: str = SETS[0]) -> pd.DataFrame:
        """The specifications of one group and basket; empty if there is none."""
        table = self.specifications
        if (group, basket, events) not in table.index.droplevel([3, 4, 5]):
            return table.iloc[:0]
        return table.loc[(group, basket, events)]

    def robust_sign(self, group: str, basket: str) -> int:
        """+1 or -1 if the reaction holds under every specification, else 0.

        It must be significant by placebo dates in all of them and by two of KP,
        Corrado and placebo dates in the main one. The undisturbed events alone
        must point the same way, where there are any; they are too few to be
        asked for significance.
        """
        whole = self.specified(group, basket)
        clean = self.specified(group, basket, SETS[1])
        main = self.tests.loc[(group, basket), list(HEADLINE[:3])]
        if (whole["placebo_p"] >= SIZE).any() or (main < SIZE).sum() < 2:
            return 0
        for sign in (1, -1):
            if (sign * whole["car"] > 0).all() and (sign * clean["car"] > 0).all():
                return sign
        return 0

    @cached_property
    def tests(self) -> pd.DataFrame:
        """Headline and naive tests of every group and basket over [0, +1].

        Returns
        -------
        DataFrame
            Indexed by group and basket: car, detectable (decimal), n_events, one
            p-value a test, and placebo p-values adjusted over the whole table
            (Holm; Benjamini and Hochberg). KP and the naive tests run firm by
            firm, the others on the basket.
        """
        rows = {}
        for group, event_ids in self.choices.groups.items():
            for basket in self.baskets:
                found = self.study(basket, event_ids)
                own = found.test(*MAIN_WINDOW, HEADLINE[1:])
                each = self.study(basket, event_ids, firms=True)
                firms = each.test(*MAIN_WINDOW, [HEADLINE[0], *NAIVE])
                cars = found.car(*MAIN_WINDOW)
                error = float((cars["se"] ** 2).sum() ** 0.5 / len(cars))
                row = {
                    "car": float(cars["car"].mean()),
                    "detectable": detectable_effect(error, float(cars["df"].min())),
                    "n_events": len(cars),
                }
                row |= own["p_value"].to_dict() | firms["p_value"].to_dict()
                rows[group, basket] = row
        table = pd.DataFrame.from_dict(rows, orient="index")
        table.index = pd.MultiIndex.from_tuples(table.index, names=["group", "basket"])
        table[["holm", "bh"]] = adjusted(table["placebo"])
        return table

    @cached_property
    def monday(self) -> MondayAfterR1:
        """The share on the Monday after R1."""
        chosen = self.choices
        return MondayAfterR1(
            chosen.share,
            chosen.market,
            chosen.sector,
            estimation=chosen.estimation,
            returns=self._share_returns,
        )

    @cached_property
    def gains_on_roadmap(self) -> dict[str, bool]:
        """Whether each basket gained on the roadmap under every specification.

        That is over both windows, with other events in the estimation window and
        without, by exact t and by placebo dates.
        """
        return {name: self._gained(name, ROADMAP) for name in self.baskets}

    def _gained(self, basket: str, event_id: str) -> bool:
        for mask in MASKS:
            study = self.study(basket, (event_id,), mask=mask)
            for window in WINDOWS:
                row = study.car(*window).iloc[0]
                chance = study.placebo(*window)
                if not (
                    row["car"] > 0 and row["p_value"] < SIZE and chance.p_value < SIZE
                ):
                    return False
        return True
