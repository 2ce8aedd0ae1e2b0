"""The figure of the lab: one path with its interval, or several with their mean."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Any

from helpers.evidence.wording import window_text
from helpers.presentation.forest import draw_intervals
from helpers.presentation.paths import car_paths, placebo_band, shade_window
from helpers.presentation.style import (
    BLACK,
    BLUE,
    GREEN,
    LIGHT,
    ORANGE,
    PURPLE,
    label_end,
    new_figure,
    percent_axis,
    spread,
    zero_line,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from helpers.lab.engine import Explored

XLABEL = "Sessions from day 0"
# Lines that differ in colour or in dash.
_LINES = [
    (colour, dash)
    for dash in ("-", "--", (0, (1, 1)))
    for colour in (BLUE, ORANGE, GREEN, PURPLE)
]
_NAME_LETTERS = 22
# Inches around the axes.
BOTTOM, TOP, TITLE_LINE = 0.6, 0.42, 0.24


def draw(found: Explored, *, title: str, subject: str) -> Figure:
    """Draw what was explored.

    Parameters
    ----------
    found : Explored
    title : str
        The claim of the figure.
    subject : str
        Of what the abnormal returns are, and against what.
    """
    if len(found.cars) > 1:
        return _several(found, title)
    (symbol,) = found.cars.index
    figure = car_paths(
        {subject: {symbol: found.paths[symbol]}},
        title=title,
        xlabel=XLABEL,
        bands=None if found.band is None else {subject: found.band},
        focus=found.choices.test,
    )
    _place_axes(figure, left=0.85, right=1.0)
    return figure


def _place_axes(figure: Figure, *, left: float, right: float, gap: float = 0) -> None:
    """Fix the margins, in inches; measuring every text takes as long as drawing it."""
    width, height = figure.get_size_inches()
    lines = 1 + figure.get_suptitle().count("\n")
    columns = len(figure.axes)
    inside = width - left - right - gap * (columns - 1)
    figure.set_layout_engine(None)
    figure.subplots_adjust(
        left=left / width,
        right=1 - right / width,
        bottom=BOTTOM / height,
        top=1 - (TOP + lines * TITLE_LINE) / height,
        wspace=gap / (inside / columns),
    )


def _several(found: Explored, title: str) -> Figure:
    height = max(4.6, 2.2 + 0.32 * len(found.cars))
    figure, (left, right) = new_figure(
        height, 1, 2, title=title, width_ratios=[1.35, 1]
    )
    _draw_paths(left, found)
    _draw_cars(right, found)
    _place_axes(figure, left=0.85, right=0.15, gap=2.45)
    return figure


def _draw_paths(axes: Axes, found: Explored) -> None:
    shade_window(axes, *found.choices.test)
    if found.band is not None:
        placebo_band(axes, found.band, named=False)
    styles: list[tuple[str, Any]] = [*_LINES[: len(found.paths)], (BLACK, "-")]
    lines = {symbol: path["car"] for symbol, path in found.paths.items()}
    lines["Mean"] = found.mean_path
    for (name, line), (colour, dash) in zip(lines.items(), styles, strict=True):
        axes.plot(
            line.index,
            line,
            color=colour,
            linestyle=dash,
            linewidth=2.6 if name == "Mean" else 1.3,
            label=name,
        )
    zero_line(axes)
    low, high = axes.get_ylim()
    ends = spread([float(line.iloc[-1]) for line in lines.values()], (high - low) / 19)
    for (name, line), (colour, _), end in zip(lines.items(), styles, ends, strict=True):
        label_end(axes, line.index[-1], end, name, colour, fontsize=9)
    percent_axis(axes.yaxis)
    axes.set_title("Paths from the first session shown", loc="left")
    axes.set_xlabel(XLABEL)
    axes.set_ylabel("CAR")


def _draw_cars(axes: Axes, found: Explored) -> None:
    draw_intervals(axes, found.cars, 0, 0, "CAR")
    mean_row = len(found.cars)
    axes.plot(found.mean, mean_row, "D", color=BLACK, markersize=7)
    axes.axhspan(mean_row - 0.5, mean_row + 0.5, color=LIGHT, alpha=0.4, linewidth=0)
    zero_line(axes, vertical=True)
    axes.set_ylim(mean_row + 0.6, -0.6)
    names = [fill(name, _NAME_LETTERS) for name in found.cars["name"]]
    axes.set_yticks(range(mean_row + 1), [*names, "Mean"], fontsize=9)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    percent_axis(axes.xaxis)
    axes.locator_params(axis="x", nbins=4)
    axes.set_title(f"CAR over {window_text(*found.choices.test)}", loc="left")
    axes.set_xlabel("with exact 95 % interval")
