"""What a table kept by hand must look like, said once and read by everybody.

A :class:`Table` names its columns, what a cell of each may hold, which columns make
a row unique, and what must agree. Loaders, ``verify`` and the codebook's tests read
the same declaration. A breach names file, row, column, value and what to write.
"""

from __future__ import annotations

import csv
import datetime as dt
import difflib
import io
import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.data.faults import Fault, FaultyDataError, refuse
from helpers.data.replacement import file_bytes
from helpers.data.text import FORMULA

if TYPE_CHECKING:
    import pandas as pd

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
# A whole date, and the hour with its minute: parts left out are today's for some.
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d|$)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Row(dict[str, Any]):
    """One row: values by column, the cells as written, the line they are on.

    A cell that breaks its column's rule has the value of an empty one.
    """

    def __init__(self, line: int, cells: Mapping[str, str]) -> None:
        super().__init__()
        self.line = line
        self.cells = cells

    def has(self, column: str) -> bool:
        """Tell whether a cell is filled in."""
        return bool(self.cells[column])

    def is_before(self, column: str, other: str) -> bool:
        """Tell whether a date is before another, both being filled in."""
        return self.has(column) and self.has(other) and self[column] < self[other]


# A column and what is wrong there; a row with it.
Problem = tuple[str, str]
Finding = tuple[Row, str, str]
Keys = Callable[[Path], Collection[str]]


@dataclass(frozen=True, eq=False)
class Column:
    """What a cell may hold."""

    # Makes a value of a filled cell; its ValueError says what to write.
    read: Callable[[str], Any] = str
    empty: Any = ""
    required: bool = False
    words: tuple[str, ...] = ()
    # Whether it is a list, its parts separated by ";".
    several: bool = False
    # What it may refer to, for a data folder; the same in words.
    keys: Keys | None = None
    of: str = ""

    def value(self, cell: str) -> Any:
        """Return the value of a cell; a ``ValueError`` says what is wrong with it."""
        if not cell.strip():
            if self.required or cell:
                raise ValueError("is empty; fill it in.")
            return self.empty
        if not self.several:
            return self.read(cell)
        parts = tuple(cell.split(";"))
        if any(part != part.strip() or not part for part in parts):
            raise ValueError(f"{cell!r}: separate by ';' alone, leave no part empty.")
        if len(set(parts)) < len(parts):
            raise ValueError(f"{cell!r} names something twice.")
        return tuple(self.read(part) for part in parts)


def text(*, required: bool = False, like: str = "", say: str = "") -> Column:
    """Return a column of text, of the form of a regular expression if one is given."""

    def read(cell: str) -> str:
        if like and not re.fullmatch(like, cell):
            raise ValueError(f"{cell!r} is not {say}.")
        return cell

    return Column(read, required=required)


def word(*words: str, several: bool = False, required: bool = True) -> Column:
    """Return a column of one of a few words, or of several of them."""

    def read(cell: str) -> str:
        if cell not in words:
            raise ValueError(f"{cell!r} is not one of {', '.join(words)}.")
        return cell

    return Column(read, () if several else "", required, words, several)


def words(text: str) -> tuple[str, ...]:
    """Return the words of a text, for a column made of them."""
    return tuple(text.split())


def listed(*, required: bool = False) -> Column:
    """Return a column of texts separated by ``;``."""
    return Column(empty=(), required=required, several=True)


def key() -> Column:
    """Return a column of identifiers such as ``deepseek-v3``."""
    form = r"[a-z0-9]+(-[a-z0-9]+)*"
    return text(required=True, like=form, say="made of small letters, digits, hyphens")


def reference(
    keys: Keys, of: str, *, several: bool = False, required: bool = True
) -> Column:
    """Return a column that names a row of another table, or several."""
    return Column(str, () if several else "", required, (), several, keys, of)


def day(*, required: bool = False, since: int = 1900, until: int = 2200) -> Column:
    """Return a column of dates, YYYY-MM-DD, of some years; None where empty."""

    def read(cell: str) -> dt.date:
        date = iso_date(cell)
        if not since <= date.year <= until:
            raise ValueError(f"{cell} is not of {since} to {until}: a slip of the pen?")
        return date

    return Column(read, None, required)


