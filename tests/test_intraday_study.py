"""The study inside the day: arithmetic, clocks, errors, and what it finds."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from intraday_tools import closing_prices, day_returns
from scipy.stats import kstest

from helpers.data.calendars import session_hours
from helpers.data.intraday import load_bars
from helpers.data.prices import load_returns
from helpers.errors import DataError, StudyError
from helpers.inference.event_study import event_study
from helpers.inference.intraday.errors import noise, plug_in_lags
from helpers.inference.intraday.jumps import jump_rule, jumps
from helpers.inference.intraday.placebo import Stretch, other_sessions
from helpers.inference.intraday.result import IntradayStudy
from helpers.inference.intraday.study import session_events, study_events
from helpers.inference.power import detectable_effect
from helpers.study.events import event_mask
from helpers.study.intraday.grid import NIGHT, SLOTS, Grid, load_grid
from helpers.study.intraday.model import IntradayModel
from helpers.study.intraday.timeline import Timeline

SYMBOLS = ("NVDA", "SPY", "^SOX")


def new_york(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="America/New_York")


def event(name: str, earliest: str, latest: str | None = None) -> pd.DataFrame:
    instants = [new_york(earliest), new_york(latest or earliest)]
    return pd.DataFrame(
        {
            "event_id": [name],
            "earliest_at": pd.DatetimeIndex(instants[:1]).tz_convert("UTC"),
            "latest_at": pd.DatetimeIndex(instants[1:]).tz_convert("UTC"),
        }
    )


def with_returns(grid: Grid, symbol: str, values: np.ndarray) -> Grid:
    return dataclasses.replace(grid, returns={**grid.returns, symbol: values})


def put_in(grid: Grid, session: str, slot: int, jump: float) -> Grid:
    """The grid with a price jump in one period of one session of the share."""
    values = grid.returns["NVDA"].copy()
    values[grid.position(pd.Timestamp(session)), slot] += jump
    return with_returns(grid, "NVDA", values)


def simulated(seed: int, sessions: int = 420) -> Grid:
    """A quiet market: U-shaped noise that is correlated from bar to bar."""
    rng = np.random.default_rng(seed)
    hours = session_hours("XNYS").loc["2024-03-12":].iloc[:sessions]
    opens, closes = (
        hours[edge].dt.tz_localize(None).dt.as_unit("ns").to_numpy()
        for edge in ("open", "close")
    )
    bars = ((closes - opens) // np.timedelta64(5, "m")).astype(int)
    shape = 1e-3 * (1 + 3 * np.exp(-np.arange(SLOTS) / 5))
    shape[NIGHT] = 1e-2
    absent = np.arange(SLOTS) > bars[:, None]

    def draw(scale: float, memory: float) -> np.ndarray:
        shocks = rng.standard_normal((sessions, SLOTS))
        noise = shocks.copy()
        noise[:, 2:] += memory * shocks[:, 1:-1]
        values = scale * shape * noise
        values[absent] = np.nan
        return values

    market = draw(0.6, 0.0)
    share = 1.5 * market + draw(1.0, -0.3)
    volume = np.where(absent, np.nan, 1e6 * rng.lognormal(size=(sessions, SLOTS)))
    volume[:, NIGHT] = np.nan
    return Grid(
        symbols=("NVDA", "SPY"),
        sessions=pd.DatetimeIndex(hours.index, name="session"),
        opens=opens,
        closes=closes,
        bars=bars,
        returns={"NVDA": share, "SPY": market},
        volume={"NVDA": volume, "SPY": volume},
    )


@pytest.fixture(scope="module")
def grid() -> Grid:
    return load_grid(SYMBOLS)


@pytest.fixture(scope="module")
def masked() -> pd.DatetimeIndex:
    return pd.DatetimeIndex(event_mask("NVDA")["date"].unique())


@pytest.fixture(scope="module")
def model(grid, masked) -> IntradayModel:
    return IntradayModel(grid, "NVDA", ["SPY"], masked=masked)


@pytest.fixture(scope="module")
def quiet() -> IntradayModel:
    return IntradayModel(simulated(7), "NVDA", ["SPY"])


# Returns


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_the_parts_of_a_day_add_up_to_its_return(grid, symbol):
    last = closing_prices(load_bars(symbol))
    simple = (last / last.shift() - 1).iloc[1:]
    without_dividend = day_returns(grid, symbol) - simple
    assert without_dividend.abs().median() < 1e-15
    paid = without_dividend.abs() > 1e-12
    assert paid.sum() <= 9
    assert (without_dividend[paid] > 0).all()


def test_all_days_of_an_index_add_up_exactly(grid):
    last = closing_prices(load_bars("^SOX"))
    simple = (last / last.shift() - 1).iloc[1:]
    assert np.abs(day_returns(grid, "^SOX") - simple).max() < 1e-14


def test_dividends_are_in_the_night_return(grid):
    day = pd.Timestamp("2025-09-19")  # SPY went ex dividend
    bars = load_bars("SPY", "2025-09-18", "2025-09-19")
    price_only = bars["open"].iloc[78] / bars["close"].iloc[77] - 1
    night = grid.returns["SPY"][grid.position(day), NIGHT]
    assert night - price_only == pytest.approx(0.0028, abs=4e-4)
    daily = load_returns("SPY", start=day, end=day).iat[0, 0]
    assert day_returns(grid, "SPY")[day] == pytest.approx(daily, abs=3e-4)


def test_a_missing_bar_leaves_two_periods_without_return():
    grid = load_grid(["^GSPC"])
    row = grid.position(pd.Timestamp("2026-08-14"))
    holes = np.flatnonzero(np.isnan(grid.returns["^GSPC"][row]))
    assert holes.tolist() == [46, 47]


def test_grids_refuse_what_they_cannot_hold():
    with pytest.raises(StudyError, match="each once"):
        load_grid(["NVDA", "NVDA"])
    with pytest.raises(DataError, match="no five-minute bars of AMD"):
        load_grid(["AMD"])
    with pytest.raises(StudyError, match="no bars of 2025-08-30"):
        load_grid(["NVDA"]).position(pd.Timestamp("2025-08-30"))


# Clocks


@pytest.mark.parametrize(
    ("instant", "session", "slot"),
    [
        ("2025-08-29 09:29", "2025-08-29", NIGHT),
        ("2025-08-29 09:30", "2025-08-29", 1),
        ("2025-08-29 09:34:59", "2025-08-29", 1),
        ("2025-08-29 09:35", "2025-08-29", 2),
        ("2025-08-29 12:02", "2025-08-29", 31),
        ("2025-08-29 15:59", "2025-08-29", 78),
        ("2025-08-29 16:00", "2025-09-02", NIGHT),
        ("2025-08-31 12:00", "2025-09-02", NIGHT),
        ("2025-11-28 12:59", "2025-11-28", 42),
        ("2025-11-28 13:00", "2025-12-01", NIGHT),
    ],
)
def test_news_falls_to_the_first_period_that_can_hold_it(grid, instant, session, slot):
    timeline = Timeline(grid)
    at = timeline.first_after(new_york(instant))
    assert grid.sessions[timeline.rows[at]] == pd.Timestamp(session)
    assert timeline.slots[at] == slot


def test_news_outside_the_bars_or_without_a_zone_is_refused(grid):
    timeline = Timeline(grid)
    for text in ("2024-03-11 12:00", "2026-08-21 16:00"):
        with pytest.raises(StudyError, match="outside the bars"):
            timeline.first_after(new_york(text))
    with pytest.raises(StudyError, match="no time zone"):
        timeline.first_after(pd.Timestamp("2025-08-29 12:00"))


def test_an_uncertain_clock_spans_periods(model):
    rows = event("remark", "2025-08-20 12:00", "2025-08-21 11:59")
    study = study_events(model, rows)
    # The afternoon of 48 bars, the night, and 30 bars of the morning.
    assert study.to_close().iloc[0] == 47
    assert study.ends.iloc[0, 0] == new_york("2025-08-20 12:05")
    assert study.ends.iloc[0, 48] == new_york("2025-08-21 09:30")


# Model


def test_market_model_is_weighted_least_squares(grid, model):
    row = grid.position(pd.Timestamp("2025-08-21"))
    found = model.estimate(row)
    y, x = grid.returns["NVDA"][found.rows], grid.returns["SPY"][found.rows]
    night = sm.OLS(y[:, 0], sm.add_constant(x[:, 0])).fit()
    assert found.night == pytest.approx(night.params, rel=1e-9)
    assert found.scale[0] == pytest.approx(np.sqrt(night.scale), rel=1e-9)
    inside = np.isfinite(y[:, 1:])
    design = sm.add_constant(x[:, 1:][inside])
    # The first pass is unweighted, the second weighs by the first one's pattern.
    weights, target = np.ones(inside.sum()), y[:, 1:][inside]
    for _ in range(2):
        fitted = sm.WLS(target, design, weights=weights).fit()
        errors = np.full(inside.shape, np.nan)
        errors[inside] = target - design @ fitted.params
        size = np.nanmean(np.abs(errors), axis=0)
        shape = size / np.sqrt((size**2).mean())
        weights = np.broadcast_to(shape**-2.0, inside.shape)[inside]
    assert found.bars == pytest.approx(fitted.params, rel=1e-7)


def test_estimation_leaves_out_events_and_what_follows(grid, model, masked):
    row = grid.position(pd.Timestamp("2025-08-21"))
    sessions = grid.sessions[model.estimate(row).rows]
    assert sessions[0] >= grid.sessions[row - 120]
    assert sessions[-1] <= grid.sessions[row - 11]
    assert not sessions.isin(masked).any()


def test_what_happens_in_the_event_does_not_enter_its_model(grid, masked):
    moved = put_in(grid, "2025-08-21", 20, 0.05)
    row = grid.position(pd.Timestamp("2025-08-21"))
    one, other = (
        IntradayModel(each, "NVDA", ["SPY"], masked=masked).estimate(row)
        for each in (grid, moved)
    )
    assert (one.bars == other.bars).all()
    assert (one.scale == other.scale).all()


def test_market_and_sector_explain_more_than_either(grid, masked):
    row = grid.position(pd.Timestamp("2025-08-21"))
    sigma = {
        names: np.sqrt(
            (
                IntradayModel(grid, "NVDA", names, masked=masked).estimate(row).scale
                ** 2
            )[1:].mean()
        )
        for names in (("SPY",), ("^SOX",), ("SPY", "^SOX"))
    }
    assert sigma["SPY", "^SOX"] < min(sigma[("SPY",)], sigma[("^SOX",)])


def test_the_first_bars_are_the_most_restless(model, grid):
    scale = model.estimate(grid.position(pd.Timestamp("2025-08-21"))).scale[1:]
    assert scale[0] > 4 * np.median(scale)
    assert scale[-1] > scale[36:48].mean()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"benchmarks": ["AMD"]}, "AMD is not in the grid"),
        ({"benchmarks": ["NVDA"]}, "other than itself"),
        ({"benchmarks": []}, "other than itself"),
        ({"benchmarks": ["SPY"], "estimation": (-10, 2)}, "must lie before"),
        ({"benchmarks": ["SPY"], "min_sessions": 3}, "too small"),
    ],
)
def test_models_refuse_nonsense(grid, options, words):
    with pytest.raises(StudyError, match=words):
        IntradayModel(grid, "NVDA", **options)


def test_too_short_a_history_is_a_reason_not_a_number(model):
    study = study_events(model, event("early", "2024-05-22 16:20"))
    assert "sessions of bars before it, 120 needed" in study.skipped["reason"]["early"]
    with pytest.raises(StudyError, match=r"No event could be studied.*120 needed"):
        study.car(0, 0)
    with pytest.raises(StudyError, match="was not studied"):
        study.placebo("early", 0, 0)


# Adding up


def test_day_s_abnormal_returns_add_up_to_the_daily_study(grid):
    """Under the daily study's own betas, from bars to the official closes."""
    days = ["2025-08-21", "2025-08-22", "2025-08-29", "2025-09-02", "2025-01-27"]
    returns = load_returns(["NVDA", "SPY"])
    events = pd.DataFrame(
        {"event_id": days, "symbol": "NVDA", "day0": pd.to_datetime(days)}
    )
    found = event_study(returns, events, benchmark="SPY", window=(0, 0))
    estimates = found.estimates.droplevel("symbol")
    daily = found.car(0, 0).droplevel("symbol")["car"]
    for day in days:
        at = grid.position(pd.Timestamp(day))
        alpha, beta = estimates.loc[day, ["alpha", "beta"]]
        share, market = (grid.returns[name][at] for name in ("NVDA", "SPY"))
        summed = (share - alpha / len(share) - beta * market).sum()
        # By the bars' own closes exactly, by the official ones to the auction.
        own = day_returns(grid, "NVDA")[day] - alpha
        own -= beta * day_returns(grid, "SPY")[day]
        assert summed == pytest.approx(own, abs=1e-12)
        assert summed == pytest.approx(daily[day], abs=8e-4)


