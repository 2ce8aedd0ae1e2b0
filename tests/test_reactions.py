"""Baskets of shares against lists of events."""

import numpy as np
import pandas as pd
import pytest

from helpers import StudyError, load_returns
from helpers.evidence.reactions import BASKETS, Basket, Reactions, basket_returns

EVENTS = (
    "bis-2022-10-07-rules",
    "bis-2023-10-17-rules",
    "nvda-h20-licence",
    "amd-mi308-licence",
    "h20-resumption",
)


@pytest.fixture(scope="module")
def mainland():
    return Reactions(BASKETS["mainland chip names"], EVENTS)


@pytest.fixture(scope="module")
def tools():
    return Reactions(BASKETS["US tool makers"], EVENTS)


def test_a_basket_is_the_mean_of_the_members_that_trade():
    basket = BASKETS["mainland chip names"]
    table = basket_returns(basket)
    members = load_returns(list(basket.symbols))
    session = pd.Timestamp("2025-08-22")  # Hua Hong is suspended
    present = members.loc[session].dropna()
    assert "688347.SS" not in present.index
    assert table.loc[session, basket.name] == pytest.approx(present.mean())


def test_each_event_stands_on_its_first_local_session(mainland):
    day0 = mainland.placed.set_index("event_id")["day0"]
    assert day0["bis-2022-10-07-rules"] == pd.Timestamp("2022-10-10")
    assert day0["bis-2023-10-17-rules"] == pd.Timestamp("2023-10-18")


def test_events_on_one_session_are_one_observation(tools):
    assert len(tools.placed) == len(EVENTS)
    assert len(tools.events) == len(EVENTS) - 1
    merged = tools.events.set_index("event_id")["merged"]
    assert merged["nvda-h20-licence"] == "amd-mi308-licence"
    assert tools.study.caar(0, 1)["n_dates"] == tools.study.n_events


def test_a_basket_car_is_the_market_model_by_hand(tools):
    row = tools.by_event(0, 0).loc["h20-resumption"]
    returns = tools.returns
    at = returns.index.get_loc(row["day0"])
    window = returns.iloc[at - 120 : at - 10]
    masked = pd.DatetimeIndex(tools.masked_sessions["date"].unique())
    window = window[~window.index.isin(masked)]
    slope, intercept = np.polyfit(
        window["^GSPC"].to_numpy(), window[tools.basket.name].to_numpy(), 1
    )
    today = returns.iloc[at]
    expected = today[tools.basket.name] - intercept - slope * today["^GSPC"]
    assert row["car"] == pytest.approx(expected, abs=1e-12)


def test_other_events_in_the_window_are_named(mainland):
    others = mainland.by_event(0, 1)["others"]
    assert "amd-mi308-licence" in others["nvda-h20-licence"]


def test_masking_shortens_the_estimation_only(mainland):
    open_ = Reactions(mainland.basket, EVENTS, mask=False)
    masked = mainland.study.estimates["n_obs"]
    open_counts = open_.study.estimates["n_obs"]
    assert (masked <= open_counts).all()
    assert (masked < open_counts).any()
    assert len(open_.study.skipped) == len(mainland.study.skipped)


def test_firm_by_firm_counts_one_date_once(mainland):
    found = mainland.firms.caar(0, 1)
    assert found["n_events"] > found["n_dates"]
    assert found["n_dates"] <= len(mainland.events)


def test_no_event_is_refused():
    with pytest.raises(StudyError, match="No event"):
        Reactions(Basket("none", ("NVDA",), "^GSPC"), ())
