"""Putting refreshed prices in force, and taking them back: one file, one rename."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

from helpers.data.event_rules import EARNINGS, EVENTS
from helpers.data.files import read_manifest, using_data_dir
from helpers.data.lock import only_one
from helpers.data.replacement import write_atomic
from helpers.data.snapshot import (
    BUNDLED_SWITCH,
    NOTHING,
    SNAPSHOT_NAME,
    Snapshot,
    is_switched_off,
    snapshot_at,
)
from helpers.errors import DataError
from helpers.refresh.history import named


@contextmanager
def changing(
    data: Path | str | None, *, dry_run: bool = False
) -> Iterator[tuple[Path, Snapshot]]:
    """Hold a data folder in a ``with`` block; yield it and a copy of what is in force.

    ``DataError`` if refreshed data are switched off or damaged, or another command is
    changing the folder.
    """
    with using_data_dir(data) as folder:
        if is_switched_off():
            raise DataError(
                f"The environment variable {BUNDLED_SWITCH} switches refreshed data "
                "off: unset it first. Nothing was changed."
            )
        with nullcontext() if dry_run else only_one(folder):
            read_manifest()  # without it nothing can be done
            yield folder, snapshot_at(folder).copy()


def save(folder: Path, new: Snapshot) -> None:
    """Put all of it in force at once; what was in force stays if that fails."""
    path = folder / SNAPSHOT_NAME
    if new.files:
        write_atomic(path, new.to_bytes())
        return
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise DataError(
            f"Cannot remove {SNAPSHOT_NAME} ({error.strerror}): remove it by hand."
        ) from error


def restore(
    symbols: Sequence[str] | None = None, *, data: Path | str | None = None
) -> list[str]:
    """Return to the bundled prices, and forget instruments that were added.

    Parameters
    ----------
    symbols : sequence of str, optional
        Only these; default all, whatever state they are in.
    data : Path or str, optional
        Data folder; default :func:`helpers.data.files.data_dir`.

    Returns
    -------
    list of str
        The symbols that came back.

    Raises
    ------
    DataError
        If a symbol was not refreshed, the ledger names an instrument that was
        added, the folder is no data folder, or another command is changing it.
        Nothing was changed.

    Examples
    --------
    >>> restore(["NOT-REFRESHED"])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    helpers.errors.DataError: NOT-REFRESHED was not refreshed: ...
    """
    with using_data_dir(data) as folder, only_one(folder):
        try:
            new = snapshot_at(folder).copy()
        except DataError:
            if symbols is not None:
                raise
            new = NOTHING.copy()  # damaged: all that can be done is to remove it
        known = [entry["symbol"] for entry in new.files.values()]
        chosen = sorted(known if symbols is None else symbols)
        for symbol in chosen:
            if symbol not in known:
                were = named(known) or "nothing"
                raise DataError(f"{symbol} was not refreshed: {were} was.")
        added = {row["symbol"] for row in new.instruments}
        _check_ledger(added.intersection(chosen), folder)
        new.drop(chosen)
        save(folder, new)
        return chosen


def _check_ledger(leaving: set[str], folder: Path) -> None:
    """Refuse to leave a ledger behind that names unknown instruments."""
    users = [
        f"{table.file} ({next(iter(row.cells.values()))})"
        for table, column in ((EVENTS, "symbols"), (EARNINGS, "symbol"))
        for row in (table.rows(folder) if leaving else ())
        if leaving.intersection(row.cells[column].split(";"))
    ]
    if users:
        raise DataError(
            f"{named(users)} names {', '.join(sorted(leaving))}, which only the "
            "refreshed data have: take the symbol out there first. Nothing was changed."
        )
