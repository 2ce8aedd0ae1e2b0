"""The null: dates that may stand in for those of the events, and which are drawn.

Events whose windows meet form a *cluster* that moves as one, so that their
dependence stays. An *anchor* is the place of the first event of a cluster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from helpers.inference.outcome import FEWEST_PLACEBO_DATES, Undefined
from helpers.study.checks import plain_dates
from helpers.study.fit import Design

VOLATILITY_SESSIONS = 21
MATCHED_SHARE = 1 / 3


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


def clusters_of(
    day0: np.ndarray, events: np.ndarray, of_event: np.ndarray, count: int
) -> list[Cluster]:
    """Clusters of `events`, by number, from the place of day 0 and each one's group."""
    out = []
    for group in range(count):
        members = events[of_event == group]
        out.append(Cluster(members, day0[members] - day0[members].min()))
    return out


def free_sessions(
    dates: pd.DatetimeIndex, own: np.ndarray, exclude: Iterable[Any]
) -> np.ndarray:
    """Sessions that a placebo's event window may hold, (P,) of bool.

    `own` (N, 2) are first and last place of the study's own event windows; a date of
    `exclude` without a session counts as the next one.
    """
    free = np.ones(len(dates), dtype=bool)
    for start, end in np.unique(own, axis=0):
        free[start : end + 1] = False
    at = dates.searchsorted(plain_dates(exclude, "exclude").dropna())
    free[at[at < len(free)]] = False
    return free


@dataclass(frozen=True)
class Null:
    """Where placebo events may stand.

    Attributes
    ----------
    dates : DatetimeIndex of length U, the sessions of all markets in one order
    free : (U,) of bool, sessions that an event window may hold
    """

    dates: pd.DatetimeIndex
    free: np.ndarray

    def anchors(
        self,
        clusters: Sequence[Cluster],
        standing: Callable[[int], Iterable[tuple[np.ndarray, int]]],
        day0: np.ndarray,
        volatility: Sequence[np.ndarray] | None = None,
    ) -> list[np.ndarray]:
        """The anchors at which each cluster can stand, matched on volatility if asked.

        `standing` says of an event's number where its day 0 can stand, (P,) of bool,
        and how far ahead of the event; `day0` (N,) is each event's own place.
        `volatility` has for each event its share's log volatility before the window
        around each place.
        """
        every, out = np.arange(len(self.dates)), []
        for cluster in clusters:
            members, ahead = cluster.members, cluster.ahead
            own = f"{self.dates[day0[members].min()]:%Y-%m-%d}"
            ok = np.ones(len(every), dtype=bool)
            for event, shift in zip(members.tolist(), ahead.tolist(), strict=True):
                for allowed, further in standing(event):
                    at = every + shift + further
                    inside = (at >= 0) & (at < len(allowed))
                    ok &= inside
                    ok[inside] &= allowed[at[inside]]
            anchors = every[ok]
            require_anchors(anchors, own)
            if volatility is not None:
                each = zip(members, ahead, strict=True)
                before = [volatility[i][anchors + shift] for i, shift in each]
                observed = np.mean([volatility[i][day0[i]] for i in members])
                anchors = nearest_in_volatility(
                    anchors, np.mean(before, axis=0), float(observed)
                )
                require_anchors(anchors, f"{own} of like volatility")
            out.append(anchors)
        return out

    def days(
        self, clusters: Sequence[Cluster], day0: np.ndarray, drawn: Sequence[np.ndarray]
    ) -> pd.DataFrame:
        """First session of each cluster in each draw, (B, clusters).

        Columns are named by the cluster's own first session.
        """
        columns = {}
        for cluster, at in zip(clusters, drawn, strict=True):
            own = self.dates[int(day0[cluster.members].min())]
            columns[own] = self.dates[at]
        return pd.DataFrame(columns, index=pd.RangeIndex(len(drawn[0]), name="draw"))


def require_anchors(anchors: np.ndarray, what: str) -> None:
    """Refuse fewer than 20 placebo dates, see :class:`Undefined`."""
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


def volatilities(
    design: Design, symbols: Sequence[str], dates: pd.DatetimeIndex, first: int
) -> list[np.ndarray]:
    """Log volatility of each share before the window around each place, (U,) each.

    Over the 21 of its sessions that end just before session `first` from day 0.
    """
    known = {}
    for sample in design.samples:
        places = dates.get_indexer(sample.sessions)
        at = np.arange(len(places)) + first
        inside = (at >= 0) & (at < len(places))
        for symbol in set(sample.symbols) & set(symbols):
            values = sample.y[sample.symbols.index(symbol)] + sample.rate
            before = log_volatility(values, VOLATILITY_SESSIONS)
            known[symbol] = np.full(len(dates), np.nan)
            known[symbol][places[inside]] = before[at[inside]]
    return [known[symbol] for symbol in symbols]


def log_volatility(values: np.ndarray, sessions: int) -> np.ndarray:
    """Log of the standard deviation over so many sessions before each one, (P,).

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
    """The third of the anchors whose log volatility is nearest to the event's.

    It is NaN where unknown; that of the event has to be known.
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
