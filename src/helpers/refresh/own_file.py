"""Prices of one's own: a CSV or Parquet file as a broker or Yahoo exports it."""

from __future__ import annotations

import codecs
import io
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd

from helpers.data import schema
from helpers.data.faults import FaultyDataError
from helpers.data.replacement import file_bytes
from helpers.data.schema import Table
from helpers.data.text import one_line
from helpers.errors import DataError
from helpers.refresh.history import History, named

OWN = Table(
    "a file",
    {
        "Date": schema.day(required=True),
        "Close": schema.number(),
        "Adj Close": schema.number(),
        "Volume": schema.number(),
        "Stock Splits": schema.number(low=0),
    },
    [("Date",)],
)
# What a column may be called, case, spaces, stops, _ and * aside -> what it is here.
NAMES = {
    "date": "Date", "session": "Date", "close": "Close", "close/last": "Close",
    "adjclose": "Adj Close", "adjustedclose": "Adj Close", "volume": "Volume",
    "stocksplits": "Stock Splits",
}  # fmt: skip
# Exports of yfinance have midnight, with or without an offset.
MIDNIGHT = r"[ T]00:00:00(\.0+)?(Z|[+-]\d\d:\d\d)?$"
SEPARATORS = ",;\t|"
COMMA = r"^(-?\d+),(\d+)$"
WRITE = "Write dates as 2025-08-29 and numbers as 1234.5, with no other signs."
LARGEST_FILE = 50_000_000


def read_own_file(
    path: Path, first: pd.Timestamp, *, adjusted: bool = False
) -> History:
    """Return the history in a file of one's own, from a first date on.

    It is CSV, or Parquet (``.parquet``), with the columns ``Date`` (ISO dates, in any
    order), ``Close``, ``Adj Close`` (unless `adjusted`: ``Close`` is) and perhaps
    ``Volume`` and ``Stock Splits``; others are passed over.

    Raises
    ------
    DataError
        If the file cannot be read as that; the message names file, row and column.
    """
    file = one_line(path.name)
    if not path.is_file():
        raise DataError(f"There is no file {one_line(str(path))}.")
    try:
        table = _read(path)
    # A file of whatever kind makes the libraries raise whatever they meet.
    except Exception as error:
        raise DataError(
            f"{file} cannot be read as a table of prices ({type(error).__name__}: "
            f"{' '.join(str(error).split())}): it must be CSV with the names of its "
            "columns in its first line (save a spreadsheet as that), or Parquet with a "
            "name that ends in .parquet."
        ) from error
    if table.columns.has_duplicates:
        twice = named(table.columns[table.columns.duplicated()])
        raise DataError(f"{file} has two columns for {twice}: keep one.")
    if "Adj Close" not in table and adjusted and "Close" in table:
        table["Adj Close"] = table["Close"]
    for name in ("Date", "Close", "Adj Close"):
        if name not in table:
            hint = " (or --adjusted, if Close is adjusted for splits and dividends)"
            raise DataError(
                f"{file} has no column {name} among {named(table.attrs['columns'])}: "
                f"it must have Date, Close and Adj Close{hint}, and Volume if it is "
                "known, named in its first line alone."
            )
    table["Date"] = table["Date"].astype(str).str.replace(MIDNIGHT, "", regex=True)
    table = table.reindex(columns=list(OWN.columns))
    own = replace(OWN, file=file)
    rows, faults = schema.parse(own, table.to_csv(index=False).encode())
    if faults:
        raise DataError(f"{FaultyDataError(faults)}\n{WRITE}")
    names = {"Close": "close", "Adj Close": "adj_close", "Volume": "volume"}
    prices = own.frame(rows).set_index("Date").rename(columns=names)
    splits = prices.pop("Stock Splits")
    return History(
        prices.sort_index().loc[first:],
        source=f"own file {file}",
        splits={pd.Timestamp(day): ratio for day, ratio in splits.items() if ratio > 0},
    )


def _read(path: Path) -> pd.DataFrame:
    """Return the columns that are looked at, by their names here.

    ``attrs["columns"]`` has the names that the file gives its columns.
    """
    if path.stat().st_size > LARGEST_FILE:
        raise ValueError("larger than the prices of one instrument can be")
    content = file_bytes(path)
    if path.suffix.lower() == ".parquet":
        table = pd.read_parquet(io.BytesIO(content))
        if table.index.name or isinstance(table.index, pd.DatetimeIndex):
            table = table.rename_axis(table.index.name or "Date").reset_index()
    else:
        table = _read_text(content)
    names = [re.sub(r"[\s_.*]", "", str(name)).lower() for name in table]
    names = [NAMES.get(name, "") for name in names]
    kept = table.loc[:, [bool(name) for name in names]]
    kept = kept.set_axis([name for name in names if name], axis=1)
    kept.attrs["columns"] = list(table.columns)
    return kept


def _read_text(content: bytes) -> pd.DataFrame:
    """Return a text file's cells; what is no letter of UTF-8 is in no column of ours.

    A comma is a decimal one only where it parts no cells and no number has a stop.
    """
    is_utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = content.decode("utf-16" if is_utf16 else "utf-8-sig", errors="replace")
    header = text.lstrip().splitlines()[:1]
    separator = max(SEPARATORS, key="".join(header).count)
    table = pd.read_csv(io.StringIO(text), dtype=str, sep=separator)
    table = table.apply(lambda column: column.str.strip())
    cells = table.stack()
    commas = cells[cells.str.fullmatch(COMMA)]
    stops = cells.str.fullmatch(r"-?[\d,]*\.\d+").any()
    # 1,234 alone may be either.
    if separator == "," or stops or commas.str.fullmatch(r".*,\d{3}").all():
        return table
    return table.replace(COMMA, r"\1.\2", regex=True)
