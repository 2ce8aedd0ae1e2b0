"""What the studies of Beijing's policy come to: numbers, answer, verdicts."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers.evidence.beijing import KINDS, MAIN, SIZE, Beijing
from helpers.evidence.verdict import Verdict
from helpers.evidence.wording import Figures
from helpers.inference.multiple import adjusted
from helpers.inference.power import detectable_effect

GUIDANCE_CRITERIA = (
    "Documents: at least three verified reports that Beijing steered buyers away from "
    "Nvidia, among those that the list of claims names. Prices have two halves, "
    "Nvidia's loss and the gain of mainland chip names on those reports: the mean "
    "abnormal return over [0, +1] with the p-values of KP, Corrado and placebo dates "
    "each below 0.05 after Holm's correction for the two halves, and the same sign "
    "under both windows, both models, masked and unmasked, with and without events "
    "that other news disturbs. Supported: the documents and both halves. Partly "
    "supported: the documents, without both halves. Contradicted: both means have the "
    "opposite sign, one of them as clearly. Not supported: fewer reports."
)
FUNDING_CRITERIA = (
    "Documents: at least one fund whose size is verified. Prices: at the verified "
    "announcements a group of Chinese names gained over [0, +1], with exact and "
    "placebo p-values below 0.05 after Holm's correction for the groups, masked and "
    "unmasked, and gained over [-1, +1] too. Supported: both. Partly supported: the "
    "documents only. Contradicted: a group lost as clearly and none gained. Not "
    "supported: no verified size."
)
FEWEST_REPORTS = 3
KEYS = {
    "Nvidia": "nvidia",
    "mainland chip names": "chips",
    "mainland tool makers": "cn_tools",
    "Hong Kong foundries": "foundries",
}


@dataclass(frozen=True)
class BeijingFindings:
    """The chapter's numbers and sentences.

    Attributes
    ----------
    figures : Figures
        Every number that the sentences state.
    answer : str
        The chapter's question answered in one sentence.
    verdicts : dict of claim_id to Verdict
    """

    figures: Figures
    answer: str
    verdicts: dict[str, Verdict]


def beijing_findings(study: Beijing) -> BeijingFindings:
    """Put the studies of Beijing's policy into numbers, sentences and verdicts."""
    figures = Figures()
    _record_prices(figures, study)
    _record_funding(figures, study)
    _record_revenue(figures, study)
    verdicts = [_guidance(figures, study), _funding(figures, study)]
    return BeijingFindings(
        figures=figures,
        answer=_answer(figures, study),
        verdicts={verdict.claim_id: verdict for verdict in verdicts},
    )


def _record_prices(figures: Figures, study: Beijing) -> None:
    figures.share("size", SIZE, 0)
    figures.count("measures", len(study.measures))
    checked = study.measures["verification"] == "verified"
    figures.count("measures_verified", int(checked.sum()))
    figures.count("reports", len(study.guidance))
    for basket in study.baskets:
        key = KEYS[basket]
        row = study.averages.loc[(basket, *MAIN)]
        figures.percent(key, row["car"], 1)
        figures.percent(f"{key}_low", row["ci_low"], 1)
        figures.percent(f"{key}_high", row["ci_high"], 1)
        figures.count(f"{key}_n", int(row["n_events"]))
        figures.p_value(f"{key}_p", row["adjusted_bmp"])
        figures.p_value(f"{key}_corrado_p", row["corrado"])
        figures.p_value(f"{key}_placebo_p", row["placebo"])
        figures.share(f"{key}_detectable", detectable_effect(row["se"], row["df"]))
        events = study.by_event(basket)
        figures.count(f"{key}_events", len(events))
        figures.count(f"{key}_events_clear", int((events["p_value"] < SIZE).sum()))
        for kind in KINDS:
            if (basket, kind) in study.kinds.index:
                mean = study.kinds.at[(basket, kind), "car"]
                figures.percent(f"{key}_{kind}", mean, 1)
    table = study.averages
    figures.count("averages", len(table))
    figures.count("averages_significant", int((table["adjusted_bmp"] < SIZE).sum()))
    figures.count("averages_holm", int((table["holm"] < SIZE).sum()))
    rows = study.specifications
    clear = (rows["ci_low"] > 0) | (rows["ci_high"] < 0)
    figures.count("specifications", len(rows))
    figures.count("specifications_clear", int(clear.sum()))
    for basket in (study.choices.nvidia, study.choices.china[0]):
        cars = rows.loc[rows["basket"] == basket, "car"]
        figures.count(f"{KEYS[basket]}_specifications", len(cars))
        figures.percent(f"{KEYS[basket]}_specifications_least", cars.min(), 1)
        figures.percent(f"{KEYS[basket]}_specifications_most", cars.max(), 1)


