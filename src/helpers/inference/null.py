"""The null: places at which nothing of the study happened, and what stands there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np
import pandas as pd

from helpers.inference.outcome import Undefined
from helpers.inference.placebo_dates import (
    VOLATILITY_SESSIONS,
    Cluster,
    block_rows,
    eligible_anchors,
    log_volatility,
    nearest_in_volatility,
    require_anchors,
)
from helpers.inference.tables import (
    Tables,
    tables_by_session,
    tables_of_histories,
)
from helpers.study.fit import Design
from helpers.study.samples import Sample
from helpers.study.windows import Window

# Histories made for each one wanted.
SPARE = 1.1


@dataclass(frozen=True)
class Histories:
    """How to make resampled histories, see :func:`block_rows`.

    Small, so that a task of a cluster carries all that it needs: what is sent to
    one worker ahead of the tasks is lost with that worker.
    """

    complete: bytes
    free: bytes
    shape: tuple[int, int]
    event: tuple[int, int]
    seed: int


@lru_cache(maxsize=1)
def rows_of(histories: Histories) -> np.ndarray:
    """The sessions of each history, made once in each process."""
    complete, free = (
        np.frombuffer(each, dtype=bool) for each in (histories.complete, histories.free)
    )
    event = slice(*histories.event)
    return block_rows(complete, free, histories.shape, event, histories.seed)


@dataclass(frozen=True)
class Null:
    """Where placebo events may stand.

    Attributes
    ----------
    dates : DatetimeIndex of length U, the sessions of all markets in one order
    free : (U,) of bool, sessions that an event window may hold
    anchors : (A,) of int, places at which a cluster's first event may stand
    histories : Histories or None
        How resampled histories are made; None where the dates are the real ones.
    base, span : int
        Of the histories, see :func:`tables_of_histories`.
    wanted : int or None
        Histories to use; some more are made, since not every one can be used.
    """

    dates: pd.DatetimeIndex
    free: np.ndarray
    anchors: np.ndarray
    histories: Histories | None = None
    base: int = 0
    span: int = 1
    wanted: int | None = None

    def tables(
        self, design: Design, symbols: list[str], windows: Sequence[Window]
    ) -> Tables:
        """CARs of the shares at every place of this null."""
        places = [self.dates.get_indexer(each.sessions) for each in design.samples]
        if self.histories is not None:
            rows = rows_of(self.histories)
            return tables_of_histories(
                design, symbols, places, rows, self.base, self.span, windows
            )
        return tables_by_session(design, symbols, places, self.free, windows)

    def days(
        self, clusters: Sequence[Cluster], day0: np.ndarray, drawn: Sequence[np.ndarray]
    ) -> pd.DataFrame:
        """First session of each cluster in each draw, (B, clusters).

        Columns are named by the cluster's own first session; there are none where
        histories are resampled, since their days have no date.
        """
        columns = {}
        if self.histories is None:
            for cluster, at in zip(clusters, drawn, strict=True):
                own = self.dates[int(day0[cluster.members].min())]
                columns[own] = self.dates[at]
        return pd.DataFrame(columns, index=pd.RangeIndex(len(drawn[0]), name="draw"))


def real_dates(dates: pd.DatetimeIndex, free: np.ndarray) -> Null:
    """The null in which every session may be an anchor."""
    return Null(dates, free, np.arange(len(dates)))


def resampled_histories(
    dates: pd.DatetimeIndex,
    free: np.ndarray,
    designs: Sequence[Design],
    ahead: tuple[int, int],
    draws: int,
    seed: int,
) -> Null:
    """The null of histories put together from blocks of sessions.

    Parameters
    ----------
    dates, free
        As in :class:`Null`.
    designs : all designs that will be fitted on it
    ahead : (int, int)
        Fewest and most places from an anchor to a day 0.
    draws, seed : int

    Raises
    ------
    Undefined
        If too few sessions are complete in all designs and free.
    """
    complete = np.ones(len(dates), dtype=bool)
    for sample in chain(*(design.samples for design in designs)):
        known = np.zeros(len(dates), dtype=bool)
        gaps = np.isnan(sample.y).any(axis=0) | np.isnan(sample.x).any(axis=0)
        known[dates.get_indexer(sample.sessions)] = ~gaps
        complete &= known
    first = min(design.windows.event[0] for design in designs)
    last = max(design.windows.event[1] for design in designs)
    base = max(0, -min(design.windows.estimation[0] for design in designs))
    span = ahead[1] - ahead[0] + 1
    end = base + span + max(0, last)
    count = int(np.ceil(SPARE * draws))
    histories = Histories(
        complete=complete.tobytes(),
        free=free.tobytes(),
        shape=(count, end),
        event=(base + first, base + span + last),
        seed=seed,
    )
    rows_of(histories)
    return Null(
        dates,
        free,
        np.arange(count) * span - ahead[0],
        histories=histories,
        base=base,
        span=span,
        wanted=draws,
    )


def choose_anchors(
    null: Null,
    cluster: Cluster,
    usable: Iterable[tuple[np.ndarray, int]],
    day0: np.ndarray,
    volatility: Sequence[np.ndarray] | None,
) -> np.ndarray:
    """The anchors at which a cluster can stand, matched on volatility if asked.

    Parameters
    ----------
    null : Null
    cluster : Cluster
    usable : pairs of (P,) of bool and places ahead of the anchor
        Where each member's day 0 can stand.
    day0 : (N,) of int, the place of each event's day 0
    volatility : one (U,) an event, log volatility before its share's window
        around each place; or None for no match

    Raises
    ------
    Undefined
        If fewer than 20 are left.
    """
    anchor = int(day0[cluster.members].min())
    what = f"{null.dates[anchor]:%Y-%m-%d}"
    anchors = eligible_anchors(usable, null.anchors)[: null.wanted]
    require_anchors(anchors, what)
    if volatility is None:
        return anchors
    before = np.mean(
        [
            volatility[i][anchors + ahead]
            for i, ahead in zip(cluster.members, cluster.ahead, strict=True)
        ],
        axis=0,
    )
    own = np.mean([volatility[i][day0[i]] for i in cluster.members])
    matched = nearest_in_volatility(anchors, before, float(own))
    require_anchors(matched, f"{what} of like volatility")
    return matched


def volatility_before(
    sample: Sample, symbol: str, dates: pd.DatetimeIndex, first: int
) -> np.ndarray:
    """Log volatility of a share before the window around each place, (U,).

    Over the 21 of its sessions that end just before session `first` from day 0.
    """
    out = np.full(len(dates), np.nan)
    places = dates.get_indexer(sample.sessions)
    values = sample.y[sample.symbols.index(symbol)] + sample.rate
    before = log_volatility(values, VOLATILITY_SESSIONS)
    at = np.arange(len(values)) + first
    inside = (at >= 0) & (at < len(values))
    out[places[inside]] = before[at[inside]]
    return out


def not_iterative(design: Design) -> None:
    """Refuse a model that is fitted window by window.

    Raises
    ------
    Undefined
    """
    if design.model.iterative:
        raise Undefined(
            f"the model {design.model.name!r} is fitted window by window, which "
            "takes too long on all placebo dates: use the model 'market'"
        )
