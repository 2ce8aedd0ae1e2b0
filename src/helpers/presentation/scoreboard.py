"""Claims in rows, verdicts in columns: one mark a claim."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Any

import pandas as pd

from helpers.presentation.style import (
    BLACK,
    BLUE,
    GREY,
    LIGHT,
    ORANGE,
    PURPLE,
    new_figure,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CLAIM_LETTERS = 54
STRENGTH_LETTERS = 11
ROW, HEADING = 1.0, 0.72
# By column: the place alone tells the verdict, so that grey and colour-blind
# readers lose nothing; shape and colour repeat it.
_MARKS: tuple[dict[str, Any], ...] = (
    {"marker": "o", "color": BLUE},
    {
        "marker": "o",
        "color": BLUE,
        "fillstyle": "left",
        "markerfacecoloralt": "white",
    },
    {"marker": "o", "color": GREY, "fillstyle": "none"},
    {"marker": "X", "color": ORANGE},
    {"marker": "$?$", "color": PURPLE},
)


def scoreboard(rows: pd.DataFrame, words: tuple[str, ...], *, title: str) -> Figure:
    """Draw the verdict on each claim as a mark in the column of its word.

    Parameters
    ----------
    rows : DataFrame
        In the order shown: ``group`` (a heading wherever it changes), ``label``,
        ``word``, ``others`` (list of words of second readings), ``note`` and
        ``strength`` (texts in the last two columns).
    words : tuple of str
        At most five columns, from the left.
    title : str
    """
    heights, headings = _layout(rows)
    deepest = max(heights)
    figure, axes = new_figure(1.15 + 0.345 * (deepest + 1), title=title)
    columns = {word: number for number, word in enumerate(words)}
    for height, row in zip(heights, rows.itertuples(), strict=True):
        axes.hlines(height, -0.5, len(words) - 0.5, color=LIGHT, linewidth=0.8)
        for other in row.others:
            axes.plot(
                columns[other], height, marker="o", markersize=17, fillstyle="none",
                color=BLACK, markeredgewidth=1.0, linestyle="none",
            )  # fmt: skip
        at = columns[row.word]
        axes.plot(
            at, height, markersize=10, linestyle="none", markeredgewidth=1.6,
            **_MARKS[at],
        )  # fmt: skip
        axes.text(
            len(words) - 0.1, height, row.note, ha="center", va="center", fontsize=8.5
        )
        axes.text(
            len(words) + 0.95, height, fill(row.strength, STRENGTH_LETTERS),
            ha="center", va="center", fontsize=7.4, linespacing=0.95,
        )  # fmt: skip
    _names(axes, rows, heights, headings)
    counts = rows["word"].value_counts()
    for word, at in columns.items():
        head = f"{fill(word, 12)}\n{counts.get(word, 0)}"
        axes.text(at, -0.75, head, ha="center", va="bottom", fontsize=7.6)
    for right, head in ((-0.1, "events\nverified"), (0.95, "how\nsure")):
        axes.text(
            len(words) + right, -0.75, head, ha="center", va="bottom", fontsize=7.6
        )
    axes.set_xlim(-0.5, len(words) + 1.5)
    axes.set_ylim(deepest + 0.6, -0.7)
    axes.set_xticks([])
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return figure


def _layout(rows: pd.DataFrame) -> tuple[list[float], dict[str, float]]:
    """Height of each row, and of the heading above each group."""
    heights: list[float] = []
    headings: dict[str, float] = {}
    y = 0.0
    for group in rows["group"]:
        if group not in headings:
            headings[group] = y
            y += HEADING
        heights.append(y)
        y += ROW
    return heights, headings


def _names(
    axes: Axes, rows: pd.DataFrame, heights: list[float], headings: dict[str, float]
) -> None:
    labels = [fill(label, CLAIM_LETTERS) for label in rows["label"]]
    names = [*zip(heights, labels, strict=True)]
    names += [(height, heading) for heading, height in headings.items()]
    texts = axes.set_yticks([y for y, _ in names], [name for _, name in names])
    for tick, (_, name) in zip(texts, names, strict=True):
        tick.label1.set_fontsize(7.8)
        if name in headings:
            tick.label1.set_fontweight("bold")
            tick.label1.set_fontsize(8.8)
    axes.tick_params(length=0)
