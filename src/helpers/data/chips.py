"""Accelerators as announced: compute, die, memory and what is not verified.

People edit ``chips.csv`` by hand, so every rule of the codebook is checked on
each load. A value that is not verified is kept and named in ``unverified``; the
loader can blank it.
"""

from __future__ import annotations

import calendar
import datetime as dt
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.data.fact_rules import Library, read_library, read_positive, read_span
from helpers.data.files import data_dir as default_data_dir
from helpers.data.rows import Row, check_id, check_unique, read_date, read_rows

if TYPE_CHECKING:
    import pandas as pd

CHIPS_FILE = "chips.csv"

# Bits of each format: processing performance is the dense rate in tera
# operations a second times these.
FORMAT_BITS = {"fp16_tflops": 16, "fp8_tflops": 8, "int8_tops": 8, "fp4_tflops": 4}
FIGURES = (
    *FORMAT_BITS,
    "die_area_mm2",
    "memory_gb",
    "memory_bandwidth_gbs",
    "interconnect_gbs",
)
_COMPUTED = ("tpp", "tpp_low", "tpp_high", "performance_density")
_TEXTS = ("process_node", "foundry")

# What `unverified` may name: `announced_day` means that the month is verified.
FLAGS = ("announced", "announced_day", "available", *_TEXTS, *FIGURES)

CHIPS_COLUMNS = (
    "chip_id",
    "name",
    "vendor",
    "country",
    "level",
    "announced_first",
    "announced_last",
    "available_first",
    "available_last",
    "availability",
    *_TEXTS,
    *FORMAT_BITS,
    "tpp",
    "tpp_format",
    "tpp_low",
    "tpp_high",
    "die_area_mm2",
    "die_area_basis",
    "performance_density",
    "memory_gb",
    "memory_bandwidth_gbs",
    "interconnect_gbs",
    "control",
    "entity_listed",
    "verification",
    "unverified",
    "sources",
    "note",
)
COUNTRIES = ("US", "CN")
LEVELS = ("chip", "system")
AVAILABILITIES = ("actual", "planned", "never")
DIE_AREA_BASES = ("", "reported", "measured", "estimated")
FOREIGN = "not-a-us-export"
CONTROLS = (
    "letter-2022",
    "rule-2022",
    "3a090a",
    "letter-2025",
    "licensed-2025",
    "review-2026",
    "denial-2026",
    "tariff-2026",
    "guidance-2025",
    "stop-order-2025",
    FOREIGN,
)
_DATES = ("announced_first", "announced_last", "available_first", "available_last")


