"""The data at hand, each part read once for as long as one explores."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

import pandas as pd

from helpers.data.instruments import load_instruments, unknown_symbol
from helpers.data.ledger import load_ledger
from helpers.data.prices import load_returns
from helpers.errors import CalendarError, DataError
from helpers.study.events import event_mask, placed_on
from helpers.study.placing import place_event


class Store:
    """Instruments, ledger, returns and what the ledger says of them.

    What is read is kept, so data that change meanwhile are seen by a new store only.

    Attributes
    ----------
    instruments : DataFrame
        As of :func:`helpers.load_instruments`.
    ledger : DataFrame
        As of :func:`helpers.load_ledger`.
    placed_on : callable
        The ledger placed on an exchange.
    """

    def __init__(self) -> None:
        self.instruments = load_instruments()
        self.ledger = load_ledger()
        self._returns = lru_cache(60)(load_returns)
        self._mask = lru_cache(maxsize=None)(event_mask)
        self.placed_on = lru_cache(maxsize=None)(placed_on)

    def about(self, symbol: str) -> pd.Series[Any]:
        """One row of the instruments, or an error that names near matches."""
        if symbol not in self.instruments.index:
            raise DataError(unknown_symbol(symbol, list(self.instruments.index)))
        return self.instruments.loc[symbol]

    def returns(self, symbols: Sequence[str]) -> pd.DataFrame:
        """Simple returns of the symbols, in that order."""
        return self._returns(tuple(dict.fromkeys(symbols)))

    def placed(self, event: str, symbols: Sequence[str]) -> pd.DataFrame:
        """The event with its day 0 on each symbol's exchange."""
        if event in self.ledger.index:
            on = {one: self.placed_on(self.about(one)["mic"]) for one in symbols}
            rows = [
                {"event_id": event, "symbol": symbol, **placed.loc[event]}
                for symbol, placed in on.items()
            ]
            return pd.DataFrame(rows)
        try:
            return place_event(event, event, symbols)
        except CalendarError as error:
            known = list(self.ledger.index)
            near = [one for one in known if event in one] if event else []
            near = near[:3] or get_close_matches(event, known, n=3)
            hint = f": did you mean {', '.join(near)}?"
            raise CalendarError(
                f"{event!r} is no event of the ledger"
                + (hint if near else f", and as a date: {error}")
            ) from error

    def occupied(self, symbol: str) -> pd.DatetimeIndex:
        """Sessions that ledger events and results of a symbol occupy."""
        exchange = self.about(symbol)["mic"]
        # Placing the ledger on an exchange takes longer than all its symbols do.
        listed = self.instruments.index[self.instruments["mic"] == exchange]
        table = self._mask(tuple(listed))
        return pd.DatetimeIndex(table.loc[table["symbol"] == symbol, "date"])
