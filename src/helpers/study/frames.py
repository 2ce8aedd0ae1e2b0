"""The door for frames of returns: one return of one session each, or refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_float_dtype

from helpers.data.calendars import calendar_code, exchange_timezone, sessions
from helpers.data.instruments import calendars_of
from helpers.errors import StudyError

RETURN_KINDS = ("simple", "log")
# Far above any return or volume, far below where squares overflow.
LARGEST = 1e30
# No listed share moves as much on half of its sessions.
LARGE_RETURN = 0.1
# Nor does one that trades stand still for longer than this.
MOST_ZEROS = 10


def check_frame(table: pd.DataFrame, what: str = "Returns") -> None:
    """Refuse a table (called `what`) that is not sessions x symbols, each once."""
    if not isinstance(table, pd.DataFrame) or table.empty:
        raise StudyError(
            f"{what} must be a non-empty DataFrame, sessions x symbols: see "
            "helpers.load_returns."
        )
    index, columns = table.index, table.columns
    if isinstance(columns, pd.MultiIndex):
        raise StudyError(
            f"{what} have columns on {columns.nlevels} levels: {_one(columns)}."
        )
    if not isinstance(index, pd.DatetimeIndex):
        raise StudyError(
            f"{what} need a DatetimeIndex of session dates, not {type(index).__name__}:"
            " pd.to_datetime(table.index, format='%Y-%m-%d') makes one of ISO dates."
        )
    if index.hasnans:
        raise StudyError(f"{what} have a row without a date: drop it.")
    midnight = bool((index == index.normalize()).all())
    if index.tz is not None or not midnight:
        codes = calendars(table, columns).values()
        zone = next((exchange_timezone(one) for one in codes), "")
        zone = zone or "Asia/Hong_Kong"
        plain = f".index.tz_convert({zone!r}).tz_localize(None).normalize()"
        if index.tz is None:
            plain = f".index.normalize(), or if in UTC .tz_localize('UTC'){plain[6:]}"
        raise StudyError(
            f"{what} must be indexed by the exchange's session dates, without clock or "
            f"time zone: use {'.index.tz_localize(None)' if midnight else plain}."
        )
    if not index.is_unique:
        twice = index[index.duplicated()][0]
        raise StudyError(f"{what} have {twice:%Y-%m-%d} twice: keep one row a session.")
    if not index.is_monotonic_increasing:
        raise StudyError(f"{what} are not in date order: use .sort_index().")
    if not columns.is_unique:
        repeated = columns[columns.duplicated()][0]
        raise StudyError(f"{what} have two columns named {repeated!r}.")


def _one(columns: pd.MultiIndex) -> str:
    """How to take one field of a table with a column for each field and symbol."""
    for field in ("Adj Close", "Close"):
        for level in range(columns.nlevels):
            if field in columns.get_level_values(level):
                chosen = f"table.xs({field!r}, axis=1, level={level})"
                return f"of prices as yfinance gives them take {chosen}.pct_change()"
    return "give one, the symbols"


def check_numbers(table: pd.DataFrame, names: Iterable[str], what: str) -> np.ndarray:
    """Return columns as numbers, or refuse what is no decimal number."""
    chosen = list(names)
    kinds = dict(zip(table.columns, table.dtypes, strict=True))
    for name in chosen:
        if not is_float_dtype(kinds[name]):
            raise StudyError(
                f"{what} of {name!r} are {kinds[name]}, not decimal numbers: convert "
                "them with .astype(float)."
            )
    part = table if chosen == list(table.columns) else table[chosen]
    values = part.to_numpy(dtype=float, na_value=np.nan)
    if values.size and not np.fmax.reduce(np.abs(values), None) <= LARGEST:
        for row, column in np.argwhere(np.abs(values) > LARGEST)[:1]:
            raise StudyError(
                f"{what}: {chosen[column]!r} on {table.index[row]:%Y-%m-%d} is "
                f"{values[row, column]:.4g}, no possible value: look at the prices "
                "around that session."
            )
    return values


def check_returns(table: pd.DataFrame, names: Iterable[str]) -> None:
    """Refuse columns that are no decimal returns, one session each.

    Prices, volumes, price changes, gross returns and per cent; stretches filled with
    zeros; and of instruments that are known, rows that their exchange's sessions lack
    and returns of days on which it was closed.
    """
    chosen = list(names)
    values = check_numbers(table, chosen, "Returns")
    if not values.size:
        return
    kind = return_kind(table)
    least = -np.inf if kind == "log" else -1.0
    size = np.abs(values)
    known = ~np.isnan(values)
    mean = np.where(known, size, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    low = np.fmin.reduce(values, axis=0)
    for k in np.flatnonzero((mean > LARGE_RETURN) | (low <= least)):
        own = values[known[:, k], k]
        day = f"{table.index[np.nanargmin(values[:, k])]:%Y-%m-%d}"
        if low[k] > least and np.median(np.abs(own)) <= LARGE_RETURN:
            continue
        raise StudyError(
            f"Returns of {chosen[k]!r} are {np.median(np.abs(own)):.4g} in size on the "
            f"median session, {low[k]:.4g} on {day} (-100 % or less is none): "
            f"{_taken_for(own)}. Give decimal returns (0.01 is 1 %), as "
            "helpers.load_returns does."
        )
    for k in np.flatnonzero((values == 0).sum(axis=0) > MOST_ZEROS):
        still = np.flatnonzero(np.diff(np.r_[True, values[:, k] != 0, True]))
        for first, last in zip(still[::2], still[1::2] - 1, strict=True):
            if last - first >= MOST_ZEROS:
                ends = " to ".join(table.index[[first, last]].strftime("%Y-%m-%d"))
                raise StudyError(
                    f"Returns of {chosen[k]!r} are zero on all {last - first + 1} rows "
                    f"from {ends}, as of a halt that was filled: leave them empty, and "
                    "the return after them."
                )
    _check_sessions(table, dict(zip(chosen, known.T, strict=True)))
    # A change of all returns keeps what the loader said of them.
    for name, (date, value) in table.attrs.get("largest", {}).items():
        if name in chosen and date in table.index:
            now = float(table.at[pd.Timestamp(date), name])
            other, said = (np.expm1(value), "simple")
            if kind == "simple":
                other, said = np.log1p(value), "log"
            if abs(now - other) < abs(other) * 1e-9 < abs(now - value):
                raise StudyError(
                    f"Returns are marked as {kind}, and those of {name!r} are {said}: "
                    f"set returns.attrs['kind'] = {said!r}."
                )


def check_signs(values: Any) -> None:
    """Refuse series that never fall, whatever their scale: prices, volumes."""
    for own in np.atleast_2d(np.asarray(values, dtype=float).T):
        if len(own) > MOST_ZEROS and np.nanmin(own) >= 0:
            raise StudyError(
                f"Returns that never fall, {np.nanmedian(own):.4g} on the median "
                "session: prices or volumes? Take .pct_change() of prices, as "
                "helpers.load_returns does."
            )


def _taken_for(values: np.ndarray) -> str:
    """What numbers are that are too large for returns."""
    if values.min() >= 0:
        if np.abs(np.median(values) - 1) < LARGE_RETURN:
            return "these are gross returns (subtract 1)"
        return "these are prices or volumes (take .pct_change() of prices)"
    if np.median(np.abs(values)) <= LARGE_RETURN:
        return "look at the prices; log returns need returns.attrs['kind'] = 'log'"
    return "these are per cent (divide by 100) or changes of price (divide by it)"


def _check_sessions(table: pd.DataFrame, known: Mapping[str, np.ndarray]) -> None:
    """Refuse rows that are not the sessions of the exchange of an instrument."""
    index, reported = table.index, table.attrs.get("holes", {})
    of_name = calendars(table, known)
    others = [name for name in known if name not in of_name]
    weekend = index.weekday >= 5
    for row, column in np.argwhere(table[others].to_numpy()[weekend] == 0)[:1]:
        raise StudyError(
            f"Returns of {others[column]!r} are zero on "
            f"{index[weekend][row]:%A %Y-%m-%d}: leave out days without a session."
        )
    for exchange in dict.fromkeys(of_name.values()):
        held = sessions(exchange)
        is_open = index.isin(held) | (index < held[0]) | (index > held[-1])
        due = held[held.slice_indexer(index[0], index[-1])]
        gone = due[~due.isin(index)]
        for name in (one for one, its in of_name.items() if its == exchange):
            rows = np.flatnonzero(known[name])
            for row in rows[~is_open[rows]]:
                raise StudyError(
                    f"Returns of {name!r} have {table.at[index[row], name]:.4g} on "
                    f"{index[row]:%Y-%m-%d}, when {exchange} was closed: filled, or of "
                    "another day. Take returns before symbols stand side by side, and "
                    "fill nothing: prices[symbol].dropna().pct_change()."
                )
            ends = index[rows[[0, -1]]] if len(rows) else index[[-1, 0]]
            for day in (one for one in gone if ends[0] < one < ends[1]):
                raise StudyError(
                    f"Returns of {name!r} have no row for {day:%Y-%m-%d}, a session of "
                    f"{exchange}: keep all rows, empty where there is no return, since "
                    "without it windows are counted wrongly. Of instruments of two "
                    "exchanges .dropna() takes out sessions of both."
                )
            if not reported.get(name):
                continue
            holes = index.isin(pd.DatetimeIndex(reported[name])) & ~known[name]
            after = holes[is_open][:-1] & known[name][is_open][1:]
            for day in index[is_open][1:][after]:
                raise StudyError(
                    f"The return of {name!r} on {day:%Y-%m-%d} follows a session "
                    "without a price and is of several sessions: leave it empty."
                )


def calendars(table: pd.DataFrame, names: Iterable[Any]) -> dict[Any, str]:
    """Return the calendar of each column that is an instrument's, or said to be.

    ``table.attrs["exchange"]`` says it of columns of one's own: a market identifier
    code for all of them, or a mapping of column to code.
    """
    names = list(names)
    said = table.attrs.get("exchange", {})
    if isinstance(said, str):
        said = dict.fromkeys(names, said)
    if not isinstance(said, Mapping):
        raise StudyError(
            f"returns.attrs['exchange'] is {said!r}: a code such as 'XNYS', or a "
            "mapping of column to code."
        )
    own = {name: calendar_code(said[name]) for name in names if name in said}
    return own | calendars_of(names)


def return_kind(returns: pd.DataFrame) -> str:
    """Return "simple" or "log", as ``returns.attrs["kind"]`` says, or "" if nothing."""
    kind = returns.attrs.get("kind", "")
    if kind not in (*RETURN_KINDS, ""):
        raise StudyError(f"returns.attrs['kind'] is {kind!r}, not 'simple' or 'log'.")
    return str(kind)


def known_kind(kind: str) -> str:
    """Return the kind of returns where it counts, or ask for it."""
    if not kind:
        raise StudyError(
            "Are these returns simple or log? Compounding needs to know: set "
            "returns.attrs['kind'] = 'simple' (P_t / P_(t-1) - 1) or 'log'."
        )
    return kind
