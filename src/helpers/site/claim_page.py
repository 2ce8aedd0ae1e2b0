"""The claims of the article: verdict, deciding cell, events, data files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from helpers.data.prices import prices_path
from helpers.site.markup import csv_text, html_table, literal, plain
from helpers.site.verdicts import Decided

if TYPE_CHECKING:
    import pandas as pd

UNDECIDED = "no verdict"
# More events or files than these are not listed one by one.
MANY_EVENTS = 12
MANY_FILES = 15
# Where claims that rest on more than prices take their numbers from.
TABLES = {
    "fundamentals": ("fundamentals.csv", "nvidia_revenue.csv"),
    "document": ("sources.csv", "chips.csv", "listings.csv"),
}


def verdict_table(
    claims: pd.DataFrame, verdicts: Mapping[str, Decided], titles: Mapping[str, str]
) -> str:
    """Return verdict, claim and deciding chapter of every claim, as HTML.

    Parameters
    ----------
    claims : DataFrame
        As ``load_claims`` returns it.
    verdicts : mapping of claim_id to Decided
    titles : mapping of chapter name to its title
    """
    rows = []
    for claim_id, claim in claims.iterrows():
        decided = verdicts.get(str(claim_id))
        where = f"Decided in {_where(decided, titles)}" if decided else UNDECIDED
        rows.append(
            (
                f'<a href="claims.html#claim-{claim_id}">{plain(claim["claim"])}</a>'
                f"<br><small>{where}</small>",
                badge(decided),
            )
        )
    return html_table("Claims and verdicts", ("The article claims", "Verdict"), rows)


def verdict_csv(
    claims: pd.DataFrame, verdicts: Mapping[str, Decided], titles: Mapping[str, str]
) -> str:
    """Return the same as CSV, with each verdict's sentence and criteria."""
    heads = ("claim_id", "claim", "verdict", "sentence", "criteria", "decided_in")
    rows = []
    for claim_id, claim in claims.iterrows():
        found = verdicts.get(str(claim_id))
        said = (found.word, found.sentence, found.criteria) if found else ("", "", "")
        decided_in = titles[found.chapter] if found else ""
        rows.append((claim_id, claim["claim"], *said, decided_in))
    return csv_text(heads, rows)


def badge(decided: Decided | None) -> str:
    """Return a verdict's word, set so that it can be told without its colour."""
    word = decided.word if decided else UNDECIDED
    kind = word.split(" ")[0] if word != UNDECIDED else "none"
    return f'<span class="verdict verdict-{kind}">{word}</span>'


def claims_page(
    claims: pd.DataFrame,
    verdicts: Mapping[str, Decided],
    titles: Mapping[str, str],
    ledger: pd.DataFrame,
    instruments: pd.DataFrame,
) -> str:
    """Return the page on which every claim has its section, as Markdown.

    Parameters
    ----------
    claims, ledger, instruments : DataFrame
        As ``load_claims``, ``load_ledger`` and ``load_instruments`` return them.
    verdicts : mapping of claim_id to Decided
    titles : mapping of chapter name to its title
    """
    parts = [
        "# Claims and verdicts",
        "Each claim of the article, in our words, with the verdict, the rule by which "
        "it was reached, the cell that decides it, the events it rests on and the "
        "data. Verdicts are worded by code from the results; this page takes them from "
        "the chapters as they are stored.",
        '<p class="numbers"><a href="files/verdicts.csv" download>All verdicts (CSV)'
        '</a> <a href="data/claims.csv" download>The claims (CSV)</a></p>',
    ]
    for claim_id, claim in claims.iterrows():
        parts += _section(str(claim_id), claim, verdicts, titles)
        parts.append(f"**Events.** {_events(claim['event_ids'], ledger)}")
        parts.append(f"**Data.** {_files(claim, ledger, instruments)}")
    return "\n\n".join(parts) + "\n"


def _section(
    claim_id: str,
    claim: pd.Series,
    verdicts: Mapping[str, Decided],
    titles: Mapping[str, str],
) -> list[str]:
    decided = verdicts.get(claim_id)
    parts = [f"(claim-{claim_id})=\n## {literal(claim['claim'])}"]
    if decided:
        parts += [
            f"{badge(decided)} {literal(decided.sentence)}",
            f"**Decided in** the cell of this verdict: {_where(decided, titles)}",
            f"*Criteria.* {literal(decided.criteria)}",
        ]
    else:
        parts += [
            f"{badge(None)} No chapter of this book decides this claim.",
            f"*Would support it:* {literal(claim['would_support'])}."
            + (
                f" *Would contradict it:* {literal(claim['would_contradict'])}."
                if claim["would_contradict"]
                else ""
            ),
        ]
    return parts


def _where(decided: Decided, titles: Mapping[str, str]) -> str:
    page = f"chapters/{quote(decided.chapter)}.html#{decided.anchor}"
    # A cell's id is set after Markdown is read, so its link is written as HTML.
    return f'<a href="{page}">{plain(titles[decided.chapter])}</a>'


def _events(event_ids: tuple[str, ...], ledger: pd.DataFrame) -> str:
    shown = [
        f"[{literal(ledger.at[event_id, 'title'])}](events/{event_id}.md)"
        for event_id in event_ids[:MANY_EVENTS]
    ]
    rest = len(event_ids) - len(shown)
    more = f"; and {rest} more in [the list of events](events/index.md)" if rest else ""
    return "; ".join(shown) + more + "."


def _files(claim: pd.Series, ledger: pd.DataFrame, instruments: pd.DataFrame) -> str:
    named = {
        symbol
        for event_id in claim["event_ids"]
        for symbol in ledger.at[event_id, "symbols"]
    }
    benchmarks = set(instruments.loc[sorted(named), "benchmark"]) - {""} - named
    shares = [symbol for symbol in instruments.index if symbol in named]
    prices = [
        (prices_path(symbol), instruments.at[symbol, "name"])
        for symbol in [*shares[:MANY_FILES], *sorted(benchmarks)]
    ]
    rest = len(shares) - MANY_FILES
    more = f", and {rest} more in [the data folder](data.md)" if rest > 0 else ""
    tables = [table for kind in claim["kind"] for table in TABLES.get(kind, ())]
    tables += ["events.csv", "sources.csv"]
    named_tables = [(table, table) for table in dict.fromkeys(tables)]
    return f"Prices of {_links(prices)}{more}. Tables: {_links(named_tables)}."


def _links(files: Sequence[tuple[str, str]]) -> str:
    return ", ".join(
        f'<a href="data/{quote(file)}" download>{plain(words)}</a>'
        for file, words in files
    )
