"""Events placed in a design and fitted, or left out with the reason why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from helpers.study.fit import Design, Fit
from helpers.study.models import Estimates
from helpers.study.samples import Sample

DAY = "%Y-%m-%d"


@dataclass(frozen=True)
class Panel:
    """A study's usable events with their fit, and those it had to leave out.

    Attributes
    ----------
    fit : Fit
    events : DataFrame with event_id, symbol, day0, one row a fitted event
    skipped : DataFrame indexed by (event_id, symbol) with day0 and reason
    regressors : list of str, names of the loadings
    """

    fit: Fit
    events: pd.DataFrame
    skipped: pd.DataFrame
    regressors: list[str]


def fit_events(design: Design, names: list[str], events: pd.DataFrame) -> Panel:
    """Place and fit events, leaving out with its reason what cannot be fitted.

    `names` are those of the loadings, `events` as :func:`check_events` returns them.
    """
    sample_of, column, position = placed(design, events)
    day0 = pd.DatetimeIndex(events["day0"])
    sessions = np.array([len(sample.sessions) for sample in design.samples])[sample_of]
    inside = (
        (position >= 0)
        & (position + design.windows.estimation[0] >= 0)
        & (position + design.windows.event[1] < sessions)
    )
    reasons = np.full(len(events), "", dtype=object)
    for i in np.flatnonzero(~inside):
        reasons[i] = _outside(design, sample_of[i], position[i], day0[int(i)])
    fitted = np.flatnonzero(inside)
    if not len(fitted):
        fit = _no_fit(design, len(names))
    else:
        fit = design.fit(sample_of[fitted], column[fitted], position[fitted])
        usable = usable_fits(fit)
        masked = np.empty(0) if usable.all() else _masked_count(fit)
        for i in np.flatnonzero(~usable):
            reasons[fitted[i]] = _unusable(fit, int(i), int(masked[i]))
        fitted = fitted[usable]
        if not usable.all():
            fit = fit.keep(usable)
        if "sign" in events.columns:
            fit = fit.turned(events["sign"].to_numpy()[fitted])
        ids = events["event_id"].to_numpy()[fitted]
        fit = replace(
            fit, news=announcements(design.samples, ids, fit.sample, fit.position)
        )
    kept = np.zeros(len(events), dtype=bool)
    kept[fitted] = True
    if kept.all():
        skipped = _none_skipped(tuple(events.dtypes.items())).copy()
        return Panel(fit, events, skipped, names)
    return Panel(
        fit=fit,
        events=events.loc[kept].reset_index(drop=True),
        skipped=_skipped(events.loc[~kept], reasons[~kept]),
        regressors=names,
    )


def placed(
    design: Design, events: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sample, share and position of day 0 of each event, (N,); -1 for no session."""
    where = {
        symbol: (k, column)
        for k, sample in enumerate(design.samples)
        for column, symbol in enumerate(sample.symbols)
    }
    codes, symbols = pd.factorize(events["symbol"])
    sample_of = np.array([where[symbol][0] for symbol in symbols])[codes]
    column = np.array([where[symbol][1] for symbol in symbols])[codes]
    day0 = pd.DatetimeIndex(events["day0"])
    position = np.full(len(events), -1)
    for k, sample in enumerate(design.samples):
        at = np.flatnonzero(sample_of == k)
        position[at] = sample.sessions.get_indexer(day0[at])
    return sample_of, column, position


def announcements(
    samples: Sequence[Sample], ids: np.ndarray, sample: np.ndarray, position: np.ndarray
) -> np.ndarray | None:
    """Which events are of one announcement, (N,) of int; None for one calendar.

    Those of one name are, if their days 0 are one date, or on different calendars
    with no more than one session of the later calendar between.
    """
    if len(samples) < 2:
        return None
    name = pd.factorize(ids)[0]
    day0 = np.empty(len(ids), dtype="datetime64[ns]")
    for k, one in enumerate(samples):
        own = sample == k
        day0[own] = one.sessions.to_numpy()[position[own]]
    order = np.lexsort([sample, day0, name])
    before, after = order[:-1], order[1:]
    between = np.zeros(len(after), dtype=int)
    for k, one in enumerate(samples):
        own = sample[after] == k
        since = one.sessions.searchsorted(day0[before[own]])
        between[own] = position[after[own]] - since
    together = (name[before] == name[after]) & (
        (day0[before] == day0[after])
        | ((sample[before] != sample[after]) & (between <= 1))
    )
    out = np.zeros(len(ids), dtype=int)
    out[order[1:]] = np.cumsum(~together)
    return out


def _skipped(events: pd.DataFrame, reasons: np.ndarray) -> pd.DataFrame:
    return events.assign(reason=reasons).set_index(["event_id", "symbol"])


@lru_cache(maxsize=16)
def _none_skipped(dtypes: tuple[tuple[Any, Any], ...]) -> pd.DataFrame:
    """No event was left out. Making this frame takes longer than most fits."""
    none = pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in dtypes})
    return _skipped(none, np.empty(0, dtype=object))


