"""Tests on means of abnormal returns.

Every function takes a fit of N events and the window [first, last], and gives
an :class:`~helpers.inference.outcome.Outcome` or raises ``Undefined``.

References
----------
Boehmer, E., Musumeci, J. and Poulsen, A. (1991), Journal of Financial
Economics 30 (BMP).
Brown, S. J. and Warner, J. B. (1980), Journal of Financial Economics 8 (crude
dependence adjustment).
Kolari, J. W. and Pynnonen, S. (2010), Review of Financial Studies 23.
Patell, J. M. (1976), Journal of Accounting Research 14.
"""

from __future__ import annotations

import numpy as np

from helpers.inference.dependence import average_correlation
from helpers.inference.groups import overlapping_groups
from helpers.inference.outcome import Outcome, Undefined, normal_outcome, t_outcome
from helpers.study.fit import Fit

# A spread or variance below this share of the values themselves is rounding.
NO_SPREAD = 1e-12
FEWEST_DAYS = 3


def standardised_car(fit: Fit, first: int, last: int) -> np.ndarray:
    """Each CAR over its own exact standard error, (N,)."""
    return fit.car(first, last) / fit.car_error(first, last)


def _cross_sectional_t(values: np.ndarray, what: str) -> tuple[float, int]:
    spread = spread_of(values, what)
    count = len(values)
    return float(values.mean() / (spread / np.sqrt(count))), count - 1


def spread_of(values: np.ndarray, what: str) -> float:
    """Cross-sectional standard deviation, ddof 1, if there is one."""
    if len(values) < 2:
        raise Undefined(f"one event has no spread of {what}")
    spread = float(values.std(ddof=1))
    if spread <= NO_SPREAD * np.abs(values).max():
        raise Undefined(f"all events have the same {what}")
    return spread


def cross_sectional(fit: Fit, first: int, last: int) -> Outcome:
    """t of the mean CAR over its cross-sectional spread, N - 1 df."""
    return t_outcome(*_cross_sectional_t(fit.car(first, last), "CAR"))


def _patell_z(fit: Fit, first: int, last: int) -> float:
    dof = fit.estimates.dof
    if (dof <= 2).any():
        raise Undefined("an event has two degrees of freedom or fewer")
    spread = dof / (dof - 2)
    return float(standardised_car(fit, first, last).sum() / np.sqrt(spread.sum()))


def patell(fit: Fit, first: int, last: int) -> Outcome:
    """Patell's z; assumes independent events and no event-induced variance."""
    return normal_outcome(_patell_z(fit, first, last))


def _dependence(fit: Fit, first: int, last: int) -> tuple[float, float]:
    """Average correlation r and 1 + (N - 1) r, which has to be positive."""
    r = average_correlation(fit, first, last)
    inflation = 1 + (len(fit) - 1) * r
    if inflation <= NO_SPREAD:
        raise Undefined(
            f"the average correlation {r:.3f} makes 1 + (N - 1) r = "
            f"{inflation:.3f}, not positive"
        )
    return r, inflation


def adjusted_patell(fit: Fit, first: int, last: int) -> Outcome:
    """Patell's z deflated for the events' average correlation."""
    r, inflation = _dependence(fit, first, last)
    z = _patell_z(fit, first, last) / np.sqrt(inflation)
    return normal_outcome(z, f"average correlation {r:.3f}")


def bmp(fit: Fit, first: int, last: int) -> Outcome:
    """Cross-sectional t of the standardised CAR, N - 1 df."""
    scaled = standardised_car(fit, first, last)
    return t_outcome(*_cross_sectional_t(scaled, "standardised CAR"))


def adjusted_bmp(fit: Fit, first: int, last: int) -> Outcome:
    """BMP for events that are not independent: dates are the sample.

    On one group of dates, Kolari and Pynnonen's adjustment (KP, N - 1 df); on
    several, the standardised CARs with the error of their mean clustered by group,
    one df fewer than groups. Where every event has a date of its own the two are
    one. On several dates KP itself trusts the correlation of quiet times: with
    five firms on four dates that were loud for all of them it rejects 10 % at 5 %,
    on eight 10 %, where the clustered error gives 10 and 5 %.
    """
    groups = overlapping_groups(fit, first, last)
    if groups.count == 1:
        return kolari_pynnonen(fit, first, last)
    scaled = standardised_car(fit, first, last)
    spread_of(scaled, "standardised CAR")
    error = mean_error(scaled, groups.of_event, groups.count)
    if np.isnan(error):
        raise Undefined("all dates have the same standardised CAR")
    note = f"{groups.count} groups of dates" if groups.count < len(fit) else ""
    return t_outcome(float(scaled.mean()) / error, groups.count - 1, note)


def kolari_pynnonen(fit: Fit, first: int, last: int) -> Outcome:
    """BMP with the Kolari-Pynnonen adjustment as published, N - 1 df."""
    scaled = standardised_car(fit, first, last)
    t, df = _cross_sectional_t(scaled, "standardised CAR")
    r, inflation = _dependence(fit, first, last)
    if r >= 1:
        raise Undefined("the events are perfectly correlated")
    t *= np.sqrt((1 - r) / inflation)
    return t_outcome(t, df, f"average correlation {r:.3f}")


def mean_residuals(fit: Fit) -> np.ndarray:
    """Mean estimation residual over the events by relative day, gaps left out."""
    residuals = fit.in_step(fit.residuals)
    present = ~np.isnan(residuals)
    count = present.sum(axis=0)
    total = np.where(present, residuals, 0.0).sum(axis=0)
    mean: np.ndarray = total[count > 0] / count[count > 0]
    return mean


def crude_dependence(fit: Fit, first: int, last: int) -> Outcome:
    """CAAR over the time-series spread of the mean residual, D - 1 df for D days."""
    series = mean_residuals(fit)
    if len(series) < FEWEST_DAYS:
        raise Undefined(f"fewer than {FEWEST_DAYS} estimation days")
    spread = float(series.std(ddof=1))
    if spread <= NO_SPREAD * float(np.nanmax(np.abs(fit.residuals))):
        raise Undefined("the mean residual does not vary")
    length = last - first + 1
    t = float(fit.car(first, last).mean()) / (np.sqrt(length) * spread)
    return t_outcome(t, len(series) - 1)


def mean_error(car: np.ndarray, of_event: np.ndarray, count: int) -> float:
    """Standard error of the mean of `car` (N,), clustered by group; NaN for one."""
    if count < 2:
        return np.nan
    sums = np.bincount(of_event, weights=car - car.mean(), minlength=count)
    error = float(np.sqrt(count / (count - 1) * (sums**2).sum())) / len(car)
    return error if error > NO_SPREAD * np.abs(car).max() else np.nan


def mean_of_groups(
    sums: np.ndarray, size: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean, its error clustered by group and degrees of freedom of each draw, (B,).

    `sums` (G, B) are those of the CARs of each group, `size` (G,) its events.
    """
    count, draws = sums.shape
    mean: np.ndarray = sums.sum(axis=0) / size.sum()
    if count < 2:
        return mean, np.full(draws, np.nan), np.full(draws, np.nan)
    away = sums - size[:, None] * mean
    square = np.einsum("gb,gb->b", away, away)
    error = np.sqrt(count / (count - 1) * square) / size.sum()
    return mean, np.where(error > 0, error, np.nan), np.full(draws, count - 1.0)
