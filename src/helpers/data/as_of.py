"""As of when the prices are, and whether they are the bundled or refreshed ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from helpers.data.files import manifest_entry
from helpers.data.instruments import instrument, load_instruments
from helpers.data.prices import as_symbols, prices_path


@dataclass(frozen=True)
class DataAsOf:
    """As of when the prices in force are; ``str`` gives it in a sentence or two.

    Parameters
    ----------
    ends : dict of str to str
        Symbol to the ISO date of its last price.
    refreshed : dict of str to str
        For refreshed symbols only: when, in UTC, such as ``2026-11-23T16:20Z``.
    own : tuple of str
        Those of them whose prices are from a file of one's own.
    """

    ends: dict[str, str]
    refreshed: dict[str, str]
    own: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return it in words, for the page of a notebook."""
        bundled = [symbol for symbol in self.ends if symbol not in self.refreshed]
        fetched = [symbol for symbol in self.refreshed if symbol not in self.own]
        said = []
        if fetched:
            days = sorted({self.refreshed[symbol][:10] for symbol in fetched})
            when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
            described = self._described(fetched)
            said.append(f"Prices refreshed from Yahoo Finance on {when}: {described}.")
        if bundled:
            what = "Still bundled" if fetched else "Bundled prices"
            said.append(f"{what}: {self._described(bundled)}.")
        if self.own:
            said.append(f"From files of your own: {self._described(self.own)}.")
        return " ".join(said)

    def _described(self, symbols: Sequence[str]) -> str:
        ends = sorted(self.ends[symbol] for symbol in symbols)
        what = symbols[0] if len(symbols) == 1 else f"{len(symbols)} instruments"
        if ends[0] == ends[-1]:
            return f"{what}, to {ends[-1]}"
        return f"{what}, to {ends[-1]} (the shortest to {ends[0]})"


def data_as_of(symbols: str | Sequence[str] | None = None) -> DataAsOf:
    """Return as of when the prices in force are.

    Parameters
    ----------
    symbols : str or sequence of str, optional
        Default all instruments.

    Returns
    -------
    DataAsOf
        Printing it gives the line that a notebook shows.

    Raises
    ------
    DataError
        If a symbol is unknown.

    Examples
    --------
    >>> print(data_as_of("TSM"))
    Bundled prices: TSM, to 2026-08-20.
    """
    known = list(load_instruments().index)
    chosen = known if symbols is None else as_symbols(symbols)
    ends, refreshed, own = {}, {}, []
    for symbol in chosen:
        instrument(symbol)  # an unknown symbol gets a helpful message
        entry = manifest_entry(prices_path(symbol))
        ends[symbol] = entry["last"]
        if "refreshed_at" in entry:
            refreshed[symbol] = entry["refreshed_at"]
            if entry.get("own_file"):
                own.append(symbol)
    return DataAsOf(ends, refreshed, tuple(own))