def test_parts_add_up_to_the_whole_and_paths_end_there(model):
    study = study_events(model, session_events(["2025-08-29"], model.grid))
    whole = study.car(0, 78)["car"].iloc[0]
    parts = [study.car(a, b)["car"].iloc[0] for a, b in ((0, 0), (1, 12), (13, 78))]
    assert sum(parts) == pytest.approx(whole, abs=1e-15)
    path = study.car_path(0, 78)
    assert path["car"].iloc[-1] == pytest.approx(whole)
    assert path["end"].iloc[-1] == new_york("2025-08-29 16:00")
    assert study.abnormal_returns.iloc[0].sum() == pytest.approx(whole)


# Errors


def test_parameter_errors_are_those_of_statsmodels(grid, model):
    row = grid.position(pd.Timestamp("2025-08-21"))
    estimate = model.estimate(row)
    found = noise(model, estimate)
    y, x = (grid.returns[name][estimate.rows] for name in ("NVDA", "SPY"))
    night = sm.OLS(y[:, 0], sm.add_constant(x[:, 0])).fit(
        cov_type="HAC",
        cov_kwds={"maxlags": plug_in_lags(len(y)), "use_correction": False},
    )
    assert found.night == pytest.approx(night.cov_params(), rel=1e-8)
    inside = np.isfinite(y[:, 1:])
    weights = np.broadcast_to(estimate.scale[1:] ** -2.0, inside.shape)[inside]
    fitted = sm.WLS(
        y[:, 1:][inside], sm.add_constant(x[:, 1:][inside]), weights=weights
    ).fit()
    groups = np.broadcast_to(np.arange(len(y))[:, None], inside.shape)[inside]
    robust = fitted.get_robustcov_results(
        "hac-panel",
        groups=groups,
        maxlags=plug_in_lags(inside.sum()),
        use_correction=False,
    )
    # The betas were weighted by the pattern of the pass before.
    assert found.bars == pytest.approx(robust.cov_params(), rel=5e-3)


