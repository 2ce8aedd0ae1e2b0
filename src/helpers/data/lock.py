"""Keeping two commands from changing the same data folder at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from helpers.data.collection_rules import INSTRUMENTS
from helpers.data.files import MANIFEST_NAME
from helpers.data.replacement import file_bytes
from helpers.errors import DataError

LOCK_NAME = ".lock"
# What a command that was killed leaves of a file that it was writing.
_LEFT_OVER = re.compile(r"\.(refreshed\.zip|events\.csv|sources\.csv)\.\d+\.tmp")


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold a data folder for oneself in a ``with`` block.

    The system lets go of the lock when the process ends, however it ends. ``DataError``
    if another process has it, it is no data folder, or it cannot be written to.
    """
    from filelock import FileLock, Timeout

    if not _is_ours(folder):
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
        for path in folder.glob(".*.tmp"):
            if _LEFT_OVER.fullmatch(path.name):
                path.unlink(missing_ok=True)
        yield
    finally:
        lock.release()


def _is_ours(folder: Path) -> bool:
    """Tell a data folder by what is in either of two files: one may be damaged."""
    header = ",".join(INSTRUMENTS.columns).encode()
    for name, mark in ((MANIFEST_NAME, b'"prices/'), (INSTRUMENTS.file, header)):
        with suppress(OSError):
            if mark in file_bytes(folder / name):
                return True
    return False
