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
    if sys.platform == "win32":
        import msvcrt

        # A folder cannot be opened there.
        handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT)
        take = lambda: msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # noqa: E731
    else:
        import fcntl

        handle = os.open(folder, os.O_RDONLY)
        take = lambda: fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)  # noqa: E731
    try:
        try:
            take()
        except OSError:
            raise DataError(
                "Another command is changing this data folder: wait until it is done. "
                "Nothing was changed."
            ) from None
        yield
    finally:
        os.close(handle)
