"""Writing data files so that a reader, or a crash, never meets half of one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from helpers.data.files import (
    MANIFEST_NAME,
    PREVIOUS_NAME,
    read_manifest,
    sha256_hex,
    using_data_dir,
)
from helpers.errors import DataError


def write_atomic(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path`` so that a reader sees all of it or none.

    Parameters
    ----------
    path : Path
        File to write; its folder must exist.
    content : bytes
        What to write.

    Raises
    ------
    DataError
        If the folder is missing or cannot be written to.
    """
    staged = _stage(path, content)
    try:
        _commit(staged, path)
    except OSError as error:
        raise DataError(f"Cannot write {path.name}: {error.strerror}.") from error
    finally:
        staged.unlink(missing_ok=True)


def replace_together(
    folder: Path, contents: Mapping[str, bytes], manifest: bytes
) -> None:
    """Replace several data files and the manifest so that readers see one state.

    All files are written beside the old ones first. Then the old ones are kept
    aside, each is replaced, and the manifest comes last. If anything is raised
    the old files come back; if the process is killed, readers find the old file
    aside and the next call clears up.

    Parameters
    ----------
    folder : Path
        Data folder.
    contents : mapping of str to bytes
        Relative path to new content. Files whose content stays are not touched.
    manifest : bytes
        New content of ``manifest.json``.

    Raises
    ------
    DataError
        If a file cannot be written; the old data are in place then.
    """
    _clear_up(folder)
    everything = {**contents, MANIFEST_NAME: manifest}
    staged: dict[str, Path] = {}
    kept: list[str] = []
    try:
        for name, content in everything.items():
            path = folder / name
            if path.is_file() and path.read_bytes() == content:
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            staged[name] = _stage(path, content)
        for name in staged:
            if (folder / name).is_file():
                _keep_aside(folder, name)
                kept.append(name)
        try:
            for name, temporary in staged.items():
                _commit(temporary, folder / name)
        except BaseException:
            for name in kept:
                os.replace(folder / PREVIOUS_NAME / name, folder / name)
            for name in staged.keys() - set(kept):
                (folder / name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise DataError(
            f"Cannot write to the data folder ({error.strerror}): nothing changed."
        ) from error
    finally:
        for temporary in staged.values():
            temporary.unlink(missing_ok=True)
        shutil.rmtree(folder / PREVIOUS_NAME, ignore_errors=True)


def _clear_up(folder: Path) -> None:
    """Undo what is left of a replacement that was killed."""
    for leftover in folder.glob("**/.*.tmp"):
        leftover.unlink()
    aside = folder / PREVIOUS_NAME
    if not aside.is_dir():
        return
    if (folder / MANIFEST_NAME).is_file():
        with using_data_dir(folder):
            entries = read_manifest()["files"]
        for name, entry in entries.items():
            old = aside / name
            if old.is_file() and sha256_hex(old.read_bytes()) == entry["sha256"]:
                os.replace(old, folder / name)
    shutil.rmtree(aside)


def _keep_aside(folder: Path, name: str) -> None:
    kept = folder / PREVIOUS_NAME / name
    kept.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(folder / name, kept)


def _stage(path: Path, content: bytes) -> Path:
    staged = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(staged, "wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
    except OSError as error:
        staged.unlink(missing_ok=True)
        raise DataError(f"Cannot write {path.name}: {error.strerror}.") from error
    return staged


def _commit(staged: Path, path: Path) -> None:
    os.replace(staged, path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Flush to disk which files a folder holds."""
    if os.name == "nt":  # Windows cannot open a folder to flush it.
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
