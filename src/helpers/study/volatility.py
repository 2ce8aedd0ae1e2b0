"""Abnormal volatility: how much larger than usual the surprises are.

References
----------
Beaver, W. H. (1968), Journal of Accounting Research 6.
Landsman, W. R. and Maydew, E. L. (2002), Journal of Accounting Research 40.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from helpers.study.fit import Design, Fit


@dataclass(frozen=True)
class VolatilityDesign(Design):
    """A study of the size of abnormal returns rather than of their sign.

    The size of an estimation residual is taken over sqrt(1 - h), that of an
    abnormal return over sqrt(1 + h), h being its leverage: a residual is smaller
    than the error behind it and a forecast error larger, which would pass for a
    rise of volatility. The mean size in the estimation window is the normal
    volatility, its standard deviation the error of one day.
    """

    measure: str = "volatility"

    def fit(self, sample: np.ndarray, column: np.ndarray, position: np.ndarray) -> Fit:
        """Fit N events, given by sample, share and position of day 0."""
        returns = super().fit(sample, column, position)
        first, last = self.windows.event
        spread = [returns.variance_factor(day, day) for day in range(first, last + 1)]
        sizes = np.abs(returns.abnormal) / np.sqrt(np.column_stack(spread))
        room = 1 - returns.leverage
        # Leverage one: the session alone sets a parameter and has no residual.
        room = np.where(room > np.finfo(float).eps, room, np.nan)
        usual = np.abs(returns.residuals) / np.sqrt(room)
        used = ~np.isnan(usual)
        n = used.sum(axis=1)
        some = np.maximum(n, 1)
        mean = np.where(used, usual, 0.0).sum(axis=1) / some
        away = np.where(used, usual - mean[:, None], 0.0)
        square = np.einsum("nt,nt->n", away, away)
        fitted = np.isfinite(returns.estimates.sigma)
        estimates = replace(
            returns.estimates,
            alpha=mean,
            beta=np.empty((len(n), 0)),
            residual_ss=np.where(fitted & (square > 0), square, np.nan),
            dof=n - 1.0,
            n=n.astype(float),
            r_squared=np.full(len(n), np.nan),
            x_mean=np.empty((len(n), 0)),
            inverse=np.empty((len(n), 0, 0)),
            constant=True,
        )
        return replace(
            returns,
            abnormal=sizes - mean[:, None],
            estimates=estimates,
            known_residuals=usual - mean[:, None],
        )
