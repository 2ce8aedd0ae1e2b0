"""One rule for every leg of a claim: what it promises, and answers known by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from engine_tools import MARKET, events_at, simulated_returns
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from helpers import StudyError, event_study, read_change
from helpers.inference.activity import volatility_study
from helpers.inference.readings import Reading, combine, judge

STUDY = {"benchmark": MARKET, "estimation": (-60, -11), "window": (0, 1)}
FEW = settings(max_examples=25)
seeds = st.integers(0, 2**32 - 1)
draws_of = st.lists(st.integers(-50, 50), min_size=20, max_size=120)


def study_at(places, sessions=400, seed=1, returns=None, **options):
    table = simulated_returns(1, sessions, seed) if returns is None else returns
    return event_study(table, events_at(table, places), **{**STUDY, **options})


def likely(rate, runs):
    """Counts that all but one in a thousand runs of this rate give."""
    return stats.binom.interval(0.999, runs, rate)


# Promises, by simulation.


@pytest.fixture(scope="module")
def histories():
    """Readings of one date and of four, in histories that turn calm and stormy."""
    found = {"calm": [], "stormy": [], "four": []}
    for seed in range(100):
        returns = simulated_returns(1, 480, 7_000 + seed)
        loud = np.where(np.arange(480) // 80 % 2, 2.0, 0.5)
        returns["S0"] = (returns["S0"] - returns[MARKET]) * loud + returns[MARKET]
        for name, places in (
            ("calm", [380]),
            ("stormy", [300]),
            ("four", [140, 230, 370, 450]),
        ):
            found[name].append(study_at(places, returns=returns).reads(0, 1))
    return found


@pytest.mark.parametrize("kind", ["calm", "stormy", "four"])
def test_without_an_effect_the_tests_speak_at_their_rate(histories, kind):
    wrong = sum(one.p_value < 0.05 for one in histories[kind])
    assert wrong <= likely(0.05, len(histories[kind]))[1]
    # With a true effect as large as matters, it is seldom called excluded.
    excluded = sum(
        replace(one, effect=one.effect + one.smallest).equivalence_p < 0.05
        for one in histories[kind]
    )
    assert excluded <= likely(0.05, len(histories[kind]))[1]


@pytest.mark.parametrize("kind", ["calm", "stormy", "four"])
def test_an_effect_of_the_detectable_size_is_found_four_times_in_five(histories, kind):
    readings = histories[kind]
    found = sum(
        replace(one, effect=one.effect + one.detectable()).word() == "supported"
        for one in readings
    )
    low, high = likely(0.8, len(readings))
    assert low <= found <= high


def test_an_effect_in_the_returns_is_that_effect_in_the_reading():
    returns = simulated_returns(1, 400)
    plain = study_at([200, 300], returns=returns).reads(0, 1)
    returns.iloc[[200, 300], 0] += 0.15
    moved = study_at([200, 300], returns=returns).reads(0, 1)
    assert moved.effect == pytest.approx(plain.effect + 0.15, rel=1e-12)
    assert moved.word() == "supported"
    returns.iloc[[200, 300], 0] -= 0.30
    assert study_at([200, 300], returns=returns).reads(0, 1).word() == "contradicted"


def family(rng, effects, smallest):
    """Legs with errors of one and the same distribution, skewed."""
    return {
        f"leg {k}": Reading(
            effect + rng.gamma(4) / 2 - 2, rng.gamma(4, size=999) / 2 - 2, smallest
        )
        for k, effect in enumerate(effects)
    }


def test_a_family_of_legs_is_wrong_no_oftener_than_one():
    rng, runs = np.random.default_rng(1), 200
    false, excluded, found = 0, 0, np.zeros(3)
    for _ in range(runs):
        legs = family(rng, [0, 0, 0], 0.5)
        table = judge(legs)
        false += (table["holm"] < 0.05).any()
        moved = judge(
            {name: replace(leg, effect=leg.effect + 0.5) for name, leg in legs.items()}
        )
        excluded += (moved["equivalence_holm"] < 0.05).any()
        for name, leg in legs.items():
            legs[name] = replace(leg, effect=leg.effect + table.at[name, "detectable"])
        found += (judge(legs)["word"] == "supported").to_numpy()
    assert false <= likely(0.05, runs)[1]
    assert excluded <= likely(0.05, runs)[1]
    # By Holm the others help: never less often than promised.
    assert (found >= likely(0.8, runs)[0]).all()


def test_half_of_what_would_matter_and_a_small_error_is_contradicted():
    rng = np.random.default_rng(2)
    for _ in range(50):
        noise = rng.normal(0, 0.1, 1000)
        leg = Reading(0.5 + noise[0], noise[1:], smallest=1)
        # It is there, beyond chance, and too small to matter.
        assert leg.p_value < 0.05
        assert leg.equivalence_p < 0.05
        assert leg.word() == "contradicted"


def test_what_could_not_answer_otherwise_is_not_testable():
    null = np.linspace(-1, 1, 999)
    bounded = Reading(0.9, null, 0.1, largest=0.9)
    assert bounded.word() == "not testable"
    assert bounded.curve([0, 5])["not testable"].tolist() == [1, 1]
    assert replace(bounded, largest=1.0).word() == "undecided"
    assert replace(bounded, effect=1.2, largest=2.0).word() == "supported"
    assert Reading(1.2, null, 3, largest=2).word() == "not testable"
    few = Reading(5, np.linspace(-1, 1, 60), 0.1)
    assert few.word() == "supported"
    # Three legs of sixty draws each cannot reach p = .05 after Holm; with two that
    # can the third can as well.
    assert set(judge(dict.fromkeys("abc", few))["word"]) == {"not testable"}
    many = Reading(5, null, 0.1)
    assert set(judge({"a": many, "b": many, "c": few})["word"]) == {"supported"}
    fewest = Reading(5, np.linspace(-1, 1, 20), 0.1)
    assert fewest.interval() == (-np.inf, np.inf)
    assert fewest.word() == "not testable"


# Answers known by hand.


def test_one_date_is_counted_by_hand():
    returns = simulated_returns(1, 300, seed=4)
    reading = study_at(250, returns=returns).reads(0, 1, exclude=[returns.index[200]])
    y, x = returns["S0"].to_numpy(), returns[MARKET].to_numpy()
    ratio = {}
    # Neither the event's two sessions nor the one excluded may be in a window.
    for day in [*range(60, 199), *range(201, 249), 250, *range(252, 299)]:
        window, before = np.arange(day, day + 2), np.arange(day - 10, day)
        past = np.arange(day - 60, day - 10)
        design = np.column_stack([np.ones(50), x[past]])
        (alpha, beta), (rss,), *_ = np.linalg.lstsq(design, y[past])
        variance = rss / 48
        car = (y[window] - alpha - beta * x[window]).sum()
        away = (x[window] - x[past].mean()).sum()
        spread = ((x[past] - x[past].mean()) ** 2).sum()
        factor = 2 + 4 / 50 + away**2 / spread
        recent = ((y[before] - alpha - beta * x[before]) ** 2).mean()
        error = np.sqrt(factor * (variance + recent) / 2)
        ratio[day] = (car, error, np.sqrt(variance))
    own, error, sigma = ratio.pop(250)
    null = np.sort([error * car / scale for car, scale, _ in ratio.values()])
    assert reading.effect == pytest.approx(own, rel=1e-9)
    assert reading.smallest == pytest.approx(sigma, rel=1e-9)
    np.testing.assert_allclose(reading.null, null, rtol=1e-8)
    beyond = min((null >= own).sum(), (null <= own).sum())
    assert reading.p_value == 2 * (1 + beyond) / (1 + len(null))
    assert reading.equivalence_p == (1 + (null + sigma <= own).sum()) / (1 + len(null))
    assert reading.dates == 1


def test_dates_that_share_a_window_are_one():
    study = study_at([200, 300, 301])
    reading = study.reads(0, 1)
    one, two, three = study.car(0, 1)["car"]
    assert reading.dates == 2
    assert reading.effect == pytest.approx((one + (two + three) / 2) / 2)
    assert study.reads(0, 0).dates == 3
    pair = study_at([300, 301]).reads(0, 1)
    # Both move together over all dates, no two of them being drawn.
    assert pair.dates == 1
    assert len(pair.null) < 400


def test_a_tail_is_counted_with_the_study_itself():
    leg = Reading(2.5, np.repeat([-3.0, -1.0, 1.0, 3.0], 25), smallest=1)
    # 25 of 100 at or above 2.5; one of a hundred more is itself.
    assert leg.p_value == pytest.approx(2 * 26 / 101)
    # Those at or below 1.5: three quarters.
    assert leg.equivalence_p == pytest.approx(76 / 101)
    assert leg.bounds(0.6) == (-1, 1)
    assert leg.interval(0.4) == (1.5, 3.5)
    assert leg.ordinary == 0


def test_ordinary_dates_that_drift_are_no_effect():
    drift = Reading(0.1, 0.1 + np.linspace(-0.2, 0.2, 999), 0.01, turned=-1)
    assert drift.p_value > 0.95
    assert (drift.change, drift.ordinary) == (-0.1, pytest.approx(-0.1))
    low, high = drift.interval()
    assert low == pytest.approx(-high)
    # Above zero and still below what any ordinary date gives.
    assert replace(drift, effect=0.05, null=1 + drift.null).word() == "contradicted"


# What must not change a word, and what must.


@FEW
@given(seeds, st.sampled_from([[300], [200, 300], [200, 300, 301]]))
def test_claim_and_data_turned_leave_the_word(seed, places):
    returns = simulated_returns(1, 400, seed)
    straight = study_at(places, returns=returns).reads(0, 1, sign=1)
    returns["S0"] *= -1
    study = study_at(places, returns=returns)
    turned = study.reads(0, 1, sign=-1)
    assert turned.effect == pytest.approx(straight.effect, rel=1e-9)
    np.testing.assert_allclose(turned.null, straight.null, rtol=1e-6, atol=1e-12)
    assert turned.change == -turned.effect
    low, high = straight.interval()
    assert turned.interval() == (pytest.approx(-high), pytest.approx(-low))
    assert turned.word() == straight.word()
    by_event = study.reads(0, 1, sign=dict.fromkeys(study.panel.events["event_id"], -1))
    assert by_event.effect == turned.effect
    np.testing.assert_array_equal(by_event.null, turned.null)
    assert by_event.about["sign"] == turned.about["sign"]


@FEW
@given(draws_of, st.integers(-60, 60), st.sampled_from([0.01, 0.05, 0.1, 0.32]))
def test_test_and_interval_agree(null, effect, alpha):
    leg = Reading(effect, np.array(null, dtype=float), smallest=7)
    low, high = leg.bounds(alpha)
    # An effect that ties with most draws has more than half on either side.
    assert (leg.p_value < alpha) == (not low <= effect <= high)
    ends = leg.interval(1 - alpha)
    assert (leg.p_value < alpha) == (not ends[0] <= 0 <= ends[1])
    assert (leg.equivalence_p < alpha) == (effect < leg.excluded_below(alpha))
    mirrored = Reading(-effect, -np.array(null, dtype=float), smallest=7)
    assert mirrored.p_value == leg.p_value
    assert mirrored.bounds(alpha) == (-high, -low)


@pytest.mark.parametrize("smallest", [1.0, 20.0, 200.0])
def test_the_curve_is_the_rule_run_on_every_draw(smallest):
    null = np.random.default_rng(3).integers(-50, 40, 40).astype(float)
    leg = Reading(0, null, smallest)
    curve = leg.curve([0, 30], alpha=0.2)
    for effect, row in curve.iterrows():
        words = [replace(leg, effect=effect + one).word(0.2) for one in null]
        assert {word: words.count(word) / 40 for word in row.index} == dict(
            row.round(9)
        )
    enough = leg.detectable(0.2)
    assert leg.curve([enough + 1e-9], alpha=0.2)["supported"].item() >= 0.8
    assert leg.curve([enough - 1e-9], alpha=0.2)["supported"].item() < 0.8


def test_an_estimate_with_draws_is_read_by_the_same_rule():
    draws = 0.3 + np.linspace(-0.1, 0.1, 999)
    rise = read_change(0.3, draws, sign=1)
    assert rise.word() == "supported"
    assert rise.interval() == pytest.approx((0.205, 0.395), abs=1e-3)
    assert read_change(0.3, draws, sign=-1).word() == "contradicted"
    assert read_change(-0.3, -draws, sign=-1).word() == "supported"
    assert read_change(0.3, draws, sign=1, largest=0.05).word() == "not testable"


def test_words_of_legs_become_one():
    assert combine(["supported", "not testable"]) == "supported"
    assert combine(["contradicted", "undecided"]) == "undecided"
    assert combine(["contradicted", "not testable"]) == "contradicted"
    assert combine(["the legs part", "contradicted"]) == "the legs part"
    assert combine([]) == combine(["not testable"]) == "not testable"


# What cannot be read.


def test_an_event_without_a_return_is_left_out_and_named():
    returns = simulated_returns(1, 400)
    returns.iloc[301, 0] = np.nan
    study = study_at([200, 300], returns=returns)
    assert study.reads(0, 1).about["events"] == ["event at 200"]
    assert study_at([200, 300], returns=returns, window=(0, 0)).reads(0, 0).dates == 2
    day = f"{returns.index[301]:%Y-%m-%d}, session [+]1"
    with pytest.raises(StudyError, match=f"S0 has no return on {day}"):
        study_at(300, returns=returns).reads(0, 1)


def test_a_gap_before_the_window_is_as_loud_as_the_rest():
    returns = simulated_returns(1, 400)
    returns.iloc[290:300, 0] = np.nan
    reading = study_at(300, returns=returns).reads(0, 1)
    assert np.isfinite(reading.null).all()


@pytest.mark.parametrize("smallest", [0, -0.01, np.nan, np.inf])
def test_a_smallest_effect_that_is_none_is_refused(smallest):
    with pytest.raises(StudyError, match="larger than zero"):
        study_at(300).reads(0, 1, smallest=smallest)


def test_what_is_wrong_is_named():
    study = study_at(300)
    with pytest.raises(StudyError, match="sign is 1, -1 or a mapping"):
        study.reads(0, 1, sign=2)
    with pytest.raises(StudyError, match="has the sign 3"):
        study.reads(0, 1, sign={"event at 300": 3})
    with pytest.raises(StudyError, match="has no sign"):
        study.reads(0, 1, sign={"another": 1})
    with pytest.raises(StudyError, match=r"\[0, 2\] is not inside"):
        study.reads(0, 2)
    with pytest.raises(StudyError, match="fitted window by window"):
        study_at(300, model="huber").reads(0, 1)
    with pytest.raises(StudyError, match="19 placebo dates for"):
        study_at(75, sessions=83).reads(0, 1)
    with pytest.raises(StudyError, match="effect and draws that are finite"):
        read_change(0.1, [np.nan] * 30, sign=1)
    with pytest.raises(StudyError, match="3 draws are too few"):
        read_change(0.1, [0.1, 0.2, 0.3], sign=1)
    with pytest.raises(StudyError, match="sign is 1 or -1"):
        read_change(0.1, np.zeros(30), sign=0)
    returns = simulated_returns(1, 400)
    with pytest.raises(StudyError, match="sizes have no sign"):
        volatility_study(returns, events_at(returns, 300), **STUDY).reads(0, 1)


def test_the_same_seed_gives_the_same_reading():
    study = study_at([200, 300])
    pd.testing.assert_frame_equal(
        judge({"leg": study.reads(0, 1)}), judge({"leg": study.reads(0, 1)})
    )
