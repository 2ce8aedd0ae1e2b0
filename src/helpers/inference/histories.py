"""Histories in which nothing happened, put together from blocks of real sessions.

References
----------
Politis, D. N. and Romano, J. P. (1994), Journal of the American Statistical
Association 89 (stationary bootstrap).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from helpers.inference.outcome import Undefined

FEWEST_PLACEBO_DATES = 20
MEAN_BLOCK = 20


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


def require_anchors(anchors: np.ndarray, what: str) -> None:
    """Refuse fewer than 20 placebo dates, see :class:`Undefined`."""
    if len(anchors) < FEWEST_PLACEBO_DATES:
        raise Undefined(
            f"{len(anchors)} placebo dates for {what}, fewer than "
            f"{FEWEST_PLACEBO_DATES}"
        )
