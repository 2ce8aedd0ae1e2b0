"""Many single effects read together: how large each is, how many are not zero.

An effect is zero with a chance that nobody knows, or else drawn from a normal of
unknown spread about zero. Both unknowns are averaged over what the effects
themselves say of them, so that a handful of events is not read as if its spread were
known.

References
----------
Efron, B. (2010), Large-Scale Inference, chapters 1 and 2.
Stephens, M. (2017), Biostatistics 18 (local false sign rates).
Rubin, D. B. (1981), Journal of Educational Statistics 6 (averaging over the spread).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.errors import StudyError

# What is held possible beforehand: any share alike, and any spread from a quarter of
# the usual standard error to eight times it, alike on a logarithmic scale.
SHARES = np.linspace(0, 1, 41)
SPREADS = 2.0 ** np.linspace(-2, 3, 31)
FEWEST = 3


@dataclass(frozen=True)
class Shrunken:
    """Effects shrunken towards zero by what the others are like.

    Attributes
    ----------
    effects : DataFrame
        On the index that was given: ``effect`` as measured, ``car`` (expected true
        effect), ``ci_low``, ``ci_high``, ``p_zero`` (chance that there is none) and
        ``false_sign`` (chance that it is zero or has the other sign).
    share, share_low, share_high : float
        Share of events whose effect is not zero, with its 95 % interval.
    """

    effects: pd.DataFrame
    share: float
    share_low: float
    share_high: float


def shrink(effects: pd.Series, errors: pd.Series) -> Shrunken:
    """Read single effects together.

    Parameters
    ----------
    effects : Series
        Effects of separate dates, decimal: those that share a date share an error.
    errors : Series
        Their standard errors, on the same index.

    Raises
    ------
    StudyError
        If there are fewer than three effects, one is not finite, or an error is not
        above zero.

    Examples
    --------
    >>> cars = pd.Series({"a": 0.002, "b": -0.09, "c": 0.004, "d": -0.001})
    >>> read = shrink(cars, pd.Series(0.02, cars.index))
    >>> read.effects["car"].round(3).tolist()
    [0.0, -0.079, 0.001, -0.0]
    """
    from scipy.special import ndtr
    from scipy.stats import norm

    e, s = (
        np.asarray(one, dtype=float) for one in (effects, errors.reindex(effects.index))
    )
    if len(e) < FEWEST:
        raise StudyError(f"{len(e)} effects are too few to be read together: {FEWEST}.")
    if not (np.isfinite(e).all() and (s > 0).all() and np.isfinite(s).all()):
        raise StudyError("Every effect must be finite, and every error above zero.")
    spread = np.median(s) * SPREADS
    with np.errstate(divide="ignore"):  # no chance at all is a possibility
        log_none, log_some = np.log(1 - SHARES)[:, None], np.log(SHARES)[:, None]
    # Log densities of what was measured, by event, share and spread.
    none = log_none + norm.logpdf(e, scale=s)[:, None, None]
    wide = np.hypot(s[:, None], spread)
    some = log_some + norm.logpdf(e[:, None], scale=wide)[:, None, :]
    both = np.logaddexp(none, some)
    fit = both.sum(axis=0)
    belief = np.exp(fit - fit.max())
    belief /= belief.sum()
    p_zero = (belief * np.exp(none - both)).sum(axis=(1, 2))
    weight = (belief * np.exp(some - both)).sum(axis=1)
    kept = spread**2 / wide**2
    means, sds = kept * e[:, None], np.sqrt(kept) * s[:, None]

    def below(x: np.ndarray) -> np.ndarray:
        """Chance that each true effect is below a value, and not zero."""
        return np.asarray((weight * ndtr((x[:, None] - means) / sds)).sum(axis=1))

    under = below(np.zeros_like(e))
    false_sign = p_zero + np.minimum(under, weight.sum(axis=1) - under)
    table = pd.DataFrame(
        {
            "effect": e,
            "car": (weight * means).sum(axis=1),
            "ci_low": _quantile(below, p_zero, 0.025, e, s),
            "ci_high": _quantile(below, p_zero, 0.975, e, s),
            "p_zero": p_zero,
            "false_sign": false_sign,
        },
        index=effects.index,
    )
    by_share = belief.sum(axis=1)
    low, high = np.interp([0.025, 0.975], by_share.cumsum(), SHARES)
    return Shrunken(table, float(by_share @ SHARES), float(low), float(high))


def _quantile(
    below: Callable[[np.ndarray], np.ndarray],
    p_zero: np.ndarray,
    level: float,
    e: np.ndarray,
    s: np.ndarray,
) -> np.ndarray:
    """Quantiles of distributions with an atom at zero, by bisection."""
    low, high = np.minimum(e, 0) - 9 * s, np.maximum(e, 0) + 9 * s
    for _ in range(50):
        middle = (low + high) / 2
        reached = below(middle) + p_zero * (middle >= 0) >= level
        low, high = np.where(reached, low, middle), np.where(reached, middle, high)
    return np.where(np.abs(high) < 1e-12, 0.0, high)
