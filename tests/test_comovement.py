"""Co-movement of markets that are never open together: known answers."""

import numpy as np
import pandas as pd
import pytest

from helpers import StudyError, connectedness, load_prices
from helpers.inference.comovement import (
    conditional_correlation,
    correlation_change,
    dcc_path,
    standardised,
)
from helpers.inference.pairs import (
    closes_first,
    net_basket,
    net_of_market,
    pair_by_clock,
)


def correlated(rho, rng):
    """Normal pairs with the correlation of each row given."""
    one = rng.standard_normal(len(rho))
    two = rho * one + np.sqrt(1 - rho**2) * rng.standard_normal(len(rho))
    return pd.DataFrame(
        {"leader": one, "follower": two},
        index=pd.bdate_range("2015-01-01", periods=len(rho)),
    )


def test_new_york_before_shanghai_adds_up_what_a_holiday_left():
    new_york = pd.Series(
        [0.01, 0.02, 0.04, 0.08],
        index=pd.to_datetime(["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"]),
    )
    # Shanghai was shut on the 4th: the 3rd and 4th both reach it on the 5th.
    shanghai = pd.Series(
        [0.1, 0.2, 0.3],
        index=pd.to_datetime(["2024-01-02", "2024-01-03", "2024-01-05"]),
    )
    pairs = pair_by_clock(new_york, shanghai, leader_first=False)
    assert pairs["leader"].to_dict() == pytest.approx(
        {pd.Timestamp("2024-01-03"): 0.01, pd.Timestamp("2024-01-05"): 0.06}
    )
    assert pairs["follower"].to_list() == [0.2, 0.3]


def test_shanghai_before_new_york_shares_the_date():
    days = pd.to_datetime(["2024-01-02", "2024-01-03", "2024-01-04"])
    shanghai = pd.Series([0.1, 0.2], index=days[[0, 2]])
    new_york = pd.Series([0.01, 0.02, 0.04], index=days)
    pairs = pair_by_clock(shanghai, new_york, leader_first=True)
    # The first is unknown in length; on the 3rd Shanghai held no session.
    assert pairs.to_dict("index") == {days[2]: {"leader": 0.2, "follower": 0.04}}


def test_pairing_finds_a_lead_that_a_common_date_hides():
    rng = np.random.default_rng(0)
    days = pd.bdate_range("2020-01-01", periods=1000)
    lead = pd.Series(rng.standard_normal(1000), index=days)
    follow = lead.shift(fill_value=0) + rng.standard_normal(1000)
    assert abs(lead.corr(follow)) < 0.1
    paired = pair_by_clock(lead, follow, leader_first=False)
    assert paired.corr().iloc[0, 1] == pytest.approx(np.sqrt(0.5), abs=0.05)


@pytest.mark.parametrize("window", [120, None])
def test_the_market_is_taken_out(window):
    rng = np.random.default_rng(1)
    days = pd.bdate_range("2020-01-01", periods=800)
    market = pd.Series(rng.standard_normal(800) / 100, index=days)
    own = pd.Series(0.003 * rng.standard_normal(800), index=days)
    rest = net_of_market(2 * market + own, market, window=window)
    assert len(rest) == 800 - (window or 0)
    assert rest.corr(own) > 0.98
    assert abs(rest.corr(market)) < 0.05


def test_no_residual_knows_its_own_day():
    rng = np.random.default_rng(2)
    days = pd.bdate_range("2020-01-01", periods=300)
    market = pd.Series(rng.standard_normal(300) / 100, index=days)
    own = pd.Series(rng.standard_normal(300) / 100, index=days)
    moved = own.copy()
    moved.iloc[250] += 0.05
    difference = net_of_market(moved, market) - net_of_market(own, market)
    assert difference.loc[: days[249]].abs().max() < 1e-12
    assert difference[days[250]] == pytest.approx(0.05)
    with pytest.raises(StudyError, match="per cent"):
        net_of_market(100 * own, 100 * market)


@pytest.mark.parametrize("returns", [range(100), [0.1] * 300])
def test_what_cannot_be_netted_is_refused(returns):
    own = pd.Series(np.arange(len(returns)) % 7 - 3.0)
    market = pd.Series(returns, dtype=float)
    with pytest.raises(StudyError, match=r"sessions with both|does not move"):
        net_of_market(own, market)


def test_prices_are_not_compared():
    prices = load_prices(["NVDA", "AMD"]).set_axis(["leader", "follower"], axis=1)
    for run in (
        lambda: net_of_market(prices["leader"], prices["follower"]),
        lambda: conditional_correlation(prices),
        lambda: correlation_change(prices, "2022-10-07"),
        lambda: connectedness(prices),
    ):
        with pytest.raises(StudyError, match="never fall"):
            run()


def test_standardising_removes_volatility_clusters():
    rng = np.random.default_rng(3)
    variance, value = 1.0, []
    for _ in range(2500):
        value.append(np.sqrt(variance) * rng.standard_normal())
        variance = 0.05 + 0.1 * value[-1] ** 2 + 0.85 * variance
    returns = pd.Series(value) / 100
    rest = standardised(returns)
    assert rest.std() == pytest.approx(1, abs=0.03)
    assert (returns**2).autocorr() > 0.1
    assert abs((rest**2).autocorr()) < 0.05


def test_dcc_recursion_is_the_one_of_the_paper():
    rng = np.random.default_rng(4)
    values = rng.standard_normal((50, 2))
    news, decay = 0.1, 0.8
    level = values.T @ values / 50
    state, expected = level.copy(), []
    for row in values:
        expected.append(state[0, 1] / np.sqrt(state[0, 0] * state[1, 1]))
        state = (1 - news - decay) * level + news * np.outer(row, row) + decay * state
    assert dcc_path(values, news, decay) == pytest.approx(np.array(expected))


