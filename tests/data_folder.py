"""A copy of the data folder that a test may break, and ways to break it."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from helpers.data.files import sha256_hex, using_data_dir

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"

Lines = list[str]
Row = dict[str, str]

# A row of these is of one symbol.
TABLES_OF_SYMBOLS = (
    "instruments.csv",
    "annotations.csv",
    "earnings.csv",
    "share_counts.csv",
)
GROUPS = ("Nvidia",)


def copy_data(target: Path) -> Path:
    """Copy the data folder to `target`."""
    ignored = shutil.ignore_patterns("refreshed*", ".*")
    return Path(shutil.copytree(DATA, target, ignore=ignored))


def copy_few(target: Path, symbols: Iterable[str]) -> Path:
    """Copy the bundled data of a few symbols, which is checked in a fifth of the time.

    The five-minute bars stay behind, and groups of other shares.
    """
    left_behind = shutil.ignore_patterns("refreshed*", "intraday", "*.md", ".*")
    folder = Path(shutil.copytree(DATA, target, ignore=left_behind))
    kept = set(symbols)

    def some(row: Row) -> Row:
        named = row["symbols"].split(";")
        return row | {"symbols": ";".join(s for s in named if s in kept)}

    for name in TABLES_OF_SYMBOLS:
        rewrite(folder / name, lambda row: row if row["symbol"] in kept else None)
    rewrite(folder / "events.csv", some)
    rewrite(folder / "published.csv", lambda row: row if some(row) == row else None)
    rewrite(folder / "groups.csv", lambda row: row if row["group"] in GROUPS else None)
    rewrite(
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
    return folder


def rewrite(path: Path, change: Callable[[Row], Row | None]) -> None:
    """Rewrite a table after `change` has given each row anew, or None to drop it."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    changed = [new for row in rows if (new := change(row)) is not None]
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(changed)


def read_from(folder: Path, load: Callable[..., Any], *asked: Any, **more: Any) -> Any:
    """What `load` gives of another data folder."""
    with using_data_dir(folder):
        return load(*asked, **more)


def edit_manifest(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Rewrite the manifest after `change` has edited its entries in place."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    change(manifest["files"])
    text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8")


def edit_lines(folder: Path, file: str, change: Callable[[Lines], None]) -> None:
    """Rewrite a file after `change` has edited its lines, and list the new hash.

    With its hash right, what is left to object to is the content.
    """
    path = folder / file
    lines = path.read_text(encoding="utf-8").splitlines()
    change(lines)
    content = "".join(f"{line}\n" for line in lines).encode()
    path.write_bytes(content)

    def relist(entries: dict[str, Any]) -> None:
        if file in entries:
            entries[file]["sha256"] = sha256_hex(content)

    edit_manifest(folder, relist)


def line_of(lines: Lines, date: str) -> int:
    """Return the position of the line that begins with a date."""
    return next(i for i, line in enumerate(lines) if line.startswith(f"{date},"))


def set_cell(date: str, column: int, value: str) -> Callable[[Lines], None]:
    """Return an edit that puts `value` in one cell."""

    def change(lines: Lines) -> None:
        at = line_of(lines, date)
        cells = lines[at].split(",")
        cells[column] = value
        lines[at] = ",".join(cells)

    return change
