"""What each instrument did, in words, as a table and as CSV, for an event's page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from helpers.evidence.wording import NO_BREAK, p_value, percent
from helpers.site.markup import (
    csv_text,
    html_table,
    literal,
    plain,
    taken_away,
    unbroken,
)

if TYPE_CHECKING:
    import pandas as pd

MISSING = "n/a"
HEADS = (
    "Instrument",
    "Day 0, window",
    "Change",
    "CAR",
    "95 % interval",
    "p",
    "Drawn",
)
COLUMNS = (
    "symbol",
    "name",
    "exchange",
    "session",
    "window_first",
    "window_last",
    "change_day0",
    "benchmark",
    "car",
    "ci_low",
    "ci_high",
    "p_value",
    "reason",
)
HOW_TO_READ = (
    "Change is the return of day 0. CAR is the cumulative abnormal return: what the "
    "instrument earned over the window beyond a market model fitted on sessions −120 "
    "to −11 against the index named beneath it. The window is all in which the news "
    "may first have met the exchange. Interval and p are exact for one share and one "
    "event. With so many events some will look large by chance: no verdict rests on "
    "a single row, and the chapters test events together. Drawn, all rows share one "
    "scale, the upright is zero, and a filled dot marks an interval without it."
)
# Of the drawing in a row, in CSS pixels.
WIDE, HIGH, RADIUS = 96, 16, 4


def reaction_section(
    reactions: pd.DataFrame,
    names: Mapping[str, str],
    unmeasured: Sequence[str],
    file: str,
) -> str:
    """Return what each instrument did on one event, as Markdown.

    Parameters
    ----------
    reactions : DataFrame
        Rows of ``EventFacts.reactions`` of one event, by symbol.
    names : mapping of symbol to name
        Of the benchmarks.
    unmeasured : sequence of str
        Symbols that the ledger names and that have no benchmark in the data.
    file : str
        Address within the site of :func:`reaction_csv`.
    """
    parts = [_sentence(reactions, names)] if reactions["car"].notna().any() else []
    parts += [
        html_table("What each instrument did", HEADS, _rows(reactions, names)),
        taken_away(file),
    ]
    left_out = [
        f"- {literal(row['name'])} ({literal(symbol)}) has no CAR: "
        f"{literal(row['reason'])}"
        for symbol, row in reactions.iterrows()
        if math.isnan(row["car"])
    ]
    if unmeasured:
        left_out.append(
            "- Not shown, for want of a local benchmark: "
            f"{literal(', '.join(unmeasured))}."
        )
    return "\n\n".join([*parts, HOW_TO_READ, "\n".join(left_out)]).rstrip()


def _sentence(reactions: pd.DataFrame, names: Mapping[str, str]) -> str:
    row = reactions[reactions["car"].notna()].iloc[0]
    low, high = (percent(row[edge], 1) for edge in ("ci_low", "ci_high"))
    return literal(
        f"{row['name']} changed by {percent(row['change'])} on day 0, "
        f"{row['day0']:%Y-%m-%d}. Its abnormal return over the window "
        f"{window_words(row['window'])} against the {names[row['benchmark']]} was "
        f"{percent(row['car'])} (95{NO_BREAK}% interval {low} to {high}, "
        f"p {p_value(row['p_value'])})."
    )


def _rows(reactions: pd.DataFrame, names: Mapping[str, str]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    reach = reactions[["ci_low", "ci_high"]].abs().max(axis=None)
    for symbol, row in reactions.iterrows():
        has_car = not math.isnan(row["car"])
        chance = p_value(row["p_value"]).removeprefix("= ") if has_car else MISSING
        rows.append(
            (
                f"{plain(row['name'])}<br><small>{plain(symbol)} against "
                f"{plain(names[row['benchmark']])}</small>",
                f"{unbroken(row['day0'].date())}<br>"
                f"<small>{unbroken(window_words(row['window']))}</small>",
                unbroken(_percent(row["change"])),
                unbroken(_percent(row["car"])),
                unbroken(_interval(row) if has_car else MISSING),
                unbroken(chance),
                _drawn(row, reach) if has_car else "",
            )
        )
    return rows


def _drawn(row: pd.Series, reach: float) -> str:
    """A dot with its interval, hidden from readers to whom the row is read out."""

    def across(value: float) -> str:
        half = WIDE / 2
        return f"{half + value / reach * (half - RADIUS):.1f}"

    low, dot, high = (across(row[name]) for name in ("ci_low", "car", "ci_high"))
    filled = "currentcolor" if row["ci_low"] * row["ci_high"] > 0 else "var(--panel)"
    return (
        f'<svg class="drawn" width="{WIDE}" height="{HIGH}" aria-hidden="true">'
        f'<path d="M{WIDE / 2:g} 0v{HIGH}" opacity=".6"/>'
        f'<path d="M{low} {HIGH / 2:g}H{high}" stroke-width="2"/>'
        f'<circle cx="{dot}" cy="{HIGH / 2:g}" r="{RADIUS - 1}" fill="{filled}"/></svg>'
    )


def window_words(window: tuple[int, int]) -> str:
    """Return an event window as the book writes it, as in ``[0, +1]``."""
    first, last = (f"{day:+d}" if day else "0" for day in window)
    return f"[{first}, {last}]".replace("-", "\N{MINUS SIGN}")


def _percent(value: float) -> str:
    return MISSING if math.isnan(value) else percent(value)


def _interval(row: pd.Series) -> str:
    low = percent(row["ci_low"], 1).removesuffix(f"{NO_BREAK}%")
    return f"{low} to {percent(row['ci_high'], 1)}"


def reaction_csv(reactions: pd.DataFrame) -> str:
    """Return the same rows as CSV, decimal, to six digits."""
    rows = [
        (
            symbol,
            row["name"],
            row["exchange"],
            f"{row['day0']:%Y-%m-%d}",
            *row["window"],
            _six(row["change"]),
            row["benchmark"],
            *(_six(row[name]) for name in ("car", "ci_low", "ci_high", "p_value")),
            row["reason"],
        )
        for symbol, row in reactions.iterrows()
    ]
    return csv_text(COLUMNS, rows)


def _six(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.6g}"
