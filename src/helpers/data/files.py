"""Where the data lie, and reading them so that no other file passes for them.

Every bundled file is listed with its sha256 in ``manifest.json``; a file is
checked against it each time it is read.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any

from helpers.data.refreshed import REFRESHED_NAME, layered_entry, stored_content
from helpers.errors import DataError

MANIFEST_NAME = "manifest.json"

# Files about to be replaced are kept here until the new manifest stands, so that
# a replacement killed midway leaves the old data readable.
PREVIOUS_NAME = ".previous"

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
    """Make another folder the data folder inside a ``with`` block.

    Parameters
    ----------
    folder : Path or str, optional
        The folder; None leaves things as they are.

    Yields
    ------
    Path
        The folder in force.

    Raises
    ------
    DataError
        If there is no such folder.
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
    """Return the manifest of the bundled data.

    Returns
    -------
    dict
        ``{"schema": int, "files": {relative path: entry}, ...}``. Shared between
        callers: do not change it.

    Raises
    ------
    DataError
        If the manifest is missing, is no JSON or lacks its parts.
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
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise DataError(f"{MANIFEST_NAME} is broken ({error}): {advice}.") from error
    entries = manifest.get("files") if isinstance(manifest, dict) else None
    if not isinstance(entries, dict) or not all(
        isinstance(entry, dict) and isinstance(entry.get("sha256"), str)
        for entry in entries.values()
    ):
        raise DataError(
            f"{MANIFEST_NAME} is broken (field 'files' must map each path to an "
            f"entry with a 'sha256'): {advice}."
        )
    return manifest


def manifest_entry(relative_path: str) -> dict[str, Any]:
    """Return what is recorded of one file, refreshed or bundled.

    Parameters
    ----------
    relative_path : str
        Path below the data folder, such as ``prices/NVDA.csv``.

    Returns
    -------
    dict
        The manifest's entry; for a refreshed price file that of the refresh,
        with the bundled file's known exceptions.

    Raises
    ------
    DataError
        If no manifest lists the file, or it was refreshed and the bundled one
        changed since.
    """
    listed = read_manifest()["files"].get(relative_path)
    entry = layered_entry(relative_path, listed, data_dir())
    if entry is None:
        raise DataError(
            f"{relative_path} is not listed in {MANIFEST_NAME}: run `python -m "
            "helpers register` for a table kept by hand, `python -m helpers "
            "import` for prices and factors."
        )
    return entry


def is_editable(entry: Mapping[str, Any]) -> bool:
    """Tell whether a manifest entry is for a table that people edit freely."""
    return bool(entry.get("editable", False))


def read_verified(relative_path: str) -> bytes:
    """Return a data file's bytes, checked against the manifest.

    Parameters
    ----------
    relative_path : str
        Path below the data folder, with ``/``, such as ``prices/NVDA.csv``.

    Returns
    -------
    bytes
        The file's content; that of the refreshed file where there is one. A file
        marked editable in the manifest is returned whatever its hash.

    Raises
    ------
    DataError
        If the file is not listed, missing, or not the one that was listed.
    """
    return read_with_entry(relative_path)[0]


def read_with_entry(relative_path: str) -> tuple[bytes, dict[str, Any]]:
    """Return a data file's bytes, and what is recorded of just these bytes.

    Parameters and errors are those of :func:`read_verified`. A refresh may put
    other prices in force at any moment, so that two questions can have answers
    that do not belong together.
    """
    entry = manifest_entry(relative_path)
    if "stored" not in entry:
        return _read_bundled(relative_path, entry), entry
    try:
        content = stored_content(data_dir(), entry)
    except OSError:
        if manifest_entry(relative_path) != entry:
            # A refresh replaced the file after its manifest had been read.
            return read_with_entry(relative_path)
        content = b""
    if sha256_hex(content) == entry["sha256"]:
        return content, entry
    raise DataError(
        f"{REFRESHED_NAME}/{entry['stored']} is missing or is not the file that "
        f"{REFRESHED_NAME}/{MANIFEST_NAME} lists: `python -m helpers restore "
        f"{entry['symbol']}` returns to the bundled prices; a refresh then fetches "
        "the newer ones again."
    )


def _read_bundled(relative_path: str, entry: Mapping[str, Any]) -> bytes:
    folder = data_dir()
    try:
        content = (folder / relative_path).read_bytes()
    except OSError as error:
        raise DataError(
            f"{relative_path} is listed in {MANIFEST_NAME} but cannot be read "
            f"({error.strerror}): restore it with `git checkout -- "
            f"data/{relative_path}`."
        ) from error
    if is_editable(entry) or sha256_hex(content) == entry["sha256"]:
        return content
    kept = folder / PREVIOUS_NAME / relative_path
    if kept.is_file():
        content = kept.read_bytes()
        if sha256_hex(content) == entry["sha256"]:
            return content
    raise DataError(
        f"{relative_path} is not the file that {MANIFEST_NAME} lists (its sha256 "
        f"differs): restore it with `git checkout -- data/{relative_path}`, or, "
        "after a change on purpose, run `python -m helpers register` (tables kept "
        "by hand) or `python -m helpers import` (prices and factors)."
    )
