"""Continuing the history at hand with new sessions, on one level of adjustment.

Rows at hand stay, and so do their returns; new rows follow. The result must keep
every rule of the codebook.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.data.faults import refuse
from helpers.data.price_rules import PRICE_COLUMNS, Expected, read_prices
from helpers.data.prices import prices_path
from helpers.data.refresh.checks import (
    Rows,
    Terms,
    check_dividends,
    check_identity,
    check_new_moves,
    check_returns,
    check_sessions,
    common_sessions,
    dividend_steps,
    sort_out,
)
from helpers.data.refresh.rebasing import HALF_CENT, Rebasing, rebase
from helpers.data.refresh.rows import Dates, Prices, as_days, named

if TYPE_CHECKING:
    import pandas as pd

    from helpers.data.refresh.yahoo import History

SOURCE = "Yahoo Finance, by refresh"
HOLE = ("hole", "accepted by hand")
NO_TRADE = ("suspension", "Yahoo reports no trade (volume 0)")


@dataclass(frozen=True)
class AtHand:
    """A symbol's history before the refresh.

    Parameters
    ----------
    lines : list of str
        Of its price file, the header first.
    prices : Prices
        The newest part of it, which is to be compared.
    entry : mapping
        What is recorded of it, as ``manifest_entry`` gives it.
    """

    lines: Sequence[str]
    prices: Prices
    entry: Mapping[str, Any]


@dataclass(frozen=True)
class Continuation:
    """A history continued by new sessions.

    Parameters
    ----------
    content : bytes
        The new price file.
    first, last : str
        First and last date of the file.
    rows : int
        Its rows.
    new : tuple of str
        Dates of the new sessions.
    factors : dict
        By what the ``close`` and ``adj_close`` at hand were multiplied.
    half_unit : float
        Rounding of the adjusted closes from before the first refresh.
    exceptions : dict
        New ``gaps``, ``moves`` and ``doubts``, as in the manifest.
    actions : list of dict
        ``date``, ``kind`` (dividend, split) and ``value`` of the new sessions.
    changed, remarks : tuple of str
        What changed of the history at hand; what the user should know.
    """

    content: bytes
    first: str
    last: str
    rows: int
    new: tuple[str, ...]
    factors: dict[str, float]
    half_unit: float
    exceptions: dict[str, list[dict[str, Any]]]
    actions: list[dict[str, Any]]
    changed: tuple[str, ...]
    remarks: tuple[str, ...]


def continue_history(
    history: History, at_hand: AtHand | None, terms: Terms, sessions: pd.DatetimeIndex
) -> Continuation | None:
    """Continue a history by what Yahoo gives.

    Parameters
    ----------
    history : History
        Yahoo's answer.
    at_hand : AtHand or None
        The history so far; None for an instrument that is being added.
    terms : Terms
        What the new prices are held against.
    sessions : DatetimeIndex
        The same sessions as those of the terms.

    Returns
    -------
    Continuation or None
        None if there is no new session with a price.

    Raises
    ------
    ChangedHistory, IncompleteSessions
        If the new prices do not continue those at hand, or lack sessions.
    DataError
        If the result would break another rule of the codebook.
    """
    remarks = check_identity(history, terms)
    rows = sort_out(history, terms)
    remarks += rows.remarks
    last = None
    rebasing, half_unit = Rebasing(), 0.0
    if at_hand is not None:
        last = at_hand.prices.dates[-1]
        half_unit = _half_unit(at_hand)
        common = common_sessions(at_hand.prices, rows, terms)
        remarks += check_returns(
            at_hand.prices,
            rows,
            common,
            half_unit,
            _known_to_differ(at_hand.entry),
            history.splits,
            terms,
        )
    holes = check_sessions(rows, last, terms)
    moves = check_new_moves(rows, last, history, terms)
    steps = dividend_steps(rows, last, history)
    if at_hand is not None:
        rebasing = rebase(
            at_hand.prices, rows, common, half_unit, history, steps, terms
        )
    new = rows.after(last)
    if not len(new):
        return None
    exceptions = {
        "gaps": _gaps(holes, rows, last, terms),
        "moves": [
            {**move, "reason": "in Yahoo's prices alone", "source": SOURCE}
            for move in moves
        ],
        "doubts": [
            {**doubt, "source": SOURCE}
            for doubt in (*rebasing.doubts, *check_dividends(steps))
        ],
    }
    content = _content(at_hand, rebasing, new)
    table = _check_result(content, at_hand, exceptions, terms, sessions)
    return Continuation(
        content=content,
        first=str(as_days(table.index[:1])[0]),
        last=str(new.dates[-1]),
        rows=len(table),
        new=tuple(new.dates.astype(str).tolist()),
        factors={"close": rebasing.close, "adj_close": rebasing.adj_close},
        half_unit=half_unit * rebasing.adj_close,
        exceptions=exceptions,
        actions=_actions(history, last, terms.until),
        changed=tuple(rebasing.changed),
        remarks=(*remarks, *_said_of(exceptions)),
    )


def _half_unit(at_hand: AtHand) -> float:
    """Return by how much the adjusted closes at hand may be off by rounding."""
    recorded = at_hand.entry.get("half_unit")
    if recorded is not None:
        return float(recorded)
    prices = at_hand.prices.adj_close
    return HALF_CENT if (prices.round(2) == prices).mean() > 0.5 else 0.0


def _known_to_differ(entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    corrections = [
        alteration
        for alteration in entry.get("alterations", [])
        if (alteration["kind"], alteration["field"]) == ("correction", "adj_close")
    ]
    return [*entry.get("doubts", []), *corrections]


def _gaps(
    holes: Dates, rows: Rows, last: np.datetime64 | None, terms: Terms
) -> list[dict[str, Any]]:
    """Return the stretches of new sessions without a price, each with its reason."""
    untraded = rows.untraded[rows.untraded < rows.priced.dates[-1]]
    if last is not None:
        untraded = untraded[untraded > last]
    reasons = dict.fromkeys(holes, HOLE) | dict.fromkeys(untraded, NO_TRADE)
    gaps: list[dict[str, Any]] = []
    previous = -2
    for day in sorted(reasons):
        kind, reason = reasons[day]
        at = int(terms.sessions.searchsorted(day))
        if at != previous + 1 or gaps[-1]["kind"] != kind:
            gaps.append({"kind": kind, "first": str(day)})
        gaps[-1] |= {"last": str(day), "reason": reason, "source": SOURCE}
        previous = at
    return gaps


def _actions(
    history: History, last: np.datetime64 | None, until: np.datetime64
) -> list[dict[str, Any]]:
    listed = [
        {"date": str(day), "kind": kind, "value": value}
        for kind, values in (("dividend", history.dividends), ("split", history.splits))
        for day, value in values.items()
        if (last is None or day > last) and day <= until
    ]
    return sorted(listed, key=lambda action: (action["date"], action["kind"]))


def _said_of(exceptions: Mapping[str, list[dict[str, Any]]]) -> list[str]:
    said = [doubt["reason"] for doubt in exceptions["doubts"]]
    said += [
        f"no price from {gap['first']} to {gap['last']}: {gap['reason']}"
        for gap in exceptions["gaps"]
    ]
    if exceptions["moves"]:
        moves = [f"{m['value']:+.1%} on {m['date']}" for m in exceptions["moves"]]
        said.append(f"large move, from one source: {named(moves)}")
    return said


def _content(at_hand: AtHand | None, rebasing: Rebasing, new: Prices) -> bytes:
    lines = [",".join(PRICE_COLUMNS)]
    if at_hand is not None:
        lines = list(at_hand.lines)
        if rebasing.close != 1 or rebasing.adj_close != 1:
            lines[1:] = [_rebased(line, rebasing) for line in lines[1:]]
    columns = (new.dates.astype(str), new.close, new.adj_close, new.volume)
    for day, close, adjusted, volume in zip(
        *(column.tolist() for column in columns), strict=True
    ):
        shares = "" if np.isnan(volume) else f"{volume:.0f}"
        lines.append(f"{day},{_number(close)},{_number(adjusted)},{shares},0,0")
    return "".join(f"{line}\n" for line in lines).encode()


def _rebased(line: str, rebasing: Rebasing) -> str:
    date, close, adjusted, volume, *counts = line.split(",")
    if close and rebasing.close != 1:
        close = f"{float(close) * rebasing.close:.10g}"
    if rebasing.adj_close != 1:
        adjusted = f"{float(adjusted) * rebasing.adj_close:.10g}"
    if volume and rebasing.close != 1:
        volume = f"{float(volume) / rebasing.close:.0f}"
    return ",".join((date, close, adjusted, volume, *counts))


def _number(value: float) -> str:
    return f"{round(value, 6):.15g}"


def _check_result(
    content: bytes,
    at_hand: AtHand | None,
    exceptions: Mapping[str, list[dict[str, Any]]],
    terms: Terms,
    sessions: pd.DatetimeIndex,
) -> pd.DataFrame:
    known: Mapping[str, Any] = {} if at_hand is None else at_hand.entry
    expected = Expected(
        file=prices_path(terms.symbol),
        kind=terms.kind,
        max_move=terms.max_move,
        sessions=sessions,
        gaps=[*known.get("gaps", []), *exceptions["gaps"]],
        moves=[*known.get("moves", []), *exceptions["moves"]],
    )
    table, faults = read_prices(content, expected)
    refuse(faults)
    return table
