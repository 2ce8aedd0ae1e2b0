"""Power: what a study could have found, and what its silence is worth.

References
----------
MacKinlay, A. C. (1997), Journal of Economic Literature 35.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers.errors import StudyError
from helpers.inference.outcome import counted_error

if TYPE_CHECKING:
    from helpers.inference.resampling import Placebo

FAR = 8.0
# Of a power curve, in units of the effect that is detectable by formula.
EFFECTS = np.array([0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5])


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


@dataclass(frozen=True)
class Power:
    """Result of :meth:`helpers.EventStudy.power`.

    Attributes
    ----------
    detectable : float
        Smallest true mean CAR, in size, that the t test finds with the power
        asked; decimal. One event has the exact t of its CAR, several the cross
        section clustered by date.
    simulated : float
        The same by adding an effect to the placebo draws, whose errors are
        those of real returns; decimal.
    size : float
        Share of placebo draws without an effect that the t test rejects.
    critical : float
        |t| that the share alpha of the placebo draws exceeds.
    se, df : float
        Standard error of the study's mean CAR (decimal), degrees of freedom.
    n_events, n_dates, n_placebo : int
    curve : DataFrame
        Indexed by effect (decimal): ``t_test`` by formula, ``simulated`` and its
        ``error`` (Monte Carlo; NaN where every eligible date is used).
    note : str
        How the placebo draws were made.
    """

    detectable: float
    simulated: float
    size: float
    critical: float
    se: float
    df: float
    n_events: int
    n_dates: int
    n_placebo: int
    curve: pd.DataFrame
    note: str


def power_against(
    chance: Placebo,
    mean: pd.Series,
    *,
    power: float,
    alpha: float,
    effects: Sequence[float] | None,
) -> Power:
    """Power of the t test of a mean CAR, by formula and on its placebo draws.

    `mean` is the study's: se (decimal), df, n_events, n_dates. See
    :meth:`EventStudy.power`.
    """
    from scipy.special import stdtrit

    se, df = float(mean["se"]), float(mean["df"])
    if not np.isfinite(se):
        raise StudyError(
            "The events are one group of dates, so their mean has no error and the "
            "test no power: study the shares as one basket."
        )
    smallest = detectable_effect(se, df, power=power, alpha=alpha)
    # An effect adds to every CAR of a draw and leaves its error alone: from how
    # far on, up or down, is the draw significant?
    estimate = chance.caar
    bar = stdtrit(chance.df, 1 - alpha / 2) * chance.se
    needed = np.concatenate([bar - estimate, bar + estimate])
    asked = EFFECTS * smallest if effects is None else np.asarray(effects, dtype=float)
    rows = {}
    for effect in asked:
        share = np.mean([np.abs(estimate + way * effect) > bar for way in (1, -1)])
        rows[float(effect)] = {
            "t_test": power_of_t(float(effect), se, df, alpha=alpha),
            "simulated": float(share),
            "error": np.nan if chance.enumerated else counted_error(share, len(bar)),
        }
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index.name = "effect"
    return Power(
        detectable=smallest,
        simulated=float(np.quantile(needed, power, method="inverted_cdf")),
        size=float((np.abs(estimate) > bar).mean()),
        critical=float(np.quantile(np.abs(estimate / chance.se), 1 - alpha)),
        se=se,
        df=df,
        n_events=int(mean["n_events"]),
        n_dates=int(mean["n_dates"]),
        n_placebo=len(bar),
        curve=table,
        note=chance.note,
    )
