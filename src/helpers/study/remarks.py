"""What to bear in mind of a study's events and returns, as sentences."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from helpers.data.instruments import calendars_of
from helpers.study.fit import Fit

# Two classes of one firm's shares are above it, two firms of one industry far below.
AS_ONE = 0.95
MOST_PAIRS = 4_000_000


def remarks_on(fit: Fit) -> Iterator[str]:
    """Everything to bear in mind of a study."""
    yield from _other_hours(fit)
    yield from moving_as_one(fit)
    yield from _after_gaps(fit)


def moving_as_one(fit: Fit) -> Iterator[str]:
    """Say which two shares of one date are one observation, if any are."""
    complete = np.flatnonzero(~np.isnan(fit.residuals).any(axis=1))
    place = np.stack([fit.sample, fit.position])[:, complete]
    dates, group = np.unique(place, axis=1, return_inverse=True)
    for number in np.flatnonzero(np.bincount(group.ravel()) > 1):
        members = complete[group.ravel() == number]
        if len(members) ** 2 > MOST_PAIRS:
            continue
        own = fit.residuals[members]
        own = own - own.mean(axis=1, keepdims=True)
        size = np.sqrt(np.einsum("nt,nt->n", own, own))
        own = own / np.where(size > 0, size, np.inf)[:, None]
        # Two events of one share are plain to see, and no two shares.
        columns = fit.column[members]
        alike = np.abs(own @ own.T) * (columns[:, None] < columns)
        if alike.max() < AS_ONE:
            continue
        sample = fit.design.samples[dates[0, number]]
        at = np.unravel_index(alike.argmax(), alike.shape)
        one, other = (sample.symbols[columns[place]] for place in at)
        yield (
            f"{one} and {other} move as one (correlation {alike.max():.3f}): on "
            f"{sample.sessions[dates[1, number]]:%Y-%m-%d} they are one observation, "
            "take one of them."
        )
        return


def _other_hours(fit: Fit) -> Iterator[str]:
    """Say which shares have a benchmark that trades at other hours."""
    if fit.design.model.lagged:
        return
    foreign = []
    for sample, _ in fit.by_sample():
        code = calendars_of([*sample.symbols, *sample.regressors])
        markets = {code[name] for name in sample.regressors if name in code}
        foreign += [
            one for one in sample.symbols if one in code and markets - {code[one]}
        ]
    if foreign:
        yield (
            f"{', '.join(foreign)} and the benchmark trade at different hours, so "
            "returns of one date do not belong together: take a local benchmark, or "
            "the model 'dimson', which lets the benchmark enter with its lag."
        )


def _after_gaps(fit: Fit) -> Iterator[str]:
    """Say which return follows one empty session, as a session's own never does.

    A session without a price leaves two returns empty, its own and the next.
    """
    for sample, _ in fit.by_sample() if fit.design.measure == "return" else ():
        gaps = np.isnan(sample.y)
        single = gaps[:, 1:-1] & ~gaps[:, :-2] & ~gaps[:, 2:]
        for column, place in np.argwhere(single)[:1]:
            yield (
                f"The return of {sample.symbols[column]} on "
                f"{sample.sessions[place + 2]:%Y-%m-%d} follows one empty session, so "
                "it may be of two: then leave it empty, as .pct_change(fill_method="
                "None) of prices does."
            )
            return
