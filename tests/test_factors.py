"""Leads, lags and factors: known answers."""

import numpy as np
import pandas as pd
import pytest

from helpers import StudyError
from helpers.inference.factors import equal_means, lead_lag, principal_components


def test_leads_and_lags_are_told_apart():
    rng = np.random.default_rng(0)
    leader = rng.standard_normal(3000)
    follower = 0.3 * leader + rng.standard_normal(3000)
    follower[1:] += 0.2 * leader[:-1]
    found = lead_lag(pd.DataFrame({"leader": leader, "follower": follower}))
    assert found["coefficient"].to_list() == pytest.approx([0.2, 0.3, 0.0], abs=0.06)
    assert (found["p_value"] < 0.001).to_list()[:2] == [True, True]
    assert found.loc["session after", "ci_low"] < 0 < found["ci_high"].iloc[-1]


def test_two_worlds_give_two_factors():
    rng = np.random.default_rng(1)
    one, two = rng.standard_normal((2, 4000, 1))
    noise = rng.standard_normal((4000, 5))
    # Three series share one factor and two the other, at a correlation of 0.8
    # within the first and 0.5 within the second.
    values = np.hstack([2 * one + noise[:, :3], two + noise[:, 3:]])
    found = principal_components(pd.DataFrame(values, columns=list("abcde")))
    first, second = found.loadings.T.to_numpy()
    assert first[:3] == pytest.approx(np.sqrt((1 + 2 * 0.8) / 3), abs=0.02)
    assert abs(first[3:]).max() < 0.1
    assert second[3:] == pytest.approx(np.sqrt(1.5 / 2), abs=0.02)
    assert found.shares.to_list() == pytest.approx([2.6 / 5, 1.5 / 5], abs=0.01)
    assert ((found.low <= found.loadings) & (found.loadings <= found.high)).all(
        axis=None
    )


def test_one_world_gives_one_factor():
    rng = np.random.default_rng(2)
    values = rng.standard_normal((2000, 1)) + 0.5 * rng.standard_normal((2000, 4))
    found = principal_components(pd.DataFrame(values), count=1, draws=50)
    assert found.low.min(axis=None) > 0.8


def test_equal_means_is_the_paired_t_for_two_columns():
    from scipy.stats import ttest_rel

    rng = np.random.default_rng(3)
    table = pd.DataFrame(rng.standard_normal((14, 2)))
    squared, p_value = equal_means(table)
    paired = ttest_rel(table[0], table[1])
    assert squared == pytest.approx(paired.statistic**2)
    assert p_value == pytest.approx(paired.pvalue)


def test_equal_means_keeps_its_size():
    rng = np.random.default_rng(4)
    common = rng.standard_normal((500, 14, 1))
    tables = common + rng.standard_normal((500, 14, 3)) * [1, 2, 3]
    rejected = sum(equal_means(pd.DataFrame(table))[1] < 0.05 for table in tables)
    assert 10 <= rejected <= 42  # 25 expected


def test_bad_input_gives_no_number():
    with pytest.raises(StudyError, match="too few"):
        lead_lag(pd.DataFrame({"leader": range(20), "follower": range(20)}))
    with pytest.raises(StudyError, match="without gaps"):
        principal_components(pd.DataFrame(np.full((100, 3), np.nan)))
    with pytest.raises(StudyError, match="cannot tell 3 means apart"):
        equal_means(pd.DataFrame(np.zeros((3, 3))))
