"""Text that is data, written so that nothing in it takes effect where it is shown."""

from __future__ import annotations

import re

# What a spreadsheet would take for a formula; a sign alone or before a number is none.
FORMULA = re.compile(r"[=@\t\r]|[+-](?![\d.]|$)")
# Backslashes, tags, images, mathematics, and links that lead out of the book.
_LIVE = re.compile(
    r"\\|<(?=[A-Za-z/!?])|!(?=\[)|\$|(?<=\])\((?!(?!//)[\w./-]+(?:#[\w-]*)?\))"
)
_FENCE = "```"


def harmless(markdown: str) -> str:
    """Return Markdown that a person wrote around data such that it loads nothing.

    Emphasis, lists, quotations, and links between the notebooks stay; tags, images,
    mathematics and links to elsewhere are shown letter by letter. A block of code stays
    as it is.
    """
    if markdown.startswith(_FENCE):
        return markdown
    return _LIVE.sub(lambda found: f"&#{ord(found[0])};", markdown)


def printable(text: object) -> str:
    """Return `text` for a terminal, with blanks for what would steer it."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in str(text))


def one_line(text: object) -> str:
    """Return what somebody else wrote as one short line, fit for a terminal."""
    return " ".join(printable(str(text)[:1000]).split())[:200]
