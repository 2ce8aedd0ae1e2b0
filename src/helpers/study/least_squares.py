"""Ordinary least squares over many short windows of a few long series."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from helpers.study.samples import Sample

# Variation below this share of the raw sum of squares is rounding.
DEGENERATE = 1e-12
# Least share of a regressor's variation that the others must leave unexplained.
COLLINEAR = 1e-10
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


class Rows(NamedTuple):
    """N windows of `length` sessions: rows (N,) of ``sample.y`` and first sessions."""

    sample: Sample
    column: np.ndarray
    start: np.ndarray
    length: int

    def of(self, some: np.ndarray | slice) -> Rows:
        """Some of the windows."""
        return self._replace(column=self.column[some], start=self.start[some])


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


def window_moments(
    sample: Sample, column: np.ndarray, start: np.ndarray, length: int
) -> Moments:
    """Moments of the windows of :class:`Rows`, centred before they are squared."""
    k = len(sample.x)
    parts = []
    step = max(1, CELLS_AT_ONCE // (length * (k + 1)))
    for first in range(0, len(start), step):
        part = slice(first, first + step)
        y, x, masked = window_rows(sample, column[part], start[part], length)
        used = ~(np.isnan(y) | np.isnan(x).any(axis=2) | masked)
        n = used.sum(axis=1)
        some = np.maximum(n, 1)
        y = np.where(used, y, 0.0)
        x = np.where(used[:, :, None], x, 0.0)
        y_mean, x_mean = y.sum(axis=1) / some, x.sum(axis=1) / some[:, None]
        y = np.where(used, y - y_mean[:, None], 0.0)
        x = np.where(used[:, :, None], x - x_mean[:, None, :], 0.0)
        products = (("nt,nt->n", y, y), ("nt,ntk->nk", y, x), ("ntj,ntk->njk", x, x))
        squares = [np.einsum(*each) for each in products]
        parts.append((n.astype(float), y_mean, x_mean, *squares))
    return Moments(*map(np.concatenate, zip(*parts, strict=True)))


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
