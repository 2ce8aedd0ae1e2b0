"""Thresholds of the export controls, one condition a row."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.data import schema
from helpers.data.chips import CHIPS
from helpers.data.event_rules import EVENTS
from helpers.data.fact_rules import PROVENANCE, check_sourced, event_dates, fact_day
from helpers.data.files import data_dir
from helpers.data.schema import Finding, Problem, Row, Table

if TYPE_CHECKING:
    import pandas as pd

# Metric -> unit, and the columns of `chips.csv` that it is the sum of.
METRIC_UNITS = {
    "tpp": "TOPS x bits",
    "performance_density": "TPP/mm2",
    "interconnect": "GB/s",
    "memory_bandwidth": "GB/s",
    "memory_plus_interconnect": "GB/s",
    "memory_bandwidth_density": "GB/s/mm2",
    "process_node": "nm",
    "transistors": "bn",
    "revenue_share": "share",
    "none": "",
}
CHIP_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "tpp": ("tpp",),
    "performance_density": ("performance_density",),
    "interconnect": ("interconnect_gbs",),
    "memory_bandwidth": ("memory_bandwidth_gbs",),
    "memory_plus_interconnect": ("memory_bandwidth_gbs", "interconnect_gbs"),
}
EFFECTS = schema.words(
    "licence licence-denial licence-or-notice notice case-by-case tariff-25 quota "
    "presumption revenue-share definition"
)
DATA_CENTRE = "data-centre-chips"
SCOPES = schema.words(
    f"{DATA_CENTRE} other-chips memory foundries exports exceptions revenue definition"
)
_SAME_IN_A_RULE = schema.words(
    "effect applies_to announced published applies_first applies_last status event_id"
)


def _check_condition(row: Row) -> Iterator[Problem]:
    metric, status = row["metric"], row["status"]
    if row["unit"] != METRIC_UNITS[metric]:
        said = f"{row['unit']!r} is not {METRIC_UNITS[metric]}, that of {metric}."
        yield "unit", said
    if row.has("value") + row.has("value_from_chip") != row.has("operator"):
        yield "value", "goes with an operator: a number or a chip, and not both."
    if row["applies_to"] == DATA_CENTRE and not (
        metric in CHIP_COLUMNS and row.has("operator")
    ):
        said = f"{metric} with its value says nothing of a chip in {CHIPS.file}."
        yield "metric", said
    if row.has("applies_first") != (status in ("in-force", "superseded")):
        yield "applies_first", f"does not fit the status {status}."
    if row.has("applies_last") != (status == "superseded"):
        yield "applies_last", f"does not fit the status {status}."
    yield from schema.ordered(row, "applies_first", "applies_last")
    yield from schema.ordered(row, "announced", "published")


def _check_conditions(rows: Sequence[Row], folder: Path) -> Iterator[Finding]:
    yield from check_sourced(rows, folder)
    chips, dates = _chips(folder), event_dates(folder)
    heads: dict[str, Row] = {}
    for row in rows:
        if row.has("value_from_chip") and math.isnan(_value(row, chips)):
            said = f"{row['value_from_chip']!r} has no {row['metric']} in {CHIPS.file}."
            yield row, "value_from_chip", said
        event, announced = row["event_id"], row.cells["announced"]
        if event and dates.get(event) != announced:
            said = f"{event!r} is not an event of {EVENTS.file} on {announced} (there: "
            yield row, "event_id", f"{said}{dates.get(event, 'none')})."
        head = heads.setdefault(row["rule_id"], row)
        for name in _SAME_IN_A_RULE:
            if row[name] != head[name]:
                said = f"{row.cells[name]!r} differs from {head.cells[name]!r} in row "
                yield row, name, f"{said}{head.line} of the same rule."


def _chips(folder: Path) -> dict[str, Row]:
    return {r["chip_id"]: r for r in CHIPS.read(folder) if r["level"] == "chip"}


def _value(row: Row, chips: Mapping[str, Row]) -> float:
    """Return a condition's number, which may be a chip's; NaN if there is none."""
    if not row.has("value_from_chip"):
        return float(row["value"])
    chip, columns = chips.get(row["value_from_chip"]), CHIP_COLUMNS.get(row["metric"])
    if chip is None or columns is None:
        return math.nan
    return math.fsum(chip[name] for name in columns)


THRESHOLDS = Table(
    "thresholds.csv",
    {
        "rule_id": schema.key(),
        "alternative": schema.count(),
        "metric": schema.word(*METRIC_UNITS),
        "operator": schema.word("ge", "gt", "le", "lt", "eq", required=False),
        "value": schema.number(low=0),
        "value_from_chip": schema.text(),
        "unit": schema.text(),
        "effect": schema.word(*EFFECTS),
        "applies_to": schema.word(*SCOPES),
        "destinations": schema.text(),
        "paragraph": schema.text(),
        "announced": fact_day(required=True),
        "published": fact_day(),
        "applies_first": fact_day(),
        "applies_last": fact_day(),
        "status": schema.word("in-force", "superseded", "withdrawn", "not-codified"),
        "event_id": schema.text(),
        **PROVENANCE,
    },
    [("rule_id", "alternative", "metric", "operator")],
    _check_condition,
    _check_conditions,
)


def load_thresholds() -> pd.DataFrame:
    """Return the thresholds of the export controls, one condition a row.

    A chip meets a rule if it meets all conditions of one of its alternatives.

    Returns
    -------
    DataFrame
        In order of announcement, with the columns of the codebook.
        ``alternative`` is int; ``value`` float, that of the chip named in
        ``value_from_chip`` where a rule names a chip, NaN where there is no
        number; dates are Timestamps, ``applies_last`` inclusive and NaT if
        open; ``sources`` is a tuple.

    Raises
    ------
    DataError
        If a table breaks a rule of the codebook.

    Examples
    --------
    >>> table = load_thresholds().query("rule_id == 'rule-2023-10-a'")
    >>> table[["metric", "operator", "value"]].to_numpy().tolist()[0]
    ['tpp', 'ge', 4800.0]
    """
    folder = data_dir()
    rows, chips = THRESHOLDS.read(folder), _chips(folder)
    table = THRESHOLDS.frame(rows).assign(value=[_value(row, chips) for row in rows])
    return table.sort_values("announced", kind="stable", ignore_index=True)
