"""Suppliers' revenue against the milestones of the controls: figure and table.

Each function gives the keyword arguments of
:func:`helpers.presentation.notebook.show` or ``table``.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.evidence.export_controls import ExportControls
from helpers.evidence.export_controls_findings import ExportControlsFindings
from helpers.evidence.wording import percent
from helpers.presentation.lines import dated_lines

Plate = dict[str, Any]


def revenue(study: ExportControls, findings: ExportControlsFindings) -> Plate:
    """Suppliers' revenue over four quarters against the milestones."""
    lines = {}
    for name, table in study.revenue.items():
        first = table["value"].iloc[0]
        lines[name] = pd.DataFrame(
            {"value": 100 * table["value"] / first, "verified": table["verified"]}
        )
    titles = study.pressure.loc[study.milestones.index, "title"]
    dates = list(study.milestones.items())
    marks = {str(at): date for at, (_, date) in enumerate(dates, start=1)}
    named = "; ".join(
        f"{at} {titles[event]}, {date:%Y-%m-%d}"
        for at, (event, date) in enumerate(dates, start=1)
    )
    ends = ", ".join(
        f"{name} {table['value'].iloc[-1]:,.0f}" for name, table in lines.items()
    )
    figures = findings.figures
    title = (
        f"After a milestone suppliers' revenue grew in {figures['growth_cells_grew']} "
        f"of {figures['growth_cells']} verified cases, and faster than before in "
        f"{figures['speed_cells_faster']} of {figures['speed_cells']}"
    )
    figure = dated_lines(
        {"": lines},
        title=title,
        ylabels={"": "Revenue of four quarters,\nfirst one known = 100 (log scale)"},
        marks=marks,
        log=True,
    )
    return {
        "fig": figure,
        "caption": (
            "Revenue over the four quarters that end with each date, in each firm's "
            "own currency, first one known = 100. Hollow: a part is not verified. "
            f"Dotted lines: {named}. Hygon sells processors too; SMIC's and Hua Hong's "
            "customers are of every kind. No firm here shows what would have happened "
            "without controls."
        ),
        "alt": (
            f"Line chart on a log scale of {len(lines)} suppliers, all from 100. At "
            f"their ends stand {ends}; in the year after the first milestone SMIC's "
            f"revenue changed by {figures['growth_smic_1']}."
        ),
    }


def growth_table(study: ExportControls) -> Plate:
    """Growth of each supplier after each milestone, and before it."""
    table = study.growth.reset_index()
    table["milestone"] = table["event_id"].map(study.pressure["title"])
    table["status"] = table["verified"].map({True: "verified", False: "in part"})
    table = table.dropna(subset=["growth"]).set_index(["milestone", "supplier"])
    shown = {
        "end": "four quarters to",
        "growth": "growth after",
        "growth_before": "growth before",
        "status": "status",
    }
    return {
        "df": table[list(shown)].rename(columns=shown),
        "caption": (
            "Revenue of the first four full calendar quarters after the announcement "
            "against the four before them, and the same growth one year earlier. Only "
            "rows whose figures are all verified count."
        ),
        "formats": {
            "growth after": lambda x: percent(x, 0),
            "growth before": lambda x: percent(x, 0),
        },
    }
