"""Nvidia's revenue from China, on two bases that are never joined.

The loader gives one basis at a time, so that no series can run from one into
the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.data.fact_rules import NVIDIA_REVENUE, REVENUE_BASES
from helpers.data.facts import figures, load_fundamentals
from helpers.data.files import data_dir
from helpers.errors import DataError

if TYPE_CHECKING:
    import pandas as pd


def load_nvidia_revenue(
    basis: str,
    *,
    period: str = "quarter",
    verified_only: bool = False,
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
        If the basis or period is unknown, or a table breaks a rule of the
        codebook.

    Examples
    --------
    >>> by_year = load_nvidia_revenue("billing", period="year")
    >>> by_year["china_share"].round(3).tolist()
    [0.214, 0.169, 0.131]
    """
    if basis not in REVENUE_BASES:
        raise DataError(
            f"{NVIDIA_REVENUE.file}: {basis!r} is no basis; choose one of "
            f"{', '.join(REVENUE_BASES)}. They are never joined."
        )
    if period not in ("quarter", "year"):
        raise DataError(f"{NVIDIA_REVENUE.file}: {period!r} is not quarter or year.")
    folder = data_dir()
    table = figures(
        NVIDIA_REVENUE,
        folder,
        "china_usd_m",
        verified_only,
        lambda row: row["derivation"] == "derived",
    )
    totals = load_fundamentals(verified_only)
    totals = totals[(totals["entity"] == "Nvidia") & (totals["metric"] == "revenue")]
    spans = list(zip(table["period_start"], table["period_end"], strict=True))
    total = totals.set_index(["period_start", "period_end"]).reindex(spans)
    table["total_usd_m"] = total["value"].to_numpy()
    table["total_verification"] = total["verification"].fillna("").to_numpy()
    table["china_share"] = table["china_usd_m"] / table["total_usd_m"]
    chosen = table[(table["basis"] == basis) & (table["period"] == period)]
    kept = (
        "basis fiscal period_start china_usd_m total_usd_m china_share rounded_to "
        "derivation verification total_verification address_quality sources note"
    )
    return chosen.set_index("period_end").sort_index()[kept.split()]
