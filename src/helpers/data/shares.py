"""Shares outstanding, on the basis of the prices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from helpers.data.calendars import parse_day
from helpers.data.files import data_dir
from helpers.data.market_rules import SHARE_COUNTS
from helpers.data.prices import Day
from helpers.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

# A firm's count moves by a few per cent a year; one from longer ago says little.
NEAREST = 400
# Shares that are outstanding before means of a quarter, which may hold options too,
# where both are this near.
NEAR = 100
BEST_FIRST = (
    "cover", "balance-sheet", "notice", "derived", "data-site", "average-basic",
    "average-diluted",
)  # fmt: skip


def shares_outstanding(symbols: Sequence[str], day: Day) -> pd.Series:
    """Return how many shares firms had, by the best count near a day.

    Parameters
    ----------
    symbols : sequence of str
    day : str, date or Timestamp

    Returns
    -------
    Series
        By symbol: shares of the whole firm such that their product with the bundled
        ``close`` is a market value in the currency of the price.

    Raises
    ------
    DataError
        If no count of a firm is within 400 days of that day, or the table breaks a
        rule of the codebook.

    Examples
    --------
    >>> shares_outstanding(["NVDA"], "2025-01-27").to_dict()
    {'NVDA': 24477000000.0}
    """
    import pandas as pd

    at = parse_day(day)
    table = SHARE_COUNTS.frame(SHARE_COUNTS.read(data_dir()))
    table = table[table["counts"] == "firm"].copy()
    off = pd.concat([table["first"] - at, at - table["last"]], axis=1).max(axis=1)
    table["away"] = off.dt.days.clip(lower=0)  # none inside the span of a count
    table["far"] = table["away"] > NEAR
    table["rank"] = table["basis"].map(BEST_FIRST.index)
    table = table.sort_values(["far", "rank", "away"], kind="stable")
    found = {}
    for symbol in symbols:
        rows = table[table["symbol"] == symbol]
        if rows.empty or rows["away"].min() > NEAREST:
            known = ", ".join(f"{one:%Y-%m-%d}" for one in sorted(rows["first"]))
            raise DataError(
                f"{symbol}: share_counts.csv has no count within {NEAREST} days of "
                f"{at:%Y-%m-%d}; it has {f'those of {known}' if known else 'none'}."
            )
        found[symbol] = rows["shares"].iloc[0] * rows["split_factor"].iloc[0]
    return pd.Series(found)
