"""Chapters of the book: executed notebooks, prepared for Sphinx without running.

What a chapter shows is taken from its stored outputs: alt text for the images, a
CSV file behind each figure and table, and the cell in which each claim is decided.
Controls live in a running notebook only; where one stood, the page says so.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from helpers.errors import HelpersError
from helpers.notebooks.files import short_name
from helpers.site.markup import csv_text
from helpers.site.tables import framed, table_rows

IMAGE = "image/png"
FIGURE_CAPTION = "**Figure.**"
_TITLE = re.compile(r"^# +(.*\S)", re.MULTILINE)
# The start of a tag, in Markdown that a cell computed: it is shown, not obeyed.
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_NAME = re.compile(r"[\w.+-]+(?: [\w.+-]+)*")
_NOTEBOOK_LINK = re.compile(r"\]\((?:\.\./)?(?:notebooks/)?([\w-]+)\.ipynb(#[^)]*)?\)")
_CODEBOOK = "`data/README.md`"
WIDGET = "application/vnd.jupyter.widget-view+json"
# A control without anything beside it that a page could show.
ONLY_LIVE = (
    '<p class="only-live">Here the notebook has controls, which work in JupyterLab: '
    "<code>make lab</code>.</p>"
)
# What opens a notebook's place in the navigation: the book or the lab.
LAB = ("start-here", "explorer", "your-own-event")
_NUMBER = re.compile(r"\d+-")


@dataclass(frozen=True)
class Image:
    """A stored figure: its alternative text, its width in CSS pixels, its numbers.

    The last is the address of the CSV file within the site, or empty.
    """

    alt: str
    width: int
    numbers: str = ""


@dataclass
class Chapter:
    """A notebook as a page.

    Attributes
    ----------
    name : str
        File name without suffix.
    title : str
    notebook : dict
        The notebook as it is handed to Sphinx.
    images : dict of sha256 to Image
    files : dict of file name to CSV text
        What stands behind its figures and tables.
    """

    name: str
    title: str
    notebook: dict[str, Any]
    images: dict[str, Image] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    @property
    def is_lab(self) -> bool:
        """Whether it is for working in, as all that is no numbered chapter."""
        bare = _NUMBER.sub("", self.name, count=1)
        return bare in LAB or bare == self.name


def in_order(chapters: list[Chapter]) -> list[Chapter]:
    """Return the chapters of the book by name, then the lab from its start."""

    def place(chapter: Chapter) -> tuple[bool, int, str]:
        bare = _NUMBER.sub("", chapter.name, count=1)
        return (
            chapter.is_lab,
            LAB.index(bare) if bare in LAB else len(LAB),
            chapter.name,
        )

    return sorted(chapters, key=place)


def read_chapter(path: Path, events: Mapping[str, str] | None = None) -> Chapter:
    """Prepare one stored notebook.

    Parameters
    ----------
    path : Path
    events : mapping of an event's title to its id, optional
        In tables their titles become links to their pages.

    Returns
    -------
    Chapter

    Raises
    ------
    HelpersError
        If the file is no notebook, has no title in its first cell, is of a format
        without cell ids, or has a name that cannot stand in an address.
    """
    if not _NAME.fullmatch(path.stem):
        raise HelpersError(
            f"{short_name(path)} has a name that makes no address: use letters, "
            "digits, hyphens and single blanks."
        )
    stored = read_json(path)
    notebook = copy.deepcopy(stored)
    try:
        title = _TITLE.search(text(notebook["cells"][0]["source"]))
    except (KeyError, IndexError, TypeError):
        title = None
    if title is None:
        raise HelpersError(
            f"{short_name(path)} has no title: start its first cell with '# '."
        )
    if any("id" not in cell for cell in notebook["cells"]):
        raise HelpersError(
            f"{short_name(path)} has cells without an id, as notebooks had before "
            "format 4.5: open it in JupyterLab and save it."
        )
    chapter = Chapter(path.stem, title[1], notebook)
    # The state of controls, for which pages would ask another server for scripts.
    notebook["metadata"].pop("widgets", None)
    pages = {
        words: f"../events/{event}.html" for words, event in (events or {}).items()
    }
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            _prepare_code(cell, chapter, pages)
        elif cell["cell_type"] == "markdown":
            cell["source"] = link_pages(text(cell["source"]))
    notebook["cells"][0]["source"] += (
        f'\n\n<p class="page-tools"><a href="../notebooks/{quote(path.name)}" download>'
        "Take this notebook away</a> "
        '<button type="button" onclick="window.print()">Print, or keep as PDF'
        "</button></p>"
    )
    return chapter


def read_json(path: Path) -> Any:
    """Return the content of a notebook file.

    Raises
    ------
    HelpersError
        If it cannot be read.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise HelpersError(f"{short_name(path)} cannot be read: {error}") from error


