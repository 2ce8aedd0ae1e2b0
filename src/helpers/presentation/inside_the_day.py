"""The figures and tables of the chapter on what happened inside the day.

Each function gives the keyword arguments of :func:`helpers.presentation.notebook.show`
or ``table``: what is drawn, its caption and its alternative text.
"""

from __future__ import annotations

from textwrap import fill
from typing import Any

import pandas as pd

from helpers.evidence.inside_the_day import (
    PARTS,
    SIZE,
    InsideTheDay,
    fall_session,
    hidden_session,
    next_session,
    remark_session,
)
from helpers.evidence.inside_the_day_findings import InsideTheDayFindings
from helpers.evidence.wording import day, percent, short_day
from helpers.inference.intraday.activity import volume_by_period
from helpers.presentation.heat import heat_map
from helpers.presentation.intraday import (
    DayPanel,
    TradingAxis,
    day_panels,
    day_shape,
    trading_weeks,
)

Plate = dict[str, Any]


def shape(findings: InsideTheDayFindings) -> Plate:
    """The usual size of abnormal returns and of volume over the day."""
    study = findings.day
    session = remark_session(study)
    model = study.models[study.choices.market]
    estimate = model.estimate(study.grid.position(session))
    volume = study.grid.volume[study.choices.symbol][estimate.rows, 1:]
    traded = pd.DataFrame(volume).median().to_numpy() / 1e6
    scale = 100 * estimate.scale[1:]
    times = scale[0] / scale[36:48].mean()
    figure = day_shape(
        {
            "Abnormal return of a bar": (scale, "Standard deviation, %"),
            "Volume of a bar": (traded, "Median, million shares"),
        },
        title=(
            f"{study.name}'s first five minutes are {times:.0f} times as restless as "
            "noon: the time of day is taken out before anything is called unusual"
        ),
    )
    return {
        "fig": figure,
        "caption": (
            f"The {len(estimate.rows)} estimation sessions before {day(session)} that "
            "hold no event: standard deviation of the abnormal return of each "
            "five-minute bar (market model), and median volume."
        ),
        "alt": (
            "Two U-shaped curves over the New York session from 09:30 to 16:00. The "
            f"first falls from {scale[0]:.2f} % to about {scale[40]:.2f} % and rises a "
            "little at the end; the second falls likewise and rises steeply in the "
            "last bar."
        ),
    }


def _axis(study: InsideTheDay, sessions: pd.DatetimeIndex) -> TradingAxis:
    grid = study.grid
    at = [grid.position(session) for session in sessions]
    before = pd.Timestamp(grid.closes[at[0] - 1], tz="UTC")
    opens = pd.DatetimeIndex(grid.opens[at]).tz_localize("UTC")
    closes = pd.DatetimeIndex(grid.closes[at]).tz_localize("UTC")
    return TradingAxis(opens, closes, before)


def _joined(study: InsideTheDay, symbol: str, sessions: pd.DatetimeIndex) -> pd.Series:
    """Price change since the close before the first session, compounded by session."""
    parts, level = [], 1.0
    for session in sessions:
        path = level * (1 + study.price_path(symbol, session)) - 1
        level = 1 + float(path.iloc[-1])
        parts.append(path)
    return pd.concat(parts)


def _abnormal(
    study: InsideTheDay, benchmark: str, sessions: pd.DatetimeIndex
) -> pd.Series:
    """Abnormal returns added up over the sessions."""
    found = study.by_session[benchmark]
    parts = []
    for session in sessions:
        key = f"{session:%Y-%m-%d}", study.choices.symbol
        count = int(study.grid.bars[study.grid.position(session)]) + 1
        ends = pd.DatetimeIndex(found.ends.loc[key].iloc[:count])
        values = found.abnormal_returns.loc[key].iloc[:count]
        parts.append(pd.Series(values.to_numpy(), index=ends))
    return pd.concat(parts).cumsum()


