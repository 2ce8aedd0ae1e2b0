"""What the measures of co-movement come to: numbers, the answer, two verdicts."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.evidence.parallel_ecosystems import (
    LEFT_IN,
    NEXT,
    PLAIN,
    ROLLING,
    TO_CHINA,
    TO_US,
    TRAILING,
    WEEK,
    ParallelEcosystems,
)
from helpers.evidence.reliance import BASES, Reliance
from helpers.evidence.verdict import Verdict
from helpers.evidence.wording import Figures, day
from helpers.inference.multiple import adjusted

SIZE = 0.05
# Two-sided 5 % test, 80 % power, in standard errors.
DETECTABLE = 2.80
# At least this share of the specifications must agree with a verdict's sign.
AGREEING = 0.75

DRIFT_CRITERIA = (
    "Read from correlations net of each own market, before and from the rule of "
    "2022-10-07 on, for two Chinese baskets. A change counts if its 95 % interval "
    "excludes zero. Supported: it counts and is a fall in both baskets, at least "
    "three in four of all specifications fall, none rises by more than chance, and "
    "connectedness is lower after than before. Partly supported: a fall counts in one "
    "basket, or in any specification after Holm's correction, and no rise counts. "
    "Contradicted: a rise counts in a basket, and no specification falls by more than "
    "chance. Not supported: anything "
    "else. Documents are shown beside it and do not choose the word: a stack that was "
    "announced is not yet one that is used."
)
DETERMINED_CRITERIA = (
    "Read from verified figures only. Supported: China's share of Nvidia's revenue is "
    "lower in the last full fiscal year than in the one before on each basis by "
    "itself, Chinese vendors' share of their home market is higher in the later of "
    "two estimates by one house, and no verified approval by Beijing of Nvidia's "
    "parts is in the ledger. Partly supported: both, with such an approval; or one of "
    "the two. Contradicted: Nvidia's share rises on each basis and the domestic one "
    "falls. Not supported: anything else. Sales fall also because Washington forbids "
    "them, so the figures show less reliance, and a will only as far as sales stayed "
    "away once they were allowed."
)


@dataclass(frozen=True)
class ParallelFindings:
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


def parallel_findings(
    study: ParallelEcosystems, reliance: Reliance | None = None
) -> ParallelFindings:
    """Put the chapter's measures into numbers, sentences and verdicts."""
    reliance = reliance or Reliance()
    figures = Figures()
    _record(figures, study)
    _record_reliance(figures, reliance)
    drift = _drift(figures, study)
    return ParallelFindings(
        figures=figures,
        answer=_answer(figures, study, drift.word),
        verdicts={
            "parallel-ecosystems": drift,
            "china-determined": _determined(figures, reliance),
        },
    )


def short(name: str) -> str:
    """A basket's name within the name of a result."""
    return name.split()[0].lower()


def _record(figures: Figures, study: ParallelEcosystems) -> None:
    figures.count("rolling", ROLLING)
    figures.count("model_window", study.choices.window)
    figures.share("level", 1 - SIZE, 0)
    splits = dict(zip(("first", "second"), study.choices.splits, strict=True))
    for name in study.baskets:
        stem = short(name)
        pairs = study.pairs(name)
        figures.count(f"{stem}_pairs", len(pairs))
        figures.day(f"{stem}_first", pairs.index[0])
        figures.day(f"{stem}_last", pairs.index[-1])
        figures.number(f"{stem}_all", pairs.corr().iloc[0, 1])
        reverse = study.pairs(name, direction=TO_US)
        figures.number(f"{stem}_reverse", reverse.corr().iat[0, 1])
        figures.number(f"{stem}_gross", study.pairs(name, LEFT_IN).corr().iat[0, 1])
        figures.number(f"{stem}_weeks", study.weeks(name).corr().iat[0, 1])
        path = study.conditional[name]
        figures.number(f"{stem}_dcc_news", path.news, 3)
        figures.number(f"{stem}_dcc_low", path.correlation.min())
        figures.number(f"{stem}_dcc_high", path.correlation.max())
        figures.number(
            f"{stem}_dcc_gain", path.log_likelihood - path.constant_log_likelihood, 1
        )
        rolling = study.rolling(name)
        figures.number(f"{stem}_rolling_first", rolling.iloc[0])
        figures.number(f"{stem}_rolling_last", rolling.iloc[-1])
        for kind, model, frequency in (
            ("main", TRAILING, NEXT),
            ("week", TRAILING, WEEK),
            ("market_in", LEFT_IN, NEXT),
        ):
            for label, split in splits.items():
                row = study.changes.loc[(name, split, frequency, model, PLAIN)]
                key = f"{stem}_{kind}_{label}"
                figures.number(f"{key}_before", row["before"])
                figures.number(f"{key}_after", row["after"])
                figures.number(f"{key}_change", row["change"])
                figures.number(f"{key}_low", row["ci_low"])
                figures.number(f"{key}_high", row["ci_high"])
                figures.p_value(f"{key}_p", row["p_value"])
                figures.number(f"{key}_detectable", DETECTABLE * row["se"])
    _record_specifications(figures, study)
    _record_breaks(figures, study)
    _record_connectedness(figures, study)


