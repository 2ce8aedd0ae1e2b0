"""Reading a file, and writing it so that nobody, nor a crash, meets half of one."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from helpers.errors import DataError


def file_bytes(path: Path) -> bytes:
    """Return a file's bytes; ``OSError`` if it is no file (a pipe would wait)."""
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is no file")
    return path.read_bytes()


def write_atomic(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path`` so that a reader sees all of it or none.

    ``DataError`` if its folder is missing or cannot be written to.
    """
    staged = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(staged, "wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        os.replace(staged, path)
        _sync_folder(path.parent)
    except OSError as error:
        raise DataError(f"Cannot write {path.name}: {error.strerror}.") from error
    finally:
        staged.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Flush to disk which files a folder holds."""
    if os.name == "nt":  # Windows cannot open a folder to flush it.
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
