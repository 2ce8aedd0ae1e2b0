"""The ledger's events placed on the sessions of each instrument's exchange."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from numbers import Integral
from typing import TYPE_CHECKING

from helpers.data.calendars import exchange_timezone, parse_day, sessions
from helpers.data.event_rules import ACTORS, EVENT_TYPES, READINGS, VERIFICATIONS
from helpers.data.instruments import as_names, instrument, load_instruments, unknown
from helpers.data.ledger import load_earnings, load_ledger
from helpers.errors import CalendarError, DataError
from helpers.study.day0 import Day0, day0
from helpers.study.placing import Placements, placement_record
from helpers.study.windows import check_window

if TYPE_CHECKING:
    import pandas as pd

Names = str | Iterable[str]

_SIGNS = [f"{kind}_{reading}" for reading in READINGS for kind in ("sign", "lean")]
_CARRIED = ["title", "actor", "type", "type_second", "confounder", *_SIGNS]
_CARRIED += ["verification", "time_confidence", "announced_at"]
_NAMED = ["title", "type", "confounder", "symbols"]
_PLACED = ["event_id", "symbol", "day0", "exchange", "window", "flagged", "precision"]


def load_events(
    symbols: Names | None = None,
    *,
    event_ids: Names | None = None,
    types: Names | None = None,
    actors: Names | None = None,
    verification: Names | None = None,
) -> pd.DataFrame:
    """Return events with their day 0, one row for each event and symbol.

    Parameters
    ----------
    symbols : str or list of str, optional
        Symbols on which to place every chosen event; default, for each event,
        the symbols that the ledger names for it.
    event_ids, types, actors, verification : str or list of str, optional
        Keep these events only. An event's second type counts as well.

    Returns
    -------
    DataFrame
        ``event_id``, ``symbol``, ``day0`` (Timestamp without time zone),
        ``exchange``, ``window`` (default event window, in sessions),
        ``flagged``, ``precision``, ``rule``, then what the ledger says of the
        event; in order of announcement. ``attrs["without_symbols"]`` names the
        chosen events that have no row because the ledger names no symbol for
        them.

    Raises
    ------
    DataError
        If an event, type, actor, verification or symbol is unknown, or a table breaks
        a rule of the codebook.
    CalendarError
        If an event has no day 0 on an exchange that it is asked for.

    Examples
    --------
    >>> events = load_events("0981.HK", event_ids="bis-2022-10-07-rules")
    >>> events["day0"].dt.strftime("%Y-%m-%d").tolist()
    ['2022-10-10']
    """
    import pandas as pd

    ledger = _chosen(
        load_ledger(),
        event=event_ids,
        type=types,
        actor=actors,
        verification=verification,
    )
    exchange_of = load_instruments()["mic"]
    asked = None if symbols is None else _names(symbols)
    for symbol in asked or ():
        instrument(symbol)  # an unknown one gets a helpful message
    placements = Placements(ledger)
    records = []
    without_symbols = []
    for event_id, event in placements.events.items():
        wanted = event["symbols"] if asked is None else asked
        if not wanted:
            without_symbols.append(event_id)
        for symbol in wanted:
            placed = placements.on(event_id, exchange_of[symbol])
            records.append(
                placement_record(event_id, symbol, placed)
                | {field: event[field] for field in _CARRIED}
            )
    table = pd.DataFrame(records, columns=[*_PLACED, "rule", *_CARRIED])
    table["day0"] = pd.to_datetime(table["day0"]).dt.as_unit("ns")
    table.attrs["without_symbols"] = tuple(without_symbols)
    return table


def overlapping_events(
    around: str | dt.date,
    exchange: str,
    before: int = 5,
    after: int = 5,
    *,
    placed: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the events that may have met the sessions around an event or date.

    Parameters
    ----------
    around : str or date
        An ``event_id``, which is itself left out, or a date; a date without a
        session stands for the next session.
    exchange : str
        Market identifier code.
    before, after : int, optional
        Sessions to look back and ahead; an event counts as soon as its default
        window touches them.
    placed : DataFrame, optional
        The ledger on that exchange, where it is placed already.

    Returns
    -------
    DataFrame
        Indexed by ``event_id``: ``day0``, ``offset`` (sessions from the centre
        to day 0), ``window``, ``flagged``, ``precision``, ``title``, ``type``,
        ``confounder``, ``symbols``; in order of day 0.

    Raises
    ------
    DataError
        If `around` is neither an event of the ledger nor a date.
    CalendarError
        If the exchange is unknown, `before` or `after` is negative, or a date is
        outside the calendar.

    Examples
    --------
    >>> overlapping_events("2025-08-29", "XNAS", 0, 0).index[:2].tolist()
    ['alibaba-ai-chip-report', 'veu-revocation']
    """
    if not all(isinstance(one, Integral) and one >= 0 for one in (before, after)):
        raise CalendarError(
            f"before ({before!r}) and after ({after!r}) count sessions: make them "
            "whole numbers, 0 or more."
        )
    known = placed_on(exchange) if placed is None else placed
    if isinstance(around, str) and around in known.index:
        centre = known.loc[around, "day0"]
        known = known.drop(index=around)
    else:
        centre = _session_from(around, exchange)
    dates = sessions(exchange)
    offset = dates.searchsorted(known["day0"]) - _position(centre, dates)
    ends = offset + [window[1] for window in known["window"]]
    met = (offset <= after) & (ends >= -before)
    near = known[met]
    near.insert(1, "offset", offset[met])
    return near