def load_chips(
    verified_only: bool = False,
    *,
    systems: bool = False,
    data_dir: Path | str | None = None,
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
    data_dir : path, optional
        Folder with ``chips.csv``, ``fact_sources.csv`` and ``events.csv``;
        default the bundled data.

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
        If a table breaks a rule of the codebook; the message names file, row
        and field.

    Examples
    --------
    >>> load_chips().loc[["nvidia-h100", "nvidia-h20"], "tpp"].tolist()
    [15832.0, 2368.0]
    """
    import pandas as pd

    folder = default_data_dir() if data_dir is None else Path(data_dir)
    library = read_library(folder)
    rows = read_rows(folder, CHIPS_FILE, CHIPS_COLUMNS)
    check_unique(rows, ("chip_id",))
    check_unique(rows, ("vendor", "name"))
    records = [_chip(row, library) for row in rows]
    if verified_only:
        records = [_blanked(record) for record in records]
    columns = list(CHIPS_COLUMNS)
    columns.insert(columns.index("tpp_high") + 1, "tpp_without_fp4")
    table = pd.DataFrame(records, columns=columns).set_index("chip_id")
    for name in (*_DATES, "entity_listed"):
        table[name] = pd.to_datetime(table[name]).dt.as_unit("ns")
    return table if systems else table[table["level"] == "chip"]


def _chip(row: Row, library: Library) -> dict[str, Any]:
    check_id(row, "chip_id")
    row.filled("name")
    row.filled("vendor")
    row.one_of("country", COUNTRIES)
    row.one_of("level", LEVELS)
    figures = {name: read_positive(row, name) for name in FIGURES}
    computed = _performance(row, figures)
    flags = _flags(row)
    sources = library.check(row)
    record = {
        **row.values,
        **figures,
        **computed,
        **_dates(row, flags),
        "control": _controls(row),
        "sources": sources,
    }
    record["unverified"] = _with_computed(record, flags)
    return record


def _performance(row: Row, figures: Mapping[str, float]) -> dict[str, float]:
    """Return processing performance and its density, checked against their parts."""
    stated = {name: read_positive(row, name) for name in _COMPUTED}
    products = {
        name: figures[name] * bits
        for name, bits in FORMAT_BITS.items()
        if not math.isnan(figures[name])
    }
    if row["level"] == "system" or not products:
        for name in (*_COMPUTED, "tpp_format"):
            if row[name]:
                raise row.fail(
                    name, "is for a chip with a known rate; leave it empty here."
                )
        return {**stated, "tpp_without_fp4": math.nan}
    highest = max(products.values())
    # Not `>`: an empty field is NaN and must fail too.
    if not abs(stated["tpp"] - highest) <= 0.5:
        raise row.fail(
            "tpp",
            f"is {row['tpp'] or 'empty'}, yet the highest product of a dense rate and "
            f"its bits is {highest:,.0f}.",
        )
    formats = {name.partition("_")[0]: name for name in FORMAT_BITS}
    chosen = formats[row.one_of("tpp_format", tuple(formats))]
    if not abs(products.get(chosen, math.nan) - highest) <= 0.5:
        raise row.fail("tpp_format", f"{row['tpp_format']} does not give the tpp.")
    _check_range(row, stated)
    _check_density(row, stated, figures["die_area_mm2"])
    without_fp4 = [value for name, value in products.items() if name != "fp4_tflops"]
    return {
        **stated,
        "tpp_low": stated["tpp_low"] if row["tpp_low"] else stated["tpp"],
        "tpp_high": stated["tpp_high"] if row["tpp_high"] else stated["tpp"],
        "tpp_without_fp4": float(round(max(without_fp4, default=math.nan)))
        if without_fp4
        else math.nan,
    }


def _check_range(row: Row, stated: Mapping[str, float]) -> None:
    if bool(row["tpp_low"]) != bool(row["tpp_high"]):
        raise row.fail("tpp_high", "goes with tpp_low: give both or neither.")
    if row["tpp_low"] and not (
        stated["tpp_low"] <= stated["tpp"] <= stated["tpp_high"]
    ):
        raise row.fail(
            "tpp_low", f"{row['tpp_low']} to {row['tpp_high']} does not hold the tpp."
        )


def _check_density(row: Row, stated: Mapping[str, float], area: float) -> None:
    density = stated["tpp"] / area
    if math.isnan(density):
        if row["performance_density"]:
            raise row.fail("performance_density", "needs a die area; leave it empty.")
    elif not abs(stated["performance_density"] - density) <= 0.005 + 1e-9:
        raise row.fail(
            "performance_density",
            f"is {row['performance_density'] or 'empty'}, yet tpp over die area is "
            f"{density:.2f}.",
        )


def _flags(row: Row) -> tuple[str, ...]:
    """Return what a row says is unverified, every filled field for a whole row."""
    held = {
        "announced": "announced_first",
        "announced_day": "announced_first",
        "available": "available_first",
    }
    flags = row.several("unverified")
    for flag in flags:
        if flag not in FLAGS:
            raise row.fail("unverified", f"{flag!r} is not one of {', '.join(FLAGS)}.")
        if not row[held.get(flag, flag)]:
            raise row.fail("unverified", f"names {flag}, which is empty.")
    area_basis = row.one_of("die_area_basis", DIE_AREA_BASES)
    if bool(area_basis) != bool(row["die_area_mm2"]):
        raise row.fail("die_area_basis", "goes with a die area: give both or neither.")
    if row["verification"] == "unverified":
        if flags:
            raise row.fail("unverified", "is for single fields of a better row.")
        return tuple(
            flag
            for flag in FLAGS
            if flag != "announced_day" and row[held.get(flag, flag)]
        )
    if area_basis == "estimated" and "die_area_mm2" not in flags:
        raise row.fail("unverified", "must name die_area_mm2, which is an estimate.")
    return flags


def _with_computed(
    record: Mapping[str, Any], flags: tuple[str, ...]
) -> tuple[str, ...]:
    """Add what rests on an unverified figure to the unverified fields."""
    formats = {name.partition("_")[0]: name for name in FORMAT_BITS}
    if formats.get(record["tpp_format"]) in flags:
        flags = (*flags, "tpp")
    if not math.isnan(record["performance_density"]) and (
        {"tpp", "die_area_mm2"} & set(flags)
    ):
        flags = (*flags, "performance_density")
    return flags


def _dates(row: Row, flags: tuple[str, ...]) -> dict[str, dt.date | None]:
    announced = read_span(row, "announced_first", "announced_last")
    available = read_span(row, "available_first", "available_last")
    availability = row.one_of("availability", AVAILABILITIES)
    if (available is None) != (availability == "never"):
        raise row.fail(
            "availability",
            "is never if no date of availability is given, and only then.",
        )
    if announced and available:
        if availability == "planned" and available[0] <= announced[1]:
            raise row.fail(
                "available_first", "is not after the announcement, yet planned."
            )
        if available[1] < announced[0] and "available" not in flags:
            raise row.fail(
                "available_last",
                f"{available[1]} is before the announcement; name it in unverified if "
                "the figures came out later than the chip.",
            )
    listed = row["entity_listed"]
    return {
        "announced_first": announced[0] if announced else None,
        "announced_last": announced[1] if announced else None,
        "available_first": available[0] if available else None,
        "available_last": available[1] if available else None,
        "entity_listed": read_date(row, "entity_listed", listed) if listed else None,
    }


def _controls(row: Row) -> tuple[str, ...]:
    controls = row.several("control")
    for control in controls:
        if control not in CONTROLS:
            raise row.fail(
                "control", f"{control!r} is not one of {', '.join(CONTROLS)}."
            )
    if (FOREIGN in controls) != (row["country"] != "US"):
        raise row.fail("control", f"is {FOREIGN} for a chip from elsewhere only.")
    if row["entity_listed"] and row["country"] == "US":
        raise row.fail("entity_listed", "is for makers outside the US.")
    return controls


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
