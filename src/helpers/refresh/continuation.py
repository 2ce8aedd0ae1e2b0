"""Continuing the history at hand with new sessions, on one level of adjustment.

Rows at hand stay, and so do their returns; new rows follow. A later dividend lowers
all adjusted closes before it by one factor, a later split all closes. A level that
nothing explains is a sign that something else is wrong. The result must keep every
rule of the codebook.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from helpers.data.faults import refuse
from helpers.data.price_rules import PRICE_COLUMNS, check_prices
from helpers.errors import ChangedHistory
from helpers.refresh import checks
from helpers.refresh.history import HALF_CENT, AtHand, Case, named

# Below this the levels at hand are Yahoo's but for the last of six decimals.
SAME_LEVEL = 5e-7
# By how much the levels may move without an action that explains it, before the
# history counts as changed: a dividend from before the end of the history at hand.
LARGEST_UNEXPLAINED = 0.2
CLOSE_TOLERANCE = 2e-3
# The step that listed dividends make may be off by this share of itself.
DIVIDEND_TOLERANCE = 0.1

Notes = list[dict[str, Any]]
Factors = Mapping[str, float]


@dataclass(frozen=True)
class Continuation:
    """A history continued by new sessions; remarks alone if there is none."""

    # What changed of the history at hand, and what else the user should know.
    remarks: tuple[str, ...]
    # Dates of the new sessions.
    new: tuple[str, ...] = ()
    # The new price file, and what is recorded of it.
    content: bytes = b""
    entry: dict[str, Any] = field(default_factory=dict)


def continue_history(case: Case) -> Continuation:
    """Continue a history by what Yahoo, or a file of one's own, gives.

    Raises
    ------
    ChangedHistory, IncompleteSessions
        If the new prices do not continue those at hand, or lack sessions.
    DataError
        If the result would break another rule of the codebook.
    """
    if case.history.exchange:
        checks.check_identity(case)
    if case.at_hand is not None:
        checks.check_returns(case)
    holes = checks.check_sessions(case)
    moves = checks.check_new_moves(case)
    factors, doubts = _rebase(case)
    still = case.untraded
    if case.last is not None:
        still = still[still > case.last]
    if case.new.empty:
        if len(still):
            said = f"no trade (volume 0) on {len(still)} sessions: {named(still)}"
            case.remarks.append(said)
        return Continuation(tuple(case.remarks))
    still = still[still < case.new.index[-1]]
    notes: dict[str, Notes] = {
        "gaps": [
            *_gaps(case, holes, "hole", "accepted by hand"),
            *_gaps(case, still, "suspension", "no trade reported (volume 0)"),
        ],
        "moves": moves,
        "doubts": doubts,
    }
    for one in (one for of_kind in notes.values() for one in of_kind):
        one["source"] = case.history.source
    case.remarks.extend(
        f"no price from {gap['first']} to {gap['last']}: {gap['reason']}"
        for gap in notes["gaps"]
    )
    if moves:
        said = named(f"{one['value']:+.1%} on {one['date']}" for one in moves)
        case.remarks.append(f"large move, from one source: {said}")
    content = _content(case, factors)
    new = tuple(case.new.index.strftime("%Y-%m-%d"))
    entry = _entry(case, content, factors, notes)
    return Continuation(tuple(case.remarks), new, content, entry)


def _entry(
    case: Case, content: bytes, factors: Factors, notes: Mapping[str, Notes]
) -> dict[str, Any]:
    """Return what is recorded of a new price file, which must keep every rule.

    That is symbol, bundled_sha256, sources, rows, first, last, half_unit, factors (by
    which close and adj_close of the bundled file were multiplied), and of the sessions
    after it actions, gaps, moves and doubts.
    """
    at_hand = case.at_hand or AtHand(b"", case.new, {})
    old, known, source = at_hand.refreshed, at_hand.entry, case.history.source
    level = {name: factor * old.get("factors", {}).get(name, 1.0)
             for name, factor in factors.items()}  # fmt: skip
    excused = {name: [*known.get(name, []), *notes[name]] for name in ("gaps", "moves")}
    half_unit = case.half_unit * factors["adj_close"]
    by = {**excused, "factors": level, "half_unit": half_unit}
    table, faults = check_prices(f"{case.symbol}, {source}", content, case.row, by)
    # Its rows are of a file that is not there yet: a date says more.
    refuse([
        replace(one, row=None, problem=f"{table.index[one.row - 2]:%Y-%m-%d}: "
                f"{one.problem}") if one.row and len(table) else one
        for one in faults
    ])  # fmt: skip
    sources, (since, end) = list(old.get("sources", [])), _iso(case.new)
    if sources and sources[-1]["source"] == source:
        since = sources.pop()["first"]
    first, last = _iso(table)
    return {
        "symbol": case.symbol,
        "bundled_sha256": at_hand.bundled_sha256,
        "sources": [*sources, {"source": source, "first": since, "last": end}],
        "rows": len(table),
        "first": first,
        "last": last,
        "half_unit": half_unit,
        "factors": level,
        **{
            kind: [*old.get(kind, []), *more]
            for kind, more in {"actions": _actions(case), **notes}.items()
        },
    }


def _iso(table: pd.DataFrame) -> tuple[str, str]:
    """Return the first and the last date of a table."""
    return f"{table.index[0]:%Y-%m-%d}", f"{table.index[-1]:%Y-%m-%d}"


def _rebase(case: Case) -> tuple[dict[str, float], Notes]:
    """Find what brings the levels at hand to Yahoo's: factors and doubts.

    On the last common session the adjusted closes then agree exactly.
    """
    factors = {"close": 1.0, "adj_close": 1.0}
    if case.at_hand is None or case.new.empty:
        return factors, []
    before = case.priced["close"].shift()
    paid, listed = 1.0, []
    for action in _actions(case):
        value, date = action["value"], action["date"]
        if date not in case.new.index:
            continue
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
            f"{case.symbol}: the adjusted close of {anchor:%Y-%m-%d} is {ours:g} "
            f"at hand and {theirs:g} at Yahoo, and no split or dividend that Yahoo "
            "lists explains it: a split that is not listed yet, or another instrument."
        )
    if abs(factor - 1) > SAME_LEVEL:
        factors["adj_close"] = factor
    until = f"{case.last:%Y-%m-%d}"
    said = f"levels to {until} re-based by {factor:.6g}: "
    said += ", ".join(listed) or "no action that Yahoo lists"
    rounding = checks.RETURN_TOLERANCE + 2 * case.half_unit / ours
    if rest > rounding + DIVIDEND_TOLERANCE * (1 - paid):
        reason = f"{said}, where that makes it {explained:.6g} (returns agree)"
        case.remarks.append(reason)
        return factors, [{"first": until, "last": until, "reason": reason}]
    if listed and factors["adj_close"] != 1:
        case.remarks.insert(0, said)
    return factors, []


def _check_closes(case: Case, factor: float) -> None:
    assert case.at_hand is not None
    known = case.at_hand.prices["close"][case.common].dropna()
    if known.empty:
        return
    day, close = known.index[-1], known.iloc[-1]
    theirs = case.priced["close"][day]
    if abs(theirs / close / factor - 1) <= CLOSE_TOLERANCE + 2 * HALF_CENT / close:
        return
    listed = "Yahoo lists no split"
    if factor != 1:
        listed = f"Yahoo's splits would make it {close * factor:g}"
    raise ChangedHistory(
        f"{case.symbol}: the close of {day:%Y-%m-%d} is {close:g} at hand and "
        f"{theirs:g} at Yahoo, where {listed}: a split that is not listed or not "
        "applied yet, or another instrument. Run it again in a few days."
    )


def _gaps(case: Case, days: pd.DatetimeIndex, kind: str, reason: str) -> Notes:
    """Return the stretches of sessions without a price, with their reason."""
    at = case.held.get_indexer(days)
    stretches = days.to_series().groupby(at - np.arange(len(at)))
    return [
        {"kind": kind, "first": f"{first:%Y-%m-%d}", "last": f"{last:%Y-%m-%d}",
         "reason": reason}
        for first, last in zip(stretches.first(), stretches.last(), strict=True)
    ]  # fmt: skip


def _actions(case: Case) -> Notes:
    """Return the dividends and splits after the last session at hand."""
    history, last = case.history, case.last
    listed = [
        {"date": f"{day:%Y-%m-%d}", "kind": kind, "value": value}
        for kind, values in (("dividend", history.dividends), ("split", history.splits))
        for day, value in values.items()
        if (last is None or day > last) and day <= case.until
    ]
    return sorted(listed, key=lambda action: (action["date"], action["kind"]))


def _content(case: Case, factors: Factors) -> bytes:
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


def _rebased(line: str, factors: Factors) -> str:
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
