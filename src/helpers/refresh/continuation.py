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
    check_identity,
    check_new_moves,
    check_returns,
    check_sessions,
)
from helpers.refresh.history import HALF_CENT, AtHand, Case, History, Terms, named

# Below this the levels at hand are Yahoo's but for the last of six decimals.
SAME_LEVEL = 5e-7
# By how much the levels may move without an action that explains it, before the
# history counts as changed: a dividend from before the end of the history at hand.
LARGEST_UNEXPLAINED = 0.2
CLOSE_TOLERANCE = 2e-3
# The step that listed dividends make may be off by this share of itself.
DIVIDEND_TOLERANCE = 0.1

Notes = list[dict[str, Any]]


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
    case = Case(history, at_hand, terms)
    if history.exchange:
        check_identity(case)
    if at_hand is not None:
        check_returns(case)
    holes = check_sessions(case)
    moves = check_new_moves(case)
    factors, changed, doubts = _rebase(case)
    new, last = case.new, case.last
    still = case.untraded
    if last is not None:
        still = still[still > last]
    if new.empty:
        if len(still):
            said = f"no trade (volume 0) on {len(still)} sessions: {named(still)}"
            case.remarks.append(said)
        return Continuation(tuple(case.remarks))
    found = {
        "gaps": _gaps(case, holes, still[still < new.index[-1]]),
        "moves": [{**move, "reason": "in these prices alone"} for move in moves],
        "doubts": doubts,
    }
    notes: dict[str, Notes] = {
        kind: [{**one, "source": history.source} for one in of_kind]
        for kind, of_kind in found.items()
    }
    content = _content(case, factors)
    table = _checked(content, case, factors, notes)
    first, end = (f"{table.index[at]:%Y-%m-%d}" for at in (0, -1))
    return Continuation(
        remarks=(*case.remarks, *_said_of(notes)),
        changed=tuple(changed),
        new=tuple(new.index.strftime("%Y-%m-%d")),
        source=history.source,
        content=content,
        facts={
            "rows": len(table),
            "first": first,
            "last": end,
            "half_unit": case.half_unit * factors["adj_close"],
            "factors": factors,
            "actions": _actions(case),
            **notes,
        },
    )


def _rebase(case: Case) -> tuple[dict[str, float], list[str], Notes]:
    """Find what brings the levels at hand to Yahoo's: factors, words and doubts.

    On the last common session the adjusted closes then agree exactly.
    """
    factors = {"close": 1.0, "adj_close": 1.0}
    if case.at_hand is None or case.new.empty:
        return factors, [], []
    actions = [one for one in _actions(case) if one["date"] in case.new.index]
    before = case.priced["close"].shift()
    paid, listed = 1.0, []
    for action in actions:
        value, date = action["value"], action["date"]
        if action["kind"] == "split":
            factors["close"] /= value
            listed.append(f"split of {value:g} for 1 on {date}")
        else:
            paid *= 1 - value / before[date]
            listed.append(f"dividend of {value:g} on {date}")
    _check_closes(case, factors["close"])
    anchor = case.common[-1]
    ours = case.at_hand.prices["adj_close"][anchor]
    theirs = case.priced["adj_close"][anchor]
    factor, explained = float(theirs / ours), factors["close"] * paid
    rest = abs(factor / explained - 1)
    if not rest <= LARGEST_UNEXPLAINED:
        raise ChangedHistory(
            f"{case.terms.symbol}: the adjusted close of {anchor:%Y-%m-%d} is {ours:g} "
            f"at hand and {theirs:g} at Yahoo, and no split or dividend that Yahoo "
            "lists explains it: a split that is not listed yet, or another instrument."
        )
    if abs(factor - 1) > SAME_LEVEL:
        factors["adj_close"] = factor
    until = f"{case.last:%Y-%m-%d}"
    said = f"levels to {until} re-based by {factor:.6g}: "
    said += ", ".join(listed) or "no action that Yahoo lists"
    rounding = RETURN_TOLERANCE + 2 * case.half_unit / ours
    if rest > rounding + DIVIDEND_TOLERANCE * (1 - paid):
        reason = f"{said}, where that makes it {explained:.6g} (returns agree)"
        return factors, [], [{"first": until, "last": until, "reason": reason}]
    return factors, [said] if listed and factors["adj_close"] != 1 else [], []


