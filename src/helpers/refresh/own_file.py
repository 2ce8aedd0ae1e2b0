"""Prices of one's own: a CSV or Parquet file as a broker or Yahoo exports it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from helpers.data.schema import iso_date
from helpers.errors import DataError
from helpers.refresh.history import History, named

# What a column may be called -> what it is here; case and spaces do not matter.
COLUMNS = {
    "date": "date",
    "session": "date",
    "timestamp": "date",
    "close": "close",
    "adjclose": "adj_close",
    "adjustedclose": "adj_close",
    "adjclose*": "adj_close",
    "volume": "volume",
}
LARGEST_FILE = 100_000_000


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
            raise DataError(f"{file} is larger than prices of one instrument can be.")
        table = _read(path)
    except DataError:
        raise
    # A file of whatever kind makes the libraries raise whatever they meet.
    except Exception as error:
        raise DataError(
            f"{file} cannot be read as a table of prices ({type(error).__name__}: "
            f"{error}): it must be CSV, or Parquet with a name that ends in .parquet."
        ) from error
    names = [
        COLUMNS.get("".join(str(c).split("_")).replace(" ", "").lower()) for c in table
    ]
    table = table.set_axis(pd.Index([name or "" for name in names]), axis=1)
    if sorted(filter(None, names)) != sorted({*filter(None, names)}):
        raise DataError(f"{file} has two columns for the same thing: keep one of each.")
    lacking = [name for name in ("date", "close") if name not in names]
    if lacking:
        raise DataError(
            f"{file} has no column {' nor '.join(lacking)}: it must have Date, Close "
            "and, where prices are not adjusted, Adj Close; Volume if it is known."
        )
    dates = pd.DatetimeIndex(
        [_date(file, i, cell) for i, cell in enumerate(table["date"])]
    )
    if dates.has_duplicates:
        twice = dates[dates.duplicated()]
        raise DataError(f"{file} has {named(twice)} twice: keep one row of each date.")
    if "adj_close" not in table:
        if not adjusted:
            raise DataError(
                f"{file} has no column Adj Close. Returns count dividends and splits: if "
                "Close is adjusted for them, say so with --adjusted."
            )
        table["adj_close"] = table["close"]
    if "volume" not in table:
        table["volume"] = float("nan")
    numbers = {
        name: [_number(file, name, i, cell) for i, cell in enumerate(table[name])]
        for name in ("close", "adj_close", "volume")
    }
    prices = pd.DataFrame(numbers, index=dates.as_unit("ns"))
    return History(prices.sort_index().loc[first:], source=f"own file {file}")


def _read(path: Path) -> pd.DataFrame:
    if path.suffix.lower() != ".parquet":
        return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    table = pd.read_parquet(path)
    if not {"date", "session"} & {str(name).lower() for name in table}:
        table = table.rename_axis("date").reset_index()
    return table


def _date(file: str, position: int, cell: object) -> pd.Timestamp:
    text = str(cell)
    # A Parquet file, and an export of yfinance, has midnight with or without a zone.
    day, _, clock = text.partition(" ")
    try:
        if clock.strip() and not clock.startswith("00:00:00"):
            raise ValueError(f"{text!r} is an instant: prices must be daily.")
        return pd.Timestamp(iso_date(day))
    except ValueError as error:
        raise DataError(f"{file}, row {position + 2}, column 'Date': {error}") from None


def _number(file: str, name: str, position: int, cell: object) -> float:
    text = str(cell).strip()
    if text.lower() in ("", "nan", "none", "null", "<na>"):
        return float("nan")
    try:
        return float(text)
    except ValueError:
        raise DataError(
            f"{file}, row {position + 2}, column '{name}': {text!r} is not a number "
            "such as 181.6 (no thousands' separators)."
        ) from None
