"""The front page: finding, verdicts, one figure, how to read; and how to cite."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from book.results import END, OVERVIEW, START
from book.site.chapters import Chapter
from book.site.claims import Claim, verdict_bar, verdict_table
from book.site.markup import below, download, literal
from helpers.errors import HelpersError

TITLE = "US chip sanctions and China's own AI chips"
_IMAGE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<file>[^)]*)\)")

HOW_TO_READ = """\
Each chapter asks one question, answers it in its first lines, and then shows on what
the answer rests. Results come first; the code that made them is folded beneath, and
the numbers of every figure and table can be taken away as CSV.

- An **abnormal return** is what a share earned beyond what a model of its ordinary
  days would have given it; **CAR** adds it up over a window of sessions.
- **Day 0** is the first session in which an exchange could react to the news.
- **p** says how often chance, such as dates without news, gives as much. Small means
  unusual.
- One rule reads every claim, the same both ways. **Supported**: the effect is in the
  direction that the article says, beyond chance. **Contradicted**: it is in the other
  direction, or any effect in the claimed one as large as would matter is excluded.
  **Undecided**: neither; the [page of claims](claims.md) says how large an effect would
  have been found. **Not testable**: the rule could not have given another answer. **The
  legs part**: prices, figures and documents say different things."""


def front_page(
    root: Path, claims: Mapping[str, Claim], chapters: Sequence[Chapter], as_of: str
) -> tuple[str, Path]:
    """Return the front page as Markdown, and the file of its figure.

    Parameters
    ----------
    root : Path
        The checkout: its README introduces the work and names the figure.
    claims : mapping of claim_id to Claim
    chapters : sequence of Chapter
        In the order of the book.
    as_of : str
        Last session of the data, in words.

    Raises
    ------
    HelpersError
        If the README names no figure between its marks.
    """
    readme = (root / "README.md").read_text(encoding="utf-8")
    introduction, _, rest = readme.partition(START)
    image = _IMAGE.search(rest.partition(END)[0])
    if image is None:
        raise HelpersError(f"README.md has no figure between {START} and {END}.")
    plate = root / image["file"]
    digest = hashlib.sha256(plate.read_bytes()).hexdigest()
    shown_in = next((one for one in chapters if digest in one.images), None)
    answer = next((one.answer for one in chapters if one.name == OVERVIEW), "")
    lab = [one for one in chapters if one.is_lab]
    parts = [
        f"# {TITLE}",
        introduction.partition("\n")[2].strip(),
        f'<p class="as-of">Data up to {as_of}</p>',
        *([f"> **Finding.** {literal(answer)}"] if answer else []),
        verdict_bar(claims),
        f"```{{image}} /{plate.name}\n:alt: {' '.join(image['alt'].split())}\n"
        ":width: 779px\n```",
        *(_caption(shown_in, digest) if shown_in else []),
        "## What the article claims, and what the data say",
        verdict_table(claims),
        below(download("files/verdicts.csv", "Verdicts by leg (CSV)")),
        "## How to read this book",
        HOW_TO_READ,
        "## Where to go",
        "- **All claims:** [each with its legs, deciding cell, events and data]"
        "(claims.md).\n"
        f"- **One question in depth:** {(shown_in or chapters[0]).link}.\n"
        "- **Any announcement:** [the events, their sources, what prices did then]"
        "(events/index.md).\n"
        "- **The files:** [prices, ledger and codebook](data.md)."
        + (f"\n- **Your own question:** {lab[0].link}." if lab else ""),
        _contents("The book", [one for one in chapters if not one.is_lab]),
        "```{toctree}\n:hidden:\n:caption: Evidence\n\n"
        "claims\nevents/index\ndata\ncite\n```",
        _contents("The lab", lab),
    ]
    return "\n\n".join(parts) + "\n", plate


def _caption(chapter: Chapter, digest: str) -> list[str]:
    numbers = chapter.images[digest].numbers
    words = "Numbers of this figure (CSV)"
    return [
        f"**Figure.** From the chapter {chapter.link}, which says how it was made.",
        *([below(download(numbers, words))] if numbers else []),
    ]


def _contents(caption: str, chapters: Sequence[Chapter]) -> str:
    if not chapters:
        return ""
    listed = "\n".join(f"chapters/{chapter.name}" for chapter in chapters)
    return f"```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{listed}\n```"


def cite_page(citation: Mapping[str, Any], as_of: str) -> str:
    """Return how to cite the work, from the fields of CITATION.cff, as Markdown."""
    authors = ", ".join(author["name"] for author in citation["authors"])
    year = str(citation["date-released"])[:4]
    key = f"chip-sanctions-{year}"
    return f"""\
# How to cite, and terms

{literal(authors)} ({year}). *{literal(citation["title"])}*, version
{literal(citation["version"])}. Data up to {as_of}.

```bibtex
@software{{{key},
  author  = {{{{{authors}}}}},
  title   = {{{citation["title"]}}},
  version = {{{citation["version"]}}},
  year    = {{{year}}}
}}
```

Code: MIT. Prose and figures: CC BY 4.0. Prices come in the end from the providers
named on [the data page](data.md), whose terms allow personal and research use.
Nothing here is investment advice.

To keep a page as PDF, print it from the browser: navigation is left out and folded
code stays folded.
"""