def week_news(study: InsideTheDay, sessions: pd.DatetimeIndex) -> pd.DataFrame:
    """Announcements whose interval touches the sessions or the nights before them.

    Returns
    -------
    DataFrame
        Indexed by event_id, in order of the earliest instant: title, earliest_at,
        latest_at, clock, verification, verified.
    """
    axis = _axis(study, sessions)
    ledger = study.ledger
    inside = (ledger["latest_at"] > axis.before) & (
        ledger["earliest_at"] < axis.closes[-1]
    )
    keep = ["title", "earliest_at", "latest_at", "clock", "verification"]
    rows = ledger.loc[inside, keep].sort_values("earliest_at", kind="stable")
    return rows.assign(verified=rows["verification"] == "verified")


def week(findings: InsideTheDayFindings, number_of_week: int) -> Plate:
    """One of the two weeks: announcements, prices, abnormal returns, volume."""
    study = findings.day
    sessions = study.weeks[number_of_week - 1]
    chosen = study.choices
    names = {
        chosen.symbol: study.name,
        chosen.sector: "sector",
        chosen.market: "market",
    }
    prices = {name: _joined(study, symbol, sessions) for symbol, name in names.items()}
    abnormal = {
        f"against {name}": _abnormal(study, symbol, sessions)
        for symbol, name in ((chosen.market, "market"), (chosen.sector, "sector"))
    }
    news = week_news(study, sessions)
    share, sector = (prices[name].iloc[-1] for name in (study.name, "sector"))
    unusual = int(study.largest_bars["stands_out"].loc[:, sessions].sum())
    figure = trading_weeks(
        _axis(study, sessions),
        news,
        prices,
        abnormal,
        _volume(study, sessions),
        title=(
            f"{short_day(sessions[0])} to {short_day(sessions[-1])}: {study.name} "
            f"{percent(share, 1)}, its sector {percent(sector, 1)}, and "
            f"{unusual or 'no'} five-minute move that is unusual"
        ),
    )
    least = min(float(series.min()) for series in abnormal.values())
    return {
        "fig": figure,
        "caption": (
            "Top: what the ledger dates to these days; a bar is the interval in which "
            "the announcement came, hollow if not verified, and the shading carries "
            "verified intervals down. Prices since the close before the first session; "
            "abnormal returns (market model on bars and nights) added up; volume over "
            "the median of the same clock time. New York sessions."
        ),
        "alt": (
            f"Four stacked panels over {len(sessions)} sessions from "
            f"{day(sessions[0])}. Above, {len(news)} announcements as bars in time. "
            f"Then price lines that end at {percent(share, 1)} for {study.name} and "
            f"{percent(sector, 1)} for the sector; abnormal returns whose lowest point "
            f"is {percent(least, 1)}; and volume near its usual level."
        ),
    }


def _volume(study: InsideTheDay, sessions: pd.DatetimeIndex) -> pd.Series:
    """Volume of each bar over the median of its clock time."""
    found = study.by_session[study.choices.market]
    parts = []
    for session in sessions:
        name = f"{session:%Y-%m-%d}"
        count = int(study.grid.bars[study.grid.position(session)]) + 1
        ratios = volume_by_period(found, name).to_numpy()[1:count]
        ends = found.ends.loc[(name, study.choices.symbol)].iloc[1:count]
        parts.append(pd.Series(ratios, index=pd.DatetimeIndex(ends)))
    return pd.concat(parts)


