"""The instruments: what each is, where it trades and what it is measured against."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from helpers.data.calendars import calendar_code
from helpers.data.collection_rules import INSTRUMENTS
from helpers.data.files import data_dir
from helpers.data.snapshot import snapshot_in_force
from helpers.errors import DataError

if TYPE_CHECKING:
    import pandas as pd


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


def _table() -> pd.DataFrame:
    return instruments_with(snapshot_in_force(data_dir()).instruments)


def instruments_with(added: Sequence[Mapping[str, str]]) -> pd.DataFrame:
    """Return the bundled table and further rows, checked together; do not change it."""
    folder = data_dir()
    known = INSTRUMENTS.keys(folder) if added else []
    lines = io.StringIO(newline="")
    writer = csv.DictWriter(lines, list(INSTRUMENTS.columns), lineterminator="\n")
    writer.writerows(row for row in added if row["symbol"] not in known)
    return _frame(folder, INSTRUMENTS.content(folder) + lines.getvalue().encode())


@lru_cache(maxsize=4)
def _frame(folder: Path, content: bytes) -> pd.DataFrame:
    return INSTRUMENTS.frame(INSTRUMENTS.check(content, folder)).set_index("symbol")


def instrument(symbol: str) -> pd.Series[Any]:
    """Return one instrument's row of :func:`load_instruments`.

    ``DataError`` if there is no such symbol; it names the nearest ones.

    Examples
    --------
    >>> instrument("NVDA")["name"]
    'Nvidia'
    """
    table = _table()
    if not isinstance(symbol, str) or symbol not in table.index:
        raise DataError(unknown_symbol(symbol, list(table.index)))
    return cast("pd.Series[Any]", table.loc[symbol])


def calendars_of(names: Iterable[Any]) -> dict[Any, str]:
    """Return the calendar of the exchange of each name that is an instrument's."""
    mic = _table()["mic"]
    return {name: calendar_code(mic[name]) for name in names if name in mic.index}


def as_names(given: str | Iterable[str]) -> list[str]:
    """Return one name or several as a list; ``DataError`` if one is no text."""
    names = [given] if isinstance(given, str) else given
    if not isinstance(names, Iterable):
        raise DataError(f"{given!r} is no symbol: give a text or a list of texts.")
    names = list(names)
    for name in names:
        if not isinstance(name, str):
            raise DataError(f"{name!r} is no symbol: give a text or a list of texts.")
    return names


def unknown(name: object, known: Iterable[str], what: str = "group") -> str:
    """Return the message for a name that is not among ``known``."""
    listed = list(known)
    near = difflib.get_close_matches(str(name), listed, n=3) or listed[:9]
    return f"Unknown {what} {name!r}: known are, for instance, {', '.join(near)}."


def unknown_symbol(symbol: object, known: list[str]) -> str:
    """Return the message for a symbol that is not among ``known``."""
    by_upper_case = {name.upper(): name for name in known}
    near = difflib.get_close_matches(
        str(symbol).upper(), list(by_upper_case), n=3, cutoff=0.5
    )
    advice = (
        f"did you mean {', '.join(by_upper_case[name] for name in near)}?"
        if near
        else "helpers.load_instruments() lists the symbols, and "
        "`.venv/bin/python -m helpers add SYMBOL` adds one."
    )
    return f"Unknown symbol {symbol!r}: {advice}"
