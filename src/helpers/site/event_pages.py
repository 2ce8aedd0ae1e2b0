"""One page for each event of the ledger, and the list of them all."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from helpers.data.calendars import exchange_timezone
from helpers.evidence.wording import number, p_value, percent
from helpers.site.markup import csv_text, html_table, literal, plain, unbroken
from helpers.site.reactions import MARKETS, EventFacts

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
ACTORS_ARE = {
    "us-government": "the US government",
    "chinese-government": "the Chinese government",
    "both-governments": "both governments",
    "us-firm": "a US firm",
    "chinese-firm": "a Chinese firm",
    "markets": "markets",
}
PRECISION_MEANS = {
    "minute": "the clock is known to the minute",
    "session": "a stretch of the day is known, not the minute",
    "day": "only the date is known",
}
MISSING = "n/a"
INDEX_HEADS = ("Date", "Event", "Type", "Actor", "Verification")
REACTION_COLUMNS = (
    "symbol",
    "name",
    "exchange",
    "session",
    "window_first",
    "window_last",
    "change_day0",
    "benchmark",
    "car",
    "ci_low",
    "ci_high",
    "p_value",
    "reason",
)


def event_page(
    event_id: str, facts: EventFacts, claims: Mapping[str, str]
) -> tuple[str, str]:
    """Return the page of one event, as Markdown, and its reactions as CSV.

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
        _reaction_table(reactions),
        '<p class="numbers"><a href="../files/events/'
        f'{event_id}.csv" download>Numbers of this table (CSV)</a></p>',
        _reading(_unmeasured(event, reactions)),
        "## Sources",
        _sources(facts.sources[facts.sources["event_id"] == event_id]),
        "## What else was in the air",
        _confounders(event, facts.ledger),
        "## Claims that rest on it",
        _claims(claims),
    ]
    if event["notes"]:
        parts += ["## Doubts and notes", literal(event["notes"])]
    parts.append(_neighbours(event_id, facts.ledger))
    return "\n\n".join(parts) + "\n", _reaction_csv(reactions)


def event_index(ledger: pd.DataFrame) -> str:
    """Return the list of all events, newest last, as Markdown."""
    rows = [
        (
            unbroken(_local(event, "announced_at")[:10]),
            f'<a href="{event_id}.html">{plain(event["title"])}</a>',
            _words(event["type"]),
            ACTORS_ARE[event["actor"]],
            _words(event["verification"]),
        )
        for event_id, event in ledger.iterrows()
    ]
    return (
        f"# Events\n\nThe ledger has {len(ledger)} announcements. Each page says what "
        "happened, when in each market, which session could react first and why, "
        "where that is from, and what prices did. Dates are those of the "
        "announcement's own time zone.\n\n"
        + html_table("Events", INDEX_HEADS, rows)
        + "\n"
    )


def _glance(event: pd.Series) -> str:
    kinds = [event["type"], *([event["type_second"]] if event["type_second"] else [])]
    expected = {
        "sign_nvda_thesis": "Nvidia, as the article implies",
        "sign_cn_thesis": "Chinese chip names, as the article implies",
        "sign_cn_conventional": "Chinese chip names, on the usual reading",
    }
    signs = "; ".join(
        f"{words}: **{_sign(event, field)}**" for field, words in expected.items()
    )
    status = event["verification"]
    lines = [
        f"- Type: {' and '.join(map(_words, kinds))}; by {ACTORS_ARE[event['actor']]}",
        f"- Verification: **{_words(status)}** ({VERIFICATION_MEANS[status]}); "
        f"confidence in day and hour: {_words(event['time_confidence'])}",
        f"- Expected effect. {signs}",
    ]
    if event["confounder"]:
        lines.append("- In the ledger only because it disturbs other events.")
    if event["firms"]:
        lines.append(f"- Firms: {literal(', '.join(event['firms']))}")
    return "\n".join(lines)


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
    precision = event["precision"]
    known = f"{literal(event['clock'])} ({PRECISION_MEANS[precision]})."
    if precision == "day":
        return f"Announced {literal(_local(event, 'announced_at')[:10])}: {known}"
    stretch = ""
    if precision == "session":
        ends = (_local(event, "earliest_at"), _local(event, "latest_at"))
        stretch = f" It lies between {literal(ends[0])} and {literal(ends[1])}."
    return (
        f"Announced {literal(_local(event, 'announced_at'))}, "
        f"{literal(event['timezone'])}. {known}{stretch}"
    )


