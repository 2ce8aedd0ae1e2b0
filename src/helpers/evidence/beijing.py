"""Beijing's own measures on Nvidia and on Chinese chip names: the studies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from helpers.data.facts import load_fundamentals
from helpers.data.ledger import load_claims, load_ledger
from helpers.data.nvidia_revenue import load_nvidia_revenue
from helpers.evidence.reactions import BASKETS, Reactions, mean_car, tested_car
from helpers.evidence.supplier_revenue import SUPPLIERS, four_quarters
from helpers.inference.event_study import EventStudy, event_study
from helpers.inference.multiple import adjusted
from helpers.study.windows import Window

SIZE = 0.05
MAIN: Window = (0, 1)
WINDOWS: tuple[Window, ...] = ((0, 0), (0, 1), (-1, 1), (-5, 5))
HEADLINE = ("adjusted_bmp", "corrado", "placebo", "cluster_bootstrap")
NAIVE = ("cross_sectional", "patell", "bmp", "generalized_sign")
MODELS = {"market": "market model", "market_adjusted": "market-adjusted"}
BASES = {"billing": "by billing location", "headquarters": "by headquarters"}
GUIDANCE = "beijing-guidance"
FUNDING = "state-funding"
KINDS = {
    "procurement-guidance": "guidance and bans",
    "probe": "probes",
    "control": "China's own export controls",
    "funding": "funding",
    "relaxation": "approvals",
}


@dataclass(frozen=True)
class Choices:
    """What an analyst may change.

    Attributes
    ----------
    nvidia : str
        Basket that guidance is expected to hurt.
    china : tuple of str
        Baskets that it is expected to help; the first is the main one.
    estimation : (int, int)
        Estimation window, sessions relative to day 0.
    """

    nvidia: str = "Nvidia"
    china: tuple[str, ...] = (
        "mainland chip names",
        "mainland tool makers",
        "Hong Kong foundries",
    )
    estimation: Window = (-120, -11)


class Beijing:
    """The studies of guidance, probes, bans and funding, each run once.

    Parameters
    ----------
    choices : Choices
    returns : mapping of basket name to DataFrame, optional
        Returns in place of the bundled ones, as ``basket_returns`` gives them.
    """

    def __init__(
        self,
        choices: Choices | None = None,
        returns: Mapping[str, pd.DataFrame] | None = None,
    ) -> None:
        self.choices = choices or Choices()
        self.given = dict(returns or {})
        self._whole: dict[str, Reactions] = {}
        self._few: dict[tuple[str, tuple[str, ...]], Reactions] = {}
        self._by_event: dict[str, pd.DataFrame] = {}

    @cached_property
    def measures(self) -> pd.DataFrame:
        """Measures of the Chinese government, as the ledger has them."""
        ledger = load_ledger()
        ours = ledger["actor"] == "chinese-government"
        return ledger[ours & ledger["type"].isin(list(KINDS))]

    @cached_property
    def guidance(self) -> list[str]:
        """Verified events that the claim about Beijing's guidance names."""
        return self._verified(GUIDANCE)

    @cached_property
    def funding(self) -> list[str]:
        """Verified events that the claim about state funding names."""
        return self._verified(FUNDING)

    def named(self, claim: str) -> list[str]:
        """Events that a claim names, in order of announcement."""
        listed = self.measures.loc[list(load_claims().loc[claim, "event_ids"])]
        return list(listed.sort_values("announced_at").index)

    def _verified(self, claim: str) -> list[str]:
        listed = self.measures.loc[self.named(claim), "verification"]
        return list(listed.index[listed == "verified"])

    def ids(self, kind: str) -> list[str]:
        """Verified measures of one kind."""
        table = self.measures
        return list(
            table.index[(table["type"] == kind) & (table["verification"] == "verified")]
        )

    @property
    def baskets(self) -> tuple[str, ...]:
        """Nvidia, then the Chinese baskets."""
        return (self.choices.nvidia, *self.choices.china)

    def everything(self, basket: str) -> Reactions:
        """All measures on one basket."""
        if basket not in self._whole:
            self._whole[basket] = Reactions(
                BASKETS[basket],
                list(self.measures.index),
                estimation=self.choices.estimation,
                returns=self.given.get(basket),
            )
        return self._whole[basket]

    def reactions(self, basket: str, event_ids: list[str]) -> Reactions:
        """Some of the measures on one basket."""
        key = basket, tuple(event_ids)
        if key not in self._few:
            self._few[key] = self.everything(basket).only(event_ids)
        return self._few[key]

    def by_event(self, basket: str) -> pd.DataFrame:
        """CAR over [0, +1] at each measure, see :meth:`Reactions.by_event`."""
        if basket not in self._by_event:
            self._by_event[basket] = self.everything(basket).by_event(*MAIN)
        return self._by_event[basket]

    @cached_property
    def left_out(self) -> pd.DataFrame:
        """Measures that could not be studied: event_id, basket, reason."""
        parts = [
            self.everything(basket).study.skipped.reset_index().assign(basket=basket)
            for basket in self.baskets
        ]
        return pd.concat(parts, ignore_index=True)[["event_id", "basket", "reason"]]

    @cached_property
    def averages(self) -> pd.DataFrame:
        """Mean CAR at the guidance events by basket and window.

        Indexed by (basket, first, last): car, ci_low, ci_high, se, df, n_events,
        headline p-values; ``holm`` and ``bh`` correct KP over all rows.
        """
        rows = {}
        for basket in self.baskets:
            base = self.reactions(basket, self.guidance)
            for window in WINDOWS:
                rows[basket, *window] = tested_car(base.study, *window, HEADLINE)
        table = _indexed(rows, ["basket", "first", "last"])
        table[["holm", "bh"]] = adjusted(table["adjusted_bmp"])
        return table

    @cached_property
    def kinds(self) -> pd.DataFrame:
        """Mean CAR over [0, +1] by basket and kind of measure, verified ones.

        Indexed by (basket, kind): car, ci_low, ci_high, n_events. A kind with one
        date has the exact interval of its one CAR.
        """
        rows = {}
        for basket in self.baskets:
            for kind in KINDS:
                ids = self.ids(kind)
                study = self.reactions(basket, ids).study
                if not study.n_events:
                    continue
                mean = mean_car(study, *MAIN)
                if study.n_events == 1:
                    single = study.car(*MAIN).iloc[0]
                    mean |= single[["ci_low", "ci_high", "se", "df"]].to_dict()
                rows[basket, kind] = mean
        return _indexed(rows, ["basket", "kind"])

    def all_tests(self, basket: str) -> pd.DataFrame:
        """Headline and naive tests of the guidance mean over [0, +1]."""
        return (
            self.reactions(basket, self.guidance).tests(*MAIN).loc[[*HEADLINE, *NAIVE]]
        )

    @cached_property
    def specifications(self) -> pd.DataFrame:
        """The guidance mean under other choices, one row each.

        Columns basket, window, model, mask, events (``all`` or ``undisturbed``: no
        other ledger event of another date inside the window), car, ci_low, ci_high.
        """
        rows = []
        for basket in self.baskets:
            sets = {"all": self.guidance, "undisturbed": self.undisturbed(basket)}
            for events, ids in sets.items():
                if len(ids) < 2:
                    continue
                base = self.reactions(basket, ids)
                for model, label in MODELS.items():
                    for mask in (True, False):
                        found = _study(base, model, mask)
                        for window in ((0, 1), (-1, 1)):
                            rows.append(
                                {
                                    "basket": basket,
                                    "events": events,
                                    "window": window,
                                    "model": label,
                                    "mask": mask,
                                    **mean_car(found, *window),
                                }
                            )
        return pd.DataFrame(rows)

    def undisturbed(self, basket: str) -> list[str]:
        """Guidance events with no other ledger event in [0, +1] there."""
        table = self.by_event(basket)
        own = table[table.index.isin(self.guidance)]
        return list(own.index[own["others"] == ""])

    @cached_property
    def fund(self) -> pd.DataFrame:
        """The funding events on the Chinese baskets.

        Indexed by (basket, mask, first, last): the columns of ``car`` and
        ``placebo``, the p-value of placebo dates. One event is read by its exact
        error, several by the spread over their dates.
        """
        rows = {}
        for basket in self.choices.china:
            base = self.reactions(basket, self.funding)
            for mask in (True, False):
                found = _study(base, "market", mask)
                for window in ((0, 1), (-1, 1)):
                    if found.n_events == 1:
                        row = found.car(*window).iloc[0].to_dict()
                    else:
                        row = found.caar(*window).rename({"caar": "car"}).to_dict()
                    row["placebo"] = found.placebo(*window).p_value
                    rows[basket, mask, *window] = row
        return _indexed(rows, ["basket", "mask", "first", "last"])

    @cached_property
    def funds(self) -> pd.DataFrame:
        """Registered or raised capital of the state funds, million yuan.

        Indexed by name: date, value, verification, note.
        """
        table = load_fundamentals()
        own = table[table["metric"] == "fund_size"].set_index("entity")
        own = own.rename(columns={"period_end": "date"})
        return own[["date", "value", "verification", "note"]].sort_values("date")

    @cached_property
    def china_revenue(self) -> dict[str, pd.DataFrame]:
        """Nvidia's China revenue by quarter, one table for each basis."""
        return {basis: load_nvidia_revenue(basis) for basis in BASES}

    @cached_property
    def china_years(self) -> dict[str, pd.DataFrame]:
        """Nvidia's China revenue by fiscal year, one table for each basis."""
        return {basis: load_nvidia_revenue(basis, period="year") for basis in BASES}

    @cached_property
    def suppliers(self) -> dict[str, pd.DataFrame]:
        """Revenue of domestic suppliers over four quarters."""
        return {name: four_quarters(name) for name in SUPPLIERS}


def _study(base: Reactions, model: str, mask: bool) -> EventStudy:
    """The events of `base` under another model or mask."""
    if model == base.model and mask == base.mask:
        return base.study
    name = base.basket.name
    dates = base.masked_sessions["date"].unique()
    barred = pd.DataFrame({"symbol": name, "date": dates})
    return event_study(
        base.returns,
        base.events,
        benchmark=base.basket.benchmark,
        model=model,
        estimation=base.estimation,
        window=base.window,
        mask=barred if mask else None,
    )


def _indexed(rows: Mapping[Any, Mapping[str, float]], names: list[str]) -> pd.DataFrame:
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index = pd.MultiIndex.from_tuples(list(rows), names=names)
    return table
