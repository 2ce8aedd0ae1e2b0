"""What the studies of export controls come to: numbers, the answer, the verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from helpers.evidence.export_controls import MAIN, MILESTONES, SIZE, ExportControls
from helpers.evidence.verdict import Verdict
from helpers.evidence.wording import Figures
from helpers.inference.multiple import adjusted
from helpers.inference.power import detectable_effect

CRITERIA = (
    "Two parts, each read from verified entries only. Prices: the mean of expected "
    "sign times CAR over [0, +1] at the events where the article and the usual "
    "reading expect opposite signs. A basket of Chinese names speaks for a reading if "
    "that mean has its sign under both windows, both models, masked and unmasked, and "
    "the p-values of KP, Corrado and placebo dates of the main one, each corrected "
    "by Holm over the baskets, are below 0.05; prices speak for a reading if at least "
    "one basket does and none speaks for the other. Revenue: it grew if most suppliers "
    "sold more in "
    "the four full quarters after a milestone than in the four before, and it sped up "
    "if most of those whose earlier growth is known grew faster than before. "
    "Supported: prices speak for the article and revenue grew and sped up. Partly "
    "supported: prices speak for the article, or revenue grew while prices speak for "
    "neither. Contradicted: prices speak for the usual reading and revenue did not "
    "speed up. Not supported: anything else."
)
KEYS = {
    "Nvidia": "nvidia",
    "other US designers": "designers",
    "US tool makers": "us_tools",
    "TSMC (New York)": "tsmc",
    "mainland chip names": "chips",
    "mainland tool makers": "cn_tools",
    "Hong Kong foundries": "foundries",
}
LARGE = {
    "letter_2022": "nvda-a100-h100-letter",
    "rules_2022": "bis-2022-10-07-rules",
    "rules_2023": "bis-2023-10-17-rules",
}


@dataclass(frozen=True)
class ExportControlsFindings:
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


def export_controls_findings(study: ExportControls) -> ExportControlsFindings:
    """Put the studies of controls into numbers, sentences and a verdict."""
    figures = Figures()
    _record_events(figures, study)
    _record_averages(figures, study)
    _record_readings(figures, study)
    _record_steps(figures, study)
    _record_activity(figures, study)
    _record_revenue(figures, study)
    verdict = _accelerates(figures, study)
    return ExportControlsFindings(
        figures=figures,
        answer=_answer(figures, study),
        verdicts={verdict.claim_id: verdict},
    )


def mean_of(figures: Figures, stem: str, row: pd.Series) -> None:
    """Record a mean CAR with its interval, count and p-values."""
    figures.percent(stem, row["car"], 1)
    figures.percent(f"{stem}_low", row["ci_low"], 1)
    figures.percent(f"{stem}_high", row["ci_high"], 1)
    figures.count(f"{stem}_n", int(row["n_events"]))
    tests = {"adjusted_bmp": "p", "placebo": "placebo_p", "corrado": "corrado_p"}
    for test, name in tests.items():
        if test in row and pd.notna(row[test]):
            figures.p_value(f"{stem}_{name}", row[test])


def _record_events(figures: Figures, study: ExportControls) -> None:
    figures.share("size", SIZE, 0)
    figures.count("controls", len(study.ids("control")))
    figures.count("relaxations", len(study.ids("relaxation")))
    figures.count("events", len(study.ids()))
    figures.count("events_verified", len(study.ids(verified=True)))
    figures.count("events_left_out", study.left_out["event_id"].nunique())


def _record_averages(figures: Figures, study: ExportControls) -> None:
    table = study.averages
    for basket in study.baskets:
        for kind in ("control", "relaxation"):
            stem = f"{KEYS[basket]}_{kind}"
            mean_of(figures, stem, table.loc[(basket, kind, *MAIN)])
    figures.count("averages", len(table))
    figures.count("averages_significant", int((table["adjusted_bmp"] < SIZE).sum()))
    figures.count("averages_holm", int((table["holm"] < SIZE).sum()))
    figures.count("averages_bh", int((table["bh"] < SIZE).sum()))
    for basket in (study.choices.us[0], study.choices.china[0]):
        rows = study.by_event(basket)
        stem = KEYS[basket]
        figures.count(f"{stem}_events", len(rows))
        figures.count(f"{stem}_events_clear", int((rows["p_value"] < SIZE).sum()))
        for name, event_id in LARGE.items():
            figures.percent(f"{stem}_{name}", rows.at[event_id, "car"], 1)


def _record_readings(figures: Figures, study: ExportControls) -> None:
    for basket in study.choices.china:
        key = KEYS[basket]
        for events in ("differ", "all verified", "all"):
            stem = f"{key}_thesis_{events.replace(' ', '_')}"
            row = study.readings.loc[(basket, "thesis", events)]
            mean_of(figures, stem, row)
            if events == "differ":
                figures.share(f"{stem}_size", abs(row["car"]))
                way = "with" if row["car"] > 0 else "against"
                figures.add(f"{stem}_way", way, way)
                least = detectable_effect(row["se"], row["df"])
                figures.share(f"{stem}_detectable", least)
        for denied, name in {"own supply": "own", "a rival's part": "rival"}.items():
            mean_of(figures, f"{key}_{name}", study.denied.loc[(basket, denied)])
    rows = study.specifications
    clear = (rows["ci_low"] > 0) | (rows["ci_high"] < 0)
    figures.count("specifications", len(rows))
    figures.count("specifications_positive", int((rows["car"] > 0).sum()))
    figures.count("specifications_clear", int(clear.sum()))
    figures.percent("specifications_least", rows["car"].min(), 1)
    figures.percent("specifications_most", rows["car"].max(), 1)
    for basket, spoken in spoken_for(study).items():
        figures.add(f"{KEYS[basket]}_speaks_for", spoken, spoken)


def _record_steps(figures: Figures, study: ExportControls) -> None:
    for (basket, first, _), row in study.before_and_after.iterrows():
        stem = f"{KEYS[basket]}_signed_{'before' if first < 0 else 'after'}"
        mean_of(figures, stem, row)
    for basket in study.paths:
        rows = study.steps(basket)
        size = rows["car"].abs().groupby(rows["step"].eq(1)).mean()
        figures.share(f"{KEYS[basket]}_first_step_size", size[True])
        figures.share(f"{KEYS[basket]}_later_step_size", size[False])
        figures.count(f"{KEYS[basket]}_first_steps", int(rows["step"].eq(1).sum()))
        figures.count(f"{KEYS[basket]}_later_steps", int(rows["step"].gt(1).sum()))


def _record_activity(figures: Figures, study: ExportControls) -> None:
    from math import expm1

    for (measure, basket), row in study.activity.iterrows():
        stem = f"{KEYS[basket]}_{measure}"
        value = expm1(row["car"]) if measure == "volume" else row["car"]
        figures.percent(stem, value, 0 if measure == "volume" else 1)
        figures.p_value(f"{stem}_corrado_p", row["corrado"])
        figures.p_value(f"{stem}_placebo_p", row["placebo"])
    clear = study.activity[["corrado", "placebo"]].max(axis=1) < SIZE
    by_measure = clear.groupby(level="measure").sum()
    figures.count("volume_clear", int(by_measure["volume"]))
    figures.count("volatility_clear", int(by_measure["volatility"]))


def _record_revenue(figures: Figures, study: ExportControls) -> None:
    grew, sped = revenue_cells(study)
    figures.count("growth_cells", len(grew))
    figures.count("growth_cells_grew", int(grew.sum()))
    figures.count("speed_cells", len(sped))
    figures.count("speed_cells_faster", int(sped.sum()))
    for (event_id, supplier), row in study.growth.iterrows():
        if not row["verified"]:
            continue
        number = MILESTONES.index(event_id) + 1
        stem = f"growth_{supplier.lower().replace(' ', '_')}_{number}"
        figures.percent(stem, row["growth"], 0)


def revenue_cells(study: ExportControls) -> tuple[pd.Series, pd.Series]:
    """Whether each supplier grew after each milestone, and whether it sped up.

    Returns
    -------
    grew, sped : Series of bool
        By (event_id, supplier), for the cells whose figures are all verified.
    """
    table = study.growth
    known = table[table["verified"] & table["growth"].notna()]
    both = known[known["before_verified"] & known["growth_before"].notna()]
    return known["growth"] > 0, both["growth"] > both["growth_before"]


def spoken_for(study: ExportControls) -> dict[str, str]:
    """The reading that each Chinese basket's prices speak for.

    Returns
    -------
    dict
        ``thesis``, ``conventional`` or ``neither`` by basket.
    """
    main = study.readings.xs(("thesis", "differ"), level=("reading", "events"))
    clear = pd.Series(True, index=main.index)
    for test in ("adjusted_bmp", "corrado", "placebo"):
        clear &= adjusted(main[test])["holm"] < SIZE
    rows = study.specifications
    signs = rows[rows["events"] == "verified"].groupby("basket")["car"]
    least, most = signs.min(), signs.max()
    out = {}
    for basket in study.choices.china:
        if clear[basket] and least[basket] > 0:
            out[basket] = "thesis"
        elif clear[basket] and most[basket] < 0:
            out[basket] = "conventional"
        else:
            out[basket] = "neither"
    return out


def prices_speak(study: ExportControls) -> str:
    """The reading that prices speak for over all Chinese baskets."""
    return common_voice(spoken_for(study).values())


def common_voice(by_basket: Iterable[str]) -> str:
    """The reading that at least one basket speaks for and none against."""
    spoken = set(by_basket)
    for reading, other in (("thesis", "conventional"), ("conventional", "thesis")):
        if reading in spoken and other not in spoken:
            return reading
    return "neither"


def revenue_says(study: ExportControls) -> tuple[bool, bool]:
    """Whether suppliers' revenue mostly grew, and mostly faster than before."""
    grew, sped = revenue_cells(study)
    return (
        bool(grew.mean() > 0.5) if len(grew) else False,
        bool(sped.mean() > 0.5) if len(sped) else False,
    )


