"""What the accounts of Nvidia and of Chinese suppliers say: the figures.

Each function gives the keyword arguments of
:func:`helpers.presentation.notebook.show`.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.evidence.beijing import BASES, Beijing
from helpers.evidence.beijing_findings import BeijingFindings
from helpers.presentation.lines import dated_lines

Plate = dict[str, Any]


# Sales letters and rules that fall into the span of Nvidia's revenue.
MARKS = {
    "1": "bis-2022-10-07-rules",
    "2": "bis-2023-10-17-rules",
    "3": "nvda-h20-licence",
    "4": "h20-avoid-guidance",
}


def nvidia_revenue(study: Beijing, findings: BeijingFindings) -> Plate:
    """China's share of Nvidia's revenue on each basis, in panels of their own."""
    panels, ylabels = {}, {}
    for basis, name in BASES.items():
        table = study.china_revenue[basis]
        # Recalled figures are not to be used before the filing is read.
        table = table[table["verification"] != "unverified"]
        label = f"{name[0].upper()}{name[1:]}"
        panels[label] = {
            "": pd.DataFrame(
                {
                    "value": 100 * table["china_share"],
                    "verified": table["verification"] == "verified",
                }
            )
        }
        ylabels[label] = "Share of revenue, %"
    figures = findings.figures
    title = (
        "China's share of Nvidia's revenue fell on both bases: "
        if _fell(study)
        else "China's share of Nvidia's revenue: "
    ) + (
        f"{figures['billing_first_share']} to {figures['billing_last_share']} and "
        f"{figures['headquarters_first_share']} to {figures['headquarters_last_share']}"
    )
    marks = {label: _announced(event) for label, event in MARKS.items()}
    figure = dated_lines(panels, title=title, ylabels=ylabels, marks=marks)
    for axes in figure.axes:
        axes.set_ylim(bottom=0)
    return {
        "fig": figure,
        "caption": (
            "Quarterly revenue from China including Hong Kong as a share of all "
            "revenue. Above where Nvidia bills, below where the customer has its "
            "headquarters: two measures, never joined. Hollow: verified in part; "
            "a figure of the newest quarter that is only recalled is left out. The "
            "title compares fiscal years "
            f"({figures['billing_first_year']} and "
            f"{figures['billing_last_year']}; {figures['headquarters_first_year']} and "
            f"{figures['headquarters_last_year']}). Dotted: 1 rules of October 2022, 2 "
            "of October 2023, 3 licence for the H20, 4 first report of guidance."
        ),
        "alt": (
            "Two line charts one above the other over quarters from 2022 to 2026. By "
            f"billing the yearly share goes from {figures['billing_first_share']} to "
            f"{figures['billing_last_share']}, by headquarters from "
            f"{figures['headquarters_first_share']} to "
            f"{figures['headquarters_last_share']}; the two lines never meet."
        ),
    }


def _fell(study: Beijing) -> bool:
    return all(
        table["china_share"].dropna().iloc[-1] < table["china_share"].dropna().iloc[0]
        for table in study.china_years.values()
    )


def _announced(event_id: str) -> pd.Timestamp:
    from helpers.data.ledger import load_ledger

    event = load_ledger().loc[event_id]
    local = event["announced_at"].tz_convert(event["timezone"])
    return local.tz_localize(None).normalize()


def suppliers(study: Beijing, findings: BeijingFindings) -> Plate:
    """Domestic suppliers' revenue over four quarters, by currency."""
    currency = {"Cambricon": "yuan", "Hygon": "yuan", "SMIC": "dollars"}
    panels: dict[str, dict[str, pd.DataFrame]] = {}
    for name, table in study.suppliers.items():
        unit = currency.get(name, "dollars")
        part = table[["value", "verified"]].assign(value=table["value"] / 1000)
        panels.setdefault(f"In billion {unit}", {})[name] = part
    figures = findings.figures
    title = (
        f"Domestic suppliers' revenue: Cambricon {figures['growth_cambricon']}, SMIC "
        f"{figures['growth_smic']} in the latest verified four quarters"
    )
    figure = dated_lines(
        panels,
        title=title,
        ylabels=dict.fromkeys(panels, "Revenue of four quarters"),
        marks={"guidance": _announced(MARKS["4"])},
    )
    for axes in figure.axes:
        axes.set_ylim(bottom=0)
    return {
        "fig": figure,
        "caption": (
            "Revenue over the four quarters that end with each date. Hollow: a part is "
            "not verified. Hygon sells processors too, the foundries serve customers "
            "of every kind. Dotted: the first verified report of guidance named after "
            "a part, 2025-08-12."
        ),
        "alt": (
            "Two line charts over quarters, one in yuan with Cambricon and Hygon, one "
            "in dollars with SMIC and Hua Hong. At their ends Cambricon stands at "
            f"{study.suppliers['Cambricon']['value'].iloc[-1] / 1000:.1f} billion yuan "
            f"and SMIC at {study.suppliers['SMIC']['value'].iloc[-1] / 1000:.1f} "
            "billion dollars."
        ),
    }