def text(source: str | list[str]) -> str:
    """Return text that a notebook may hold as a list of lines."""
    return source if isinstance(source, str) else "".join(source)


def anchor(cell_id: str) -> str:
    """Return the id that a code cell has on its page."""
    return f"cell-{cell_id}"


def link_pages(markdown: str, suffix: str = ".ipynb") -> str:
    """Point links between notebooks, and to the codebook, at the pages made from them.

    Parameters
    ----------
    markdown : str
    suffix : str
        Of pages: that of a source where Sphinx follows links, else ``.html``.
    """
    codebook = f"[data codebook](../data{'.md' if suffix == '.ipynb' else suffix})"
    linked = _NOTEBOOK_LINK.sub(rf"](\1{suffix}\2)", markdown)
    return linked.replace(_CODEBOOK, codebook)


def _prepare_code(
    cell: dict[str, Any], chapter: Chapter, pages: Mapping[str, str]
) -> None:
    metadata = cell["metadata"]
    metadata["anchor"] = anchor(cell["id"])
    metadata["tags"] = [*metadata.get("tags", []), "hide-input"]
    cell["outputs"] = list(_prepared(cell["outputs"], chapter, pages))


def _prepared(
    outputs: list[dict[str, Any]], chapter: Chapter, pages: Mapping[str, str]
) -> Iterator[Any]:
    """Outputs with links to the numbers behind them; a link follows the caption."""
    pending = ""
    for output in outputs:
        data = output.get("data", {})
        if data.pop(WIDGET, None) is not None and not data.keys() - {"text/plain"}:
            yield _html_output(ONLY_LIVE)
            continue
        is_caption = text(data.get("text/markdown", "")).startswith(FIGURE_CAPTION)
        if pending and not is_caption:
            yield _html_output(pending)
            pending = ""
        if "text/markdown" in data:
            shown = _TAG.sub(r"\\<", link_pages(text(data["text/markdown"]), ".html"))
            data["text/markdown"] = shown
        if IMAGE in data:
            pending = _figure_link(output["metadata"].get(IMAGE, {}), chapter)
        elif "text/html" in data:
            data["text/html"] = _with_link(text(data["text/html"]), chapter, pages)
        yield output
        if is_caption and pending:
            yield _html_output(pending)
            pending = ""
    if pending:
        yield _html_output(pending)


def _figure_link(about: dict[str, Any], chapter: Chapter) -> str:
    if "sha256" not in about:
        return ""
    digest = about["sha256"]
    links, numbers = (
        [f'<a href="../_images/{digest}.png" download>Figure (PNG)</a>'],
        "",
    )
    if "drawn" in about:
        numbers = _keep(chapter, "figure", about["drawn"])
        links.insert(0, _link(numbers, "Numbers of this figure (CSV)"))
    chapter.images[digest] = Image(
        alt=str(about.get("alt", "")),
        width=int(about.get("width", 0)),
        numbers=numbers,
    )
    return f'<p class="numbers">{" ".join(links)}</p>'


def _with_link(table: str, chapter: Chapter, pages: Mapping[str, str]) -> str:
    """A table in its frame, with its file; other HTML as it is."""
    rows = table_rows(table)
    if not rows:
        return table
    file = _keep(chapter, "table", csv_text(rows[0], rows[1:]))
    link = _link(file, "Numbers of this table (CSV)")
    return f'{framed(table, Path(file).stem, pages)}\n<p class="numbers">{link}</p>'


def _keep(chapter: Chapter, kind: str, content: str) -> str:
    """Keep a file of numbers, and return its address within the site."""
    number = 1 + sum(name.startswith(kind) for name in chapter.files)
    name = f"{kind}-{number}.csv"
    chapter.files[name] = content
    return f"files/{chapter.name}/{name}"


def _link(file: str, words: str) -> str:
    return f'<a href="../{quote(file)}" download>{words}</a>'


def _html_output(content: str) -> dict[str, Any]:
    return {
        "output_type": "display_data",
        "metadata": {},
        "data": {"text/html": content},
    }
