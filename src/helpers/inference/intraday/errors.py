"""Standard errors of abnormal returns inside the day.

A sum of abnormal returns of five minutes has a variance that changes with the time
of day and holds what is left of their autocorrelation (bid and ask, stale prices of
an index). Both come from the estimation sessions: each period has its own scale,
and the autocovariances of the scaled residuals enter with Bartlett's weights, which
keep the variance positive (Newey and West 1987). The error of the parameters has
the same kernel. Autocovariances never reach across a night.

References
----------
Newey, W. K. and West, K. D. (1987), A simple, positive semi-definite,
heteroskedasticity and autocorrelation consistent covariance matrix, Econometrica 55.
Newey, W. K. and West, K. D. (1994), Automatic lag selection in covariance matrix
estimation, Review of Economic Studies 61.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.study.intraday.grid import NIGHT, SLOTS
from helpers.study.intraday.model import BARS, Estimate, IntradayModel


@dataclass(frozen=True)
class Noise:
    """What chance does to abnormal returns after one estimate.

    Attributes
    ----------
    scale : ndarray, (79,)
        Standard deviation of each period, decimal.
    kernel : ndarray, (J + 1,)
        Autocovariances of scaled bars at lags 0 to J, times Bartlett's weights.
    bars, night : ndarray, (K + 1, K + 1)
        Covariance of the parameters.
    """

    scale: np.ndarray
    kernel: np.ndarray
    bars: np.ndarray
    night: np.ndarray

    def variance(self, slots: list[np.ndarray], regressors: list[np.ndarray]) -> float:
        """Variance of a sum of abnormal returns.

        `slots` are the periods summed in each session, without a hole; `regressors`
        the benchmark returns (K, 79) of those sessions.
        """
        total = 0.0
        of_bars = np.zeros(len(self.bars))
        of_night = np.zeros(len(self.night))
        for chosen, x in zip(slots, regressors, strict=True):
            ones = np.vstack([np.ones(SLOTS), x])[:, chosen]
            at_night = chosen == NIGHT
            of_night += ones[:, at_night].sum(axis=1)
            of_bars += ones[:, ~at_night].sum(axis=1)
            total += float((self.scale[chosen[at_night]] ** 2).sum())
            scale = self.scale[chosen[~at_night]]
            for lag, weight in enumerate(self.kernel[: len(scale)]):
                pairs = float(scale[lag:] @ scale[: len(scale) - lag])
                total += weight * pairs * (1 if lag == 0 else 2)
        total += of_bars @ self.bars @ of_bars + of_night @ self.night @ of_night
        return float(total)


def noise(model: IntradayModel, estimate: Estimate) -> Noise:
    """The noise around one estimate of the model."""
    from statsmodels.stats.sandwich_covariance import weights_bartlett

    x = np.stack([model.regressors(row) for row in estimate.rows], axis=1)
    residuals = estimate.residuals
    count = int(np.isfinite(residuals).sum())
    lags = plug_in_lags(count)
    scaled = _padded(residuals, lags)
    products = [scaled[lag:] @ scaled[: len(scaled) - lag] for lag in range(lags + 1)]
    covariances = np.array(products) / count
    return Noise(
        scale=estimate.scale,
        kernel=covariances * weights_bartlett(lags),
        bars=_bars_covariance(x[:, :, BARS], residuals, estimate.scale[BARS], lags),
        night=_night_covariance(model, estimate, x[:, :, NIGHT]),
    )


def plug_in_lags(count: int) -> int:
    """Lags of the kernel for so many observations (Newey and West 1994)."""
    return int(4 * (count / 100) ** (2 / 9))


def _padded(values: np.ndarray, lags: int) -> np.ndarray:
    """Sessions end to end with zeros between, so that no lag crosses a night."""
    return np.pad(np.nan_to_num(values), ((0, 0), (0, lags))).ravel()


def _bars_covariance(
    x: np.ndarray, residuals: np.ndarray, scale: np.ndarray, lags: int
) -> np.ndarray:
    """Covariance of the bars' parameters, each bar over its scale."""
    present = np.isfinite(residuals)
    design = np.stack([np.ones_like(residuals), *x]) / scale
    design = np.where(present, design, 0.0)
    scores = design * np.where(present, residuals, 0.0)
    padded = np.column_stack([_padded(one, lags) for one in scores])
    return _sandwich(design.reshape(len(design), -1), padded, lags)


def _night_covariance(
    model: IntradayModel, estimate: Estimate, x: np.ndarray
) -> np.ndarray:
    """Covariance of the night's parameters, one observation a session."""
    y = model.grid.returns[model.symbol][estimate.rows, NIGHT]
    design = np.vstack([np.ones(len(y)), x])
    scores = design * (y - estimate.night @ design)
    return _sandwich(design, scores.T, plug_in_lags(len(y)))


def _sandwich(design: np.ndarray, scores: np.ndarray, lags: int) -> np.ndarray:
    """Newey-West covariance from the design, (K, N), and the scores, (N', K)."""
    from statsmodels.stats.sandwich_covariance import S_hac_simple

    bread = np.linalg.inv(design @ design.T)
    covariance: np.ndarray = bread @ S_hac_simple(scores, nlags=lags) @ bread
    return covariance
