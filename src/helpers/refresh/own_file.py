"""Prices of one's own: a CSV or Parquet file as a broker or Yahoo exports it."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.data.schema import iso_date
from helpers.errors import DataError
from helpers.refresh.history import History, named

# What a column may be called, case, spaces and _ aside -> what it is here.
COLUMNS = {
    "date": "Date",
    "session": "Date",
    "close": "Close",
    "adjclose": "Adj Close",
    "adjustedclose": "Adj Close",
    "volume": "Volume",
}
LARGEST_FILE = 50_000_000


def read_own_file(
    path: Path, first: pd.Timestamp, *, adjusted: bool = False
) -> History:
    """Return the history in a file of one's own.

    Parameters
    ----------
    path : Path
        A CSV file, or a Parquet file (``.parquet``), with a column ``Date`` (ISO
        dates, in any order) and ``Close``; ``Adj Close`` and ``Volume`` if there are;
        others are passed over.
    first : Timestamp
        First date to take.
    adjusted : bool, optional
        Whether ``Close`` is adjusted for splits and dividends, where the file has no
        ``Adj Close``.

    Raises
    ------
    DataError
        If the file cannot be read as that; the message names file, row and column.
    """
    file = path.name
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ValueError("larger than the prices of one instrument can be")
        table = _read(path)
    # A file of whatever kind makes the libraries raise whatever they meet.
    except Exception as error:
        raise DataError(
            f"{file} cannot be read as a table of prices ({type(error).__name__}: "
            f"{error}): it must be CSV, or Parquet with a name that ends in .parquet."
        ) from error
    if "Adj Close" not in table and adjusted and "Close" in table:
        table["Adj Close"] = table["Close"]
    for name in ("Date", "Close", "Adj Close"):
        if name not in table:
            hint = " (or --adjusted, if Close is adjusted for splits and dividends)"
            raise DataError(
                f"{file} has no column {name}: it must have Date, Close and Adj Close"
                f"{hint}, and Volume if it is known."
            )
    if table.columns.has_duplicates:
        twice = named(table.columns[table.columns.duplicated()])
        raise DataError(f"{file} has two columns for {twice}: keep one.")

    def cells(name: str, read: Callable[[str], Any]) -> list[Any]:
        values = []
        for row, cell in enumerate(table[name], start=2):
            try:
                values.append(read(str(cell).strip()))
            except ValueError as error:
                said = f"{file}, row {row}, column '{name}': {error}"
                raise DataError(said) from None
        return values

    dates = pd.DatetimeIndex(cells("Date", _date)).as_unit("ns")
    if dates.has_duplicates:
        twice = named(dates[dates.duplicated()])
        raise DataError(f"{file} has {twice} twice: keep one row of each date.")
    prices = pd.DataFrame(
        {
            "close": cells("Close", _number),
            "adj_close": cells("Adj Close", _number),
            "volume": cells("Volume", _number) if "Volume" in table else math.nan,
        },
        index=dates,
    )
    return History(prices.sort_index().loc[first:], source=f"own file {file}")


def _read(path: Path) -> pd.DataFrame:
    """Return the columns that are looked at, by their names here."""
    if path.suffix.lower() == ".parquet":
        table = pd.read_parquet(path)
        if table.index.name or isinstance(table.index, pd.DatetimeIndex):
            table = table.rename_axis(table.index.name or "Date").reset_index()
    else:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    plain = [str(name).lower().replace(" ", "").replace("_", "") for name in table]
    names = [COLUMNS.get(name.strip("*"), "") for name in plain]
    return table.loc[:, [bool(name) for name in names]].set_axis(
        [name for name in names if name], axis=1
    )


def _date(text: str) -> pd.Timestamp:
    # Exports of yfinance have midnight, with or without an offset.
    day, _, clock = text.replace("T", " ").partition(" ")
    if clock and not clock.startswith("00:00:00"):
        raise ValueError(f"{text!r} is an instant: prices must be daily.")
    return pd.Timestamp(iso_date(day))


def _number(text: str) -> float:
    if text.lower() in ("", "nan", "none", "null", "<na>"):
        return math.nan
    try:
        return float(text)
    except ValueError:
        said = f"{text!r} is not a number such as 181.6 (no thousands' separators)."
        raise ValueError(said) from None
