"""Products over time on a logarithmic scale, with the lines that a rule draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from helpers.presentation.style import (
    BLACK,
    BLUE,
    GREY,
    LIGHT,
    ORANGE,
    PURPLE,
    new_figure,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Opacity of what is not verified: pale, and still three times as dark as paper.
DOUBTFUL = 0.7
MAKERS = ((ORANGE, "o"), (PURPLE, "^"), (BLUE, "s"), (GREY, "D"))


@dataclass(frozen=True)
class ThresholdPanel:
    """One measure over time.

    Attributes
    ----------
    points : DataFrame
        date, value, low, high, maker, kind ("actual", "planned", "never") and
        doubtful (bool), one row a product.
    lines : DataFrame
        value, first, last, effect: the lines of the rules over time.
    ylabel : str
    names : mapping of row label to (text, (dx, dy))
        Points to name, with the offset of the name in typographic points.
    """

    points: pd.DataFrame
    lines: pd.DataFrame
    ylabel: str
    names: Mapping[str, tuple[str, tuple[float, float]]]


def threshold_scatter(
    panels: Mapping[str, ThresholdPanel],
    *,
    title: str,
    makers: tuple[str, ...],
    today: pd.Timestamp,
    start: pd.Timestamp,
    end: pd.Timestamp,
    line_names: Mapping[float, str],
) -> Figure:
    """Draw products against the thresholds, one panel a measure.

    Parameters
    ----------
    panels : mapping of panel title to ThresholdPanel
    title : str
    makers : tuple of str
        At most four, in the order of the legend; colour and marker go with it.
    today : Timestamp
        Vertical line between what was on sale and what was planned.
    start, end : Timestamp
        Range of the horizontal axis.
    line_names : mapping of value to text
        What each threshold means, written above the line at its right end.
    """
    from matplotlib.dates import DateFormatter, YearLocator

    figure, grid = new_figure(
        1.6 + 3.7 * len(panels), len(panels), title=title, sharex=True, squeeze=False
    )
    for axes, (name, panel) in zip(grid[:, 0], panels.items(), strict=True):
        axes.set_yscale("log")
        _draw_lines(axes, panel.lines, line_names, end)
        axes.axvline(today, color=LIGHT, linewidth=6, zorder=0)
        for maker, (colour, marker) in zip(makers, MAKERS, strict=False):
            own = panel.points[panel.points["maker"] == maker]
            _draw_points(axes, own, colour, marker)
        for row, (text, offset) in panel.names.items():
            point = panel.points.loc[row]
            axes.annotate(
                text,
                (point["date"], point["value"]),
                xytext=offset,
                textcoords="offset points",
                fontsize=8.5,
                color=BLACK,
                ha="left" if offset[0] >= 0 else "right",
                va="center",
            )
        axes.set_title(name, loc="left")
        axes.set_ylabel(panel.ylabel)
        axes.set_xlim(start, end)
        axes.grid(axis="x", visible=False)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")
    grid[-1, 0].xaxis.set_major_locator(YearLocator())
    grid[-1, 0].xaxis.set_major_formatter(DateFormatter("%Y"))
    _legend(figure, makers)
    return figure


def _draw_lines(
    axes: Axes, lines: pd.DataFrame, names: Mapping[float, str], end: pd.Timestamp
) -> None:
    for line in lines.itertuples():
        dash = ":" if line.effect == "case-by-case" else "--"
        axes.plot(
            [line.first, min(line.last, end)],
            [line.value] * 2,
            color=BLACK,
            linestyle=dash,
            linewidth=1.1,
            zorder=1,
        )
    for value in lines["value"].unique():
        if value in names:
            axes.annotate(
                names[value],
                (end, value),
                xytext=(-2, 2),
                textcoords="offset points",
                fontsize=8.5,
                color=BLACK,
                ha="right",
                va="bottom",
            )


def _draw_points(axes: Axes, own: pd.DataFrame, colour: str, marker: str) -> None:
    for point in own.itertuples():
        actual = point.kind == "actual"
        if point.high > point.low:
            axes.plot(
                [point.date] * 2, [point.low, point.high], color=colour, linewidth=1.4
            )
        axes.plot(
            point.date,
            point.value,
            marker="x" if point.kind == "never" else marker,
            markersize=8,
            color=colour,
            markerfacecolor=colour if actual and not point.doubtful else "white",
            markeredgewidth=1.6,
            alpha=DOUBTFUL if point.doubtful else 1.0,
            linestyle="none",
            zorder=3,
        )


def _legend(figure: Figure, makers: tuple[str, ...]) -> None:
    from matplotlib.lines import Line2D

    def mark(colour: str, marker: str, face: str, label: str, alpha: float) -> Line2D:
        return Line2D(
            [], [], linestyle="none", marker=marker, markersize=8, color=colour,
            markerfacecolor=face, markeredgewidth=1.6, label=label, alpha=alpha,
        )  # fmt: skip

    handles = [
        mark(colour, marker, colour, maker, 1.0)
        for maker, (colour, marker) in zip(makers, MAKERS, strict=False)
    ]
    handles += [
        mark(BLACK, "o", "white", "planned", 1.0),
        mark(BLACK, "o", "white", "not verified (pale)", DOUBTFUL),
        mark(BLACK, "x", "white", "never sold", 1.0),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=4, fontsize=9)
