"""Each test against its formula, written out slowly from the fitted residuals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from engine_tools import MARKET, events_at, simulated_returns
from scipy import stats

from helpers import event_study
from helpers.inference.battery import TEST_COLUMNS
from helpers.inference.parametric import kolari_pynnonen

WINDOWS = [(0, 0), (0, 1), (-1, 1), (-5, 5), (-10, 10), (3, 7)]


def make(kind):
    returns = simulated_returns(8, 420, seed=51, common=0.3)
    shares = list(returns.columns.drop(MARKET))
    options = {"benchmark": MARKET}
    places = [300]
    if kind == "dates":
        places = [180, 240, 300, 390]
    elif kind == "gaps":
        rng = np.random.default_rng(3)
        early = rng.random((280, 8)) < 0.03
        returns.iloc[:280, :8] = returns.iloc[:280, :8].mask(early)
        returns.iloc[:195, 0] = np.nan
        options["max_missing"] = 0.2
    elif kind == "masked":
        places = [240, 300]
        options["mask"] = {
            share: returns.index[200 + 3 * k : 204 + 3 * k]
            for k, share in enumerate(shares)
        }
    elif kind == "mean":
        options |= {"model": "mean", "estimation": (-60, -11)}
    elif kind == "factors":
        rng = np.random.default_rng(4)
        returns[["F0", "F1"]] = rng.normal(0, 0.01, (420, 2))
        options = {"model": "factors", "factors": [MARKET, "F0", "F1"]}
    elif kind == "adjusted":
        options["model"] = "market_adjusted"
    return event_study(returns, events_at(returns, places, shares), **options)


KINDS = ["one date", "dates", "gaps", "masked", "mean", "factors", "adjusted"]


@pytest.fixture(scope="module", params=KINDS)
def study(request):
    return make(request.param)


@pytest.fixture(params=WINDOWS, ids=str)
def window(request):
    return request.param


def statistic(study, window, name, **options):
    return study.test(*window, [name], **options).loc[name]


def scaled_cars(study, window):
    found = study.car(*window)
    return (found["car"] / found["se"]).to_numpy()


def normal_p(z):
    return 2 * stats.norm.sf(abs(z))


def test_cross_sectional_is_the_t_test_of_scipy(study, window):
    car = study.car(*window)["car"]
    found = statistic(study, window, "cross_sectional")
    expected = stats.ttest_1samp(car, 0)
    assert found["statistic"] == pytest.approx(expected.statistic, rel=1e-10)
    assert found["p_value"] == pytest.approx(expected.pvalue, rel=1e-9)
    assert found["df"] == len(car) - 1


def test_patell_exact(study, window):
    found = statistic(study, window, "patell")
    dof = study.estimates["dof"].to_numpy()
    z = scaled_cars(study, window).sum() / np.sqrt((dof / (dof - 2)).sum())
    assert found["statistic"] == pytest.approx(z, rel=1e-10)
    assert found["p_value"] == pytest.approx(normal_p(z), rel=1e-9)
    assert np.isnan(found["df"])


def test_patell_has_m_minus_two_over_m_minus_four_in_the_market_model():
    study = make("one date")
    found = statistic(study, (0, 0), "patell")["statistic"]
    z = scaled_cars(study, (0, 0)).sum() / np.sqrt(8 * (110 - 2) / (110 - 4))
    assert found == pytest.approx(z, rel=1e-10)


def test_bmp_is_a_t_test_of_the_standardised_car(study, window):
    found = statistic(study, window, "bmp")
    expected = stats.ttest_1samp(scaled_cars(study, window), 0)
    assert found["statistic"] == pytest.approx(expected.statistic, rel=1e-10)
    # Not against the normal, as some programs have it.
    assert found["p_value"] == pytest.approx(expected.pvalue, rel=1e-9)
    assert found["p_value"] > normal_p(found["statistic"])


def test_adjusted_tests_shrink_by_the_correlation_that_they_name(study, window):
    plain = statistic(study, window, "bmp")["statistic"]
    adjusted = kolari_pynnonen(study.fit, *window)
    patell = statistic(study, window, "patell")["statistic"]
    adjusted_patell = statistic(study, window, "adjusted_patell")
    n = len(study.fit)
    # r follows from one statistic and has to give the other.
    inflation = (patell / adjusted_patell["statistic"]) ** 2
    r = (inflation - 1) / (n - 1)
    assert adjusted.statistic == pytest.approx(
        plain * np.sqrt((1 - r) / (1 + (n - 1) * r)), rel=1e-8
    )
    assert adjusted.note == f"average correlation {r:.3f}"
    assert adjusted.df == n - 1
    assert adjusted.p_value == pytest.approx(
        2 * stats.t.sf(abs(adjusted.statistic), n - 1), rel=1e-9
    )


def test_adjusted_bmp_takes_dates_for_the_sample(study, window):
    found = statistic(study, window, "adjusted_bmp")
    scaled = pd.Series(scaled_cars(study, window), study.car(0, 0).index)
    sums = (scaled - scaled.mean()).groupby("event_id").sum()
    count = len(sums)
    if count == 1:
        expected = kolari_pynnonen(study.fit, *window)
        assert tuple(found[["statistic", "df", "note"]]) == (
            expected.statistic,
            expected.df,
            expected.note,
        )
    else:
        error = np.sqrt(count / (count - 1) * (sums**2).sum()) / len(scaled)
        assert found["statistic"] == pytest.approx(scaled.mean() / error, rel=1e-10)
        assert found["df"] == count - 1
        assert found["note"] == f"{count} groups of dates"


def test_with_a_date_of_its_own_for_each_event_that_is_kp():
    returns = simulated_returns(1, 420, seed=51)
    study = event_study(returns, events_at(returns, [180, 240, 300]), benchmark=MARKET)
    found, plain = (statistic(study, (0, 1), name) for name in ("adjusted_bmp", "bmp"))
    expected = kolari_pynnonen(study.fit, 0, 1)
    assert found["statistic"] == pytest.approx(expected.statistic, rel=1e-12)
    assert found["p_value"] == pytest.approx(expected.p_value, rel=1e-12)
    assert found["p_value"] == pytest.approx(plain["p_value"], rel=1e-12)


def test_crude_dependence(study, window):
    residuals = study.fit.residuals
    series = [np.nanmean(day) for day in residuals.T if not np.isnan(day).all()]
    length = window[1] - window[0] + 1
    t = study.car(*window)["car"].mean() / (np.sqrt(length) * np.std(series, ddof=1))
    found = statistic(study, window, "crude_dependence")
    assert found["statistic"] == pytest.approx(t, rel=1e-10)
    assert found["df"] == len(series) - 1


def slow_corrado(study, window):
    residuals, abnormal = study.fit.residuals, study.fit.abnormal
    rows = []
    for one, two in zip(residuals, abnormal, strict=True):
        row = np.concatenate([one, two])
        used = ~np.isnan(row)
        scaled = np.full(len(row), np.nan)
        scaled[used] = stats.rankdata(row[used]) / (used.sum() + 1) - 0.5
        rows.append(scaled)
    days = []
    for day in np.array(rows).T:
        present = day[~np.isnan(day)]
        days.append(present.sum() / np.sqrt(len(present)) if len(present) else None)
    spread = np.sqrt(np.mean([day**2 for day in days if day is not None]))
    start = residuals.shape[1] + window[0] - study.windows.event[0]
    chosen = days[start : start + window[1] - window[0] + 1]
    return np.sqrt(len(chosen)) * np.mean(chosen) / spread


def test_corrado(study, window):
    found = statistic(study, window, "corrado")
    z = slow_corrado(study, window)
    assert found["statistic"] == pytest.approx(z, rel=1e-10)
    assert found["p_value"] == pytest.approx(normal_p(z), rel=1e-9)


def test_corrado_without_gaps_is_that_of_1989():
    study = make("one date")
    values = np.concatenate([study.fit.residuals, study.fit.abnormal], axis=1)
    ranks = np.array([stats.rankdata(row) for row in values])
    k = ranks.mean(axis=0) - (131 + 1) / 2
    z = np.sqrt(3) * k[110 + 9 : 110 + 12].mean() / np.sqrt((k**2).mean())
    assert statistic(study, (-1, 1), "corrado")["statistic"] == pytest.approx(z)


def test_signs(study, window):
    car = study.car(*window)["car"].to_numpy()
    n, positive = len(car), (car > 0).sum()
    z = (positive - n / 2) / np.sqrt(n / 4)
    assert statistic(study, window, "sign")["statistic"] == pytest.approx(z)
    residuals = study.fit.residuals[~np.isnan(study.fit.residuals)]
    p = (residuals > 0).mean()
    z = (positive - n * p) / np.sqrt(n * p * (1 - p))
    found = statistic(study, window, "generalized_sign")
    assert found["statistic"] == pytest.approx(z, rel=1e-10)
    assert found["p_value"] == pytest.approx(normal_p(z), rel=1e-9)
    dates = study.caar(*window)["n_groups"]
    assert found["note"].startswith("normal approximation with few events" * (n < 10))
    several = "1 group" if dates == 1 else f"{dates:.0f} groups"
    assert found["note"].endswith(
        f"takes {n} events in {several} of dates for independent"
    )


def test_wilcoxon_is_that_of_scipy(study, window):
    expected = stats.wilcoxon(study.car(*window)["car"])
    found = statistic(study, window, "wilcoxon")
    assert found["statistic"] == expected.statistic
    assert found["p_value"] == pytest.approx(expected.pvalue, rel=1e-10)


def test_the_mean_car_is_clustered_as_in_statsmodels():
    study = make("dates")
    for window in [(0, 0), (-1, 1), (-10, 10)]:
        car = study.car(*window)["car"].to_numpy()
        dates = study.sessions[0].astype("int64")
        fit = sm.OLS(car, np.ones(len(car))).fit()
        robust = fit.get_robustcov_results(
            "cluster", groups=pd.factorize(dates)[0], use_correction=True, use_t=True
        )
        found = study.caar(*window)
        assert found["caar"] == pytest.approx(robust.params[0], rel=1e-12)
        assert found["se"] == pytest.approx(robust.bse[0], rel=1e-10)
        assert found["p_value"] == pytest.approx(robust.pvalues[0], rel=1e-9)
        assert [found["df"], found["n_events"], found["n_dates"]] == [3, 32, 4]
        low, high = robust.conf_int()[0]
        assert found[["ci_low", "ci_high"]].tolist() == pytest.approx([low, high])


def test_dates_whose_windows_overlap_are_one_cluster():
    returns = simulated_returns(4, 420, seed=1)
    events = events_at(returns, [200, 203, 300])
    study = event_study(returns, events, benchmark=MARKET)
    assert study.caar(0, 2)[["df", "n_dates", "n_groups"]].tolist() == [2, 3, 3]
    found = study.caar(0, 3)
    assert found[["df", "n_dates", "n_groups"]].tolist() == [1, 3, 2]
    car = study.car(0, 3)["car"].to_numpy()
    robust = sm.OLS(car, np.ones(12)).fit(
        cov_type="cluster", cov_kwds={"groups": [0] * 8 + [1] * 4}, use_t=True
    )
    assert found["se"] == pytest.approx(robust.bse[0], rel=1e-10)


def test_one_date_gives_a_mean_car_without_an_error():
    found = make("one date").caar(0, 1)
    assert np.isfinite(found["caar"])
    assert found[["se", "t", "p_value", "ci_low", "ci_high"]].isna().all()
    assert found["df"] == 0


def test_intervals_belong_to_their_tests():
    study = make("one date")
    for level in (0.9, 0.95, 0.99):
        found = study.car(-1, 1, level=level)
        outside = (found["ci_low"] > 0) | (found["ci_high"] < 0)
        assert (outside == (found["p_value"] < 1 - level)).all()
        half = stats.t.ppf(0.5 + level / 2, 108) * found["se"]
        np.testing.assert_allclose(found["ci_high"] - found["car"], half, rtol=1e-10)


def test_all_tests_stand_in_one_table_in_one_order():
    study = make("dates")
    table = study.test(0, 1, draws=50)
    assert table.index.tolist() == [
        "cross_sectional",
        "patell",
        "adjusted_patell",
        "bmp",
        "adjusted_bmp",
        "corrado",
        "sign",
        "generalized_sign",
        "wilcoxon",
        "crude_dependence",
        "cluster_bootstrap",
        "placebo",
        "sample_quantile",
    ]
    assert list(table) == TEST_COLUMNS
    assert (table["n_events"] == 32).all()
    assert (table["n_dates"] == 4).all()
    chosen = study.test(0, 1, ["corrado", "bmp"])
    pd.testing.assert_frame_equal(chosen, table.loc[["corrado", "bmp"]])
    one = study.test(0, 1, "bmp")
    assert one.index.tolist() == ["bmp"]


UNDEFINED_FOR_ONE = {
    "cross_sectional": "one event has no spread of CAR",
    "bmp": "one event has no spread of standardised CAR",
    "adjusted_bmp": "one event has no spread of standardised CAR",
    "sign": "one event has one sign",
    "generalized_sign": "one event has one sign",
    "wilcoxon": "one event has one rank",
    "cluster_bootstrap": "1 date: flipping signs cannot give p below 1",
}


def test_one_event_has_only_the_tests_that_it_can_have():
    returns = simulated_returns(1, 400, seed=9)
    study = event_study(returns, events_at(returns, 300), benchmark=MARKET)
    table = study.test(0, 1)
    for name, row in table.iterrows():
        if name in UNDEFINED_FOR_ONE:
            assert row["note"] == f"undefined: {UNDEFINED_FOR_ONE[name]}"
            assert np.isnan([row["statistic"], row["df"], row["p_value"]]).all()
        else:
            assert 0 <= row["p_value"] <= 1, name
    assert table.loc["corrado", "note"] == "|z| of one event stays below 2.45"
    found = study.car(0, 1).iloc[0]
    z = found["car"] / found["se"] / np.sqrt(108 / 106)
    assert table.loc["patell", "statistic"] == pytest.approx(z)
    assert table.loc["adjusted_patell", "statistic"] == pytest.approx(z)


def test_events_that_are_copies_of_one_another_have_no_spread():
    returns = simulated_returns(1, 400, seed=9)
    returns.insert(1, "S1", returns["S0"])
    study = event_study(returns, events_at(returns, 300), benchmark=MARKET)
    table = study.test(0, 1)
    assert (
        table.loc["cross_sectional", "note"]
        == "undefined: all events have the same CAR"
    )
    for name in ["bmp", "adjusted_bmp"]:
        assert table.loc[name, "note"] == (
            "undefined: all events have the same standardised CAR"
        )


def test_firms_that_cancel_each_other_leave_no_mean_to_test():
    returns = simulated_returns(1, 400, seed=9)
    returns.insert(1, "S1", 2 * 0.5 * returns[MARKET] - returns["S0"])
    study = event_study(returns, events_at(returns, 300), benchmark=MARKET)
    table = study.test(0, 1)
    assert table.loc["crude_dependence", "note"] == (
        "undefined: the mean residual does not vary"
    )
    assert table.loc["corrado", "note"] == "undefined: the mean rank does not vary"
    # Perfect negative correlation of two: 1 + (N - 1) r is zero.
    for name in ["adjusted_patell", "adjusted_bmp"]:
        assert "not positive" in table.loc[name, "note"]
