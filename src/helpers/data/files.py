"""Where the data lie, and reading them so that no other file passes for them.

Prices, bars and factors are listed with their sha256 in ``manifest.json`` and checked
against it each time they are read. Tables kept by hand have rules instead.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any

from helpers.data.collection_rules import exceptions_of, file_of
from helpers.data.replacement import file_bytes
from helpers.data.snapshot import Snapshot, snapshot_in_force
from helpers.errors import DataError

MANIFEST_NAME = "manifest.json"

_chosen_folder: ContextVar[Path | None] = ContextVar("chosen_folder", default=None)


def data_dir() -> Path:
    """Return the folder that holds the data.

    Returns
    -------
    Path
        The folder chosen by :func:`using_data_dir`; else the one named by the
        environment variable ``HELPERS_DATA``; else the ``data`` folder of the
        checkout that the package was installed from.

    Raises
    ------
    DataError
        If that folder does not exist.
    """
    chosen = _chosen_folder.get()
    if chosen is not None:
        return chosen
    named = os.environ.get("HELPERS_DATA")
    if named:
        return _existing_folder(Path(named), "HELPERS_DATA names")
    folder = _checkout_folder()
    if folder is None:
        raise DataError(
            "No data folder found beside the package: install it from a checkout "
            "with `pip install -e .`, or set HELPERS_DATA to the checkout's data "
            "folder."
        )
    return folder


@lru_cache(maxsize=1)
def _checkout_folder() -> Path | None:
    folder = Path(__file__).resolve().parents[3] / "data"
    return folder if folder.is_dir() else None


@contextmanager
def using_data_dir(folder: Path | str | None) -> Iterator[Path]:
    """Make another folder the data folder inside a ``with`` block; yield it.

    None leaves things as they are. ``DataError`` if there is no such folder.

    Examples
    --------
    >>> from helpers import using_data_dir
    >>> with using_data_dir(None) as folder:
    ...     (folder / "prices").is_dir()
    True
    """
    if folder is None:
        yield data_dir()
        return
    token = _chosen_folder.set(_existing_folder(Path(folder), "The data folder is"))
    try:
        yield data_dir()
    finally:
        _chosen_folder.reset(token)


def _existing_folder(folder: Path, what: str) -> Path:
    folder = folder.expanduser()
    if not folder.is_dir():
        raise DataError(
            f"{what} {str(folder)!r}, which is no folder: name one that holds "
            f"{MANIFEST_NAME}."
        )
    return folder


def sha256_hex(content: bytes) -> str:
    """Return the sha256 of ``content`` as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def read_manifest() -> dict[str, Any]:
    """Return the manifest of the bundled data, shared between callers.

    It is ``{"schema": int, "files": {relative path: entry}}``. ``DataError`` if it is
    missing, is no JSON or lacks its parts.
    """
    path = data_dir() / MANIFEST_NAME
    try:
        state = path.stat()
    except OSError:
        raise DataError(
            f"{MANIFEST_NAME} is missing from the data folder: restore it with "
            f"`git checkout -- data/{MANIFEST_NAME}`, or point HELPERS_DATA at a "
            "complete data folder."
        ) from None
    return _parse_manifest(path, state.st_mtime_ns, state.st_size, state.st_ino)


@lru_cache(maxsize=8)
def _parse_manifest(
    path: Path, _changed: int, _size: int, _inode: int
) -> dict[str, Any]:
    advice = f"restore it with `git checkout -- data/{MANIFEST_NAME}`"
    try:
        manifest = json.loads(file_bytes(path))
    except (ValueError, OSError, RecursionError) as error:
        raise DataError(f"{MANIFEST_NAME} is broken ({error}): {advice}.") from error
    entries = manifest.get("files") if isinstance(manifest, dict) else None
    if not isinstance(entries, dict):
        raise DataError(f"{MANIFEST_NAME} is broken (field 'files'): {advice}.")
    for item in entries.items():
        if not _is_entry(item):
            raise DataError(
                f"{MANIFEST_NAME} is broken: {item[0]!r} is no file of a symbol, or "
                f"lacks sha256, rows, first, last or sources; {advice}."
            )
    return manifest


