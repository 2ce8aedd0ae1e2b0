"""The figures of the chapter on late August 2025.

Each function gives the keyword arguments of
:func:`helpers.presentation.notebook.show`: what is drawn, its caption and its
alternative text.
"""

from __future__ import annotations

from textwrap import fill
from typing import Any

import pandas as pd

from helpers.data.instruments import instrument
from helpers.data.prices import load_prices
from helpers.evidence.late_august import HORIZONS, PATH, SPAN, WEEKS, LateAugust
from helpers.evidence.late_august_findings import LateAugustFindings
from helpers.evidence.wording import day, number, percent, short_day
from helpers.presentation.forest import forest, specification_curve
from helpers.presentation.heat import heat_map
from helpers.presentation.paths import car_paths, placebo_distributions
from helpers.presentation.timeline import price_and_volume
from helpers.study.events import load_events, overlapping_events

Plate = dict[str, Any]


def ledger_rows(study: LateAugust) -> pd.DataFrame:
    """Ledger events that concern the share within the span of the timeline.

    Returns
    -------
    DataFrame
        Columns number, day0, title, type, verification, precision, verified.
    """
    events = load_events(study.choices.symbol)
    inside = events["day0"].between(*map(pd.Timestamp, SPAN))
    rows = events.loc[inside].sort_values("day0", kind="stable")
    rows = rows.reset_index(drop=True)
    rows.insert(0, "number", rows.index + 1)
    rows["verified"] = rows["verification"] == "verified"
    keep = ["number", "day0", "title", "type", "verification", "precision", "verified"]
    return rows[keep]


def timeline(study: LateAugust, findings: LateAugustFindings) -> Plate:
    """Price and volume from July to October with the dated events."""
    prices = study.prices
    share, market, sector = prices.columns
    figures = findings.figures
    verb = "gained" if prices[share].iloc[-1] >= 100 else "lost"
    title = (
        f"From July to October 2025 {study.name} {verb} "
        f"{figures['span_change_share']}, its sector {figures['span_change_sector']}, "
        f"the market {figures['span_change_market']}"
    )
    rows = ledger_rows(study)
    volume = load_prices(share, "volume", *SPAN)[share]
    names = {share: study.name, **study.benchmarks}
    figure = price_and_volume(
        prices,
        volume,
        rows,
        title=title,
        names={symbol: fill(name, 14) for symbol, name in names.items()},
        focus=WEEKS,
    )
    first, last = prices.index[0], prices.index[-1]
    return {
        "fig": figure,
        "caption": (
            f"Adjusted closes, {day(first)} = 100, and daily volume of {study.name}, "
            f"New York sessions from {day(first)} to {day(last)}. Numbers are events "
            "of the ledger on their first session, listed below; hollow ones are not "
            "verified or only in part. The shaded weeks are studied day by day."
        ),
        "alt": (
            f"Line chart of three indexed prices: {study.name} ends at "
            f"{prices[share].iloc[-1]:.0f}, the {names[market]} at "
            f"{prices[market].iloc[-1]:.0f}, the {names[sector]} index at "
            f"{prices[sector].iloc[-1]:.0f}, all from 100. {len(rows)} numbered events "
            "stand above the lines, bars of daily volume below them."
        ),
    }


def _announced(study: LateAugust, sessions: pd.DatetimeIndex) -> dict[Any, str]:
    """Titles of the verified ledger events on each session, unverified marked."""
    exchange = str(instrument(study.choices.symbol)["mic"])
    found = overlapping_events(sessions[0], exchange, 0, len(sessions) - 1)
    verification = load_events(study.choices.symbol).set_index("event_id")[
        "verification"
    ]
    out: dict[Any, str] = {}
    for event in found.itertuples():
        mark = "" if verification.get(event.Index) == "verified" else " (unverified)"
        text = f"{event.title}{mark}"
        out[event.day0] = f"{out[event.day0]}; {text}" if event.day0 in out else text
    return out


