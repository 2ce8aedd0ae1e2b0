"""What a source says of an instrument, held against what is at hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from helpers.data.calendars import exchange_timezone, session_hours

SHOWN = 4
HALF_CENT = 0.005


@dataclass(frozen=True)
class History:
    """One symbol's daily history as Yahoo, or a file of one's own, gives it."""

    # By date, ascending, each once: close, adj_close and volume; NaN where there is
    # none, volume 0 also where it is unknown.
    prices: pd.DataFrame
    source: str
    # What Yahoo says of the instrument, in its own words (EQUITY, NMS).
    name: str = ""
    kind: str = ""
    currency: str = ""
    exchange: str = ""
    timezone: str = ""
    # Amount per share, and new shares per old one, by ex-date.
    dividends: dict[pd.Timestamp, float] = field(default_factory=dict)
    splits: dict[pd.Timestamp, float] = field(default_factory=dict)
    # Dates given twice with different prices.
    repeated: tuple[pd.Timestamp, ...] = ()
    # The exchange's time of the last trade, UTC; a file of one's own has none.
    traded_at: pd.Timestamp | None = None


@dataclass(frozen=True)
class AtHand:
    """A symbol's history before the refresh: all of it, and the part to compare."""

    content: bytes
    prices: pd.DataFrame
    # What is recorded of it, as `manifest_entry` gives it.
    entry: Mapping[str, Any]
    # What an earlier refresh recorded, and the hash of the bundled file below it.
    refreshed: Mapping[str, Any] = field(default_factory=dict)
    bundled_sha256: str | None = None


@dataclass(frozen=True)
class Case:
    """A history, what is at hand (nothing of a new instrument), and its terms."""

    history: History
    at_hand: AtHand | None
    # Its row of the instruments table, with its symbol.
    row: Mapping[str, Any]
    # The last session that may be taken; dates that the user vouches for.
    until: pd.Timestamp
    accepted: frozenset[pd.Timestamp] = frozenset()
    # What the user should know, as it turns up.
    remarks: list[str] = field(default_factory=list)

    @property
    def symbol(self) -> str:
        """The instrument's symbol."""
        return str(self.row["symbol"])

    @property
    def held(self) -> pd.DatetimeIndex:
        """All sessions of the exchange."""
        return pd.DatetimeIndex(session_hours(self.row["mic"]).index)

    @cached_property
    def taken(self) -> pd.DataFrame:
        """Rows of sessions that are over."""
        given, mic = self.history.prices, self.row["mic"]
        is_over = given.index <= self.until
        traded = self.history.traded_at
        if traded is not None:
            # Of a session in progress, whatever the clock of this machine says, the
            # last trade is before its close.
            closes = session_hours(mic)["close"].reindex(given.index)
            today = traded.tz_convert(exchange_timezone(mic)).tz_localize(None)
            ended = (closes <= traded) | (given.index < today.normalize())
            is_over = is_over & ended.to_numpy()
        is_session = given.index.isin(self.held)
        for chosen, why in (
            (~is_over, "after the last complete session"),
            (is_over & ~is_session, f"{mic} held no session"),
        ):
            if chosen.any():
                self.remarks.append(f"{named(given.index[chosen])} left out: {why}")
        return given[is_over & is_session]

    @cached_property
    def priced(self) -> pd.DataFrame:
        """Rows with a price and with trade; volume NaN where unknown."""
        table = self.taken.dropna(subset=["close", "adj_close"])
        volume = table["volume"].where(table["volume"] != 0)
        return table.assign(volume=volume)[~table.index.isin(self.untraded)]

    @cached_property
    def untraded(self) -> pd.DatetimeIndex:
        """Sessions filled with the price of the one before, at volume 0."""
        table = self.taken.dropna(subset=["close", "adj_close"])
        still = table["volume"].eq(0) & table["close"].eq(table["close"].shift())
        return pd.DatetimeIndex(table.index[still & (self.row["kind"] != "index")])

    @property
    def last(self) -> pd.Timestamp | None:
        """The last session at hand."""
        return None if self.at_hand is None else self.at_hand.prices.index[-1]

    @cached_property
    def new(self) -> pd.DataFrame:
        """The priced sessions after the last one at hand."""
        last = self.last
        return self.priced if last is None else self.priced[self.priced.index > last]

    @cached_property
    def common(self) -> pd.DatetimeIndex:
        """The sessions that both the history at hand and the new one have."""
        assert self.at_hand is not None
        both = self.at_hand.prices.index.intersection(self.priced.index)
        return pd.DatetimeIndex(both)

    @cached_property
    def half_unit(self) -> float:
        """By how much adjusted closes, those at hand if any, may be off by rounding."""
        at_hand = self.at_hand or AtHand(b"", self.priced, {})
        recorded = at_hand.entry.get("half_unit")
        if recorded is not None:
            return float(recorded)
        prices = at_hand.prices["adj_close"]
        return HALF_CENT if (prices.round(2) == prices).mean() > 0.5 else 0.0


def named(items: Iterable[object]) -> str:
    """Name the first few of dates or texts."""
    texts = [str(one).removesuffix(" 00:00:00") for one in items]
    more = len(texts) - SHOWN
    shown = ", ".join(texts[:SHOWN])
    return f"{shown} and {more} more" if more > 0 else shown


def accept(symbol: str, days: Iterable[pd.Timestamp]) -> str:
    """Return the option that takes days as right."""
    ends = [f"{day:%Y-%m-%d}" for day in days]
    span = ends[0] if len(ends) == 1 else f"{ends[0]}/{ends[-1]}"
    return f"--accept {symbol}={span}"
