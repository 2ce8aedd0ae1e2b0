"""What the effort has drawn: listings, revenue and market values."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd

from helpers.data.facts import load_fundamentals
from helpers.data.listings import load_listings
from helpers.data.prices import load_returns
from helpers.evidence.reactions import BASKETS, basket_returns
from helpers.study.events import load_events

FIRMS = ("Cambricon", "Hygon", "SMIC", "Hua Hong")
PEERS = ("Nvidia",)
BROAD, GROWTH_BOARD = "000300.SS", "000688.SS"
BASKET = "mainland chip names"
# First sessions in Shanghai after the two chip rules.
STARTS = ("bis-2022-10-07-rules", "bis-2023-10-17-rules")
HAC_LAGS = 5
GROWTH = 0.2


class Ecosystem:
    """Listings, revenue growth and market prices of domestic chip firms.

    Parameters
    ----------
    fundamentals : DataFrame, optional
        As ``load_fundamentals`` gives it; by default the bundled data.
    returns : DataFrame, optional
        Decimal returns of the basket, its broad market and the growth board;
        by default from the bundled data.
    listings : DataFrame, optional
        As ``load_listings`` gives it; by default the bundled data.
    """

    def __init__(
        self,
        fundamentals: pd.DataFrame | None = None,
        returns: pd.DataFrame | None = None,
        listings: pd.DataFrame | None = None,
    ) -> None:
        if fundamentals is None:
            fundamentals = load_fundamentals()
        self.fundamentals = fundamentals
        self._returns = returns
        self.listed = load_listings() if listings is None else listings

    def quarters(self, firm: str) -> pd.DataFrame:
        """Quarterly revenue of a firm with whether it is verified."""
        rows = self.fundamentals
        chosen = rows[
            (rows["entity"] == firm)
            & (rows["metric"] == "revenue")
            & (rows["period"] == "quarter")
            & rows["value"].notna()
        ].set_index("period_end")
        out = chosen[["value", "unit"]].sort_index()
        out["verified"] = chosen["verification"] == "verified"
        return out

    @cached_property
    def growth(self) -> pd.DataFrame:
        """Latest growth over the same period of the year before, by firm.

        Both figures are verified and of the same length; the later one is the
        latest for which that is so.

        Returns
        -------
        DataFrame
            Indexed by firm: period, period_end, value, before, unit, growth
            (decimal).
        """
        rows = {}
        for firm in (*FIRMS, *PEERS):
            found = self._latest_pair(firm)
            if found is not None:
                rows[firm] = found
        return pd.DataFrame.from_dict(rows, orient="index")

    def _latest_pair(self, firm: str) -> dict[str, object] | None:
        table = self.fundamentals
        own = table[
            (table["entity"] == firm)
            & (table["metric"] == "revenue")
            & (table["verification"] == "verified")
            & table["value"].notna()
        ].sort_values(["period_end", "period_start"], ascending=[False, True])
        for row in own.itertuples():
            # Fiscal years of 52 or 53 weeks move by a few days.
            gap = (row.period_end - own["period_end"]).dt.days
            same = own[(own["period"] == row.period) & gap.between(357, 373)]
            if len(same):
                before = float(same["value"].iloc[0])
                return {
                    "period": row.period,
                    "period_end": row.period_end,
                    "value": float(row.value),
                    "before": before,
                    "unit": row.unit,
                    "growth": float(row.value) / before - 1,
                }
        return None

    @cached_property
    def returns(self) -> pd.DataFrame:
        """Returns of the basket, the broad market and the growth board.

        They end with the last session for which every member has a price, so that
        the basket does not shrink to one share.
        """
        if self._returns is not None:
            return self._returns
        members = load_returns(list(BASKETS[BASKET].symbols))
        end = min(members[name].last_valid_index() for name in members)
        basket = basket_returns(BASKETS[BASKET])
        return basket.join(load_returns(GROWTH_BOARD)[[GROWTH_BOARD]]).loc[:end]

    @cached_property
    def starts(self) -> dict[str, pd.Timestamp]:
        """First session in Shanghai after each chip rule."""
        placed = load_events("688256.SS", event_ids=STARTS).set_index("event_id")
        return {event: placed.loc[event, "day0"] for event in STARTS}

    @cached_property
    def market_value(self) -> pd.DataFrame:
        """What the basket earned beyond each benchmark since each rule.

        Returns
        -------
        DataFrame
            Indexed by start (event_id) and benchmark: first, last (sessions),
            basket and market (total return, decimal), excess (yearly mean log
            excess return), ci_low, ci_high, p_value (Newey and West).
        """
        import statsmodels.api as sm

        rows = {}
        for event, start in self.starts.items():
            for benchmark in (BROAD, GROWTH_BOARD):
                pair = self.returns.loc[start:, [BASKET, benchmark]].dropna()
                logs = np.log1p(pair)
                excess = logs[BASKET] - logs[benchmark]
                fit = sm.OLS(excess.to_numpy(), np.ones(len(excess))).fit(
                    cov_type="HAC", cov_kwds={"maxlags": HAC_LAGS}
                )
                low, high = fit.conf_int()[0]
                year = 252
                rows[event, benchmark] = {
                    "first": pair.index[0],
                    "last": pair.index[-1],
                    "basket": float(np.expm1(logs[BASKET].sum())),
                    "market": float(np.expm1(logs[benchmark].sum())),
                    "excess": year * float(fit.params[0]),
                    "ci_low": year * float(low),
                    "ci_high": year * float(high),
                    "p_value": float(fit.pvalues[0]),
                }
        table = pd.DataFrame.from_dict(rows, orient="index")
        table.index = pd.MultiIndex.from_tuples(
            table.index, names=["start", "benchmark"]
        )
        return table

    @cached_property
    def wealth(self) -> pd.DataFrame:
        """Value of one hundred put into basket, market and board at the first rule."""
        start = self.starts[STARTS[0]]
        table = self.returns.loc[start:].dropna()
        return 100 * (1 + table).cumprod()
