"""Leads, lags and common factors of markets that trade one after another.

References
----------
Dimson, E. (1979), Journal of Financial Economics 7 (leads and lags).
Newey, W. K. and West, K. D. (1987), Econometrica 55.
Hotelling, H. (1931), Annals of Mathematical Statistics 2.
Schönemann, P. H. (1966), Psychometrika 31 (turning resampled components back).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.errors import StudyError

FEWEST_ROWS = 60
LEADS = {"one session earlier": 1, "session before": 0, "session after": -1}


def lead_lag(pairs: pd.DataFrame, *, hac_lags: int = 5) -> pd.DataFrame:
    """Regress the follower on the leader's sessions around its own.

    Parameters
    ----------
    pairs : DataFrame
        Columns leader and follower as :func:`comovement.pair_by_clock` gives
        them: a row holds the leader's session before the follower's.
    hac_lags : int
        Lags of the Newey-West errors.

    Returns
    -------
    DataFrame
        Rows "one session earlier", "session before" and "session after" (the
        leader's, all in one regression): coefficient, se, t, p_value, ci_low,
        ci_high (95 %).

    Raises
    ------
    StudyError
        If there are fewer than 60 rows.

    Examples
    --------
    >>> from helpers import lead_lag, load_returns, pair_by_clock
    >>> returns = load_returns(["^SOX", "^HSI"])
    >>> pairs = pair_by_clock(returns["^SOX"], returns["^HSI"], leader_first=False)
    >>> lead_lag(pairs)["coefficient"].round(2).to_dict()
    {'one session earlier': 0.01, 'session before': 0.17, 'session after': 0.13}
    """
    import statsmodels.api as sm

    columns = {name: pairs["leader"].shift(lag) for name, lag in LEADS.items()}
    table = pd.DataFrame({"own": pairs["follower"], **columns}).dropna()
    if len(table) < FEWEST_ROWS:
        raise StudyError(
            f"{len(table)} rows are too few for leads and lags: {FEWEST_ROWS} needed."
        )
    design = sm.add_constant(table[list(LEADS)])
    found = sm.OLS(table["own"], design).fit(
        cov_type="HAC", cov_kwds={"maxlags": hac_lags}
    )
    interval = found.conf_int()
    out = pd.DataFrame(
        {
            "coefficient": found.params,
            "se": found.bse,
            "t": found.tvalues,
            "p_value": found.pvalues,
            "ci_low": interval[0],
            "ci_high": interval[1],
        }
    )
    return out.loc[list(LEADS)]


@dataclass(frozen=True)
class Components:
    """Principal components of standardised series.

    Attributes
    ----------
    loadings : DataFrame, series x components
        Correlation of each series with each component.
    low, high : DataFrame
        95 % interval of each loading, from resampled blocks.
    shares : Series
        Share of the variance that each component carries.
    """

    loadings: pd.DataFrame
    low: pd.DataFrame
    high: pd.DataFrame
    shares: pd.Series


def principal_components(
    returns: pd.DataFrame,
    count: int = 2,
    *,
    block: int = 10,
    draws: int = 300,
    seed: int = 0,
) -> Components:
    """Take the first components of the series' correlation matrix.

    The sign of each is chosen so that its loadings add up to more than zero;
    resampled ones are turned to the nearest of the whole sample's.

    Parameters
    ----------
    returns : DataFrame
        Without gaps.
    count : int
        Components kept.
    block, draws, seed : int
        Of the block bootstrap.

    Raises
    ------
    StudyError
        If there are gaps, fewer than 60 rows or fewer series than components.

    Examples
    --------
    >>> from helpers import load_returns, principal_components
    >>> returns = load_returns(["AMD", "AVGO", "MRVL", "QCOM"]).dropna()
    >>> principal_components(returns, draws=50).shares.round(2).tolist()
    [0.69, 0.12]
    """
    values = returns.to_numpy(dtype=float)
    rows, series = values.shape
    if rows < FEWEST_ROWS or series < count or np.isnan(values).any():
        raise StudyError(
            f"Components need {FEWEST_ROWS} rows without gaps and {count} series; "
            f"there are {rows} and {series}."
        )
    loadings, shares = _components(values, count)
    loadings *= np.where(loadings.sum(axis=0) < 0, -1.0, 1.0)
    rng = np.random.default_rng(seed)
    drawn = np.empty((draws, series, count))
    for draw in range(draws):
        starts = rng.integers(rows, size=(-(-rows // block), 1))
        chosen = (starts + np.arange(block)).ravel()[:rows] % rows
        found, _ = _components(values[chosen], count)
        left, _, right = np.linalg.svd(found.T @ loadings)
        drawn[draw] = found @ left @ right
    names = [f"factor {number}" for number in range(1, count + 1)]

    def frame(table: np.ndarray) -> pd.DataFrame:
        return pd.DataFrame(table, index=returns.columns, columns=names)

    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    return Components(
        loadings=frame(loadings),
        low=frame(low),
        high=frame(high),
        shares=pd.Series(shares, index=names),
    )


def _components(values: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    sizes, vectors = np.linalg.eigh(np.corrcoef(values.T))
    sizes, vectors = sizes[::-1][:count], vectors[:, ::-1][:, :count]
    return vectors * np.sqrt(sizes), sizes / values.shape[1]


def equal_means(table: pd.DataFrame) -> tuple[float, float]:
    """Test that the columns have one mean, rows being joint observations.

    Parameters
    ----------
    table : DataFrame
        Observations (such as events) x columns (such as groups), without gaps.

    Returns
    -------
    statistic, p_value : float
        Hotelling's T squared of the differences from the first column, and the
        p-value of its F.

    Raises
    ------
    StudyError
        If there is one column only, or there are not more rows than columns.
    """
    from scipy.stats import f

    values = table.to_numpy(dtype=float)
    if values.shape[1] < 2:
        raise StudyError(
            f"{', '.join(map(str, table.columns)) or 'Nothing'} alone cannot be told "
            "apart: give two columns or more."
        )
    differences = values[:, 1:] - values[:, :1]
    rows, count = differences.shape
    if rows <= count + 1 or np.isnan(differences).any():
        raise StudyError(
            f"{rows} joint observations cannot tell {count + 1} means apart."
        )
    mean = differences.mean(axis=0)
    covariance = np.atleast_2d(np.cov(differences.T))
    squared = float(rows * mean @ np.linalg.solve(covariance, mean))
    statistic = (rows - count) / (count * (rows - 1)) * squared
    return squared, float(f.sf(statistic, count, rows - count))
