"""The claims of the article: verdict, deciding cell, events, data files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from helpers.data.prices import prices_path
from helpers.site.markup import literal, pipe_table
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
    "document": ("sources.csv", "chips.csv"),
}


def verdict_table(
    claims: pd.DataFrame, verdicts: Mapping[str, Decided], titles: Mapping[str, str]
) -> str:
    """Return claim, verdict and deciding chapter of every claim, as Markdown.

    Parameters
    ----------
    claims : DataFrame
        As ``load_claims`` returns it.
    verdicts : mapping of claim_id to Decided
    titles : mapping of chapter name to its title
    """
    rows = [
        (
            f"[{literal(claim['claim'])}](claims.md#claim-{claim_id})",
            badge(verdicts.get(str(claim_id))),
            _where(verdicts.get(str(claim_id)), titles),
        )
        for claim_id, claim in claims.iterrows()
    ]
    return pipe_table(("The article claims", "Verdict", "Decided in"), rows)


def badge(decided: Decided | None) -> str:
    """Return a verdict's word, set so that it can be told without its colour."""
    word = decided.word if decided else UNDECIDED
    kind = word.split(" ")[0] if word != UNDECIDED else "none"
    return f'<span class="verdict verdict-{kind}">{word.replace(" ", "&nbsp;")}</span>'


def claims_page(
    claims: pd.DataFrame,
    verdicts: Mapping[str, Decided],
    titles: Mapping[str, str],
    ledger: pd.DataFrame,
) -> str:
    """Return the page on which every claim has its section, as Markdown."""
    parts = [
        "# Claims and verdicts",
        "Each claim of the article, in our words, with the evidence that judges it. "
        "The criteria were written down before the data were read, and the words are "
        "chosen by code. Verdicts are taken from the stored results of the chapters.",
    ]
    for claim_id, claim in claims.iterrows():
        parts += _section(str(claim_id), claim, verdicts, titles, ledger)
    return "\n\n".join(parts) + "\n"


def _section(
    claim_id: str,
    claim: pd.Series,
    verdicts: Mapping[str, Decided],
    titles: Mapping[str, str],
    ledger: pd.DataFrame,
) -> list[str]:
    decided = verdicts.get(claim_id)
    parts = [f"(claim-{claim_id})=\n## {literal(claim['claim'])}"]
    if decided:
        parts += [
            f"{badge(decided)} {literal(decided.sentence)}",
            f"Decided in {_where(decided, titles)}.",
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
    parts.append(f"**Events.** {_events(claim['event_ids'], ledger)}")
    parts.append(f"**Data.** {_files(claim, ledger)}")
    return parts


def _where(decided: Decided | None, titles: Mapping[str, str]) -> str:
    if decided is None:
        return "n/a"
    page = f"chapters/{decided.chapter}.html#{decided.anchor}"
    # A cell's id is set after Markdown is read, so its link is written as HTML.
    return f'<a href="{page}">{literal(titles[decided.chapter])}</a>'


def _events(event_ids: tuple[str, ...], ledger: pd.DataFrame) -> str:
    shown = [
        f"[{literal(ledger.at[event_id, 'title'])}](events/{event_id}.md)"
        for event_id in event_ids[:MANY_EVENTS]
    ]
    rest = len(event_ids) - len(shown)
    more = f"; and {rest} more in [the list of events](events/index.md)" if rest else ""
    return "; ".join(shown) + more + "."


def _files(claim: pd.Series, ledger: pd.DataFrame) -> str:
    symbols: dict[Any, None] = {}
    for event_id in claim["event_ids"]:
        symbols.update(dict.fromkeys(ledger.at[event_id, "symbols"]))
    names = [prices_path(symbol) for symbol in sorted(symbols)[:MANY_FILES]]
    names += [table for kind in claim["kind"] for table in TABLES.get(kind, ())]
    names.append("events.csv")
    links = [f'<a href="data/{name}" download>{literal(name)}</a>' for name in names]
    rest = len(symbols) - MANY_FILES
    more = f"; prices of {rest} more in [the data folder](data.md)" if rest > 0 else ""
    return ", ".join(links) + more + "."
