"""How closely two markets move together when they are never open together.

New York opens after Shanghai and Hong Kong have closed, so two returns of one
date never hold the same news. A follower's session is therefore paired with what
the leader earned between the follower's last close and its next open.

References
----------
Engle, R. F. (2002), Journal of Business and Economic Statistics 20 (DCC).
Forbes, K. J. and Rigobon, R. (2002), Journal of Finance 57 (a correlation rises
with variance alone, hence standardised returns beside plain ones).
Künsch, H. R. (1989), Annals of Statistics 17 (blocks of consecutive days).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.errors import StudyError

FEWEST_PAIRS = 40
PERCENT = 100.0  # arch's optimiser wants numbers near 1
# Decay at which the recursion would no longer forget its start.
MOST_PERSISTENT = 0.9995
AT_ONCE = 2_000_000
# When an optimiser may stop, and the digits of what it found that are used.
TIGHT = 1e-13
STEADY_DIGITS = 4


def net_of_market(
    returns: pd.Series, market: pd.Series, *, window: int | None = 120
) -> pd.Series:
    """Returns less what the market explains, on sessions that have both.

    Parameters
    ----------
    returns, market : Series
        Decimal, one row a session of the same exchange.
    window : int, optional
        The market model is fitted on this many sessions before each one, so
        that no residual knows its own day; None fits it once over all of them.

    Returns
    -------
    Series
        Decimal; the first `window` sessions are left out.

    Raises
    ------
    StudyError
        If there are too few sessions or the market does not move.
    """
    both = pd.DataFrame({"own": returns, "market": market}).dropna()
    if len(both) < (window or 0) + FEWEST_PAIRS:
        raise StudyError(
            f"{len(both)} sessions with both returns, but {(window or 0)} for the "
            f"market model and {FEWEST_PAIRS} to study are needed."
        )
    own, benchmark = both["own"], both["market"]
    # The spread of equal decimals is rounding, not zero.
    if np.ptp(benchmark.to_numpy()) == 0:
        raise StudyError("The market does not move: it explains nothing.")
    if window is None:
        slope = own.cov(benchmark) / benchmark.var()
        return own - own.mean() - slope * (benchmark - benchmark.mean())
    rolling_own, rolling_market = own.rolling(window), benchmark.rolling(window)
    slope = rolling_own.cov(benchmark) / rolling_market.var()
    constant = rolling_own.mean() - slope * rolling_market.mean()
    return (own - constant.shift() - slope.shift() * benchmark).iloc[window:]


def pair_by_clock(
    leader: pd.Series, follower: pd.Series, *, leader_first: bool
) -> pd.DataFrame:
    """Pair each session of the follower with the leader's before it.

    Parameters
    ----------
    leader, follower : Series
        Returns by session date. What the leader earned since the follower's
        session before, holidays included, is added up.
    leader_first : bool
        Whether on a common date the leader closes before the follower opens, as
        Shanghai does before New York. If not, as New York before Shanghai, only
        the leader's earlier dates count.

    Returns
    -------
    DataFrame
        By session of the follower: ``leader``, ``follower``. Sessions before
        which the leader held none are left out, since there was nothing to
        follow.
    """
    leader, follower = leader.dropna(), follower.dropna()
    side = "left" if leader_first else "right"
    place = follower.index.searchsorted(leader.index, side=side)
    sums = leader.groupby(place).sum()
    # Before the follower's first session the sum would be of unknown length.
    sums = sums[(sums.index > 0) & (sums.index < len(follower))]
    sums.index = follower.index[sums.index]
    return pd.DataFrame({"leader": sums, "follower": follower}).dropna()


def standardised(returns: pd.Series) -> pd.Series:
    """Returns over their conditional standard deviation, GARCH(1,1) (arch).

    Raises
    ------
    StudyError
        If the likelihood has no maximum.
    """
    from arch import arch_model

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
    log_likelihood, constant_log_likelihood : float
        Of the correlation part, with and without movement.
    """

    news: float
    decay: float
    correlation: pd.Series
    log_likelihood: float
    constant_log_likelihood: float


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
    """
    from scipy.optimize import minimize

    values = pairs.to_numpy(dtype=float)
    if len(values) < FEWEST_PAIRS or np.isnan(values).any():
        raise StudyError(
            f"A conditional correlation needs {FEWEST_PAIRS} pairs without gaps; "
            f"there are {len(values)}, {int(np.isnan(values).any(axis=1).sum())} of "
            "them with a gap."
        )
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
    path = dcc_path(values, news, decay)
    still = np.full(len(values), np.mean(values[:, 0] * values[:, 1]))
    return ConditionalCorrelation(
        news=news,
        decay=decay,
        correlation=pd.Series(path, index=pairs.index),
        log_likelihood=_correlation_likelihood(values, path),
        constant_log_likelihood=_correlation_likelihood(values, still),
    )


def dcc_path(values: np.ndarray, news: float, decay: float) -> np.ndarray:
    """Correlation of each row given those before it, (T,).

    Parameters
    ----------
    values : (T, 2), standardised returns
    news, decay : float
        ``Q_t = (1 - news - decay) S + news z z' + decay Q_(t-1)``, where S is
        the mean of ``z z'`` and the start.
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
    n_before, n_after : int
    """

    before: float
    after: float
    change: float
    se: float
    ci_low: float
    ci_high: float
    p_value: float
    n_before: int
    n_after: int


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
    """
    from scipy.stats import norm

    values = pairs.to_numpy(dtype=float)
    at = int(pairs.index.searchsorted(split))
    stretches = (values[:at], values[at:])
    if min(map(len, stretches)) < FEWEST_PAIRS:
        raise StudyError(
            f"{len(stretches[0])} pairs before {split:%Y-%m-%d} and "
            f"{len(stretches[1])} from then on: {FEWEST_PAIRS} are needed in each."
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
        n_before=len(stretches[0]),
        n_after=len(stretches[1]),
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
