"""Refreshed prices and added instruments: one file over the bundled data.

``refreshed.zip`` in the data folder holds ``manifest.json`` (what is known of each
refreshed price file, and the rows of added instruments) and the price files. It is
replaced as a whole, by one rename: a reader finds the state before or the state
after, and to remove it is to be back at the bundled data.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from helpers.data.collection_rules import INSTRUMENTS
from helpers.errors import DataError

SNAPSHOT_NAME = "refreshed.zip"
BUNDLED_SWITCH = "HELPERS_BUNDLED"
_MANIFEST = "manifest.json"
SCHEMA = 2

_bundled_only: ContextVar[bool] = ContextVar("bundled_only", default=False)


@dataclass(frozen=True)
class Snapshot:
    """Refreshed prices in force; shared between callers, do not change it."""

    # What is known of each refreshed price file, such as prices/NVDA.csv.
    files: Mapping[str, dict[str, Any]]
    contents: Mapping[str, bytes]
    # Rows of the instruments that were added.
    instruments: list[dict[str, str]]

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
        with zipfile.ZipFile(path) as packed:
            manifest = json.loads(packed.read(_MANIFEST))
            contents = {name: packed.read(name) for name in manifest["files"]}
        if manifest["schema"] != SCHEMA:
            raise ValueError(f"its form is {manifest['schema']}, not {SCHEMA}")
        for name, entry in manifest["files"].items():
            if sha256(contents[name]).hexdigest() != entry["sha256"]:
                raise ValueError(f"{name} is not what its manifest lists")
        instruments = [
            {column: str(row[column]) for column in INSTRUMENTS.columns}
            for row in manifest["instruments"]
        ]
        return Snapshot(manifest["files"], contents, instruments)
    # A damaged file makes zipfile, zlib and json raise whatever they meet.
    except Exception as error:
        raise _damaged(error) from error


def _damaged(error: Exception) -> DataError:
    return DataError(
        f"{SNAPSHOT_NAME} is damaged ({type(error).__name__}: {error}): `python -m "
        "helpers restore` removes it and returns to the bundled data; a refresh then "
        "fetches the newer prices again."
    )
