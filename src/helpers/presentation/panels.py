"""Estimates with their intervals in panels side by side, over common rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from helpers.presentation.forest import draw_intervals
from helpers.presentation.style import new_figure, percent_axis, zero_line

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def forest_panels(
    panels: Mapping[str, pd.DataFrame],
    *,
    title: str,
    xlabels: Sequence[str],
    row_height: float = 0.23,
    hollow: Sequence[str] = (),
    digits: Sequence[int] = (),
) -> Figure:
    """Draw one series of estimates in each panel, all over the same rows.

    Parameters
    ----------
    panels : mapping of panel title to DataFrame
        Columns car, ci_low, ci_high, decimal, by row label, in the order shown.
        All panels have the same rows; one without an estimate (NaN) stays empty.
    title : str
    xlabels : sequence of str
        One a panel.
    row_height : float
        Inches a row.
    hollow : sequence of str
        Row labels set in grey italics, such as events that are not verified.
    digits : sequence of int, optional
        Decimals on each panel's axis, in percent; default none.
    """
    from matplotlib.ticker import MaxNLocator

    labels = [str(label) for label in next(iter(panels.values())).index]
    places = digits or [0] * len(panels)
    figure, grid = new_figure(
        1.6 + row_height * len(labels),
        1,
        len(panels),
        title=title,
        sharey=True,
        squeeze=False,
    )
    for axes, (name, table), xlabel, decimals in zip(
        grid[0], panels.items(), xlabels, places, strict=True
    ):
        for row in table["car"].notna().to_numpy().nonzero()[0]:
            draw_intervals(axes, table.iloc[[row]], row, 0, name)
        zero_line(axes, vertical=True)
        axes.set_title(name, loc="left", fontsize=10)
        axes.set_xlabel(xlabel)
        axes.tick_params(axis="y", length=0)
        axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
        percent_axis(axes.xaxis, decimals)
    grid[0, 0].set_ylim(len(labels) - 0.4, -0.6)
    grid[0, 0].set_yticks(range(len(labels)))
    for text, label in zip(
        grid[0, 0].set_yticklabels(labels, fontsize=8.5), labels, strict=True
    ):
        if label in hollow:
            text.set(color="#595959", style="italic")
    return figure
