"""What other programs and papers print, and where ours rightly differs.

The figures are those that the R package estudy2 (archived 2024) printed for the
returns that it is bundled with: seven shares with unequal histories, estimation
to 2020-03-13, event 2020-03-16 to 2020-03-20, all on one date.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, rankdata

from helpers import StudyError, event_study
from helpers.inference.parametric import mean_residuals
from helpers.inference.power import detectable_effect, power_of_t

TESTS = Path(__file__).parent
RETURNS = TESTS / "data" / "estudy2_returns.csv"
# The program's own files, where a folder beside the checkout has them.
BESIDE = sorted(TESTS.parents[1].glob("*/reference/estudy2_bundled_rates.csv"))

PRINTED = {
    "mean": [
        0.0232973978262158,
        -0.0315786717755342,
        -0.0161785006909957,
        0.0767202708897055,
        0.0584054518322579,
    ],
    "t": [
        1.394149719572661,
        -1.276907495466558,
        -0.402313511383383,
        1.795827492224808,
        5.123328062585404,
    ],
    "crude": [
        1.85851388293789,
        -2.51913970553089,
        -1.29061487311262,
        6.12024096488691,
        4.65920459783567,
    ],
    "sign": [
        1.133893419027682,
        0.377964473009227,
        1.133893419027682,
        1.889822365046136,
        2.645751311064590,
    ],
    "generalized_sign": [
        1.151676077010279,
        0.395730105756836,
        1.151676077010279,
        1.907622048263722,
        2.663568019517165,
    ],
    "rank": [
        0.796206414169331,
        -0.185720202843193,
        1.020541708692791,
        2.112797159077509,
        2.925552898252669,
    ],
    "modified_rank": [
        0.849924565265207,
        -0.228388144052374,
        0.986517757454977,
        2.166537104324116,
        2.978666846675603,
    ],
    "wilcoxon": [23, 10, 15, 27, 28],
    "patell": [
        2.550739878050639,
        -2.949561327271217,
        0.328365431222734,
        8.421622212241994,
        6.319635160659816,
    ],
    "bmp": [
        1.2047116889627758,
        -1.1753133871225965,
        0.0760628409908074,
        2.1665772789227784,
        8.6521256122120036,
    ],
}
PRINTED_BETA = [
    0.86463512,
    0.30638792,
    1.13443389,
    0.95819990,
    1.22728388,
    1.03407527,
    0.69284195,
]
PRINTED_CAR = {
    "mean a day": 0.0221331896163299,
    "crude": 3.94809324038888,
    "rank": 3.05369986269913,
}
# By the papers' formulas, where the program leaves them.
BY_THE_PAPER = {
    "patell": [2.544440, -2.942074, 0.328963, 8.402698, 6.305735],
    "bmp": [1.204284, -1.175179, 0.076377, 2.166887, 8.654536],
}


@pytest.fixture(scope="module")
def reference():
    if not BESIDE:
        pytest.skip("no folder beside the checkout has the program's own files")
    return BESIDE[0].parent


@pytest.fixture(scope="module")
def returns():
    table = pd.read_csv(RETURNS, comment="#", index_col="session", parse_dates=True)
    table.attrs["kind"] = "log"
    return table


@pytest.fixture(scope="module")
def study(returns):
    day0 = pd.Timestamp("2020-03-16")
    shares = returns.columns.drop("SP500")
    events = pd.DataFrame({"event_id": "week", "symbol": shares, "day0": day0})
    return event_study(
        returns,
        events,
        benchmark="SP500",
        estimation=(-returns.index.get_loc(day0), -1),
        window=(0, 4),
        max_missing=0.2,
    )


def by_day(study, test):
    return [study.test(day, day, [test])["statistic"].iloc[0] for day in range(5)]


def test_the_carried_figures_are_those_of_the_file(returns, reference):
    given = pd.read_csv(
        reference / "estudy2_bundled_rates.csv", index_col=0, parse_dates=True
    )
    given = given.apply(pd.to_numeric, errors="coerce").loc[: returns.index[-1]]
    pd.testing.assert_frame_equal(returns, given, rtol=1e-11, atol=0, check_names=False)


def test_the_printed_figures_are_those_of_the_files(reference):
    table = pd.read_csv(reference / "estudy2_bundled_parametric.csv")
    for ours, theirs in {
        "mean": "mean",
        "t": "t_test_stat",
        "crude": "bw_1985_stat",
        "patell": "pt_stat",
        "bmp": "bh_stat",
    }.items():
        np.testing.assert_allclose(table[theirs], PRINTED[ours], rtol=1e-13)
    ranks = pd.read_csv(reference / "estudy2_bundled_nonparametric.csv")
    for ours, theirs in {
        "sign": "sign_stat",
        "generalized_sign": "gsign_stat",
        "rank": "rank_stat",
        "modified_rank": "mrank_stat",
        "wilcoxon": "wlcx_stat",
    }.items():
        np.testing.assert_allclose(ranks[theirs], PRINTED[ours], rtol=1e-13)
    car = pd.read_csv(reference / "estudy2_bundled_car_parametric.csv")
    assert car["car_mean"].iloc[0] == pytest.approx(PRINTED_CAR["mean a day"])
    assert car["statistic"].iloc[1] == pytest.approx(PRINTED_CAR["crude"])


def test_estimates_and_mean_abnormal_returns(study):
    np.testing.assert_allclose(study.estimates["beta"], PRINTED_BETA, atol=5e-9)
    assert study.estimates["n_obs"].tolist() == [240, 227, 212, 240, 240, 240, 240]
    np.testing.assert_allclose(
        study.abnormal_returns.mean(), PRINTED["mean"], rtol=1e-9
    )
    # The program divides a CAR by its days: a mean where a sum belongs.
    caar = study.caar(0, 4)["caar"]
    assert caar == pytest.approx(5 * PRINTED_CAR["mean a day"], rel=1e-9)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("cross_sectional", "t"),
        ("crude_dependence", "crude"),
        ("sign", "sign"),
        ("generalized_sign", "generalized_sign"),
    ],
)
def test_tests_on_which_all_agree(study, ours, theirs):
    np.testing.assert_allclose(by_day(study, ours), PRINTED[theirs], rtol=1e-9)


def test_crude_dependence_over_the_week(study):
    found = study.test(0, 4, ["crude_dependence"])["statistic"].iloc[0]
    assert found == pytest.approx(PRINTED_CAR["crude"], rel=1e-9)


def test_wilcoxon_is_the_smaller_sum_of_ranks(study):
    # The program prints the sum of positive ranks; of 28 in all.
    smaller = [min(28 - rank, rank) for rank in PRINTED["wilcoxon"]]
    assert by_day(study, "wilcoxon") == smaller


@pytest.mark.parametrize("name", ["patell", "bmp"])
def test_patell_and_bmp_follow_the_paper_not_the_program(study, name):
    found = by_day(study, name)
    np.testing.assert_allclose(found, BY_THE_PAPER[name], atol=5e-7)
    assert np.abs(np.array(found) - PRINTED[name]).max() > 1e-3


def ranks_of(study):
    values = np.concatenate([study.fit.residuals, study.fit.abnormal], axis=1)
    present = ~np.isnan(values)
    ranks = np.full(values.shape, np.nan)
    for firm, used in enumerate(present):
        ranks[firm, used] = rankdata(values[firm, used])
    return ranks, present


def test_ranks_differ_from_the_program_by_its_two_departures(study):
    """With unequal histories it divides by the mean number of observations.

    And it scales a day's mean by the share of firms that have one. Applied to
    our ranks, that gives its figures; the papers' formulas give ours.
    """
    ranks, present = ranks_of(study)
    firms, days = present.sum(axis=0), present.sum(axis=1)
    centred = ranks - (days[:, None] + 1) / 2
    mean = np.nansum(centred, axis=0) / firms
    theirs = mean * 7 / firms
    printed = theirs[-5:] / np.sqrt((theirs**2).sum() / days.mean())
    np.testing.assert_allclose(printed, PRINTED["rank"], rtol=1e-9)

    scaled = ranks / (days[:, None] + 1) - 0.5
    root = np.nansum(scaled, axis=0) / firms * np.sqrt(7 / firms)
    modified = root[-5:] / np.sqrt((root**2).sum() / days.mean())
    np.testing.assert_allclose(modified, PRINTED["modified_rank"], rtol=1e-9)

    level = ((days + 1) / 2).mean()
    daily = np.nanmean(ranks, axis=0) - level
    week = np.sqrt(5) * (ranks[:, -5:].mean() - level)
    week /= np.sqrt((daily**2).sum() / days.mean())
    assert week == pytest.approx(PRINTED_CAR["rank"], rel=1e-9)

    # Corrado and Zivney (1992): the root of a day's number of firms is its
    # weight, and the mean is over the days there are.
    weighted = np.nansum(scaled, axis=0) / np.sqrt(firms)
    spread = np.sqrt((weighted**2).mean())
    np.testing.assert_allclose(
        by_day(study, "corrado"), weighted[-5:] / spread, rtol=1e-10
    )
    assert study.test(0, 4, ["corrado"])["statistic"].iloc[0] == pytest.approx(
        np.sqrt(5) * weighted[-5:].mean() / spread, rel=1e-10
    )


def test_with_equal_histories_the_program_and_the_papers_agree(returns):
    day0 = pd.Timestamp("2020-03-16")
    events = pd.DataFrame(
        {"event_id": "week", "symbol": ["AMZN", "NFLX", "SHOP", "FB"], "day0": day0}
    )
    study = event_study(
        returns,
        events,
        benchmark="SP500",
        estimation=(-returns.index.get_loc(day0), -1),
        window=(0, 4),
    )
    ranks, present = ranks_of(study)
    centred = ranks - (present.sum(axis=1)[:, None] + 1) / 2
    mean = centred.mean(axis=0)
    by_corrado = mean[-5:] / np.sqrt((mean**2).mean())
    np.testing.assert_allclose(by_day(study, "corrado"), by_corrado, rtol=1e-10)


def test_the_spread_of_the_mean_residual_leaves_gaps_out(study):
    residuals = study.fit.residuals
    by_hand = np.array([np.nanmean(column) for column in residuals.T])
    np.testing.assert_allclose(mean_residuals(study.fit), by_hand, rtol=1e-12)


# The table is for a critical value of 1.96, to the printed digits.
ALPHA = 2 * norm.sf(1.96)
# So many degrees of freedom that sigma is as good as known.
KNOWN = 1e7
MACKINLAY = [
    (0.02, 1, [0.0572, 0.0791, 0.1165, 0.1701]),
    (0.02, 20, [0.2009, 0.6088, 0.9184, 0.9940]),
    (0.02, 50, [0.4239, 0.9424, 0.9996, 1.0]),
    (0.04, 20, [0.0865, 0.2009, 0.3887, 0.6088]),
    (0.04, 50, [0.1432, 0.4239, 0.7554, 0.9424]),
]


@pytest.mark.parametrize(("sigma", "n", "power"), MACKINLAY)
def test_power_with_known_sigma_is_that_of_mackinlay(sigma, n, power):
    error = sigma / np.sqrt(n)
    found = [power_of_t(k * 0.005, error, KNOWN, alpha=ALPHA) for k in (1, 2, 3, 4)]
    np.testing.assert_allclose(found, power, rtol=0, atol=5.01e-5)


def test_power_with_known_sigma_is_that_of_the_whole_table(reference):
    with (reference / "mackinlay_power_closed_form.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 30
    for row in rows:
        for name, value in row.items():
            if name.startswith("ar="):
                error = float(row["sd"]) / np.sqrt(int(row["N"]))
                found = power_of_t(float(name[3:]), error, KNOWN, alpha=ALPHA)
                assert found == pytest.approx(float(value), abs=5.01e-5)


def test_power_of_t_is_the_size_at_no_effect_and_grows_with_df():
    assert power_of_t(0, 0.02, 108) == pytest.approx(0.05, abs=1e-12)
    assert power_of_t(0.04, 0.02, 5) < power_of_t(0.04, 0.02, 50)


def test_power_of_t_is_the_share_that_rejects():
    rng = np.random.default_rng(0)
    df, se, effect = 20, 0.02, 0.05
    sigma = se * np.sqrt(rng.chisquare(df, 200_000) / df)
    t = np.abs(effect + se * rng.normal(size=200_000)) / sigma
    bar = 2.0859634472658364
    assert power_of_t(effect, se, df) == pytest.approx((t > bar).mean(), abs=0.004)


@pytest.mark.parametrize(("power", "alpha"), [(0.8, 0.05), (0.95, 0.01), (0.2, 0.1)])
def test_the_detectable_effect_has_that_power(power, alpha):
    effect = detectable_effect(0.021, 108, power=power, alpha=alpha)
    assert power_of_t(effect, 0.021, 108, alpha=alpha) == pytest.approx(power, abs=1e-9)
    assert detectable_effect(0.042, 108, power=power, alpha=alpha) == pytest.approx(
        2 * effect, rel=1e-9
    )


@pytest.mark.parametrize(
    "call",
    [
        lambda: power_of_t(0.01, 0.02, 5, alpha=0),
        lambda: power_of_t(0.01, np.nan, 5),
        lambda: power_of_t(0.01, 0.02, 0),
        lambda: power_of_t(np.inf, 0.02, 5),
        lambda: detectable_effect(0.02, 100, power=0.05),
        lambda: detectable_effect(0.02, 100, power=1),
        lambda: detectable_effect(np.nan, 100),
    ],
)
def test_power_of_nothing_is_refused(call):
    with pytest.raises(StudyError):
        call()
