"""One page for each event of the ledger, and the list of them all."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from book.site.claims import Claim
from book.site.markup import below, download, html_table, literal, plain, unbroken
from book.site.reactions import MARKETS, reaction_section
from helpers.data.calendars import exchange_timezone
from helpers.notebook import day, percent, short_day, window

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
LEANS = {"+": ", perhaps a gain", "-": ", perhaps a loss", "": ""}


def event_page(
    event_id: str,
    ledger: pd.DataFrame,
    sources: pd.DataFrame,
    placed: pd.DataFrame,
    reactions: pd.DataFrame,
    claims: Mapping[str, Claim],
) -> str:
    """Return the page of one event, as Markdown.

    Parameters
    ----------
    event_id : str
    ledger, sources : DataFrame
        As ``load_ledger`` and ``load_sources`` return them.
    placed : DataFrame
        Day 0, window and rule by symbol.
    reactions : DataFrame
        What each instrument did, by symbol.
    claims : mapping of claim_id to Claim
    """
    event = ledger.loc[event_id]
    of_it = sources[sources["event_id"] == event_id]
    unmeasured = [one for one in event["symbols"] if one not in reactions.index]
    file = f"files/events/{event_id}.csv"
    parts = [
        # In no table of contents: a hundred events would weigh on every page.
        "---\norphan: true\n---",
        f"# {literal(event['title'])}",
        literal(event["description"]),
        _glance(event),
        "## When, and the first session that could react",
        _clock(event),
        _sessions(event, placed),
        "## What each instrument did",
        reaction_section(reactions, unmeasured, file),
        "## Sources",
        _sources(of_it),
        below(download("data/sources.csv", "Sources of all events (CSV)", "../")),
        "## What else was in the air",
        _confounders(event, ledger),
        "## Claims that rest on it",
        _claims(event_id, claims),
    ]
    if event["notes"]:
        parts += ["## Doubts and notes", literal(event["notes"])]
    return "\n\n".join([*parts, _neighbours(event_id, ledger)]) + "\n"


def event_index(ledger: pd.DataFrame, reactions: pd.DataFrame) -> str:
    """Return the list of all events by year, newest last, as Markdown."""
    dates = {event_id: _local(event) for event_id, event in ledger.iterrows()}
    nvidia = reactions["car"].xs("NVDA", level="symbol")
    parts = [
        f"# Events\n\nThe ledger has {len(ledger)} announcements. Each page says what "
        "happened, when in each market, which session could react first and why, "
        "where that is from, and what prices did. Dates are those of the "
        "announcement's own time zone. Beside each stands what Nvidia earned beyond "
        "the S&P 500 in the sessions in which it can first have met New York; what the "
        "words on verification mean stands on each page.",
        below(
            download("data/events.csv", "The ledger (CSV)", "../"),
            download("data/sources.csv", "Its sources (CSV)", "../"),
        ),
    ]
    for year in sorted({date.year for date in dates.values()}):
        rows = [
            (
                unbroken(short_day(dates[event_id])),
                f'<a href="{event_id}.html">{plain(event["title"])}</a><br><small>'
                f"{plain(_words(event['type']))}, by {BY[event['actor']]}</small>",
                unbroken(percent(nvidia[event_id], 1))
                if math.isfinite(nvidia[event_id])
                else "",
                plain(_words(event["verification"])),
            )
            for event_id, event in ledger.iterrows()
            if dates[event_id].year == year
        ]
        heads = ("Date", "Event", "Nvidia", "Verification")
        parts += [f"## {year}", html_table(f"Events of {year}", heads, rows)]
    return "\n\n".join(parts) + "\n"


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
    at, noted = _local(event), literal(event["clock"])
    if event["precision"] == "day":
        return (
            f"**{day(at)}**, {literal(zone)}. Only the date is known. "
            f"The ledger notes: {noted}."
        )
    zone = f"{literal(zone)} ({offset_words(at)})"
    if event["precision"] == "minute":
        return (
            f"**{_moment(at)}**, {zone}. The clock is known to the minute. "
            f"The ledger notes: {noted}."
        )
    first, last = _local(event, "earliest_at"), _local(event, "latest_at")
    same_day = first.date() == last.date()
    return (
        f"**Between {_moment(first)} and "
        f"{f'{last:%H:%M}' if same_day else _moment(last)}**, {zone}; taken as "
        f"{at:%H:%M} of {day(at)}. The ledger notes: {noted}."
    )


def _local(event: pd.Series, instant: str = "announced_at") -> pd.Timestamp:
    return event[instant].tz_convert(event["timezone"])


def _moment(at: pd.Timestamp) -> str:
    return f"{day(at)}, {at:%H:%M}"


def _sessions(event: pd.Series, placed: pd.DataFrame) -> str:
    rows, reasons = [], []
    has_clock = event["precision"] != "day"
    for symbol, market in MARKETS.items():
        place = placed.loc[symbol]
        there = event["announced_at"].tz_convert(exchange_timezone(place["exchange"]))
        clock = f"{_moment(there)} ({offset_words(there)})"
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
    why = "Why this day 0, by the rule that holds for every event:"
    return "\n\n".join([table, why, "\n".join(reasons)])


def offset_words(instant: pd.Timestamp) -> str:
    """Return how far a clock is from UTC, as in ``UTC+8``."""
    minutes = round(instant.utcoffset().total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    sign = "\N{MINUS SIGN}" if minutes < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{rest:02d}" if rest else "")


def _sources(sources: pd.DataFrame) -> str:
    rows = []
    for source in sources.itertuples():
        title = plain(source.title)
        rows.append(
            (
                plain(source.publisher),
                f'<a href="{plain(source.url)}">{title}</a>' if source.url else title,
                unbroken(source.published or ""),
                plain(STATUS_MEANS[source.status]),
            )
        )
    return html_table("Sources", ("Publisher", "Title", "Published", "Status"), rows)


def _confounders(event: pd.Series, ledger: pd.DataFrame) -> str:
    lines = [
        f"- [{literal(ledger.at[other, 'title'])}]({other}.md) "
        f"({day(_local(ledger.loc[other]))})"
        for other in event["confounders"]
    ]
    if event["confounder_note"]:
        lines.append(f"- {literal(event['confounder_note'])}")
    return "\n".join(lines) or "Nothing that the ledger knows of."


def _claims(event_id: str, claims: Mapping[str, Claim]) -> str:
    lines = [
        f"- [{literal(claim.about['short'])}](../claims.md#claim-{claim_id}): "
        f"“{literal(claim.about['claim'])}.”"
        for claim_id, claim in claims.items()
        if event_id in claim.about["event_ids"]
    ]
    return "\n".join(lines) or "None."


def _neighbours(event_id: str, ledger: pd.DataFrame) -> str:
    at = ledger.index.get_loc(event_id)
    links = {"Event before": at - 1, "Event after": at + 1}
    shown = [
        f'<a href="{ledger.index[place]}.html">{words}: '
        f"{plain(ledger['title'].iloc[place])}</a>"
        for words, place in links.items()
        if 0 <= place < len(ledger)
    ]
    everything = '<a href="index.html">All events</a>'
    return (
        '<nav class="neighbours" aria-label="Other events">'
        f"{' '.join([*shown, everything])}</nav>"
    )


def _words(code: str) -> str:
    return code.replace("-", " ")