def test_variance_holds_autocovariances_within_the_session(quiet):
    """A moving average with -0.3: sums vary less than their parts would."""
    estimate = quiet.estimate(300)
    found = noise(quiet, estimate)
    x = quiet.regressors(300)
    sums = found.variance([np.arange(1, 79)], [x])
    parts = sum(found.variance([np.array([slot])], [x]) for slot in range(1, 79))
    # (1 - 0.3)^2 / (1 + 0.3^2) = 0.45, less what the kernel shrinks.
    assert 0.42 < sums / parts < 0.62


def test_kernel_never_reaches_across_a_night(quiet):
    estimate = quiet.estimate(300)
    found = noise(quiet, estimate)
    x = quiet.regressors(300)
    together = found.variance(
        [np.arange(70, 79), np.arange(9)], [x, quiet.regressors(301)]
    )
    apart = found.variance([np.arange(70, 79)], [x])
    apart += found.variance([np.arange(9)], [quiet.regressors(301)])
    # Only the error of the parameters is shared between the two sessions.
    assert together == pytest.approx(apart, rel=0.05)


def test_t_test_keeps_its_size_on_quiet_sessions(quiet):
    sessions = quiet.grid.sessions[quiet.grid.bars == 78][130:]
    study = study_events(quiet, session_events(sessions, quiet.grid))
    for window in ((0, 0), (1, 12), (1, 78), (40, 42)):
        rejected = (study.car(*window)["p_value"] < 0.05).mean()
        assert rejected == pytest.approx(
            0.05, abs=3 * np.sqrt(0.05 * 0.95 / len(sessions))
        )


