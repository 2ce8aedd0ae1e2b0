"""A copy of the data in which every field of text tries to be more than text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from data_folder import copy_data, edit_manifest

from helpers.data.schema import Table
from helpers.data.tables import TABLES
from helpers.errors import HelpersError

# Markdown, HTML, roles of MyST and matplotlib's mathematics; nothing answers there.
NOWHERE = "http://127.0.0.1:9"
HOSTILE = (
    f"![p]({NOWHERE}/m) [l]({NOWHERE}/l) <script src='{NOWHERE}/s'></script>"
    f"<img src='{NOWHERE}/h' onerror='alert(1)'> {{bar}}`c` $5 and $\\frac$ | <!-- **"
)
# What a spreadsheet, and a terminal, would obey: no cell may hold it.
REFUSED = ("=HYPERLINK(1)", "@SUM(A1)", "+cmd", "\x1b]0;owned\x07x", "a\tb")
# Texts by which the notebooks choose rows.
CHOSEN_BY = {
    "chips.csv": ("vendor",),
    "claim_legs.csv": ("leg_id", "notebook", "benchmark"),
    "claims.csv": ("notebook",),
    "criteria.csv": ("entity", "metric"),
    "events.csv": ("firms",),
    "fundamentals.csv": ("entity",),
    "instruments.csv": ("group",),
    "listings.csv": ("firm",),
    "thresholds.csv": ("destinations", "paragraph"),
}


def texts_of(table: Table) -> list[str]:
    """Return the columns of a table in which any text may stand."""
    found = []
    for name, column in table.columns.items():
        try:
            column.value(HOSTILE)
        except ValueError:
            continue
        if column.keys is None and name not in CHOSEN_BY.get(table.file, ()):
            found.append(name)
    return found


def as_csv(table: Table, rows: Iterable[dict[str, str]]) -> bytes:
    """Return the content of a table's file."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(table.columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def hostile_data(target: Path) -> tuple[Path, list[tuple[str, str]]]:
    """Make the copy, and return it with the columns that were fed."""
    folder, fed = copy_data(target), []
    for table in TABLES:
        for name in texts_of(table):
            path = folder / table.file
            before = path.read_bytes()
            rows = [dict(row.cells) for row in table.rows(folder)]
            for row in rows:
                row[name] += f" {HOSTILE}" if row[name] else ""
            path.write_bytes(as_csv(table, rows))
            try:
                for other in TABLES:
                    other.read(folder)
            except HelpersError:  # a name that other rows refer to
                path.write_bytes(before)
            else:
                fed.append((table.file, name))

    def feed(entries: dict[str, Any]) -> None:
        for entry in entries.values():
            for source in entry["sources"]:
                source["source"] += f" {HOSTILE}"

    edit_manifest(folder, feed)
    return folder, fed
