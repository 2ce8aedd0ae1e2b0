"""The tables and lines of text of the chapter on late August 2025."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.evidence.late_august import SIZE, LateAugust
from helpers.evidence.single_event import single_event
from helpers.evidence.wording import day, number, p_value, percent, short_day
from helpers.inference.multiple import adjusted
from helpers.presentation.late_august import Plate, ledger_rows


def events_table(study: LateAugust) -> Plate:
    """The numbered events of the timeline as a table."""
    rows = ledger_rows(study).drop(columns="verified").set_index("number")
    rows["type"] = rows["type"].str.replace("-", " ")
    rows = rows.rename(
        columns={
            "day0": "first session (New York)",
            "title": "event",
            "precision": "clock known to",
        }
    )
    caption = (
        "Events of the ledger that concern the share, numbered as in the figure above. "
        "What is not verified is not used for any verdict."
    )
    return {"df": rows, "caption": caption}


def single_events(study: LateAugust) -> pd.DataFrame:
    """Both events over the default windows against both benchmarks.

    Returns
    -------
    DataFrame
        Indexed by day 0, benchmark and window as they are written; columns of
        :class:`~helpers.evidence.single_event.SingleEvent`.
    """
    parts = {}
    for date in (study.remark_day, study.fall_day):
        for symbol, name in study.benchmarks.items():
            found = single_event(
                study.choices.symbol,
                date,
                symbol,
                returns=study.returns,
                estimation=study.choices.estimation,
            )
            labels = [
                f"[{number(first, 0, signed=True)}, {number(last, 0, signed=True)}]"
                for first, last in found.table.index
            ]
            parts[short_day(date), name] = found.table.set_axis(labels)
    return pd.concat(parts, names=["day 0", "against", "window"])


def single_event_table(study: LateAugust, rows: pd.DataFrame) -> Plate:
    """The rows of :func:`single_events` with each kind of p-value."""
    shown = {
        "car": "CAR",
        "se": "standard error",
        "t": "t",
        "p_value": "p, exact t",
        "sample_quantile_p": "p, sample quantile",
        "placebo_p": "p, placebo dates",
    }
    table = rows[list(shown)].rename(columns=shown)
    formats: dict[str, Any] = {
        "CAR": percent,
        "standard error": lambda x: percent(x, signed=False),
        "t": lambda x: number(x, 2),
    }
    for column in table.columns[3:]:
        formats[column] = lambda x: number(x, 3)
    degrees = int(study.against[study.choices.market].estimates["dof"].iloc[0])
    return {
        "df": table,
        "caption": (
            f"{study.name}: cumulative abnormal returns, market model, exact standard "
            f"errors, t with {degrees} degrees of freedom."
        ),
        "formats": formats,
    }


def single_event_remark(rows: pd.DataFrame) -> str:
    """What the table comes to once it is counted how often it was looked."""
    clear = rows[rows["p_value"] < SIZE]
    least = rows["p_value"].idxmin()
    corrected = float(adjusted(rows["p_value"])["holm"].min())
    where = f"{least[2]} from {least[0]} against the {least[1]}"
    verb = "has" if len(clear) == 1 else "have"
    return (
        f"{len(clear)} of the {len(rows)} rows {verb} p below {number(SIZE)} in the "
        f"exact t test; the smallest, p {p_value(rows['p_value'].min())}, belongs to "
        f"{where} with a CAR of {percent(rows.loc[least, 'car'])}. Corrected by Holm's "
        f"method for having looked {len(rows)} times it is p {p_value(corrected)}."
    )


def china_tests_table(study: LateAugust) -> Plate:
    """Every test of the Chinese names' mean abnormal return over [0, +1]."""
    tests = study.china_tests.copy()
    tests.index = tests.index.str.replace("_", " ")
    caption = (
        f"Tests that the mean abnormal return of the {study.china.n_events} Chinese "
        "names over [0, +1] is zero; all share one date. KP is 'adjusted bmp'."
    )
    formats: dict[str, Any] = {
        "statistic": lambda x: number(x, 2),
        "df": lambda x: number(x, 0),
        "p_value": lambda x: "< 0.001" if x < 0.001 else number(x, 3),
    }
    return {"df": tests, "caption": caption, "formats": formats}


def data_line(study: LateAugust) -> str:
    """One line on the data behind the chapter."""
    returns = study.returns.dropna()
    share = study.choices.symbol
    return (
        f"**Data.** Daily adjusted closes of {study.name} ({share}, New York), "
        f"{' and '.join(study.benchmarks.values())}, {len(returns):,} sessions from "
        f"{day(returns.index[0])} to {day(returns.index[-1])}; nine Chinese chip names "
        "on their own exchanges; the event ledger with its sources. Provenance, checks "
        "and terms: `data/README.md`."
    )
