"""The data at hand, each part read once for as long as one explores."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from difflib import get_close_matches
from typing import Any, Literal, TypeVar

import pandas as pd

from helpers.data.calendars import calendar_code, sessions
from helpers.data.factors import load_factors
from helpers.data.instruments import load_instruments, unknown_symbol
from helpers.data.ledger import load_ledger
from helpers.data.prices import load_returns
from helpers.errors import CalendarError, DataError
from helpers.study.events import event_mask, load_events, overlapping_events
from helpers.study.placing import place_event

Read = TypeVar("Read")
# Entries kept; each is a frame of a few hundred kilobytes at most.
MOST_KEPT = 200


class Store:
    """Instruments, ledger, returns and what the ledger says of them.

    What is read is kept, so data that change meanwhile are seen by a new store only.

    Attributes
    ----------
    instruments : DataFrame
        As of :func:`helpers.load_instruments`.
    ledger : DataFrame
        As of :func:`helpers.load_ledger`.
    """

    def __init__(self) -> None:
        self.instruments = load_instruments()
        self.ledger = load_ledger()
        self._kept: dict[Hashable, Any] = {}

    def about(self, symbol: str) -> pd.Series[Any]:
        """One row of the instruments, or an error that names near matches."""
        if symbol not in self.instruments.index:
            raise DataError(unknown_symbol(symbol, list(self.instruments.index)))
        return self.instruments.loc[symbol]

    def returns(self, symbols: Sequence[str]) -> pd.DataFrame:
        """Simple returns of the symbols, in that order."""
        key = tuple(dict.fromkeys(symbols))
        return self._once(("returns", key), lambda: load_returns(key))

    def factors(self, model: str) -> pd.DataFrame:
        """Daily US factors of a factor model."""
        name: Literal["ff3", "ff5"] = "ff5" if model == "ff5" else "ff3"
        return self._once(("factors", name), lambda: load_factors(name))

    def placed(self, event: str, symbols: Sequence[str]) -> pd.DataFrame:
        """The event with its day 0 on each symbol's exchange."""
        if event in self.ledger.index:
            return self._once(
                ("placed", event, tuple(symbols)),
                lambda: load_events(symbols, event_ids=event),
            )
        try:
            return place_event(event, event, symbols)
        except CalendarError as error:
            raise CalendarError(self._not_an_event(event, error)) from error

    def _not_an_event(self, event: str, error: CalendarError) -> str:
        known = list(self.ledger.index)
        near = [one for one in known if event in one] if event else []
        near = near[:3] or get_close_matches(event, known, n=3)
        if not near:
            return f"{event!r} is no event of the ledger, and as a date: {error}"
        return f"{event!r} is no event of the ledger: did you mean {', '.join(near)}?"

    def occupied(self, symbol: str) -> pd.DatetimeIndex:
        """Sessions that ledger events and results of a symbol occupy."""
        exchange = self.about(symbol)["mic"]
        listed = self.instruments.index[self.instruments["mic"] == exchange]
        # Placing the ledger on an exchange takes longer than all its symbols do.
        table = self._once(("mask", exchange), lambda: event_mask(list(listed)))
        return pd.DatetimeIndex(table.loc[table["symbol"] == symbol, "date"])

    def around(
        self, event: str, day0: pd.Timestamp, exchange: str, before: int, after: int
    ) -> pd.DataFrame:
        """Other ledger events that may have met the sessions around day 0.

        As :func:`helpers.overlapping_events`, which places the whole ledger each time.
        """
        held = sessions(exchange)
        # Seen from the first session on, an offset is a position.
        ledger = self._once(
            ("ledger", calendar_code(exchange)),
            lambda: overlapping_events(held[0], exchange, 0, len(held)),
        )
        offset = ledger["offset"] - int(held.searchsorted(day0))
        reach = offset + [window[1] for window in ledger["window"]]
        near = (offset <= after) & (reach >= -before) & (ledger.index != event)
        return ledger.assign(offset=offset)[near]

    def _once(self, key: Hashable, read: Callable[[], Read]) -> Read:
        if key not in self._kept:
            while len(self._kept) >= MOST_KEPT:
                self._kept.pop(next(iter(self._kept)), None)
            self._kept[key] = read()
        found: Read = self._kept[key]
        return found
