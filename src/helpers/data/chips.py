"""Accelerators as announced: compute, die, memory and what is not verified.

A value that is not verified is kept and named in ``unverified``; the loader can
blank it.
"""

from __future__ import annotations

import calendar
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from helpers.data import schema
from helpers.data.fact_rules import PROVENANCE, check_sourced, fact_day
from helpers.data.files import data_dir
from helpers.data.schema import Problem, Row, Table

if TYPE_CHECKING:
    import pandas as pd

# Bits of each format: processing performance is the dense rate in tera
# operations a second times these.
FORMAT_BITS = {"fp16_tflops": 16, "fp8_tflops": 8, "int8_tops": 8, "fp4_tflops": 4}
_FORMATS = {column.partition("_")[0]: column for column in FORMAT_BITS}
FIGURES = (
    *FORMAT_BITS,
    *schema.words("die_area_mm2 memory_gb memory_bandwidth_gbs interconnect_gbs"),
)
_TEXTS = ("process_node", "foundry")
_COMPUTED = ("tpp", "tpp_format", "tpp_low", "tpp_high", "performance_density")
# What `unverified` may name -> the column that holds it. `announced_day` means that
# the month is verified.
_FLAGS = {
    "announced": "announced_first",
    "announced_day": "announced_first",
    "available": "available_first",
    **{name: name for name in (*_TEXTS, *FIGURES)},
}
_FOREIGN = "not-a-us-export"
CONTROLS = schema.words(
    "letter-2022 rule-2022 3a090a letter-2025 licensed-2025 review-2026 denial-2026 "
    f"tariff-2026 guidance-2025 stop-order-2025 {_FOREIGN}"
)


def _check_chip(row: Row) -> Iterator[Problem]:
    yield from schema.span(row, "announced_first", "announced_last")
    yield from schema.span(row, "available_first", "available_last")
    yield from schema.pair(row, "tpp_low", "tpp_high")
    yield from schema.pair(row, "die_area_mm2", "die_area_basis")
    yield from _check_performance(row)
    flags, whole_row = row["unverified"], row["verification"] == "unverified"
    if (row["availability"] == "never") == row.has("available_first"):
        said = "is never if no date of availability is given, and only then."
        yield "availability", said
    later = row.is_before("announced_last", "available_first")
    if row["availability"] == "planned" and row.has("announced_last") and not later:
        yield "available_first", "is not after the announcement, yet planned."
    early = row.is_before("available_last", "announced_first")
    if early and not (whole_row or "available" in flags):
        said = f"{row['available_last']} is before the announcement; name it in "
        said += "unverified if the figures came out later than the chip."
        yield "available_last", said
    if (_FOREIGN in row["control"]) == (row["country"] == "US"):
        yield "control", f"is {_FOREIGN} for a chip from elsewhere only."
    if row.has("entity_listed") and row["country"] == "US":
        yield "entity_listed", "is for makers outside the US."
    if whole_row and flags:
        yield "unverified", "is for single fields of a better row."
    estimated = row["die_area_basis"] == "estimated"
    if estimated and not (whole_row or "die_area_mm2" in flags):
        yield "unverified", "must name die_area_mm2, which is an estimate."
    for flag in flags:
        if not row.has(_FLAGS[flag]):
            yield "unverified", f"names {flag}, which is empty."


def _products(row: Row) -> dict[str, float]:
    """Return processing performance by format."""
    known = {name: column for name, column in _FORMATS.items() if row.has(column)}
    return {name: row[column] * FORMAT_BITS[column] for name, column in known.items()}


def _check_performance(row: Row) -> Iterator[Problem]:
    rates = _products(row)
    if row["level"] == "system" or not rates:
        for name in filter(row.has, _COMPUTED):
            yield name, "is for a chip with a known rate; leave it empty here."
        return
    stated, density = row["tpp"], row["performance_density"]
    highest, expected = max(rates.values()), row["tpp"] / row["die_area_mm2"]
    # Not `>`: an empty cell is NaN and must fail too.
    if not abs(stated - highest) <= 0.5:
        said = f"is {row.cells['tpp'] or 'empty'}, yet the highest product of a dense "
        yield "tpp", f"{said}rate and its bits is {highest:,.0f}."
    elif not abs(rates.get(row["tpp_format"], math.nan) - highest) <= 0.5:
        yield "tpp_format", f"{row['tpp_format'] or 'empty'} does not give the tpp."
    if row["tpp_low"] > stated or row["tpp_high"] < stated:
        said = f"{row['tpp_low']:g} to {row['tpp_high']:g} does not hold the tpp."
        yield "tpp_low", said
    if math.isnan(expected):
        if row.has("performance_density"):
            yield "performance_density", "needs a die area; leave it empty."
    elif not abs(density - expected) <= 0.005 + 1e-9:
        said = f"is {row.cells['performance_density'] or 'empty'}, yet tpp over die "
        yield "performance_density", f"{said}area is {expected:.2f}."


