"""The front page: finding, verdicts, one figure, how to read; and how to cite."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from book.results import END, OVERVIEW, START
from book.site.chapters import Chapter
from book.site.claims import Claim, verdict_bar, verdict_table
from book.site.markup import below, download, fill, literal
from helpers.errors import HelpersError

TITLE = "US chip sanctions and China's own AI chips"
_IMAGE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<file>[^)]*)\)")


def front_page(
    root: Path, claims: Mapping[str, Claim], chapters: Sequence[Chapter], as_of: str
) -> tuple[str, Path]:
    """Return the front page as Markdown, and the file of its figure.

    The README of the checkout `root` introduces the work and names the figure.

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
    plate = root / image["file"]
    answer = next((one.answer for one in chapters if one.name == OVERVIEW), "")
    pages: tuple[list[str], list[str]] = ([], [])
    for chapter in chapters:
        pages[chapter.is_lab].append(f"chapters/{chapter.name}")
    page = fill(
        "index.md",
        title=TITLE,
        introduction=introduction.partition("\n")[2].strip(),
        as_of=as_of,
        finding=answer and f"> **Finding.** {literal(answer)}",
        bar=verdict_bar(claims),
        plate=plate.name,
        alt=json.dumps(" ".join(html.unescape(image["alt"]).split())),
        caption=_caption(hashlib.sha256(plate.read_bytes()).hexdigest(), chapters),
        table=verdict_table(claims),
        book="\n".join(pages[False]),
        lab="\n".join(pages[True]),
    )
    return page, plate


def _caption(digest: str, chapters: Sequence[Chapter]) -> str:
    """Where the figure is from, and its numbers; nothing if no chapter shows it now."""
    for chapter in chapters:
        if digest in chapter.images:
            numbers = chapter.images[digest].numbers
            link = f"[{literal(chapter.title)}](<chapters/{chapter.name}.ipynb>)"
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
