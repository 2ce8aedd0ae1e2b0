"""The rules of the tables about prices: instruments, sessions, exceptions, sources."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from helpers.data import schema
from helpers.data.schema import Finding, Problem, Row, Table
from helpers.errors import DataError

# Market -> the calendar that it keeps.
CALENDARS = {
    **dict.fromkeys(("ARCX", "BATS", "XASE", "XNAS", "XNYS"), "XNYS"),
    **dict.fromkeys(("XSHE", "XSHG"), "XSHG"),
    **dict.fromkeys(("XKOS", "XKRX"), "XKRX"),
    **{code: code for code in ("XAMS", "XETR", "XHKG", "XTAI", "XTKS")},
}
# Kind of an exception -> what the entries of price files call it: sessions without a
# price that the exchange held; large moves; changes made to what the source has.
EXCEPTIONS = {
    "suspension": "gaps",
    "hole": "gaps",
    "move": "moves",
    "correction": "alterations",
    "rescale": "alterations",
    "doubt": "doubts",
}
# A symbol becomes the name of a file, hence these letters and no others.
SYMBOL = r"\^?[A-Z0-9]+([.-][A-Z0-9]+)*"

_filled = schema.text(required=True)


def file_of(symbol: str, folder: str, ending: str) -> str:
    """Return where a symbol's file lies below the data folder, such as prices/A.csv.

    ``DataError`` if it is no symbol, so that no file outside the folder can be meant.
    """
    if not re.fullmatch(SYMBOL, symbol):
        raise DataError(f"{symbol!r} is no symbol such as TER, 0981.HK or ^GSPC.")
    return f"{folder}/{symbol.replace('^', '_')}.{ending}"


def _check_instruments(rows: Sequence[Row], _: Path) -> Iterator[Finding]:
    known = {row["symbol"] for row in rows}
    for row in rows:
        for name in ("benchmark", "sector"):
            if row.has(name) and row[name] not in known - {row["symbol"]}:
                yield row, name, f"{row[name]!r} is not another symbol of this table."


INSTRUMENTS = Table(
    "instruments.csv",
    {
        "symbol": schema.text(
            required=True, like=SYMBOL, say="a symbol such as TER or ^GSPC"
        ),
        "name": _filled,
        "kind": schema.word("share", "etf", "index"),
        "mic": schema.word(*CALENDARS),
        "currency": schema.word("USD", "HKD", "CNY", "KRW", "TWD", "JPY", "EUR"),
        "group": _filled,
        "role": schema.word("firm", "fund", "market", "sector", "gauge"),
        "benchmark": schema.text(),
        "sector": schema.text(),
        "max_move": schema.number(above=0, required=True),
    },
    [("symbol",)],
    table_rules=_check_instruments,
)


def _check_special(row: Row) -> Iterator[Problem]:
    yield from schema.pair(row, "opens", "closes")
    if row["date"].weekday() >= 5:
        yield "date", f"{row['date']} is a weekend: no exchange would have been open."


_clock = schema.text(like=r"([01]\d|2[0-3]):[0-5]\d", say="a local clock, HH:MM")

# Sessions that the library has otherwise: not held, or at other hours.
SPECIAL_SESSIONS = Table(
    "special_sessions.csv",
    {
        "exchange": schema.word(*sorted(set(CALENDARS.values()))),
        "date": schema.day(required=True),
        "opens": _clock,
        "closes": _clock,
        "reason": _filled,
        "source": _filled,
    },
    [("exchange", "date")],
    _check_special,
)


def _check_annotation(row: Row) -> Iterator[Problem]:
    kind = row["kind"]
    if row["last"] < row["first"]:
        yield "last", "is before 'first'."
    if kind in ("move", "correction") and row["first"] != row["last"]:
        yield "last", f"a {kind} is of one day."
    needed = [] if EXCEPTIONS[kind] in ("gaps", "doubts") else ["field", "value"]
    for name in [*needed, "original"] if kind == "correction" else needed:
        if not row.has(name):
            yield name, f"is empty, which a {kind} needs."


ANNOTATIONS = Table(
    "annotations.csv",
    {
        "symbol": schema.reference(INSTRUMENTS.keys, "a symbol of instruments.csv"),
        "kind": schema.word(*EXCEPTIONS),
        "first": schema.day(required=True),
        "last": schema.day(required=True),
        "field": schema.word("close", "adj_close", required=False),
        "original": schema.number(),
        "value": schema.number(),
        "reason": _filled,
        "source": schema.text(),
    },
    [("symbol", "kind", "first", "field")],
    _check_annotation,
)

PRICE_SOURCES = Table(
    "price_sources.csv",
    {
        **dict.fromkeys(
            schema.words("source repository commit origin licence use"), _filled
        ),
        "retrieved": schema.text(
            required=True, like=r"\d{4}-\d\d(-\d\d)?", say="YYYY-MM or YYYY-MM-DD"
        ),
    },
    [("source",)],
)


def exceptions_of(symbol: str, folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Return a symbol's ``gaps``, ``moves``, ``alterations`` and ``doubts``, plainly.

    Numbers are floats and days ISO dates, that of a move being its ``date``.
    """
    known: dict[str, list[dict[str, Any]]] = {name: [] for name in EXCEPTIONS.values()}
    for row in ANNOTATIONS.read(folder):
        if row["symbol"] == symbol:
            plain = {
                name: row[name] if isinstance(row[name], float) else cell
                for name, cell in row.cells.items()
                if cell
            }
            if row["kind"] == "move":
                plain["date"] = plain["first"]
            known[EXCEPTIONS[row["kind"]]].append(plain)
    return known
