"""Ratios over time that move in steps."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import fill
from typing import TYPE_CHECKING

import pandas as pd

from helpers.presentation.lines import LINES
from helpers.presentation.style import label_end, new_figure, spread

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def ratio_lines(
    lines: Mapping[str, pd.Series], *, title: str, ylabel: str, least: float = 0.022
) -> Figure:
    """Draw ratios by session, each named where it begins.

    Parameters
    ----------
    lines : mapping of name to Series
        By session.
    title, ylabel : str
    least : float
        Least distance between two names, in units of the ratio.
    """
    figure, axes = new_figure(4.6, title=title)
    dates = pd.concat(lines.values(), axis=1).index
    # Room for the names inside the axes, clear of the vertical axis.
    axes.set_xlim(dates[0] - 0.2 * (dates[-1] - dates[0]), dates[-1])
    starts = spread([float(line.iloc[0]) for line in lines.values()], least)
    for (colour, dash), (name, line), height in zip(
        LINES, lines.items(), starts, strict=False
    ):
        axes.plot(line.index, line, color=colour, linestyle=dash)
        label_end(
            axes, line.index[0], height, fill(name, 18), colour,
            xytext=(-5, 0), ha="right",
        )  # fmt: skip
    axes.set_ylabel(ylabel)
    axes.grid(axis="x", visible=False)
    return figure
