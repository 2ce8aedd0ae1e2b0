"""What the cross-section comes to: numbers, the answer, two verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from helpers.data.facts import fundamentals_series
from helpers.evidence.global_semiconductors import (
    CONTROLS,
    PUSHBACK,
    GlobalSemiconductors,
)
from helpers.evidence.reliance import Reliance
from helpers.evidence.verdict import Verdict
from helpers.evidence.wording import Figures, p_value, percent
from helpers.inference.multiple import adjusted

SIZE = 0.05
KINDS = {CONTROLS: "controls", PUSHBACK: "pushback"}
# At least this share of the specifications must agree that co-movement falls.
AGREEING = 0.75
# A loading from here on makes a group part of a factor.
PART_OF_FACTOR = 0.5

EXPOSURE_CRITERIA = (
    "Exposed are the US groups that sell chips or chip tools. A group's loss counts "
    "if its mean CAR over [0, +1] is negative with p below 0.05 by KP and by placebo "
    "dates, and negative over [0, +1] and [-1, +1] with other events masked or not and "
    "with either model. Supported: at least half of the exposed groups lose so on US "
    "controls and on Chinese pushback, and China's share of Nvidia's revenue falls. "
    "Partly supported: at least one exposed group loses so on one of the two. "
    "Contradicted: none does, most exposed groups gain on average on both, and "
    "Nvidia's yearly revenue is the highest on record. Not supported: anything else."
)
FRAGMENTATION_CRITERIA = (
    "Two parts. Co-movement falls: the correlation of US and Chinese chip shares net "
    "of their markets is lower from the rule of 2022-10-07 on with a 95 % interval "
    "below zero, in both Chinese baskets, and in three of four specifications of the "
    "next chapter. End markets differ: the mean reactions of data centres, analog "
    "chips and phones and PCs to US controls or to Chinese pushback are unequal with p "
    "below 0.05 after Holm's correction, over [0, +1] and over [-1, +1]. Supported: "
    "both. "
    "Partly supported: one. Contradicted: neither, and the correlation rises beyond "
    "chance in a basket or one factor carries both sides (Chinese groups load on the "
    "first factor with 0.5 or more on average). Not supported: anything else."
)


@dataclass(frozen=True)
class GlobalFindings:
    """The chapter's numbers and sentences.

    Attributes
    ----------
    figures : Figures
    answer : str
    verdicts : dict of claim_id to Verdict
    """

    figures: Figures
    answer: str
    verdicts: dict[str, Verdict]


def global_findings(
    study: GlobalSemiconductors, reliance: Reliance | None = None
) -> GlobalFindings:
    """Put the chapter's studies into numbers, sentences and verdicts."""
    reliance = reliance or Reliance()
    figures = Figures()
    _record_groups(figures, study)
    _record_money(figures, reliance)
    _record_links(figures, study)
    exposure = _exposure(figures, study, reliance)
    fragmentation = _fragmentation(figures, study)
    return GlobalFindings(
        figures=figures,
        answer=_answer(figures, study),
        verdicts={"us-exposure": exposure, "global-fragmentation": fragmentation},
    )


def short(name: str) -> str:
    """A group's name within the name of a result."""
    return name.split(" (")[0].lower().replace(" ", "_")


def losers(study: GlobalSemiconductors, kind: str) -> list[str]:
    """Exposed groups whose loss counts."""
    return [g.name for g in study.choices.exposed if study.loses(g.name, kind)]


def _record_groups(figures: Figures, study: GlobalSemiconductors) -> None:
    figures.count("exposed", len(study.choices.exposed))
    figures.count("groups", len(study.groups))
    for kind, label in KINDS.items():
        rows = study.table.loc[kind]
        figures.count(f"{label}_dates", int(rows["dates"].max()))
        figures.count(f"{label}_losers", len(losers(study, kind)))
        figures.count(f"{label}_below_zero", int((rows["car"] < 0).sum()))
        for name, row in rows.iterrows():
            stem = f"{label}_{short(str(name))}"
            figures.percent(stem, row["car"], 1)
            figures.percent(f"{stem}_low", row["ci_low"], 1)
            figures.percent(f"{stem}_high", row["ci_high"], 1)
            figures.p_value(f"{stem}_kp", row["KP"])
            figures.p_value(f"{stem}_placebo", row["placebo"])
            figures.share(f"{stem}_detectable", row["detectable"])
    figures.p_value("groups_holm", study.table["holm"].min())
    figures.p_value("groups_bh", study.table["bh"].min())
    figures.count("specifications", len(study.specifications))
    below = study.specifications["ci_high"] < 0
    figures.count("specifications_fallen", int(below.sum()))


