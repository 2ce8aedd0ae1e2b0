"""One page for each event of the ledger."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from book.site.claims import Claim
from book.site.markup import fill, html_table, literal, plain, unbroken
from book.site.paths import Paths
from book.site.reactions import MARKETS, reaction_section
from helpers.data.calendars import exchange_timezone
from helpers.notebook import day, window
from helpers.notebook.words import MINUS

VERIFICATION_MEANS = {
    "verified": "date and substance were read on at least one page",
    "curated-list": "dated in a public list; the list's own source was not opened",
    "partly": "the event is confirmed; the day, the hour or a part of it is not",
    "unverified": "recalled only; it carries no verdict",
}
STATUS_MEANS = {
    "read": "page read",
    "curated-list": "named in a public list, not opened",
    "cited": "cited, not opened",
    "recalled": "from memory",
}
BY = {
    "us-government": "the US government",
    "chinese-government": "the Chinese government",
    "both-governments": "both governments",
    "us-firm": "a US firm",
    "chinese-firm": "a Chinese firm",
    "markets": "markets",
}
EXPECTED = {
    "sign_nvda_thesis": "for Nvidia, as the article implies",
    "sign_cn_thesis": "for Chinese chip names, as the article implies",
    "sign_cn_conventional": "for Chinese chip names, on the usual reading",
}
SIGNS = {
    "+": "gain",
    "-": "loss",
    "0": "no effect",
    "mixed": "mixed",
    "none": "none expected",
}
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")
LEANS = {"+": ", perhaps a gain", "-": ", perhaps a loss", "": ""}


def event_page(
    event_id: str,
    ledger: pd.DataFrame,
    sources: pd.DataFrame,
    placed: pd.DataFrame,
    reactions: pd.DataFrame,
    paths: Paths,
    claims: Mapping[str, Claim],
) -> str:
    """Return the page of one event, as Markdown.

    `placed` and `reactions` are rows of ``place_events`` and ``measure``, by symbol;
    `paths` are those of all events.
    """
    event = ledger.loc[event_id]
    sessions, reasons = _sessions(event, placed)
    unmeasured = [one for one in event["symbols"] if one not in reactions.index]
    notes = event["notes"]
    return fill(
        "event.md",
        title=literal(event["title"]),
        description=literal(event["description"]),
        glance=_glance(event),
        clock=_clock(event),
        sessions=sessions,
        reasons=reasons,
        reactions=reaction_section(reactions, unmeasured, event_id, paths),
        sources=_sources(sources[sources["event_id"] == event_id]),
        confounders=_confounders(event, ledger),
        claims=_claims(event_id, claims),
        notes=notes and f"## Doubts and notes\n\n{_by_name(notes, ledger)}",
    )


def local_time(event: pd.Series, instant: str = "announced_at") -> pd.Timestamp:
    """Return when an event was announced, by the clock of its own place."""
    return event[instant].tz_convert(event["timezone"])


def _glance(event: pd.Series) -> str:
    kinds = " and ".join(_words(event[one]) for one in ("type", "type_second"))
    signs = "; ".join(
        f"**{SIGNS[event[name]]}{LEANS[event[name.replace('sign_', 'lean_')]]}** {who}"
        for name, who in EXPECTED.items()
    )
    status = event["verification"]
    certain = event["time_confidence"].replace("-", " to ")
    lines = [
        f"- Type: {literal(kinds.removesuffix(' and '))}, by {BY[event['actor']]}.",
        f"- Verification: **{literal(_words(status))}**, "
        f"that is, {VERIFICATION_MEANS[status]}. "
        f"Confidence in day and hour: {literal(certain)}.",
        f"- Expected effect: {signs}.",
    ]
    if event["confounder"]:
        lines.append("- In the ledger only because it disturbs other events.")
    if event["firms"]:
        lines.append(f"- Firms: {literal(', '.join(event['firms']))}.")
    return "\n".join(lines)


def _clock(event: pd.Series) -> str:
    zone = f"{event['timezone'].replace('_', ' ')} time"
    at, noted = local_time(event), literal(event["clock"])
    if event["precision"] == "day":
        return (
            f"**{day(at)}**, {literal(zone)}. Only the date is known. "
            f"The ledger notes: {noted}."
        )
    zone = f"{literal(zone)} ({_from_utc(at)})"
    if event["precision"] == "minute":
        return (
            f"**{_moment(at)}**, {zone}. The clock is known to the minute. "
            f"The ledger notes: {noted}."
        )
    first, last = local_time(event, "earliest_at"), local_time(event, "latest_at")
    same_day = first.date() == last.date()
    return (
        f"**Between {_moment(first)} and "
        f"{f'{last:%H:%M}' if same_day else _moment(last)}**, {zone}; taken as "
        f"{at:%H:%M} of {day(at)}. The ledger notes: {noted}."
    )


def _moment(at: pd.Timestamp) -> str:
    return f"{day(at)}, {at:%H:%M}"


def _from_utc(at: pd.Timestamp) -> str:
    """How far a clock is from UTC, as in ``UTC+8``."""
    return f"UTC{at.utcoffset() / pd.Timedelta('1h'):+g}".replace("-", MINUS)


def _sessions(event: pd.Series, placed: pd.DataFrame) -> tuple[str, str]:
    """The first session of each market as a table, and why it is that one."""
    rows, reasons = [], []
    has_clock = event["precision"] != "day"
    for symbol, market in MARKETS.items():
        place = placed.loc[symbol]
        there = event["announced_at"].tz_convert(exchange_timezone(place["exchange"]))
        clock = f"{_moment(there)} ({_from_utc(there)})"
        rows.append(
            (
                market,
                *([unbroken(clock)] if has_clock else []),
                f"<strong>{unbroken(day(place['day0']))}</strong>",
                unbroken(window(*place["window"])),
            )
        )
        # What the rule says of the clock stands above, for all markets; the code by
        # which it names an exchange means nothing to most readers.
        rule = place["rule"].partition("; taken as ")[2] or place["rule"]
        rule = rule.replace(f"of {place['exchange']}", f"in {market}")
        reasons.append(f"- **{market}.** {literal(rule)}")
    heads = ("Market", *(["Local clock"] if has_clock else []), "Day 0", "Window")
    table = html_table("First session of each market", heads, rows)
    return table, "\n".join(reasons)


def _sources(sources: pd.DataFrame) -> str:
    rows = []
    for source in sources.itertuples():
        title = plain(source.title)
        rows.append(
            (
                plain(source.publisher),
                f'<a href="{plain(source.url)}">{title}</a>'
                if source.url
                else f"<cite>{title}</cite>",
                unbroken(source.published or ""),
                plain(STATUS_MEANS[source.status]),
            )
        )
    return html_table("Sources", ("Publisher", "Title", "Published", "Status"), rows)


def _confounders(event: pd.Series, ledger: pd.DataFrame) -> str:
    lines = [
        f"- [{literal(ledger.at[other, 'title'])}]({other}.md) "
        f"({day(local_time(ledger.loc[other]))})"
        for other in event["confounders"]
    ]
    if event["confounder_note"]:
        lines.append(f"- {_by_name(event['confounder_note'], ledger)}")
    return "\n".join(lines) or "Nothing that the ledger knows of."


def _by_name(note: str, ledger: pd.DataFrame) -> str:
    """A note as Markdown, with a link that bears an event's title for its id."""

    def link(found: re.Match[str]) -> str:
        if found[0] not in ledger.index:
            return found[0]
        return f"[{literal(ledger.at[found[0], 'title'])}]({found[0]}.md)"

    return _ID.sub(link, literal(note))


def _claims(event_id: str, claims: Mapping[str, Claim]) -> str:
    lines = [
        f"- [{literal(claim.about['short'])}](../claims.md#claim-{claim_id}): "
        f"“{literal(claim.about['claim'])}.”"
        for claim_id, claim in claims.items()
        if event_id in claim.about["event_ids"]
    ]
    return "\n".join(lines) or "None."


def _words(code: str) -> str:
    return code.replace("-", " ")