def accelerates_word(prices: str, grew: bool, sped: bool) -> str:
    """The verdict from what prices speak for and what revenue did."""
    if prices == "thesis" and grew and sped:
        return "supported"
    if prices == "thesis" or (grew and prices == "neither"):
        return "partly supported"
    if prices == "conventional" and not sped:
        return "contradicted"
    return "not supported"


def _accelerates(figures: Figures, study: ExportControls) -> Verdict:
    prices = prices_speak(study)
    word = accelerates_word(prices, *revenue_says(study))
    said = {
        "thesis": "Prices speak for the article",
        "conventional": "Prices speak for the usual reading",
        "neither": "Prices speak for neither reading",
    }[prices]
    stem = "chips_thesis_differ"
    sentence = (
        f"{said}: where the two differ, the mean of the article's sign times the "
        f"return is {figures[stem]} for mainland chip names ({figures[f'{stem}_low']} "
        f"to {figures[f'{stem}_high']}, KP p {figures[f'{stem}_p']}, placebo p "
        f"{figures[f'{stem}_placebo_p']}, {figures[f'{stem}_n']} dates), "
        f"{figures['cn_tools_thesis_differ']} for mainland tool makers and "
        f"{figures['foundries_thesis_differ']} for Hong Kong's foundries; a true mean "
        f"below {figures[f'{stem}_detectable']} would usually have been missed. "
        f"Revenue grew after a milestone in {figures['growth_cells_grew']} of "
        f"{figures['growth_cells']} verified cases and faster than before in "
        f"{figures['speed_cells_faster']} of {figures['speed_cells']}."
    )
    if word == "partly supported" and prices == "neither":
        sentence += (
            " The support is the revenue alone, and growth after a date is not growth "
            "because of it: the same years brought a boom in AI everywhere."
        )
    return Verdict("pressure-accelerates", word, sentence, CRITERIA)


