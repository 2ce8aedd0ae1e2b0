"""What models leave unexplained of many windows at once."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from helpers.study.models import Estimates
from helpers.study.samples import Sample

CELLS_AT_ONCE = 100_000
# From here on a second thread saves more than it costs.
CELLS_FOR_THREADS = 2_000_000
MOST_THREADS = 4


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

    def fill(part: slice) -> None:
        np.subtract(y[flat[part]], found.alpha[part, None], out=out[part])
        for k, series in enumerate(x):
            out[part] -= series[start[part]] * found.beta[part, k, None]

    # In pieces that stay in the processor's cache.
    step = max(1, CELLS_AT_ONCE // length)
    parts = [slice(first, first + step) for first in range(0, len(start), step)]
    if out.size < CELLS_FOR_THREADS:
        for part in parts:
            fill(part)
    else:
        # numpy gathers outside the interpreter's lock, and no two parts overlap.
        with ThreadPoolExecutor(min(MOST_THREADS, os.cpu_count() or 1)) as threads:
            for _ in threads.map(fill, parts):
                pass
    return out
