"""Who is exposed: groups of shares, end markets, leads and common factors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from helpers.data.ledger import load_ledger
from helpers.data.prices import load_returns
from helpers.evidence.parallel_ecosystems import (
    TO_US,
    US_DESIGNERS,
    ParallelEcosystems,
)
from helpers.evidence.reactions import BASKETS, Basket, Reactions
from helpers.inference.comovement import net_of_market, pair_by_clock
from helpers.inference.factors import (
    Components,
    equal_means,
    lead_lag,
    principal_components,
)
from helpers.inference.multiple import adjusted
from helpers.inference.power import detectable_effect
from helpers.study.windows import Window

CONTROLS, PUSHBACK = "US controls", "Chinese pushback"
MAIN = (0, 1)
WINDOWS = ((0, 0), (0, 1), (-1, 1), (-5, 5))
MARKET = "^GSPC"
HEADLINE = {
    "adjusted_bmp": "KP",
    "corrado": "Corrado",
    "placebo": "placebo",
    "cluster_bootstrap": "bootstrap",
    "cross_sectional": "naive t",
    "patell": "naive Patell",
}
KOREA = Basket("Korean memory", ("000660.KS", "005930.KS"), MARKET)


def _group(name: str, *symbols: str) -> Basket:
    return Basket(name, symbols, MARKET)


EXPOSED = (
    _group("Nvidia", "NVDA"),
    _group("other chip designers", "AMD", "AVGO", "MRVL", "QCOM"),
    _group("chip tool makers", "AMAT", "KLAC", "LRCX"),
    _group("Intel", "INTC"),
    _group("Micron (memory)", "MU"),
    _group("Texas Instruments (analog)", "TXN"),
)
OTHERS = (
    _group("server makers", "ANET", "DELL", "SMCI"),
    _group("platforms", "AAPL", "AMZN", "GOOGL", "META", "MSFT", "ORCL"),
    _group("TSMC (New York)", "TSM"),
    _group("ASML (New York)", "ASML"),
)
END_MARKETS = (
    _group("data centres", "NVDA", "AMD", "AVGO", "MRVL", "ANET", "DELL", "SMCI"),
    _group("analog chips (cars, industry)", "TXN"),
    _group("phones and PCs", "QCOM", "INTC", "AAPL"),
)


@dataclass(frozen=True)
class Choices:
    """What an analyst may change.

    Attributes
    ----------
    exposed : tuple of Basket
        US groups that sell chips or chip tools: the verdict is read from them.
    others : tuple of Basket
        Groups shown beside them.
    end_markets : tuple of Basket
    """

    exposed: tuple[Basket, ...] = EXPOSED
    others: tuple[Basket, ...] = OTHERS
    end_markets: tuple[Basket, ...] = END_MARKETS
    comovement: ParallelEcosystems | None = field(default=None, compare=False)


class GlobalSemiconductors:
    """The chapter's studies, each run once when first asked for.

    Parameters
    ----------
    choices : Choices
    returns : DataFrame, optional
        Decimal returns of all symbols; by default from the bundled data.
    """

    def __init__(
        self, choices: Choices | None = None, returns: pd.DataFrame | None = None
    ) -> None:
        self.choices = choices or Choices()
        if returns is None:
            parallel = ParallelEcosystems().returns.columns
            groups = (*self.groups.values(), *self.choices.end_markets, KOREA)
            wanted = [symbol for group in groups for symbol in group.symbols]
            returns = load_returns(list(dict.fromkeys([*parallel, *wanted, MARKET])))
        self.returns = returns
        self._reactions: dict[tuple[str, str, bool, str], Reactions] = {}
        self._placed: dict[str, pd.DataFrame] = {}
        self._masked: dict[str, pd.DataFrame] = {}

    @property
    def groups(self) -> dict[str, Basket]:
        """All groups by name, the exposed ones first."""
        return {g.name: g for g in (*self.choices.exposed, *self.choices.others)}

    @cached_property
    def events(self) -> dict[str, list[str]]:
        """Verified events of the ledger of either kind."""
        return self.listed(verified=True)

    def listed(self, *, verified: bool) -> dict[str, list[str]]:
        """Events of the ledger of either kind, or the verified ones among them."""
        ledger = load_ledger()
        if verified:
            ledger = ledger[ledger["verification"] == "verified"]
        controls = (ledger["type"] == "control") & (ledger["actor"] == "us-government")
        pushback = ledger["type"] == "procurement-guidance"
        return {
            CONTROLS: ledger.index[controls].tolist(),
            PUSHBACK: ledger.index[pushback].tolist(),
        }

    @cached_property
    def comovement(self) -> ParallelEcosystems:
        """The co-movement of US and Chinese baskets."""
        return self.choices.comovement or ParallelEcosystems(returns=self.returns)

    def reactions(
        self, group: Basket, kind: str, *, mask: bool = True, model: str = "market"
    ) -> Reactions:
        """A group's reactions to one kind of event."""
        key = (group.name, kind, mask, model)
        if key not in self._reactions:
            members = self.returns[list(group.symbols)]
            table = pd.DataFrame(
                {group.name: members.mean(axis=1), MARKET: self.returns[MARKET]}
            )
            holes = self.returns.attrs["holes"].get(MARKET, [])
            table.attrs["holes"] = {group.name: [], MARKET: holes}
            found = Reactions(
                group, self.events[kind], mask=mask, model=model, returns=table
            )
            # All groups trade in New York, so day 0 is the same for each; and what
            # is masked hangs on the members alone. Both take time to find.
            if kind not in self._placed:
                self._placed[kind] = found.placed
            found.placed = self._placed[kind].assign(symbol=group.name)
            if group.name not in self._masked:
                self._masked[group.name] = found.masked_sessions
            found.masked_sessions = self._masked[group.name]
            self._reactions[key] = found
        return self._reactions[key]

    @cached_property
    def table(self) -> pd.DataFrame:
        """Mean CAR over [0, +1] by group and kind.

        Returns
        -------
        DataFrame
            Indexed by kind and group: car, ci_low, ci_high, se, dates,
            detectable, the p-values of :data:`HEADLINE`, and ``holm`` and ``bh``
            of KP over all rows.
        """
        rows = {}
        for kind in self.events:
            for name, group in self.groups.items():
                found = self.reactions(group, kind)
                mean = found.study.caar(*MAIN)
                tests = found.study.test(*MAIN, list(HEADLINE), draws=500)["p_value"]
                rows[kind, name] = {
                    "car": mean["caar"],
                    "ci_low": mean["ci_low"],
                    "ci_high": mean["ci_high"],
                    "se": mean["se"],
                    "dates": int(mean["n_dates"]),
                    "detectable": detectable_effect(mean["se"], mean["df"]),
                    **{label: tests[test] for test, label in HEADLINE.items()},
                }
        table = pd.DataFrame.from_dict(rows, orient="index")
        table.index.names = ["kind", "group"]
        table[["holm", "bh"]] = adjusted(table["KP"])
        return table

    @cached_property
    def specifications(self) -> pd.DataFrame:
        """Mean CAR of the exposed groups under every choice.

        Returns
        -------
        DataFrame
            Indexed by kind, group, window, mask, model: car, ci_low, ci_high.
        """
        rows = {}
        for kind in self.events:
            for group in self.choices.exposed:
                for mask in (True, False):
                    for model in ("market", "market_adjusted"):
                        found = self.reactions(group, kind, mask=mask, model=model)
                        for window in WINDOWS:
                            mean = found.study.caar(*window)
                            key = (kind, group.name, window, mask, model)
                            rows[key] = {
                                "car": mean["caar"],
                                "ci_low": mean["ci_low"],
                                "ci_high": mean["ci_high"],
                            }
        names = ["kind", "group", "window", "mask", "model"]
        index = pd.MultiIndex.from_tuples(rows, names=names)
        return pd.DataFrame(list(rows.values()), index=index)

    def loses(self, name: str, kind: str) -> bool:
        """Whether a group's loss counts, by the criteria of the chapter."""
        row = self.table.loc[(kind, name)]
        means = self.specifications["car"].xs((kind, name), level=("kind", "group"))
        short = means[means.index.get_level_values("window").isin([(0, 1), (-1, 1)])]
        clear = row["KP"] < 0.05 and row["placebo"] < 0.05
        return bool(row["car"] < 0 and clear and (short < 0).all())

    def _cars(self, group: Basket, kind: str, window: Window = MAIN) -> pd.Series:
        """CAR over a window by event in order of day 0."""
        found = self.reactions(group, kind)
        cars = found.study.car(*window)["car"].droplevel("symbol")
        order = found.events.set_index("event_id")["day0"].sort_values().index
        return cars.reindex([event for event in order if event in cars.index])

    @cached_property
    def by_event(self) -> dict[str, pd.DataFrame]:
        """CAR over [0, +1] of each group at each event, by kind."""
        return {
            kind: pd.DataFrame(
                {name: self._cars(group, kind) for name, group in self.groups.items()}
            )
            for kind in self.events
        }

    @cached_property
    def end_markets(self) -> pd.DataFrame:
        """Mean CAR by end market and kind, with the test that all are equal.

        Indexed by kind: one column an end market, ``T squared`` and ``p_value``,
        all over [0, +1], and ``p_value, wide`` of the same test over [-1, +1].
        """
        rows = {}
        for kind in self.events:
            cars, wide = (
                pd.DataFrame(
                    {
                        group.name: self._cars(group, kind, window)
                        for group in self.choices.end_markets
                    }
                ).dropna()
                for window in (MAIN, (-1, 1))
            )
            squared, p_value = equal_means(cars)
            rows[kind] = {
                **cars.mean().to_dict(),
                "T squared": squared,
                "p_value": p_value,
                "p_value, wide": equal_means(wide)[1],
            }
        return pd.DataFrame.from_dict(rows, orient="index")

    @cached_property
    def leads(self) -> pd.DataFrame:
        """Leads and lags between New York and Asia, each net of its market.

        Returns
        -------
        DataFrame
            Indexed by link and term: coefficient, ci_low, ci_high, p_value.
        """
        base = self.comovement
        american = base.net(US_DESIGNERS)
        tables = {}
        asian = (*base.choices.chinese, base.choices.chinese_tools)
        for basket in asian:
            pairs = pair_by_clock(american, base.net(basket), leader_first=False)
            tables[f"New York to {basket.name}"] = lead_lag(pairs)
        tables["New York to Korean memory"] = lead_lag(
            pair_by_clock(american, self.korea, leader_first=False)
        )
        for basket in base.choices.chinese:
            pairs = base.pairs(basket.name, direction=TO_US)
            tables[f"{basket.name} to New York"] = lead_lag(pairs)
        return pd.concat(tables, names=["link", "term"])

    @cached_property
    def korea(self) -> pd.Series:
        """Korean memory net of what the S&P 500 did before its session.

        No Korean index is in the data, so the market is New York's.
        """
        own = self.returns[list(KOREA.symbols)].mean(axis=1)
        pairs = pair_by_clock(self.returns[MARKET], own, leader_first=False)
        return net_of_market(pairs["follower"], pairs["leader"])

    @cached_property
    def panel(self) -> pd.DataFrame:
        """Groups of both sides on mainland sessions, New York's before each."""
        base = self.comovement
        chinese = pd.DataFrame(
            {
                b.name: base.net(b)
                for b in (*base.choices.chinese, base.choices.chinese_tools)
            }
        ).dropna()
        clock = chinese.iloc[:, 0]
        american = {}
        for group in (US_DESIGNERS, BASKETS["US tool makers"], *self._wider):
            series = base.net(group)
            paired = pair_by_clock(series, clock, leader_first=False)
            american[group.name] = paired["leader"]
        return pd.DataFrame(american).join(chinese, how="inner").dropna()

    @property
    def _wider(self) -> tuple[Basket, ...]:
        names = ("Micron (memory)", "Texas Instruments (analog)", "server makers")
        chosen = [self.groups[name] for name in names if name in self.groups]
        return (*chosen, self.groups["TSMC (New York)"])

    @cached_property
    def factors(self) -> Components:
        """The first two factors of the panel."""
        return principal_components(self.panel)

    @cached_property
    def factors_around(self) -> Mapping[str, Components]:
        """The same before and from the rule of October 2022 on."""
        split = next(iter(self.comovement.splits.values()))
        return {
            "before": principal_components(self.panel[: split - pd.Timedelta(days=1)]),
            "after": principal_components(self.panel[split:]),
        }

    def chinese_on_first(self, components: Components) -> float:
        """Mean loading of the Chinese groups on the first factor, in size."""
        chinese = [b.name for b in self.comovement.choices.chinese]
        chinese.append(self.comovement.choices.chinese_tools.name)
        return float(components.loadings.loc[chinese, "factor 1"].abs().mean())
