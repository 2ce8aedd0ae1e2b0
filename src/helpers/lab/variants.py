"""The same question under other defensible choices."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from helpers.errors import StudyError
from helpers.lab.choices import Choices
from helpers.lab.engine import explored
from helpers.lab.headline import TEST_NAMES, headline
from helpers.lab.store import Store


def variants(choices: Choices, store: Store) -> pd.DataFrame:
    """Study the same window with other models, windows and masks.

    Parameters
    ----------
    choices : Choices
        The first row.
    store : Store

    Returns
    -------
    DataFrame
        Indexed by what differs: CAR (mean over the instruments, decimal), one p-value
        for each test to go by, instruments (how many could be studied), note (why
        nothing could be).
    """
    others: dict[str, dict[str, Any]] = {
        "as chosen": {},
        "mask on" if not choices.mask else "mask off": {"mask": not choices.mask},
        "60 sessions of estimation": {"estimation": _estimation(choices, 60)},
        "250 sessions of estimation": {"estimation": _estimation(choices, 250)},
        "return less the market's": {"model": "market_adjusted"},
        "robust regression (Huber)": {"model": "huber"},
        "market and sector": {"model": "market_sector"},
    }
    rows = {}
    for label, changed in others.items():
        if changed and all(
            getattr(choices, name) == to for name, to in changed.items()
        ):
            continue
        rows[label] = _row(replace(choices, **changed), store)
    table = pd.DataFrame.from_dict(rows, orient="index")
    front = ["CAR", *(name for name in table if name.startswith("p, "))]
    return table[[*front, "instruments", "note"]].rename_axis("choices")


def _estimation(choices: Choices, sessions: int) -> tuple[int, int]:
    end = choices.estimation[1]
    return end - sessions + 1, end


def _row(choices: Choices, store: Store) -> dict[str, Any]:
    try:
        found = explored(choices, store)
    except StudyError as error:
        return {"CAR": np.nan, "instruments": 0, "note": str(error)}
    tests = headline(found)["p_value"]
    return {
        "CAR": found.mean,
        **{f"p, {TEST_NAMES[str(name)]}": value for name, value in tests.items()},
        "instruments": len(found.cars),
        "note": "",
    }
