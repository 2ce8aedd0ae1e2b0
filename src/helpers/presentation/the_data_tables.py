"""The tables and lines of text of the chapter on the data."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.data.instruments import instrument
from helpers.evidence.ledger_record import CITIES
from helpers.evidence.price_record import PLACES
from helpers.evidence.the_data import CASES, TheData
from helpers.evidence.the_data_findings import TheDataFindings
from helpers.evidence.wording import day, percent, short_day

Plate = dict[str, Any]
LARGEST_MOVES = 12


def data_line(findings: TheDataFindings) -> str:
    """What the chapter is computed from, in one line."""
    figures = findings.figures
    return (
        f"**Data.** Price files of {figures['instruments']} instruments "
        f"({figures['instruments_new_york']} in New York, "
        f"{figures['instruments_hong_kong']} in Hong Kong, "
        f"{figures['instruments_mainland']} in Shanghai and Shenzhen, "
        f"{figures['instruments_seoul']} in Seoul), {figures['first']} to "
        f"{figures['last']}; the ledger of {figures['events']} events with "
        f"{figures['sources']} sources; trading calendars. Definitions, provenance "
        "and terms: `data/README.md`."
    )


def instruments_table(data: TheData) -> Plate:
    """Instruments by group and place."""
    table = data.prices.coverage.reset_index()
    table["where"] = table["place"].replace("mainland", "Shanghai, Shenzhen")
    groups = table.groupby(["where", "group"], sort=False)
    rows = groups["symbol"].agg(lambda symbols: ", ".join(symbols)).reset_index()
    rows["group"] = rows["group"].str.replace("_", " ").str.replace("us ", "US ")
    rows = rows.sort_values(["where", "group"]).set_index(["where", "group"])
    caption = (
        "Instruments by exchange and business; cn stands for Chinese. Names are in "
        "the figure below."
    )
    return {"df": rows, "caption": caption}


def gaps_table(data: TheData) -> Plate:
    """Every stretch of held sessions without a price."""
    rows = data.prices.gaps.copy()
    names = data.prices.instruments["name"]
    rows.insert(1, "name", rows["symbol"].map(names))
    rows = rows.sort_values(["kind", "first", "symbol"], ascending=[False, True, True])
    caption = (
        "Sessions that the exchange held and for which there is no price. Nothing is "
        "filled in: neither they nor the session after them have a return."
    )
    return {"df": rows.set_index("symbol"), "caption": caption}


def moves_table(data: TheData) -> Plate:
    """The largest one-day returns and who confirms them."""
    moves = data.prices.moves
    gauges = data.prices.instruments.index[data.prices.instruments["role"] == "gauge"]
    rows = moves[~moves["symbol"].isin(gauges)].head(LARGEST_MOVES)
    rows = rows.rename(columns={"agree": "sources that agree", "differ": "that differ"})
    caption = (
        f"The {LARGEST_MOVES} largest of {len(moves)} one-day returns beyond the limit "
        "of their kind, the volatility index left aside. Each is recorded with its "
        "reason; one that is not recorded would fail the check on every load."
    )
    return {
        "df": rows.set_index("symbol"),
        "caption": caption,
        "formats": {"change": percent},
    }


def cases_table(data: TheData) -> Plate:
    """Day 0 of the hardest cases, and what the written date would have shown."""
    rows = data.cases.reset_index()
    gone = rows["day0"] == rows["dated"]
    shown = pd.DataFrame(
        {
            "news": rows["title"],
            "exchange": rows["exchange"].map(CITIES),
            "day 0": rows["day0"],
            "share": [str(instrument(s)["name"]) for s in rows["symbol"]],
            "its change on day 0": rows["change"],
            "session of the date": rows["dated"].mask(gone),
            "its change then": rows["change_dated"].mask(gone),
        }
    )
    caption = (
        "Day 0 by the clock, and the session that the date of the announcement alone "
        "would have named (empty where it is the same). Changes are of the adjusted "
        "close, not abnormal returns."
    )
    formats = {"its change on day 0": percent, "its change then": percent}
    return {"df": shown.set_index("news"), "caption": caption, "formats": formats}


def rules_text(data: TheData) -> str:
    """How the code words its choice, for the hardest cases in one city each."""
    chosen = zip(CASES, ("XSHG", "XNAS", "XHKG", "XSHG"), strict=True)
    placed = data.ledger.placed
    titles = data.ledger.ledger["title"]
    return "\n".join(
        f"- **{titles[event_id]}** ({CITIES[exchange]}): "
        f"{placed.at[(event_id, exchange), 'rule']}"
        for event_id, exchange in chosen
    )


def differences_table(data: TheData) -> Plate:
    """Where sessions written down by hand and the code's differ."""
    rows = data.ledger.differences
    titles = data.ledger.ledger["title"]
    shown = pd.DataFrame(
        {
            "event": rows["event_id"].map(titles),
            "exchange": rows["exchange"].map(CITIES),
            "by hand": rows["hand"],
            "by code": rows["day0"],
            "which is right": rows["verdict"].map(
                {"code": "the code", "open": "open: the window has both"}
            ),
            "why": rows["why"],
        }
    )
    caption = (
        "Every case in which the session noted by hand when the event was collected "
        "is not the one that the code gives."
    )
    return {"df": shown.set_index("event"), "caption": caption}


