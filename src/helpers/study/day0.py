"""Day 0: the first session of an exchange in which trading could react.

Where the clock of an announcement is known, day 0 is the session that closes
first after that instant. The lunch breaks of Hong Kong and the mainland do not
matter: news in the break meets the afternoon of the same session.

Where only the date is known, day 0 is the first session dated on or after that
date. The date is the one written in the announcement's own time zone and is
compared with the session dates of the exchange as they stand, without shifting
it by the difference of clocks. This has a limit: news in Beijing's small hours
belongs to New York's session of the day before, and news in New York's afternoon
to Asia's session of the day after. The second case is why the event window of
such an event has two sessions; the first is left out, since press and regulators
in Beijing publish from the morning on.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpers.data.calendars import exchange_timezone, parse_instant, session_hours
from helpers.data.event_rules import PRECISIONS
from helpers.errors import CalendarError

if TYPE_CHECKING:
    import pandas as pd

Instant = str | dt.datetime


@dataclass(frozen=True)
class Day0:
    """Day 0 of an announcement on one exchange.

    Parameters
    ----------
    session : Timestamp
        Date of the session, without time zone.
    rule : str
        The rule that chose it, with the local clock: one sentence.
    exchange : str
        Market identifier code.
    precision : str
        How well the announcement's clock is known: minute, session or day.
    flagged : bool
        Whether the clock is known less well than to the minute.
    window : (int, int)
        Default event window, in sessions relative to day 0: (0, 0), or more
        sessions where the news may have met a later one first.
    """

    session: pd.Timestamp
    rule: str
    exchange: str
    precision: str
    flagged: bool
    window: tuple[int, int]


def day0(
    announced_at: Instant,
    exchange: str,
    precision: str = "minute",
    *,
    interval: tuple[Instant, Instant] | None = None,
) -> Day0:
    """Return the first session of an exchange that could react to news.

    Parameters
    ----------
    announced_at : str, datetime or Timestamp
        Instant with a UTC offset or time zone, such as
        ``2025-08-27T16:20-04:00``. With precision ``day`` only its date counts,
        as written.
    exchange : str
        Market identifier code, such as XNAS, XHKG or XSHG.
    precision : {"minute", "session", "day"}, optional
        How well the clock is known.
    interval : (instant, instant), optional
        Earliest and latest instant of an announcement known to the ``session``.
        If they fall to different sessions of this exchange, day 0 is the first
        of these and the default window reaches to the last.

    Returns
    -------
    Day0
        Session, rule, flag and default window.

    Raises
    ------
    CalendarError
        If an instant cannot be read or has no offset, lies outside the
        exchange's calendar or outside its interval, or if the exchange or the
        precision is unknown.

    Examples
    --------
    >>> day0("2025-08-27T16:20-04:00", "XNAS").session.date().isoformat()
    '2025-08-28'
    """
    if precision not in PRECISIONS:
        raise CalendarError(
            f"Precision {precision!r} is not one of {', '.join(PRECISIONS)}."
        )
    hours = session_hours(exchange)
    instant = parse_instant(announced_at)
    if interval is not None and precision != "session":
        raise CalendarError(
            f"An interval goes with the precision session, not {precision}."
        )
    if precision == "day":
        return _by_date(instant, exchange, hours)
    position = _first_to_react(instant, exchange, hours)
    last = position
    rule = _clock_rule(instant, exchange, hours, position)
    if precision == "session":
        rule = f"The clock is known to a stretch of the day only; taken as {rule}"
    if interval is not None:
        earliest, latest = (parse_instant(bound) for bound in interval)
        if not earliest <= instant <= latest:
            raise CalendarError(
                f"{instant.isoformat()} is not between {earliest.isoformat()} and "
                f"{latest.isoformat()}: correct the interval."
            )
        first = _first_to_react(earliest, exchange, hours)
        last = _first_to_react(latest, exchange, hours)
        if first != last:
            position = first
            rule = (
                f"Announced between {_clock(earliest, exchange)} and "
                f"{_clock(latest, exchange)}, which may meet any session from "
                f"{hours.index[first]:%Y-%m-%d} to {hours.index[last]:%Y-%m-%d}: "
                "the first of them."
            )
    return Day0(
        session=hours.index[position],
        rule=rule,
        exchange=exchange,
        precision=precision,
        flagged=precision != "minute",
        window=(0, last - position),
    )


def _first_to_react(instant: pd.Timestamp, exchange: str, hours: pd.DataFrame) -> int:
    position = int(hours["close"].searchsorted(instant, side="right"))
    before_calendar = instant < hours["open"].iloc[0]
    if before_calendar or position == len(hours):
        raise _outside(instant.isoformat(), exchange, hours)
    return position


def _by_date(instant: pd.Timestamp, exchange: str, hours: pd.DataFrame) -> Day0:
    date = instant.tz_localize(None).normalize()
    position = int(hours.index.searchsorted(date))
    # The default window needs the session after day 0 as well.
    if date < hours.index[0] or position + 1 >= len(hours):
        raise _outside(f"{date:%Y-%m-%d}", exchange, hours)
    session = hours.index[position]
    return Day0(
        session=session,
        rule=(
            f"Only the date {date:%Y-%m-%d} is known: the first session of "
            f"{exchange} dated on or after it is {session:%Y-%m-%d}."
        ),
        exchange=exchange,
        precision="day",
        flagged=True,
        window=(0, 1),
    )


def _outside(what: str, exchange: str, hours: pd.DataFrame) -> CalendarError:
    return CalendarError(
        f"{what} has no day 0 on {exchange}: its calendar runs from "
        f"{hours.index[0]:%Y-%m-%d} to {hours.index[-1]:%Y-%m-%d}."
    )


def _clock(instant: pd.Timestamp, exchange: str) -> str:
    zone = exchange_timezone(exchange)
    city = zone.rpartition("/")[2].replace("_", " ")
    return f"{instant.tz_convert(zone):%a %Y-%m-%d %H:%M} {city} time"


def _clock_rule(
    instant: pd.Timestamp, exchange: str, hours: pd.DataFrame, position: int
) -> str:
    zone = exchange_timezone(exchange)
    session = hours.index[position]
    opens, closes = (
        hours[edge].iloc[position].tz_convert(zone) for edge in ("open", "close")
    )
    local_date = instant.tz_convert(zone).tz_localize(None).normalize()
    if instant >= opens:
        why = f"inside the session ({opens:%H:%M} to {closes:%H:%M})"
    elif local_date == session:
        why = f"before the open ({opens:%H:%M})"
    elif position and hours.index[position - 1] == local_date:
        closed = hours["close"].iloc[position - 1].tz_convert(zone)
        why = f"at or after the close ({closed:%H:%M})"
    else:
        why = "on a day without a session"
    return (
        f"{_clock(instant, exchange)}, {why}: the first session of {exchange} to "
        f"react is {session:%Y-%m-%d}."
    )
