"""Figures of companies, markets and models; Nvidia in China; new listings."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from helpers.data.fact_rules import (
    ADDRESS_QUALITIES,
    FACT_SOURCES,
    FUNDAMENTALS,
    LEDGER,
    LISTINGS,
    NVIDIA_REVENUE,
    REVENUE_BASES,
    event_dates,
    is_computed,
)
from helpers.data.files import data_dir
from helpers.data.schema import Row, Table
from helpers.errors import DataError

if TYPE_CHECKING:
    import pandas as pd


_QUARTERS_OF = {"quarter": 1, "half": 2, "nine-months": 3, "year": 4}


def load_fundamentals(verified_only: bool = False) -> pd.DataFrame:
    """Return figures of companies, markets and models, one a row.

    Parameters
    ----------
    verified_only : bool
        Whether to blank every value that is not verified. The rows stay.

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
    return _figures(FUNDAMENTALS, "value", verified_only)


def _figures(table: Table, value: str, verified_only: bool) -> pd.DataFrame:
    """Return a table of figures, with how well the best source can be found again."""
    folder = data_dir()
    rows = table.read(folder)
    known = {
        row["source_id"]: row["address_quality"] for row in FACT_SOURCES.rows(folder)
    }
    frame = table.frame(rows)
    qualities = [_address_quality(row, known) for row in rows]
    frame.insert(frame.columns.get_loc("sources"), "address_quality", qualities)
    if verified_only:
        unread = frame["verification"] != "verified"
        frame.loc[unread, [value, "rounded_to"]] = math.nan
    return frame


def _address_quality(row: Row, known: dict[str, str]) -> str:
    cited = row["sources"]
    if not cited:
        return "computed" if is_computed(row) else "none"
    # The ledger keeps the addresses of its events itself.
    qualities = ("full" if one.startswith(LEDGER) else known[one] for one in cited)
    return min(qualities, key=ADDRESS_QUALITIES.index)


