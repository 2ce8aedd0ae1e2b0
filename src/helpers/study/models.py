"""Normal-return models: what a share would have earned without the event.

Each model turns the moments of the estimation window into an intercept,
loadings, a residual variance and the covariance that parameter error adds to a
forecast. :mod:`helpers.study.fit` does the rest alike for all of them.

References
----------
Brown, S. J. and Warner, J. B. (1985), Journal of Financial Economics 14.
Dimson, E. (1979), Journal of Financial Economics 7.
Huber, P. J. (1981), Robust Statistics.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from warnings import catch_warnings, simplefilter

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from helpers.study.least_squares import (
    DEGENERATE,
    Moments,
    Rows,
    inverse_of,
    window_rows,
)

# Below this share of unexplained variation, residuals are summed one by one.
CLOSE_FIT = 1e-3
# Reweightings after which Huber's estimator is given up.
ROUNDS = 200
CELLS_AT_ONCE = 100_000


@dataclass(frozen=True)
class NormalModel:
    """How a model is set up.

    Attributes
    ----------
    name : str
    needs : tuple of {"benchmark", "sector", "factors"}
    factor_columns : tuple of str
        Columns of the factor frame, for models that name them.
    lagged : bool
        The benchmark enters with leads and lags on the share's own sessions.
    iterative : bool
        Fitted window by window rather than in closed form.
    alpha : bool
        The intercept is part of the normal return; else it is estimated, so that
        the loadings and the residual variance are those of the same model with
        it, and then left in the abnormal return. Over many sessions a window's
        alpha, which is last season's luck, would outweigh everything else.
    """

    name: str
    needs: tuple[str, ...] = ("benchmark",)
    factor_columns: tuple[str, ...] = ()
    lagged: bool = False
    iterative: bool = False
    alpha: bool = True


MODELS = {
    model.name: model
    for model in (
        NormalModel("mean", needs=()),
        NormalModel("market_adjusted"),
        NormalModel("market"),
        NormalModel("market_sector", needs=("benchmark", "sector")),
        NormalModel("market_zero_alpha", alpha=False),
        NormalModel(
            "market_sector_zero_alpha", needs=("benchmark", "sector"), alpha=False
        ),
        NormalModel("factors", needs=("factors",)),
        NormalModel("capm", needs=("factors",), factor_columns=("mkt_rf",)),
        NormalModel("ff3", needs=("factors",), factor_columns=("mkt_rf", "smb", "hml")),
        NormalModel(
            "ff5",
            needs=("factors",),
            factor_columns=("mkt_rf", "smb", "hml", "rmw", "cma"),
        ),
        NormalModel("dimson", lagged=True),
        NormalModel("huber", iterative=True),
        NormalModel("garch", iterative=True),
    )
}


@dataclass
class Estimates:
    """N fitted models.

    Attributes
    ----------
    alpha : (N,); beta : (N, K)
    residual_ss : (N,), sum of squared estimation residuals
    dof : (N,), its degrees of freedom
    n : (N,), observations
    r_squared : (N,)
    x_mean : (N, K); inverse : (N, K, K), inverse of the centred cross products
    constant : bool, an intercept is part of the normal return
    variance_ratio : (N, W) or None, forecast variance of each event day over
        the residual variance (GARCH only)
    """

    alpha: np.ndarray
    beta: np.ndarray
    residual_ss: np.ndarray
    dof: np.ndarray
    n: np.ndarray
    r_squared: np.ndarray
    x_mean: np.ndarray
    inverse: np.ndarray
    constant: bool
    variance_ratio: np.ndarray | None = None

    @property
    def sigma(self) -> np.ndarray:
        """Residual standard deviation (N,), NaN where it is undefined."""
        dof = np.where(self.dof > 0, self.dof, np.nan)
        sigma: np.ndarray = np.sqrt(self.residual_ss / dof)
        return sigma


def least_squares(moments: Moments, rows: Rows) -> Estimates:
    """OLS with an intercept, in closed form from the moments."""
    inverse, solvable = inverse_of(moments)
    beta = np.einsum("njk,nk->nj", inverse, moments.xy)
    alpha = moments.y_mean - np.einsum("nk,nk->n", beta, moments.x_mean)
    residual_ss = moments.yy - np.einsum("nk,nk->n", beta, moments.xy)
    # The difference of two nearly equal sums has few digits left.
    close = np.flatnonzero(solvable & ~(residual_ss > CLOSE_FIT * moments.yy))
    if len(close):
        y, x, masked = window_rows(*rows.of(close))
        residual = y - alpha[close, None] - np.einsum("ntk,nk->nt", x, beta[close])
        residual = np.where(masked | np.isnan(residual), 0.0, residual)
        residual_ss[close] = np.einsum("nt,nt->n", residual, residual)
    # What is no more than rounding of the values is no residual.
    raw = moments.yy + moments.n * moments.y_mean**2
    residual_ss = np.where(residual_ss > DEGENERATE * raw, residual_ss, np.nan)
    variation = np.where(np.isnan(residual_ss), np.nan, moments.yy)
    return Estimates(
        alpha=alpha,
        beta=beta,
        residual_ss=residual_ss,
        dof=moments.n - len(rows.sample.x) - 1,
        n=moments.n,
        r_squared=1 - residual_ss / variation,
        x_mean=moments.x_mean,
        inverse=inverse,
        constant=True,
    )


def without_alpha(found: Estimates) -> Estimates:
    """The same loadings and errors with an intercept of zero, which has no error."""
    return replace(
        found,
        alpha=np.zeros_like(found.alpha),
        x_mean=np.zeros_like(found.x_mean),
        constant=False,
    )


def benchmark_adjusted(found: Estimates) -> Estimates:
    """Nothing estimated: the benchmark is the normal return.

    `found` are estimates of the difference. Its variance is taken about its mean
    (Brown and Warner 1985), while the abnormal return keeps that mean.
    """
    count = len(found.n)
    return replace(
        without_alpha(found),
        beta=np.ones((count, 1)),
        r_squared=np.full(count, np.nan),
        x_mean=np.zeros((count, 1)),
        inverse=np.zeros((count, 1, 1)),
    )


def huber(ordinary: Estimates, rows: Rows) -> Estimates:
    """Loadings by Huber's M-estimator (statsmodels), which outliers move less.

    The residual variance is still that of all residuals: a scale that ignores
    large days would call every large day significant. It has no value where
    the estimator finds none.
    """
    from statsmodels.robust.norms import HuberT
    from statsmodels.robust.robust_linear_model import RLM
    from statsmodels.tools.sm_exceptions import ConvergenceWarning

    for i, y, x in _each_window(ordinary, rows):
        design = np.column_stack([np.ones(len(y)), x])
        # More than half the residuals alike leave a scale of zero or of rounding,
        # which is looked for below.
        with catch_warnings(), np.errstate(all="ignore"):
            simplefilter("ignore", ConvergenceWarning)
            found = RLM(y, design, M=HuberT()).fit(maxiter=ROUNDS)
        settled = found.scale > DEGENERATE * np.abs(y).max()
        settled &= found.fit_history["iteration"] < ROUNDS
        _replace(ordinary, i, found.params if settled else None, y, x)
    return ordinary


def garch(ordinary: Estimates, rows: Rows, ahead: np.ndarray) -> Estimates:
    """Market model with GARCH(1,1) errors (arch), variance forecast day by day.

    `ahead` holds the distance in sessions from the estimation window's end to
    each event day; days left out of estimation are passed over. The residual
    variance has no value where the likelihood has no maximum.
    """
    from arch.univariate import GARCH, LS

    ratio = np.full((len(rows.start), len(ahead)), np.nan)
    percent = 100.0  # arch's optimiser wants numbers near 1
    for i, y, x in _each_window(ordinary, rows):
        model = LS(y * percent, x=x * percent, volatility=GARCH(), rescale=False)
        found = model.fit(disp="off", show_warning=False)
        params = found.params.to_numpy().copy()
        params[0] /= percent
        mean, (omega, a, b) = params[:-3], params[-3:]
        _replace(ordinary, i, mean if found.convergence_flag == 0 else None, y, x)
        last = found.conditional_volatility[-1] ** 2
        # One step ahead from the last observation; then the recursion's mean.
        variance = np.empty(ahead.max())
        variance[0] = omega + a * found.resid[-1] ** 2 + b * last
        for step in range(1, len(variance)):
            variance[step] = omega + (a + b) * variance[step - 1]
        daily = variance[ahead - 1] / percent**2
        ratio[i] = daily / (ordinary.residual_ss[i] / ordinary.dof[i])
    ordinary.variance_ratio = ratio
    return ordinary


def _each_window(
    ordinary: Estimates, rows: Rows
) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Number, y (M,) and x (M, K) without gaps of each window that has a fit."""
    for i in np.flatnonzero(np.isfinite(ordinary.sigma)):
        one = slice(i, i + 1)
        y, x, masked = window_rows(*rows.of(one))
        used = ~(np.isnan(y[0]) | np.isnan(x[0]).any(axis=1) | masked[0])
        yield int(i), y[0, used], np.ascontiguousarray(x[0, used])


