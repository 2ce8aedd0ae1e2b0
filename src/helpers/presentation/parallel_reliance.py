"""What documents and accounts say of reliance on the other side: tables."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.data.ledger import load_ledger, local_dates
from helpers.evidence.parallel_ecosystems_findings import ParallelFindings
from helpers.evidence.reliance import BASES, Reliance
from helpers.evidence.wording import percent

Plate = dict[str, Any]


DOCUMENTS = {
    "huawei-ascend-roadmap": "apart",
    "deepseek-v31-domestic-chip-remark": "apart",
    "deepseek-v32-exp": "apart",
    "deepseek-v4-huawei-report": "apart",
    "deepseek-v4": "apart",
    "domestic-tool-50pct-rule": "apart",
    "deepseek-r2-ascend-setback": "together",
    "h20-resumption": "together",
    "china-approves-first-h200": "together",
    "h200-ten-firms-cleared": "together",
    "trump-says-china-declined-h200": "apart",
}


def documents() -> Plate:
    """What the ledger holds on stacks and purchases, for and against."""
    ledger = load_ledger().loc[list(DOCUMENTS)]
    table = pd.DataFrame(
        {
            "date": [f"{date:%Y-%m-%d}" for date in local_dates(ledger)],
            "event": ledger["title"].to_numpy(),
            "points": list(DOCUMENTS.values()),
            "verification": ledger["verification"].to_numpy(),
        },
        index=pd.Index(ledger.index, name="event of the ledger"),
    ).sort_values("date")
    return {
        "df": table,
        "caption": "Steps towards separate systems, and steps that keep them together.",
    }


def reliance_table(reliance: Reliance) -> Plate:
    """China in Nvidia's revenue, on each basis by itself."""
    rows = []
    for basis in BASES:
        found = reliance.nvidia_years[basis].reset_index()
        rows.append(found.assign(basis=f"{basis}, year"))
    quarters = reliance.nvidia_quarters.reset_index()
    rows.append(quarters.assign(basis="headquarters, quarter"))
    table = pd.concat(rows)[["basis", "fiscal", "china_usd_m", "china_share"]]
    table = table.set_index(["basis", "fiscal"])
    table.columns = ["China, million dollars", "share of revenue"]
    return {
        "df": table,
        "caption": (
            "Nvidia's revenue from China including Hong Kong, verified figures. By "
            "billing address and by customer headquarters are two measures and are "
            "never joined."
        ),
        "formats": {
            "China, million dollars": "{:,.0f}",
            "share of revenue": lambda x: percent(x, 1, signed=False),
        },
    }


def reliance_line(findings: ParallelFindings) -> str:
    """What the domestic side of the accounts says, as a sentence."""
    figures = findings.figures
    return (
        f"In {figures['nvidia_quarter_last_name']} China was "
        f"{figures['nvidia_quarter_last']} of Nvidia's revenue by headquarters, after "
        f"{figures['nvidia_quarter_before']} a year before. SMIC earned "
        f"{figures['foundry_before']} of its revenue in China in the quarter to "
        f"{figures['foundry_before_quarter']} and {figures['foundry_last']} in that to "
        f"{figures['foundry_last_quarter']}. Bernstein put Chinese vendors at "
        f"{figures['domestic_before']} of sales in "
        f"{figures['domestic_before_year']}; its figures of supply for "
        f"{figures['domestic_last_year']} come to {figures['domestic_last']}."
    )
