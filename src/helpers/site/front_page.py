"""The front page: finding, verdicts, one figure, how to read, how to cite."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.errors import HelpersError
from helpers.notebooks.results import FIGURE_FILE, README_FILE, finding_in
from helpers.site.chapters import Chapter
from helpers.site.claim_page import verdict_table
from helpers.site.markup import literal
from helpers.site.verdicts import Decided

if TYPE_CHECKING:
    import pandas as pd

TITLE = "US chip sanctions and China's own AI chips"
_CHAPTER_LINK = re.compile(r"\]\(notebooks/([\w-]+)\.ipynb\)")
_IMAGE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<file>[^)]*)\)")

HOW_TO_READ = """\
Each chapter asks one question, answers it in its first lines, and then shows on what
the answer rests. Results come first; the code that made them is folded beneath, and
the numbers of every figure and table can be taken away as CSV.

- An **abnormal return** is what a share earned beyond what a model of its ordinary
  days would have given it; **CAR** adds it up over a window of sessions.
- **Day 0** is the first session in which an exchange could react to the news.
- A **placebo p** says how often ordinary dates give as much. Small means unusual.
- **Not supported** means that the data show no such effect; **contradicted**, that
  they show the opposite. A study of one share on one day finds only large effects."""


def front_page(
    root: Path,
    claims: pd.DataFrame,
    verdicts: Mapping[str, Decided],
    chapters: Sequence[Chapter],
    as_of: str,
) -> str:
    """Return the front page as Markdown.

    Parameters
    ----------
    root : Path
        The checkout: its README states the finding and the figure.
    claims : DataFrame
    verdicts : mapping of claim_id to Decided
    chapters : sequence of Chapter
        In the order of the book.
    as_of : str
        Last session of the data, ISO date.

    Raises
    ------
    HelpersError
        If the README has no finding or no figure.
    """
    finding = finding_in((root / README_FILE).read_text(encoding="utf-8"))
    image = _IMAGE.search(finding)
    if image is None:
        raise HelpersError(f"{README_FILE} has no figure: run `make`.")
    words = _CHAPTER_LINK.sub(r"](chapters/\1.ipynb)", _IMAGE.sub("", finding).strip())
    quoted = "\n".join(f"> {line}".rstrip() for line in words.splitlines())
    titles = {chapter.name: chapter.title for chapter in chapters}
    listed = "\n".join(f"chapters/{chapter.name}" for chapter in chapters)
    return f"""\
# {TITLE}

<p class="as-of">Data up to {as_of}</p>

{quoted}

```{{image}} /{Path(FIGURE_FILE).name}
:alt: {" ".join(image["alt"].split())}
:width: 779px
```

## What the article claims, and what the data say

{verdict_table(claims, verdicts, titles)}

## How to read this book

{HOW_TO_READ}

To explore on your own, type `make lab` in the checkout.

```{{toctree}}
:hidden:
:caption: Chapters

{listed}
```

```{{toctree}}
:hidden:
:caption: Evidence

claims
events/index
data
cite
```
"""


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
