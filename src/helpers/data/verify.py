"""Checking every data file against the manifest and the codebook's rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from helpers.data.factors import FACTORS_FILE, check_factors
from helpers.data.faults import Fault, FaultyDataError
from helpers.data.files import (
    MANIFEST_NAME,
    PREVIOUS_NAME,
    is_editable,
    read_manifest,
    read_verified,
    sha256_hex,
    using_data_dir,
)
from helpers.data.instruments import load_instruments
from helpers.data.intraday import BARS_FOLDER, bar_symbols, bars_path, verify_bars
from helpers.data.manifest import read_kept_tables
from helpers.data.prices import check_table, prices_path
from helpers.data.refreshed import bundled_data
from helpers.data.verify_refreshed import check_refreshed
from helpers.errors import DataError


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
        Files listed in the manifest; rows of prices and factors read.
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

    Hashes, rows and dates against the manifest; prices against the rules of the
    codebook (order, values, sessions, gaps, moves, adjustment); factors; the
    tables kept by hand; refreshed prices; the event ledger.

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
    >>> verify("nowhere")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    helpers.errors.DataError: The data folder is 'nowhere', which is no folder...
    """
    with using_data_dir(data_dir) as folder:
        try:
            entries = read_manifest()["files"]
        except DataError as error:
            return VerificationReport((Fault(MANIFEST_NAME, str(error)),), (), 0, 0)
        with bundled_data():
            faults, notes = _check_presence(folder, entries)
            broken_tables = _faults_of(
                partial(read_kept_tables, folder), ""
            ) or _faults_of(load_instruments, "instruments.csv")
            faults += broken_tables
            if broken_tables:
                notes.append("prices and factors were not read: mend the tables first.")
                return VerificationReport(tuple(faults), tuple(notes), len(entries), 0)
            rows, found = _check_contents(folder, entries, progress)
            faults += found
        more_files, more_rows, found, more_notes = check_refreshed(folder)
        faults += [*found, *_check_tables()]
        return VerificationReport(
            tuple(faults),
            (*notes, *more_notes),
            len(entries) + more_files,
            rows + more_rows,
        )


def _faults_of(action: Callable[[], object], file: str) -> list[Fault]:
    try:
        action()
    except FaultyDataError as error:
        return list(error.faults)
    except DataError as error:
        return [Fault(file, str(error))]
    return []


def _check_presence(
    folder: Path, entries: dict[str, dict[str, Any]]
) -> tuple[list[Fault], list[str]]:
    """Compare the files on disk with the manifest's list and hashes."""
    faults, notes = [], []
    for name, entry in entries.items():
        path = folder / name
        if not path.is_file():
            problem = f"is listed in {MANIFEST_NAME} but missing."
            faults.append(Fault(name, problem))
        elif sha256_hex(path.read_bytes()) != entry["sha256"]:
            if is_editable(entry):
                notes.append(f"{name} was edited since it was registered.")
            elif not _faults_of(partial(read_verified, name), name):
                notes.append(
                    f"{name} is read from {PREVIOUS_NAME}: an import was cut short; "
                    "run it again."
                )
            else:
                problem = f"its sha256 is not the one that {MANIFEST_NAME} lists."
                faults.append(Fault(name, problem))
    for pattern in ("*.csv", "prices/*", "factors/*", f"{BARS_FOLDER}/*"):
        for path in sorted(folder.glob(pattern)):
            name = path.relative_to(folder).as_posix()
            if name not in entries and not path.name.startswith("."):
                problem = (
                    f"is not listed in {MANIFEST_NAME}: remove it, or record it with "
                    "`python -m helpers register` if it is a table of the ledger."
                )
                faults.append(Fault(name, problem))
    return faults, notes


def _check_contents(
    folder: Path, entries: dict[str, dict[str, Any]], progress: bool
) -> tuple[int, list[Fault]]:
    from tqdm import tqdm

    rows = 0
    known = list(load_instruments().index)
    owned = {prices_path(symbol) for symbol in known}
    faults = [
        Fault(name, "belongs to no symbol of instruments.csv.")
        for name in entries
        if name.startswith("prices/") and name not in owned
    ]
    for symbol in tqdm(known, disable=not progress, unit="file"):
        file = prices_path(symbol)
        if file not in entries:
            faults.append(Fault(file, f"is missing: {symbol} has no prices."))
        elif (content := _content(folder, file)) is not None:
            table, found = check_table(symbol, content)
            faults += found
            rows += len(table)
    for symbol in bar_symbols():
        if (content := _content(folder, bars_path(symbol))) is not None:
            table, found = verify_bars(symbol, content)
            faults += found
            rows += len(table)
    if FACTORS_FILE not in entries:
        faults.append(Fault(FACTORS_FILE, "is missing."))
    elif (content := _content(folder, FACTORS_FILE)) is not None:
        table, found = check_factors(content)
        faults += found
        rows += len(table)
    return rows, faults


def _content(folder: Path, name: str) -> bytes | None:
    """Return the verified content, else what is there, else None."""
    try:
        return read_verified(name)
    except DataError:
        path = folder / name
        return path.read_bytes() if path.is_file() else None


def _check_tables() -> list[Fault]:
    """Read each table that people edit by the rules of its loader."""
    from helpers.data.chips import load_chips
    from helpers.data.facts import load_fact_sources, load_fundamentals
    from helpers.data.ledger import load_claims, load_ledger, load_sources
    from helpers.data.listings import load_listings
    from helpers.data.nvidia_revenue import load_nvidia_revenue
    from helpers.data.thresholds import load_thresholds

    tables: dict[str, Callable[[], object]] = {
        "events.csv": load_ledger,
        "sources.csv": load_sources,
        "claims.csv": load_claims,
        "fact_sources.csv": load_fact_sources,
        "chips.csv": load_chips,
        "thresholds.csv": load_thresholds,
        "fundamentals.csv": load_fundamentals,
        "nvidia_revenue.csv": partial(load_nvidia_revenue, "headquarters"),
        "listings.csv": load_listings,
    }
    return [fault for name, load in tables.items() for fault in _faults_of(load, name)]