def _no_fit(design: Design, k: int) -> Fit:
    """A fit of no events, so that a study of nothing but skips has its shape."""
    none = np.empty(0)
    nowhere = np.empty(0, dtype=int)
    return Fit(
        design=design,
        sample=nowhere,
        column=nowhere,
        position=nowhere,
        abnormal=np.empty((0, design.windows.event_length)),
        estimates=Estimates(
            alpha=none,
            beta=np.empty((0, k)),
            residual_ss=none,
            dof=none,
            n=none,
            r_squared=none,
            x_mean=np.empty((0, k)),
            inverse=np.empty((0, k, k)),
            constant=True,
        ),
    )


def usable_fits(fit: Fit) -> np.ndarray:
    """(N,) of bool: enough observations, a variance, and no gap in the window."""
    found = fit.estimates
    expected = fit.design.windows.estimation_length - _masked_count(fit)
    usable: np.ndarray = (
        np.isfinite(found.sigma)
        & (found.n >= fit.design.min_observations)
        & (found.n >= (1 - fit.design.max_missing) * expected)
    )
    # Looking for gaps in every window takes longer than looking in every series.
    if any(sample.has_gaps for sample, _ in fit.by_sample()):
        usable &= np.isfinite(fit.abnormal).all(axis=1)
    return usable


def _masked_count(fit: Fit) -> np.ndarray:
    """Estimation sessions that the mask takes out, (N,)."""
    out = np.zeros(len(fit))
    windows = fit.design.windows
    for sample, at in fit.by_sample():
        if sample.has_mask:
            total = np.zeros((len(sample.symbols), len(sample.sessions) + 1))
            np.cumsum(sample.masked, axis=1, out=total[:, 1:])
            first = fit.position[at] + windows.estimation[0]
            last = first + windows.estimation_length
            row = fit.column[at]
            out[at] = total[row, last] - total[row, first]
    return out


def _outside(design: Design, k: int, position: int, day0: pd.Timestamp) -> str:
    """Why windows around `day0` do not lie inside the sessions of sample `k`."""
    sessions = design.samples[k].sessions
    if pd.isna(day0):
        return "no day 0"
    if not len(sessions):
        return f"no {design.noun} at all"
    if day0 < sessions[0] or day0 > sessions[-1]:
        return (
            f"day 0 {day0:{DAY}} lies outside the history, "
            f"{sessions[0]:{DAY}} to {sessions[-1]:{DAY}}"
        )
    if position < 0:
        after = sessions[int(sessions.searchsorted(day0))]
        return f"day 0 {day0:{DAY}} is not a session; the next one is {after:{DAY}}"
    first, last = design.windows.estimation[0], design.windows.event[1]
    if position + first < 0:
        return (
            f"only {position} sessions before day 0 {day0:{DAY}}, the estimation "
            f"window needs {-first}: the history starts {sessions[0]:{DAY}}"
        )
    return (
        f"only {len(sessions) - 1 - position} sessions after day 0 {day0:{DAY}}, the "
        f"event window needs {last}: the history ends {sessions[-1]:{DAY}}"
    )


def _unusable(fit: Fit, i: int, masked: int) -> str:
    """Why the fit of event `i` may not be used."""
    design, windows = fit.design, fit.design.windows
    sample = design.samples[fit.sample[i]]
    symbol = sample.symbols[fit.column[i]]
    days = slice(
        fit.position[i] + windows.event[0], fit.position[i] + windows.event[1] + 1
    )
    names = ["rf", symbol, *sample.regressors]
    series = np.vstack([sample.rate, sample.y[fit.column[i]], sample.x])
    gaps = np.argwhere(np.isnan(series[:, days]).T)
    if len(gaps):
        gap, which = (int(place) for place in gaps[0])
        return (
            f"{names[which]} has no {design.noun} on "
            f"{sample.sessions[days][gap]:{DAY}}, session "
            f"{windows.event[0] + gap:+d} of the event window"
        )
    observed = int(fit.estimates.n[i])
    expected = windows.estimation_length - masked
    if observed < (1 - design.max_missing) * expected:
        return (
            f"{expected - observed} of {expected} estimation sessions have no "
            f"{design.noun}, more than {design.max_missing:.0%}"
        )
    if observed < design.min_observations:
        return (
            f"{observed} estimation sessions are left, fewer than "
            f"{design.min_observations} ({masked} masked)"
        )
    found = fit.estimates
    if np.isfinite(found.r_squared[i]):
        return f"the model {design.model.name!r} finds no fit in the estimation window"
    if np.isnan(found.beta[i]).any():
        return (
            f"{' and '.join(sample.regressors)} cannot explain anything in the "
            "estimation window: constant, or one follows from the others"
        )
    return (
        f"the {design.noun}s in the estimation window are constant or follow the "
        "model without error, so there is no residual variance"
    )
