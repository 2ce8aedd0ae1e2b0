"""Putting refreshed prices in force, one symbol at a time, all or nothing.

A price file is written under a name of its own and never changed; the manifest is
replaced last, by one rename. A process killed at any moment leaves the state before
or the state after, and at worst a file that no manifest lists, which the next
refresh clears away.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from helpers.data.files import sha256_hex
from helpers.data.prices import prices_path
from helpers.data.refresh.continuation import SOURCE, Continuation
from helpers.data.refreshed import REFRESHED_NAME, refreshed_manifest
from helpers.data.replacement import sync_folder, write_atomic
from helpers.errors import DataError

DIGITS_IN_NAME = 12


def refreshed_entry(
    symbol: str,
    done: Continuation,
    before: Mapping[str, Any] | None,
    bundled_sha256: str | None,
    now: dt.datetime,
    yfinance_version: str,
) -> dict[str, Any]:
    """Return what the refreshed manifest says of a continued history.

    Parameters
    ----------
    symbol : str
        The symbol.
    done : Continuation
        Its continued history.
    before : mapping or None
        What the refreshed manifest said of it so far.
    bundled_sha256 : str or None
        Hash of the bundled file that it all started from, if there is one.
    now : datetime
        When the prices were fetched, in UTC.
    yfinance_version : str
        What they were fetched with.
    """
    old = before or {}
    digest = sha256_hex(done.content)
    file = prices_path(symbol)
    name = file.removesuffix(".csv")
    earlier = old.get("factors", {"close": 1.0, "adj_close": 1.0})
    first_new = old["sources"][0]["first"] if old else done.new[0]
    return {
        "symbol": symbol,
        "stored": f"{name}-{digest[:DIGITS_IN_NAME]}.csv",
        "sha256": digest,
        "bundled_sha256": bundled_sha256,
        "rows": done.rows,
        "first": done.first,
        "last": done.last,
        "refreshed_at": f"{now:%Y-%m-%dT%H:%MZ}",
        "yfinance": yfinance_version,
        "sources": [{"source": SOURCE, "first": first_new, "last": done.last}],
        "factors": {name: earlier[name] * done.factors[name] for name in earlier},
        "half_unit": done.half_unit,
        "actions": [*old.get("actions", []), *done.actions],
        **{
            kind: [*old.get(kind, []), *found]
            for kind, found in done.exceptions.items()
        },
    }


def put_in_force(
    folder: Path,
    entry: Mapping[str, Any],
    content: bytes,
    instrument: Mapping[str, str] | None = None,
) -> None:
    """Put one symbol's refreshed prices in force.

    Parameters
    ----------
    folder : Path
        Data folder, held by :func:`helpers.data.lock.only_one`.
    entry : mapping
        As :func:`refreshed_entry`.
    content : bytes
        The price file.
    instrument : mapping, optional
        Row of the instruments table, for a symbol that is being added.

    Raises
    ------
    DataError
        If it cannot be written. What was in force stays in force.
    """
    refreshed = folder / REFRESHED_NAME
    stored = refreshed / entry["stored"]
    file = prices_path(entry["symbol"])
    manifest = _manifest(folder)
    before = manifest["files"].get(file, entry)["stored"]
    instruments = list(manifest["instruments"])
    if instrument is not None:
        instruments.append(dict(instrument))
    try:
        if not stored.parent.is_dir():
            stored.parent.mkdir(parents=True)
            sync_folder(refreshed)
            sync_folder(folder)
        write_atomic(stored, content)
        _write_manifest(folder, {**manifest["files"], file: entry}, instruments)
        if before != entry["stored"]:
            (refreshed / before).unlink(missing_ok=True)
    except OSError as error:
        clear_away(folder)
        raise DataError(
            f"Cannot write to {REFRESHED_NAME} in the data folder ({error.strerror})."
        ) from error
    except DataError:
        clear_away(folder)
        raise


def take_back(folder: Path, symbols: Collection[str] | None = None) -> None:
    """Return to the bundled prices, and forget instruments that were added.

    Parameters
    ----------
    folder : Path
        Data folder, held by :func:`helpers.data.lock.only_one`.
    symbols : collection of str, optional
        Only these; default all.

    Raises
    ------
    DataError
        If it cannot be written.
    """
    refreshed = folder / REFRESHED_NAME
    try:
        if symbols is None:
            # From here on the bundled data are in force, whatever is left over.
            (refreshed / "manifest.json").unlink(missing_ok=True)
            if refreshed.is_dir():
                shutil.rmtree(refreshed)
            return
        manifest = _manifest(folder)
        files = {
            name: entry
            for name, entry in manifest["files"].items()
            if entry["symbol"] not in symbols
        }
        instruments = [
            row for row in manifest["instruments"] if row["symbol"] not in symbols
        ]
        _write_manifest(folder, files, instruments)
        clear_away(folder)
    except OSError as error:
        raise DataError(
            f"Cannot change {REFRESHED_NAME} in the data folder ({error.strerror})."
        ) from error


def check_writable(folder: Path) -> None:
    """Check that refreshed data can be written, before anything is asked for.

    Raises
    ------
    DataError
        If the folder is read-only.
    """
    refreshed = folder / REFRESHED_NAME
    if not os.access(refreshed if refreshed.is_dir() else folder, os.W_OK):
        raise DataError(
            "The data folder is read-only: nothing was asked for and nothing changed. "
            "Make it writable, or point HELPERS_DATA at a copy of it."
        )


def _manifest(folder: Path) -> Mapping[str, Any]:
    return refreshed_manifest(folder) or {"files": {}, "instruments": []}


def _write_manifest(
    folder: Path, files: Mapping[str, Any], instruments: Sequence[Mapping[str, str]]
) -> None:
    parts = {
        "schema": json.dumps(1),
        "files": _lines(
            "{}",
            [
                f"{json.dumps(name)}: {_text(entry)}"
                for name, entry in sorted(files.items())
            ],
        ),
        "instruments": _lines("[]", [_text(row) for row in instruments]),
    }
    text = _lines("{}", [f'"{name}": {part}' for name, part in parts.items()])
    write_atomic(folder / REFRESHED_NAME / "manifest.json", f"{text}\n".encode())


def _text(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)


def _lines(brackets: str, items: Sequence[str]) -> str:
    """Join JSON with an item a line: readable, and written in no time."""
    return f"{brackets[0]}\n" + ",\n".join(items) + f"\n{brackets[1]}"


def clear_away(folder: Path) -> None:
    """Remove files that the manifest in force does not list.

    Parameters
    ----------
    folder : Path
        Data folder, held by :func:`helpers.data.lock.only_one`.
    """
    refreshed = folder / REFRESHED_NAME
    listed = {entry["stored"] for entry in _manifest(folder)["files"].values()}
    for path in (*refreshed.glob("prices/*"), *refreshed.glob(".*.tmp")):
        if path.relative_to(refreshed).as_posix() not in listed:
            path.unlink(missing_ok=True)
