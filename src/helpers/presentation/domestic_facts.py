"""Chips, revenue and market values: the chapter's figures beyond event studies.

Each function gives the keyword arguments of :func:`helpers.presentation.notebook.show`
or ``table``.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.evidence.accelerators import LAST_DAY, OTHERS, ROADMAP_DAY, Accelerators
from helpers.evidence.domestic_alternatives import SIZE
from helpers.evidence.domestic_findings import DomesticFindings
from helpers.evidence.domestic_verdicts import stem
from helpers.evidence.ecosystem import BASKET, BROAD, FIRMS, GROWTH_BOARD, Ecosystem
from helpers.evidence.ledger_record import CITIES
from helpers.evidence.wording import day, number, percent
from helpers.presentation.lines import dated_lines
from helpers.presentation.scatter import ThresholdPanel, threshold_scatter

Plate = dict[str, Any]


def thresholds(chips: Accelerators, findings: DomesticFindings) -> Plate:
    """Accelerators against the control thresholds over time."""
    points, figures = chips.points, findings.figures
    tpp = points.rename(columns={"tpp": "value", "tpp_low": "low", "tpp_high": "high"})
    density = points[points["performance_density"].notna()].assign(
        value=lambda table: table["performance_density"],
        low=lambda table: table["performance_density"],
        high=lambda table: table["performance_density"],
        doubtful=lambda table: table["density_doubtful"],
    )
    panels = {
        "Total processing performance": ThresholdPanel(
            points=tpp,
            lines=chips.lines("tpp"),
            ylabel="TOPS × bits",
            names={
                "nvidia-a100": ("A100", (6, 8)),
                "nvidia-h100": ("H100", (2, 12)),
                "nvidia-h20": ("H20", (-8, 7)),
                "nvidia-b300": ("B300", (-8, 8)),
                "nvidia-rubin": ("Rubin", (8, 0)),
                "huawei-ascend-910": ("Ascend 910", (-2, -12)),
                "huawei-ascend-910c": ("910C", (8, -6)),
                "huawei-atlas-350": ("Atlas 350", (-8, -1)),
                "huawei-ascend-950dt": ("950DT", (9, 2)),
                "huawei-ascend-960": ("960", (9, -4)),
                "huawei-ascend-970": ("970", (-8, 8)),
                "biren-br100": ("BR100", (-8, 0)),
            },
        ),
        "Performance density": ThresholdPanel(
            points=density,
            lines=chips.lines("performance_density"),
            ylabel="TOPS × bits per mm² of logic die",
            names={
                "nvidia-a100": ("A100", (8, 8)),
                "nvidia-h100": ("H100", (-7, 7)),
                "nvidia-h20": ("H20", (0, -12)),
                "nvidia-b300": ("B300", (-8, 6)),
                "nvidia-rubin": ("Rubin", (8, 0)),
                "huawei-ascend-910": ("Ascend 910", (4, 11)),
                "huawei-ascend-910b": ("910B", (-8, 7)),
                "huawei-ascend-910c": ("910C", (8, -4)),
            },
        ),
    }
    later = points[
        (points["kind"] == "planned") & (points["date"] > pd.Timestamp("2026-12-31"))
    ]
    late = int((later["maker"] == "Huawei").sum())
    title = (
        "Huawei's last planned part is to have "
        f"{figures['roadmap_last_of_nvidia_best']} of the performance "
        "of Nvidia's best part of 2025"
    )
    figure = threshold_scatter(
        panels,
        title=title,
        makers=("Huawei", OTHERS, "Nvidia", "AMD"),
        today=ROADMAP_DAY,
        start=pd.Timestamp("2018-07-01"),
        end=LAST_DAY,
        line_names={
            4800.0: "denied from 4,800",
            2400.0: "notice from 2,400",
            1600.0: "1,600 if dense",
            21000.0: "reviewed below 21,000",
            5.92: "denied from 5.92 (TPP from 1,600)",
            3.2: "notice from 3.2 (TPP from 1,600)",
            1.6: "notice from 1.6 (TPP from 2,400)",
        },
    )
    return {
        "fig": figure,
        "caption": (
            "Accelerators by the middle of the span in which they became available or "
            "are due, logarithmic scale. Hollow: planned. Pale: the figure is not "
            "verified. Cross: never sold. Bars: range of the sources. Lines: the "
            "rules for data-centre chips sold to China from the day they apply; "
            "applied to Chinese parts they are a yardstick, not law. Grey band: the "
            f"roadmap. {figures['chinese_undisclosed']} further Chinese chips disclose "
            f"no throughput; of {figures['chinese_points']} drawn, "
            f"{figures['huawei_points']} are Huawei's, and so are {late} of the "
            f"{len(later)} due after 2026: this is nearly a plot of Huawei. "
            "Density is known for few parts, and mostly from estimated die areas."
        ),
        "alt": (
            "Two scatter plots over 2019 to 2028. In the upper one Nvidia's parts rise "
            f"from {chips.points.loc['nvidia-a100', 'tpp']:,.0f} to "
            f"{chips.points.loc['nvidia-rubin', 'tpp']:,.0f} while Huawei's go from "
            f"{chips.points.loc['huawei-ascend-910', 'tpp']:,.0f} to "
            f"{figures['huawei_best_tpp']} and, as planned parts, "
            f"{figures['roadmap_last_tpp']}; dashed lines mark the thresholds from "
            "October 2022 on."
        ),
    }


def roadmap_table(chips: Accelerators) -> Plate:
    """Huawei's parts, sold and planned, against line and rivals."""
    points = chips.points
    own = points[(points["maker"] == "Huawei")]
    table = pd.DataFrame(
        {
            "part": own["name"],
            "on sale or due": own["date"].dt.strftime("%Y-%m"),
            "status": own["kind"],
            "TPP": own["tpp"],
            "times the line": own["tpp"] / chips.licence_line,
            "times H20": own["tpp"] / chips.nvidia_for_china["tpp"],
            "of the best Nvidia part of 2025": own["tpp"] / chips.nvidia_best["tpp"],
        }
    ).set_index("part")
    return {
        "df": table,
        "caption": (
            "Processing performance (TPP, TOPS times bits, dense) of Huawei's parts; "
            f"line: {chips.licence_line:,.0f}; best Nvidia part on sale at the "
            f"roadmap: {chips.nvidia_best['name']}. Months are the middle of the "
            "quarter or year known. 950PR is as promised, Atlas 350 as shown."
        ),
        "formats": {
            "TPP": "{:,.0f}",
            "times the line": "{:.1f}",
            "times H20": "{:.1f}",
            "of the best Nvidia part of 2025": lambda x: percent(x, 0, signed=False),
        },
    }


