"""How often each test rejects where nothing happened, on the book's own shares.

Random sessions on which neither the ledger nor the results calendar has anything
take the place of events. A test of size 5 % should reject on 5 % of them, within
what a binomial count allows; on shares that meet the same news at the same time, a
test that takes them for independent rejects more often.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.data.prices import load_returns
from helpers.errors import StudyError
from helpers.evidence.reactions import BASKETS, Basket, basket_returns
from helpers.inference.battery import known_tests, outcome
from helpers.inference.event_study import EventStudy, event_study
from helpers.inference.parallel import in_parallel
from helpers.study.events import event_mask
from helpers.study.fit import Fit
from helpers.study.windows import Window

SEED = 20250829
LEVEL = 0.05
BAND = 0.95
STUDIES = 400
DRAWS = 499
PLACEBO_DRAWS = 2000
FEWEST_FIRMS = 3
WINDOWS: tuple[Window, ...] = ((0, 0), (0, 1), (-1, 1), (-5, 5))
HEADLINE = ("adjusted_bmp", "corrado", "placebo", "exact_t", "sample_quantile")
TOGETHER = (
    "adjusted_bmp",
    "corrado",
    "placebo",
    "grank",
    "cross_sectional",
    "bmp",
    "patell",
    "generalized_sign",
)
APART = ("adjusted_bmp", "corrado", "placebo", "cluster_bootstrap", "cross_sectional",
         "patell")  # fmt: skip
ALONE = ("exact_t", "sample_quantile", "placebo")
LABELS = {
    "adjusted_bmp": "KP",
    "corrado": "Corrado rank",
    "placebo": "placebo dates",
    "exact_t": "exact t",
    "sample_quantile": "sample quantile",
    "cluster_bootstrap": "date-clustered bootstrap",
    "grank": "generalised rank",
    "cross_sectional": "cross-sectional t",
    "bmp": "BMP",
    "patell": "Patell",
    "generalized_sign": "generalised sign",
}


@dataclass(frozen=True)
class World:
    """A kind of study of the book, on random dates.

    Attributes
    ----------
    name : str
        As a panel's title.
    basket : Basket
    firms : bool
        Study the members, which share a date, rather than their mean.
    dates : int
        Dates in one study.
    tests : tuple of str
    """

    name: str
    basket: Basket
    firms: bool
    dates: int
    tests: tuple[str, ...]


_US = BASKETS["other US designers"]
WORLDS = (
    World(
        "five US designers, one date",
        Basket("US designers", ("NVDA", *_US.symbols), _US.benchmark),
        True,
        1,
        TOGETHER,
    ),
    World(
        "mainland chip names, one date",
        BASKETS["mainland chip names"],
        True,
        1,
        TOGETHER,
    ),
    World(
        "their mean as one series, eight dates",
        BASKETS["mainland chip names"],
        False,
        8,
        APART,
    ),
    World("Nvidia alone, one date", BASKETS["Nvidia"], False, 1, ALONE),
)


@dataclass(frozen=True)
class Size:
    """Measured rejection rates of one kind of study.

    Attributes
    ----------
    world : World
    rates : DataFrame
        Tests x windows: share of the studies rejected at 5 %; NaN where a test
        is undefined in any of them.
    studies : int
        Random studies.
    eligible : int
        Sessions that they were drawn from.
    """

    world: World
    rates: pd.DataFrame
    studies: int
    eligible: int


def band(studies: int) -> tuple[float, float]:
    """Rates between which 95 of 100 counts lie if the true rate is 5 %."""
    from scipy.stats import binom

    low, high = binom.interval(BAND, studies, LEVEL)
    return float(low) / studies, float(high) / studies


def measured_size(world: World, studies: int = STUDIES, seed: int = SEED) -> Size:
    """Run a kind of study on random sessions without news.

    Parameters
    ----------
    world : World
    studies, seed : int

    Raises
    ------
    StudyError
        If fewer sessions are free of news than studies are asked for.
    """
    everywhere = _every_session(world)
    places = _eligible(everywhere, world)
    if len(places) < studies:
        raise StudyError(
            f"{world.name}: only {len(places)} sessions are free of news, fewer than "
            f"{studies}."
        )
    rng = np.random.default_rng(seed)
    if world.dates == 1:
        chosen = rng.choice(places, studies, replace=False)[:, None]
    else:
        chosen = np.stack(
            [rng.choice(places, world.dates, replace=False) for _ in range(studies)]
        )
    known = known_tests(draws=DRAWS, seed=seed)
    fit = everywhere.fit
    rows = _rows_by_place(fit)
    owns = [fit.keep(np.concatenate([rows[day] for day in days])) for days in chosen]
    rates = {}
    for window in WINDOWS:
        nulls = _null(fit, rows, places, window, world.dates, rng)
        found = []
        for own in owns:
            p_values = {}
            for name in world.tests:
                if name == "placebo":
                    p_values[name] = _placebo(own, window, nulls)
                elif name == "exact_t":
                    p_values[name] = _exact(own, window)
                else:
                    p_values[name] = outcome(known[name], own, *window).p_value
            found.append(p_values)
        table = pd.DataFrame(found)
        rates[window] = (table < LEVEL).mean().where(table.notna().all())
    return Size(world, pd.DataFrame(rates), studies, len(places))


def _every_session(world: World) -> EventStudy:
    """The study with every session as an event: what random dates are taken from."""
    basket = world.basket
    if world.firms:
        symbols: Sequence[str] = basket.symbols
        returns = load_returns([*symbols, basket.benchmark])
    else:
        symbols = (basket.name,)
        returns = basket_returns(basket)
    first, last = WINDOWS[-1]
    days = returns.index[120 : len(returns) - last]
    events = pd.DataFrame(
        {
            "event_id": np.repeat([f"{day:%Y-%m-%d}" for day in days], len(symbols)),
            "symbol": list(symbols) * len(days),
            "day0": days.repeat(len(symbols)),
        }
    )
    return event_study(
        returns, events, benchmark=basket.benchmark, window=(first, last)
    )


def _rows_by_place(fit: Fit) -> dict[int, np.ndarray]:
    """Rows of the fit by session."""
    place = fit.places(0, 0)[:, 0]
    order = np.argsort(place, kind="stable")
    cuts = np.flatnonzero(np.diff(place[order])) + 1
    return {int(place[rows[0]]): rows for rows in np.split(order, cuts)}


def _eligible(everywhere: EventStudy, world: World) -> np.ndarray:
    """Sessions whose [0, +1] has no ledger event and no results, (P,) of int."""
    fit = everywhere.fit
    dates = fit.design.timeline.dates
    barred = dates.isin(event_mask(world.basket.symbols)["date"].unique())
    rows = _rows_by_place(fit)
    fewest = min(FEWEST_FIRMS, len(world.basket.symbols)) if world.firms else 1
    return np.array(
        [
            place
            for place, own in rows.items()
            if len(own) >= fewest and not barred[place : place + 2].any()
        ]
    )


def _standardised(fit: Fit, window: Window) -> np.ndarray:
    return np.asarray(fit.car(*window) / fit.car_error(*window))


def _null(
    fit: Fit,
    rows: dict[int, np.ndarray],
    places: np.ndarray,
    window: Window,
    dates: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Mean standardised CAR of placebo studies, (B,): all dates, or random sets."""
    values = _standardised(fit, window)
    means = np.array([values[rows[int(place)]].mean() for place in places])
    if dates == 1:
        return means
    return means[rng.integers(len(means), size=(PLACEBO_DRAWS, dates))].mean(axis=1)


def _placebo(fit: Fit, window: Window, null: np.ndarray) -> float:
    own = abs(_standardised(fit, window).mean())
    return float((1 + (np.abs(null) >= own).sum()) / (1 + len(null)))


def _exact(fit: Fit, window: Window) -> float:
    from scipy.special import stdtr

    t = _standardised(fit, window)[0]
    return float(2 * stdtr(fit.estimates.dof[0], -abs(t)))


def all_sizes(studies: int = STUDIES, jobs: int | None = 1) -> list[Size]:
    """Every kind of study of the book, in the order shown.

    Parameters
    ----------
    studies : int
    jobs : int or None
        Processes, as for :func:`helpers.inference.parallel.in_parallel`.
    """
    return in_parallel(
        measured_size,
        WORLDS,
        (studies,),
        work=float("inf"),
        n_jobs=jobs,
        progress=True,
        what="kinds of study",
    )
