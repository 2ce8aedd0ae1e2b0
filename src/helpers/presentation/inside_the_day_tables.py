"""The tables of the chapter on what happened inside the day.

Each function gives the keyword arguments of
:func:`helpers.presentation.notebook.table`.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.data.instruments import instrument
from helpers.evidence.inside_the_day import (
    DAY_PART,
    HOUR,
    PARTS,
    PEERS,
    clock,
    fall_session,
)
from helpers.evidence.inside_the_day_findings import InsideTheDayFindings
from helpers.evidence.wording import day, number, percent, short_day
from helpers.presentation.inside_the_day import week_news

Plate = dict[str, Any]


def news_table(findings: InsideTheDayFindings) -> Plate:
    """The announcements of the two weeks with their clocks."""
    study = findings.day
    rows = pd.concat([week_news(study, sessions) for sessions in study.weeks])
    shown = pd.DataFrame(
        {
            "announcement": rows["title"],
            "earliest (New York)": [_instant(one) for one in rows["earliest_at"]],
            "latest (New York)": [_instant(one) for one in rows["latest_at"]],
            "clock": rows["clock"],
            "verification": rows["verification"],
        }
    ).set_index("announcement")
    minutes = int((rows["earliest_at"] == rows["latest_at"]).sum())
    caption = (
        f"Announcements of the two weeks; the minute is known for {minutes} of "
        f"{len(rows)}. What is not verified decides nothing."
    )
    return {"df": shown, "caption": caption}


def _instant(instant: pd.Timestamp) -> str:
    local = instant.tz_convert("America/New_York")
    return f"{local:%m-%d %H:%M}"


def fall(findings: InsideTheDayFindings) -> Plate:
    """The session of the largest fall, by part and beside the sector."""
    study = findings.day
    session = fall_session(study)
    chosen = study.choices
    rows = {}
    for symbol in (chosen.symbol, chosen.sector, *PEERS):
        path = study.price_path(symbol, session)
        at_open, at_hour, at_close = path.iloc[[0, HOUR, -1]]
        parts = [at_open, at_hour - at_open, at_close - at_hour, at_close]
        rows[str(instrument(symbol)["name"])] = parts
    for symbol, kind in study.benchmarks.items():
        cars = study.parts.loc[(symbol, session), "car"]
        rows[f"{study.name}, abnormal against the {kind}"] = cars[list(PARTS)].to_list()
    columns = ["before the open", "first hour", "after 10:30", "whole day"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    caption = (
        f"{day(session)}: price change by part of the session, percent of the close "
        f"before, and {study.name}'s abnormal return. A report before the open can be "
        "in all columns; a rule posted during the session cannot be in the first."
    )
    return {
        "df": table.rename_axis(index="instrument"),
        "caption": caption,
        "formats": dict.fromkeys(columns, percent),
    }


def daily_table(findings: InsideTheDayFindings) -> Plate:
    """The daily study beside the bars, session by session."""
    study = findings.day
    rows = study.daily
    market = study.parts.loc[study.choices.market]
    low = study.troughs.loc[study.choices.market]
    shown = pd.DataFrame(
        {
            "daily study": rows["daily"],
            "p, daily": rows["p_value"],
            "bars, same betas": rows["from_bars"],
            "difference, bp": 1e4 * rows["difference"],
            "bars, own betas": rows["own"],
            "p, placebo": market["placebo_p"].xs(DAY_PART, level="part"),
            "night": market["car"].xs("night", level="part"),
            "first hour": market["car"].xs("first hour", level="part"),
            "deepest point": low["trough"],
            "at": [clock(one) for one in low["at"]],
            "p, deepest": low["p_value"],
        }
    )
    shown.index = pd.Index(
        [f"{session:%a} {short_day(session)}" for session in rows.index],
        name="New York session",
    )
    formats: dict[str, Any] = dict.fromkeys(
        ["daily study", "bars, same betas", "bars, own betas"], percent
    )
    formats |= dict.fromkeys(["night", "first hour", "deepest point"], percent)
    formats |= dict.fromkeys(
        ["p, daily", "p, placebo", "p, deepest"], lambda x: number(x, 3)
    )
    formats["difference, bp"] = lambda x: number(x, 1)
    caption = (
        f"Abnormal return of {study.name} against the market: the daily study from "
        "official closes, the same alpha and beta applied bar by bar and added up, and "
        "the model of bars and nights."
    )
    return {"df": shown, "caption": caption, "formats": formats}


def activity_table(findings: InsideTheDayFindings) -> Plate:
    """Volume and realised volatility of the sessions."""
    study = findings.day
    rows = study.activity
    shown = rows.drop(columns="n_sessions").set_axis(
        [
            "volume, × usual",
            "p, volume",
            "realised volatility",
            "× usual",
            "p, volatility",
        ],
        axis=1,
    )
    shown.index = pd.Index(
        [f"{session:%a} {short_day(session)}" for session in rows.index],
        name="New York session",
    )
    formats: dict[str, Any] = {
        "volume, × usual": lambda x: number(x, 2),
        "p, volume": lambda x: number(x, 3),
        "realised volatility": lambda x: percent(x, 2, signed=False),
        "× usual": lambda x: number(x, 2),
        "p, volatility": lambda x: number(x, 3),
    }
    caption = (
        f"{study.name}, regular hours: volume and realised volatility (root of the sum "
        "of squared five-minute returns) over the median of the estimation sessions; p "
        "is the share of sessions without events with at least as much."
    )
    return {"df": shown, "caption": caption, "formats": formats}


def events_table(findings: InsideTheDayFindings) -> Plate:
    """Every announcement that came, or may have come, during New York's hours."""
    news = findings.news
    chosen = findings.day.choices
    names = [
        name
        for name in news.chosen.index
        if news.chosen.loc[name, "when"] != "overnight"
        and name in news.reactions.loc[chosen.market].index
    ]
    market = news.reactions.loc[chosen.market].loc[names]
    sector = news.reactions.loc[chosen.sector].loc[names]
    about = news.chosen.loc[names]
    starts = about["earliest_at"].dt.tz_convert("America/New_York")
    ends = about["latest_at"].dt.tz_convert("America/New_York")
    shown = pd.DataFrame(
        {
            "from (New York)": [f"{one:%Y-%m-%d %H:%M}" for one in starts],
            "to": [
                f"{b:%H:%M}" if a.date() == b.date() else f"{b:%m-%d %H:%M}"
                for a, b in zip(starts, ends, strict=True)
            ],
            "announcement": about["title"],
            "price change": market["change"],
            "against market": market["car"],
            "p, market": market["placebo_p"],
            "against sector": sector["car"],
            "p, sector": sector["placebo_p"],
            "volume, × usual": market["volume_ratio"],
            "volatility, × usual": market["volatility_ratio"],
            "p, volatility": market["volatility_p"],
        }
    ).set_index("from (New York)")
    formats: dict[str, Any] = dict.fromkeys(
        ["price change", "against market", "against sector"], percent
    )
    formats |= dict.fromkeys(
        ["p, market", "p, sector", "p, volatility"], lambda x: number(x, 3)
    )
    formats |= dict.fromkeys(
        ["volume, × usual", "volatility, × usual"], lambda x: number(x, 1)
    )
    caption = (
        f"{findings.day.name} from the earliest instant of each announcement to one "
        "hour after its latest, or to the close; New York. p by the same clock time of "
        "sessions without events."
    )
    return {"df": shown, "caption": caption, "formats": formats}


