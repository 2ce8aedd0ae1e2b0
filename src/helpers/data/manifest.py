"""Making the manifest: what it says of each file, and of each known exception."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.data.annotations import (
    ALTERATION_KINDS,
    ANNOTATIONS_FILE,
    GAP_KINDS,
    Annotation,
    read_annotations,
)
from helpers.data.calendars import CLOSURES_FILE, read_closures, sessions_net_of
from helpers.data.factors import FACTORS_FILE, read_factors
from helpers.data.faults import Fault, refuse
from helpers.data.files import (
    MANIFEST_NAME,
    read_manifest,
    read_verified,
    sha256_hex,
    using_data_dir,
)
from helpers.data.instruments import INSTRUMENTS_FILE, read_instruments
from helpers.data.intraday import BARS_FOLDER
from helpers.data.price_rules import Expected, read_prices
from helpers.data.prices import prices_path
from helpers.data.refreshed import bundled_data
from helpers.data.replacement import write_atomic
from helpers.data.text_tables import empty_cells, read_text_table, repeated_rows
from helpers.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = 1
SOURCES_FILE = "price_sources.csv"
SOURCES_COLUMNS = [
    "source",
    "repository",
    "commit",
    "origin",
    "licence",
    "use",
    "retrieved",
]
KEPT_FILES = (INSTRUMENTS_FILE, CLOSURES_FILE, ANNOTATIONS_FILE, SOURCES_FILE)


@dataclass(frozen=True)
class KeptTables:
    """The tables kept by hand, read from a data folder and checked.

    Parameters
    ----------
    contents : mapping of str to bytes
        File name to content.
    instruments : DataFrame
        As ``load_instruments``.
    annotations : list of Annotation
        As ``read_annotations``.
    sources : DataFrame
        Indexed by ``source``.
    """

    contents: Mapping[str, bytes]
    instruments: pd.DataFrame
    annotations: list[Annotation]
    sources: pd.DataFrame

    def sessions(self, exchange: str) -> pd.DatetimeIndex:
        """Return the sessions of an exchange, net of these tables' closures."""
        return sessions_net_of(exchange, self.contents[CLOSURES_FILE])

    def expected(self, symbol: str) -> Expected:
        """Return what a symbol's price file is checked against."""
        row = self.instruments.loc[symbol].to_dict()
        exceptions = exceptions_of(symbol, self.annotations)
        return Expected(
            file=prices_path(symbol),
            kind=row["kind"],
            max_move=row["max_move"],
            sessions=self.sessions(row["mic"]),
            gaps=exceptions["gaps"],
            moves=exceptions["moves"],
        )


def read_kept_tables(folder: Path) -> KeptTables:
    """Read the tables kept by hand, whatever the manifest says of them.

    Parameters
    ----------
    folder : Path
        Data folder.

    Raises
    ------
    DataError
        If one is missing or breaks a rule of the codebook.
    """
    contents = {}
    for name in KEPT_FILES:
        try:
            contents[name] = (folder / name).read_bytes()
        except OSError as error:
            raise DataError(
                f"{name} cannot be read ({error.strerror}): it is kept by hand and "
                f"must stand in the data folder; `git checkout -- data/{name}` "
                "restores it."
            ) from error
    read_closures(contents[CLOSURES_FILE])
    instruments = read_instruments(contents[INSTRUMENTS_FILE])
    annotations = read_annotations(contents[ANNOTATIONS_FILE], set(instruments.index))
    sources = read_text_table(contents[SOURCES_FILE], SOURCES_FILE, SOURCES_COLUMNS)
    refuse(
        empty_cells(sources, SOURCES_FILE, SOURCES_COLUMNS)
        + repeated_rows(sources, SOURCES_FILE, ("source",), "source")
    )
    return KeptTables(contents, instruments, annotations, sources.set_index("source"))


def exceptions_of(symbol: str, annotations: Sequence[Annotation]) -> dict[str, Any]:
    """Return what the manifest says of a symbol's known exceptions.

    Returns
    -------
    dict
        Lists ``gaps``, ``moves``, ``alterations`` and ``doubts``.
    """
    own = [note for note in annotations if note.symbol == symbol]

    def described(note: Annotation, *fields: str) -> dict[str, Any]:
        named = {field: getattr(note, field) for field in fields}
        for field in {"original", "value"} & named.keys():
            if math.isnan(named[field]):  # JSON has no word for it
                del named[field]
        return {f: value for f, value in named.items() if value != ""}

    span = ("kind", "first", "last")
    why = ("reason", "source")
    return {
        "gaps": [described(n, *span, *why) for n in own if n.kind in GAP_KINDS],
        "moves": [
            {"date": n.first, **described(n, "value", *why)}
            for n in own
            if n.kind == "move"
        ],
        "alterations": [
            described(n, *span, "field", "original", "value", *why)
            for n in own
            if n.kind in ALTERATION_KINDS
        ],
        "doubts": [
            described(n, "first", "last", *why) for n in own if n.kind == "doubt"
        ],
    }


