"""Breaks of co-movement at dates left open: figure, table and sentence."""

from __future__ import annotations

from typing import Any

from helpers.evidence.parallel_ecosystems import TO_CHINA, ParallelEcosystems
from helpers.evidence.parallel_ecosystems_findings import SIZE, ParallelFindings, short
from helpers.evidence.wording import capitalised, day, number, p_value
from helpers.inference.breaks import critical_value
from helpers.presentation.correlation import break_statistics

Plate = dict[str, Any]


def breaks(study: ParallelEcosystems, findings: ParallelFindings) -> Plate:
    """Sup-Wald statistics of the correlation at every date."""
    figures = findings.figures
    bar = critical_value()
    panels = {}
    for name in study.baskets:
        found = study.breaks[name, TO_CHINA]
        chance = figures[f"{short(name)}_break_p"]
        panels[f"{capitalised(name)} (bootstrap p {chance})"] = (
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
        f"{capitalised(name)}: from {figures[f'{short(name)}_break_before']} to "
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