def test_dcc_recovers_a_simulated_one():
    rng = np.random.default_rng(5)
    news, decay, rho = 0.05, 0.9, 0.4
    level = np.array([[1, rho], [rho, 1]])
    state, rows, true = level.copy(), [], []
    for _ in range(4000):
        scale = np.sqrt(np.diag(state))
        correlation = state / np.outer(scale, scale)
        row = np.linalg.cholesky(correlation) @ rng.standard_normal(2)
        true.append(correlation[0, 1])
        rows.append(row)
        state = (1 - news - decay) * level + news * np.outer(row, row) + decay * state
    found = conditional_correlation(pd.DataFrame(rows))
    assert found.news == pytest.approx(news, abs=0.02)
    assert found.decay == pytest.approx(decay, abs=0.06)
    assert np.corrcoef(found.correlation, true)[0, 1] > 0.95


def test_dcc_of_a_constant_correlation_hardly_moves():
    rng = np.random.default_rng(6)
    found = conditional_correlation(correlated(np.full(3000, 0.3), rng))
    assert found.correlation.std() < 0.05
    assert found.correlation.mean() == pytest.approx(0.3, abs=0.05)


def test_dcc_refuses_gaps():
    with pytest.raises(StudyError, match="1 of them with a gap"):
        conditional_correlation(pd.DataFrame({"a": [np.nan, *range(99)], "b": 1.0}))


def test_a_change_is_found_with_its_sign_and_size():
    rng = np.random.default_rng(7)
    pairs = correlated(np.repeat([0.5, 0.1], 800), rng)
    found = correlation_change(pairs, pairs.index[800])
    assert found.before == pytest.approx(0.5, abs=0.08)
    assert found.change == pytest.approx(-0.4, abs=0.1)
    assert found.ci_low < found.change < found.ci_high < 0
    assert found.p_value < 0.001


def test_without_a_change_the_interval_misses_as_often_as_it_says():
    rng = np.random.default_rng(8)
    missed = 0
    for number in range(300):
        pairs = correlated(np.full(500, 0.2), rng)
        found = correlation_change(pairs, pairs.index[250], draws=200, seed=number)
        missed += found.ci_low > 0 or found.ci_high < 0
    assert 5 <= missed <= 28  # 15 expected; both ends beyond 2.5 sigma


def test_too_short_a_stretch_is_refused_with_its_numbers():
    pairs = correlated(np.full(100, 0.2), np.random.default_rng(9))
    with pytest.raises(StudyError, match=r"90 pairs before .* and 10 from"):
        correlation_change(pairs, pairs.index[90])


def test_a_leg_says_what_its_interval_says_and_knows_how_far_it_can_fall():
    rng = np.random.default_rng(10)
    pairs = correlated(np.repeat([0.5, 0.1], 800), rng)
    found = correlation_change(pairs, pairs.index[800])
    reading = found.reads(sign=-1)
    assert reading.word() == "supported"
    assert reading.interval() == pytest.approx((found.ci_low, found.ci_high), abs=1e-3)
    assert reading.p_value == pytest.approx(found.p_value, abs=2e-4)
    assert reading.largest == found.before
    assert found.reads(sign=1).word() == "contradicted"


def test_what_has_little_to_lose_cannot_be_seen_to_lose_it():
    rng = np.random.default_rng(11)
    pairs = correlated(np.full(800, 0.02), rng)
    found = correlation_change(pairs, pairs.index[400])
    assert found.reads(sign=-1).word() == "not testable"


def test_the_clock_says_who_closes_first_and_refuses_who_trade_together():
    assert closes_first("688256.SS", "NVDA")
    assert not closes_first("NVDA", "0981.HK")
    with pytest.raises(StudyError, match="same hours"):
        closes_first("0981.HK", "688256.SS")


def test_a_basket_of_too_few_members_has_no_return():
    days = pd.bdate_range("2020-01-01", periods=400)
    rng = np.random.default_rng(12)
    returns = pd.DataFrame(
        rng.standard_normal((400, 4)) / 100, days, ["AMD", "AVGO", "MRVL", "^GSPC"]
    )
    returns.loc[days[300] :, "MRVL"] = np.nan
    basket = net_basket(returns, ["AMD", "AVGO", "MRVL"], None)
    assert basket.index[-1] == days[299]
    assert basket.iloc[0] == pytest.approx(returns.iloc[0, :3].mean())
    two = net_basket(returns, ["AMD", "AVGO"], "^GSPC")
    assert (two.index[0], two.index[-1]) == (days[120], days[-1])


def test_a_market_that_is_never_open_with_a_basket_is_taken_from_the_night_before():
    days = pd.bdate_range("2020-01-06", periods=400)
    rng = np.random.default_rng(13)
    new_york = pd.Series(rng.standard_normal(400) / 100, index=days)
    own = pd.Series(rng.standard_normal(400) / 1000, index=days)
    returns = pd.DataFrame(
        {"005930.KS": 2 * new_york.shift(1) + own, "^GSPC": new_york}
    )
    rest = net_basket(returns, ["005930.KS"], "^GSPC", window=None)
    assert rest.corr(own) > 0.99


@pytest.mark.parametrize("window", [(-120, -11), 5])
def test_a_window_that_fits_no_market_model_is_refused(window):
    series = pd.Series(np.arange(300.0) % 7)
    with pytest.raises(StudyError, match="not on"):
        net_of_market(series, series, window=window)
