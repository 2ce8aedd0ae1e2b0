"""A share held against a mix of others: known mixes, known effects, no effect."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers import load_groups, load_returns, synthetic_control
from helpers.errors import StudyError

DONORS = ["a", "b", "c", "d"]
MIX = np.array([0.6, 0.3, 0.1, 0.0])


def simulated(rng: np.random.Generator, noise: float = 0.005) -> pd.DataFrame:
    """Four donors that share a market, and a share that is a mix of three of them."""
    days = pd.bdate_range("2020-01-01", periods=700)
    market = rng.normal(0, 0.01, (700, 1))
    others = market + rng.normal(0, 0.01, (700, 4))
    table = pd.DataFrame(others, days, DONORS)
    table["x"] = others @ MIX + rng.normal(0, noise, 700)
    return table


def test_a_mix_and_an_effect_are_found():
    table = simulated(np.random.default_rng(1), noise=0.0005)
    day = table.index[600]
    table.loc[day, "x"] -= 0.05
    table.loc[table.index[610], "x"] += 0.02
    found = synthetic_control(table, "x", DONORS, day)
    assert found.weights.to_numpy() == pytest.approx(MIX, abs=0.01)
    assert found.weights.sum() == pytest.approx(1, abs=1e-12)
    assert found.path[9] == pytest.approx(-0.05, abs=0.005)
    assert found.path[60] == pytest.approx(-0.03, abs=0.015)
    assert found.p_value(0) == pytest.approx(2 / (1 + found.time.shape[1]))
    assert found.p_value(0, by="space") == pytest.approx(2 / 5)


def test_without_an_effect_p_is_as_small_as_it_says():
    rng = np.random.default_rng(5)
    ps = [
        synthetic_control(simulated(rng), "x", DONORS, "2022-04-22", after=20).p_value(
            20
        )
        for _ in range(150)
    ]
    assert np.mean(np.array(ps) <= 0.1) == pytest.approx(0.1, abs=0.06)
    assert np.mean(ps) == pytest.approx(0.5, abs=0.07)


def test_weights_are_the_best_of_all_that_are_allowed():
    """No other mix, drawn at random or moved a little, fits the sessions better."""
    names = list(load_groups("US chip peers").iloc[0]["symbols"])
    returns = load_returns(["NVDA", *names])
    found = synthetic_control(returns, "NVDA", names, "2025-08-21")
    at = returns.index.get_loc(pd.Timestamp("2025-08-21"))
    window = returns.iloc[at - 261 : at - 11]

    one, others = window["NVDA"].to_numpy(), window[names].to_numpy()

    def squares(weights: np.ndarray) -> float:
        return float(((one - others @ weights) ** 2).sum())

    rng = np.random.default_rng(0)
    best = found.weights.to_numpy()
    for other in rng.dirichlet(np.full(len(names), 0.3), 500):
        for step in (1.0, 0.1, 0.01):
            assert squares(best) <= squares(best + step * (other - best)) + 1e-12
    assert (found.weights >= 0).all()


def test_one_donor_is_the_mix_and_has_no_placebo_in_space():
    table = simulated(np.random.default_rng(4))
    found = synthetic_control(table, "x", ["a"], table.index[600])
    assert found.weights.to_dict() == {"a": 1.0}
    assert found.path[0] == pytest.approx(
        table["x"].iloc[600] - table["a"].iloc[600], abs=1e-9
    )
    with pytest.raises(StudyError, match="no placebo in space"):
        found.p_value(0, by="space")


def test_what_are_no_returns_of_one_exchange_are_refused():
    table = simulated(np.random.default_rng(2))
    prices = 100 * (1 + table).cumprod()
    with pytest.raises(StudyError, match="prices or volumes"):
        synthetic_control(prices, "x", DONORS, "2022-04-22")
    names = ["NVDA", "AMD", "0981.HK", "1347.HK"]
    both = load_returns(names).dropna()
    with pytest.raises(StudyError, match="a session of"):
        synthetic_control(both, names[0], names[1:], "2025-08-21")


@pytest.mark.parametrize(
    ("share", "donors", "day", "said"),
    [
        ("x", ["a", "nobody"], "2022-04-22", "no column nobody"),
        ("x", ["a", "x"], "2022-04-22", "not the share itself"),
        ("x", [], "2022-04-22", "give donors"),
        ("x", ["a", "a"], "2022-04-22", "each once"),
        ("x", DONORS, "2022-04-23", "is no session"),
        ("x", DONORS, "2020-06-01", "sessions before"),
        ("x", DONORS, "2022-09-01", "are needed"),
        ("x", DONORS, "2021-03-01", "earlier stretches"),
    ],
)
def test_what_cannot_be_held_against_others_is_refused(share, donors, day, said):
    table = simulated(np.random.default_rng(2))
    with pytest.raises(StudyError, match=said):
        synthetic_control(table, share, donors, day)
