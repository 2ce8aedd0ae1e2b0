"""Whether and when a coefficient changed, the date not chosen by eye.

Every date that leaves enough rows on either side is tried. The largest of the
Wald statistics has its own distribution, since the best of many was taken: the
asymptotic one, simulated, and a bootstrap that keeps the regressor and the size
of each day's error, so that calm and wild years may differ under the null.

References
----------
Andrews, D. W. K. (1993), Econometrica 61; (2003), Econometrica 71 (critical
values).
Bai, J. (1997), Review of Economics and Statistics 79 (interval of the date).
Hansen, B. E. (2000), Journal of Econometrics 97 (fixed regressor bootstrap).
Wied, D., Krämer, W. and Dehling, H. (2012), Econometric Theory 28 (a change in
correlation as one in the mean of products).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from helpers.errors import StudyError

# Share of the rows at either end at which no change is looked for.
TRIMMING = 0.15
FEWEST_ROWS = 60
# 97.5 % point of where a two-sided random walk with drift peaks (Bai 1997).
DATE_QUANTILE = 11.0
# Autocorrelation beyond which errors cannot be drawn anew for each row.
MOST_CARRIED = 0.5
BRIDGE_STEPS = 1000
BRIDGES = 10_000


@dataclass(frozen=True)
class Break:
    """The most likely change of one coefficient.

    Attributes
    ----------
    date : Timestamp
        First row after the change, by least squares.
    date_low, date_high : Timestamp
        Its 95 % interval, within the sample.
    before, after : float
        The coefficient.
    statistic : float
        Largest heteroskedasticity-robust Wald statistic.
    p_bootstrap, p_asymptotic : float
    path : Series
        The statistic at each date tried.
    """

    date: pd.Timestamp
    date_low: pd.Timestamp
    date_high: pd.Timestamp
    before: float
    after: float
    statistic: float
    p_bootstrap: float
    p_asymptotic: float
    path: pd.Series


def find_break(
    y: pd.Series,
    x: pd.Series | None = None,
    *,
    draws: int = 999,
    seed: int = 0,
) -> Break:
    """Test one coefficient for a change at an unknown date (sup-Wald).

    At 15 % of the rows at either end no change is looked for.

    Parameters
    ----------
    y : Series
        By date, without gaps.
    x : Series, optional
        Regressor on the same dates, without a constant beside it; by default 1,
        which makes the coefficient the mean of `y`.
    draws, seed : int
        Of the bootstrap.

    Raises
    ------
    StudyError
        If there are fewer than 60 rows, gaps, or errors that carry over from row to
        row, as those of prices do.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> days = pd.bdate_range("2024-01-01", periods=300)
    >>> values = pd.Series(np.random.default_rng(1).normal(size=300), days)
    >>> values[180:] += 2
    >>> found = find_break(values)
    >>> f"{found.date:%Y-%m-%d}", found.p_bootstrap < 0.01
    ('2024-09-06', True)
    """
    for one in (y, y if x is None else x):
        if not isinstance(one, pd.Series) or not one.index.equals(y.index):
            raise StudyError("A break is looked for in two Series on the same dates.")
    if not y.index.is_monotonic_increasing:
        raise StudyError("The rows are not in date order: use .sort_index().")
    response = y.to_numpy(dtype=float)
    regressor = np.ones(len(y)) if x is None else x.to_numpy(dtype=float)
    if len(response) < FEWEST_ROWS or len(regressor) != len(response):
        raise StudyError(
            f"A break needs {FEWEST_ROWS} rows of both series; there are "
            f"{len(response)} and {len(regressor)}."
        )
    if np.isnan(response).any() or np.isnan(regressor).any():
        raise StudyError("A break cannot be looked for across gaps: drop them first.")
    rows = len(response)
    tried = np.arange(int(np.ceil(TRIMMING * rows)), int((1 - TRIMMING) * rows) + 1)
    path, slopes, squares = _wald_paths(response[None], regressor, tried)
    best = int(squares[0].argmin())
    at = int(tried[best])
    before, after = (float(side[0, best]) for side in slopes)
    statistic = float(path[0].max())
    left = response - np.where(np.arange(rows) < at, before, after) * regressor
    carried = float((left[1:] @ left[:-1]) / (left @ left)) if left.any() else 0.0
    if carried > MOST_CARRIED:
        raise StudyError(
            f"What is left of a row is {carried:.2f} of that of the row before, as of "
            "prices and other levels, which wander without a break: take changes."
        )
    error = response - regressor * (regressor @ response) / (regressor @ regressor)
    rng = np.random.default_rng(seed)
    beyond = 0
    step = max(1, 2_000_000 // rows)
    for first in range(0, draws, step):
        count = min(step, draws - first)
        drawn = error * rng.standard_normal((count, rows))
        null, _, _ = _wald_paths(drawn, regressor, tried)
        beyond += int((null.max(axis=1) >= statistic).sum())
    low, high = _date_interval(response, regressor, at, before, after)
    return Break(
        date=y.index[at],
        date_low=y.index[low],
        date_high=y.index[high],
        before=before,
        after=after,
        statistic=statistic,
        p_bootstrap=(1 + beyond) / (1 + draws),
        p_asymptotic=asymptotic_p(statistic),
        path=pd.Series(path[0], index=y.index[tried]),
    )


def _wald_paths(
    response: np.ndarray, regressor: np.ndarray, tried: np.ndarray
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray], np.ndarray]:
    """Wald statistics (B, K), both slopes and the residual sum of squares."""
    upto = tried - 1
    square = np.cumsum(regressor**2)
    fourth = np.cumsum(regressor**4)
    cross = np.cumsum(regressor * response, axis=1)
    third = np.cumsum(regressor**3 * response, axis=1)
    scores = np.cumsum((regressor * response) ** 2, axis=1)
    sides = []
    for last in (False, True):

        def part(total: np.ndarray, last: bool = last) -> np.ndarray:
            before = total[..., upto]
            return total[..., -1:] - before if last else before

        slope = part(cross) / part(square)
        variance = part(scores) - 2 * slope * part(third) + slope**2 * part(fourth)
        fitted = slope * part(cross)
        sides.append((slope, variance / part(square) ** 2, fitted))
    (one, var_one, fit_one), (two, var_two, fit_two) = sides
    wald = (one - two) ** 2 / (var_one + var_two)
    return wald, (one, two), -(fit_one + fit_two)


def _date_interval(
    response: np.ndarray, regressor: np.ndarray, at: int, before: float, after: float
) -> tuple[int, int]:
    """Rows between which the change lies with 95 % probability."""
    slope = np.where(np.arange(len(response)) < at, before, after)
    error = response - slope * regressor
    size = (after - before) ** 2 * np.mean(regressor**2) ** 2
    noise = np.mean((regressor * error) ** 2)
    reach = int(np.ceil(DATE_QUANTILE * noise / size)) + 1 if size > 0 else len(error)
    return max(0, at - reach), min(len(error) - 1, at + reach)


@cache
def _bridge_maxima() -> np.ndarray:
    """Largest scaled squared Brownian bridges, sorted, (BRIDGES,)."""
    rng = np.random.default_rng(1)
    share = np.arange(1, BRIDGE_STEPS + 1) / BRIDGE_STEPS
    inside = (share >= TRIMMING) & (share <= 1 - TRIMMING)
    out = np.empty(BRIDGES)
    for first in range(0, BRIDGES, 1000):
        walk = rng.standard_normal((1000, BRIDGE_STEPS)).cumsum(axis=1)
        walk /= np.sqrt(BRIDGE_STEPS)
        bridge = walk - share * walk[:, -1:]
        scaled = bridge[:, inside] ** 2 / (share * (1 - share))[inside]
        out[first : first + 1000] = scaled.max(axis=1)
    return np.sort(out)


def asymptotic_p(statistic: float) -> float:
    """Probability of a larger sup-Wald for one coefficient without a change."""
    maxima = _bridge_maxima()
    beyond = len(maxima) - int(np.searchsorted(maxima, statistic))
    return (1 + beyond) / (1 + len(maxima))


def critical_value(size: float = 0.05) -> float:
    """The sup-Wald that is exceeded with this probability without a change.

    Examples
    --------
    >>> 8.5 < critical_value() < 8.8  # Andrews (2003) has 8.68
    True
    """
    return float(np.quantile(_bridge_maxima(), 1 - size))
