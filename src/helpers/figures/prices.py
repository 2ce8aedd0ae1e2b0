"""Prices over time with their volume and the dated events on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from helpers.errors import HelpersError
from helpers.figures import parts, style, ticks
from helpers.figures.checks import as_date, series_of, table_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def price_and_volume(
    prices: pd.DataFrame,
    volume: pd.Series | None = None,
    events: pd.DataFrame | None = None,
    *,
    title: str,
    ylabel: str = "First session = 100",
    volume_label: str = "Volume,\nmillion shares",
    indexed: bool = True,
    focus: tuple[str, str] | None = None,
    colours: Mapping[str, str] | None = None,
    subtitle: str | None = None,
    source: str | None = None,
) -> Figure:
    """Prices above the volume, with events named on the line.

    Parameters
    ----------
    prices : DataFrame, sessions x names
        The first column is the share whose volume and events are drawn.
    volume : Series, optional
        In shares, by session.
    events : DataFrame, optional
        Columns date and label, and optionally verified (bool; others hollow). An
        event whose label is empty has a mark and no name: name those that matter.
    title, ylabel, volume_label : str
    indexed : bool
        Draw each price as a multiple of its first, times 100.
    focus : (first, last), optional
        Dates to shade.
    colours : mapping of name to colour, optional
    subtitle, source : str, optional

    Raises
    ------
    HelpersError
        If a price is missing throughout, or an event lies outside the sessions.

    Examples
    --------
    >>> days = pd.date_range("2025-08-18", periods=3)
    >>> closes = pd.DataFrame({"Nvidia": [180.0, 175, 176]}, index=days)
    >>> news = pd.DataFrame({"date": [days[1]], "label": ["V3.1"]})
    >>> figure = price_and_volume(closes, events=news, title="It fell by 3 %")
    >>> "V3.1" in [text.get_text() for text in figure.axes[0].texts]
    True
    """
    table_of(prices, "prices", numbers=prices.columns)
    paths = {str(name): series_of(prices[name], f"prices of {name!r}").dropna()
             for name in prices}  # fmt: skip
    if indexed:
        paths = {name: 100 * path / path.iloc[0] for name, path in paths.items()}
    styles = style.series_styles(paths, colours)
    rows = 1 if volume is None else 2
    figure, grid = style.new_figure(
        3.1 + 1.2 * rows, rows, title=title, subtitle=subtitle, source=source,
        sharex=True, squeeze=False, height_ratios=[3.2, 1][:rows],
    )  # fmt: skip
    top = grid[0, 0]
    for name, path in paths.items():
        top.plot(path.index, path, color=styles[name].colour,
                 linestyle=styles[name].dash)  # fmt: skip
    ends = {
        name: (path.index[-1], float(path.iloc[-1])) for name, path in paths.items()
    }
    parts.label_ends(top, ends, styles)
    top.set_ylabel(ylabel)
    if events is not None:
        _events(top, next(iter(paths.values())), events)
    if volume is not None:
        bars = series_of(volume, "volume") / 1e6
        grid[1, 0].bar(bars.index, bars, color=style.MID, width=0.9)
        grid[1, 0].set_ylabel(volume_label)
    for axes in grid[:, 0]:
        ticks.number_axis(axes.yaxis)
        axes.grid(axis="x", visible=False)
        if focus:
            first, last = map(as_date, focus)
            axes.axvspan(first, last, color=style.SHADE, linewidth=0, zorder=-1)
    ticks.date_axis(grid[-1, 0].xaxis)
    return figure


def _events(axes: Axes, path: pd.Series, events: pd.DataFrame) -> None:
    """A mark on the line at each event, its name above the panel."""
    table_of(events, "events", ("date", "label"))
    for event in events.itertuples():
        date, label = as_date(event.date), str(event.label).strip()
        if not path.index[0] <= date <= path.index[-1]:
            raise HelpersError(
                f"events: {label or 'an event'} on {date:%Y-%m-%d} lies outside the "
                "sessions drawn."
            )
        face = style.BLACK if getattr(event, "verified", True) else "white"
        axes.plot(date, float(path.asof(date)), "o", color=style.BLACK, markersize=5.5,
                  zorder=4, markerfacecolor=face)  # fmt: skip
        if label:
            axes.axvline(date, color=style.GREY, linewidth=0.8, linestyle=":", zorder=0)
            parts.name_above(axes, date, label, style.BLACK)
