"""The tables and lines of text of the survey."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.data.ledger import load_claims
from helpers.evidence.claims import chapter_name
from helpers.evidence.how_sure import BEYOND, JOINT, HowSure, Survival
from helpers.evidence.how_sure_findings import (
    HowSureFindings,
    firm_name,
    legs_in_order,
)
from helpers.evidence.how_sure_size import HEADLINE, LABELS, band
from helpers.evidence.how_sure_words import claim_label
from helpers.evidence.wording import capitalised, p_cell, percent, window_text
from helpers.presentation.how_sure_labels import leg_label

Plate = dict[str, Any]


def data_line(findings: HowSureFindings) -> str:
    """What the survey rests on, in one line."""
    figures = findings.figures
    return (
        f"*{figures['studies']} studies of prices behind {figures['event_claims']} of "
        f"{figures['claims']} claims; {figures['specifications']} specifications; "
        f"{figures['tests']} recorded p-values. No verdict is changed here: each is "
        "asked again.*"
    )


def curves_table(study: HowSure) -> Plate:
    """Every study with its curve and the joint tests."""
    rows = {}
    for claim_id, curves in study.curves.items():
        corrected = study.joint_p_values(claim_id)
        for name, curve in curves.items():
            main = study.checks[claim_id][name].main
            joint = curve.joint
            rows[claim_label(claim_id), leg_label(name)] = {
                "dates": main.dates,
                "main": percent(main.estimate, 1),
                "p": p_cell(main.p_value),
                "specifications": len(curve.table),
                "placebo studies": curve.placebos,
                "median": percent(joint.at[JOINT, "observed"], 1),
                "p of median": p_cell(joint.at[JOINT, "p_value"]),
                "after Holm": p_cell(corrected[name]),
                "significant": percent(
                    joint.at["share_significant", "observed"], 0, signed=False
                ),
                "p of share": p_cell(joint.at["share_significant", "p_value"]),
                "p of mean t": p_cell(joint.at["mean_t", "p_value"]),
            }
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index = pd.MultiIndex.from_tuples(rows, names=["claim", "study"])
    return {
        "df": table,
        "caption": (
            "Every study behind a verdict: its own (signed) mean and test, then the "
            "curve of all its specifications. The joint p-values look in the direction "
            "that the claim expects, or in both where it names none, and hold the "
            "curve against the same specifications on placebo dates; Holm's correction "
            "is over the studies of one claim. Significant: share of specifications "
            "with p below 0.05 in that direction."
        ),
    }


def survivors(study: HowSure) -> Plate:
    """The tests that Benjamini-Hochberg leaves below 5 %."""
    rows = study.family.surviving("bh")
    table = pd.DataFrame(
        {
            "chapter": rows["chapter"].map(chapter_name),
            "test": [capitalised(words) for words in rows["words"]],
            "p": rows["p_value"].map(p_cell),
            "Benjamini-Hochberg": rows["bh"].map(p_cell),
            "Holm": rows["holm"].map(p_cell),
        }
    ).set_index("test")
    return {
        "df": table,
        "caption": (
            "What stays below 0.05 after Benjamini-Hochberg over all recorded tests of "
            "the book. Several tests of one question count each by itself."
        ),
    }


def by_chapter(study: HowSure) -> Plate:
    """How many tests each chapter records, and how many remain."""
    table = study.family.by_chapter().rename(
        columns={
            "p_value": "below 0.05",
            "bh": "after Benjamini-Hochberg",
            "holm": "after Holm",
        }
    )
    table.index = table.index.map(chapter_name)
    return {"df": table, "caption": "Recorded tests by chapter, corrected together."}


def unverified(study: HowSure) -> Plate:
    """What the events that are not verified change."""
    rows = {}
    for (claim_id, name), found in legs_in_order(study).items():
        if found.unverified:
            rows[claim_label(claim_id), leg_label(name)] = {
                "not verified": found.unverified,
                "verified only": percent(found.verified.estimate, 1),
                "p": p_cell(found.verified.p_value),
                "with all": percent(found.wider.estimate, 1),
                "p with all": p_cell(found.wider.p_value),
                "reading": "the same"
                if found.verified.reading == found.wider.reading
                else "changes",
            }
    table = pd.DataFrame.from_dict(rows, orient="index")
    if rows:
        table.index = pd.MultiIndex.from_tuples(rows, names=["claim", "study"])
    return {
        "df": table,
        "caption": (
            "Studies for which the ledger holds events that are not verified. The "
            "chapters leave them out; here they are let in. Means are signed as in the "
            "chapter, p is KP's."
        ),
    }


def verdicts(study: HowSure) -> Plate:
    """One row a claim: what became of its verdict."""
    claims = load_claims()["claim"]
    rows = {claims[claim_id]: _row(study, one) for claim_id, one in _items(study)}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("claim")
    return {
        "df": table,
        "caption": (
            "Specifications: under how many of them the verdict's word stays, and what "
            "else it becomes. Joint p: smallest of the claim's studies, after Holm. "
            "One event, one firm: what turns the word that one test gives when it is "
            "left out. Correction: Benjamini-Hochberg over the book's tests. A dash: "
            "nothing to ask."
        ),
    }


def _items(study: HowSure) -> list[tuple[str, Survival]]:
    return list(study.survival.items())


def _row(study: HowSure, one: Survival) -> dict[str, str]:
    dash = "–"
    row = {
        "verdict": one.verdict,
        "how sure": one.strength,
        "one test alone": one.one_test or dash,
    }
    if not one.specifications:
        return row | {
            "specifications": one.note or dash,
            **dict.fromkeys(
                ("joint p", "one event", "one firm", "correction", "unverified"), dash
            ),
        }
    others = "".join(f"; {n} {word}" for word, n in (one.turned_to or {}).items())
    return row | {
        "specifications": f"{one.agreeing} of {one.specifications}{others}",
        "joint p": p_cell(one.joint_p),
        "one event": _left_out(
            [str(study.titles[event]) for event in one.turning(one.events)],
            bool(one.events),
            "rests on one date",
        ),
        "one firm": _left_out(
            [firm_name(symbol) for symbol in one.turning(one.firms)],
            bool(one.firms),
            dash,
        ),
        "correction": one.corrected,
        "unverified": _unverified(study, one),
    }


def _unverified(study: HowSure, one: Survival) -> str:
    if not any(found.unverified for found in study.checks[one.claim_id].values()):
        return "none"
    same = {one.verified, one.wider} == {one.one_test}
    return "no change" if same else "turn it"


def _left_out(names: list[str], any_left: bool, nothing: str) -> str:
    if not any_left:
        return nothing
    return "no change" if not names else f"turns without: {'; '.join(names)}"


def turned_line(study: HowSure) -> str:
    """Whether any choice turns a verdict that says no."""
    parts = []
    for claim_id, one in _items(study):
        if one.verdict in ("not supported", "contradicted") and one.specifications:
            others = ", ".join(
                f"{n} make it {word}" for word, n in (one.turned_to or {}).items()
            )
            parts.append(
                f"{claim_label(claim_id)} ({one.verdict}): "
                + (others or "none does")
                + f" of {one.specifications}"
            )
    return (
        "Would any defensible specification turn a verdict that says no? "
        + capitalised("; ".join(parts))
        + "."
    )


def why_line(study: HowSure) -> str:
    """Which checks turn each verdict that depends on choices."""
    parts = [
        f"- **{capitalised(claim_label(claim_id))}** ({one.verdict}): "
        f"{', '.join(one.turned_by)}."
        for claim_id, one in _items(study)
        if one.turned_by
    ]
    return "What turns the verdicts that depend on choices:\n\n" + "\n".join(parts)


def joint_line(findings: HowSureFindings) -> str:
    """The joint tests of the first claim, by both nulls."""
    figures = findings.figures
    names = {
        "median_estimate": "the median estimate",
        "share_significant": "the share of significant losses",
        "mean_t": "the mean t",
    }
    parts = ", ".join(
        f"{words} p {figures[f'august_{name}_p']} "
        f"(p {figures[f'august_blocks_{name}_p']})"
        for name, words in names.items()
    )
    return (
        f"Against {figures['august_placebo_dates']} placebo dates, and in brackets "
        f"against {figures['august_blocks']} histories resampled in blocks of "
        f"sessions: {parts}. The median estimate is {figures['august_median']}."
    )


def beyond_line(study: HowSure) -> str:
    """The claims that no curve reaches, with the reason."""
    parts = [
        f"{claim_label(claim_id)}: {study.survival[claim_id].note}"
        for claim_id in BEYOND
    ]
    return (
        "Beyond the reach of these curves are price claims that do not rest on returns "
        f"around events. {capitalised('; '.join(parts))}."
    )


def sizes_line(study: HowSure) -> str:
    """Which rates of the tests that verdicts rest on lie outside the band."""
    outside = []
    for size in study.sizes:
        low, high = band(size.studies)
        for test in [name for name in size.rates.index if name in HEADLINE]:
            outside += [
                f"{LABELS[test]} over {window_text(*window)} for {size.world.name} "
                f"({percent(rate, 1, signed=False)})"
                for window, rate in size.rates.loc[test].items()
                if not low <= rate <= high
            ]
    if not outside:
        return "Every rate of the tests that verdicts rest on lies in the band."
    return (
        "Of the tests that verdicts rest on, these rates lie outside the band: "
        f"{'; '.join(outside)}."
    )
