"""Text that is data, written so that nothing in it takes effect where it is shown."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterable, Sequence

# CommonMark lets every ASCII punctuation mark be escaped by a backslash. These have
# a meaning anywhere in a line; the others at its start only, alone or after digits.
_ANYWHERE = re.compile(r"([\\`*_{}\[\]<>|&$~!#^@])")
_IN_TAGS = re.compile(r"[\\`*_{}\[\]|$~!^@]")
_START = re.compile(r"(\d*)([!-/:-@\[-`{-~]?)")
_BREAKS = re.compile(r"[ \t\r\n\f\v]+")  # not the no-break space of "1 %"
# What a spreadsheet would take for a formula; a sign alone or before a number is none.
FORMULA = re.compile(r"[=@\t\r]|[+-](?![\d.]|$)")
# Backslashes, tags, images, mathematics, and links that lead out of the book.
_LIVE = re.compile(
    r"\\|<(?=[A-Za-z/!?])|!(?=\[)|\$|(?<=\])\((?!(?!//)[\w./-]+(?:#[\w-]*)?\))"
)
_FENCE = "```"


def literal(text: object) -> str:
    """Return `text` as Markdown that shows it letter by letter, on one line."""
    line = _BREAKS.sub(" ", str(text)).strip()
    start = _START.match(line)
    if start is None or not start[2]:
        return _ANYWHERE.sub(r"\\\1", line)
    rest = _ANYWHERE.sub(r"\\\1", line[start.end() :])
    return f"{start[1]}\\{start[2]}{rest}"


def harmless(markdown: str) -> str:
    """Return Markdown that a person wrote around data such that it loads nothing.

    Emphasis, lists, quotations, and links between the notebooks stay; tags, images,
    mathematics and links to elsewhere are shown letter by letter. A block of code stays
    as it is.
    """
    if markdown.startswith(_FENCE):
        return markdown
    return _LIVE.sub(lambda found: f"&#{ord(found[0])};", markdown)


def plain(text: object) -> str:
    """Return `text` as HTML that shows it letter by letter, on one line.

    So it does within Markdown, where what stands between two tags is still Markdown.
    """
    line = html.escape(_BREAKS.sub(" ", str(text)).strip())
    return _IN_TAGS.sub(lambda found: f"&#{ord(found[0])};", line)


def printable(text: object) -> str:
    """Return `text` for a terminal, with blanks for what would steer it."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in str(text))


def one_line(text: object) -> str:
    """Return what somebody else wrote as one short line, fit for a terminal."""
    return " ".join(printable(str(text)[:1000]).split())[:200]


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
