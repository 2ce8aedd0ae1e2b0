"""Checking every data file against the manifest and the codebook's rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from helpers.data.event_rules import EVENTS, SOURCES
from helpers.data.factors import FACTORS_FILE
from helpers.data.faults import Fault, FaultyDataError
from helpers.data.files import (
    MANIFEST_NAME,
    manifest_entry,
    read_manifest,
    read_verified,
    read_with_entry,
    using_data_dir,
)
from helpers.data.instruments import load_instruments
from helpers.data.intraday import BARS_FOLDER, bars_path
from helpers.data.prices import check_table, prices_path
from helpers.data.replacement import file_bytes
from helpers.data.schema import Table
from helpers.data.snapshot import SNAPSHOT_NAME, bundled_data, snapshot_in_force
from helpers.data.tables import ABOUT_PRICES, TABLES
from helpers.errors import DataError, HelpersError


@dataclass(frozen=True)
class VerificationReport:
    """What :func:`verify` found.

    Parameters
    ----------
    faults : tuple of Fault
        Each names file, row and field where there is one.
    notes : tuple of str
        What a reader should know but is no fault.
    files, rows : int
        Files looked at; rows of prices, bars and factors read.
    """

    faults: tuple[Fault, ...]
    notes: tuple[str, ...]
    files: int
    rows: int

    @property
    def ok(self) -> bool:
        """Whether there is no fault."""
        return not self.faults

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values, for JSON."""
        return {
            "ok": self.ok,
            "files": self.files,
            "rows": self.rows,
            "faults": [asdict(fault) for fault in self.faults],
            "notes": list(self.notes),
        }

    def __str__(self) -> str:
        read = f"{self.files} files, {self.rows:,} rows of prices, bars and factors"
        lines = [
            f"{read}: no fault." if self.ok else f"{read}: {len(self.faults)} fault(s)."
        ]
        lines += [f"- {fault}" for fault in self.faults]
        lines += [f"Note: {note}" for note in self.notes]
        return "\n".join(lines)


def verify(
    data_dir: Path | str | None = None, *, progress: bool = False
) -> VerificationReport:
    """Check every data file.

    Hashes against the manifest; prices, refreshed ones too, against the rules of the
    codebook (order, values, sessions, gaps, moves, adjustment); the tables kept by
    hand.

    Parameters
    ----------
    data_dir : Path or str, optional
        Data folder; default :func:`helpers.data.files.data_dir`.
    progress : bool, optional
        Show a progress bar on standard error.

    Returns
    -------
    VerificationReport
        All faults found; ``ok`` is true if there is none.

    Raises
    ------
    DataError
        If there is no such data folder.

    Examples
    --------
    >>> verify().ok
    True
    """
    with using_data_dir(data_dir) as folder:
        try:
            listed = read_manifest()["files"]
        except DataError as error:
            return VerificationReport((Fault(MANIFEST_NAME, str(error)),), (), 0, 0)
        faults, notes, rows = [*_strays(folder, listed)], [], 0
        names = [*listed]
        with bundled_data():
            broken = [fault for table in ABOUT_PRICES for fault in _of(table, folder)]
            if broken:
                notes.append("prices and factors were not read: mend the tables first.")
            else:
                rows, found = _check_files(folder, listed, progress)
                faults += found
        try:
            new = snapshot_in_force(folder).files
            symbols = [] if broken else list(load_instruments().index)
        except DataError as error:
            faults.append(Fault(SNAPSHOT_NAME, str(error)))
        else:
            for name, entry in new.items() if not broken else ():
                read, found = _named(
                    SNAPSHOT_NAME, _check_refreshed, name, entry["symbol"], symbols
                )
                rows, faults = rows + read, [*faults, *found]
            names += new
        faults += [fault for table in TABLES for fault in _of(table, folder)]
        faults += _left_of_a_change(folder)
        kept = sum((folder / table.file).is_file() for table in TABLES)
        faults = list(dict.fromkeys(faults))
        return VerificationReport(tuple(faults), tuple(notes), len(names) + kept, rows)


def _named(
    file: str, check: Callable[..., tuple[int, list[Fault]]], *arguments: Any
) -> tuple[int, list[Fault]]:
    """Return rows and faults of a file; what the check itself trips over is one."""
    try:
        return check(*arguments)
    except FaultyDataError as error:
        return 0, list(error.faults)
    except HelpersError as error:
        return 0, [Fault(file, str(error).removeprefix(f"{file} "))]
    except Exception as error:
        said = f"cannot be checked ({type(error).__name__}: {error}): restore it."
        return 0, [Fault(file, said)]


def _of(table: Table, folder: Path) -> list[Fault]:
    return _named(table.file, lambda: (len(table.read(folder)), []))[1]


def _left_of_a_change(folder: Path) -> list[Fault]:
    try:
        known = set(EVENTS.keys(folder))
        rows = [row for row in SOURCES.rows(folder) if row["event_id"] not in known]
    except DataError:
        return []
    said = (
        f"is no event of {EVENTS.file}: `event add` of it, or removing the row, mends."
    )
    return [
        Fault(SOURCES.file, f"{row['event_id']!r} {said}", row.line, "event_id")
        for row in rows
    ]


def _strays(folder: Path, listed: dict[str, Any]) -> Iterator[Fault]:
    known = {*listed, *(table.file for table in TABLES)}
    for pattern in ("*.csv", "prices/*", "factors/*", f"{BARS_FOLDER}/*"):
        for path in sorted(folder.glob(pattern)):
            name = path.relative_to(folder).as_posix()
            if name not in known and not path.name.startswith("."):
                said = f"is no table of ours and not listed in {MANIFEST_NAME}: "
                yield Fault(name, f"{said}remove it.")


def _check_files(
    folder: Path, listed: dict[str, Any], progress: bool
) -> tuple[int, list[Fault]]:
    """Check what the manifest lists and what the instruments need."""
    from tqdm import tqdm

    symbols = list(load_instruments().index)
    prices = {prices_path(symbol): symbol for symbol in symbols}
    known = {*prices, *map(bars_path, symbols), FACTORS_FILE}
    rows, faults = 0, []
    names = list(dict.fromkeys([*listed, *prices, FACTORS_FILE]))
    for name in tqdm(names, disable=not progress, unit="file"):
        if name not in listed:
            faults.append(Fault(name, f"is needed and not listed in {MANIFEST_NAME}."))
        elif name not in known:
            faults.append(Fault(name, "belongs to no symbol of instruments.csv."))
        else:
            read, found = _named(name, _check_file, folder, name, prices.get(name))
            rows, faults = rows + read, [*faults, *found]
    return rows, faults


def _check_file(folder: Path, name: str, symbol: str | None) -> tuple[int, list[Fault]]:
    """Check a file's hash and, of prices, the rules, which tell what was altered."""
    faults = []
    entry = manifest_entry(name)
    try:
        content = read_verified(name)
    except DataError as error:
        faults = [Fault(name, str(error).removeprefix(f"{name} "))]
        try:
            content = file_bytes(folder / name)
        except OSError:
            return 0, faults
    if symbol is None:
        return int(entry.get("rows", 0)), faults
    table, found = check_table(symbol, content, entry)
    return len(table), faults + found


def _check_refreshed(
    name: str, symbol: str, symbols: list[str]
) -> tuple[int, list[Fault]]:
    where = f"{SNAPSHOT_NAME}/{name}"
    if symbol not in symbols or name != prices_path(symbol):
        return 0, [Fault(where, "belongs to no symbol of instruments.csv.")]
    table, faults = check_table(symbol, *read_with_entry(name))
    return len(table), [replace(fault, file=where) for fault in faults]
