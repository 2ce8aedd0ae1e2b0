"""Continuing the history at hand with new sessions, on one level of adjustment.

Rows at hand stay, and so do their returns; new rows follow. A later dividend lowers
all adjusted closes before it by one factor, a later split all closes. A level that
nothing explains is a sign that something else is wrong. The result must keep every
rule of the codebook.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from helpers.data.faults import refuse
from helpers.data.price_rules import HALF_UNIT, PRICE_COLUMNS, Expected, check_prices
from helpers.data.prices import prices_path
from helpers.errors import ChangedHistory
from helpers.refresh.checks import (
    RETURN_TOLERANCE,
    Rows,
    check_identity,
    check_new_moves,
    check_returns,
    check_sessions,
    common_sessions,
    sort_out,
)
from helpers.refresh.history import HALF_CENT, AtHand, History, Terms, named

# Below this the levels at hand are Yahoo's but for the last of six decimals.
SAME_LEVEL = 5e-7
# By how much the levels may move without an action that explains it, before the
# history counts as changed: a dividend from before the end of the history at hand.
LARGEST_UNEXPLAINED = 0.2
CLOSE_TOLERANCE = 2e-3
# The step that listed dividends make may be off by this share of itself.
DIVIDEND_TOLERANCE = 0.1


@dataclass(frozen=True)
class Continuation:
    """A history continued by new sessions; remarks alone if there is none."""

    # What the user should know, and what changed of the history at hand.
    remarks: tuple[str, ...]
    changed: tuple[str, ...] = ()
    # Dates of the new sessions, and where they are from.
    new: tuple[str, ...] = ()
    source: str = ""
    # The new price file, and what is recorded of it: rows, first, last, half_unit; of
    # the new sessions factors (by which close and adj_close at hand were multiplied),
    # actions, gaps, moves and doubts.
    content: bytes = b""
    facts: Mapping[str, Any] = field(default_factory=dict)


def continue_history(
    history: History, at_hand: AtHand | None, terms: Terms
) -> Continuation:
    """Continue a history by what Yahoo, or a file of one's own, gives.

    Parameters
    ----------
    history : History
        The answer.
    at_hand : AtHand or None
        The history so far; None for an instrument that is being added.
    terms : Terms
        What the new prices are held against.

    Raises
    ------
    ChangedHistory, IncompleteSessions
        If the new prices do not continue those at hand, or lack sessions.
    DataError
        If the result would break another rule of the codebook.
    """
    remarks = check_identity(history, terms) if history.exchange else []
    rows = sort_out(history, terms)
    remarks += rows.remarks
    last, half_unit = None, 0.0
    if at_hand is not None:
        last, half_unit = at_hand.prices.index[-1], at_hand.half_unit
        common = common_sessions(at_hand.prices, rows, terms)
        remarks += check_returns(
            at_hand.prices,
            rows,
            common,
            half_unit,
            at_hand.known_to_differ,
            history,
            terms,
        )
    holes = check_sessions(rows, last, terms)
    moves = check_new_moves(rows, last, history, terms)
    factors = {"close": 1.0, "adj_close": 1.0}
    changed: list[str] = []
    doubts: list[dict[str, Any]] = []
    if at_hand is not None:
        factors, changed, doubts = _rebase(
            at_hand.prices, rows, common, half_unit, history, terms
        )
    new = rows.after(last)
    still = rows.untraded if last is None else rows.untraded[rows.untraded > last]
    if new.empty:
        if len(still):
            said = f"no trade (volume 0) on {len(still)} sessions: {named(still)}"
            remarks.append(said)
        return Continuation(tuple(remarks))
    source = {"source": history.source}
    exceptions: dict[str, list[dict[str, Any]]] = {
        "gaps": _gaps(holes, still[still < new.index[-1]], terms, source),
        "moves": [
            {**move, "reason": "in these prices alone", **source} for move in moves
        ],
        "doubts": [{**one, **source} for one in doubts],
    }
    content = _content(at_hand, factors, new)
    table = _checked(content, at_hand, factors, exceptions, terms)
    first, end = (f"{table.index[at]:%Y-%m-%d}" for at in (0, -1))
    return Continuation(
        remarks=(*remarks, *_said_of(exceptions)),
        changed=tuple(changed),
        new=tuple(new.index.strftime("%Y-%m-%d")),
        source=history.source,
        content=content,
        facts={
            "rows": len(table),
            "first": first,
            "last": end,
            "half_unit": half_unit * factors["adj_close"],
            "factors": factors,
            "actions": _actions(history, last, terms.until),
            **exceptions,
        },
    )


def _rebase(
    at_hand: pd.DataFrame,
    rows: Rows,
    common: pd.DatetimeIndex,
    half_unit: float,
    history: History,
    terms: Terms,
) -> tuple[dict[str, float], list[str], list[dict[str, Any]]]:
    """Find what brings the levels at hand to Yahoo's: factors, words and doubts.

    On the last common session the adjusted closes then agree exactly.
    """
    last, newest = at_hand.index[-1], rows.priced.index[-1]
    splits = {d: ratio for d, ratio in history.splits.items() if last < d <= newest}
    before = rows.priced["close"].shift()
    dividends = {
        day: amount
        for day, amount in history.dividends.items()
        if last < day <= newest and day in before.index
    }
    listed = [f"split of {r:g} for 1 on {d:%Y-%m-%d}" for d, r in splits.items()]
    listed += [f"dividend of {a:g} on {d:%Y-%m-%d}" for d, a in dividends.items()]
    split = 1 / math.prod(splits.values())
    paid = math.prod(1 - amount / before[day] for day, amount in dividends.items())
    _check_closes(at_hand, rows, common, split, terms)
    anchor = common[-1]
    ours, theirs = at_hand["adj_close"][anchor], rows.priced["adj_close"][anchor]
    factor, explained = float(theirs / ours), split * paid
    rest = abs(factor / explained - 1)
    if not rest <= LARGEST_UNEXPLAINED:
        raise ChangedHistory(
            f"{terms.symbol}: the adjusted close of {anchor:%Y-%m-%d} is {ours:g} at "
            f"hand and {theirs:g} at Yahoo, and no split or dividend that Yahoo lists "
            "explains it: a split that is not listed yet, or another instrument."
        )
    factors = {"close": split, "adj_close": factor}
    if abs(factor - 1) <= SAME_LEVEL:
        factors["adj_close"] = 1.0
    actions = ", ".join(listed) or "no action that Yahoo lists"
    until = f"{last:%Y-%m-%d}"
    said = f"levels to {until} re-based by {factor:.6g}: {actions}"
    rounding = RETURN_TOLERANCE + 2 * half_unit / ours
    if rest > rounding + DIVIDEND_TOLERANCE * (1 - paid):
        reason = f"{said}, where that makes it {explained:.6g} (returns agree)"
        return factors, [], [{"first": until, "last": until, "reason": reason}]
    return factors, [said] if listed and factors["adj_close"] != 1 else [], []


def _check_closes(
    at_hand: pd.DataFrame,
    rows: Rows,
    common: pd.DatetimeIndex,
    factor: float,
    terms: Terms,
) -> None:
    known = at_hand["close"][common].dropna()
    if known.empty:
        return
    day, close = known.index[-1], known.iloc[-1]
    theirs = rows.priced["close"][day]
    if abs(theirs / close / factor - 1) <= CLOSE_TOLERANCE + 2 * HALF_CENT / close:
        return
    listed = (
        "Yahoo lists no split"
        if factor == 1
        else f"Yahoo's splits would make it {close * factor:g}"
    )
    raise ChangedHistory(
        f"{terms.symbol}: the close of {day:%Y-%m-%d} is {close:g} at hand and "
        f"{theirs:g} at Yahoo, where {listed}: a split that is not listed or not "
        "applied yet, or another instrument. Run it again in a few days."
    )


def _gaps(
    holes: pd.DatetimeIndex,
    untraded: pd.DatetimeIndex,
    terms: Terms,
    source: Mapping[str, str],
) -> list[dict[str, Any]]:
    """Return the stretches of new sessions without a price, each with its reason."""
    gaps: list[dict[str, Any]] = []
    for days, kind, reason in (
        (holes, "hole", "accepted by hand"),
        (untraded, "suspension", "no trade reported (volume 0)"),
    ):
        at = terms.held.get_indexer(days)
        for _, run in days.to_series().groupby(at - np.arange(len(at))):
            first, last = (f"{run.iloc[end]:%Y-%m-%d}" for end in (0, -1))
            span = {"kind": kind, "first": first, "last": last}
            gaps.append({**span, "reason": reason, **source})
    return sorted(gaps, key=lambda gap: str(gap["first"]))


def _actions(
    history: History, last: pd.Timestamp | None, until: pd.Timestamp
) -> list[dict[str, Any]]:
    listed = [
        {"date": f"{day:%Y-%m-%d}", "kind": kind, "value": value}
        for kind, values in (("dividend", history.dividends), ("split", history.splits))
        for day, value in values.items()
        if (last is None or day > last) and day <= until
    ]
    return sorted(listed, key=lambda action: (action["date"], action["kind"]))


def _said_of(exceptions: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    said = [doubt["reason"] for doubt in exceptions["doubts"]]
    said += [
        f"no price from {gap['first']} to {gap['last']}: {gap['reason']}"
        for gap in exceptions["gaps"]
    ]
    if exceptions["moves"]:
        moves = [f"{m['value']:+.1%} on {m['date']}" for m in exceptions["moves"]]
        said.append(f"large move, from one source: {named(moves)}")
    return said


def _content(
    at_hand: AtHand | None, factors: Mapping[str, float], new: pd.DataFrame
) -> bytes:
    lines = [",".join(PRICE_COLUMNS)]
    if at_hand is not None:
        lines = at_hand.content.decode().splitlines()
        if set(factors.values()) != {1.0}:
            lines[1:] = [_rebased(line, factors) for line in lines[1:]]
    for row in new.itertuples():
        shares = "" if np.isnan(row.volume) else f"{row.volume:.0f}"
        prices = (_number(round(price, 6)) for price in (row.close, row.adj_close))
        lines.append(f"{row.Index:%Y-%m-%d},{','.join(prices)},{shares},0,0")
    return "".join(f"{line}\n" for line in lines).encode()


def _rebased(line: str, factors: Mapping[str, float]) -> str:
    date, close, adjusted, volume, *counts = line.split(",")
    split = factors["close"]
    if close and split != 1:
        close = _number(float(close) * split)
    if volume and split != 1:
        volume = f"{float(volume) / split:.0f}"
    if factors["adj_close"] != 1:
        adjusted = _number(float(adjusted) * factors["adj_close"])
    return ",".join((date, close, adjusted, volume, *counts))


def _number(value: float) -> str:
    """Write a price to ten digits or all its decimals, never with an exponent."""
    return np.format_float_positional(
        value, precision=10, unique=False, fractional=False, trim="-"
    )


def _checked(
    content: bytes,
    at_hand: AtHand | None,
    factors: Mapping[str, float],
    exceptions: Mapping[str, Sequence[Mapping[str, Any]]],
    terms: Terms,
) -> pd.DataFrame:
    known: Mapping[str, Any] = {} if at_hand is None else at_hand.entry
    expected = Expected(
        file=prices_path(terms.symbol),
        kind=terms.kind,
        max_move=terms.max_move,
        sessions=terms.held,
        gaps=[*known.get("gaps", []), *exceptions["gaps"]],
        moves=[*known.get("moves", []), *exceptions["moves"]],
        close_unit=HALF_UNIT
        * max(1.0, known.get("factors", {}).get("close", 1.0) * factors["close"]),
    )
    table, faults = check_prices(content, expected)
    refuse(faults)
    return table
