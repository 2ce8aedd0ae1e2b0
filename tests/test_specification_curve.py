"""The specification curve: each row a study, all rows on the same placebo dates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from engine_tools import MARKET, events_at, simulated_returns
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from helpers import (
    Grid,
    StudyError,
    event_mask,
    event_study,
    load_events,
    load_returns,
    specification_curve,
)
from helpers.inference.grid import GRID_MODELS
from helpers.inference.groups import overlapping_groups

REMARK = "deepseek-v31-domestic-chip-remark"
SMALL = Grid(
    [MARKET],
    models=["market", "mean"],
    estimations=[(-60, -6), (-40, -6)],
    windows=[(0, 1), (0, 0)],
    kinds=["simple"],
    day0s={"as placed": 0},
)


@pytest.fixture(scope="module")
def nvidia():
    """Returns, the remark's event and the sessions of other events and results."""
    returns = load_returns(["NVDA", "^GSPC", "^SOX"])
    return (
        returns,
        load_events("NVDA", event_ids=REMARK),
        event_mask("NVDA", exclude=REMARK),
    )


@pytest.fixture(scope="module")
def late_august(nvidia):
    returns, events, mask = nvidia
    return specification_curve(returns, events, direction=-1, exclude=mask["date"])


@pytest.fixture(scope="module")
def several():
    """Two shares that move together, six dates with signs, and their returns."""
    returns = simulated_returns(2, 700, seed=3, common=0.5)
    events = events_at(returns, [200, 201, 300, 390, 480, 570])
    events["sign"] = [1, 1, -1, -1, 1, 1, 1, 1, -1, -1, 1, -1]
    return returns, events


def study_of(returns, events, grid, row):
    """The one study that a row of the table stands for."""
    table = returns
    if row["kind"] == "log":
        table = np.log1p(returns)
        table.attrs = {**returns.attrs, "kind": "log"}
    shift = grid.day0s[row["day0"]]
    day0 = returns.index[returns.index.get_indexer(events["day0"]) + shift]
    return event_study(
        table,
        events.assign(day0=day0),
        model=row["model"],
        benchmark=next(iter(grid.benchmarks))
        if row["benchmark"] == "none"
        else row["benchmark"],
        sector=None if row["sector"] == "none" else row["sector"],
        estimation=row["estimation"],
        window=row["window"],
        mask=grid.masks[row["mask"]],
    )


def test_every_row_of_one_event_is_the_study_of_its_choices(nvidia):
    returns, events, mask = nvidia
    grid = Grid(
        ["^GSPC", "^SOX"],
        sectors=["^SOX"],
        models=GRID_MODELS,
        estimations=[(-60, -11)],
        windows=[(0, 1), (-5, 5)],
        masks={"all sessions": None, "masked": mask},
    )
    curve = specification_curve(returns, events, grid)
    assert len(curve.skipped) == 0
    assert set(curve.table["model"]) == set(GRID_MODELS)
    for _, row in curve.table.iterrows():
        own = study_of(returns, events, grid, row).car(*row["window"]).iloc[0]
        for name in ("se", "t", "df", "p_value", "ci_low", "ci_high"):
            assert row[name] == pytest.approx(own[name], rel=1e-12, abs=1e-12), row
        assert row["estimate"] == pytest.approx(own["car"], rel=1e-12, abs=1e-12), row


@pytest.mark.parametrize("left_out", [[], ["sign"]])
def test_every_row_of_several_events_is_their_mean_clustered_by_date(several, left_out):
    returns, events = several
    chosen = events.drop(columns=left_out)
    curve = specification_curve(returns, chosen, SMALL, placebo_dates=50)
    for _, row in curve.table.iterrows():
        own = study_of(returns, chosen, SMALL, row).caar(*row["window"])
        for name in ("se", "t", "df", "p_value", "n_events", "n_dates"):
            assert row[name] == pytest.approx(own[name], rel=1e-12), name
        assert row["estimate"] == pytest.approx(own["caar"], rel=1e-12, abs=1e-15)


