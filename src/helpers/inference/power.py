"""Power: what a study could have found, and what its silence is worth.

References
----------
MacKinlay, A. C. (1997), Journal of Economic Literature 35.
"""

from __future__ import annotations

import numpy as np

from helpers.errors import StudyError

FAR = 8.0


def _check_level(level: float, name: str) -> None:
    if not 0 < level < 1:
        raise StudyError(f"{name} must lie between 0 and 1, not {level}.")


def power_of_t(effect: float, se: float, df: float, *, alpha: float = 0.05) -> float:
    """Power of the two-sided t test of one CAR (decimal) with standard error `se`."""
    from scipy.stats import nct
    from scipy.stats import t as student

    _check_level(alpha, "alpha")
    if not (np.isfinite(effect) and 0 < se < np.inf and df > 0):
        raise StudyError(
            "Power needs an effect, a standard error and df above 0, not "
            f"{effect}, {se} and {df}."
        )
    bar = student.ppf(1 - alpha / 2, df)
    shift = abs(effect) / se
    # The far tail is smaller than that of the normal beyond `shift`; where it is
    # nothing, scipy has no value for it.
    far = nct.cdf(-bar, df, shift) if shift < FAR else 0.0
    return float(nct.sf(bar, df, shift) + far)


def detectable_effect(
    se: float, df: float, *, power: float = 0.8, alpha: float = 0.05
) -> float:
    """Smallest true CAR, in size, that the t test finds with this power.

    Parameters
    ----------
    se, df : float
        Standard error (decimal) and its degrees of freedom.
    power, alpha : float

    Returns
    -------
    float
        Decimal, positive.

    Examples
    --------
    >>> round(detectable_effect(se=0.02, df=108), 4)
    0.0565
    """
    from scipy.optimize import brentq

    _check_level(power, "power")
    _check_level(alpha, "alpha")
    if power <= alpha:
        raise StudyError(f"power {power} must exceed the size alpha {alpha}.")

    def short_of(effect: float) -> float:
        return power_of_t(effect, se, df, alpha=alpha) - power

    upper = 4.0 * se
    while short_of(upper) < 0:
        upper *= 2
    return float(brentq(short_of, 0.0, upper, xtol=1e-12 * se, rtol=1e-12))