def _record_money(figures: Figures, reliance: Reliance) -> None:
    for basis, table in reliance.nvidia_years.items():
        for label, position in (("before", -2), ("last", -1)):
            share = table["china_share"].iloc[position]
            figures.share(f"nvidia_{basis}_{label}", share)
            fiscal = str(table.index[position])
            figures.add(f"nvidia_{basis}_{label}_year", fiscal, fiscal)
    years = _revenue(reliance)
    for label, position in (("before", -2), ("last", -1)):
        figures.number(f"revenue_{label}", years.iloc[position] / 1000, 0)


def _revenue(reliance: Reliance) -> pd.Series:
    """Revenue of Nvidia by verified fiscal year, million dollars."""
    table = fundamentals_series(
        "Nvidia",
        "revenue",
        period="year",
        verified_only=True,
        data_dir=reliance.data_dir,
    )
    return table["value"].dropna()


def _record_links(figures: Figures, study: GlobalSemiconductors) -> None:
    for link, term in study.leads.index:
        row = study.leads.loc[(link, term)]
        stem = f"{link}, {term}"
        figures.number(stem, row["coefficient"])
        figures.p_value(f"{stem}, p", row["p_value"])
    figures.count("panel_rows", len(study.panel))
    for number, share in enumerate(study.factors.shares, 1):
        figures.share(f"factor_{number}", share, 0)
    figures.number("chinese_on_first", study.chinese_on_first(study.factors))
    chinese = study.factors.loadings["factor 2"].tail(3)
    figures.number("chinese_on_second_least", chinese.min())
    american = study.factors.loadings["factor 2"].iloc[:-3].abs()
    figures.number("american_on_second_most", american.max())
    for label, found in study.factors_around.items():
        figures.number(f"chinese_on_first_{label}", study.chinese_on_first(found))
        figures.share(f"factor_1_{label}", found.shares.iloc[0], 0)
    for kind, label in KINDS.items():
        row = study.end_markets.loc[kind]
        for number, group in enumerate(study.choices.end_markets, 1):
            figures.percent(f"end_{label}_{number}", row[group.name], 1)
        figures.p_value(f"end_{label}_p", row["p_value"])
    for name in study.comovement.baskets:
        row = study.comovement.main_change(name)
        stem = f"comovement_{name.split()[0].lower()}"
        figures.number(f"{stem}_change", row["change"])
        figures.number(f"{stem}_low", row["ci_low"])
        figures.number(f"{stem}_high", row["ci_high"])


def revenue_says(reliance: Reliance) -> tuple[bool, bool]:
    """Whether China's share of Nvidia's revenue falls; whether revenue is a record."""
    years = _revenue(reliance)
    falls = all(reliance.nvidia_falls.values())
    return falls, bool(years.iloc[-1] == years.max())


def exposure_word(
    losing: Sequence[float], gains: bool, falls: bool, record: bool
) -> str:
    """The verdict on US exposure.

    Parameters
    ----------
    losing : sequence of float
        Share of the exposed groups that lose beyond chance, one a kind of event.
    gains : bool
        Whether most exposed groups gain on average on every kind.
    falls, record : bool
        See :func:`revenue_says`.
    """
    if all(share >= 0.5 for share in losing) and falls:
        return "supported"
    if any(losing):
        return "partly supported"
    return "contradicted" if gains and record else "not supported"


