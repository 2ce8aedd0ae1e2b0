"""The verdicts of the chapter on domestic alternatives, and their criteria."""

from __future__ import annotations

from collections.abc import Mapping

from helpers.evidence.accelerators import Accelerators
from helpers.evidence.domestic_alternatives import MAIN_WINDOW, DomesticAlternatives
from helpers.evidence.domestic_news import GROUPS, SETBACK
from helpers.evidence.ecosystem import FIRMS, GROWTH, Ecosystem
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
    "do. Supported: at least two verified releases made for Chinese chips, the "
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
    "Three legs, all of capital. Listings: at least two verified ones whose first "
    "close was above the offer. Revenue: the median of the domestic firms' latest "
    "verified growth over a year is at least 20 %. Prices: the basket of domestic chip "
    "shares earned more than the broad market and than the growth board since each of "
    "the two chip rules. The claim speaks of talent too, which nothing here measures, "
    "so partly supported is the most that can be said. Partly supported: two legs or "
    "three. Not supported: one. Contradicted: none."
)


def judged(
    figures: Figures,
    study: DomesticAlternatives,
    chips: Accelerators,
    ecosystem: Ecosystem,
) -> dict[str, Verdict]:
    """The verdict on each claim of the chapter, from numbers recorded before."""
    return {
        "deepseek-rival": _rival(figures, study),
        "deepseek-domestic": _domestic(figures, study),
        "huawei-roadmap": _roadmap(figures, study, chips),
        "restrictions-innovate": _innovate(figures, study),
        "ecosystem-investment": _investment(figures, ecosystem),
    }


def stem(name: str) -> str:
    """The name of a group or basket as part of a result's name."""
    return name.lower().replace(" ", "_").replace("'", "")


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
        (kind, window): study.monday.fell(benchmark, window)
        for kind, benchmark in (("market", market), ("sector", sector))
        for window in ((0, 0), MAIN_WINDOW)
    }
    word = rival_word(fell)
    on_day = fell["market", (0, 0)]
    sentence = (
        f"On {figures['monday_day']}, in New York, Nvidia changed by "
        f"{figures['monday_change']}, "
        f"abnormally by {figures['monday_market_day']} against the market (placebo p "
        f"{figures['monday_market_day_placebo_p']}) and {figures['monday_sector_day']} "
        f"against the sector (p {figures['monday_sector_day_placebo_p']}); with the "
        f"session after it, {figures['monday_market_two_days']} "
        f"(p {figures['monday_market_two_days_placebo_p']}) and "
        f"{figures['monday_sector_two_days']} "
        f"(p {figures['monday_sector_two_days_placebo_p']}). "
        + ("Investors took the news seriously that day; " if on_day else "")
        + "how good the model is prices do not say."
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
        f"{count} verified releases name Chinese chips as what they were made for. "
        f"Over [0, +1] mainland chip names moved by {figures[f'{names}_mean']} on "
        f"average (placebo p {figures[f'{names}_placebo_p']}, KP p "
        f"{figures[f'{names}_adjusted_bmp_p']}), "
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
    over, reaches = plan_reaches(chips)
    word = roadmap_word(gained, over, reaches)
    sentence = (
        f"The {figures['roadmap_parts']} planned parts start at "
        f"{figures['roadmap_first_of_china_part']} times the processing performance of "
        f"the {figures['nvidia_for_china_name']} and "
        f"{'lie' if over else 'do not all lie'} above it and the line of "
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
    words = ("contradicted", "not supported", "partly supported", "partly supported")
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
        f"{figures['investment_legs']} of 3 legs hold. All this is capital, and the "
        "names in the basket were chosen knowing how they had done; talent is not "
        "measured."
    )
    return Verdict(
        "ecosystem-investment",
        investment_word(sum(legs)),
        sentence,
        INVESTMENT_CRITERIA,
    )
