"""Announcements inside the day and the checks of the method, drawn and tabled.

Each function gives the keyword arguments of :func:`helpers.presentation.notebook.show`
or ``table``: what is drawn, its caption and its alternative text.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.evidence.inside_the_day import DAY_PART, clock
from helpers.evidence.inside_the_day_findings import InsideTheDayFindings
from helpers.evidence.wording import day, percent
from helpers.presentation.intraday import DayPanel, calibration, day_panels

Plate = dict[str, Any]

INSIDE = (
    "ai-diffusion-rescission-report",
    "eda-export-curbs",
    "us-mulls-h200",
    "h200-export-decision",
)
OVERNIGHT = (
    "bis-2024-12-02-rules",
    "deepseek-monday",
    "nvda-h20-licence",
    "h20-resumption",
)


def _event_panel(findings: InsideTheDayFindings, event_id: str) -> tuple[str, DayPanel]:
    study, news = findings.day, findings.news
    about = news.known.loc[event_id]
    lines = {}
    for symbol, kind in study.benchmarks.items():
        found = news.studies[symbol]
        number_of_event = found.number(event_id)
        session = found.events["session"].iloc[number_of_event]
        origin = int(found.events["first"].iloc[number_of_event])
        timeline = found.timeline
        first = timeline.night_of_session(origin) - origin
        last = timeline.last_of_session(origin) - origin
        where = found.stretch(number_of_event, first, last)
        values = found.model.abnormal()[where.row, where.slots].cumsum()
        ends = pd.DatetimeIndex(timeline.ends[first + origin : last + origin + 1])
        lines[f"abnormal, against {kind}"] = pd.Series(values, ends.tz_localize("UTC"))
    lines["price change"] = study.price_path(study.choices.symbol, session)
    mark = news.dated["end"].get(event_id)
    interval = about["earliest_at"], about["latest_at"]
    title = f"{day(session)}: {about['title']}"
    return title, DayPanel(lines, None, interval, mark)


def inside_hours(findings: InsideTheDayFindings) -> Plate:
    """Announcements during New York's hours."""
    panels = dict(_event_panel(findings, name) for name in INSIDE)
    figures = findings.figures
    dated = findings.news.dated
    clocks = ", ".join(clock(one) for one in dated["start"])
    figure = day_panels(
        panels,
        title=(
            f"{figures['news_dated']} announcements without a known minute can be "
            f"dated by one bar of five minutes: {clocks} New York"
        ),
        ylabel="Since the close before",
    )
    return {
        "fig": figure,
        "caption": (
            "Sessions with news during New York's hours. Shaded: the interval in which "
            "the announcement came, by the ledger; circle: the bar that stands out "
            "against the market (in 5 % of sessions without news one would). Left "
            "edge: the close before; grey: the night."
        ),
        "alt": (
            "Four panels with three lines each. "
            + " ".join(
                f"On {day(row['start'])} the line against the market jumps at "
                f"{clock(row['start'])} by {percent(row['abnormal'], 1)}."
                for _, row in dated.iterrows()
            )
            + f" Of {len(panels)} sessions {len(panels) - len(dated)} has no such bar."
        ),
    }


def overnight(findings: InsideTheDayFindings) -> Plate:
    """Announcements that came between two sessions."""
    panels = dict(_event_panel(findings, name) for name in OVERNIGHT)
    moves = {}
    for title, panel in panels.items():
        path = panel.lines["price change"]
        moves[title] = path.iloc[0], path.iloc[-1]
    title, (at_open, at_close) = min(moves.items(), key=lambda move: move[1][1])
    figure = day_panels(
        panels,
        title=(
            "Overnight news need not be over at the open: on "
            f"{title.partition(':')[0]} {percent(at_open, 1)} at the open, "
            f"{percent(at_close, 1)} at the close"
        ),
        ylabel="Since the close before",
    )
    return {
        "fig": figure,
        "caption": (
            "Sessions after news that came between the close and the open. Left edge: "
            "the close before; shaded: the night, whose step is the opening gap."
        ),
        "alt": (
            "Four panels with three lines each from the close before. "
            + " ".join(
                f"{title}: {percent(first, 1)} at the open, {percent(last, 1)} at the "
                "close."
                for title, (first, last) in moves.items()
            )
        ),
    }


def quality(findings: InsideTheDayFindings) -> Plate:
    """What the tests do without news and with injected jumps."""
    checks, study = findings.checks, findings.day
    p_values = {
        f"{part}, against {study.benchmarks[symbol]}": checks.p_values[symbol, part]
        for symbol, part in (
            (study.choices.market, "night"),
            (study.choices.market, "first hour"),
            (study.choices.sector, DAY_PART),
        )
    }
    power = checks.power.set_index("effect")
    figures = findings.figures
    figure = calibration(
        {name: values.to_numpy() for name, values in p_values.items()},
        power,
        title=(
            f"Where nothing happened the placebo test says so, and a jump of "
            f"{figures['power_1_effect']} at a known minute is found in "
            f"{figures['power_1_known']} of sessions ({figures['power_1_promised']} "
            "promised)"
        ),
    )
    return {
        "fig": figure,
        "caption": (
            f"Left: placebo p-values of every second of {figures['clear_sessions']} "
            "sessions without events, against the others; on the diagonal they are "
            "uniform. Right: jumps put into one bar of each of these sessions, at "
            "10:30, 12:30 and 14:30; mean size. Blue: a t test of that bar; orange: "
            "the bar must be the session's largest and stand out. Lines: what the "
            "formulas promise."
        ),
        "alt": (
            "Two panels. Left, three staircase lines close to the diagonal. Right, two "
            "rising curves with dots on them: at "
            f"{figures['power_2_effect']} the known minute is found in "
            f"{figures['power_2_known']} of sessions and the searched one in "
            f"{figures['power_2_searched']}."
        ),
    }
