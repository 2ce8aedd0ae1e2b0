"""The rules of the event ledger: events, sources, claims, results, the article."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from helpers.data import schema
from helpers.data.calendars import session_hours
from helpers.data.collection_rules import CALENDARS
from helpers.data.instruments import load_instruments
from helpers.data.schema import Column, Finding, Problem, Row, Table

ACTORS = schema.words(
    "us-government chinese-government both-governments us-firm chinese-firm markets"
)
EVENT_TYPES = schema.words(
    "control relaxation procurement-guidance probe funding chip-announcement "
    "model-release earnings macro"
)
# How well the clock of an announcement is known: to the minute, to a stretch of
# the day, or to the calendar date alone.
PRECISIONS = ("minute", "session", "day")
SIGNS = ("+", "-", "0", "mixed", "none")
LEANS = ("+", "-")
VERIFICATIONS = ("verified", "curated-list", "partly", "unverified")
CONFIDENCES = ("high", "medium-high", "medium", "low-medium", "low")
# Whose gain or loss a sign is about, and on whose reading: the article's, or the
# conventional one in which a listed firm that loses access loses value.
READINGS = ("nvda_thesis", "cn_thesis", "cn_conventional")
INSTANTS = ("announced_at", "earliest_at", "latest_at")
CLAIM_KINDS = ("price", "document", "fundamentals", "forward-looking")

# Exchanges on which every event must have a session to react in.
_EXCHANGES = ("XNYS", "XHKG", "XSHG")

_filled = schema.text(required=True)


def known_symbols(_: Path) -> list[str]:
    """Return the instruments in force, those added by hand included."""
    return list(load_instruments().index)


def _zone(cell: str) -> ZoneInfo:
    try:
        return ZoneInfo(cell)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"{cell!r} is no IANA time zone such as Asia/Shanghai."
        ) from None


def _check_event(row: Row) -> Iterator[Problem]:
    if row["type_second"] == row["type"]:
        yield "type_second", "repeats the type; leave it empty."
    for reading in READINGS:
        sign, lean = row[f"sign_{reading}"], f"lean_{reading}"
        if row.has(lean) and sign not in ("0", "mixed"):
            yield lean, f"a lean goes with the sign 0 or mixed, not {sign}."
        if (sign == "none") != (row["confounder"] == "true"):
            said = "is 'none' for a confounder and for nothing else "
            said += f"(here {sign}, confounder {row['confounder']})."
            yield f"sign_{reading}", said
    announced, earliest, latest = (row[name] for name in INSTANTS)
    for name in INSTANTS:
        local = row[name].astimezone(row["timezone"])
        if local.utcoffset() != row[name].utcoffset():
            said = f"{row.cells[name]!r} has another offset than {row['timezone']} at "
            clock = local.isoformat(timespec="minutes")
            yield name, f"{said}that instant, where the clock shows {clock}."
    if not earliest <= announced <= latest:
        yield "announced_at", "is not between earliest_at and latest_at."
    if row["precision"] == "minute" and earliest != latest:
        said = "is minute, yet earliest_at and latest_at differ: session?"
        yield "precision", said
    if row["precision"] == "session" and earliest == latest:
        yield "precision", "is session, yet earliest_at equals latest_at: minute?"
    # Wall clocks, since the offset may change within the day.
    date = announced.date()
    whole_day = [dt.datetime.combine(date, dt.time(*at)) for at in ((0, 0), (23, 59))]
    written = [instant.replace(tzinfo=None) for instant in (earliest, latest)]
    if row["precision"] == "day" and written != whole_day:
        said = "is day, so earliest_at and latest_at must be 00:00 and 23:59 of the "
        yield "precision", f"{said}date of announced_at."


def _check_events(rows: Sequence[Row], folder: Path) -> Iterator[Finding]:
    ids = {row["event_id"] for row in rows}
    sourced = set(SOURCES.keys(folder))
    hours = [session_hours(exchange) for exchange in _EXCHANGES]
    first = max(table["open"].iloc[0] for table in hours)
    last = min(table["close"].iloc[-1] for table in hours)
    for row in rows:
        if row["earliest_at"] < first or row["latest_at"] >= last:
            said = f"{row.cells['announced_at']} is outside the calendars, which run "
            said += f"from {first:%Y-%m-%d} to {last:%Y-%m-%d}."
            yield row, "announced_at", said
        for other in row["confounders"]:
            if other not in ids or other == row["event_id"]:
                yield row, "confounders", f"{other!r} is no other event's id."
        if row["event_id"] not in sourced:
            said = f"{row['event_id']!r} has no source; add one to {SOURCES.file}."
            yield row, "event_id", said


EVENTS = Table(
    "events.csv",
    {
        "event_id": schema.key(),
        "announced_at": Column(schema.iso_instant, required=True),
        "timezone": Column(_zone, required=True),
        "precision": schema.word(*PRECISIONS),
        "earliest_at": Column(schema.iso_instant, required=True),
        "latest_at": Column(schema.iso_instant, required=True),
        "clock": _filled,
        "title": _filled,
        "description": _filled,
        "actor": schema.word(*ACTORS),
        "type": schema.word(*EVENT_TYPES),
        "type_second": schema.word(*EVENT_TYPES, required=False),
        "confounder": schema.word("true", "false"),
        **{
            f"{what}_{reading}": schema.word(*words, required=what == "sign")
            for reading in READINGS
            for what, words in (("sign", SIGNS), ("lean", LEANS))
        },
        "firms": schema.listed(),
        "symbols": schema.reference(
            known_symbols, "a symbol of instruments.csv", several=True, required=False
        ),
        "confounders": schema.listed(),
        "confounder_note": schema.text(),
        "verification": schema.word(*VERIFICATIONS),
        "time_confidence": schema.word(*CONFIDENCES),
        "notes": schema.text(),
    },
    [("event_id",)],
    _check_event,
    _check_events,
)

event = schema.reference(EVENTS.keys, "an event of events.csv")

# Sources of an unknown event are left of a change cut short: `verify` names them, and
# the ledger is read without them.
SOURCES = Table(
    "sources.csv",
    {
        "event_id": schema.key(),
        "n": schema.count(),
        "publisher": _filled,
        "title": _filled,
        "published": schema.text(
            like=r"\d{4}(-\d\d(-\d\d( \d\d:\d\d)?)?)?",
            say="YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DD HH:MM",
        ),
        "url": schema.text(like=r"https?://\S+", say="a web address"),
        "status": schema.word("read", "curated-list", "cited", "recalled"),
    },
    [("event_id", "n")],
)


def selected(selectors: Sequence[str], events: Sequence[Row]) -> list[str]:
    """Return the events that ids and selectors choose, in the events' order."""
    types = {one.removeprefix("type:") for one in selectors if one.startswith("type:")}
    after = [
        one.removeprefix("after:") for one in selectors if one.startswith("after:")
    ]
    return [
        row.cells["event_id"]
        for row in events
        if {"all", row.cells["event_id"]} & set(selectors)
        or {row.cells["type"], row.cells["type_second"]} & types
        or any(row.cells["announced_at"][:10] > date for date in after)
    ]


