"""What instruments did when an event met their exchange: measured, and as a table."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from book.site.drawings import path_figure
from book.site.markup import (
    below,
    csv_text,
    download,
    fill,
    html_table,
    literal,
    plain,
    unbroken,
)
from book.site.paths import Paths
from helpers import event_study, load_events, load_instruments, load_returns
from helpers.notebook import day, interval, p_cell, p_value, percent, window
from helpers.notebook.words import NO_BREAK

# Shown on every event page beside the instruments that the ledger names.
WATCHED = ("NVDA", "688256.SS", "0981.HK")
MARKETS = {"^GSPC": "New York", "^HSI": "Hong Kong", "000300.SS": "Shanghai"}
HEADS = ("Instrument", "Day 0", "CAR", "95 % interval", "p", "Drawn")
MEASURED = ("change", "car", "ci_low", "ci_high", "p_value")
COLUMNS = (
    *("symbol", "name", "exchange", "day0", "window_first", "window_last"),
    *("benchmark", *MEASURED, "reason"),
)
# Of the drawing in a row, in CSS pixels.
WIDE, HIGH, RADIUS = 84, 16, 4


def place_events(ledger: pd.DataFrame) -> pd.DataFrame:
    """Place every event of the ledger on the three markets and on what its page shows.

    Returns exchange, day0, window and rule by (event_id, symbol). Instruments without
    a benchmark in the data are left out.
    """
    benchmark = load_instruments()["benchmark"].fillna("")
    named = {symbol for symbols in ledger["symbols"] for symbol in symbols}
    known = [symbol for symbol in benchmark.index if benchmark[symbol]]
    symbols = [*MARKETS, *(one for one in known if one in named or one in WATCHED)]
    placed = load_events(symbols).set_index(["event_id", "symbol"])
    wanted = [
        (event_id, symbol)
        for event_id, named_there in ledger["symbols"].items()
        for symbol in dict.fromkeys([*MARKETS, *named_there, *WATCHED])
        if symbol in symbols
    ]
    return placed.loc[wanted, ["exchange", "day0", "window", "rule"]]


def measure(placed: pd.DataFrame) -> pd.DataFrame:
    """Measure what each placed instrument did beyond its market.

    Adds name, benchmark, change (return on day 0), and over the event's own window car,
    ci_low, ci_high and p_value, decimal, or the reason why they could not be measured.
    """
    instruments = load_instruments()
    rows = placed[~placed.index.get_level_values("symbol").isin(list(MARKETS))].copy()
    symbols = rows.index.get_level_values("symbol")
    rows["name"] = instruments.loc[symbols, "name"].to_numpy()
    rows["benchmark"] = instruments.loc[symbols, "benchmark"].to_numpy()
    returns = load_returns(sorted({*symbols, *MARKETS}))
    rows["change"] = [
        returns[symbol].get(day0, math.nan)
        for symbol, day0 in zip(symbols, rows["day0"], strict=True)
    ]
    rows["reason"] = ""
    parts = []
    for (first, last), group in rows.groupby("window"):
        study = event_study(
            returns,
            group.reset_index()[["event_id", "symbol", "day0"]],
            benchmark=group["benchmark"].droplevel("event_id").to_dict(),
            window=(first, last),
        )
        if study.n_events:
            parts.append(study.car(first, last)[list(MEASURED[1:])])
        if len(study.skipped):
            rows.loc[study.skipped.index, "reason"] = study.skipped["reason"]
    return rows.join(pd.concat(parts))


def reaction_section(
    rows: pd.DataFrame, unmeasured: list[str], event_id: str, paths: Paths
) -> str:
    """Return what each instrument did on one event, as Markdown.

    `rows` are those of :func:`measure`, by symbol; for `unmeasured` symbols there is
    no benchmark in the data.
    """
    names = load_instruments()["name"].to_dict()
    known = rows[rows["car"].notna()]
    left_out = [
        f"- {literal(row['name'])} ({literal(symbol)}) has no CAR: "
        f"{literal(row['reason'])}"
        for symbol, row in rows[rows["car"].isna()].iterrows()
    ]
    if unmeasured:
        several = ", ".join(f"{names[symbol]} ({symbol})" for symbol in unmeasured)
        left_out.append(
            f"- Not shown, for want of a local benchmark: {literal(several)}."
        )
    file = f"files/events/{event_id}.csv"
    numbers = below(download(file, "Numbers of this table (CSV)", "../"))
    if known.empty:
        return "\n\n".join([numbers, *left_out])
    return fill(
        "reactions.md",
        sentence=_sentence(known.iloc[0], names),
        figure=path_figure(known, names, paths, event_id),
        table=html_table("What each instrument did", HEADS, _rows(known, names)),
        numbers=numbers,
        left_out="\n".join(left_out),
    )


def _sentence(row: pd.Series, names: Mapping[str, str]) -> str:
    chance = p_value(row["p_value"]).replace(" ", NO_BREAK)
    return literal(
        f"{row['name']} changed by {percent(row['change'])} on day 0, "
        f"{day(row['day0'])}. Its abnormal return over the window "
        f"{window(*row['window'])} against the {names[row['benchmark']]} was "
        f"{percent(row['car'])} ({interval(row)}, {chance})."
    )


def _rows(known: pd.DataFrame, names: Mapping[str, str]) -> list[tuple[str, ...]]:
    reach = known[["ci_low", "ci_high"]].abs().max(axis=None)
    return [
        (
            f"{plain(row['name'])}<br><small>{plain(symbol)} against "
            f"{plain(names[row['benchmark']])}</small>",
            unbroken(percent(row["change"])) if math.isfinite(row["change"]) else "",
            unbroken(percent(row["car"])),
            unbroken(interval(row).split("interval ")[1]),
            unbroken(p_cell(row["p_value"])),
            _drawn(row, reach),
        )
        for symbol, row in known.iterrows()
    ]


def _drawn(row: pd.Series, reach: float) -> str:
    """A dot with its interval, hidden from readers to whom the row is read out."""
    half = WIDE / 2
    low, dot, high = (
        f"{half + row[name] / reach * (half - RADIUS):.1f}"
        for name in ("ci_low", "car", "ci_high")
    )
    filled = "currentcolor" if row["ci_low"] * row["ci_high"] > 0 else "var(--panel)"
    return (
        f'<svg class="drawn" width="{WIDE}" height="{HIGH}" aria-hidden="true">'
        f'<path d="M{half:g} 0v{HIGH}" opacity=".6"/>'
        f'<path d="M{low} {HIGH / 2:g}H{high}" stroke-width="2"/>'
        f'<circle cx="{dot}" cy="{HIGH / 2:g}" r="{RADIUS - 1}" fill="{filled}"/></svg>'
    )


def reaction_csv(rows: pd.DataFrame) -> str:
    """Return the same rows as CSV, decimal, to six digits."""
    table = [
        (
            *(symbol, row["name"], row["exchange"], f"{row['day0']:%Y-%m-%d}"),
            *(*row["window"], row["benchmark"]),
            *("" if math.isnan(row[one]) else f"{row[one]:.6g}" for one in MEASURED),
            row["reason"],
        )
        for symbol, row in rows.iterrows()
    ]
    return csv_text(COLUMNS, table)