def _record_funding(figures: Figures, study: Beijing) -> None:
    for basket in study.choices.china:
        row = study.fund.loc[(basket, True, *MAIN)]
        key = f"fund_{KEYS[basket]}"
        figures.percent(key, row["car"], 1)
        figures.percent(f"{key}_low", row["ci_low"], 1)
        figures.percent(f"{key}_high", row["ci_high"], 1)
        figures.p_value(f"{key}_p", row["p_value"])
        figures.p_value(f"{key}_placebo_p", row["placebo"])
    checked = study.funds[study.funds["verification"] == "verified"]
    figures.count("funds", len(checked))
    if len(checked):
        largest = checked["value"].idxmax()
        figures.add("largest_fund", largest, str(largest))
        figures.number("largest_fund_size", checked["value"].max() / 1000, 0)


def _record_revenue(figures: Figures, study: Beijing) -> None:
    for basis, table in study.china_years.items():
        checked = table[table["verification"] == "verified"]
        for place, at in {"first": 0, "last": -1}.items():
            row = checked.iloc[at]
            stem = f"{basis}_{place}"
            figures.share(f"{stem}_share", row["china_share"], 0)
            figures.number(f"{stem}_revenue", row["china_usd_m"] / 1000, 1)
            figures.add(f"{stem}_year", row["fiscal"], str(row["fiscal"]))
    for name, table in study.suppliers.items():
        checked = table[table["growth_verified"] & table["growth"].notna()]
        if len(checked):
            key = name.lower().replace(" ", "_")
            figures.percent(f"growth_{key}", checked["growth"].iloc[-1], 0)
            figures.day(f"growth_{key}_to", checked.index[-1])


def half_holds(study: Beijing, basket: str, sign: int) -> bool:
    """Whether the guidance mean has that sign clearly and in every specification."""
    halves = [study.choices.nvidia, study.choices.china[0]]
    rows = study.averages.loc[[(name, *MAIN) for name in halves]]
    at = halves.index(basket)
    for test in ("adjusted_bmp", "corrado", "placebo"):
        if not adjusted(rows[test])["holm"].iloc[at] < SIZE:
            return False
    cars = study.specifications.loc[study.specifications["basket"] == basket, "car"]
    return bool((sign * cars > 0).all())


def guidance_word(reports: int, lost: bool, gained: bool, against: bool) -> str:
    """The verdict on Beijing's guidance.

    Parameters
    ----------
    reports : int
        Verified reports.
    lost, gained : bool
        Whether Nvidia lost and Chinese names gained beyond chance.
    against : bool
        Whether both went the other way, one of them beyond chance.
    """
    if reports < FEWEST_REPORTS:
        return "not supported"
    if lost and gained:
        return "supported"
    return "contradicted" if against else "partly supported"


def _guidance(figures: Figures, study: Beijing) -> Verdict:
    nvidia, chips = study.choices.nvidia, study.choices.china[0]
    lost, gained = half_holds(study, nvidia, -1), half_holds(study, chips, 1)
    main = study.averages.xs(MAIN, level=("first", "last"))["car"]
    turned = main[nvidia] > 0 and main[chips] < 0
    against = turned and (half_holds(study, nvidia, 1) or half_holds(study, chips, -1))
    word = guidance_word(len(study.guidance), lost, gained, against)
    sentence = (
        f"{figures['reports']} verified reports say so; none is a published order. On "
        f"them mainland chip names moved by {figures['chips']} against their market "
        f"({figures['chips_low']} to {figures['chips_high']}, KP p "
        f"{figures['chips_p']}, Corrado p {figures['chips_corrado_p']}, placebo p "
        f"{figures['chips_placebo_p']}), Nvidia by {figures['nvidia']} "
        f"({figures['nvidia_low']} to {figures['nvidia_high']}, KP p "
        f"{figures['nvidia_p']}, Corrado p {figures['nvidia_corrado_p']}, placebo p "
        f"{figures['nvidia_placebo_p']}): {_which(lost, gained)}. Over all "
        f"{figures['averages']} means looked at, {figures['averages_holm']} stay "
        f"significant after Holm's correction; {figures['nvidia_n']} dates find a true "
        f"mean of Nvidia with 80 % power only from {figures['nvidia_detectable']} on."
    )
    return Verdict("beijing-guidance", word, sentence, GUIDANCE_CRITERIA)


