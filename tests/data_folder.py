"""A copy of the data folder that a test may break, and ways to break it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from helpers.data.files import sha256_hex, using_data_dir

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"

Lines = list[str]


def copy_data(target: Path) -> Path:
    """Copy the data folder to `target`."""
    ignored = shutil.ignore_patterns("refreshed*", ".*")
    return Path(shutil.copytree(DATA, target, ignore=ignored))


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