def test_interval_and_level(model):
    study = study_events(model, event("noon", "2025-08-29 12:00"))
    narrow, wide = study.car(0, 5, level=0.8), study.car(0, 5, level=0.99)
    assert (narrow["ci_low"] > wide["ci_low"]).all()
    with pytest.raises(StudyError, match="between 0 and 1"):
        study.car(0, 5, level=95)


# Placebos


def test_placebos_take_the_same_clock_time_on_clear_sessions(model, masked):
    study = study_events(model, event("later", "2025-08-29 14:02"))
    found = study.placebo("later", 0, 5)
    sessions = model.grid.sessions[found.rows]
    assert not sessions.isin(masked).any()
    assert pd.Timestamp("2025-08-29") not in sessions
    row = found.rows[10]
    assert found.cars[10] == pytest.approx(model.abnormal()[row, 55:61].sum())
    # No placebo on a session that had closed by then.
    assert (model.grid.bars[found.rows] == 78).all()


def test_placebos_over_two_sessions_need_both_clear_and_of_one_length():
    bars = np.array([78, 78, 42, 78, 78, 78, 78])
    clear = np.array([True, True, True, True, False, True, True])
    where = Stretch(6, np.array([-1, 0]), np.array([78, 0]))
    # Row 3 follows an early close, 4 is no clear session, 5 follows one.
    assert other_sessions(where, clear, bars).tolist() == [1, 2]


