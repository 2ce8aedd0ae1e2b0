"""Least squares over many windows agree with statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from engine_tools import MARKET, events_at, sessions_from, simulated_returns
from hypothesis import given
from hypothesis import strategies as st

from helpers import StudyError, event_study
from helpers.study.least_squares import (
    inverse_of,
    window_moments,
)
from helpers.study.samples import Sample

EXACT = {"rtol": 1e-10, "atol": 1e-14}


def sample_of(y, x, masked=None):
    y, x = np.atleast_2d(y), np.atleast_2d(x)
    return Sample(
        sessions=sessions_from("2000-01-03", y.shape[1]),
        symbols=[f"S{k}" for k in range(len(y))],
        y=y,
        x=x,
        regressors=[f"X{k}" for k in range(len(x))],
        masked=np.zeros(y.shape, dtype=bool) if masked is None else masked,
        rate=np.zeros(y.shape[1]),
    )


def all_windows(sample, length):
    shares, sessions = sample.y.shape
    starts = np.arange(sessions - length + 1)
    return np.repeat(np.arange(shares), len(starts)), np.tile(starts, shares)


def nasty(kind):
    rng = np.random.default_rng(7)
    y = rng.normal(0.0005, 0.02, (4, 500))
    x = rng.normal(0.0003, 0.01, (2, 500))
    masked = np.zeros(y.shape, dtype=bool)
    if kind == "outlier":
        y[0, 40], x[0, 60] = 1e4, 1e4
    elif kind == "constant":
        y[1, 100:300], x[1, 200:400] = 0.004, 0.001
    elif kind == "missing":
        y[rng.random(y.shape) < 0.03] = np.nan
        x[:, rng.random(500) < 0.01] = np.nan
        y[3, :200] = np.nan
    elif kind == "masked":
        masked = rng.random(y.shape) < 0.05
    elif kind == "level":
        y += 50
        x -= 1000
    elif kind == "nothing left":
        y[2] = np.nan
        masked[3] = True
    return sample_of(y, x, masked)


@pytest.mark.parametrize(
    "kind",
    ["outlier", "constant", "missing", "masked", "level", "nothing left", "plain"],
)
@pytest.mark.parametrize("length", [30, 110])
def test_moments_are_those_of_each_window_by_itself(kind, length):
    sample = nasty(kind)
    column, start = (each[::29] for each in all_windows(sample, length))
    found = window_moments(sample, column, start, length)
    for n, (share, first) in enumerate(zip(column, start, strict=True)):
        days = slice(first, first + length)
        rows = np.vstack([sample.y[share, days], sample.x[:, days]])
        rows = rows[:, ~np.isnan(rows).any(axis=0) & ~sample.masked[share, days]]
        assert found.n[n] == rows.shape[1]
        if rows.shape[1] < 2:
            continue
        sums = np.cov(rows, ddof=0) * rows.shape[1]
        spread = np.sqrt(np.diag(sums))
        mean = np.append(found.y_mean[n], found.x_mean[n])
        np.testing.assert_allclose(mean, rows.mean(axis=1), rtol=1e-10, atol=1e-14)
        own = np.block([[found.yy[n], found.xy[n]],
                        [found.xy[n][:, None], found.xx[n]]])  # fmt: skip
        assert (np.abs(own - sums) <= 1e-9 * np.outer(spread, spread) + 1e-14).all()


def few_and_many(returns, **options):
    """The same ten events fitted alone and among windows at every session."""
    share = next(name for name in returns.columns if name.startswith("S"))
    last = len(returns) - 11
    some = events_at(returns, range(130, last, (last - 130) // 9), [share])
    many = events_at(returns, range(120, last), [share])
    alone = event_study(returns, some, **options)
    among = event_study(returns, many, **options)
    return alone, among


def test_fits_do_not_depend_on_how_many_there_are():
    returns = simulated_returns(1, 700)
    alone, among = few_and_many(returns, benchmark=MARKET)
    both = among.estimates.loc[alone.estimates.index]
    for column in ["alpha", "beta", "sigma", "r_squared"]:
        np.testing.assert_allclose(both[column], alone.estimates[column], **EXACT)
    assert (both["n_obs"] == 110).all()
    np.testing.assert_allclose(
        among.abnormal_returns.loc[alone.estimates.index],
        alone.abnormal_returns,
        **EXACT,
    )


def ordinary(returns, share, regressors, place, estimation=(-120, -11)):
    rows = slice(place + estimation[0], place + estimation[1] + 1)
    design = sm.add_constant(returns[regressors].to_numpy()[rows])
    return sm.OLS(returns[share].to_numpy()[rows], design).fit()


@pytest.mark.parametrize("length", [1, 2, 3, 11, 21])
def test_market_model_and_error_of_the_car_are_those_of_statsmodels(length):
    returns = simulated_returns(3, 300, seed=3)
    place, first, last = 200, -(length // 2), (length - 1) // 2
    study = event_study(returns, events_at(returns, place), benchmark=MARKET)
    found = study.car(first, last)
    for key in found.index:
        fit = ordinary(returns, key[1], [MARKET], place)
        window = returns.iloc[place + first : place + last + 1]
        design = np.column_stack([np.ones(length), window[MARKET]])
        abnormal = window[key[1]].to_numpy() - design @ fit.params
        # The forecast errors share the parameters, hence the whole matrix.
        covariance = fit.mse_resid * np.eye(length)
        covariance += design @ fit.cov_params() @ design.T
        row = found.loc[key]
        assert row["car"] == pytest.approx(abnormal.sum(), rel=1e-10)
        assert row["se"] == pytest.approx(np.sqrt(covariance.sum()), rel=1e-10)
        assert row["df"] == 108
        estimates = study.estimates.loc[key]
        assert estimates["alpha"] == pytest.approx(fit.params[0], rel=1e-9)
        assert estimates["beta"] == pytest.approx(fit.params[1], rel=1e-10)
        assert estimates["sigma"] == pytest.approx(np.sqrt(fit.mse_resid), rel=1e-10)
        assert estimates["r_squared"] == pytest.approx(fit.rsquared, rel=1e-10)


def test_the_error_is_neither_of_the_shortcuts_that_are_in_use():
    returns = simulated_returns(1, 300, seed=4)
    study = event_study(returns, events_at(returns, 200), benchmark=MARKET)
    found = study.car(-10, 10)["se"].iloc[0]
    sigma = study.estimates["sigma"].iloc[0]
    residuals = study.fit.residuals[0]
    assert sigma == pytest.approx(np.sqrt((residuals**2).sum() / 108), rel=1e-12)
    daily = study.daily()["se"].to_numpy()
    shortcuts = {
        "no parameter uncertainty": sigma * np.sqrt(21),
        "days as if independent": np.sqrt((daily**2).sum()),
        "ddof 0": found * np.sqrt(108 / 110),
        "ddof 1": found * np.sqrt(108 / 109),
    }
    for name, shortcut in shortcuts.items():
        assert abs(shortcut / found - 1) > 1e-3, name
    assert found > shortcuts["days as if independent"]


@pytest.mark.parametrize("regressors", [2, 5])
def test_several_regressors_are_those_of_statsmodels(regressors):
    rng = np.random.default_rng(regressors)
    returns = simulated_returns(2, 320, seed=5)
    names = [f"F{k}" for k in range(regressors)]
    mixed = rng.normal(0, 0.01, (320, regressors)) @ rng.normal(
        size=(regressors, regressors)
    )
    returns[names] = mixed
    place = 250
    study = event_study(
        returns, events_at(returns, place, ["S0", "S1"]), model="factors", factors=names
    )
    found = study.car(-1, 3)
    for key in found.index:
        fit = ordinary(returns, key[1], names, place)
        design = np.column_stack(
            [np.ones(5), returns[names].iloc[place - 1 : place + 4]]
        )
        abnormal = returns[key[1]].iloc[place - 1 : place + 4] - design @ fit.params
        covariance = fit.mse_resid * np.eye(5) + design @ fit.cov_params() @ design.T
        estimates = study.estimates.loc[key]
        np.testing.assert_allclose(
            estimates[[f"beta_{name}" for name in names]].astype(float),
            fit.params[1:],
            rtol=1e-10,
        )
        assert found.loc[key, "car"] == pytest.approx(abnormal.sum(), rel=1e-9)
        assert found.loc[key, "se"] == pytest.approx(
            np.sqrt(covariance.sum()), rel=1e-10
        )
        assert found.loc[key, "df"] == 110 - regressors - 1


def test_a_fit_that_is_almost_perfect_keeps_its_digits():
    returns = simulated_returns(1, 700, seed=6)
    noise = np.random.default_rng(0).normal(0, 1e-6, len(returns))
    returns["S0"] = 0.001 + 1.1 * returns[MARKET] + noise
    alone, among = few_and_many(returns, benchmark=MARKET)
    for study in (alone, among):
        for key, row in study.estimates.loc[alone.estimates.index].iterrows():
            place = int(key[0].split()[-1])
            fit = ordinary(returns, "S0", [MARKET], place)
            assert row["sigma"] == pytest.approx(
                np.sqrt(fit.mse_resid), rel=1e-9, abs=0
            )


def test_regressors_that_follow_from_one_another_leave_the_event_out():
    returns = simulated_returns(1, 300, seed=8)
    returns["F0"] = np.random.default_rng(1).normal(0, 0.01, 300)
    returns["F1"] = 2 * returns["F0"] + 0.001
    study = event_study(
        returns, events_at(returns, 200, ["S0"]), model="factors", factors=["F0", "F1"]
    )
    assert "one follows from the others" in study.skipped["reason"].iloc[0]
    with pytest.raises(StudyError, match="None of the 1 events could be studied"):
        study.car(0, 0)


@given(st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_the_inverse_is_an_inverse(k, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(1, 40 + k, k)) @ rng.normal(size=(k, k)) * 0.01
    sample = sample_of(rng.normal(size=40 + k), np.moveaxis(x[0], 0, 1))
    moments = window_moments(
        sample, np.zeros(1, dtype=int), np.zeros(1, dtype=int), 40 + k
    )
    inverse, solvable = inverse_of(moments)
    conditioned = np.linalg.cond(np.corrcoef(x[0].T) if k > 1 else [[1.0]]) < 1e6
    if conditioned:
        assert solvable[0]
        np.testing.assert_allclose(
            inverse[0] @ moments.xx[0], np.eye(k), rtol=0, atol=1e-8
        )
