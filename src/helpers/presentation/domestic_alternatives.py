"""The figures and tables of the chapter on domestic alternatives.

Each function gives the keyword arguments of :func:`helpers.presentation.notebook.show`
or ``table``.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.evidence.domestic_alternatives import (
    BASKET_NAMES,
    MAIN_WINDOW,
    MASKS,
    MODELS,
    DomesticAlternatives,
)
from helpers.evidence.domestic_findings import DomesticFindings
from helpers.evidence.domestic_news import MODEL_RELEASES, SETBACK
from helpers.evidence.domestic_verdicts import (
    BY_HUAWEI,
    CHINESE,
    ON_CHINESE_CHIPS,
    stem,
)
from helpers.evidence.ecosystem import BASKET
from helpers.evidence.wording import day, number, percent
from helpers.presentation.forest import specification_curve
from helpers.presentation.panels import forest_panels

Plate = dict[str, Any]

# Short names of the events for the rows of a figure.
SHORT = {
    "deepseek-v3": "DeepSeek V3",
    "deepseek-r1": "DeepSeek R1",
    "deepseek-monday": "Monday after R1",
    "deepseek-r2-ascend-setback": "Training fails on Ascend",
    "deepseek-v31-domestic-chip-remark": "V3.1, remark on chips",
    "deepseek-v32-exp": "V3.2-Exp",
    "deepseek-v4-huawei-report": "Report: V4 on Huawei",
    "deepseek-v4": "V4 previewed",
    "huawei-mate60-pro": "Huawei Mate 60 Pro",
    "mate60-teardown": "Mate 60 teardown",
    "huawei-910c-mass-shipment": "Report: Ascend 910C",
    "huawei-910d-report": "Report: Ascend 910D",
    "huawei-ascend-roadmap": "Huawei's roadmap",
    "cambricon-h1-2025": "Cambricon's half-year",
    "china-triple-ai-chip-output": "Report: output to triple",
    "alibaba-ai-chip-report": "Report: Alibaba's chip",
    "alibaba-baidu-train-own-chips": "Report: own chips train",
    "thead-china-unicom": "T-Head at China Unicom",
}
MARKETS = {
    "mainland chip names": "Chip names, mainland",
    "mainland tool makers": "Tool makers, mainland",
    "Hong Kong foundries": "Foundries, Hong Kong",
    "Nvidia": "Nvidia, New York",
}


def _label(study: DomesticAlternatives, event_id: str) -> str:
    event = study.ledger.loc[event_id]
    return f"{SHORT.get(event_id, event_id)}\n{event['announced_at']:%Y-%m-%d}"


def _panels(
    study: DomesticAlternatives, event_ids: tuple[str, ...], baskets: tuple[str, ...]
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Each basket's CAR by event label, and the labels of unverified events."""
    order = sorted(event_ids, key=lambda name: study.ledger.loc[name, "announced_at"])
    panels = {}
    for basket in baskets:
        rows = {
            _label(study, event): row
            for event in order
            if (row := study.at_event(basket, event)) is not None
        }
        panels[MARKETS[basket]] = pd.DataFrame.from_dict(rows, orient="index")[
            ["car", "ci_low", "ci_high"]
        ].astype(float)
    verified = study.ledger["verification"] == "verified"
    return panels, [_label(study, event) for event in order if not verified[event]]


def _forest(
    study: DomesticAlternatives,
    event_ids: tuple[str, ...],
    baskets: tuple[str, ...],
    title: str,
) -> Any:
    panels, hollow = _panels(study, event_ids, baskets)
    return forest_panels(
        panels,
        title=title,
        xlabels=["CAR over [0, +1]"] * len(panels),
        row_height=0.44,
        hollow=hollow,
    )