def _exposure(
    figures: Figures, study: GlobalSemiconductors, reliance: Reliance
) -> Verdict:
    lost = {kind: losers(study, kind) for kind in KINDS}
    exposed = [group.name for group in study.choices.exposed]
    gains = all(
        (study.table.loc[kind].loc[exposed, "car"] >= 0).mean() > 0.5 for kind in KINDS
    )
    counts = [len(names) / len(exposed) for names in lost.values()]
    word = exposure_word(counts, gains, *revenue_says(reliance))
    parts = [
        f"{figures[f'{label}_losers']} of {figures['exposed']} exposed groups lose on "
        f"{kind} by the criteria"
        for kind, label in KINDS.items()
    ]
    sentence = (
        f"{parts[0]}, {parts[1]}; Nvidia's mean is "
        f"{figures['controls_nvidia']} on controls (KP p "
        f"{figures['controls_nvidia_kp']}, placebo p "
        f"{figures['controls_nvidia_placebo']}) and {figures['pushback_nvidia']} on "
        f"pushback (KP p {figures['pushback_nvidia_kp']}). China's share of its "
        f"revenue went from {figures['nvidia_headquarters_before']} in "
        f"{figures['nvidia_headquarters_before_year']} to "
        f"{figures['nvidia_headquarters_last']} in "
        f"{figures['nvidia_headquarters_last_year']} by headquarters, while revenue "
        f"went from {figures['revenue_before']} to {figures['revenue_last']} billion "
        "dollars."
    )
    if word in ("not supported", "contradicted"):
        sentence += (
            " With so few dates a mean loss of Nvidia's would be found four times in "
            f"five only from {figures['controls_nvidia_detectable']} and "
            f"{figures['pushback_nvidia_detectable']} on."
        )
    return Verdict("us-exposure", word, sentence, EXPOSURE_CRITERIA)


def _fragmentation(figures: Figures, study: GlobalSemiconductors) -> Verdict:
    changes = [study.comovement.main_change(name) for name in study.comovement.baskets]
    everywhere = study.comovement.net_changes["change"] < 0
    falls = all(row["ci_high"] < 0 for row in changes) and everywhere.mean() >= AGREEING
    rises = any(row["ci_low"] > 0 for row in changes)
    equal = study.end_markets[["p_value", "p_value, wide"]].max(axis=1)
    differs = adjusted(equal)["holm"].min() < SIZE
    common = study.chinese_on_first(study.factors) >= PART_OF_FACTOR
    if falls and differs:
        word = "supported"
    elif falls or differs:
        word = "partly supported"
    elif rises or common:
        word = "contradicted"
    else:
        word = "not supported"
    names = list(study.comovement.baskets)
    stems = [f"comovement_{name.split()[0].lower()}" for name in names]
    parts = [
        f"by {figures[f'{stem}_change']} ({figures[f'{stem}_low']} to "
        f"{figures[f'{stem}_high']}) for {name}"
        for stem, name in zip(stems, names, strict=True)
    ]
    sentence = (
        "With the rule of October 2022 the correlation of New York with the next "
        f"Chinese session changed {' and '.join(parts)}. The test that all end "
        f"markets react alike gives p {figures['end_controls_p']} on controls and p "
        f"{figures['end_pushback_p']} on pushback over [0, +1]. Chinese groups load "
        f"{figures['chinese_on_first_before']} on the first factor before that rule "
        f"and {figures['chinese_on_first_after']} since then: "
        + ("one factor carries both sides." if common else "it is not a common one.")
    )
    return Verdict("global-fragmentation", word, sentence, FRAGMENTATION_CRITERIA)


def _answer(figures: Figures, study: GlobalSemiconductors) -> str:
    lost = [name for kind in KINDS for name in losers(study, kind)]
    rows = study.table[study.table["car"] < 0]
    kind, nearest = rows["KP"].idxmin()
    row = rows.loc[(kind, nearest)]
    opening = (
        f"Losses that pass the tests are found in {', '.join(dict.fromkeys(lost))}"
        if lost
        else "No group of US chip shares loses beyond chance, by KP and by placebo "
        "dates, on the average US control or Chinese purchase limit; the nearest is "
        f"{nearest} on {kind} ({percent(row['car'], 1)}, KP p {p_value(row['KP'])}, "
        f"placebo p {p_value(row['placebo'])})"
    )
    separate = study.chinese_on_first(study.factors) < PART_OF_FACTOR
    worlds = (
        "American and Chinese chip shares follow two factors, not one"
        if separate
        else "American and Chinese chip shares follow one factor"
    )
    return (
        f"{opening}; Nvidia's means are {figures['controls_nvidia']} on controls and "
        f"{figures['pushback_nvidia']} on purchase limits. Net of the markets "
        f"{worlds}: Chinese groups load {figures['chinese_on_first']} on the first."
    )
