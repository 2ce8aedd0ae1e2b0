"""The figures and tables of the chapter on US export controls.

Each function gives the keyword arguments of :func:`helpers.presentation.notebook.show`
or ``table``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.data.instruments import instrument
from helpers.evidence.export_controls import MAIN, PATH, SIZE, ExportControls
from helpers.evidence.export_controls_findings import ExportControlsFindings
from helpers.evidence.ledger_record import CITIES
from helpers.evidence.reactions import BASKETS
from helpers.evidence.wording import number, percent, window_text
from helpers.presentation.forest import forest
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
        panels[f"{basket} ({CITIES[BASKETS[basket].exchange]})"] = rows.set_axis(names)
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
            f"{figures['chips_rules_2022']} for the rules of October 2022. Of all "
            f"intervals {figures['nvidia_events_clear']} and "
            f"{figures['chips_events_clear']} exclude zero."
        ),
    }


def paths(study: ExportControls, findings: ExportControlsFindings) -> Plate:
    """Signed mean CAR before and after the news."""
    panels, bands = {}, {}
    for basket, (path, band) in study.paths.items():
        panels[basket] = {"": path}
        bands[basket] = band
    figures = findings.figures
    us = study.choices.us[0]
    tests = study.before_and_after.loc[us][["adjusted_bmp", "placebo"]].max(axis=1)
    came, known = tests[MAIN] < SIZE, tests[-5, -1] < SIZE
    title = (
        f"Nvidia {'moved' if came else 'did not measurably move'} when the news came "
        f"({figures['nvidia_signed_after']} over [0, +1]), "
        f"{'and' if known else 'not measurably'} before it "
        f"({figures['nvidia_signed_before']} over {window_text(-5, -1)})"
    )
    outside = {}
    for basket, (path, band) in study.paths.items():
        early = path.loc[:-1, "car"]
        beyond = (early < band["low"][early.index]) | (
            early > band["high"][early.index]
        )
        outside[basket] = f"{int(beyond.sum())} of {len(early)} for {basket}"
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
            "where 95 % of placebo dates lie; before day 0 the line is outside it on "
            f"{' and '.join(outside.values())}."
        ),
        "alt": (
            "Two panels of cumulative signed abnormal returns from ten sessions before "
            "to ten after the news with a grey placebo band. Over [0, +1] Nvidia's "
            f"line changes by {figures['nvidia_signed_after']}, the mainland names' by "
            f"{figures['chips_signed_after']}."
        ),
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
    most = study.activity.loc["volatility", "car"]
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
            "beyond the usual with wide intervals; the extra size of moves is largest "
            f"for {most.idxmax()}, {number(100 * most.max(), 1)} points."
        ),
    }
