"""What chance alone gives: the same study on dates without an event."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from helpers.inference.groups import overlapping_groups
from helpers.inference.null import (
    choose_anchors,
    not_iterative,
    real_dates,
    resampled_histories,
    volatility_before,
)
from helpers.inference.outcome import Outcome, counted_error
from helpers.inference.placebo_dates import (
    check_method,
    clusters_of,
    draw_anchors,
    free_sessions,
)
from helpers.study.fit import Fit
from helpers.study.windows import Window


@dataclass(frozen=True)
class Placebo:
    """Distribution of a study's result over placebo dates.

    Attributes
    ----------
    statistic : (B,) mean standardised CAR of each placebo draw
    caar : (B,) mean CAR of each draw, decimal
    observed : float, mean standardised CAR of the study itself
    observed_caar : float
    dates : int, eligible dates of the group of events that has fewest
    enumerated : bool, every eligible date is used once rather than drawn
    days : DataFrame (B, groups), first session of each group of events in each
        draw, in columns named by the group's own; no column where histories are
        resampled
    """

    statistic: np.ndarray
    caar: np.ndarray
    observed: float
    observed_caar: float
    dates: int
    enumerated: bool
    days: pd.DataFrame

    @property
    def p_value(self) -> float:
        """Two-sided share of draws at least as far from zero as the study."""
        extreme = int((np.abs(self.statistic) >= abs(self.observed)).sum())
        return (1 + extreme) / (1 + len(self.statistic))

    @property
    def error(self) -> float:
        """Monte Carlo standard error of the p-value; zero if enumerated."""
        if self.enumerated:
            return 0.0
        return counted_error(self.p_value, len(self.statistic))


def placebo(
    fit: Fit,
    first: int,
    last: int,
    *,
    draws: int = 2000,
    seed: int = 0,
    exclude: Iterable[Any] = (),
    matched: bool = False,
    method: str = "dates",
) -> Placebo:
    """Run the study on placebo dates.

    Events that share a date share the placebo date, and those whose windows
    overlap move together, so that their correlation stays. With one such group
    every eligible session is used once; with more, one is drawn for each,
    `draws` times. A placebo's event window keeps clear of the study's own event
    windows and of the dates in `exclude`, and it must be as usable as an event.

    Parameters
    ----------
    fit : Fit of N events
    first, last : int
        Window of the test, sessions relative to day 0.
    draws, seed : int
    exclude : dates
        Sessions that no placebo's event window may hold, such as those of the
        ledger's other events; a date without a session counts as the next one.
    matched : bool
        Keep only the third of the dates whose volatility over the 21 sessions
        before the event window is nearest to the event's own.
    method : {"dates", "blocks"}
        Real dates, or `draws` histories put together from blocks of sessions.

    Raises
    ------
    Undefined
        If fewer than 20 dates are eligible for a group, or the model is fitted
        by iteration, window by window.
    """
    (found,) = placebos(
        fit,
        [(first, last)],
        draws=draws,
        seed=seed,
        exclude=exclude,
        matched=matched,
        method=method,
    )
    return found


def placebos(
    fit: Fit,
    spans: Sequence[Window],
    *,
    draws: int = 2000,
    seed: int = 0,
    exclude: Iterable[Any] = (),
    matched: bool = False,
    method: str = "dates",
) -> list[Placebo]:
    """:func:`placebo` of several windows, the placebo dates fitted only once."""
    not_iterative(fit.design)
    check_method(method, matched)
    timeline = fit.design.timeline
    event = fit.design.windows.event
    free = free_sessions(timeline.dates, fit.places(*event)[:, [0, -1]], exclude)
    day0 = fit.places(0, 0)[:, 0]
    groups = [overlapping_groups(fit, *span) for span in spans]
    clusters = [clusters_of(day0, each.of_event, each.count) for each in groups]
    symbols = _symbols(fit)
    if method == "dates":
        null = real_dates(timeline.dates, free)
    else:
        reach = max(int(one.ahead.max()) for each in clusters for one in each)
        null = resampled_histories(
            timeline.dates, free, [fit.design], (0, reach), draws, seed
        )
    tables = null.tables(fit.design, list(dict.fromkeys(symbols)), spans)
    volatility = None
    if matched:
        volatility = [
            volatility_before(fit.design.samples[k], symbol, timeline.dates, event[0])
            for k, symbol in zip(fit.sample, symbols, strict=True)
        ]
    rows = [tables.row(symbol) for symbol in symbols]
    signs = np.ones(len(fit)) if fit.sign is None else fit.sign
    out = []
    for number, span in enumerate(spans):
        anchors = []
        for cluster in clusters[number]:
            allowed = [
                (tables.usable[rows[i]], int(ahead))
                for i, ahead in zip(cluster.members, cluster.ahead, strict=True)
            ]
            anchors.append(choose_anchors(null, cluster, allowed, day0, volatility))
        drawn = draw_anchors(anchors, draws, seed)
        values = tables.car[number]
        scaled = values / tables.error[number]
        total = np.zeros((2, 1))
        for cluster, at in zip(clusters[number], drawn, strict=True):
            found = np.zeros((2, len(at)))
            for i, ahead in zip(cluster.members, cluster.ahead, strict=True):
                found[0] += signs[i] * scaled[rows[i], at + ahead]
                found[1] += signs[i] * values[rows[i], at + ahead]
            total = total + found
        car = fit.car(*span)
        out.append(
            Placebo(
                statistic=total[0] / len(fit),
                caar=total[1] / len(fit),
                observed=float((car / fit.car_error(*span)).mean()),
                observed_caar=float(car.mean()),
                dates=min(map(len, anchors)),
                enumerated=groups[number].count == 1 and method == "dates",
                days=null.days(clusters[number], day0, drawn),
            )
        )
    return out


def _symbols(fit: Fit) -> list[str]:
    """The share of each event."""
    samples = fit.design.samples
    return [
        samples[k].symbols[column]
        for k, column in zip(fit.sample, fit.column, strict=True)
    ]


def placebo_outcome(
    fit: Fit,
    first: int,
    last: int,
    *,
    draws: int,
    seed: int,
    exclude: Iterable[Any] = (),
) -> Outcome:
    """The placebo-date test as a row of the table of tests."""
    found = placebo(fit, first, last, draws=draws, seed=seed, exclude=exclude)
    note = (
        f"all {found.dates} eligible dates"
        if found.enumerated
        else f"{draws} draws, Monte Carlo error {found.error:.4f}"
    )
    return Outcome(found.observed, np.nan, found.p_value, note)
