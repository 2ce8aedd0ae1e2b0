"""Placebo dates and power: what chance gives a study, and what it can find."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from engine_tools import MARKET, events_at, simulated_returns
from scipy import stats
from statsmodels.stats.multitest import multipletests

from helpers import (
    StudyError,
    event_mask,
    event_study,
    load_events,
    load_returns,
)
from helpers.inference.multiple import adjusted_p_values
from helpers.inference.power import detectable_effect

STUDY = {"benchmark": MARKET, "estimation": (-60, -11)}
CHANCE = ("draws", "exclude", "matched")


def placebo(returns, events, **options):
    chance = {name: options.pop(name) for name in CHANCE if name in options}
    study = event_study(returns, events, window=(0, 1), **options)
    return study.placebo(0, 1, **chance)


@pytest.fixture(scope="module")
def nvidia():
    event = "deepseek-v31-domestic-chip-remark"
    return (
        load_returns(["NVDA", "^GSPC"]),
        load_events("NVDA", event_ids=event),
        event_mask("NVDA", exclude=event)["date"],
    )


def test_a_placebo_keeps_clear_of_events_and_of_barred_sessions(nvidia):
    returns, events, barred = nvidia
    found = placebo(returns, events, benchmark="^GSPC", exclude=barred)
    assert len(found.days) == found.dates == len(found.statistic)
    # Neither the two sessions of a placebo are barred.
    places = returns.index.get_indexer(found.days.iloc[:, 0])
    held = returns.index[np.concatenate([places, places + 1])]
    assert not held.isin(barred).any()
    assert not held.isin(events["day0"]).any()


def test_a_model_fitted_window_by_window_has_no_placebo():
    returns = simulated_returns(1, 400)
    with pytest.raises(StudyError, match="fitted window by window"):
        placebo(returns, events_at(returns, 300), model="huber", **STUDY)


def test_matched_dates_follow_the_event_into_wild_times():
    returns = simulated_returns(1, 900, seed=5)
    wild = np.arange(900) // 60 % 2 == 1
    returns["S0"] *= np.where(wild, 2.0, 0.5)
    for place in (700, 750):  # forty sessions into a wild, thirty into a calm one
        events = events_at(returns, place)
        every = placebo(returns, events, **STUDY)
        like = placebo(returns, events, **STUDY, matched=True)
        before = np.log(returns["S0"].rolling(21).std()).shift(1)
        days = every.days.iloc[:, 0]
        distance = (before[days] - before[events["day0"].iloc[0]]).abs()
        chosen = distance.index.isin(like.days.iloc[:, 0])
        assert chosen.sum() == int(np.ceil(len(days) / 3))
        assert distance[chosen].max() <= distance[~chosen].min()
        assert (like.caar.std() > every.caar.std()) == wild[place]


@pytest.mark.parametrize("places", [[150], [80, 110, 140, 170, 200, 230]])
def test_an_effect_of_the_detectable_size_is_found_as_often_as_promised(places):
    def tested(table, events):
        study = event_study(table, events, **STUDY, window=(0, 1))
        return study.car(0, 1).iloc[0] if len(events) == 1 else study.caar(0, 1)

    found = 0
    for run in range(100):
        returns = simulated_returns(1, 300, seed=60_000 + run)
        events = events_at(returns, places)
        quiet = tested(returns, events)
        returns.loc[events["day0"], "S0"] += detectable_effect(quiet["se"], quiet["df"])
        found += tested(returns, events)["p_value"] < 0.05
    low, high = stats.binom.interval(0.99, 100, 0.8)
    assert low <= found <= high


def test_corrections_are_those_of_the_papers():
    given = pd.Series([0.01, 0.04, np.nan, 0.03, 0.5], index=list("abcde"))
    found = adjusted_p_values(given)
    # Holm: 4 p(1), 3 p(2), 2 p(3), p(4), never falling; BH: 4/k p(k), never rising.
    np.testing.assert_allclose(found["holm"], [0.04, 0.09, np.nan, 0.09, 0.5])
    np.testing.assert_allclose(
        found["bh"], [0.04, 0.04 * 4 / 3, np.nan, 0.04 * 4 / 3, 0.5]
    )
    many = pd.Series(np.random.default_rng(1).uniform(0, 0.2, 40).round(2))
    for name, method in {"holm": "holm", "bh": "fdr_bh"}.items():
        expected = multipletests(many, method=method)[1]
        np.testing.assert_allclose(adjusted_p_values(many)[name], expected, rtol=1e-12)
    with pytest.raises(StudyError, match=r"1\.5 of 'b' is no p-value"):
        adjusted_p_values(pd.Series([0.1, 1.5], index=["a", "b"]))
    with pytest.raises(StudyError, match="every test is undefined"):
        adjusted_p_values(pd.Series([np.nan]))
