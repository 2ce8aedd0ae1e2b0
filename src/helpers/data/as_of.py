"""As of when the prices are, and whether they are the bundled or refreshed ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from helpers.data.files import manifest_entry
from helpers.data.instruments import instrument, load_instruments
from helpers.data.prices import prices_path


@dataclass(frozen=True)
class DataAsOf:
    """As of when the prices in force are; ``str`` gives it in a sentence or two.

    Parameters
    ----------
    ends : dict of str to str
        Symbol to the ISO date of its last price.
    refreshed : dict of str to str
        For refreshed symbols only: when, in UTC, such as ``2026-11-23T16:20Z``.
    """

    ends: dict[str, str]
    refreshed: dict[str, str]

    def __str__(self) -> str:
        """Return it in words, for the page of a notebook."""
        bundled = [symbol for symbol in self.ends if symbol not in self.refreshed]
        if not self.refreshed:
            return f"Bundled prices: {self._described(bundled)}."
        days = sorted({moment[:10] for moment in self.refreshed.values()})
        when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
        said = (
            f"Prices refreshed from Yahoo Finance on {when}: "
            f"{self._described(list(self.refreshed))}."
        )
        if bundled:
            said += f" Still bundled: {self._described(bundled)}."
        return said

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
    if symbols is None:
        chosen = list(load_instruments().index)
    else:
        chosen = [symbols] if isinstance(symbols, str) else list(symbols)
    ends, refreshed = {}, {}
    for symbol in chosen:
        instrument(symbol)  # an unknown symbol gets a helpful message
        entry = manifest_entry(prices_path(symbol))
        ends[symbol] = entry["last"]
        if "refreshed_at" in entry:
            refreshed[symbol] = entry["refreshed_at"]
    return DataAsOf(ends, refreshed)
