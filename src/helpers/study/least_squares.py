"""Ordinary least squares over many short windows of a few long series.

Two roads to the same sums. Where windows are few, each is gathered. Where they
outnumber the sessions, sums over every window of a series are made at once:
the series is cut into blocks as long as the window, so that each window is the
tail of one block and the head of the next, and a sum is one addition of two
running sums. Nothing outside the window enters, so nothing has to cancel.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from helpers.study.samples import Sample

# Variation below this share of the raw sum of squares is rounding.
DEGENERATE = 1e-12
# Least share of a regressor's variation that the others must leave unexplained.
COLLINEAR = 1e-10
# Above this ratio of raw to centred sum of squares, centre before squaring.
CANCELLING = 50.0
CELLS_AT_ONCE = 500_000


@dataclass
class Moments:
    """Centred sums over each of N estimation windows, K regressors.

    Attributes
    ----------
    n : (N,) observations used
    y_mean : (N,); x_mean : (N, K)
    yy : (N,); xy : (N, K); xx : (N, K, K), sums of centred products
    """

    n: np.ndarray
    y_mean: np.ndarray
    x_mean: np.ndarray
    yy: np.ndarray
    xy: np.ndarray
    xx: np.ndarray

    @classmethod
    def empty(cls, count: int, k: int) -> Moments:
        """Room for `count` windows."""
        return cls(
            n=np.empty(count),
            y_mean=np.empty(count),
            x_mean=np.empty((count, k)),
            yy=np.empty(count),
            xy=np.empty((count, k)),
            xx=np.empty((count, k, k)),
        )

    def put(self, where: np.ndarray, other: Moments) -> None:
        """Write the windows of `other` to the places `where`."""
        for each in fields(self):
            getattr(self, each.name)[where] = getattr(other, each.name)


def window_rows(
    sample: Sample, column: np.ndarray, start: np.ndarray, length: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """y (N, length), x (N, length, K) and masked (N, length) of each window."""
    y = sliding_window_view(sample.y, length, axis=1)[column, start]
    masked = sliding_window_view(sample.masked, length, axis=1)[column, start]
    if not len(sample.x):
        return y, np.empty((len(start), length, 0)), masked
    x = sliding_window_view(sample.x, length, axis=1)[:, start]
    return y, np.moveaxis(x, 0, 2), masked


def gathered_moments(
    sample: Sample, column: np.ndarray, start: np.ndarray, length: int
) -> Moments:
    """Moments from the windows themselves, centred before they are squared."""
    k = len(sample.x)
    out = Moments.empty(len(start), k)
    step = max(1, CELLS_AT_ONCE // (length * (k + 1)))
    for first in range(0, len(start), step):
        part = slice(first, first + step)
        y, x, masked = window_rows(sample, column[part], start[part], length)
        used = ~(np.isnan(y) | np.isnan(x).any(axis=2) | masked)
        n = used.sum(axis=1)
        some = np.maximum(n, 1)
        y = np.where(used, y, 0.0)
        x = np.where(used[:, :, None], x, 0.0)
        out.n[part] = n
        out.y_mean[part] = y.sum(axis=1) / some
        out.x_mean[part] = x.sum(axis=1) / some[:, None]
        y = np.where(used, y - out.y_mean[part, None], 0.0)
        x = np.where(used[:, :, None], x - out.x_mean[part, None, :], 0.0)
        out.yy[part] = np.einsum("nt,nt->n", y, y)
        out.xy[part] = np.einsum("nt,ntk->nk", y, x)
        out.xx[part] = np.einsum("ntj,ntk->njk", x, x)
    return out


def sums_of_windows(values: np.ndarray, length: int) -> np.ndarray:
    """Sum of every run of `length` values along the last axis, (..., T-length+1)."""
    sessions = values.shape[-1]
    blocks = -(-sessions // length)
    padded = np.zeros((*values.shape[:-1], blocks * length))
    padded[..., :sessions] = values
    shape = (*values.shape[:-1], blocks, length)
    head = np.cumsum(padded.reshape(shape), axis=-1).reshape(padded.shape)
    tail = padded.reshape(shape)
    np.cumsum(tail[..., ::-1], axis=-1, out=tail[..., ::-1])
    out = padded[..., : sessions - length + 1].copy()
    # A window that fills a block has no head in the next one.
    out[..., 1:] += head[..., length:sessions]
    whole = np.arange(length, out.shape[-1], length)
    out[..., whole] = padded[..., whole]
    return out


def summed_moments(
    sample: Sample, column: np.ndarray, start: np.ndarray, length: int
) -> Moments:
    """Moments from the sums of all windows, a block of shares at a time."""
    k, sessions = sample.x.shape
    out = Moments.empty(len(start), k)
    x_known = ~np.isnan(sample.x).any(axis=0)
    x_level = _level(sample.x, x_known)
    x = np.where(x_known, sample.x - x_level[:, None], 0.0)
    x_sum = sums_of_windows(x, length)
    x_mean = x_sum / length
    raw = sums_of_windows(x[:, None] * x, length)
    xx = raw - x_sum[:, None] * x_mean
    doubtful_x = np.zeros(sessions - length + 1, dtype=bool)
    for j in range(k):
        doubtful_x |= ~(raw[j, j] < CANCELLING * xx[j, j])

    # numpy sorts numbers of sixteen bits by counting, ten times as fast.
    few = column.astype(np.uint16 if len(sample.y) <= 2**16 else column.dtype)
    order = np.argsort(few, kind="stable")
    shares = max(1, CELLS_AT_ONCE // sessions)
    edges = np.arange(0, len(sample.symbols) + shares, shares)
    bounds = np.searchsorted(column[order], edges)
    remaining = []
    for low, first, last in zip(edges, bounds, bounds[1:], strict=False):
        where = order[first:last]
        if not len(where):
            continue
        rows = slice(low, low + shares)
        share, first_day = column[where] - low, start[where]
        at = share * (sessions - length + 1) + first_day
        used = ~(np.isnan(sample.y[rows]) | sample.masked[rows]) & x_known
        level = _level(sample.y[rows], used)
        y = np.where(used, sample.y[rows] - level[:, None], 0.0)
        y_sum = sums_of_windows(y, length).take(at)
        y_raw = sums_of_windows(y * y, length).take(at)
        yy = y_raw - y_sum * (y_sum / length)
        out.n[where] = length
        out.y_mean[where] = y_sum / length + level[share]
        out.yy[where] = yy
        for j in range(k):
            xy = sums_of_windows(y * x[j], length).take(at)
            out.xy[where, j] = xy - y_sum * x_mean[j].take(first_day)
        # Windows with gaps have sums of their own; those that vary little about
        # a level far from the series' own would lose digits.
        doubtful = doubtful_x.take(first_day) | ~(y_raw < CANCELLING * yy)
        if not used.all():
            doubtful |= sums_of_windows(~used, length).take(at) > 0
        remaining.append(where[doubtful])
    out.x_mean[:] = (x_mean + x_level[:, None])[:, start].T
    out.xx[:] = np.moveaxis(xx[:, :, start], 2, 0)
    again = np.concatenate(remaining)
    out.put(again, gathered_moments(sample, column[again], start[again], length))
    return out


def _level(values: np.ndarray, used: np.ndarray) -> np.ndarray:
    """Mean of the values used along the last axis."""
    count = np.maximum(used.sum(axis=-1), 1)
    level: np.ndarray = np.where(used, values, 0.0).sum(axis=-1) / count
    return level


def window_moments(
    sample: Sample, column: np.ndarray, start: np.ndarray, length: int
) -> Moments:
    """Moments of N windows of `length` sessions by the cheaper road.

    `column` and `start` (N,) are rows of ``sample.y`` and first sessions.
    """
    shares = len(np.unique(column))
    if len(start) * length <= 2 * shares * len(sample.sessions):
        return gathered_moments(sample, column, start, length)
    return summed_moments(sample, column, start, length)


def inverse_of(moments: Moments) -> tuple[np.ndarray, np.ndarray]:
    """Inverse of each xx (N, K, K), and which windows have one (N,).

    The sweep takes one regressor after another; what it leaves of the next is
    the share of its variation that those before do not explain.
    """
    spread = np.sqrt(np.einsum("nkk->nk", moments.xx))
    # A regressor that moves by less than rounding of its own level is constant.
    floor = np.sqrt(DEGENERATE * moments.n)[:, None] * np.abs(moments.x_mean)
    solvable = ((spread > floor) & (spread > 0)).all(axis=1)
    scale = np.where(spread > 0, spread, 1.0)
    swept = moments.xx / (scale[:, :, None] * scale[:, None, :])
    for j in range(spread.shape[1]):
        left = swept[:, j, j]
        solvable &= left > COLLINEAR
        pivot = np.where(solvable, left, 1.0)
        row = swept[:, j, :] / pivot[:, None]
        column = swept[:, :, j].copy()
        swept -= column[:, :, None] * row[:, None, :]
        swept[:, j, :] = row
        swept[:, :, j] = -column / pivot[:, None]
        swept[:, j, j] = 1 / pivot
    inverse = swept / (scale[:, :, None] * scale[:, None, :])
    inverse[~solvable] = np.nan
    return inverse, solvable
