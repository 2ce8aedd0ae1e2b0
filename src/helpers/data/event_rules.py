"""What one row of the event ledger must look like.

The codebook (``data/README.md``) states the same rules in words.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from helpers.data.rows import Row

ACTORS = (
    "us-government",
    "chinese-government",
    "both-governments",
    "us-firm",
    "chinese-firm",
    "markets",
)
EVENT_TYPES = (
    "control",
    "relaxation",
    "procurement-guidance",
    "probe",
    "funding",
    "chip-announcement",
    "model-release",
    "earnings",
    "macro",
)
# How well the clock of an announcement is known: to the minute, to a stretch of
# the day, or to the calendar date alone.
PRECISIONS = ("minute", "session", "day")
SIGNS = ("+", "-", "0", "mixed", "none")
LEANS = ("", "+", "-")
VERIFICATIONS = ("verified", "curated-list", "partly", "unverified")
CONFIDENCES = ("high", "medium-high", "medium", "low-medium", "low")

# Whose gain or loss a sign is about, and on whose reading: the article's, or the
# conventional one in which a listed firm that loses access loses value.
READINGS = ("nvda_thesis", "cn_thesis", "cn_conventional")

EVENT_COLUMNS = (
    "event_id",
    "announced_at",
    "timezone",
    "precision",
    "earliest_at",
    "latest_at",
    "clock",
    "title",
    "description",
    "actor",
    "type",
    "type_second",
    "confounder",
    "sign_nvda_thesis",
    "lean_nvda_thesis",
    "sign_cn_thesis",
    "lean_cn_thesis",
    "sign_cn_conventional",
    "lean_cn_conventional",
    "firms",
    "symbols",
    "confounders",
    "confounder_note",
    "verification",
    "time_confidence",
    "notes",
)


def check_vocabularies(row: Row) -> None:
    """Check the fields of an event that take one of a few words."""
    row.one_of("actor", ACTORS)
    row.one_of("type", EVENT_TYPES)
    row.one_of("type_second", ("", *EVENT_TYPES))
    if row["type_second"] == row["type"]:
        raise row.fail("type_second", "repeats the type; leave it empty.")
    row.one_of("confounder", ("true", "false"))
    row.one_of("precision", PRECISIONS)
    row.one_of("verification", VERIFICATIONS)
    row.one_of("time_confidence", CONFIDENCES)


def check_signs(row: Row) -> None:
    """Check that signs, leans and the confounder flag agree."""
    for reading in READINGS:
        sign = row.one_of(f"sign_{reading}", SIGNS)
        lean = row.one_of(f"lean_{reading}", LEANS)
        if lean and sign not in ("0", "mixed"):
            raise row.fail(
                f"lean_{reading}", f"a lean goes with the sign 0 or mixed, not {sign}."
            )
        if (sign == "none") != (row["confounder"] == "true"):
            raise row.fail(
                f"sign_{reading}",
                "is 'none' for a confounder and for nothing else "
                f"(here {sign}, confounder {row['confounder']}).",
            )


def read_interval(row: Row) -> tuple[dt.datetime, dt.datetime, dt.datetime]:
    """Return when an event was announced: representative, earliest, latest."""
    try:
        zone = ZoneInfo(row["timezone"])
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise row.fail(
            "timezone",
            f"{row['timezone']!r} is no IANA time zone such as Asia/Shanghai.",
        ) from None
    announced, earliest, latest = (
        _instant(row, field, zone)
        for field in ("announced_at", "earliest_at", "latest_at")
    )
    if not earliest <= announced <= latest:
        raise row.fail("announced_at", "is not between earliest_at and latest_at.")
    if row["precision"] == "minute" and earliest != latest:
        raise row.fail(
            "precision", "is minute, yet earliest_at and latest_at differ: session?"
        )
    if row["precision"] == "session" and earliest == latest:
        raise row.fail(
            "precision", "is session, yet earliest_at equals latest_at: minute?"
        )
    if row["precision"] == "day":
        day = announced.date()
        # Wall clocks, since the offset may change within the day.
        written = (earliest.replace(tzinfo=None), latest.replace(tzinfo=None))
        whole_day = (
            dt.datetime.combine(day, dt.time(0, 0)),
            dt.datetime.combine(day, dt.time(23, 59)),
        )
        if written != whole_day:
            raise row.fail(
                "precision",
                "is day, so earliest_at and latest_at must be 00:00 and 23:59 of "
                "the date of announced_at.",
            )
    return announced, earliest, latest


def _instant(row: Row, field: str, zone: ZoneInfo) -> dt.datetime:
    try:
        instant = dt.datetime.fromisoformat(row[field])
    except ValueError:
        raise row.fail(
            field,
            f"{row[field]!r} is not an instant such as 2025-08-27T16:20-04:00.",
        ) from None
    offset = instant.utcoffset()
    if offset is None:
        raise row.fail(field, f"{row[field]!r} has no UTC offset such as -04:00.")
    local = instant.astimezone(zone)
    if local.utcoffset() != offset:
        raise row.fail(
            field,
            f"{row[field]!r} has another offset than {zone.key} at that instant, "
            f"where the clock shows {local.isoformat(timespec='minutes')}.",
        )
    return instant
