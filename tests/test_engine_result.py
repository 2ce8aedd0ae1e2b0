"""What an analyst asks of a study: order, signs, selection, summary, explanation."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from engine_tools import MARKET, events_at, simulated_returns
from statsmodels.regression.linear_model import OLS

from helpers import StudyError, event_study

PLACES = [150, 175, 200, 225, 250, 275, 300, 325, 350, 352, 375, 375]
RETURNS = simulated_returns(4, 700, seed=11)


def placed():
    """Events named against the alphabet, two of them on one date."""
    names = [f"event {letter}" for letter in "ZYXWVUTSRQPO"]
    events = events_at(RETURNS, PLACES)
    events["event_id"] = np.repeat(names, 4)
    return events


def run(events=None, **options):
    events = placed() if events is None else events
    return event_study(
        RETURNS, events, **({"benchmark": MARKET, "window": (-1, 3)} | options)
    )


def test_a_study_says_in_three_lines_what_it_is():
    events = placed()
    events.loc[0, "day0"] = RETURNS.index[3]
    assert repr(run(events)) == (
        "EventStudy of returns: 47 events (S1, S2, S3, S0) on 11 dates, 1 skipped\n"
        "  model market on MKT, estimated over sessions -120 to -11\n"
        "  event window -1 to +3"
    )
    nothing = run(events[:1], model="mean", benchmark=None)
    assert repr(nothing).startswith("EventStudy of returns: 0 events on 0 dates, 1 ski")


def test_events_keep_their_order_and_are_looked_up_without_a_warning():
    shuffled = placed().sample(frac=1, random_state=5)
    study = run(shuffled)
    events = list(dict.fromkeys(shuffled["event_id"]))
    symbols = list(dict.fromkeys(shuffled["symbol"]))
    expected = pd.MultiIndex.from_product([events, symbols])
    assert study.car(0, 1).index.equals(expected)
    one = run(shuffled[shuffled["event_id"] == events[5]]).car(0, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for frame in (study.car(0, 1), study.estimates, study.sessions):
            assert len(frame.loc[(events[5],)]) == 4
            assert len(frame.loc[events[5] : events[6]]) == 8
        for path in (study.daily(), study.car_path(0, 3)):
            assert path.loc[(events[5], "S2")].index.name == "relative_day"
        found = study.car_path(0, 3).loc[(events[5], "S2", 1)]
    pd.testing.assert_series_equal(
        found, one.loc[(events[5], "S2")], check_names=False, rtol=1e-12
    )


def test_some_events_of_a_study_are_the_study_of_some_events():
    events = placed()
    events.loc[0, "day0"] = RETURNS.index[3]
    chosen = run(events).select(symbol=["S0", "S2"], event_id=["event Z", "event X"])
    few = events[
        events["symbol"].isin(["S0", "S2"])
        & events["event_id"].isin(["event Z", "event X"])
    ]
    own = run(few)
    pd.testing.assert_frame_equal(chosen.car(0, 1), own.car(0, 1), rtol=1e-9)
    pd.testing.assert_frame_equal(chosen.test(0, 1), own.test(0, 1), rtol=1e-6)
    pd.testing.assert_frame_equal(chosen.skipped, own.skipped)
    with pytest.raises(StudyError, match=r"no symbol 'S22'; did you mean S2"):
        run(events).select(symbol="S22")
    with pytest.raises(StudyError, match="no event_id 'event z'; did you mean event Z"):
        run(events).select(event_id=["event z"])


def test_a_sign_turns_everything_that_a_study_tells():
    signs = pd.Series(np.where(np.arange(12) % 3, 1, -1), placed()["event_id"].unique())
    study = run()
    turned = study.signed(signs)
    by_column = run(placed().assign(sign=placed()["event_id"].map(signs)))
    of_event = placed()["event_id"].map(signs).to_numpy()
    for name in ("car", "t", "se"):
        factor = 1 if name == "se" else of_event
        np.testing.assert_allclose(
            turned.car(0, 1)[name], study.car(0, 1)[name] * factor, rtol=1e-12
        )
    np.testing.assert_allclose(
        turned.bhar(0, 1), study.bhar(0, 1).mul(of_event, axis=0), rtol=1e-9, atol=1e-15
    )
    np.testing.assert_allclose(
        turned.fit.residuals, study.fit.residuals * of_event[:, None]
    )
    pd.testing.assert_frame_equal(turned.test(0, 1), by_column.test(0, 1))
    np.testing.assert_array_equal(
        turned.placebo(0, 1).caar, by_column.placebo(0, 1).caar
    )
    assert "signed" in repr(turned)
    assert turned.signed(signs).caar(0, 1)["caar"] == pytest.approx(
        study.caar(0, 1)["caar"], rel=1e-12
    )


def test_a_short_position_is_a_share_that_moves_the_other_way():
    events = placed()[placed()["symbol"] == "S0"]
    signs = pd.Series(np.where(np.arange(12) % 2, 1, -1), events["event_id"])
    short = RETURNS.assign(short=-RETURNS["S0"], against=-RETURNS[MARKET])
    symbols = events["event_id"].map(signs).map({1: "S0", -1: "short"})
    held = event_study(
        short,
        events.assign(symbol=symbols),
        benchmark={"S0": MARKET, "short": "against"},
        model="market_adjusted",
        window=(-1, 3),
    )
    study = run(events, model="market_adjusted").signed(signs)
    names = ["patell", "adjusted_bmp", "corrado", "placebo", "sample_quantile"]
    pd.testing.assert_frame_equal(
        study.test(0, 1, names), held.test(0, 1, names), rtol=1e-9
    )


def test_events_without_an_expected_sign_are_left_out_and_others_refused():
    ids = placed()["event_id"].unique()
    signs = pd.Series([1, -1, 0, np.nan, *[1] * 8], ids)
    assert set(ids) - set(run().signed(signs).panel.events["event_id"]) == set(ids[2:4])
    with pytest.raises(StudyError, match="'event Z' has no sign"):
        run().signed({"event Y": 1})
    with pytest.raises(StudyError, match="'event Z' has the sign 2: it is 1"):
        run().signed(dict.fromkeys(ids, 2))


def test_a_path_of_means_is_the_mean_up_to_each_day():
    study = run()
    path = study.caar_path(-1, 3, level=0.9)
    assert path.index.tolist() == [-1, 0, 1, 2, 3]
    for day, row in path.iterrows():
        pd.testing.assert_series_equal(
            row, study.caar(-1, day, level=0.9), check_names=False
        )
    assert path["n_groups"].is_monotonic_decreasing
    assert path.loc[-1, "n_groups"] > path.loc[3, "n_groups"]


def test_a_summary_puts_mean_interval_and_headline_tests_in_one_row():
    study = run()
    row = study.summary(0, 1).loc["[+0, +1]"]
    own, tests = study.caar(0, 1), study.test(0, 1)["p_value"]
    for name in ("caar", "se", "ci_low", "ci_high", "p_value", "n_groups"):
        assert row[name] == own[name]
    assert row["kp_p"] == tests["adjusted_bmp"]
    assert row["corrado_p"] == tests["corrado"]
    assert row["placebo_p"] == tests["placebo"]
    alone = study.select(event_id="event Z", symbol="S1")
    single = alone.summary(0, 1).iloc[0]
    assert single["ci_low"] == alone.car(0, 1)["ci_low"].iloc[0]
    assert np.isnan(single["kp_p"])
    assert single["n_dates"] == 1


def test_cars_are_explained_with_the_error_of_leaving_dates_out():
    study = run()
    size = pd.DataFrame({"size": [1.0, 2.0, 4.0, 3.0]}, ["S0", "S1", "S2", "S3"])
    found = study.explain(0, 1, size)
    cars = study.car(0, 1)["car"]
    x = np.column_stack(
        [np.ones(48), size["size"].reindex(cars.index.get_level_values(1))]
    )
    beta = np.linalg.solve(x.T @ x, x.T @ cars)
    # Of the places 350 and 352 the windows are apart, of the last two they are one.
    group = np.repeat(np.minimum(np.arange(12), 10), 4)
    without = np.array(
        [np.linalg.lstsq(x[group != g], cars[group != g])[0] for g in range(11)]
    )
    error = np.sqrt(10 / 11 * ((without - beta) ** 2).sum(axis=0))
    np.testing.assert_allclose(found["estimate"], beta, rtol=1e-10)
    np.testing.assert_allclose(found["se"], error, rtol=1e-8)
    assert found["df"].tolist() == [10, 10]
    assert found.attrs["n_groups"] == 11
    plain = OLS(cars.to_numpy(), x).fit()
    assert found.attrs["r_squared"] == pytest.approx(plain.rsquared)


def test_characteristics_by_event_and_by_both_are_read_alike():
    study = run()
    ids = placed()["event_id"].unique()
    by_event = pd.DataFrame({"year": np.arange(12.0)}, ids)
    both = by_event.reindex(study.car(0, 1).index, level=0)
    pd.testing.assert_frame_equal(
        study.explain(0, 1, by_event), study.explain(0, 1, both[::-1])
    )


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pd.DataFrame({"x": [1.0]}, ["S0"]), "of event Z S1 are missing"),
        (pd.DataFrame({"x": list("abcd")}, ["S0", "S1", "S2", "S3"]), "not a number"),
        (pd.DataFrame({"x": 1.0}, ["S0", "S1", "S2", "S3"]), "told apart"),
        (pd.DataFrame({"x": 1.0}, ["S0", "S0"]), "'S0' twice"),
        ([1, 2], "are a DataFrame"),
    ],
)
def test_characteristics_that_explain_nothing_are_refused(table, message):
    with pytest.raises(StudyError, match=message):
        run().explain(0, 1, table)


def test_few_dates_explain_nothing():
    size = pd.DataFrame({"x": range(4)}, ["S0", "S1", "S2", "S3"], dtype=float)
    ids = placed()["event_id"].unique()
    with pytest.raises(StudyError, match="5 groups of dates are too few"):
        run().select(event_id=ids[:5]).explain(0, 1, size)
    once = pd.DataFrame({"x": np.eye(12)[0]}, ids)
    with pytest.raises(StudyError, match=r"told apart .* without one of their dates"):
        run().explain(0, 1, once)


def test_a_constant_alone_would_have_the_error_of_the_mean():
    # With a characteristic that is centred and does not go with the CARs.
    study = run().select(event_id=placed()["event_id"].unique()[:10])
    cars = study.car(0, 1)["car"].unstack()
    fit = study.explain(0, 1, pd.DataFrame({"x": [1.0, 1, -1, -1]}, cars.columns))
    assert fit.loc["const", "estimate"] == pytest.approx(study.caar(0, 1)["caar"])
    assert fit.loc["const", "se"] == pytest.approx(study.caar(0, 1)["se"], rel=1e-9)


def test_a_plot_is_the_path_of_the_mean_with_its_interval():
    study = run()
    lines = {
        tuple(np.round(line.get_ydata(), 12))
        for line in study.plot(-1, 3).axes[0].lines
    }
    path = study.caar_path(-1, 3)
    for name in ("caar", "ci_low", "ci_high"):
        assert tuple(np.round(path[name], 12)) in lines
    alone = study.select(event_id="event Z", symbol="S1")
    drawn = alone.plot(0, 2).axes[0].lines
    own = tuple(alone.car_path(0, 2)["car"])
    assert own in {tuple(line.get_ydata()) for line in drawn}
