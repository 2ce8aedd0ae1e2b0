"""The figures and tables of the chapter on Beijing's policy.

Each function gives the keyword arguments of :func:`helpers.presentation.notebook.show`
or ``table``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from helpers.data.ledger import load_claims
from helpers.evidence.beijing import BASES, KINDS, MAIN, MODELS, Beijing
from helpers.evidence.beijing_findings import BeijingFindings
from helpers.evidence.reactions import BASKETS
from helpers.evidence.wording import number, p_text, percent, window_text
from helpers.presentation.forest import forest, specification_curve
from helpers.presentation.lines import dated_lines
from helpers.presentation.panels import forest_panels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Plate = dict[str, Any]
TITLE_LENGTH = 44
# Sales letters and rules that fall into the span of Nvidia's revenue.
MARKS = {
    "1": "bis-2022-10-07-rules",
    "2": "bis-2023-10-17-rules",
    "3": "nvda-h20-licence",
    "4": "h20-avoid-guidance",
}


def data_line(study: Beijing) -> str:
    """One line on the data behind the chapter."""
    checked = int((study.measures["verification"] == "verified").sum())
    return (
        f"**Data.** {len(study.measures)} measures of the Chinese government from the "
        f"event ledger, {checked} of them verified; daily adjusted closes of Nvidia "
        "(New York, against the S&P 500), of mainland chip names and tool makers "
        "(against the CSI 300) and of two foundries in Hong Kong (against the Hang "
        "Seng), each group the equal-weighted mean of its members; Nvidia's revenue "
        "from China out of its filings (`data/nvidia_revenue.csv`), suppliers' revenue "
        "and fund sizes (`data/fundamentals.csv`). Provenance, checks and terms: "
        "`data/README.md`."
    )


def events_table(study: Beijing) -> Plate:
    """Every measure with its kind, status and first session in either market."""
    table = study.measures
    named = set(study.guidance) | set(study.funding)
    rows = pd.DataFrame(
        {
            "measure": table["title"],
            "kind": table["type"].map(KINDS),
            "status": table["verification"].str.replace("-", " "),
            "carries a verdict": ["yes" if e in named else "no" for e in table.index],
        }
    )
    for basket in (study.choices.nvidia, study.choices.china[0]):
        placed = study.everything(basket).placed.set_index("event_id")["day0"]
        rows[f"first session, {BASKETS[basket].exchange}"] = placed
    return {
        "df": rows.set_index("measure"),
        "caption": (
            "Measures of the Chinese government in order of time, with the first "
            "session that could react in New York and in Shanghai. Press reports of "
            "guidance, not published orders."
        ),
    }


def kinds(study: Beijing, findings: BeijingFindings) -> Plate:
    """Mean reaction by kind of measure, Nvidia beside the mainland chip names."""
    chosen = study.choices.nvidia, study.choices.china[0]
    rows = [
        kind for kind in KINDS if all((b, kind) in study.kinds.index for b in chosen)
    ]
    series = {}
    counts = study.kinds["n_events"].astype(int)
    dates = {kind: [counts[basket, kind] for basket in chosen] for kind in rows}
    labels = [
        f"{KINDS[kind]}\n({dates[kind][0]} and {dates[kind][1]} dates)" for kind in rows
    ]
    for basket in chosen:
        # The interval of two dates has one degree of freedom and says nothing.
        part = study.kinds.loc[[(basket, kind) for kind in rows]].copy()
        few = part["n_events"].between(2, 3)
        part.loc[few, ["ci_low", "ci_high"]] = float("nan")
        series[basket] = part.set_axis(labels)
    figures = findings.figures
    title = (
        f"Guidance and bans moved mainland chip names by "
        f"{figures['chips_procurement-guidance']} and Nvidia by "
        f"{figures['nvidia_procurement-guidance']}; the other kinds have few dates"
    )
    figure = forest(
        series, title=title, xlabel="Mean abnormal return over [0, +1], 95 % interval"
    )
    return {
        "fig": figure,
        "caption": (
            "Mean abnormal return over two sessions by kind of measure, verified ones, "
            "each market in its own sessions. A kind with one date has the exact "
            "interval of that date; with two or three dates no interval is drawn, "
            "since the spread over so few says nothing. The funding date comes in the "
            "week after Nvidia's results, so the gain in New York is not China's doing "
            "alone."
        ),
        "alt": (
            f"Dot plot of {len(rows)} kinds of measures for Nvidia and mainland chip "
            f"names. Guidance stands at {figures['nvidia_procurement-guidance']} and "
            f"{figures['chips_procurement-guidance']}, approvals at "
            f"{figures['nvidia_relaxation']} and {figures['chips_relaxation']}."
        ),
    }


def events(study: Beijing, findings: BeijingFindings) -> Plate:
    """Event by event: Nvidia beside the mainland chip names."""
    chosen = study.choices.nvidia, study.choices.china[0]
    titles = study.measures["title"]
    dates = study.by_event(chosen[1])["day0"]
    order = [event for event in study.measures.index if event in dates.index]
    labels = [
        (t if len(t) <= TITLE_LENGTH else t[: TITLE_LENGTH - 1].rstrip() + "…")
        + f", {dates[event]:%Y-%m}"
        for event, t in titles[order].items()
    ]
    panels = {
        f"{basket} ({BASKETS[basket].exchange})": study.by_event(basket)
        .reindex(order)
        .set_axis(labels)
        for basket in chosen
    }
    checked = study.measures.loc[order, "verification"] == "verified"
    hollow = [label for label, ok in zip(labels, checked, strict=True) if not ok]
    figures = findings.figures
    clear = int(figures["nvidia_events_clear"]) + int(figures["chips_events_clear"])
    total = int(figures["nvidia_events"]) + int(figures["chips_events"])
    title = (
        f"{clear} of {total} single reactions to Beijing's measures can be told from "
        "zero"
    )
    figure = forest_panels(
        panels,
        title=title,
        xlabels=["CAR over [0, +1]", "CAR over [0, +1]"],
        row_height=0.27,
        hollow=hollow,
    )
    return {
        "fig": figure,
        "caption": (
            "Abnormal return over two sessions with exact 95 % intervals; filled "
            "markers exclude zero. Rows in grey italics are not verified, or only in "
            "part. Measures that share a session are drawn once."
        ),
        "alt": (
            f"Two dot plots side by side over {len(order)} measures in order of time; "
            f"Nvidia's reactions lie between "
            f"{percent(study.by_event(chosen[0])['car'].min(), 1)} and "
            f"{percent(study.by_event(chosen[0])['car'].max(), 1)}, the mainland "
            f"names' between {percent(study.by_event(chosen[1])['car'].min(), 1)} and "
            f"{percent(study.by_event(chosen[1])['car'].max(), 1)}."
        ),
    }


def guidance(study: Beijing, findings: BeijingFindings) -> Plate:
    """Mean reaction to the reports of guidance by group, two windows."""
    table = study.averages
    series = {
        window_text(*window): table.xs(window, level=("first", "last"))
        for window in ((0, 1), (-1, 1))
    }
    figures = findings.figures
    title = (
        f"On {figures['reports']} reports of guidance mainland chip names moved by "
        f"{figures['chips']} and Nvidia by {figures['nvidia']}"
    )
    figure = forest(
        series, title=title, xlabel="Mean abnormal return, 95 % interval over dates"
    )
    _whole_ticks(figure)
    return {
        "fig": figure,
        "caption": (
            f"The {figures['reports']} verified reports that the claim names, from "
            "2025-07-31 to 2025-11-05, over two windows. Market model, other events "
            f"and results masked. With {figures['nvidia_n']} dates the interval has "
            f"{int(figures['nvidia_n']) - 1} degrees of freedom."
        ),
        "alt": (
            "Dot plot of four groups with two intervals each. Over [0, +1] Nvidia "
            f"stands at {figures['nvidia']}, mainland chip names at "
            f"{figures['chips']}, mainland tool makers at {figures['cn_tools']} and "
            f"Hong Kong's foundries at {figures['foundries']}."
        ),
    }


def guidance_table(study: Beijing) -> Plate:
    """Headline tests of each guidance mean, with corrections."""
    table = study.averages.xs(MAIN, level=("first", "last"))
    shown = {
        "car": "mean CAR",
        "n_events": "dates",
        "adjusted_bmp": "p, KP",
        "corrado": "p, Corrado",
        "placebo": "p, placebo",
        "cluster_bootstrap": "p, bootstrap",
        "holm": "KP, Holm",
        "bh": "KP, Benjamini-Hochberg",
    }
    table = table[list(shown)].rename(columns=shown)
    formats: dict[str, Any] = dict.fromkeys(table.columns[2:], p_text)
    formats |= {"mean CAR": percent, "dates": lambda x: number(x, 0)}
    return {
        "df": table,
        "caption": (
            "Headline tests over [0, +1]; the last two columns correct KP for all "
            f"{len(study.averages)} means looked at (four groups, four windows). The "
            "bootstrap over dates is undefined with so few."
        ),
        "formats": formats,
    }


def naive_table(study: Beijing) -> Plate:
    """Headline tests and naive ones of the same mean, side by side."""
    chosen = study.choices.nvidia, study.choices.china[0]
    table = pd.DataFrame({b: study.all_tests(b)["p_value"] for b in chosen})
    table.index = table.index.str.replace("_", " ")
    return {
        "df": table,
        "caption": (
            "p-values of the mean over [0, +1] on reports of guidance: the headline "
            "tests above, the naive ones below. KP is 'adjusted bmp'."
        ),
        "formats": dict.fromkeys(chosen, p_text),
    }


def specifications(study: Beijing, findings: BeijingFindings) -> Plate:
    """The two halves of the claim under every choice tried."""
    halves = (study.choices.nvidia, study.choices.china[0])
    table = study.specifications
    table = table[table["basket"].isin(halves)].reset_index(drop=True)
    table["window"] = [f"window {window_text(*window)}" for window in table["window"]]
    table["mask"] = table["mask"].map({True: "events masked", False: "not masked"})
    sets = {"all": "all reports", "undisturbed": "undisturbed only"}
    table["events"] = table["events"].map(sets)
    choices = {
        "basket": list(halves),
        "events": list(sets.values()),
        "window": [f"window {window_text(*window)}" for window in ((0, 1), (-1, 1))],
        "model": list(MODELS.values()),
        "mask": ["events masked", "not masked"],
    }
    figures = findings.figures
    title = (
        f"Under every choice: Nvidia {figures['nvidia_specifications_least']} to "
        f"{figures['nvidia_specifications_most']}, mainland chip names "
        f"{figures['chips_specifications_least']} to "
        f"{figures['chips_specifications_most']}"
    )
    main = int(table.index[table["basket"] == halves[1]][0])
    figure = specification_curve(
        table, choices, title=title, ylabel="Mean CAR on reports", main=main
    )
    return {
        "fig": figure,
        "caption": (
            "Mean abnormal return on reports of guidance for the two halves of the "
            "claim with 95 % intervals; orange excludes zero. The diamond is the main "
            "one for mainland chip names. Undisturbed: no other ledger event in "
            "[0, +1] there."
        ),
        "alt": (
            f"{len(table)} estimates in rising order; Nvidia's, on the left, lie "
            f"between {figures['nvidia_specifications_least']} and "
            f"{figures['nvidia_specifications_most']}, the mainland names' between "
            f"{figures['chips_specifications_least']} and "
            f"{figures['chips_specifications_most']}, above a grid of choices."
        ),
    }


def fund(study: Beijing, findings: BeijingFindings) -> Plate:
    """The funding announcement on the Chinese groups."""
    series = {}
    for window in ((0, 1), (-1, 1)):
        rows = study.fund.xs((True, *window), level=("mask", "first", "last"))
        series[window_text(*window)] = rows
    figures = findings.figures
    title = (
        f"On the news of {figures['largest_fund']} Hong Kong's foundries moved by "
        f"{figures['fund_foundries']}, mainland chip names by {figures['fund_chips']}"
    )
    figure = forest(series, title=title, xlabel="Abnormal return, exact 95 % interval")
    return {
        "fig": figure,
        "caption": (
            "Abnormal return around the day on which the fund became public, "
            "2024-05-27, in Hong Kong and on the mainland. One announcement, so the "
            "intervals hold the error of a single date. Placebo p for Hong Kong's "
            f"foundries over [0, +1]: {figures['fund_foundries_placebo_p']}, before "
            "correction for the three groups."
        ),
        "alt": (
            "Dot plot of three Chinese groups with two intervals each; over [0, +1] "
            f"Hong Kong's foundries stand at {figures['fund_foundries']}, mainland "
            f"tool makers at {figures['fund_cn_tools']}, mainland chip names at "
            f"{figures['fund_chips']}."
        ),
    }


def funds_table(study: Beijing) -> Plate:
    """State funds with their size and how it is known."""
    table = study.funds.assign(value=study.funds["value"] / 1000)
    shown = {
        "date": "dated",
        "value": "billion yuan",
        "verification": "status",
        "note": "note",
    }
    return {
        "df": table[list(shown)].rename(columns=shown),
        "caption": "State chip funds: raised or registered capital, not spending.",
        "formats": {"billion yuan": lambda x: number(x, 1)},
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


def revenue_table(study: Beijing) -> Plate:
    """Nvidia's China revenue by fiscal year, each basis in rows of its own."""
    parts = {BASES[basis]: table for basis, table in study.china_years.items()}
    table = pd.concat(parts, names=["basis", "end"]).reset_index("end", drop=True)
    shown = {
        "fiscal": "fiscal year",
        "china_usd_m": "China, USD m",
        "total_usd_m": "all, USD m",
        "china_share": "share",
        "verification": "status",
    }
    return {
        "df": table[list(shown)].rename(columns=shown),
        "caption": "Nvidia's revenue from China including Hong Kong, from its filings.",
        "formats": {
            "China, USD m": lambda x: f"{x:,.0f}",
            "all, USD m": lambda x: f"{x:,.0f}",
            "share": lambda x: percent(x, 1, signed=False),
        },
    }


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


def _whole_ticks(figure: Figure) -> None:
    """Ticks at whole per cents, since the axis is written without decimals."""
    from matplotlib.ticker import MaxNLocator

    figure.axes[0].xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10]))


def claim_text(claim_id: str) -> str:
    """A claim of the article, as ``data/claims.csv`` words it."""
    return str(load_claims().loc[claim_id, "claim"])
