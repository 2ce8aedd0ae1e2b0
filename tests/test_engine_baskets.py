"""A basket is the mean of those of its members that trade."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from engine_tools import MARKET, events_at, simulated_returns

from helpers import StudyError, basket, baskets, event_study, load_prices, load_returns

RETURNS = simulated_returns(4, 300, seed=3)


def test_a_basket_is_the_mean_over_the_members_that_have_a_return():
    table = RETURNS.copy()
    table.loc[table.index[:50], "S0"] = np.nan
    table.loc[table.index[7], "S1"] = np.nan
    table.attrs = {
        "kind": "simple",
        "holes": {"S0": ["2018-01-10"], "S1": ["2018-01-10"], MARKET: ["2018-01-11"]},
        "history": {"S0": 1},
    }
    found = basket(table, ["S0", "S1"], "both", MARKET)
    assert found.columns.tolist() == ["both", MARKET]
    np.testing.assert_array_equal(found["both"][:7], table["S1"][:7])
    np.testing.assert_allclose(
        found["both"][50:], (table["S0"][50:] + table["S1"][50:]) / 2, rtol=1e-15
    )
    # On the eighth session, 10 January, neither has one: a session, not a holiday.
    assert np.isnan(found["both"].iloc[7])
    assert found.attrs == {
        "kind": "simple",
        "holes": {"both": ["2018-01-10"], MARKET: ["2018-01-11"]},
        "after_holes": {"both": []},
    }


def test_a_hole_of_one_member_is_none_of_the_basket():
    returns = load_returns(["AMD", "AVGO"])
    returns.attrs["holes"] = {"AMD": ["2020-01-06"], "AVGO": []}
    assert basket(returns, ["AMD", "AVGO"], "two").attrs["holes"] == {"two": []}


def test_groups_give_a_column_each_and_their_benchmarks():
    groups = pd.DataFrame(
        {"symbols": [("S0", "S1"), ("S2",)], "benchmark": [MARKET, MARKET]},
        index=["pair", "one"],
    )
    found = baskets(RETURNS, groups, keep="S3")
    assert found.columns.tolist() == ["pair", "one", MARKET, "S3"]
    pd.testing.assert_series_equal(found["one"], RETURNS["S2"], check_names=False)
    events = events_at(RETURNS, 200, ["pair", "one"])
    assert event_study(found, events, benchmark=MARKET).n_events == 2


@pytest.mark.parametrize(
    ("returns", "symbols", "message"),
    [
        (RETURNS, ["S0", "S00"], "symbol 'S00'; did you mean S0"),
        (RETURNS, [], "'b' has no members"),
        (load_returns(["NVDA", "0981.HK"]), ["NVDA", "0981.HK"], "different sessions"),
        (load_prices(["NVDA", "AMD"]), ["NVDA", "AMD"], "are prices or volumes"),
        (RETURNS + 1, ["S0"], "gross returns"),
        (RETURNS * 100, ["S0"], "per cent"),
        (load_returns(["NVDA", "AMD"], kind="log"), ["NVDA"], "holds simple returns"),
    ],
)
def test_what_makes_no_basket_is_refused(returns, symbols, message):
    with pytest.raises(StudyError, match=message):
        basket(returns, symbols, "b")
