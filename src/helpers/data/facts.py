"""Figures of companies, markets and models, and the sources of all facts.

People edit these tables by hand, so every rule of the codebook is checked on
each load, and a breach names file, row and field.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.data.fact_rules import (
    SOURCE_COLUMNS,
    Amount,
    Library,
    amount_of,
    check_sums,
    frame_of,
    read_library,
    read_number,
    read_period,
    read_rounding,
)
from helpers.data.files import data_dir as default_data_dir
from helpers.data.rows import Row, check_unique, read_rows
from helpers.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

FUNDAMENTALS_FILE = "fundamentals.csv"

FUNDAMENTALS_COLUMNS = (
    "entity",
    "metric",
    "period",
    "period_start",
    "period_end",
    "fiscal",
    "value",
    "unit",
    "rounded_to",
    "basis",
    "verification",
    "sources",
    "note",
)
UNITS = (
    "USD m",
    "CNY m",
    "EUR m",
    "CNY",
    "share",
    "ratio",
    "units",
    "bn units",
    "bn parameters",
)
BASES = (
    "reported",
    "rounded",
    "derived",
    "estimate",
    "forecast",
    "guidance",
    "statement",
)

# What accrues over time, so that quarters make a year.
_ACCRUING_UNITS = ("USD m", "CNY m", "EUR m", "units", "bn units")
_ACCOUNTED_BASES = ("reported", "rounded", "derived")
_METRIC = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def load_fact_sources(data_dir: Path | str | None = None) -> pd.DataFrame:
    """Return where the facts are from.

    Parameters
    ----------
    data_dir : path, optional
        Folder with ``fact_sources.csv`` and ``events.csv``; default the bundled
        data.

    Returns
    -------
    DataFrame
        Indexed by ``source_id``: ``publisher``, ``what``, ``address``,
        ``address_quality`` (full, item, partial, none) and ``reliability``
        (primary, secondary, weak).

    Raises
    ------
    DataError
        If the table breaks a rule of the codebook.
    """
    import pandas as pd

    sources = read_library(_folder(data_dir)).sources
    return pd.DataFrame(
        [row.values for row in sources.values()], columns=SOURCE_COLUMNS
    ).set_index("source_id")


def load_fundamentals(
    verified_only: bool = False, *, data_dir: Path | str | None = None
) -> pd.DataFrame:
    """Return figures of companies, markets and models, one a row.

    Parameters
    ----------
    verified_only : bool
        Whether to blank every value that is not verified. The rows stay.
    data_dir : path, optional
        Folder with ``fundamentals.csv``, ``fact_sources.csv`` and
        ``events.csv``; default the bundled data.

    Returns
    -------
    DataFrame
        ``entity``, ``metric``, ``period``, ``period_start`` and ``period_end``
        (Timestamps without time zone, inclusive), ``fiscal``, ``value`` (NaN:
        unknown), ``unit``, ``rounded_to`` (step of the value, in its unit),
        ``basis``, ``verification``, ``address_quality``, ``sources`` (tuple),
        ``note``. Shares are between 0 and 1.

    Raises
    ------
    DataError
        If a table breaks a rule of the codebook, such as quarters that do not
        add up to their year; the message names file, row and field.

    Examples
    --------
    >>> load_fundamentals().query("entity == 'Nvidia' and metric == 'revenue'").shape
    (22, 14)
    """
    folder = _folder(data_dir)
    library = read_library(folder)
    rows = read_rows(folder, FUNDAMENTALS_FILE, FUNDAMENTALS_COLUMNS)
    check_unique(rows, ("entity", "metric", "period_start", "period_end"))
    records = [_fundamental(row, library) for row in rows]
    _check_units(rows)
    _check_accruals(rows, records)
    columns = list(FUNDAMENTALS_COLUMNS)
    columns.insert(columns.index("sources"), "address_quality")
    return frame_of(records, columns, "value", verified_only)


def fundamentals_series(
    entity: str,
    metric: str,
    *,
    period: str | None = None,
    verified_only: bool = False,
    data_dir: Path | str | None = None,
) -> pd.DataFrame:
    """Return one figure of one entity over time.

    Parameters
    ----------
    entity, metric : str
        As in ``fundamentals.csv``.
    period : str, optional
        ``quarter``, ``year``, ``half``, ``nine-months``, ``month`` or ``day``.
        Needed if there is more than one kind: they are never mixed.
    verified_only, data_dir
        As for :func:`load_fundamentals`.

    Returns
    -------
    DataFrame
        Indexed by ``period_end``, ascending: ``period_start``, ``fiscal``,
        ``value``, ``unit``, ``rounded_to``, ``basis``, ``verification``,
        ``address_quality``, ``note``. Missing periods have no row.

    Raises
    ------
    DataError
        If there is no such figure, or the kind of period is open.

    Examples
    --------
    >>> revenue = fundamentals_series("Nvidia", "revenue", period="year")
    >>> int(revenue["value"].iloc[-1]), revenue["unit"].iloc[-1]
    (215938, 'USD m')
    """
    table = load_fundamentals(verified_only, data_dir=data_dir)
    own = table[table["entity"] == entity]
    if own.empty:
        raise DataError(
            f"{FUNDAMENTALS_FILE} has no entity {entity!r}: choose from "
            f"{', '.join(table['entity'].unique())}."
        )
    figures = own[own["metric"] == metric]
    if figures.empty:
        raise DataError(
            f"{FUNDAMENTALS_FILE} has no {metric!r} of {entity}: choose from "
            f"{', '.join(own['metric'].unique())}."
        )
    kinds = list(figures["period"].unique())
    if period is None and len(kinds) > 1:
        raise DataError(
            f"{FUNDAMENTALS_FILE} has {metric} of {entity} by {', '.join(kinds)}: "
            "name one as `period`."
        )
    chosen = figures[figures["period"] == (period or kinds[0])]
    if chosen.empty:
        raise DataError(
            f"{FUNDAMENTALS_FILE} has no {metric} of {entity} by {period!r}: choose "
            f"from {', '.join(kinds)}."
        )
    kept = [
        "period_start",
        "fiscal",
        "value",
        "unit",
        "rounded_to",
        "basis",
        "verification",
        "address_quality",
        "note",
    ]
    return chosen.set_index("period_end").sort_index()[kept]


def _folder(named: Path | str | None) -> Path:
    return default_data_dir() if named is None else Path(named)


def _fundamental(row: Row, library: Library) -> dict[str, Any]:
    row.filled("entity")
    metric = row["metric"]
    if not _METRIC.fullmatch(metric):
        raise row.fail("metric", f"{metric!r} is not made of words such as net_profit.")
    if metric.startswith("revenue_china"):
        raise row.fail(
            "metric", "belongs into nvidia_revenue.csv, which keeps its basis apart."
        )
    start, end = read_period(row)
    basis = row.one_of("basis", BASES)
    unit = row.one_of("unit", UNITS)
    may_fall = metric.startswith("net_profit") or unit == "ratio"
    value = read_number(row, "value", low=-math.inf if may_fall else 0)
    if unit == "share" and value > 1:
        raise row.fail("value", f"is {value:g}: a share is between 0 and 1.")
    is_computed = basis == "derived"
    sources = library.check(row, is_computed=is_computed)
    return {
        **row.values,
        "period_start": start,
        "period_end": end,
        "value": value,
        "rounded_to": read_rounding(row, value),
        "sources": sources,
        "address_quality": library.address_quality(sources, is_computed=is_computed),
    }


def _check_units(rows: Sequence[Row]) -> None:
    units: dict[tuple[str, str], str] = {}
    for row in rows:
        known = units.setdefault((row["entity"], row["metric"]), row["unit"])
        if row["unit"] != known:
            raise row.fail(
                "unit",
                f"is {row['unit']}, yet {row['metric']} of {row['entity']} is in "
                f"{known} above.",
            )


def _check_accruals(rows: Sequence[Row], records: Sequence[dict[str, Any]]) -> None:
    amounts: dict[tuple[str, str], list[Amount]] = defaultdict(list)
    for row, record in zip(rows, records, strict=True):
        if (
            record["unit"] in _ACCRUING_UNITS
            and record["basis"] in _ACCOUNTED_BASES
            and not math.isnan(record["value"])
        ):
            key = (record["entity"], record["metric"])
            amounts[key].append(amount_of(row, record, "value"))
    for same in amounts.values():
        check_sums(same, "value")
