"""What the survey of all verdicts comes to: numbers and the answer."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers.data.instruments import instrument
from helpers.evidence.how_sure import FIRST, JOINT, HowSure
from helpers.evidence.how_sure_checks import POWER, SIZE, Checked
from helpers.evidence.how_sure_size import HEADLINE, WINDOWS, band
from helpers.evidence.how_sure_words import (
    DEPENDS,
    DOCUMENTS,
    HOLDS,
    NO_PRICES,
    STRENGTHS,
    claim_label,
)
from helpers.evidence.wording import Figures


@dataclass(frozen=True)
class HowSureFindings:
    """The chapter's numbers and its answer; it judges no claim of its own.

    Attributes
    ----------
    figures : Figures
        Every number that the sentences state, and the strength of each verdict.
    answer : str
        The chapter's question answered in one sentence.
    """

    figures: Figures
    answer: str


def how_sure_findings(study: HowSure) -> HowSureFindings:
    """Put the survey into numbers and one sentence."""
    figures = Figures()
    figures.share("size", SIZE, 0)
    figures.share("power", POWER, 0)
    _record_sizes(figures, study)
    _record_power(figures, study)
    _record_curves(figures, study)
    _record_left_out(figures, study)
    _record_family(figures, study)
    _record_strengths(figures, study)
    return HowSureFindings(figures, _answer(figures, study))


def legs_in_order(study: HowSure) -> dict[tuple[str, str], Checked]:
    """Every study that was asked again, by claim and name."""
    return {
        (claim_id, name): found
        for claim_id, legs in study.checks.items()
        for name, found in legs.items()
    }


def _record_sizes(figures: Figures, study: HowSure) -> None:
    low, high = band(study.sizes[0].studies)
    figures.count("size_studies", study.sizes[0].studies)
    figures.share("size_low", low, 1)
    figures.share("size_high", high, 1)
    headline: list[float] = []
    naive: list[float] = []
    for number, size in enumerate(study.sizes, 1):
        figures.count(f"size_eligible_{number}", size.eligible)
        for test, row in size.rates.iterrows():
            for window in WINDOWS:
                if pd.notna(row[window]):
                    stem = f"size_{number}_{test}_{window[0]}_{window[1]}"
                    figures.share(stem, row[window], 1)
                    (headline if test in HEADLINE else naive).append(row[window])
    inside = sum(low <= rate <= high for rate in headline)
    figures.count("size_headline", len(headline))
    figures.count("size_headline_inside", inside)
    figures.share("size_headline_most", max(headline), 1)
    figures.share("size_naive_most", max(naive), 1)


def _record_power(figures: Figures, study: HowSure) -> None:
    legs = legs_in_order(study)
    figures.count("studies", len(legs))
    silent = [found.main for found in legs.values() if not found.main.reading]
    figures.count("studies_beyond_chance", len(legs) - len(silent))
    figures.count("studies_silent", len(silent))
    figures.share("least_detectable", min(f.main.detectable for f in legs.values()))
    figures.share("most_detectable", max(f.main.detectable for f in legs.values()))
    middle = pd.Series([found.main.detectable for found in legs.values()]).median()
    figures.share("middle_detectable", float(middle))
    for (claim_id, name), found in legs.items():
        stem = f"{claim_id}: {name}"
        figures.percent(stem, found.main.estimate, 1)
        figures.p_value(f"{stem}, p", found.main.p_value)
        figures.count(f"{stem}, dates", found.main.dates)
        figures.share(f"{stem}, detectable", found.main.detectable)


def _record_curves(figures: Figures, study: HowSure) -> None:
    total = 0
    for claim_id, curves in study.curves.items():
        for name, curve in curves.items():
            stem = f"{claim_id}: {name}"
            total += len(curve.table)
            figures.count(f"{stem}, specifications", len(curve.table))
            figures.count(f"{stem}, placebo studies", curve.placebos)
            figures.percent(f"{stem}, median", curve.joint.at[JOINT, "observed"], 1)
            figures.p_value(f"{stem}, joint p", curve.joint.at[JOINT, "p_value"])
            share = curve.joint.at["share_significant", "observed"]
            figures.share(f"{stem}, significant", share, 0)
    figures.count("specifications", total)
    if FIRST in study.curves:
        _record_first(figures, study)


def _record_first(figures: Figures, study: HowSure) -> None:
    ((_, curve),) = study.curves[FIRST].items()
    table = curve.table
    figures.count("august_specifications", len(table))
    figures.count("august_placebo_dates", curve.placebos)
    figures.percent("august_least", table["estimate"].min(), 1)
    figures.percent("august_most", table["estimate"].max(), 1)
    lost = (table["estimate"] < 0) & (table["p_value"] < SIZE)
    gained = (table["estimate"] > 0) & (table["p_value"] < SIZE)
    figures.count("august_losses", int(lost.sum()))
    figures.count("august_gains", int(gained.sum()))
    for name, row in curve.joint.iterrows():
        figures.p_value(f"august_{name}_p", row["p_value"])
        blocks = study.blocks.joint.at[name, "p_value"]
        figures.p_value(f"august_blocks_{name}_p", blocks)
    figures.count("august_blocks", study.blocks.placebos)
    levels = curve.influence["mean"]
    figures.percent("august_lowest_level", levels.min(), 1)
    figures.percent("august_median", curve.joint.at[JOINT, "observed"])
    figures.share("august_share", curve.joint.at["share_significant", "observed"], 1)


def _record_left_out(figures: Figures, study: HowSure) -> None:
    several = {
        key: found for key, found in legs_in_order(study).items() if len(found.events)
    }
    figures.count("event_claims", len(study.claims))
    figures.count("several_dates", len(several))
    figures.count("one_date", len(legs_in_order(study)) - len(several))
    moves = {}
    for (claim_id, name), found in several.items():
        change = (found.events["estimate"] - found.main.estimate).abs()
        moves[claim_id, name, str(change.idxmax())] = float(change.max())
    if moves:
        claim_id, name, event = max(moves, key=lambda key: moves[key])
        most = study.checks[claim_id][name]
        figures.add("most_moved", name, name)
        figures.add("most_moving", event, str(study.titles[event]))
        figures.percent("most_moved_with", most.main.estimate, 1)
        figures.percent("most_moved_without", most.events.at[event, "estimate"], 1)
    turned = [
        one.claim_id for one in study.survival.values() if one.turning(one.events)
    ]
    figures.count("claims_turned_by_event", len(turned))
    by_firm = [
        one.claim_id for one in study.survival.values() if one.turning(one.firms)
    ]
    figures.count("claims_turned_by_firm", len(by_firm))
    unsure = [found for found in legs_in_order(study).values() if found.unverified]
    figures.count("studies_with_unverified", len(unsure))
    changed = [
        found
        for found in unsure
        if len({found.main.reading, found.verified.reading, found.wider.reading}) > 1
    ]
    figures.count("readings_changed_by_unverified", len(changed))
    by_unverified = [
        one.claim_id
        for one in study.survival.values()
        if {one.verified, one.wider} != {one.one_test}
    ]
    figures.count("claims_turned_by_unverified", len(by_unverified))


def _record_family(figures: Figures, study: HowSure) -> None:
    family = study.family
    figures.count("tests", len(family.table))
    figures.count("derived", family.derived)
    figures.number("tests_by_chance", SIZE * len(family.table), 0)
    for column, name in {"p_value": "raw", "bh": "bh", "holm": "holm"}.items():
        figures.count(f"tests_{name}", family.below(column))


def firm_name(symbol: str) -> str:
    """A firm's name for its symbol."""
    return str(instrument(symbol)["name"])