def placed_on(exchange: str) -> pd.DataFrame:
    """Return the whole ledger placed on one exchange, in order of day 0.

    Columns are those of :func:`overlapping_events` without its ``offset``.
    """
    import pandas as pd

    placements = Placements(load_ledger())
    records = [
        placement_record(event_id, "", placements.on(event_id, exchange))
        | {field: event[field] for field in _NAMED}
        for event_id, event in placements.events.items()
    ]
    columns = ["event_id", "day0", "window", "flagged", "precision", *_NAMED]
    table = pd.DataFrame(records, columns=columns).set_index("event_id")
    table["day0"] = pd.to_datetime(table["day0"]).dt.as_unit("ns")
    return table.sort_values("day0", kind="stable")


def event_mask(
    symbols: Names,
    span: tuple[int, int] = (0, 1),
    exclude: Names = (),
) -> pd.DataFrame:
    """Return the sessions that ledger events and earnings occupy.

    An event concerns a symbol if the ledger names the symbol for it, or if it is
    a macro event. Days of results come from the ledger and from
    ``earnings.csv``; the latter has dates only.

    Parameters
    ----------
    symbols : str or list of str
        Symbols to mask.
    span : (int, int), optional
        First and last session to mask, the first counted from day 0, the last
        from the end of the event's default window.
    exclude : str or list of str, optional
        Events that mask nothing, such as those under study.

    Returns
    -------
    DataFrame
        ``symbol``, ``date`` (session without time zone) and ``because`` (event
        ids and ``earnings``, separated by ``;``); each pair once, sorted.

    Raises
    ------
    DataError
        If a symbol or event is unknown, or a table breaks a rule of the codebook.
    CalendarError
        If an event has no day 0 on the exchange of a symbol.
    StudyError
        If the span is malformed.

    Examples
    --------
    >>> masked = event_mask("NVDA").set_index("date")["because"]
    >>> masked["2025-08-28"]
    'china-triple-ai-chip-output;nvda-results-fy26-q2;earnings'
    """
    import pandas as pd

    first, last = check_window(span, "Mask")
    ledger = load_ledger()
    earnings = load_earnings()
    exchange_of = load_instruments()["mic"]
    asked, excluded = _names(symbols), _names(exclude)
    for symbol in asked:
        instrument(symbol)
    _check_known(excluded, ledger.index, "event")
    placements = Placements(ledger)
    reasons: dict[tuple[str, pd.Timestamp], list[str]] = {}
    for symbol in asked:
        exchange = exchange_of[symbol]
        dates = sessions(exchange)
        placed = [
            (event_id, placements.on(event_id, exchange))
            for event_id, about in placements.events.items()
            if about["type"] == "macro" or symbol in about["symbols"]
            if event_id not in excluded
        ]
        reported = earnings.loc[earnings["symbol"] == symbol, "date"]
        placed += [("earnings", _results_day0(date, exchange)) for date in reported]
        for reason, event in placed:
            day = _position(event.session, dates)
            start = max(day + first, 0)
            for date in dates[start : day + event.window[1] + last + 1]:
                reasons.setdefault((symbol, date), []).append(reason)
    records = [
        (symbol, date, ";".join(because))
        for (symbol, date), because in sorted(reasons.items())
    ]
    table = pd.DataFrame(records, columns=["symbol", "date", "because"])
    table["date"] = pd.to_datetime(table["date"]).dt.as_unit("ns")
    return table


def _results_day0(date: pd.Timestamp, exchange: str) -> Day0:
    noon = (date + dt.timedelta(hours=12)).tz_localize(exchange_timezone(exchange))
    return day0(noon, exchange, "day")


def _chosen(ledger: pd.DataFrame, **given: Names | None) -> pd.DataFrame:
    filters: dict[str, tuple[Iterable[str], list[str]]] = {
        "event": (ledger.index, ["event_id"]),
        "type": (EVENT_TYPES, ["type", "type_second"]),
        "actor": (ACTORS, ["actor"]),
        "verification": (VERIFICATIONS, ["verification"]),
    }
    kept = ledger.reset_index()
    for what, (known, fields) in filters.items():
        if (asked := given[what]) is not None:
            wanted = _names(asked)
            _check_known(wanted, known, what)
            kept = kept[kept[fields].isin(wanted).any(axis=1)]
    return ledger.loc[kept["event_id"]]


def _names(given: Names) -> tuple[str, ...]:
    return tuple(dict.fromkeys(as_names(given)))


def _check_known(names: Iterable[str], known: Iterable[str], what: str) -> None:
    for name in names:
        if name not in known:
            raise DataError(unknown(name, known, what))


def _position(session: pd.Timestamp, dates: pd.DatetimeIndex) -> int:
    return int(dates.searchsorted(session))


def _session_from(around: str | dt.date, exchange: str) -> pd.Timestamp:
    try:
        date = parse_day(around)
    except CalendarError:
        raise DataError(
            f"{around!r} is neither an event of events.csv nor a date (YYYY-MM-DD)."
        ) from None
    from_then_on = sessions(exchange, start=date)
    if from_then_on.empty:
        raise CalendarError(f"{around} is after the last session known of {exchange}.")
    return from_then_on[0]
