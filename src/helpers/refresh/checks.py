"""What new prices must fulfil before they may continue the history at hand.

What does not is ``ChangedHistory`` or ``IncompleteSessions``, and says what to do.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.data.calendars import exchange_timezone
from helpers.errors import ChangedHistory, IncompleteSessions
from helpers.refresh.history import Case, accept, named
from helpers.refresh.markets import KIND_OF, LIMIT_OF, MIC_OF

# Returns of one session may differ by this, and by the rounding of the prices at
# hand, before the history counts as changed.
RETURN_TOLERANCE = 1e-4
FEWEST_COMMON = 5
# A share that moves by more than this factor in one session has most likely been
# split; SMCI's fall by a third was real.
SPLIT_LIKE = 1.8


def check_identity(case: Case) -> None:
    """Refuse what Yahoo says of another instrument than the table names."""
    theirs, ours = case.history, case.row
    for what, given, known in (
        ("currency", theirs.currency, ours["currency"]),
        ("time zone", theirs.timezone, exchange_timezone(ours["mic"])),
        ("kind", KIND_OF.get(theirs.kind, theirs.kind), ours["kind"]),
        ("exchange", MIC_OF.get(theirs.exchange, theirs.exchange), ours["mic"]),
    ):
        if given != known:
            raise ChangedHistory(
                f"{case.symbol}: Yahoo gives the {what} {given}, the table of "
                f"instruments {known}: the exchange or the instrument changed, or "
                "Yahoo's answer is of something else."
            )


def check_sessions(case: Case) -> pd.DatetimeIndex:
    """Refuse a date given twice and missing sessions; return the accepted ones."""
    symbol, last, new = case.symbol, case.last, pd.DatetimeIndex(case.new.index)
    repeated = [day for day in case.history.repeated if day <= case.until]
    if repeated:
        raise IncompleteSessions(
            f"{symbol}: {case.history.source} gives {named(repeated)} twice, with "
            "different prices. If it is Yahoo's: run it again later."
        )
    if new.empty:
        return new
    first = new[0] if last is None else last + pd.Timedelta(days=1)
    should = case.held[case.held.slice_indexer(first, new[-1])]
    missing = should.difference(new).difference(case.untraded)
    lacking = [day for day in missing if day not in case.accepted]
    if lacking:
        said = named(
            f"{day:%Y-%m-%d} ({'no price' if day in case.taken.index else 'no row'})"
            for day in lacking
        )
        late = " Yahoo often has them a day later." * bool(case.history.exchange)
        raise IncompleteSessions(
            f"{symbol}: {case.history.source} lacks {len(lacking)} of the sessions "
            f"that {case.row['mic']} held: {said}.{late} If the exchange was closed, "
            "add the date to special_sessions.csv; to take it as a hole: "
            f"{accept(symbol, lacking)}."
        )
    return missing


def check_returns(case: Case) -> None:
    """Compare returns on the sessions that both have; refuse too few of them.

    A return may differ if it is accepted, or on a stretch that the codebook doubts or
    has corrected.
    """
    assert case.at_hand is not None
    symbol, splits, common = case.symbol, case.history.splits, case.common
    prices, entry = case.at_hand.prices, case.at_hand.entry
    if len(common) < min(FEWEST_COMMON, len(prices)):
        raise IncompleteSessions(
            f"{symbol}: Yahoo's answer has {len(common)} of the sessions at hand, "
            f"which end on {prices.index[-1]:%Y-%m-%d}: too few to compare. Ask for an "
            "earlier start with --since, or run it again later."
        )
    span = case.held[case.held.slice_indexer(common[0], common[-1])]
    ours = prices["adj_close"].reindex(span)
    theirs = case.priced["adj_close"].reindex(span)
    our_moves, their_moves = ours / ours.shift() - 1, theirs / theirs.shift() - 1
    allowed = RETURN_TOLERANCE + case.half_unit * (1 / ours + 1 / ours.shift())
    differ = ~((our_moves - their_moves).abs() <= allowed)
    differ &= our_moves.notna() & their_moves.notna()
    doubted = [
        (stretch["first"], stretch["last"])
        for stretch in [*entry.get("doubts", []), *entry.get("alterations", [])]
        if stretch.get("field", "adj_close") == "adj_close"
    ]
    excused, changed = [], {}
    for i in differ.to_numpy().nonzero()[0]:
        before, day = span[i - 1], span[i]
        mine, yours = our_moves.iloc[i], their_moves.iloc[i]
        said = f"{day:%Y-%m-%d} ({mine:+.2%}, Yahoo {yours:+.2%})"
        _check_split(symbol, day, (1 + yours) / (1 + mine) - 1, splits.get(day))
        # A wrong price spoils the return of its own session and of the next.
        is_known = any(
            first <= f"{one:%Y-%m-%d}" <= last
            for first, last in doubted
            for one in (before, day)
        )
        if day in case.accepted or is_known:
            excused.append(said)
        else:
            changed[day] = said
    if changed:
        raise ChangedHistory(
            f"{symbol}: {len(changed)} of {len(differ) - 1} returns at hand are not "
            f"Yahoo's: {named(changed.values())}. Yahoo corrected its history or "
            "spoiled it. To keep the returns at hand and go on: "
            f"{accept(symbol, changed)}; to take Yahoo's for sessions refreshed "
            f"before: `.venv/bin/python -m helpers restore {symbol}`, then refresh."
        )
    if excused:
        case.remarks.append(f"kept where Yahoo differs: {named(excused)}")
    absent = prices.index[prices.index >= common[0]].difference(common)
    if len(absent):
        case.remarks.append(f"kept though Yahoo lacks it: {named(absent)}")


def check_new_moves(case: Case) -> list[dict[str, Any]]:
    """Return the large moves of the new sessions.

    One of the size of a split is refused unless it is accepted.
    """
    row, splits = case.row, case.history.splits
    mend = "Run it again later"
    if not case.history.exchange:
        mend = "Bring the prices before it to one basis"
    prices = case.priced["adj_close"]
    moves = (prices / prices.shift() - 1).iloc[1:]
    found = []
    for day, move in moves[moves.index.isin(case.new.index)].items():
        is_large = not abs(move) <= float(row["max_move"])
        if row["kind"] != "index" and day not in case.accepted:
            _check_split(case.symbol, day, move, splits.get(day))
            # A move beyond the limit of the exchange is no trade but a bonus issue.
            limit = max(LIMIT_OF.get(row["mic"], np.inf), float(row["max_move"]))
            is_plausible = 1 / SPLIT_LIKE < 1 + move < SPLIT_LIKE and abs(move) <= limit
            if is_large and not is_plausible:
                raise ChangedHistory(
                    f"{case.symbol}: moves by {move:+.1%} on {day:%Y-%m-%d} and no "
                    "split is listed: one that is not applied yet, most likely. "
                    f"{mend}; if the move is real: {accept(case.symbol, [day])}."
                )
        if is_large:
            why = "in these prices alone"
            move = round(move, 6)
            found.append({"date": f"{day:%Y-%m-%d}", "value": move, "reason": why})
    return found


def _check_split(
    symbol: str, day: pd.Timestamp, move: float, ratio: float | None
) -> None:
    """Refuse a move that is nearer to that of a listed split than to none at all."""
    if ratio is None or not 0 < 1 + move < np.inf:
        return
    if abs(np.log1p(move) + np.log(ratio)) < abs(np.log1p(move)):
        raise ChangedHistory(
            f"{symbol}: a split of {ratio:g} for 1 is listed on {day:%Y-%m-%d} and "
            "the prices before it are not on the new basis yet. Run it again in a few "
            f"days; if the move is real: {accept(symbol, [day])}."
        )
