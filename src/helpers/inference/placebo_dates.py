"""Which dates may stand in for those of the events, and which are drawn.

Events whose windows overlap form a *cluster* that moves as one, so that their
dependence stays. An *anchor* is the place of the first event of a cluster.

References
----------
Politis, D. N. and Romano, J. P. (1994), Journal of the American Statistical
Association 89 (stationary bootstrap).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from helpers.errors import StudyError
from helpers.inference.outcome import Undefined
from helpers.study.checks import plain_dates

FEWEST_PLACEBO_DATES = 20
VOLATILITY_SESSIONS = 21
MATCHED_SHARE = 1 / 3
MEAN_BLOCK = 20
METHODS = ("dates", "blocks")


@dataclass(frozen=True)
class Cluster:
    """Events that keep their distance from each other.

    Attributes
    ----------
    members : (n,) of int, numbers of the events
    ahead : (n,) of int, places from the anchor to each member's day 0
    """

    members: np.ndarray
    ahead: np.ndarray


def clusters_of(day0: np.ndarray, of_event: np.ndarray, count: int) -> list[Cluster]:
    """Clusters from the place of day 0 and the group of each event."""
    out = []
    for group in range(count):
        members = np.flatnonzero(of_event == group)
        out.append(Cluster(members, day0[members] - day0[members].min()))
    return out


def free_sessions(
    dates: pd.DatetimeIndex, own: np.ndarray, exclude: Iterable[Any]
) -> np.ndarray:
    """Sessions that a placebo's event window may hold, (P,) of bool.

    Parameters
    ----------
    dates : DatetimeIndex of length P
    own : (N, 2) of int
        First and last place of each of the study's own event windows.
    exclude : dates
        Further sessions; a date without a session counts as the next one.
    """
    free = np.ones(len(dates), dtype=bool)
    for start, end in np.unique(own, axis=0):
        free[start : end + 1] = False
    barred = plain_dates(exclude, "exclude").dropna()
    at = dates.searchsorted(barred)
    free[at[at < len(free)]] = False
    return free


def eligible_anchors(
    usable: Iterable[tuple[np.ndarray, int]], places: np.ndarray
) -> np.ndarray:
    """Those of `places` at which every member of a cluster can stand.

    Parameters
    ----------
    usable : pairs of (P,) of bool and places ahead of the anchor
    places : (A,) of int, the anchors to choose from
    """
    ok = np.ones(len(places), dtype=bool)
    for allowed, ahead in usable:
        at = places + ahead
        inside = (at >= 0) & (at < len(allowed))
        ok &= inside
        ok[inside] &= allowed[at[inside]]
    return places[ok]


def require_anchors(anchors: np.ndarray, what: str) -> None:
    """Refuse too few placebo dates.

    Raises
    ------
    Undefined
        If there are fewer than 20.
    """
    if len(anchors) < FEWEST_PLACEBO_DATES:
        raise Undefined(
            f"{len(anchors)} placebo dates for {what}, fewer than "
            f"{FEWEST_PLACEBO_DATES}"
        )


def draw_anchors(
    anchors: Sequence[np.ndarray], draws: int, seed: int
) -> list[np.ndarray]:
    """Anchor of each cluster in each draw, one array (B,) a cluster.

    A single cluster takes every anchor once: drawing from them with replacement
    would only add noise.
    """
    if len(anchors) == 1:
        return [anchors[0]]
    rng = np.random.default_rng(seed)
    return [each[rng.integers(len(each), size=draws)] for each in anchors]


def log_volatility(values: np.ndarray, sessions: int) -> np.ndarray:
    """Log of the standard deviation over the sessions before each one, (P,).

    Parameters
    ----------
    values : (P,), returns, NaN where there is none
    sessions : int
        How many to look back; the session itself is not among them.

    Returns
    -------
    ndarray
        NaN where a return is missing or they do not vary.
    """
    out = np.full(len(values), np.nan)
    if len(values) > sessions:
        runs = np.lib.stride_tricks.sliding_window_view(values[:-1], sessions)
        spread = runs.std(axis=1, ddof=1)
        known = spread > 0
        out[sessions:][known] = np.log(spread[known])
    return out


def nearest_in_volatility(
    anchors: np.ndarray, volatility: np.ndarray, observed: float
) -> np.ndarray:
    """The third of the anchors whose volatility is nearest to the event's.

    Parameters
    ----------
    anchors : (A,) of int
    volatility : (A,), log volatility before each anchor, NaN where unknown
    observed : float
        The same before the event.

    Raises
    ------
    Undefined
        If the event's own volatility is unknown.
    """
    if not np.isfinite(observed):
        raise Undefined(
            f"the {VOLATILITY_SESSIONS} sessions before the event have no volatility "
            "to match"
        )
    known = np.flatnonzero(np.isfinite(volatility))
    distance = np.abs(volatility[known] - observed)
    count = int(np.ceil(MATCHED_SHARE * len(known)))
    nearest = known[np.argsort(distance, kind="stable")[:count]]
    chosen: np.ndarray = anchors[np.sort(nearest)]
    return chosen


def block_rows(
    complete: np.ndarray,
    free: np.ndarray,
    shape: tuple[int, int],
    event: slice,
    seed: int,
) -> np.ndarray:
    """Sessions of resampled histories: blocks of geometric length, (B, H).

    Rows are resampled whole, so that share, market and sector keep their joint
    days, and in blocks of twenty sessions in the mean, so that volatility keeps
    clustering. Only free sessions enter the event part.

    Parameters
    ----------
    complete : (P,) of bool, sessions with every value
    free : (P,) of bool, sessions that an event window may hold
    shape : (B, H)
        Histories and their length in sessions.
    event : slice
        The part of each history that event windows can hold.
    seed : int

    Raises
    ------
    Undefined
        If fewer than 20 sessions are left to draw from.
    """
    count, length = shape
    pools = [np.flatnonzero(complete), np.flatnonzero(complete & free)]
    require_anchors(pools[1], "the event part of resampled histories")
    rng = np.random.default_rng(seed)
    out = np.empty(shape, dtype=np.int32)
    now = np.full(count, -1)
    for step in range(length):
        inside = event.start <= step < event.stop
        allowed = complete & free if inside else complete
        following = (now + 1) % len(complete)
        fresh = rng.random(count) * MEAN_BLOCK < 1
        fresh |= (now < 0) | ~allowed[following]
        pool = pools[int(inside)]
        drawn = pool[rng.integers(len(pool), size=count)]
        now = np.where(fresh, drawn, following)
        out[:, step] = now
    return out


def check_method(method: str, matched: bool) -> None:
    """Refuse an unknown method, or a match that it cannot make.

    Raises
    ------
    StudyError
    """
    if method not in METHODS:
        raise StudyError(f"method is 'dates' or 'blocks', not {method!r}.")
    if method == "blocks" and matched:
        raise StudyError(
            "matched chooses among dates, and method 'blocks' makes histories of its "
            "own: use method='dates'."
        )
