"""Events placed on the sessions of each instrument's exchange."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from helpers.data.calendars import parse_day
from helpers.data.collection_rules import SPECIAL_SESSIONS
from helpers.data.files import read_verified
from helpers.data.instruments import as_names, instrument
from helpers.data.schema import as_written
from helpers.errors import CalendarError, DataError
from helpers.study.day0 import Day0, day0

if TYPE_CHECKING:
    import pandas as pd

_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def place_event(
    event_id: str, announced: str | dt.date, symbols: str | Iterable[str]
) -> pd.DataFrame:
    """Place an event of one's own, which is kept nowhere, on instruments.

    Parameters
    ----------
    event_id : str
        What to call it.
    announced : str, date or Timestamp
        When it was announced: an instant with its UTC offset, such as
        ``2025-10-06T08:00-04:00``; two of them with a slash between, earliest and
        latest, where only a stretch of the day is known; or a date alone. Of a date
        the first session dated on or after it is day 0.
    symbols : str or iterable of str
        Instruments to place it on.

    Returns
    -------
    DataFrame
        What ``event_study`` takes, one row an instrument: ``event_id``, ``symbol``,
        ``day0`` (Timestamp without time zone), ``exchange``, ``window`` (default
        event window, in sessions), ``flagged``, ``precision``, ``rule``; as of
        :func:`helpers.load_events`.

    Raises
    ------
    DataError
        If a symbol is unknown, or none is given.
    CalendarError
        If `announced` cannot be read, has no offset, or lies outside a calendar.

    Examples
    --------
    >>> place_event("amd-openai", "2025-10-06T08:00-04:00", "AMD").loc[0, "day0"]
    Timestamp('2025-10-06 00:00:00')
    """
    import pandas as pd

    chosen = list(dict.fromkeys(as_names(symbols)))
    if not chosen:
        raise DataError("No symbol was given: name at least one.")
    on: dict[str, Day0] = {}
    records = []
    for symbol in chosen:
        exchange = str(instrument(symbol)["mic"])
        placed = on[exchange] if exchange in on else _placed(announced, exchange)
        on[exchange] = placed
        records.append(placement_record(event_id, symbol, placed))
    table = pd.DataFrame(records)
    table["day0"] = pd.to_datetime(table["day0"]).dt.as_unit("ns")
    return table


def _placed(announced: str | dt.date, exchange: str) -> Day0:
    text = as_written(announced)
    if _DATE.fullmatch(text):
        # Of a date alone only the date counts, whatever the offset.
        return day0(f"{parse_day(text):%Y-%m-%d}T12:00+00:00", exchange, "day")
    if text.count("/") == 1:
        earliest, latest = text.split("/")
        return day0(latest, exchange, "session", interval=(earliest, latest))
    return day0(text, exchange)


def placement_record(event_id: str, symbol: str, placed: Day0) -> dict[str, Any]:
    """One row of a table of events: an event placed on a symbol's exchange."""
    return {
        "event_id": event_id,
        "symbol": symbol,
        "day0": placed.session,
        "exchange": placed.exchange,
        "window": placed.window,
        "flagged": placed.flagged,
        "precision": placed.precision,
        "rule": placed.rule,
    }


class Placements:
    """Day 0 of each ledger event on each exchange."""

    def __init__(self, ledger: pd.DataFrame) -> None:
        self.events: dict[str, dict[str, Any]] = {
            str(event_id): {str(field): value for field, value in event.items()}
            for event_id, event in ledger.to_dict("index").items()
        }
        self._special = read_verified(SPECIAL_SESSIONS.file)

    def on(self, event_id: str, exchange: str) -> Day0:
        """Day 0 of one event on one exchange, or an error that names the event."""
        event = self.events[event_id]
        try:
            return _day0(
                *(event[f"{name}_at"] for name in ("announced", "earliest", "latest")),
                event["timezone"],
                event["precision"],
                exchange,
                self._special,
            )
        except CalendarError as error:
            raise CalendarError(f"Event {event_id}: {error}") from error


# Placing the whole ledger anew takes longer than any study of one event.
@lru_cache(maxsize=4096)
def _day0(
    announced: pd.Timestamp,
    earliest: pd.Timestamp,
    latest: pd.Timestamp,
    timezone: str,
    precision: str,
    exchange: str,
    _special: bytes,
) -> Day0:
    start, end = earliest.tz_convert(timezone), latest.tz_convert(timezone)
    return day0(
        announced.tz_convert(timezone),
        exchange,
        precision,
        interval=(start, end) if precision == "session" else None,
    )
