"""Text that is data, written so that no markup in it ever takes effect."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

# CommonMark lets every ASCII punctuation mark be escaped by a backslash. These have
# a meaning anywhere in a line; the others at its start only, alone or after digits.
_ANYWHERE = re.compile(r"([\\`*_{}\[\]<>|&$~!#^@])")
_START = re.compile(r"(\d*)([!-/:-@\[-`{-~]?)")
_BREAKS = re.compile(r"[ \t\r\n\f\v]+")  # not the no-break space of "1 %"


def literal(text: object) -> str:
    """Return `text` as Markdown that shows it letter by letter, on one line."""
    line = _BREAKS.sub(" ", str(text)).strip()
    start = _START.match(line)
    if start is None or not start[2]:
        return _ANYWHERE.sub(r"\\\1", line)
    rest = _ANYWHERE.sub(r"\\\1", line[start.end() :])
    return f"{start[1]}\\{start[2]}{rest}"


def plain(text: object) -> str:
    """Return `text` as HTML that shows it letter by letter, on one line."""
    return html.escape(_BREAKS.sub(" ", str(text)).strip())


def unbroken(text: object) -> str:
    """Return `text` as HTML that shows it letter by letter and never wraps."""
    return f'<span class="unbroken">{plain(text)}</span>'


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
    name = f'role="region" aria-label="{plain(label)}"'
    return (
        f'<div class="scrolls" {name} tabindex="0">\n'
        f'<table class="table"><thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}</tbody></table>\n</div>"
    )


def taken_away(file: str, words: str = "Numbers of this table (CSV)") -> str:
    """Return a link to a file of the site, for a page in a folder of its own."""
    return f'<p class="numbers"><a href="../{quote(file)}" download>{words}</a></p>'


def csv_text(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as CSV with one header line and line feeds."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows(rows)
    return out.getvalue()