def _replace(
    ordinary: Estimates,
    i: int,
    params: np.ndarray | None,
    y: np.ndarray,
    x: np.ndarray,
) -> None:
    """Put other parameters in the place of those of fit `i`; None for no fit."""
    if params is None or not np.isfinite(params).all():
        ordinary.residual_ss[i] = np.nan
        return
    residual = y - params[0] - x @ params[1:]
    ordinary.alpha[i], ordinary.beta[i] = params[0], params[1:]
    ordinary.residual_ss[i] = residual @ residual
    ordinary.r_squared[i] = 1 - residual @ residual / ((y - y.mean()) ** 2).sum()


def unexplained(rows: Rows, found: Estimates) -> np.ndarray:
    """What the model leaves of each window, (N, length); NaN where missing."""
    sample, column, start, length = rows
    out = np.empty((len(start), length))
    flat = column * sample.y.shape[1] + start
    y = sliding_window_view(sample.y.reshape(-1), length)
    x = [sliding_window_view(series, length) for series in sample.x]
    # In pieces that stay in the processor's cache.
    step = max(1, CELLS_AT_ONCE // length)
    for first in range(0, len(start), step):
        part = slice(first, first + step)
        np.subtract(y[flat[part]], found.alpha[part, None], out=out[part])
        for k, series in enumerate(x):
            out[part] -= series[start[part]] * found.beta[part, k, None]
    return out
