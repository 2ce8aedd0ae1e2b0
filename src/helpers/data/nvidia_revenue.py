"""Nvidia's revenue from China, on two bases that are never joined.

The loader gives one basis at a time, so that no series can run from one into
the other.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.data.fact_rules import (
    Library,
    amount_of,
    check_sums,
    frame_of,
    read_library,
    read_number,
    read_period,
    read_rounding,
)
from helpers.data.facts import load_fundamentals
from helpers.data.files import data_dir as default_data_dir
from helpers.data.rows import Row, check_unique, read_rows
from helpers.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

REVENUE_FILE = "nvidia_revenue.csv"
REVENUE_COLUMNS = (
    "basis",
    "period",
    "period_start",
    "period_end",
    "fiscal",
    "china_usd_m",
    "rounded_to",
    "derivation",
    "verification",
    "sources",
    "note",
)
REVENUE_BASES = ("billing", "headquarters")
DERIVATIONS = ("reported", "derived")


def load_nvidia_revenue(
    basis: str,
    *,
    period: str = "quarter",
    verified_only: bool = False,
    data_dir: Path | str | None = None,
) -> pd.DataFrame:
    """Return Nvidia's revenue from China including Hong Kong, on one basis.

    Up to the second quarter of fiscal 2026 Nvidia gave revenue by the location
    it bills; since then by the location of the customer's headquarters, with
    some earlier periods recast. The fiscal year 2025 is 17,108 or 25,048
    million dollars: one line through both would show a jump that never was.

    Parameters
    ----------
    basis : {"billing", "headquarters"}
        Where a customer is taken to be.
    period : {"quarter", "year"}
        Length of the periods.
    verified_only : bool
        Whether to blank values that are not verified. The rows stay.
    data_dir : path, optional
        Folder with ``nvidia_revenue.csv``, ``fundamentals.csv``,
        ``fact_sources.csv`` and ``events.csv``; default the bundled data.

    Returns
    -------
    DataFrame
        Indexed by ``period_end``, ascending: ``basis``, ``fiscal``,
        ``period_start``, ``china_usd_m``, ``total_usd_m`` (of the same period,
        from ``fundamentals.csv``), ``china_share`` (0 to 1), ``rounded_to``,
        ``derivation``, ``verification``, ``total_verification``,
        ``address_quality``, ``sources``, ``note``.

    Raises
    ------
    DataError
        If the basis or period is none of these, or a table breaks a rule.

    Examples
    --------
    >>> by_year = load_nvidia_revenue("billing", period="year")
    >>> by_year["china_share"].round(3).tolist()
    [0.214, 0.169, 0.131]
    """
    if basis not in REVENUE_BASES:
        raise DataError(
            f"{REVENUE_FILE}: {basis!r} is no basis; choose one of "
            f"{', '.join(REVENUE_BASES)}. They are never joined."
        )
    if period not in ("quarter", "year"):
        raise DataError(f"{REVENUE_FILE}: {period!r} is not quarter or year.")
    folder = default_data_dir() if data_dir is None else Path(data_dir)
    library = read_library(folder)
    rows = read_rows(folder, REVENUE_FILE, REVENUE_COLUMNS)
    check_unique(rows, ("basis", "period_start", "period_end"))
    records = [_china_revenue(row, library) for row in rows]
    for one in REVENUE_BASES:
        check_sums(
            [
                amount_of(row, record, "china_usd_m")
                for row, record in zip(rows, records, strict=True)
                if record["basis"] == one
            ],
            "china_usd_m",
        )
    totals = load_fundamentals(verified_only, data_dir=folder)
    totals = totals[(totals["entity"] == "Nvidia") & (totals["metric"] == "revenue")]
    known = totals.set_index(["period_start", "period_end"])
    columns = list(REVENUE_COLUMNS)
    columns.insert(columns.index("sources"), "address_quality")
    table = frame_of(records, columns, "china_usd_m", verified_only)
    spans = list(zip(table["period_start"], table["period_end"], strict=True))
    matched = known.reindex(spans)
    table["total_usd_m"] = matched["value"].to_numpy()
    table["total_verification"] = matched["verification"].fillna("").to_numpy()
    table["china_share"] = table["china_usd_m"] / table["total_usd_m"]
    for row, share in zip(rows, table["china_share"], strict=True):
        if share > 1:
            raise row.fail("china_usd_m", "is more than Nvidia's whole revenue.")
    chosen = table[(table["basis"] == basis) & (table["period"] == period)]
    kept = [
        "basis",
        "fiscal",
        "period_start",
        "china_usd_m",
        "total_usd_m",
        "china_share",
        "rounded_to",
        "derivation",
        "verification",
        "total_verification",
        "address_quality",
        "sources",
        "note",
    ]
    return chosen.set_index("period_end").sort_index()[kept]


def _china_revenue(row: Row, library: Library) -> dict[str, Any]:
    row.one_of("basis", REVENUE_BASES)
    start, end = read_period(row)
    row.filled("fiscal")
    row.filled("china_usd_m")
    value = read_number(row, "china_usd_m", low=0)
    is_computed = row.one_of("derivation", DERIVATIONS) == "derived"
    sources = library.check(row, is_computed=is_computed)
    return {
        **row.values,
        "period_start": start,
        "period_end": end,
        "china_usd_m": value,
        "rounded_to": read_rounding(row, value),
        "sources": sources,
        "address_quality": library.address_quality(sources, is_computed=is_computed),
    }
