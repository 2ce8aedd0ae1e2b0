"""What the chapter on later events comes to: numbers, the answer, verdicts."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers.evidence.domestic_alternatives import SIZE, DomesticAlternatives
from helpers.evidence.domestic_news import SETBACK
from helpers.evidence.forward_criteria import (
    MANUFACTURING,
    PUBLISHED,
    QUICKLY,
    UNSCORED,
)
from helpers.evidence.verdict import Verdict
from helpers.evidence.what_next import OUTCOMES, TOOL_NEWS, WhatNext
from helpers.evidence.wording import Figures, number
from helpers.inference.multiple import adjusted

BOTTLENECK = "equipment-software-bottleneck"
CHINESE = ("mainland tool makers", "Hong Kong foundries")
FEWEST = 3
# A mean reaction inside these bounds would be no reaction worth the name.
NEGLIGIBLE = 0.01
LEVEL = 0.90

FORWARD_CRITERIA = (
    "Read from the scoreboard, whose thresholds use nothing from after publication. "
    "Supported: at least two thirds of the scored criteria are met and none is turned "
    "around, whichever one criterion is left out and also if every ratio had to go a "
    "tenth further, and no part of the claim is without a criterion. Partly "
    "supported: at least a third are met, and more than are turned around. "
    "Contradicted: more are turned around than met. Not supported: anything else. Not "
    "testable with these data: fewer than three can be scored."
)
BOTTLENECK_CRITERIA = (
    "If tools and software decide, news on them should move those who make or need "
    "them. A group reacts if its mean is significant by placebo dates in every "
    "specification and by two of KP, Corrado and placebo in the main one. Supported: "
    "tool makers and foundries of China react, and a verified report tells of work "
    "that failed for want of tools or software. Partly supported: one group reacts, "
    "or the report stands beside a single event that survives Holm's correction. "
    "Not supported: the report alone, or neither. Contradicted: no report, and the "
    "90 % interval of both means lies within one per cent of zero."
)


@dataclass(frozen=True)
class WhatNextFindings:
    """The chapter's numbers and sentences.

    Attributes
    ----------
    figures : Figures
    answer : str
        The chapter's question answered in one sentence.
    verdicts : dict of claim_id to Verdict
    """

    figures: Figures
    answer: str
    verdicts: dict[str, Verdict]


def what_next_findings(
    later: WhatNext, tools: DomesticAlternatives
) -> WhatNextFindings:
    """Put the readings and the tool study into numbers, sentences and verdicts."""
    figures = Figures()
    _record(figures, later, tools)
    return WhatNextFindings(
        figures=figures,
        answer=_answer(figures),
        verdicts={
            MANUFACTURING: _forward(figures, later, MANUFACTURING),
            BOTTLENECK: _bottleneck(figures, tools),
            QUICKLY: _forward(figures, later, QUICKLY),
        },
    )


def reading_text(row: pd.Series, value: float) -> str:
    """A reading or threshold in the measure of its criterion."""
    if pd.isna(value):
        return "none"
    if row["measure"] == "ratio":
        return f"{number(value, 2)} ×"
    if row["measure"] == "difference":
        return f"{number(100 * value, 1, signed=True)} points"
    if row["measure"] == "count":
        return str(int(value))
    return f"t = {number(value, 2, signed=True)}"


def _record(figures: Figures, later: WhatNext, tools: DomesticAlternatives) -> None:
    board = later.scoreboard
    figures.day("published", PUBLISHED)
    for name, row in board.iterrows():
        short = str(name).replace("-", "_")
        figures.add(
            short,
            None if pd.isna(row["reading"]) else float(row["reading"]),
            reading_text(row, row["reading"]),
        )
        figures.add(f"{short}_outcome", row["outcome"], row["outcome"])
        if row["measure"] == "t statistic":
            figures.percent(f"{short}_excess", row["baseline"], 0)
    for claim_id in (MANUFACTURING, QUICKLY):
        own = board[board["claim_id"] == claim_id]
        for outcome in OUTCOMES:
            count = int((own["outcome"] == outcome).sum())
            figures.count(f"{claim_id}_{outcome}".replace(" ", "_"), count)
        figures.count(f"{claim_id}_criteria", len(own))
        figures.count(f"{claim_id}_harder", int((own["harder"] == "met").sum()))
        figures.count(
            f"{claim_id}_unscored", sum(each.claim_id == claim_id for each in UNSCORED)
        )
    for short in ("stronger-part", "roadmap-kept"):
        name = f"{short.replace('-', '_')}_share"
        figures.share(name, board.loc[short, "reading"], 0)
    for short in ("smic-revenue", "cambricon-doubles"):
        name = f"{short.replace('-', '_')}_growth"
        figures.percent(name, board.loc[short, "reading"] - 1, 0)
    figures.count("criteria", len(board))
    figures.count("met", int((board["outcome"] == "met").sum()))
    figures.count("turned_around", int((board["outcome"] == "turned around").sum()))
    figures.count("in_between", int((board["outcome"] == "in between").sum()))
    figures.count("unscored", len(UNSCORED))
    for basket in tools.baskets:
        row = tools.tests.loc[(TOOL_NEWS, basket)]
        short = basket.lower().replace(" ", "_")
        figures.percent(f"tools_{short}", row["car"], 1)
        figures.p_value(f"tools_{short}_p", row["placebo"])
        figures.share(f"tools_{short}_detectable", row["detectable"])


def forward_word(outcomes: pd.Series) -> str:
    """The verdict on a list of outcomes, without leaving any out."""
    scored = outcomes[outcomes != "no reading"]
    met = int((scored == "met").sum())
    turned = int((scored == "turned around").sum())
    if len(scored) < FEWEST:
        return "not testable with these data"
    if 3 * met >= 2 * len(scored) and not turned:
        return "supported"
    if turned > met:
        return "contradicted"
    if 3 * met >= len(scored) and met > turned:
        return "partly supported"
    return "not supported"


def robust_word(outcomes: pd.Series, harder: pd.Series) -> str:
    """The verdict; "supported" only if nothing hangs on one row or threshold.

    Parameters
    ----------
    outcomes, harder : Series of str
        Outcomes by criterion, as fixed and with ratios a tenth harder.
    """
    word = forward_word(outcomes)
    if word == "supported":
        without = {forward_word(outcomes.drop(name)) for name in outcomes.index}
        if without | {forward_word(harder)} != {"supported"}:
            return "partly supported"
    return word


def _forward(figures: Figures, later: WhatNext, claim_id: str) -> Verdict:
    board = later.scoreboard
    own = board[board["claim_id"] == claim_id]

    def listed(outcome: str) -> str:
        rows = own[own["outcome"] == outcome]
        return "; ".join(
            f"{row['label']} ({reading_text(row, row['reading'])})"
            for _, row in rows.iterrows()
        )

    stem = f"{claim_id}_"
    parts = [
        f"{figures[f'{stem}met']} of {figures[f'{stem}criteria']} criteria are met: "
        f"{listed('met') or 'none'}."
    ]
    for outcome in OUTCOMES[1:]:
        count = figures[f"{stem}{outcome.replace(' ', '_')}"]
        if count != "0":
            parts.append(f"{outcome.capitalize()}: {listed(outcome)}.")
    parts.append(
        f"If every ratio had to go a tenth further, {figures[f'{stem}harder']} would "
        f"be met. {figures[f'{stem}unscored']} expectations that belong here cannot "
        "be scored."
    )
    missing = [e.what for e in UNSCORED if e.claim_id == claim_id and e.whole_part]
    if missing:
        parts.append(f"No criterion stands for this part: {', '.join(missing)}.")
    word = robust_word(own["outcome"], own["harder"])
    if missing and word == "supported":
        word = "partly supported"
    return Verdict(claim_id, word, " ".join(parts), FORWARD_CRITERIA)


def bottleneck_word(
    reacts: list[bool], report: bool, single: bool, silent: bool
) -> str:
    """The verdict on tools and software as the bottleneck.

    Parameters
    ----------
    reacts : list of bool
        Whether each Chinese group's mean reaction is beyond chance.
    report : bool
        Whether a verified report tells of work that failed.
    single : bool
        Whether the reaction to a single event survives Holm's correction.
    silent : bool
        No such report, and both means certain to be negligible.
    """
    if all(reacts) and report:
        return "supported"
    if any(reacts) or (report and single):
        return "partly supported"
    return "contradicted" if silent else "not supported"


def _bottleneck(figures: Figures, tools: DomesticAlternatives) -> Verdict:
    reacts = [tools.robust_sign(TOOL_NEWS, basket) != 0 for basket in CHINESE]
    report = tools.ledger.loc[SETBACK, "verification"] == "verified"
    single = single_events(tools)
    silent = not report and negligible(tools)
    word = bottleneck_word(reacts, report, bool(single), silent)
    group = " and ".join(
        f"{basket} {figures[f'tools_{short}']} "
        f"(placebo p {figures[f'tools_{short}_p']}; "
        f"{figures[f'tools_{short}_detectable']} would be found four times in five)"
        for basket in CHINESE
        for short in [basket.lower().replace(" ", "_")]
    )
    sentence = (
        f"Over [0, +1] from the news on tools and software the means are: {group}; "
        f"{len(single) or 'no'} single event survives Holm's correction. "
        + (
            "A verified report tells of training that failed on Ascend; it speaks for "
            "software as a bottleneck, but it is one report."
            if report
            else "No verified report tells of work that failed."
        )
    )
    return Verdict(BOTTLENECK, word, sentence, BOTTLENECK_CRITERIA)


def single_events(tools: DomesticAlternatives) -> list[str]:
    """Verified events at which a Chinese group reacted, after Holm's correction."""
    table = pd.concat({name: tools.by_event[name] for name in CHINESE})
    table = table[table["verification"] == "verified"]
    if table.empty:
        return []
    kept = adjusted(table["p_value"])["holm"] <= SIZE
    return sorted({event for _, event in table.index[kept]})


def negligible(tools: DomesticAlternatives) -> bool:
    """Whether both means are certain to lie within the negligible bounds."""
    for basket in CHINESE:
        mean = tools.study(basket, tools.choices.groups[TOOL_NEWS]).caar(
            0, 1, level=LEVEL
        )
        low, high = mean["ci_low"], mean["ci_high"]
        if not max(-low, high) < NEGLIGIBLE:
            return False
    return True


def _answer(figures: Figures) -> str:
    return (
        f"Of {figures['criteria']} criteria that could have been written at "
        f"publication, later data meet {figures['met']}, leave "
        f"{figures['in_between']} in between and turn {figures['turned_around']} "
        f"around; {figures['unscored']} more expectations cannot be scored. Revenue "
        f"changed by {figures['smic_revenue_growth']} at SMIC and by "
        f"{figures['cambricon_doubles_growth']} at Cambricon in a year, while the "
        "strongest new Chinese part with a verified figure had "
        f"{figures['stronger_part_share']} of the performance of the strongest one "
        "before it."
    )
