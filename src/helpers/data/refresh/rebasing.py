"""Bringing the levels at hand to Yahoo's, and saying by which action they moved.

A later dividend lowers all adjusted closes before it by one factor, a later split
all closes; returns stay. A level that nothing explains is a sign that something
else is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.data.refresh.checks import RETURN_TOLERANCE, Rows, Terms
from helpers.data.refresh.rows import Dates, Prices
from helpers.errors import ChangedHistory

if TYPE_CHECKING:
    from helpers.data.refresh.yahoo import History

HALF_CENT = 0.005
# Below this the levels at hand are Yahoo's but for the last of six decimals.
SAME_LEVEL = 5e-7
# By how much the levels may move without an action that explains it, before the
# history counts as changed: a dividend from before the end of the history at hand.
LARGEST_UNEXPLAINED = 0.2
CLOSE_TOLERANCE = 2e-3


@dataclass
class Rebasing:
    """By what the levels at hand are multiplied, and why.

    Parameters
    ----------
    close, adj_close : float
        Factors.
    changed : list of str
        What the user is told.
    doubts : list of dict
        What is to be recorded.
    """

    close: float = 1.0
    adj_close: float = 1.0
    changed: list[str] = field(default_factory=list)
    doubts: list[dict[str, Any]] = field(default_factory=list)


def rebase(
    at_hand: Prices,
    rows: Rows,
    common: Dates,
    half_unit: float,
    history: History,
    steps: Mapping[np.datetime64, tuple[float, float]],
    terms: Terms,
) -> Rebasing:
    """Find the factors that bring the levels at hand to Yahoo's, and their reasons.

    Parameters
    ----------
    at_hand : Prices
        Prices at hand.
    rows : Rows
        Yahoo's rows.
    common : array of datetime64[D]
        Sessions that both have.
    half_unit : float
        Rounding of the adjusted closes at hand.
    history : History
        With Yahoo's dividends and splits.
    steps : mapping
        As ``checks.dividend_steps``.
    terms : Terms
        The symbol.

    Returns
    -------
    Rebasing
        On the last common session the adjusted closes then agree exactly.

    Raises
    ------
    ChangedHistory
        If no split explains the level of the closes, or nothing explains that of
        the adjusted closes.
    """
    done = Rebasing()
    last, newest = at_hand.dates[-1], rows.priced.dates[-1]
    actions = []
    for day, ratio in history.splits.items():
        if last < day <= newest:
            done.close /= ratio
            actions.append(f"split of {ratio:g} for 1 on {day}")
    explained = done.close
    for day, (_, step) in steps.items():
        if abs(step) > RETURN_TOLERANCE:
            explained *= 1 - step
            actions.append(f"dividend of {history.dividends[day]:g} on {day}")
    _check_closes(at_hand, rows, common, done.close, terms)
    anchor = common[-1:]
    [ours] = at_hand.on(anchor, at_hand.adj_close)
    [theirs] = rows.priced.on(anchor, rows.priced.adj_close)
    factor = float(theirs / ours)
    if abs(factor - 1) > SAME_LEVEL:
        done.adj_close = factor
    rest = factor / explained - 1
    if not abs(rest) <= LARGEST_UNEXPLAINED:
        raise ChangedHistory(
            f"{terms.symbol}: the adjusted close of {anchor[0]} is {ours:g} at hand "
            f"and {theirs:g} at Yahoo, and no split or dividend that Yahoo lists "
            "explains it: a split that is not listed yet, or another instrument."
        )
    if actions:
        done.changed.append(
            f"levels to {last} re-based by {factor:.6g}: {', '.join(actions)}"
        )
    if abs(rest) > RETURN_TOLERANCE + 2 * half_unit / ours:
        reason = (
            f"levels to {last} re-based by {factor:.6g}, of which {rest:+.2%} by no "
            "action that Yahoo lists (returns agree)"
        )
        done.doubts.append({"first": str(last), "last": str(last), "reason": reason})
    return done


def _check_closes(
    at_hand: Prices, rows: Rows, common: Dates, factor: float, terms: Terms
) -> None:
    ours = at_hand.on(common, at_hand.close)
    known = np.flatnonzero(~np.isnan(ours))
    if not len(known):
        return
    day, close = common[known[-1]], ours[known[-1]]
    [theirs] = rows.priced.on(common[known[-1:]], rows.priced.close)
    if abs(theirs / close / factor - 1) <= CLOSE_TOLERANCE + 2 * HALF_CENT / close:
        return
    listed = (
        "Yahoo lists no split"
        if factor == 1
        else f"Yahoo's splits would make it {close * factor:g}"
    )
    raise ChangedHistory(
        f"{terms.symbol}: the close of {day} is {close:g} at hand and {theirs:g} at "
        f"Yahoo, where {listed}: a split that is not listed or not applied yet, or "
        "another instrument. Run it again in a few days."
    )
