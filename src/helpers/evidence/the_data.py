"""The data behind every chapter: prices, ledger, and where the two meet."""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise

import pandas as pd

from helpers.data.calendars import sessions
from helpers.evidence.ledger_record import EXCHANGES, LedgerRecord
from helpers.evidence.price_record import PriceRecord
from helpers.study.events import load_events

# The hardest placements: a holiday, a rule before the open, news inside the Asian
# session that is the evening before in New York, and a date without a clock.
CASES = (
    "bis-2022-10-07-rules",
    "bis-2023-10-17-rules",
    "h20-resumption",
    "deepseek-v31-domestic-chip-remark",
)
# What a study with the default windows needs of a firm's returns.
ESTIMATION = (-120, -11)
WINDOW = (-1, 1)
FEWEST_RETURNS = 30


class TheData:
    """Price files and event ledger, and how far they are good on event days.

    Parameters
    ----------
    prices : PriceRecord, optional
    ledger : LedgerRecord, optional
        By default both of the bundled data.
    """

    def __init__(
        self, prices: PriceRecord | None = None, ledger: LedgerRecord | None = None
    ) -> None:
        self.prices = prices or PriceRecord()
        self.ledger = ledger or LedgerRecord()

    @cached_property
    def cases(self) -> pd.DataFrame:
        """The hardest placements, and what the session of the date would have shown.

        Returns
        -------
        DataFrame
            By ``event_id`` and ``exchange``: ``title``, ``day0``, ``dated``,
            ``window``, ``rule``; ``symbol``, its ``change`` on day 0 and its
            ``change_dated`` on the session of the written date, decimal.
        """
        rows = self.ledger.placed.loc[list(CASES)].copy()
        titles = self.ledger.ledger["title"]
        rows.insert(0, "title", rows.index.get_level_values("event_id").map(titles))
        symbols = rows.index.get_level_values("exchange").map(EXCHANGES)
        for name, field in {"change": "day0", "change_dated": "dated"}.items():
            pairs = zip(rows[field], symbols, strict=True)
            rows[name] = [self.prices.returns[one].get(day) for day, one in pairs]
        return rows.assign(symbol=symbols)

    @cached_property
    def reach(self) -> pd.DataFrame:
        """Which firms can be studied at which events.

        An event can be studied if the firm has a return on every session of
        [-1, +1] and enough of them in the estimation window before.

        Returns
        -------
        DataFrame
            ``symbol``, ``exchange``, ``event_id``, ``day0`` and ``reason``: empty,
            or why it cannot be studied.
        """
        instruments = self.prices.instruments
        firms = instruments.index[instruments["role"] == "firm"]
        events = load_events([s for s in firms if s in self.prices.tables])
        events = events[~events["confounder"]]
        parts = []
        for symbol, rows in events.groupby("symbol", sort=False):
            own = self.prices.returns[symbol]
            reasons = [_obstacle(own, day) for day in rows["day0"]]
            kept = rows[["symbol", "exchange", "event_id", "day0"]]
            parts.append(kept.assign(reason=reasons))
        return pd.concat(parts, ignore_index=True)

    @cached_property
    def event_days(self) -> pd.DataFrame:
        """Every firm on day 0 of every event at which it can be studied.

        Returns
        -------
        DataFrame
            ``symbol``, ``exchange``, ``event_id``, ``day0``; ``confirmed``:
            whether a further source has that day's return; ``paid``: what was
            distributed over [0, +1], decimal, zero where nothing was or the close
            is unknown.
        """
        rows = self.reach[self.reach["reason"] == ""].drop(columns="reason")
        tables = self.prices.tables
        agrees = [
            bool(tables[symbol].at[day, "sources_agree"] > 0)
            for symbol, day in zip(rows["symbol"], rows["day0"], strict=True)
        ]
        sizes = self.prices.distributions.set_index(["symbol", "session"])["size"]
        after = {
            mic: dict(pairwise(sessions(mic))) for mic in rows["exchange"].unique()
        }
        paid = [
            sizes.get((symbol, day), 0.0) + sizes.get((symbol, after[mic][day]), 0.0)
            for symbol, mic, day in zip(
                rows["symbol"], rows["exchange"], rows["day0"], strict=True
            )
        ]
        return rows.assign(confirmed=agrees, paid=paid).reset_index(drop=True)


def _obstacle(returns: pd.Series, day: pd.Timestamp) -> str:
    """Why a firm cannot be studied around a day; empty if it can."""
    if day > returns.index[-1]:
        return "after the last price"
    at = int(returns.index.searchsorted(day))
    known = returns.notna().to_numpy()
    first = max(at + ESTIMATION[0], 0)
    last = max(at + ESTIMATION[1] + 1, 0)
    if day < returns.index[0] or known[first:last].sum() < FEWEST_RETURNS:
        return "too little before it"
    around = known[at + WINDOW[0] : at + WINDOW[1] + 1]
    if len(around) <= WINDOW[1] - WINDOW[0]:
        return "at the end of the history"
    return "" if around.all() else "suspended or without a price"
