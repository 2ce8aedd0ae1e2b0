"""What a study is given, read in one way only or refused with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from numbers import Number
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from pandas.api.types import is_hashable, is_numeric_dtype

from helpers.data.schema import iso_date
from helpers.errors import StudyError

EVENT_COLUMNS = ("event_id", "symbol", "day0")
Mask: TypeAlias = Mapping[str, Iterable[Any]] | pd.DataFrame


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
