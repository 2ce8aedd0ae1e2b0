"""Sessions and opening hours of the exchanges, net of closures the library lacks.

The calendars come from ``exchange_calendars``; ``data/closures.csv`` removes the
sessions that the library has and the exchange did not hold.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING

from helpers.data.faults import Fault, refuse
from helpers.data.files import read_verified
from helpers.data.text_tables import (
    empty_cells,
    iso_dates,
    read_text_table,
    repeated_rows,
)
from helpers.errors import CalendarError

if TYPE_CHECKING:
    import pandas as pd

FIRST_DAY = "2018-01-01"

# Fixed ends keep results independent of the day on which they are computed. The
# library records Shanghai's holidays only for years already announced, and for
# Seoul it lacks the public holidays that a law of 2026 added.
_LAST_DAY = {
    "XAMS": "2026-12-31",
    "XETR": "2026-12-31",
    "XHKG": "2027-12-31",
    "XKRX": "2026-12-31",
    "XNYS": "2027-12-31",
    "XSHG": "2026-12-31",
    "XTAI": "2026-12-31",
    "XTKS": "2026-12-31",
}

# Exchanges that keep another exchange's hours and holidays.
_SAME_CALENDAR = {
    "ARCX": "XNYS",
    "BATS": "XNYS",
    "XASE": "XNYS",
    "XKOS": "XKRX",
    "XNAS": "XNYS",
    "XSHE": "XSHG",
}

_TIMEZONE = {
    "XAMS": "Europe/Amsterdam",
    "XETR": "Europe/Berlin",
    "XHKG": "Asia/Hong_Kong",
    "XKRX": "Asia/Seoul",
    "XNYS": "America/New_York",
    "XSHG": "Asia/Shanghai",
    "XTAI": "Asia/Taipei",
    "XTKS": "Asia/Tokyo",
}

CLOSURES_FILE = "closures.csv"
CLOSURES_COLUMNS = ["exchange", "date", "reason", "source"]


def sessions(
    exchange: str,
    start: str | dt.date | None = None,
    end: str | dt.date | None = None,
) -> pd.DatetimeIndex:
    """Return the session dates of an exchange.

    Parameters
    ----------
    exchange : str
        Market identifier code of an exchange of the bundled data (XNYS, XNAS,
        ARCX, XHKG, XSHG, XSHE, XKRX), or one more whose calendar is at hand for
        instruments that are added: BATS, XASE, XKOS, XTAI, XTKS, XAMS, XETR.
    start, end : str, date or Timestamp, optional
        First and last date, both inclusive; default the calendar's whole range.

    Returns
    -------
    DatetimeIndex
        Ascending session dates without time zone, named ``session``.

    Raises
    ------
    CalendarError
        If the exchange is unknown, a date cannot be read or lies outside the
        calendar's range, or ``start`` is after ``end``.

    Examples
    --------
    >>> sessions("XSHG", "2022-09-30", "2022-10-10").strftime("%m-%d").tolist()
    ['09-30', '10-10']
    """
    index = sessions_net_of(exchange, read_verified(CLOSURES_FILE))
    if start is None and end is None:
        return index
    first = None if start is None else _date_in_range(exchange, start)
    last = None if end is None else _date_in_range(exchange, end)
    if first is not None and last is not None and first > last:
        raise CalendarError(
            f"start {first:%Y-%m-%d} is after end {last:%Y-%m-%d}: swap them."
        )
    return index[index.slice_indexer(first, last)]


def session_hours(exchange: str) -> pd.DataFrame:
    """Return when each session of an exchange opens and closes.

    Parameters
    ----------
    exchange : str
        Market identifier code, as for :func:`sessions`.

    Returns
    -------
    DataFrame
        Index ``session`` (dates without time zone); columns ``open`` and
        ``close`` (instants in UTC), early closes included. The lunch break of
        Hong Kong and the mainland lies inside.

    Raises
    ------
    CalendarError
        If the exchange is unknown.
    """
    closures = read_verified(CLOSURES_FILE)
    return _net_hours(calendar_code(exchange), closures).copy()


def is_session(exchange: str, date: str | dt.date) -> bool:
    """Tell whether an exchange held a session on a date.

    Raises
    ------
    CalendarError
        If the exchange is unknown or the date unreadable or out of range.
    """
    day = _date_in_range(exchange, date)
    closures = read_verified(CLOSURES_FILE)
    return day in _net_hours(calendar_code(exchange), closures).index


def exchange_timezone(exchange: str) -> str:
    """Return the IANA time zone of an exchange, such as ``America/New_York``.

    Raises
    ------
    CalendarError
        If the exchange is unknown.
    """
    return _TIMEZONE[calendar_code(exchange)]


def calendar_code(exchange: str) -> str:
    """Return the code of the calendar that an exchange keeps.

    Parameters
    ----------
    exchange : str
        Market identifier code, such as XNAS.

    Returns
    -------
    str
        XNYS, XHKG, XSHG, XKRX, XTAI, XTKS, XAMS or XETR.

    Raises
    ------
    CalendarError
        If the exchange is unknown.
    """
    code = _SAME_CALENDAR.get(exchange, exchange)
    if code not in _LAST_DAY:
        known = ", ".join(sorted([*_LAST_DAY, *_SAME_CALENDAR]))
        raise CalendarError(f"Unknown exchange {exchange!r}: known are {known}.")
    return code


def sessions_net_of(exchange: str, closures: bytes) -> pd.DatetimeIndex:
    """Return all sessions of an exchange, given the bytes of a closures file.

    Raises
    ------
    CalendarError
        If the exchange is unknown.
    DataError
        If the closures file breaks a rule.
    """
    import pandas as pd

    return pd.DatetimeIndex(_net_hours(calendar_code(exchange), closures).index)


def read_closures(content: bytes) -> pd.DataFrame:
    """Read a closures file and check it.

    Parameters
    ----------
    content : bytes
        The file's content.

    Returns
    -------
    DataFrame
        Columns ``exchange``, ``date`` (Timestamp), ``reason``, ``source``.

    Raises
    ------
    DataError
        If columns are not those of the codebook, an exchange is unknown, a date
        is none or falls on a weekend, a row occurs twice, or a reason or source
        is empty.
    """
    table = read_text_table(content, CLOSURES_FILE, CLOSURES_COLUMNS)
    dates = iso_dates(table["date"])
    faults = empty_cells(table, CLOSURES_FILE, ("reason", "source"))
    known = ", ".join(sorted(_LAST_DAY))
    for position, (exchange, text) in enumerate(
        zip(table["exchange"], table["date"], strict=True)
    ):
        row = position + 2
        if exchange not in _LAST_DAY:
            problem = f"{exchange!r} is not one of {known}."
            faults.append(Fault(CLOSURES_FILE, problem, row=row, field="exchange"))
        if dates.isna().iloc[position]:
            problem = f"{text!r} is not a date (YYYY-MM-DD)."
            faults.append(Fault(CLOSURES_FILE, problem, row=row, field="date"))
        elif dates.iloc[position].dayofweek >= 5:
            problem = f"{text} is a weekend: no exchange would have been open."
            faults.append(Fault(CLOSURES_FILE, problem, row=row, field="date"))
    faults += repeated_rows(table, CLOSURES_FILE, ("exchange", "date"), "date")
    refuse(faults)
    return table.assign(date=dates)


@lru_cache(maxsize=16)
def _net_hours(code: str, closures: bytes) -> pd.DataFrame:
    table = read_closures(closures)
    hours = _library_hours(code)
    closed = table.loc[table["exchange"] == code, "date"]
    return hours[~hours.index.isin(closed)]


@lru_cache(maxsize=8)
def _library_hours(code: str) -> pd.DataFrame:
    # Building Seoul's calendar takes about two seconds, hence one exchange at a
    # time and only when asked for.
    import exchange_calendars
    import pandas as pd

    calendar = exchange_calendars.get_calendar(
        code, start=FIRST_DAY, end=_LAST_DAY[code]
    )
    hours = calendar.schedule[["open", "close"]]
    # The library's index carries a business-day frequency that would survive
    # into results and no longer holds once closures are taken out.
    index = pd.DatetimeIndex(hours.index.to_numpy(), name="session")
    return hours.set_axis(index)


def parse_day(value: str | dt.date) -> pd.Timestamp:
    """Return a date as a Timestamp without time zone.

    Parameters
    ----------
    value : str, date or Timestamp
        The date, such as ``2025-08-29``.

    Raises
    ------
    CalendarError
        If it is not a date, or has a time of day or a time zone.
    """
    import pandas as pd

    # A number would be read as nanoseconds since 1970.
    readable = isinstance(value, str | dt.date) and not pd.isna(value)
    try:
        day = pd.Timestamp(value) if readable else None
    except ValueError:
        day = None
    if day is None or pd.isna(day):
        raise CalendarError(f"{value!r} is not a date: write it as YYYY-MM-DD.")
    if day.tzinfo is not None or day != day.normalize():
        raise CalendarError(
            f"{value!r} has a time of day or a time zone: give the date only."
        )
    return day.as_unit("ns")


def _date_in_range(exchange: str, value: str | dt.date) -> pd.Timestamp:
    import pandas as pd

    code = calendar_code(exchange)
    day = parse_day(value)
    if not pd.Timestamp(FIRST_DAY) <= day <= pd.Timestamp(_LAST_DAY[code]):
        raise CalendarError(
            f"{day:%Y-%m-%d} is outside the {code} calendar, which runs from "
            f"{FIRST_DAY} to {_LAST_DAY[code]}."
        )
    return day