def revenue(ecosystem: Ecosystem, findings: DomesticFindings) -> Plate:
    """Quarterly revenue of the domestic firms, the first known quarter of 2024 = 1."""
    lines = {}
    for firm in (*FIRMS, "Nvidia"):
        table = ecosystem.quarters(firm).loc["2024-01-01":]
        lines[firm] = table.assign(value=table["value"] / table["value"].iloc[0])
    # Hua Hong's line would lie on SMIC's.
    drawn = {firm: table for firm, table in lines.items() if firm != "Hua Hong"}
    figures = findings.figures
    title = (
        "Revenue of domestic chip firms: the median grew by "
        f"{figures['growth_median']} in a year, Nvidia's by {figures['growth_nvidia']}"
    )
    figure = dated_lines(
        {"revenue": drawn},
        title=title,
        ylabels={"revenue": "Quarterly revenue, first quarter = 1"},
        log=True,
        number="{:g}",
    )
    last = {firm: float(table["value"].iloc[-1]) for firm, table in drawn.items()}
    return {
        "fig": figure,
        "caption": (
            "Revenue by quarter, each firm's first quarter from 2024 on as one, "
            "logarithmic scale. Hollow points are not verified. Cambricon starts from "
            "next to nothing; Hygon's series starts in 2025 and holds processors as "
            "well; SMIC makes far more than AI chips. Hua Hong, not drawn, runs "
            "close to SMIC. The growth in the "
            "title is the latest for which both figures are verified: "
            + "; ".join(
                f"{firm} {figures[f'growth_{stem(firm)}']} (to "
                f"{figures[f'growth_{stem(firm)}_end']})"
                for firm in (*FIRMS, "Nvidia")
            )
            + "."
        ),
        "alt": (
            "Line chart on a logarithmic scale of four firms from 2024 to 2026: "
            + ", ".join(f"{firm} ends at {value:.1f}" for firm, value in last.items())
            + " times its first quarter."
        ),
    }


