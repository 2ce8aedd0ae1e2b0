"""What is known of single days of single instruments, from ``annotations.csv``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from helpers.data.collection_rules import ALTERATION_KINDS, ANNOTATIONS, GAP_KINDS
from helpers.data.schema import Row

_SPAN = ("kind", "first", "last")
_WHY = ("reason", "source")


def exceptions_of(symbol: str, folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Return a symbol's known exceptions, as plain values.

    Returns
    -------
    dict
        Lists ``gaps``, ``moves``, ``alterations`` and ``doubts``.
    """
    own = [row for row in ANNOTATIONS.read(folder) if row["symbol"] == symbol]

    def of(kinds: tuple[str, ...], *fields: str) -> list[dict[str, Any]]:
        return [_plain(row, (*fields, *_WHY)) for row in own if row["kind"] in kinds]

    return {
        "gaps": of(GAP_KINDS, *_SPAN),
        "moves": [
            {"date": row.pop("first"), **row} for row in of(("move",), "first", "value")
        ],
        "alterations": of(ALTERATION_KINDS, *_SPAN, "field", "original", "value"),
        "doubts": of(("doubt",), "first", "last"),
    }


def _plain(row: Row, fields: tuple[str, ...]) -> dict[str, Any]:
    kept = [name for name in fields if row.has(name)]
    return {
        name: row[name] if isinstance(row[name], float) else row.cells[name]
        for name in kept
    }
