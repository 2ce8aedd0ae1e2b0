"""A table as colours, each cell with its number where there is room."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.errors import HelpersError
from helpers.figures import parts, style, ticks
from helpers.figures.checks import row_labels, table_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Inches that the cells have, about, and columns beyond which no number fits.
_ROOM, _NUMBERED, _LABEL_LETTERS = 5.8, 14, 30


def heat_map(
    values: pd.DataFrame,
    significant: pd.DataFrame | None = None,
    *,
    title: str,
    xlabel: str = "",
    notes: Sequence[str] | None = None,
    percent: bool = True,
    digits: int = 1,
    subtitle: str | None = None,
) -> Figure:
    """Rows by columns as colours; numbers in the cells where they fit.

    Parameters
    ----------
    values : DataFrame
        Decimal where `percent`; NaN is shown as a dash.
    significant : DataFrame of bool, optional
        Same rows and columns: cells set in bold with a frame.
    title, xlabel : str
    notes : sequence of str, optional
        One line above each column, such as the event of that session.
    percent : bool
        Write 0.015 as 1.5 (the unit belongs into `subtitle` or `xlabel`).
    digits : int
        Decimals of the numbers in the cells.
    subtitle : str, optional

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
    from matplotlib.colors import CenteredNorm
    from matplotlib.patches import Rectangle

    table_of(values, "heat_map: values", numbers=values.columns)
    table = values.to_numpy(dtype=float)
    if not np.isfinite(table).any():
        raise HelpersError("heat_map: values hold no number.")
    strong = np.zeros(table.shape, dtype=bool)
    if significant is not None:
        if not (significant.index.equals(values.index)
                and significant.columns.equals(values.columns)):  # fmt: skip
            raise HelpersError("heat_map: significant has other rows or columns.")
        if not (significant.isin([True, False]) | values.isna()).all(axis=None):
            raise HelpersError("heat_map: significant is not True or False throughout.")
        strong = significant.to_numpy() == True  # noqa: E712 missing ones are not
    if notes is not None and len(notes) != values.shape[1]:
        raise HelpersError(f"heat_map: {len(notes)} notes, {values.shape[1]} columns.")
    figure, axes = style.new_figure(
        1.9 + 0.4 * len(values), title=title, subtitle=subtitle
    )
    # Orange to purple: told apart without red and green, in grey by the sign.
    norm = CenteredNorm(0, float(np.nanmax(np.abs(table))) or 1.0)
    image = axes.imshow(table, cmap="PuOr_r", norm=norm, aspect="auto")
    numbered = values.shape[1] <= _NUMBERED
    for (row, column), value in np.ndenumerate(table):
        if numbered or np.isnan(value):
            text = "–"
            if not np.isnan(value):
                text = ticks.plain((100 if percent else 1) * value, digits)
                text = f"+{text}" if value > 0 else text
            axes.text(
                column, row, text, ha="center", va="center", fontsize=style.SMALL,
                color=_ink(image, value),
                weight="bold" if strong[row, column] else "normal",
            )  # fmt: skip
        if strong[row, column]:
            axes.add_patch(
                Rectangle((column - 0.48, row - 0.46), 0.96, 0.92, fill=False,
                          edgecolor=style.BLACK, linewidth=1.6)
            )  # fmt: skip
    rows = [fill(name, _LABEL_LETTERS) for name in row_labels(values.index)]
    axes.set_yticks(range(len(rows)), rows)
    columns = [name.replace("-", ticks.MINUS) if name.lstrip("-").isdigit() else name
               for name in row_labels(values.columns)]  # fmt: skip
    wide = max(len(line) for name in columns for line in name.split("\n"))
    # A letter of this size takes about 0.085 inches.
    upright = 0.085 * wide > 0.95 * _ROOM / len(columns)
    axes.set_xticks(range(len(columns)), columns, rotation=90 if upright else 0,
                    fontsize=style.SMALL if upright else style.TEXT)  # fmt: skip
    axes.set_xlabel(xlabel)
    parts.bare(axes)
    if notes is not None:
        above = axes.secondary_xaxis("top")
        above.set_xticks(range(len(notes)), list(notes), fontsize=style.SMALL)
        parts.bare(above)
    if not numbered:
        bar = figure.colorbar(image, ax=axes, shrink=0.7, pad=0.02)
        (ticks.percent_axis if percent else ticks.number_axis)(bar.ax.yaxis)
        bar.outline.set_visible(False)
    return figure


def _ink(image: Any, value: float) -> str:
    """White on dark cells, black on light ones, grey where nothing is."""
    if np.isnan(value):
        return style.GREY
    light = np.dot(image.cmap(image.norm(value))[:3], (0.299, 0.587, 0.114))
    return "white" if light < 0.5 else style.BLACK
