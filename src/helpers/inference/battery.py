"""All tests of a mean CAR, by name, as one table."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from helpers.errors import StudyError
from helpers.inference import bootstrap, parametric, ranks, resampling
from helpers.inference.groups import overlapping_groups
from helpers.inference.outcome import Outcome, Undefined
from helpers.study.fit import Fit
from helpers.study.remarks import moving_as_one

TEST_COLUMNS = ["statistic", "df", "p_value", "n_events", "n_dates", "note"]

# Right only where every event has a date of its own.
FOR_INDEPENDENT_EVENTS = frozenset(
    ["cross_sectional", "patell", "bmp", "sign", "generalized_sign", "wilcoxon"]
)

# Adjusted for correlation, but by the events' spread, which twins make small.
FROM_SPREAD = frozenset(["adjusted_patell", "adjusted_bmp"])

Test = Callable[[Fit, int, int], Outcome]


def check_random(draws: int, seed: int) -> tuple[int, int]:
    """Return draws (from 1) and seed (from 0) as whole numbers, or refuse them."""
    try:
        pair = operator.index(draws), operator.index(seed)
    except TypeError:
        pair = (0, 0)
    if pair[0] < 1 or pair[1] < 0:
        raise StudyError(
            f"draws {draws!r} and seed {seed!r} must be whole numbers, 1 or more and "
            "0 or more."
        )
    return pair


def known_tests(
    draws: int = 2000,
    seed: int = 0,
    exclude: Iterable[Any] = (),
) -> dict[str, Test]:
    """Every test by its name, with its options filled in."""
    return {
        "cross_sectional": parametric.cross_sectional,
        "patell": parametric.patell,
        "adjusted_patell": parametric.adjusted_patell,
        "bmp": parametric.bmp,
        "adjusted_bmp": parametric.adjusted_bmp,
        "corrado": ranks.corrado,
        "sign": ranks.sign,
        "generalized_sign": ranks.generalized_sign,
        "wilcoxon": ranks.wilcoxon,
        "crude_dependence": parametric.crude_dependence,
        "cluster_bootstrap": partial(
            bootstrap.cluster_bootstrap, draws=draws, seed=seed
        ),
        "placebo": partial(
            resampling.placebo_outcome, draws=draws, seed=seed, exclude=exclude
        ),
        "sample_quantile": bootstrap.sample_quantile,
    }


def outcome(test: Test, fit: Fit, first: int, last: int) -> Outcome:
    """What `test` says; where it is undefined, no figures and the reason."""
    try:
        return test(fit, first, last)
    except Undefined as reason:
        return Outcome(np.nan, np.nan, np.nan, f"undefined: {reason}")


def run_tests(
    fit: Fit,
    first: int,
    last: int,
    tests: Sequence[str] | None,
    known: Mapping[str, Test],
) -> pd.DataFrame:
    """Test that the mean CAR over a window is zero: see :meth:`EventStudy.test`."""
    fit.design.windows.within_event(first, last)
    asked = [tests] if isinstance(tests, str) else tests
    names = list(known) if asked is None else list(asked)
    for name in names:
        if name not in known:
            raise StudyError(f"No test {name!r}: choose from {', '.join(known)}.")
    groups = overlapping_groups(fit, first, last)
    count, dates = len(fit), groups.dates
    apart = ""
    if groups.count < count:
        several = f"{groups.count} group{'s' * (groups.count > 1)} of dates"
        apart = f"takes {count} events in {several} for independent"
    as_one = " ".join(moving_as_one(fit)).rstrip(".")
    rows = []
    for name in names:
        found = outcome(known[name], fit, first, last)
        remarks = [found.note]
        if np.isfinite(found.statistic) and name in FOR_INDEPENDENT_EVENTS:
            remarks += [apart, as_one]
        elif np.isfinite(found.statistic) and name in FROM_SPREAD:
            remarks.append(as_one)
        note = "; ".join(filter(None, remarks))
        rows.append((found.statistic, found.df, found.p_value, count, dates, note))
    return pd.DataFrame(rows, index=pd.Index(names, name="test"), columns=TEST_COLUMNS)