def parts(findings: InsideTheDayFindings) -> Plate:
    """Abnormal return of night, first hour, rest and day of each session."""
    study = findings.day
    table, clear = {}, {}
    for symbol, kind in study.benchmarks.items():
        rows = study.parts.loc[symbol]
        for part in PARTS:
            column = f"{kind},\n{fill(part, 9)}"
            table[column] = rows["car"].xs(part, level="part")
            clear[column] = rows["placebo_p"].xs(part, level="part") < SIZE
    # Rounded as printed, and without minus zero.
    values, significant = pd.DataFrame(table).round(3) + 0.0, pd.DataFrame(clear)
    labels = [f"{session:%a} {short_day(session)}" for session in values.index]
    figures = findings.figures
    figure = heat_map(
        values.set_axis(labels),
        title=(
            f"{figures['parts_significant']} of {figures['parts']} parts of sessions "
            f"departs from the usual; chance alone would give "
            f"{figures['parts_expected']}"
        ),
        xlabel="Against which benchmark, and which part of the New York session",
        significant=significant.set_axis(labels),
    )
    at, column = values.stack().idxmin()
    return {
        "fig": figure,
        "caption": (
            f"Abnormal return of {study.name} in percent of the close before, by part "
            "of the session; the night runs from the close before to the open, the "
            "first hour to 10:30. Framed: p below 0.05 by the same clock time of "
            f"{figures['clear_sessions']} sessions without events. Whole days are not "
            "counted in the title."
        ),
        "alt": (
            f"Heat map of {len(values)} sessions by {values.shape[1]} columns, four "
            "against the market and four against the sector. The lowest value, "
            f"{percent(values.loc[at, column], 1)}, is that of {short_day(at)} "
            f"({' '.join(column.split())}); values on {figures['remark_day']} lie "
            "close to zero."
        ),
    }


def _session_panel(
    study: InsideTheDay, session: pd.Timestamp
) -> tuple[DayPanel, pd.Series]:
    """A session as drawn, and where its path against the market leaves the band."""
    lines = {
        f"abnormal, against {kind}": _abnormal(
            study, symbol, pd.DatetimeIndex([session])
        )
        for symbol, kind in study.benchmarks.items()
    }
    path = next(iter(lines.values()))
    low, high = study.session_placebo(study.choices.market, session).band()
    band = pd.DataFrame({"low": low, "high": high}, index=path.index)
    price = study.price_path(study.choices.symbol, session)
    beyond = (path < band["low"]) | (path > band["high"])
    return DayPanel(lines | {"price change": price}, band), beyond


def four_sessions(findings: InsideTheDayFindings) -> Plate:
    """The four sessions that matter, with what quiet sessions give."""
    study, figures = findings.day, findings.figures
    remark, fell = remark_session(study), fall_session(study)
    sessions = {
        "lowest against its close": hidden_session(study),
        "the remark, out by noon": remark,
        "after word of the H20 halt": next_session(study, remark),
        "the largest fall": fell,
    }
    panels = {}
    points = outside = 0
    for label, session in sessions.items():
        panel, beyond = _session_panel(study, session)
        panels[f"{session:%a} {short_day(session)}: {label}"] = panel
        points += len(beyond)
        outside += int(beyond.sum())
    figure = day_panels(
        panels,
        title=(
            f"On {short_day(remark)} the lowest price was {figures['remark_low']}; "
            f"{outside} of the {points} points of four paths leave what sessions "
            "without news give"
        ),
        ylabel="Since the close before",
    )
    return {
        "fig": figure,
        "caption": (
            f"{study.name} from the close before (left edge; grey: the night) to the "
            "close, New York: price, and abnormal return against market and sector. "
            "Shaded: 95 % of the paths of sessions without events against the market, "
            "brought to the scale of the session."
        ),
        "alt": (
            "Four panels, one session each, with three lines from the close before. On "
            f"{short_day(hidden_session(study))} the price falls to "
            f"{figures['hidden_low']} at {figures['hidden_low_at']} and comes back to "
            f"{figures['hidden_close']}; on {short_day(remark)} it never falls below "
            f"{figures['remark_low']}; on the day after it opens at "
            f"{figures['after_open']} and ends at {figures['after_close']}; on "
            f"{short_day(fell)} it falls to {figures['fall_share_to_hour']} in the "
            "first hour, and the line against the sector stays near zero."
        ),
    }
