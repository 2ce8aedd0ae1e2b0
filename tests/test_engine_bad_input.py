"""Bad input gives an error of ours or a reason in `.skipped`, never a number."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from engine_tools import MARKET, events_at, simulated_returns
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import CalendarError, StudyError, event_study, load_prices, load_returns

PLACE = 200
RETURNS = simulated_returns(3, 300, seed=41)
EVENTS = events_at(RETURNS, [PLACE, PLACE + 30])


def run(returns=RETURNS, events=EVENTS, **options):
    return event_study(returns, events, **({"benchmark": MARKET} | options))


def with_value(value, column="S0", row=PLACE):
    table = RETURNS.copy()
    table.loc[table.index[row], column] = value
    return table


def shuffled():
    return RETURNS.iloc[np.random.default_rng(0).permutation(len(RETURNS))]


@pytest.mark.parametrize(
    ("returns", "message"),
    [
        (RETURNS.to_numpy(), "non-empty DataFrame"),
        (RETURNS.iloc[:0], "non-empty DataFrame"),
        (RETURNS.reset_index(drop=True), "DatetimeIndex"),
        (RETURNS.set_axis(RETURNS.index.astype(str)), "DatetimeIndex"),
        (RETURNS.tz_localize("UTC"), "without clock or time zone"),
        (RETURNS.set_axis(RETURNS.index + pd.Timedelta("9h")), "without clock"),
        (RETURNS.set_axis([pd.NaT, *RETURNS.index[1:]]), "row without a date"),
        (shuffled(), "not in date order"),
        (pd.concat([RETURNS, RETURNS.iloc[[-1]]]), "2019-02-22 twice"),
        (pd.concat([RETURNS, RETURNS[["S0"]]], axis=1), "two columns named 'S0'"),
        (RETURNS.astype({"S0": object}), "'S0' are object"),
        (RETURNS.astype({"S1": str}), "'S1' are str"),
        (RETURNS.assign(S0=1), "'S0' are int64"),
        (RETURNS.assign(S0=True), "'S0' are bool"),
        (RETURNS.assign(S0=1j), "'S0' are complex128"),
        (with_value(np.inf), "'S0' on 2018-10-08 is inf"),
        (with_value(-np.inf, MARKET), "'MKT' on 2018-10-08 is -inf"),
        (with_value(1e200), "no possible value"),
        (with_value(-1.0), "-100 % or less"),
        (RETURNS * 100, "-100 % or less"),
        (RETURNS.drop(columns="S1"), "symbol 'S1'"),
        (RETURNS.drop(columns=MARKET), "benchmark 'MKT'"),
    ],
)
def test_returns_that_can_be_misread_are_refused(returns, message):
    with pytest.raises(StudyError, match=message):
        run(returns)


PAIR = ["0981.HK", "^HSI", "NVDA", "^GSPC"]
REAL, PRICES = load_returns(PAIR), load_prices(PAIR)
OCTOBER = pd.DataFrame(
    {"event_id": ["e"], "symbol": ["0981.HK"], "day0": [pd.Timestamp("2025-10-09")]}
)


def as_in_utc(table):
    hours = table.index.tz_localize("Asia/Hong_Kong").tz_convert("UTC")
    return table.set_axis(hours)


def halted(table):
    table = table.copy()
    table.iloc[table.index.get_loc("2025-08-01") + np.arange(-95, 0), 0] = 0
    return table[PAIR[:1]].join(REAL["^HSI"]).dropna(how="all")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: PRICES, r"'0981\.HK' .* these are prices or volumes"),
        (lambda: load_prices(PAIR[:1], "volume").join(REAL["^HSI"]), "or volumes"),
        (lambda: 1 + REAL, "gross returns"),
        (lambda: REAL * 100, "per cent"),
        (lambda: PRICES.diff(), "changes of price"),
        (lambda: np.log1p(REAL), r"those of '0981\.HK' are log"),
        (lambda: np.expm1(load_returns(PAIR, kind="log")), "are simple"),
        (REAL.dropna, r"'0981\.HK' have no row for 2018-12-05, a session of XHKG"),
        (lambda: REAL.drop(pd.Timestamp("2025-10-08")), "no row for 2025-10-08"),
        (lambda: REAL.fillna(0), "0 on 2018-12-26, when XHKG was closed"),
        (lambda: PRICES.ffill().pct_change(), "when XHKG was closed"),
        (lambda: halted(REAL), "zero on all 95 rows from 2025-03-20 to 2025-07-31"),
        (lambda: as_in_utc(REAL), r"tz_convert\('Asia/Hong_Kong'\)\.tz_localize"),
        (lambda: REAL.tz_localize("UTC"), r"use \.index\.tz_localize\(None\)\."),
        (lambda: pd.concat({"Close": PRICES}, axis=1), r"'Close', axis=1, level=0\)"),
        (
            lambda: pd.concat({"Close": PRICES}, axis=1).swaplevel(axis=1).pct_change(),
            r"table\.xs\('Close', axis=1, level=1\)\.pct_change\(\)",
        ),
    ],
)
def test_frames_that_are_no_returns_by_session_are_refused(make, message):
    with pytest.raises(StudyError, match=message):
        event_study(make(), OCTOBER, benchmark="^HSI")


def test_a_return_over_several_sessions_is_refused():
    prices = load_prices(["688347.SS", "000300.SS"])
    returns = prices.apply(lambda one: one.dropna().pct_change())
    events = OCTOBER.assign(symbol="688347.SS", day0=pd.Timestamp("2025-10-30"))
    with pytest.raises(StudyError, match="2025-09-01 follows a session without"):
        event_study(returns, events, benchmark="000300.SS")


def test_a_session_that_the_market_held_counts_though_nothing_has_a_return():
    returns = PRICES.pct_change(fill_method=None)
    study = event_study(returns, OCTOBER, benchmark="^HSI")
    assert "has no return on 2025-10-02, session -4" in study.skipped["reason"].iloc[0]


def test_log_returns_compound_to_the_same_and_unmarked_ones_are_asked_about():
    events = OCTOBER.assign(symbol="NVDA", day0=pd.Timestamp("2025-01-27"))
    held = {
        kind: event_study(load_returns(PAIR, kind), events, benchmark="^GSPC")
        .bhar(-10, 10)["buy_and_hold"]
        .item()
        for kind in ("simple", "log")
    }
    assert (
        held["log"] == pytest.approx(held["simple"]) == pytest.approx(-0.0467, abs=5e-5)
    )
    unmarked = REAL.copy()
    unmarked.attrs = {}
    with pytest.raises(StudyError, match="simple or log"):
        event_study(unmarked, events, benchmark="^GSPC").bhar(-10, 10)


def test_bad_values_of_symbols_that_are_not_asked_for_do_no_harm():
    table = RETURNS.assign(OTHER=np.inf, TEXT="x")
    pd.testing.assert_frame_equal(run(table).abnormal_returns, run().abnormal_returns)


@pytest.mark.parametrize("kind", ["Float64", "float32"])
def test_other_kinds_of_decimal_numbers_are_read(kind):
    tolerance = 1e-6 if kind == "float32" else 1e-12
    table = RETURNS.astype(kind)
    np.testing.assert_allclose(
        run(table).abnormal_returns, run().abnormal_returns, atol=tolerance
    )


def test_log_returns_below_minus_one_are_possible():
    table = with_value(-1.5)
    table.attrs["kind"] = "log"
    assert run(table).n_events == 6
    table.attrs["kind"] = "percent"
    with pytest.raises(StudyError, match="not 'simple' or 'log'"):
        run(table)


def test_rows_that_the_loader_needs_may_not_be_dropped():
    table = RETURNS.drop(index=RETURNS.index[PLACE + 1])
    table.attrs["holes"] = {"S0": [f"{RETURNS.index[PLACE + 1]:%Y-%m-%d}"]}
    with pytest.raises(StudyError, match="that row is gone"):
        run(table)


def changed(**columns):
    return EVENTS.assign(**columns)


@pytest.mark.parametrize(
    ("events", "message"),
    [
        ("S0", "Events must be a DataFrame"),
        (EVENTS.iloc[:0], "no events to study"),
        (EVENTS.drop(columns="day0"), "no column 'day0'"),
        (pd.concat([EVENTS, EVENTS[["symbol"]]], axis=1), "2 columns 'symbol'"),
        (pd.concat([EVENTS, EVENTS.iloc[[0]]]), "has 'S0' twice"),
        (changed(symbol=None), "no event_id or no symbol"),
        (changed(event_id=np.nan), "no event_id or no symbol"),
        (changed(symbol=[["S0"]] * 6), "is a collection"),
        (changed(symbol=["S99", *EVENTS["symbol"][1:]]), "symbol 'S99'"),
        (changed(symbol=range(6)), "symbol 0"),
        (changed(day0=20250829), "numbers, not dates"),
        (changed(day0=[EVENTS["day0"][0], 3] * 3), "number among its dates"),
        (changed(day0="29/08/2025"), "no list of dates"),
        (changed(day0="soon"), "no list of dates"),
        (changed(day0=[object()] * 6), "no list of dates"),
        (changed(day0=EVENTS["day0"].dt.tz_localize("UTC")), "time zone"),
        (changed(day0=EVENTS["day0"] + pd.Timedelta("10h")), "time of day"),
        (changed(symbol=MARKET), "Event 'event at 200' has 'MKT' twice"),
    ],
)
def test_events_that_can_be_misread_are_refused(events, message):
    with pytest.raises(StudyError, match=message):
        run(events=events)


@pytest.mark.parametrize(
    "day0",
    [
        EVENTS["day0"].dt.strftime("%Y-%m-%d"),
        EVENTS["day0"].dt.date,
        EVENTS["day0"].astype("datetime64[s]"),
        EVENTS["day0"].astype(object),
    ],
)
def test_dates_of_every_kind_are_read(day0):
    pd.testing.assert_frame_equal(
        run(events=changed(day0=day0)).abnormal_returns, run().abnormal_returns
    )


def test_an_event_without_a_date_is_left_out():
    events = changed(day0=[pd.NaT, *EVENTS["day0"][1:]])
    study = run(events=events)
    assert study.skipped["reason"].tolist() == ["no day 0"]
    assert study.n_events == 5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model": "magic"}, "No model 'magic'"),
        ({"benchmark": None}, "needs a benchmark"),
        ({"benchmark": "S0"}, "cannot be its own benchmark"),
        ({"benchmark": {"S0": MARKET}}, "No benchmark is given for 'S1', 'S2'"),
        ({"benchmark": [MARKET]}, "one symbol or a mapping"),
        ({"estimation": (-11, -120)}, "ends before it starts"),
        ({"window": (1, -1)}, "ends before it starts"),
        ({"window": (-1.5, 1)}, "pair of whole sessions"),
        ({"window": (0,)}, "not a pair"),
        ({"window": (0, np.inf)}, "not a pair"),
        ({"window": "ab"}, "not a pair"),
        ({"estimation": (-120, -10)}, "reaches into the event window"),
        ({"estimation": (-120, 20)}, "reaches into the event window"),
        ({"max_missing": 1}, "max_missing is a share"),
        ({"max_missing": np.nan}, "max_missing is a share"),
        ({"max_missing": "all"}, "max_missing is a share"),
        ({"min_observations": "many"}, "min_observations is a number"),
        ({"model": "market_sector"}, "needs a sector"),
        ({"model": "market_sector", "sector": MARKET}, "stands twice"),
        ({"model": "market_sector", "sector": "S0"}, "stands twice"),
        ({"model": "factors"}, "needs factors"),
        ({"model": "factors", "factors": []}, "given no factor"),
        ({"model": "factors", "factors": ["SMB"]}, "no column for the factor 'SMB'"),
        ({"model": "factors", "factors": ["S0"]}, "one of the factors"),
        ({"model": "ff3", "factors": ["S0"]}, "from a DataFrame"),
        ({"model": "capm", "factors": RETURNS[[MARKET]]}, "factor 'mkt_rf'"),
        ({"model": "factors", "factors": RETURNS[["S1"]]}, "both have a column"),
        ({"model": "dimson", "lags": ()}, "distinct whole sessions"),
        ({"model": "dimson", "lags": (0, 0)}, "distinct whole sessions"),
        ({"model": "dimson", "lags": (0.5,)}, "distinct whole sessions"),
        ({"mask": ["2018-01-01"]}, "A mask is a mapping"),
        ({"mask": {"S7": ["2018-01-01"]}}, "none of its symbols is under study"),
        ({"mask": {"S0": "2018-01-01"}}, "one text is given"),
        ({"mask": {"S0": [20180101]}}, "numbers, not dates"),
        ({"mask": {"S0": ["2018-01-01 10:00"]}}, "is not a date"),
        ({"mask": {"S0": ["2018-01"]}}, "is not a date"),
        ({"mask": {"S0": ["20180101"]}}, "is not a date"),
        ({"mask": pd.DataFrame({"symbol": ["S0"]})}, "mask lacks the column"),
    ],
)
def test_options_that_make_no_study_are_refused(options, message):
    with pytest.raises(StudyError, match=message):
        run(**options)


def test_a_study_of_which_nothing_is_left_has_its_reasons_and_no_figures():
    study = run(events=changed(day0=pd.Timestamp("1990-01-01")))
    assert len(study.skipped) == 6
    assert study.skipped.index.names == ["event_id", "symbol"]
    assert study.abnormal_returns.shape == (0, 21)
    assert study.estimates.empty
    assert study.sessions.shape == (0, 21)
    for call in [
        lambda: study.car(0, 0),
        lambda: study.caar(0, 0),
        lambda: study.bhar(0, 0),
        lambda: study.test(0, 0),
        lambda: study.placebo(0, 0),
        lambda: study.daily(),
    ]:
        with pytest.raises(StudyError, match="None of the 6 events could be studied"):
            call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda study: study.car(1, 0), "ends before it starts"),
        (lambda study: study.car(0, 11), "not inside the study's event window"),
        (lambda study: study.car(-11, 0), "not inside the study's event window"),
        (lambda study: study.car(0, 0.5), "pair of whole sessions"),
        (lambda study: study.car(0, 0, level=1), "level must lie between"),
        (lambda study: study.car_path(5, 20), "not inside"),
        (lambda study: study.test(0, 11), "not inside"),
        (lambda study: study.test(0, 0, ["t_test"]), "No test 't_test'"),
        (lambda study: study.test(0, 0, draws=0), "whole numbers"),
        (lambda study: study.test(0, 0, draws=2.5), "whole numbers"),
        (lambda study: study.test(0, 0, seed=-1), "whole numbers"),
        (lambda study: study.test(0, 0, exclude="2018-01-01"), "one text is given"),
        (lambda study: study.test(0, 0, exclude=[3]), "numbers, not dates"),
        (lambda study: study.placebo(0, 11), "not inside"),
        (lambda study: study.placebo(0, 0, draws=0), "whole numbers"),
    ],
)
def test_questions_that_the_study_cannot_answer_are_refused(call, message):
    with pytest.raises(StudyError, match=message):
        call(run())


@pytest.mark.parametrize("model", ["mean", "market", "market_adjusted", "huber"])
@pytest.mark.parametrize("value", [0.001, 1 / 11])
def test_returns_without_variation_leave_the_event_out(model, value):
    table = RETURNS.copy()
    table.loc[table.index[: PLACE - 10], ["S0", MARKET]] = value
    study = run(table, EVENTS.iloc[:2], model=model)
    assert study.skipped.index.tolist()[0] == ("event at 200", "S0")
    assert np.isfinite(study.abnormal_returns).all(axis=None)


@pytest.mark.parametrize("model", ["market", "huber", "dimson"])
def test_a_share_that_is_its_market_times_two_leaves_no_residual(model):
    table = RETURNS.assign(S0=2 * RETURNS[MARKET])
    study = run(table, EVENTS.iloc[:1], model=model)
    assert "follow the model without error" in study.skipped["reason"].iloc[0]


cells = st.one_of(
    st.floats(-0.2, 0.2),
    st.sampled_from([np.nan, 0.0, 0.0, 1e4, -0.999, 1e-300]),
)
dates = st.one_of(
    st.sampled_from(list(RETURNS.index[100:])),
    st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)).map(pd.Timestamp),
    st.just(pd.NaT),
)


@settings(max_examples=150)
@given(st.data())
def test_whatever_is_put_in_a_figure_that_comes_out_is_finite(data):
    table = RETURNS.copy()
    rows = data.draw(st.lists(st.integers(60, 299), max_size=6))
    for row in rows:
        column = data.draw(st.integers(0, 3))
        stretch, value = data.draw(
            st.one_of(
                st.tuples(st.just(1), cells),
                st.tuples(st.sampled_from([5, 120]), st.sampled_from([np.nan, 0.01])),
            )
        )
        table.iloc[row : row + stretch, column] = value
    count = data.draw(st.integers(1, 4))
    events = pd.DataFrame(
        {
            "event_id": range(count),
            "symbol": [data.draw(st.sampled_from(["S0", "S1"])) for _ in range(count)],
            "day0": [data.draw(dates) for _ in range(count)],
        }
    )
    length = data.draw(st.integers(1, 60))
    gap = data.draw(st.integers(1, 5))
    last = data.draw(st.integers(0, 12))
    options = {
        "model": data.draw(
            st.sampled_from(["mean", "market", "market_adjusted", "dimson"])
        ),
        "estimation": (-gap - length - 2, -gap - 2),
        "window": (-2, last),
        "min_observations": data.draw(st.integers(0, 40)),
        "max_missing": data.draw(st.sampled_from([0.0, 0.1, 0.9])),
    }
    study = run(table, events, **options)
    assert study.n_events + len(study.skipped) == count
    assert (study.skipped["reason"].str.len() > 5).all()
    if not study.n_events:
        return
    assert np.isfinite(study.abnormal_returns).all(axis=None)
    assert (study.estimates["sigma"] > 0).all()
    assert (study.estimates["n_obs"] >= options["min_observations"]).all()
    car = study.car(-2, last)
    assert np.isfinite(car).all(axis=None)
    assert (car["se"] > study.estimates["sigma"] * np.sqrt(last + 3) * 0.999999).all()
    table = study.test(-2, last, draws=50)
    said = table["note"].str.startswith("undefined: ")
    assert table.loc[said, ["statistic", "df", "p_value"]].isna().all(axis=None)
    figures = table.loc[~said, ["statistic", "p_value"]]
    assert np.isfinite(figures.astype(float)).all(axis=None)
    assert figures["p_value"].between(0, 1).all()


def test_own_columns_are_held_against_the_exchange_that_is_named():
    own = REAL[["NVDA", "^GSPC"]].dropna().set_axis(["mine", "market"], axis=1)
    own.attrs = {"kind": "simple"}
    event = OCTOBER.assign(symbol="mine")
    cut = own.drop(pd.Timestamp("2025-10-07"))
    assert event_study(cut, event, benchmark="market").n_events == 1
    for exchange in ("XNYS", {"mine": "XNAS"}):
        cut.attrs["exchange"] = own.attrs["exchange"] = exchange
        with pytest.raises(StudyError, match=r"no row for 2025-10-07, a session of XN"):
            event_study(cut, event, benchmark="market")
        assert event_study(own, event, benchmark="market").n_events == 1
    own.attrs["exchange"] = "XLON"
    with pytest.raises(CalendarError, match="XLON"):
        event_study(own, event, benchmark="market")
    own.attrs["exchange"] = 3
    with pytest.raises(StudyError, match="a code such as 'XNYS'"):
        event_study(own, event, benchmark="market")


def test_a_return_after_one_empty_session_is_told():
    gap = with_value(np.nan, row=PLACE - 50)
    assert "S0 on 2018-07-31 follows one empty session" in repr(run(gap))
    gap.loc[gap.index[PLACE - 49], "S0"] = np.nan  # as a session without a price leaves
    assert run(gap).remarks == []


def test_two_classes_of_one_share_are_told_where_they_count_as_two():
    twin = RETURNS["S0"] + np.random.default_rng(5).normal(0, 1e-3, len(RETURNS))
    returns = RETURNS.assign(twin=twin)
    events = events_at(returns, PLACE, ["S0", "twin"])
    said = "S0 and twin move as one"
    study = run(returns, events)
    notes = study.test(0, 1, ["bmp", "adjusted_bmp", "placebo"])["note"]
    assert notes.str.contains(said).tolist() == [True, True, False]
    assert said in repr(study)
    assert run().remarks == []