CHIPS = Table(
    "chips.csv",
    {
        "chip_id": schema.key(),
        "name": schema.text(required=True),
        "vendor": schema.text(required=True),
        "country": schema.word("US", "CN"),
        "level": schema.word("chip", "system"),
        "announced_first": fact_day(),
        "announced_last": fact_day(),
        "available_first": fact_day(),
        "available_last": fact_day(),
        "availability": schema.word("actual", "planned", "never"),
        **dict.fromkeys(_TEXTS, schema.text()),
        **dict.fromkeys(FORMAT_BITS, schema.number(above=0)),
        "tpp": schema.number(above=0),
        "tpp_format": schema.word(*_FORMATS, required=False),
        "tpp_low": schema.number(above=0),
        "tpp_high": schema.number(above=0),
        "die_area_mm2": schema.number(above=0),
        "die_area_basis": schema.word(
            "reported", "measured", "estimated", required=False
        ),
        "performance_density": schema.number(above=0),
        "memory_gb": schema.number(above=0),
        "memory_bandwidth_gbs": schema.number(above=0),
        "interconnect_gbs": schema.number(above=0),
        "control": schema.word(*CONTROLS, several=True, required=False),
        "entity_listed": fact_day(),
        "verification": PROVENANCE["verification"],
        "unverified": schema.word(*_FLAGS, several=True, required=False),
        "sources": PROVENANCE["sources"],
        "note": schema.text(),
    },
    [("chip_id",), ("vendor", "name")],
    _check_chip,
    check_sourced,
)


def load_chips(
    verified_only: bool = False,
    *,
    systems: bool = False,
) -> pd.DataFrame:
    """Return accelerators as they were announced.

    Parameters
    ----------
    verified_only : bool
        Whether to blank what is not verified (NaN, NaT or empty). The rows stay.
        A day that is not verified becomes its month.
    systems : bool
        Whether to include systems of many chips. Their figures are totals, and
        processing performance is not defined for them.

    Returns
    -------
    DataFrame
        Indexed by ``chip_id``, with the columns of the codebook. Dates are
        Timestamps without time zone; ``announced_first`` to ``announced_last``
        is the span known to hold the day. Rates are dense, in TFLOPS or TOPS;
        memory in GB, bandwidths in GB/s. ``tpp`` is in TOPS times bits;
        ``tpp_low`` and ``tpp_high`` are what sources range over, equal to
        ``tpp`` where they agree; ``tpp_without_fp4`` leaves FP4 out;
        ``performance_density`` is ``tpp`` by mm2 of logic die. ``unverified``
        is a tuple of columns, with ``tpp`` and ``performance_density`` in it
        where they rest on something unverified. ``control`` and ``sources``
        are tuples.

    Raises
    ------
    DataError
        If a table breaks a rule of the codebook.

    Examples
    --------
    >>> load_chips().loc["nvidia-h20", ["tpp", "performance_density"]].tolist()
    [2368.0, 2.91]
    """
    folder = data_dir()
    records = [_completed(row) for row in CHIPS.read(folder)]
    if verified_only:
        records = [_blanked(record) for record in records]
    table = CHIPS.frame(records)
    without = [record["tpp_without_fp4"] for record in records]
    table.insert(table.columns.get_loc("tpp_high") + 1, "tpp_without_fp4", without)
    table = table.set_index("chip_id")
    return table if systems else table[table["level"] == "chip"]


def _completed(row: Row) -> dict[str, Any]:
    """Return a chip with what follows from its cells."""
    rates = [rate for name, rate in _products(row).items() if name != "fp4"]
    is_rated = rates and row["level"] == "chip"
    flags = row["unverified"]
    if row["verification"] == "unverified":
        named = (flag for flag in _FLAGS if flag != "announced_day")
        flags = tuple(flag for flag in named if row.has(_FLAGS[flag]))
    if _FORMATS.get(row["tpp_format"]) in flags:
        flags = (*flags, "tpp")
    if row.has("performance_density") and {"tpp", "die_area_mm2"} & set(flags):
        flags = (*flags, "performance_density")
    return {
        **row,
        **{end: row[end if row.has(end) else "tpp"] for end in ("tpp_low", "tpp_high")},
        "tpp_without_fp4": float(round(max(rates))) if is_rated else math.nan,
        "unverified": flags,
    }


def _blanked(record: dict[str, Any]) -> dict[str, Any]:
    """Return a chip without what is not verified."""
    kept = dict(record)
    for flag in record["unverified"]:
        if flag == "announced_day":
            day = record["announced_first"]
            days = calendar.monthrange(day.year, day.month)[1]
            kept["announced_first"] = day.replace(day=1)
            kept["announced_last"] = day.replace(day=days)
        elif flag in ("announced", "available"):
            kept[f"{flag}_first"] = kept[f"{flag}_last"] = None
        elif flag == "tpp":
            for name in ("tpp", "tpp_low", "tpp_high", "tpp_without_fp4"):
                kept[name] = math.nan
            kept["tpp_format"] = ""
        else:
            kept[flag] = "" if flag in _TEXTS else math.nan
    return kept
