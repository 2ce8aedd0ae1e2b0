"""Keeping two commands from changing the same data folder at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from helpers.errors import DataError


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold a data folder for oneself in a ``with`` block.

    The system lets go of the lock when the process ends, however it ends.

    Raises
    ------
    DataError
        If another process holds the folder.
    """
    handle = os.open(*_lockable(folder))
    try:
        try:
            _lock(handle)
        except OSError:
            raise DataError(
                "Another command is changing this data folder: wait until it is done. "
                "Nothing was changed."
            ) from None
        yield
    finally:
        os.close(handle)


def _lockable(folder: Path) -> tuple[Path, int]:
    """Return what is locked and how it is opened: the folder itself where it can be."""
    if sys.platform == "win32":
        return folder / ".lock", os.O_RDWR | os.O_CREAT
    return folder, os.O_RDONLY


def _lock(handle: int) -> None:
    """Lock an open file, or raise OSError if another process has locked it."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
