"""The front page: what this is, finding, one figure, verdicts, how to read."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from helpers.errors import HelpersError
from helpers.notebooks.results import FIGURE_FILE, README_FILE, START, finding_in
from helpers.site.chapters import Chapter
from helpers.site.claim_page import verdict_table
from helpers.site.markup import literal
from helpers.site.verdicts import Decided

if TYPE_CHECKING:
    import pandas as pd

TITLE = "US chip sanctions and China's own AI chips"
_CHAPTER_LINK = re.compile(r"\[[^\]]*\]\(notebooks/([\w-]+)\.ipynb\)")
_BOLD = re.compile(r"\*\*(?P<words>[^*]+)\*\*")
_IMAGE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<file>[^)]*)\)")

HOW_TO_READ = """\
Each chapter asks one question, answers it in its first lines, and then shows on what
the answer rests. Results come first; the code that made them is folded beneath, and
the numbers of every figure and table can be taken away as CSV.

- An **abnormal return** is what a share earned beyond what a model of its ordinary
  days would have given it; **CAR** adds it up over a window of sessions.
- **Day 0** is the first session in which an exchange could react to the news.
- A **placebo p** says how often ordinary dates give as much. Small means unusual.
- **Supported** and **partly supported** mean that the data show all, or some, of what
  the claim implies; **not supported**, that they do not show it; **contradicted**,
  that they show the opposite. A study of one share on one day finds only large
  effects, so a claim that is not supported need not be false."""

WHERE_TO_GO = """\
- **All claims:** [each with its rule, deciding cell, events and data](claims.md).
- **One question in depth:** {first}.
- **Any announcement:** [{events} events, their sources, what prices did
  then](events/index.md).
- **The files:** [prices, ledger and codebook](data.md).{lab}"""


def front_page(
    root: Path,
    claims: pd.DataFrame,
    verdicts: Mapping[str, Decided],
    chapters: Sequence[Chapter],
    as_of: str,
    events: int,
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
    events : int
        How many the ledger has.

    Raises
    ------
    HelpersError
        If the README has no finding or no figure.
    """
    readme = (root / README_FILE).read_text(encoding="utf-8")
    finding = finding_in(readme)
    image = _IMAGE.search(finding)
    if image is None:
        raise HelpersError(f"{README_FILE} has no figure: run `make`.")
    titles = {chapter.name: chapter.title for chapter in chapters}
    plate = (root / FIGURE_FILE).read_bytes()
    shown_in = next((one for one in chapters if _digest(plate) in one.images), None)
    return f"""\
# {TITLE}

{_introduction(readme)}

<p class="as-of">Data up to {as_of}</p>

{_quoted(_IMAGE.sub("", finding), titles)}

{_where_to_go(chapters, shown_in, events)}

```{{image}} /{Path(FIGURE_FILE).name}
:alt: {" ".join(image["alt"].split())}
:width: 779px
```

{_caption(shown_in, _digest(plate))}

## What the article claims, and what the data say

{verdict_table(claims, verdicts, titles)}

<p class="numbers"><a href="files/verdicts.csv" download>Verdicts with their sentences
and criteria (CSV)</a></p>

## How to read this book

{HOW_TO_READ}

{_contents("The book", [one for one in chapters if not one.is_lab])}

```{{toctree}}
:hidden:
:caption: Evidence

claims
events/index
data
cite
```

{_contents("The lab", [one for one in chapters if one.is_lab])}
"""


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _introduction(readme: str) -> str:
    """What stands in the README between its title and its finding."""
    return readme.partition(START)[0].partition("\n")[2].strip()


def _quoted(finding: str, titles: Mapping[str, str]) -> str:
    """The finding as a quotation, in which links bear the names of chapters."""

    def link(found: re.Match[str]) -> str:
        name = found[1]
        return f"[{literal(titles.get(name, name))}](chapters/{name}.ipynb)"

    # A whole paragraph in bold is heavy; here its place and frame set it off.
    words = _BOLD.sub(r"\g<words>", _CHAPTER_LINK.sub(link, finding)).strip()
    lines = f"**Finding.** {words}".splitlines()
    return "\n".join(f"> {line}".rstrip() for line in lines)


def _where_to_go(
    chapters: Sequence[Chapter], shown_in: Chapter | None, events: int
) -> str:
    first = shown_in or chapters[0]
    lab = [one for one in chapters if one.is_lab]
    return WHERE_TO_GO.format(
        first=_link(first),
        events=events,
        lab=f"\n- **Your own question:** {_link(lab[0])}." if lab else "",
    )


def _link(chapter: Chapter) -> str:
    return f"[{literal(chapter.title)}](<chapters/{chapter.name}.ipynb>)"


def _caption(chapter: Chapter | None, digest: str) -> str:
    if chapter is None:
        return ""
    numbers = chapter.images[digest].numbers
    return (
        f"**Figure.** From the chapter {_link(chapter)}, which says how it was made."
        f'\n\n<p class="numbers"><a href="{quote(numbers)}" download>'
        "Numbers of this figure (CSV)</a></p>"
    )


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