def test_a_placebo_draw_is_the_same_study_on_its_dates(several):
    returns, events = several
    curve = specification_curve(returns, events, SMALL, placebo_dates=30, seed=5)
    own = curve.placebo_dates.columns
    assert len(own) == 5  # the first two dates are one session apart, and move as one
    for b in (0, 29):
        moved = events.copy()
        for cluster in own:
            ahead = returns.index.get_indexer(events["day0"]) - returns.index.get_loc(
                cluster
            )
            members = (ahead >= 0) & (ahead < 10)
            anchor = returns.index.get_loc(curve.placebo_dates[cluster].iloc[b])
            moved.loc[members, "day0"] = returns.index[anchor + ahead[members]]
        # Groups are those of the study, even where drawn windows meet by chance.
        for s, row in curve.table.iterrows():
            study = study_of(returns, moved, SMALL, row)
            car = study.car(*row["window"])["car"].to_numpy()
            assert curve.placebo[b, s] == pytest.approx(car.mean(), rel=1e-9)
            group = overlapping_groups(
                study_of(returns, events, SMALL, row).fit, *row["window"]
            )
            away = np.bincount(group.of_event, weights=car - car.mean())
            count = group.count
            se = np.sqrt(count / (count - 1) * (away**2).sum()) / len(car)
            assert curve.placebo_t[b, s] == pytest.approx(car.mean() / se, rel=1e-9)


def test_the_default_grid_holds_five_hundred_distinct_specifications(late_august):
    table = late_august.table
    assert len(table) >= 500
    assert table["primary"].sum() == 1
    primary = table[table["primary"]].iloc[0]
    assert primary[["model", "benchmark", "mask", "kind", "day0"]].tolist() == [
        "market", "^GSPC", "all sessions", "simple", "as placed",
    ]  # fmt: skip
    assert primary["estimation"] == (-120, -11)
    assert primary["window"] == (0, 1)
    # No estimate stands there twice, to the last bit.
    figures = table[["estimate", "se"]].round(15)
    assert not figures.duplicated().any()


def test_what_a_model_has_no_use_for_is_no_choice():
    grid = Grid(
        ["M", "S"],
        sectors=["S"],
        models=["market_adjusted", "mean", "market", "market_sector"],
        windows=[(0, 1), (-1, 1), (0, 2)],
        masks={"all": None, "masked": {"A": []}},
    )
    found = pd.DataFrame(grid.specifications())
    count = found.groupby("model").size()
    # Windows 0..1, -1..1, 0..2 and, from the next session, 1..2 and 1..3: the
    # first two shifted ones are 1..2 and 0..2, and the latter is there already.
    assert count["market_adjusted"] == 2 * 2 * 5
    assert count["mean"] == 5 * 2 * 3 * 2 * 2
    assert count["market"] == 2 * count["mean"]
    assert count["market_sector"] == count["mean"]  # not S against itself


def test_a_window_that_reaches_its_estimation_window_is_no_specification():
    grid = Grid(["M"], models=["market"], windows=[(0, 1), (-15, 1)])
    found = pd.DataFrame(grid.specifications())
    assert set(found.loc[found["window"] == (-15, 1), "estimation"]) == {
        (-120, -21),
        (-250, -31),
    }


def test_a_mask_that_masks_nothing_is_no_specification_of_its_own(nvidia):
    returns, events, _ = nvidia
    masks = {"all sessions": None, "far away": {"NVDA": ["2019-01-03"]}}
    grid = Grid(["^GSPC"], models=["market"], masks=masks, kinds=["simple"])
    curve = specification_curve(returns, events, grid)
    assert set(curve.table["mask"]) == {"all sessions"}
    assert curve.skipped["reason"].str.contains("the same as with the mask").all()
    assert len(curve.skipped) == len(curve.table)


def test_the_band_is_that_of_the_draws(late_august):
    band = late_august.band
    assert band["observed"].is_monotonic_increasing
    lowest = np.quantile(late_august.placebo.min(axis=1), 0.025)
    assert band["low"].iloc[0] == pytest.approx(lowest)
    assert (band["low"] <= band["high"]).all()