def day_by_day(study: LateAugust, findings: LateAugustFindings) -> Plate:
    """Abnormal return of each session against market and sector."""
    tables = {name: study.weeks(symbol) for symbol, name in study.benchmarks.items()}
    market = next(iter(tables.values()))
    sessions = market.index
    announced = _announced(study, sessions)
    labels = [f"{session:%a} {short_day(session)}" for session in sessions]
    notes = {
        label: announced[session]
        for label, session in zip(labels, sessions, strict=True)
        if session in announced
    }
    figures = findings.figures
    clear = figures["sessions_significant_market"]
    title = (
        f"On {'none' if clear == '0' else clear} of the {figures['sessions']} sessions "
        f"did {study.name} depart from the {study.benchmarks[study.choices.market]} by "
        "more than chance explains"
    )
    shaded = [
        int(sessions.get_loc(date)) for date in (study.remark_day, study.fall_day)
    ]
    figure = forest(
        {
            f"against the {name}": table.set_axis(labels)
            for name, table in tables.items()
        },
        title=title,
        xlabel="Abnormal return of the session, with 95 % interval",
        notes=notes,
        bands=shaded,
    )
    return {
        "fig": figure,
        "caption": (
            f"Abnormal returns of {study.name} by New York session (market model, "
            "estimation window of 120 to 11 sessions before "
            f"{day(study.remark_day)}); exact 95 % intervals. Filled markers exclude "
            f"zero; against the {study.benchmarks[study.choices.sector]} index "
            f"{figures['sessions_significant_sector']} of {figures['sessions']} do. "
            "Shaded: the session of the DeepSeek remark and the one of the largest "
            "fall. To the right, what the ledger dates to that session."
        ),
        "alt": (
            f"Dot plot with one row for each of {len(sessions)} sessions and two "
            f"intervals a row. Against the {study.benchmarks[study.choices.market]} "
            f"{short_day(study.remark_day)} stands at {figures['remark_market_day']} "
            f"and {figures['worst_day']} at {figures['worst_market_ar']}; "
            f"{clear} of the intervals exclude zero."
        ),
    }


def paths(study: LateAugust, findings: LateAugustFindings) -> Plate:
    """CAR paths of both events against both benchmarks with placebo bands."""
    days = {
        study.choices.remark: f"from {short_day(study.remark_day)}",
        study.choices.fall: f"from {short_day(study.fall_day)}",
    }
    panels = {
        f"Against the {name}": {
            days[event]: path for event, path in study.paths[symbol].items()
        }
        for symbol, name in study.benchmarks.items()
    }
    bands = {
        f"Against the {name}": study.bands[symbol]
        for symbol, name in study.benchmarks.items()
    }
    total = findings.figures["path_points"]
    outside = findings.figures["path_points_outside"]
    title = (
        f"{'None' if outside == '0' else outside} of the {total} points on "
        f"{study.name}'s cumulative paths lies outside what placebo dates give"
    )
    figure = car_paths(
        panels,
        title=title,
        xlabel="Sessions from day 0 (New York)",
        bands=bands,
    )
    return {
        "fig": figure,
        "caption": (
            f"Cumulative abnormal return from session {number(PATH[0], 0)} to session "
            f"{number(PATH[1], 0, signed=True)}, "
            f"for day 0 on {day(study.remark_day)} and on {day(study.fall_day)}. "
            "Dotted: exact 95 % intervals. Grey: the range of 95 % of placebo dates "
            "of the same share and length."
        ),
        "alt": (
            "Two panels of cumulative abnormal returns, each with two lines over event "
            "time, their dotted intervals and a grey placebo band that widens with "
            f"time; {outside} of {total} points leave the band."
        ),
    }


def chance(study: LateAugust, findings: LateAugustFindings) -> Plate:
    """Placebo distributions of the two-session CAR and the detectable size."""
    event = study.choices.remark
    panels = {}
    for symbol, name in study.benchmarks.items():
        found = study.placebos[event, symbol]
        panels[f"Against the {name}, {found.dates} placebo dates"] = (
            found.caar,
            found.observed_caar,
            study.power(symbol, 0, 1),
        )
    figures = findings.figures
    title = (
        f"{study.name}'s {figures['remark_market_two_days']} after the remark is "
        f"ordinary: p {figures['remark_market_placebo_p']} among "
        f"{figures['remark_market_placebo_dates']} dates without news"
    )
    figure = placebo_distributions(
        panels,
        title=title,
        xlabel="Abnormal return over two sessions, [0, +1]",
        marks=("after the remark", "found with 80 % power"),
    )
    return {
        "fig": figure,
        "caption": (
            "Two-session abnormal returns on all dates on which neither the ledger nor "
            "the results calendar has anything for the share. Blue: the sessions from "
            f"{day(study.remark_day)}. Dashed: the smallest true effect that the exact "
            "t test would find four times in five; anything smaller could hide here."
        ),
        "alt": (
            "Two histograms of placebo abnormal returns centred near zero. The "
            f"observed values, {figures['remark_market_two_days']} and "
            f"{figures['remark_sector_two_days']}, lie in the middle; the detectable "
            f"size, {figures['market_detectable_two_days']} and "
            f"{figures['sector_detectable_two_days']}, lies in the tails."
        ),
    }


