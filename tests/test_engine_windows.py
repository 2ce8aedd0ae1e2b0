"""Windows are counted in the share's own sessions, and a gap is said to be one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from engine_tools import MARKET, events_at, sessions_from, simulated_returns

from helpers import event_study

PLACE = 200


@pytest.fixture
def returns():
    return simulated_returns(3, 300, seed=31)


def study_of(returns, positions=PLACE, symbols=("S0",), **options):
    options = {"benchmark": MARKET} | options
    return event_study(returns, events_at(returns, positions, symbols), **options)


def reasons(study):
    return study.skipped["reason"].tolist()


def test_windows_are_inclusive_at_both_ends_and_start_where_they_say(returns):
    study = study_of(returns, estimation=(-100, -21), window=(-3, 5))
    row = study.estimates.iloc[0]
    assert row["n_obs"] == 80
    assert row["first"] == returns.index[PLACE - 100]
    assert row["last"] == returns.index[PLACE - 21]
    assert study.abnormal_returns.columns.tolist() == list(range(-3, 6))
    assert study.sessions.iloc[0].tolist() == list(returns.index[PLACE - 3 : PLACE + 6])
    slope, level = np.polyfit(
        returns[MARKET].iloc[PLACE - 100 : PLACE - 20],
        returns["S0"].iloc[PLACE - 100 : PLACE - 20],
        1,
    )
    expected = returns["S0"] - level - slope * returns[MARKET]
    np.testing.assert_allclose(
        study.abnormal_returns.iloc[0], expected.iloc[PLACE - 3 : PLACE + 6], rtol=1e-9
    )


def test_windows_are_counted_in_sessions_not_in_days(returns):
    # With every week but its Mondays gone, 20 sessions are 20 weeks.
    mondays = returns[returns.index.weekday == 0].copy()
    study = study_of(mondays, 40, estimation=(-35, -6), window=(-2, 2))
    dates = study.sessions.iloc[0]
    assert (dates.diff().dropna() == pd.Timedelta(days=7)).all()
    assert study.estimates["n_obs"].iloc[0] == 30


def test_the_estimation_window_moves_with_the_event(returns):
    study = study_of(returns, [PLACE, PLACE + 1])
    first = study.estimates["first"].tolist()
    assert first == list(returns.index[PLACE - 120 : PLACE - 118])
    assert study.estimates["alpha"].nunique() == 2


def test_one_firm_with_two_events_keeps_both(returns):
    study = study_of(returns, [PLACE, PLACE + 3])
    assert study.n_events == 2
    one, two = study.car(0, 1)["car"]
    assert one != two
    table = study.test(0, 1)
    assert (table["n_events"] == 2).all()
    assert (table["n_dates"] == 2).all()


def test_two_events_of_a_firm_on_one_day_are_two_rows_of_one_date(returns):
    day0 = returns.index[PLACE]
    events = pd.DataFrame(
        {"event_id": ["a", "b"], "symbol": ["S0", "S0"], "day0": [day0, day0]}
    )
    study = event_study(returns, events, benchmark=MARKET)
    assert study.car(0, 0)["car"].nunique() == 1
    assert study.caar(0, 0)["n_dates"] == 1


def test_a_day_without_a_session_is_left_out_not_moved(returns):
    saturday = returns.index[PLACE]
    while saturday.weekday() != 5:
        saturday += pd.Timedelta(days=1)
    events = events_at(returns, PLACE, ["S0"]).assign(day0=saturday)
    study = event_study(returns, events, benchmark=MARKET)
    monday = saturday + pd.Timedelta(days=2)
    assert reasons(study) == [
        f"day 0 {saturday:%Y-%m-%d} is not a session; the next one is {monday:%Y-%m-%d}"
    ]


def test_no_end_of_time_is_built_in():
    returns = simulated_returns(2, 300, start="2061-03-01")
    assert study_of(returns, 280).n_events == 1


def test_history_too_short_on_either_side_says_how_short(returns):
    study = study_of(returns, [119, 120, 289, 290])
    assert study.n_events == 2
    before, after = reasons(study)
    assert before.startswith("only 119 sessions before day 0")
    assert "the estimation window needs 120" in before
    assert after.startswith("only 9 sessions after day 0")
    assert "the event window needs 10" in after


def test_an_event_outside_the_history_says_so(returns):
    events = events_at(returns, PLACE, ["S0", "S1"])
    events["day0"] = pd.to_datetime(["1999-01-04", "2050-01-03"])
    found = reasons(event_study(returns, events, benchmark=MARKET))
    assert all("lies outside the history, 2018-01-01 to" in reason for reason in found)


def test_a_hole_in_the_event_window_leaves_the_event_out_by_name(returns):
    returns.iloc[PLACE + 4, 0] = np.nan
    hole = f"{returns.index[PLACE + 4]:%Y-%m-%d}"
    assert reasons(study_of(returns)) == [
        f"S0 has no return on {hole}, session +4 of the event window"
    ]
    assert study_of(returns, window=(-3, 3)).n_events == 1


def test_a_hole_of_the_benchmark_in_the_event_window_leaves_the_event_out(returns):
    returns.loc[returns.index[PLACE], MARKET] = np.nan
    assert f"{MARKET} has no return on" in reasons(study_of(returns))[0]


def test_missing_returns_are_counted_never_filled(returns):
    missing = [PLACE - 100, PLACE - 60, PLACE - 59]
    returns.iloc[missing, 0] = np.nan
    study = study_of(returns)
    assert study.estimates["n_obs"].iloc[0] == 107
    assert study.estimates["dof"].iloc[0] == 105
    kept = returns.iloc[PLACE - 120 : PLACE - 10].dropna()
    slope, _ = np.polyfit(kept[MARKET], kept["S0"], 1)
    assert study.estimates["beta"].iloc[0] == pytest.approx(slope, rel=1e-9)
    assert np.isnan(study.fit.residuals[0]).sum() == 3


def test_too_many_missing_returns_leave_the_event_out(returns):
    returns.iloc[PLACE - 80 : PLACE - 68, 0] = np.nan
    found = study_of(returns)
    assert reasons(found) == [
        "12 of 110 estimation sessions have no return, more than 10%"
    ]
    assert study_of(returns, max_missing=0.2).n_events == 1


def test_a_share_without_any_return_says_so(returns):
    returns["S0"] = np.nan
    assert reasons(study_of(returns, model="mean", benchmark=None)) == [
        "no return at all"
    ]
    assert study_of(returns).n_events == 0


def test_a_share_that_lists_late_is_left_out_until_it_has_a_history(returns):
    returns.iloc[:150, 0] = np.nan
    study = study_of(returns, [PLACE, 285])
    assert study.n_events == 1
    assert "estimation sessions have no return" in reasons(study)[0]


def test_a_mask_keeps_sessions_out_of_estimation(returns):
    hidden = returns.index[PLACE - 60 : PLACE - 50]
    study = study_of(returns, mask={"S0": hidden})
    assert study.estimates["n_obs"].iloc[0] == 100
    kept = returns.iloc[PLACE - 120 : PLACE - 10].drop(hidden)
    slope, _ = np.polyfit(kept[MARKET], kept["S0"], 1)
    assert study.estimates["beta"].iloc[0] == pytest.approx(slope, rel=1e-9)
    table = pd.DataFrame({"symbol": "S0", "date": hidden, "because": "test"})
    same = study_of(returns, mask=table)
    pd.testing.assert_frame_equal(same.estimates, study.estimates)


def test_a_mask_is_for_its_symbol_and_leaves_the_event_window_alone(returns):
    hidden = [*returns.index[PLACE - 60 : PLACE - 50], returns.index[PLACE]]
    study = study_of(returns, symbols=["S0", "S1"], mask={"S0": hidden})
    assert study.estimates["n_obs"].tolist() == [100, 110]
    assert np.isfinite(study.abnormal_returns).all(axis=None)


def test_masked_sessions_are_not_missing_ones(returns):
    hidden = returns.index[PLACE - 100 : PLACE - 20]
    study = study_of(returns, mask={"S0": hidden})
    assert study.estimates["n_obs"].iloc[0] == 30
    too_much = study_of(returns, mask={"S0": returns.index[PLACE - 101 : PLACE - 20]})
    assert reasons(too_much) == [
        "29 estimation sessions are left, fewer than 30 (81 masked)"
    ]


def two_markets(seed=5):
    """US and HK shares on one index; HK shuts on days that the US trades."""
    rng = np.random.default_rng(seed)
    index = sessions_from("2018-01-01", 330)
    names = ["US", "HK", "SPX", "HSI"]
    table = pd.DataFrame(rng.normal(0, 0.01, (330, 4)), index=index, columns=names)
    shut = rng.choice(np.arange(5, 320), 20, replace=False)
    shut = shut[np.abs(shut - PLACE) > 12]
    table.loc[index[shut], ["HK", "HSI"]] = np.nan
    shut_us = np.setdiff1d(rng.choice(np.arange(5, 320), 9, replace=False), shut)
    shut_us = shut_us[np.abs(shut_us - PLACE) > 12]
    table.loc[index[shut_us], ["US", "SPX"]] = np.nan
    return table


def test_each_share_keeps_to_the_sessions_of_its_own_market():
    both = two_markets()
    events = events_at(both.rename(columns={"SPX": MARKET}), PLACE, ["US", "HK"])
    together = event_study(both, events, benchmark={"US": "SPX", "HK": "HSI"})
    for row, (share, market) in enumerate([("US", "SPX"), ("HK", "HSI")]):
        own = both[[share, market]].dropna()
        alone = event_study(own, events[events["symbol"] == share], benchmark=market)
        pd.testing.assert_frame_equal(
            alone.abnormal_returns, together.abnormal_returns.iloc[[row]]
        )
        pd.testing.assert_frame_equal(alone.estimates, together.estimates.iloc[[row]])
        pd.testing.assert_frame_equal(alone.sessions, together.sessions.iloc[[row]])
    assert together.estimates["first"].nunique() == 2


def test_a_model_without_a_market_still_counts_sessions_with_it(returns):
    returns.iloc[PLACE + 2, 0] = np.nan
    hole = f"{returns.index[PLACE + 2]:%Y-%m-%d}"
    for model in ["mean", "market"]:
        assert hole in reasons(study_of(returns, model=model))[0]


def test_a_gap_of_unknown_cause_is_a_missing_return_not_a_holiday(returns):
    returns.iloc[PLACE + 2, 0] = np.nan
    for options in [
        {"model": "mean", "benchmark": None},
        {"model": "dimson"},
    ]:
        found = reasons(study_of(returns, **options))
        assert f"S0 has no return on {returns.index[PLACE + 2]:%Y-%m-%d}" in found[0]


def test_what_the_loader_calls_a_holiday_is_no_session(returns):
    returns.iloc[PLACE + 2, 0] = np.nan
    returns.attrs["holes"] = {"S0": []}
    study = study_of(returns, model="mean", benchmark=None)
    assert returns.index[PLACE + 2] not in study.sessions.iloc[0].tolist()


def test_what_the_loader_calls_a_hole_is_a_session_and_so_is_the_one_after(returns):
    gap = returns.index[PLACE + 2 : PLACE + 4]
    returns.loc[gap, "S0"] = np.nan
    dates = gap.strftime("%Y-%m-%d").tolist()
    returns.attrs["holes"] = {"S0": dates[:1]}
    returns.attrs["after_holes"] = {"S0": dates[1:]}
    options = {"model": "mean", "benchmark": None}
    assert f"no return on {dates[0]}" in reasons(study_of(returns, **options))[0]
    # The session after the hole has no one-session return either.
    later = study_of(returns, window=(3, 5), **options)
    assert f"no return on {dates[1]}" in reasons(later)[0]


def test_events_keep_the_order_in_which_they_were_given(returns):
    events = events_at(returns, [PLACE + 5, PLACE], ["S2", "S0"])
    study = event_study(returns, events, benchmark=MARKET)
    expected = list(zip(events["event_id"], events["symbol"], strict=True))
    assert study.car(0, 0).index.tolist() == expected
    daily = study.daily()
    assert daily.index.droplevel("relative_day").unique().tolist() == expected
    assert daily.index[:2].get_level_values("relative_day").tolist() == [-10, -9]
    np.testing.assert_array_equal(
        daily["car"].to_numpy().reshape(4, 21), study.abnormal_returns
    )
    assert daily["session"].iloc[10] == returns.index[PLACE + 5]
    path = study.car_path(-2, 3)
    for key in expected:
        assert path.loc[(*key, 3), "se"] == study.car(-2, 3).loc[key, "se"]


def test_a_hundred_thousand_windows_need_no_loop():
    # A loop over events would take minutes here.
    returns = simulated_returns(40, 3000)
    rng = np.random.default_rng(0)
    count = 100_000
    events = pd.DataFrame(
        {
            "event_id": np.arange(count),
            "symbol": returns.columns[rng.integers(40, size=count)],
            "day0": returns.index[rng.integers(120, 2989, size=count)],
        }
    )
    study = event_study(returns, events, benchmark=MARKET)
    assert study.n_events == count
    rejected = (study.car(0, 0)["p_value"] < 0.05).mean()
    assert rejected == pytest.approx(0.05, abs=0.005)
