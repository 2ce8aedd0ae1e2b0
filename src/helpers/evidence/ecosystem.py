"""What the effort has drawn: listings, revenue and market values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from helpers.data.facts import load_fundamentals
from helpers.data.ledger import load_ledger
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


@dataclass(frozen=True)
class Listing:
    """A first day of trading, as the ledger's sources report it.

    Attributes
    ----------
    event_id : str
        Event of the ledger; its verification is that of the listing.
    firm, exchange : str
    offer, first_close : float or None
        Yuan; None where no source was read.
    gain : float or None
        First close over offer less one; as reported where no close was read.
    """

    event_id: str
    firm: str
    exchange: str
    offer: float | None
    first_close: float | None
    gain: float | None


LISTINGS = (
    Listing("moore-threads-ipo", "Moore Threads", "Shanghai", 114.28, 600.50, None),
    Listing("metax-ipo", "MetaX", "Shanghai", 104.66, None, 6.93),
    Listing("biren-hk-ipo-kunlunxin-filing", "Biren", "Hong Kong", None, None, None),
)


class Ecosystem:
    """Listings, revenue growth and market prices of domestic chip firms.

    Parameters
    ----------
    fundamentals : DataFrame, optional
        As ``load_fundamentals`` gives it; by default the bundled data.
    returns : DataFrame, optional
        Decimal returns of the basket, its broad market and the growth board;
        by default from the bundled data.
    listings : tuple of Listing
    """

    def __init__(
        self,
        fundamentals: pd.DataFrame | None = None,
        returns: pd.DataFrame | None = None,
        listings: tuple[Listing, ...] = LISTINGS,
    ) -> None:
        if fundamentals is None:
            fundamentals = load_fundamentals()
        self.fundamentals = fundamentals
        self._returns = returns
        self.listings = listings

    @cached_property
    def listed(self) -> pd.DataFrame:
        """First days of trading, indexed by event_id.

        Returns
        -------
        DataFrame
            firm, exchange, date, offer, first_close, gain (decimal; NaN where no
            source was read) and verification of the event.
        """
        ledger = load_ledger()
        rows = {}
        for listing in self.listings:
            gain = listing.gain
            if gain is None and listing.offer and listing.first_close:
                gain = listing.first_close / listing.offer - 1
            event = ledger.loc[listing.event_id]
            rows[listing.event_id] = {
                "firm": listing.firm,
                "exchange": listing.exchange,
                "date": pd.Timestamp(event["announced_at"].date()),
                "offer": listing.offer,
                "first_close": listing.first_close,
                "gain": np.nan if gain is None else gain,
                "verification": event["verification"],
            }
        return pd.DataFrame.from_dict(rows, orient="index")

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
