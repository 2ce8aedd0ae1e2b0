"""Names by sessions, each cell an abnormal return."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers.evidence.wording import number
from helpers.presentation.style import BLACK, GREY, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def heat_map(
    values: pd.DataFrame,
    *,
    title: str,
    xlabel: str,
    significant: pd.DataFrame | None = None,
    notes: list[str] | None = None,
) -> Figure:
    """Abnormal returns by name and session, printed in percent.

    Parameters
    ----------
    values : DataFrame
        Names x sessions, decimal; NaN is shown as closed.
    title, xlabel : str
    significant : DataFrame of bool, optional
        Cells set in bold with a frame.
    notes : list of str, optional
        One line above each column, such as the event of that session.
    """
    from matplotlib.colors import CenteredNorm
    from matplotlib.patches import Rectangle

    figure, axes = new_figure(2.0 + 0.46 * len(values), title=title)
    table = values.to_numpy(dtype=float)
    reach = float(np.nanmax(np.abs(table)))
    # Orange to purple: distinguishable without red-green vision, and in grey by
    # the printed sign.
    image = axes.imshow(
        table, cmap="PuOr_r", norm=CenteredNorm(0, reach), aspect="auto"
    )
    for row in range(table.shape[0]):
        for column in range(table.shape[1]):
            value = table[row, column]
            if np.isnan(value):
                axes.text(column, row, "–", ha="center", va="center", color=GREY)
                continue
            strong = significant is not None and bool(significant.iloc[row, column])
            text = number(100 * value, 1, signed=True)
            axes.text(
                column,
                row,
                text,
                ha="center",
                va="center",
                fontsize=9.5,
                weight="bold" if strong else "normal",
                color="white" if abs(value) > 0.6 * reach else BLACK,
            )
            if strong:
                axes.add_patch(
                    Rectangle(
                        (column - 0.48, row - 0.46), 0.96, 0.92,
                        fill=False, edgecolor=BLACK, linewidth=1.6,
                    )
                )  # fmt: skip
    axes.set_yticks(range(len(values)), [str(name) for name in values.index])
    axes.set_xticks(range(values.shape[1]), [str(name) for name in values.columns])
    axes.tick_params(length=0)
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_xlabel(xlabel)
    if notes:
        above = axes.secondary_xaxis("top")
        above.set_xticks(range(len(notes)), notes, fontsize=9)
        above.tick_params(length=0)
        above.spines["top"].set_visible(False)
    bar = figure.colorbar(image, ax=axes, shrink=0.7, pad=0.02)
    bar.ax.yaxis.set_major_formatter(
        lambda value, _: f"{100 * value:.0f} %".replace("-", "\N{MINUS SIGN}")
    )
    bar.outline.set_visible(False)
    return figure
