"""Many histories as thin strips under headings: where they run, what they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.presentation.style import BLACK, BLUE, ORANGE, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Headings and, below each, labels of rows: one such list for each column of the figure.
Column = Sequence[tuple[str, Sequence[str]]]
ROW_HEIGHT = 0.178
_GAP_MARKS = ((ORANGE, "v"), (BLACK, "x"))


def spans(
    columns: Sequence[Column],
    histories: pd.DataFrame,
    gaps: pd.DataFrame,
    *,
    title: str,
) -> Figure:
    """Draw each history from its first to its last day, gaps marked.

    Parameters
    ----------
    columns : sequence of (heading, labels) lists
    histories : DataFrame
        By label: ``first``, ``last``.
    gaps : DataFrame
        ``label``, ``kind``, ``first``: at most two kinds, named above the figure.
    title : str
    """
    figure, grid = _grid(columns, title)
    kinds = dict(zip(gaps["kind"].unique(), _GAP_MARKS, strict=False))
    for axes, column in zip(grid, columns, strict=True):
        rows = _rows(axes, column)
        shown = histories.loc[list(rows)]
        axes.barh(
            list(rows.values()), shown["last"] - shown["first"],
            left=shown["first"], height=0.62, color="#9ec9e6", edgecolor=BLUE,
            linewidth=0.7,
        )  # fmt: skip
        for gap in gaps[gaps["label"].isin(list(rows))].itertuples():
            colour, marker = kinds[gap.kind]
            axes.plot(
                gap.first, rows[gap.label], marker=marker, color=colour, markersize=5.5,
                markeredgewidth=1.6, linestyle="none", zorder=3,
            )  # fmt: skip
        axes.set_xlim(histories["first"].min(), histories["last"].max())
        _years(axes)
    handles = [_key(kind, colour, marker) for kind, (colour, marker) in kinds.items()]
    if handles:
        figure.legend(
            handles=handles, loc="outside lower center", ncols=2, frameon=False
        )
    return figure


def strips(
    columns: Sequence[Column],
    values: pd.DataFrame,
    *,
    title: str,
    label: str,
) -> Figure:
    """Draw a share between 0 and 1 along each history, dark where it is high.

    Parameters
    ----------
    columns : sequence of (heading, labels) lists
    values : DataFrame
        Labels x first days of equal periods, decimal; NaN leaves white.
    title, label : str
        The second names the colour scale.
    """
    from matplotlib.colors import Normalize

    figure, grid = _grid(columns, title)
    periods = pd.DatetimeIndex(values.columns)
    edges = periods.append(periods[-1:] + (periods[-1:] - periods[-2]))
    drawn: Any = None
    for axes, column in zip(grid, columns, strict=True):
        rows = _rows(axes, column)
        # Every row is a band with an empty one above and below it.
        height = 2 * (max(rows.values()) + 1)
        bands = np.full((height, len(periods)), np.nan)
        for name, row in rows.items():
            bands[2 * row] = values.loc[name].to_numpy(dtype=float)
        tops = np.repeat(np.arange(height // 2 + 1), 2)[: height + 1]
        drawn = axes.pcolormesh(
            edges,
            tops + np.where(np.arange(height + 1) % 2, 0.4, -0.4),
            np.ma.masked_invalid(bands),
            cmap="Blues",
            # Zero must still be seen against the paper.
            norm=Normalize(-0.15, 1.0),
        )
        _years(axes)
    bar = figure.colorbar(
        drawn,
        ax=list(grid),
        location="bottom",
        shrink=0.5,
        aspect=36,
        pad=0.01,
        boundaries=np.linspace(0, 1, 101),
        ticks=[0, 0.25, 0.5, 0.75, 1],
    )
    bar.ax.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    bar.set_label(label)
    bar.outline.set_visible(False)
    return figure


def _grid(columns: Sequence[Column], title: str) -> tuple[Figure, Any]:
    deepest = max(sum(1 + len(labels) for _, labels in column) for column in columns)
    height = 1.4 + ROW_HEIGHT * deepest
    figure, grid = new_figure(height, 1, len(columns), title=title, squeeze=False)
    for axes in grid[0]:
        axes.set_ylim(deepest - 0.4, -0.6)
    return figure, grid[0]


def _rows(axes: Axes, column: Column) -> Mapping[str, int]:
    """Write headings and labels; return the row of each label."""
    names: list[tuple[str, bool]] = []
    rows = {}
    for heading, labels in column:
        names.append((heading, True))
        for label in labels:
            rows[label] = len(names)
            names.append((label, False))
    axes.set_yticks(range(len(names)), [name for name, _ in names], fontsize=8)
    for text, (_, is_heading) in zip(axes.get_yticklabels(), names, strict=True):
        text.set_fontweight("bold" if is_heading else "normal")
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    axes.spines["left"].set_visible(False)
    return rows


def _years(axes: Axes) -> None:
    from matplotlib.dates import DateFormatter, YearLocator

    axes.xaxis.set_major_locator(YearLocator(2))
    axes.xaxis.set_major_formatter(DateFormatter("%Y"))


def _key(kind: str, colour: str, marker: str) -> Any:
    from matplotlib.lines import Line2D

    return Line2D(
        [], [], color=colour, marker=marker, linestyle="none", label=kind,
        markersize=6, markeredgewidth=1.6,
    )  # fmt: skip


def names_of(table: pd.DataFrame) -> dict[str, str]:
    """Short labels by symbol, such as ``SMIC 0981.HK``.

    Parameters
    ----------
    table : DataFrame
        By symbol, with column ``name``.
    """
    from textwrap import shorten

    short = {
        symbol: shorten(str(name).partition(" (")[0], 15, placeholder="")
        for symbol, name in table["name"].items()
    }
    return {
        str(symbol): name if str(symbol) in name.split() else f"{name} {symbol}"
        for symbol, name in short.items()
    }