def _which(lost: bool, gained: bool) -> str:
    if gained and lost:
        return "both halves hold by every headline test"
    if gained:
        return "the Chinese half holds by every headline test, Nvidia's does not"
    if lost:
        return "Nvidia's half holds by every headline test, the Chinese one does not"
    return "neither half holds by every headline test"


def fund_moves(study: Beijing, sign: int) -> list[str]:
    """Chinese baskets that clearly moved in that direction on the funding news."""
    out = list(study.choices.china)
    for mask in (True, False):
        rows = study.fund.xs((mask, *MAIN), level=("mask", "first", "last"))
        wide = study.fund.xs((mask, -1, 1), level=("mask", "first", "last"))
        clear = pd.Series(True, index=rows.index)
        for test in ("p_value", "placebo"):
            clear &= adjusted(rows[test])["holm"] < SIZE
        same = (sign * rows["car"] > 0) & (sign * wide["car"] > 0)
        out = [basket for basket in out if clear[basket] and same[basket]]
    return out


def fund_documented(study: Beijing) -> bool:
    """Whether the size of a fund is verified."""
    return bool((study.funds["verification"] == "verified").any())


def funding_word(documented: bool, gained: bool, lost: bool) -> str:
    """The verdict from a documented fund and from groups that moved with it."""
    if not documented:
        return "not supported"
    if gained:
        return "supported"
    return "contradicted" if lost else "partly supported"


def _funding(figures: Figures, study: Beijing) -> Verdict:
    documented = fund_documented(study)
    gained, lost = fund_moves(study, 1), fund_moves(study, -1)
    word = funding_word(documented, bool(gained), bool(lost))
    reacted = (
        f"of the groups {', '.join(gained)} gained beyond chance"
        if gained
        else "no group gained beyond chance once the three are corrected for"
    )
    size = (
        f"The largest of {figures['funds']} funds with verified size, "
        f"{figures['largest_fund']}, has {figures['largest_fund_size']} billion yuan"
        if documented
        else "No fund's size is verified"
    )
    sentence = (
        f"{size}. On its announcement {reacted}: Hong Kong's foundries "
        f"{figures['fund_foundries']} (p {figures['fund_foundries_p']}, placebo p "
        f"{figures['fund_foundries_placebo_p']}), mainland tool makers "
        f"{figures['fund_cn_tools']} (p {figures['fund_cn_tools_p']}), mainland chip "
        f"names {figures['fund_chips']} (p {figures['fund_chips_p']}). One "
        "announcement is one observation, and registered capital is not money spent."
    )
    return Verdict("state-funding", word, sentence, FUNDING_CRITERIA)


def _answer(figures: Figures, study: Beijing) -> str:
    chips = half_holds(study, study.choices.china[0], 1)
    nvidia = half_holds(study, study.choices.nvidia, -1)
    return (
        "When Beijing was reported to steer buyers away from Nvidia, mainland chip "
        f"names moved by {figures['chips']} over two sessions (KP p "
        f"{figures['chips_p']}, Corrado p {figures['chips_corrado_p']}) and Nvidia by "
        f"{figures['nvidia']} (KP p {figures['nvidia_p']}) on {figures['chips_n']} "
        f"dates: {_which(nvidia, chips)}; China's share of Nvidia's revenue, by "
        f"customers' headquarters, went from {figures['headquarters_first_share']} in "
        f"{figures['headquarters_first_year']} to {figures['headquarters_last_share']} "
        f"in {figures['headquarters_last_year']}."
    )
