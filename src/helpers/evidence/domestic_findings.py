"""What the chapter on domestic alternatives comes to: numbers and verdicts."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers.evidence.accelerators import Accelerators
from helpers.evidence.domestic_alternatives import (
    MAIN_WINDOW,
    SIZE,
    DomesticAlternatives,
)
from helpers.evidence.domestic_news import ROADMAP, SETBACK
from helpers.evidence.domestic_verdicts import CHINESE, ON_CHINESE_CHIPS, judged, stem
from helpers.evidence.ecosystem import BROAD, FIRMS, GROWTH_BOARD, Ecosystem
from helpers.evidence.verdict import Verdict
from helpers.evidence.wording import Figures


@dataclass(frozen=True)
class DomesticFindings:
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


def domestic_findings(
    study: DomesticAlternatives, chips: Accelerators, ecosystem: Ecosystem
) -> DomesticFindings:
    """Put the chapter's studies into numbers, sentences and verdicts."""
    figures = Figures()
    _record_reactions(figures, study)
    _record_monday(figures, study)
    _record_chips(figures, chips)
    _record_ecosystem(figures, ecosystem)
    return DomesticFindings(
        figures=figures,
        answer=_answer(figures, study),
        verdicts=judged(figures, study, chips, ecosystem),
    )


def _record_reactions(figures: Figures, study: DomesticAlternatives) -> None:
    for (group, basket), row in study.tests.iterrows():
        name = f"{stem(group)}_{stem(basket)}"
        rows = study.specified(group, basket)
        figures.percent(f"{name}_mean", row["car"], 1)
        figures.share(f"{name}_detectable", row["detectable"])
        figures.count(f"{name}_events", int(row["n_events"]))
        for test in ("adjusted_bmp", "corrado", "placebo", "holm", "bh"):
            figures.p_value(f"{name}_{test}_p", row[test])
        figures.percent(f"{name}_least", rows["car"].min(), 1)
        figures.percent(f"{name}_most", rows["car"].max(), 1)
        figures.p_value(f"{name}_largest_p", rows["placebo_p"].max())
        figures.count(f"{name}_specifications", len(rows))
    gained = [
        basket for basket in CHINESE if study.robust_sign(ON_CHINESE_CHIPS, basket) > 0
    ]
    figures.count("chinese_groups", len(CHINESE))
    figures.count("groups_gaining_on_releases", len(gained))
    for basket in study.baskets:
        for event, short in ((SETBACK, "setback"), (ROADMAP, "roadmap")):
            row = study.at_event(basket, event)
            if row is not None:
                figures.percent(f"{short}_{stem(basket)}", row["car"], 1)
                figures.p_value(f"{short}_{stem(basket)}_p", row["p_value"])
    figures.count(
        "groups_gaining_on_roadmap",
        sum(study.gains_on_roadmap[basket] for basket in CHINESE),
    )
    figures.count("tests_in_table", len(study.tests))
    figures.count("holm_significant", int((study.tests["holm"] < SIZE).sum()))


def _record_monday(figures: Figures, study: DomesticAlternatives) -> None:
    kinds = {study.choices.market: "market", study.choices.sector: "sector"}
    for benchmark, kind in kinds.items():
        for window, name in (((0, 0), "day"), (MAIN_WINDOW, "two_days")):
            rows = study.monday.table.loc[(benchmark, [window], True), :]
            row = rows.iloc[0]
            figures.percent(f"monday_{kind}_{name}", row["car"], 1)
            figures.p_value(f"monday_{kind}_{name}_p", row["p_value"])
            figures.p_value(f"monday_{kind}_{name}_placebo_p", row["placebo_p"])
    day = study.by_event["Nvidia"].loc["deepseek-monday", "day0"]
    figures.percent("monday_change", study.monday.returns.loc[day, study.choices.share])
    figures.day("monday_day", day)


