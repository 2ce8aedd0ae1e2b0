"""The front page: finding, verdicts, one figure, how to read; and how to cite."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from book.results import END, OVERVIEW, START
from book.site.chapters import Chapter
from book.site.claims import Claim, verdict_bar, verdict_table
from book.site.markup import below, download, fill, literal
from book.site.plate import phone_plate
from helpers.errors import HelpersError

TITLE = "US chip sanctions and China's own AI chips"
_IMAGE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<file>[^)]*)\)")


class Front(NamedTuple):
    """What the front page and the short version begin with."""

    introduction: str  # Markdown of the README
    answer: str  # of the overview, in one sentence
    bar: str  # of the verdicts, as HTML
    plate: Path  # the file of the figure
    alt: str  # its alternative text
    phone: str  # the same figure for a phone, as HTML, if it could be drawn for one


def read_front(
    root: Path, claims: Mapping[str, Claim], chapters: Sequence[Chapter]
) -> Front:
    """Return it; the README of the checkout `root` introduces and names the figure.

    Raises
    ------
    HelpersError
        If it names none between its marks.
    """
    readme = (root / "README.md").read_text(encoding="utf-8")
    introduction, _, rest = readme.partition(START)
    image = _IMAGE.search(rest.partition(END)[0])
    if image is None:
        raise HelpersError(f"README.md has no figure between {START} and {END}.")
    answer = next((one.answer for one in chapters if one.name == OVERVIEW), "")
    plate, alt = root / image["file"], " ".join(html.unescape(image["alt"]).split())
    digest = hashlib.sha256(plate.read_bytes()).hexdigest()
    stored = next((one.drawing(digest) for one in chapters if digest in one.images), {})
    return Front(
        introduction.partition("\n")[2].strip(),
        answer,
        verdict_bar(claims),
        plate,
        alt,
        phone_plate(stored, alt),
    )


def front_page(
    front: Front, claims: Mapping[str, Claim], chapters: Sequence[Chapter], as_of: str
) -> str:
    """Return the front page as Markdown."""
    pages: tuple[list[str], list[str]] = ([], [])
    for chapter in chapters:
        pages[chapter.is_lab].append(f"chapters/{chapter.name}")
    return fill(
        "index.md",
        title=TITLE,
        introduction=front.introduction,
        as_of=as_of,
        opening=opening(front),
        caption=_caption(front.plate, chapters),
        table=verdict_table(claims),
        book="\n".join(pages[False]),
        lab="\n".join(pages[True]),
    )


def opening(front: Front) -> str:
    """Return finding, verdicts and figure, as Markdown."""
    return fill(
        "opening.md",
        finding=front.answer and f"> **Finding.** {literal(front.answer)}",
        bar=front.bar,
        plate=front.plate.name,
        alt=json.dumps(front.alt),
        phone=front.phone,
        kind="has-phone" if front.phone else "alone",
    )


def _caption(plate: Path, chapters: Sequence[Chapter]) -> str:
    """Where the figure is from, and its numbers; nothing if no chapter shows it now."""
    digest = hashlib.sha256(plate.read_bytes()).hexdigest()
    for chapter in chapters:
        if digest in chapter.images:
            numbers = chapter.images[digest].numbers
            link = f"[{literal(chapter.heading)}](<chapters/{chapter.name}.ipynb>)"
            words = "Numbers of this figure (CSV)"
            return (
                f"**Figure.** From the chapter {link}, which says how it was made.\n\n"
                f"{below(download(numbers, words)) if numbers else ''}"
            )
    return ""


def cite_page(root: Path, as_of: str) -> str:
    """Return how to cite the work, from the fields of CITATION.cff, as Markdown."""
    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    return fill(
        "cite.md",
        authors=", ".join(author["name"] for author in citation["authors"]),
        title=literal(citation["title"]),
        version=citation["version"],
        year=str(citation["date-released"])[:4],
        as_of=as_of,
    )
