"""Groups of shares as one series: equally weighted, over those that trade."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from helpers.data.calendars import calendar_code
from helpers.data.instruments import load_instruments
from helpers.errors import StudyError
from helpers.study.checks import require_columns
from helpers.study.frames import check_frame, check_returns, return_kind

MARKS = ("holes", "after_holes")


def basket(
    returns: pd.DataFrame,
    symbols: str | Iterable[str],
    name: str,
    benchmark: str | None = None,
) -> pd.DataFrame:
    """Return the equal-weighted return of shares as one column.

    Parameters
    ----------
    returns : DataFrame, sessions x symbols
        Decimal returns: see ``load_returns``.
    symbols : str or iterable of str
        Members, columns of `returns`, all of exchanges with the same sessions.
    name : str
        The basket's column.
    benchmark : str, optional
        A further column to keep beside it.

    Returns
    -------
    DataFrame
        Column `name`, and `benchmark`, on the rows of `returns`. The basket's
        return is the mean over the members that have one on that session, so that
        listings enter when they start and halts drop out; NaN where none has.
        ``attrs`` are kept, those of sessions without a return for the basket where
        no member has one.

    Raises
    ------
    StudyError
        If a symbol has no column, members have different sessions, a name is taken
        or the columns hold no returns.

    Examples
    --------
    >>> from helpers import basket, load_returns
    >>> returns = load_returns(["AMD", "AVGO", "^GSPC"])
    >>> two = basket(returns, ["AMD", "AVGO"], "designers", "^GSPC")
    >>> two.loc["2025-08-29"].round(4).to_dict()
    {'designers': -0.0359, '^GSPC': -0.0064}
    """
    return baskets(
        returns,
        {name: symbols},
        keep=() if benchmark is None else (benchmark,),
    )


def baskets(
    returns: pd.DataFrame,
    groups: pd.DataFrame | Mapping[str, str | Iterable[str]],
    keep: str | Iterable[str] = (),
) -> pd.DataFrame:
    """Return the equal-weighted returns of several groups, a column each.

    Parameters
    ----------
    returns : DataFrame, sessions x symbols
        Decimal returns: see ``load_returns``.
    groups : DataFrame or mapping
        As ``load_groups`` gives them, with ``symbols`` and ``benchmark``, or name
        to symbols.
    keep : str or iterable of str
        Further columns to keep, besides the benchmarks that `groups` name.

    Returns
    -------
    DataFrame
        A column a group, then those kept; see :func:`basket`.

    Raises
    ------
    StudyError
        As :func:`basket`.

    Examples
    --------
    >>> from helpers import baskets, load_groups, load_returns
    >>> groups = load_groups({"Nvidia": None, "memory": ["MU"]})
    >>> returns = load_returns(["NVDA", "MU", "^GSPC"])
    >>> baskets(returns, groups).columns.tolist()
    ['Nvidia', 'memory', '^GSPC']
    """
    check_frame(returns)
    if isinstance(groups, pd.DataFrame):
        members: Mapping[str, Any] = groups["symbols"].to_dict()
        kept = [market for market in groups["benchmark"] if market]
    else:
        members, kept = groups, []
    kept = list(dict.fromkeys([*kept, *([keep] if isinstance(keep, str) else keep)]))
    require_columns(returns, kept, "benchmark")
    columns = {}
    marks: dict[str, dict[str, list[str]]] = {mark: {} for mark in MARKS}
    for name, given in members.items():
        symbols = [given] if isinstance(given, str) else list(dict.fromkeys(given))
        _check_members(returns, str(name), symbols, kept)
        series = returns[symbols].mean(axis=1)
        columns[name] = series
        for mark, table in marks.items():
            table[str(name)] = _without_return(returns, symbols, mark, series)
    for market in kept:
        columns[market] = returns[market]
        for mark, table in marks.items():
            if market in returns.attrs.get(mark, {}):
                table[market] = list(returns.attrs[mark][market])
    out = pd.DataFrame(columns)
    out.attrs = {**returns.attrs, **marks}
    for of_members in ("history", "largest"):
        out.attrs.pop(of_members, None)
    return out


def _check_members(
    returns: pd.DataFrame, name: str, symbols: list[str], kept: list[str]
) -> None:
    """Refuse members that make no basket."""
    if not symbols:
        raise StudyError(f"The basket {name!r} has no members: name at least one.")
    require_columns(returns, symbols, "symbol")
    if name in kept:
        raise StudyError(f"{name!r} is the name of a basket and of a column to keep.")
    check_returns(returns, symbols)
    if return_kind(returns) == "log":
        raise StudyError(
            f"A basket ({name!r}) holds simple returns, whose mean it is: use "
            "load_returns(..., kind='simple')."
        )
    exchange = load_instruments()["mic"]
    known = [one for one in symbols if one in exchange.index]
    calendars = {one: calendar_code(exchange[one]) for one in known}
    other = [one for one in known if calendars[one] != calendars[known[0]]]
    if other:
        raise StudyError(
            f"{known[0]} and {other[0]} of the basket {name!r} trade on exchanges with "
            "different sessions: make a basket of each."
        )


def _without_return(
    returns: pd.DataFrame, symbols: list[str], mark: str, series: pd.Series
) -> list[str]:
    """Sessions that a member reports as without a return, where the basket has none."""
    reported = returns.attrs.get(mark, {})
    dates = {date for symbol in symbols for date in reported.get(symbol, ())}
    lacking = set(series.index[series.isna()].strftime("%Y-%m-%d"))
    return sorted(dates & lacking)