def china(study: LateAugust, findings: LateAugustFindings) -> Plate:
    """What the Chinese chip names did in their own sessions."""
    found = study.china
    days = range(-1, 7)
    abnormal = found.abnormal_returns.loc[study.choices.remark][list(days)]
    p_values = pd.DataFrame(
        {d: found.car(d, d)["p_value"].loc[study.choices.remark] for d in days}
    )
    sessions = found.sessions.loc[study.choices.remark].iloc[0]
    labels = {d: short_day(pd.Timestamp(sessions[d])) for d in days}
    columns = {d: label.replace(" ", "\n") for d, label in labels.items()}
    names = {
        symbol: fill(f"{instrument(symbol)['name']}, {symbol}", 24)
        for symbol in abnormal.index
    }
    best = abnormal[1]
    figures = findings.figures
    title = (
        f"{figures['china_second_day_gains']} of {figures['china_names']} Chinese chip "
        f"names beat their markets on {labels[1]}: "
        f"{figures['china_second_day_least']} to {figures['china_second_day_most']}"
    )
    figure = heat_map(
        abnormal.rename(index=names, columns=columns),
        title=title,
        xlabel="Session in Shanghai, Shenzhen or Hong Kong, 2025",
        significant=p_values < 0.05,
    )
    left_out = "; ".join(
        f"{instrument(symbol)['name']}, since {reason}"
        for (_, symbol), reason in found.skipped["reason"].items()
    )
    return {
        "fig": figure,
        "caption": (
            "Abnormal return in percent by session of each name's own exchange, "
            "market model against the CSI 300 (mainland) or the Hang Seng (Hong Kong). "
            "Framed: p below 0.05. The remark came on 21 August; the report of the H20 "
            "halt reached the same session of 22 August, so daily data cannot part the "
            "two." + (f" Left out: {left_out}." if left_out else "")
        ),
        "alt": (
            f"Heat map of {len(abnormal)} names by {len(days)} sessions. On "
            f"{labels[1]} every cell is between {percent(best.min(), 1)} and "
            f"{percent(best.max(), 1)}; on {labels[0]} they lie between "
            f"{percent(abnormal[0].min(), 1)} and {percent(abnormal[0].max(), 1)}."
        ),
    }


def lasting(study: LateAugust, findings: LateAugustFindings) -> Plate:
    """CAR over 20 and 60 sessions by event, benchmark and model."""
    rows = study.persistence
    titles = {
        study.choices.remark: study.remark_day,
        study.choices.fall: study.fall_day,
    }
    series = {}
    for model in rows.index.unique("model"):
        part = rows.xs(model, level="model")
        labels = [
            f"from {short_day(titles[event])}, {horizon} sessions,\n"
            f"against the {study.benchmarks[benchmark]}"
            for event, benchmark, horizon in part.index
        ]
        series[model] = part.set_axis(labels)
    figures = findings.figures
    clear = figures["persistence_significant"]
    low = float(rows["car"].min())
    title = (
        f"{'No lasting loss can be shown: ' if clear == '0' else ''}{clear} of "
        f"{figures['persistence_rows']} intervals over {HORIZONS[0]} and {HORIZONS[1]} "
        "sessions exclude zero"
    )
    figure = forest(
        series,
        title=title,
        xlabel="Cumulative abnormal return, with 95 % interval",
    )
    return {
        "fig": figure,
        "caption": (
            "Cumulative abnormal return over [0, +20] and [0, +60]. The market model "
            "carries the share's own drift of the estimation window forward "
            f"({figures['market_alpha']} a session against the market), which weighs "
            "on long windows; the market-adjusted return does not."
        ),
        "alt": (
            f"Dot plot of {len(rows)} cumulative abnormal returns with wide "
            f"intervals; the estimates run from {percent(low, 0)} to "
            f"{percent(float(rows['car'].max()), 0)} and {clear} intervals exclude "
            "zero."
        ),
    }


def specifications(study: LateAugust, findings: LateAugustFindings) -> Plate:
    """The two-session CAR after the remark under every choice tried."""
    table = study.specifications.loc[study.choices.remark].reset_index()
    names = {**study.benchmarks, "both": "market and sector"}
    table["benchmark"] = table["benchmark"].map(names)
    estimations = {
        label: f"estimation over {label}" for label in table["estimation"].unique()
    }
    table["estimation"] = table["estimation"].map(estimations)
    choices = {
        "benchmark": list(names.values()),
        "estimation": list(estimations.values()),
        "mask": list(table["mask"].unique()),
    }
    figures = findings.figures
    title = (
        f"Every choice says the same: {figures['remark_specifications_least']} to "
        f"{figures['remark_specifications_most']} over two sessions, "
        f"{figures['remark_specifications_significant']} of "
        f"{figures['remark_specifications']} significant"
    )
    figure = specification_curve(
        table,
        choices,
        title=title,
        ylabel="CAR over [0, +1] from the remark",
        main=0,
    )
    return {
        "fig": figure,
        "caption": (
            "Cumulative abnormal return over two sessions from "
            f"{day(study.remark_day)} under {figures['remark_specifications']} "
            "specifications, with exact 95 % intervals; below, which choices gave "
            "each. The diamond is the main specification, the default of every "
            "study here. The shorter and the masked windows leave out the crash of 27 "
            "January and the tariff weeks of April 2025, in whole or in part."
        ),
        "alt": (
            f"{figures['remark_specifications']} estimates in rising order between "
            f"{figures['remark_specifications_least']} and "
            f"{figures['remark_specifications_most']}, each interval crossing zero "
            "unless drawn in orange, above a grid that marks benchmark, estimation "
            "window and mask of each."
        ),
    }
