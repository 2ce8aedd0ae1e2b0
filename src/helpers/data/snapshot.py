"""Refreshed prices and added instruments: one file over the bundled data.

``refreshed.zip`` in the data folder holds ``manifest.json`` (what is known of each
refreshed price file, and the rows of added instruments) and the price files. It is
replaced as a whole, by one rename: a reader finds the state before or the state
after, and to remove it is to be back at the bundled data.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import math
import os
import zipfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from helpers.data.collection_rules import INSTRUMENTS, file_of
from helpers.data.replacement import file_bytes
from helpers.errors import DataError

SNAPSHOT_NAME = "refreshed.zip"
BUNDLED_SWITCH = "HELPERS_BUNDLED"
_MANIFEST = "manifest.json"
SCHEMA = 2
# Fifty years of every instrument are a tenth of this.
LARGEST = 200_000_000

_bundled_only: ContextVar[bool] = ContextVar("bundled_only", default=False)


@dataclass(frozen=True)
class Snapshot:
    """Refreshed prices; those in force are shared: change a copy, not them."""

    # What is known of each refreshed price file, such as prices/NVDA.csv.
    files: dict[str, dict[str, Any]]
    contents: dict[str, bytes]
    # Rows of the instruments that were added.
    instruments: list[dict[str, str]]

    def copy(self) -> Snapshot:
        """Return one to which files and instruments can be added."""
        return Snapshot(dict(self.files), dict(self.contents), list(self.instruments))

    def put(self, entry: dict[str, Any], content: bytes) -> None:
        """Put one symbol's prices in, or in place of those there are."""
        file = file_of(entry["symbol"], "prices", "csv")
        self.files[file] = {**entry, "sha256": sha256(content).hexdigest()}
        self.contents[file] = content

    def drop(self, symbols: Collection[str]) -> None:
        """Leave symbols out, and the instruments that they are."""
        for symbol in symbols:
            file = file_of(symbol, "prices", "csv")
            self.files.pop(file, None)
            self.contents.pop(file, None)
        kept = [row for row in self.instruments if row["symbol"] not in symbols]
        self.instruments[:] = kept

    def to_bytes(self) -> bytes:
        """Return it as the content of a file; equal snapshots give equal bytes."""
        manifest = {
            "schema": SCHEMA,
            "files": self.files,
            "instruments": self.instruments,
        }
        text = json.dumps(manifest, indent=1, ensure_ascii=False)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
            for name, content in {_MANIFEST: text.encode(), **self.contents}.items():
                packed.writestr(zipfile.ZipInfo(name), content)
        return out.getvalue()


NOTHING = Snapshot({}, {}, [])


@contextmanager
def bundled_data() -> Iterator[None]:
    """Leave refreshed prices and added instruments aside in a ``with`` block."""
    token = _bundled_only.set(True)
    try:
        yield
    finally:
        _bundled_only.reset(token)


def is_switched_off() -> bool:
    """Tell whether ``HELPERS_BUNDLED`` or :func:`bundled_data` leaves them aside."""
    return _bundled_only.get() or os.environ.get(BUNDLED_SWITCH, "0") not in ("", "0")


def snapshot_in_force(folder: Path) -> Snapshot:
    """Return a folder's refreshed data in force; an error if they are damaged."""
    return NOTHING if is_switched_off() else snapshot_at(folder)


def snapshot_at(folder: Path) -> Snapshot:
    """Return the refreshed data of a folder, whether they are in force or not."""
    path = folder / SNAPSHOT_NAME
    try:
        state = path.stat()
    except FileNotFoundError:
        return NOTHING
    except OSError as error:
        raise _damaged(error) from error
    return _read(path, state.st_mtime_ns, state.st_size, state.st_ino)


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int, _size: int, _inode: int) -> Snapshot:
    try:
        with zipfile.ZipFile(io.BytesIO(file_bytes(path))) as packed:
            if sum(one.file_size for one in packed.infolist()) > LARGEST:
                raise ValueError("it unpacks to more than prices can be")
            manifest = json.loads(packed.read(_MANIFEST))
            contents = {name: packed.read(name) for name in manifest["files"]}
        if manifest["schema"] != SCHEMA:
            raise ValueError(f"its form is {manifest['schema']}, not {SCHEMA}")
        for name, entry in manifest["files"].items():
            if sha256(contents[name]).hexdigest() != entry["sha256"]:
                raise ValueError(f"{name} is not what its manifest lists")
            _check_entry(name, entry)
        instruments = [
            {column: str(row[column]) for column in INSTRUMENTS.columns}
            for row in manifest["instruments"]
        ]
        return Snapshot(manifest["files"], contents, instruments)
    # A damaged file makes zipfile, zlib and json raise whatever they meet.
    except Exception as error:
        raise _damaged(error) from error


def _check_entry(name: str, entry: Mapping[str, Any]) -> None:
    """Raise whatever it is if an entry lacks what is read of it."""
    if name != file_of(entry["symbol"], "prices", "csv"):
        raise ValueError(f"{name} is no file of {entry['symbol']}")
    spans = [*entry["gaps"], *entry["doubts"], *entry["sources"], entry]
    days = [span[end] for span in spans for end in ("first", "last")]
    for day in [*days, *(move["date"] for move in entry["moves"])]:
        dt.date.fromisoformat(day)
    numbers = [*entry["factors"].values(), *(move["value"] for move in entry["moves"])]
    if not all(map(math.isfinite, [*numbers, entry["half_unit"], entry["rows"]])):
        raise ValueError(f"{name} has a number that is none")
    texts = [entry["refreshed_at"], *(one["source"] for one in entry["sources"])]
    if not all(isinstance(one, str) for one in texts):
        raise ValueError(f"{name} is of no source")


def _damaged(error: Exception) -> DataError:
    return DataError(
        f"{SNAPSHOT_NAME} is damaged ({type(error).__name__}: {error}): `python -m "
        "helpers restore` removes it and returns to the bundled data; a refresh then "
        "fetches the newer prices again."
    )
