"""Strict reading of the tables that people edit by hand.

No hash guards these tables, so each cell is checked, and a breach says in which
file, row and field it is and what to do.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from helpers.data.faults import Fault, FaultyDataError, refuse
from helpers.errors import DataError

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Row:
    """One row of a table, which knows how to say where it is wrong."""

    file: str
    number: int
    values: dict[str, str]

    def __getitem__(self, field: str) -> str:
        return self.values[field]

    def fail(self, field: str, problem: str) -> DataError:
        """Return the error to raise about a field of this row."""
        return FaultyDataError([Fault(self.file, problem, self.number, field)])

    def filled(self, field: str) -> str:
        """Return a field that must not be empty."""
        value = self[field]
        if not value.strip():
            raise self.fail(field, "is empty; fill it in.")
        return value

    def one_of(self, field: str, allowed: Sequence[str]) -> str:
        """Return a field that must be one of a few words."""
        value = self[field]
        if value not in allowed:
            named = ", ".join(word or repr(word) for word in allowed)
            raise self.fail(field, f"{value!r} is not one of {named}.")
        return value

    def several(self, field: str) -> tuple[str, ...]:
        """Return the parts of a ';' list."""
        if not self[field]:
            return ()
        parts = tuple(self[field].split(";"))
        if any(part != part.strip() or not part for part in parts):
            raise self.fail(
                field, f"{self[field]!r}: separate by ';' alone, leave no part empty."
            )
        if len(set(parts)) < len(parts):
            raise self.fail(field, f"{self[field]!r} names something twice.")
        return parts


def read_rows(folder: Path, file: str, columns: Sequence[str]) -> list[Row]:
    """Return the rows of a CSV file with exactly the given columns.

    Raises
    ------
    DataError
        If the file cannot be read, its header differs, a row has another number
        of fields, or there is no row.
    """
    try:
        text = (folder / file).read_bytes().decode("utf-8-sig")
    except OSError as error:
        advice = f"restore it with `git checkout -- data/{file}`."
        problem = f"cannot be read ({error.strerror}): {advice}"
        raise FaultyDataError([Fault(file, problem)]) from error
    except UnicodeDecodeError as error:
        problem = f"is not UTF-8 ({error}): save it as UTF-8."
        raise FaultyDataError([Fault(file, problem)]) from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows = []
    try:
        _check_header(file, next(reader, []), columns)
        for cells in reader:
            if len(cells) != len(columns):
                problem = (
                    f"has {len(cells)} fields instead of {len(columns)}; quote a "
                    "field that holds a comma."
                )
                refuse([Fault(file, problem, reader.line_num)])
            values = dict(zip(columns, cells, strict=True))
            rows.append(Row(file, reader.line_num, values))
    except csv.Error as error:
        problem = f"is no CSV ({error})."
        raise FaultyDataError([Fault(file, problem, reader.line_num)]) from error
    if not rows:
        refuse([Fault(file, "has no rows below its header.")])
    return rows


def _check_header(file: str, header: Sequence[str], columns: Sequence[str]) -> None:
    if list(header) == list(columns):
        return
    missing = [name for name in columns if name not in header]
    unknown = [name for name in header if name not in columns]
    problem = (
        f"columns must be {', '.join(columns)} in this order (missing: "
        f"{', '.join(missing) or 'none'}; unknown: {', '.join(unknown) or 'none'})."
    )
    refuse([Fault(file, problem, row=1)])


def check_unique(rows: Iterable[Row], fields: tuple[str, ...]) -> None:
    """Check that no two rows agree in all the given fields."""
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        key = tuple(row[field] for field in fields)
        if key in seen:
            raise row.fail(
                fields[-1],
                f"{' '.join(key)} is in row {seen[key]} already; keep one.",
            )
        seen[key] = row.number


def check_id(row: Row, field: str) -> None:
    """Check that a field is an identifier such as ``deepseek-v3``."""
    if not _ID.fullmatch(row[field]):
        raise row.fail(
            field, f"{row[field]!r} is not made of small letters, digits and hyphens."
        )


def check_symbols(
    row: Row, symbols: Iterable[str], field: str, known: Collection[str]
) -> None:
    """Check that symbols are those of the instruments table."""
    for symbol in symbols:
        if symbol not in known:
            raise row.fail(
                field, f"{symbol!r} is not a symbol of instruments.csv; add it there."
            )


def read_date(row: Row, field: str, text: str) -> dt.date:
    """Return a date written as YYYY-MM-DD."""
    try:
        date = dt.date.fromisoformat(text)
    except ValueError:
        date = None
    # The library also takes week dates and dates without hyphens.
    if date is None or date.isoformat() != text:
        raise row.fail(field, f"{text!r} is not a date (YYYY-MM-DD).")
    return date
