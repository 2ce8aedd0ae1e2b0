"""The tables of the lab, as ``helpers.notebook.table`` takes them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.errors import StudyError
from helpers.lab.choices import Choices
from helpers.lab.engine import TEST_NAMES, explored
from helpers.lab.store import Store
from helpers.notebook import number, p_cell, percent, share

if TYPE_CHECKING:
    from helpers.lab.view import View

Plate = dict[str, Any]


def cars_plate(view: View) -> Plate:
    """The table of instruments, as ``table`` takes it."""
    cars = view.cars
    shown = pd.DataFrame(
        {
            "instrument": cars["name"],
            "day 0": cars["day0"],
            "against": cars["benchmark"].replace("", "no market"),
            "CAR": cars["car"],
            "95 % interval": [
                f"{percent(low, 1)} to {percent(high, 1)}"
                for low, high in zip(cars["ci_low"], cars["ci_high"], strict=True)
            ],
            "p, exact t": cars["p_value"],
            "p, placebo": cars["placebo_p"],
            "p, sample quantile": cars["sample_quantile_p"],
            "detectable": cars["detectable"],
            "sessions": cars["n_obs"],
        }
    )
    if cars["benchmark"].nunique() == 1:
        shown = shown.drop(columns="against")
    return {
        "df": shown.rename_axis("symbol"),
        "caption": f"Abnormal return over {view.window} by instrument",
        "formats": {
            "CAR": percent,
            "p, exact t": p_cell,
            "p, placebo": p_cell,
            "p, sample quantile": p_cell,
            "detectable": lambda value: share(value, 1),
        },
    }


def tests_plate(view: View) -> Plate:
    """The table of tests, as ``table`` takes it."""
    found, tests = view.found, view.found.tests
    what = "abnormal return" if len(found.cars) == 1 else "mean abnormal return"
    defined = tests[tests["p_value"].notna()]
    shown = pd.DataFrame(
        {
            "statistic": defined["statistic"],
            "df": defined["df"],
            "p": defined["p_value"],
            "to go by": np.where(defined.index.isin(found.headline.index), "yes", ""),
            "note": defined["note"],
        }
    ).set_axis([TEST_NAMES[str(name)] for name in defined.index])
    return {
        "df": shown.rename_axis("test"),
        "caption": f"Tests that the {what} over {view.window} is zero",
        "formats": {
            "statistic": lambda value: number(value, 3),
            "df": lambda value: number(value, 0),
            "p": p_cell,
        },
    }


def confounders_plate(view: View) -> Plate | None:
    """Other ledger events near day 0, as ``table`` takes them; None if none."""
    near = view.found.confounders
    if near.empty:
        return None
    shown = pd.DataFrame(
        {
            "event": near["title"],
            "type": near["type"],
            "names": near["concerns"],
            "sessions from day 0": [
                ", ".join(
                    f"{place} {number(offset, 0, signed=True)}"
                    for place, offset in offsets.items()
                )
                for offsets in near["offsets"]
            ],
            "in the tested window": np.where(near["tested"], "yes", ""),
        },
        index=near.index,
    )
    return {
        "df": shown.set_index("event"),
        "caption": "Other ledger events that touch the event window",
    }


def variants_plate(view: View) -> Plate:
    """The same question under other choices, as ``table`` takes it."""
    found = variants(view.choices, view.store)
    return {
        "df": found,
        "caption": (
            f"The same {view.window} under other choices; the first row is the one "
            "above. A row that cannot be studied says why."
        ),
        "formats": {"CAR": percent}
        | {name: p_cell for name in found.columns if name.startswith("p, ")},
    }


def variants(choices: Choices, store: Store) -> pd.DataFrame:
    """The same window with other models, windows and masks.

    Returns
    -------
    DataFrame
        Indexed by what differs, the choices themselves first: CAR (mean over the
        instruments, decimal), one p-value for each test to go by, instruments (how
        many could be studied), note (why nothing could be).
    """
    end = choices.estimation[1]
    others: dict[str, dict[str, Any]] = {
        "as chosen": {},
        "mask off" if choices.mask else "mask on": {"mask": not choices.mask},
        "60 sessions of estimation": {"estimation": (end - 59, end)},
        "250 sessions of estimation": {"estimation": (end - 249, end)},
        "return less the market's": {"model": "market_adjusted"},
        "robust regression (Huber)": {"model": "huber"},
        "market and sector": {"model": "market_sector"},
    }
    rows: dict[str, dict[str, Any]] = {}
    for label, changed in others.items():
        asked = replace(choices, **changed)
        if changed and asked == choices:
            continue
        try:
            found = explored(asked, store)
        except StudyError as error:
            rows[label] = {"CAR": np.nan, "instruments": 0, "note": str(error)}
            continue
        tests = found.headline["p_value"].rename(lambda name: f"p, {TEST_NAMES[name]}")
        count = {"instruments": len(found.cars), "note": ""}
        rows[label] = {"CAR": found.mean, **tests, **count}
    table = pd.DataFrame.from_dict(rows, orient="index")
    front = ["CAR", *(name for name in table if name.startswith("p, "))]
    return table[[*front, "instruments", "note"]].rename_axis("choices")