def _check_selectors(rows: Sequence[Row], folder: Path) -> Iterator[Finding]:
    events = EVENTS.rows(folder)
    for row in rows:
        problems = []
        for one in row["event_ids"]:
            try:
                if one.startswith("after:"):
                    schema.iso_date(one.removeprefix("after:"))
                elif not selected([one], events):
                    said = (
                        f"{one!r} is no event of {EVENTS.file} and no selector (all, "
                    )
                    raise ValueError(f"{said}type:TYPE, after:YYYY-MM-DD).")
            except ValueError as error:
                problems.append(str(error))
        if not problems and not selected(row["event_ids"], events):
            problems.append("selects no event.")
        yield from ((row, "event_ids", problem) for problem in problems)


CLAIMS = Table(
    "claims.csv",
    {
        "claim_id": schema.key(),
        "short": _filled,
        "claim": _filled,
        "kind": schema.word(*CLAIM_KINDS, several=True),
        "would_support": _filled,
        "would_contradict": schema.text(),
        "event_ids": schema.listed(required=True),
        "notebook": _filled,
    },
    [("claim_id",)],
    table_rules=_check_selectors,
)

EARNINGS = Table(
    "earnings.csv",
    {
        "symbol": schema.reference(known_symbols, "a symbol of instruments.csv"),
        "date": schema.day(required=True),
        "timing": schema.word("before-open", "after-close", "unknown"),
        "status": schema.word("reported", "scheduled"),
    },
    [("symbol", "date")],
)


def _check_hand(row: Row) -> Iterator[Problem]:
    yield from schema.pair(row, "code", "verdict")
    yield from schema.pair(row, "code", "why")


HAND_SESSIONS = Table(
    "event_sessions.csv",
    {
        "event_id": event,
        "exchange": schema.word(*CALENDARS),
        "hand": schema.day(required=True),
        "hand_alternative": schema.day(),
        "hand_note": schema.text(),
        "code": schema.day(),
        "verdict": schema.word("code", "open", required=False),
        "why": schema.text(),
    },
    [("event_id", "exchange")],
    _check_hand,
)

ARTICLE = Table(
    "article.csv",
    {
        "title": _filled,
        "publisher": _filled,
        "address": schema.text(
            required=True, like=r"https?://\S+", say="a web address"
        ),
        "published_first": schema.day(required=True),
        "published_last": schema.day(required=True),
        "verification": schema.word(*VERIFICATIONS),
        "note": schema.text(),
    },
    [("address",)],
    lambda row: schema.span(row, "published_first", "published_last"),
)
