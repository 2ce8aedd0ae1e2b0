"""Size and power, by a short run of the program that measures them."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import t

PROGRAM = Path(__file__).parents[1] / "benchmarks" / "battery.py"
STUDIES = 300


@pytest.fixture(scope="module")
def program():
    spec = importlib.util.spec_from_file_location("battery", PROGRAM)
    module = importlib.util.module_from_spec(spec)
    sys.modules["battery"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["battery"]


def rates(program, world, lengths, tests, studies=STUDIES):
    return program.rejections(
        program.WORLDS[world], studies, lengths=lengths, tests=tests
    )


def within(program, table, studies=STUDIES):
    low, high = program.band(studies)
    return (table >= low) & (table <= high)


def test_independent_events_are_rejected_as_often_as_they_should_be(program):
    tests = [
        "cross_sectional",
        "patell",
        "adjusted_patell",
        "bmp",
        "adjusted_bmp",
        "corrado",
        "generalized_sign",
        "wilcoxon",
    ]
    table = rates(program, "thirty dates, one firm each", (1, 21), tests)
    assert within(program, table).all(axis=None), table


def test_firms_that_share_a_date_are_too_much_for_most_tests(program):
    wrong = ["cross_sectional", "patell", "bmp", "generalized_sign"]
    right = ["adjusted_patell", "adjusted_bmp", "corrado", "crude_dependence"]
    table = rates(program, "one date, five firms alike", (1,), wrong + right)[1]
    assert (table[wrong] > 0.15).all(), table
    assert within(program, table[right]).all(), table


def test_several_dates_of_such_firms_need_clusters(program):
    table = rates(
        program,
        "eight dates, five firms alike",
        (3,),
        ["bmp", "adjusted_bmp", "corrado", "cluster_bootstrap"],
    )[3]
    assert table["bmp"] > 0.12
    assert within(program, table.drop("bmp")).all(), table


def test_events_that_raise_the_variance_are_too_much_for_patell(program):
    table = rates(program, "thirty dates, louder event", (1,), ["patell", "bmp"])[1]
    assert table["patell"] > 0.12
    assert within(program, table.drop("patell")).all(), table


@pytest.mark.parametrize("length", [1, 21])
def test_the_exact_t_of_one_event_is_exact(program, length):
    table = rates(program, "one date, one firm", (length,), ["patell"], 1500)
    assert within(program, table.loc[["exact t"]], 1500).all(axis=None), table


def test_the_shortcut_error_of_one_event_rejects_more_often_than_the_exact_one(program):
    # s sqrt(L) without the parameters' own error: 7.4 % for 21 days and M = 110.
    fits = program.simulated_fits(program.WORLDS["one date, one firm"], 1500, 7)
    exact, shortcut = [], []
    for fit in fits:
        car, sigma = fit.car(-10, 10)[0], fit.estimates.sigma[0]
        exact.append(abs(car / fit.car_error(-10, 10)[0]))
        shortcut.append(abs(car / (sigma * np.sqrt(21))))
    bar = t.ppf(0.975, 108)
    more = np.mean(np.array(shortcut) > bar) - np.mean(np.array(exact) > bar)
    assert 0.012 < more < 0.04


def test_power_is_what_the_closed_form_says(program):
    world = program.World(20, 1, effect=0.01)
    tests = ["patell", "bmp", "cross_sectional"]
    table = program.rejections(world, 150, lengths=(1,), tests=tests)[1]
    known = program.power_of_t(0.01, program.SIGMA / np.sqrt(20), 1e7)
    np.testing.assert_allclose(table, known, atol=0.12)


def test_the_same_seed_gives_the_same_rates(program):
    world = program.WORLDS["eight dates, five firms alike"]
    one, two, other = (
        program.rejections(world, 20, seed, (1,), ["bmp", "cluster_bootstrap"])
        for seed in (1, 1, 2)
    )
    assert one.equals(two)
    assert not one.equals(other)
