"""US export controls, 2018 to 2026, on US and Chinese shares: the studies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from helpers.data.ledger import load_ledger
from helpers.evidence.basket_activity import basket_volatility, basket_volume
from helpers.evidence.reactions import BASKETS, Reactions, mean_car, tested_car
from helpers.evidence.signed import expected_signs, signed_events, signed_study
from helpers.evidence.supplier_revenue import SUPPLIERS, four_quarters, growth_after
from helpers.inference.event_study import EventStudy
from helpers.inference.multiple import adjusted
from helpers.study.windows import Window

SIZE = 0.05
WINDOWS: tuple[Window, ...] = ((0, 0), (0, 1), (-1, 1), (-5, 5))
MAIN: Window = (0, 1)
HEADLINE = ("adjusted_bmp", "corrado", "placebo", "cluster_bootstrap")
SHORT = ("adjusted_bmp", "placebo")
NAIVE = ("cross_sectional", "patell", "bmp", "generalized_sign")
READINGS = {"thesis": "cn_thesis", "conventional": "cn_conventional"}
MODELS = {"market": "market model", "market_adjusted": "market-adjusted"}
PATH: Window = (-10, 10)

# Announcements that came in steps, in the order in which the public learnt them.
CHAINS: Mapping[str, tuple[str, ...]] = {
    "Huawei": ("huawei-entity-list", "huawei-fdpr-1", "huawei-fdpr-2"),
    "SMIC": ("smic-export-letter", "smic-entity-list"),
    "A100 and H100": ("nvda-a100-h100-letter", "bis-2022-10-07-rules"),
    "A800 and H800": (
        "wsj-new-ai-chip-curbs",
        "bis-2023-10-17-rules",
        "nvda-8k-immediate-effect",
    ),
    "diffusion rule withdrawn": (
        "ai-diffusion-rescission-report",
        "ai-diffusion-rescission-ascend-guidance",
    ),
    "H20 again": ("h20-resumption", "china-revenue-share-15pct"),
    "H200": (
        "us-mulls-h200",
        "h200-export-decision",
        "bis-h200-case-by-case-rule",
        "h200-ten-firms-cleared",
    ),
}
# The rules and the letter that closed the market to a generation of parts.
MILESTONES = (
    "bis-2022-10-07-rules",
    "bis-2023-10-17-rules",
    "bis-2024-12-02-rules",
    "nvda-h20-licence",
)


@dataclass(frozen=True)
class Choices:
    """What an analyst may change.

    Attributes
    ----------
    us, china : tuple of str
        Names of baskets of :data:`helpers.evidence.reactions.BASKETS`; the first
        of each is studied event by event.
    estimation : (int, int)
        Estimation window, sessions relative to day 0.
    """

    us: tuple[str, ...] = (
        "Nvidia",
        "other US designers",
        "US tool makers",
        "TSMC (New York)",
    )
    china: tuple[str, ...] = (
        "mainland chip names",
        "mainland tool makers",
        "Hong Kong foundries",
    )
    estimation: Window = (-120, -11)


class ExportControls:
    """The studies of controls and relaxations, each run once when asked for.

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
        self._bases: dict[tuple[str, tuple[str, ...]], Reactions] = {}
        self._by_event: dict[str, pd.DataFrame] = {}

    @cached_property
    def pressure(self) -> pd.DataFrame:
        """Controls and relaxations of the US government, as the ledger has them."""
        ledger = load_ledger()
        ours = ledger["actor"] == "us-government"
        return ledger[ours & ledger["type"].isin(["control", "relaxation"])]

    @property
    def baskets(self) -> tuple[str, ...]:
        """Every basket, US ones first."""
        return self.choices.us + self.choices.china

    def ids(self, kind: str | None = None, *, verified: bool = False) -> list[str]:
        """Events of one kind, or of both, in order.

        An event that tightened and loosened at once belongs to neither kind.
        """
        table = self.pressure
        if kind is not None:
            table = table[(table["type"] == kind) & (table["type_second"] == "")]
        if verified:
            table = table[table["verification"] == "verified"]
        return list(table.index)

    def reactions(self, basket: str, event_ids: list[str]) -> Reactions:
        """The events on one basket."""
        key = basket, tuple(event_ids)
        if key not in self._bases:
            self._bases[key] = self.everything(basket).only(event_ids)
        return self._bases[key]

    def everything(self, basket: str) -> Reactions:
        """All controls and relaxations on one basket."""
        if basket not in self._whole:
            self._whole[basket] = Reactions(
                BASKETS[basket],
                self.ids(),
                estimation=self.choices.estimation,
                window=PATH,
                returns=self.given.get(basket),
            )
        return self._whole[basket]

    @cached_property
    def averages(self) -> pd.DataFrame:
        """Mean CAR by basket, kind and window, with KP, Holm and Benjamini-Hochberg.

        Indexed by (basket, kind, first, last): car, ci_low, ci_high, n_events and
        p-values; verified events only, all headline tests for [0, +1] and KP for
        the other windows. ``holm`` and ``bh`` correct KP over all rows.
        """
        rows = {}
        for basket in self.baskets:
            for kind in ("control", "relaxation"):
                base = self.reactions(basket, self.ids(kind, verified=True))
                for window in WINDOWS:
                    tests = HEADLINE if window == MAIN else HEADLINE[:1]
                    rows[basket, kind, *window] = tested_car(base.study, *window, tests)
        names = ["basket", "kind", "first", "last"]
        table = pd.DataFrame.from_dict(rows, orient="index")
        table.index = pd.MultiIndex.from_tuples(rows, names=names)
        table[["holm", "bh"]] = adjusted(table["adjusted_bmp"])
        return table

    def all_tests(self, basket: str, kind: str) -> pd.DataFrame:
        """Every test of one mean over [0, +1]: headline and naive ones."""
        base = self.reactions(basket, self.ids(kind, verified=True))
        return base.tests(*MAIN).loc[[*HEADLINE, *NAIVE]]

    def by_event(self, basket: str) -> pd.DataFrame:
        """CAR over [0, +1] at each event, see :meth:`Reactions.by_event`."""
        if basket not in self._by_event:
            self._by_event[basket] = self.everything(basket).by_event(*MAIN)
        return self._by_event[basket]

    @cached_property
    def left_out(self) -> pd.DataFrame:
        """Events that could not be studied: event_id, basket, reason."""
        parts = [
            self.everything(basket).study.skipped.reset_index().assign(basket=basket)
            for basket in self.baskets
        ]
        return pd.concat(parts, ignore_index=True)[["event_id", "basket", "reason"]]

    def signs(
        self, reading: str, *, differing: bool = True, verified: bool = True,
        leans: bool = False,
    ) -> pd.Series:  # fmt: skip
        """Expected signs for Chinese names under one reading.

        Parameters
        ----------
        reading : {"thesis", "conventional"}
        differing : bool
            Keep the events at which the two readings expect opposite signs.
        verified, leans : bool
        """
        events = self.pressure.loc[self.ids(verified=verified)]
        both = {
            name: expected_signs(events, column, leans=leans)
            for name, column in READINGS.items()
        }
        if differing:
            opposed = both["thesis"] * both["conventional"] < 0
            return both[reading].where(opposed, 0)
        return both[reading]

    @cached_property
    def readings(self) -> pd.DataFrame:
        """Mean of sign x CAR by Chinese basket, reading and set of events.

        Indexed by (basket, reading, events): car, ci_low, ci_high, n_events, the
        headline p-values, ``df`` and ``se``. Events: ``differ`` (verified, the
        readings are opposed), ``all verified`` (whatever has a sign), ``all`` (the
        same, unverified too).
        """
        rows = {}
        sets = {
            "differ": {"differing": True, "verified": True},
            "all verified": {"differing": False, "verified": True},
            "all": {"differing": False, "verified": False},
        }
        for basket in self.choices.china:
            base = self.everything(basket)
            for reading in READINGS:
                for name, chosen in sets.items():
                    found = signed_study(base, self.signs(reading, **chosen))
                    rows[basket, reading, name] = tested_car(found, *MAIN, HEADLINE)
        table = pd.DataFrame.from_dict(rows, orient="index")
        names = ["basket", "reading", "events"]
        table.index = pd.MultiIndex.from_tuples(rows, names=names)
        return table

    @cached_property
    def specifications(self) -> pd.DataFrame:
        """The thesis-signed mean where the readings differ, under other choices.

        One row a specification: basket, events, window, model, mask, car, ci_low,
        ci_high.
        """
        rows = []
        for basket in self.choices.china:
            base = self.everything(basket)
            for events, verified in {"verified": True, "all events": False}.items():
                signs = self.signs("thesis", verified=verified)
                for model, label in MODELS.items():
                    for mask in (True, False):
                        found = signed_study(base, signs, mask=mask, model=model)
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

    @cached_property
    def denied(self) -> pd.DataFrame:
        """Controls on Chinese names, by what they take away.

        ``own supply``: the ledger expects a loss on the usual reading (a listing,
        tools); ``a rival's part``: it expects or leans to a gain (a foreign chip may
        no longer be sold). Indexed by (basket, denied): car, ci_low, ci_high,
        n_events and headline p-values, verified events.
        """
        events = self.pressure.loc[self.ids("control", verified=True)]
        signs = expected_signs(events, "cn_conventional", leans=True)
        sets = {"own supply": signs[signs < 0], "a rival's part": signs[signs > 0]}
        rows = {}
        for basket in self.choices.china:
            for name, chosen in sets.items():
                base = self.reactions(basket, list(chosen.index))
                rows[basket, name] = tested_car(base.study, *MAIN, HEADLINE)
        table = pd.DataFrame.from_dict(rows, orient="index")
        table.index = pd.MultiIndex.from_tuples(rows, names=["basket", "denied"])
        return table

    def conventional_study(self, basket: str) -> EventStudy:
        """Verified events signed as usually read: controls hurt, relaxations help."""
        column = "nvda_thesis" if basket in self.choices.us else "cn_conventional"
        events = self.pressure.loc[self.ids(verified=True)]
        signs = expected_signs(events, column, leans=False)
        return signed_study(self.everything(basket), signs)

    def path(self, basket: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Mean of sign x CAR from session -10 on, and where placebo dates lie."""
        found = self.conventional_study(basket)
        path, band = {}, {}
        for day in range(PATH[0], PATH[1] + 1):
            path[day] = mean_car(found, PATH[0], day)
            chance = found.placebo(PATH[0], day).caar
            low, high = np.quantile(chance, [0.025, 0.975])
            band[day] = {"low": low, "high": high}
        return (
            pd.DataFrame.from_dict(path, orient="index"),
            pd.DataFrame.from_dict(band, orient="index"),
        )

    @cached_property
    def paths(self) -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
        """The path of the first US and of the first Chinese basket."""
        chosen = self.choices.us[0], self.choices.china[0]
        return {basket: self.path(basket) for basket in chosen}

    @cached_property
    def before_and_after(self) -> pd.DataFrame:
        """Signed mean in the sessions before the news and from it on, by basket."""
        rows = {}
        for basket in self.paths:
            found = self.conventional_study(basket)
            for window in ((-5, -1), MAIN):
                rows[basket, *window] = tested_car(found, *window, SHORT)
        table = pd.DataFrame.from_dict(rows, orient="index")
        table.index = pd.MultiIndex.from_tuples(rows, names=["basket", "first", "last"])
        return table

    def steps(self, basket: str) -> pd.DataFrame:
        """CAR over [0, +1] at each step of an announcement that came in several.

        Indexed by event_id: chain, step (1 for the first word), then the columns of
        :meth:`by_event`. Steps that could not be studied have no row.
        """
        table = self.by_event(basket)
        rows = [
            {"event_id": event_id, "chain": chain, "step": number}
            for chain, ids in CHAINS.items()
            for number, event_id in enumerate(ids, start=1)
        ]
        return pd.DataFrame(rows).set_index("event_id").join(table, how="inner")

    @cached_property
    def activity(self) -> pd.DataFrame:
        """Abnormal volume and volatility on day 0 of verified events, by basket.

        Indexed by (measure, basket): car, ci_low, ci_high, n_events and the p-values
        of Corrado's rank test and of placebo dates. Volume: log volume of the
        members beyond the mean of the estimation window. Volatility: size of the
        basket's abnormal return beyond its mean size, decimal.
        """
        rows = {}
        ids = self.ids(verified=True)
        for basket in self.baskets:
            base = self.reactions(basket, ids)
            studies = {
                "volume": basket_volume(base),
                "volatility": basket_volatility(base),
            }
            for measure, found in studies.items():
                tests = ("corrado", "placebo")
                rows[measure, basket] = tested_car(found, 0, 0, tests)
        table = pd.DataFrame.from_dict(rows, orient="index")
        table.index = pd.MultiIndex.from_tuples(rows, names=["measure", "basket"])
        return table

    @cached_property
    def revenue(self) -> dict[str, pd.DataFrame]:
        """Revenue over four quarters by supplier, see ``four_quarters``."""
        return {name: four_quarters(name) for name in SUPPLIERS}

    @cached_property
    def milestones(self) -> pd.Series:
        """Day of each milestone, by event_id, in Washington."""
        table = load_ledger().loc[list(MILESTONES)]
        local = [
            at.tz_convert(zone).tz_localize(None).normalize()
            for at, zone in zip(table["announced_at"], table["timezone"], strict=True)
        ]
        return pd.Series(local, index=table.index)

    @cached_property
    def growth(self) -> pd.DataFrame:
        """Suppliers' growth after each milestone, see ``growth_after``."""
        rows = [
            {"event_id": event, "supplier": name, **growth_after(table, date)}
            for event, date in self.milestones.items()
            for name, table in self.revenue.items()
        ]
        return pd.DataFrame(rows).set_index(["event_id", "supplier"])

    def conflicting(self, basket: str) -> list[str]:
        """Events left out of the readings since one session has both signs."""
        found = signed_events(self.everything(basket), self.signs("thesis"))
        return list(found.attrs["conflicting"])
