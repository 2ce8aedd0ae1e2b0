"""What new prices must fulfil before they may continue the history at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from helpers.data.calendars import calendar_code, exchange_timezone
from helpers.errors import ChangedHistory, IncompleteSessions
from helpers.refresh.history import History, Terms, accept, named
from helpers.refresh.markets import KIND_OF, MIC_OF

# Returns of one session may differ by this, and by the rounding of the prices at
# hand, before the history counts as changed.
RETURN_TOLERANCE = 1e-4
FEWEST_COMMON = 5
# A share that moves by more than this factor in one session has most likely been
# split; SMCI's fall by a third was real.
SPLIT_LIKE = 1.8


@dataclass(frozen=True)
class Rows:
    """Rows of a source, sorted out."""

    # Complete sessions with trade; volume NaN where unknown.
    priced: pd.DataFrame
    # Sessions filled with the price of the one before, at volume 0.
    untraded: pd.DatetimeIndex
    # Sessions listed without a price.
    empty: pd.DatetimeIndex
    # What was left out.
    remarks: list[str]

    def after(self, last: pd.Timestamp | None) -> pd.DataFrame:
        """Return the priced sessions after the last one at hand."""
        return self.priced if last is None else self.priced[self.priced.index > last]


def check_identity(history: History, terms: Terms) -> list[str]:
    """Check that Yahoo speaks of the same instrument; return remarks.

    Raises
    ------
    ChangedHistory
        If currency, time zone, kind or exchange are not those of the instruments
        table.
    """
    mic = MIC_OF.get(history.exchange, "")
    pairs = {
        "currency": (history.currency, terms.currency),
        "time zone": (history.timezone, exchange_timezone(terms.mic)),
        "kind": (KIND_OF.get(history.kind, history.kind), terms.kind),
    }
    if not mic or calendar_code(mic) != calendar_code(terms.mic):
        pairs["exchange"] = (history.exchange, terms.mic)
    for what, (theirs, ours) in pairs.items():
        if theirs != ours:
            raise ChangedHistory(
                f"{terms.symbol}: Yahoo gives the {what} {theirs}, the table of "
                f"instruments {ours}: the exchange or the instrument changed, or "
                "Yahoo's answer is of something else."
            )
    if mic != terms.mic:
        return [f"Yahoo lists it on {mic}, the table of instruments on {terms.mic}"]
    return []


def sort_out(history: History, terms: Terms) -> Rows:
    """Part complete sessions with trade from everything else.

    Raises
    ------
    IncompleteSessions
        If a date occurs twice with different prices.
    """
    repeated = [day for day in history.repeated if day <= terms.until]
    if repeated:
        raise IncompleteSessions(
            f"{terms.symbol}: {history.source} gives {named(repeated)} twice, with "
            "different prices. If it is Yahoo's: run it again later."
        )
    given = history.prices
    is_over = given.index <= terms.until
    if history.traded_at is not None:
        # Of a session in progress, whatever the clock of this machine says, the last
        # trade is before its close.
        last_date = history.traded_at.tz_convert(exchange_timezone(terms.mic)).date()
        closes = terms.hours["close"].reindex(given.index)
        is_over &= (given.index < pd.Timestamp(last_date)) | (
            closes <= history.traded_at
        ).to_numpy()
    is_session = given.index.isin(terms.held)
    remarks = []
    for chosen, why in (
        (~is_over, "after the last complete session"),
        (is_over & ~is_session, f"{terms.mic} held no session"),
    ):
        if chosen.any():
            remarks.append(f"{named(given.index[chosen])} left out: {why}")
    taken = given[is_over & is_session]
    has_price = taken[["close", "adj_close"]].notna().all(axis=1)
    priced = taken[has_price]
    still = priced["volume"].eq(0) & priced["close"].eq(priced["close"].shift())
    still &= terms.kind != "index"
    volume = priced["volume"].where(priced["volume"] != 0)
    return Rows(
        priced.assign(volume=volume)[~still],
        pd.DatetimeIndex(priced.index[still]),
        pd.DatetimeIndex(taken.index[~has_price]),
        remarks,
    )


def check_sessions(
    rows: Rows, last: pd.Timestamp | None, terms: Terms
) -> pd.DatetimeIndex:
    """Return the new sessions that are missing and accepted as such.

    Raises
    ------
    IncompleteSessions
        If one is missing and not accepted.
    """
    new = pd.DatetimeIndex(rows.after(last).index)
    if new.empty:
        return new
    held = terms.held
    first = new[0] if last is None else last + pd.Timedelta(days=1)
    should = held[held.slice_indexer(first, new[-1])]
    missing = should.difference(new).difference(rows.untraded)
    lacking = [day for day in missing if day not in terms.accepted]
    if lacking:
        said = named(
            f"{day:%Y-%m-%d} ({'no price' if day in rows.empty else 'no row'})"
            for day in lacking
        )
        raise IncompleteSessions(
            f"{terms.symbol}: the answer lacks {len(lacking)} of the sessions that "
            f"{terms.mic} held: {said}. Yahoo often has them a day later. If the "
            "exchange was closed, add the date to closures.csv; to take it as a hole: "
            f"{accept(terms.symbol, lacking)}."
        )
    return missing


def common_sessions(
    at_hand: pd.DataFrame, rows: Rows, terms: Terms
) -> pd.DatetimeIndex:
    """Return the sessions that both the history at hand and Yahoo have.

    Raises
    ------
    IncompleteSessions
        If they are too few to compare.
    """
    common = pd.DatetimeIndex(at_hand.index.intersection(rows.priced.index))
    if len(common) < min(FEWEST_COMMON, len(at_hand)):
        raise IncompleteSessions(
            f"{terms.symbol}: Yahoo's answer has {len(common)} of the sessions at "
            f"hand, which end on {at_hand.index[-1]:%Y-%m-%d}: too few to compare. Ask "
            "for an earlier start with --since, or run it again later."
        )
    return common


def check_returns(
    at_hand: pd.DataFrame,
    rows: Rows,
    common: pd.DatetimeIndex,
    half_unit: float,
    known: Sequence[Mapping[str, Any]],
    history: History,
    terms: Terms,
) -> list[str]:
    """Compare returns on the sessions that both have; return remarks.

    Parameters
    ----------
    at_hand, rows, common : DataFrame, Rows, DatetimeIndex
        Prices at hand and Yahoo's; sessions that both have.
    half_unit : float
        Rounding of the adjusted closes at hand.
    known : sequence of mapping
        Stretches with ``first`` and ``last`` where the prices at hand are known
        to differ: recorded doubts and corrections.
    history, terms : History, Terms
        With Yahoo's splits; with the dates accepted.

    Raises
    ------
    ChangedHistory
        If a return differs that is neither known nor accepted.
    """
    held = terms.held
    span = held[held.slice_indexer(common[0], common[-1])]
    ours = at_hand["adj_close"].reindex(span)
    theirs = rows.priced["adj_close"].reindex(span)
    our_moves, their_moves = ours / ours.shift() - 1, theirs / theirs.shift() - 1
    allowed = RETURN_TOLERANCE + half_unit * (1 / ours + 1 / ours.shift())
    differ = ~((our_moves - their_moves).abs() <= allowed)
    differ &= our_moves.notna() & their_moves.notna()
    excused, changed = [], {}
    for i in differ.to_numpy().nonzero()[0]:
        before, day = span[i - 1], span[i]
        said = f"{day:%Y-%m-%d} ({our_moves.iloc[i]:+.2%}, "
        said += f"Yahoo {their_moves.iloc[i]:+.2%})"
        relative = (1 + their_moves.iloc[i]) / (1 + our_moves.iloc[i]) - 1
        if _is_unapplied(relative, history.splits.get(day)):
            raise _late_split(terms.symbol, day, history.splits[day])
        # A wrong price spoils the return of its own session and of the next.
        is_known = any(
            stretch["first"] <= f"{one:%Y-%m-%d}" <= stretch["last"]
            for stretch in known
            for one in (before, day)
        )
        if day in terms.accepted or is_known:
            excused.append(said)
        else:
            changed[day] = said
    if changed:
        raise ChangedHistory(
            f"{terms.symbol}: {len(changed)} of {len(differ) - 1} returns at hand are "
            f"not Yahoo's: {named(changed.values())}. Yahoo corrected its history or "
            "spoiled it. To keep the returns at hand and go on: "
            f"{accept(terms.symbol, changed)}; to take Yahoo's for sessions refreshed "
            f"before: `python -m helpers restore {terms.symbol}`, then refresh."
        )
    remarks = [f"kept where Yahoo differs: {named(excused)}"] if excused else []
    absent = at_hand.index[at_hand.index >= common[0]].difference(common)
    if len(absent):
        remarks.append(f"kept though Yahoo lacks it: {named(absent)}")
    return remarks


def check_new_moves(
    rows: Rows, last: pd.Timestamp | None, history: History, terms: Terms
) -> list[dict[str, Any]]:
    """Return the large moves of the new sessions.

    Raises
    ------
    ChangedHistory
        If one has the size of a split and was not accepted.
    """
    prices = rows.priced["adj_close"]
    moves = (prices / prices.shift() - 1).iloc[1:]
    if last is not None:
        moves = moves[moves.index > last]
    found = []
    for day, move in moves.items():
        is_large = not abs(move) <= terms.max_move
        if terms.kind != "index" and day not in terms.accepted:
            if _is_unapplied(move, history.splits.get(day)):
                raise _late_split(terms.symbol, day, history.splits[day])
            if is_large and not 1 / SPLIT_LIKE < 1 + move < SPLIT_LIKE:
                raise ChangedHistory(
                    f"{terms.symbol}: moves by {move:+.1%} on {day:%Y-%m-%d} and no "
                    "split is listed: one that is not applied yet, most likely. Run it "
                    f"again later; if the move is real: {accept(terms.symbol, [day])}."
                )
        if is_large:
            found.append({"date": f"{day:%Y-%m-%d}", "value": round(move, 6)})
    return found


def _is_unapplied(move: float, ratio: float | None) -> bool:
    """Tell whether a move is nearer to that of a split than to none at all."""
    if ratio is None or not 0 < 1 + move < np.inf:
        return False
    return bool(abs(np.log1p(move) + np.log(ratio)) < abs(np.log1p(move)))


def _late_split(symbol: str, day: pd.Timestamp, ratio: float) -> ChangedHistory:
    return ChangedHistory(
        f"{symbol}: Yahoo lists a split of {ratio:g} for 1 on {day:%Y-%m-%d} and has "
        "not brought the prices before it to the new basis yet. Run it again in a few "
        f"days; if the move is real: {accept(symbol, [day])}."
    )