def test_joint_p_values_count_the_placebo_curves(late_august):
    joint = late_august.joint
    medians = np.median(late_august.placebo, axis=1)
    observed = late_august.table["estimate"].median()
    below = int((medians <= observed).sum())
    assert joint.loc["median_estimate", "p_value"] == (1 + below) / (1 + len(medians))
    critical = stats.t.ppf(0.025, late_august.placebo_df)
    share = (late_august.placebo_t < critical).mean(axis=1)
    own = late_august.table
    seen = (own["p_value"] < 0.05) & (own["estimate"] < 0)
    assert joint.loc["share_significant", "observed"] == seen.mean()
    assert joint.loc["share_significant", "p_value"] == (
        1 + (share >= seen.mean()).sum()
    ) / (1 + len(share))
    assert "eligible dates" in joint.loc["mean_t", "note"]
    assert joint.loc["mean_t", "n_placebo"] == len(medians)


def test_excluded_sessions_are_in_no_placebo_window():
    returns = simulated_returns(1, 600, seed=2)
    barred = returns.index[[150, 220, 221, 300, 377, 450]]
    # What is excluded is also masked here: a placebo window that held one of
    # these returns would show it, and nothing else can.
    returns.loc[barred, "S0"] = 9.0
    grid = Grid(
        [MARKET],
        models=["market", "market_adjusted"],
        estimations=[(-60, -11)],
        windows=[(0, 1), (-5, 5)],
        masks={"masked": {"S0": barred}},
        min_observations=20,
    )
    events = events_at(returns, 520)
    curve = specification_curve(returns, events, grid, exclude=barred)
    assert np.abs(curve.placebo).max() < 1
    assert len(curve.placebo) >= 300
    open_to_all = specification_curve(returns, events, grid)
    assert np.abs(open_to_all.placebo).max() > 2


def test_the_figures_do_not_depend_on_the_number_of_processes(several):
    returns, events = several
    one, two = (
        specification_curve(returns, events, SMALL, placebo_dates=99, n_jobs=jobs)
        for jobs in (1, 2)
    )
    pd.testing.assert_frame_equal(one.table, two.table, check_exact=True)
    np.testing.assert_array_equal(one.placebo, two.placebo)
    np.testing.assert_array_equal(one.placebo_t, two.placebo_t)
    other = specification_curve(returns, events, SMALL, placebo_dates=99, seed=1)
    assert not np.array_equal(one.placebo, other.placebo)


@settings(max_examples=10)
@given(
    order=st.permutations(range(12)),
    columns=st.permutations(["S0", "S1", MARKET]),
    delta=st.floats(-0.05, 0.05),
)
def test_order_does_not_matter_and_an_effect_shows_where_it_is(
    several, order, columns, delta
):
    returns, events = several
    plain = specification_curve(returns, events, SMALL, placebo_dates=5)
    turned = specification_curve(
        returns[columns], events.iloc[list(order)], SMALL, placebo_dates=5
    )
    pd.testing.assert_frame_equal(plain.table, turned.table, check_exact=True)
    np.testing.assert_array_equal(plain.placebo, turned.placebo)
    # The signed effect on day 0 of every event moves each estimate by delta;
    # the last event alone moves it by its share.
    last = events["day0"] == events["day0"].max()
    moved = returns.copy()
    for row in events[last].itertuples():
        moved.loc[row.day0, row.symbol] += delta * row.sign
    shifted = specification_curve(moved, events, SMALL, placebo_dates=5)
    np.testing.assert_allclose(
        shifted.table["estimate"] - plain.table["estimate"],
        delta * last.mean(),
        atol=1e-12,
    )


def test_events_that_a_specification_cannot_study_are_listed(several):
    returns, events = several
    grid = Grid(
        [MARKET],
        models=["market"],
        estimations=[(-60, -6), (-250, -6)],
        windows=[(0, 1)],
        kinds=["simple"],
        day0s={"as placed": 0},
    )
    curve = specification_curve(returns, events, grid, placebo_dates=40)
    assert curve.table["n_events"].tolist() == [12, 8]
    assert len(curve.skipped) == 4
    assert curve.skipped["reason"].str.contains("estimation window needs 250").all()


def test_a_gap_in_the_widest_window_costs_the_narrow_ones_nothing():
    returns = simulated_returns(1, 400, seed=6)
    returns.iloc[303, 0] = np.nan
    grid = Grid(
        [MARKET],
        models=["market"],
        estimations=[(-60, -11)],
        windows=[(0, 1), (-5, 5)],
        kinds=["simple"],
        day0s={"as placed": 0},
    )
    curve = specification_curve(returns, events_at(returns, 300), grid)
    assert curve.table["window"].tolist() == [(0, 1)]
    assert set(curve.skipped["event_id"]) == {"event at 300", ""}
    assert "has no return" in curve.skipped["reason"].iloc[0]


