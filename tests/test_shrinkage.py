"""Many single effects read together: against simulation, and by what must hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import shrink
from helpers.errors import StudyError
from helpers.inference.shrinkage import SHARES, SPREADS


def drawn(rng: np.random.Generator, events: int) -> tuple[np.ndarray, ...]:
    """True effects, what is measured of them, the errors, and the share not zero."""
    errors = rng.uniform(0.5, 1.5, events)
    share = rng.choice(SHARES)
    spread = np.median(errors) * rng.choice(SPREADS)
    true = np.where(rng.random(events) < share, rng.normal(0, spread, events), 0)
    return true, true + rng.normal(0, errors), errors, share


def test_intervals_shares_and_signs_are_as_often_right_as_they_say():
    rng = np.random.default_rng(7)
    covered, share_covered, said, wrong, shrunk, raw = ([] for _ in range(6))
    for _ in range(200):
        true, measured, errors, share = drawn(rng, 12)
        read = shrink(pd.Series(measured), pd.Series(errors))
        table = read.effects
        covered += list((table["ci_low"] <= true) & (true <= table["ci_high"]))
        share_covered.append(read.share_low <= share <= read.share_high)
        said += list(table["false_sign"])
        wrong += list((true == 0) | (np.sign(true) != np.sign(table["car"])))
        shrunk += list((table["car"] - true) ** 2)
        raw += list((measured - true) ** 2)
    assert np.mean(covered) == pytest.approx(0.95, abs=0.02)
    assert np.mean(share_covered) == pytest.approx(0.95, abs=0.04)
    assert np.mean(said) == pytest.approx(np.mean(wrong), abs=0.02)
    assert np.mean(shrunk) < 0.5 * np.mean(raw)


def test_the_same_by_drawing_from_what_is_held_possible():
    """Another way to the same: weigh draws by how well they explain the effects."""
    rng = np.random.default_rng(3)
    measured, errors = np.array([0.4, -2.9, 1.1, 0.2]), np.array([1.0, 0.9, 1.2, 1.0])
    draws = 200_000
    share = rng.choice(SHARES, draws)
    spread = np.median(errors) * rng.choice(SPREADS, draws)
    some = rng.random((4, draws)) < share
    true = some * rng.normal(0, 1, (4, draws)) * spread
    weight = np.exp(
        -0.5 * (((measured[:, None] - true) / errors[:, None]) ** 2).sum(axis=0)
    )
    weight /= weight.sum()
    read = shrink(pd.Series(measured), pd.Series(errors))
    assert read.effects["car"].to_numpy() == pytest.approx(true @ weight, abs=0.02)
    assert read.effects["p_zero"].to_numpy() == pytest.approx(~some @ weight, abs=0.02)
    assert read.share == pytest.approx(share @ weight, abs=0.02)
    for row, low, high in zip(
        true, read.effects["ci_low"], read.effects["ci_high"], strict=True
    ):
        assert weight[row <= low].sum() >= 0.015
        assert weight[row < low].sum() <= 0.035
        assert weight[row <= high].sum() >= 0.965
        assert weight[row < high].sum() <= 0.985


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(-0.2, 0.2), min_size=3, max_size=9),
    st.floats(0.001, 1000),
)
def test_unit_and_sign_do_not_matter_and_nothing_grows(effects, unit):
    measured = pd.Series(effects)
    errors = pd.Series(0.02, measured.index)
    table = shrink(measured, errors).effects
    other = shrink(-unit * measured, unit * errors).effects
    scale = unit * 0.02
    for here, there in (("car", "car"), ("ci_high", "ci_low")):
        expected = table[here].to_numpy() / 0.02
        assert -other[there].to_numpy() / scale == pytest.approx(expected, abs=1e-6)
    assert (table["car"].abs() <= measured.abs() + 1e-12).all()
    assert table["p_zero"].between(0, 1).all()
    assert (table["false_sign"] >= table["p_zero"] - 1e-12).all()


@pytest.mark.parametrize(
    ("effects", "errors", "said"),
    [
        ([0.1, 0.2], [0.1, 0.1], "2 effects are too few"),
        ([0.1, 0.2, np.nan], [0.1] * 3, "must be finite"),
        ([0.1, 0.2, 0.3], [0.1, 0.1, 0.0], "above zero"),
    ],
)
def test_what_cannot_be_read_together_is_refused(effects, errors, said):
    with pytest.raises(StudyError, match=said):
        shrink(pd.Series(effects), pd.Series(errors))
