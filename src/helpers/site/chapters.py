"""Chapters of the book: executed notebooks, prepared for Sphinx without running.

What a chapter shows is taken from its stored outputs: alt text for the images, a
CSV file behind each figure and table, and the cell in which each claim is decided.
"""

from __future__ import annotations

import copy
import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from helpers.errors import HelpersError
from helpers.notebooks.files import short_name
from helpers.site.markup import csv_text

IMAGE = "image/png"
FIGURE_CAPTION = "**Figure.**"
_TITLE = re.compile(r"^# +(.*\S)", re.MULTILINE)
# The start of a tag, in Markdown that a cell computed: it is shown, not obeyed.
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
# Dates and windows, which would wrap at their hyphens and blanks.
_WHOLE = re.compile(r"(?<=>)(\d{4}-\d\d-\d\d|\[[-+\u2212\d]+, [-+\u2212\d]+\])(?=<)")
# A heading without words is none.
_NAMELESS = re.compile(r"<th\b[^>]*></th>")
UNBROKEN = r'<span class="unbroken">\1</span>'
_NOTEBOOK_LINK = re.compile(r"\]\((?:\.\./)?(?:notebooks/)?([\w-]+)\.ipynb(#[^)]*)?\)")


@dataclass(frozen=True)
class Image:
    """A stored figure: its alternative text and its width in CSS pixels."""

    alt: str
    width: int


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


def read_chapter(path: Path) -> Chapter:
    """Prepare one stored notebook.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Chapter

    Raises
    ------
    HelpersError
        If the file is no notebook, or has no title in its first cell.
    """
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
    chapter = Chapter(path.stem, title[1], notebook)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            _prepare_code(cell, chapter)
        elif cell["cell_type"] == "markdown":
            cell["source"] = link_pages(text(cell["source"]))
    notebook["cells"][0]["source"] += (
        f'\n\n<p class="page-tools"><a href="../notebooks/{path.name}" download>'
        "This chapter as a notebook</a> "
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
    """Point links between notebooks at the pages made from them."""
    return _NOTEBOOK_LINK.sub(rf"](\1{suffix}\2)", markdown)


def _prepare_code(cell: dict[str, Any], chapter: Chapter) -> None:
    metadata = cell["metadata"]
    metadata["anchor"] = anchor(cell["id"])
    metadata["tags"] = [*metadata.get("tags", []), "hide-input"]
    cell["outputs"] = list(_prepared(cell["outputs"], chapter))


def _prepared(outputs: list[dict[str, Any]], chapter: Chapter) -> Iterator[Any]:
    """Outputs with links to the numbers behind them; a link follows the caption."""
    pending = ""
    for output in outputs:
        data = output.get("data", {})
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
            data["text/html"] = _with_link(text(data["text/html"]), chapter)
        yield output
        if is_caption and pending:
            yield _html_output(pending)
            pending = ""
    if pending:
        yield _html_output(pending)


def _figure_link(about: dict[str, Any], chapter: Chapter) -> str:
    if "sha256" not in about:
        return ""
    chapter.images[about["sha256"]] = Image(
        alt=str(about.get("alt", "")), width=int(about.get("width", 0))
    )
    return _link(chapter, "figure", about["drawn"]) if "drawn" in about else ""


def _with_link(table: str, chapter: Chapter) -> str:
    """A table in a frame that scrolls, with its file; other HTML as it is."""
    reader = _TableReader()
    reader.feed(table)
    if not reader.rows:
        return table
    heads, *rows = reader.rows
    label = html.escape(reader.caption or "Table", quote=True)
    link = _link(chapter, "table", csv_text(heads, rows))
    return (
        f'<div class="scrolls" role="region" tabindex="0" aria-label="{label}">'
        f"\n{_NAMELESS.sub('<td></td>', _WHOLE.sub(UNBROKEN, table))}\n</div>\n{link}"
    )


def _link(chapter: Chapter, kind: str, content: str) -> str:
    number = 1 + sum(name.startswith(kind) for name in chapter.files)
    name = f"{kind}-{number}.csv"
    chapter.files[name] = content
    return (
        f'<p class="numbers"><a href="../files/{chapter.name}/{name}" download>'
        f"Numbers of this {kind} (CSV)</a></p>"
    )


def _html_output(content: str) -> dict[str, Any]:
    return {
        "output_type": "display_data",
        "metadata": {},
        "data": {"text/html": content},
    }


class _TableReader(HTMLParser):
    """The cells of the one table in a piece of HTML, as text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []
        self.caption = ""
        self._into = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of a new row, cell or caption."""
        del attrs
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th") and self.rows:
            self.rows[-1].append("")
        if tag in ("td", "th", "caption"):
            self._into = tag

    def handle_endtag(self, tag: str) -> None:
        """Take note of the end of a cell or caption."""
        if tag == self._into:
            self._into = ""

    def handle_data(self, data: str) -> None:
        """Add text to the cell or caption that it stands in."""
        if self._into == "caption":
            self.caption += data
        elif self._into and self.rows and self.rows[-1]:
            self.rows[-1][-1] += data
