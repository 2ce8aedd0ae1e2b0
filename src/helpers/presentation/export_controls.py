"""The figures and tables of the chapter on US export controls.

Each function gives the keyword arguments of :func:`helpers.presentation.notebook.show`
or ``table``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.data.instruments import instrument
from helpers.data.ledger import load_claims
from helpers.evidence.export_controls import (
    MAIN,
    MODELS,
    PATH,
    ExportControls,
)
from helpers.evidence.export_controls_findings import ExportControlsFindings
from helpers.evidence.reactions import BASKETS
from helpers.evidence.tool_controls import ToolControls
from helpers.evidence.wording import number, p_text, percent, window_text
from helpers.presentation.forest import forest, specification_curve
from helpers.presentation.lines import dated_lines
from helpers.presentation.panels import forest_panels
from helpers.presentation.paths import car_paths

Plate = dict[str, Any]


def data_line(study: ExportControls) -> str:
    """One line on the data behind the chapter."""
    members = {
        name: ", ".join(str(instrument(s)["name"]) for s in BASKETS[name].symbols)
        for name in study.baskets
        if len(BASKETS[name].symbols) > 1
    }
    listed = "; ".join(f"{name}: {shares}" for name, shares in members.items())
    return (
        f"**Data.** {len(study.ids())} controls and relaxations of the US government "
        f"from the event ledger, {len(study.ids(verified=True))} of them verified; "
        "daily adjusted closes of each group on its own exchange, against the S&P 500, "
        "the CSI 300 or the Hang Seng. A group is the equal-weighted mean of its "
        f"members ({listed}). Suppliers' revenue from `data/fundamentals.csv`. "
        "Provenance, checks and terms: `data/README.md`."
    )


def events_table(study: ExportControls) -> Plate:
    """Every event with its kind, status and the signs expected for Chinese names."""
    table = study.pressure.copy()
    local = [
        f"{at.tz_convert(zone):%Y-%m-%d}"
        for at, zone in zip(table["announced_at"], table["timezone"], strict=True)
    ]
    rows = pd.DataFrame(
        {
            "event": table["title"],
            "kind": table["type"].where(
                table["type_second"] == "", table["type"] + ", " + table["type_second"]
            ),
            "Nvidia": table["sign_nvda_thesis"],
            "Chinese names, article": table["sign_cn_thesis"],
            "Chinese names, usual reading": table["sign_cn_conventional"],
            "status": table["verification"].str.replace("-", " "),
        }
    ).replace({"-": "\N{MINUS SIGN}"})
    rows.index = pd.Index(local, name="announced")
    caption = (
        "Controls and relaxations of the US government. The signs are the directions "
        "that each reading expects; 0 means no effect, mixed means both at once."
    )
    return {"df": rows, "caption": caption}


def left_out_table(study: ExportControls) -> Plate:
    """Events that could not be studied, with the groups and the reason."""
    table = study.left_out
    rows = table.groupby(["event_id", "reason"], sort=False)["basket"].agg("; ".join)
    shown = rows.reset_index().set_index("event_id")[["basket", "reason"]]
    caption = "Events that have no abnormal return, and why."
    return {"df": shown.rename(columns={"basket": "groups"}), "caption": caption}


def averages(study: ExportControls, findings: ExportControlsFindings) -> Plate:
    """Mean CAR by group for controls and for relaxations."""
    table = study.averages.xs(MAIN, level=("first", "last"))
    series = {
        name: table.xs(kind, level="kind")
        for kind, name in {"control": "controls", "relaxation": "relaxations"}.items()
    }
    figures = findings.figures
    clear = int(((table["ci_low"] > 0) | (table["ci_high"] < 0)).sum())
    title = (
        f"Taken kind by kind, {'no' if clear == 0 else clear} group's average "
        f"reaction can be told from zero: Nvidia {figures['nvidia_control']} on "
        f"controls, mainland chip names {figures['chips_control']}"
    )
    figure = forest(
        series, title=title, xlabel="Mean abnormal return over [0, +1], 95 % interval"
    )
    return {
        "fig": figure,
        "caption": (
            f"Mean abnormal return over two sessions at verified events: "
            f"{figures['nvidia_control_n']} dates of controls and "
            f"{figures['nvidia_relaxation_n']} of relaxations in New York, "
            f"{figures['chips_control_n']} and {figures['chips_relaxation_n']} on the "
            "mainland. Market model, other events and results masked, intervals from "
            "the spread over dates."
        ),
        "alt": (
            "Dot plot with one row for each of seven groups and two intervals a row, "
            f"controls and relaxations; the means lie between "
            f"{percent(table['car'].min(), 1)} and {percent(table['car'].max(), 1)}."
        ),
    }


def averages_table(study: ExportControls) -> Plate:
    """Headline p-values of each mean, and the correction over all windows."""
    table = study.averages.xs(MAIN, level=("first", "last")).reset_index()
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
    table = table.set_index(["basket", "kind"])[list(shown)].rename(columns=shown)
    formats: dict[str, Any] = dict.fromkeys(table.columns[2:], p_text)
    formats |= {"mean CAR": percent, "dates": lambda x: number(x, 0)}
    return {
        "df": table,
        "caption": (
            "Headline tests of the means over [0, +1]. The last two columns correct KP "
            f"for all {len(study.averages)} means looked at (seven groups, two kinds, "
            "four windows)."
        ),
        "formats": formats,
    }


def naive_table(study: ExportControls) -> Plate:
    """Headline tests and naive ones of the same mean, side by side."""
    parts = {
        (basket, kind): study.all_tests(basket, kind)["p_value"]
        for basket in (study.choices.us[0], study.choices.china[0])
        for kind in ("control", "relaxation")
    }
    table = pd.DataFrame(parts)
    table.index = table.index.str.replace("_", " ")
    return {
        "df": table,
        "caption": (
            "p-values of the mean over [0, +1]: the four headline tests above, the "
            "naive ones below. KP is 'adjusted bmp'."
        ),
        "formats": dict.fromkeys(table.columns, p_text),
    }


def _event_labels(rows: pd.DataFrame) -> pd.Index:
    labels = []
    for row in rows.itertuples():
        title = row.title if len(row.title) <= 44 else row.title[:43].rstrip() + "…"
        labels.append(f"{title}, {row.day0:%Y-%m}")
    return pd.Index(labels)


def events(study: ExportControls, findings: ExportControlsFindings) -> Plate:
    """Event by event: Nvidia beside the mainland chip names."""
    chosen = study.choices.us[0], study.choices.china[0]
    # The same month may differ by exchange: the New York day names both rows.
    labels: dict[str, str] = {}
    for basket in reversed(chosen):
        rows = study.by_event(basket)
        labels |= dict(zip(rows.index, _event_labels(rows), strict=True))
    order = [event for event in study.ids() if event in labels]
    panels, hollow = {}, []
    for basket in chosen:
        rows = study.by_event(basket).reindex(order)
        names = pd.Index([labels[event] for event in order])
        panels[f"{basket} ({BASKETS[basket].exchange})"] = rows.set_axis(names)
    checked = set(study.ids(verified=True))
    hollow = [labels[event] for event in order if event not in checked]
    figures = findings.figures
    title = (
        f"Mainland chip names: {figures['chips_letter_2022']} when Nvidia's A100 was "
        f"kept out, {figures['chips_rules_2022']} when their own supply was cut"
    )
    figure = forest_panels(
        panels,
        title=title,
        xlabels=["CAR over [0, +1]", "CAR over [0, +1]"],
        hollow=hollow,
    )
    return {
        "fig": figure,
        "caption": (
            "Abnormal return over two sessions at each control and relaxation, with "
            "exact 95 % intervals; filled markers exclude zero "
            f"({figures['nvidia_events_clear']} of {figures['nvidia_events']} for "
            f"Nvidia, {figures['chips_events_clear']} of {figures['chips_events']} for "
            "mainland chip names). Rows in grey italics are not verified, or only in "
            "part. Events that share a session with another are drawn once."
        ),
        "alt": (
            f"Two dot plots side by side over {len(order)} events in order of time. "
            f"Nvidia stands at {figures['nvidia_letter_2022']} for the letter of 2022, "
            f"the mainland names at {figures['chips_letter_2022']} there and at "
            f"{figures['chips_rules_2022']} for the rules of October 2022; most other "
            "intervals cross zero."
        ),
    }


def readings(study: ExportControls, findings: ExportControlsFindings) -> Plate:
    """Thesis-signed means of the Chinese groups over three sets of events."""
    names = {
        "differ": "readings opposed",
        "all verified": "all verified",
        "all": "unverified too",
    }
    table = study.readings.xs("thesis", level="reading")
    rows = table.set_axis(
        [f"{basket},\n{names[events]}" for basket, events in table.index]
    )
    figures = findings.figures
    clear = int(((rows["ci_low"] > 0) | (rows["ci_high"] < 0)).sum())
    title = (
        f"Where the two readings differ, mainland chip names moved "
        f"{figures['chips_thesis_differ']} in the article's direction; "
        f"{'no' if clear == 0 else clear} interval of {len(rows)} excludes zero"
    )
    figure = forest(
        {"sign by the article": rows},
        title=title,
        xlabel="Mean of expected sign × CAR over [0, +1], 95 % interval",
        bands=[at for at, (_, events) in enumerate(table.index) if events == "differ"],
    )
    return {
        "fig": figure,
        "caption": (
            "Mean of the sign that the article expects times the abnormal return. "
            "Shaded: verified events at which the usual reading expects the opposite, "
            "so that the same number with its sign turned is the usual reading's. The "
            "other rows hold every event that has a sign under the article's reading."
        ),
        "alt": (
            f"Dot plot of {len(rows)} signed means with intervals, three sets of "
            "events for each of three Chinese groups; the shaded ones stand at "
            f"{figures['chips_thesis_differ']}, {figures['cn_tools_thesis_differ']} "
            f"and {figures['foundries_thesis_differ']}."
        ),
    }


def readings_table(study: ExportControls) -> Plate:
    """Signed means of the Chinese groups under each reading, with their tests."""
    table = study.readings.sort_index(level="basket", sort_remaining=False)
    shown = {
        "car": "mean of sign × CAR",
        "n_events": "dates",
        "adjusted_bmp": "p, KP",
        "corrado": "p, Corrado",
        "placebo": "p, placebo",
        "cluster_bootstrap": "p, bootstrap",
    }
    table = table[list(shown)].rename(columns=shown)
    formats: dict[str, Any] = dict.fromkeys(table.columns[2:], p_text)
    formats |= {"mean of sign × CAR": percent, "dates": lambda x: number(x, 0)}
    return {
        "df": table,
        "caption": (
            "Signed means over [0, +1] under each reading: where they differ, at all "
            "verified events with a sign, and at all events with one. A positive mean "
            "says that the reading was right."
        ),
        "formats": formats,
    }


def denied(study: ExportControls, findings: ExportControlsFindings) -> Plate:
    """Controls on Chinese names by what they take away."""
    table = study.denied
    kinds = ("own supply", "a rival's part")
    series = {name: table.xs(name, level="denied") for name in kinds}
    figures = findings.figures
    title = (
        f"Mainland chip names: {figures['chips_rival']} when a rival's part is barred, "
        f"{figures['chips_own']} when their own supply is"
    )
    figure = forest(
        {f"{name} taken away": rows for name, rows in series.items()},
        title=title,
        xlabel="Mean abnormal return over [0, +1], 95 % interval",
    )
    return {
        "fig": figure,
        "caption": (
            "Verified controls, split by the sign that the usual reading expects or "
            f"leans to: a loss ({figures['chips_own_n']} dates: listings, tools, "
            f"foundry rules) or a gain ({figures['chips_rival_n']} dates: foreign "
            "parts that may no longer be sold, waivers withdrawn from foreign plants). "
            f"Mainland chip names after a rival's part was barred: KP p "
            f"{figures['chips_rival_p']}, placebo p "
            f"{figures['chips_rival_placebo_p']}; a split of few dates, to be read as "
            "a hint."
        ),
        "alt": (
            "Dot plot of three Chinese groups with two intervals each; mainland chip "
            f"names stand at {figures['chips_own']} and {figures['chips_rival']}, all "
            "others near zero with wide intervals."
        ),
    }


def specifications(study: ExportControls, findings: ExportControlsFindings) -> Plate:
    """The thesis-signed mean under every choice tried."""
    table = study.specifications.copy()
    table["window"] = [f"window {window_text(*window)}" for window in table["window"]]
    table["mask"] = table["mask"].map({True: "events masked", False: "not masked"})
    choices = {
        "basket": list(study.choices.china),
        "events": ["verified", "all events"],
        "window": [f"window {window_text(*window)}" for window in ((0, 1), (-1, 1))],
        "model": list(MODELS.values()),
        "mask": ["events masked", "not masked"],
    }
    figures = findings.figures
    title = (
        f"{figures['specifications_clear']} of {figures['specifications']} ways to "
        "measure it tell the article's reading from zero: "
        f"{figures['specifications_least']} to {figures['specifications_most']}"
    )
    figure = specification_curve(
        table,
        choices,
        title=title,
        ylabel="Mean of sign × CAR",
        main=0,
    )
    return {
        "fig": figure,
        "caption": (
            "The article's sign times the abnormal return where the two readings "
            f"differ, under {figures['specifications']} specifications with 95 % "
            "intervals; below, which choices gave each. The diamond is the main one, "
            "fixed beforehand for mainland chip names. "
            f"{figures['specifications_positive']} of the estimates have the "
            "article's sign."
        ),
        "alt": (
            f"{figures['specifications']} estimates in rising order from "
            f"{figures['specifications_least']} to {figures['specifications_most']}, "
            "their intervals crossing zero unless drawn in orange, above a grid that "
            "marks group, events, window, model and mask."
        ),
    }


def paths(study: ExportControls, findings: ExportControlsFindings) -> Plate:
    """Signed mean CAR before and after the news."""
    panels, bands = {}, {}
    for basket, (path, band) in study.paths.items():
        panels[basket] = {"": path}
        bands[basket] = band
    figures = findings.figures
    title = (
        f"Nvidia moved when the news came ({figures['nvidia_signed_after']} over "
        f"[0, +1]), not measurably before it ({figures['nvidia_signed_before']} over "
        f"{window_text(-5, -1)})"
    )
    figure = car_paths(
        panels,
        title=title,
        xlabel="Sessions from day 0, each group's own exchange",
        bands=bands,
    )
    figure.axes[-1].set_xticks(range(PATH[0], PATH[1] + 1, 5))
    return {
        "fig": figure,
        "caption": (
            "Mean of expected sign times CAR, cumulated from session "
            f"{number(PATH[0], 0)}: for Nvidia the sign of the ledger, for mainland "
            "chip names that of the usual reading; a rise is a move in the expected "
            "direction. Verified events. Dotted: 95 % intervals over dates. Grey: "
            "where 95 % of placebo dates lie."
        ),
        "alt": (
            "Two panels of cumulative signed abnormal returns from ten sessions before "
            "to ten after the news with a grey placebo band. Nvidia's line steps up at "
            f"day 0; over [0, +1] it gains {figures['nvidia_signed_after']}, the "
            f"mainland names' {figures['chips_signed_after']}."
        ),
    }


def steps_table(study: ExportControls) -> Plate:
    """Each step of the announcements that came in several."""
    parts = {}
    for basket in study.paths:
        rows = study.steps(basket)
        parts[basket] = rows["car"]
        parts[f"{basket}, p"] = rows["p_value"]
    about = study.steps(study.choices.us[0])
    table = about[["chain", "step", "title", "verification"]].join(pd.DataFrame(parts))
    table["verification"] = table["verification"].str.replace("-", " ")
    formats: dict[str, Any] = {}
    for basket in study.paths:
        formats[basket] = lambda x: percent(x, 1)
        formats[f"{basket}, p"] = p_text
    return {
        "df": table.set_index(["chain", "step"]),
        "caption": (
            "Announcements that came in steps (report, letter, filing, rule), CAR over "
            "[0, +1] at each. A first step of Huawei's chain lies before the history."
        ),
        "formats": formats,
    }


def activity(study: ExportControls, findings: ExportControlsFindings) -> Plate:
    """Abnormal volume and volatility on day 0, by group."""
    names = {
        "volume": "Volume",
        "volatility": "Size of the abnormal return",
    }
    panels = {
        title: study.activity.xs(measure, level="measure")
        for measure, title in names.items()
    }
    # From logarithms to percent of the usual volume.
    columns = ["car", "ci_low", "ci_high"]
    volume = panels[names["volume"]].copy()
    volume[columns] = np.expm1(volume[columns])
    panels[names["volume"]] = volume
    figures = findings.figures
    extra = study.activity.at[("volatility", study.choices.us[0]), "car"]
    title = (
        "On days of US news Nvidia moved "
        f"{number(100 * extra, 1)} percentage points more than usual; volume was "
        f"clearly beyond it in {figures['volume_clear']} of {len(study.baskets)} groups"
    )
    figure = forest_panels(
        panels,
        title=title,
        xlabels=["Volume beyond the usual", "Points beyond the usual size"],
        row_height=0.42,
        digits=[0, 1],
    )
    return {
        "fig": figure,
        "caption": (
            "Day 0 of verified controls and relaxations. Left: volume of the members "
            "beyond their usual level (geometric mean). Right: size of the group's "
            "abnormal return, either way, beyond its usual size, in percentage points. "
            "95 % intervals over dates. By rank test and placebo dates together, "
            f"{figures['volume_clear']} groups have clearly more volume and "
            f"{figures['volatility_clear']} clearly larger moves."
        ),
        "alt": (
            "Two dot plots over seven groups. Volume lies between "
            f"{percent(volume['car'].min(), 0)} and {percent(volume['car'].max(), 0)} "
            "of the usual with wide intervals; the extra size of moves is largest for "
            f"Nvidia, {number(100 * extra, 1)} points."
        ),
    }


def revenue(study: ExportControls, findings: ExportControlsFindings) -> Plate:
    """Suppliers' revenue over four quarters against the milestones."""
    lines = {}
    for name, table in study.revenue.items():
        first = table["value"].iloc[0]
        lines[name] = pd.DataFrame(
            {"value": 100 * table["value"] / first, "verified": table["verified"]}
        )
    titles = study.pressure.loc[study.milestones.index, "title"]
    dates = study.milestones.items()
    marks = {str(at): date for at, (_, date) in enumerate(dates, start=1)}
    named = "; ".join(
        f"{at} {titles[event]}, {date:%Y-%m-%d}"
        for at, (event, date) in enumerate(dates, start=1)
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
            f"Line chart on a log scale of {len(lines)} suppliers. Cambricon rises "
            f"most, to {lines['Cambricon']['value'].iloc[-1]:,.0f} from 100; SMIC "
            f"falls {figures['growth_smic_1']} in the year after the first milestone "
            f"and then rises to {lines['SMIC']['value'].iloc[-1]:,.0f}."
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


def tools_table(tools: ToolControls) -> Plate:
    """Each control on tools or software on tool makers and foundries."""
    table = tools.table.reset_index()
    cars = table.pivot(index="event_id", columns="basket", values="car")
    holm = table.pivot(index="event_id", columns="basket", values="holm")
    cars["smallest p, Holm"] = holm.min(axis=1)
    titles = table.drop_duplicates("event_id").set_index("event_id")["title"]
    cars.index = pd.Index(titles[cars.index], name="event")
    formats: dict[str, Any] = {
        name: lambda x: percent(x, 1) for name in cars.columns[:-1]
    }
    return {
        "df": cars,
        "caption": (
            f"CAR over {window_text(*tools.window)} at the controls on tools and "
            f"software; {len(tools.reacted)} of {len(table)} stay significant after "
            "Holm's correction over all of them."
        ),
        "formats": formats | {"smallest p, Holm": p_text},
    }


def claim_text(claim_id: str) -> str:
    """A claim of the article, as ``data/claims.csv`` words it."""
    return str(load_claims().loc[claim_id, "claim"])
