"""Estimates with their intervals, one row each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.errors import HelpersError
from helpers.figures import parts, style, ticks
from helpers.figures.checks import known, row_labels, some, table_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = ["car", "ci_low", "ci_high"]
_LABEL_LETTERS = 34
_MANY = 30  # rows from which on letters and marks are smaller


def forest(
    rows: pd.DataFrame | Mapping[str, pd.DataFrame],
    *,
    title: str,
    xlabel: str,
    bands: Sequence[int | str] | Mapping[str, Sequence[int | str]] = (),
) -> Figure:
    """Draw estimates with intervals; filled where the interval excludes zero.

    Parameters
    ----------
    rows : DataFrame, or mapping of series name to DataFrame
        Rows in the order shown, from the top; columns car, ci_low, ci_high,
        decimal. All series have the same rows, in any order; an estimate that is
        missing (NaN) leaves its row empty.
    title, xlabel : str
    bands : sequence of row numbers or labels, or mapping of meaning to such
        Rows to shade; a mapping says in the legend why.

    Raises
    ------
    HelpersError
        If a frame lacks a column or rows, or a label is in no row.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {"car": [0.01, -0.02], "ci_low": [-0.01, -0.03], "ci_high": [0.03, -0.01]},
    ...     index=["21 Aug", "29 Aug"],
    ... )
    >>> figure = forest(table, title="One of two stands out", xlabel="CAR")
    >>> [text.get_text() for text in figure.axes[0].get_yticklabels()]
    ['21 Aug', '29 Aug']
    """
    tables = _alike(rows)
    labels = row_labels(next(iter(tables.values())).index)
    shaded = bands if isinstance(bands, Mapping) else {"": bands}
    styles = style.series_styles(tables)
    texts = [fill(label, _LABEL_LETTERS) for label in labels]
    few = len(labels) < _MANY
    lines = 1 + max(text.count("\n") for text in texts)
    tall = max(0.3 if few else 0.22, 0.12 + 0.16 * len(tables), 0.17 * lines)
    figure, axes = style.new_figure(1.7 + tall * len(labels), title=title)
    for row in (row for chosen in shaded.values() for row in chosen):
        known([row], [*labels, *range(len(labels))], "forest: bands")
        at = labels.index(row) if isinstance(row, str) else row
        axes.axhspan(at - 0.5, at + 0.5, color=style.SHADE, linewidth=0, zorder=0)
    width, size = min(0.22, 0.8 / len(tables)), 6.5 if few else 5.5
    for number, (name, table) in enumerate(tables.items()):
        shift = width * (number - (len(tables) - 1) / 2)
        look, estimates = styles[name], table[COLUMNS].to_numpy(dtype=float)
        for row, (car, low, high) in enumerate(estimates):
            if np.isnan(car):
                continue
            axes.plot([low, high], [row + shift] * 2, color=look.colour, linewidth=1.6)
            axes.plot(
                car, row + shift, marker=look.marker, markersize=size,
                color=look.colour, markeredgewidth=1.6, linestyle="none",
                markerfacecolor=look.colour if low > 0 or high < 0 else "white",
            )  # fmt: skip
    parts.zero_line(axes, vertical=True)
    ticks.percent_axis(axes.xaxis)
    axes.locator_params(axis="x", nbins=8)
    axes.set_xlabel(fill(xlabel, 78))
    parts.rows_axis(axes, texts, style.TEXT if few else style.SMALL)
    parts.legend_below(figure, [
        *(parts.keys(styles) if len(styles) > 1 else ()),
        parts.key("filled: interval excludes zero"),
        *(parts.patch(name) for name in shaded if name),
    ])  # fmt: skip
    return figure


def _alike(rows: Any) -> dict[str, pd.DataFrame]:
    """The frame of each series, over the rows of the first."""
    given = {"": rows} if isinstance(rows, pd.DataFrame) else some(rows, "forest: rows")
    tables = {
        name: table_of(table, f"forest: {name or 'rows'}",
                       numbers=COLUMNS)
        for name, table in given.items()
    }  # fmt: skip
    index = next(iter(tables.values())).index
    for name, table in tables.items():
        if table.index.equals(index):
            continue
        if not (table.index.is_unique and index.is_unique):
            raise HelpersError(f"forest: the rows of {name!r} are not told apart.")
        known(table.index, index, f"forest: a row of {name!r}")
        known(index, table.index, f"forest: a row that {name!r} needs")
        tables[name] = table.loc[index]
    return tables
