"""What a source says of an instrument, held against what is at hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from helpers.data.calendars import exchange_timezone

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
    # The exchange's time of the last trade, UTC.
    traded_at: pd.Timestamp | None = None


@dataclass(frozen=True)
class AtHand:
    """A symbol's history before the refresh."""

    content: bytes
    # The newest part of it, which is to be compared.
    prices: pd.DataFrame
    # What is recorded of it, as `manifest_entry` gives it.
    entry: Mapping[str, Any]


@dataclass(frozen=True)
class Terms:
    """What a symbol's new prices must keep to."""

    symbol: str
    kind: str
    mic: str
    currency: str
    # Largest one-day return, as a decimal, that is not worth a remark.
    max_move: float
    # All sessions of the exchange, as `session_hours`.
    hours: pd.DataFrame
    # The last session that may be taken.
    until: pd.Timestamp
    # Dates that the user vouches for.
    accepted: frozenset[pd.Timestamp]


@dataclass(frozen=True)
class Case:
    """A history, what is at hand (nothing of a new instrument), and the terms."""

    history: History
    at_hand: AtHand | None
    terms: Terms
    # What the user should know, as it turns up.
    remarks: list[str] = field(default_factory=list)

    @cached_property
    def held(self) -> pd.DatetimeIndex:
        """All sessions of the exchange."""
        return pd.DatetimeIndex(self.terms.hours.index)

    @cached_property
    def taken(self) -> pd.DataFrame:
        """Rows of sessions that are over."""
        given, terms = self.history.prices, self.terms
        is_over = given.index <= terms.until
        traded = self.history.traded_at
        if traded is not None:
            # Of a session in progress, whatever the clock of this machine says, the
            # last trade is before its close.
            last_date = traded.tz_convert(exchange_timezone(terms.mic)).tz_localize(
                None
            )
            closed = (terms.hours["close"].reindex(given.index) <= traded).to_numpy()
            is_over &= closed | (given.index < last_date.normalize())
        is_session = given.index.isin(self.held)
        for chosen, why in (
            (~is_over, "after the last complete session"),
            (is_over & ~is_session, f"{terms.mic} held no session"),
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
        return pd.DatetimeIndex(table.index[still & (self.terms.kind != "index")])

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
        return pd.DatetimeIndex(
            self.at_hand.prices.index.intersection(self.priced.index)
        )

    @cached_property
    def half_unit(self) -> float:
        """By how much the adjusted closes at hand may be off by rounding."""
        if self.at_hand is None:
            return 0.0
        recorded = self.at_hand.entry.get("half_unit")
        if recorded is not None:
            return float(recorded)
        prices = self.at_hand.prices["adj_close"]
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
