"""Tables of a chapter: read as text, and set in a frame that scrolls."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from book.site.markup import framed, unbroken

_CAPTION = re.compile(r"\s*<caption\b[^>]*>(.*?)</caption>", re.DOTALL)
_ROW = re.compile(r"<tr\b.*?(?=<tr\b|$)", re.DOTALL)
_ANY_CELL = re.compile(r"<t[dh]\b[^>]*>(.*?)</t[dh]>", re.DOTALL)
_CELL = re.compile(r"(<t[dh]\b[^>]*>)([^<>]+)(?=</t[dh]>)")
_TAG = re.compile(r"<[^>]*>")
# Dates and windows, which would wrap at their hyphens and blanks.
_WHOLE = re.compile(
    r"\d{4}-\d\d-\d\d|\d{1,2} [A-Z][a-z]{2,8}(?: \d{4})?"
    r"|\[[-+\u2212\d]+, [-+\u2212\d]+\]"
)
# A heading without words is none.
_NAMELESS = re.compile(r"<th\b[^>]*></th>")


def framed_table(
    table: str, name: str, events: Mapping[str, str], number: str = ""
) -> str:
    """Return a table in a frame that scrolls, with its caption above the frame.

    A caption inside would be as wide as the table and be cut off with it.

    Parameters
    ----------
    table : str
        HTML of one table.
    name : str
        Of the table, unlike any other of the page.
    events : mapping of an event's title to the address of its page
        Cells that hold such a title become links.
    number : str, optional
        What the caption begins with.
    """
    caption = _CAPTION.search(table)
    above, label = "", 'aria-label="Table"'
    if caption:
        table = table[: caption.start()] + table[caption.end() :]
        above = (
            f'<p class="table-caption" id="{name}">{number}{caption[1].strip()}</p>\n'
        )
        label = f'aria-labelledby="{name}"'

    def cell(found: re.Match[str]) -> str:
        words = html.unescape(found[2]).strip()
        if words in events:
            return f'{found[1]}<a href="{html.escape(events[words])}">{found[2]}</a>'
        return found[1] + (unbroken(words) if _WHOLE.fullmatch(words) else found[2])

    cells = _NAMELESS.sub("<td></td>", _CELL.sub(cell, table))
    return above + framed(cells, label)


def table_rows(table: str) -> list[list[str]]:
    """Return the cells of the one table in a piece of HTML, as text."""
    return [
        [html.unescape(_TAG.sub("", cell)) for cell in _ANY_CELL.findall(row)]
        for row in _ROW.findall(table)
    ]
