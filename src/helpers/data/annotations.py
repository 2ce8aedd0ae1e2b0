"""What is known about single days of single instruments, and why.

``data/annotations.csv`` is kept by hand. The importer applies its corrections
and copies the rest into each file's manifest entry, where the checks read it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from helpers.data.faults import Fault, refuse
from helpers.data.text_tables import (
    empty_cells,
    iso_dates,
    read_text_table,
    repeated_rows,
)

ANNOTATIONS_FILE = "annotations.csv"
ANNOTATIONS_COLUMNS = [
    "symbol",
    "kind",
    "first",
    "last",
    "field",
    "original",
    "value",
    "reason",
    "source",
]

# Sessions without a price: the exchange held them.
GAP_KINDS = ("suspension", "hole")
# Changes made to what the source has.
ALTERATION_KINDS = ("correction", "rescale")
KINDS = (*GAP_KINDS, "move", *ALTERATION_KINDS, "doubt")

_NEEDS_VALUE = ("move", *ALTERATION_KINDS)
_PRICE_FIELDS = ("close", "adj_close")


@dataclass(frozen=True)
class Annotation:
    """One line of the annotations file.

    Parameters
    ----------
    symbol, kind, first, last, field, reason, source : str
        As in the codebook; dates as YYYY-MM-DD.
    original, value : float
        For a correction the source's price and the right one; for a rescale the
        factor as ``value``; for a move the day's return as a decimal, as ``value``.
        NaN where there is none.
    row : int
        Line of the annotations file.
    """

    symbol: str
    kind: str
    first: str
    last: str
    field: str
    original: float
    value: float
    reason: str
    source: str
    row: int


def read_annotations(content: bytes, symbols: set[str]) -> list[Annotation]:
    """Read an annotations file and check it.

    Parameters
    ----------
    content : bytes
        The file's content.
    symbols : set of str
        The known symbols.

    Returns
    -------
    list of Annotation
        In the file's order.

    Raises
    ------
    DataError
        If the file breaks a rule of the codebook.
    """
    table = read_text_table(content, ANNOTATIONS_FILE, ANNOTATIONS_COLUMNS)
    faults = empty_cells(table, ANNOTATIONS_FILE, ("symbol", "kind", "reason"))
    keys = ("symbol", "kind", "first", "field")
    faults += repeated_rows(table, ANNOTATIONS_FILE, keys, "first")
    first, last = iso_dates(table["first"]), iso_dates(table["last"])
    annotations = []
    for position, line in enumerate(table.to_dict("records")):
        row = position + 2

        def fault(field: str, problem: str, row: int = row) -> Fault:
            return Fault(ANNOTATIONS_FILE, problem, row=row, field=field)

        kind = line["kind"]
        if line["symbol"] not in symbols:
            faults.append(fault("symbol", f"unknown symbol {line['symbol']!r}."))
        if kind not in KINDS:
            faults.append(fault("kind", f"{kind!r} is not one of {', '.join(KINDS)}."))
        for field, dates in (("first", first), ("last", last)):
            if dates.isna().iloc[position]:
                problem = f"{line[field]!r} is not a date (YYYY-MM-DD)."
                faults.append(fault(field, problem))
        if first.iloc[position] > last.iloc[position]:
            faults.append(fault("last", "is before 'first'."))
        if kind in ("move", "correction") and line["first"] != line["last"]:
            faults.append(fault("last", f"a {kind} is of one day."))
        if kind in _NEEDS_VALUE and line["field"] not in _PRICE_FIELDS:
            problem = f"{line['field']!r} is not one of {', '.join(_PRICE_FIELDS)}."
            faults.append(fault("field", problem))
        for field in ("original", "value"):
            wanted = kind == "correction" or (field == "value" and kind in _NEEDS_VALUE)
            if (line[field] or wanted) and math.isnan(read_number(line[field])):
                faults.append(fault(field, f"{line[field]!r} is not a number."))
        annotations.append(
            Annotation(
                symbol=line["symbol"],
                kind=kind,
                first=line["first"],
                last=line["last"],
                field=line["field"],
                original=read_number(line["original"]),
                value=read_number(line["value"]),
                reason=line["reason"],
                source=line["source"],
                row=row,
            )
        )
    refuse(faults)
    return annotations


def read_number(text: str) -> float:
    """Return the finite number that a cell holds, NaN if it holds none."""
    try:
        number = float(text)
    except ValueError:
        return math.nan
    return number if math.isfinite(number) else math.nan
