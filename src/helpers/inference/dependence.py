"""How far events move together: the average correlation behind KP.

References
----------
Kolari, J. W. and Pynnonen, S. (2010), Review of Financial Studies 23.
Kolari, J. W., Pape, B. and Pynnonen, S. (2018), Mays Business School Research
Paper 3167271 (partially overlapping event windows).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from helpers.inference.outcome import Undefined
from helpers.study.fit import Fit

PAIRS_AT_ONCE = 20_000
MOST_PAIRS = 20_000_000
FEWEST_COMMON = 3
# A centred sum of squares below this share of the raw one is rounding.
NO_VARIATION = 1e-20


def average_correlation(fit: Fit, first: int, last: int) -> float:
    """Mean off-diagonal correlation of the events' cumulative abnormal returns.

    A pair on the same date counts with the correlation of its estimation
    residuals; a pair on different dates with that times the share of the event
    window that overlaps in calendar time, hence zero where none does. To a pair of
    one announcement on different days of two exchanges is added the correlation of
    the one's sessions with the other's next ones. Undefined where a pair that overlaps
    has fewer than three estimation sessions in common or does not vary there.
    """
    count = len(fit)
    if count < 2:
        return 0.0
    complete = ~np.isnan(fit.residuals).any(axis=1)
    total = 0.0
    for k in np.unique(fit.sample[complete]):
        alike = np.flatnonzero(complete & (fit.sample == k))
        total += _sum_without_gaps(
            fit.residuals[alike], fit.position[alike], last - first + 1
        )
    if not complete.all() or len(np.unique(fit.sample)) > 1:
        total += _sum_with_gaps(fit, complete, first, last)
    if fit.news is not None:
        total += _sum_of_announcements(fit)
    return total / (count * (count - 1))


def _sum_without_gaps(residuals: np.ndarray, day0: np.ndarray, length: int) -> float:
    """Weighted correlations of all ordered pairs of one calendar, no gaps.

    At a given distance in sessions every pair has the same sessions in common,
    so that the sum over pairs is a product of sums over dates.
    """
    dates, group = np.unique(day0, return_inverse=True)
    unit = _unit(residuals)
    sums = _sum_by(unit, group, len(dates))
    total = float(np.einsum("dt,dt->", sums, sums)) - len(day0)
    span = residuals.shape[1]
    for shift in range(1, length):
        later = np.searchsorted(dates, dates + shift)
        later[later == len(dates)] = 0
        early = np.flatnonzero(dates[later] == dates + shift)
        if not len(early):
            continue
        if span - shift < FEWEST_COMMON:
            raise Undefined(_TOO_FEW)
        ends = [(early, slice(shift, None)), (later[early], slice(span - shift))]
        products = []
        for chosen, columns in ends:
            at = np.flatnonzero(np.isin(group, chosen))
            place = np.searchsorted(np.sort(chosen), group[at])
            part = _sum_by(_unit(residuals[at, columns]), place, len(chosen))
            products.append(part)
        weight = (length - shift) / length
        total += 2 * weight * float(np.einsum("dt,dt->", *products))
    return total


_TOO_FEW = (
    f"a pair of events has fewer than {FEWEST_COMMON} estimation sessions in common"
)
_FLAT = "a pair of events does not vary over its common estimation sessions"


def _sum_by(rows: np.ndarray, group: np.ndarray, count: int) -> np.ndarray:
    """Sum of the rows of each group, (count, T)."""
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], np.arange(count))
    sums: np.ndarray = np.add.reduceat(rows[order], starts, axis=0)
    return sums


def _unit(rows: np.ndarray) -> np.ndarray:
    """Each row centred and of length one."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    square = np.einsum("nt,nt->n", centred, centred)
    if (square <= NO_VARIATION * np.einsum("nt,nt->n", rows, rows)).any():
        raise Undefined(_FLAT)
    unit: np.ndarray = centred / np.sqrt(square)[:, None]
    return unit


