"""The figures and tables of the chapter on parallel ecosystems.

Each function gives the keyword arguments of :func:`helpers.presentation.notebook.show`
or ``table``.
"""

from __future__ import annotations

from textwrap import fill
from typing import Any

import pandas as pd

from helpers.evidence.parallel_ecosystems import (
    LEFT_IN,
    NEXT,
    PLAIN,
    SCALED,
    TRAILING,
    WEEK,
    WHOLE,
    ParallelEcosystems,
)
from helpers.evidence.parallel_ecosystems_findings import ParallelFindings, short
from helpers.evidence.wording import capitalised, day, number
from helpers.presentation.correlation import lines_over_time, plain_axis
from helpers.presentation.forest import forest, specification_curve

Plate = dict[str, Any]

SPLIT_NAMES = {
    "bis-2022-10-07-rules": "rule of Oct 2022",
    "bis-2023-10-17-rules": "rule of Oct 2023",
    "publication": "article",
}


def data_line(study: ParallelEcosystems) -> str:
    """Which series, sessions and models the chapter rests on."""
    us = study.choices.us
    parts = [
        f"{name} ({', '.join(basket.symbols)}, net of {basket.benchmark}), "
        f"{len(study.pairs(name))} sessions from {day(study.pairs(name).index[0])} "
        f"to {day(study.pairs(name).index[-1])}"
        for name, basket in study.baskets.items()
    ]
    return (
        f"**Data.** {us.name} ({', '.join(us.symbols)}, net of {us.benchmark}) against "
        f"{'; '.join(parts)}. Baskets are equally weighted; the market model is fitted "
        f"on the {study.choices.window} sessions before each one."
    )


def split_name(split: str) -> str:
    """A split's name on an axis."""
    return SPLIT_NAMES.get(split, split)


def split_marks(study: ParallelEcosystems) -> dict[str, pd.Timestamp]:
    """Dates of the splits, their names over two lines."""
    return {fill(split_name(split), 8): date for split, date in study.splits.items()}


def paths(study: ParallelEcosystems, findings: ParallelFindings) -> Plate:
    """Rolling and conditional correlation of both baskets."""
    panels = {
        capitalised(name): {
            f"last {findings.figures['rolling']}\nsessions": study.rolling(name)
        }
        for name in study.baskets
    }
    behind = {
        capitalised(name): study.conditional[name].correlation for name in study.baskets
    }
    figures = findings.figures
    parts = [
        f"{number(study.rolling(name).max())} for {name}" for name in study.baskets
    ]
    figure = lines_over_time(
        panels,
        title=(
            "Net of the markets the correlation of a year was never above "
            f"{' and '.join(parts)}"
        ),
        ylabel="Correlation",
        marks=split_marks(study),
        behind=behind,
        behind_name="DCC",
    )
    news = [figures[f"{short(name)}_dcc_news"] for name in study.baskets]
    return {
        "fig": figure,
        "caption": (
            "Correlation of the abnormal return of US chip designers in New York with "
            "that of the Chinese basket in its next session; each net of its own "
            f"market. Blue: over the last {figures['rolling']} pairs. Thin grey: "
            "conditional correlation (DCC on returns over their GARCH volatility); "
            f"its weight of the last product is estimated at {news[0]} and {news[1]}, "
            "and at zero the line is level. Dotted: sessions after which Chinese "
            "exchanges could know of the two rules, and the first day after the "
            "article."
        ),
        "alt": (
            "Two panels of correlations over time, a smooth line over a restless or "
            "level one. The rolling line ends at "
            + " and ".join(
                f"{figures[f'{short(name)}_rolling_last']} for {name}"
                for name in study.baskets
            )
            + ". Three dotted verticals mark the two rules and the article."
        ),
    }


