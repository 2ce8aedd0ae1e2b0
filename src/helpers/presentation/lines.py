"""Company figures over time, verified points filled, with dated marks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from helpers.presentation.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    label_end,
    new_figure,
    spread,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# As many dates as fit below the axis of a narrow figure.
MOST_TICKS = 7
MONTHS_APART = (1, 2, 3, 4, 6)
LINES = ((BLUE, "-"), (ORANGE, "--"), (GREEN, "-."), (PURPLE, ":"), (BLACK, "-"))


def dated_lines(
    panels: Mapping[str, Mapping[str, pd.DataFrame]],
    *,
    title: str,
    ylabels: Mapping[str, str],
    marks: Mapping[str, pd.Timestamp] | None = None,
    log: bool = False,
    number: str = "{:,.0f}",
) -> Figure:
    """Draw figures of several firms over time, one panel above the other.

    Parameters
    ----------
    panels : mapping of panel title to mapping of line name to DataFrame
        Indexed by date: value, verified. Points that are not verified are drawn
        hollow; a missing value breaks the line.
    title : str
    ylabels : mapping of panel title to str
    marks : mapping of label to date, optional
        Vertical lines, with a short label (a number) in the first panel.
    log : bool
        Logarithmic scale, so that equal growth has equal slope.
    number : str
        Format of the vertical axis.
    """
    from matplotlib.dates import DateFormatter, MonthLocator, num2date
    from matplotlib.ticker import LogLocator

    figure, grid = new_figure(
        1.5 + 3.1 * len(panels), len(panels), title=title, sharex=True, squeeze=False
    )
    for axes, (name, lines) in zip(grid[:, 0], panels.items(), strict=True):
        for (colour, dash), table in zip(LINES, lines.values(), strict=False):
            _line(axes, table, colour, dash)
        if log:
            axes.set_yscale("log")
            axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axes.minorticks_off()
        axes.yaxis.set_major_formatter(
            lambda value, _: number.format(value).replace("-", "\N{MINUS SIGN}")
        )
        _name_lines(axes, lines, log)
        for date in (marks or {}).values():
            axes.axvline(date, color=GREY, linewidth=0.9, linestyle=":", zorder=0)
        if len(panels) > 1:
            axes.set_title(name, loc="left")
        axes.set_ylabel(ylabels[name])
        axes.grid(axis="x", visible=False)
    first, last = (num2date(end) for end in grid[-1, 0].get_xlim())
    months = 12 * (last.year - first.year) + last.month - first.month
    step = next((s for s in MONTHS_APART if months <= MOST_TICKS * s), 12)
    grid[-1, 0].xaxis.set_major_locator(MonthLocator(range(1, 13, step)))
    grid[-1, 0].xaxis.set_major_formatter(DateFormatter("%Y-%m"))
    for label, date in (marks or {}).items():
        grid[0, 0].annotate(
            label,
            (date, 1),
            xycoords=("data", "axes fraction"),
            xytext=(3, -2),
            textcoords="offset points",
            fontsize=9,
            color=GREY,
            va="top",
        )
    return figure


def _line(axes: Axes, table: pd.DataFrame, colour: str, dash: str) -> None:
    axes.plot(table.index, table["value"], color=colour, linestyle=dash, zorder=2)
    for verified, face in ((True, colour), (False, "white")):
        part = table[table["verified"].astype(bool) == verified]
        axes.plot(
            part.index,
            part["value"],
            linestyle="none",
            marker="o",
            markersize=5.5,
            color=colour,
            markerfacecolor=face,
            markeredgewidth=1.4,
            zorder=3,
        )


def _name_lines(axes: Axes, lines: Mapping[str, pd.DataFrame], log: bool) -> None:
    from math import exp
    from math import log as ln

    low, high = axes.get_ylim()
    least = ln(high / low) / 13 if log else (high - low) / 13
    ends = {name: table["value"].dropna() for name, table in lines.items()}
    colours = dict(zip(lines, (colour for colour, _ in LINES), strict=False))
    # Names at the end of the same months must not cover one another.
    for date in sorted({line.index[-1] for line in ends.values()}):
        names = [name for name, line in ends.items() if line.index[-1] == date]
        values = [float(ends[name].iloc[-1]) for name in names]
        if log:
            heights = [exp(y) for y in spread([ln(y) for y in values], least)]
        else:
            heights = spread(values, least)
        for name, height in zip(names, heights, strict=True):
            label_end(axes, date, height, name, colours[name])
