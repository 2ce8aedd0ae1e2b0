"""One page for each event of the ledger, and the list of them all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from helpers.data.calendars import exchange_timezone
from helpers.evidence.wording import number
from helpers.site.markup import (
    csv_text,
    html_table,
    literal,
    plain,
    taken_away,
    unbroken,
)
from helpers.site.reaction_table import (
    MISSING,
    reaction_csv,
    reaction_section,
    window_words,
)
from helpers.site.reactions import EventFacts

if TYPE_CHECKING:
    import pandas as pd

MARKET_NAMES = {"XNYS": "New York", "XHKG": "Hong Kong", "XSHG": "Shanghai"}
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
    "us-government": "US government",
    "chinese-government": "Chinese government",
    "both-governments": "both governments",
    "us-firm": "US firm",
    "chinese-firm": "Chinese firm",
    "markets": "markets",
}
INDEX_HEADS = ("Date", "Event", "Type", "By", "Verification")
SESSION_COLUMNS = (
    "exchange",
    "local_clock",
    "day0",
    "window_first",
    "window_last",
    "rule",
)


def event_page(
    event_id: str, facts: EventFacts, claims: Mapping[str, str]
) -> tuple[str, dict[str, str]]:
    """Return the page of one event, as Markdown, and its files: name to CSV text.

    Parameters
    ----------
    event_id : str
    facts : EventFacts
    claims : mapping of claim_id to the claim's words
        The claims that are judged by this event.
    """
    event = facts.ledger.loc[event_id]
    reactions = facts.reactions.loc[[event_id]].droplevel("event_id")
    parts = [
        # In no table of contents: a hundred events would weigh on every page.
        "---\norphan: true\n---",
        f"# {literal(event['title'])}",
        literal(event["description"]),
        _glance(event),
        "## When, and the first session that could react",
        _clock(event),
        _sessions(event_id, event, facts),
        "## What each instrument did",
        reaction_section(
            reactions,
            facts.names,
            _unmeasured(event, reactions),
            f"files/events/{event_id}.csv",
        ),
        "## Sources",
        _sources(facts.sources[facts.sources["event_id"] == event_id]),
        taken_away("data/sources.csv", "Sources of all events (CSV)"),
        "## What else was in the air",
        _confounders(event, facts.ledger),
        "## Claims that rest on it",
        _claims(claims),
    ]
    if event["notes"]:
        parts += ["## Doubts and notes", literal(event["notes"])]
    parts.append(_neighbours(event_id, facts.ledger))
    files = {
        f"{event_id}.csv": reaction_csv(reactions),
        f"{event_id}-sessions.csv": _sessions_csv(event_id, event, facts),
    }
    return "\n\n".join(parts) + "\n", files


def event_index(ledger: pd.DataFrame) -> str:
    """Return the list of all events by year, newest last, as Markdown."""
    dates = ledger.apply(lambda event: _local(event, "announced_at")[:10], axis=1)
    parts = [
        f"# Events\n\nThe ledger has {len(ledger)} announcements. Each page says what "
        "happened, when in each market, which session could react first and why, "
        "where that is from, and what prices did. Dates are those of the "
        "announcement's own time zone; what the words on verification mean stands on "
        "each page.",
        '<p class="numbers"><a href="../data/events.csv" download>The ledger (CSV)</a> '
        '<a href="../data/sources.csv" download>Its sources (CSV)</a></p>',
    ]
    for year, group in ledger.groupby(dates.str[:4]):
        rows = [
            (
                unbroken(dates[event_id]),
                f'<a href="{event_id}.html">{plain(event["title"])}</a>',
                plain(_words(event["type"])),
                BY[event["actor"]],
                plain(_words(event["verification"])),
            )
            for event_id, event in group.iterrows()
        ]
        table = html_table(f"Events of {year}", INDEX_HEADS, rows)
        parts += [f"## {year}", table]
    return "\n\n".join(parts) + "\n"


def _glance(event: pd.Series) -> str:
    kinds = [event["type"], *([event["type_second"]] if event["type_second"] else [])]
    expected = {
        "sign_nvda_thesis": "for Nvidia, as the article implies",
        "sign_cn_thesis": "for Chinese chip names, as the article implies",
        "sign_cn_conventional": "for Chinese chip names, on the usual reading",
    }
    signs = "; ".join(
        f"**{_sign(event, field)}** {words}" for field, words in expected.items()
    )
    status = event["verification"]
    certain = event["time_confidence"].replace("-", " to ")
    lines = [
        f"- Type: {literal(' and '.join(map(_words, kinds)))}, "
        f"by {_article(BY[event['actor']])}.",
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


def _article(actor: str) -> str:
    if actor.endswith("government"):
        return f"the {actor}"
    return f"a {actor}" if actor.endswith("firm") else actor


def _sign(event: pd.Series, field: str) -> str:
    words = {
        "+": "gain",
        "-": "loss",
        "0": "no effect",
        "mixed": "mixed",
        "none": "none expected",
    }
    lean = event[field.replace("sign_", "lean_")]
    more = {"+": ", perhaps a gain", "-": ", perhaps a loss", "": ""}
    return words[event[field]] + more[lean]


def _clock(event: pd.Series) -> str:
    zone = f"{event['timezone'].replace('_', ' ')} time"
    at, noted = _local(event, "announced_at"), literal(event["clock"])
    if event["precision"] == "day":
        return (
            f"**{at[:10]}**, {literal(zone)}. Only the date is known. "
            f"The ledger notes: {noted}."
        )
    if event["precision"] == "minute":
        return (
            f"**{at}**, {literal(zone)} ({_offset(event['announced_at'], event)}). "
            f"The clock is known to the minute. The ledger notes: {noted}."
        )
    first, last = _local(event, "earliest_at"), _local(event, "latest_at")
    last = last[11:] if last[:10] == first[:10] else last
    return (
        f"**Between {first} and {last}**, {literal(zone)} "
        f"({_offset(event['announced_at'], event)}); taken as {at[11:]} of {at[:10]}. "
        f"The ledger notes: {noted}."
    )


def _offset(instant: pd.Timestamp, event: pd.Series) -> str:
    return offset_words(instant.tz_convert(event["timezone"]))


def _local(event: pd.Series, field: str) -> str:
    return str(event[field].tz_convert(event["timezone"]).strftime("%Y-%m-%d %H:%M"))


def _sessions(event_id: str, event: pd.Series, facts: EventFacts) -> str:
    rows, reasons = [], []
    for exchange, market in MARKET_NAMES.items():
        place = facts.placed.loc[(event_id, exchange)]
        rows.append(
            (
                market,
                unbroken(_clock_there(event, exchange) or MISSING),
                f"<strong>{unbroken(place['day0'].date())}</strong>",
                unbroken(window_words(place["window"])),
            )
        )
        # What the rule says of the clock stands above, for all markets; the code by
        # which it names an exchange means nothing to most readers.
        rule = place["rule"].partition("; taken as ")[2] or place["rule"]
        rule = rule.replace(f"of {exchange}", f"in {market}")
        reasons.append(f"- **{market}.** {literal(rule)}")
    heads = ("Market", "Local clock", "Day 0", "Window")
    table = html_table("First session of each market", heads, rows)
    why = "Why this day 0, by the rule that holds for every event:"
    numbers = taken_away(f"files/events/{event_id}-sessions.csv")
    return "\n\n".join([table, numbers, why, "\n".join(reasons)])


def _clock_there(event: pd.Series, exchange: str) -> str:
    """The announcement's clock in an exchange's city; none if just a date is known."""
    if event["precision"] == "day":
        return ""
    there = event["announced_at"].tz_convert(exchange_timezone(exchange))
    return f"{there:%Y-%m-%d %H:%M} ({offset_words(there)})"


def offset_words(instant: pd.Timestamp) -> str:
    """Return how far a clock is from UTC, as in ``UTC+8``."""
    minutes = round(instant.utcoffset().total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    sign = "\N{MINUS SIGN}" if minutes < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{rest:02d}" if rest else "")


def _sessions_csv(event_id: str, event: pd.Series, facts: EventFacts) -> str:
    rows = []
    for exchange in MARKET_NAMES:
        place = facts.placed.loc[(event_id, exchange)]
        rows.append(
            (
                exchange,
                _clock_there(event, exchange),
                f"{place['day0']:%Y-%m-%d}",
                *place["window"],
                place["rule"],
            )
        )
    return csv_text(SESSION_COLUMNS, rows)


def _unmeasured(event: pd.Series, reactions: pd.DataFrame) -> list[str]:
    return [symbol for symbol in event["symbols"] if symbol not in reactions.index]


def _sources(sources: pd.DataFrame) -> str:
    rows = []
    for source in sources.itertuples():
        shown = plain(source.title)
        if source.url:
            shown = f'<a href="{plain(source.url)}">{shown}</a>'
        rows.append(
            (
                number(source.n, 0),
                plain(source.publisher),
                shown,
                unbroken(source.published or MISSING),
                plain(STATUS_MEANS[source.status]),
            )
        )
    return html_table(
        "Sources", ("No.", "Publisher", "Title", "Published", "Status"), rows
    )


def _confounders(event: pd.Series, ledger: pd.DataFrame) -> str:
    lines = [
        f"- [{literal(ledger.at[other, 'title'])}]({other}.md) "
        f"({literal(_local(ledger.loc[other], 'announced_at')[:10])})"
        for other in event["confounders"]
    ]
    if event["confounder_note"]:
        lines.append(f"- {literal(event['confounder_note'])}")
    return "\n".join(lines) or "Nothing that the ledger knows of."


def _claims(claims: Mapping[str, str]) -> str:
    lines = [
        f"- [{literal(words)}](../claims.md#claim-{claim_id})"
        for claim_id, words in claims.items()
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


def claims_by_event(claims: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Return, for each event, the claims that rest on it: id to words."""
    found: dict[str, dict[str, str]] = {}
    selected: Sequence[tuple[Any, pd.Series]] = list(claims.iterrows())
    for claim_id, claim in selected:
        for event_id in claim["event_ids"]:
            found.setdefault(event_id, {})[str(claim_id)] = claim["claim"]
    return found
