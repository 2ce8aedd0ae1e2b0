"""Bringing five-minute bars from a collection into the project's own schema.

A collection of bars is a folder with ``manifest.json`` and one compressed CSV file
for each symbol. All files are read and checked before one is written, and
importing the same collection twice changes nothing.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.data.calendars import session_hours
from helpers.data.faults import Fault, refuse
from helpers.data.files import read_manifest, read_verified, sha256_hex, using_data_dir
from helpers.data.importer import Imported
from helpers.data.instruments import unknown_symbol
from helpers.data.intraday import (
    BARS_FOLDER,
    EXCHANGE,
    PRICE_PLACES,
    bars_path,
    compare_with_daily,
    describe,
    expected_starts,
    iso,
    read_bars,
)
from helpers.data.manifest import KeptTables, manifest_bytes, read_kept_tables
from helpers.data.prices import load_prices
from helpers.data.refreshed import bundled_data
from helpers.data.replacement import replace_together
from helpers.errors import DataError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

COLLECTION_COLUMNS = ["bar_start_utc", "open", "close", "volume"]
BARS_SOURCE = "heliar-k"
# More gaps than this are no oversight of the source but another kind of data.
MOST_MISSING = 5


def import_intraday(source: Path | str, data: Path | str | None = None) -> Imported:
    """Import a collection of five-minute bars.

    Parameters
    ----------
    source : Path or str
        The collection's folder.
    data : Path or str, optional
        Data folder with the daily prices, which the last bars are compared with;
        default :func:`helpers.data.files.data_dir`.

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
    source = Path(source)
    with using_data_dir(data) as folder, bundled_data():
        kept = read_kept_tables(folder)
        if BARS_SOURCE not in kept.sources.index:
            raise DataError(f"price_sources.csv does not list {BARS_SOURCE!r}: add it.")
        old = read_manifest()["files"]
        entries = {
            name: entry
            for name, entry in old.items()
            if not name.startswith(f"{BARS_FOLDER}/")
        }
        contents: dict[str, bytes] = {}
        faults: list[Fault] = []
        hours = session_hours(EXCHANGE)
        for symbol, listed in sorted(_read_collection(source, kept).items()):
            file = bars_path(symbol)
            is_index = kept.instruments.loc[symbol, "kind"] == "index"
            content = _as_parquet(_read_csv(source, listed, is_index=is_index))
            if file in old and _same_table(content, read_verified(file)):
                # Another version of the Parquet library may write other bytes.
                content = read_verified(file)
            missing = _missing_bars(content, file, hours)
            table, found = read_bars(content, file, hours, missing)
            faults += found
            if not found:
                contents[file] = content
                entries[file] = {
                    "sha256": sha256_hex(content),
                    **describe(table),
                    "symbol": symbol,
                    "sources": [{"source": BARS_SOURCE}],
                    "missing_bars": missing,
                    "last_bar_against_daily_close": compare_with_daily(
                        table, load_prices(symbol, "close")[symbol]
                    ),
                }
        refuse(faults)
        changed = tuple(
            name
            for name, content in contents.items()
            if old.get(name, {}).get("sha256") != sha256_hex(content)
        )
        replace_together(folder, contents, manifest_bytes(entries, kept))
        for path in folder.glob(f"{BARS_FOLDER}/*.parquet"):
            if f"{BARS_FOLDER}/{path.name}" not in contents:
                path.unlink()
        rows = sum(entries[name]["rows"] for name in contents)
        return Imported(len(contents), rows, changed)


def _read_collection(source: Path, kept: KeptTables) -> dict[str, dict[str, Any]]:
    where = f"{source.name}/manifest.json"
    try:
        collection = json.loads((source / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(
            f"{where} cannot be read ({error}): name the folder of a collection of "
            "bars, with its manifest.json."
        ) from error
    if not isinstance(collection, dict) or not collection:
        raise DataError(f"{where} must map symbols to entries.")
    known = list(kept.instruments.index)
    for symbol, entry in collection.items():
        if symbol not in known:
            raise DataError(f"{where}: {unknown_symbol(symbol, known)}")
        lacking = [field for field in ("file", "sha256") if field not in entry]
        if lacking:
            raise DataError(f"{where}: {symbol} lacks {', '.join(lacking)}.")
    return collection


def _read_csv(source: Path, listed: dict[str, Any], *, is_index: bool) -> pa.Table:
    """One file of the collection, its prices as exact decimals."""
    import gzip

    import pyarrow as pa
    import pyarrow.csv as csv

    file = listed["file"]
    try:
        packed = (source / file).read_bytes()
    except OSError as error:
        raise DataError(
            f"{file} of the collection cannot be read ({error.strerror})."
        ) from error
    if sha256_hex(packed) != listed["sha256"]:
        raise DataError(
            f"{file} of the collection is not the file that its manifest lists (its "
            "sha256 differs): fetch the collection again."
        )
    price = pa.decimal128(9, PRICE_PLACES)
    types = dict(zip(COLLECTION_COLUMNS, _types(price), strict=True))
    try:
        table = csv.read_csv(
            io.BytesIO(gzip.decompress(packed)),
            convert_options=csv.ConvertOptions(
                column_types=types, timestamp_parsers=["%Y-%m-%dT%H:%MZ"]
            ),
        )
    except (pa.ArrowException, OSError) as error:
        raise DataError(
            f"{file} of the collection is no CSV of bars ({error})."
        ) from error
    if table.column_names != COLLECTION_COLUMNS:
        raise DataError(
            f"{file} of the collection, row 1: columns must be "
            f"{', '.join(COLLECTION_COLUMNS)}."
        )
    volume = table["volume"]
    if is_index:
        # An index has no volume; the source writes zero, and odd values at times.
        volume = pa.nulls(len(table), pa.int64())
    return pa.table(
        {
            "start": table["bar_start_utc"].cast(pa.timestamp("ms", tz="UTC")),
            "open": table["open"],
            "close": table["close"],
            "volume": volume,
        }
    )


def _types(price: pa.DataType) -> list[pa.DataType]:
    import pyarrow as pa

    return [pa.timestamp("ms"), price, price, pa.int64()]


def _as_parquet(table: pa.Table) -> bytes:
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(
        table,
        out,
        compression="zstd",
        compression_level=19,
        use_dictionary=False,
        store_decimal_as_integer=True,
        column_encoding=dict.fromkeys(table.column_names, "DELTA_BINARY_PACKED"),
    )
    return out.getvalue()


def _same_table(one: bytes, other: bytes) -> bool:
    import pyarrow as pa
    import pyarrow.parquet as pq

    return bool(
        pq.read_table(pa.BufferReader(one)).equals(
            pq.read_table(pa.BufferReader(other))
        )
    )


def _missing_bars(content: bytes, file: str, hours: pd.DataFrame) -> list[str]:
    """The bars that the source lacks, or an error if they are many."""
    starts = read_bars(content, file, hours, [])[0].index
    if starts.empty:
        return []
    expected = expected_starts(hours, starts[0], starts[-1])
    missing = [iso(instant) for instant in expected[~expected.isin(starts)]]
    if len(missing) > MOST_MISSING:
        raise DataError(
            f"{file}: {len(missing)} of {len(expected)} bars are missing from "
            f"{missing[0]} on, more than {MOST_MISSING}: the collection is not made "
            "of whole sessions."
        )
    return missing
