"""Pieces of pages, in which text that is data never takes effect as markup."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from string import Template
from urllib.parse import quote

from helpers.data.text import FORMULA

PAGES = Path(__file__).parent / "pages"
# CommonMark lets every ASCII punctuation mark be escaped by a backslash. These have
# a meaning anywhere in a line; the others at its start only, alone or after digits.
_ANYWHERE = re.compile(r"([\\`*_{}\[\]<>|&$~!#^@])")
_IN_TAGS = re.compile(r"[\\`*_{}\[\]|$~!^@]")
_START = re.compile(r"(\d*)([!-/:-@\[-`{-~]?)")
_BREAKS = re.compile(r"[ \t\r\n\f\v]+")  # not the no-break space of "1 %"


def fill(page: str, **parts: object) -> str:
    """Return one of the Markdown files in ``pages`` with its parts put in."""
    return Template((PAGES / page).read_text(encoding="utf-8")).substitute(parts)


def literal(text: object) -> str:
    """Return `text` as Markdown that shows it letter by letter, on one line."""
    line = _BREAKS.sub(" ", str(text)).strip()
    start = _START.match(line)
    if start is None or not start[2]:
        return _ANYWHERE.sub(r"\\\1", line)
    rest = _ANYWHERE.sub(r"\\\1", line[start.end() :])
    return f"{start[1]}\\{start[2]}{rest}"


def plain(text: object) -> str:
    """Return `text` as HTML that shows it letter by letter, on one line.

    So it does within Markdown, where what stands between two tags is still Markdown.
    """
    line = html.escape(_BREAKS.sub(" ", str(text)).strip())
    return _IN_TAGS.sub(lambda found: f"&#{ord(found[0])};", line)


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


def csv_text(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as CSV with one header line, line feeds, and no formulas."""

    def cell(value: object) -> object:
        is_formula = isinstance(value, str) and FORMULA.match(value)
        return f"'{value}" if is_formula else value

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([cell(head) for head in heads])
    writer.writerows([cell(value) for value in row] for row in rows)
    return out.getvalue()
