"""Facts about markets: shares outstanding, price limits, figures that others found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.data import schema
from helpers.data.calendars import Day, parse_day
from helpers.data.event_rules import known_symbols
from helpers.data.fact_rules import PROVENANCE, check_sourced, fact_day
from helpers.data.files import data_dir
from helpers.data.schema import Finding, Problem, Row, Table
from helpers.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

# Best first.
COUNT_BASES = schema.words(
    "cover balance-sheet notice derived data-site average-basic average-diluted"
)
# A firm's count moves by a few per cent a year; one from longer ago says little.
NEAREST = 400
# Shares that are outstanding before means of a quarter, which may hold options too,
# where both are this near.
NEAR = 100
# A firm's counts differ by new shares and purchases of its own; the smallest split
# among the instruments here gave 1.35 shares for one.
LARGEST_GROWTH = 1.3
UNITS = {"return": "share", "car": "share", "mean car": "share", "value": "USD bn"}


def _check_counts(rows: Sequence[Row], folder: Path) -> Iterator[Finding]:
    yield from check_sourced(rows, folder)
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
    lambda row: schema.span(row, "first", "last"),
    _check_counts,
)


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
        "board": schema.word("shanghai-main", "star", "shenzhen-main", "chinext"),
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
    lambda row: schema.ordered(row, "first", "last"),
    _check_limits,
)


def _check_result(row: Row) -> Iterator[Problem]:
    unit = UNITS[row["measure"]]
    if row["unit"] != unit:
        yield "unit", f"is {row['unit']}: a {row['measure']} is in {unit}."
    yield from schema.ordered(row, "first", "last")


PUBLISHED = Table(
    "published.csv",
    {
        "published_id": schema.key(),
        "what": schema.text(required=True),
        "symbols": schema.reference(
            known_symbols, "a symbol of instruments.csv", several=True
        ),
        "first": fact_day(required=True),
        "last": fact_day(),
        "measure": schema.word(*UNITS),
        "unit": schema.word(*dict.fromkeys(UNITS.values())),
        "published": schema.number(required=True),
        "rounding": schema.number(above=0, required=True),
        "taken": schema.word("close", "inside"),
        **PROVENANCE,
    },
    [("published_id",)],
    _check_result,
    check_sourced,
)


def shares_outstanding(symbols: Sequence[str], day: Day) -> pd.Series:
    """Return how many shares firms had, by the best count near a day.

    Parameters
    ----------
    symbols : sequence of str
    day : str, date or Timestamp

    Returns
    -------
    Series
        By symbol: shares of the whole firm such that their product with the bundled
        ``close`` is a market value in the currency of the price.

    Raises
    ------
    DataError
        If no count of a firm is within 400 days of that day, or the table breaks a
        rule of the codebook.

    Examples
    --------
    >>> shares_outstanding(["NVDA"], "2025-01-27").to_dict()
    {'NVDA': 24477000000.0}
    """
    import pandas as pd

    at = parse_day(day)
    table = SHARE_COUNTS.frame(SHARE_COUNTS.read(data_dir()))
    table = table[table["counts"] == "firm"].copy()
    off = pd.concat([table["first"] - at, at - table["last"]], axis=1).max(axis=1)
    table["away"] = off.dt.days.clip(lower=0)  # none inside the span of a count
    table["far"] = table["away"] > NEAR
    table["rank"] = table["basis"].map(COUNT_BASES.index)
    table = table.sort_values(["far", "rank", "away"], kind="stable")
    found = {}
    for symbol in symbols:
        rows = table[table["symbol"] == symbol]
        if rows.empty or rows["away"].min() > NEAREST:
            known = ", ".join(f"{one:%Y-%m-%d}" for one in sorted(rows["first"]))
            raise DataError(
                f"{symbol}: share_counts.csv has no count within {NEAREST} days of "
                f"{at:%Y-%m-%d}; it has {f'those of {known}' if known else 'none'}."
            )
        found[symbol] = rows["shares"].iloc[0] * rows["split_factor"].iloc[0]
    return pd.Series(found)
