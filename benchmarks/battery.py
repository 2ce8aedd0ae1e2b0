"""How often each test rejects at 5 %: when nothing happened, and when it did.

``python benchmarks/battery.py`` simulates studies in which the truth is
known, prints the share of them that each test rejects, and writes
``build/battery.json``. A star marks a rate outside the band in which 99
of 100 such counts fall when the true rate is 5 %. Same seed, same figures.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import stdtr
from scipy.stats import binom
from tqdm import tqdm

from helpers import event_study, load_returns
from helpers.inference.battery import Test, known_tests, outcome
from helpers.inference.event_study import EventStudy
from helpers.inference.power import power_of_t
from helpers.study.fit import Fit

ROOT = Path(__file__).resolve().parents[1]
SEED = 20250829
LEVEL = 0.05
BAND = 0.99
SIGMA = 0.02
BLOCK = 131  # sessions from -120 to +10, and no session is used twice
SESSIONS_AT_ONCE = 120_000
WINDOWS = {1: (0, 0), 3: (-1, 1), 11: (-5, 5), 21: (-10, 10)}
EFFECTS = (0.005, 0.01, 0.015, 0.02)
DRAWS = 499
CHIP_FIRMS = ["NVDA", "AMD", "AVGO", "MU", "INTC"]
RANDOM_DATES = 400
TESTS = [name for name in known_tests() if name != "placebo"]


@dataclass(frozen=True)
class World:
    """What is true in a simulated study.

    Attributes
    ----------
    dates, firms : int
        Event dates of one study, and firms on each of them.
    correlation : float
        Correlation of the firms' errors on a day.
    tails : int
        Degrees of freedom of Student's t of the errors; 0 for the normal.
    louder : float
        Factor on the standard deviation of errors in the event window.
    effect : float
        Abnormal return on day 0, decimal.
    """

    dates: int
    firms: int
    correlation: float = 0.0
    tails: int = 0
    louder: float = 1.0
    effect: float = 0.0


WORLDS = {
    "thirty dates, one firm each": World(30, 1),
    "thirty dates, fat tails": World(30, 1, tails=4),
    "thirty dates, louder event": World(30, 1, louder=1.5),
    "one date, five firms alike": World(1, 5, correlation=0.4),
    "eight dates, five firms alike": World(8, 5, correlation=0.4),
    "one date, one firm": World(1, 1),
}


def band(studies: int) -> tuple[float, float]:
    """Rates between which a count lies in 99 of 100 cases if the test is right."""
    low, high = binom.interval(BAND, studies, LEVEL)
    return float(low) / studies, float(high) / studies


def errors(
    world: World, shape: tuple[int, int], rng: np.random.Generator
) -> np.ndarray:
    """Errors of standard deviation SIGMA, sessions x firms."""

    def draw(columns: int) -> np.ndarray:
        if not world.tails:
            return rng.normal(size=(shape[0], columns))
        spread = np.sqrt(world.tails / (world.tails - 2))
        return rng.standard_t(world.tails, size=(shape[0], columns)) / spread

    own, common = np.sqrt(1 - world.correlation), np.sqrt(world.correlation)
    return SIGMA * (own * draw(shape[1]) + common * draw(1))


def simulate(world: World, studies: int, rng: np.random.Generator) -> EventStudy:
    """All events of many independent studies, fitted at once.

    Each date has a stretch of sessions to itself, so that nothing but the
    world's own correlation links two events.
    """
    sessions = BLOCK * world.dates * studies
    market = rng.normal(0, 0.01, sessions)
    values = errors(world, (sessions, world.firms), rng)
    in_block = np.arange(sessions) % BLOCK
    values[in_block >= 110] *= world.louder
    values[in_block == 120] += world.effect
    values += rng.uniform(0.5, 1.5, world.firms) * market[:, None]
    index = pd.date_range("1700-01-01", periods=sessions, freq="D")
    names = [f"S{k}" for k in range(world.firms)]
    # A fat tail may lose more than all, which only a log return can.
    returns = pd.DataFrame(values, index, names).assign(market=market)
    returns.attrs["kind"] = "log"
    places = np.flatnonzero(in_block == 120)
    events = pd.DataFrame(
        {
            "event_id": np.repeat(places, world.firms),
            "symbol": np.tile(names, len(places)),
            "day0": index[np.repeat(places, world.firms)],
        }
    )
    return event_study(returns, events, benchmark="market")


def simulated_fits(world: World, studies: int, seed: int) -> Iterator[Fit]:
    """The fit of one study after another."""
    rng = np.random.default_rng(seed)
    each = world.dates * world.firms
    at_once = max(1, SESSIONS_AT_ONCE // (BLOCK * world.dates))
    for first in range(0, studies, at_once):
        count = min(at_once, studies - first)
        fit = simulate(world, count, rng).fit
        assert len(fit) == count * each
        for study in range(count):
            yield fit.keep(np.arange(study * each, (study + 1) * each))


def p_values(fit: Fit, length: int, tests: dict[str, Test]) -> dict[str, float]:
    """p-values of the tests of one study, and of the exact t of one event."""
    first, last = WINDOWS[length]
    found = {
        name: outcome(test, fit, first, last).p_value for name, test in tests.items()
    }
    if len(fit) == 1:
        t = fit.car(first, last)[0] / fit.car_error(first, last)[0]
        found["exact t"] = float(2 * stdtr(fit.estimates.dof[0], -abs(t)))
    return found


def rejections(
    world: World,
    studies: int,
    seed: int = SEED,
    lengths: tuple[int, ...] = tuple(WINDOWS),
    tests: list[str] | None = None,
    progress: bool = False,
) -> pd.DataFrame:
    """Share of studies rejected at 5 %, tests x window lengths.

    NaN where a test is undefined in that world.
    """
    known = known_tests(draws=DRAWS, seed=SEED)
    chosen = {name: known[name] for name in (TESTS if tests is None else tests)}
    found: dict[int, list[dict[str, float]]] = {length: [] for length in lengths}
    fits = simulated_fits(world, studies, seed)
    for fit in tqdm(fits, total=studies, disable=not progress, leave=False):
        for length in lengths:
            found[length].append(p_values(fit, length, chosen))
    columns = {}
    for length, rows in found.items():
        table = pd.DataFrame(rows)
        columns[length] = (table < LEVEL).mean().where(table.notna().all())
    return pd.DataFrame(columns).rename_axis(index="test", columns="length")


def placebo_rejections(studies: int, seed: int = SEED) -> pd.Series:
    """The same for placebo dates, which need a history to be drawn from."""
    rng = np.random.default_rng(seed)
    world = WORLDS["one date, five firms alike"]
    rejected = dict.fromkeys(WINDOWS, 0)
    index = pd.bdate_range("2018-01-01", periods=600)
    names = [f"S{k}" for k in range(world.firms)]
    for _ in tqdm(range(studies), leave=False):
        market = rng.normal(0, 0.01, len(index))
        values = errors(world, (len(index), world.firms), rng) + market[:, None]
        returns = pd.DataFrame(values, index, names).assign(market=market)
        events = pd.DataFrame({"event_id": "e", "symbol": names, "day0": index[400]})
        study = event_study(returns, events, benchmark="market")
        for length, (first, last) in WINDOWS.items():
            rejected[length] += study.placebo(first, last).p_value < LEVEL
    return pd.Series(rejected) / studies


def chip_firm_rejections(dates: int, seed: int = SEED) -> pd.DataFrame:
    """The same for five chip firms of the repository on random dates.

    Windows of different dates overlap, so that the rates are less certain than
    the band has it.
    """
    returns = load_returns([*CHIP_FIRMS, "^GSPC"])
    rng = np.random.default_rng(seed)
    eligible = np.arange(120, len(returns) - 10)
    places = np.repeat(rng.choice(eligible, dates, replace=False), len(CHIP_FIRMS))
    events = pd.DataFrame(
        {
            "event_id": places,
            "symbol": CHIP_FIRMS * dates,
            "day0": returns.index[places],
        }
    )
    fit = event_study(returns, events, benchmark="^GSPC").fit
    known = known_tests(draws=DRAWS, seed=SEED)
    tests = {name: known[name] for name in TESTS}
    columns = {}
    for length in WINDOWS:
        rows = [
            p_values(fit.keep(places == place), length, tests)
            for place in tqdm(pd.unique(places), leave=False)
        ]
        table = pd.DataFrame(rows)
        columns[length] = (table < LEVEL).mean().where(table.notna().all())
    return pd.DataFrame(columns).rename_axis(index="test", columns="length")


def power(studies: int, seed: int = SEED, progress: bool = False) -> pd.DataFrame:
    """Share of studies of twenty events rejected, tests x effects on day 0."""
    columns = {}
    for effect in EFFECTS:
        world = World(20, 1, effect=effect)
        found = rejections(world, studies, seed, (1,), progress=progress)[1]
        found.loc["z with known sigma"] = power_of_t(effect, SIGMA / np.sqrt(20), 1e7)
        columns[effect] = found
    return pd.DataFrame(columns)


def marked(table: pd.DataFrame, studies: int) -> str:
    """The table in per cent, with a star outside the band."""
    low, high = band(studies)

    def cell(rate: float) -> str:
        if np.isnan(rate):
            return "undefined"
        return f"{rate:.1%}" + ("  " if low <= rate <= high else " *")

    return table.map(cell).to_string()


def main() -> None:
    """Simulate, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=2000)
    studies = parser.parse_args().studies
    low, high = band(studies)
    print(f"{studies} studies each; band {low:.1%} to {high:.1%}\n")
    results = {}
    for name, world in WORLDS.items():
        table = rejections(world, studies, progress=True)
        if name == "one date, five firms alike":
            table.loc["placebo"] = placebo_rejections(studies)
        results[name] = table
        print(
            f"{name}: rejected at 5 % by length of window\n{marked(table, studies)}\n"
        )
    table = chip_firm_rejections(RANDOM_DATES)
    results["five chip firms, random dates"] = table
    print(
        f"{', '.join(CHIP_FIRMS)} on {RANDOM_DATES} random dates: rejected at 5 %\n"
        f"{marked(table, RANDOM_DATES)}\n"
    )
    table = power(studies, progress=True)
    results["power"] = table
    shown = table.map(lambda rate: f"{rate:.1%}").rename(columns=lambda e: f"{e:.1%}")
    print(f"twenty events, sigma 2 %, one day: power by effect\n{shown.to_string()}")
    (ROOT / "build").mkdir(exist_ok=True)
    path = ROOT / "build" / "battery.json"
    as_lists = {
        name: json.loads(table.to_json(orient="index"))
        for name, table in results.items()
    }
    path.write_text(json.dumps({"studies": studies, "rates": as_lists}, indent=1))


if __name__ == "__main__":
    main()
