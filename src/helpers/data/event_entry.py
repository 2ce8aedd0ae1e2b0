"""Adding an event to the ledger, or taking one out, by the rules that it is read by."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from helpers.data.event_rules import EVENTS, INSTANTS, READINGS, SOURCES
from helpers.data.files import using_data_dir
from helpers.data.lock import only_one
from helpers.data.replacement import write_atomic
from helpers.data.schema import Table, as_written, iso_date, iso_instant
from helpers.data.tables import FACTS, LEDGER
from helpers.errors import DataError

ZONE_OF = {
    "us-government": "America/New_York",
    "us-firm": "America/New_York",
    "chinese-government": "Asia/Shanghai",
    "chinese-firm": "Asia/Shanghai",
}
_COMPLETED = {
    "confounder": "false",
    "verification": "unverified",
    "time_confidence": "low",
}
Record = dict[str, str]


def add_event(
    event: Mapping[str, Any],
    sources: Iterable[Mapping[str, Any]] | Mapping[str, Any],
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
    >>> add_event({"event_id": "a-rule", "colour": "red"}, [])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    helpers.errors.DataError: events.csv has no column colour: it has event_id, ...
    """
    given = [sources] if isinstance(sources, Mapping) else sources
    if not isinstance(given, Iterable) or not isinstance(event, Mapping):
        raise DataError("Give an event as a mapping and its sources as a list of them.")
    row = _completed(_record(EVENTS, event))
    named = row["event_id"]
    texts = [
        _record(SOURCES, {"status": "recalled"} | dict(one))
        | {"event_id": named, "n": str(n)}
        for n, one in enumerate(given, 1)
    ]
    with using_data_dir(data) as folder, only_one(folder):
        more = {SOURCES: texts, EVENTS: [row]}
        _replace(folder, {one: _changed(one, folder, "", more[one]) for one in more})
    return row


def remove_event(event_id: str, *, data: Path | str | None = None) -> None:
    """Take an event and its sources out of the ledger.

    Parameters
    ----------
    event_id : str
        Which.
    data : Path or str, optional
        Data folder; default :func:`helpers.data.files.data_dir`.

    Raises
    ------
    DataError
        If there is no such event, or another table names it. Nothing was changed.

    Examples
    --------
    >>> remove_event("no-such-event")
    Traceback (most recent call last):
    ...
    helpers.errors.DataError: events.csv has no event 'no-such-event'.
    """
    with using_data_dir(data) as folder, only_one(folder):
        if event_id not in EVENTS.keys(folder):
            raise DataError(f"{EVENTS.file} has no event {event_id!r}.")
        both = (EVENTS, SOURCES)
        _replace(folder, {one: _changed(one, folder, event_id, []) for one in both})


def _record(table: Table, given: Mapping[str, Any]) -> Record:
    unknown = [name for name in given if name not in table.columns]
    if unknown:
        raise DataError(
            f"{table.file} has no column {', '.join(map(str, unknown))}: it has "
            f"{', '.join(table.columns)}."
        )

    return dict.fromkeys(table.columns, "") | {
        name: as_written(value) for name, value in given.items() if value is not None
    }


def _completed(row: Record) -> Record:
    """Complete what follows from the rest; leave to the rules what is wrong."""
    defaults = {
        **_COMPLETED,
        "timezone": ZONE_OF.get(row["actor"], ""),
        "description": row["title"],
    }
    if row["confounder"] == "true":
        defaults |= {f"sign_{reading}": "none" for reading in READINGS}
    row |= {name: value for name, value in defaults.items() if not row[name]}
    try:
        date = iso_date(row["announced_at"])
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
        with suppress(ZoneInfoNotFoundError, ValueError, OSError):
            # What has an offset has two now, and stays for the rules to read.
            local = iso_instant(f"{row[name]}+00:00").replace(
                tzinfo=ZoneInfo(row["timezone"])
            )
            row[name] = local.isoformat(timespec="minutes")
    if row["precision"] == "minute" and not row["clock"]:
        row["clock"] = f"{row['announced_at'][11:16]}, {row['timezone']}"
    return row


def _changed(table: Table, folder: Path, without: str, more: Iterable[Record]) -> bytes:
    """Return a table's content less an event, with rows appended.

    Sources of no event, left by a command killed between the two files, go too.
    """
    stay = {*EVENTS.keys(folder)} - {without}
    content = table.content(folder)
    lines = io.StringIO(newline="")
    writer = csv.DictWriter(lines, list(table.columns), lineterminator="\n")
    rows = [row.cells for row in table.rows(folder)]
    kept = [cells for cells in rows if cells["event_id"] in stay]
    if len(kept) == len(rows):  # lines that stay are not touched
        content += b"" if content.endswith(b"\n") else b"\n"
    else:
        content = b""
        writer.writeheader()
        writer.writerows(kept)
    writer.writerows(more)
    return content + lines.getvalue().encode()


def _replace(folder: Path, new: Mapping[Table, bytes]) -> None:
    """Replace tables, in this order, if all rules hold with them."""
    with tempfile.TemporaryDirectory() as temporary:
        tried = Path(temporary)
        for table in (*LEDGER, *FACTS):
            if (folder / table.file).is_file():
                shutil.copyfile(folder / table.file, tried / table.file)
        for table, content in new.items():
            (tried / table.file).write_bytes(content)
        for table in (*LEDGER, *FACTS):
            if (tried / table.file).is_file():
                table.read(tried)
    for table, content in new.items():
        write_atomic(folder / table.file, content)
