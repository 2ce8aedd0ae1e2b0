"""A data folder whose prices end early, for refreshes to continue."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
from data_folder import DATA, edit_lines, edit_manifest

from helpers.data.files import using_data_dir
from helpers.data.prices import load_returns, prices_path

CUT = "2026-07-10"
END = "2026-08-20"
# All of these have prices on every session from CUT to END.
SYMBOLS = (
    "NVDA",
    "AMD",
    "MSFT",
    "TSM",
    "KLAC",
    "SPY",
    "^GSPC",
    "0981.HK",
    "0700.HK",
    "^HSI",
)
# Kept as they are: one to be asked for in vain, and a sector that others name.
UNTOUCHED = ("BIDU", "^SOX")
GROUPS = ("Nvidia",)

Row = dict[str, str]


def early_data(target: Path, without: str = "") -> Path:
    """Copy the bundled data of a few symbols, the prices of most ending on CUT.

    The five-minute bars stay behind, and groups of other shares: they are of no
    account here.
    """
    left_behind = shutil.ignore_patterns("refreshed*", "intraday", "*.md", ".*")
    folder = Path(shutil.copytree(DATA, target, ignore=left_behind))
    kept = {*SYMBOLS, *UNTOUCHED} - {without}

    def is_kept(row: Row) -> bool:
        late = row["symbol"] in SYMBOLS and row.get("first", "") > CUT
        return row["symbol"] in kept and not late

    about = ("instruments.csv", "annotations.csv", "earnings.csv", "share_counts.csv")
    for name in about:
        _rewrite(folder / name, lambda row: row if is_kept(row) else None)
    _rewrite(folder / "events.csv", lambda row: row | {"symbols": _of(row, kept)})
    _rewrite(
        folder / "published.csv",
        lambda row: row if kept.issuperset(row["symbols"].split(";")) else None,
    )
    _rewrite(folder / "groups.csv", lambda row: row if row["group"] in GROUPS else None)
    _rewrite(
        folder / "claim_legs.csv",
        lambda row: row if row["group"] in ("", *GROUPS) else None,
    )

    def adapt(entries: dict[str, Any]) -> None:
        for name, entry in list(entries.items()):
            if entry.get("symbol", "NVDA") not in kept:
                (folder / name).unlink(missing_ok=True)
            if not (folder / name).is_file():
                del entries[name]

    edit_manifest(folder, adapt)
    for symbol in kept - set(UNTOUCHED):
        cut_history(folder, symbol, CUT)
    return folder


def _of(row: Row, kept: set[str]) -> str:
    return ";".join(s for s in row["symbols"].split(";") if s in kept)


def _rewrite(path: Path, change: Callable[[Row], Row | None]) -> None:
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    changed = [new for row in rows if (new := change(row)) is not None]
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(changed)


def cut_history(folder: Path, symbol: str, last: str) -> None:
    """Let a symbol's bundled prices end on `last`."""
    file = prices_path(symbol)

    def cut(lines: list[str]) -> None:
        lines[1:] = [line for line in lines[1:] if line[:10] <= last]

    edit_lines(folder, file, cut)
    lines = (folder / file).read_text(encoding="utf-8").splitlines()

    def record(entries: dict[str, Any]) -> None:
        entries[file].update(rows=len(lines) - 1, last=lines[-1][:10])

    edit_manifest(folder, record)


def files_of(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder with its content."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def returns_of(folder: Path, symbol: str) -> pd.Series:
    """Return the returns of a symbol, of the prices in force."""
    with using_data_dir(folder):
        return load_returns(symbol)[symbol]