def releases(study: DomesticAlternatives, findings: DomesticFindings) -> Plate:
    """DeepSeek's releases and the setback, by market."""
    events = (*MODEL_RELEASES, *study.choices.groups[ON_CHINESE_CHIPS], SETBACK)
    baskets = ("mainland chip names", "Hong Kong foundries", "Nvidia")
    figures = findings.figures
    names = stem(ON_CHINESE_CHIPS)
    title = (
        "When DeepSeek turned to Chinese chips, foundries in Hong Kong gained "
        f"{figures[f'{names}_hong_kong_foundries_mean']} on average and Nvidia "
        f"{figures[f'{names}_nvidia_mean']}"
    )
    alone = study.members[BASKET].eq(1)
    few = [name for name in events if alone.get(name, False)]
    return {
        "fig": _forest(study, events, baskets, title),
        "caption": (
            "Cumulative abnormal return over [0, +1] in each group's own sessions, "
            "market model against its own market, exact 95 % intervals; filled "
            "markers exclude zero. Groups are equally weighted. Mainland prices end "
            f"early: at the last {len(few)} events the group of chip names is "
            "Cambricon alone. The remark on V3.1 shares its window with the report "
            "of the H20 halt."
        ),
        "alt": (
            f"Three panels over {len(events)} events. At the report that training on "
            "Ascend had failed, mainland chip names stand at "
            f"{figures['setback_mainland_chip_names']}; on the Monday "
            "after R1 Nvidia stands at "
            f"{figures['monday_market_two_days']} over two sessions."
        ),
    }


def chips_reactions(study: DomesticAlternatives, findings: DomesticFindings) -> Plate:
    """Huawei's and other Chinese chips, by market."""
    groups = study.choices.groups
    events = tuple(event for group in list(groups)[1:3] for event in groups[group])
    baskets = ("mainland tool makers", "Hong Kong foundries", "Nvidia")
    figures = findings.figures
    stem_tools = f"{stem(BY_HUAWEI)}_mainland_tool_makers"
    title = (
        "On news of Huawei's chips Chinese tool makers moved by "
        f"{figures[f'{stem_tools}_mean']} on average, on its roadmap by "
        f"{figures['roadmap_mainland_tool_makers']}"
    )
    panels, _ = _panels(study, events, baskets)
    tools = panels[MARKETS["mainland tool makers"]]
    clear = int(((tools["ci_low"] > 0) | (tools["ci_high"] < 0)).sum())
    return {
        "fig": _forest(study, events, baskets, title),
        "caption": (
            "As above. Events in grey italics are not verified in full. Cambricon's "
            "results and the plan to triple output share a session in China. The "
            "roadmap, the stop of the RTX Pro 6000D and the T-Head report follow each "
            "other within two sessions, so their windows overlap; in New York the "
            "roadmap's day is that of Nvidia's stake in Intel, and the 910C's that of "
            "a fall of the whole market."
        ),
        "alt": (
            f"Three panels over {len(events)} events. Tool makers on the mainland have "
            f"{clear} intervals clear of zero, the largest at "
            f"{percent(float(tools['car'].max()), 1)}; Nvidia's estimates lie around "
            "zero with wide intervals."
        ),
    }


def tests_table(study: DomesticAlternatives) -> Plate:
    """Headline and naive tests of every group, with the adjusted p-values."""
    table = study.tests.copy()
    if table["cluster_bootstrap"].isna().all():
        table = table.drop(columns="cluster_bootstrap")
    shown = {
        "car": "mean",
        "n_events": "sessions",
        "detectable": "found with 80 % power",
        "adjusted_bmp": "p, KP",
        "corrado": "p, Corrado",
        "placebo": "p, placebo",
        "cluster_bootstrap": "p, bootstrap",
        "holm": "placebo, Holm",
        "bh": "placebo, B-H",
        "cross_sectional": "naive t",
        "patell": "naive Patell",
    }
    kept = {old: new for old, new in shown.items() if old in table}
    table = table[list(kept)].rename(columns=kept)
    formats: dict[str, Any] = {
        "mean": lambda x: percent(x, 1),
        "found with 80 % power": lambda x: percent(x, 1, signed=False),
    }
    for column in list(table.columns)[3:]:
        formats[column] = lambda x: "< 0.001" if x < 0.001 else number(x, 3)
    return {
        "df": table,
        "caption": (
            f"Mean over [{MAIN_WINDOW[0]}, +{MAIN_WINDOW[1]}] by kind of news and "
            "group. KP and the naive tests run firm by firm; Corrado and placebo on "
            "the group's one return. The date-clustered bootstrap is undefined with "
            "so few dates. Holm and Benjamini-Hochberg run over the "
            f"{len(table)} placebo p-values of this table."
        ),
        "formats": formats,
    }