def _is_entry(item: tuple[str, Any]) -> bool:
    """Tell whether what the manifest says of a file has the parts that are used.

    Its name is that of its symbol, so that it leads to no file elsewhere.
    """
    name, entry = item
    folder = name.partition("/")[0]
    try:
        if folder == "factors":
            is_ours = re.fullmatch(r"factors/\w+\.csv", name) is not None
        else:
            ending = {"prices": "csv", "intraday": "parquet"}[folder]
            is_ours = name == file_of(entry["symbol"], folder, ending)
        if folder == "intraday":
            is_ours &= isinstance(entry["missing_bars"], list)
        for one in ("sha256", "first", "last"):
            is_ours &= isinstance(entry[one], str)
        for source in entry["sources"]:
            is_ours &= isinstance(source["source"], str)
        return is_ours and isinstance(entry["rows"], int)
    except (KeyError, TypeError, DataError):
        return False


def manifest_entry(relative_path: str) -> dict[str, Any]:
    """Return what is recorded of a file such as ``prices/NVDA.csv``.

    That is the manifest's entry; of a price file with its known exceptions (``gaps``,
    ``moves``, ``alterations``, ``doubts``); of a refreshed one that of the refresh.
    ``DataError`` if no manifest lists the file, or it was refreshed and the bundled one
    changed since.
    """
    return _entry(relative_path, snapshot_in_force(data_dir()))


def _entry(relative_path: str, snapshot: Snapshot) -> dict[str, Any]:
    known = read_manifest()["files"].get(relative_path)
    new = snapshot.files.get(relative_path)
    if known is not None and relative_path.startswith("prices/"):
        known = {**known, **exceptions_of(known.get("symbol", ""), data_dir())}
    if new is not None:
        return _layered(new, known or {}, relative_path)
    if known is None:
        raise DataError(
            f"{relative_path} is not listed in {MANIFEST_NAME}: restore both with `git "
            "checkout -- data`."
        )
    return dict(known)


def _layered(
    new: Mapping[str, Any], known: Mapping[str, Any], file: str
) -> dict[str, Any]:
    """Return a refreshed file's entry with the exceptions of the bundled one."""
    if known.get("sha256") != new.get("bundled_sha256"):
        raise DataError(
            f"{file} was refreshed, and the bundled file below it has changed since: "
            f"`.venv/bin/python -m helpers refresh --symbols {new['symbol']}` starts "
            f"from the new one, and with restore {new['symbol']} it is taken as it is."
        )
    both = {
        kind: [*known.get(kind, []), *new[kind]]
        for kind in ("gaps", "moves", "doubts", "sources")
    }
    return {**known, **new, **both}


def read_verified(relative_path: str) -> bytes:
    """Return the bytes of a file such as ``prices/NVDA.csv``, checked by its hash.

    Those of the refreshed file where there is one; a table kept by hand is read as it
    stands. ``DataError`` if it is not listed, missing, or not the one that was listed.
    """
    if "/" not in relative_path:
        return file_bytes(data_dir() / relative_path)
    return read_with_entry(relative_path)[0]


def read_with_entry(relative_path: str) -> tuple[bytes, dict[str, Any]]:
    """Return a data file's bytes, and what is recorded of just these bytes.

    A refresh may put other prices in force at any moment.
    """
    snapshot = snapshot_in_force(data_dir())
    entry = _entry(relative_path, snapshot)
    if relative_path in snapshot.contents:
        return snapshot.contents[relative_path], entry
    advice = f"restore it with `git checkout -- data/{relative_path}`."
    try:
        content = file_bytes(data_dir() / relative_path)
    except OSError as error:
        raise DataError(
            f"{relative_path} is listed in {MANIFEST_NAME} but cannot be read "
            f"({error.strerror}): {advice}"
        ) from error
    if sha256_hex(content) != entry["sha256"]:
        raise DataError(
            f"{relative_path} is not the file that {MANIFEST_NAME} lists (its sha256 "
            f"differs): {advice}"
        )
    return content, entry