def _check_closes(case: Case, factor: float) -> None:
    assert case.at_hand is not None
    known = case.at_hand.prices["close"][case.common].dropna()
    if known.empty:
        return
    day, close = known.index[-1], known.iloc[-1]
    theirs = case.priced["close"][day]
    if abs(theirs / close / factor - 1) <= CLOSE_TOLERANCE + 2 * HALF_CENT / close:
        return
    listed = (
        "Yahoo lists no split"
        if factor == 1
        else f"Yahoo's splits would make it {close * factor:g}"
    )
    raise ChangedHistory(
        f"{case.terms.symbol}: the close of {day:%Y-%m-%d} is {close:g} at hand and "
        f"{theirs:g} at Yahoo, where {listed}: a split that is not listed or not "
        "applied yet, or another instrument. Run it again in a few days."
    )


def _gaps(case: Case, holes: pd.DatetimeIndex, untraded: pd.DatetimeIndex) -> Notes:
    """Return the stretches of new sessions without a price, each with its reason."""
    gaps = []
    for days, kind, reason in (
        (holes, "hole", "accepted by hand"),
        (untraded, "suspension", "no trade reported (volume 0)"),
    ):
        at = case.held.get_indexer(days)
        for _, run in days.to_series().groupby(at - np.arange(len(at))):
            first, last = (f"{run.iloc[end]:%Y-%m-%d}" for end in (0, -1))
            gap = {"kind": kind, "first": first, "last": last, "reason": reason}
            gaps.append(gap)
    return sorted(gaps, key=lambda gap: gap["first"])


def _actions(case: Case) -> Notes:
    """Return the dividends and splits after the last session at hand."""
    history, last = case.history, case.last
    listed = [
        {"date": f"{day:%Y-%m-%d}", "kind": kind, "value": value}
        for kind, values in (("dividend", history.dividends), ("split", history.splits))
        for day, value in values.items()
        if (last is None or day > last) and day <= case.terms.until
    ]
    return sorted(listed, key=lambda action: (action["date"], action["kind"]))


def _said_of(notes: Mapping[str, Notes]) -> list[str]:
    said = [doubt["reason"] for doubt in notes["doubts"]]
    said += [
        f"no price from {gap['first']} to {gap['last']}: {gap['reason']}"
        for gap in notes["gaps"]
    ]
    if notes["moves"]:
        moves = [f"{m['value']:+.1%} on {m['date']}" for m in notes["moves"]]
        said.append(f"large move, from one source: {named(moves)}")
    return said


def _content(case: Case, factors: Mapping[str, float]) -> bytes:
    lines = [",".join(PRICE_COLUMNS)]
    if case.at_hand is not None:
        lines = case.at_hand.content.decode().splitlines()
        if set(factors.values()) != {1.0}:
            lines[1:] = [_rebased(line, factors) for line in lines[1:]]
    for row in case.new.itertuples():
        shares = "" if math.isnan(row.volume) else f"{row.volume:.0f}"
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
    """Write a price to ten digits, never with an exponent."""
    return np.format_float_positional(
        value, precision=10, unique=False, fractional=False, trim="-"
    )


def _checked(
    content: bytes,
    case: Case,
    factors: Mapping[str, float],
    notes: Mapping[str, Sequence[Mapping[str, Any]]],
) -> pd.DataFrame:
    known = {} if case.at_hand is None else case.at_hand.entry
    before = known.get("factors", {}).get("close", 1.0)
    expected = Expected(
        file=prices_path(case.terms.symbol),
        kind=case.terms.kind,
        max_move=case.terms.max_move,
        sessions=case.held,
        gaps=[*known.get("gaps", []), *notes["gaps"]],
        moves=[*known.get("moves", []), *notes["moves"]],
        close_unit=HALF_UNIT * max(1.0, before * factors["close"]),
    )
    table, faults = check_prices(content, expected)
    refuse(faults)
    return table
