"""Amounts as bars."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers.figures import parts, style, ticks
from helpers.figures.checks import row_labels, table_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LABEL_LETTERS = 34


def bars(
    table: pd.DataFrame | pd.Series,
    *,
    title: str,
    xlabel: str,
    percent: bool = False,
) -> Figure:
    """Horizontal bars, one row each, with their numbers at the end.

    Parameters
    ----------
    table : DataFrame or Series
        Rows in the order shown, from the top; a column for each series. A missing
        value is written as a dash.
    title, xlabel : str
    percent : bool

    Raises
    ------
    HelpersError
        If there are no rows or no numbers.

    Examples
    --------
    >>> figure = bars(pd.Series({"supported": 3, "undecided": 17}),
    ...               title="Three of twenty", xlabel="Claims")
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['3', '17']
    """
    frame = table.to_frame("") if isinstance(table, pd.Series) else table
    frame = table_of(frame, "bars", numbers=frame.columns).rename(columns=str)
    styles = style.series_styles(frame)
    several = frame.shape[1]
    figure, axes = style.new_figure(
        1.5 + len(frame) * (0.14 + 0.24 * several), title=title
    )  # fmt: skip
    thick, scale, unit = 0.8 / several, 100 if percent else 1, " %" * percent
    for number, name in enumerate(frame):
        values = frame[name].to_numpy(dtype=float)
        shift = thick * (number - (several - 1) / 2)
        drawn = axes.barh(
            np.arange(len(frame)) + shift, np.nan_to_num(values), 0.92 * thick,
            color=styles[name].colour, edgecolor="white", linewidth=0.6,
        )  # fmt: skip
        texts = ["–" if np.isnan(one) else ticks.plain(scale * one, 0) + unit
                 for one in values]  # fmt: skip
        axes.bar_label(drawn, texts, color=style.BLACK, fontsize=style.SMALL, padding=3)
    parts.rows_axis(
        axes, [fill(one, _LABEL_LETTERS) for one in row_labels(frame.index)]
    )
    axes.margins(x=0.1)
    if (frame < 0).any(axis=None):
        parts.zero_line(axes, vertical=True)
    (ticks.percent_axis if percent else ticks.number_axis)(axes.xaxis)
    axes.set_xlabel(xlabel)
    parts.legend_below(figure, [parts.patch(name, one.colour)
                                for name, one in styles.items() if name])  # fmt: skip
    return figure