def _sum_with_gaps(fit: Fit, complete: np.ndarray, first: int, last: int) -> float:
    """Weighted correlations of the ordered pairs that need a look each."""
    event = fit.places(first, last)
    estimation = fit.places(*fit.design.windows.estimation)
    start = estimation[:, 0]
    span = int((estimation[:, -1] - start).max()) + 1
    residuals = np.full((len(fit), span), np.nan)
    np.put_along_axis(residuals, estimation - start[:, None], fit.residuals, axis=1)
    total = 0.0
    length = last - first + 1
    for one, two in _overlapping_pairs(event[:, 0], event[:, -1]):
        same = fit.sample[one] == fit.sample[two]
        left = ~(same & complete[one] & complete[two])
        one, two, same = one[left], two[left], same[left]
        if not len(one):
            continue
        overlap = length - np.abs(fit.position[one] - fit.position[two])
        for k in np.flatnonzero(~same):
            overlap[k] = len(np.intersect1d(event[one[k]], event[two[k]]))
        met = overlap > 0
        found = _pair_correlations(residuals, start, one[met], two[met])
        total += 2 * float(overlap[met] / length @ found)
    return total


def _sum_of_announcements(fit: Fit) -> float:
    """Correlations in step of the ordered pairs that meet one news on two days."""
    assert fit.news is not None
    day0 = fit.places(0, 0)[:, 0]
    order = np.lexsort([day0, fit.news])
    residuals = fit.in_step(fit.residuals)
    start = np.zeros(len(fit), dtype=int)
    total = 0.0
    for members in np.split(order, np.flatnonzero(np.diff(fit.news[order])) + 1):
        one, two = (members[each] for each in np.triu_indices(len(members), 1))
        apart = day0[one] != day0[two]
        if apart.any():
            found = _pair_correlations(residuals, start, one[apart], two[apart])
            total += 2 * float(found.sum())
    return total


def _overlapping_pairs(
    start: np.ndarray, end: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Index pairs of events whose windows overlap, each once, in chunks."""
    order = np.argsort(start, kind="stable")
    # In order of start, event i overlaps those after it that start by its end.
    upto = np.searchsorted(start[order], end[order], side="right")
    count = upto - np.arange(len(order)) - 1
    if count.sum() > MOST_PAIRS:
        raise Undefined(
            f"{count.sum():,} pairs of events overlap, more than {MOST_PAIRS:,}: test "
            "fewer events at a time or a shorter window"
        )
    reach = np.cumsum(count)
    first = 0
    while first < len(order):
        done = reach[first - 1] if first else 0
        chunk = int(np.searchsorted(reach, done + PAIRS_AT_ONCE, "right"))
        last = max(first + 1, chunk)
        one = np.repeat(np.arange(first, last), count[first:last])
        before = reach[first:last] - count[first:last] - done
        step = np.arange(len(one)) - np.repeat(before, count[first:last])
        yield order[one], order[one + 1 + step]
        first = last


def _pair_correlations(
    residuals: np.ndarray, start: np.ndarray, one: np.ndarray, two: np.ndarray
) -> np.ndarray:
    """Correlation of each pair over the calendar sessions that both have."""
    span = residuals.shape[1]
    column = np.arange(span) - (start[two] - start[one])[:, None]
    inside = (column >= 0) & (column < span)
    a = residuals[one]
    b = np.where(inside, residuals[two[:, None], np.clip(column, 0, span - 1)], np.nan)
    both = ~(np.isnan(a) | np.isnan(b))
    n = both.sum(axis=1)
    if (n < FEWEST_COMMON).any():
        raise Undefined(_TOO_FEW)
    centred = []
    for values in (a, b):
        values = np.where(both, values, 0.0)
        mean = values.sum(axis=1) / n
        away = np.where(both, values - mean[:, None], 0.0)
        square = np.einsum("nt,nt->n", away, away)
        if (square <= NO_VARIATION * np.einsum("nt,nt->n", values, values)).any():
            raise Undefined(_FLAT)
        centred.append(away / np.sqrt(square)[:, None])
    found: np.ndarray = np.einsum("nt,nt->n", *centred)
    return found
