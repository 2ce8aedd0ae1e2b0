"""Prices and returns, each instrument on its own exchange's sessions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from helpers.data.calendars import Day, parse_day, sessions
from helpers.data.collection_rules import SPECIAL_SESSIONS, file_of
from helpers.data.faults import Fault
from helpers.data.files import read_verified
from helpers.data.instruments import as_names, instrument
from helpers.data.price_rules import check_prices, read_table
from helpers.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

Field = Literal["adj_close", "close", "volume"]
ReturnKind = Literal["simple", "log"]

FIELDS = ("adj_close", "close", "volume")
RETURN_KINDS = ("simple", "log")


def prices_path(symbol: str) -> str:
    """Return the path of a symbol's price file below the data folder."""
    return file_of(symbol, "prices", "csv")


def load_prices(
    symbols: str | Sequence[str],
    field: Field = "adj_close",
    start: Day | None = None,
    end: Day | None = None,
) -> pd.DataFrame:
    """Return prices or volumes, one column per symbol.

    Parameters
    ----------
    symbols : str or sequence of str
        One symbol or several, each once.
    field : {"adj_close", "close", "volume"}, optional
        ``adj_close`` counts dividends and splits and is the basis of returns;
        ``close`` is adjusted for splits only and unknown for some instruments;
        ``volume`` is in shares and unknown for some.
    start, end : str, date or Timestamp, optional
        First and last date of the result, inclusive.

    Returns
    -------
    DataFrame
        Index ``session``: every session that an exchange of the symbols held
        within the history of one of its symbols. NaN where a symbol's exchange
        was closed, outside its history, at a session it has no price for, and
        where the field is unknown. Nothing is filled forward. Prices are in the
        instrument's currency. ``attrs["holes"]`` and ``attrs["history"]`` are as
        for :func:`load_returns`.

    Raises
    ------
    DataError
        If a symbol is unknown or occurs twice, the field is unknown, no session
        is left, or a file breaks a rule of the codebook.
    CalendarError
        If ``start`` or ``end`` is not a date.

    Examples
    --------
    >>> load_prices(["NVDA", "AMD"], "close").loc["2025-08-29"].tolist()
    [174.18, 162.63]
    """
    _check_choice("field", field, FIELDS)
    histories = _load(symbols)
    columns = {
        symbol: history.table[field].reindex(history.sessions)
        for symbol, history in histories.items()
    }
    return _align(columns, histories, start, end)


def load_returns(
    symbols: str | Sequence[str],
    kind: ReturnKind = "simple",
    start: Day | None = None,
    end: Day | None = None,
) -> pd.DataFrame:
    """Return one-session total returns, one column per symbol.

    Each symbol's returns are taken on its own exchange's sessions before symbols
    are aligned, so a holiday of one exchange never changes a return of another.

    Parameters
    ----------
    symbols : str or sequence of str
        One symbol or several, each once.
    kind : {"simple", "log"}, optional
        Simple returns ``P_t / P_(t-1) - 1`` or their logarithm.
    start, end : str, date or Timestamp, optional
        First and last date of the result, inclusive. The first return uses the
        price of the session before ``start``.

    Returns
    -------
    DataFrame
        Index ``session``: every session that an exchange of the symbols held,
        from the second session of each symbol's history to its last. Decimals.
        NaN where the exchange was closed, outside the history, and where the
        session or the one before has no price: a return over several sessions
        is never passed off as one session's. ``attrs`` holds three mappings from
        symbol to ISO dates: ``holes``, the sessions of its exchange inside its
        whole history that have no price; ``after_holes``, the sessions that have
        a price but no return because the one before is a hole; ``history``, its
        first and last date. ``attrs["kind"]`` is `kind`, ``attrs["largest"]`` the
        largest return of each symbol with its date.

    Raises
    ------
    DataError
        If a symbol is unknown or occurs twice, the kind is unknown, no session
        is left, or a file breaks a rule of the codebook.
    CalendarError
        If ``start`` or ``end`` is not a date.

    Examples
    --------
    >>> load_returns(["NVDA", "AMD"]).loc["2025-01-27"].round(4).to_dict()
    {'NVDA': -0.1697, 'AMD': -0.0637}
    """
    import numpy as np
    import pandas as pd

    _check_choice("kind", kind, RETURN_KINDS)
    histories = _load(symbols)
    columns = {}
    for symbol, history in histories.items():
        prices = history.table["adj_close"].reindex(history.sessions)
        ratio = (prices / prices.shift())[1:]
        values = ratio.to_numpy()
        values = np.log(values) if kind == "log" else values - 1
        columns[symbol] = pd.Series(values, index=ratio.index)
    frame = _align(columns, histories, start, end)
    frame.attrs["kind"] = kind
    # By it a study sees whether they still are of this kind.
    sizes = frame.abs().fillna(-1.0)
    frame.attrs["largest"] = {
        name: (f"{day:%Y-%m-%d}", float(frame.at[day, name]))
        for name, day in sizes.idxmax().items()
    }
    return frame