def _answer(figures: Figures, study: ExportControls) -> str:
    moved = study.before_and_after.loc[(study.choices.us[0], *MAIN)]
    clear = max(moved["adjusted_bmp"], moved["placebo"]) < SIZE
    nvidia = "moved" if clear else "did not measurably move"
    way = "with" if moved["car"] > 0 else "against"
    said = {
        "thesis": "moved as the article says",
        "conventional": "moved against the article",
        "neither": "followed neither the article nor the usual reading",
    }[prices_speak(study)]
    stem = "chips_thesis_differ"
    return (
        f"Chinese chip names {said}: where the two expect opposite signs, the mainland "
        f"names moved {figures[f'{stem}_size']} {figures[f'{stem}_way']} the article "
        "over two sessions "
        f"(KP p {figures[f'{stem}_p']}, {figures[f'{stem}_n']} dates), and single days "
        f"differ widely, {figures['chips_letter_2022']} on the letter that kept "
        f"Nvidia's A100 out and {figures['chips_rules_2022']} on the rules of October "
        "2022 that cut their own supply. "
        f"Nvidia {nvidia} {way} the news, {figures['nvidia_signed_after']} in the "
        f"expected direction (KP p {figures['nvidia_signed_after_p']}, placebo p "
        f"{figures['nvidia_signed_after_placebo_p']}, "
        f"{figures['nvidia_signed_after_n']} dates)."
    )
