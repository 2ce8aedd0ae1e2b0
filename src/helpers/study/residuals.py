"""What models leave unexplained of many windows at once."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from helpers.study.models import Estimates
from helpers.study.samples import Sample

CELLS_AT_ONCE = 100_000


def unexplained(
    sample: Sample,
    column: np.ndarray,
    start: np.ndarray,
    length: int,
    found: Estimates,
) -> np.ndarray:
    """What the model leaves of each window, (N, length); NaN where missing."""
    out = np.empty((len(start), length))
    flat = column * sample.y.shape[1] + start
    y = sliding_window_view(sample.y.reshape(-1), length)
    x = [sliding_window_view(series, length) for series in sample.x]

    # In pieces that stay in the processor's cache.
    step = max(1, CELLS_AT_ONCE // length)
    for first in range(0, len(start), step):
        part = slice(first, first + step)
        np.subtract(y[flat[part]], found.alpha[part, None], out=out[part])
        for k, series in enumerate(x):
            out[part] -= series[start[part]] * found.beta[part, k, None]
    return out
