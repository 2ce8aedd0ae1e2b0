"""Refreshed prices: a layer over the bundled ones, in force while it is there.

``refreshed/manifest.json`` in the data folder lists, for each refreshed symbol, a
price file and what is known of it, and the instruments that an analyst added.
Stored files are named after their content and never changed, so that the manifest,
replaced as a whole, says at every moment which state is in force.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any

from helpers.errors import DataError

REFRESHED_NAME = "refreshed"
BUNDLED_SWITCH = "HELPERS_BUNDLED"

_EXCEPTIONS = ("gaps", "moves", "doubts", "sources")
_WAY_BACK = "`python -m helpers restore` returns to the bundled data"

_bundled_only: ContextVar[bool] = ContextVar("bundled_only", default=False)


@contextmanager
def bundled_data() -> Iterator[None]:
    """Leave refreshed prices and added instruments aside in a ``with`` block."""
    token = _bundled_only.set(True)
    try:
        yield
    finally:
        _bundled_only.reset(token)


def refreshed_manifest(folder: Path) -> dict[str, Any] | None:
    """Return the manifest of the refreshed data that are in force.

    Parameters
    ----------
    folder : Path
        Data folder.

    Returns
    -------
    dict or None
        ``{"schema": 1, "files": {...}, "instruments": [...]}``, shared between
        callers: do not change it. None if nothing was refreshed, inside
        :func:`bundled_data`, and if the environment variable ``HELPERS_BUNDLED``
        is set to anything but 0.

    Raises
    ------
    DataError
        If it is broken.
    """
    if _bundled_only.get() or os.environ.get(BUNDLED_SWITCH, "0") not in ("", "0"):
        return None
    path = folder / REFRESHED_NAME / "manifest.json"
    try:
        state = path.stat()
    except OSError:
        return None
    return _parse(path, state.st_mtime_ns, state.st_size, state.st_ino)


@lru_cache(maxsize=8)
def _parse(path: Path, _changed: int, _size: int, _inode: int) -> dict[str, Any]:
    name = f"{REFRESHED_NAME}/{path.name}"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise DataError(f"{name} is broken ({error}): {_WAY_BACK}.") from error
    if (
        not isinstance(manifest, dict)
        or manifest.get("schema") != 1
        or not isinstance(manifest.get("files"), dict)
        or not isinstance(manifest.get("instruments"), list)
        or not all(
            isinstance(entry, dict)
            and {"stored", "sha256", "bundled_sha256"} <= entry.keys()
            for entry in manifest["files"].values()
        )
    ):
        raise DataError(f"{name} is broken (its form is unknown): {_WAY_BACK}.")
    return manifest


def layered_entry(
    file: str, bundled: Mapping[str, Any] | None, folder: Path
) -> dict[str, Any] | None:
    """Return the entry in force for one file.

    Parameters
    ----------
    file : str
        Path below the data folder, such as ``prices/NVDA.csv``.
    bundled : mapping or None
        The bundled manifest's entry for it.
    folder : Path
        Data folder.

    Returns
    -------
    dict or None
        The bundled entry; or the refreshed one, with the bundled file's known
        exceptions and with ``stored``, the path of its file below
        ``refreshed``. None if there is neither.

    Raises
    ------
    DataError
        If the bundled file changed since it was refreshed.
    """
    manifest = refreshed_manifest(folder)
    new = None if manifest is None else manifest["files"].get(file)
    if new is None:
        return None if bundled is None else dict(bundled)
    if (bundled or {}).get("sha256") != new["bundled_sha256"]:
        symbol = new["symbol"]
        raise DataError(
            f"{file} was refreshed, and the bundled file below it has changed since: "
            f"`python -m helpers refresh --symbols {symbol}` starts from the new one, "
            f"`python -m helpers restore {symbol}` takes it as it is."
        )
    known = bundled or {}
    combined = {**known, **new}
    for field in _EXCEPTIONS:
        combined[field] = [*known.get(field, []), *new.get(field, [])]
    combined["alterations"] = [
        _rescaled(alteration, new["factors"])
        for alteration in known.get("alterations", [])
    ]
    alone = known.get("days_with_one_source", 0) + new["rows"] - known.get("rows", 0)
    combined["days_with_one_source"] = alone
    return combined


def _rescaled(
    alteration: Mapping[str, Any], factors: Mapping[str, float]
) -> dict[str, Any]:
    """Bring a recorded correction to the level that its column now has."""
    factor = factors[alteration["field"]]
    if alteration["kind"] != "correction" or factor == 1:
        return dict(alteration)
    scaled = {f: float(f"{alteration[f] * factor:.10g}") for f in ("original", "value")}
    return {**alteration, **scaled}


def stored_content(folder: Path, entry: Mapping[str, Any]) -> bytes:
    """Return the bytes of a refreshed file, unchecked.

    Raises
    ------
    FileNotFoundError
        If it is gone, which a newer refresh can cause at any moment.
    """
    return (folder / REFRESHED_NAME / entry["stored"]).read_bytes()


def added_instruments(folder: Path) -> list[dict[str, str]]:
    """Return the rows of the instruments that an analyst added."""
    manifest = refreshed_manifest(folder)
    return [] if manifest is None else manifest["instruments"]
