"""Criteria by outcome: one row each, one column an outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from helpers.presentation.style import BLACK, BLUE, GREY, LIGHT, ORANGE, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Colour, marker and filling differ, so that grey print keeps them apart.
LOOKS = ((ORANGE, "X", ORANGE), (GREY, "o", "white"), (BLUE, "o", BLUE))
# Right edges of the two columns of text, in widths of the axes.
TEXT_COLUMNS = (1.19, 1.43)


def outcome_board(
    groups: Mapping[str, pd.DataFrame],
    *,
    title: str,
    outcomes: Sequence[str],
    heads: tuple[str, str],
) -> Figure:
    """Draw each criterion in the column of its outcome, its figures to the right.

    Parameters
    ----------
    groups : mapping of heading to DataFrame
        Columns label, outcome, threshold and reading (texts), one row a criterion.
    title : str
    outcomes : sequence of str
        Three, from against to for.
    heads : (str, str)
        Headings of the columns with threshold and reading.
    """
    rows = sum(len(table) + 1 for table in groups.values())
    figure, axes = new_figure(1.5 + 0.36 * rows, title=title)
    beside = axes.get_yaxis_transform()
    places = {outcome: place for place, outcome in enumerate(outcomes)}
    labels, ticks, at = [], [], 0
    for heading, table in groups.items():
        axes.text(
            -0.03, at, heading, transform=beside, weight="bold", ha="right", va="center"
        )
        axes.axhline(at + 0.5, color=LIGHT, linewidth=0.8)
        at += 1
        for row in table.itertuples():
            place = places.get(row.outcome)
            if place is not None:
                colour, marker, face = LOOKS[place]
                axes.plot(
                    place, at, marker=marker, markersize=11, color=colour,
                    markerfacecolor=face, markeredgewidth=1.8, linestyle="none",
                )  # fmt: skip
            for x, text in zip(TEXT_COLUMNS, (row.threshold, row.reading), strict=True):
                axes.text(
                    x, at, text, transform=beside, ha="right", va="center",
                    fontsize=9.5, color=BLACK,
                )  # fmt: skip
            labels.append(row.label)
            ticks.append(at)
            at += 1
    for x, head in zip(TEXT_COLUMNS, heads, strict=True):
        axes.text(
            x, -0.9, head, transform=beside, ha="right", va="center", fontsize=9.5,
            weight="bold",
        )  # fmt: skip
    axes.set_yticks(ticks, labels)
    axes.set_xticks(range(len(outcomes)), outcomes)
    axes.xaxis.tick_top()
    axes.set_xlim(-0.5, len(outcomes) - 0.5)
    axes.set_ylim(at - 0.5, -0.5)
    axes.tick_params(length=0)
    axes.grid(axis="y", color="#efefef")
    axes.grid(axis="x", visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return figure