def test_shares_on_one_date_have_no_error_and_the_curve_says_so():
    returns = simulated_returns(3, 400, seed=7, common=0.5)
    curve = specification_curve(returns, events_at(returns, 300), SMALL)
    assert curve.table["se"].isna().all()
    assert curve.table["placebo_p"].between(0, 1).all()
    assert np.isfinite(curve.joint.loc["median_estimate", "p_value"])
    assert curve.joint["p_value"].isna().sum() == 2
    assert "one group of dates" in curve.joint.loc["mean_t", "note"]


@pytest.mark.parametrize(("places", "studies"), [([200], 400), ([120, 170, 220], 100)])
def test_joint_p_values_are_uniform_where_nothing_happens(places, studies):
    grid = replace(SMALL, models=["market"])
    rows = []
    for run in range(studies):
        returns = simulated_returns(1, 300, seed=40_000 + run)
        curve = specification_curve(
            returns, events_at(returns, places), grid, direction=-1,
            placebo_dates=199, seed=run,
        )  # fmt: skip
        rows.append(curve.joint["p_value"])
    table = pd.DataFrame(rows)
    for name in ("median_estimate", "mean_t"):
        assert stats.kstest(table[name], "uniform").pvalue > 0.01, name
    # A share of four has few values, so that its p-values are coarse but valid.
    assert (table["share_significant"] <= 0.05).mean() < 0.08


def bad(**changes):
    returns = simulated_returns(1, 300, seed=1)
    given = {"returns": returns, "events": events_at(returns, 200), "grid": SMALL}
    return given | changes


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"direction": 2}, "direction is -1, 0 or 1"),
        ({"placebo_dates": 0}, "draws 0"),
        ({"n_jobs": 0}, "n_jobs is a number of processes"),
        ({"exclude": "2019-01-01"}, "one text is given"),
        ({"grid": Grid(["ELSE"])}, "no column for the benchmark 'ELSE'"),
        (
            {"exclude": simulated_returns(1, 300).index},
            "No placebo distribution: 0 placebo dates for 2018-10-08, fewer than 20",
        ),
    ],
)
def test_what_makes_no_curve_is_said(changes, message):
    given = bad(**changes)
    with pytest.raises(StudyError, match=message):
        specification_curve(
            given.pop("returns"), given.pop("events"), given.pop("grid"), **given
        )


def test_events_that_make_no_curve_are_said():
    given = bad()
    returns, events = given["returns"], given["events"]
    for sign in (0, 2, np.nan, "+"):
        with pytest.raises(StudyError, match="has the sign"):
            specification_curve(returns, events.assign(sign=sign), SMALL)
    outside = events.assign(day0=pd.Timestamp("2030-01-02"))
    with pytest.raises(StudyError, match="lies outside the history"):
        specification_curve(returns, outside, SMALL)
    with pytest.raises(StudyError, match="hold no market"):
        specification_curve(returns[["S0"]], events)
    log = returns.copy()
    log.attrs["kind"] = "log"
    with pytest.raises(StudyError, match="takes simple returns"):
        specification_curve(log, events, SMALL)


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"benchmarks": []}, "The grid is empty"),
        ({"models": []}, "has no models"),
        ({"models": "market"}, "models are a text"),
        ({"models": ["capm"]}, "models hold 'capm': choose from market"),
        ({"kinds": ["real"]}, "kinds hold 'real'"),
        ({"windows": [(0, 1), (0, 1)]}, "windows hold the same one twice"),
        ({"windows": [(1, 0)]}, "ends before it starts"),
        ({"benchmarks": ["M", "M"]}, "benchmarks hold the same one twice"),
        ({"day0s": {"half": 0.5}}, "not a whole number of sessions"),
        ({"windows": [(-20, 1)], "estimations": [(-60, -11)]}, "The grid is empty"),
    ],
)
def test_what_is_no_grid_is_said(choices, message):
    with pytest.raises(StudyError, match=message):
        Grid(**{"benchmarks": ["M"], "models": ["market"], **choices})
