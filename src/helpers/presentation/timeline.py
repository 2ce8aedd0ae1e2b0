"""Prices over time with the dated events on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from helpers.presentation.style import (
    BLACK,
    BLUE,
    GREY,
    LIGHT,
    ORANGE,
    SHADE,
    label_end,
    new_figure,
    spread,
)

BADGE_DAYS = 5

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def price_and_volume(
    prices: pd.DataFrame,
    volume: pd.Series,
    events: pd.DataFrame,
    *,
    title: str,
    names: dict[str, str],
    focus: tuple[str, str] | None = None,
) -> Figure:
    """Indexed prices above the share's volume, with numbered events.

    Parameters
    ----------
    prices : DataFrame, sessions x symbols
        First close at 100; the first column is the share.
    volume : Series
        The share's volume, in shares, on the same sessions.
    events : DataFrame
        Columns number, day0 and verified; unverified events are drawn hollow.
    title : str
    names : dict of symbol to its label
    focus : (first, last), optional
        Dates to shade.
    """
    from matplotlib.dates import DateFormatter, MonthLocator

    figure, (top, bottom) = new_figure(
        6.8, 2, title=title, sharex=True, height_ratios=[3.4, 1]
    )
    styles = [(BLUE, "-"), (GREY, "--"), (ORANGE, "-.")]
    ends = spread([float(prices[symbol].iloc[-1]) for symbol in prices], 3.5)
    for symbol, (colour, dash), end in zip(prices, styles, ends, strict=False):
        series = prices[symbol].dropna()
        top.plot(series.index, series, color=colour, linestyle=dash)
        label_end(top, series.index[-1], end, names[symbol], colour)
    low, high = float(prices.min().min()), float(prices.max().max())
    rows = _badge_rows(events["day0"])
    room = (high - low) / 13
    top.set_ylim(low - room / 2, high + (1.5 + max(rows, default=0)) * room)
    top.set_ylabel("Adjusted close, first session = 100")
    for event, row in zip(events.itertuples(), rows, strict=True):
        top.axvline(event.day0, color=LIGHT, linewidth=0.8, zorder=0)
        top.text(
            event.day0,
            high + (1 + row) * room,
            str(event.number),
            ha="center",
            va="center",
            fontsize=9,
            color="white" if event.verified else BLACK,
            bbox={
                "boxstyle": "circle,pad=0.18",
                "facecolor": BLACK if event.verified else "white",
                "edgecolor": BLACK,
            },
        )
    bottom.bar(volume.index, volume / 1e6, color=BLUE, width=0.8)
    bottom.set_ylabel("Volume,\nmillion shares")
    bottom.set_ylim(bottom=0)
    bottom.xaxis.set_major_locator(MonthLocator())
    bottom.xaxis.set_major_formatter(DateFormatter("%b %Y"))
    bottom.set_xlabel("Session, New York")
    bottom.grid(axis="x", visible=False)
    top.grid(axis="x", visible=False)
    if focus:
        for axes in (top, bottom):
            axes.axvspan(*map(pd.Timestamp, focus), color=SHADE, zorder=-1)
    return figure


def _badge_rows(dates: pd.Series) -> list[int]:
    """The lowest row for each badge on which it covers no earlier one."""
    last: list[pd.Timestamp] = []
    rows = []
    for date in dates:
        free = [k for k, other in enumerate(last) if (date - other).days >= BADGE_DAYS]
        row = free[0] if free else len(last)
        last[row : row + 1] = [date]
        rows.append(row)
    return rows