def number(
    *,
    low: float = -math.inf,
    high: float = math.inf,
    above: float = -math.inf,
    required: bool = False,
) -> Column:
    """Return a column of plain decimal numbers within bounds; NaN where empty."""

    def read(cell: str) -> float:
        if not _NUMBER.fullmatch(cell):
            raise ValueError(
                f"{cell!r} is not a number such as 312 or 26.5 (empty: unknown)."
            )
        value = float(cell)
        if value <= above:
            raise ValueError(f"is {cell}: must be above {above or 'zero'}.")
        if not low <= value <= high:
            most = "more" if high == math.inf else f"{high:g} at most"
            raise ValueError(f"is {cell}: must be {low:g} or {most}.")
        return value

    return Column(read, math.nan, required)


def count(first: int = 1) -> Column:
    """Return a column of whole numbers from a first one upwards."""

    def read(cell: str) -> int:
        if not re.fullmatch(r"0|[1-9]\d{0,8}", cell) or int(cell) < first:
            raise ValueError(f"{cell!r} is not a whole number from {first} upwards.")
        return int(cell)

    return Column(read, first, True)


def iso_date(cell: str) -> dt.date:
    """Return a date written YYYY-MM-DD; a ``ValueError`` if it is written otherwise."""
    try:
        date = dt.date.fromisoformat(cell)
    except ValueError:
        date = None
    # The library also takes week dates and dates without hyphens.
    if date is None or date.isoformat() != cell:
        raise ValueError(f"{cell!r} is not a date (YYYY-MM-DD).")
    return date


def as_written(value: Any) -> str:
    """Return a cell of a date, instant or list; a midnight without zone is a date."""
    if isinstance(value, list | tuple):
        return ";".join(map(as_written, value))
    if isinstance(value, dt.date):
        return value.isoformat().removesuffix("T00:00:00")
    return str(value).strip()


def iso_instant(cell: str) -> dt.datetime:
    """Return an instant such as 2025-08-27T16:20-04:00; a ``ValueError`` if not one."""
    try:
        if not _INSTANT.match(cell):
            raise ValueError
        instant = dt.datetime.fromisoformat(cell)
    except ValueError:
        said = f"{cell!r} is not an instant: write it as 2025-08-27T16:20-04:00."
        raise ValueError(said) from None
    if instant.tzinfo is None:
        raise ValueError(
            f"{cell!r} has no UTC offset, so it is no instant: add one, such as -04:00 "
            "for New York in summer or +08:00 for Beijing."
        )
    return instant


def pair(row: Row, one: str, other: str) -> Iterator[Problem]:
    """Yield a problem if one of two cells is filled in without the other."""
    if row.has(one) != row.has(other):
        yield other, f"goes with {one}: give both or neither."


def span(row: Row, first: str, last: str) -> Iterator[Problem]:
    """Yield what is wrong with a span of days, known at both ends or not at all."""
    yield from pair(row, first, last)
    yield from ordered(row, first, last)


def ordered(row: Row, first: str, last: str) -> Iterator[Problem]:
    """Yield a problem if the first of two days is after the last."""
    if row.is_before(last, first):
        yield last, f"{row[last]} is before {first} {row[first]}."


