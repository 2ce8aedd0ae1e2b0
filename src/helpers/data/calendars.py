"""Sessions and opening hours of the exchanges, and the readers of dates and instants.

The calendars come from ``exchange_calendars``; ``data/special_sessions.csv`` takes out
the sessions that the exchange did not hold, and has those held at other hours.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING

from helpers.data.collection_rules import CALENDARS, SPECIAL_SESSIONS
from helpers.data.files import data_dir
from helpers.data.schema import iso_date, iso_instant
from helpers.errors import CalendarError

if TYPE_CHECKING:
    import pandas as pd

Day = str | dt.date

FIRST_DAY = "2018-01-01"

# A calendar ends here, or a month from today if that is later. Of Shanghai the library
# has only the years whose holidays are announced, of Seoul not those that a law added.
_LAST_DAY = {"XHKG": "2027-12-31", "XNYS": "2027-12-31"}
_LAST_DAY_ELSEWHERE = "2026-12-31"
_MONTH = dt.timedelta(days=31)

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


def sessions(
    exchange: str, start: Day | None = None, end: Day | None = None
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
    import pandas as pd

    index = pd.DatetimeIndex(_hours(exchange).index)
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

    Examples
    --------
    >>> print(session_hours("XNYS").loc["2025-11-28", "close"])
    2025-11-28 18:00:00+00:00
    """
    return _hours(exchange).copy()


def is_session(exchange: str, date: Day) -> bool:
    """Tell whether an exchange held a session on a date.

    Examples
    --------
    >>> is_session("XHKG", "2023-09-08")
    False
    """
    return _date_in_range(exchange, date) in _hours(exchange).index


def exchange_timezone(exchange: str) -> str:
    """Return the IANA time zone of an exchange, such as ``America/New_York``."""
    return _TIMEZONE[calendar_code(exchange)]


def calendar_code(exchange: str) -> str:
    """Return the code of the calendar that an exchange keeps: XNYS for XNAS."""
    if not isinstance(exchange, str) or exchange not in CALENDARS:
        known = ", ".join(sorted(CALENDARS))
        raise CalendarError(f"Unknown exchange {exchange!r}: known are {known}.")
    return CALENDARS[exchange]


def _hours(exchange: str) -> pd.DataFrame:
    code = calendar_code(exchange)
    special = [
        (row["date"], row["opens"], row["closes"])
        for row in SPECIAL_SESSIONS.read(data_dir())
        if row["exchange"] == code
    ]
    return _special_hours(code, tuple(special), _last_day(code))


def _last_day(code: str) -> str:
    ahead = dt.datetime.now(dt.UTC).date() + _MONTH
    return max(_LAST_DAY.get(code, _LAST_DAY_ELSEWHERE), ahead.isoformat())


def build_calendars() -> None:
    """Build what the library knows of every exchange, ahead of its use: seconds."""
    for code in sorted(set(CALENDARS.values())):
        _library_hours(code, _last_day(code))


@lru_cache(maxsize=32)
def _special_hours(
    code: str, special: tuple[tuple[dt.date, str, str], ...], last: str
) -> pd.DataFrame:
    import pandas as pd

    closed = pd.DatetimeIndex([date for date, opens, _ in special if not opens])
    hours = _library_hours(code, last)
    hours = hours[~hours.index.isin(closed)].copy()
    for date, *clocks in special:
        if all(clocks) and (day := pd.Timestamp(date)) in hours.index:
            hours.loc[day] = [
                pd.Timestamp(f"{date} {clock}", tz=_TIMEZONE[code]).tz_convert("UTC")
                for clock in clocks
            ]
    return hours


@lru_cache(maxsize=8)
def _library_hours(code: str, last: str) -> pd.DataFrame:
    # Building Seoul's calendar takes about two seconds, hence one exchange at a
    # time and only when asked for.
    import exchange_calendars
    import pandas as pd

    try:
        calendar = exchange_calendars.get_calendar(code, start=FIRST_DAY, end=last)
        hours = calendar.schedule[["open", "close"]]
    except ValueError:  # the library does not know the holidays as far as that
        calendar = exchange_calendars.get_calendar(code, start=FIRST_DAY)
        hours = calendar.schedule[["open", "close"]]
        # Each weekday counts then, until special_sessions.csv says otherwise: prices
        # that lack it are refused.
        ahead = pd.bdate_range(calendar.bound_max(), last, inclusive="right")
        clock = hours.iloc[-1] - hours.index[-1].tz_localize("UTC")
        more = {edge: ahead.tz_localize("UTC") + clock[edge] for edge in hours}
        hours = pd.concat([hours, pd.DataFrame(more, index=ahead)])
    # The library's index carries a business-day frequency that would survive
    # into results and no longer holds once sessions are taken out.
    index = pd.DatetimeIndex(hours.index.to_numpy(), name="session").as_unit("ns")
    return hours.set_axis(index)


def parse_day(value: Day) -> pd.Timestamp:
    """Return a date, a text as YYYY-MM-DD and in no other way, as a Timestamp.

    ``CalendarError`` if it is not a date, or has a time of day or a time zone.

    Examples
    --------
    >>> parse_day("2025-08-29")
    Timestamp('2025-08-29 00:00:00')
    """
    import pandas as pd

    try:
        # A number would be read as nanoseconds since 1970.
        if isinstance(value, str):
            day = pd.Timestamp(iso_date(value))
        elif isinstance(value, dt.date) and not pd.isna(value):
            day = pd.Timestamp(value)
        else:
            raise ValueError
        day = day.as_unit("ns")
    except ValueError:  # also of a year that a Timestamp cannot hold
        raise CalendarError(
            f"{value!r} is not a date: write it as YYYY-MM-DD."
        ) from None
    if day.tzinfo is not None or day != day.normalize():
        raise CalendarError(
            f"{value!r} has a time of day or a time zone: give the date only."
        )
    return day


def parse_instant(value: str | dt.datetime) -> pd.Timestamp:
    """Return an instant with its offset, as 2025-08-27T16:20-04:00, as a Timestamp.

    ``CalendarError`` if it is not one, or has no offset.

    Examples
    --------
    >>> parse_instant("2025-08-27T16:20-04:00").tz_convert("UTC").hour
    20
    """
    import pandas as pd

    text = value.isoformat() if isinstance(value, dt.datetime) else str(value)
    try:
        return pd.Timestamp(iso_instant(text)).as_unit("ns")
    except pd.errors.OutOfBoundsDatetime:
        raise CalendarError(f"{text} is of no year that can be studied.") from None
    except ValueError as error:
        raise CalendarError(str(error)) from None


def _date_in_range(exchange: str, value: Day) -> pd.Timestamp:
    code = calendar_code(exchange)
    day, last = parse_day(value), _last_day(code)
    if not FIRST_DAY <= f"{day:%Y-%m-%d}" <= last:
        raise CalendarError(
            f"{day:%Y-%m-%d} is outside the {code} calendar, which runs from "
            f"{FIRST_DAY} to {last}."
        )
    return day
