"""What a study is given, read in one way only or refused with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from numbers import Number
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from pandas.api.types import is_float_dtype, is_hashable, is_numeric_dtype

from helpers.data.calendars import exchange_timezone, sessions
from helpers.data.instruments import calendars_of
from helpers.data.schema import iso_date
from helpers.errors import StudyError

EVENT_COLUMNS = ("event_id", "symbol", "day0")
RETURN_KINDS = ("simple", "log")
# Far above any return or volume, far below where squares overflow.
LARGEST = 1e30
# No listed share moves as much on half of its sessions.
LARGE_RETURN = 0.1
# Nor does one that trades stand still for longer than this.
MOST_ZEROS = 10
Mask: TypeAlias = Mapping[str, Iterable[Any]] | pd.DataFrame


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
        zone = next(
            (exchange_timezone(one) for one in calendars_of(columns).values()), ""
        )
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
    of_name = calendars_of(known)
    for day in index[index.weekday >= 5]:
        for name in known.keys() - of_name.keys():
            if table.at[day, name] == 0:
                raise StudyError(
                    f"Returns of {name!r} are zero on {day:%A %Y-%m-%d}: leave out "
                    "days without a session."
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


def check_events(events: pd.DataFrame) -> pd.DataFrame:
    """Return event_id, symbol, day0 and, if given, sign, or say what is wrong.

    Events stand in the order in which their names first come, and within an event
    its symbols in the order in which those first come in the whole frame.
    """
    if not isinstance(events, pd.DataFrame):
        raise StudyError(
            "Events must be a DataFrame with columns event_id, symbol, day0: see "
            "helpers.load_events."
        )
    for name in EVENT_COLUMNS:
        count = list(events.columns).count(name)
        if count != 1:
            raise StudyError(
                f"Events have {count or 'no'} column{'s' * (count > 1)} {name!r}: "
                "helpers.load_events(symbols) gives one row an event and symbol, "
                "with its day 0."
            )
    if events.empty:
        raise StudyError("There are no events to study: the frame of events is empty.")
    out = events.loc[:, list(EVENT_COLUMNS)].reset_index(drop=True)
    out["day0"] = plain_dates(out["day0"], "The column day0 of the events")
    if out[["event_id", "symbol"]].isna().any(axis=None):
        raise StudyError("An event has no event_id or no symbol.")
    for name in ("event_id", "symbol"):
        if out[name].dtype == object and not out[name].map(is_hashable).all():
            raise StudyError(
                f"A {name} is a collection: one row an event and symbol, each a text."
            )
    # An event_id that comes once has no symbol twice.
    if not out["event_id"].is_unique and out.duplicated(["event_id", "symbol"]).any():
        row = out[out.duplicated(["event_id", "symbol"])].iloc[0]
        raise StudyError(
            f"Event {row.event_id!r} has {row.symbol!r} twice: one row an event and "
            "symbol."
        )
    if "sign" in events.columns:
        for name, sign in zip(out["event_id"], events["sign"], strict=True):
            if isinstance(sign, str) or sign not in (1, -1):
                raise StudyError(
                    f"Event {name!r} has the sign {sign!r}: it is 1 or -1. Leave out "
                    "an event without an expected sign."
                )
        out["sign"] = events["sign"].to_numpy(dtype=float)
    order = np.lexsort([pd.factorize(out[name])[0] for name in ("symbol", "event_id")])
    if (np.diff(order) != 1).any():
        out = out.iloc[order].reset_index(drop=True)
    return out


def event_index(events: pd.DataFrame) -> pd.MultiIndex:
    """The index (event_id, symbol) of events in the order of :func:`check_events`.

    Its levels are in order of appearance, so that it is sorted as it stands and
    pandas looks up an event without a warning.
    """
    names = ["event_id", "symbol"]
    codes, levels = zip(*(pd.factorize(events[name]) for name in names), strict=True)
    return pd.MultiIndex(levels=levels, codes=codes, names=names)


def plain_dates(values: Any, what: str) -> pd.DatetimeIndex:
    """Return dates without clock or time zone; NaT stays NaT.

    Text must be a whole ISO date, 2025-08-29: others can be misread.
    """
    hint = "use dates such as '2025-08-29'"
    if isinstance(values, str):
        raise StudyError(f"{what}: one text is given where a list belongs: {hint}.")
    try:
        given = pd.Index(values if isinstance(values, pd.Series) else list(values))
        if is_numeric_dtype(given.dtype) and not given.isna().all():
            raise StudyError(f"{what} holds numbers, not dates: {hint}.")
        # pandas would read a number as nanoseconds since 1970.
        if given.dtype == object and any(
            isinstance(value, Number) and value == value for value in given
        ):
            raise StudyError(f"{what} holds a number among its dates: {hint}.")
        for text in (one for one in given if isinstance(one, str)):
            iso_date(text)
        dates = pd.DatetimeIndex(pd.to_datetime(given, format="ISO8601"))
    except (ValueError, TypeError, OverflowError) as error:
        raise StudyError(f"{what} is no list of dates ({error}): {hint}.") from None
    if dates.tz is not None:
        raise StudyError(
            f"{what} has a time zone, session dates have none: helpers.day0 turns an "
            "announcement's instant into its session."
        )
    timed = dates[(dates != dates.normalize()) & dates.notna()]
    if len(timed):
        raise StudyError(
            f"{what} has a time of day ({timed[0]}): helpers.day0 turns an "
            "announcement's instant into its session."
        )
    return dates


def per_symbol(
    choice: str | Mapping[str, str] | None, symbols: Sequence[str], what: str
) -> dict[str, str]:
    """Spread one choice over all symbols, or check that a mapping covers them."""
    if choice is None:
        raise StudyError(f"This model needs a {what}: pass {what}='^GSPC', for one.")
    if isinstance(choice, str):
        return dict.fromkeys(symbols, choice)
    if not isinstance(choice, Mapping):
        raise StudyError(
            f"{what} is one symbol or a mapping of symbol to symbol, not {choice!r}."
        )
    without = [symbol for symbol in symbols if not choice.get(symbol)]
    if without:
        raise StudyError(f"No {what} is given for {', '.join(map(repr, without))}.")
    return {symbol: choice[symbol] for symbol in symbols}


def require_names(names: Iterable[Any], known: Iterable[Any], what: str) -> None:
    """Refuse names that are not among the `known`, with near matches."""
    listed = [str(one) for one in known]
    for name in names:
        if str(name) not in listed:
            near = get_close_matches(str(name), listed, 3)
            hint = f"; did you mean {' or '.join(near)}?" if near else "."
            raise StudyError(f"There is no {what} {name!r}{hint}")


def require_columns(table: pd.DataFrame, names: Iterable[Any], what: str) -> None:
    """Refuse names that the table does not have, with near matches."""
    absent = [name for name in names if name not in table.columns]
    require_names(absent, table.columns, f"column for the {what}")


def mask_dates(
    mask: Mask | None, symbols: Iterable[str]
) -> dict[str, pd.DatetimeIndex]:
    """Sessions to keep out of estimation, by symbol; one of `symbols` at least."""
    if mask is None:
        return {}
    if isinstance(mask, pd.DataFrame):
        absent = {"symbol", "date"} - set(mask.columns)
        if absent:
            raise StudyError(
                f"The mask lacks the column(s) {', '.join(sorted(absent))}."
            )
        groups: dict[str, Any] = {
            str(name): rows["date"] for name, rows in mask.groupby("symbol")
        }
    elif isinstance(mask, Mapping):
        groups = dict(mask)
    else:
        raise StudyError(
            "A mask is a mapping of symbol to dates, or a DataFrame with columns "
            "symbol and date."
        )
    if groups and not set(groups) & set(symbols):
        raise StudyError(
            f"The mask is for {', '.join(map(repr, list(groups)[:3]))}, and none of "
            "its symbols is under study."
        )
    return {
        name: plain_dates(dates, f"The mask of {name!r}")
        for name, dates in groups.items()
    }
