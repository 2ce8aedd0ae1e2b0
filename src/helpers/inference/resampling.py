"""What chance alone gives: the same study on dates without an event."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from helpers.inference.groups import overlapping_groups
from helpers.inference.null import (
    Null,
    clusters_of,
    draw_anchors,
    free_sessions,
    volatilities,
)
from helpers.inference.outcome import Outcome, Undefined, counted_error
from helpers.inference.parametric import standardised_car
from helpers.inference.tables import CarError, tables_by_session
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
    dates : int, eligible dates of the group of events that has fewest
    enumerated : bool, every eligible date is used once rather than drawn
    note : str, how the draws were made
    dated : callable, gives ``days``, which few ask for
    """

    statistic: np.ndarray
    caar: np.ndarray
    observed: float
    dates: int
    enumerated: bool
    note: str
    dated: Callable[[], pd.DataFrame]

    @property
    def days(self) -> pd.DataFrame:
        """First session of each group in each draw, (B, groups), by its own one."""
        return self.dated()

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


class PlaceboDates:
    """The dates on which a study's events could have stood as well.

    Events that share a date share the placebo date, and those whose windows
    overlap move together, so that their correlation stays. With one such group
    every eligible session is used once; with more, one is drawn for each. A
    placebo's event window keeps clear of the study's own event windows and of the
    dates in `exclude`, and it must be as usable as an event.

    Parameters are those of :meth:`helpers.EventStudy.placebo`; `spans` are the windows
    of the tests, and `error` is what is taken as the error of a CAR.

    Raises
    ------
    Undefined
        If the model is fitted by iteration, window by window.
    """

    def __init__(
        self,
        fit: Fit,
        spans: Sequence[Window],
        *,
        exclude: Iterable[Any] = (),
        matched: bool = False,
        error: CarError = Fit.car_error,
    ) -> None:
        design = fit.design
        if design.model.iterative:
            raise Undefined(
                f"the model {design.model.name!r} is fitted window by window, which "
                "takes too long on all placebo dates: use the model 'market'"
            )
        dates, event = design.timeline.dates, design.windows.event
        free = free_sessions(dates, fit.places(*event)[:, [0, -1]], exclude)
        self.day0 = fit.places(0, 0)[:, 0]
        self.groups = [overlapping_groups(fit, *span) for span in spans]
        self.clusters = [
            clusters_of(self.day0, np.arange(len(fit)), each.of_event, each.count)
            for each in self.groups
        ]
        self.null = Null(dates, free)
        symbols = [
            design.samples[k].symbols[column]
            for k, column in zip(fit.sample, fit.column, strict=True)
        ]
        distinct = list(dict.fromkeys(symbols))
        self.tables = tables_by_session(
            design, distinct, dates, free, spans, error=error
        )
        self.rows = np.array([self.tables.row(symbol) for symbol in symbols])
        self.volatility = None
        if matched:
            self.volatility = volatilities(design, symbols, dates, event[0])

    def anchors(self, number: int) -> list[np.ndarray]:
        """Where each cluster of a span may stand."""
        return self.null.anchors(
            self.clusters[number],
            lambda event: [(self.tables.usable[self.rows[event]], 0)],
            self.day0,
            self.volatility,
        )

    def sums(
        self,
        number: int,
        drawn: Sequence[np.ndarray],
        values: np.ndarray,
        weight: np.ndarray,
    ) -> np.ndarray:
        """Weighted sum of `values` (S, P) over each cluster in each draw, (C, B).

        `number` is the span's, `drawn` has each cluster's anchor in each draw (B,),
        `weight` (N,) is each event's.
        """
        out = np.zeros((len(drawn), len(drawn[0])))
        for total, cluster, at in zip(out, self.clusters[number], drawn, strict=True):
            for i, ahead in zip(cluster.members, cluster.ahead, strict=True):
                total += weight[i] * values[self.rows[i], at + ahead]
        return out


def placebos(
    fit: Fit,
    spans: Sequence[Window],
    draws: int,
    seed: int,
    exclude: Iterable[Any],
    matched: bool = False,
) -> list[Placebo]:
    """Run the study on placebo dates, once for each window.

    Parameters are those of :class:`PlaceboDates` and :func:`draw_anchors`.
    """
    where = PlaceboDates(fit, spans, exclude=exclude, matched=matched)
    signs = np.ones(len(fit)) if fit.sign is None else fit.sign
    out = []
    for number, span in enumerate(spans):
        anchors = where.anchors(number)
        drawn = draw_anchors(anchors, draws, seed)
        car, error = where.tables.car[number], where.tables.error[number]
        sums = where.sums(number, drawn, car, signs)
        scaled = where.sums(number, drawn, car / error, signs).sum(axis=0)
        out.append(
            Placebo(
                statistic=scaled / len(fit),
                caar=sums.sum(axis=0) / len(fit),
                observed=float(standardised_car(fit, *span).mean()),
                dates=min(map(len, anchors)),
                enumerated=len(anchors) == 1,
                note=described(anchors, draws, matched),
                dated=partial(
                    where.null.days, where.clusters[number], where.day0, drawn
                ),
            )
        )
    return out


def described(anchors: Sequence[np.ndarray], draws: int, matched: bool = False) -> str:
    """How placebo draws were made, in words."""
    like = " of like volatility" if matched else ""
    if len(anchors) == 1:
        return f"all {len(anchors[0]):,} eligible dates{like}, each once"
    fewest = min(map(len, anchors))
    return (
        f"{draws:,} draws of {len(anchors)} dates{like}, each from at least "
        f"{fewest:,} eligible ones"
    )


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
    (found,) = placebos(fit, [(first, last)], draws, seed, exclude)
    note = (
        f"all {found.dates} eligible dates"
        if found.enumerated
        else f"{draws} draws, Monte Carlo error {found.error:.4f}"
    )
    return Outcome(found.observed, np.nan, found.p_value, note)
