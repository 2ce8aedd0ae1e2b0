"""What the chapter on domestic alternatives comes to: numbers and verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from helpers.evidence.accelerators import Accelerators
from helpers.evidence.domestic_alternatives import (
    GROUPS,
    MAIN_WINDOW,
    MASKS,
    ROADMAP,
    SETBACK,
    SIZE,
    DomesticAlternatives,
)
from helpers.evidence.ecosystem import BROAD, FIRMS, GROWTH, GROWTH_BOARD, Ecosystem
from helpers.evidence.verdict import Verdict
from helpers.evidence.wording import Figures

ON_CHINESE_CHIPS, BY_HUAWEI = list(GROUPS)[:2]
CHINESE = ("mainland chip names", "mainland tool makers", "Hong Kong foundries")
# Releases whose makers name the hardware: the H800 made for China under the first
# rule, or chips from China.
NAMING_HARDWARE = (
    "deepseek-v3",
    "deepseek-v31-domestic-chip-remark",
    "deepseek-v32-exp",
    "deepseek-v4",
)
FEWEST_DOCUMENTS = 2

RIVAL_CRITERIA = (
    "How good a model is cannot be read from prices; whether investors took it for a "
    "rival can. Read from Nvidia on the Monday after R1, by exact t and by placebo "
    "dates, with and without other events in the estimation window, p below 0.05 in "
    "each. Supported: a fall against the market and against the sector, both on the "
    "day and over [0, +1]. Partly supported: against the market over both windows, or "
    "against both on the day. Not supported: against the market on the day only. "
    "Contradicted: not even that."
)
DOMESTIC_CRITERIA = (
    "A preference shows in what is released, a constraint in what is reported. A "
    "group of Chinese shares gains if its mean over the releases is positive with "
    "placebo p below 0.05 in every specification (two windows, two models, other "
    "events left out or not), two of the three tests KP, Corrado and placebo agree, "
    "and undisturbed events point the same way; the names gain if two of three groups "
    "do. Supported: at least two verified releases made to run on Chinese chips, the "
    "names gain, and no verified report to the contrary. Partly supported: the "
    "releases, and either the gain or no contrary report. Not supported: the releases "
    "alone. Contradicted: fewer releases, or a loss of two groups."
)
ROADMAP_CRITERIA = (
    "Supported: every part of the roadmap exceeds both the line at which the rule in "
    "force denies a chip and Nvidia's part for China, one of them reaches the lowest "
    "stated performance of Nvidia's best part then on sale, and two of three groups "
    "of Chinese suppliers gained (positive, p below 0.05 by exact t and placebo, over "
    "[0, +1] and [-1, +1], other events left out or not). Partly supported: the "
    "parts exceed the line and Nvidia's part for China, and at least one group "
    "gained. Not supported: one of the two. Contradicted: neither. Whether the plan "
    "was the first in detail since 2019 is not asked of the data."
)
INNOVATE_CRITERIA = (
    "A document can name the hardware that shaped a design; what would have been "
    "built without the controls is not observed, so partly supported is the most that "
    "can be said. Partly supported: at least two verified releases name hardware that "
    "the controls had left to their makers, a part cut down for China or Chinese "
    "chips. Not testable with these data: fewer."
)
INVESTMENT_CRITERIA = (
    "Three legs. Listings: at least two verified ones whose first close was above the "
    "offer. Revenue: the median of the domestic firms' latest verified growth over a "
    "year is at least 20 %. Prices: the basket of domestic chip shares earned more "
    "than the broad market and than the growth board since each of the two chip "
    "rules. Supported: all three. Partly supported: two. Not supported: one. "
    "Contradicted: none. The words are about capital: talent is not measured."
)


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
        verdicts={
            "deepseek-rival": _rival(figures, study),
            "deepseek-domestic": _domestic(figures, study),
            "huawei-roadmap": _roadmap(figures, study, chips),
            "restrictions-innovate": _innovate(figures, study),
            "ecosystem-investment": _investment(figures, ecosystem),
        },
    )


def stem(name: str) -> str:
    """The name of a group or basket as part of a result's name."""
    return name.lower().replace(" ", "_").replace("'", "")


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
    masked = next(iter(MASKS.values()))
    for benchmark, kind in kinds.items():
        for window, name in (((0, 0), "day"), (MAIN_WINDOW, "two_days")):
            rows = study.monday.loc[(benchmark, [window], masked), :]
            row = rows.iloc[0]
            figures.percent(f"monday_{kind}_{name}", row["car"], 1)
            figures.p_value(f"monday_{kind}_{name}_p", row["p_value"])
            figures.p_value(f"monday_{kind}_{name}_placebo_p", row["placebo_p"])
    day = study.by_event["Nvidia"].loc["deepseek-monday", "day0"]
    figures.percent("monday_change", study.share_returns.loc[day, study.choices.share])
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


