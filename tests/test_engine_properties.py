"""What must not change an abnormal return, and what must change it by how much."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from engine_tools import MARKET, events_at, simulated_returns
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import event_study

PLACES = [150, 152, 190]
MODELS = ["mean", "market_adjusted", "market", "dimson"]
EXACT = {"rtol": 1e-9, "atol": 1e-13}
FEW = settings(max_examples=25)
seeds = st.integers(0, 2**32 - 1)
models = st.sampled_from(MODELS)


def study_of(returns, events=None, **options):
    if events is None:
        shares = [name for name in returns.columns if name.startswith("S")]
        events = events_at(returns, PLACES, shares)
    return event_study(returns, events, benchmark=MARKET, **options)


def same(one, two, **tolerance):
    tolerance = tolerance or EXACT
    pd.testing.assert_frame_equal(
        one.abnormal_returns, two.abnormal_returns, check_exact=False, **tolerance
    )
    pd.testing.assert_frame_equal(
        one.car(-1, 1), two.car(-1, 1), check_exact=False, **tolerance
    )


@FEW
@given(seeds, st.floats(1e-4, 1e4), models)
def test_the_scale_of_prices_does_not_matter(seed, scale, model):
    # Nor, for the same reason, does the currency that they are labelled with.
    returns = simulated_returns(3, 260, seed)
    prices = 100 * (1 + returns).cumprod()
    scaled = (prices * scale).pct_change().iloc[1:]
    same(
        study_of(prices.pct_change().iloc[1:], events_at(returns, PLACES), model=model),
        study_of(scaled, events_at(returns, PLACES), model=model),
        rtol=1e-6,
        atol=1e-11,
    )


@FEW
@given(seeds, models, st.permutations(range(9)), st.permutations(range(4)))
def test_the_order_of_events_and_columns_does_not_matter(seed, model, rows, columns):
    returns = simulated_returns(3, 260, seed)
    events = events_at(returns, PLACES)
    straight = study_of(returns, events, model=model)
    shuffled = study_of(
        returns.iloc[:, list(columns)], events.iloc[list(rows)], model=model
    )
    index = straight.abnormal_returns.index
    pd.testing.assert_frame_equal(
        shuffled.abnormal_returns.loc[index],
        straight.abnormal_returns,
        check_exact=False,
        **EXACT,
    )
    one, two = straight.test(-1, 1, draws=200), shuffled.test(-1, 1, draws=200)
    exact = one.index.drop(["cluster_bootstrap", "placebo"])
    np.testing.assert_allclose(
        two.loc[exact, ["statistic", "p_value"]].astype(float),
        one.loc[exact, ["statistic", "p_value"]].astype(float),
        rtol=1e-8,
        atol=1e-12,
    )


@FEW
@given(seeds, models, st.booleans())
def test_unrelated_symbols_change_nothing(seed, model, other_calendar):
    returns = simulated_returns(3, 260, seed)
    rng = np.random.default_rng(seed)
    wider = returns.copy()
    wider.insert(0, "OTHER", rng.normal(0, 0.05, 260))
    wider["GAPPY"] = np.where(rng.random(260) < 0.3, np.nan, 0.01)
    returns.attrs["holes"] = {name: [] for name in returns}
    if other_calendar:
        weekend = wider.index[5] + pd.Timedelta(days=1 + 4 - wider.index[5].weekday())
        wider.loc[weekend, "OTHER"] = 0.02
        wider = wider.sort_index()
    wider.attrs["holes"] = {name: [] for name in wider}
    same(
        study_of(returns, events_at(returns, PLACES), model=model),
        study_of(wider, events_at(returns, PLACES), model=model),
    )


@FEW
@given(seeds, models, st.integers(-10, 8), st.integers(0, 10), st.integers(1, 10))
def test_a_car_is_the_sum_over_adjacent_windows(seed, model, first, one, two):
    study = study_of(simulated_returns(3, 260, seed), model=model)
    middle = min(first + one, 9)
    last = min(middle + two, 10)
    np.testing.assert_allclose(
        study.car(first, last)["car"],
        study.car(first, middle)["car"] + study.car(middle + 1, last)["car"],
        **EXACT,
    )
    daily = study.abnormal_returns.loc[:, first:last].sum(axis=1)
    np.testing.assert_allclose(study.car(first, last)["car"], daily, **EXACT)
    assert study.caar(first, last)["caar"] == pytest.approx(daily.mean(), abs=1e-14)


@FEW
@given(seeds, models, st.integers(-20000, 20000))
def test_shifting_all_dates_shifts_nothing_else(seed, model, days):
    returns = simulated_returns(3, 260, seed)
    moved = returns.set_axis(returns.index + pd.Timedelta(days=days))
    one, two = study_of(returns, model=model), study_of(moved, model=model)
    same(one, two, rtol=1e-13, atol=0)
    shift = two.sessions.to_numpy() - one.sessions.to_numpy()
    assert (shift == np.timedelta64(days, "D")).all()
    pd.testing.assert_frame_equal(
        one.test(0, 1, draws=50), two.test(0, 1, draws=50), check_exact=False
    )


@FEW
@given(seeds, models, st.sampled_from(["share", "market", "both"]))
def test_a_zero_return_at_either_end_changes_nothing(seed, model, where):
    returns = simulated_returns(2, 260, seed)
    events = events_at(returns, PLACES)
    spoiled = returns.copy()
    columns = {"share": ["S0"], "market": [MARKET], "both": ["S0", MARKET]}[where]
    for end in (0, -1):
        spoiled.loc[spoiled.index[end], columns] = 0.0
    same(
        study_of(returns, events, model=model),
        study_of(spoiled, events, model=model),
        rtol=1e-13,
        atol=0,
    )


@FEW
@given(seeds, models, st.floats(-0.5, 0.5), st.integers(-10, 10))
def test_what_is_added_to_a_return_is_added_to_its_abnormal_return(
    seed, model, delta, day
):
    returns = simulated_returns(2, 260, seed)
    events = events_at(returns, 180, ["S0"])
    shocked = returns.copy()
    shocked.iloc[180 + day, 0] += delta
    before, after = (study_of(each, events, model=model) for each in (returns, shocked))
    change = after.abnormal_returns - before.abnormal_returns
    expected = np.zeros(21)
    expected[day + 10] = delta
    np.testing.assert_allclose(change.iloc[0], expected, rtol=0, atol=1e-15)
    pd.testing.assert_series_equal(
        before.car(day, day)["se"], after.car(day, day)["se"]
    )


@FEW
@given(seeds)
def test_what_lies_outside_the_windows_changes_nothing(seed):
    returns = simulated_returns(1, 260, seed)
    events = events_at(returns, 180)
    other = returns.copy()
    outside = np.r_[0:60, 191:260]
    other.iloc[outside] = np.random.default_rng(seed).normal(0, 0.05, (129, 2))
    same(study_of(returns, events), study_of(other, events), rtol=1e-13, atol=0)


@FEW
@given(seeds, st.floats(0.1, 10.0))
def test_scaling_all_returns_scales_the_car_and_leaves_the_tests(seed, scale):
    returns = simulated_returns(4, 260, seed) / 10
    events = events_at(returns, PLACES)
    one, two = study_of(returns, events), study_of(returns * scale, events)
    np.testing.assert_allclose(
        two.car(-1, 1)[["car", "se"]], one.car(-1, 1)[["car", "se"]] * scale, rtol=1e-7
    )
    kept = ["patell", "adjusted_bmp", "corrado", "generalized_sign", "placebo"]
    np.testing.assert_allclose(
        one.test(-1, 1, kept, draws=100)["p_value"],
        two.test(-1, 1, kept, draws=100)["p_value"],
        rtol=1e-6,
    )


@FEW
@given(seeds)
def test_the_sign_of_all_returns_turns_the_sign_of_all_statistics(seed):
    returns = simulated_returns(4, 260, seed)
    events = events_at(returns, [150, 190])
    kept = [
        "cross_sectional",
        "patell",
        "adjusted_patell",
        "bmp",
        "adjusted_bmp",
        "corrado",
        "sign",
        "generalized_sign",
        "crude_dependence",
    ]
    one = study_of(returns, events).test(-1, 1, kept)
    two = study_of(-returns, events).test(-1, 1, kept)
    np.testing.assert_allclose(
        two["statistic"], -one["statistic"], rtol=1e-8, atol=1e-12
    )
