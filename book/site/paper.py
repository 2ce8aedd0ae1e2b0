"""Sheets of paper: text and pictures, set by matplotlib."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.image import imread
from matplotlib.text import Text
from matplotlib.textpath import text_to_path

from helpers.figures.style import BLACK

# Inches: A4, and the space around what stands on it.
WIDE, HIGH, MARGIN = 8.27, 11.69, 0.7
# What a line takes of the size of its letters.
LEADING = 1.35
FONT = "DejaVu Sans"


class Paper:
    """Sheets that fill from top to bottom; what finds no room goes to the next."""

    def __init__(self) -> None:
        self.sheets: list[Figure] = []
        self._turn()

    def _turn(self) -> None:
        self.sheets.append(Figure(figsize=(WIDE, HIGH)))
        self.left = HIGH - 2 * MARGIN  # inches

    def _room(self, height: float, more: float = 0) -> float:
        """Make room, and return where it begins, in inches from the bottom.

        Where `more` would not fit below it, it begins on the next sheet.
        """
        if self.left < height + more:
            self._turn()
        top = self.left + MARGIN
        self.left -= height
        return top

    def write(
        self, words: str, size: float, *, after: float = 0.5, keep: int = 0, **look: str
    ) -> None:
        """Write a paragraph, with so many lines of space, or to be kept, after it."""
        self.row((words,), size, (1,), after=after, keep=keep, **look)

    def row(
        self,
        cells: Sequence[str],
        size: float,
        columns: Sequence[float],
        *,
        after: float = 0.3,
        keep: int = 0,
        weight: str = "normal",
        colour: str = BLACK,
    ) -> None:
        """Write cells beside each other; `columns` are shares of the width."""
        inside, line = WIDE - 2 * MARGIN, size * LEADING / 72
        gap = 0.15 if len(cells) > 1 else 0
        broken = [
            _lines(cell, size, weight, share * inside - gap)
            for cell, share in zip(cells, columns, strict=True)
        ]
        height = (max(map(len, broken)) + after) * line
        top = self._room(height, keep * line)
        x = MARGIN
        for lines, share in zip(broken, columns, strict=True):
            for number, words in enumerate(lines):
                text = Text(
                    x / WIDE, (top - number * line) / HIGH, words, va="top",
                    family=FONT, size=size, weight=weight, color=colour,
                    parse_math=False,
                )  # fmt: skip
                self.sheets[-1].add_artist(text)
            x += share * inside

    def show(self, file: Path, width: float) -> None:
        """Show a picture, so many inches wide."""
        pixels = imread(file)
        height = width * pixels.shape[0] / pixels.shape[1]
        bottom = self._room(height + 0.15) - height
        place = (MARGIN / WIDE, bottom / HIGH, width / WIDE, height / HIGH)
        axes = self.sheets[-1].add_axes(place)
        axes.imshow(pixels, aspect="auto", interpolation="none")
        axes.set_axis_off()

    def pdf(self, title: str) -> bytes:
        """Return the sheets as a file without the time at which it was made."""
        out = io.BytesIO()
        about = {"Title": title, "CreationDate": None}
        with PdfPages(out, metadata=about) as pages:
            for sheet in self.sheets:
                pages.savefig(sheet)
        return out.getvalue()


def _lines(words: str, size: float, weight: str, inches: float) -> list[str]:
    """Break words into lines of at most so many inches, where a blank allows it."""
    lines: list[list[str]] = [[]]
    left = inches
    for word in words.split(" "):
        wide = sum(_wide(letter, weight) for letter in f"{word} ") * size / 72
        if wide > left and lines[-1]:
            lines.append([])
            left = inches
        lines[-1].append(word)
        left -= wide
    return [" ".join(line) for line in lines]


@cache
def _wide(letter: str, weight: str) -> float:
    """How wide a letter is, as a share of the size of its type."""
    font = FontProperties(family=FONT, size=1, weight=weight)
    pair, *_ = text_to_path.get_text_width_height_descent(f"n{letter}n", font, False)
    own, *_ = text_to_path.get_text_width_height_descent("nn", font, False)
    return float(pair - own)
