"""Bringing prices and factors from a collection into the project's own schema.

A collection is a folder with ``manifest.json``, the daily files that it lists
and two files of factors. Everything is read and checked before anything is
written, and importing the same collection twice changes nothing.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.data.annotations import ANNOTATIONS_FILE, Annotation, read_number
from helpers.data.factors import FACTORS_COLUMNS, FACTORS_FILE, read_factors
from helpers.data.faults import Fault, refuse
from helpers.data.files import sha256_hex, using_data_dir
from helpers.data.instruments import unknown_symbol
from helpers.data.manifest import (
    SOURCES_FILE,
    KeptTables,
    exceptions_of,
    manifest_bytes,
    read_kept_tables,
    table_entries,
)
from helpers.data.price_rules import PRICE_COLUMNS, read_prices
from helpers.data.prices import prices_path
from helpers.data.replacement import replace_together
from helpers.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

COLLECTION_COLUMNS = ["date", "close", "adj_close", "volume", "agree", "differ"]
COLLECTION_FIELDS = (
    "file",
    "sha256",
    "adj_close_from",
    "close_from",
    "checked_against",
)
THREE_FACTORS = "fama_french_3f_daily.csv"
FIVE_FACTORS = "fama_french_5f_mom_daily.csv"
FACTORS_SOURCE = "fama-french"


@dataclass(frozen=True)
class Imported:
    """What an import did.

    Parameters
    ----------
    files, rows : int
        Price and factor files of the collection, and their rows.
    changed : tuple of str
        The files written, because their content is new.
    """

    files: int
    rows: int
    changed: tuple[str, ...]


def import_data(
    source: Path | str, data: Path | str | None = None, *, progress: bool = False
) -> Imported:
    """Import a collection of prices and factors.

    Parameters
    ----------
    source : Path or str
        The collection's folder.
    data : Path or str, optional
        Data folder, which must hold the tables kept by hand; default
        :func:`helpers.data.files.data_dir`.
    progress : bool, optional
        Show a progress bar on standard error.

    Returns
    -------
    Imported
        What was done.

    Raises
    ------
    DataError
        If a file of the collection is missing, is not the one its manifest
        lists, or breaks a rule of the codebook. The data folder is unchanged
        then.
    """
    from tqdm import tqdm

    source = Path(source)
    with using_data_dir(data) as folder:
        kept = read_kept_tables(folder)
        collection = _read_collection(source, kept)
        contents: dict[str, bytes] = {}
        entries = table_entries(folder, kept)
        faults: list[Fault] = []
        rows = 0
        symbols = tqdm(sorted(collection), disable=not progress, unit="file")
        for symbol in symbols:
            file = prices_path(symbol)
            content = _convert(symbol, source, collection[symbol], kept)
            table, found = read_prices(content, kept.expected(symbol))
            faults += found
            if not found:
                contents[file] = content
                entries[file] = {
                    **_facts(content, table),
                    "symbol": symbol,
                    **_provenance(symbol, collection[symbol], table, kept),
                    **exceptions_of(symbol, kept.annotations),
                }
                rows += len(table)
        content = _convert_factors(source)
        table, found = read_factors(content, kept.sessions("XNYS"))
        refuse([*faults, *found])
        contents[FACTORS_FILE] = content
        entries[FACTORS_FILE] = {
            **_facts(content, table),
            "sources": [{"source": FACTORS_SOURCE}],
        }
        changed = tuple(
            name
            for name, content in contents.items()
            if not (folder / name).is_file() or (folder / name).read_bytes() != content
        )
        replace_together(folder, contents, manifest_bytes(entries, kept))
        _remove_strays(folder, contents)
        return Imported(len(contents), rows + len(table), changed)


def _read_collection(source: Path, kept: KeptTables) -> dict[str, dict[str, Any]]:
    try:
        collection = json.loads((source / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(
            f"{source.name}/manifest.json cannot be read ({error}): name the folder of "
            "a collection, with its manifest.json and its daily files."
        ) from error
    known = list(kept.instruments.index)
    if not isinstance(collection, dict):
        raise DataError(f"{source.name}/manifest.json must map symbols to entries.")
    for symbol, entry in collection.items():
        if symbol not in known:
            raise DataError(
                f"{source.name}/manifest.json: {unknown_symbol(symbol, known)} Add it "
                "to instruments.csv if it is new."
            )
        lacking = [field for field in COLLECTION_FIELDS if field not in entry]
        if lacking:
            raise DataError(
                f"{source.name}/manifest.json: {symbol} lacks {', '.join(lacking)}."
            )
    absent = [symbol for symbol in known if symbol not in collection]
    if absent:
        raise DataError(
            f"{source.name}/manifest.json lacks {', '.join(absent)}, which "
            "instruments.csv lists."
        )
    return collection


def _read_listed(source: Path, file: str, sha256: str | None) -> bytes:
    try:
        content = (source / file).read_bytes()
    except OSError as error:
        raise DataError(
            f"{file} of the collection cannot be read ({error.strerror})."
        ) from error
    if sha256 is not None and sha256_hex(content) != sha256:
        raise DataError(
            f"{file} of the collection is not the file that its manifest lists (its "
            "sha256 differs): fetch the collection again."
        )
    return content


def _as_text(content: bytes, file: str, columns: list[str]) -> pd.DataFrame:
    import pandas as pd

    try:
        table = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)
    except ValueError as error:
        raise DataError(f"{file} of the collection is no CSV ({error}).") from error
    if list(table.columns) != columns:
        raise DataError(
            f"{file} of the collection, row 1: columns must be {', '.join(columns)}."
        )
    return table


def _convert(
    symbol: str, source: Path, entry: Mapping[str, Any], kept: KeptTables
) -> bytes:
    file = entry["file"]
    content = _read_listed(source, file, entry["sha256"])
    table = _as_text(content, file, COLLECTION_COLUMNS).set_axis(PRICE_COLUMNS, axis=1)
    for note in kept.annotations:
        if note.symbol == symbol and note.kind == "correction":
            _correct(table, note, file)
        elif note.symbol == symbol and note.kind == "rescale":
            _rescale(table, note)
    return table.to_csv(index=False, lineterminator="\n").encode()


def _correct(table: pd.DataFrame, note: Annotation, file: str) -> None:
    rows = (table["date"] == note.first).to_numpy().nonzero()[0].tolist()
    found = [read_number(str(table.at[row, note.field])) for row in rows]
    if found != [note.original]:
        raise DataError(
            f"{ANNOTATIONS_FILE}, row {note.row}, field 'original': {file} of the "
            f"collection does not have {note.original:g} on {note.first}; it may have "
            "been put right there: remove the correction."
        )
    row = rows[0]
    table.at[row, note.field] = f"{note.value:g}"
    if note.field == "adj_close":
        # The other sources had been compared with the price now corrected, in the
        # return of its own day and of the day after.
        for changed in range(row, min(row + 2, len(table))):
            counts = table.loc[changed, ["sources_agree", "sources_differ"]].astype(int)
            table.at[changed, "sources_agree"] = "0"
            table.at[changed, "sources_differ"] = str(counts.sum())


def _rescale(table: pd.DataFrame, note: Annotation) -> None:
    inside = table["date"].between(note.first, note.last) & (table[note.field] != "")
    scaled = table.loc[inside, note.field].astype(float) * note.value
    table.loc[inside, note.field] = scaled.map("{:.10g}".format)


def _convert_factors(source: Path) -> bytes:
    three = _as_text(
        _read_listed(source, THREE_FACTORS, None),
        THREE_FACTORS,
        ["date", "mkt_rf", "smb", "hml", "rf"],
    )
    five = _as_text(
        _read_listed(source, FIVE_FACTORS, None),
        FIVE_FACTORS,
        ["date", "mkt_rf", "smb", "hml", "rmw", "cma", "rf", "mom"],
    )
    shared = ["date", "mkt_rf", "hml", "rf"]
    if not three[shared].equals(five[shared]):
        raise DataError(
            f"{THREE_FACTORS} and {FIVE_FACTORS} of the collection differ in "
            f"{', '.join(shared)}: they are not of one vintage."
        )
    table = five.rename(columns={"smb": "smb_ff5"}).assign(smb_ff3=three["smb"])
    text = table[FACTORS_COLUMNS].to_csv(index=False, lineterminator="\n")
    return text.encode()


def _facts(content: bytes, table: pd.DataFrame) -> dict[str, Any]:
    return {
        "sha256": sha256_hex(content),
        "rows": len(table),
        "first": f"{table.index[0]:%Y-%m-%d}",
        "last": f"{table.index[-1]:%Y-%m-%d}",
    }


def _provenance(
    symbol: str, entry: Mapping[str, Any], table: pd.DataFrame, kept: KeptTables
) -> dict[str, Any]:
    first, last = (f"{day:%Y-%m-%d}" for day in table.index[[0, -1]])
    stretches = [
        {
            "source": stretch["source"],
            "first": max(stretch["first"], first),
            "last": min(stretch["last"], last),
        }
        for stretch in entry["adj_close_from"]
    ]
    checks = []
    for text in entry["checked_against"]:
        name, _, counts = text.partition(":")
        agreed, _, compared = counts.partition("/")
        checks.append(
            {"source": name, "agreed": int(agreed), "compared": int(compared)}
        )
    used = [*stretches, *checks, *({"source": name} for name in entry["close_from"])]
    for item in used:
        if item["source"] not in kept.sources.index:
            raise DataError(
                f"{SOURCES_FILE} does not list the source {item['source']!r} of "
                f"{symbol}: add it."
            )
    agree, differ = table["sources_agree"], table["sources_differ"]
    return {
        "sources": stretches,
        "close_sources": list(entry["close_from"]),
        "checks": checks,
        "days_with_one_source": int((agree + differ == 0).sum()),
        "days_disputed": int(((agree == 0) & (differ > 0)).sum()),
    }


def _remove_strays(folder: Path, contents: Mapping[str, bytes]) -> None:
    for path in folder.glob("prices/*.csv"):
        if f"prices/{path.name}" not in contents:
            path.unlink()