def market_value(ecosystem: Ecosystem, findings: DomesticFindings) -> Plate:
    """The basket against market and growth board since the first chip rule."""
    months = ecosystem.wealth.resample("ME").last()
    months.index = months.index.where(
        months.index <= ecosystem.wealth.index[-1], ecosystem.wealth.index[-1]
    )
    names = {BASKET: "chip names", GROWTH_BOARD: "STAR 50", BROAD: "CSI 300"}
    lines = {
        label: pd.DataFrame({"value": months[column], "verified": True})
        for column, label in names.items()
    }
    figures = findings.figures
    title = (
        f"Since {figures['since_rule_1_first']} domestic chip names returned "
        f"{figures['since_rule_1_broad_basket']}, the market "
        f"{figures['since_rule_1_broad_market']}"
    )
    shown = ecosystem.listed[ecosystem.listed["date"] <= ecosystem.wealth.index[-1]]
    marks = {"rule of 2023": ecosystem.starts["bis-2023-10-17-rules"]}
    if len(shown):
        marks["listings"] = shown["date"].min()
    figure = dated_lines(
        {"value": lines},
        title=title,
        ylabels={"value": "Month ends, first session = 100"},
        marks=marks,
        log=True,
    )
    return {
        "fig": figure,
        "caption": (
            f"Value of 100 invested before {figures['since_rule_1_first']}, equally "
            "weighted each day over the five mainland chip names of this book that "
            "were listed, to the last session for which all have a price "
            f"({figures['since_rule_1_last']}). The names were chosen knowing who "
            "had done well, so the gap flatters the claim. Excess over the broad "
            f"market: p {figures['since_rule_1_broad_p']} (Newey-West)."
        ),
        "alt": (
            "Three lines on a logarithmic scale: the basket of chip names ends at "
            f"{months[BASKET].iloc[-1]:,.0f}, the STAR 50 at "
            f"{months[GROWTH_BOARD].iloc[-1]:,.0f} and the CSI 300 at "
            f"{months[BROAD].iloc[-1]:,.0f}, all from 100."
        ),
    }


def listings_table(ecosystem: Ecosystem) -> Plate:
    """First days of trading of accelerator makers."""
    table = ecosystem.listed.set_index("firm")
    table["mic"] = table["mic"].map(CITIES)
    shown = {
        "mic": "exchange",
        "date": "first session",
        "currency": "currency",
        "offer": "offer",
        "first_close": "first close",
        "gain": "gain",
        "verification": "verification",
    }
    table = table[list(shown)].rename(columns=shown)
    return {
        "df": table,
        "caption": (
            "Listings of accelerator makers. A gain without a close is as the press "
            "reports it. First-day gains in Shanghai also reflect how "
            "offers are priced there."
        ),
        "formats": {
            "gain": lambda x: percent(x, 0),
            "offer": "{:.2f}",
            "first close": "{:.2f}",
        },
    }


def market_table(ecosystem: Ecosystem) -> Plate:
    """Excess of the basket over each benchmark since each rule."""
    table = ecosystem.market_value.copy()
    boards = {BROAD: "CSI 300", GROWTH_BOARD: "STAR 50"}
    table.index = pd.MultiIndex.from_tuples(
        [(day(row["first"]), boards[key[1]]) for key, row in table.iterrows()],
        names=["since", "against"],
    )
    table["interval"] = [
        f"{percent(low, 0)} to {percent(high, 0)}"
        for low, high in zip(table["ci_low"], table["ci_high"], strict=True)
    ]
    shown = table[["basket", "market", "excess", "interval", "p_value"]]
    return {
        "df": shown.rename(
            columns={"excess": "excess a year (log)", "p_value": "p, Newey-West"}
        ),
        "caption": (
            "Total return of the basket and the benchmark, and the mean excess log "
            f"return a year with its 95 % interval; {int(SIZE * 100)} % is the level "
            "throughout."
        ),
        "formats": {
            "basket": lambda x: percent(x, 0),
            "market": lambda x: percent(x, 0),
            "excess a year (log)": lambda x: percent(x, 0),
            "p, Newey-West": lambda x: number(x, 3),
        },
    }