def _local(event: pd.Series, field: str) -> str:
    return str(event[field].tz_convert(event["timezone"]).strftime("%Y-%m-%d %H:%M"))


def _sessions(event_id: str, event: pd.Series, facts: EventFacts) -> str:
    rows = []
    for exchange in MARKETS:
        place = facts.placed.loc[(event_id, exchange)]
        clock = MISSING
        if event["precision"] != "day":
            there = event["announced_at"].tz_convert(exchange_timezone(exchange))
            clock = f"{there:%Y-%m-%d %H:%M}"
        rows.append(
            (
                MARKET_NAMES[exchange],
                unbroken(clock),
                f"<strong>{unbroken(place['day0'].date())}</strong>",
                unbroken(_window(place["window"])),
                plain(place["rule"]),
            )
        )
    heads = ("Market", "Local clock", "Day 0", "Window", "Why")
    return html_table("First session of each market", heads, rows)


def _window(window: tuple[int, int]) -> str:
    first, last = (f"{day:+d}" if day else "0" for day in window)
    return f"[{first}, {last}]"


def _reaction_table(reactions: pd.DataFrame) -> str:
    rows = []
    for symbol, row in reactions.iterrows():
        has_car = not math.isnan(row["car"])
        chance = p_value(row["p_value"]).removeprefix("= ") if has_car else MISSING
        rows.append(
            (
                plain(f"{row['name']} ({symbol})"),
                f"{unbroken(row['day0'].date())} {row['exchange']}",
                unbroken(_percent(row["change"])),
                unbroken(_percent(row["car"])),
                unbroken(_interval(row) if has_car else MISSING),
                unbroken(chance),
                plain(
                    f"{_window(row['window'])} against {row['benchmark']}"
                    if has_car
                    else row["reason"]
                ),
            )
        )
    heads = (
        "Instrument",
        "Day 0",
        "Change on day 0",
        "CAR",
        "95 % interval",
        "p",
        "Window and benchmark, or why there is none",
    )
    return html_table("What each instrument did", heads, rows)


def _percent(value: float) -> str:
    return MISSING if math.isnan(value) else percent(value)


def _interval(row: pd.Series) -> str:
    return f"{percent(row['ci_low'], 1)} to {percent(row['ci_high'], 1)}"


def _unmeasured(event: pd.Series, reactions: pd.DataFrame) -> list[str]:
    return [symbol for symbol in event["symbols"] if symbol not in reactions.index]


def _reading(unmeasured: Sequence[str]) -> str:
    left_out = (
        f" Not shown, for want of a local benchmark: {literal(', '.join(unmeasured))}."
        if unmeasured
        else ""
    )
    return (
        "CAR is the cumulative abnormal return: what the instrument earned beyond a "
        "market model fitted on sessions −120 to −11, over the window in which the "
        "news may first have met the exchange. Interval and p are exact for one share "
        "and one event; with so many events some will look large by chance, and no "
        "verdict rests on a single row. The chapters test events together." + left_out
    )


def _reaction_csv(reactions: pd.DataFrame) -> str:
    rows = [
        (
            symbol,
            row["name"],
            row["exchange"],
            f"{row['day0']:%Y-%m-%d}",
            *row["window"],
            _six(row["change"]),
            row["benchmark"],
            *(_six(row[name]) for name in ("car", "ci_low", "ci_high", "p_value")),
            row["reason"],
        )
        for symbol, row in reactions.iterrows()
    ]
    return csv_text(REACTION_COLUMNS, rows)


def _six(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.6g}"


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
        f"{words}: [{literal(ledger['title'].iloc[place])}]({ledger.index[place]}.md)"
        for words, place in links.items()
        if 0 <= place < len(ledger)
    ]
    return "\n\n".join(["---", *shown, "[All events](index.md)"])


def _words(code: str) -> str:
    return literal(code.replace("-", " "))


def claims_by_event(claims: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Return, for each event, the claims that rest on it: id to words."""
    found: dict[str, dict[str, str]] = {}
    selected: Sequence[tuple[Any, pd.Series]] = list(claims.iterrows())
    for claim_id, claim in selected:
        for event_id in claim["event_ids"]:
            found.setdefault(event_id, {})[str(claim_id)] = claim["claim"]
    return found
