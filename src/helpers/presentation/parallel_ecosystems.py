"""The figures and tables of the chapter on parallel ecosystems.

Each function gives the keyword arguments of :func:`helpers.presentation.notebook.show`
or ``table``.
"""

from __future__ import annotations

from textwrap import fill
from typing import Any

import pandas as pd

from helpers.data.ledger import load_claims, load_ledger, local_dates
from helpers.evidence.parallel_ecosystems import (
    LEFT_IN,
    NEXT,
    PLAIN,
    SCALED,
    TO_CHINA,
    TRAILING,
    WEEK,
    WHOLE,
    ParallelEcosystems,
)
from helpers.evidence.parallel_ecosystems_findings import (
    SIZE,
    ParallelFindings,
    short,
)
from helpers.evidence.reliance import BASES, Reliance
from helpers.evidence.wording import day, number, p_value, percent
from helpers.inference.breaks import critical_value
from helpers.presentation.correlation import (
    break_statistics,
    lines_over_time,
    plain_axis,
)
from helpers.presentation.forest import forest, specification_curve

Plate = dict[str, Any]

SPLIT_NAMES = {
    "bis-2022-10-07-rules": "rule of Oct 2022",
    "bis-2023-10-17-rules": "rule of Oct 2023",
    "publication": "article",
}
DOCUMENTS = {
    "huawei-ascend-roadmap": "apart",
    "deepseek-v31-domestic-chip-remark": "apart",
    "deepseek-v32-exp": "apart",
    "deepseek-v4-huawei-report": "apart",
    "deepseek-v4": "apart",
    "domestic-tool-50pct-rule": "apart",
    "deepseek-r2-ascend-setback": "together",
    "h20-resumption": "together",
    "china-approves-first-h200": "together",
    "h200-ten-firms-cleared": "together",
    "trump-says-china-declined-h200": "apart",
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


def _capital(name: str) -> str:
    return f"{name[0].upper()}{name[1:]}"


def _marks(study: ParallelEcosystems) -> dict[str, pd.Timestamp]:
    """Dates of the splits, their names over two lines."""
    return {fill(split_name(split), 8): date for split, date in study.splits.items()}


def paths(study: ParallelEcosystems, findings: ParallelFindings) -> Plate:
    """Rolling and conditional correlation of both baskets."""
    panels = {
        _capital(name): {
            f"last {findings.figures['rolling']}\nsessions": study.rolling(name)
        }
        for name in study.baskets
    }
    behind = {
        _capital(name): study.conditional[name].correlation for name in study.baskets
    }
    figures = findings.figures
    parts = [
        f"{figures[f'{short(name)}_rolling_first']} to "
        f"{figures[f'{short(name)}_rolling_last']} for {name}"
        for name in study.baskets
    ]
    figure = lines_over_time(
        panels,
        title=f"Net of the markets the correlation went from {' and '.join(parts)}",
        ylabel="Correlation",
        marks=_marks(study),
        behind=behind,
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
    """Change of the correlation at each date fixed beforehand."""
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
    figures = findings.figures
    moved = int(figures["specifications_fallen"]) + int(figures["specifications_risen"])
    title = (
        f"{'None' if moved == 0 else moved} of the {figures['specifications']} changes "
        "net of the markets leaves zero; the largest fall is "
        f"{figures['specifications_least']}"
    )
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
            f"Dot plot of changes in correlation by basket and date, between "
            f"{figures['specifications_least']} and "
            f"{figures['specifications_most']} net of the markets, with intervals that "
            "nearly all span zero."
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


def breaks(study: ParallelEcosystems, findings: ParallelFindings) -> Plate:
    """Sup-Wald statistics of the correlation at every date."""
    figures = findings.figures
    bar = critical_value()
    panels = {}
    for name in study.baskets:
        found = study.breaks[name, TO_CHINA]
        chance = figures[f"{short(name)}_break_p"]
        panels[f"{_capital(name)} (bootstrap p {chance})"] = (
            found.path,
            bar,
            (found.date, found.date_low, found.date_high),
        )
    dated = []
    for name in study.baskets:
        found = study.breaks[name, TO_CHINA]
        if found.p_bootstrap < SIZE:
            turn = "up" if found.after > found.before else "down"
            dated.append(f"{turn} in {found.date:%B %Y} for {name}")
    title = (
        f"Left to themselves the data date a step {' and '.join(dated)}"
        if dated
        else "Left to themselves the data date no change of the correlation"
    )
    figure = break_statistics(
        panels,
        title=title,
        ylabel="Wald statistic",
        bar_name="5 % bar for the best of all dates",
    )
    texts = [
        f"{_capital(name)}: from {figures[f'{short(name)}_break_before']} to "
        f"{figures[f'{short(name)}_break_after']}, interval of the date "
        f"{figures[f'{short(name)}_break_low']} to "
        f"{figures[f'{short(name)}_break_high']}"
        + (
            ", at the first or last date that may be tried"
            if study.breaks[name, TO_CHINA].at_edge
            else ""
        )
        for name in study.baskets
    ]
    return {
        "fig": figure,
        "caption": (
            "Heteroskedasticity-robust Wald statistic of a change in correlation at "
            "each date, 15 % of the sessions left at either end; orange: the date with "
            "the best fit, shaded: its 95 % interval, as far as the sample goes. "
            f"{'. '.join(texts)}. The bar is the simulated asymptotic one; p is that "
            "of a bootstrap that keeps each day's volatility."
        ),
        "alt": (
            "Two panels of a statistic over time under a horizontal bar. Its highest "
            "points are "
            + " and ".join(
                f"{figures[f'{short(name)}_break_statistic']} on "
                f"{figures[f'{short(name)}_break']} for {name}"
                for name in study.baskets
            )
            + f"; the bar stands at {number(bar, 1)}."
        ),
    }


def break_tests(study: ParallelEcosystems, findings: ParallelFindings) -> Plate:
    """All break tests in both directions."""
    table = study.break_table.reset_index()
    table["interval"] = [
        f"{row.date_low:%Y-%m} to {row.date_high:%Y-%m}" for row in table.itertuples()
    ]
    table = table.set_index(["basket", "direction", "of"])
    table = table[
        ["date", "interval", "before", "after", "sup_wald", "p_bootstrap",
         "p_asymptotic", "p CUSUM"]
    ].rename(columns={"sup_wald": "sup-Wald", "p_bootstrap": "p bootstrap",
                      "p_asymptotic": "p asymptotic"})  # fmt: skip
    figures = findings.figures
    return {
        "df": table,
        "caption": (
            f"{figures['breaks_found']} of {figures['break_tests']} tests find a "
            "change at 5 %; the smallest p after Holm's correction is "
            f"{figures['breaks_holm'].lstrip('= ')}. The slope is what a Chinese "
            "basket passes on of a move in New York; CUSUM is for means only."
        ),
        "formats": dict.fromkeys(
            ("before", "after", "p bootstrap", "p asymptotic", "p CUSUM"), "{:.3f}"
        )
        | {"sup-Wald": "{:.2f}"},
    }


def break_sequence(study: ParallelEcosystems) -> str:
    """Which changes the data date one after another, as a sentence."""
    parts = []
    for (name, direction), found in study.all_breaks.items():
        steps = " and ".join(
            f"{day(one.date)} (from {number(one.before)} to {number(one.after)}, "
            f"p {p_value(one.p_bootstrap)})"
            for one in found
        )
        parts.append(f"{name}, {direction}: {steps or 'none'}")
    return (
        "Searched on in the parts that each found change leaves, the sequence is: "
        f"{'; '.join(parts)}."
    )


def connected(study: ParallelEcosystems, findings: ParallelFindings) -> Plate:
    """What the two sides receive from each other over time."""
    figures = findings.figures
    path = study.connected_over_time
    title = (
        "Surprises of US chip shares explain at most "
        f"{figures['connected_highest']} of what Chinese ones do, "
        f"{figures['connected_last']} of late"
    )
    figure = lines_over_time(
        {
            "Share of forecast-error variance from the other side": {
                "received\nby China": path["received"],
                "received\nby the US": path["given"],
                "chance": pd.Series(study.connected_by_chance, index=path.index),
            }
        },
        title=title,
        ylabel="Share",
        marks={
            label: date
            for label, date in _marks(study).items()
            if date <= path.index[-1]
        },
        percent=True,
    )
    return {
        "fig": figure,
        "caption": (
            "Generalised variance decomposition of a vector autoregression (one lag, "
            f"ten sessions ahead) of {len(study.panel.columns)} baskets net of their "
            f"markets, over the last {figures['rolling']} mainland sessions. Each "
            "American basket has three Chinese ones to receive from, each Chinese one "
            "two American ones. Shares cannot be negative: dotted is the level that "
            "what China receives stays below in 95 % of windows whose dates were "
            f"shifted apart, {figures['connected_chance']}. Before the rule of October "
            "2022 the two sides exchanged "
            f"{figures['connected_first_before']}, since then "
            f"{figures['connected_first_after']} (p {figures['connected_first_p']})."
        ),
        "alt": (
            "Two lines of shares over time, both between zero and "
            f"{percent(float(path.max().max()), 0, signed=False)}, "
            f"what China receives peaks at {figures['connected_highest']} and ends at "
            f"{figures['connected_last']}; a dotted level of chance at "
            f"{figures['connected_chance']}."
        ),
    }


def connected_line(findings: ParallelFindings) -> str:
    """How the exchange of surprises compares with chance, as a sentence."""
    figures = findings.figures
    return (
        f"All links together make {figures['connected_total']} of forecast-error "
        f"variance; the Chinese baskets receive {figures['connected_received']} from "
        f"the American ones and these {figures['connected_given']} from them. In "
        f"{figures['connected_windows_above']} of {figures['connected_windows']} "
        "windows China receives more than chance gives. Between the time before the "
        "rule of October 2022 and the time since, the exchange went from "
        f"{figures['connected_first_before']} to {figures['connected_first_after']}; "
        "the same two lengths of mixed dates differ as much with "
        f"p {figures['connected_first_p']}. For the rule of October 2023 the figures "
        f"are {figures['connected_second_before']}, "
        f"{figures['connected_second_after']} and p {figures['connected_second_p']}."
    )


def connected_table(study: ParallelEcosystems) -> Plate:
    """The whole decomposition over the common span."""
    table = study.connected.shares.rename(index=lambda name: f"of {name}")
    return {
        "df": table,
        "caption": (
            "Share of each row's forecast-error variance that comes from surprises of "
            f"the column, {len(study.panel)} sessions; rows add up to one."
        ),
        "formats": dict.fromkeys(table.columns, "{:.1%}"),
    }


def documents() -> Plate:
    """What the ledger holds on stacks and purchases, for and against."""
    ledger = load_ledger().loc[list(DOCUMENTS)]
    table = pd.DataFrame(
        {
            "date": [f"{date:%Y-%m-%d}" for date in local_dates(ledger)],
            "event": ledger["title"].to_numpy(),
            "points": list(DOCUMENTS.values()),
            "verification": ledger["verification"].to_numpy(),
        },
        index=pd.Index(ledger.index, name="event of the ledger"),
    ).sort_values("date")
    return {
        "df": table,
        "caption": "Steps towards separate systems, and steps that keep them together.",
    }


def reliance_table(reliance: Reliance) -> Plate:
    """China in Nvidia's revenue, on each basis by itself."""
    rows = []
    for basis in BASES:
        found = reliance.nvidia_years[basis].reset_index()
        rows.append(found.assign(basis=f"{basis}, year"))
    quarters = reliance.nvidia_quarters.reset_index()
    rows.append(quarters.assign(basis="headquarters, quarter"))
    table = pd.concat(rows)[["basis", "fiscal", "china_usd_m", "china_share"]]
    table = table.set_index(["basis", "fiscal"])
    table.columns = ["China, million dollars", "share of revenue"]
    return {
        "df": table,
        "caption": (
            "Nvidia's revenue from China including Hong Kong, verified figures. By "
            "billing address and by customer headquarters are two measures and are "
            "never joined."
        ),
        "formats": {"China, million dollars": "{:,.0f}", "share of revenue": "{:.1%}"},
    }


def claim_text(claim_id: str) -> str:
    """A claim of the article, as ``data/claims.csv`` words it."""
    return str(load_claims().loc[claim_id, "claim"])


def reliance_line(findings: ParallelFindings) -> str:
    """What the domestic side of the accounts says, as a sentence."""
    figures = findings.figures
    return (
        f"In {figures['nvidia_quarter_last_name']} China was "
        f"{figures['nvidia_quarter_last']} of Nvidia's revenue by headquarters, after "
        f"{figures['nvidia_quarter_before']} a year before. SMIC earned "
        f"{figures['foundry_before']} of its revenue in China in the quarter to "
        f"{figures['foundry_before_quarter']} and {figures['foundry_last']} in that to "
        f"{figures['foundry_last_quarter']}. Bernstein put Chinese vendors at "
        f"{figures['domestic_before']} of sales in "
        f"{figures['domestic_before_year']}; its figures of supply for "
        f"{figures['domestic_last_year']} come to {figures['domestic_last']}."
    )