def rival_word(fell: Mapping[tuple[str, tuple[int, int]], bool]) -> str:
    """The verdict from whether the share fell, by benchmark and window."""
    on_day = fell["market", (0, 0)]
    if all(fell.values()):
        return "supported"
    if on_day and (fell["market", MAIN_WINDOW] or fell["sector", (0, 0)]):
        return "partly supported"
    return "not supported" if on_day else "contradicted"


def _rival(figures: Figures, study: DomesticAlternatives) -> Verdict:
    market, sector = study.choices.market, study.choices.sector
    fell = {
        (kind, window): study.monday_fall(benchmark, window)
        for kind, benchmark in (("market", market), ("sector", sector))
        for window in ((0, 0), MAIN_WINDOW)
    }
    word = rival_word(fell)
    on_day = fell["market", (0, 0)]
    sentence = (
        f"On {figures['monday_day']} Nvidia changed by {figures['monday_change']}, "
        f"abnormally by {figures['monday_market_day']} against the market (placebo p "
        f"{figures['monday_market_day_placebo_p']}) and {figures['monday_sector_day']} "
        f"against the sector (p {figures['monday_sector_day_placebo_p']}); with the "
        f"session after it, {figures['monday_market_two_days']} "
        f"(p {figures['monday_market_two_days_placebo_p']}) and "
        f"{figures['monday_sector_two_days']} "
        f"(p {figures['monday_sector_two_days_placebo_p']}). "
        + ("Investors took the model for a rival that day; " if on_day else "")
        + "prices do not say how good it is."
    )
    return Verdict("deepseek-rival", word, sentence, RIVAL_CRITERIA)


def _verified(study: DomesticAlternatives, event_ids: tuple[str, ...]) -> list[str]:
    rows = study.ledger.loc[list(event_ids)]
    return list(rows.index[rows["verification"] == "verified"])


def releases_and_contrary(study: DomesticAlternatives) -> tuple[list[str], bool]:
    """Verified releases on Chinese chips, and whether a report says the contrary."""
    releases = [
        event
        for event in _verified(study, study.choices.groups[ON_CHINESE_CHIPS])
        if study.ledger.loc[event, "type"] == "model-release"
    ]
    return releases, bool(_verified(study, (SETBACK,)))


def domestic_word(signs: list[int], releases: int, contrary: bool) -> str:
    """The verdict from the sign of each group's reaction and the documents."""
    gain, loss = signs.count(1) >= 2, signs.count(-1) >= 2
    if releases < FEWEST_DOCUMENTS or loss:
        return "contradicted"
    if gain and not contrary:
        return "supported"
    return "partly supported" if gain or not contrary else "not supported"


def _domestic(figures: Figures, study: DomesticAlternatives) -> Verdict:
    releases, contrary = releases_and_contrary(study)
    signs = [study.robust_sign(ON_CHINESE_CHIPS, basket) for basket in CHINESE]
    word = domestic_word(signs, len(releases), contrary)
    names = f"{stem(ON_CHINESE_CHIPS)}_mainland_chip_names"
    count = figures.count("releases_on_chinese_chips", len(releases))
    sentence = (
        f"{count} verified releases were made to run on Chinese chips. Over [0, +1] "
        f"mainland chip names gained {figures[f'{names}_mean']} on average (placebo p "
        f"{figures[f'{names}_placebo_p']}, KP {figures[f'{names}_adjusted_bmp_p']}), "
        f"and {figures['groups_gaining_on_releases']} of {figures['chinese_groups']} "
        "groups gained under every specification. "
        + (
            "Against it stands a verified report that training failed on Ascend and "
            "went back to Nvidia; "
            if contrary
            else "No verified report says the contrary; "
        )
        + "over its two sessions the same names moved by "
        f"{figures['setback_mainland_chip_names']} "
        f"(p {figures['setback_mainland_chip_names_p']})."
    )
    return Verdict("deepseek-domestic", word, sentence, DOMESTIC_CRITERIA)


