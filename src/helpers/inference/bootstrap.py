"""Inference from the data themselves: sign flips of dates, sample quantiles.

References
----------
Cameron, A. C., Gelbach, J. B. and Miller, D. L. (2008), Review of Economics
and Statistics 90 (wild bootstrap by cluster).
Gelbach, J. B., Helland, E. and Klick, J. (2013), American Law and Economics
Review 15 (sample quantile).
"""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from helpers.inference.groups import overlapping_groups
from helpers.inference.outcome import Outcome, Undefined, counted_error
from helpers.inference.parametric import mean_residuals
from helpers.study.fit import Fit

MOST_FLIPS_ENUMERATED = 13
FEWEST_DATES = 6
FEWEST_WINDOWS = 20
FLIPS_AT_ONCE = 10_000_000
NO_SUM = 1e-12


def cluster_bootstrap(
    fit: Fit, first: int, last: int, *, draws: int, seed: int
) -> Outcome:
    """Sign flips of whole dates (wild bootstrap, Rademacher weights).

    The statistic is the t of the CAAR clustered by date; dates whose windows
    overlap are one cluster. All patterns of signs are tried where they are few
    enough, else `draws` of them at random.
    """
    groups = overlapping_groups(fit, first, last)
    car = fit.car(first, last)
    sums = np.bincount(groups.of_event, weights=car, minlength=groups.count)
    scale = np.sqrt((sums**2).sum())
    if not scale > NO_SUM * np.abs(car).max():
        raise Undefined("the CARs of every date add up to zero")
    if groups.count < FEWEST_DATES:
        least = 2.0 ** (1 - groups.count)
        counted = groups.note or f"{groups.count} date{'s' * (groups.count > 1)}"
        raise Undefined(f"{counted}: flipping signs cannot give p below {least:.4g}")
    observed = sums.sum() / scale
    # Equal up to rounding counts as equal: the observed signs are a pattern too.
    bar = abs(observed) * (1 - 1e-12)
    if groups.count <= MOST_FLIPS_ENUMERATED:
        flips = np.array(list(product((1.0, -1.0), repeat=groups.count)))
        p_value = float((np.abs(flips @ sums) / scale >= bar).mean())
        note = f"all {len(flips)} sign patterns"
    else:
        rng = np.random.default_rng(seed)
        extreme = 0
        step = max(1, FLIPS_AT_ONCE // groups.count)
        for start in range(0, draws, step):
            size = (min(step, draws - start), groups.count)
            flips = 1.0 - 2.0 * rng.integers(2, size=size)
            extreme += int((np.abs(flips @ sums) / scale >= bar).sum())
        p_value = (1 + extreme) / (1 + draws)
        note = f"{draws} draws, Monte Carlo error {counted_error(p_value, draws):.4f}"
    remark = "; ".join(part for part in (note, groups.note) if part)
    return Outcome(float(observed), np.nan, p_value, remark)


def two_sided_share(observed: float, reference: np.ndarray) -> float:
    """Twice the smaller tail share, the observed value counted in."""
    count = 1 + len(reference)
    above = (1 + int((reference >= observed).sum())) / count
    below = (1 + int((reference <= observed).sum())) / count
    return min(1.0, 2 * min(above, below))


def sample_quantile(fit: Fit, first: int, last: int) -> Outcome:
    """Where the CAAR falls among the estimation window's own of that length.

    For one event this is the test of Gelbach, Helland and Klick; for several
    the residuals are averaged by relative day first, which keeps their
    correlation on shared dates. Days without a residual are passed over.
    """
    series, length = mean_residuals(fit), last - first + 1
    count = max(0, len(series) - length + 1)
    if count < FEWEST_WINDOWS:
        raise Undefined(
            f"{count} windows of {length} sessions in the estimation window, "
            f"fewer than {FEWEST_WINDOWS}"
        )
    reference = sliding_window_view(series, length).sum(axis=1)
    observed = float(fit.car(first, last).mean())
    share = two_sided_share(observed, reference)
    note = f"{len(reference)} overlapping estimation windows"
    apart = len(series) // length
    if apart < FEWEST_WINDOWS:
        note += f", {apart} of them apart: p may be too small"
    return Outcome(observed, np.nan, share, note)