def load_table(symbol: str) -> pd.DataFrame:
    """Return one symbol's price file, its columns indexed by ``session``.

    ``DataError`` if the symbol is unknown, its file is not the one that the manifest
    lists, or a price is of a day on which the exchange was closed.

    Examples
    --------
    >>> load_table("NVDA").loc["2025-08-29", "close"].item()
    174.18
    """
    held = sessions(instrument(symbol)["mic"])
    table = read_table(read_verified(prices_path(symbol)))
    closed = table.index[~table.index.isin(held)]
    if len(closed):
        raise DataError(
            f"{prices_path(symbol)} has a price of {closed[0]:%Y-%m-%d}, when the "
            f"exchange was closed by its calendar and {SPECIAL_SESSIONS.file}: run "
            "`.venv/bin/python -m helpers verify`."
        )
    return table


def check_table(
    symbol: str, content: bytes, entry: Mapping[str, Any]
) -> tuple[pd.DataFrame, list[Fault]]:
    """Read one symbol's price file, and say what breaks the rules or its entry.

    `entry` is what :func:`helpers.data.files.manifest_entry` gives.
    """
    file = prices_path(symbol)
    table, faults = check_prices(file, content, instrument(symbol).to_dict(), entry)
    if not faults:
        first, last = _iso(table.index[[0, -1]])
        for name, value in (("rows", len(table)), ("first", first), ("last", last)):
            if entry.get(name) != value:
                said = f"{name} is {value} where the manifest says {entry.get(name)}."
                faults.append(Fault(file, said))
    return table, faults


@dataclass(frozen=True)
class _History:
    """One symbol's prices, and the sessions of its exchange from first to last."""

    table: pd.DataFrame
    sessions: pd.DatetimeIndex

    def holes(self) -> pd.DatetimeIndex:
        return self.sessions[~self.sessions.isin(self.table.index)]

    def after_holes(self) -> pd.DatetimeIndex:
        priced = self.sessions.isin(self.table.index)
        return self.sessions[1:][priced[1:] & ~priced[:-1]]


def _load(symbols: str | Sequence[str]) -> dict[str, _History]:
    histories = {}
    for symbol in as_symbols(symbols):
        table = load_table(symbol)
        held = sessions(instrument(symbol)["mic"], table.index[0], table.index[-1])
        histories[symbol] = _History(table, held)
    return histories


def as_symbols(symbols: str | Sequence[str]) -> list[str]:
    """Return symbols as a list; ``DataError`` if one is no text, or there twice."""
    chosen = as_names(symbols)
    if not chosen:
        raise DataError("No symbol was given: name at least one.")
    for position, symbol in enumerate(chosen):
        if symbol in chosen[:position]:
            raise DataError(f"Symbol {symbol!r} is given twice: name each once.")
    return chosen


def _check_choice(name: str, value: object, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise DataError(f"{name} {value!r} is not one of {', '.join(allowed)}.")


def _align(
    columns: dict[str, pd.Series[float]],
    histories: dict[str, _History],
    start: Day | None,
    end: Day | None,
) -> pd.DataFrame:
    import pandas as pd

    frame = pd.concat(columns, axis=1, sort=True).rename_axis(index="session")
    first = None if start is None else parse_day(start)
    last = None if end is None else parse_day(end)
    frame = frame.loc[first:last]
    spans = {name: _iso(one.table.index[[0, -1]]) for name, one in histories.items()}
    if frame.empty:
        said = "; ".join(f"{name} {a} to {b}" for name, (a, b) in spans.items())
        asked = f"from {start or 'the first'} to {end or 'the last'}"
        raise DataError(f"No session {asked}: the prices are of {said}.")
    frame.attrs["holes"] = {n: _iso(one.holes()) for n, one in histories.items()}
    frame.attrs["after_holes"] = {
        n: _iso(one.after_holes()) for n, one in histories.items()
    }
    frame.attrs["history"] = spans
    return frame


def _iso(dates: pd.Index[Any]) -> list[str]:
    return [f"{day:%Y-%m-%d}" for day in dates]
