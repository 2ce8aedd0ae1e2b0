"""Volume and volatility are measured against their own normal level."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from engine_tools import MARKET, events_at, sessions_from, simulated_returns

from helpers import StudyError
from helpers.inference.activity import volatility_study, volume_study

PLACE = 200
ESTIMATION = slice(PLACE - 120, PLACE - 10)
EVENT = slice(PLACE - 10, PLACE + 11)


@pytest.fixture
def volume():
    rng = np.random.default_rng(3)
    market = rng.normal(0, 0.3, 300)
    shares = 15 + market[:, None] + rng.normal(0, 0.4, (300, 2))
    table = pd.DataFrame(
        np.exp(shares), index=sessions_from("2020-01-01", 300), columns=["S0", "S1"]
    ).round()
    table[MARKET] = np.exp(18 + market).round()
    return table


def test_volume_is_measured_in_logs_against_its_mean(volume):
    study = volume_study(volume, events_at(volume, PLACE))
    for key, row in study.estimates.iterrows():
        logs = np.log(volume[key[1]])
        assert row["alpha"] == pytest.approx(logs.iloc[ESTIMATION].mean(), rel=1e-12)
        assert row["sigma"] == pytest.approx(logs.iloc[ESTIMATION].std(), rel=1e-10)
        np.testing.assert_allclose(
            study.abnormal_returns.loc[key],
            logs.iloc[EVENT] - row["alpha"],
            atol=1e-12,
        )
    assert (study.car(0, 0)["df"] == 109).all()


def test_volume_can_be_measured_against_the_market(volume):
    study = volume_study(
        volume, events_at(volume, PLACE), model="market", benchmark=MARKET
    )
    logs = np.log(volume)
    design = sm.add_constant(logs[MARKET].to_numpy())
    for key, row in study.estimates.iterrows():
        fit = sm.OLS(logs[key[1]].to_numpy()[ESTIMATION], design[ESTIMATION]).fit()
        assert row["beta"] == pytest.approx(fit.params[1], rel=1e-9)
        assert row["sigma"] == pytest.approx(np.sqrt(fit.mse_resid), rel=1e-9)
    assert study.test(0, 1)["p_value"].notna().any()


def test_the_scale_of_volume_does_not_matter(volume):
    one = volume_study(volume, events_at(volume, PLACE))
    two = volume_study(volume * 1000, events_at(volume, PLACE))
    np.testing.assert_allclose(
        one.abnormal_returns, two.abnormal_returns, rtol=0, atol=1e-11
    )


def test_twice_the_volume_is_the_log_of_two(volume):
    before = volume_study(volume, events_at(volume, PLACE))
    doubled = volume.copy()
    doubled.iloc[PLACE] *= 2
    after = volume_study(doubled, events_at(volume, PLACE))
    change = after.car(0, 0)["car"] - before.car(0, 0)["car"]
    np.testing.assert_allclose(change, np.log(2), rtol=1e-12)


@pytest.mark.parametrize("nothing", [0.0, np.nan])
def test_a_session_without_a_trade_has_no_logarithm(volume, nothing):
    volume.iloc[[PLACE - 50, PLACE - 30], 0] = nothing
    study = volume_study(volume, events_at(volume, PLACE))
    assert study.estimates["n_obs"].tolist() == [108, 110]
    volume.iloc[PLACE + 3, 0] = nothing
    for options in [{}, {"model": "market", "benchmark": MARKET}]:
        study = volume_study(volume, events_at(volume, PLACE), **options)
        assert study.skipped["reason"].tolist() == [
            f"S0 has no volume on {volume.index[PLACE + 3]:%Y-%m-%d}, session +3 of "
            "the event window"
        ]


def test_a_session_without_a_trade_is_no_holiday(volume):
    volume.iloc[PLACE + 3, 0] = 0.0
    volume.attrs["holes"] = {name: [] for name in volume}
    study = volume_study(volume, events_at(volume, PLACE))
    assert study.n_events == 1
    assert "S0 has no volume on" in study.skipped["reason"].iloc[0]
    holiday = volume.copy()
    holiday.iloc[PLACE + 3, 0] = np.nan
    holiday.attrs["holes"] = {name: [] for name in volume}
    assert volume_study(holiday, events_at(volume, PLACE)).n_events == 2


def test_volume_that_cannot_be_volume_is_refused(volume):
    volume.iloc[PLACE, 1] = -1
    with pytest.raises(StudyError, match="volume of 'S1' on 2020-10-07 is -"):
        volume_study(volume, events_at(volume, PLACE))
    with pytest.raises(StudyError, match="not numbers"):
        volume_study(volume.astype(str), events_at(volume, PLACE))
    with pytest.raises(StudyError, match="No model 'garch' for volume"):
        volume_study(volume, events_at(volume, PLACE), model="garch")


def test_whole_numbers_of_shares_are_read(volume):
    whole = volume.astype("int64")
    pd.testing.assert_frame_equal(
        volume_study(whole, events_at(volume, PLACE)).abnormal_returns,
        volume_study(volume, events_at(volume, PLACE)).abnormal_returns,
    )


def test_nothing_but_returns_can_be_bought_and_held(volume):
    returns = simulated_returns(2, 300)
    for study in [
        volume_study(volume, events_at(volume, PLACE)),
        volatility_study(returns, events_at(returns, PLACE), benchmark=MARKET),
    ]:
        with pytest.raises(StudyError, match="nothing to buy and hold"):
            study.bhar(0, 1)


def sizes(returns, share, place=PLACE):
    """Sizes of residuals and forecast errors over their leverage, day by day."""
    window = slice(place - 120, place - 10)
    design = sm.add_constant(returns[MARKET].to_numpy())
    share = returns[share].to_numpy()
    fit = sm.OLS(share[window], design[window]).fit()
    hat = fit.get_influence().hat_matrix_diag
    usual = np.abs(fit.resid) / np.sqrt(1 - hat)
    ahead = design[place - 10 : place + 11]
    reach = np.einsum("ti,ij,tj->t", ahead, fit.normalized_cov_params, ahead)
    error = share[place - 10 : place + 11] - ahead @ fit.params
    return usual, np.abs(error) / np.sqrt(1 + reach)


def test_volatility_is_the_size_of_a_surprise_against_the_usual_size():
    returns = simulated_returns(2, 300)
    study = volatility_study(returns, events_at(returns, PLACE), benchmark=MARKET)
    for row, key in enumerate(study.estimates.index):
        usual, event = sizes(returns, key[1])
        estimates = study.estimates.loc[key]
        assert estimates["alpha"] == pytest.approx(usual.mean(), rel=1e-10)
        assert estimates["sigma"] == pytest.approx(usual.std(ddof=1), rel=1e-10)
        np.testing.assert_allclose(
            study.abnormal_returns.iloc[row], event - usual.mean(), atol=1e-14
        )
        np.testing.assert_allclose(
            study.fit.residuals[row], usual - usual.mean(), atol=1e-14
        )
    error = study.car(0, 2)["se"] / study.estimates["sigma"]
    np.testing.assert_allclose(error, np.sqrt(3 + 9 / 110), rtol=1e-12)
    assert list(study.estimates) == [
        "alpha", "sigma", "n_obs", "dof", "first", "last", "r_squared"
    ]  # fmt: skip


def test_more_volatile_event_days_are_found_and_quiet_ones_are_not():
    returns = simulated_returns(40, 300, seed=8)
    quiet = volatility_study(returns, events_at(returns, PLACE), benchmark=MARKET)
    assert quiet.test(0, 0)["p_value"].drop(["cluster_bootstrap"]).min() > 0.01
    wild = returns.copy()
    wild.iloc[PLACE, :-1] *= 4
    study = volatility_study(wild, events_at(returns, PLACE), benchmark=MARKET)
    table = study.test(0, 0)
    for name in ["cross_sectional", "patell", "bmp", "corrado", "placebo"]:
        assert table.loc[name, "p_value"] < 0.02, name
        assert table.loc[name, "statistic"] > 0, name


def test_normal_volatility_is_neither_high_nor_low_on_average():
    # Without the leverage the mean would be off by some ten standard errors.
    returns = simulated_returns(60, 1500, seed=9)
    events = events_at(returns, range(60, 1480, 7))
    study = volatility_study(
        returns, events, benchmark=MARKET, estimation=(-25, -2), window=(0, 0),
        min_observations=20,
    )  # fmt: skip
    scaled = study.fit.abnormal[:, 0] / study.fit.estimates.sigma
    error = scaled.std() / np.sqrt(len(scaled))
    assert abs(scaled.mean()) < 5 * error
    assert study.caar(0, 0)["p_value"] > 0.01


def test_a_mask_and_a_gap_are_left_out_of_usual_volatility():
    returns = simulated_returns(2, 300)
    returns.iloc[PLACE - 90, 0] = np.nan
    mask = {"S0": returns.index[PLACE - 40 : PLACE - 35]}
    study = volatility_study(
        returns, events_at(returns, PLACE), benchmark=MARKET, mask=mask
    )
    assert study.estimates["n_obs"].tolist() == [104, 110]


def test_volatility_that_is_modelled_day_by_day_is_not_measured_again():
    returns = simulated_returns(2, 300)
    with pytest.raises(StudyError, match="already forecasts volatility"):
        volatility_study(
            returns, events_at(returns, PLACE), benchmark=MARKET, model="garch"
        )
