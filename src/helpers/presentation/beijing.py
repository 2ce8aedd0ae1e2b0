"""The figures and tables of the chapter on Beijing's policy.

Each function gives the keyword arguments of :func:`helpers.presentation.notebook.show`
or ``table``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from helpers.evidence.beijing import KINDS, MODELS, Beijing
from helpers.evidence.beijing_findings import BeijingFindings
from helpers.evidence.ledger_record import CITIES
from helpers.evidence.reactions import BASKETS
from helpers.evidence.wording import percent, window_text
from helpers.presentation.forest import forest, specification_curve
from helpers.presentation.panels import forest_panels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Plate = dict[str, Any]
TITLE_LENGTH = 44


def data_line(study: Beijing) -> str:
    """One line on the data behind the chapter."""
    checked = int((study.measures["verification"] == "verified").sum())
    return (
        f"**Data.** {len(study.measures)} measures of the Chinese government from the "
        f"event ledger, {checked} of them verified; daily adjusted closes of Nvidia "
        "(New York, against the S&P 500), of mainland chip names and tool makers "
        "(against the CSI 300) and of two foundries in Hong Kong (against the Hang "
        "Seng), each group the equal-weighted mean of its members; Nvidia's revenue "
        "from China out of its filings (`data/nvidia_revenue.csv`), suppliers' revenue "
        "and fund sizes (`data/fundamentals.csv`). Provenance, checks and terms: "
        "`data/README.md`."
    )


def kinds(study: Beijing, findings: BeijingFindings) -> Plate:
    """Mean reaction by kind of measure, Nvidia beside the mainland chip names."""
    chosen = study.choices.nvidia, study.choices.china[0]
    rows = [
        kind for kind in KINDS if all((b, kind) in study.kinds.index for b in chosen)
    ]
    series = {}
    counts = study.kinds["n_events"].astype(int)
    dates = {kind: [counts[basket, kind] for basket in chosen] for kind in rows}
    labels = [
        f"{KINDS[kind]}\n({dates[kind][0]} and {dates[kind][1]} dates)" for kind in rows
    ]
    for basket in chosen:
        # The interval of two dates has one degree of freedom and says nothing.
        part = study.kinds.loc[[(basket, kind) for kind in rows]].copy()
        few = part["n_events"].between(2, 3)
        part.loc[few, ["ci_low", "ci_high"]] = float("nan")
        series[basket] = part.set_axis(labels)
    figures = findings.figures
    title = (
        f"Guidance and bans moved mainland chip names by "
        f"{figures['chips_procurement-guidance']} and Nvidia by "
        f"{figures['nvidia_procurement-guidance']}; the other kinds have few dates"
    )
    figure = forest(
        series, title=title, xlabel="Mean abnormal return over [0, +1], 95 % interval"
    )
    return {
        "fig": figure,
        "caption": (
            "Mean abnormal return over two sessions by kind of measure, verified ones, "
            "each market in its own sessions. A kind with one date has the exact "
            "interval of that date; with two or three dates no interval is drawn, "
            "since the spread over so few says nothing. The funding date comes in the "
            "week after Nvidia's results, so the gain in New York is not China's doing "
            "alone."
        ),
        "alt": (
            f"Dot plot of {len(rows)} kinds of measures for Nvidia and mainland chip "
            f"names. Guidance stands at {figures['nvidia_procurement-guidance']} and "
            f"{figures['chips_procurement-guidance']}, approvals at "
            f"{figures['nvidia_relaxation']} and {figures['chips_relaxation']}."
        ),
    }


def events(study: Beijing, findings: BeijingFindings) -> Plate:
    """Event by event: Nvidia beside the mainland chip names."""
    chosen = study.choices.nvidia, study.choices.china[0]
    titles = study.measures["title"]
    dates = study.by_event(chosen[1])["day0"]
    order = [event for event in study.measures.index if event in dates.index]
    labels = [
        (t if len(t) <= TITLE_LENGTH else t[: TITLE_LENGTH - 1].rstrip() + "…")
        + f", {dates[event]:%Y-%m}"
        for event, t in titles[order].items()
    ]
    panels = {
        f"{basket} ({CITIES[BASKETS[basket].exchange]})": study.by_event(basket)
        .reindex(order)
        .set_axis(labels)
        for basket in chosen
    }
    checked = study.measures.loc[order, "verification"] == "verified"
    hollow = [label for label, ok in zip(labels, checked, strict=True) if not ok]
    figures = findings.figures
    clear = int(figures["nvidia_events_clear"]) + int(figures["chips_events_clear"])
    total = int(figures["nvidia_events"]) + int(figures["chips_events"])
    title = (
        f"{clear} of {total} single reactions to Beijing's measures can be told from "
        "zero"
    )
    figure = forest_panels(
        panels,
        title=title,
        xlabels=["CAR over [0, +1]", "CAR over [0, +1]"],
        row_height=0.27,
        hollow=hollow,
    )
    return {
        "fig": figure,
        "caption": (
            "Abnormal return over two sessions with exact 95 % intervals; filled "
            "markers exclude zero. Rows in grey italics are not verified, or only in "
            "part. Measures that share a session are drawn once."
        ),
        "alt": (
            f"Two dot plots side by side over {len(order)} measures in order of time; "
            f"Nvidia's reactions lie between "
            f"{percent(study.by_event(chosen[0])['car'].min(), 1)} and "
            f"{percent(study.by_event(chosen[0])['car'].max(), 1)}, the mainland "
            f"names' between {percent(study.by_event(chosen[1])['car'].min(), 1)} and "
            f"{percent(study.by_event(chosen[1])['car'].max(), 1)}."
        ),
    }


def guidance(study: Beijing, findings: BeijingFindings) -> Plate:
    """Mean reaction to the reports of guidance by group, two windows."""
    table = study.averages
    series = {
        window_text(*window): table.xs(window, level=("first", "last"))
        for window in ((0, 1), (-1, 1))
    }
    figures = findings.figures
    title = (
        f"On {figures['reports']} reports of guidance mainland chip names moved by "
        f"{figures['chips']} and Nvidia by {figures['nvidia']}"
    )
    figure = forest(
        series, title=title, xlabel="Mean abnormal return, 95 % interval over dates"
    )
    _whole_ticks(figure)
    return {
        "fig": figure,
        "caption": (
            f"The {figures['reports']} verified reports that the claim names, from "
            "2025-07-31 to 2025-11-05, over two windows. Market model, other events "
            f"and results masked. With {figures['nvidia_n']} dates the interval has "
            f"{int(figures['nvidia_n']) - 1} degrees of freedom."
        ),
        "alt": (
            "Dot plot of four groups with two intervals each. Over [0, +1] Nvidia "
            f"stands at {figures['nvidia']}, mainland chip names at "
            f"{figures['chips']}, mainland tool makers at {figures['cn_tools']} and "
            f"Hong Kong's foundries at {figures['foundries']}."
        ),
    }


def specifications(study: Beijing, findings: BeijingFindings) -> Plate:
    """The two halves of the claim under every choice tried."""
    halves = (study.choices.nvidia, study.choices.china[0])
    table = study.specifications
    table = table[table["basket"].isin(halves)].reset_index(drop=True)
    table["window"] = [f"window {window_text(*window)}" for window in table["window"]]
    table["mask"] = table["mask"].map({True: "events masked", False: "not masked"})
    sets = {"all": "all reports", "undisturbed": "undisturbed only"}
    table["events"] = table["events"].map(sets)
    choices = {
        "basket": list(halves),
        "events": list(sets.values()),
        "window": [f"window {window_text(*window)}" for window in ((0, 1), (-1, 1))],
        "model": list(MODELS.values()),
        "mask": ["events masked", "not masked"],
    }
    figures = findings.figures
    title = (
        f"Under every choice: Nvidia {figures['nvidia_specifications_least']} to "
        f"{figures['nvidia_specifications_most']}, mainland chip names "
        f"{figures['chips_specifications_least']} to "
        f"{figures['chips_specifications_most']}"
    )
    main = int(table.index[table["basket"] == halves[1]][0])
    figure = specification_curve(
        table, choices, title=title, ylabel="Mean CAR on reports", main=main
    )
    return {
        "fig": figure,
        "caption": (
            "Mean abnormal return on reports of guidance for the two halves of the "
            "claim with 95 % intervals; orange excludes zero. The diamond is the main "
            "one for mainland chip names. Undisturbed: no other ledger event in "
            "[0, +1] there."
        ),
        "alt": (
            f"{len(table)} estimates in rising order; Nvidia's lie "
            f"between {figures['nvidia_specifications_least']} and "
            f"{figures['nvidia_specifications_most']}, the mainland names' between "
            f"{figures['chips_specifications_least']} and "
            f"{figures['chips_specifications_most']}, above a grid of choices."
        ),
    }


def fund(study: Beijing, findings: BeijingFindings) -> Plate:
    """The funding announcement on the Chinese groups."""
    series = {}
    for window in ((0, 1), (-1, 1)):
        rows = study.fund.xs((True, *window), level=("mask", "first", "last"))
        series[window_text(*window)] = rows
    figures = findings.figures
    title = (
        f"On the news of {figures['largest_fund']} Hong Kong's foundries moved by "
        f"{figures['fund_foundries']}, mainland chip names by {figures['fund_chips']}"
    )
    figure = forest(series, title=title, xlabel="Abnormal return, exact 95 % interval")
    return {
        "fig": figure,
        "caption": (
            "Abnormal return around the day on which the fund became public, "
            "2024-05-27, in Hong Kong and on the mainland. One announcement, so the "
            "intervals hold the error of a single date. Placebo p for Hong Kong's "
            "foundries over [0, +1]: "
            f"{figures['fund_foundries_placebo_p'].lstrip('= ')}, before "
            "correction for the three groups."
        ),
        "alt": (
            "Dot plot of three Chinese groups with two intervals each; over [0, +1] "
            f"Hong Kong's foundries stand at {figures['fund_foundries']}, mainland "
            f"tool makers at {figures['fund_cn_tools']}, mainland chip names at "
            f"{figures['fund_chips']}."
        ),
    }


def _whole_ticks(figure: Figure) -> None:
    """Ticks at whole per cents, since the axis is written without decimals."""
    from matplotlib.ticker import MaxNLocator

    figure.axes[0].xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10]))
