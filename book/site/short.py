"""The short version: the finding, its figure, what each chapter found, every verdict.

A page of the site, and two pages of paper as a PDF.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from book.results import OVERVIEW
from book.site.chapters import Chapter
from book.site.claims import Claim
from book.site.front_page import TITLE, Front, opening
from book.site.markup import fill, html_table, literal, plain
from helpers.figures.style import GREY
from helpers.notebook import day

# Points; and inches.
LARGE, HEADING, LEAD, TEXT, PLATE = 18, 12, 11, 8.4, 4.7
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
    front: Front,
    claims: Mapping[str, Claim],
    chapters: Sequence[Chapter],
    article: pd.Series,
) -> str:
    """Return the page as Markdown; `article` is the row of ``article.csv``."""
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
    front: Front,
    claims: Mapping[str, Claim],
    chapters: Sequence[Chapter],
    article: pd.Series,
    as_of: str,
) -> bytes:
    """Return the same as a PDF, byte for byte the same for the same content."""
    from book.site.paper import Paper  # half a second that only this needs

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
