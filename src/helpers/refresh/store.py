"""Putting refreshed prices in force, and taking them back: one file, one rename."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpers.data.event_rules import EARNINGS, EVENTS
from helpers.data.files import sha256_hex, using_data_dir
from helpers.data.lock import only_one
from helpers.data.prices import prices_path
from helpers.data.replacement import write_atomic
from helpers.data.snapshot import (
    BUNDLED_SWITCH,
    SNAPSHOT_NAME,
    Snapshot,
    is_switched_off,
    snapshot_at,
)
from helpers.errors import DataError
from helpers.refresh.continuation import Continuation
from helpers.refresh.history import named


@dataclass
class Store:
    """The refreshed data of a folder that is held, as they are to be in the end."""

    folder: Path
    # As of a Snapshot.
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)
    instruments: list[dict[str, str]] = field(default_factory=list)

    def add(
        self,
        symbol: str,
        done: Continuation,
        bundled_sha256: str | None,
        how: Mapping[str, Any],
    ) -> None:
        """Add one symbol's history, by the hash of the bundled file it started from.

        ``how`` is recorded as well: when and how it came in.
        """
        file = prices_path(symbol)
        old = self.files.get(file, {})
        if old.get("bundled_sha256") != bundled_sha256:
            old = {}
        facts = dict(done.facts)
        for name, factor in old.get("factors", {}).items():
            facts["factors"] = {
                **facts["factors"],
                name: facts["factors"][name] * factor,
            }
        for kind in ("actions", "gaps", "moves", "doubts"):
            facts[kind] = [*old.get(kind, []), *facts[kind]]
        sources, first = old.get("sources", []), done.new[0]
        if sources and sources[-1]["source"] == done.source:
            first, sources = sources[-1]["first"], sources[:-1]
        newest = {"source": done.source, "first": first, "last": done.new[-1]}
        self.files[file] = {
            "symbol": symbol,
            "sha256": sha256_hex(done.content),
            "bundled_sha256": bundled_sha256,
            "sources": [*sources, newest],
            **facts,
            **how,
        }
        self.contents[file] = done.content

    def drop(self, symbols: Collection[str]) -> None:
        """Leave symbols out."""
        for file in map(prices_path, symbols):
            self.files.pop(file, None)
            self.contents.pop(file, None)
        kept = [row for row in self.instruments if row["symbol"] not in symbols]
        self.instruments[:] = kept

    def save(self) -> None:
        """Put all of it in force at once; what was in force stays if that fails."""
        path = self.folder / SNAPSHOT_NAME
        if self.files:
            snapshot = Snapshot(self.files, self.contents, self.instruments)
            write_atomic(path, snapshot.to_bytes())
            return
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise DataError(
                f"Cannot remove {SNAPSHOT_NAME} ({error.strerror}): remove it by hand."
            ) from error


@contextmanager
def open_store(data: Path | str | None, *, dry_run: bool = False) -> Iterator[Store]:
    """Hold a data folder and its refreshed data in a ``with`` block.

    Raises
    ------
    DataError
        If refreshed data are switched off or damaged, or another command is changing
        the folder.
    """
    with using_data_dir(data) as folder:
        if is_switched_off():
            raise DataError(
                f"The environment variable {BUNDLED_SWITCH} switches refreshed data "
                "off: unset it first. Nothing was changed."
            )
        with nullcontext() if dry_run else only_one(folder):
            yield _opened(folder)


def _opened(folder: Path) -> Store:
    found = snapshot_at(folder)
    return Store(
        folder, dict(found.files), dict(found.contents), list(found.instruments)
    )


def restore(
    symbols: Sequence[str] | None = None, *, data: Path | str | None = None
) -> list[str]:
    """Return to the bundled prices, and forget instruments that were added.

    Parameters
    ----------
    symbols : sequence of str, optional
        Only these; default all that were refreshed or added, whatever state they are
        in.
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
            store = _opened(folder)
        except DataError:
            if symbols is not None:
                raise
            store = Store(folder)  # damaged: all that can be done is to remove it
        known = [entry["symbol"] for entry in store.files.values()]
        chosen = sorted(known if symbols is None else symbols)
        for symbol in chosen:
            if symbol not in known:
                were = named(known) or "nothing"
                raise DataError(f"{symbol} was not refreshed: {were} was.")
        added = {row["symbol"] for row in store.instruments}
        _check_ledger(added.intersection(chosen), folder)
        store.drop(chosen)
        store.save()
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
