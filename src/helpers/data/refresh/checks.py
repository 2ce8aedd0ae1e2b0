"""What new prices must fulfil before they may continue the history at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.data.calendars import exchange_timezone
from helpers.data.refresh.markets import KIND_OF, MIC_OF
from helpers.data.refresh.rows import Dates, Prices, among, between, named
from helpers.errors import ChangedHistory, IncompleteSessions

if TYPE_CHECKING:
    from helpers.data.refresh.yahoo import History

# Returns of one session may differ by this, and by the rounding of the prices at
# hand, before the history counts as changed.
RETURN_TOLERANCE = 1e-4
FEWEST_COMMON = 5
# A share that moves by more than this factor in one session has most likely been
# split; SMCI's fall by a third was real.
SPLIT_LIKE = 1.8
# How far the move on a split's day may be from the split alone or from nothing.
SPLIT_TOLERANCE = 0.02
# A dividend's step in the adjusted closes may be off by this share of itself.
DIVIDEND_TOLERANCE = 0.1


@dataclass(frozen=True)
class Terms:
    """What a symbol's new prices are held against.

    Parameters
    ----------
    symbol, kind, mic, currency : str
        As in the instruments table.
    max_move : float
        Largest one-day return, as a decimal, that is not worth a remark.
    sessions : array of datetime64[D]
        All sessions of the exchange.
    until : datetime64[D]
        The last session that may be taken.
    accepted : frozenset of datetime64[D]
        Dates that the user vouches for.
    """

    symbol: str
    kind: str
    mic: str
    currency: str
    max_move: float
    sessions: Dates
    until: np.datetime64
    accepted: frozenset[np.datetime64]


@dataclass(frozen=True)
class Rows:
    """Yahoo's rows, sorted out.

    Parameters
    ----------
    priced : Prices
        Complete sessions with trade; volume NaN where unknown.
    untraded : array of datetime64[D]
        Sessions that Yahoo fills with the price of the one before, at volume 0.
    empty : array of datetime64[D]
        Sessions that Yahoo lists without a price.
    remarks : tuple of str
        What was left out.
    """

    priced: Prices
    untraded: Dates
    empty: Dates
    remarks: tuple[str, ...]

    def after(self, last: np.datetime64 | None) -> Prices:
        """Return the priced sessions after the last one at hand."""
        if last is None:
            return self.priced
        return self.priced.where(self.priced.dates > last)


def check_identity(history: History, terms: Terms) -> list[str]:
    """Check that Yahoo speaks of the same instrument; return remarks.

    Raises
    ------
    ChangedHistory
        If currency, time zone or kind are not those of the instruments table.
    """
    pairs = {
        "currency": (history.currency, terms.currency),
        "time zone": (history.timezone, exchange_timezone(terms.mic)),
        "kind": (KIND_OF.get(history.kind, history.kind), terms.kind),
    }
    for what, (theirs, ours) in pairs.items():
        if theirs != ours:
            raise ChangedHistory(
                f"{terms.symbol}: Yahoo gives the {what} {theirs}, the table of "
                f"instruments {ours}: the exchange or the instrument changed, or "
                "Yahoo's answer is of something else."
            )
    mic = MIC_OF.get(history.exchange, terms.mic)
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
            f"{terms.symbol}: Yahoo gives {named(repeated)} twice, with different "
            "prices. That is Yahoo's side: run it again later."
        )
    remarks = []
    given = history.prices
    early = given.dates <= terms.until
    held = among(given.dates, terms.sessions)
    if not early.all():
        left_out = named(given.dates[~early])
        remarks.append(f"{left_out} left out: after the last complete session")
    if not held[early].all():
        strays = named(given.dates[early & ~held])
        remarks.append(f"{strays} left out: {terms.mic} held no session")
    taken = given.where(early & held)
    has_price = ~(np.isnan(taken.close) | np.isnan(taken.adj_close))
    priced = taken.where(has_price)
    no_volume = priced.volume == 0
    untraded = np.zeros(len(priced), dtype=bool)
    if terms.kind != "index":
        untraded[1:] = no_volume[1:] & (priced.close[1:] == priced.close[:-1])
    volume = np.where(no_volume, np.nan, priced.volume)
    known = Prices(priced.dates, priced.close, priced.adj_close, volume)
    return Rows(
        priced=known.where(~untraded),
        untraded=priced.dates[untraded],
        empty=taken.dates[~has_price],
        remarks=tuple(remarks),
    )


def check_sessions(rows: Rows, last: np.datetime64 | None, terms: Terms) -> Dates:
    """Return the new sessions that are missing and accepted as such.

    Parameters
    ----------
    rows : Rows
        As :func:`sort_out`.
    last : datetime64 or None
        Last session at hand; None if there is none.
    terms : Terms
        With the dates accepted.

    Raises
    ------
    IncompleteSessions
        If one is missing and not accepted.
    """
    new = rows.after(last).dates
    if not len(new):
        return new
    should = between(terms.sessions, new[0] if last is None else last + 1, new[-1])
    missing = should[~among(should, new) & ~among(should, rows.untraded)]
    lacking = [day for day in missing if day not in terms.accepted]
    if lacking:
        said = named(
            f"{day} ({'no price' if day in rows.empty else 'no row'})"
            for day in lacking
        )
        raise IncompleteSessions(
            f"{terms.symbol}: Yahoo lacks {len(lacking)} of the sessions that "
            f"{terms.mic} held: {said}. Often it has them a day later. If the exchange "
            "was closed, add the date to closures.csv and run `python -m helpers "
            f"register`; to take it as a hole: {_accept(terms.symbol, lacking)}."
        )
    return missing


def common_sessions(at_hand: Prices, rows: Rows, terms: Terms) -> Dates:
    """Return the sessions that both the history at hand and Yahoo have.

    Raises
    ------
    IncompleteSessions
        If they are too few to compare.
    """
    common = at_hand.dates[among(at_hand.dates, rows.priced.dates)]
    if len(common) < min(FEWEST_COMMON, len(at_hand)):
        raise IncompleteSessions(
            f"{terms.symbol}: Yahoo's answer has {len(common)} of the sessions at "
            f"hand, which end on {at_hand.dates[-1]}: too few to compare. Ask for an "
            "earlier start with --since, or run it again later."
        )
    return common


def check_returns(
    at_hand: Prices,
    rows: Rows,
    common: Dates,
    half_unit: float,
    known: Sequence[Mapping[str, Any]],
    splits: Mapping[np.datetime64, float],
    terms: Terms,
) -> list[str]:
    """Compare returns on the sessions that both have; return remarks.

    Parameters
    ----------
    at_hand : Prices
        Prices at hand.
    rows : Rows
        As :func:`sort_out`.
    common : array of datetime64[D]
        As :func:`common_sessions`.
    half_unit : float
        Rounding of the adjusted closes at hand.
    known : sequence of mapping
        Stretches with ``first`` and ``last`` where the prices at hand are known
        to differ: recorded doubts and corrections.
    splits : mapping
        Yahoo's splits, by date.
    terms : Terms
        With the dates accepted.

    Raises
    ------
    ChangedHistory
        If a return differs that is neither known nor accepted.
    """
    span = between(terms.sessions, common[0], common[-1])
    ours = at_hand.on(span, at_hand.adj_close)
    theirs = rows.priced.on(span, rows.priced.adj_close)
    with np.errstate(all="ignore"):  # a price of 0 is far off, and reported so
        our_returns = ours[1:] / ours[:-1] - 1
        their_returns = theirs[1:] / theirs[:-1] - 1
        allowed = RETURN_TOLERANCE + half_unit * (1 / ours[1:] + 1 / ours[:-1])
        differ = ~(np.abs(our_returns - their_returns) <= allowed)
    differ &= ~(np.isnan(ours[1:] + ours[:-1]) | np.isnan(theirs[1:] + theirs[:-1]))
    excused, changed = [], {}
    for i in differ.nonzero()[0]:
        before, day = span[i], span[i + 1]
        said = f"{day} ({our_returns[i]:+.2%}, Yahoo {their_returns[i]:+.2%})"
        ratio = splits.get(day)
        undone = (1 + their_returns[i]) * (ratio or 0) / (1 + our_returns[i])
        if abs(undone - 1) < SPLIT_TOLERANCE:
            raise _late_split(terms.symbol, day, ratio)
        # A wrong price spoils the return of its own session and of the next.
        if day in terms.accepted or _is_known((before, day), known):
            excused.append(said)
        else:
            changed[day] = said
    if changed:
        raise ChangedHistory(
            f"{terms.symbol}: {len(changed)} of {len(differ)} returns at hand are not "
            f"Yahoo's: {named(changed.values())}. Yahoo corrected its history or "
            "spoiled it. To keep the returns at hand and go on: "
            f"{_accept(terms.symbol, list(changed))}; to take Yahoo's for sessions "
            f"refreshed before: `python -m helpers restore {terms.symbol}`, then "
            "refresh."
        )
    remarks = [f"kept where Yahoo differs: {named(excused)}"] if excused else []
    late = between(at_hand.dates, common[0], at_hand.dates[-1])
    absent = late[~among(late, common)]
    if len(absent):
        remarks.append(f"kept though Yahoo lacks it: {named(absent)}")
    return remarks


def check_new_moves(
    rows: Rows, last: np.datetime64 | None, history: History, terms: Terms
) -> list[dict[str, Any]]:
    """Return the large moves of the new sessions.

    Raises
    ------
    ChangedHistory
        If one has the size of a split and was not accepted.
    """
    dates, prices = rows.priced.dates, rows.priced.adj_close
    with np.errstate(all="ignore"):  # the codebook's rules refuse such prices
        moves = prices[1:] / prices[:-1] - 1
    large = np.abs(moves) > terms.max_move
    if last is not None:
        large &= dates[1:] > last
    found = []
    for i in large.nonzero()[0]:
        day, move = dates[i + 1], float(moves[i])
        split_like = not 1 / SPLIT_LIKE < 1 + move < SPLIT_LIKE
        if split_like and terms.kind != "index" and day not in terms.accepted:
            if day in history.splits:
                raise _late_split(terms.symbol, day, history.splits[day])
            raise ChangedHistory(
                f"{terms.symbol}: moves by {move:+.1%} on {day} and Yahoo lists no "
                "split: a split that is not applied yet, most likely. Run it again "
                f"later; if the move is real: {_accept(terms.symbol, [day])}."
            )
        found.append({"date": str(day), "value": round(move, 6)})
    return found


def dividend_steps(
    rows: Rows, last: np.datetime64 | None, history: History
) -> dict[np.datetime64, tuple[float, float]]:
    """Return what the dividends of the new sessions are of the price before.

    Returns
    -------
    dict
        By ex-date: the amount over the close before, and the share by which the
        adjusted closes before were in fact lowered.
    """
    prices = rows.priced
    steps = {}
    for day, amount in history.dividends.items():
        at = int(prices.dates.searchsorted(day))
        is_new = last is None or day > last
        if not is_new or at in (0, len(prices)) or prices.dates[at] != day:
            continue
        before, now = prices.adj_close[at - 1 : at + 1] / prices.close[at - 1 : at + 1]
        steps[day] = float(amount / prices.close[at - 1]), float(1 - before / now)
    return steps


def check_dividends(
    steps: Mapping[np.datetime64, tuple[float, float]],
) -> list[dict[str, Any]]:
    """Return the dividends that the adjusted closes do not step by, as doubts."""
    doubts = []
    for day, (share, step) in steps.items():
        if not abs(step - share) <= DIVIDEND_TOLERANCE * share + RETURN_TOLERANCE:
            reason = (
                f"a dividend on {day} is {share:.2%} of the price, and Yahoo lowers "
                f"the adjusted closes before it by {abs(step):.2%}"
            )
            doubts.append({"first": str(day), "last": str(day), "reason": reason})
    return doubts


def _late_split(symbol: str, day: np.datetime64, ratio: float | None) -> ChangedHistory:
    return ChangedHistory(
        f"{symbol}: Yahoo lists a split of {ratio:g} for 1 on {day} and has not "
        "brought the prices before it to the new basis yet. Run it again in a few "
        "days."
    )


def _is_known(
    days: Sequence[np.datetime64], known: Sequence[Mapping[str, Any]]
) -> bool:
    return any(
        stretch["first"] <= str(day) <= stretch["last"]
        for stretch in known
        for day in days
    )


def _accept(symbol: str, days: Sequence[np.datetime64]) -> str:
    if len(days) > 1:
        return f"--accept {symbol}={days[0]}/{days[-1]}"
    return f"--accept {symbol}={days[0]}"
