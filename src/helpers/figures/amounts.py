"""Amounts as bars, and changes as slopes."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import fill
from typing import TYPE_CHECKING, Any

import pandas as pd

from helpers.errors import HelpersError
from helpers.figures.axes import number_axis, percent_axis, plain
from helpers.figures.checks import known, row_labels, table_of
from helpers.figures.style import (
    BLACK,
    GREY,
    SMALL,
    TEXT,
    key,
    label_end,
    legend_below,
    new_figure,
    series_styles,
    zero_line,
)

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
    table_of(frame, (), "bars", numbers=frame.columns)
    if stacked and (frame < 0).any(axis=None):
        raise HelpersError("bars: stacked values must not be below zero.")
    frame = frame.rename(columns=str)
    styles = series_styles(frame, colours)
    labels = [fill(label, _LABEL_LETTERS) for label in row_labels(frame.index)]
    several = 1 if stacked else frame.shape[1]
    figure, axes = new_figure(
        1.5 + len(frame) * (0.14 + 0.24 * several), title=title, subtitle=subtitle,
        source=source,
    )  # fmt: skip
    thick, scale, unit = 0.8 / several, 100 if percent else 1, " %" * percent
    left = pd.Series(0.0, frame.index).to_numpy()
    for number, name in enumerate(frame):
        values = frame[name].to_numpy(dtype=float)
        shift = 0 if stacked else thick * (number - (several - 1) / 2)
        rows = [row + shift for row in range(len(frame))]
        drawn = axes.barh(rows, pd.Series(values).fillna(0), 0.92 * thick,
                          left=left if stacked else 0, edgecolor="white",
                          linewidth=0.6, color=styles[name].colour)  # fmt: skip
        texts = ["–" if pd.isna(one) else plain(scale * one, digits) + unit
                 for one in values]  # fmt: skip
        if stacked:
            inside = ["" if one in ("0", "–") else one for one in texts]
            axes.bar_label(
                drawn, inside, label_type="center", color="white", fontsize=SMALL
            )
            left = left + pd.Series(values).fillna(0).to_numpy()
        else:
            axes.bar_label(drawn, texts, padding=3, fontsize=SMALL, color=BLACK)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.margins(x=0.1)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    if (frame < 0).any(axis=None):
        zero_line(axes, vertical=True)
    for label, x in (levels or {}).items():
        axes.axvline(x, color=BLACK, linestyle=":", linewidth=1.2)
        axes.annotate(label, (x, 1.0), xycoords=("data", "axes fraction"),
                      xytext=(0, 3), textcoords="offset points", ha="center",
                      va="bottom", fontsize=SMALL, gid="mark",
                      annotation_clip=False)  # fmt: skip
    (percent_axis if percent else number_axis)(axes.xaxis)
    axes.set_xlabel(xlabel)
    if frame.shape[1] > 1:
        legend_below(figure, [key(name, styles[name].colour, "s") for name in frame], 4)
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
        Decimals of the numbers at the ends.
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
    table_of(table, (), "slopes", numbers=table.columns)
    if table.shape[1] < 2 or table.isna().any(axis=None):
        raise HelpersError("slopes: two columns or more are needed, without gaps.")
    labels = row_labels(table.index)
    if significant is not None:
        known(table.index, significant.index, "slopes")
    styles = series_styles(labels, colours)
    figure, axes = new_figure(
        max(3.6, 1.5 + 0.24 * len(table)), title=title, subtitle=subtitle, source=source
    )
    last = table.shape[1] - 1
    scale, unit = (100, " %") if percent else (1, "")
    for place, label in enumerate(labels):
        colour, dash, marker = styles[label]
        values = table.iloc[place].to_numpy(dtype=float)
        clear = significant is None or bool(significant[table.index[place]])
        axes.plot(
            range(last + 1), values, color=colour, linestyle=dash, marker=marker,
            markersize=7, markerfacecolor=colour if clear else "white",
            markeredgewidth=1.6,
        )  # fmt: skip
        first, end = (plain(scale * values[at], digits) + unit for at in (0, -1))
        label_end(axes, 0, values[0], first, colour, ha="right", xytext=(-9, 0))
        label_end(axes, last, values[-1], f"{label} {end}", colour, xytext=(9, 0))
    axes.set_xticks(range(last + 1), [str(name) for name in table], fontsize=TEXT)
    axes.set_xlim(-0.08, last + 0.02)
    (percent_axis if percent else number_axis)(axes.yaxis)
    axes.set_ylabel(ylabel)
    if axes.get_ylim()[0] < 0 < axes.get_ylim()[1]:
        zero_line(axes)
    if significant is not None:
        handles: list[Any] = [key("change beyond chance", GREY),
                              key("not", GREY, filled=False)]  # fmt: skip
        legend_below(figure, handles)
    return figure