def before_after(study: ParallelEcosystems, findings: ParallelFindings) -> Plate:
    """Change of the correlation at each date that the ledger gives."""
    table = study.changes
    series = {}
    for label, frequency, model in (
        ("next session, net of the markets", NEXT, TRAILING),
        ("weeks, net of the markets", WEEK, TRAILING),
        ("next session, market left in", NEXT, LEFT_IN),
    ):
        rows = {}
        for name in study.baskets:
            for split in study.splits:
                key = (name, split, frequency, model, PLAIN)
                row = f"{name},\nfrom the {split_name(split)} on"
                found = table.loc[key] if key in table.index else None
                rows[row] = {
                    "car": float("nan") if found is None else found["change"],
                    "ci_low": float("nan") if found is None else found["ci_low"],
                    "ci_high": float("nan") if found is None else found["ci_high"],
                }
        series[label] = pd.DataFrame.from_dict(rows, orient="index")
    net = pd.concat([rows for label, rows in series.items() if "net of" in label])
    net = net.dropna()
    moved = int(((net["ci_low"] > 0) | (net["ci_high"] < 0)).sum())
    title = (
        f"{'None' if moved == 0 else moved} of {len(net)} changes net of the markets "
        f"excludes zero; they lie between {number(net['car'].min())} and "
        f"{number(net['car'].max())}"
    )
    drawn = pd.concat(list(series.values())).dropna()
    clear = int(((drawn["ci_low"] > 0) | (drawn["ci_high"] < 0)).sum())
    figure = forest(
        series,
        title=title,
        xlabel="Change of the correlation, after less before, with 95 % interval",
    )
    plain_axis(figure.axes[0].xaxis)
    skipped = findings.figures["specifications_skipped"]
    return {
        "fig": figure,
        "caption": (
            "Correlation from each date on less that before it; 95 % intervals from "
            "resampled blocks of consecutive sessions. Filled markers exclude zero. "
            "The third series leaves the markets in, which the verdict does not: a "
            "fall there is one of the two stock markets as wholes. "
            f"{skipped} comparisons with fewer than forty weeks after the article are "
            "left out."
        ),
        "alt": (
            "Dot plot of changes in correlation, three intervals for each basket and "
            f"date; of {len(drawn)} intervals {clear} exclude zero."
        ),
    }


def specifications(study: ParallelEcosystems, findings: ParallelFindings) -> Plate:
    """Every change net of the markets, sorted, with what gave it."""
    table = study.net_changes.reset_index()
    table["car"] = table["change"]
    table["split"] = table["split"].map(split_name)
    table["main"] = (
        (table["frequency"] == NEXT)
        & (table["model"] == TRAILING)
        & (table["scale"] == PLAIN)
        & (table["split"] == split_name(study.choices.splits[0]))
    )
    figures = findings.figures
    fallen, risen = figures["specifications_fallen"], figures["specifications_risen"]
    beyond = (
        "none beyond chance"
        if fallen == risen == "0"
        else f"{fallen} and {risen} of them beyond chance"
    )
    title = (
        f"{figures['specifications_falling']} of {figures['specifications']} "
        f"specifications fall and the others rise, {beyond}"
    )
    options = {
        "basket": list(study.baskets),
        "split": [split_name(split) for split in study.splits],
        "frequency": [NEXT, WEEK],
        "model": [TRAILING, WHOLE],
        "scale": [PLAIN, SCALED],
    }
    figure = specification_curve(
        table, options, title=title, ylabel="Change of the correlation"
    )
    plain_axis(figure.axes[0].yaxis)
    return {
        "fig": figure,
        "caption": (
            "Each column is one way of measuring the change, with its 95 % interval; "
            "the squares below say which. Orange: the interval excludes zero. The "
            f"smallest p is {figures['specifications_holm'].lstrip('= ')} after Holm's "
            f"correction and {figures['specifications_bh'].lstrip('= ')} after that of "
            "Benjamini and Hochberg."
        ),
        "alt": (
            f"{figures['specifications']} estimates in rising order from "
            f"{figures['specifications_least']} to {figures['specifications_most']}, "
            "with intervals, over a grid of squares that shows the choices behind "
            "each; baskets and dates are mixed along the whole line."
        ),
    }
