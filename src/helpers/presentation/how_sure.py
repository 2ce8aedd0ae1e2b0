"""The figures of the survey: size, power, what is left out, and all tests."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.errors import StudyError
from helpers.evidence.how_sure import HowSure
from helpers.evidence.how_sure_checks import SIZE
from helpers.evidence.how_sure_findings import HowSureFindings, legs_in_order
from helpers.evidence.how_sure_size import HEADLINE, LABELS, WINDOWS, band
from helpers.evidence.how_sure_words import claim_label
from helpers.evidence.wording import capitalised, window_text
from helpers.presentation.how_sure_labels import leg_label
from helpers.presentation.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    LIGHT,
    ORANGE,
    PURPLE,
    new_figure,
    percent_axis,
    zero_line,
)

Plate = dict[str, Any]
_POWERS = ["1", "0.01", "0.0001", "$10^{-6}$", "$10^{-8}$", "$10^{-10}$"]
_DOTS = (("o", BLUE), ("s", GREEN), ("D", PURPLE), ("^", ORANGE))


def sizes(study: HowSure, findings: HowSureFindings) -> Plate:
    """Measured rejection rate of each test where nothing happened."""
    figures = findings.figures
    low, high = band(study.sizes[0].studies)
    rows = [len(size.rates) for size in study.sizes]
    title = (
        f"Where nothing happened {figures['size_headline_inside']} of "
        f"{figures['size_headline']} rates of the book's own tests are what "
        f"{figures['size']} allows; tests that take firms for independent reach "
        f"{figures['size_naive_most']}"
    )
    figure, axes = new_figure(
        2.2 + 0.3 * sum(rows), len(rows), title=title, sharex=True,
        height_ratios=rows,
    )  # fmt: skip
    for axis, size in zip(axes, study.sizes, strict=True):
        axis.axvspan(low, high, color=LIGHT, zorder=0)
        axis.axvline(SIZE, color=GREY, linewidth=1, zorder=1)
        for number, window in enumerate(WINDOWS):
            marker, colour = _DOTS[number]
            axis.plot(
                size.rates[window], range(len(size.rates)), marker, color=colour,
                markersize=6, label=window_text(*window),
            )  # fmt: skip
        axis.set_yticks(range(len(size.rates)), [LABELS[t] for t in size.rates.index])
        for tick, test in zip(axis.get_yticklabels(), size.rates.index, strict=True):
            tick.set_fontweight("bold" if test in HEADLINE else "normal")
        axis.set_ylim(len(size.rates) - 0.5, -0.5)
        axis.set_title(capitalised(size.world.name), fontsize=10, loc="left")
        axis.tick_params(axis="y", length=0)
        axis.grid(axis="y", visible=False)
    axes[-1].set_xlim(0, None)
    percent_axis(axes[-1].xaxis)
    axes[-1].set_xlabel("Share of random dates without news on which p is below 0.05")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(
        handles, labels, title="event window", loc="outside lower center", ncols=4,
        fontsize=9.5, frameon=False,
    )  # fmt: skip
    return {
        "fig": figure,
        "caption": (
            f"Each row is one test on {figures['size_studies']} random studies of the "
            "book's own shares, on sessions with no entry in the ledger and no "
            "results; each mark one event window. In bold the tests that verdicts are "
            "read from. A test that is undefined in one of the studies has no mark. "
            f"Grey: where 95 of 100 such counts lie for a test of true size "
            f"{figures['size']}, {figures['size_low']} to {figures['size_high']}. "
            "Windows of neighbouring dates overlap, so that the true band is a little "
            "wider. Placebo dates come close to their size by construction."
        ),
        "alt": (
            f"Dot plot in {len(rows)} panels. Of {figures['size_headline']} marks of "
            f"the headline tests {figures['size_headline_inside']} lie in the grey "
            f"band; the naive tests of firms that share a date reach "
            f"{figures['size_naive_most']}."
        ),
    }


def power(study: HowSure, findings: HowSureFindings) -> Plate:
    """What each study saw beside the smallest effect that it would find."""
    figures = findings.figures
    legs = legs_in_order(study)
    title = (
        f"{figures['studies_silent']} of {figures['studies']} studies find nothing, "
        f"and half of all could only have found {figures['middle_detectable']} or more"
    )
    figure, axes = new_figure(1.9 + 0.235 * len(legs), title=title)
    previous = ""
    labels = []
    for row, ((claim_id, name), found) in enumerate(legs.items()):
        main = found.main
        axes.barh(
            row, 2 * main.detectable, left=-main.detectable, height=0.62, color=LIGHT,
            zorder=1,
        )  # fmt: skip
        clear = bool(main.reading)
        axes.plot(
            main.estimate, row, "o", markersize=6, color=ORANGE if clear else BLUE,
            markerfacecolor=ORANGE if clear else "white", markeredgewidth=1.6, zorder=3,
        )  # fmt: skip
        if claim_id != previous and row:
            axes.axhline(row - 0.5, color=GREY, linewidth=0.6)
        previous = claim_id
        labels.append(f"{claim_label(claim_id)}: {leg_label(name)}")
    zero_line(axes, vertical=True)
    reach = 1.05 * max(found.main.detectable for found in legs.values())
    axes.set_xlim(-reach, reach)
    axes.set_yticks(range(len(legs)), labels, fontsize=8)
    axes.set_ylim(len(legs) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    percent_axis(axes.xaxis)
    axes.set_xlabel("Mean (signed) CAR over the study's main window")
    return {
        "fig": figure,
        "caption": (
            "Each row is one study that a verdict reads. Grey: effects too small to be "
            f"found with {figures['power']} power at {figures['size']}, exact for one "
            "date and by the spread over dates for several. The mark is what was seen, "
            "filled where the test calls it beyond chance. A hollow mark deep within "
            "grey says little: a true effect of the width of the bar would have been "
            "missed one time in five, a smaller one more often. Windows over weeks "
            "find only very large effects."
        ),
        "alt": (
            f"One grey bar and one mark for each of {figures['studies']} studies. Bars "
            f"reach from {figures['least_detectable']} to {figures['most_detectable']} "
            f"on either side of zero; {figures['studies_beyond_chance']} marks are "
            "filled."
        ),
    }


def left_out(study: HowSure, findings: HowSureFindings) -> Plate:
    """The range of each mean when one event, or one firm, is left out."""
    figures = findings.figures
    legs = {
        key: found for key, found in legs_in_order(study).items() if len(found.events)
    }
    if not legs:
        raise StudyError(
            "Every study rests on one date: there is nothing to leave out."
        )
    title = (
        f"Leaving out one event moves {leg_label(figures['most_moved'])} most, from "
        f"{figures['most_moved_with']} to {figures['most_moved_without']}, and turns "
        f"{figures['claims_turned_by_event']} of {figures['event_claims']} verdicts"
    )
    figure, (axes, right) = new_figure(
        2.0 + 0.27 * len(legs), 1, 2, title=title, sharey=True, width_ratios=[1.5, 1]
    )
    labels = []
    for row, ((claim_id, name), found) in enumerate(legs.items()):
        _spread(axes, row - 0.16, found.events["estimate"], BLUE)
        if len(found.firms):
            _spread(axes, row + 0.16, found.firms["estimate"], ORANGE)
        axes.plot(found.main.estimate, row, "|", color=BLACK, markersize=13)
        _spread(right, row - 0.16, found.events["p_value"], BLUE)
        if len(found.firms):
            _spread(right, row + 0.16, found.firms["p_value"], ORANGE)
        right.plot(found.main.p_value, row, "|", color=BLACK, markersize=13)
        labels.append(f"{claim_label(claim_id)}: {leg_label(name)}")
    zero_line(axes, vertical=True)
    right.axvline(SIZE, color=BLACK, linewidth=1, linestyle=":")
    axes.set_yticks(range(len(legs)), labels, fontsize=8)
    axes.set_ylim(len(legs) - 0.4, -0.6)
    for each in (axes, right):
        each.tick_params(axis="y", length=0)
        each.grid(axis="y", visible=False)
    axes.plot([], [], color=BLUE, linewidth=3.2, label="one event left out")
    axes.plot([], [], color=ORANGE, linewidth=3.2, label="one firm left out")
    axes.plot([], [], "|", color=BLACK, markersize=13, label="all")
    percent_axis(axes.xaxis)
    axes.set_xlabel("Mean (signed) CAR")
    right.set_xlabel("p (KP); dotted: 0.05")
    figure.legend(loc="outside lower center", ncols=3, fontsize=10, frameon=False)
    return {
        "fig": figure,
        "caption": (
            f"The {figures['several_dates']} studies with several dates. Bars: from "
            "the smallest to the largest value when each event, or each firm of the "
            "group, is left out in turn. The other "
            f"{figures['one_date']} studies rest on one date, where there is nothing "
            "to leave out."
        ),
        "alt": (
            f"Ranges of the mean and of p for {figures['several_dates']} studies. The "
            f"largest move is that of {leg_label(figures['most_moved'])} when "
            f"\N{LEFT DOUBLE QUOTATION MARK}{figures['most_moving']}"
            f"\N{RIGHT DOUBLE QUOTATION MARK} is left out."
        ),
    }


def _spread(axes: Any, row: float, values: pd.Series, colour: str) -> None:
    ends = [values.min(), values.max()]
    axes.plot(ends, [row, row], color=colour, linewidth=3.2, solid_capstyle="butt")


def all_tests(study: HowSure, findings: HowSureFindings) -> Plate:
    """Every p-value of the book in order, with the bars that it must pass."""
    figures = findings.figures
    table = study.family.table
    ranks = np.arange(1, len(table) + 1)
    title = (
        f"Of {figures['tests']} p-values in the book {figures['tests_raw']} are below "
        f"{figures['size']}; {figures['tests_bh']} stay so after Benjamini-Hochberg, "
        f"{figures['tests_holm']} after Holm"
    )
    figure, axes = new_figure(4.6, title=title)
    axes.plot(ranks, ranks / (len(table) + 1), color=GREY, linewidth=1.4)
    axes.plot(ranks, SIZE * ranks / len(table), color=ORANGE, linestyle="--")
    axes.plot(ranks, SIZE / (len(table) - ranks + 1), color=PURPLE, linestyle=":")
    kept = (table["bh"] < SIZE).to_numpy()
    p_values = table["p_value"].to_numpy()
    axes.plot(
        ranks[~kept], p_values[~kept], "o", color=BLUE, markersize=3.2,
        markerfacecolor="white", markeredgewidth=0.9,
    )  # fmt: skip
    axes.plot(ranks[kept], p_values[kept], "o", color=ORANGE, markersize=5)
    axes.axhline(SIZE, color=BLACK, linewidth=0.8)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("Rank of the p-value, smallest first")
    axes.set_ylabel("p-value")
    axes.set_yticks([1, 1e-2, 1e-4, 1e-6, 1e-8, 1e-10], _POWERS)
    axes.set_xticks([1, 10, 100, len(table)], ["1", "10", "100", str(len(table))])
    least = SIZE / len(table)
    for at, y, text, colour in (
        (1.05, 6 / len(table), "if nothing were true", GREY),
        (2.4, 12 * least, "Benjamini-Hochberg", ORANGE),
        (24, 0.25 * least, "Holm", PURPLE),
    ):
        axes.text(at, y, text, color=colour, weight="bold", fontsize=9.5)
    return {
        "fig": figure,
        "caption": (
            "Every p-value that a chapter records as such, several tests of one "
            f"question included; {figures['derived']} that are corrected already, or "
            "the largest or smallest of several, are left out. Grey: where they would "
            "lie if nothing were true and tests were independent. Filled: below 0.05 "
            "after Benjamini-Hochberg, the points under and before the last one "
            "under the dashed line."
        ),
        "alt": (
            f"{figures['tests']} points rising from left to right on logarithmic axes, "
            f"{figures['tests_bh']} of them filled; {figures['tests_raw']} lie below "
            f"0.05 where {figures['tests_by_chance']} would by chance alone; "
            "the others run a little under the line of chance."
        ),
    }
