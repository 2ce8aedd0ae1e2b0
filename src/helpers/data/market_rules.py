"""The rules of two tables of market facts: shares outstanding and price limits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from helpers.data import schema
from helpers.data.event_rules import known_symbols
from helpers.data.fact_rules import PROVENANCE, check_sourced, fact_day
from helpers.data.schema import Finding, Problem, Row, Table

COUNT_BASES = schema.words(
    "cover balance-sheet notice average-basic average-diluted data-site derived"
)
# A firm's counts differ by new shares and purchases of its own; the smallest split
# among the instruments here gave 1.35 shares for one.
LARGEST_GROWTH = 1.3
BOARDS = ("shanghai-main", "star", "shenzhen-main", "chinext")


def _check_count(row: Row) -> Iterator[Problem]:
    yield from schema.span(row, "first", "last")


def _check_counts(rows: Sequence[Row], folder: Path) -> Iterator[Finding]:
    yield from check_sourced(rows, folder, lambda row: row["basis"] == "derived")
    lines: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        lines[row["symbol"], row["counts"]].append(row)
    for counted in lines.values():
        fewest = min(counted, key=_on_basis_of_prices)
        for row in counted:
            if _on_basis_of_prices(row) > LARGEST_GROWTH * _on_basis_of_prices(fewest):
                said = (
                    f"is over {LARGEST_GROWTH} times that of row {fewest.line}, once "
                )
                said += "both are on the prices' basis: a split_factor left out?"
                yield row, "shares", said


def _on_basis_of_prices(row: Row) -> float:
    return float(row["shares"] * row["split_factor"])


SHARE_COUNTS = Table(
    "share_counts.csv",
    {
        "symbol": schema.reference(known_symbols, "a symbol of instruments.csv"),
        "first": fact_day(required=True),
        "last": fact_day(required=True),
        "counts": schema.word("firm", "line"),
        "basis": schema.word(*COUNT_BASES),
        "shares": schema.number(above=0, required=True),
        "rounded_to": schema.number(above=0, required=True),
        "split_factor": schema.number(above=0, required=True),
        **PROVENANCE,
    },
    [("symbol", "first", "last", "counts", "basis")],
    _check_count,
    _check_counts,
)


def _check_limit(row: Row) -> Iterator[Problem]:
    if row.is_before("last", "first"):
        yield "last", f"{row['last']} is before first {row['first']}."


def _check_limits(rows: Sequence[Row], folder: Path) -> Iterator[Finding]:
    yield from check_sourced(rows, folder)
    before: dict[tuple[str, str], Row] = {}
    for row in rows:
        shares = row["board"], row["applies_to"]
        if shares in before and not (
            before[shares].has("last")
            and row.has("first")
            and before[shares]["last"] < row["first"]
        ):
            said = f"must be after the end of row {before[shares].line}, which is of "
            yield row, "first", f"{said}the same shares."
        before[shares] = row


PRICE_LIMITS = Table(
    "price_limits.csv",
    {
        "board": schema.word(*BOARDS),
        "mic": schema.word("XSHG", "XSHE"),
        "prefixes": schema.listed(required=True),
        "applies_to": schema.word("ordinary", "special-treatment"),
        "first": fact_day(),
        "last": fact_day(),
        "limit": schema.number(above=0, high=1, required=True),
        "free_sessions": schema.number(low=0),
        **PROVENANCE,
    },
    [("board", "applies_to", "first")],
    _check_limit,
    _check_limits,
)
