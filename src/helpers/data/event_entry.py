"""Adding an event to the ledger, by the rules that the ledger is read by."""

from __future__ import annotations

import csv
import datetime as dt
import io
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from helpers.data.event_rules import EVENT_COLUMNS
from helpers.data.files import using_data_dir
from helpers.data.ledger import (
    EVENTS_FILE,
    SOURCE_COLUMNS,
    SOURCES_FILE,
    load_claims,
    load_ledger,
    load_sources,
)
from helpers.data.lock import only_one
from helpers.data.replacement import write_atomic
from helpers.errors import DataError

ZONE_OF = {
    "us-government": "America/New_York",
    "us-firm": "America/New_York",
    "chinese-government": "Asia/Shanghai",
    "chinese-firm": "Asia/Shanghai",
}
INSTANTS = ("announced_at", "earliest_at", "latest_at")


def add_event(
    event: Mapping[str, str],
    sources: Sequence[Mapping[str, str]],
    *,
    data: Path | str | None = None,
) -> dict[str, str]:
    """Add an event and its sources to the ledger.

    Parameters
    ----------
    event : mapping
        Columns of ``events.csv``. Those left out are completed: the time zone by
        the actor, instants without an offset by the time zone, a date alone to the
        precision ``day``, the interval by the precision; an event is no confounder
        and ``unverified`` unless it says otherwise.
    sources : sequence of mapping
        Columns of ``sources.csv`` but for ``event_id`` and ``n``.
    data : Path or str, optional
        Data folder; default :func:`helpers.data.files.data_dir`.

    Returns
    -------
    dict
        The row as it was written.

    Raises
    ------
    DataError
        If a column is unknown, or the ledger with the event would break a rule of
        the codebook. Nothing was changed.

    Examples
    --------
    >>> add_event({"event_id": "a-new-rule"}, [{"colour": "red"}])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    helpers.errors.DataError: sources.csv: ... 'colour'.
    """
    row = _completed(event)
    with using_data_dir(data) as folder, only_one(folder):
        events = _appended(folder / EVENTS_FILE, EVENT_COLUMNS, [row], None)
        numbered = [
            {"published": "", "url": "", "status": "recalled"}
            | dict(source)
            | {"event_id": row["event_id"], "n": str(n)}
            for n, source in enumerate(sources, 1)
        ]
        # Sources without an event are left of an addition that was cut short.
        orphans = None if _is_known(folder, row["event_id"]) else row["event_id"]
        texts = _appended(folder / SOURCES_FILE, SOURCE_COLUMNS, numbered, orphans)
        _check(folder, {EVENTS_FILE: events, SOURCES_FILE: texts})
        write_atomic(folder / SOURCES_FILE, texts)
        write_atomic(folder / EVENTS_FILE, events)
    return row


def _completed(event: Mapping[str, str]) -> dict[str, str]:
    unknown = [name for name in event if name not in EVENT_COLUMNS]
    if unknown:
        raise DataError(
            f"{EVENTS_FILE} has no column {', '.join(unknown)}: it has "
            f"{', '.join(EVENT_COLUMNS)}."
        )
    row = dict.fromkeys(EVENT_COLUMNS, "") | dict(event)
    row["timezone"] = row["timezone"] or ZONE_OF.get(row["actor"], "")
    row["confounder"] = row["confounder"] or "false"
    row["verification"] = row["verification"] or "unverified"
    row["time_confidence"] = row["time_confidence"] or "low"
    row["description"] = row["description"] or row["title"]
    if row["confounder"] == "true":
        for name in ("sign_nvda_thesis", "sign_cn_thesis", "sign_cn_conventional"):
            row[name] = row[name] or "none"
    return _timed(row)


def _timed(row: dict[str, str]) -> dict[str, str]:
    """Complete precision, instants and clock; leave to the rules what is wrong."""
    try:
        date = dt.date.fromisoformat(row["announced_at"])
    except ValueError:
        date = None
    if date is not None:
        row["precision"] = row["precision"] or "day"
        row["announced_at"] = f"{date}T12:00"
        if row["precision"] == "day":
            row["earliest_at"], row["latest_at"] = f"{date}T00:00", f"{date}T23:59"
            row["clock"] = row["clock"] or "date only"
    row["precision"] = row["precision"] or "minute"
    if row["precision"] == "minute":
        for name in ("earliest_at", "latest_at"):
            row[name] = row[name] or row["announced_at"]
    for name in INSTANTS:
        try:
            instant = dt.datetime.fromisoformat(row[name])
            if instant.tzinfo is None:
                instant = instant.replace(tzinfo=ZoneInfo(row["timezone"]))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
        row[name] = instant.isoformat(timespec="minutes")
    if row["precision"] == "minute" and not row["clock"]:
        row["clock"] = f"{row['announced_at'][11:16]}, {row['timezone']}"
    return row


def _is_known(folder: Path, event_id: str) -> bool:
    text = (folder / EVENTS_FILE).read_text(encoding="utf-8-sig")
    return any(
        line[:1] == [event_id] for line in csv.reader(io.StringIO(text, newline=""))
    )


def _appended(
    path: Path,
    columns: Sequence[str],
    rows: Sequence[Mapping[str, str]],
    without: str | None,
) -> bytes:
    """Return a table with rows appended, less those of one event."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path.name} cannot be read ({error.strerror}).") from error
    if without is not None:
        content = _less(content, without)
    if content and not content.endswith(b"\n"):
        content += b"\n"
    lines = io.StringIO(newline="")
    try:
        csv.DictWriter(lines, columns, lineterminator="\n").writerows(rows)
    except ValueError as error:
        raise DataError(f"{path.name}: {error}.") from error
    return content + lines.getvalue().encode()


def _less(content: bytes, event_id: str) -> bytes:
    text = content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    kept = [row for row in rows if row[:1] != [event_id]]
    if len(kept) == len(rows):
        return content
    lines = io.StringIO(newline="")
    csv.writer(lines, lineterminator="\n").writerows(kept)
    return lines.getvalue().encode()


def _check(folder: Path, new: Mapping[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        tried = Path(temporary)
        for path in folder.glob("*.csv"):
            shutil.copyfile(path, tried / path.name)
        for name, content in new.items():
            (tried / name).write_bytes(content)
        load_ledger(tried)
        load_sources(tried)
        load_claims(tried)