def reach_table(data: TheData) -> Plate:
    """How many events can be studied, by exchange and reason."""
    reach = data.reach.assign(place=data.reach["exchange"].map(PLACES))
    reach["place"] = reach["place"].replace("mainland", "Shanghai, Shenzhen")
    reach["reason"] = reach["reason"].replace("", "can be studied")
    counts = reach.groupby(["place", "reason"]).size().unstack(fill_value=0)
    counts.insert(0, "firms", reach.groupby("place")["symbol"].nunique())
    first = ["firms", "can be studied"]
    counts = counts[[*first, *(name for name in counts if name not in first)]]
    counts.columns.name = None
    caption = (
        "Pairs of a firm and an event (confounders left out) by whether the default "
        "study can be run: returns on all of [−1, +1] and enough of them before."
    )
    return {"df": counts.sort_values("firms", ascending=False), "caption": caption}


def consequences(data: TheData, findings: TheDataFindings) -> str:
    """What the state of the data means for the studies, as a list."""
    figures = findings.figures
    ends = data.prices.coverage.query("place == 'mainland'")["last"]
    firms = data.prices.instruments["role"] == "firm"
    lonely = data.prices.coverage.query("confirmed == 0")
    alone = ", ".join(f"{row['name']} ({symbol})" for symbol, row in lonely.iterrows())
    ends = ends[ends.index.isin(data.prices.instruments.index[firms])]
    return "\n".join(
        (
            "- **Missing sessions are never bridged.** A suspension takes its events "
            f"out: {figures['firm_events_usable']} of {figures['firm_events']} pairs "
            f"of firm and event ({figures['firm_events_usable_share']}) can be "
            "studied, the others are listed with their reason where a chapter meets "
            "them.",
            "- **One source is a doubt, not a fault.** On the event days that can be "
            f"studied {figures['event_days_confirmed_share']} of the returns have a "
            f"second source; on all days it is {figures['confirmed_share']}. No day "
            f"has one for {alone}.",
            f"- **Clocks decide.** Only {figures['clock_minute']} events are known to "
            f"the minute, {figures['clock_session']} to a stretch of the day and "
            f"{figures['clock_day']} by date alone. Where the stretch may meet two "
            f"sessions, {figures['wide_windows']} of {figures['placements']} cases, "
            "the default window holds both.",
            f"- **News comes in crowds.** At {figures['crowded']} of "
            f"{figures['events']} events another one's window touches the same New "
            "York sessions, so chapters keep such sessions out of the estimation and "
            "name what a daily study cannot part.",
            f"- **Mainland histories end early.** They stop between {day(ends.min())} "
            f"and {day(ends.max())}: later events have no mainland reaction here.",
        )
    )


def hand_line(data: TheData, findings: TheDataFindings) -> str:
    """How often hand and code agree, in a sentence or two."""
    figures = findings.figures
    wrong = data.ledger.differences.query("verdict == 'code'")
    days = ", ".join(
        f"{CITIES[row.exchange]} {short_day(row.day0)} {row.day0.year}"
        for row in wrong.itertuples()
    )
    return (
        f"Hand and code agree in {figures['hand_agree']} of {figures['hand']} cases. "
        f"Of the other {figures['hand_differ']}, {figures['hand_open']} are open, and "
        f"in {figures['hand_wrong']} the hand was wrong ({days}): some followed the "
        "price move, which must never choose the day."
    )
