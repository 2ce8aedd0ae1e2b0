"""Many histories as thin strips under headings: where they run, what they hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.errors import HelpersError
from helpers.figures import parts, style, ticks
from helpers.figures.checks import known, table_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROW_HEIGHT = 0.178


def spans(
    histories: pd.DataFrame,
    gaps: pd.DataFrame | None = None,
    *,
    title: str,
    columns: int = 1,
    colours: Mapping[str, str] | None = None,
    subtitle: str | None = None,
) -> Figure:
    """Draw each history from its first to its last day, with its gaps marked.

    Parameters
    ----------
    histories : DataFrame
        By label, in the order shown: first, last and optionally group, a heading.
    gaps : DataFrame, optional
        Columns label, kind and first.
    title : str
    columns : int
        Into how many columns the groups are laid.
    colours : mapping of kind of gap to colour, optional
    subtitle : str, optional

    Raises
    ------
    HelpersError
        If a column is missing, or a gap has a label that no history has.

    Examples
    --------
    >>> days = pd.to_datetime(["2019-01-02", "2025-09-05"])
    >>> table = pd.DataFrame({"first": days[0], "last": days[1]}, index=["SMIC"])
    >>> len(spans(table, title="One history").axes[0].patches)
    1
    """
    table_of(histories, "spans: histories", ("first", "last"))
    if gaps is not None and not gaps.empty:
        table_of(gaps, "spans: gaps", ("label", "kind", "first"))
        known(gaps["label"], histories.index, "spans: gaps")
    groups = histories.get("group", pd.Series("", histories.index))
    kinds = {} if gaps is None else style.series_styles(gaps["kind"].unique(), colours)
    figure, layout = _grid(groups, columns, title, subtitle)
    for axes, rows in layout:
        shown = histories.loc[list(rows)]
        axes.barh(
            list(rows.values()), shown["last"] - shown["first"], left=shown["first"],
            height=0.62, color="#9ec9e6", edgecolor=style.BLUE, linewidth=0.7,
        )  # fmt: skip
        for gap in () if gaps is None else gaps.itertuples():
            if gap.label in rows:
                look = kinds[str(gap.kind)]
                axes.plot(
                    gap.first, rows[gap.label], look.marker, color=look.colour,
                    markersize=5.5, markeredgewidth=1.2, zorder=3,
                )  # fmt: skip
        axes.margins(x=0)
        ticks.date_axis(axes.xaxis)
    parts.legend_below(figure, parts.keys(kinds, lines=False))
    return figure


def strips(
    values: pd.DataFrame,
    groups: pd.Series | None = None,
    *,
    title: str,
    label: str,
    columns: int = 1,
    subtitle: str | None = None,
) -> Figure:
    """Draw a share between 0 and 1 along each history, dark where it is high.

    Parameters
    ----------
    values : DataFrame
        Labels x first days of equal periods, decimal; NaN leaves white.
    groups : Series, optional
        Heading of each label.
    title, label : str
        The second names the colour scale.
    columns : int
    subtitle : str, optional

    Raises
    ------
    HelpersError
        If the columns are not two dates or more, or a value is no share.

    Examples
    --------
    >>> quarters = pd.date_range("2025-01-01", periods=2, freq="QS")
    >>> table = pd.DataFrame([[0.5, 1.0]], index=["SMIC"], columns=quarters)
    >>> figure = strips(table, title="Confirmed", label="Days confirmed")
    >>> len(figure.axes)
    2
    """
    from matplotlib.colors import Normalize

    table_of(values, "strips: values", numbers=values.columns)
    if not isinstance(values.columns, pd.DatetimeIndex) or values.shape[1] < 2:
        raise HelpersError("strips: the columns must be two dates or more.")
    if ((values < 0) | (values > 1)).any(axis=None):
        raise HelpersError("strips: every value must be a share between 0 and 1.")
    groups = pd.Series("", values.index) if groups is None else groups
    known(values.index, groups.index, "strips: values")
    figure, layout = _grid(groups[values.index], columns, title, subtitle)
    periods = values.columns
    edges = periods.append(periods[-1:] + (periods[-1:] - periods[-2]))
    drawn: Any = None
    for axes, rows in layout:
        for name, row in rows.items():
            drawn = axes.pcolormesh(
                edges, [row - 0.4, row + 0.4],
                np.ma.masked_invalid(values.loc[[name]].to_numpy(dtype=float)),
                cmap="Blues", norm=Normalize(-0.15, 1.0),  # zero is seen on paper
            )  # fmt: skip
        ticks.date_axis(axes.xaxis)
    bar = figure.colorbar(
        drawn, ax=[axes for axes, _ in layout], location="bottom", shrink=0.5,
        aspect=36, pad=0.01, boundaries=np.linspace(0, 1, 101),
        ticks=[0, 0.25, 0.5, 0.75, 1], format=ticks.TrueTicks(100, " %"),
    )  # fmt: skip
    bar.set_label(label)
    bar.outline.set_visible(False)
    return figure


def _grid(
    groups: pd.Series,
    columns: int,
    title: str,
    subtitle: str | None,
) -> tuple[Figure, list[tuple[Axes, dict[Any, int]]]]:
    """Axes with headings and labels, and the row of each label."""
    if not groups.index.is_unique:
        raise HelpersError("Two histories bear the same label.")
    blocks = [
        (head, list(own.index)) for head, own in groups.groupby(groups, sort=False)
    ]
    total = len(groups) + len(blocks)
    lists: list[list[tuple[str, bool]]] = [[] for _ in range(columns)]
    column = 0
    for head, labels in blocks:
        if lists[column] and len(lists[column]) + len(labels) / 2 > total / columns:
            column = min(column + 1, columns - 1)
        lists[column] += [(head, True)] * bool(head) + [(one, False) for one in labels]
    lists = [one for one in lists if one]
    deepest = max(map(len, lists))
    figure, grid = style.new_figure(
        1.4 + ROW_HEIGHT * deepest, 1, len(lists), title=title, subtitle=subtitle,
        squeeze=False, sharex=True,
    )  # fmt: skip
    out = []
    for axes, names in zip(grid[0], lists, strict=True):
        marks = parts.rows_axis(axes, [str(name) for name, _ in names], style.SMALL)
        for mark, (_, heading) in zip(marks, names, strict=True):
            mark.label1.set_fontweight("bold" if heading else "normal")
        axes.set_ylim(deepest - 0.4, -0.6)
        axes.spines["left"].set_visible(False)
        out.append((axes, {name: row for row, (name, heading) in enumerate(names)
                           if not heading}))  # fmt: skip
    return figure, out
