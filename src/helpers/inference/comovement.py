"""How closely two markets move together when they are never open together.

New York opens after Shanghai and Hong Kong have closed, so two returns of one
date never hold the same news. The correlations here are of pairs that
:func:`helpers.inference.pairs.pair_by_clock` makes.

References
----------
Engle, R. F. (2002), Journal of Business and Economic Statistics 20 (DCC).
Forbes, K. J. and Rigobon, R. (2002), Journal of Finance 57 (a correlation rises
with variance alone, hence standardised returns beside plain ones).
Künsch, H. R. (1989), Annals of Statistics 17 (blocks of consecutive days).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from helpers.data.calendars import parse_day
from helpers.errors import StudyError
from helpers.inference.pairs import FEWEST_PAIRS
from helpers.inference.readings import SMALLEST_CORRELATION, Reading, read_change
from helpers.study.frames import check_signs

PERCENT = 100.0  # arch's optimiser wants numbers near 1
# Decay at which the recursion would no longer forget its start.
MOST_PERSISTENT = 0.9995
AT_ONCE = 2_000_000
READING_DRAWS = 9999
# When an optimiser may stop, and the digits of what it found that are used.
TIGHT = 1e-13
STEADY_DIGITS = 4


def standardised(returns: pd.Series) -> pd.Series:
    """Returns over their conditional standard deviation, GARCH(1,1) (arch).

    Raises
    ------
    StudyError
        If the likelihood has no maximum.

    Examples
    --------
    >>> from helpers import load_returns, standardised
    >>> round(float(standardised(load_returns("NVDA")["NVDA"].dropna()).std()), 1)
    1.0
    """
    from arch import arch_model

    check_signs(returns)
    model = arch_model(returns * PERCENT, mean="Constant", vol="GARCH", rescale=False)
    options = {"maxiter": 1000}
    found = model.fit(disp="off", show_warning=False, tol=TIGHT, options=options)
    if found.convergence_flag != 0:
        raise StudyError(
            f"No GARCH(1,1) fits the {len(returns)} returns: use them as they are."
        )
    steady = model.fix([steadied(value) for value in found.params])
    return pd.Series(steady.std_resid, index=returns.index)


def steadied(estimate: float) -> float:
    """An estimate that an optimiser found, to the digits that all processors share.

    They agree in some six digits of where a flat likelihood peaks; four are left, so
    that whatever is derived from the estimate is the same everywhere.
    """
    return float(f"{round(estimate, 6):.{STEADY_DIGITS}g}")


@dataclass(frozen=True)
class ConditionalCorrelation:
    """A DCC(1,1) of two standardised series.

    Attributes
    ----------
    news, decay : float
        Weight of the last product and of the last correlation; their sum says
        how slowly a shock fades.
    correlation : Series
        Of each session, given those before it.
    """

    news: float
    decay: float
    correlation: pd.Series


def conditional_correlation(pairs: pd.DataFrame) -> ConditionalCorrelation:
    """Fit Engle's DCC(1,1) by quasi maximum likelihood, the mean targeted.

    Parameters
    ----------
    pairs : DataFrame
        Two columns of standardised returns, without gaps.

    Raises
    ------
    StudyError
        If there are fewer than 40 rows or one has a gap.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> shocks = np.random.default_rng(1).normal(size=(400, 3))
    >>> pairs = pd.DataFrame(shocks[:, :2] + shocks[:, [2]])
    >>> float(conditional_correlation(pairs).correlation.mean().round(1))
    0.5
    """
    from scipy.optimize import minimize

    values = pairs.to_numpy(dtype=float)
    if len(values) < FEWEST_PAIRS or np.isnan(values).any():
        raise StudyError(
            f"A conditional correlation needs {FEWEST_PAIRS} pairs without gaps; "
            f"there are {len(values)}, {int(np.isnan(values).any(axis=1).sum())} of "
            "them with a gap."
        )
    check_signs(values)
    values = values / values.std(axis=0)

    # Their sum and how it is shared out: with bounds alone every trial is stable.
    def loss(parameters: np.ndarray) -> float:
        total, share = parameters
        path = dcc_path(values, total * share, total * (1 - share))
        return -_correlation_likelihood(values, path)

    bounds = [(0.0, MOST_PERSISTENT), (0.0, 1.0)]
    best = min(
        (
            minimize(loss, start, method="L-BFGS-B", bounds=bounds)
            for start in ((0.97, 0.03), (0.7, 0.1))
        ),
        key=lambda found: float(found.fun),
    )
    # L-BFGS-B stops at the fifth digit: its gradient is a difference.
    fine = {"xatol": 1e-9, "fatol": TIGHT, "maxiter": 2000}
    best = minimize(loss, best.x, method="Nelder-Mead", bounds=bounds, options=fine)
    total, share = map(float, best.x)
    news, decay = steadied(total * share), steadied(total * (1 - share))
    path = pd.Series(dcc_path(values, news, decay), index=pairs.index)
    return ConditionalCorrelation(news, decay, path)


def dcc_path(values: np.ndarray, news: float, decay: float) -> np.ndarray:
    """Correlation of each row of two standardised series given those before, (T,).

    ``Q_t = (1 - news - decay) S + news z z' + decay Q_(t-1)``, where S is the mean of
    ``z z'`` and the start.
    """
    from scipy.signal import lfilter

    one, two = values.T
    moved = []
    for product in (one * one, two * two, one * two):
        level = product.mean()
        # Deviations from the level follow the same recursion and start at zero.
        moved.append(level + lfilter([0.0, news], [1.0, -decay], product - level))
    path: np.ndarray = moved[2] / np.sqrt(moved[0] * moved[1])
    return path


def _correlation_likelihood(values: np.ndarray, path: np.ndarray) -> float:
    one, two = values.T
    left = 1 - path**2
    square = (one**2 - 2 * path * one * two + two**2) / left - one**2 - two**2
    return float(-0.5 * (np.log(left) + square).sum())


@dataclass(frozen=True)
class CorrelationChange:
    """A correlation before and after a date that was fixed beforehand.

    Attributes
    ----------
    before, after, change : float
    se, ci_low, ci_high, p_value : float
        Of the change, from resampled blocks; 95 % interval.
    """

    before: float
    after: float
    change: float
    se: float
    ci_low: float
    ci_high: float
    p_value: float

    def reads(
        self,
        *,
        sign: int,
        smallest: float = SMALLEST_CORRELATION,
        about: Mapping[str, Any] | None = None,
    ) -> Reading:
        """Read the change for a claim, see :func:`helpers.inference.readings.judge`.

        A correlation that falls because two markets part can fall to nothing and
        no further, and one that rises only to one: where a change that would matter
        has no room, the claim cannot be tested.

        Parameters
        ----------
        sign : 1 or -1
            Direction that the claim expects.
        smallest : float
            Smallest change that would matter.
        about : mapping, optional
            What was read, as the table of legs names it: symbols, benchmark, events.
        """
        from scipy.stats import norm

        # The normal that the interval rests on, so that both say the same.
        chances = (np.arange(READING_DRAWS) + 0.5) / READING_DRAWS
        return read_change(
            self.change,
            self.change + self.se * norm.ppf(chances),
            sign=sign,
            smallest=smallest,
            largest=max(self.before, 0.0) if sign < 0 else 1 - self.before,
            about={"measure": "correlation", **(about or {})},
        )


def correlation_change(
    pairs: pd.DataFrame,
    split: pd.Timestamp,
    *,
    block: int = 10,
    draws: int = 1000,
    seed: int = 0,
) -> CorrelationChange:
    """Compare the correlation of two columns before and from a date on.

    The two stretches are resampled apart, each by blocks of consecutive rows
    taken from a circle, so that neither volatility clusters nor the number of
    rows are disturbed. The interval is normal on Fisher's scale of each
    stretch's correlation, whose difference is carried back.

    Parameters
    ----------
    pairs : DataFrame
        Two columns without gaps, by date.
    split : Timestamp
        First date that counts as after.
    block : int
        Rows a block.
    draws, seed : int

    Raises
    ------
    StudyError
        If either stretch has fewer than 40 rows.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> shocks = np.random.default_rng(1).normal(size=(400, 3))
    >>> shocks[200:, 2] *= 3
    >>> days = pd.bdate_range("2024-01-01", periods=400)
    >>> pairs = pd.DataFrame(shocks[:, :2] + shocks[:, [2]], days)
    >>> found = correlation_change(pairs, days[200])
    >>> round(found.before, 1), round(found.after, 1), found.p_value < 0.01
    (0.5, 0.9, True)
    """
    from scipy.stats import norm

    values, split = pairs.to_numpy(dtype=float), parse_day(split)
    check_signs(values)
    at = int(pairs.index.searchsorted(split))
    stretches = (values[:at], values[at:])
    if min(map(len, stretches)) < FEWEST_PAIRS:
        ends = [f"{date:%Y-%m-%d}" for date in (*pairs.index[:1], *pairs.index[-1:])]
        raise StudyError(
            f"{len(stretches[0])} pairs before {split:%Y-%m-%d} and "
            f"{len(stretches[1])} from then on: {FEWEST_PAIRS} are needed in each, and "
            f"there are some from {' to '.join(ends) or 'no date on'}."
        )
    rng = np.random.default_rng(seed)
    found = [_correlation(part[None])[0] for part in stretches]
    drawn = [_resampled(part, block, draws, rng) for part in stretches]
    spread = np.arctanh(drawn[1]) - np.arctanh(drawn[0])
    error = float(spread.std(ddof=1))
    gap = float(np.arctanh(found[1]) - np.arctanh(found[0]))
    # The slope of tanh between the two brings Fisher's scale back to correlations.
    change = float(found[1] - found[0])
    middle = np.tanh((np.arctanh(found[0]) + np.arctanh(found[1])) / 2)
    scale = change / gap if abs(gap) > 1e-9 else 1 - middle**2
    reach = norm.ppf(0.975) * error
    return CorrelationChange(
        before=float(found[0]),
        after=float(found[1]),
        change=change,
        se=error * scale,
        ci_low=(gap - reach) * scale,
        ci_high=(gap + reach) * scale,
        p_value=float(2 * norm.sf(abs(gap) / error)),
    )


def _correlation(values: np.ndarray) -> np.ndarray:
    """Correlation of the two columns of each of B tables (B, T, 2)."""
    away = values - values.mean(axis=1, keepdims=True)
    square = np.einsum("btk,btk->bk", away, away)
    cross = np.einsum("bt,bt->b", away[:, :, 0], away[:, :, 1])
    out: np.ndarray = cross / np.sqrt(square[:, 0] * square[:, 1])
    return out


def _resampled(
    part: np.ndarray, block: int, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """Correlations of `draws` samples made of blocks from a circle of rows."""
    rows = len(part)
    blocks = -(-rows // block)
    out = np.empty(draws)
    step = max(1, AT_ONCE // rows)
    for first in range(0, draws, step):
        count = min(step, draws - first)
        starts = rng.integers(rows, size=(count, blocks, 1))
        chosen = (starts + np.arange(block)).reshape(count, -1)[:, :rows] % rows
        out[first : first + count] = _correlation(part[chosen])
    return out