def _record_strengths(figures: Figures, study: HowSure) -> None:
    for claim_id, one in study.survival.items():
        figures.add(f"{claim_id}: strength", one.strength, one.strength)
        if one.specifications:
            figures.count(f"{claim_id}: specifications", one.specifications)
            figures.count(f"{claim_id}: agreeing", one.agreeing)
            figures.p_value(f"{claim_id}: joint p", one.joint_p)
    figures.count("claims", len(study.survival))
    for strength in STRENGTHS:
        count = sum(one.strength == strength for one in study.survival.values())
        figures.count(strength, count)


def _answer(figures: Figures, study: HowSure) -> str:
    words = pd.Series({key: one.strength for key, one in study.survival.items()})

    def named(strength: str) -> str:
        listed = ", ".join(
            f"{claim_label(str(claim_id))} ({study.verdicts[claim_id]})"
            for claim_id in words.index[words == strength]
        )
        return f": {listed}" if listed else ""

    return (
        f"Of {figures['claims']} verdicts {figures[HOLDS]} stay as they are under "
        f"every check that can be made{named(HOLDS)}; {figures[DOCUMENTS]} stay "
        f"because documents carry them, not prices{named(DOCUMENTS)}; "
        f"{figures[DEPENDS]} turn with a choice{named(DEPENDS)}; "
        f"{figures[NO_PRICES]} do not read prices around events at all. Of "
        f"{figures['tests']} p-values in the book {figures['tests_raw']} are below "
        f"{figures['size']}, {figures['tests_bh']} after Benjamini-Hochberg and "
        f"{figures['tests_holm']} after Holm."
    )
