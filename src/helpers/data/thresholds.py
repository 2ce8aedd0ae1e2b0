"""Thresholds of the export controls, one condition a row.

People edit ``thresholds.csv`` by hand, so every rule of the codebook is checked
on each load.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.data.chips import CHIPS_FILE, load_chips
from helpers.data.fact_rules import Library, read_day, read_library, read_number
from helpers.data.files import data_dir as default_data_dir
from helpers.data.ledger import EVENTS_FILE
from helpers.data.rows import Row, check_id, check_unique, read_rows

if TYPE_CHECKING:
    import pandas as pd

THRESHOLDS_FILE = "thresholds.csv"
THRESHOLDS_COLUMNS = (
    "rule_id",
    "alternative",
    "metric",
    "operator",
    "value",
    "value_from_chip",
    "unit",
    "effect",
    "applies_to",
    "destinations",
    "paragraph",
    "announced",
    "published",
    "applies_first",
    "applies_last",
    "status",
    "event_id",
    "verification",
    "sources",
    "note",
)
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
CHIP_COLUMNS = {
    "tpp": ("tpp",),
    "performance_density": ("performance_density",),
    "interconnect": ("interconnect_gbs",),
    "memory_bandwidth": ("memory_bandwidth_gbs",),
    "memory_plus_interconnect": ("memory_bandwidth_gbs", "interconnect_gbs"),
}
OPERATORS = ("ge", "gt", "le", "lt", "eq")
EFFECTS = (
    "licence",
    "licence-denial",
    "licence-or-notice",
    "notice",
    "case-by-case",
    "tariff-25",
    "quota",
    "presumption",
    "revenue-share",
    "definition",
)
DATA_CENTRE = "data-centre-chips"
SCOPES = (
    DATA_CENTRE,
    "other-chips",
    "memory",
    "foundries",
    "exports",
    "exceptions",
    "revenue",
    "definition",
)
STATUSES = ("in-force", "superseded", "withdrawn", "not-codified")
_SAME_IN_A_RULE = (
    "effect",
    "applies_to",
    "announced",
    "published",
    "applies_first",
    "applies_last",
    "status",
    "event_id",
)
_DATES = ("announced", "published", "applies_first", "applies_last")


def load_thresholds(data_dir: Path | str | None = None) -> pd.DataFrame:
    """Return the thresholds of the export controls, one condition a row.

    A chip meets a rule if it meets all conditions of one of its alternatives.

    Parameters
    ----------
    data_dir : path, optional
        Folder with ``thresholds.csv``, ``chips.csv``, ``fact_sources.csv`` and
        ``events.csv``; default the bundled data.

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
        If a table breaks a rule of the codebook; the message names file, row
        and field.

    Examples
    --------
    >>> load_thresholds()["rule_id"].unique()[:3].tolist()
    ['letter-2022-08', 'rule-2022-10', 'rule-2023-10-a']
    """
    import pandas as pd

    folder = default_data_dir() if data_dir is None else Path(data_dir)
    library = read_library(folder)
    chips = load_chips(data_dir=folder)
    rows = read_rows(folder, THRESHOLDS_FILE, THRESHOLDS_COLUMNS)
    check_unique(rows, ("rule_id", "alternative", "metric", "operator"))
    records = [_condition(row, library, chips) for row in rows]
    _check_agreement(rows)
    table = pd.DataFrame(records, columns=THRESHOLDS_COLUMNS)
    for name in _DATES:
        table[name] = pd.to_datetime(table[name]).dt.as_unit("ns")
    return table.sort_values("announced", kind="stable", ignore_index=True)


def _condition(row: Row, library: Library, chips: pd.DataFrame) -> dict[str, Any]:
    check_id(row, "rule_id")
    if not re.fullmatch(r"[1-9]\d*", row["alternative"]):
        raise row.fail("alternative", f"{row['alternative']!r} is not 1, 2, 3.")
    metric = row.one_of("metric", tuple(METRIC_UNITS))
    row.one_of("unit", (METRIC_UNITS[metric],))
    row.one_of("effect", EFFECTS)
    scope = row.one_of("applies_to", SCOPES)
    value = _value(row, metric, chips)
    if scope == DATA_CENTRE and (metric not in CHIP_COLUMNS or math.isnan(value)):
        raise row.fail(
            "metric", f"{metric} with its value says nothing of a chip in {CHIPS_FILE}."
        )
    return {
        **row.values,
        "alternative": int(row["alternative"]),
        "value": value,
        **_threshold_dates(row, library),
        "sources": library.check(row),
    }


def _value(row: Row, metric: str, chips: pd.DataFrame) -> float:
    comparison = row.one_of("operator", ("", *OPERATORS))
    given = [name for name in ("value", "value_from_chip") if row[name]]
    if len(given) != (1 if comparison else 0):
        raise row.fail(
            "value", "goes with an operator: a number or a chip, and not both."
        )
    if row["value"] or not comparison:
        return read_number(row, "value", low=0)
    if row["value_from_chip"] not in chips.index or metric not in CHIP_COLUMNS:
        raise row.fail(
            "value_from_chip",
            f"{row['value_from_chip']!r} gives no {metric}; see {CHIPS_FILE}.",
        )
    chip = chips.loc[row["value_from_chip"]]
    value = math.fsum(chip[name] for name in CHIP_COLUMNS[metric])
    if math.isnan(value):
        raise row.fail("value_from_chip", f"has no {metric} in {CHIPS_FILE}.")
    return value


def _threshold_dates(row: Row, library: Library) -> dict[str, dt.date | None]:
    row.filled("announced")
    dates = {name: read_day(row, name) for name in _DATES}
    first, last = dates["applies_first"], dates["applies_last"]
    status = row.one_of("status", STATUSES)
    if (first is not None) != (status in ("in-force", "superseded")):
        raise row.fail("applies_first", f"does not fit the status {status}.")
    if (last is not None) != (status == "superseded"):
        raise row.fail("applies_last", f"does not fit the status {status}.")
    if first and last and last < first:
        raise row.fail("applies_last", f"{last} is before applies_first {first}.")
    announced, published = dates["announced"], dates["published"]
    if announced and published and published < announced:
        raise row.fail("published", f"{published} is before announced {announced}.")
    event = row["event_id"]
    if event and library.event_dates.get(event) != row["announced"]:
        raise row.fail(
            "event_id",
            f"{event!r} is not an event of {EVENTS_FILE} on {row['announced']} "
            f"(there: {library.event_dates.get(event, 'none')}).",
        )
    return dates


def _check_agreement(rows: Sequence[Row]) -> None:
    heads: dict[str, Row] = {}
    for row in rows:
        head = heads.setdefault(row["rule_id"], row)
        for name in _SAME_IN_A_RULE:
            if row[name] != head[name]:
                raise row.fail(
                    name,
                    f"{row[name]!r} differs from {head[name]!r} in row {head.number} "
                    f"of the same rule.",
                )
