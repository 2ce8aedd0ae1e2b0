"""Cumulative abnormal returns over event time, and what chance alone gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from helpers.figures import parts, style, ticks
from helpers.figures.checks import known, some, table_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BAND = "95 % of placebo dates"
# Up to so many lines their intervals are dotted, beyond it they are pale areas.
_DOTTED = 3


def car_paths(
    panels: Mapping[str, Any],
    *,
    title: str,
    xlabel: str,
    ylabel: str = "Cumulative abnormal\nreturn",
    value: str = "car",
    bands: Mapping[str, pd.DataFrame] | pd.DataFrame | None = None,
    band_name: str = BAND,
    focus: tuple[int, int] | None = None,
) -> Figure:
    """CAR paths with their intervals, one panel above the other.

    Parameters
    ----------
    panels : mapping of panel title to mapping of line name to DataFrame
        Each frame is indexed by relative day with the column `value` and, for an
        interval, ci_low and ci_high, decimal. A mapping of line name to DataFrame
        is one panel. A line called "" bears no name.
    title, xlabel, ylabel : str
    value : str
        Column of the path.
    bands : mapping of panel title to DataFrame, optional
        Columns low and high by relative day: what placebo dates give. One frame
        stands for every panel.
    band_name : str
    focus : (int, int), optional
        First and last day of a window to shade.

    Raises
    ------
    HelpersError
        If a frame lacks a column or rows, or a band belongs to no panel.

    Examples
    --------
    >>> path = pd.DataFrame({"car": [0.0, 0.01]}, index=[0, 1])
    >>> figure = car_paths({"Nvidia": path}, title="It rose", xlabel="Session")
    >>> len(figure.axes)
    1
    """
    panels = some(panels, "panels")
    if all(isinstance(entry, pd.DataFrame) for entry in panels.values()):
        panels = {"": panels}
    if isinstance(bands, pd.DataFrame):
        bands = dict.fromkeys(panels, bands)
    known(bands or (), panels, "bands")
    checked = {
        panel: {
            name: table_of(path, f"car_paths: {name or panel}", numbers=(value,))
            for name, path in some(lines, f"panel {panel!r}").items()
        }
        for panel, lines in panels.items()
    }
    styles = style.series_styles(
        dict.fromkeys(name for lines in checked.values() for name in lines)
    )
    most = max(len(lines) for lines in checked.values())
    figure, grid = style.new_figure(
        1.2 + len(panels) * max(2.7, 0.7 + 0.2 * most), len(panels), title=title,
        sharex=True, squeeze=False,
    )  # fmt: skip
    for axes, (panel, lines) in zip(grid[:, 0], checked.items(), strict=True):
        if focus:
            low, high = focus[0] - 0.5, focus[1] + 0.5
            axes.axvspan(low, high, color=style.SHADE, linewidth=0, zorder=-1)
        if bands and panel in bands:
            first = axes is grid[0, 0]
            placebo_band(axes, bands[panel], name=band_name if first else None)
        for name, path in lines.items():
            look = styles[name]
            axes.plot(path.index, path[value], color=look.colour, linestyle=look.dash,
                      marker=look.marker, markersize=3.5)  # fmt: skip
            if {"ci_low", "ci_high"} <= set(path.columns):
                _interval(axes, path, look.colour, pale=len(lines) > _DOTTED)
        parts.zero_line(axes)
        ends = {name: (path.index[-1], float(path[value].iloc[-1]))
                for name, path in lines.items()}  # fmt: skip
        parts.label_ends(axes, ends, styles)
        ticks.percent_axis(axes.yaxis)
        if panel:
            parts.panel_title(axes, panel)
        axes.set_ylabel(ylabel)
    grid[-1, 0].set_xlabel(xlabel)
    grid[-1, 0].locator_params(axis="x", integer=True)
    ticks.number_axis(grid[-1, 0].xaxis)
    return figure


def _interval(axes: Axes, path: pd.DataFrame, colour: str, *, pale: bool) -> None:
    if pale:
        axes.fill_between(path.index, path["ci_low"], path["ci_high"], color=colour,
                          alpha=0.07, linewidth=0)  # fmt: skip
        return
    for side in ("ci_low", "ci_high"):
        axes.plot(path.index, path[side], color=colour, linewidth=0.9, linestyle=":")


def placebo_band(axes: Axes, band: pd.DataFrame, *, name: str | None = BAND) -> None:
    """Draw a range in grey, named where it ends.

    Parameters
    ----------
    axes : Axes
    band : DataFrame
        Columns low and high by what the axes run over.
    name : str, optional
    """
    table_of(band, "the band", numbers=("low", "high"))
    axes.fill_between(
        band.index, band["low"], band["high"], facecolor=style.LIGHT, zorder=0,
        edgecolor=style.GREY, linewidth=0.6,
    )  # fmt: skip
    if name:
        axes.annotate(
            f"{name} ", (band.index[-1], band["high"].iloc[-1]), xytext=(0, -12),
            textcoords="offset points", fontsize=style.SMALL, color=style.GREY,
            ha="right", va="top",  # clear of the edge, which falls to the left
        )  # fmt: skip
