"""A data folder whose prices end early, for refreshes to continue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from data_folder import TABLES_OF_SYMBOLS, copy_few, edit_lines, edit_manifest, rewrite

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


def early_data(target: Path, without: str = "") -> Path:
    """Copy the bundled data of a few symbols, the prices of most ending on CUT."""
    kept = {*SYMBOLS, *UNTOUCHED} - {without}
    folder = copy_few(target, kept)
    for name in TABLES_OF_SYMBOLS:
        rewrite(
            folder / name,
            lambda row: (
                None if row["symbol"] in SYMBOLS and row.get("first", "") > CUT else row
            ),
        )
    for symbol in kept - set(UNTOUCHED):
        cut_history(folder, symbol, CUT)
    return folder


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
