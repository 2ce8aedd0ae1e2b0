"""What a source says of an instrument, and what its prices are held against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

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

    @property
    def half_unit(self) -> float:
        """By how much the adjusted closes may be off by rounding."""
        recorded = self.entry.get("half_unit")
        if recorded is not None:
            return float(recorded)
        prices = self.prices["adj_close"]
        return HALF_CENT if (prices.round(2) == prices).mean() > 0.5 else 0.0

    @property
    def known_to_differ(self) -> list[Mapping[str, Any]]:
        """Stretches that the codebook doubts or has corrected."""
        corrections = [
            one
            for one in self.entry.get("alterations", [])
            if (one["kind"], one["field"]) == ("correction", "adj_close")
        ]
        return [*self.entry.get("doubts", []), *corrections]


@dataclass(frozen=True)
class Terms:
    """What a symbol's new prices are held against."""

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

    @property
    def held(self) -> pd.DatetimeIndex:
        """All sessions of the exchange."""
        return pd.DatetimeIndex(self.hours.index)


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
