"""Which reading of a control Chinese shares follow: the figures.

Each function gives the keyword arguments of
:func:`helpers.presentation.notebook.show`.
"""

from __future__ import annotations

from typing import Any

from helpers.evidence.export_controls import MODELS, ExportControls
from helpers.evidence.export_controls_findings import ExportControlsFindings
from helpers.evidence.wording import window_text
from helpers.presentation.forest import forest, specification_curve

Plate = dict[str, Any]


def readings(study: ExportControls, findings: ExportControlsFindings) -> Plate:
    """Thesis-signed means of the Chinese groups over three sets of events."""
    names = {
        "differ": "readings opposed",
        "all verified": "all verified",
        "all": "unverified too",
    }
    table = study.readings.xs("thesis", level="reading")
    rows = table.set_axis(
        [f"{basket},\n{names[events]}" for basket, events in table.index]
    )
    figures = findings.figures
    clear = int(((rows["ci_low"] > 0) | (rows["ci_high"] < 0)).sum())
    title = (
        "Where the two readings differ, mainland chip names moved "
        f"{figures['chips_thesis_differ_size']} {figures['chips_thesis_differ_way']} "
        "the article; "
        f"{'no' if clear == 0 else clear} interval of {len(rows)} excludes zero"
    )
    figure = forest(
        {"sign by the article": rows},
        title=title,
        xlabel="Mean of expected sign × CAR over [0, +1], 95 % interval",
        bands=[at for at, (_, events) in enumerate(table.index) if events == "differ"],
    )
    return {
        "fig": figure,
        "caption": (
            "Mean of the sign that the article expects times the abnormal return. "
            "Shaded: verified events at which the usual reading expects the opposite, "
            "so that the same number with its sign turned is the usual reading's. The "
            "other rows hold every event that has a sign under the article's reading."
        ),
        "alt": (
            f"Dot plot of {len(rows)} signed means with intervals, three sets of "
            "events for each of three Chinese groups; the shaded ones stand at "
            f"{figures['chips_thesis_differ']}, {figures['cn_tools_thesis_differ']} "
            f"and {figures['foundries_thesis_differ']}."
        ),
    }


def denied(study: ExportControls, findings: ExportControlsFindings) -> Plate:
    """Controls on Chinese names by what they take away."""
    table = study.denied
    kinds = ("own supply", "a rival's part")
    series = {name: table.xs(name, level="denied") for name in kinds}
    figures = findings.figures
    clear = int(((table["ci_low"] > 0) | (table["ci_high"] < 0)).sum())
    title = (
        f"Mainland chip names: {figures['chips_rival']} when a rival's part is barred, "
        f"{figures['chips_own']} when their own supply is"
    )
    figure = forest(
        {f"{name} taken away": rows for name, rows in series.items()},
        title=title,
        xlabel="Mean abnormal return over [0, +1], 95 % interval",
    )
    return {
        "fig": figure,
        "caption": (
            "Verified controls, split by the sign that the usual reading expects or "
            f"leans to: a loss ({figures['chips_own_n']} dates: listings, tools, "
            f"foundry rules) or a gain ({figures['chips_rival_n']} dates: foreign "
            "parts that may no longer be sold, waivers withdrawn from foreign plants). "
            f"Mainland chip names after a rival's part was barred: KP p "
            f"{figures['chips_rival_p']}, placebo p "
            f"{figures['chips_rival_placebo_p']}; a split of few dates, to be read as "
            "a hint."
        ),
        "alt": (
            "Dot plot of three Chinese groups with two intervals each; mainland chip "
            f"names stand at {figures['chips_own']} and {figures['chips_rival']}; "
            f"{clear} of {len(table)} intervals exclude zero."
        ),
    }


def specifications(study: ExportControls, findings: ExportControlsFindings) -> Plate:
    """The thesis-signed mean under every choice tried."""
    table = study.specifications.copy()
    table["window"] = [f"window {window_text(*window)}" for window in table["window"]]
    table["mask"] = table["mask"].map({True: "events masked", False: "not masked"})
    choices = {
        "basket": list(study.choices.china),
        "events": ["verified", "all events"],
        "window": [f"window {window_text(*window)}" for window in ((0, 1), (-1, 1))],
        "model": list(MODELS.values()),
        "mask": ["events masked", "not masked"],
    }
    figures = findings.figures
    title = (
        f"{figures['specifications_clear']} of {figures['specifications']} ways to "
        "measure it tell the article's reading from zero: "
        f"{figures['specifications_least']} to {figures['specifications_most']}"
    )
    figure = specification_curve(
        table,
        choices,
        title=title,
        ylabel="Mean of sign × CAR",
        main=0,
    )
    return {
        "fig": figure,
        "caption": (
            "The article's sign times the abnormal return where the two readings "
            f"differ, under {figures['specifications']} specifications with 95 % "
            "intervals; below, which choices gave each. The diamond is the main "
            "choice for mainland chip names. "
            f"{figures['specifications_positive']} of the estimates have the "
            "article's sign."
        ),
        "alt": (
            f"{figures['specifications']} estimates in rising order from "
            f"{figures['specifications_least']} to {figures['specifications_most']}, "
            "their intervals crossing zero unless drawn in orange, above a grid that "
            "marks group, events, window, model and mask."
        ),
    }
