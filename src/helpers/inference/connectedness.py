"""Which markets' surprises reach which: generalised variance decomposition.

A vector autoregression forecasts all series; what share of a
series' forecast error comes from surprises in another one is their
connectedness. The generalised decomposition does not depend on the order of the
series: surprises of one row that come together are counted both ways.

References
----------
Diebold, F. X. and Yilmaz, K. (2012), International Journal of Forecasting 28;
(2014), Journal of Econometrics 182.
Pesaran, H. H. and Shin, Y. (1998), Economics Letters 58.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.errors import StudyError
from helpers.study.frames import check_signs

ROWS_A_PARAMETER = 4


@dataclass(frozen=True)
class Connectedness:
    """Shares of forecast-error variance.

    Attributes
    ----------
    shares : DataFrame, N x N
        Row: the series whose error it is; column: whose surprise it comes from.
        Each row adds up to 1.
    """

    shares: pd.DataFrame

    @property
    def total(self) -> float:
        """Mean share that comes from other series."""
        values = self.shares.to_numpy()
        return float(1 - np.trace(values) / len(values))

    def received(self, by: Sequence[str], source: Sequence[str]) -> float:
        """Mean share of the errors of the series `by` that comes from `source`."""
        block = self.shares.loc[list(by), list(source)]
        return float(block.sum(axis=1).mean())


def generalised_shares(
    moving_average: np.ndarray, covariance: np.ndarray
) -> np.ndarray:
    """Generalised decomposition (N, N), each row scaled to add up to 1.

    `moving_average` (H, N, N) holds the responses to surprises 0 to H - 1 rows before,
    the first the identity; `covariance` (N, N) is that of the surprises.
    """
    reached = moving_average @ covariance
    own = np.einsum("hij,hij->i", reached, moving_average)
    shares = (reached**2).sum(axis=0) / np.diag(covariance) / own[:, None]
    out: np.ndarray = shares / shares.sum(axis=1, keepdims=True)
    return out


def connectedness(
    returns: pd.DataFrame, *, lags: int = 1, horizon: int = 10
) -> Connectedness:
    """Decompose the forecast errors of a vector autoregression.

    Parameters
    ----------
    returns : DataFrame
        One column a series, without gaps, rows in order.
    lags : int
        Of the autoregression.
    horizon : int
        Rows ahead of the forecast.

    Raises
    ------
    StudyError
        If a value is missing or there are too few rows for the lags.

    Examples
    --------
    >>> from helpers import connectedness, load_returns
    >>> returns = load_returns(["AMD", "NVDA", "QCOM"]).dropna()
    >>> found = connectedness(returns)
    >>> round(found.total, 2)
    0.42
    """
    values = returns.to_numpy(dtype=float)
    _check(values, lags)
    shares = generalised_shares(*autoregression(values, lags, horizon))
    return Connectedness(
        pd.DataFrame(shares, index=returns.columns, columns=returns.columns)
    )


def _check(values: np.ndarray, lags: int) -> None:
    rows, series = values.shape
    check_signs(values)
    if np.isnan(values).any():
        raise StudyError("Connectedness needs returns without gaps: drop them first.")
    if rows < ROWS_A_PARAMETER * (series * lags + 1) + lags:
        raise StudyError(
            f"{rows} rows are too few for {series} series with {lags} lags: "
            f"{ROWS_A_PARAMETER} are needed for each coefficient of an equation."
        )


def autoregression(
    values: np.ndarray, lags: int, horizon: int
) -> tuple[np.ndarray, np.ndarray]:
    """Responses (H, N, N) and surprise covariance (N, N) of a VAR fitted to (T, N).

    As statsmodels' VAR gives them; resampling fits it a thousand times, and this
    is ten times as fast.
    """
    rows, series = values.shape
    past = [values[lags - lag : rows - lag] for lag in range(1, lags + 1)]
    design = np.column_stack([np.ones(rows - lags), *past])
    coefficients, *_ = np.linalg.lstsq(design, values[lags:], rcond=None)
    error = values[lags:] - design @ coefficients
    covariance = error.T @ error / (len(error) - design.shape[1])
    steps = coefficients[1:].T.reshape(series, lags, series)
    responses = np.zeros((horizon, series, series))
    responses[0] = np.eye(series)
    for ahead in range(1, horizon):
        for lag in range(1, min(lags, ahead) + 1):
            responses[ahead] += steps[:, lag - 1] @ responses[ahead - lag]
    return responses, covariance


def rolling_connectedness(
    returns: pd.DataFrame,
    by: Sequence[str],
    source: Sequence[str],
    *,
    window: int = 250,
    step: int = 10,
    lags: int = 1,
    horizon: int = 10,
) -> pd.DataFrame:
    """Connectedness of two groups over windows that end ever later.

    Returns
    -------
    DataFrame
        By the last row of each window: ``received`` by the first group from the
        second, ``given`` by it to the second.

    Raises
    ------
    StudyError
        If the returns are shorter than the window.

    Examples
    --------
    >>> from helpers import load_returns, rolling_connectedness
    >>> returns = load_returns(["AMD", "NVDA", "QCOM"]).dropna().tail(400)
    >>> found = rolling_connectedness(returns, ["NVDA"], ["AMD", "QCOM"])
    >>> found.iloc[-1].round(2).to_dict()
    {'received': 0.21, 'given': 0.1}
    """
    if len(returns) < window:
        raise StudyError(f"{len(returns)} rows are fewer than a window of {window}.")
    ends = range(len(returns), window - 1, -step)
    found = {}
    for end in reversed(ends):
        part = connectedness(
            returns.iloc[end - window : end], lags=lags, horizon=horizon
        )
        found[returns.index[end - 1]] = {
            "received": part.received(by, source),
            "given": part.received(source, by),
        }
    return pd.DataFrame.from_dict(found, orient="index")


def received_by_chance(
    returns: pd.DataFrame,
    by: Sequence[str],
    source: Sequence[str],
    *,
    window: int = 250,
    step: int = 20,
    level: float = 0.95,
) -> float:
    """What one group receives from the other where nothing ties their dates.

    A share cannot fall below zero, so that noise alone gives something. The source's
    rows are therefore shifted against the others', every `step` rows: each group keeps
    its own links and its calm and wild times, and only what ties one to the other is
    lost.

    Parameters
    ----------
    returns, by, source
        As for :func:`rolling_connectedness`.
    window : int
        Rows of each window.
    step : int
        Rows between two shifts.
    level : float
        Share of windows below the level that is returned.

    Raises
    ------
    StudyError
        If there are not two windows of rows to shift against each other.

    Examples
    --------
    >>> noise = np.random.default_rng(0).standard_normal((600, 2))
    >>> apart = pd.DataFrame(noise, columns=["one", "other"])
    >>> round(received_by_chance(apart, ["one"], ["other"], window=250), 2)
    0.01
    """
    rows = len(returns)
    if rows < 2 * window:
        raise StudyError(f"{rows} rows are fewer than two windows of {window}.")
    received = []
    for shift in range(window, rows - window + 1, step):
        apart = returns.copy()
        rolled = np.roll(apart[list(source)].to_numpy(), shift, axis=0)
        apart[list(source)] = rolled
        for end in range(rows, window - 1, -window):
            part = connectedness(apart.iloc[end - window : end])
            received.append(part.received(by, source))
    return float(np.quantile(received, level))


def received_change(
    returns: pd.DataFrame,
    split: pd.Timestamp,
    by: Sequence[str],
    source: Sequence[str],
    *,
    block: int = 10,
    draws: int = 200,
    seed: int = 0,
) -> pd.Series:
    """What one group receives from the other, before and from a date on.

    A share cannot fall below zero and noise alone lifts it, by more the fewer
    rows there are; the null distribution is therefore that of the same two
    lengths drawn, by blocks, from all rows mixed.

    Parameters
    ----------
    returns : DataFrame
    split : Timestamp
        First date that counts as after.
    by, source : sequence of str
        Columns; the mean of both directions is taken.
    block, draws, seed : int

    Returns
    -------
    Series
        before, after, change, null_low, null_high (95 % of changes under no
        change) and p_value (two-sided).

    Examples
    --------
    >>> from helpers import load_returns, received_change
    >>> returns = load_returns(["AMD", "NVDA", "QCOM"]).dropna()
    >>> change = received_change(returns, "2025-01-27", ["NVDA"], ["AMD", "QCOM"])
    >>> change.index.tolist()
    ['before', 'after', 'change', 'null_low', 'null_high', 'p_value']
    """
    at = int(returns.index.searchsorted(split))

    one = returns.columns.get_indexer(list(by))
    two = returns.columns.get_indexer(list(source))
    values = returns.to_numpy(dtype=float)

    def both_ways(part: np.ndarray) -> float:
        shares = generalised_shares(*autoregression(part, 1, 10))
        ways = shares[np.ix_(one, two)], shares[np.ix_(two, one)]
        return float(sum(way.sum(axis=1).mean() for way in ways) / 2)

    for part in (values[:at], values[at:]):
        _check(part, 1)
    before, after = both_ways(values[:at]), both_ways(values[at:])
    rng = np.random.default_rng(seed)
    rows = len(returns)
    null = np.empty(draws)
    for draw in range(draws):
        starts = rng.integers(rows, size=(-(-rows // block), 1))
        chosen = (starts + np.arange(block)).ravel()[:rows] % rows
        mixed = values[chosen]
        null[draw] = both_ways(mixed[at:]) - both_ways(mixed[:at])
    change = after - before
    beyond = int((np.abs(null) >= abs(change)).sum())
    return pd.Series(
        {
            "before": before,
            "after": after,
            "change": change,
            "null_low": float(np.quantile(null, 0.025)),
            "null_high": float(np.quantile(null, 0.975)),
            "p_value": (1 + beyond) / (1 + draws),
        }
    )
