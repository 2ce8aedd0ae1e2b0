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

import numpy as np
import pandas as pd

from helpers.errors import StudyError
from helpers.study.frames import check_signs

ROWS_A_PARAMETER = 4
# Rows between two shifts of a group against the other, and of a resampled block.
SHIFT, BLOCK = 20, 10


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
) -> pd.DataFrame:
    """Decompose the forecast errors of a vector autoregression.

    Parameters
    ----------
    returns : DataFrame
        One column a series, without gaps, rows in order.
    lags : int
        Of the autoregression.
    horizon : int
        Rows ahead of the forecast.

    Returns
    -------
    DataFrame, N x N
        Row: the series whose error it is; column: whose surprise it comes from.
        Each row adds up to 1.

    Raises
    ------
    StudyError
        If a value is missing or there are too few rows for the lags.

    Examples
    --------
    >>> from helpers import connectedness, load_returns
    >>> returns = load_returns(["AMD", "NVDA", "QCOM"]).dropna()
    >>> connectedness(returns).loc["AMD"].round(2).tolist()
    [0.56, 0.26, 0.18]
    """
    values = returns.to_numpy(dtype=float)
    rows, series = values.shape
    check_signs(values)
    if np.isnan(values).any():
        raise StudyError("Connectedness needs returns without gaps: drop them first.")
    if rows < ROWS_A_PARAMETER * (series * lags + 1) + lags:
        raise StudyError(
            f"{rows} rows are too few for {series} series with {lags} lags: "
            f"{ROWS_A_PARAMETER} are needed for each coefficient of an equation."
        )
    shares = generalised_shares(*autoregression(values, lags, horizon))
    return pd.DataFrame(shares, index=returns.columns, columns=returns.columns)


def received(shares: pd.DataFrame, by: Sequence[str], source: Sequence[str]) -> float:
    """Mean share of the errors of the series `by` that comes from `source`."""
    return float(shares.loc[list(by), list(source)].sum(axis=1).mean())


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
) -> pd.DataFrame:
    """Connectedness of two groups over windows that end ever later.

    Parameters
    ----------
    returns : DataFrame
        As for :func:`connectedness`.
    by, source : sequence of str
        Columns.
    window, step : int
        Rows of a window, and between the ends of two.

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
    found = {}
    for end in reversed(range(len(returns), window - 1, -step)):
        shares = connectedness(returns.iloc[end - window : end])
        ways = received(shares, by, source), received(shares, source, by)
        found[returns.index[end - 1]] = dict(
            zip(("received", "given"), ways, strict=True)
        )
    return pd.DataFrame.from_dict(found, orient="index")


def received_by_chance(
    returns: pd.DataFrame,
    by: Sequence[str],
    source: Sequence[str],
    *,
    window: int = 250,
) -> float:
    """What one group receives from the other where nothing ties their dates.

    A share cannot fall below zero, so that noise alone gives something. The source's
    rows are therefore shifted against the others', every twenty rows: each group keeps
    its own links and its calm and wild times, and only what ties one to the other is
    lost.

    Parameters
    ----------
    returns, by, source, window
        As for :func:`rolling_connectedness`.

    Returns
    -------
    float
        The share that 95 % of such windows stay below.

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
    rows, names = len(returns), list(source)
    if rows < 2 * window:
        raise StudyError(f"{rows} rows are fewer than two windows of {window}.")
    found = []
    for shift in range(window, rows - window + 1, SHIFT):
        apart = returns.copy()
        apart[names] = np.roll(returns[names].to_numpy(), shift, axis=0)
        for end in range(rows, window - 1, -window):
            shares = connectedness(apart.iloc[end - window : end])
            found.append(received(shares, by, source))
    return float(np.quantile(found, 0.95))


def received_change(
    returns: pd.DataFrame,
    split: pd.Timestamp,
    by: Sequence[str],
    source: Sequence[str],
    *,
    draws: int = 200,
    seed: int = 0,
) -> pd.Series:
    """What two groups receive from each other, before and from a date on.

    A share cannot fall below zero and noise alone lifts it, by more the fewer
    rows there are; the null distribution is therefore that of the same two
    lengths drawn, by blocks of ten rows, from all rows mixed.

    Parameters
    ----------
    returns : DataFrame
    split : Timestamp
        First date that counts as after.
    by, source : sequence of str
        Columns; the mean of both directions is taken.
    draws, seed : int

    Returns
    -------
    Series
        before, after, change, null_low, null_high (95 % of changes under no
        change) and p_value (two-sided).

    Raises
    ------
    StudyError
        As :func:`connectedness`, of the rows before or after.

    Examples
    --------
    >>> from helpers import load_returns, received_change
    >>> returns = load_returns(["AMD", "NVDA", "QCOM"]).dropna()
    >>> change = received_change(returns, "2025-01-27", ["NVDA"], ["AMD", "QCOM"])
    >>> change.index.tolist()
    ['before', 'after', 'change', 'null_low', 'null_high', 'p_value']
    """
    rows, at = len(returns), int(returns.index.searchsorted(split))

    def both_ways(part: pd.DataFrame) -> float:
        shares = connectedness(part)
        return (received(shares, by, source) + received(shares, source, by)) / 2

    before, after = both_ways(returns.iloc[:at]), both_ways(returns.iloc[at:])
    rng = np.random.default_rng(seed)
    null = np.empty(draws)
    for draw in range(draws):
        starts = rng.integers(rows, size=(-(-rows // BLOCK), 1))
        mixed = returns.iloc[(starts + np.arange(BLOCK)).ravel()[:rows] % rows]
        null[draw] = both_ways(mixed.iloc[at:]) - both_ways(mixed.iloc[:at])
    change = after - before
    low, high = np.quantile(null, [0.025, 0.975])
    beyond = int((np.abs(null) >= abs(change)).sum())
    names = ["before", "after", "change", "null_low", "null_high", "p_value"]
    found = [before, after, change, low, high, (1 + beyond) / (1 + draws)]
    return pd.Series(found, index=names)
