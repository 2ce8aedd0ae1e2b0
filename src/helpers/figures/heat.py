"""A table as colours, each cell with its number where there is room."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.errors import HelpersError
from helpers.figures.axes import MINUS, TrueTicks, plain
from helpers.figures.checks import row_labels, table_of
from helpers.figures.style import BLACK, GREY, SMALL, TEXT, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Inches that the cells have, about, and columns beyond which no number fits.
_ROOM, _NUMBERED, _LABEL_LETTERS = 5.8, 14, 30


def heat_map(
    values: pd.DataFrame,
    significant: pd.DataFrame | None = None,
    *,
    title: str,
    xlabel: str = "",
    label: str = "",
    notes: Sequence[str] | None = None,
    percent: bool = True,
    digits: int = 1,
    centred: bool = True,
    missing: str = "–",
    subtitle: str | None = None,
    source: str | None = None,
) -> Figure:
    """Rows by columns as colours; numbers in the cells where they fit.

    Parameters
    ----------
    values : DataFrame
        Decimal where `percent`; NaN is shown as `missing`.
    significant : DataFrame of bool, optional
        Same rows and columns: cells set in bold with a frame.
    title, xlabel : str
    label : str
        Names the colour scale, which is drawn where the cells have no numbers.
    notes : sequence of str, optional
        One line above each column, such as the event of that session.
    percent : bool
        Write 0.015 as 1.5 (the unit belongs into `subtitle` or `xlabel`).
    digits : int
        Decimals of the numbers in the cells.
    centred : bool
        Two colours from zero; otherwise one, from the least to the greatest.
    missing : str
    subtitle, source : str, optional

    Raises
    ------
    HelpersError
        If there is no number, or `significant` or `notes` do not fit.

    Examples
    --------
    >>> table = pd.DataFrame([[0.011, -0.02]], index=["SMIC"], columns=[0, 1])
    >>> figure = heat_map(table, title="Up, then down", xlabel="Session")
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['+1.1', '−2.0']
    """
    table_of(values, (), "heat_map: values", numbers=values.columns)
    table = values.to_numpy(dtype=float)
    if not np.isfinite(table).any():
        raise HelpersError("heat_map: values hold no number.")
    if significant is not None and not (
        significant.index.equals(values.index)
        and significant.columns.equals(values.columns)
    ):
        raise HelpersError(
            "heat_map: significant has not the rows and columns of values."
        )
    if notes is not None and len(notes) != values.shape[1]:
        raise HelpersError(
            f"heat_map: {len(notes)} notes for {values.shape[1]} columns."
        )
    figure, axes = new_figure(
        1.9 + 0.4 * len(values), title=title, subtitle=subtitle, source=source
    )
    norm, colours = _scale(table, centred)
    image = axes.imshow(table, cmap=colours, norm=norm, aspect="auto")
    numbered = values.shape[1] <= _NUMBERED
    strong = None if significant is None else significant.to_numpy(dtype=bool)
    for row, column in np.ndindex(table.shape):
        framed = strong is not None and bool(strong[row, column])
        if numbered or np.isnan(table[row, column]):
            text = missing
            if not np.isnan(table[row, column]):
                text = plain((100 if percent else 1) * table[row, column], digits)
                text = f"+{text}" if centred and table[row, column] > 0 else text
            axes.text(
                column, row, text, ha="center", va="center", fontsize=SMALL,
                weight="bold" if framed else "normal",
                color=_ink(image, table[row, column]),
            )  # fmt: skip
        if framed:
            _frame(axes, row, column)
    _name_cells(axes, values, xlabel)
    if notes is not None:
        above = axes.secondary_xaxis("top")
        above.set_xticks(range(len(notes)), list(notes), fontsize=SMALL)
        above.tick_params(length=0)
        above.spines["top"].set_visible(False)
    if not numbered or label:
        bar = figure.colorbar(image, ax=axes, shrink=0.7, pad=0.02)
        bar.ax.yaxis.set_major_formatter(
            TrueTicks(100, " %") if percent else TrueTicks()
        )
        bar.outline.set_visible(False)
        bar.set_label(label)
    return figure


def _scale(table: np.ndarray, centred: bool) -> tuple[Any, str]:
    """Orange to purple: told apart without red and green, in grey by the sign."""
    from matplotlib.colors import CenteredNorm, Normalize

    if centred:
        return CenteredNorm(0, float(np.nanmax(np.abs(table))) or 1.0), "PuOr_r"
    return Normalize(float(np.nanmin(table)), float(np.nanmax(table))), "Blues"


def _ink(image: Any, value: float) -> str:
    if np.isnan(value):
        return GREY
    red, green, blue, _ = image.cmap(image.norm(value))
    return "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 0.5 else BLACK


def _frame(axes: Axes, row: int, column: int) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(
        Rectangle((column - 0.48, row - 0.46), 0.96, 0.92, fill=False,
                  edgecolor=BLACK, linewidth=1.6)
    )  # fmt: skip


def _name_cells(axes: Axes, values: pd.DataFrame, xlabel: str) -> None:
    rows = [fill(label, _LABEL_LETTERS) for label in row_labels(values.index)]
    axes.set_yticks(range(len(rows)), rows, fontsize=TEXT)
    columns = [label.replace("-", MINUS) if label.lstrip("-").isdigit() else label
               for label in row_labels(values.columns)]  # fmt: skip
    wide = max(max(map(len, label.split("\n"))) for label in columns)
    # A letter of this size takes about 0.085 inches.
    upright = 0.085 * wide > 0.95 * _ROOM / len(columns)
    axes.set_xticks(range(len(columns)), columns, rotation=90 if upright else 0,
                    fontsize=SMALL if upright else TEXT)  # fmt: skip
    axes.tick_params(length=0)
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_xlabel(xlabel)
