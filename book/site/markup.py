"""Pieces of pages, in which text that is data never takes effect as markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from string import Template
from urllib.parse import quote

from helpers.data.text import plain

PAGES = Path(__file__).parent / "pages"


def fill(page: str, **parts: object) -> str:
    """Return one of the Markdown files in ``pages`` with its parts put in."""
    return Template((PAGES / page).read_text(encoding="utf-8")).substitute(parts)


def unbroken(text: object) -> str:
    """Return `text` as HTML that shows it letter by letter and never wraps."""
    return f'<span class="unbroken">{plain(text)}</span>'


def download(file: str, words: str, up: str = "") -> str:
    """Return a link, as HTML, to a file of the site; `up` leads to the site's root."""
    return f'<a href="{up}{quote(file)}" download>{plain(words)}</a>'


def below(*links: str) -> str:
    """Return the line of links under a table or figure, as HTML."""
    return f'<p class="numbers">{" ".join(links)}</p>'


def framed(table: str, label: str) -> str:
    """Return a table in a frame that scrolls; `label` is an ARIA attribute."""
    labelled = table.replace("<table", f"<table {label}", 1)
    frame = f'<div class="scrolls" role="group" tabindex="0" {label}>'
    return f"{frame}\n{labelled}\n</div>"


def html_table(label: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table that scrolls in a frame, as HTML within Markdown.

    As HTML it is one node to Sphinx, where a Markdown table is twenty to a cell, and
    nothing in a cell can end the cell.

    Parameters
    ----------
    label : str
        What the table shows, for those who do not see it.
    heads : sequence of str
        Plain text.
    rows : iterable of sequence of str
        Cells as HTML without line breaks; the first of a row is its heading.
    """
    head = "".join(f'<th scope="col">{plain(name)}</th>' for name in heads)
    body = "".join(
        f'<tr><th scope="row">{first}</th>'
        + "".join(f"<td>{cell}</td>" for cell in rest)
        + "</tr>\n"
        for first, *rest in rows
    )
    table = (
        f'<table class="table"><thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}</tbody></table>"
    )
    return framed(table, f'aria-label="{plain(label)}"')
