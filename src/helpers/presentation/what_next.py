"""The figures and tables of the chapter on what happened next.

Each function gives the keyword arguments of :func:`helpers.presentation.notebook.show`
or ``table``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.evidence.domestic_alternatives import DomesticAlternatives
from helpers.evidence.forward_criteria import (
    CRITERIA,
    LAST_BASELINE,
    MANUFACTURING,
    PUBLISHED,
    QUICKLY,
    UNSCORED,
)
from helpers.evidence.what_next import TOOL_NEWS, WhatNext
from helpers.evidence.what_next_findings import WhatNextFindings, reading_text
from helpers.evidence.wording import day, number, percent
from helpers.presentation.lines import dated_lines
from helpers.presentation.outcome_board import outcome_board
from helpers.presentation.panels import forest_panels

Plate = dict[str, Any]

HEADINGS = {MANUFACTURING: "Spending goes on", QUICKLY: "Speed and independence"}
COLUMNS = ("turned around", "in between", "met")
TOOLS = {
    "mainland tool makers": "Tool makers, mainland",
    "Hong Kong foundries": "Foundries, Hong Kong",
    "US tool makers": "Tool makers, US",
}
SHORT = {
    "bis-2024-12-02-rules": "US controls on HBM and tools",
    "eda-export-curbs": "US stops design software",
    "veu-revocation": "US ends fab waivers",
    "domestic-tool-50pct-rule": "Half of tools domestic",
}


def criteria_table() -> Plate:
    """The criteria as they stand, before any reading."""
    rows = []
    for criterion in CRITERIA:
        as_row = pd.Series({"measure": criterion.measure})
        reverses = np.nan if criterion.reverses is None else criterion.reverses
        least, most = ("≥", "≤") if criterion.rising else ("≤", "≥")
        rows.append(
            {
                "criterion": criterion.label,
                "question": criterion.question,
                "measure": criterion.measure,
                "met if": f"{least} {reading_text(as_row, criterion.supports)}",
                "turned around if": f"{most} {reading_text(as_row, reverses)}"
                if criterion.reverses is not None
                else "never",
                "read by": criterion.read_by,
                "later figure from": criterion.source,
            }
        )
    return {
        "df": pd.DataFrame(rows).set_index("criterion"),
        "caption": (
            f"Criteria with thresholds. Baselines end on {day(LAST_BASELINE)} at the "
            f"latest, later figures begin after {day(PUBLISHED)}; quarters that "
            "straddle publication are used for neither."
        ),
    }


def board(later: WhatNext, findings: WhatNextFindings) -> Plate:
    """The scoreboard."""
    table = later.scoreboard.copy()
    table["threshold"] = [
        f"{'≥' if row['rising'] else '≤'} {reading_text(row, row['supports'])}"
        for _, row in table.iterrows()
    ]
    table["reading"] = [
        reading_text(row, row["reading"]) for _, row in table.iterrows()
    ]
    groups = {
        heading: table[table["claim_id"] == claim_id]
        for claim_id, heading in HEADINGS.items()
    }
    figures = findings.figures
    title = (
        f"{figures['met']} of {figures['criteria']} expectations of September 2025 "
        f"are met, {figures['turned_around']} turned around"
    )
    turned = ", ".join(table.loc[table["outcome"] == "turned around", "label"])
    return {
        "fig": outcome_board(
            groups, title=title, outcomes=COLUMNS, heads=("met if", "reading")
        ),
        "caption": (
            "Each criterion in the column of its outcome, with its threshold, which "
            "uses nothing from after publication, and the reading. '×' is "
            "the later figure over the baseline, 'points' their difference in "
            "percentage points, a plain number a count of verified ledger events, t "
            "the mean excess return over its error (Newey-West). For Nvidia's China "
            "revenue and for import approvals, low readings speak for the article."
        ),
        "alt": (
            f"Table-like chart of {figures['criteria']} rows in two groups and three "
            f"columns: {figures['met']} filled circles under met, "
            f"{figures['in_between']} hollow ones in between, "
            f"{figures['turned_around']} "
            f"{'cross' if figures['turned_around'] == '1' else 'crosses'} under turned "
            "around" + (f" ({turned})." if turned else ".")
        ),
    }


def readings_table(later: WhatNext) -> Plate:
    """Baseline and later figure of each criterion that has both."""
    table = later.scoreboard
    shown = table[table["measure"].isin(["ratio", "difference"])]
    out = shown.set_index("label")[["baseline", "later", "outcome", "source"]]
    return {
        "df": out,
        "caption": (
            "The figures behind the ratios and differences, in the unit of their "
            "source: millions of dollars (SMIC, Nvidia) or yuan (Cambricon), shares, "
            "TOPS times bits for chips."
        ),
        "formats": {
            "baseline": lambda x: f"{x:,.0f}" if x > 10 else number(x, 3),
            "later": lambda x: f"{x:,.0f}" if x > 10 else number(x, 3),
        },
    }


def shares(later: WhatNext, findings: WhatNextFindings) -> Plate:
    """Cumulative excess return of foundries and chip names after publication."""
    chosen = {
        "foundries": ("Hong Kong foundries", "foundry-shares"),
        "chip names": ("mainland chip names", "chip-shares"),
    }
    by_id = {criterion.criterion_id: criterion for criterion in CRITERIA}
    lines = {}
    for label, (basket, criterion_id) in chosen.items():
        path = later.excess(basket, by_id[criterion_id]).cumsum()
        weekly = 100 * path.resample("W-FRI").last().dropna()
        lines[label] = pd.DataFrame({"value": weekly, "verified": True})
    figures = findings.figures
    title = (
        "After publication foundries in Hong Kong earned "
        f"{figures['foundry_shares_excess']} more than their market, mainland chip "
        f"names {figures['chip_shares_excess']}: neither beyond chance"
        if {figures["foundry_shares_outcome"], figures["chip_shares_outcome"]}
        == {"in between"}
        else "After publication foundries in Hong Kong earned "
        f"{figures['foundry_shares_excess']} more than their market, mainland chip "
        f"names {figures['chip_shares_excess']}"
    )
    ends = {label: float(table["value"].iloc[-1]) for label, table in lines.items()}
    return {
        "fig": dated_lines(
            {"excess": lines},
            title=title,
            ylabels={"excess": "Excess log return, per cent"},
        ),
        "caption": (
            f"Cumulative log return beyond the market since {day(PUBLISHED)}, Fridays: "
            "SMIC and Hua Hong in Hong Kong beyond the Hang Seng, to the end of the "
            "prices; five mainland chip names beyond the CSI 300, to the last session "
            f"for which all have a price. {figures['foundry_shares']} and "
            f"{figures['chip_shares']} (Newey-West). Prices had risen before: what "
            "was expected at publication was in them already."
        ),
        "alt": (
            "Two lines of cumulative excess returns from the end of September 2025: "
            + " and ".join(
                f"{label} end at {number(value, 0)} per cent"
                for label, value in ends.items()
            )
            + "."
        ),
    }


def tools(study: DomesticAlternatives, findings: WhatNextFindings) -> Plate:
    """Reactions to the news on tools and software, by group."""
    panels = {}
    for basket, label in TOOLS.items():
        rows = study.by_event[basket][["car", "ci_low", "ci_high"]]
        panels[label] = rows.set_axis([_event(study, name) for name in rows.index])
    figures = findings.figures
    clear = sum(
        int(((table["ci_low"] > 0) | (table["ci_high"] < 0)).sum())
        for table in panels.values()
    )
    total = sum(len(table) for table in panels.values())
    title = (
        f"News on tools and software: {clear or 'none'} of {total} reactions "
        f"{'is' if clear <= 1 else 'are'} clear of zero"
    )
    return {
        "fig": forest_panels(
            panels,
            title=title,
            xlabels=["CAR over [0, +1]"] * len(panels),
            row_height=0.55,
        ),
        "caption": (
            "Cumulative abnormal return over [0, +1] in each group's own sessions, "
            "market model, exact 95 % intervals. The controls of December 2024 had "
            "leaked and were milder than feared; the end of the waivers shares its "
            "session with other news; the rule on domestic tools was reported with an "
            "uncertain day, and of the mainland tool makers one was suspended then."
        ),
        "alt": (
            f"Three panels with {total} estimates and their intervals; mainland tool "
            f"makers average {figures['tools_mainland_tool_makers']}, foundries in "
            f"Hong Kong {figures['tools_hong_kong_foundries']}, US tool makers "
            f"{figures['tools_us_tool_makers']}."
        ),
    }


def _event(study: DomesticAlternatives, event_id: str) -> str:
    announced = study.ledger.loc[event_id, "announced_at"]
    return f"{SHORT.get(event_id, event_id)}\n{announced:%Y-%m-%d}"


def tools_table(study: DomesticAlternatives) -> Plate:
    """Tests of the mean reaction to the news on tools, with the spread."""
    rows = {}
    for basket in study.baskets:
        tests = study.tests.loc[(TOOL_NEWS, basket)]
        specified = study.specified(TOOL_NEWS, basket)
        rows[basket] = {
            "mean": tests["car"],
            "found with 80 % power": tests["detectable"],
            "p, KP": tests["adjusted_bmp"],
            "p, Corrado": tests["corrado"],
            "p, placebo": tests["placebo"],
            "placebo, Holm": tests["holm"],
            "naive t": tests["cross_sectional"],
            "least": specified["car"].min(),
            "most": specified["car"].max(),
            "smallest p": specified["placebo_p"].min(),
        }
    table = pd.DataFrame.from_dict(rows, orient="index")
    formats: dict[str, Any] = {name: (lambda x: number(x, 3)) for name in table.columns}
    for name in ("mean", "least", "most"):
        formats[name] = lambda x: percent(x, 1)
    formats["found with 80 % power"] = lambda x: percent(x, 1, signed=False)
    count = len(study.specified(TOOL_NEWS, next(iter(study.baskets))))
    return {
        "df": table,
        "caption": (
            "Mean over four events, tests as in the chapter on domestic alternatives. "
            f"The last three columns are the range over {count} specifications (two "
            "windows, two models, other events left out or not) and the smallest "
            "placebo p among them."
        ),
        "formats": formats,
    }


def unscored_table() -> Plate:
    """Expectations that cannot be scored, with the reason."""
    rows = [
        {"expectation": each.what, "claim": each.claim_id, "why not": each.why}
        for each in UNSCORED
    ]
    return {
        "df": pd.DataFrame(rows).set_index("expectation"),
        "caption": (
            "Expectations that these data cannot score. A part of a claim that no "
            "criterion stands for keeps the claim from being supported in full."
        ),
    }


def data_line(later: WhatNext) -> str:
    """One line on what is read and up to when."""
    table = later.fundamentals
    verified = table[
        (table["verification"] == "verified")
        & table["basis"].isin(["reported", "rounded", "derived"])
    ]
    last = verified["period_end"].max()
    events = later.ledger["announced_at"].map(lambda when: when.date()).max()
    return (
        f"**Data.** Company figures up to periods that end on {day(last)}, the event "
        f"ledger up to {day(pd.Timestamp(events))}, accelerators as announced, prices "
        "of foundries in Hong Kong and of mainland chip names. Publication is taken "
        f"to be {day(PUBLISHED)}, the end of the week in which the feature behind the "
        "article ran. Provenance, checks and terms: `data/README.md`."
    )
