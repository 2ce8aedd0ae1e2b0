"""The pages of the book as a reader meets them: codes without a name, and numbers.

A chapter may name a share by its symbol and an event by its id in code. In words it
may not: who reads on need not know what stands behind 688256.SS, XSHG or a slug.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

from book.notebooks import ROOT, short_name
from helpers.errors import HelpersError

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

# How many numbers a page may show, by the start of its address; the first that fits
# counts. Each is little more than the fullest such page has.
MOST_NUMBERS = {
    "index": 30,
    "short": 90,
    "chapters/00-": 150,
    "chapters/": 400,
    "events/index": 520,
    "events/": 200,
    "claims": 300,
}
# Of working in, and of the data: codes are what they speak of.
ABOUT_CODES = re.compile(r"data|search|chapters/(?:start-here|1[12]-.*|(?!\d).*)")

_VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
# Nor are titles that others gave, within links to elsewhere or as citations.
_UNREAD = {"cite", "code", "details", "math", "pre", "script", "select", "style", "svg"}
_BLOCKS = {
    *("blockquote", "caption", "dd", "div", "dt", "figcaption", "h1", "h2", "h3"),
    *("h4", "li", "p", "section", "table", "tr"),
}
_CODE = re.compile(r"\^?[A-Za-z0-9](?:[\w.=-]*\w)?")
# That of a chapter before its title is none.
_NUMBER = re.compile(r"(?<![\w.])(?!\d{1,2}\. [A-Z])[+\u2212-]?\d[\d,]*(?:\.\d+)?")


@dataclass(frozen=True)
class Codes:
    """What stands for something else in the data.

    Attributes
    ----------
    ids : set of str
        Of events, claims, legs and groups, and codes of exchanges: never shown.
    names : dict of str to str
        Of each symbol that is no name itself; shown where its name stands beside it.
    """

    ids: set[str]
    names: dict[str, str]


def load_codes() -> Codes:
    """Return the codes of the data in force."""
    import helpers

    ledger, instruments = helpers.load_ledger(), helpers.load_instruments()
    legs = helpers.load_claim_legs().index.get_level_values("leg_id")
    of_claims = {*helpers.load_claims().index, *legs}
    ids = {*ledger.index, *of_claims, *helpers.load_groups().index}
    firms = {firm for firms in ledger["firms"] for firm in firms}
    names = {
        str(symbol): str(name)
        for symbol, name in instruments["name"].items()
        if symbol not in firms
    }
    # An id of one word may be that word.
    slugs = {str(one) for one in ids if "-" in one}
    return Codes(slugs | set(instruments["mic"]), names)


@dataclass
class _Page(HTMLParser):
    """The visible words of a page, a block at a time."""

    blocks: list[list[str]] = field(default_factory=lambda: [[]])

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note whether what follows is read as the book's own words."""
        if tag in _VOID:
            self.blocks[-1].append(" ")
            return
        about = dict(attrs)
        elsewhere = (about.get("href") or "").startswith("http") or "download" in about
        hidden = tag in _UNREAD or elsewhere
        self._open.append((tag, hidden))
        self.blocks[-1].append(" " if tag in ("td", "th") else "")
        if tag in _BLOCKS:
            self.blocks.append([])

    def handle_endtag(self, tag: str) -> None:
        """Leave the element."""
        if tag in {name for name, _ in self._open}:
            while self._open.pop()[0] != tag:
                pass
        if tag in _BLOCKS:
            self.blocks.append([])

    def handle_data(self, data: str) -> None:
        """Keep what is seen of the article."""
        inside = any(tag == "article" for tag, _ in self._open)
        if inside and not any(hidden for _, hidden in self._open):
            self.blocks[-1].append(data)


def visible_blocks(html: str) -> list[str]:
    """Return the words of a page's article that a reader sees, by block.

    Examples
    --------
    >>> visible_blocks("<article><p>One <code>two</code></p><p>three</p></article>")
    ['One', 'three']
    """
    page = _Page()
    page.feed(html)
    lines = (" ".join("".join(block).split()) for block in page.blocks)
    return [line for line in lines if line]


def page_faults(name: str, html: str, codes: Codes) -> Iterator[str]:
    """Yield what is wrong with a page; `name` is its address without the suffix."""
    blocks = visible_blocks(html)
    if not ABOUT_CODES.fullmatch(name):
        for block in blocks:
            for code in dict.fromkeys(_CODE.findall(block)):
                if code in codes.ids or codes.names.get(code, block) not in block:
                    yield f"{code!r} without its name: {block[:90]}"
    numbers = sum(len(_NUMBER.findall(block)) for block in blocks)
    starts = (most for start, most in MOST_NUMBERS.items() if name.startswith(start))
    most = next(starts, numbers)
    if numbers > most:
        yield f"{numbers} numbers, more than {most}"


def add_check_site(subparsers: Subparsers) -> None:
    """Add ``check-site`` to a command line."""
    parser = subparsers.add_parser(
        "check-site", help="check the pages of the site: codes without names, numbers"
    )
    parser.add_argument(
        "site",
        nargs="?",
        type=Path,
        default=ROOT / "build" / "site",
        help="folder of the site (default: build/site)",
    )
    parser.set_defaults(handler=_check_site)


def _check_site(arguments: argparse.Namespace) -> int:
    site = arguments.site
    pages = sorted(site.rglob("*.html"))
    if not pages:
        raise HelpersError(f"{short_name(site)} holds no page: make it by `make site`.")
    codes, count = load_codes(), 0
    for path in pages:
        name = path.relative_to(site).with_suffix("").as_posix()
        for fault in page_faults(name, path.read_text("utf-8"), codes):
            print(f"{name}: {fault}")
            count += 1
    print(f"Checked {len(pages)} pages: {count or 'no'} faults.")
    return 1 if count else 0