def table_entries(folder: Path, kept: KeptTables) -> dict[str, dict[str, Any]]:
    """Return the manifest's entries for the tables at the top of the data folder.

    Those kept by hand are guarded by their hash. All others are the event ledger,
    which people add to as they work: a new hash there is no fault. Entries of
    intraday bars, which have an importer of their own, are carried over.
    """
    entries = _bar_entries(folder)
    for name, content in kept.contents.items():
        entries[name] = {
            "sha256": sha256_hex(content),
            "rows": _records(content),
            "kept_by_hand": True,
        }
    for path in sorted(folder.glob("*.csv")):
        if path.name not in KEPT_FILES:
            content = path.read_bytes()
            entries[path.name] = {
                "sha256": sha256_hex(content),
                "rows": _records(content),
                "editable": True,
            }
    return entries


def manifest_bytes(entries: Mapping[str, Mapping[str, Any]], kept: KeptTables) -> bytes:
    """Return the manifest's content; equal entries give equal bytes."""
    sources = {
        name: row.to_dict() for name, row in kept.sources.sort_index().iterrows()
    }
    manifest = {
        "schema": SCHEMA,
        "sources": sources,
        "files": dict(sorted(entries.items())),
    }
    return (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode()


def register(data: Path | str | None = None) -> list[str]:
    """Record the tables kept by hand and the event ledger as they stand now.

    Run it after editing ``instruments.csv``, ``closures.csv``,
    ``annotations.csv``, ``price_sources.csv`` or a ledger table. Prices and
    factors are checked against the edited tables first; nothing is written if
    one of them then breaks a rule. Refreshed prices are left aside.

    Parameters
    ----------
    data : Path or str, optional
        Data folder; default :func:`helpers.data.files.data_dir`.

    Returns
    -------
    list of str
        The files whose recorded hash changed.

    Raises
    ------
    DataError
        If a table or, by the edited tables, a price file breaks a rule, or if an
        alteration changed, which takes an import.
    """
    with using_data_dir(data) as folder, bundled_data():
        old = read_manifest()["files"]
        kept = read_kept_tables(folder)
        entries = table_entries(folder, kept)
        if FACTORS_FILE in old:
            entries[FACTORS_FILE] = old[FACTORS_FILE]
        faults: list[Fault] = []
        for symbol in kept.instruments.index:
            file = prices_path(symbol)
            if file not in old:
                raise DataError(
                    f"{INSTRUMENTS_FILE} lists {symbol} but there are no prices of "
                    "it: import them first."
                )
            exceptions = exceptions_of(symbol, kept.annotations)
            if exceptions["alterations"] != old[file].get("alterations", []):
                raise DataError(
                    f"{ANNOTATIONS_FILE}: the corrections of {symbol} changed, which "
                    "takes `python -m helpers import`."
                )
            faults += read_prices(read_verified(file), kept.expected(symbol))[1]
            entries[file] = {**old[file], **exceptions}
        if FACTORS_FILE in old:
            factors = read_verified(FACTORS_FILE)
            faults += read_factors(factors, kept.sessions("XNYS"))[1]
        refuse(faults)
        write_atomic(folder / MANIFEST_NAME, manifest_bytes(entries, kept))
        return sorted(
            name
            for name, entry in entries.items()
            if old.get(name, {}).get("sha256") != entry["sha256"]
        )


def _bar_entries(folder: Path) -> dict[str, dict[str, Any]]:
    if not (folder / MANIFEST_NAME).is_file():
        return {}
    with using_data_dir(folder):
        listed = read_manifest()["files"]
    return {
        name: dict(entry)
        for name, entry in listed.items()
        if name.startswith(f"{BARS_FOLDER}/")
    }


def _records(content: bytes) -> int:
    lines = csv.reader(io.StringIO(content.decode("utf-8"), newline=""))
    return sum(1 for _ in lines) - 1
