"""The figures of the chapter on the data."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.data.ledger import local_dates
from helpers.evidence.ledger_record import CITIES
from helpers.evidence.the_data import CASES, TheData
from helpers.evidence.the_data_findings import TheDataFindings
from helpers.evidence.wording import day, short_day
from helpers.presentation.clocks import opening_hours
from helpers.presentation.ledger_line import ledger_line
from helpers.presentation.ratios import ratio_lines
from helpers.presentation.strips import Column, names_of, spans, strips

Plate = dict[str, Any]
SPLIT = pd.Timestamp("2025-01-01")
KINDS = {"share": "shares", "etf": "funds", "index": "indexes"}


def _columns(table: pd.DataFrame) -> list[Column]:
    """New York by kind on the left, the Asian exchanges on the right."""
    names = names_of(table)

    def under(rows: pd.DataFrame) -> list[str]:
        return [names[str(symbol)] for symbol in rows.index]

    american = table[table["place"] == "New York"]
    left = [
        (f"New York: {word}", under(american[american["kind"] == kind]))
        for kind, word in KINDS.items()
    ]
    places = {
        "Hong Kong": "Hong Kong",
        "mainland": "Shanghai and Shenzhen",
        "Seoul": "Seoul",
    }
    right = [
        (heading, under(table[table["place"] == place]))
        for place, heading in places.items()
    ]
    return [left, right]


def coverage(data: TheData, findings: TheDataFindings) -> Plate:
    """Where each history runs, and where it has gaps."""
    table = data.prices.coverage
    names = names_of(table)
    gaps = data.prices.gaps.assign(label=data.prices.gaps["symbol"].map(names))
    gaps["kind"] = gaps["kind"].map(
        {"suspension": "trading suspended", "hole": "held, but no price at hand"}
    )
    figures = findings.figures
    title = (
        f"Prices for {figures['priced']} of {figures['held']} sessions: "
        f"{figures['missing']} are missing, {figures['suspension_sessions']} of them "
        "in suspensions"
    )
    figure = spans(_columns(table), table.rename(index=names), gaps, title=title)
    return {
        "fig": figure,
        "caption": (
            f"Histories of {figures['instruments']} instruments from "
            f"{figures['first']} to {figures['last']} at the latest; those that begin "
            "later were listed later or have no earlier source. Marks stand at the "
            "first session of a gap. Histories end on different days, "
            f"{figures['ending_early']} of them more than a month before the others, "
            f"the first on {figures['earliest_end']}."
        ),
        "alt": (
            f"Span chart of {len(table)} instruments in two columns, New York on the "
            "left, Hong Kong, Shanghai, Shenzhen and Seoul on the right. Nearly all "
            "New York bars run over the whole period; several Chinese ones start "
            f"after 2019 and end early. {len(gaps)} gaps are marked, all of them "
            "in Shanghai and Seoul."
        ),
    }


def confirmation(data: TheData, findings: TheDataFindings) -> Plate:
    """How much of each quarter a second source confirms."""
    table = data.prices.coverage
    names = names_of(table)
    pale = ", ".join(names[s] for s in table.index[table["confirmed"] == 0])
    figures = findings.figures
    title = (
        f"A second source confirms {figures['confirmed_share']} of all days; "
        f"{figures['single_throughout']} instruments have none"
    )
    figure = strips(
        _columns(table),
        data.prices.confirmed_by_quarter.rename(index=names),
        title=title,
        label="Days of the quarter on which a further source has the same return",
    )
    return {
        "fig": figure,
        "caption": (
            "A further source confirms a day if its return is within five basis "
            f"points. Of {figures['priced']} days {figures['confirmed']} are "
            f"confirmed, {figures['disputed']} disputed, {figures['single']} known "
            f"from one source. Where there is something to compare, "
            f"{figures['agreement_where_compared']} agree."
        ),
        "alt": (
            f"Heat strips of {len(table)} instruments by quarter. Most New York strips "
            f"are dark, that is confirmed, until the last quarters; {pale} are pale "
            "throughout, NAURA and Dawning for most of the time."
        ),
    }


def two_closes(data: TheData, findings: TheDataFindings) -> Plate:
    """What separates close and adjusted close."""
    figures = findings.figures
    ratios = data.prices.adjustments
    lowest = ratios.min().sort_values()
    names = data.prices.instruments["name"]
    # The widest gap, a steady payer, the share under study, an index.
    chosen = [str(lowest.index[0]), "AVGO", "NVDA", "^GSPC"]
    lines = {f"{names[s].partition(' (')[0]}": ratios[s].dropna() for s in chosen}
    title = (
        f"Dividends alone part the two closes: {figures['distributions']} steps, the "
        f"largest {figures['largest_distribution']}"
    )
    figure = ratio_lines(lines, title=title, ylabel="Adjusted close over close")
    largest = figures["largest_distribution_symbol"]
    return {
        "fig": figure,
        "caption": (
            "Both closes are adjusted for splits, so Nvidia's two splits leave no "
            "mark; each step up is a dividend on its ex-date. The largest is "
            f"{largest}'s on {figures['largest_distribution_day']}. Returns come from "
            f"the adjusted close: in {figures['event_windows_paid']} of "
            f"{figures['firm_events_usable']} firm-event windows [0, +1] the plain "
            f"close would miss a dividend, of {figures['event_windows_paid_most']} at "
            "the most. Hong Kong, mainland and Korean shares have no plain close here."
        ),
        "alt": (
            f"Step lines of the adjusted over the plain close for {', '.join(lines)}. "
            f"{next(iter(lines))} rises from {lowest.iloc[0]:.2f} to one in large "
            "yearly steps, Broadcom in small quarterly ones; Nvidia stays near one and "
            "the index at one."
        ),
    }


def ledger(data: TheData, findings: TheDataFindings) -> Plate:
    """The ledger over time by type, actor and verification."""
    table = data.ledger.ledger
    events = pd.DataFrame(
        {
            "date": pd.to_datetime(local_dates(table)),
            "type": table["type"].to_numpy(),
            "actor": table["actor"].to_numpy(),
            "verified": (table["verification"] == "verified").to_numpy(),
        }
    )
    figures = findings.figures
    title = (
        f"{figures['events_verified']} of {figures['events']} events are verified, and "
        f"{figures['since_2025_share']} fall in 2025 and 2026"
    )
    figure = ledger_line(
        events, SPLIT, title=title, xlabel="Date of the announcement where it was made"
    )
    first, last = events["date"].min(), events["date"].max()
    return {
        "fig": figure,
        "caption": (
            f"Events of the ledger from {day(first)} to {day(last)}, the years from "
            "2025 on with a wider scale. Filled: date and substance were read on a "
            f"page. Hollow: {figures['events_partly']} confirmed in part, "
            f"{figures['events_curated_list']} from a public list, "
            f"{figures['events_unverified']} recalled only. Macro news and Nvidia's "
            f"results, {figures['confounders']} events, are there because they disturb "
            "others. Marks that would cover one another are stacked."
        ),
        "alt": (
            f"Dot plot of {len(events)} events in nine rows by type over two time "
            "scales. Controls are the most frequent and run through all years, nearly "
            "all by the US government; procurement guidance, chip announcements and "
            f"relaxations crowd from 2025 on. {len(events) - events['verified'].sum()} "
            "marks are hollow."
        ),
    }


def clocks(data: TheData, findings: TheDataFindings) -> Plate:
    """The four hardest placements on the clocks of three exchanges."""
    ledger = data.ledger.ledger
    placed = data.ledger.placed
    hours = {city: data.ledger.hours[mic] for mic, city in CITIES.items()}
    panels, chosen = {}, {}
    for event_id in CASES:
        event = ledger.loc[event_id]
        when = event["announced_at"].tz_convert(event["timezone"])
        name = f"{event['title']}, {day(when)}"
        panels[name] = (event["earliest_at"], event["latest_at"])
        for mic, city in CITIES.items():
            row = placed.loc[(event_id, mic)]
            held = data.ledger.hours[mic].index
            at = held.get_loc(row["day0"])
            chosen[name, city] = held[at : at + row["window"][1] + 1]
    figures = findings.figures
    title = (
        f"One piece of news, different first sessions: by date alone "
        f"{figures['misdated']} of {figures['placements']} would be wrong"
    )
    figure = opening_hours(panels, hours, chosen, title=title, clock="America/New_York")
    remark = ledger.loc[CASES[-1], "earliest_at"].tz_convert("Asia/Shanghai")
    return {
        "fig": figure,
        "caption": (
            "Orange: the stretch of time in which the news became public. Bars: "
            "sessions, labelled with their own dates; blue is day 0, the first session "
            "that closes after the news. The rules of 2022 met Shanghai in its holiday "
            "and Hong Kong after its close; those of 2023 came before New York opened; "
            "the H20 news was public on 14 July in New York and on 15 July in Asia. Of "
            "DeepSeek's remark only the date is known "
            f"({short_day(remark)} in China), so the window holds the next session too."
        ),
        "alt": (
            "Four panels, each with the opening hours of New York, Hong Kong and "
            "Shanghai as bars and the news as a band. In the first the next Asian "
            "sessions come three days later; in the third the news lies inside the "
            "Asian session and before the New York one; in the fourth the band covers "
            "a whole day and two sessions are marked in each row."
        ),
    }
