"""All specifications in order of their estimate, and the choices behind each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.errors import HelpersError
from helpers.figures import parts, style, ticks
from helpers.figures.checks import table_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Points across which the specifications stand, about.
_ACROSS = 420.0
_ROW = 0.2


def specification_curve(
    table: pd.DataFrame,
    choices: Sequence[str] | Mapping[str, Sequence[Any]] | None = None,
    *,
    title: str,
    ylabel: str,
    value: str = "estimate",
    main: str | Any = "primary",
    band: pd.DataFrame | None = None,
    band_name: str = "95 % of placebo dates",
    labels: Mapping[str, str] | None = None,
    percent: bool = True,
) -> Figure:
    """Sorted estimates above, and below them which choices gave each.

    Parameters
    ----------
    table : DataFrame
        One row a specification, such as ``SpecificationCurve.table``: `value`,
        ci_low, ci_high and a column for each choice.
    choices : sequence of columns, or mapping of column to options, optional
        In the order shown; by default every column of text with several options.
    title, ylabel : str
    value : str
        Column of the estimate.
    main : str or row label
        The main specification: a column of bool, or the label of its row.
    band : DataFrame, optional
        Columns low and high by rank, such as ``SpecificationCurve.band``.
    band_name : str
    labels : mapping of option to text, optional
        What is written for an option; by default "column: option".
    percent : bool

    Raises
    ------
    HelpersError
        If a column is missing, or an option is in no row.

    Examples
    --------
    >>> table = pd.DataFrame({
    ...     "estimate": [0.02, 0.01], "ci_low": [0.01, -0.01],
    ...     "ci_high": [0.03, 0.03], "model": ["market", "mean"],
    ... })
    >>> figure = specification_curve(table, title="One of two", ylabel="CAR", main=0)
    >>> [text.get_text() for text in figure.axes[1].get_yticklabels()]
    ['model: mean', 'model: market']
    """
    table_of(table, "specification_curve", numbers=(value, "ci_low", "ci_high"))
    ordered = table.iloc[table[value].to_numpy().argsort(kind="stable")]
    options = _options(ordered, choices)
    if not options:
        raise HelpersError("specification_curve: no column tells the choices apart.")
    tall = _ROW * len(options)
    figure, (top, bottom) = style.new_figure(
        3.6 + tall, 2, title=title, sharex=True,
        height_ratios=[2.7, tall],
    )  # fmt: skip
    draw_curve(top, ordered, band, value=value, main=main)
    (ticks.percent_axis if percent else ticks.number_axis)(top.yaxis)
    top.set_ylabel(ylabel)
    top.tick_params(axis="x", length=0)
    wide = float(np.clip(0.7 * _ACROSS / len(ordered), 0.3, 5))
    for row, (column, option) in enumerate(options):
        at = np.flatnonzero((ordered[column] == option).to_numpy())
        bottom.vlines(at, row - 0.36, row + 0.36, color=style.BLACK, linewidth=wide)
        if row and options[row - 1][0] != column:
            bottom.axhline(row - 0.5, color=style.GREY, linewidth=0.8)
    names = [(labels or {}).get(str(option), f"{column}: {option}")
             for column, option in options]  # fmt: skip
    bottom.set_yticks(range(len(options)), names, fontsize=style.SMALL)
    bottom.set_ylim(len(options) - 0.5, -0.5)
    bottom.set_xticks([0, len(ordered) - 1], ["1", str(len(ordered))])
    bottom.set_xlabel("Specifications, sorted by their estimate")
    bottom.tick_params(axis="y", length=0)
    bottom.grid(visible=False)
    parts.legend_below(figure, [
        parts.key("interval excludes zero", style.BLUE),
        parts.key("includes zero", style.BLUE, filled=False),
        parts.key("main specification", style.BLACK, "D"),
        *([] if band is None else [parts.patch(band_name, style.LIGHT)]),
    ])  # fmt: skip
    return figure


def draw_curve(
    axes: Axes,
    table: pd.DataFrame,
    band: pd.DataFrame | None = None,
    *,
    value: str = "estimate",
    main: str | Any = "primary",
) -> None:
    """Draw sorted estimates with intervals on axes of one's own.

    Parameters
    ----------
    axes : Axes
    table : DataFrame
        In the order drawn: `value`, ci_low, ci_high; filled where the interval
        excludes zero.
    band : DataFrame, optional
        Columns low and high, as many rows as `table`.
    value, main : str
        See :func:`specification_curve`; no row need be the main one.
    """
    at = np.arange(len(table))
    if band is not None:
        table_of(band, "the band", numbers=("low", "high"))
        if len(band) != len(table):
            raise HelpersError(
                f"The band has {len(band)} ranks for {len(table)} specifications."
            )
        axes.fill_between(at, band["low"], band["high"], color=style.LIGHT, linewidth=0)
    step = _ACROSS / len(table)
    axes.vlines(at, table["ci_low"], table["ci_high"], color=style.BLUE, alpha=0.35,
                linewidth=float(np.clip(0.5 * step, 0.25, 1.6)), zorder=2)  # fmt: skip
    size = float(np.clip(1.6 * step, 2.4, 6))
    clear = ((table["ci_low"] > 0) | (table["ci_high"] < 0)).to_numpy()
    for chosen, face in ((~clear, "white"), (clear, style.BLUE)):
        axes.plot(
            at[chosen], table[value].to_numpy()[chosen], "o", color=style.BLUE,
            markersize=size, markerfacecolor=face, zorder=3,
            markeredgewidth=min(1.5, 0.25 * size),
        )  # fmt: skip
    if isinstance(main, str) and main in table:
        place = np.flatnonzero(table[main].to_numpy(dtype=bool))
    else:
        place = np.flatnonzero(table.index == main)
    axes.plot(place, table[value].to_numpy()[place], "D", color=style.BLACK,
              markersize=7, zorder=4)  # fmt: skip
    parts.zero_line(axes)
    axes.grid(axis="x", visible=False)


def _options(table: pd.DataFrame, choices: Any) -> list[tuple[str, Any]]:
    if choices is None:
        choices = [
            name for name in table
            if not pd.api.types.is_numeric_dtype(table[name])
            and table[name].astype(str).nunique() > 1
        ]  # fmt: skip
    if not isinstance(choices, Mapping):
        table_of(table, "specification_curve", choices)
        choices = {name: table[name].drop_duplicates() for name in choices}
    table_of(table, "specification_curve", choices)
    out = [(name, option) for name in choices for option in choices[name]]
    for name, option in out:
        if not (table[name] == option).any():
            raise HelpersError(
                f"specification_curve: no row has {option!r} in column {name!r}."
            )
    return out
