"""The tables of the chapter on Beijing's policy.

Each function gives the keyword arguments of
:func:`helpers.presentation.notebook.table`.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.evidence.beijing import BASES, KINDS, MAIN, Beijing
from helpers.evidence.ledger_record import CITIES
from helpers.evidence.reactions import BASKETS
from helpers.evidence.wording import number, p_cell, percent
from helpers.presentation.headline_tests import headline_tests

Plate = dict[str, Any]


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
        rows[f"first session, {CITIES[BASKETS[basket].exchange]}"] = placed
    return {
        "df": rows.set_index("measure"),
        "caption": (
            "Measures of the Chinese government in order of time, with the first "
            "session that could react in New York and in Shanghai. Press reports of "
            "guidance, not published orders."
        ),
    }


def guidance_table(study: Beijing) -> Plate:
    """Headline tests of each guidance mean, with corrections."""
    table = study.averages.xs(MAIN, level=("first", "last"))
    return headline_tests(table) | {
        "caption": (
            "Headline tests over [0, +1]; the last two columns correct KP for all "
            f"{len(study.averages)} means looked at (four groups, four windows). The "
            "bootstrap over dates is undefined with so few."
        ),
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
        "formats": dict.fromkeys(chosen, p_cell),
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