def speed_table(findings: InsideTheDayFindings) -> Plate:
    """How prices went on after the first period that held the news."""
    news = findings.news
    rows = news.speed
    about = news.chosen.loc[rows.index]
    study = news.studies[findings.day.choices.market]
    sessions = study.events.set_index("event_id")["session"][rows.index]
    shown = rows.assign(
        announcement=[
            f"{title} ({session:%Y-%m-%d})"
            for title, session in zip(about["title"], sessions, strict=True)
        ],
        period=[
            f"bar from {clock(news.dated.loc[name, 'start'])}" if one else "night"
            for name, one in rows["dated"].items()
        ],
    ).set_index("announcement")
    columns = {
        "period": "first period",
        "first": "its abnormal return",
        "after_15": "+15 min",
        "after_30": "+30 min",
        "after_60": "+60 min",
        "close": "at the close",
        "minutes": "settled after, min",
    }
    shown = shown[list(columns)].rename(columns=columns)
    moves = list(columns.values())[1:6]
    caption = (
        "Abnormal return against the market from the first period that held the news, "
        "added up to later times of the session; settled: when what remained to the "
        "close was no more than chance."
    )
    return {
        "df": shown,
        "caption": caption,
        "formats": dict.fromkeys(moves, lambda x: percent(x, 1)),
    }


def alarms_table(findings: InsideTheDayFindings) -> Plate:
    """How often each test rejects where nothing happened."""
    rows = findings.checks.false_alarms
    names = findings.day.benchmarks
    index = [f"{part}, against {names[symbol]}" for symbol, part in rows.index]
    shown = rows.set_axis(index).rename(
        columns={
            "hac": "t test, rejects",
            "placebo": "placebo, rejects",
            "sessions": "sessions",
            "alternate_p": "p, every second against the others",
            "halves_p": "p, earlier against later half",
        }
    )
    formats: dict[str, Any] = dict.fromkeys(
        ["t test, rejects", "placebo, rejects"],
        lambda x: percent(x, 1, signed=False),
    )
    formats |= dict.fromkeys(list(shown.columns[3:]), lambda x: number(x, 3))
    caption = (
        "Sessions without events, each studied as if it had one: share rejected at "
        "5 %, and two-sample Kolmogorov-Smirnov tests that the abnormal returns over "
        "their scale are of one distribution, which uniform placebo p-values need."
    )
    return {"df": shown.rename_axis(index="part of the session"), "caption": caption,
            "formats": formats}  # fmt: skip
