"""The claims of the article: what each stands on, and what the chapters recorded.

Verdicts come from the records of the cells that decide them, so that no page can say
something else than the chapter that it sends its reader to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

import pandas as pd

from book.site.chapters import Chapter
from book.site.markup import (
    csv_text,
    download,
    fill,
    html_table,
    literal,
    plain,
    unbroken,
)
from helpers import load_claim_legs, load_claims, load_groups, load_instruments
from helpers.data.prices import prices_path
from helpers.errors import HelpersError
from helpers.inference.readings import WORDS
from helpers.notebook import number, p_cell, percent
from helpers.notebook.words import NO_BREAK

NO_VERDICT = "no verdict yet"
# In the order of the bar on the front page.
VERDICTS = (WORDS[0], "the legs part", *WORDS[:0:-1], NO_VERDICT)
# More events than these are not listed one by one.
MANY_EVENTS = 12
# Where legs take their numbers from, beside prices.
TABLES = {
    "": ("claim_legs.csv", "events.csv"),
    "figures": ("fundamentals.csv", "nvidia_revenue.csv", "chips.csv"),
    "documents": ("sources.csv", "listings.csv", "fact_sources.csv"),
}
SAYS = ("It would show", "It says")
OF_PRICES = ("Change", "95 % interval", "p", "Found from")
NUMBERS = ("change", "ci_low", "ci_high", "p_value", "holm", "smallest", "detectable")


@dataclass(frozen=True)
class Claim:
    """A claim, what it stands on, and its verdict if a chapter recorded one."""

    about: pd.Series  # its row of load_claims()
    legs: pd.DataFrame  # its rows of load_claim_legs(), by leg
    chapter: Chapter | None = None  # the one that decides
    page: str = ""  # address of the deciding cell
    verdict: Mapping[str, Any] = field(default_factory=dict)  # what the cell recorded

    @property
    def word(self) -> str:
        """Its verdict."""
        return str(self.verdict.get("word", NO_VERDICT))

    @property
    def found(self) -> dict[str, Mapping[str, Any]]:
        """What each leg came to, those that decide first."""
        found = self.verdict.get("legs", {})
        ordered = self.legs.sort_values("decides", ascending=False, kind="stable")
        return {leg_id: found[leg_id] for leg_id in ordered.index if leg_id in found}

    @property
    def by_kind(self) -> str:
        """What prices, figures and documents say by themselves, if it is several."""
        kinds = self.verdict.get("kinds", {})
        order = [kind for kind in ("prices", "figures", "documents") if kind in kinds]
        said = "; ".join(f"{kind}: {kinds[kind]}" for kind in order)
        return said.capitalize() if len(kinds) > 1 else ""

    @property
    def decided_in(self) -> str:
        """A link to the deciding cell, as HTML: its id is set after Markdown is read.

        Empty where no chapter decides.
        """
        title = plain(self.chapter.heading) if self.chapter else ""
        return title and f'Decided in <a href="{self.page}">{title}</a>'


def read_claims(chapters: Iterable[Chapter]) -> dict[str, Claim]:
    """Return every claim with the verdict that a chapter recorded, if one did.

    Raises
    ------
    HelpersError
        If two chapters contradict each other.
    """
    legs = load_claim_legs()
    claims = {
        str(claim_id): Claim(about, legs.loc[str(claim_id)])
        for claim_id, about in load_claims().iterrows()
    }
    for chapter in chapters:
        for claim_id, (anchor, verdict) in chapter.claims.items():
            first = claims[claim_id]
            if first.chapter is None:
                page = f"chapters/{quote(chapter.name)}.html#{anchor}"
                claims[claim_id] = replace(
                    first, chapter=chapter, page=page, verdict=verdict
                )
            elif first.word != verdict["word"]:
                raise HelpersError(
                    f"{first.chapter.name} calls {claim_id!r} {first.word}, "
                    f"{chapter.name} {verdict['word']}: execute both again."
                )
    return claims


def verdict_bar(claims: Mapping[str, Claim]) -> str:
    """Return how many claims have each verdict, as a bar with words, in HTML."""
    words = [claim.word for claim in claims.values()]
    parts = "".join(
        f'<li class="verdict-{word.replace(" ", "-")}" '
        f'style="flex-grow: {words.count(word)}"><strong>{words.count(word)}</strong> '
        f"{word}</li>"
        for word in VERDICTS
        if word in words
    )
    return f'<ul class="verdict-bar" aria-label="Claims by verdict">{parts}</ul>'


def verdict_table(claims: Mapping[str, Claim]) -> str:
    """Return claim, deciding chapter and verdict of every claim, as HTML."""

    def small(words: str) -> str:
        return words and f"<br><small>{words}</small>"

    rows = [
        (
            f'<a href="claims.html#claim-{claim_id}">{plain(claim.about["short"])}</a>'
            + small(f"“{plain(claim.about['claim'])}.”")
            + small(claim.decided_in),
            # Set so that it can be told without its colour.
            f'<span class="verdict verdict-{claim.word.replace(" ", "-")}">'
            f"{claim.word}</span>{small(claim.by_kind)}",
        )
        for claim_id, claim in claims.items()
    ]
    heads = ("The article claims, in our words", "The data say")
    return html_table("Claims and verdicts", heads, rows)


def verdict_csv(claims: Mapping[str, Claim]) -> str:
    """Return every leg of every claim with what it came to, as CSV."""
    heads = ("claim_id", "claim", "verdict", "leg", "kind", "decides", "says", "text")
    rows = []
    for claim_id, claim in claims.items():
        found = claim.found
        for leg_id, leg in claim.legs.iterrows():
            came = found.get(leg_id, {})
            rows.append(
                (
                    *(claim_id, claim.about["claim"], claim.word, leg_id),
                    *(leg["kind"], "yes" if leg["decides"] else "no"),
                    *(came.get(name, "") for name in ("word", "text", *NUMBERS)),
                )
            )
    return csv_text((*heads, *NUMBERS), rows)


def claims_page(claims: Mapping[str, Claim], ledger: pd.DataFrame) -> str:
    """Return the page on which every claim has its section, as Markdown."""
    groups, instruments = load_groups(), load_instruments()
    parts: list[str] = []
    for claim_id, claim in claims.items():
        parts += [
            f"(claim-{claim_id})=\n## {literal(claim.about['short'])}: {claim.word}",
            f"> “{literal(claim.about['claim'])}.” <small>(The article, in our words.)"
            "</small>",
            claim.by_kind and f"**{claim.by_kind}.**",
            *_legs(claim),
            claim.decided_in and f"{claim.decided_in}.",
            f"**Events.** {_events(claim, ledger)}",
            f"**Data.** {_files(claim, groups, instruments)}",
        ]
    return fill("claims.md", sections="\n\n".join(filter(None, parts)))


def _legs(claim: Claim) -> list[str]:
    """The legs of prices as a table, those of figures and documents as another."""
    if not claim.found:
        lines = [
            f"- {literal(leg['statement'])} ({leg['kind']}"
            + ("" if leg["decides"] else ", beside the verdict")
            + ")."
            for _, leg in claim.legs.iterrows()
        ]
        return ["It would be borne out by:", "\n".join(lines)]
    prices, others = [], []
    for leg_id, came in claim.found.items():
        leg = claim.legs.loc[leg_id]
        word = came["word"] if came["decides"] else f"({came['word']})"
        statement = plain(leg["statement"])
        if "change" in came:
            write = number if leg["measure"] == "correlation" else percent
            low, high = write(came["ci_low"]), write(came["ci_high"])
            numbers = (
                write(came["change"]),
                f"{low.removesuffix(f'{NO_BREAK}%')} to {high}",
                p_cell(came["holm"]),
                write(came["detectable"]).lstrip("+"),
            )
            prices.append((statement, *map(unbroken, numbers), word))
        else:
            kind = f"{statement}<br><small>{came['kind']}</small>"
            others.append((kind, plain(came["text"]), word))
    label = claim.about["short"]
    heads = (SAYS[0], *OF_PRICES, SAYS[1])
    tables = [html_table(f"{label}: prices", heads, prices)] if prices else []
    if others:
        columns = (SAYS[0], "Found", SAYS[1])
        tables.append(html_table(f"{label}: figures, documents", columns, others))
    return tables


def _events(claim: Claim, ledger: pd.DataFrame) -> str:
    event_ids = claim.about["event_ids"]
    shown = [
        f"[{literal(ledger.at[event_id, 'title'])}](events/{event_id}.md)"
        for event_id in event_ids[:MANY_EVENTS]
    ]
    rest = len(event_ids) - len(shown)
    more = f"; and {rest} more in [the list of events](events/index.md)" if rest else ""
    return "; ".join(shown) + more + "."


def _files(claim: Claim, groups: pd.DataFrame, instruments: pd.DataFrame) -> str:
    members = groups["symbols"].to_dict()
    symbols = [
        symbol
        for _, leg in claim.legs[claim.legs["kind"] == "prices"].iterrows()
        for name in (leg["group"], leg["benchmark"], groups["benchmark"][leg["group"]])
        if name
        for symbol in members.get(name, (name,))
    ]
    prices = [
        download(f"data/{prices_path(symbol)}", instruments.at[symbol, "name"])
        for symbol in dict.fromkeys(symbols)
    ]
    tables = [
        download(f"data/{table}", table)
        for kind in ("", *claim.legs["kind"].unique())
        for table in TABLES.get(kind, ())
    ]
    shown = f"Prices of {', '.join(prices)}. " if prices else ""
    return f"{shown}Tables: {', '.join(tables)}."