@dataclass(frozen=True, eq=False)
class Table:
    """A table kept by hand: its file, its columns in order, and what must agree."""

    file: str
    columns: Mapping[str, Column]
    # Columns in which no two rows agree.
    unique: Sequence[tuple[str, ...]]
    # Yields what is wrong with a row whose cells are sound.
    row_rules: Callable[[Row], Iterable[Problem]] = lambda row: ()
    # Yields what rows, all sound, say against one another or against other tables.
    table_rules: Callable[[Sequence[Row], Path], Iterable[Finding]] = lambda *_: ()

    def read(self, folder: Path) -> list[Row]:
        """Return the rows of a data folder's file, shared: do not change them.

        A :class:`FaultyDataError` tells all that is wrong.
        """
        return self.check(self.content(folder), folder)

    def check(self, content: bytes, folder: Path) -> list[Row]:
        """Return the rows of a file's content, checked as :meth:`read` does."""
        rows, faults = _parsed(self, content)
        refuse(faults)
        # What refers to other tables may change though this one does not.
        found = (*self._unknown_keys(rows, folder), *self.table_rules(rows, folder))
        refuse([Fault(self.file, said, row.line, name) for row, name, said in found])
        return rows

    def rows(self, folder: Path) -> list[Row]:
        """Return the rows, whatever rules they break."""
        return _parsed(self, self.content(folder))[0]

    def keys(self, folder: Path) -> list[str]:
        """Return the cells of the first column, whatever is wrong elsewhere."""
        first = next(iter(self.columns))
        return [row.cells[first] for row in self.rows(folder)]

    def frame(self, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
        """Return rows as a table; dates become Timestamps."""
        import pandas as pd

        table = pd.DataFrame(rows, columns=list(self.columns))
        for name, column in self.columns.items():
            if column.empty is None:
                table[name] = pd.to_datetime(table[name]).dt.as_unit("ns")
        return table

    def content(self, folder: Path) -> bytes:
        """Return the file's bytes."""
        try:
            return file_bytes(folder / self.file)
        except OSError as error:
            advice = f"restore it with `git checkout -- data/{self.file}`."
            problem = f"cannot be read ({error.strerror}): {advice}"
            raise FaultyDataError([Fault(self.file, problem)]) from error

    def _unknown_keys(self, rows: Sequence[Row], folder: Path) -> Iterator[Finding]:
        for name, column in self.columns.items():
            if column.keys is None:
                continue
            known = set(column.keys(folder))
            for row in rows:
                for one in row[name] if column.several else (row[name],):
                    if one and one not in known:
                        near = " or ".join(difflib.get_close_matches(one, known, n=2))
                        said = f"{one!r} is not {column.of}; add it there"
                        yield row, name, said + (f", or write {near}." if near else ".")


def parse(table: Table, content: bytes) -> tuple[list[Row], list[Fault]]:
    """Return the rows of a table's content, and what is wrong with them.

    References to other tables and the table's ``table_rules`` are left aside.
    """
    faults: list[Fault] = []
    rows: list[Row] = []
    try:
        rows += _rows(table, content)
    except FaultyDataError as error:
        return [], list(error.faults)
    for row in rows:
        problems = list(_fill(table, row)) or table.row_rules(row)
        faults += [Fault(table.file, said, row.line, name) for name, said in problems]
    for columns in table.unique:
        seen: dict[tuple[str, ...], int] = {}
        for row in rows:
            cells = tuple(row.cells[name] for name in columns)
            if cells in seen:
                said = f"{' '.join(cells)} is in row {seen[cells]} already; keep one."
                faults.append(Fault(table.file, said, row.line, columns[-1]))
            seen.setdefault(cells, row.line)
    return rows, faults


_parsed = lru_cache(maxsize=64)(parse)


def _rows(table: Table, content: bytes) -> Iterator[Row]:
    def fault(problem: str, line: int | None = None) -> FaultyDataError:
        return FaultyDataError([Fault(table.file, problem, line)])

    try:
        lines = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise fault(f"is not UTF-8 ({error.reason}): save it as UTF-8.") from error
    reader = csv.reader(io.StringIO(lines, newline=""), strict=True)
    columns, line = list(table.columns), 0
    try:
        header = next(reader, [])
        if header != columns:
            missing = ", ".join(n for n in columns if n not in header) or "none"
            unknown = ", ".join(n for n in header if n not in columns) or "none"
            raise fault(
                f"columns must be {', '.join(columns)} in this order, separated by "
                f"commas (missing: {missing}; unknown: {unknown}).",
                1,
            )
        line = 2
        for cells in reader:
            if len(cells) != len(columns):
                said = f"has {len(cells)} fields instead of {len(columns)}; quote a "
                raise fault(f"{said}field that holds a comma.", line)
            yield Row(line, dict(zip(columns, cells, strict=True)))
            line = reader.line_num + 1
    except csv.Error as error:
        raise fault(f"is no CSV ({error}).", reader.line_num) from error
    if line == 2:
        raise fault("has no rows below its header.", 1)


def _fill(table: Table, row: Row) -> Iterator[Problem]:
    """Give a row its values; yield what is wrong with its cells."""
    for name, column in table.columns.items():
        cell = row.cells[name]
        try:
            if _CONTROL.search(cell):
                raise ValueError(f"{cell!r} holds a line break or another control.")
            if FORMULA.match(cell):
                raise ValueError(f"{cell!r} would be a formula in a spreadsheet.")
            row[name] = column.value(cell)
        except ValueError as error:
            row[name] = column.empty
            yield name, str(error)