def test_placebo_p_values_are_uniform_where_nothing_happened():
    """Fresh quiet markets, one tested session each: no p-value by construction."""
    p_values = []
    for seed in range(60):
        quiet = IntradayModel(simulated(seed, 200), "NVDA", ["SPY"])
        day = f"{quiet.grid.sessions[160]:%Y-%m-%d}"
        study = study_events(quiet, session_events([day], quiet.grid))
        p_values.append(study.placebo(day, 1, 12).p_value)
    assert kstest(p_values, "uniform").pvalue > 0.01


def test_a_jump_is_extreme_among_placebos_and_quiet_is_not(grid, masked):
    moved = put_in(grid, "2025-08-21", 31, 0.03)
    model = IntradayModel(moved, "NVDA", ["SPY"], masked=masked)
    study = study_events(model, event("noon", "2025-08-21 12:02"))
    found = study.placebo("noon", 0, 2)
    assert len(found.rows) > 350
    assert found.p_value < 0.02
    assert study.car(0, 2)["p_value"].iloc[0] < 1e-6
    calm = study_events(
        IntradayModel(grid, "NVDA", ["SPY"], masked=masked),
        event("noon", "2025-08-21 12:02"),
    )
    assert calm.placebo("noon", 0, 2).p_value > 0.2


def test_too_few_placebos_are_undefined_not_a_number(grid):
    everything = grid.sessions[::2].append(grid.sessions[1::2][:290])
    model = IntradayModel(
        grid, "NVDA", ["SPY"], masked=everything, min_sessions=5, estimation=(-120, -1)
    )
    study = study_events(model, event("noon", "2026-08-20 12:00"))
    with pytest.raises(StudyError, match="No placebo distribution"):
        study.placebo("noon", 0, 2)


