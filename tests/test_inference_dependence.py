"""The average correlation behind KP, against every pair looked at by itself."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from engine_tools import MARKET, events_at, sessions_from, simulated_returns
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import event_study
from helpers.inference import dependence
from helpers.inference.dependence import average_correlation

WINDOWS = [(0, 0), (0, 1), (-1, 1), (-5, 5), (-10, 10), (2, 9)]


def slow_average(study, first, last):
    """Mean over pairs of numpy's correlation on common dates, by overlap."""
    start, end = study.windows.estimation
    dates = study.fit.sessions(start, end)
    window = study.sessions.loc[:, first:last].to_numpy()
    series = [
        pd.Series(row, index=index).dropna()
        for row, index in zip(study.fit.residuals, dates, strict=True)
    ]
    total, pairs = 0.0, 0
    for one, two in combinations(range(len(series)), 2):
        pairs += 1
        overlap = len(set(window[one]) & set(window[two])) / (last - first + 1)
        if overlap:
            common = series[one].index.intersection(series[two].index)
            total += (
                overlap * np.corrcoef(series[one][common], series[two][common])[0, 1]
            )
    return total / pairs


def check(study, windows=WINDOWS):
    for window in windows:
        found = average_correlation(study.fit, *window)
        assert found == pytest.approx(
            slow_average(study, *window), rel=1e-10, abs=1e-13
        )


def correlated(sessions=420, seed=61):
    return simulated_returns(6, sessions, seed=seed, common=0.4)


def test_one_date():
    returns = correlated()
    study = event_study(returns, events_at(returns, 300), benchmark=MARKET)
    check(study)
    assert average_correlation(study.fit, 0, 0) == pytest.approx(0.4, abs=0.15)


def test_dates_far_apart_do_not_count():
    returns = correlated()
    events = events_at(returns, [200, 300])
    study = event_study(returns, events, benchmark=MARKET)
    check(study)
    one = event_study(returns, events.iloc[:6], benchmark=MARKET)
    two = event_study(returns, events.iloc[6:], benchmark=MARKET)
    within = [average_correlation(each.fit, 0, 0) * 30 for each in (one, two)]
    assert average_correlation(study.fit, 0, 0) == pytest.approx(sum(within) / 132)


def test_windows_that_overlap_in_part():
    returns = correlated()
    study = event_study(
        returns, events_at(returns, [200, 201, 204, 215, 300]), benchmark=MARKET
    )
    check(study)
    narrow, wide = (average_correlation(study.fit, -w, w) for w in (0, 10))
    assert wide > narrow


def test_one_firm_twice_is_correlated_with_itself():
    returns = correlated()
    study = event_study(
        returns, events_at(returns, [200, 202], ["S0"]), benchmark=MARKET
    )
    check(study)
    assert average_correlation(study.fit, 0, 3) == pytest.approx(0.5, abs=0.02)


def test_gaps_masks_and_late_listings():
    returns = correlated()
    rng = np.random.default_rng(1)
    returns.iloc[:290, :5] = returns.iloc[:290, :5].mask(rng.random((290, 5)) < 0.03)
    returns.iloc[:195, 1] = np.nan
    mask = {"S2": returns.index[220:226], "S3": returns.index[221:240]}
    study = event_study(
        returns,
        events_at(returns, [300, 303, 390]),
        benchmark=MARKET,
        mask=mask,
        max_missing=0.3,
    )
    assert study.n_events == 18
    check(study)


def test_two_markets_with_holidays_of_their_own():
    rng = np.random.default_rng(2)
    index = sessions_from("2018-01-01", 420)
    shock = rng.normal(0, 0.01, (420, 1))
    values = shock + rng.normal(0, 0.01, (420, 6))
    table = pd.DataFrame(values, index, ["A", "B", "C", "D", "US", "HK"])
    shut_hk = [30, 200, 204, 207, 250, 296, 305, 380]
    shut_us = [40, 211, 255, 309, 381]
    table.loc[index[shut_hk], ["C", "D", "HK"]] = np.nan
    table.loc[index[shut_us], ["A", "B", "US"]] = np.nan
    benchmark = {"A": "US", "B": "US", "C": "HK", "D": "HK"}
    rows = [
        (f"e{place}", symbol, index[place])
        for place in (300, 302, 308)
        for symbol in "ABCD"
    ]
    events = pd.DataFrame(rows, columns=["event_id", "symbol", "day0"])
    study = event_study(table, events, benchmark=benchmark)
    assert study.n_events == 12
    assert len(study.fit.design.samples) == 2
    check(study)


