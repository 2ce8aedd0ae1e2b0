"""The instruments: what each is, where it trades and what it is measured against."""

from __future__ import annotations

import csv
import difflib
import io
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from helpers.data.calendars import calendar_code
from helpers.data.faults import Fault, refuse
from helpers.data.files import data_dir, read_verified
from helpers.data.refreshed import added_instruments
from helpers.data.text_tables import empty_cells, read_text_table, repeated_rows
from helpers.errors import CalendarError, DataError

if TYPE_CHECKING:
    import pandas as pd

INSTRUMENTS_FILE = "instruments.csv"
INSTRUMENTS_COLUMNS = [
    "symbol",
    "name",
    "kind",
    "mic",
    "currency",
    "group",
    "role",
    "benchmark",
    "sector",
    "max_move",
]
KINDS = ("share", "etf", "index")
ROLES = ("firm", "fund", "market", "sector", "gauge")
CURRENCIES = ("USD", "HKD", "CNY", "KRW", "TWD", "JPY", "EUR")


def load_instruments() -> pd.DataFrame:
    """Return the table of instruments, those that were added by hand included.

    Returns
    -------
    DataFrame
        Indexed by ``symbol``; columns ``name``, ``kind`` (share, etf, index),
        ``mic`` (where it trades), ``currency``, ``group``, ``role``,
        ``benchmark`` and ``sector`` (symbols, or empty), ``max_move`` (largest
        one-day return, as a decimal, that passes without a recorded reason).

    Raises
    ------
    DataError
        If the table breaks a rule of the codebook.

    Examples
    --------
    >>> load_instruments().loc["0981.HK", ["mic", "currency", "benchmark"]].tolist()
    ['XHKG', 'HKD', '^HSI']
    """
    return _table().copy()


def instrument(symbol: str) -> pd.Series[Any]:
    """Return one instrument's row of :func:`load_instruments`.

    Raises
    ------
    DataError
        If there is no such symbol; the message names the nearest ones.
    """
    table = _table()
    if symbol not in table.index:
        raise DataError(unknown_symbol(symbol, list(table.index)))
    return cast("pd.Series[Any]", table.loc[symbol])


def _table() -> pd.DataFrame:
    bundled = read_verified(INSTRUMENTS_FILE)
    added = added_instruments(data_dir())
    if not added:
        return read_instruments(bundled)
    known = read_instruments(bundled).index
    rows = [row for row in added if row["symbol"] not in known]
    return read_instruments(bundled + instrument_lines(rows))


def instrument_lines(rows: Sequence[Mapping[str, str]]) -> bytes:
    """Return rows of instruments as lines of the instruments file."""
    lines = io.StringIO(newline="")
    writer = csv.DictWriter(lines, INSTRUMENTS_COLUMNS, lineterminator="\n")
    writer.writerows(rows)
    return lines.getvalue().encode()


def unknown_symbol(symbol: object, known: list[str]) -> str:
    """Return the message for a symbol that is not among ``known``."""
    by_upper_case = {name.upper(): name for name in known}
    near = difflib.get_close_matches(
        str(symbol).upper(), list(by_upper_case), n=3, cutoff=0.5
    )
    advice = (
        f"did you mean {', '.join(by_upper_case[name] for name in near)}?"
        if near
        else "helpers.load_instruments() lists the symbols, and `python -m helpers add "
        "SYMBOL` adds one."
    )
    return f"Unknown symbol {symbol!r}: {advice}"


@lru_cache(maxsize=4)
def read_instruments(content: bytes) -> pd.DataFrame:
    """Read an instruments file and check it.

    Parameters
    ----------
    content : bytes
        The file's content.

    Returns
    -------
    DataFrame
        As :func:`load_instruments`; shared between callers, do not change it.

    Raises
    ------
    DataError
        If the table breaks a rule of the codebook.
    """
    table = read_text_table(content, INSTRUMENTS_FILE, INSTRUMENTS_COLUMNS)
    required = [
        column
        for column in INSTRUMENTS_COLUMNS
        if column not in ("benchmark", "sector")
    ]
    faults = empty_cells(table, INSTRUMENTS_FILE, required)
    faults += repeated_rows(table, INSTRUMENTS_FILE, ("symbol",), "symbol")
    symbols = set(table["symbol"])
    allowed = {"kind": KINDS, "role": ROLES, "currency": CURRENCIES}
    for position, row in enumerate(table.to_dict("records")):

        def fault(field: str, problem: str, line: int = position + 2) -> Fault:
            return Fault(INSTRUMENTS_FILE, problem, row=line, field=field)

        for field, values in allowed.items():
            if row[field] not in values:
                problem = f"{row[field]!r} is not one of {', '.join(values)}."
                faults.append(fault(field, problem))
        try:
            calendar_code(row["mic"])
        except CalendarError as error:
            faults.append(fault("mic", str(error)))
        for field in ("benchmark", "sector"):
            if row[field] and (
                row[field] not in symbols or row[field] == row["symbol"]
            ):
                problem = f"{row[field]!r} is not another symbol of this table."
                faults.append(fault(field, problem))
        if not _is_positive_number(row["max_move"]):
            problem = f"{row['max_move']!r} is not a positive number."
            faults.append(fault("max_move", problem))
    refuse(faults)
    return table.assign(max_move=table["max_move"].astype(float)).set_index("symbol")


def _is_positive_number(text: str) -> bool:
    try:
        return 0 < float(text) < math.inf
    except ValueError:
        return False
