"""A firm's accounts over four quarters, put together from what it published.

Firms report by quarter, by half, by nine months or by year, and not all of it was
kept. A sum of four quarters comes from the cumulative figures of two years: up to
June 2026 it is the first half of 2026 plus the year 2025 less the first half of 2025.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.data.facts import load_fundamentals
from helpers.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

_QUARTERS_OF = {"quarter": 1, "half": 2, "nine-months": 3, "year": 4}


def four_quarters(entity: str, metric: str = "revenue") -> pd.DataFrame:
    """Return what accrued over the four calendar quarters that end with each quarter.

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
        raise DataError(f"fundamentals.csv has no {metric!r} of {entity!r}.")
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