def _record_specifications(figures: Figures, study: ParallelEcosystems) -> None:
    table = study.net_changes
    figures.count("specifications", len(table))
    figures.count("specifications_falling", int((table["change"] < 0).sum()))
    figures.count("specifications_fallen", int((table["ci_high"] < 0).sum()))
    figures.count("specifications_risen", int((table["ci_low"] > 0).sum()))
    figures.number("specifications_least", table["change"].min())
    figures.number("specifications_most", table["change"].max())
    figures.p_value("specifications_holm", table["holm"].min())
    figures.p_value("specifications_bh", table["bh"].min())
    figures.count("specifications_skipped", len(study.changes.attrs["skipped"]))


def _record_breaks(figures: Figures, study: ParallelEcosystems) -> None:
    table = study.break_table
    figures.count("break_tests", len(table))
    figures.count("breaks_found", int((table["p_bootstrap"] < SIZE).sum()))
    holm = adjusted(table["p_bootstrap"])["holm"]
    figures.p_value("breaks_holm", holm.min())
    for name in study.baskets:
        row = table.loc[(name, TO_CHINA, "correlation")]
        stem = f"{short(name)}_break"
        figures.day(stem, row["date"])
        figures.day(f"{stem}_low", row["date_low"])
        figures.day(f"{stem}_high", row["date_high"])
        figures.number(f"{stem}_before", row["before"])
        figures.number(f"{stem}_after", row["after"])
        figures.number(f"{stem}_statistic", row["sup_wald"], 1)
        figures.p_value(f"{stem}_p", row["p_bootstrap"])
        figures.p_value(f"{stem}_cusum", row["p CUSUM"])


def _record_connectedness(figures: Figures, study: ParallelEcosystems) -> None:
    american, chinese = study.sides
    whole = study.connected
    figures.count("connected_rows", len(study.panel))
    figures.share("connected_total", whole.total)
    figures.share("connected_received", whole.received(chinese, american))
    figures.share("connected_given", whole.received(american, chinese))
    rows = [row for _, row in study.connected_changes.iterrows()]
    for label, row in zip(("first", "second"), rows, strict=True):
        figures.share(f"connected_{label}_before", row["before"])
        figures.share(f"connected_{label}_after", row["after"])
        figures.p_value(f"connected_{label}_p", row["p_value"])
    path = study.connected_over_time["received"]
    figures.share("connected_highest", path.max())
    figures.share("connected_last", path.iloc[-1])
    figures.share("connected_chance", study.connected_by_chance)
    figures.count("connected_windows", len(path))
    above = int((path > study.connected_by_chance).sum())
    figures.count("connected_windows_above", above)


def _record_reliance(figures: Figures, reliance: Reliance) -> None:
    for basis in BASES:
        table = reliance.nvidia_years[basis].tail(2)
        for label, (fiscal, row) in zip(
            ("before", "last"), table.iterrows(), strict=True
        ):
            figures.share(f"nvidia_{basis}_{label}", row["china_share"])
            figures.add(f"nvidia_{basis}_{label}_year", str(fiscal), str(fiscal))
    for label, (fiscal, row) in zip(
        ("before", "last"), reliance.last_quarters.iterrows(), strict=True
    ):
        figures.share(f"nvidia_quarter_{label}", row["china_share"])
        figures.add(f"nvidia_quarter_{label}_name", str(fiscal), str(fiscal))
    for label, position in (("before", 0), ("last", -1)):
        figures.share(f"domestic_{label}", reliance.domestic_share.iloc[position], 0)
        year = int(reliance.domestic_share.index[position])
        figures.add(f"domestic_{label}_year", year, str(year))
        figures.share(f"foundry_{label}", reliance.foundry_share.iloc[position])
        quarter = reliance.foundry_share.index[position]
        figures.day(f"foundry_{label}_quarter", quarter)
    figures.count("approvals", len(reliance.approvals))


def _moved(study: ParallelEcosystems) -> tuple[list[str], list[str]]:
    """Baskets whose correlation fell and rose by more than chance."""
    rows = {name: study.main_change(name) for name in study.baskets}
    fell = [name for name, row in rows.items() if row["ci_high"] < 0]
    rose = [name for name, row in rows.items() if row["ci_low"] > 0]
    return fell, rose


