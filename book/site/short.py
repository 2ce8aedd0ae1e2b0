"""The short version: the finding, its figure, what each chapter found, every verdict.

A page of the site, and two pages of paper as a PDF.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import pandas as pd
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.image import imread
from matplotlib.text import Text
from matplotlib.textpath import text_to_path

from book.results import OVERVIEW
from book.site.chapters import Chapter
from book.site.claims import Claim
from book.site.front_page import TITLE, Front, opening
from book.site.markup import fill, html_table, literal, plain
from helpers.data.tables import kept_table
from helpers.figures.style import BLACK, GREY
from helpers.notebook import day

# Inches: A4, and the space around what stands on it.
WIDE, HIGH, MARGIN = 8.27, 11.69, 0.7
# Points; and what a line takes of the size of its letters.
LARGE, HEADING, LEAD, TEXT, LEADING = 18, 12, 11, 8.4, 1.35
FONT = "DejaVu Sans"
PLATE = 4.7  # inches wide
HEADS = ("The article claims, in our words", "The data say", "By kind of evidence")
# Shares of the width.
COLUMNS = (0.52, 0.12, 0.36)
FOUND = "What each chapter found"
CLAIMED = "What the article claims, and what the data say"
LIMITS = (
    "An abnormal return is what a share earned beyond a model of its ordinary days. It "
    "can show that prices moved with an announcement, not why. One rule, the same both "
    "ways, calls a claim supported, contradicted or undecided; each claim is the "
    "article's in our words. Nothing here is investment advice."
)


def short_page(
    front: Front, claims: Mapping[str, Claim], chapters: Sequence[Chapter]
) -> str:
    """Return the page as Markdown."""
    article = kept_table("article.csv").iloc[0]
    rows = [
        (
            f'<a href="claims.html#claim-{claim_id}">{plain(claim.about["claim"])}</a>',
            claim.word,
            claim.by_kind,
        )
        for claim_id, claim in claims.items()
    ]
    found = [
        f"- **[{literal(one.heading)}](<chapters/{one.name}.ipynb>)** "
        f"{literal(one.answer)}"
        for one in _answered(chapters)
    ]
    return fill(
        "short.md",
        question=_question(front),
        opening=opening(front),
        found_title=FOUND,
        found="\n".join(found),
        claimed_title=CLAIMED,
        table=html_table(CLAIMED, HEADS, rows),
        limits=LIMITS,
        article=f"[{literal(article['title'])}](<{article['address']}>), "
        f"{literal(_where(article))}",
    )


def short_pdf(
    front: Front, claims: Mapping[str, Claim], chapters: Sequence[Chapter], as_of: str
) -> bytes:
    """Return the same as a PDF, byte for byte the same for the same content."""
    paper = Paper()
    paper.write(TITLE, LARGE, weight="bold")
    paper.write(_question(front), TEXT)
    paper.write(front.answer, LEAD, weight="bold")
    words = [claim.word for claim in claims.values()]
    counts = [f"{words.count(word)} {word}" for word in dict.fromkeys(words)]
    paper.write(f"{len(words)} claims: {', '.join(counts)}.", LEAD)
    paper.show(front.plate, PLATE)
    paper.write(FOUND, HEADING, keep=2, weight="bold")
    for one in _answered(chapters):
        paper.write(one.heading, TEXT, after=0, keep=2, weight="bold")
        paper.write(one.answer, TEXT)
    paper.write(CLAIMED, HEADING, keep=2, weight="bold")
    paper.row(HEADS, TEXT, COLUMNS, weight="bold")
    for claim in claims.values():
        cells = (f"{claim.about['claim']}.", claim.word, claim.by_kind)
        paper.row(cells, TEXT, COLUMNS)
    article = kept_table("article.csv").iloc[0]
    source = f"The article: {article['title']}, {_where(article)}, {article['address']}"
    paper.write(f"{LIMITS} Data up to {as_of}. {source}", TEXT, colour=GREY)
    return paper.pdf(TITLE)


def _question(front: Front) -> str:
    """What the work asks, in the first words of the README."""
    return " ".join(front.introduction.partition("\n\n")[0].split())


def _where(article: pd.Series) -> str:
    span = f"{day(article['published_first'])} to {day(article['published_last'])}"
    return f"{article['publisher']}, of about {span}"


def _answered(chapters: Sequence[Chapter]) -> list[Chapter]:
    """The chapters with an answer but the overview, whose answer is the finding."""
    return [one for one in chapters if one.answer and one.name != OVERVIEW]


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
