"""Cumulative abnormal returns over event time, and what chance alone gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers.presentation.style import (
    BLACK,
    BLUE,
    GREY,
    LIGHT,
    MID,
    ORANGE,
    SHADE,
    label_end,
    new_figure,
    percent_axis,
    spread,
    zero_line,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def car_paths(
    panels: Mapping[str, Mapping[str, pd.DataFrame]],
    *,
    title: str,
    xlabel: str,
    bands: Mapping[str, pd.DataFrame] | None = None,
    focus: tuple[int, int] | None = None,
) -> Figure:
    """CAR paths with intervals, one panel above the other.

    Parameters
    ----------
    panels : mapping of panel title to mapping of line name to DataFrame
        Each frame is indexed by relative day with columns car, ci_low, ci_high.
    title, xlabel : str
    bands : mapping of panel title to DataFrame, optional
        Columns low and high by relative day: what placebo dates give.
    focus : (int, int), optional
        First and last day of a window to shade.
    """
    figure, grid = new_figure(
        1.4 + 2.7 * len(panels), len(panels), title=title, sharex=True, squeeze=False
    )
    for axes, (name, lines) in zip(grid[:, 0], panels.items(), strict=True):
        if focus:
            shade_window(axes, *focus)
        if bands and name in bands:
            placebo_band(axes, bands[name])
        for path, (colour, dash) in zip(
            lines.values(), ((BLUE, "-"), (ORANGE, "--")), strict=False
        ):
            axes.plot(path.index, path["car"], color=colour, linestyle=dash, marker="o",
                      markersize=3.5)  # fmt: skip
            for side in ("ci_low", "ci_high"):
                axes.plot(
                    path.index, path[side], color=colour, linewidth=0.9, linestyle=":"
                )
        zero_line(axes)
        low, high = axes.get_ylim()
        ends = [float(path["car"].iloc[-1]) for path in lines.values()]
        for (label, path), colour, end in zip(
            lines.items(), (BLUE, ORANGE), spread(ends, (high - low) / 14), strict=False
        ):
            label_end(axes, path.index[-1], end, label, colour)
        percent_axis(axes.yaxis)
        axes.set_title(name, loc="left")
        axes.set_ylabel("CAR")
    grid[-1, 0].set_xlabel(xlabel)
    return figure


def shade_window(axes: Axes, first: int, last: int) -> None:
    """Shade the days of a window."""
    axes.axvspan(first - 0.5, last + 0.5, color=SHADE, linewidth=0, zorder=-1)


def placebo_band(axes: Axes, band: pd.DataFrame, *, named: bool = True) -> None:
    """Draw the range of 95 % of placebo dates, named where it ends."""
    axes.fill_between(
        band.index,
        band["low"],
        band["high"],
        facecolor=LIGHT,
        edgecolor=GREY,
        linewidth=0.6,
        zorder=0,
    )
    if named:
        axes.annotate(
            "95 % of placebo dates ",
            (band.index[-1], band["high"].iloc[-1]),
            xytext=(0, -12),  # clear of the edge, which falls to the left
            textcoords="offset points",
            fontsize=9,
            color=GREY,
            ha="right",
            va="top",
        )


def placebo_distributions(
    panels: Mapping[str, tuple[np.ndarray, float, float]],
    *,
    title: str,
    xlabel: str,
    marks: Sequence[str] = ("observed", "detectable"),
) -> Figure:
    """Placebo estimates with the observed one and the detectable size.

    Parameters
    ----------
    panels : mapping of panel title to (placebo estimates, observed, detectable)
        Decimal; detectable is the smallest effect found with the stated power.
    title, xlabel : str
    marks : (str, str)
        How the observed and the detectable effect are named.
    """
    figure, grid = new_figure(
        1.3 + 2.1 * len(panels), len(panels), title=title, sharex=True, squeeze=False
    )
    widest = max(float(np.abs(values).max()) for values, _, _ in panels.values())
    bins = np.linspace(-widest, widest, 61)
    for axes, (name, (values, observed, detectable)) in zip(
        grid[:, 0], panels.items(), strict=True
    ):
        axes.hist(values, bins=bins, color=LIGHT, edgecolor=MID, linewidth=0.6)
        top = axes.get_ylim()[1] * 1.3
        axes.set_ylim(0, top)
        axes.axvline(observed, color=BLUE, linewidth=2.4)
        axes.text(
            observed, top * 0.97, f" {marks[0]}", color=BLUE, va="top", weight="bold"
        )
        for sign in (-1, 1):
            axes.axvline(sign * detectable, color=ORANGE, linestyle="--")
        axes.text(
            detectable,
            top * 0.97,
            f" {marks[1]}",
            color=ORANGE,
            va="top",
            weight="bold",
        )
        axes.axvline(0, color=BLACK, linewidth=0.8)
        axes.set_title(name, loc="left")
        axes.set_ylabel("Placebo dates")
        percent_axis(axes.xaxis)
    grid[-1, 0].set_xlabel(xlabel)
    return figure
