"""Points of a table: two measures, groups, ranges, names and thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from helpers.errors import HelpersError
from helpers.figures import parts, style, ticks
from helpers.figures.checks import as_date, table_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STATES = {"hollow": "planned", "pale": "not verified", "cross": "never sold"}
# Opacity of what is pale: still three times as dark as paper.
PALE = 0.7


def scatter(
    table: pd.DataFrame,
    x: str,
    y: str,
    *,
    title: str,
    ylabel: str,
    xlabel: str = "",
    group: str | None = None,
    name: str | None = None,
    states: Mapping[str, str] = STATES,
    thresholds: pd.DataFrame | None = None,
    marks: Mapping[str, Any] | None = None,
    percent: tuple[bool, bool] = (False, False),
    log: bool = False,
) -> Figure:
    """Draw one point a row, with its range, its name and thresholds beside it.

    Parameters
    ----------
    table : DataFrame
        One row a point. Columns low and high, where present, draw its range in
        `y`. Columns of bool named hollow, pale or cross set how it is drawn.
    x, y : str
        Columns; dates or numbers, and numbers. None may be missing.
    title, xlabel, ylabel : str
    group : str, optional
        Column that gives colour and marker.
    name : str, optional
        Column of texts written beside the points; empty ones are not.
    states : mapping of "hollow", "pale" and "cross" to text
        What these mean, in the legend.
    thresholds : DataFrame, optional
        Columns value, label and optionally first, last (along `x`): horizontal
        lines.
    marks : mapping of label to value of `x`, optional
        Vertical lines.
    percent : (bool, bool)
        Whether x and y are fractions to be written in percent.
    log : bool
        Logarithmic vertical axis.

    Raises
    ------
    HelpersError
        If a column is missing or has missing values, or a threshold lies outside.

    Examples
    --------
    >>> chips = pd.DataFrame({"year": [2020, 2022], "tpp": [4992.0, 15824.0],
    ...                       "part": ["A100", "H100"]})
    >>> figure = scatter(chips, "year", "tpp", name="part", log=True,
    ...                  title="Three times as fast in two years", ylabel="TPP")
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['A100', 'H100']
    """
    from matplotlib.patheffects import withStroke

    columns = [x, *([group] if group else [])]
    table_of(table, "scatter", [*columns, *([name] if name else [])], (y,))
    for column in [*columns, y]:
        if table[column].isna().any():
            raise HelpersError(f"scatter: column {column!r} has missing values.")
    if log and (table[y] <= 0).any():
        raise HelpersError(f"scatter: {y!r} must be above zero on a logarithmic axis.")
    groups = table[group].astype(str) if group else pd.Series("", table.index)
    styles = style.series_styles(groups.drop_duplicates())
    table = table.assign(_look=groups.map(styles))
    figure, axes = style.new_figure(5.1, title=title)
    if log:
        ticks.log_axis(axes.yaxis)
    else:
        (ticks.percent_axis if percent[1] else ticks.number_axis)(axes.yaxis)
    for point in table.to_dict("records"):
        _point(axes, point, x, y)
        text = str(point[name]) if name and pd.notna(point[name]) else ""
        if text.strip():
            axes.annotate(
                text, (axes.convert_xunits(point[x]), point[y]), xytext=(7, 0),
                textcoords="offset points", fontsize=style.SMALL, gid="near",
                path_effects=[withStroke(linewidth=2.5, foreground="white")],
            )  # fmt: skip
    dated = pd.api.types.is_datetime64_any_dtype(table[x])
    if dated:
        ticks.date_axis(axes.xaxis)
    else:
        (ticks.percent_axis if percent[0] else ticks.number_axis)(axes.xaxis)
    if not dated and table[x].min() < 0 < table[x].max():
        parts.zero_line(axes, vertical=True)
    if table[y].min() < 0 < table[y].max():
        parts.zero_line(axes)
    parts.mark_dates(axes, marks or {})
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
    if thresholds is not None:  # once the points have set the scale
        _thresholds(axes, thresholds)
    parts.legend_below(figure, parts.keys(styles, lines=False) + [
        parts.key(states[state], style.BLACK, "x" if state == "cross" else "o",
                  filled=state == "pale", alpha=PALE if state == "pale" else 1.0)
        for state in STATES if state in table and table[state].any()
    ])  # fmt: skip
    return figure


def _point(axes: Axes, point: Mapping[Any, Any], x: str, y: str) -> None:
    look, face = point["_look"], point["_look"].colour
    hollow, pale, cross = (bool(point.get(state)) for state in STATES)
    if point.get("high", 0) > point.get("low", 0):
        axes.plot([point[x]] * 2, [point["low"], point["high"]], color=look.colour,
                  linewidth=1.4)  # fmt: skip
    axes.plot(
        point[x], point[y], marker="x" if cross else look.marker, markersize=7.5,
        color=look.colour, markerfacecolor="white" if hollow else face,
        markeredgewidth=1.6, alpha=PALE if pale else 1.0, linestyle="none", zorder=3,
    )  # fmt: skip


def _thresholds(axes: Axes, table: pd.DataFrame) -> None:
    if not table.empty:
        table_of(table, "thresholds", ("label",), ("value",))
    left, right = axes.get_xlim()
    for row in table.to_dict("records"):
        first, last = (row.get(end) for end in ("first", "last"))
        start = left if pd.isna(first) else axes.convert_xunits(as_date(first))
        end = right if pd.isna(last) else axes.convert_xunits(as_date(last))
        if end < left or start > right:
            raise HelpersError(f"scatter: {row['label']!r} lies outside the points.")
        axes.plot([start, min(end, right)], [row["value"]] * 2, color=style.BLACK,
                  linestyle=(0, (4, 2)), linewidth=1.1, zorder=1)  # fmt: skip
        axes.annotate(
            row["label"], (min(end, right), row["value"]), xytext=(-2, 2),
            textcoords="offset points", fontsize=style.SMALL, ha="right", va="bottom",
        )  # fmt: skip
    axes.set_xlim(left, right)
