"""The tables of the chapter on US export controls.

Each function gives the keyword arguments of
:func:`helpers.presentation.notebook.table`.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.evidence.export_controls import MAIN, ExportControls
from helpers.evidence.tool_controls import ToolControls
from helpers.evidence.wording import p_cell, percent, window_text
from helpers.presentation.headline_tests import headline_tests

Plate = dict[str, Any]


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


def averages_table(study: ExportControls) -> Plate:
    """Headline p-values of each mean, and the correction over all windows."""
    table = study.averages.xs(MAIN, level=("first", "last")).reset_index()
    table = table.set_index(["basket", "kind"])
    return headline_tests(table) | {
        "caption": (
            "Headline tests of the means over [0, +1]. The last two columns correct KP "
            f"for all {len(study.averages)} means looked at (seven groups, two kinds, "
            "four windows)."
        ),
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
        "formats": dict.fromkeys(table.columns, p_cell),
    }


def readings_table(study: ExportControls) -> Plate:
    """Signed means of the Chinese groups under each reading, with their tests."""
    table = study.readings.sort_index(level="basket", sort_remaining=False)
    names = {"thesis": "the article's", "conventional": "the usual one"}
    table = table.rename(index=names, level="reading")
    return headline_tests(table, "mean of sign × CAR") | {
        "caption": (
            "Signed means over [0, +1] under each reading: where they differ, at all "
            "verified events with a sign, and at all events with one. A positive mean "
            "says that the reading was right."
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
        formats[f"{basket}, p"] = p_cell
    return {
        "df": table.set_index(["chain", "step"]),
        "caption": (
            "Announcements that came in steps (report, letter, filing, rule), CAR over "
            "[0, +1] at each. A first step of Huawei's chain lies before the history."
        ),
        "formats": formats,
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
        "formats": formats | {"smallest p, Holm": p_cell},
    }
