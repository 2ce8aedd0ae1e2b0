"""The figures of the specification curves."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from helpers.evidence.how_sure import FIRST, HowSure
from helpers.evidence.how_sure_checks import SIZE
from helpers.evidence.how_sure_curves import Curve
from helpers.evidence.how_sure_findings import HowSureFindings
from helpers.evidence.how_sure_words import claim_label
from helpers.evidence.wording import window_text
from helpers.presentation.how_sure_labels import CHOICES, MODELS, leg_label
from helpers.presentation.style import (
    BLACK,
    BLUE,
    GREY,
    LIGHT,
    ORANGE,
    new_figure,
    percent_axis,
    zero_line,
)

Plate = dict[str, Any]
BAND_POINTS, SMALL_POINTS = 80, 160
_DASHBOARD = ("model", "benchmark", "sector", "estimation", "mask", "window", "kind",
              "day0")  # fmt: skip
_IN_WORDS = {
    "benchmark": "against {}",
    "sector": "beside {} as sector",
    "estimation": "estimation {}",
    "window": "event window {}",
    "kind": "{} returns",
    "day0": "day 0 {}",
}


def august(study: HowSure, findings: HowSureFindings) -> Plate:
    """Every specification of the first claim, and the choices behind each."""
    figures = findings.figures
    ((_, curve),) = study.curves[FIRST].items()
    table = curve.sorted()
    options = _options(table)
    choice, level = curve.influence["mean"].idxmin()
    title = (
        f"Of {figures['august_specifications']} ways to measure Nvidia's move after "
        f"the remark, {_none(figures['august_losses'])} gives a loss beyond chance"
    )
    figure, (top, bottom) = new_figure(
        3.6 + 0.2 * len(options), 2, title=title, sharex=True,
        height_ratios=[3, 0.2 * len(options)],
    )  # fmt: skip
    _curve(top, curve)
    top.set_ylabel("CAR from the remark on")
    top.tick_params(axis="x", length=0)
    edges = np.flatnonzero(np.diff([_DASHBOARD.index(name) for name, _ in options]))
    for height, (name, option) in enumerate(options):
        chosen = (table[name].map(_label) == option).to_numpy().nonzero()[0]
        bottom.plot(
            chosen, np.full(len(chosen), height), "|", color=BLACK, markersize=5.5,
            markeredgewidth=0.35,
        )  # fmt: skip
    for edge in edges:
        bottom.axhline(edge + 0.5, color=GREY, linewidth=0.8)
    names = [_IN_WORDS.get(name, "{}").format(text) for name, text in options]
    bottom.set_yticks(range(len(options)), names, fontsize=8)
    bottom.set_ylim(len(options) - 0.5, -0.5)
    bottom.set_xlabel("Specifications, sorted by their estimate")
    bottom.grid(visible=False)
    bottom.tick_params(axis="y", length=0)
    return {
        "fig": figure,
        "caption": (
            f"Dark: the {figures['august_specifications']} estimates in order, from "
            f"{figures['august_least']} to {figures['august_most']}. Light blue: exact "
            "95 % interval of each. Grey: where 95 % of the curves of "
            f"{figures['august_placebo_dates']} placebo dates lie at that rank; these "
            "are all the sessions of this share without news around them. Diamond: the "
            "chapter's own choice. Below: which choices gave each estimate; the choice "
            f"of the {CHOICES[choice]} {_level(level)} gives the lowest ones, "
            f"{figures['august_lowest_level']} on average."
        ),
        "alt": (
            "Two panels over common columns. Above, a rising curve from "
            f"{figures['august_least']} to {figures['august_most']} within a grey "
            f"placebo band; {figures['august_losses']} intervals lie wholly below "
            f"zero and {figures['august_gains']} above. "
            "Below, a grid of ticks for models, benchmarks, windows and masks."
        ),
    }


def _none(count: str) -> str:
    return "not one" if count == "0" else count


def _label(option: Any) -> str:
    if isinstance(option, tuple):
        return window_text(*option)
    return MODELS.get(str(option), str(option))


def _level(text: str) -> str:
    """A level of a choice, which the engine writes as text."""
    ends = re.fullmatch(r"\((-?\d+), (-?\d+)\)", text)
    return window_text(int(ends[1]), int(ends[2])) if ends else _label(text)


def _options(table: pd.DataFrame) -> list[tuple[str, str]]:
    """Every level of every choice, in the order shown."""
    out = []
    for name in _DASHBOARD:
        levels = dict.fromkeys(
            _label(value) for value in table.sort_values("primary", ascending=False,
                                                         kind="stable")[name]
        )  # fmt: skip
        # What a model has no use for is no choice, and one level is none either.
        named = [level for level in levels if level != "none"]
        if len(levels) > 1:
            out += [(name, level) for level in named]
    return out


def _curve(axes: Any, curve: Curve, *, shown: int | None = None) -> None:
    """Sorted estimates over the placebo band; estimates beyond chance in orange.

    With `shown`, that many specifications evenly over the ranks, and no intervals.
    """
    from matplotlib.ticker import MaxNLocator

    table = curve.sorted()
    at = _evenly(len(table), shown or len(table))
    edge = _evenly(len(table), BAND_POINTS)
    band = curve.band.iloc[edge]
    axes.fill_between(edge, band["low"], band["high"], color=LIGHT, linewidth=0)
    if shown is None:
        axes.vlines(
            at, table["ci_low"], table["ci_high"], color=BLUE, linewidth=0.25,
            alpha=0.3, zorder=2,
        )  # fmt: skip
    clear = (table["p_value"] < SIZE).to_numpy()[at]
    estimates = table["estimate"].to_numpy()[at]
    axes.plot(at[~clear], estimates[~clear], ".", color=BLUE, markersize=2.6, zorder=3)
    axes.plot(at[clear], estimates[clear], ".", color=ORANGE, markersize=3.4, zorder=4)
    main = int(np.flatnonzero(table["primary"])[0])
    axes.plot(
        main, table["estimate"].iloc[main], "D", color=BLACK, markersize=6.5, zorder=5
    )
    zero_line(axes)
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    percent_axis(axes.yaxis)
    axes.grid(axis="x", visible=False)


def _evenly(length: int, wanted: int) -> Any:
    """Places from first to last, as many as wanted or as there are."""
    return np.unique(
        np.linspace(0, length - 1, min(wanted, length)).round().astype(int)
    )


def strongest(study: HowSure, claim_id: str) -> str:
    """The study of a claim whose main test has the smallest p-value."""
    checks = study.checks[claim_id]
    return min(checks, key=lambda name: checks[name].main.p_value)


def others(study: HowSure, findings: HowSureFindings) -> Plate:
    """The curve of each other claim's strongest study."""
    figures = findings.figures
    claims = [claim_id for claim_id in study.claims if claim_id != FIRST]
    beyond = [
        claim_id
        for claim_id in claims
        if float(study.joint_p_values(claim_id).min()) < SIZE
    ]
    title = (
        f"Taken as a whole, the curves of {len(beyond)} of {len(claims)} other claims "
        "are more than chance gives, in the direction that the claim expects"
    )
    rows = -(-len(claims) // 3)
    figure, grid = new_figure(1.0 + 2.2 * rows, rows, 3, title=title, squeeze=False)
    for axes, claim_id in zip(grid.flat, claims, strict=False):
        name = strongest(study, claim_id)
        curve = study.curves[claim_id][name]
        _curve(axes, curve, shown=SMALL_POINTS)
        stem = f"{claim_id}: {name}"
        axes.set_title(
            f"{claim_label(claim_id)}\n{leg_label(name)}", fontsize=8.5, loc="left"
        )
        axes.text(
            0.03, 0.97, f"joint p {figures[f'{stem}, joint p']}",
            transform=axes.transAxes, fontsize=8.5, va="top",
        )  # fmt: skip
        axes.set_xticks([0, len(curve.table) - 1], ["1", str(len(curve.table))])
        axes.tick_params(labelsize=8)
    for axes in grid.flat[len(claims) :]:
        axes.set_visible(False)
    for axes in grid[-1]:
        axes.set_xlabel("Specifications, sorted", fontsize=9)
    for axes in grid[:, 0]:
        axes.set_ylabel("(signed) CAR", fontsize=9)
    return {
        "fig": figure,
        "caption": (
            "For each claim the study whose own test is strongest; all studies stand "
            f"in the table below. Blue: {SMALL_POINTS} of its estimates, evenly over "
            "their ranks, orange where p is below 0.05; "
            "diamond: the chapter's own choice; grey: where 95 % of placebo curves lie "
            "at that rank. Joint p: how often the placebo curves' median is as far in "
            "the direction that the claim expects, before Holm's correction over a "
            "claim's studies, which the count in the title holds."
        ),
        "alt": (
            f"{len(claims)} small panels, each a rising curve and a placebo band. "
            "Above chance as a whole: "
            + (", ".join(claim_label(claim_id) for claim_id in beyond) or "none")
            + "."
        ),
    }


def choices(study: HowSure, findings: HowSureFindings) -> Plate:
    """How much of the spread of the estimates each choice explains."""
    claims = list(study.claims)
    shares = pd.DataFrame(
        {
            claim_id: study.curves[claim_id][strongest(study, claim_id)]
            .influence["share"]
            .groupby(level="choice")
            .first()
            for claim_id in claims
        }
    ).T.reindex(columns=list(CHOICES))
    dominant = shares.idxmax(axis=1)
    first = dominant.value_counts().idxmax()
    count = int((dominant == first).sum())
    title = (
        f"The {CHOICES[first]} matters most: for {count} of {len(claims)} claims it "
        "explains more of the estimates' spread than any other choice"
    )
    figure, axes = new_figure(1.9 + 0.36 * len(claims), title=title)
    axes.imshow(shares.to_numpy(), cmap="Greys", vmin=0, vmax=1, aspect="auto")
    for row, (_, line) in enumerate(shares.iterrows()):
        for column, value in enumerate(line):
            text = "–" if np.isnan(value) else f"{100 * value:.0f} %"
            axes.text(
                column, row, text, ha="center", va="center", fontsize=9,
                color="white" if value > 0.55 else BLACK,
            )  # fmt: skip
    axes.set_xticks(
        range(len(CHOICES)),
        [text.replace(" ", "\n", 1) for text in CHOICES.values()],
        fontsize=9,
    )
    axes.set_yticks(
        range(len(claims)), [claim_label(claim_id) for claim_id in claims], fontsize=9
    )
    axes.tick_params(length=0)
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return {
        "fig": figure,
        "caption": (
            "Share of the variance of a study's estimates that lies between the levels "
            "of one choice, for each claim's strongest study; one choice at a time, so "
            "that rows need not add up to the whole. A dash: that study had no such "
            "choice."
        ),
        "alt": (
            f"Table of {len(claims)} claims by {len(CHOICES)} choices, shaded by "
            f"share. The column of the {CHOICES[first]} is the darkest in {count} rows."
        ),
    }
