"""Revenue of domestic chip suppliers over four quarters, and its growth.

Firms report by quarter, by half, by nine months or by year, and not all of it
was kept. A sum of four quarters is put together from the cumulative figures of
two years, verified ones first: up to June 2026 it is the first half of 2026
plus the year 2025 less the first half of 2025.
"""

from __future__ import annotations

import pandas as pd

from helpers.data.facts import load_fundamentals

SUPPLIERS = ("Cambricon", "Hygon", "SMIC", "Hua Hong")
_QUARTERS_OF = {"quarter": 1, "half": 2, "nine-months": 3, "year": 4}


def cumulative_revenue(entity: str) -> pd.DataFrame:
    """Revenue from January to the end of each calendar quarter.

    Returns
    -------
    DataFrame
        Indexed by (year, quarter): value (in the firm's unit), verified. A
        cumulative figure of the firm goes before a sum of quarters, unless only
        the sum is verified.
    """
    table = load_fundamentals()
    own = table[(table["entity"] == entity) & (table["metric"] == "revenue")]
    own = own.dropna(subset=["value"])
    found: dict[tuple[int, int], tuple[float, bool]] = {}
    for row in own.itertuples():
        if row.period_start.month == 1:
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


def four_quarters(entity: str) -> pd.DataFrame:
    """Revenue of the four calendar quarters that end with each quarter.

    Returns
    -------
    DataFrame
        Indexed by the quarter's last day: value (in the firm's unit), verified
        (whether all of its parts are), growth (against the four quarters before,
        decimal, NaN where these are not known), growth_verified.
    """
    known = cumulative_revenue(entity)
    rows = {}
    for year, quarter in known.index:
        parts = [(year, quarter)]
        if quarter < 4:
            parts += [(year - 1, 4), (year - 1, quarter)]
        if any(part not in known.index for part in parts):
            continue
        signs = [1, 1, -1][: len(parts)]
        value = sum(
            sign * known.at[part, "value"]
            for sign, part in zip(signs, parts, strict=True)
        )
        end = pd.Period(year=year, quarter=quarter, freq="Q").end_time.normalize()
        verified = all(known.at[part, "verified"] for part in parts)
        rows[end] = {"value": value, "verified": verified}
    out = pd.DataFrame.from_dict(rows, orient="index").sort_index()
    before = pd.DatetimeIndex([end - pd.offsets.QuarterEnd(4) for end in out.index])
    previous = out.reindex(before)
    out["growth"] = out["value"].to_numpy() / previous["value"].to_numpy() - 1
    out["growth_verified"] = [
        bool(now) and then is True
        for now, then in zip(out["verified"], previous["verified"], strict=True)
    ]
    return out


def growth_after(table: pd.DataFrame, announced: pd.Timestamp) -> dict[str, object]:
    """Growth in the first four full quarters after a date, and before it.

    Parameters
    ----------
    table : DataFrame
        As :func:`four_quarters` gives it.
    announced : Timestamp
        Day of the announcement.

    Returns
    -------
    dict
        end (last day of the four quarters), growth over the four quarters
        before them, growth_before (the same one year earlier), each decimal or
        NaN where a part is not known, and verified, before_verified.
    """
    first = pd.Timestamp(announced).to_period("Q") + 1
    end = (first + 3).end_time.normalize()
    earlier = (first - 1).end_time.normalize()
    now = table.loc[end] if end in table.index else None
    then = table.loc[earlier] if earlier in table.index else None
    return {
        "end": end,
        "growth": float("nan") if now is None else float(now["growth"]),
        "verified": now is not None and bool(now["growth_verified"]),
        "growth_before": float("nan") if then is None else float(then["growth"]),
        "before_verified": then is not None and bool(then["growth_verified"]),
    }
