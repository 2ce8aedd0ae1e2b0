"""The claims of the article: what each stands on, and what the chapters recorded.

Verdicts come from the records of the cells that decide them, so that no page can say
something else than the chapter that it sends its reader to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pandas as pd

from book.site.chapters import Chapter
from book.site.markup import (
    below,
    csv_text,
    download,
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

NO_VERDICT = "no verdict yet"
# In the order of the bar on the front page.
VERDICTS = (WORDS[0], "the legs part", *WORDS[:0:-1], NO_VERDICT)
# More events or files than these are not listed one by one.
MANY_EVENTS = 12
MANY_FILES = 15
# Where legs that rest on more than prices take their numbers from.
TABLES = {
    "figures": ("fundamentals.csv", "nvidia_revenue.csv", "chips.csv"),
    "documents": ("sources.csv", "listings.csv", "fact_sources.csv"),
}
PRICE_HEADS = (
    "It would show",
    "Change",
    "95 % interval",
    "p",
    "Found from",
    "It says",
)
NUMBERS = ("change", "ci_low", "ci_high", "p_value", "holm", "smallest", "detectable")


@dataclass(frozen=True)
class Claim:
    """A claim, its legs and its verdict.

    Attributes
    ----------
    about : Series
        Its row of ``load_claims``.
    legs : DataFrame
        Its rows of ``load_claim_legs``, by leg.
    word : str
        Its verdict.
    verdict : dict
        What the deciding cell recorded; empty where none did.
    chapter : Chapter or None
        The deciding chapter.
    page : str
        Address of the deciding cell within the site.
    """

    about: pd.Series
    legs: pd.DataFrame
    word: str = NO_VERDICT
    verdict: Mapping[str, Any] | None = None
    chapter: Chapter | None = None
    page: str = ""

    @property
    def badge(self) -> str:
        """The verdict's word, set so that it can be told without its colour."""
        kind = self.word.replace(" ", "-")
        return f'<span class="verdict verdict-{kind}">{self.word}</span>'

    @property
    def by_kind(self) -> str:
        """What prices, figures and documents say by themselves."""
        kinds = (self.verdict or {}).get("kinds", {})
        return "; ".join(f"{kind}: {word}" for kind, word in kinds.items())

    @property
    def decided_in(self) -> str:
        """A link to the deciding cell, as HTML: its id is set after Markdown is read.

        Empty where no chapter decides.
        """
        if self.chapter is None:
            return ""
        return f'<a href="{self.page}">{plain(self.chapter.title)}</a>'


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
                claims[claim_id] = Claim(
                    first.about, first.legs, verdict["word"], verdict, chapter, page
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
    rows = []
    for claim_id, claim in claims.items():
        said = f"“{plain(claim.about['claim'])}.”"
        where = f"<br>Decided in {claim.decided_in}" if claim.chapter else ""
        by_kind = f"<br><small>{claim.by_kind}</small>" if claim.by_kind else ""
        rows.append(
            (
                f'<a href="claims.html#claim-{claim_id}">{plain(claim.about["short"])}'
                f"</a><br><small>{said}{where}</small>",
                claim.badge + by_kind,
            )
        )
    heads = ("The article claims, in our words", "The data say")
    return html_table("Claims and verdicts", heads, rows)


def verdict_csv(claims: Mapping[str, Claim]) -> str:
    """Return every leg of every claim with what it came to, as CSV."""
    heads = ("claim_id", "claim", "verdict", "leg", "kind", "decides", "says", "text")
    rows = []
    for claim_id, claim in claims.items():
        found = (claim.verdict or {}).get("legs", {})
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
    parts = [
        "# Claims and verdicts",
        "Each claim of the article, in our words, with its verdict, what prices, "
        "figures and documents say by themselves, the cell that decides it, the events "
        "it rests on and the data. Change is what prices did, in excess of the market "
        "where it is a return; p is against chance, corrected for the number of legs "
        "that decide (Holm); found from is the smallest true effect that the rule "
        "finds four times in five. What stands in brackets stands beside the verdict.",
        below(
            download("files/verdicts.csv", "All verdicts by leg (CSV)"),
            download("data/claims.csv", "The claims (CSV)"),
            download("data/claim_legs.csv", "What each rests on (CSV)"),
        ),
    ]
    for claim_id, claim in claims.items():
        parts += [
            f"(claim-{claim_id})=\n## {literal(claim.about['short'])}: {claim.word}",
            f"> “{literal(claim.about['claim'])}.” <small>(The article, in our words.)"
            "</small>",
            f"{claim.badge} {claim.by_kind}".strip(),
            *_legs(claim),
        ]
        if claim.chapter:
            parts.append(f"**Decided in** {claim.decided_in}")
        parts += [
            f"**Events.** {_events(claim, ledger)}",
            f"**Data.** {_files(claim, groups, instruments)}",
        ]
    return "\n\n".join(parts) + "\n"


def _legs(claim: Claim) -> list[str]:
    """The legs of prices as a table, those of figures and documents as another."""
    found = (claim.verdict or {}).get("legs", {})
    if not found:
        lines = [
            f"- {literal(leg['statement'])} ({leg['kind']}"
            + ("" if leg["decides"] else ", beside the verdict")
            + ")."
            for _, leg in claim.legs.iterrows()
        ]
        return ["It would be borne out by:", "\n".join(lines)]
    prices, others = [], []
    for leg_id, came in found.items():
        about = claim.legs.loc[leg_id]
        word = came["word"] if came["decides"] else f"({came['word']})"
        if "change" in came:
            write = number if about["measure"] == "correlation" else percent
            low, high = write(came["ci_low"]), write(came["ci_high"])
            cells = (
                write(came["change"]),
                f"{low} to {high}",
                p_cell(came["holm"]),
                write(came["detectable"]).lstrip("+"),
            )
            prices.append((plain(about["statement"]), *map(unbroken, cells), word))
        else:
            kind = f"<br><small>{came['kind']}</small>"
            others.append((plain(about["statement"]) + kind, plain(came["text"]), word))
    label = plain(claim.about["short"])
    tables = []
    if prices:
        tables.append(html_table(f"{label}: prices", PRICE_HEADS, prices))
    if others:
        heads = ("It would show", "Found", "It says")
        tables.append(html_table(f"{label}: figures and documents", heads, others))
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
    symbols: dict[str, None] = {}
    for _, leg in claim.legs[claim.legs["kind"] == "prices"].iterrows():
        for name in filter(None, (leg["group"], leg["benchmark"])):
            named = groups.index == name
            several = groups.loc[named, "symbols"].explode() if named.any() else [name]
            symbols |= dict.fromkeys(several)
        symbols[groups.at[leg["group"], "benchmark"]] = None
    prices = [
        download(f"data/{prices_path(symbol)}", instruments.at[symbol, "name"])
        for symbol in symbols
    ]
    shown, rest = prices[:MANY_FILES], len(prices) - MANY_FILES
    more = f", and {rest} more in [the data folder](data.md)" if rest > 0 else ""
    kinds = claim.legs["kind"].unique()
    tables = [
        *("claim_legs.csv", "events.csv"),
        *(table for kind in kinds for table in TABLES.get(kind, ())),
    ]
    links = ", ".join(download(f"data/{name}", name) for name in tables)
    return (f"Prices of {', '.join(shown)}{more}. " if prices else "") + (
        f"Tables: {links}."
    )