# Power and jumps


@pytest.mark.parametrize("slot", [13, 37, 61])
def test_injected_jumps_are_found_with_the_promised_power(grid, masked, slot):
    """Jumps of the size promised to be found 4 times in 5, in quiet sessions."""
    sessions = grid.sessions[~grid.sessions.isin(masked) & (grid.bars == 78)]
    sessions = sessions[110:][::3]
    barred = masked.append(sessions)

    def study(one: Grid) -> IntradayStudy:
        model = IntradayModel(one, "NVDA", ["SPY"], masked=barred)
        return study_events(model, session_events(sessions, one))

    before = study(grid).car(slot, slot)
    sizes = [
        detectable_effect(se, df)
        for se, df in zip(before["se"], before["df"], strict=True)
    ]
    values = grid.returns["NVDA"].copy()
    rows = grid.sessions.get_indexer(
        pd.DatetimeIndex(before.index.get_level_values("event_id"))
    )
    values[rows, slot] += sizes
    after = study(with_returns(grid, "NVDA", values)).car(slot, slot)
    assert (after["car"] - before["car"]).to_numpy() == pytest.approx(sizes)
    assert len(after) > 90
    assert (before["p_value"] < 0.05).mean() < 0.12
    assert (after["p_value"] < 0.05).mean() == pytest.approx(0.8, abs=0.1)


def test_the_minute_of_a_jump_is_found(grid, masked):
    moved = put_in(grid, "2025-08-21", 45, -0.012)
    model = IntradayModel(moved, "NVDA", ["SPY"], masked=masked)
    study = study_events(model, session_events(["2025-08-21"], moved))
    found = jumps(study, "2025-08-21")
    assert found.index.tolist() == [new_york("2025-08-21 13:10")]
    assert found["abnormal"].iloc[0] == pytest.approx(-0.012, abs=0.003)
    assert found["relative_period"].iloc[0] == 45
    assert found["p_value"].iloc[0] < 0.05


def test_one_bar_stands_out_in_five_of_a_hundred_quiet_sessions(model):
    rule = jump_rule(model)
    assert (rule.largest > rule.threshold).mean() == pytest.approx(0.05, abs=0.005)
    assert rule.p_value(0) == 1
    with pytest.raises(StudyError, match="too few"):
        jump_rule(model, level=0.9999)


# Asking


def test_a_hole_in_the_window_is_refused_by_session():
    grid = load_grid(["NVDA", "^GSPC"])
    model = IntradayModel(grid, "NVDA", ["^GSPC"])
    study = study_events(model, event("noon", "2026-08-14 13:00"))
    assert study.car(0, 2)["car"].notna().all()
    with pytest.raises(StudyError, match="a bar of 2026-08-14 is missing"):
        study.car(0, 5)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda rows: rows.drop(columns="latest_at"), "lack the column 'latest_at'"),
        (lambda rows: pd.concat([rows, rows]), "given twice"),
        (
            lambda rows: rows.assign(
                latest_at=rows["earliest_at"] - pd.Timedelta("1h")
            ),
            "before its earliest",
        ),
        (
            lambda rows: rows.assign(latest_at=rows["latest_at"].dt.tz_localize(None)),
            "with a time zone",
        ),
    ],
)
def test_malformed_events_are_refused(model, change, words):
    with pytest.raises(StudyError, match=words):
        study_events(model, change(event("noon", "2025-08-29 12:02")))


def test_windows_are_checked(model):
    rows = event("noon", "2025-08-29 12:02")
    with pytest.raises(StudyError, match="must hold period 0"):
        study_events(model, rows, window=(1, 5))
    study = study_events(model, rows)
    with pytest.raises(StudyError, match="ends before it starts"):
        study.car(5, 0)
    with pytest.raises(StudyError, match="beyond the bars"):
        study.car(0, 10**6)
