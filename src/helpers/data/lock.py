"""Keeping two commands from changing the same data folder at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from helpers.data.files import MANIFEST_NAME
from helpers.errors import DataError

LOCK_NAME = ".lock"


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold a data folder for oneself in a ``with`` block.

    The system lets go of the lock when the process ends, however it ends.

    Raises
    ------
    DataError
        If another process holds the folder, it is no data folder, or it cannot be
        written to.
    """
    from filelock import FileLock, Timeout

    if not (folder / MANIFEST_NAME).is_file():
        raise DataError(f"{str(folder)!r} is no data folder: no {MANIFEST_NAME}.")
    lock = FileLock(folder / LOCK_NAME, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise DataError(
            "Another command is changing this data folder: wait until it is done. "
            "Nothing was changed."
        ) from None
    except OSError as error:
        raise DataError(
            f"The data folder cannot be written to ({error.strerror}): nothing was "
            "changed. Make it writable, or point HELPERS_DATA at a copy of it."
        ) from error
    try:
        for left_over in folder.glob(".*.[0-9]*.tmp"):  # of a command that was killed
            left_over.unlink(missing_ok=True)
        yield
    finally:
        lock.release()
