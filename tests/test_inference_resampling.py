"""Sign flips, placebo dates and sample quantiles, each against a slow version."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from engine_tools import MARKET, events_at, sessions_from, simulated_returns
from scipy import stats

from helpers import StudyError, event_study
from helpers.inference.bootstrap import two_sided_share


def study_at(places, shares=4, sessions=500, seed=71, common=0.3, **options):
    returns = simulated_returns(shares, sessions, seed=seed, common=common)
    options = {"benchmark": MARKET} | options
    return event_study(returns, events_at(returns, places), **options)


def statistic(study, window, name, **options):
    return study.test(*window, [name], **options).loc[name]


SEVEN = [150, 180, 215, 260, 300, 350, 420]


def date_sums(study, window):
    return study.car(*window)["car"].groupby("event_id", sort=False).sum().to_numpy()


def test_all_sign_patterns_are_tried_where_they_are_few():
    study = study_at(SEVEN)
    sums = date_sums(study, (0, 1))
    observed = abs(sums.sum())
    count = sum(
        abs(np.dot(signs, sums)) >= observed * (1 - 1e-12)
        for signs in product((1, -1), repeat=7)
    )
    found = statistic(study, (0, 1), "cluster_bootstrap")
    assert found["p_value"] == count / 2**7
    assert found["note"] == "all 128 sign patterns"
    assert found["statistic"] == pytest.approx(
        sums.sum() / np.sqrt((sums**2).sum()), rel=1e-12
    )


def test_more_dates_are_drawn_and_the_error_is_told():
    study = study_at(range(130, 470, 17))
    found = statistic(study, (0, 1), "cluster_bootstrap", draws=4000, seed=5)
    dates = 20
    rng = np.random.default_rng(0)
    sums = date_sums(study, (0, 1))
    flips = rng.choice([-1.0, 1.0], size=(200_000, dates))
    exact = (np.abs(flips @ sums) >= abs(sums.sum())).mean()
    error = np.sqrt(exact * (1 - exact) / 4000)
    assert found["p_value"] == pytest.approx(exact, abs=4 * error)
    assert found["note"].startswith("4000 draws, Monte Carlo error 0.00")
    assert found["p_value"] * 4001 == pytest.approx(round(found["p_value"] * 4001))


def test_draws_follow_the_seed():
    study = study_at(range(130, 470, 17))
    same = [study.test(0, 1, draws=300, seed=3) for _ in range(2)]
    pd.testing.assert_frame_equal(*same)
    names = ["cluster_bootstrap", "placebo"]
    other = study.test(0, 1, names, draws=300, seed=4)["p_value"]
    assert (other != same[0].loc[names, "p_value"]).any()


@pytest.mark.parametrize("dates", [1, 2, 5])
def test_few_dates_cannot_be_flipped_into_significance(dates):
    study = study_at(SEVEN[:dates])
    found = statistic(study, (0, 0), "cluster_bootstrap")
    least = 2.0 ** (1 - dates)
    assert found["note"].startswith(f"undefined: {dates} date")
    assert found["note"].endswith(f"flipping signs cannot give p below {least:.4g}")
    assert np.isnan(found["p_value"])
    if dates == 5:
        assert "0.0625" in found["note"]


def test_dates_whose_windows_overlap_are_flipped_together():
    study = study_at([*SEVEN, 302])
    day = statistic(study, (0, 0), "cluster_bootstrap")
    week = statistic(study, (0, 4), "cluster_bootstrap")
    assert day["note"] == "all 256 sign patterns"
    assert week["note"] == (
        "all 128 sign patterns; 8 dates in 7 groups with overlapping windows"
    )
    assert day["n_dates"] == week["n_dates"] == 8


def test_a_large_shock_on_every_date_is_found():
    returns = simulated_returns(4, 500, seed=1)
    shocked = returns.copy()
    shocked.iloc[SEVEN, :4] += 0.1
    study = event_study(shocked, events_at(returns, SEVEN), benchmark=MARKET)
    assert statistic(study, (0, 0), "cluster_bootstrap")["p_value"] == 2 / 128
    assert statistic(study, (0, 0), "placebo", draws=999)["p_value"] == 1 / 1000


@pytest.mark.parametrize(
    ("observed", "expected"),
    [(10, 2 / 5), (2.5, 1.0), (4, 4 / 5), (-1, 2 / 5), (1, 4 / 5)],
)
def test_two_sided_share_doubles_the_smaller_tail(observed, expected):
    assert two_sided_share(observed, np.array([1.0, 2.0, 3.0, 4.0])) == expected


@pytest.mark.parametrize("window", [(0, 0), (0, 1), (-5, 5)])
def test_sample_quantile_of_one_firm(window):
    returns = simulated_returns(1, 400, seed=2)
    study = event_study(returns, events_at(returns, 300), benchmark=MARKET)
    residuals, length = study.fit.residuals[0], window[1] - window[0] + 1
    past = np.array([residuals[k : k + length].sum() for k in range(110 - length + 1)])
    car = study.car(*window)["car"].iloc[0]
    smaller = min((past >= car).sum(), (past <= car).sum())
    found = statistic(study, window, "sample_quantile")
    assert found["p_value"] == min(1, 2 * (1 + smaller) / (1 + len(past)))
    assert found["statistic"] == pytest.approx(car, rel=1e-12)
    note = f"{len(past)} overlapping estimation windows"
    if length == 11:
        note += ", 10 of them apart: p may be too small"
    assert found["note"] == note


def test_sample_quantile_needs_windows_to_compare_with():
    returns = simulated_returns(1, 400, seed=2)
    study = event_study(
        returns,
        events_at(returns, 300),
        benchmark=MARKET,
        estimation=(-50, -11),
        window=(-10, 30),
    )
    note = statistic(study, (-10, 13), "sample_quantile")["note"]
    assert note == (
        "undefined: 17 windows of 24 sessions in the estimation window, fewer than 20"
    )


def slow_placebo(study, returns, places, window, barred=()):
    """Standardised CARs at every session that may be a placebo, by session."""
    shares = study.estimates.index.get_level_values("symbol").unique()
    first, last = study.windows.event
    taken = set(barred)
    for place in places:
        taken |= set(range(place + first, place + last + 1))
    free = [
        place
        for place in range(120, len(returns) - last)
        if not taken & set(range(place + first, place + last + 1))
    ]
    every = event_study(returns, events_at(returns, free, shares), benchmark=MARKET)
    found = every.car(*window)
    scaled = (found["car"] / found["se"]).groupby("event_id", sort=False)
    return {
        int(name.split()[-1]): values.to_numpy()
        for name, values in scaled
        if len(values) == len(shares)
    }


def test_one_date_is_set_against_every_other_session():
    returns = simulated_returns(3, 260, seed=3, common=0.3)
    study = event_study(returns, events_at(returns, 190), benchmark=MARKET)
    slow = slow_placebo(study, returns, [190], (-1, 1))
    found = study.placebo(-1, 1)
    assert found.enumerated
    assert found.dates == len(slow)
    assert 190 + 21 in slow
    assert 190 + 20 not in slow
    expected = np.array([values.mean() for values in slow.values()])
    np.testing.assert_allclose(found.statistic, expected, rtol=1e-9, atol=1e-12)
    scaled = study.car(-1, 1)
    observed = (scaled["car"] / scaled["se"]).mean()
    assert found.observed == pytest.approx(observed, rel=1e-12)
    share = (1 + (np.abs(expected) >= abs(observed)).sum()) / (1 + len(expected))
    row = statistic(study, (-1, 1), "placebo")
    assert row["p_value"] == found.p_value == share
    assert row["note"] == f"all {len(slow)} eligible dates"
    assert found.error == 0
    assert len(found.caar) == len(found.statistic)


def test_excluded_dates_and_gaps_are_kept_clear_of():
    returns = simulated_returns(2, 330, seed=4)
    returns.iloc[270, 1] = np.nan
    study = event_study(returns, events_at(returns, 190), benchmark=MARKET)
    excluded = returns.index[[150, 236]]
    slow = slow_placebo(study, returns, [190], (0, 1), barred=[150, 236])
    assert study.placebo(0, 1, exclude=excluded).dates == len(slow)
    assert not set(slow) & set(range(140, 161))
    assert not set(slow) & set(range(260, 281))
    assert study.placebo(0, 1).dates > len(slow)
    # A Saturday counts as the Monday after it.
    friday = next(k for k in range(232, 240) if returns.index[k].weekday() == 4)
    weekend = [returns.index[friday] + pd.Timedelta(days=1)]
    monday = study.placebo(0, 1, exclude=returns.index[[friday + 1]])
    np.testing.assert_array_equal(
        study.placebo(0, 1, exclude=weekend).statistic, monday.statistic
    )


def test_several_dates_are_drawn_independently():
    returns = simulated_returns(2, 520, seed=5, common=0.5)
    places = [200, 300, 400]
    study = event_study(returns, events_at(returns, places), benchmark=MARKET)
    found = study.placebo(0, 1, draws=20_000, seed=9)
    slow = slow_placebo(study, returns, places, (0, 1))
    sums = np.array([values.sum() for values in slow.values()])
    assert not found.enumerated
    assert found.dates == len(slow)
    assert found.statistic.mean() == pytest.approx(
        sums.mean() / 2, abs=4 * sums.std() / np.sqrt(3 * 4 * 20_000)
    )
    # Firms of one date stay together: three dates of two firms each.
    assert found.statistic.std() == pytest.approx(sums.std() * np.sqrt(3) / 6, rel=0.03)
    assert found.error == pytest.approx(
        np.sqrt(found.p_value * (1 - found.p_value) / 20_000)
    )


def test_dates_whose_windows_overlap_move_together():
    returns = simulated_returns(1, 400, seed=6)
    study = event_study(returns, events_at(returns, [250, 253]), benchmark=MARKET)
    found = study.placebo(0, 4)
    assert found.enumerated
    slow = slow_placebo(study, returns, [250, 253], (0, 4))
    pairs = [slow[k] + slow[k + 3] for k in slow if k + 3 in slow]
    expected = np.array(pairs)[:, 0] / 2
    np.testing.assert_allclose(found.statistic, expected, rtol=1e-9, atol=1e-12)
    assert not study.placebo(0, 2).enumerated


def test_two_exchanges_share_their_placebo_dates():
    rng = np.random.default_rng(8)
    index = sessions_from("2018-01-01", 400)
    table = pd.DataFrame(
        rng.normal(0, 0.01, (400, 4)), index, ["HK", "US", "HSI", "SPX"]
    )
    shut_hk, shut_us = [180, 240, 300, 330], [200, 301, 350]
    table.loc[index[shut_hk], ["HK", "HSI"]] = np.nan
    table.loc[index[shut_us], ["US", "SPX"]] = np.nan
    day0 = index[270]
    events = pd.DataFrame({"event_id": "e", "symbol": ["HK", "US"], "day0": day0})
    study = event_study(table, events, benchmark={"HK": "HSI", "US": "SPX"})
    found = study.placebo(0, 1)
    start, end = study.sessions.to_numpy().min(), study.sessions.to_numpy().max()
    by_share = []
    for share, market in [("HK", "HSI"), ("US", "SPX")]:
        own = table[[share, market]].dropna()
        days = own.index[120:-10]
        events = pd.DataFrame({"event_id": days, "symbol": share, "day0": days})
        every = event_study(own, events, benchmark=market)
        apart = (every.sessions[10] < start) | (every.sessions[-10] > end)
        scaled = every.car(0, 1).loc[apart, ["car", "se"]].droplevel("symbol")
        by_share.append(scaled["car"] / scaled["se"])
    both = pd.concat(by_share, axis=1, join="inner").sort_index()
    assert found.dates == len(both)
    np.testing.assert_allclose(
        found.statistic, both.mean(axis=1), rtol=1e-9, atol=1e-12
    )


def test_too_few_placebo_dates_are_said_to_be_too_few():
    returns = simulated_returns(1, 170, seed=7)
    study = event_study(returns, events_at(returns, 140), benchmark=MARKET)
    note = statistic(study, (0, 0), "placebo")["note"]
    day0 = f"{returns.index[140]:%Y-%m-%d}"
    assert note == f"undefined: 0 placebo dates for {day0}, fewer than 20"
    with pytest.raises(StudyError, match="No placebo distribution: 0 placebo dates"):
        study.placebo(0, 0)


def test_models_fitted_one_by_one_have_no_placebo():
    returns = simulated_returns(1, 400, seed=7)
    study = event_study(
        returns, events_at(returns, 200), benchmark=MARKET, model="huber"
    )
    assert "fitted window by window" in statistic(study, (0, 0), "placebo")["note"]


def test_p_values_are_uniform_where_nothing_happens():
    # Three firms that move together, on one date, four hundred times.
    rows = []
    for run in range(400):
        returns = simulated_returns(3, 320, seed=10_000 + run, common=0.5)
        study = event_study(
            returns,
            events_at(returns, 220),
            benchmark=MARKET,
            estimation=(-70, -6),
            window=(-5, 5),
        )
        rows.append(
            {
                "placebo": statistic(study, (0, 1), "placebo")["p_value"],
                "quantile": statistic(study, (0, 0), "sample_quantile")["p_value"],
            }
        )
    for name, p_values in pd.DataFrame(rows).items():
        assert stats.kstest(p_values, "uniform").pvalue > 0.01, name
        assert (p_values < 0.05).mean() < 0.09, name


def test_flipping_signs_is_right_about_its_error_where_nothing_happens():
    # Eight dates, five firms on each that move together.
    p_values = []
    places = [80, 105, 130, 155, 180, 205, 230, 255]
    for run in range(400):
        returns = simulated_returns(5, 270, seed=20_000 + run, common=0.6)
        study = event_study(
            returns,
            events_at(returns, places),
            benchmark=MARKET,
            estimation=(-70, -6),
            window=(-5, 5),
        )
        p_values.append(statistic(study, (0, 1), "cluster_bootstrap")["p_value"])
    assert stats.kstest(p_values, "uniform").pvalue > 0.01
    assert 0.02 < np.mean(np.array(p_values) < 0.05) < 0.09


def test_ten_thousand_draws_of_several_dates_take_no_time():
    study = study_at(range(130, 470, 34), shares=5)
    found = study.placebo(0, 1, draws=10_000)
    assert len(found.statistic) == 10_000
    assert 0 < found.p_value <= 1


def test_a_band_is_the_range_of_the_placebos_of_each_day():
    returns = simulated_returns(3, 260, seed=3, common=0.3)
    study = event_study(
        returns, events_at(returns, [190, 205]), benchmark=MARKET, window=(-2, 3)
    )
    band = study.placebo_band(-2, 3, share=0.9)
    assert band.index.tolist() == [-2, -1, 0, 1, 2, 3]
    for to, row in band.iterrows():
        values = study.placebo(-2, to).caar
        assert row.to_numpy() == pytest.approx(np.quantile(values, [0.05, 0.95]))
    with pytest.raises(StudyError, match="share must lie"):
        study.placebo_band(-2, 3, share=1)
    with pytest.raises(StudyError, match="not inside"):
        study.placebo_band(-2, 4)
