"""Points of a table: two measures, groups, ranges, names and thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from helpers.errors import HelpersError
from helpers.figures.axes import date_axis, number_axis, percent_axis
from helpers.figures.checks import as_date, table_of
from helpers.figures.style import (
    BLACK,
    SMALL,
    key,
    legend_below,
    mark_dates,
    new_figure,
    panel_title,
    series_styles,
    zero_line,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_STATES = {"hollow": "planned", "pale": "not verified", "cross": "never sold"}
# Opacity of what is pale: still three times as dark as paper.
PALE = 0.7


def scatter(
    table: pd.DataFrame,
    x: str,
    y: str,
    *,
    title: str,
    xlabel: str = "",
    ylabel: str | Mapping[str, str],
    group: str | None = None,
    name: str | None = None,
    panel: str | None = None,
    states: Mapping[str, str] | None = None,
    thresholds: pd.DataFrame | None = None,
    marks: Mapping[str, Any] | None = None,
    percent: tuple[bool, bool] = (False, False),
    log: bool = False,
    colours: Mapping[str, str] | None = None,
    subtitle: str | None = None,
    source: str | None = None,
) -> Figure:
    """Draw one point a row, with its range, its name and thresholds beside it.

    Parameters
    ----------
    table : DataFrame
        One row a point. Columns low and high, where present, draw its range in
        `y`. Columns of bool named hollow, pale or cross set how it is drawn.
    x, y : str
        Columns; dates or numbers, and numbers. None may be missing.
    title, xlabel : str
    ylabel : str, or mapping of panel to str
    group : str, optional
        Column that gives colour and marker.
    name : str, optional
        Column of texts written beside the points; empty ones are not.
    panel : str, optional
        Column that parts the table into panels, one above the other.
    states : mapping of "hollow", "pale" or "cross" to text, optional
        What these mean, in the legend; by default planned, not verified, never
        sold.
    thresholds : DataFrame, optional
        Columns value, label and optionally first, last (along `x`) and the column
        `panel`: horizontal lines.
    marks : mapping of label to value of `x`, optional
        Vertical lines.
    percent : (bool, bool)
        Whether x and y are fractions to be written in percent.
    log : bool
        Logarithmic vertical axis.
    colours : mapping of group to colour, optional
    subtitle, source : str, optional

    Raises
    ------
    HelpersError
        If a column is missing or has missing values.

    Examples
    --------
    >>> chips = pd.DataFrame({"year": [2020, 2022], "tpp": [4992.0, 15824.0],
    ...                       "part": ["A100", "H100"]})
    >>> figure = scatter(chips, "year", "tpp", name="part", log=True,
    ...                  title="Three times as fast in two years", ylabel="TPP")
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['A100', 'H100']
    """
    columns = [one for one in (x, group, name, panel) if one]
    table_of(table, columns, "scatter", numbers=(y,))
    for column in (x, y):
        if table[column].isna().any():
            raise HelpersError(f"scatter: column {column!r} has missing values.")
    if log and (table[y] <= 0).any():
        raise HelpersError(f"scatter: {y!r} must be above zero on a logarithmic axis.")
    groups = table[group].astype(str) if group else pd.Series("", table.index)
    styles = series_styles(groups.drop_duplicates(), colours)
    parts = dict(list(table.groupby(panel, sort=False))) if panel else {"": table}
    figure, grid = new_figure(
        1.5 + 3.6 * len(parts), len(parts), title=title, subtitle=subtitle,
        source=source, sharex=True, squeeze=False,
    )  # fmt: skip
    for axes, (part, rows) in zip(grid[:, 0], parts.items(), strict=True):
        if log:
            axes.set_yscale("log")
            axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")
        else:
            (percent_axis if percent[1] else number_axis)(axes.yaxis)
        for row, one in zip(rows.itertuples(index=False), groups[rows.index],
                            strict=True):  # fmt: skip
            point = dict(zip(rows.columns, row, strict=True))
            _point(axes, point, x, y, styles[one])
            text = str(point[name]) if name else ""
            if text.strip() and text != "nan":
                axes.annotate(
                    text, (axes.convert_xunits(point[x]), point[y]), xytext=(7, 0),
                    textcoords="offset points", fontsize=SMALL, color=BLACK,
                    va="center", gid="near",
                )  # fmt: skip
        if panel:
            panel_title(axes, str(part))
        if thresholds is not None:
            own = thresholds
            if panel and panel in thresholds:
                own = thresholds[thresholds[panel] == part]
            _thresholds(axes, own)
        axes.set_ylabel(ylabel[str(part)] if isinstance(ylabel, Mapping) else ylabel)
    mark_dates(grid[0, 0], marks or {})
    if pd.api.types.is_datetime64_any_dtype(table[x]):
        date_axis(grid[-1, 0].xaxis, table[x].min(), table[x].max())
    else:
        (percent_axis if percent[0] else number_axis)(grid[-1, 0].xaxis)
        if table[x].min() < 0 < table[x].max():
            for axes in grid[:, 0]:
                zero_line(axes, vertical=True)
    grid[-1, 0].set_xlabel(xlabel)
    handles = [key(one, style.colour, style.marker)
               for one, style in styles.items() if one]  # fmt: skip
    for state, meaning in (_STATES | dict(states or {})).items():
        if state in table and table[state].any():
            marker, pale = ("x" if state == "cross" else "o"), state == "pale"
            handles.append(key(meaning, BLACK, marker, filled=pale,
                               alpha=PALE if pale else 1))  # fmt: skip
    if handles:
        legend_below(figure, handles, 4)
    return figure


def _point(axes: Axes, point: Mapping[str, Any], x: str, y: str, style: Any) -> None:
    hollow, pale, cross = (bool(point.get(state)) for state in _STATES)
    if "low" in point and "high" in point and point["high"] > point["low"]:
        axes.plot([point[x]] * 2, [point["low"], point["high"]], color=style.colour,
                  linewidth=1.4)  # fmt: skip
    axes.plot(
        point[x], point[y], marker="x" if cross else style.marker, markersize=7.5,
        color=style.colour, markerfacecolor="white" if hollow else style.colour,
        markeredgewidth=1.6, alpha=PALE if pale else 1.0, linestyle="none", zorder=3,
    )  # fmt: skip


def _thresholds(axes: Axes, table: pd.DataFrame) -> None:
    table_of(table, ("label",), "thresholds", numbers=("value",))
    left, right = axes.get_xlim()
    for row in table.itertuples():
        ends = [getattr(row, end, None) for end in ("first", "last")]
        first, last = (
            edge if end is None or pd.isna(end)
            else axes.convert_xunits(as_date(end))
            for end, edge in zip(ends, (left, right), strict=True)
        )  # fmt: skip
        axes.plot([first, min(last, right)], [row.value] * 2, color=BLACK,
                  linestyle=(0, (4, 2)), linewidth=1.1, zorder=1)  # fmt: skip
        axes.annotate(
            row.label, (min(last, right), row.value), xytext=(-2, 2), color=BLACK,
            textcoords="offset points", fontsize=SMALL, ha="right", va="bottom",
        )  # fmt: skip
    axes.set_xlim(left, right)
