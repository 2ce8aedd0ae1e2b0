"""The rules of the fact tables: where facts are from, figures, revenue, listings."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from helpers.data import schema
from helpers.data.event_rules import EVENTS, event
from helpers.data.schema import Column, Finding, Problem, Row, Table

# Best first: the address; the document or item alone; the site alone; nothing.
ADDRESS_QUALITIES = ("full", "item", "partial", "none")
VERIFICATIONS = ("verified", "partly", "unverified")
LEDGER = "ledger:"

# Shortest and longest span in days. Fiscal years have 52 or 53 weeks.
PERIOD_DAYS = {
    "day": (1, 1),
    "month": (28, 31),
    "quarter": (84, 98),
    "half": (180, 190),
    "nine-months": (270, 280),
    "year": (363, 372),
}
# What accrues over time, so that quarters make a year; and what does not.
ACCRUING_UNITS = ("USD m", "CNY m", "EUR m", "units", "bn units")
UNITS = (*ACCRUING_UNITS, "CNY", "share", "ratio", "bn parameters")
ACCOUNTED_BASES = ("reported", "rounded", "derived")
BASES = (*ACCOUNTED_BASES, "estimate", "forecast", "guidance", "statement")
REVENUE_BASES = ("billing", "headquarters")
LISTING_CURRENCIES = {"XSHG": "CNY", "XSHE": "CNY", "XHKG": "HKD"}

_filled = schema.text(required=True)


def _check_source(row: Row) -> Iterator[Problem]:
    if (row["address_quality"] == "full") != row.has("address"):
        yield "address_quality", "is full if an address is given, and only then."


FACT_SOURCES = Table(
    "fact_sources.csv",
    {
        "source_id": schema.key(),
        "publisher": _filled,
        "what": _filled,
        "address": schema.text(like=r"https?://\S+", say="a web address"),
        "address_quality": schema.word(*ADDRESS_QUALITIES),
        "reliability": schema.word("primary", "secondary", "weak"),
    },
    [("source_id",)],
    _check_source,
)


def _citable(folder: Path) -> list[str]:
    events = (f"{LEDGER}{event_id}" for event_id in EVENTS.keys(folder))
    return [*FACT_SOURCES.keys(folder), *events]


# Columns that every table of facts has.
PROVENANCE = {
    "verification": schema.word(*VERIFICATIONS),
    "sources": schema.reference(
        _citable, "a source of fact_sources.csv", several=True, required=False
    ),
    "note": schema.text(),
}


def fact_day(*, required: bool = False) -> Column:
    """Return a column of dates: the oldest fact is of 2014, no plan is after 2030."""
    return schema.day(required=required, since=2010, until=2035)


def event_dates(folder: Path) -> dict[str, str]:
    """Return each event of the ledger with the local date of its announcement."""
    rows = EVENTS.rows(folder)
    return {row.cells["event_id"]: row.cells["announced_at"][:10] for row in rows}


def is_computed(row: Row) -> bool:
    """Tell whether a row's value follows from other rows."""
    return "derived" in (row.get("basis"), row.get("derivation"))


def check_sourced(rows: Sequence[Row], folder: Path) -> Iterator[Finding]:
    """Yield rows called verified that have no source that can be trusted.

    A row whose value is computed from others needs none of its own.
    """
    sound = {
        row["source_id"]
        for row in FACT_SOURCES.read(folder)
        if row["address_quality"] != "none" and row["reliability"] != "weak"
    }
    for row in rows:
        cited, computed = row["sources"], is_computed(row)
        trusted = any(one in sound or one.startswith(LEDGER) for one in cited)
        if row["verification"] == "verified" and not (
            trusted or (computed and not cited)
        ):
            said = "is verified, yet no source has both an address and a reliability "
            yield row, "verification", f"{said}above weak: partly or unverified?"
        if row["verification"] == "partly" and not (cited or computed):
            yield row, "verification", "is partly, yet there is no source."


class Amount(NamedTuple):
    """An amount that accrues over a span of days, and the step it is given to."""

    row: Row
    start: dt.date
    end: dt.date
    value: float
    rounded_to: float


def check_sums(amounts: Sequence[Amount], name: str) -> Iterator[Finding]:
    """Yield amounts, all of one thing, that parts covering all of them do not make.

    `amounts` are years, halves, quarters; `name` is the column that holds the value.
    """
    for whole in amounts:
        inside = [
            part
            for part in amounts
            if part is not whole and whole.start <= part.start <= part.end <= whole.end
        ]
        for parts in _tilings(whole.start, whole.end, inside):
            total = math.fsum(part.value for part in parts)
            slack = math.fsum(one.rounded_to for one in (whole, *parts)) / 2
            if abs(total - whole.value) > slack + 1e-9:
                lines = ", ".join(str(part.row.line) for part in parts)
                said = (
                    f"is {whole.value:.10g}, yet the parts in rows {lines} add up to "
                )
                said += f"{total:.10g}; rounding allows {slack:g}."
                yield whole.row, name, said


def _tilings(
    start: dt.date, end: dt.date, parts: Sequence[Amount]
) -> Iterator[tuple[Amount, ...]]:
    """Yield each way to cover a span by parts that follow one another."""
    for part in parts:
        if part.start == start and part.end == end:
            yield (part,)
        elif part.start == start:
            for rest in _tilings(part.end + dt.timedelta(days=1), end, parts):
                yield (part, *rest)


