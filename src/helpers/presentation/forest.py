"""Estimates with their intervals, one row each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING

import pandas as pd

from helpers.presentation.style import (
    BLACK,
    BLUE,
    GREY,
    ORANGE,
    SHADE,
    new_figure,
    percent_axis,
    zero_line,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NOTE_LETTERS = 38
SERIES = ((BLUE, "o", "-"), (ORANGE, "s", "-"), (BLACK, "D", "-"))


def forest(
    estimates: Mapping[str, pd.DataFrame],
    *,
    title: str,
    xlabel: str,
    notes: Mapping[str, str] | None = None,
    bands: Sequence[int] = (),
) -> Figure:
    """Draw several series of estimates with intervals over common rows.

    Parameters
    ----------
    estimates : mapping of series name to DataFrame
        Rows in the order shown, from the top; columns car, ci_low, ci_high,
        decimal. All series have the same rows.
    title, xlabel : str
    notes : mapping of row label to text, optional
        Written to the right of the row, such as what was announced.
    bands : sequence of int
        Row numbers to shade.
    """
    labels = [str(label) for label in next(iter(estimates.values())).index]
    height = 1.9 + 0.46 * len(labels)
    figure, axes = new_figure(height, title=title)
    for row in bands:
        axes.axhspan(row - 0.5, row + 0.5, color=SHADE, zorder=0)
    for number, (name, table) in enumerate(estimates.items()):
        shift = 0.17 * (number - (len(estimates) - 1) / 2) * 2
        draw_intervals(axes, table, shift, number, name)
    zero_line(axes, vertical=True)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.set_yticks(range(len(labels)))
    axes.set_yticklabels(labels)
    for row, label in enumerate(labels):
        if notes and label in notes:
            axes.text(
                1.02,
                row,
                fill(notes[label], NOTE_LETTERS),
                transform=axes.get_yaxis_transform(),
                fontsize=9,
                va="center",
                linespacing=1.05,
            )
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    percent_axis(axes.xaxis)
    axes.set_xlabel(xlabel)
    if len(estimates) > 1:
        figure.legend(loc="outside lower center", ncols=len(estimates), fontsize=10)
    return figure


def draw_intervals(
    axes: Axes, table: pd.DataFrame, shift: float, number: int, name: str
) -> None:
    """One series: filled markers where the interval excludes zero."""
    colour, marker, _ = SERIES[number % len(SERIES)]
    for row, (_, line) in enumerate(table.iterrows()):
        at = row + shift
        clear = line["ci_low"] > 0 or line["ci_high"] < 0
        axes.plot(
            [line["ci_low"], line["ci_high"]], [at, at], color=colour, linewidth=1.6
        )
        axes.plot(
            line["car"],
            at,
            marker=marker,
            markersize=6.5,
            color=colour,
            markerfacecolor=colour if clear else "white",
            markeredgewidth=1.6,
            linestyle="none",
            label=name if row == 0 else None,
        )


def specification_curve(
    table: pd.DataFrame,
    choices: Mapping[str, Sequence[str]],
    *,
    title: str,
    ylabel: str,
    main: int | None = None,
) -> Figure:
    """Sorted estimates above, and below them which choices gave each.

    Parameters
    ----------
    table : DataFrame
        One row a specification: car, ci_low, ci_high (decimal) and one column
        for each key of `choices`.
    choices : mapping of column to its options, in the order shown
    title, ylabel : str
    main : int, optional
        Position of the main specification in `table`, drawn filled.
    """
    order = table["car"].to_numpy().argsort(kind="stable")
    rows = table.iloc[order]
    options = [(column, option) for column in choices for option in choices[column]]
    figure, (top, bottom) = new_figure(
        3.6 + 0.27 * len(options), 2, title=title, sharex=True,
        height_ratios=[3, 0.27 * len(options)],
    )  # fmt: skip
    for at, (number, line) in enumerate(zip(order, rows.itertuples(), strict=True)):
        clear = line.ci_low > 0 or line.ci_high < 0
        colour = ORANGE if clear else BLUE
        top.plot([at, at], [line.ci_low, line.ci_high], color=colour, linewidth=1.6)
        top.plot(
            at,
            line.car,
            "D" if number == main else "o",
            color=colour,
            markersize=8 if number == main else 6,
            markerfacecolor=BLACK if number == main else "white",
            markeredgewidth=1.6,
        )
    zero_line(top)
    percent_axis(top.yaxis)
    top.set_ylabel(ylabel)
    top.tick_params(axis="x", length=0)
    top.grid(axis="x", visible=False)
    for height, (column, option) in enumerate(options):
        chosen = (rows[column] == option).to_numpy().nonzero()[0]
        bottom.plot(chosen, [height] * len(chosen), "s", color=BLACK, markersize=5)
    edges = [len(choices[column]) for column in choices]
    for edge in range(1, len(edges)):
        bottom.axhline(sum(edges[:edge]) - 0.5, color=GREY, linewidth=0.8)
    bottom.set_yticks(range(len(options)))
    bottom.set_yticklabels([option for _, option in options], fontsize=9)
    bottom.set_ylim(len(options) - 0.5, -0.5)
    bottom.set_xticks([])
    bottom.set_xlabel("Specifications, sorted by their estimate")
    bottom.grid(visible=False)
    return figure