def plan_reaches(chips: Accelerators) -> tuple[bool, bool]:
    """Whether every planned part is over the line, and one reaches Nvidia's best."""
    parts = chips.roadmap["tpp"]
    floor = max(chips.licence_line, float(chips.nvidia_for_china["tpp"]))
    best = chips.nvidia_best["tpp_low"]
    return bool((parts > floor).all()), bool((parts >= best).any())


def roadmap_word(gained: list[bool], over: bool, reaches: bool) -> str:
    """The verdict from which groups gained and what the plan says."""
    if over and reaches and sum(gained) >= 2:
        return "supported"
    if over and any(gained):
        return "partly supported"
    return "not supported" if over or any(gained) else "contradicted"


def _roadmap(
    figures: Figures, study: DomesticAlternatives, chips: Accelerators
) -> Verdict:
    gained = [study.gains_on_roadmap[basket] for basket in CHINESE]
    word = roadmap_word(gained, *plan_reaches(chips))
    sentence = (
        f"The {figures['roadmap_parts']} planned parts start at "
        f"{figures['roadmap_first_of_china_part']} times the processing performance of "
        f"the {figures['nvidia_for_china_name']} and lie above the line of "
        f"{figures['licence_line']}; the last one, {figures['roadmap_last_name']}, is "
        f"to have {figures['roadmap_last_tpp']} against "
        f"{figures['nvidia_best_lowest_tpp']} to {figures['nvidia_best_tpp']} of the "
        f"{figures['nvidia_best_name']} sold when the roadmap was shown. On the day "
        f"{figures['groups_gaining_on_roadmap']} of {figures['chinese_groups']} groups "
        "of Chinese suppliers gained beyond doubt (tool makers "
        f"{figures['roadmap_mainland_tool_makers']}, foundries in Hong Kong "
        f"{figures['roadmap_hong_kong_foundries']}, chip names "
        f"{figures['roadmap_mainland_chip_names']}); the stop of Nvidia's RTX Pro "
        "6000D met the same session. The first card shown had "
        f"{figures['shown_of_promised']} of the performance promised."
    )
    return Verdict("huawei-roadmap", word, sentence, ROADMAP_CRITERIA)


def _innovate(figures: Figures, study: DomesticAlternatives) -> Verdict:
    found = _verified(study, NAMING_HARDWARE)
    count = figures.count("releases_naming_hardware", len(found))
    enough = len(found) >= FEWEST_DOCUMENTS
    word = "partly supported" if enough else "not testable with these data"
    sentence = (
        f"{count} verified releases name such hardware: the H800 for V3, and number "
        "formats or kernels for Chinese chips after it. The documents read give the "
        "hardware; that the controls were the reason, and that the methods would not "
        "have come without them, is the reader's inference."
    )
    return Verdict("restrictions-innovate", word, sentence, INNOVATE_CRITERIA)


def investment_word(legs: int) -> str:
    """The verdict from how many of the three legs stand."""
    words = ("contradicted", "not supported", "partly supported", "supported")
    return words[legs]


def _investment(figures: Figures, ecosystem: Ecosystem) -> Verdict:
    listed = ecosystem.listed
    opened = (listed["verification"] == "verified") & (listed["gain"] > 0)
    own = ecosystem.growth.loc[ecosystem.growth.index.isin(FIRMS), "growth"]
    table = ecosystem.market_value
    legs = [
        int(opened.sum()) >= FEWEST_DOCUMENTS,
        len(own) > 0 and float(own.median()) >= GROWTH,
        bool((table["basket"] > table["market"]).all()),
    ]
    figures.count("investment_legs", sum(legs))
    known = listed.loc[listed["gain"].notna(), "firm"]
    gains = " and ".join(
        f"{firm} {figures['first_day_' + stem(firm)]}" for firm in known
    )
    sentence = (
        f"Since {figures['since_rule_1_first']} the basket returned "
        f"{figures['since_rule_1_broad_basket']} against "
        f"{figures['since_rule_1_broad_market']} of the broad market and "
        f"{figures['since_rule_1_growth_board_market']} of the growth board, up to "
        f"{figures['since_rule_1_last']}; the median of {figures['growth_firms']} "
        f"firms' latest verified yearly growth is {figures['growth_median']} "
        f"(Nvidia: {figures['growth_nvidia']}). First closes over the offer: {gains}. "
        "All this is capital; talent is not measured."
    )
    return Verdict(
        "ecosystem-investment",
        investment_word(sum(legs)),
        sentence,
        INVESTMENT_CRITERIA,
    )