def _check_figure(row: Row, name: str) -> Iterator[Problem]:
    """Check a value's rounding, and its period against the kind that it names."""
    yield from schema.span(row, "period_start", "period_end")
    yield from schema.pair(row, name, "rounded_to")
    kind, label = row["period"], row["fiscal"]
    shortest, longest = PERIOD_DAYS[kind]
    days = (row["period_end"] - row["period_start"]).days + 1
    if not shortest <= days <= longest:
        said = f"is {kind}, yet {row['period_start']} to {row['period_end']} are {days}"
        yield "period", f"{said} days ({shortest} to {longest} expected)."
    if label and kind != ("quarter" if "Q" in label else "year"):
        yield "fiscal", f"{label!r} is FY2025 for a year, FY2025 Q1 for a quarter."


def _figure_columns(value: dict[str, Column], fiscal: Column) -> dict[str, Column]:
    return {
        "period": schema.word(*PERIOD_DAYS),
        "period_start": fact_day(required=True),
        "period_end": fact_day(required=True),
        "fiscal": fiscal,
        **value,
        **PROVENANCE,
    }


def _fiscal(*, required: bool) -> Column:
    say = "FY2025 for a year or FY2025 Q1 for a quarter"
    return schema.text(required=required, like=r"FY20\d\d( Q[1-4])?", say=say)


def _check_groups(
    rows: Sequence[Row], name: str, group: Sequence[str]
) -> Iterator[Finding]:
    """Check the sums of the rows that agree in some columns."""
    groups: dict[object, list[Amount]] = defaultdict(list)
    for row in filter(lambda row: row.has(name), rows):
        period = (row["period_start"], row["period_end"])
        amount = Amount(row, *period, row[name], row["rounded_to"])
        groups[tuple(row[column] for column in group)].append(amount)
    for amounts in groups.values():
        yield from check_sums(amounts, name)


def _check_fundamental(row: Row) -> Iterator[Problem]:
    yield from _check_figure(row, "value")
    value, unit = row["value"], row["unit"]
    if value < 0 and unit != "ratio" and not row["metric"].startswith("net_profit"):
        yield "value", f"is {value:g}: must be 0 or more."
    if value > 1 and unit == "share":
        yield "value", f"is {value:g}: a share is between 0 and 1."


def _check_fundamentals(rows: Sequence[Row], folder: Path) -> Iterator[Finding]:
    yield from check_sourced(rows, folder)
    units: dict[tuple[str, str], str] = {}
    for row in rows:
        known = units.setdefault((row["entity"], row["metric"]), row["unit"])
        if row["unit"] != known:
            said = f"is {row['unit']}, yet {row['metric']} of {row['entity']} is in "
            yield row, "unit", f"{said}{known} above."
    accrued = [
        row
        for row in rows
        if row["unit"] in ACCRUING_UNITS and row["basis"] in ACCOUNTED_BASES
    ]
    yield from _check_groups(accrued, "value", ("entity", "metric"))


FUNDAMENTALS = Table(
    "fundamentals.csv",
    {
        "entity": _filled,
        "metric": schema.text(
            required=True,
            like=r"(?!revenue_china)[a-z][a-z0-9]*(_[a-z0-9]+)*",
            say="made of words such as net_profit (revenue from China belongs into "
            "nvidia_revenue.csv, which keeps its basis apart)",
        ),
        **_figure_columns(
            {
                "value": schema.number(),
                "unit": schema.word(*UNITS),
                "rounded_to": schema.number(above=0),
                "basis": schema.word(*BASES),
            },
            _fiscal(required=False),
        ),
    },
    [("entity", "metric", "period_start", "period_end")],
    _check_fundamental,
    _check_fundamentals,
)


def _check_revenue(rows: Sequence[Row], folder: Path) -> Iterator[Finding]:
    yield from check_sourced(rows, folder)
    yield from _check_groups(rows, "china_usd_m", ["basis"])
    whole = {
        (row["period_start"], row["period_end"]): row["value"]
        for row in FUNDAMENTALS.read(folder)
        if (row["entity"], row["metric"]) == ("Nvidia", "revenue")
    }
    for row in rows:
        total = whole.get((row["period_start"], row["period_end"]), math.nan)
        if row["china_usd_m"] > total:
            yield row, "china_usd_m", "is more than Nvidia's whole revenue."


NVIDIA_REVENUE = Table(
    "nvidia_revenue.csv",
    {
        "basis": schema.word(*REVENUE_BASES),
        **_figure_columns(
            {
                "china_usd_m": schema.number(low=0, required=True),
                "rounded_to": schema.number(above=0),
                "derivation": schema.word("reported", "derived"),
            },
            _fiscal(required=True),
        ),
    },
    [("basis", "period_start", "period_end")],
    lambda row: _check_figure(row, "china_usd_m"),
    _check_revenue,
)


def _check_listing(row: Row) -> Iterator[Problem]:
    currency = LISTING_CURRENCIES[row["mic"]]
    if row["currency"] != currency:
        yield "currency", f"is {row['currency']}: {row['mic']} has {currency}."
    if all(map(row.has, ("offer", "first_close", "gain"))):
        yield "gain", "follows from offer and close; leave it empty."


LISTINGS = Table(
    "listings.csv",
    {
        "event_id": event,
        "firm": _filled,
        "mic": schema.word(*LISTING_CURRENCIES),
        "currency": _filled,
        "offer": schema.number(above=0),
        "first_close": schema.number(above=0),
        "gain": schema.number(low=-1),
        **PROVENANCE,
    },
    [("event_id",)],
    _check_listing,
    check_sourced,
)