def _drift(figures: Figures, study: ParallelEcosystems) -> Verdict:
    fell, rose = _moved(study)
    table = study.net_changes
    agreeing = float((table["change"] < 0).mean()) >= AGREEING
    any_rise = bool((table["ci_low"] > 0).any())
    any_fall = bool((table["ci_high"] < 0).any())
    lower = bool(study.connected_changes["change"].iloc[0] < 0)
    held = bool(((table["holm"] < SIZE) & (table["change"] < 0)).any())
    everywhere = len(fell) == len(study.baskets)
    if everywhere and agreeing and not any_rise and lower:
        word = "supported"
    elif (fell or held) and not rose and not any_rise:
        word = "partly supported"
    elif rose and not any_fall:
        word = "contradicted"
    else:
        word = "not supported"
    parts = [_before_after(figures, name) for name in study.baskets]
    sentence = (
        f"From {day(study.splits[study.choices.splits[0]])} on the correlation with "
        f"the next Chinese session went {parts[0]}, and {parts[1]}. Of "
        f"{figures['specifications']} specifications net of the markets "
        f"{figures['specifications_fallen']} show a fall beyond chance and "
        f"{figures['specifications_risen']} a rise. Connectedness of the two sides "
        f"went from {figures['connected_first_before']} to "
        f"{figures['connected_first_after']} of forecast-error variance "
        f"(p {figures['connected_first_p']})."
    )
    if not fell and not rose:
        mainland, hong_kong = (short(name) for name in study.baskets)
        sentence += (
            " That is no proof that nothing changed: a change would be found four "
            f"times in five only from {figures[f'{mainland}_main_first_detectable']} "
            f"and {figures[f'{hong_kong}_main_first_detectable']} on, and the "
            f"correlations were only {figures[f'{mainland}_all']} and "
            f"{figures[f'{hong_kong}_all']} to begin with."
        )
    return Verdict("parallel-ecosystems", word, sentence, DRIFT_CRITERIA)


def _before_after(figures: Figures, name: str) -> str:
    key = f"{short(name)}_main_first"
    return (
        f"from {figures[f'{key}_before']} to {figures[f'{key}_after']} for the {name} "
        f"(change {figures[f'{key}_change']}, {figures['level']} interval "
        f"{figures[f'{key}_low']} to {figures[f'{key}_high']})"
    )


def _answer(figures: Figures, study: ParallelEcosystems, word: str) -> str:
    opening = {
        "supported": "Net of their markets, US and Chinese chip shares drift apart",
        "partly supported": "Net of their markets, only some US and Chinese chip "
        "shares drift apart",
        "contradicted": "Net of their markets, US and Chinese chip shares moved "
        "closer together",
    }.get(
        word,
        "Net of their markets, US and Chinese chip shares hardly moved together "
        "before the controls, and no drift apart can be shown since",
    )
    mainland, hong_kong = study.baskets
    return (
        f"{opening}: the correlation of New York with the next session was "
        f"{figures[f'{short(mainland)}_main_first_before']} before the rule of October "
        f"2022 and {figures[f'{short(mainland)}_main_first_after']} since then for "
        f"{mainland}, {figures[f'{short(hong_kong)}_main_first_before']} and "
        f"{figures[f'{short(hong_kong)}_main_first_after']} for {hong_kong}."
    )


def _determined(figures: Figures, reliance: Reliance) -> Verdict:
    falls = all(reliance.nvidia_falls.values())
    rises_everywhere = not any(reliance.nvidia_falls.values())
    domestic = reliance.domestic_rises
    approved = len(reliance.approvals) > 0
    if falls and domestic and not approved:
        word = "supported"
    elif falls or domestic:
        word = "partly supported"
    elif rises_everywhere and not domestic:
        word = "contradicted"
    else:
        word = "not supported"
    sentence = (
        "China's share of Nvidia's revenue was "
        f"{figures['nvidia_billing_before']} in "
        f"{figures['nvidia_billing_before_year']} and "
        f"{figures['nvidia_billing_last']} in "
        f"{figures['nvidia_billing_last_year']} by billing address, "
        f"{figures['nvidia_headquarters_before']} in "
        f"{figures['nvidia_headquarters_before_year']} and "
        f"{figures['nvidia_headquarters_last']} in "
        f"{figures['nvidia_headquarters_last_year']} by headquarters; the quarter "
        f"{figures['nvidia_quarter_last_name']} had {figures['nvidia_quarter_last']} "
        f"after {figures['nvidia_quarter_before']} a year before. One house puts "
        "Chinese vendors at "
        f"{figures['domestic_before']} of their home market in "
        f"{figures['domestic_before_year']} and {figures['domestic_last']} in "
        f"{figures['domestic_last_year']}. Against it stand verified approvals by "
        f"Beijing of Nvidia's parts: {figures['approvals']}."
    )
    return Verdict("china-determined", word, sentence, DETERMINED_CRITERIA)
