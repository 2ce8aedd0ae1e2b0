"""Generalised variance decomposition against closed forms."""

import numpy as np
import pandas as pd
import pytest

from helpers import StudyError
from helpers.inference.connectedness import (
    autoregression,
    connectedness,
    generalised_shares,
    received,
    received_by_chance,
    received_change,
    rolling_connectedness,
)


def noise(rows, covariance, seed=0):
    rng = np.random.default_rng(seed)
    values = rng.standard_normal((rows, len(covariance)))
    return pd.DataFrame(
        values @ np.linalg.cholesky(np.array(covariance)).T,
        index=pd.bdate_range("2015-01-01", periods=rows),
        columns=list("abcdef"[: len(covariance)]),
    )


def test_one_row_ahead_shares_are_squared_correlations():
    covariance = np.array([[4.0, 1.2], [1.2, 1.0]])
    square = 1.2**2 / 4
    shares = generalised_shares(np.eye(2)[None], covariance)
    assert shares == pytest.approx(np.array([[1, square], [square, 1]]) / (1 + square))


def test_shares_of_an_autoregression_match_the_double_sum():
    dynamics = np.array([[0.5, 0.2, 0.0], [0.1, 0.3, 0.2], [0.0, -0.2, 0.4]])
    covariance = np.array([[1.0, 0.3, 0.1], [0.3, 2.0, -0.2], [0.1, -0.2, 0.5]])
    powers = np.stack([np.linalg.matrix_power(dynamics, h) for h in range(10)])
    expected = np.zeros((3, 3))
    for i in range(3):
        whole = sum((a @ covariance @ a.T)[i, i] for a in powers)
        for j in range(3):
            part = sum((a @ covariance)[i, j] ** 2 for a in powers)
            expected[i, j] = part / covariance[j, j] / whole
    expected /= expected.sum(axis=1, keepdims=True)
    assert generalised_shares(powers, covariance) == pytest.approx(expected)


@pytest.mark.parametrize("lags", [1, 3])
def test_autoregression_is_that_of_statsmodels(lags):
    from statsmodels.tsa.vector_ar.var_model import VAR

    values = noise(300, [[1, 0.5, 0.2], [0.5, 1, 0.3], [0.2, 0.3, 1]]).to_numpy()
    responses, covariance = autoregression(values, lags, 6)
    fitted = VAR(values).fit(lags)
    assert responses == pytest.approx(fitted.ma_rep(5), abs=1e-12)
    assert covariance == pytest.approx(np.asarray(fitted.sigma_u))


def test_order_of_the_series_does_not_matter():
    returns = noise(600, [[1, 0.5, 0.2], [0.5, 1, 0.3], [0.2, 0.3, 1]])
    straight = connectedness(returns)
    turned = connectedness(returns[["c", "a", "b"]])
    assert straight.to_numpy() == pytest.approx(
        turned.loc[["a", "b", "c"], ["a", "b", "c"]].to_numpy()
    )


def test_long_sample_comes_near_the_truth():
    rho = 0.6
    found = connectedness(noise(20_000, [[1, rho], [rho, 1]]))
    assert found.sum(axis=1).to_list() == pytest.approx([1, 1])
    share = rho**2 / (1 + rho**2)
    assert received(found, ["a"], ["b"]) == pytest.approx(share, abs=0.01)


def test_a_lead_goes_one_way():
    rng = np.random.default_rng(3)
    lead = rng.standard_normal(5000)
    follow = np.concatenate([[0], lead[:-1]]) + rng.standard_normal(5000)
    found = connectedness(pd.DataFrame({"lead": lead, "follow": follow}))
    assert received(found, ["follow"], ["lead"]) == pytest.approx(0.5, abs=0.03)
    assert received(found, ["lead"], ["follow"]) < 0.01


def test_rolling_windows_see_a_link_break():
    joined = noise(600, [[1, 0.7], [0.7, 1]])
    apart = noise(600, [[1, 0], [0, 1]], seed=1)
    both = pd.concat([joined, apart]).set_axis(pd.bdate_range("2015", periods=1200))
    rolling = rolling_connectedness(both, ["a"], ["b"], window=250, step=50)
    assert rolling.index[-1] == both.index[-1]
    assert rolling["received"].iloc[0] > 0.25
    assert rolling["received"].iloc[-1] < 0.05


def test_chance_alone_gives_something_and_a_link_more():
    apart = noise(1500, [[1, 0], [0, 1]], seed=3)
    level = received_by_chance(apart, ["a"], ["b"], window=250)
    path = rolling_connectedness(apart, ["a"], ["b"], window=250, step=250)
    assert 0 < level < 0.05
    assert (path["received"] <= level).mean() > 0.5
    joined = noise(1500, [[1, 0.7], [0.7, 1]], seed=4)
    # Shifted apart, a link of whatever size looks like none.
    shifted = received_by_chance(joined, ["a"], ["b"], window=250)
    assert shifted == pytest.approx(level, abs=0.02)
    with pytest.raises(StudyError, match="two windows"):
        received_by_chance(apart.iloc[:300], ["a"], ["b"], window=250)


def test_change_is_judged_against_mixed_rows():
    joined = noise(400, [[1, 0.5], [0.5, 1]])
    apart = noise(400, [[1, 0], [0, 1]], seed=2)
    both = pd.concat([joined, apart]).set_axis(pd.bdate_range("2015", periods=800))
    broken = received_change(both, both.index[400], ["a"], ["b"])
    assert broken["change"] < broken["null_low"]
    assert broken["p_value"] < 0.02
    same = received_change(joined, joined.index[200], ["a"], ["b"])
    assert same["p_value"] > 0.05


def test_bad_input_gives_no_number():
    returns = noise(100, [[1, 0], [0, 1]])
    with pytest.raises(StudyError, match="without gaps"):
        connectedness(returns.drop(index=returns.index[5]).reindex(returns.index))
    with pytest.raises(StudyError, match="too few"):
        connectedness(returns.iloc[:10])
    with pytest.raises(StudyError, match="fewer than a window"):
        rolling_connectedness(returns, ["a"], ["b"], window=101)