def test_pairs_are_looked_at_in_pieces(monkeypatch):
    returns = correlated()
    study = event_study(
        returns,
        events_at(returns, range(200, 320, 3)),
        benchmark=MARKET,
        mask={share: returns.index[[150 + k]] for k, share in enumerate(returns)},
    )
    whole = average_correlation(study.fit, -5, 5)
    monkeypatch.setattr(dependence, "PAIRS_AT_ONCE", 7)
    assert average_correlation(study.fit, -5, 5) == pytest.approx(whole, rel=1e-12)


@settings(max_examples=25)
@given(
    st.integers(0, 2**32 - 1),
    st.lists(st.integers(130, 250), min_size=1, max_size=5, unique=True),
    st.integers(-10, 10),
    st.integers(0, 20),
    st.booleans(),
)
def test_any_dates_and_window(seed, places, first, more, gaps):
    returns = simulated_returns(3, 270, seed, common=0.2)
    options = {}
    if gaps:
        options["mask"] = {"S1": returns.index[100:250:9]}
    study = event_study(
        returns, events_at(returns, places), benchmark=MARKET, **options
    )
    check(study, [(first, min(10, first + more))])


def test_too_many_pairs_are_said_to_be_too_many(monkeypatch):
    returns = correlated()
    mask = {"S0": returns.index[[250]]}
    study = event_study(returns, events_at(returns, 300), benchmark=MARKET, mask=mask)
    monkeypatch.setattr(dependence, "MOST_PAIRS", 10)
    note = study.test(0, 0, ["adjusted_bmp"])["note"].iloc[0]
    assert note.startswith("undefined: 15 pairs of events overlap, more than 10")


def test_too_few_common_sessions_leave_the_correlation_undefined():
    returns = correlated()
    window = returns.index[180:290]
    mask = {"S0": window[:60], "S1": window[58:]}
    study = event_study(
        returns,
        events_at(returns, 300, ["S0", "S1"]),
        benchmark=MARKET,
        mask=mask,
    )
    note = study.test(0, 0, ["adjusted_bmp"])["note"].iloc[0]
    assert "fewer than 3 estimation sessions in common" in note


def test_residuals_that_stand_still_have_no_correlation():
    returns = correlated()
    returns.iloc[185:290, 0] = 0.001
    study = event_study(
        returns, events_at(returns, [300, 305], ["S0", "S1"]), model="mean"
    )
    note = study.test(-5, 5, ["adjusted_bmp"])["note"].iloc[0]
    assert "does not vary over its common estimation sessions" in note


def test_two_firms_that_go_opposite_ways_still_have_a_test():
    returns = correlated()
    noise = np.random.default_rng(0).normal(0, 1e-4, 420)
    pair = returns[["S0", MARKET]].assign(S1=2 * returns[MARKET] - returns["S0"])
    pair["S1"] += noise
    study = event_study(pair, events_at(pair, 300), benchmark=MARKET)
    assert -1 < average_correlation(study.fit, 0, 0) < -0.99
    table = study.test(0, 0, ["adjusted_patell", "adjusted_bmp"])
    assert np.isfinite(table["p_value"]).all()


def test_kp_is_undefined_where_the_variance_of_the_sum_is_not_positive():
    # Different residual samples can average below -1/(N - 1).
    returns = correlated()
    rng = np.random.default_rng(5)
    a, b, c = rng.normal(0, 0.01, (3, 420))
    table = pd.DataFrame({"S0": a, "S1": -a + 0.1 * b, "S2": 0.1 * c}, returns.index)
    table.iloc[180:235, 2] = -table.iloc[180:235, 0]
    table.iloc[235:290, 2] = -table.iloc[235:290, 1]
    table[MARKET] = returns[MARKET]
    mask = {"S0": table.index[235:290], "S1": table.index[180:225]}
    study = event_study(
        table, events_at(table, 300, ["S0", "S1", "S2"]), model="mean", mask=mask
    )
    r = average_correlation(study.fit, 0, 0)
    found = study.test(0, 0, ["adjusted_bmp", "adjusted_patell"])
    assert r < -0.5
    assert found["note"].str.contains("not positive").all()
    assert found[["statistic", "p_value"]].isna().all(axis=None)