def specifications(study: DomesticAlternatives, findings: DomesticFindings) -> Plate:
    """The mean at releases on Chinese chips under every choice."""
    parts = {name: study.specified(ON_CHINESE_CHIPS, name) for name in BASKET_NAMES}
    table = pd.concat(parts, names=["basket"]).reset_index()
    figures = findings.figures
    name = stem(ON_CHINESE_CHIPS)
    chinese = table[table["basket"].isin(CHINESE)]
    title = (
        f"In all {len(chinese)} specifications Chinese shares gain on DeepSeek's turn, "
        f"{percent(float(chinese['car'].min()), 1)} to "
        f"{percent(float(chinese['car'].max()), 1)}"
        if (chinese["car"] > 0).all()
        else f"{int((chinese['car'] > 0).sum())} of {len(chinese)} specifications have "
        "Chinese shares gain on DeepSeek's turn"
    )
    nvidia = table[table["basket"] == "Nvidia"]
    losses = int((nvidia["car"] < 0).sum())
    choices = {
        "basket": list(BASKET_NAMES),
        "window": list(table["window"].unique()),
        "mask": list(MASKS.values()),
        "model": list(MODELS.values()),
    }
    return {
        "fig": specification_curve(
            table, choices, title=title, ylabel="Mean CAR over the releases"
        ),
        "caption": (
            "Mean over the events of 'DeepSeek on Chinese chips', with 95 % intervals "
            "from the spread of as few as four dates, hence wide; orange excludes "
            "zero. Placebo dates, which judge by how rare such a mean is, give p of "
            f"at most {_largest(study)} for the Chinese groups. Of Nvidia's means "
            f"{losses} of {len(nvidia)} are losses, which the article expects."
        ),
        "alt": (
            f"{len(table)} estimates in rising order above a grid of choices. Nvidia's "
            f"lie lowest, {figures[f'{name}_nvidia_least']} to "
            f"{figures[f'{name}_nvidia_most']}; the foundries in Hong Kong highest, up "
            f"to {figures[f'{name}_hong_kong_foundries_most']}."
        ),
    }


def _largest(study: DomesticAlternatives) -> str:
    rows = [study.specified(ON_CHINESE_CHIPS, name)["placebo_p"] for name in CHINESE]
    return number(float(pd.concat(rows).max()), 3)


def setback_line(study: DomesticAlternatives, findings: DomesticFindings) -> str:
    """What prices did on the report that contradicts the article."""
    figures = findings.figures
    moved = study.by_event["mainland chip names"].loc[SETBACK, "car"]
    reading = (
        "in the direction that the news would suggest"
        if moved < 0
        else "against the direction that the news would suggest, which warns against "
        "reading single days: the names may have been rising for other reasons"
    )
    return (
        "As a document the setback contradicts the article one week before the remark "
        "that the article rests on. In prices, mainland chip names moved by "
        f"{figures['setback_mainland_chip_names']} over its two sessions "
        f"(p {figures['setback_mainland_chip_names_p']}) and Nvidia by "
        f"{figures['setback_nvidia']} (p {figures['setback_nvidia_p']}): {reading}."
    )


def data_line(study: DomesticAlternatives) -> str:
    """One line on the data behind the chapter."""
    ends = ", ".join(
        f"{name} to {day(table[name].last_valid_index())}"
        for name, table in study.returns.items()
    )
    return (
        f"**Data.** Daily returns of four groups of shares ({ends}), each against its "
        f"own market; {len(study.all_events)} events of the ledger; tables of "
        "accelerators, thresholds and company figures with their sources. "
        "Provenance, checks and terms: `data/README.md`."
    )
