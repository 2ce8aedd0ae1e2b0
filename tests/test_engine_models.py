"""Every normal-return model against its formula or the library that has it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from arch.univariate import GARCH, LS
from engine_tools import MARKET, events_at, sessions_from, simulated_returns
from statsmodels.robust.norms import HuberT

from helpers import StudyError, event_study

PLACE = 250
ESTIMATION = slice(PLACE - 120, PLACE - 10)
EVENT = slice(PLACE - 10, PLACE + 11)


@pytest.fixture(scope="module")
def returns():
    return simulated_returns(3, 330, seed=11)


def fitted(returns, symbols=("S0", "S1", "S2"), **options):
    return event_study(returns, events_at(returns, PLACE, symbols), **options)


def factors_like(returns, seed=0):
    rng = np.random.default_rng(seed)
    names = ["mkt_rf", "smb", "hml", "rmw", "cma"]
    table = pd.DataFrame(
        rng.normal(0, 0.008, (len(returns), 5)), index=returns.index, columns=names
    )
    table["rf"] = 0.0001 + 0.00005 * rng.random(len(returns))
    return table


def test_mean_adjusted(returns):
    study = fitted(returns, model="mean")
    for key, row in study.estimates.iterrows():
        series = returns[key[1]]
        past = series.iloc[ESTIMATION]
        assert row["alpha"] == pytest.approx(past.mean(), rel=1e-12)
        assert row["sigma"] == pytest.approx(past.std(ddof=1), rel=1e-12)
        np.testing.assert_allclose(
            study.abnormal_returns.loc[key], series.iloc[EVENT] - past.mean()
        )
    error = study.car(0, 4)["se"] / study.estimates["sigma"]
    np.testing.assert_allclose(error, np.sqrt(5 + 25 / 110), rtol=1e-12)
    assert (study.car(0, 4)["df"] == 109).all()


def test_market_adjusted_estimates_nothing_but_the_spread(returns):
    study = fitted(returns, model="market_adjusted", benchmark=MARKET)
    for key, row in study.estimates.iterrows():
        difference = returns[key[1]] - returns[MARKET]
        assert (row["alpha"], row["beta"]) == (0, 1)
        assert row["sigma"] == pytest.approx(difference.iloc[ESTIMATION].std(ddof=1))
        np.testing.assert_allclose(
            study.abnormal_returns.loc[key], difference.iloc[EVENT], rtol=1e-12
        )
    error = study.car(-1, 1)["se"] / study.estimates["sigma"]
    np.testing.assert_allclose(error, np.sqrt(3), rtol=1e-12)


def test_market_and_sector(returns):
    returns = returns.assign(SECTOR=0.8 * returns[MARKET] + returns["S2"] * 0.3)
    study = fitted(
        returns,
        ("S0", "S1"),
        model="market_sector",
        benchmark=MARKET,
        sector={"S0": "SECTOR", "S1": "S2"},
    )
    for key, sector in [(0, "SECTOR"), (1, "S2")]:
        design = sm.add_constant(returns[[MARKET, sector]].to_numpy())
        fit = sm.OLS(returns[f"S{key}"].to_numpy()[ESTIMATION], design[ESTIMATION])
        params = fit.fit().params
        row = study.estimates.iloc[key]
        np.testing.assert_allclose(
            row[["alpha", "beta", "beta_sector"]].astype(float), params, rtol=1e-9
        )


@pytest.mark.parametrize("model", ["market", "market_sector"])
def test_zero_alpha_leaves_the_intercept_in_the_abnormal_return(returns, model):
    returns = returns.assign(SECTOR=0.8 * returns[MARKET] + returns["S2"] * 0.3)
    regressors = [MARKET, "SECTOR"][: 1 + (model == "market_sector")]
    options = {"benchmark": MARKET, "sector": "SECTOR"}
    plain = fitted(returns, ("S0", "S1"), model=model, **options)
    study = fitted(returns, ("S0", "S1"), model=f"{model}_zero_alpha", **options)
    for first, last in [(0, 0), (-3, 5)]:
        length = last - first + 1
        own, with_alpha = study.car(first, last), plain.car(first, last)
        alpha = plain.estimates["alpha"]
        np.testing.assert_allclose(own["car"], with_alpha["car"] + length * alpha)
        assert (own["df"] == with_alpha["df"]).all()
        x = returns[regressors].to_numpy()
        away = x[ESTIMATION] - x[ESTIMATION].mean(axis=0)
        place = returns.index.get_indexer(study.sessions[0])[0]
        total = x[place + first : place + last + 1].sum(axis=0)
        factor = length + total @ np.linalg.inv(away.T @ away) @ total
        np.testing.assert_allclose(
            own["se"], plain.estimates["sigma"] * np.sqrt(factor), rtol=1e-9
        )
    assert (study.estimates["alpha"] == 0).all()
    pd.testing.assert_frame_equal(
        study.estimates.drop(columns="alpha"), plain.estimates.drop(columns="alpha")
    )


@pytest.mark.parametrize(
    ("model", "columns"),
    [
        ("capm", ["mkt_rf"]),
        ("ff3", ["mkt_rf", "smb", "hml"]),
        ("ff5", ["mkt_rf", "smb", "hml", "rmw", "cma"]),
    ],
)
def test_factor_models_explain_what_exceeds_the_rate(returns, model, columns):
    factors = factors_like(returns)
    study = fitted(returns, model=model, factors=factors)
    assert [name for name in study.estimates if name.startswith("beta")] == [
        f"beta_{name}" for name in columns
    ]
    design = sm.add_constant(factors[columns].to_numpy())
    for key, row in study.estimates.iterrows():
        excess = (returns[key[1]] - factors["rf"]).to_numpy()
        fit = sm.OLS(excess[ESTIMATION], design[ESTIMATION]).fit()
        found = row.iloc[: len(columns) + 1].astype(float)
        np.testing.assert_allclose(found, fit.params, rtol=1e-8)
        assert row["sigma"] == pytest.approx(np.sqrt(fit.mse_resid), rel=1e-10)
        left = excess[EVENT] - design[EVENT] @ fit.params
        np.testing.assert_allclose(study.abnormal_returns.loc[key], left, atol=1e-14)
        normal = returns[key[1]].to_numpy()[EVENT] - left
        held = np.prod(1 + returns[key[1]].to_numpy()[EVENT]) - 1
        bhar = study.bhar(-10, 10).loc[key]
        assert bhar["buy_and_hold"] == pytest.approx(held, rel=1e-10)
        assert bhar["normal"] == pytest.approx(np.prod(1 + normal) - 1, rel=1e-10)


def test_factors_in_percent_are_refused(returns):
    factors = factors_like(returns)
    with pytest.raises(StudyError, match="in percent"):
        fitted(returns, model="ff3", factors=factors * 100)
    with pytest.raises(StudyError, match="'rf' exceeds"):
        fitted(returns, model="ff3", factors=factors.assign(rf=factors["rf"] * 100))


def test_factors_reach_only_as_far_as_they_go(returns):
    factors = factors_like(returns).iloc[: PLACE + 5]
    study = fitted(returns, model="capm", factors=factors)
    assert study.n_events == 0
    assert study.skipped["reason"].str.contains("rf has no return").all()


@pytest.mark.parametrize("lags", [(-1, 0, 1), (-2, -1, 0), (0,)])
def test_dimson_regresses_on_leads_and_lags(returns, lags):
    study = fitted(returns, model="dimson", benchmark=MARKET, lags=lags)
    market = returns[MARKET]
    design = np.column_stack(
        [np.ones(len(market)), *(market.shift(-lag) for lag in lags)]
    )
    for key, row in study.estimates.iterrows():
        share = returns[key[1]].to_numpy()
        fit = sm.OLS(share[ESTIMATION], design[ESTIMATION]).fit()
        for lag, slope in zip(lags, fit.params[1:], strict=True):
            name = f"beta({lag:+d})" if lag else "beta(0)"
            assert row[name] == pytest.approx(slope, rel=1e-8)
        assert row["beta"] == pytest.approx(fit.params[1:].sum(), rel=1e-9)
        np.testing.assert_allclose(
            study.abnormal_returns.loc[key],
            share[EVENT] - design[EVENT] @ fit.params,
            atol=1e-14,
        )


def test_leads_and_lags_find_the_beta_of_a_share_that_lags_its_market():
    rng = np.random.default_rng(5)
    market = rng.normal(0, 0.01, 900)
    share = 0.5 * market + 0.7 * np.roll(market, 1) + rng.normal(0, 0.002, 900)
    returns = pd.DataFrame(
        {"S0": share, MARKET: market}, index=sessions_from("2018-01-01", 900)
    )
    events = events_at(returns, 850)
    options = {"benchmark": MARKET, "estimation": (-700, -11)}
    beta = {
        model: event_study(returns, events, model=model, **options).estimates["beta"]
        for model in ["market", "dimson"]
    }
    assert beta["market"].iloc[0] == pytest.approx(0.5, abs=0.05)
    assert beta["dimson"].iloc[0] == pytest.approx(1.2, abs=0.05)


def test_huber_is_that_of_statsmodels_and_minds_an_outlier_less(returns):
    spoiled = returns.copy()
    spoiled.iloc[PLACE - 50, 0] += 0.4
    study = fitted(spoiled, model="huber", benchmark=MARKET)
    design = sm.add_constant(spoiled[MARKET].to_numpy())
    for key, row in study.estimates.iterrows():
        share = spoiled[key[1]].to_numpy()
        fit = sm.RLM(share[ESTIMATION], design[ESTIMATION], M=HuberT()).fit()
        np.testing.assert_allclose([row["alpha"], row["beta"]], fit.params, rtol=1e-10)
        residuals = share[ESTIMATION] - design[ESTIMATION] @ fit.params
        assert row["sigma"] == pytest.approx(
            np.sqrt((residuals**2).sum() / 108), rel=1e-10
        )
        np.testing.assert_allclose(
            study.abnormal_returns.loc[key], share[EVENT] - design[EVENT] @ fit.params
        )
    plain = fitted(returns, ["S0"], benchmark=MARKET).estimates["alpha"].iloc[0]
    ordinary = fitted(spoiled, ["S0"], benchmark=MARKET).estimates["alpha"].iloc[0]
    robust = study.estimates["alpha"].iloc[0]
    assert abs(robust - plain) < abs(ordinary - plain) / 3


def test_huber_has_no_scale_where_most_residuals_are_alike():
    returns = simulated_returns(1, 330, seed=2)
    idle = returns.copy()
    idle.loc[idle.index[:PLACE], "S0"] = 0.001
    idle.loc[idle.index[140:170], "S0"] = returns["S0"].iloc[140:170]
    idle.loc[idle.index[:PLACE], MARKET] *= np.arange(PLACE) % 3 == 0
    study = fitted(idle, ["S0"], model="huber", benchmark=MARKET)
    assert "'huber' finds no fit" in study.skipped["reason"].iloc[0]


@pytest.fixture(scope="module")
def restless():
    """Returns whose errors follow a GARCH(1,1) with clear swings."""
    rng = np.random.default_rng(21)
    count = 1200
    market = rng.normal(0, 0.01, count)
    errors, variance = np.zeros(count), 4e-4
    for day in range(1, count):
        variance = 2e-5 + 0.15 * errors[day - 1] ** 2 + 0.8 * variance
        errors[day] = np.sqrt(variance) * rng.normal()
    values = {"S0": 0.0003 + 1.2 * market + errors, MARKET: market}
    return pd.DataFrame(values, index=sessions_from("2018-01-01", count))


def test_garch_is_that_of_arch_with_its_forecasts(restless):
    place, window = 1100, slice(600, 1090)
    study = event_study(
        restless,
        events_at(restless, place),
        model="garch",
        benchmark=MARKET,
        estimation=(-500, -11),
    )
    share, market = (restless[name].to_numpy() * 100 for name in ["S0", MARKET])
    model = LS(
        share[window],
        x=market[window][:, None],
        volatility=GARCH(1, 0, 1),
        rescale=False,
    )
    fit = model.fit(disp="off")
    row = study.estimates.iloc[0]
    assert row["alpha"] == pytest.approx(fit.params.iloc[0] / 100, rel=1e-8)
    assert row["beta"] == pytest.approx(fit.params.iloc[1], rel=1e-8)
    forecast = fit.forecast(horizon=21, x=np.zeros((1, 1, 21)), reindex=False)
    daily = forecast.variance.to_numpy()[0] / 100**2
    ratio = study.fit.estimates.variance_ratio[0] * row["sigma"] ** 2
    np.testing.assert_allclose(ratio, daily, rtol=1e-10)
    away = market[place - 1 : place + 2] / 100 - market[window].mean() / 100
    spread = ((market[window] - market[window].mean()) ** 2).sum() / 100**2
    error = daily[9:12].sum() + row["sigma"] ** 2 * (9 / 490 + away.sum() ** 2 / spread)
    assert study.car(-1, 1)["se"].iloc[0] == pytest.approx(np.sqrt(error), rel=1e-10)


def test_garch_expects_more_after_a_wild_week_than_after_a_calm_one(restless):
    volatility = restless["S0"].rolling(5).std()
    quiet = int(volatility.iloc[700:1100].to_numpy().argmin()) + 700
    wild = int(volatility.iloc[700:1100].to_numpy().argmax()) + 700
    options = {"benchmark": MARKET, "estimation": (-500, -1), "window": (0, 5)}
    events = events_at(restless, [quiet + 1, wild + 1])
    error = event_study(restless, events, model="garch", **options).car(0, 0)["se"]
    assert error.iloc[1] > 1.5 * error.iloc[0]


def test_buy_and_hold_compounds_simple_returns_and_adds_up_log_returns(returns):
    study = fitted(returns, benchmark=MARKET)
    log = np.log1p(returns)
    log.attrs["kind"] = "log"
    logs = fitted(log, benchmark=MARKET)
    for key in study.estimates.index:
        series = returns[key[1]].to_numpy()[PLACE - 1 : PLACE + 4]
        held = np.prod(1 + series) - 1
        assert study.bhar(-1, 3).loc[key, "buy_and_hold"] == pytest.approx(held)
        assert logs.bhar(-1, 3).loc[key, "buy_and_hold"] == pytest.approx(held)
    found = study.bhar(-1, 3)
    assert (found["bhar"] == found["buy_and_hold"] - found["normal"]).all()


def test_one_foreign_session_more_is_compounded_into_the_next():
    index = sessions_from("2018-01-01", 330)
    rng = np.random.default_rng(1)
    returns = pd.DataFrame(rng.normal(0, 0.01, (330, 2)), index, ["HK", "US"])
    closed = index[200:203]
    returns.loc[closed, "HK"] = np.nan
    returns.attrs = {"kind": "simple", "holes": {"HK": [], "US": []}}
    events = pd.DataFrame(
        {"event_id": ["e"], "symbol": ["HK"], "day0": [index[PLACE + 3]]}
    )
    study = event_study(returns, events, model="dimson", benchmark="US", lags=(-1, 0))
    local = returns["HK"].dropna()
    growth = (1 + returns["US"]).cumprod()[local.index]
    foreign = growth.pct_change()
    assert foreign[index[203]] == pytest.approx(
        (1 + returns["US"].iloc[200:204]).prod() - 1
    )
    place = local.index.get_loc(index[PLACE + 3])
    window = slice(place - 120, place - 10)
    design = sm.add_constant(np.column_stack([foreign.shift(1), foreign]))
    fit = sm.OLS(local.to_numpy()[window], design[window]).fit()
    found = study.estimates.iloc[0][["alpha", "beta(-1)", "beta(0)"]].astype(float)
    np.testing.assert_allclose(found, fit.params, rtol=1e-7)


def test_a_foreign_session_without_a_price_is_not_taken_for_a_holiday():
    index = sessions_from("2018-01-01", 330)
    rng = np.random.default_rng(1)
    returns = pd.DataFrame(rng.normal(0, 0.01, (330, 2)), index, ["HK", "US"])
    returns.iloc[PLACE + 3 : PLACE + 5, 1] = np.nan
    day = [f"{date:%Y-%m-%d}" for date in index[PLACE + 3 : PLACE + 5]]
    returns.attrs["holes"] = {"HK": [], "US": day[:1]}
    returns.attrs["after_holes"] = {"HK": [], "US": day[1:]}
    events = pd.DataFrame({"event_id": ["e"], "symbol": ["HK"], "day0": [index[PLACE]]})
    study = event_study(returns, events, model="dimson", benchmark="US", lags=(-1, 0))
    assert f"US has no return on {day[0]}" in study.skipped["reason"].iloc[0]
