"""Returns of markets that are never open together: net of each market, and in pairs.

New York opens after Shanghai and Hong Kong have closed. A follower's session is
therefore paired with what the leader earned between the follower's last close and
its next open.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from helpers.data.calendars import calendar_code, session_hours
from helpers.data.instruments import instrument
from helpers.errors import StudyError
from helpers.study.frames import check_returns, check_signs

FEWEST_PAIRS = 40
FEWEST_FIT = 20


def net_of_market(
    returns: pd.Series, market: pd.Series, *, window: int | None = 120
) -> pd.Series:
    """Returns less what the market explains, on sessions that have both.

    Parameters
    ----------
    returns, market : Series
        Decimal, one row a session of the same exchange.
    window : int, optional
        The market model is fitted on this many sessions before each one, so
        that no residual knows its own day; None fits it once over all of them.

    Returns
    -------
    Series
        Decimal; the first `window` sessions are left out.

    Raises
    ------
    StudyError
        If there are too few sessions, the market does not move, or a series is no
        decimal return.

    Examples
    --------
    >>> from helpers import load_returns, net_of_market
    >>> returns = load_returns(["0981.HK", "^HSI"])
    >>> left = net_of_market(returns["0981.HK"], returns["^HSI"])
    >>> bool(abs(left.corr(returns["^HSI"])) < 0.05)
    True
    """
    if window is not None and (not isinstance(window, int) or window < FEWEST_FIT):
        raise StudyError(
            f"The market model is fitted on {FEWEST_FIT} sessions or more before each "
            f"one, not on {window!r}: give their number."
        )
    both = pd.DataFrame({"own": returns, "market": market}).dropna()
    if len(both) < (window or 0) + FEWEST_PAIRS:
        raise StudyError(
            f"{len(both)} sessions with both returns, but {(window or 0)} for the "
            f"market model and {FEWEST_PAIRS} to study are needed."
        )
    own, benchmark = both["own"], both["market"]
    # The spread of equal decimals is rounding, not zero.
    if np.ptp(benchmark.to_numpy()) == 0:
        raise StudyError("The market does not move: it explains nothing.")
    check_signs(both)
    check_returns(both, list(both))
    if window is None:
        slope = own.cov(benchmark) / benchmark.var()
        return own - own.mean() - slope * (benchmark - benchmark.mean())
    rolling_own, rolling_market = own.rolling(window), benchmark.rolling(window)
    slope = rolling_own.cov(benchmark) / rolling_market.var()
    constant = rolling_own.mean() - slope * rolling_market.mean()
    return (own - constant.shift() - slope.shift() * benchmark).iloc[window:]


def pair_by_clock(
    leader: pd.Series, follower: pd.Series, *, leader_first: bool
) -> pd.DataFrame:
    """Pair each session of the follower with the leader's before it.

    Parameters
    ----------
    leader, follower : Series
        Returns by session date. What the leader earned since the follower's
        session before, holidays included, is added up.
    leader_first : bool
        Whether on a common date the leader closes before the follower opens, as
        Shanghai does before New York. If not, as New York before Shanghai, only
        the leader's earlier dates count.

    Returns
    -------
    DataFrame
        By session of the follower: ``leader``, ``follower``. Sessions before
        which the leader held none are left out, since there was nothing to
        follow.

    Examples
    --------
    >>> from helpers import load_returns, pair_by_clock
    >>> returns = load_returns(["^SOX", "000300.SS"])
    >>> pairs = pair_by_clock(returns["^SOX"], returns["000300.SS"], leader_first=False)
    >>> pairs.loc["2025-08-29"].round(4).to_dict()
    {'leader': 0.0049, 'follower': 0.0074}
    """
    leader, follower = leader.dropna(), follower.dropna()
    check_signs(leader)
    check_signs(follower)
    side = "left" if leader_first else "right"
    place = follower.index.searchsorted(leader.index, side=side)
    sums = leader.groupby(place).sum()
    # Before the follower's first session the sum would be of unknown length.
    sums = sums[(sums.index > 0) & (sums.index < len(follower))]
    sums.index = follower.index[sums.index]
    return pd.DataFrame({"leader": sums, "follower": follower}).dropna()


def closes_first(symbol: str, other: str) -> bool:
    """Whether on a common date one instrument's exchange closes before the other opens.

    Parameters
    ----------
    symbol, other : str

    Raises
    ------
    StudyError
        If the two are ever open together, so that neither follows the other.

    Examples
    --------
    >>> closes_first("0981.HK", "NVDA"), closes_first("NVDA", "0981.HK")
    (True, False)
    """
    one, two = (session_hours(str(instrument(x)["mic"])) for x in (symbol, other))
    both = one.join(two, how="inner", lsuffix="_one", rsuffix="_two")
    if (both["close_one"] <= both["open_two"]).all():
        return True
    if (both["close_two"] <= both["open_one"]).all():
        return False
    raise StudyError(
        f"{symbol} and {other} trade at the same hours: pairs by the clock are for "
        "markets that are never open together."
    )


def net_basket(
    returns: pd.DataFrame,
    symbols: Iterable[str],
    benchmark: str | None,
    *,
    window: int | None = 120,
    fewest: int = 3,
) -> pd.Series:
    """Equal-weighted return of a basket less what its market explains.

    Parameters
    ----------
    returns : DataFrame, sessions x symbols
        Decimal.
    symbols : iterable of str
        Members, of one exchange.
    benchmark : str or None
        Their market. One that is never open with them is taken over the time since
        the session before; None leaves the market in.
    window : int, optional
        As for :func:`net_of_market`.
    fewest : int
        Sessions on which fewer members have a return are left out, since a basket
        of one or two shares is another thing (if it has so many at all).

    Raises
    ------
    StudyError
        As :func:`net_of_market`.

    Examples
    --------
    >>> from helpers import load_returns, net_basket
    >>> returns = load_returns(["AMD", "AVGO", "^GSPC"])
    >>> left = net_basket(returns, ["AMD", "AVGO"], "^GSPC")
    >>> round(float(left["2025-08-29"]), 3)
    -0.027
    """
    members = returns[list(symbols)]
    enough = members.notna().sum(axis=1) >= min(fewest, members.shape[1])
    own = members.mean(axis=1).where(enough).dropna()
    if benchmark is None:
        return own
    market = returns[benchmark].dropna()
    one, two = (str(instrument(x)["mic"]) for x in (benchmark, members.columns[0]))
    if calendar_code(one) != calendar_code(two):
        first = closes_first(benchmark, members.columns[0])
        market = pair_by_clock(market, own, leader_first=first)["leader"]
    return net_of_market(own, market, window=window)