def fundamentals_series(
    entity: str,
    metric: str,
    *,
    period: str | None = None,
    verified_only: bool = False,
) -> pd.DataFrame:
    """Return one figure of one entity over time.

    Parameters
    ----------
    entity, metric : str
        As in ``fundamentals.csv``.
    period : str, optional
        ``quarter``, ``year``, ``half``, ``nine-months``, ``month`` or ``day``.
        Needed if there is more than one kind: they are never mixed.
    verified_only
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
    table = load_fundamentals(verified_only)

    def chosen(column: str, wanted: str, of: str) -> pd.DataFrame:
        kept = table[table[column] == wanted]
        if kept.empty:
            choices = ", ".join(table[column].unique())
            raise DataError(
                f"{FUNDAMENTALS.file} has no {column} {wanted!r}{of}: choose from "
                f"{choices}."
            )
        return kept

    table = chosen("entity", entity, "")
    table = chosen("metric", metric, f" of {entity}")
    kinds = list(table["period"].unique())
    if period is None and len(kinds) > 1:
        raise DataError(
            f"{FUNDAMENTALS.file} has {metric} of {entity} by {', '.join(kinds)}: "
            "name one as `period`."
        )
    table = chosen("period", period or kinds[0], f" for {metric} of {entity}")
    left_out = ["entity", "metric", "period", "sources"]
    return table.set_index("period_end").sort_index().drop(columns=left_out)


def four_quarters(entity: str, metric: str = "revenue") -> pd.DataFrame:
    """Return what accrued over the four calendar quarters that end with each quarter.

    Firms report by quarter, half, nine months or year, and not all of it was kept. Up
    to June 2026 it is the first half of 2026, and 2025 less the first half of 2025.

    Parameters
    ----------
    entity, metric : str
        As in ``fundamentals.csv``; the metric is one that accrues, such as revenue.

    Returns
    -------
    DataFrame
        Indexed by the last day of the quarter: ``value`` (in the unit of the table),
        ``verified`` (whether all of its parts are), ``growth`` (against the four
        quarters before, decimal, NaN where these are not known) and
        ``growth_verified``. Sums of which a part is missing have no row.

    Raises
    ------
    DataError
        If there is no such figure.

    Examples
    --------
    >>> four_quarters("SMIC").loc["2025-12-31", "growth"].round(2).item()
    0.16
    """
    import pandas as pd

    known = _since_january(entity, metric)
    rows = {}
    for year, quarter in known.index:
        parts = {(year, quarter): 1}
        if quarter < 4:
            parts |= {(year - 1, 4): 1, (year - 1, quarter): -1}
        if set(parts) <= set(known.index):
            own = known.loc[list(parts)]
            end = pd.Period(year=year, quarter=quarter, freq="Q").end_time.normalize()
            value = (own["value"] * list(parts.values())).sum()
            rows[end] = {"value": value, "verified": bool(own["verified"].all())}
    columns = ["value", "verified"]
    out = pd.DataFrame.from_dict(rows, orient="index", columns=columns).sort_index()
    before = [end - pd.offsets.QuarterEnd(4) for end in out.index]
    previous = out.reindex(pd.DatetimeIndex(before))
    out["growth"] = out["value"].to_numpy() / previous["value"].to_numpy() - 1
    out["growth_verified"] = [
        bool(now) and then is True
        for now, then in zip(out["verified"], previous["verified"], strict=True)
    ]
    return out.rename_axis("period_end")


def _since_january(entity: str, metric: str) -> pd.DataFrame:
    """Value from January to the end of each quarter, by (year, quarter).

    A cumulative figure of the firm goes before a sum of quarters, unless only the sum
    is verified.
    """
    import pandas as pd

    table = load_fundamentals()
    own = table[(table["entity"] == entity) & (table["metric"] == metric)]
    if own.empty:
        raise DataError(f"{FUNDAMENTALS.file} has no {metric!r} of {entity!r}.")
    own = own.dropna(subset=["value"])
    found: dict[tuple[int, int], tuple[float, bool]] = {}
    for row in own[own["period_start"].dt.month == 1].itertuples():
        key = (row.period_end.year, _QUARTERS_OF[row.period])
        found[key] = (row.value, row.verification == "verified")
    quarters = own[own["period"] == "quarter"].sort_values("period_end")
    for row in quarters.itertuples():
        year, quarter = row.period_end.year, row.period_end.quarter
        before = found.get((year, quarter - 1))
        if quarter == 1 or before is None:
            continue
        summed = before[0] + row.value, before[1] and row.verification == "verified"
        known = found.get((year, quarter))
        if known is None or (summed[1] and not known[1]):
            found[year, quarter] = summed
    index = pd.MultiIndex.from_tuples(sorted(found), names=["year", "quarter"])
    rows = [found[key] for key in index]
    return pd.DataFrame(rows, index=index, columns=["value", "verified"])


def load_nvidia_revenue(
    basis: str,
    *,
    period: str = "quarter",
    verified_only: bool = False,
) -> pd.DataFrame:
    """Return Nvidia's revenue from China including Hong Kong, on one basis.

    One at a time, so that no series can run from one basis into the other.

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
    table = _figures(NVIDIA_REVENUE, "china_usd_m", verified_only)
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


def load_listings() -> pd.DataFrame:
    """Return first days of trading, one firm a row.

    Returns
    -------
    DataFrame
        Indexed by ``event_id``: ``firm``, ``date`` (Timestamp, of the exchange),
        ``mic``, ``currency``, ``offer`` and ``first_close`` (in the currency, NaN:
        not read), ``gain`` (first close over offer less one, decimal; where no
        close was read as reported; NaN: unknown), ``verification``, ``sources``
        (tuple), ``note``.

    Raises
    ------
    DataError
        If the table breaks a rule of the codebook.

    Examples
    --------
    >>> load_listings()["firm"].tolist()
    ['Moore Threads', 'MetaX', 'Biren']
    """
    import pandas as pd

    folder = data_dir()
    table = LISTINGS.frame(LISTINGS.read(folder))
    dates = pd.to_datetime(table["event_id"].map(event_dates(folder)))
    table.insert(table.columns.get_loc("mic"), "date", dates)
    table["gain"] = table["gain"].fillna(table["first_close"] / table["offer"] - 1)
    return table.set_index("event_id")
