"""What US and Chinese chip shares receive from each other: figure and tables."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.evidence.parallel_ecosystems import ParallelEcosystems
from helpers.evidence.parallel_ecosystems_findings import ParallelFindings
from helpers.evidence.wording import percent
from helpers.presentation.correlation import lines_over_time
from helpers.presentation.parallel_ecosystems import split_marks

Plate = dict[str, Any]


def connected(study: ParallelEcosystems, findings: ParallelFindings) -> Plate:
    """What the two sides receive from each other over time."""
    figures = findings.figures
    path = study.connected_over_time
    title = (
        "Surprises of US chip shares explain at most "
        f"{figures['connected_highest']} of what Chinese ones do, "
        f"{figures['connected_last']} of late"
    )
    figure = lines_over_time(
        {
            "Share of forecast-error variance from the other side": {
                "received\nby China": path["received"],
                "received\nby the US": path["given"],
                "chance": pd.Series(study.connected_by_chance, index=path.index),
            }
        },
        title=title,
        ylabel="Share",
        marks={
            label: date
            for label, date in split_marks(study).items()
            if date <= path.index[-1]
        },
        percent=True,
    )
    return {
        "fig": figure,
        "caption": (
            "Generalised variance decomposition of a vector autoregression (one lag, "
            f"ten sessions ahead) of {len(study.panel.columns)} baskets net of their "
            f"markets, over the last {figures['rolling']} mainland sessions. Each "
            "American basket has three Chinese ones to receive from, each Chinese one "
            "two American ones. Shares cannot be negative: dotted is the level that "
            "what China receives stays below in 95 % of windows whose dates were "
            f"shifted apart, {figures['connected_chance']}. Before the rule of October "
            "2022 the two sides exchanged "
            f"{figures['connected_first_before']}, since then "
            f"{figures['connected_first_after']} (p {figures['connected_first_p']})."
        ),
        "alt": (
            "Two lines of shares over time, both between zero and "
            f"{percent(float(path.max().max()), 0, signed=False)}, "
            f"what China receives peaks at {figures['connected_highest']} and ends at "
            f"{figures['connected_last']}; a dotted level of chance at "
            f"{figures['connected_chance']}."
        ),
    }


def connected_line(findings: ParallelFindings) -> str:
    """How the exchange of surprises compares with chance, as a sentence."""
    figures = findings.figures
    return (
        f"All links together make {figures['connected_total']} of forecast-error "
        f"variance; the Chinese baskets receive {figures['connected_received']} from "
        f"the American ones and these {figures['connected_given']} from them. In "
        f"{figures['connected_windows_above']} of {figures['connected_windows']} "
        "windows China receives more than chance gives. Between the time before the "
        "rule of October 2022 and the time since, the exchange went from "
        f"{figures['connected_first_before']} to {figures['connected_first_after']}; "
        "the same two lengths of mixed dates differ as much with "
        f"p {figures['connected_first_p']}. For the rule of October 2023 the figures "
        f"are {figures['connected_second_before']}, "
        f"{figures['connected_second_after']} and p {figures['connected_second_p']}."
    )


def connected_table(study: ParallelEcosystems) -> Plate:
    """The whole decomposition over the common span."""
    table = study.connected.shares.rename(index=lambda name: f"of {name}")
    return {
        "df": table,
        "caption": (
            "Share of each row's forecast-error variance that comes from surprises of "
            f"the column, {len(study.panel)} sessions; rows add up to one."
        ),
        "formats": dict.fromkeys(table.columns, lambda x: percent(x, 1, signed=False)),
    }
