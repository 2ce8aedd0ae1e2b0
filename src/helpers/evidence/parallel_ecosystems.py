"""Do US and Chinese chip shares drift apart? The measures behind the answer.

Every return is taken net of its own market first and paired by the clock: a
session in China with what New York earned since the session before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from helpers.data.prices import load_returns
from helpers.errors import StudyError
from helpers.evidence.reactions import BASKETS, Basket
from helpers.inference.breaks import Break, cusum, find_break, find_breaks
from helpers.inference.comovement import (
    ConditionalCorrelation,
    conditional_correlation,
    correlation_change,
    net_of_market,
    pair_by_clock,
    standardised,
)
from helpers.inference.connectedness import (
    Connectedness,
    connectedness,
    received_change,
    rolling_connectedness,
)
from helpers.inference.multiple import adjusted
from helpers.study.events import load_events

TRAILING, WHOLE, LEFT_IN = "trailing betas", "one beta", "market left in"
NEXT, WEEK = "next session", "weeks"
PLAIN, SCALED = "plain", "over GARCH volatility"
TO_CHINA, TO_US = "New York to China", "China to New York"
ROLLING = 250
# Fewer members than this make a basket another thing.
LEAST_MEMBERS = 3


US_DESIGNERS = Basket(
    "US chip designers", ("NVDA", "AMD", "AVGO", "MRVL", "QCOM"), "^GSPC"
)


@dataclass(frozen=True)
class Choices:
    """What an analyst may change.

    Attributes
    ----------
    us, us_tools : Basket
    chinese : tuple of Basket
        Each held against `us`; the first members that trade make its return.
    chinese_tools : Basket
    splits : tuple of str
        Events of the ledger at which before and after are compared; the first
        one is the main one.
    publication : str
        First day after the article, the last split.
    window : int
        Sessions of the trailing market model.
    """

    us: Basket = US_DESIGNERS
    us_tools: Basket = BASKETS["US tool makers"]
    chinese: tuple[Basket, ...] = (
        BASKETS["mainland chip names"],
        BASKETS["Hong Kong foundries"],
    )
    chinese_tools: Basket = BASKETS["mainland tool makers"]
    splits: tuple[str, ...] = ("bis-2022-10-07-rules", "bis-2023-10-17-rules")
    publication: str = "2025-09-29"
    window: int = 120


class ParallelEcosystems:
    """The chapter's measures, each computed once when first asked for.

    Parameters
    ----------
    choices : Choices
    returns : DataFrame, optional
        Decimal returns, sessions x symbols; by default from the bundled data.
    """

    def __init__(
        self, choices: Choices | None = None, returns: pd.DataFrame | None = None
    ) -> None:
        self.choices = choices or Choices()
        if returns is None:
            chosen = self.choices
            western = (chosen.us, chosen.us_tools)
            baskets = (*western, *chosen.chinese, chosen.chinese_tools)
            wanted = [s for b in baskets for s in (*b.symbols, b.benchmark)]
            returns = load_returns(list(dict.fromkeys(wanted)))
        self.returns = returns
        self._pairs: dict[tuple[str, str, str], pd.DataFrame] = {}
        self._net: dict[tuple[str, str], pd.Series] = {}
        self._scaled: dict[tuple[str, str, str], pd.DataFrame] = {}

    @cached_property
    def baskets(self) -> dict[str, Basket]:
        """The Chinese baskets by name."""
        return {basket.name: basket for basket in self.choices.chinese}

    @cached_property
    def splits(self) -> dict[str, pd.Timestamp]:
        """First Chinese session of each split, by its event or ``publication``."""
        chosen = self.choices
        symbol = chosen.chinese[0].symbols[0]
        placed = load_events(symbol, event_ids=list(chosen.splits))
        days = placed.set_index("event_id")["day0"]
        dates = {event: days[event] for event in chosen.splits}
        return {**dates, "publication": pd.Timestamp(chosen.publication)}

    def net(self, basket: Basket, model: str = TRAILING) -> pd.Series:
        """A basket's equal-weighted return net of its own market.

        Parameters
        ----------
        basket : Basket
        model : {"trailing betas", "one beta", "market left in"}
        """
        key = (basket.name, model)
        if key not in self._net:
            members = self.returns[list(basket.symbols)]
            enough = members.notna().sum(axis=1) >= min(LEAST_MEMBERS, members.shape[1])
            series = members.mean(axis=1).where(enough)
            market = self.returns[basket.benchmark]
            if model == LEFT_IN:
                found = series.dropna()
            else:
                window = self.choices.window if model == TRAILING else None
                found = net_of_market(series, market, window=window)
            self._net[key] = found
        return self._net[key]

    def pairs(
        self, name: str, model: str = TRAILING, direction: str = TO_CHINA
    ) -> pd.DataFrame:
        """Columns leader and follower by session of the follower."""
        key = (name, model, direction)
        if key not in self._pairs:
            american = self.net(self.choices.us, model)
            chinese = self.net(self.baskets[name], model)
            if direction == TO_CHINA:
                found = pair_by_clock(american, chinese, leader_first=False)
            else:
                found = pair_by_clock(chinese, american, leader_first=True)
            self._pairs[key] = found
        return self._pairs[key]

    def weeks(self, name: str, model: str = TRAILING) -> pd.DataFrame:
        """The pairs added up by calendar week, for news that takes its time."""
        return self.pairs(name, model).resample("W-FRI").sum(min_count=1).dropna()

    def scaled(
        self, name: str, model: str = TRAILING, direction: str = TO_CHINA
    ) -> pd.DataFrame:
        """The pairs over their GARCH volatility."""
        key = (name, model, direction)
        if key not in self._scaled:
            self._scaled[key] = self.pairs(name, model, direction).apply(standardised)
        return self._scaled[key]

    def rolling(self, name: str) -> pd.Series:
        """Correlation over the last 250 pairs."""
        pairs = self.pairs(name)
        return pairs["leader"].rolling(ROLLING).corr(pairs["follower"]).dropna()

    @cached_property
    def conditional(self) -> dict[str, ConditionalCorrelation]:
        """DCC by Chinese basket."""
        return {
            name: conditional_correlation(self.scaled(name)) for name in self.baskets
        }

    @cached_property
    def changes(self) -> pd.DataFrame:
        """Change of the correlation at each split under every choice.

        Returns
        -------
        DataFrame
            Indexed by basket, split, frequency, model, scale: the fields of
            ``CorrelationChange``. What has too few pairs is left out and named
            in ``attrs["skipped"]``.
        """
        rows: dict[tuple[str, ...], dict[str, float]] = {}
        skipped: dict[tuple[str, ...], str] = {}
        for name in self.baskets:
            for model in (TRAILING, WHOLE, LEFT_IN):
                tables: Mapping[tuple[str, str], tuple[pd.DataFrame, int]] = {
                    (NEXT, PLAIN): (self.pairs(name, model), 10),
                    (NEXT, SCALED): (self.scaled(name, model), 10),
                    (WEEK, PLAIN): (self.weeks(name, model), 4),
                }
                for (frequency, scale), (table, block) in tables.items():
                    for split, date in self.splits.items():
                        key = (name, split, frequency, model, scale)
                        try:
                            found = correlation_change(
                                table, date, block=block, draws=500
                            )
                        except StudyError as error:
                            skipped[key] = str(error)
                        else:
                            rows[key] = vars(found)
        names = ["basket", "split", "frequency", "model", "scale"]
        index = pd.MultiIndex.from_tuples(rows, names=names)
        table = pd.DataFrame(list(rows.values()), index=index)
        table.attrs["skipped"] = skipped
        return table

    @cached_property
    def net_changes(self) -> pd.DataFrame:
        """The rows of :attr:`changes` that are net of the markets, p adjusted.

        Adds ``holm`` and ``bh``: p-values for as many looks as there are rows.
        """
        table = self.changes
        table = table[table.index.get_level_values("model") != LEFT_IN].copy()
        table[["holm", "bh"]] = adjusted(table["p_value"])
        return table

    def main_change(self, name: str) -> pd.Series:
        """The change of the main specification: first split, next session."""
        key = (name, self.choices.splits[0], NEXT, TRAILING, PLAIN)
        return self.net_changes.loc[key]

    def products(self, name: str, direction: str = TO_CHINA) -> pd.Series:
        """Products of the scaled pairs, whose mean is the correlation."""
        scaled = self.scaled(name, direction=direction)
        scaled = (scaled - scaled.mean()) / scaled.std(ddof=0)
        return scaled["leader"] * scaled["follower"]

    @cached_property
    def breaks(self) -> dict[tuple[str, str], Break]:
        """Most likely change of the correlation by basket and direction."""
        return {
            (name, direction): find_break(self.products(name, direction))
            for name in self.baskets
            for direction in (TO_CHINA, TO_US)
        }

    @cached_property
    def slope_breaks(self) -> dict[str, Break]:
        """Most likely change of what China passes on of a move in New York."""
        found = {}
        for name in self.baskets:
            pairs = self.pairs(name) - self.pairs(name).mean()
            found[name] = find_break(pairs["follower"], pairs["leader"])
        return found

    @cached_property
    def all_breaks(self) -> dict[tuple[str, str], list[Break]]:
        """Changes that the bootstrap finds one after another."""
        return {
            (name, direction): find_breaks(self.products(name, direction))
            for name, direction in self.breaks
        }

    @cached_property
    def break_table(self) -> pd.DataFrame:
        """Every break test, one a row."""
        rows = {}
        for (name, direction), found in self.breaks.items():
            _, p_cusum = cusum(self.products(name, direction))
            rows[name, direction, "correlation"] = {**_shown(found), "p CUSUM": p_cusum}
        for name, found in self.slope_breaks.items():
            rows[name, TO_CHINA, "slope"] = _shown(found)
        names = ["basket", "direction", "of"]
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis(names)

    @cached_property
    def panel(self) -> pd.DataFrame:
        """All series on mainland sessions, New York's added up before each."""
        chosen = self.choices
        baskets = (*chosen.chinese, chosen.chinese_tools)
        series = {basket.name: self.net(basket) for basket in baskets}
        chinese = pd.concat(series, axis=1, sort=True).dropna()
        clock = chinese.iloc[:, 0]
        american = {
            b.name: pair_by_clock(self.net(b), clock, leader_first=False)["leader"]
            for b in (chosen.us, chosen.us_tools)
        }
        return pd.DataFrame(american).join(chinese, how="inner").dropna()

    @cached_property
    def sides(self) -> tuple[list[str], list[str]]:
        """Columns of :attr:`panel`: the American ones and the Chinese ones."""
        columns = list(self.panel.columns)
        return columns[:2], columns[2:]

    @cached_property
    def connected(self) -> Connectedness:
        """Connectedness over the whole panel."""
        return connectedness(self.panel)

    @cached_property
    def connected_over_time(self) -> pd.DataFrame:
        """What Chinese shares receive from American ones and give to them."""
        american, chinese = self.sides
        return rolling_connectedness(self.panel, chinese, american, window=ROLLING)

    @cached_property
    def connected_by_chance(self) -> float:
        """What China receives in 95 % of windows whose dates were shifted apart.

        Each side keeps its own links and volatility clusters; only what ties one
        side's dates to the other's is lost.
        """
        american, chinese = self.sides
        rows = len(self.panel)
        received = []
        for shift in range(ROLLING, rows - ROLLING, 20):
            apart = self.panel.copy()
            apart[american] = np.roll(apart[american].to_numpy(), shift, axis=0)
            for end in range(rows, ROLLING - 1, -ROLLING):
                part = connectedness(apart.iloc[end - ROLLING : end])
                received.append(part.received(chinese, american))
        return float(np.quantile(received, 0.95))

    @cached_property
    def connected_changes(self) -> pd.DataFrame:
        """Change of the connectedness of the two sides at each split."""
        american, chinese = self.sides
        return pd.DataFrame(
            {
                split: received_change(self.panel, date, chinese, american, draws=200)
                for split, date in self.splits.items()
                if split != "publication"
            }
        ).T


def _shown(found: Break) -> dict[str, object]:
    return {
        "date": found.date,
        "date_low": found.date_low,
        "date_high": found.date_high,
        "before": found.before,
        "after": found.after,
        "sup_wald": found.statistic,
        "p_bootstrap": found.p_bootstrap,
        "p_asymptotic": found.p_asymptotic,
    }
