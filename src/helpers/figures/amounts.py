"""Amounts as bars, and changes as slopes."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers.errors import HelpersError
from helpers.figures import parts, style, ticks
from helpers.figures.checks import known, row_labels, table_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LABEL_LETTERS = 34


def bars(
    table: pd.DataFrame | pd.Series,
    *,
    title: str,
    xlabel: str,
    stacked: bool = False,
    percent: bool = False,
    digits: int = 0,
    levels: Mapping[str, float] | None = None,
    colours: Mapping[str, str] | None = None,
    subtitle: str | None = None,
    source: str | None = None,
) -> Figure:
    """Horizontal bars, one row each, with their numbers at the end.

    Parameters
    ----------
    table : DataFrame or Series
        Rows in the order shown, from the top; a column for each series. A missing
        value is written as a dash.
    title, xlabel : str
    stacked : bool
        Set the series of a row end to end; none may then be below zero.
    percent : bool
    digits : int
        Decimals of the numbers at the bars.
    levels : mapping of label to float, optional
        Vertical lines.
    colours : mapping of series name to colour, optional
    subtitle, source : str, optional

    Raises
    ------
    HelpersError
        If there are no rows or no numbers, or stacked values are below zero.

    Examples
    --------
    >>> figure = bars(pd.Series({"supported": 3, "undecided": 17}),
    ...               title="Three of twenty", xlabel="Claims")
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['3', '17']
    """
    frame = table.to_frame("") if isinstance(table, pd.Series) else table
    frame = table_of(frame, "bars", numbers=frame.columns).rename(columns=str)
    if stacked and (frame < 0).any(axis=None):
        raise HelpersError("bars: stacked values must not be below zero.")
    styles = style.series_styles(frame, colours)
    several = 1 if stacked else frame.shape[1]
    figure, axes = style.new_figure(
        1.5 + len(frame) * (0.14 + 0.24 * several), title=title, subtitle=subtitle,
        source=source,
    )  # fmt: skip
    thick, scale, unit = 0.8 / several, 100 if percent else 1, " %" * percent
    left = np.zeros(len(frame))
    for number, name in enumerate(frame):
        values = frame[name].to_numpy(dtype=float)
        shift = 0 if stacked else thick * (number - (several - 1) / 2)
        drawn = axes.barh(
            np.arange(len(frame)) + shift, np.nan_to_num(values), 0.92 * thick,
            left=left, color=styles[name].colour, edgecolor="white", linewidth=0.6,
        )  # fmt: skip
        texts = ["–" if np.isnan(one) else ticks.plain(scale * one, digits) + unit
                 for one in values]  # fmt: skip
        if stacked:
            texts = [
                text if one > 0 else "" for text, one in zip(texts, values, strict=True)
            ]
            left = left + np.nan_to_num(values)
        axes.bar_label(
            drawn, texts, label_type="center" if stacked else "edge",
            color="white" if stacked else style.BLACK, fontsize=style.SMALL,
            padding=0 if stacked else 3,
        )  # fmt: skip
    parts.rows_axis(
        axes, [fill(one, _LABEL_LETTERS) for one in row_labels(frame.index)]
    )
    axes.margins(x=0.1)
    if (frame < 0).any(axis=None):
        parts.zero_line(axes, vertical=True)
    parts.mark_dates(axes, levels or {})
    (ticks.percent_axis if percent else ticks.number_axis)(axes.xaxis)
    axes.set_xlabel(xlabel)
    parts.legend_below(figure, [parts.patch(name, one.colour)
                                for name, one in styles.items() if name])  # fmt: skip
    return figure


def slopes(
    table: pd.DataFrame,
    significant: pd.Series | None = None,
    *,
    title: str,
    ylabel: str,
    percent: bool = False,
    digits: int = 2,
    colours: Mapping[str, str] | None = None,
    subtitle: str | None = None,
    source: str | None = None,
) -> Figure:
    """What was before and what came after: one line a row, named at its end.

    Parameters
    ----------
    table : DataFrame
        One row a line, one column a time (two or more), in order; none missing.
    significant : Series of bool, optional
        By row: filled where the change is beyond chance, hollow where not; by
        default filled.
    title, ylabel : str
    percent : bool
    digits : int
        Decimals of the numbers at the ends, which stand in place of ticks.
    colours : mapping of row label to colour, optional
    subtitle, source : str, optional

    Raises
    ------
    HelpersError
        If there are fewer than two columns, or a value is missing.

    Examples
    --------
    >>> table = pd.DataFrame({"before": [0.4], "since": [0.1]}, index=["Foundries"])
    >>> figure = slopes(table, title="It fell", ylabel="Correlation")
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['0.40', 'Foundries 0.10']
    """
    table_of(table, "slopes", numbers=table.columns)
    if table.shape[1] < 2 or table.isna().any(axis=None):
        raise HelpersError("slopes: two columns or more are needed, without gaps.")
    clear = pd.Series(True, table.index) if significant is None else significant
    known(table.index, clear.index, "slopes: a row that significant needs")
    styles = style.series_styles(row_labels(table.index), colours)
    figure, axes = style.new_figure(
        max(3.6, 1.5 + 0.24 * len(table)), title=title, subtitle=subtitle, source=source
    )
    last = table.shape[1] - 1
    scale, unit = (100, " %") if percent else (1, "")
    for (label, look), (row, values) in zip(
        styles.items(), table.iterrows(), strict=True
    ):
        axes.plot(
            range(last + 1), values, color=look.colour, linestyle=look.dash,
            marker=look.marker, markersize=7, markeredgewidth=1.6,
            markerfacecolor=look.colour if clear[row] else "white",
        )  # fmt: skip
        first, end = (ticks.plain(scale * values.iloc[at], digits) + unit
                      for at in (0, -1))  # fmt: skip
        parts.label_end(axes, 0, values.iloc[0], first, look.colour, ha="right",
                        xytext=(-9, 0))  # fmt: skip
        parts.label_end(axes, last, values.iloc[-1], f"{label} {end}", look.colour,
                        xytext=(9, 0))  # fmt: skip
    axes.set_xticks(range(last + 1), [str(name) for name in table])
    axes.set_xlim(-0.02, last + 0.02)
    axes.tick_params(axis="y", length=0, labelleft=False)
    axes.spines["left"].set_visible(False)
    axes.set_title(ylabel, loc="left", fontsize=style.TEXT, color=style.GREY)
    if table.min(axis=None) < 0 < table.max(axis=None):
        parts.zero_line(axes)
    if significant is not None:
        parts.legend_below(figure, [
            parts.key("change beyond chance", style.GREY),
            parts.key("not", style.GREY, filled=False),
        ])  # fmt: skip
    return figure