def _record_chips(figures: Figures, chips: Accelerators) -> None:
    best, china, huawei = chips.nvidia_best, chips.nvidia_for_china, chips.huawei_best
    roadmap = chips.roadmap
    last = roadmap.loc[roadmap["date"].idxmax()]
    _performance(figures, "licence_line", chips.licence_line)
    for name, row in (
        ("nvidia_best", best),
        ("nvidia_for_china", china),
        ("huawei_best", huawei),
        ("roadmap_last", last),
    ):
        figures.add(f"{name}_name", str(row["name"]), str(row["name"]))
        _performance(figures, f"{name}_tpp", row["tpp"])
    _performance(figures, "nvidia_best_lowest_tpp", best["tpp_low"])
    figures.share("roadmap_last_of_nvidia_best", last["tpp"] / best["tpp"], 0)
    figures.share(
        "roadmap_last_of_nvidia_best_lowest", last["tpp"] / best["tpp_low"], 0
    )
    figures.share("huawei_best_of_nvidia_best", huawei["tpp"] / best["tpp"], 0)
    times = roadmap["tpp"].min() / china["tpp"]
    figures.number("roadmap_first_of_china_part", times, 1)
    figures.count("roadmap_parts", len(roadmap))
    points = chips.points
    chinese = points[~points["maker"].isin(["Nvidia", "AMD"])]
    figures.count("chinese_points", len(chinese))
    figures.count("huawei_points", int((chinese["maker"] == "Huawei").sum()))
    figures.count("chinese_undisclosed", len(chips.undisclosed))
    shown, promised = (
        points.loc[name, "tpp"] for name in ("huawei-atlas-350", "huawei-ascend-950pr")
    )
    figures.share("shown_of_promised", shown / promised, 0)


def _performance(figures: Figures, name: str, value: float) -> None:
    """Record a processing performance, in TOPS times bits."""
    figures.add(name, float(value), f"{value:,.0f}")


def _record_ecosystem(figures: Figures, ecosystem: Ecosystem) -> None:
    for firm, row in ecosystem.growth.iterrows():
        figures.percent(f"growth_{stem(firm)}", row["growth"], 0)
        figures.day(f"growth_{stem(firm)}_end", row["period_end"])
    own = ecosystem.growth.loc[ecosystem.growth.index.isin(FIRMS), "growth"]
    figures.percent("growth_median", float(own.median()), 0)
    figures.count("growth_firms", len(own))
    for _, row in ecosystem.listed.iterrows():
        if pd.notna(row["gain"]):
            figures.percent(f"first_day_{stem(row['firm'])}", row["gain"], 0)
    figures.count("listings", len(ecosystem.listed))
    table = ecosystem.market_value
    kinds = {BROAD: "broad", GROWTH_BOARD: "growth_board"}
    for number, event in enumerate(table.index.unique("start"), 1):
        for benchmark, kind in kinds.items():
            row = table.loc[(event, benchmark)]
            name = f"since_rule_{number}_{kind}"
            figures.percent(f"{name}_basket", row["basket"], 0)
            figures.percent(f"{name}_market", row["market"], 0)
            figures.p_value(f"{name}_p", row["p_value"])
        figures.day(f"since_rule_{number}_first", row["first"])
        figures.day(f"since_rule_{number}_last", row["last"])


def _answer(figures: Figures, study: DomesticAlternatives) -> str:
    tools = f"{stem(ON_CHINESE_CHIPS)}_hong_kong_foundries"
    nvidia = f"{stem(ON_CHINESE_CHIPS)}_nvidia"
    return (
        "When DeepSeek spoke of Chinese chips, "
        f"{figures['groups_gaining_on_releases']} of {figures['chinese_groups']} "
        "groups of Chinese shares gained beyond chance under every specification "
        f"(Hong Kong foundries {figures[f'{tools}_mean']} over two sessions, placebo p "
        f"{figures[f'{tools}_placebo_p']}), while Nvidia's mean was "
        f"{figures[f'{nvidia}_mean']} (p {figures[f'{nvidia}_placebo_p']}); the chips "
        "themselves are another matter: the last part on Huawei's roadmap is to have "
        f"{figures['roadmap_last_of_nvidia_best']} of the processing performance of "
        "the part that Nvidia already sold when the roadmap was shown."
    )
