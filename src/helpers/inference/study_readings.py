"""A leg of a claim read from an event study, by placebo dates.

This test decides, placebo dates rescaled to the volatility before the event, since
of nine it alone rejects about as often as it should after calm and after stormy
weeks, for one date and for several, at no loss of power (``benchmarks/README.md``).

References
----------
Barone-Adesi, G., Giannopoulos, K. and Vosper, L. (1999), VaR without correlations
for portfolios of derivative securities, Journal of Futures Markets 19 (draws
rescaled to the volatility of the day).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.errors import StudyError
from helpers.inference.null import draw_anchors
from helpers.inference.outcome import or_study_error
from helpers.inference.readings import Reading
from helpers.inference.resampling import PlaceboDates
from helpers.study.fit import Fit
from helpers.study.least_squares import Rows
from helpers.study.models import unexplained

if TYPE_CHECKING:
    from helpers.inference.result import EventStudy

# Sessions before the window that tell how loud the share is by then.
RECENT = 10
# Of placebo dates, where several are drawn at a time.
DRAWS, SEED = 5000, 20250829


def read_study(
    study: EventStudy,
    first: int,
    last: int,
    *,
    sign: int | Mapping[str, int] = 1,
    smallest: float | None = None,
    exclude: Iterable[Any] = (),
) -> Reading:
    """Read a claim's leg from an event study, by placebo dates.

    The effect is the mean over these very dates: events whose windows
    [first, last] share a session are one observation, and their CARs are averaged
    first. The same is done on placebo dates, each CAR there rescaled to the error
    of the event that it stands for (:func:`event_error`), since calm and stormy
    times differ. Parameters are those of :meth:`EventStudy.reads`.

    Raises
    ------
    StudyError
        If no event could be studied, a sign is not 1 or -1, or fewer than 20 dates
        are eligible.
    """
    if isinstance(sign, Mapping):
        study, turned = study.signed(sign), 1
    elif sign in (1, -1):
        turned = int(sign)
    else:
        raise StudyError(f"sign is 1, -1 or a mapping by event_id, not {sign!r}.")
    if not len(study.fit):
        study.car(first, last)  # says why no event could be studied
    if study.fit.design.measure == "volatility":
        raise StudyError("A volatility study cannot be read: its sizes have no sign.")
    # A placebo's whole event window must be free of news: a wide one leaves few dates.
    fit = study.fit.narrowed(first, last)
    with or_study_error("No placebo distribution"):
        effect, null, dates = _against_chance(fit, exclude)
    events = study.panel.events
    signs = turned * (np.ones(len(fit)) if fit.sign is None else fit.sign)
    return Reading(
        turned * effect,
        turned * null,
        smallest=float(fit.estimates.sigma.mean()) if smallest is None else smallest,
        turned=turned,
        dates=dates,
        about={
            "symbols": sorted(set(events["symbol"])),
            "events": sorted(set(events["event_id"])),
            "window": (first, last),
            "model": fit.design.model.name,
            "benchmark": sorted(
                {name for one, _ in fit.by_sample() for name in one.regressors}
            ),
            "sign": dict(
                zip(events["event_id"], signs.astype(int).tolist(), strict=True)
            ),
        },
    )


def event_error(fit: Fit, first: int, last: int) -> np.ndarray:
    """Error of each CAR, as loud as the share is by the time of the window, (N,).

    The exact error with the mean of two variances in place of the residuals': that
    of the estimation window and that of the ten sessions before `first`.
    """
    sigma = fit.estimates.sigma
    length = min(RECENT, first - fit.design.windows.estimation[0])
    recent = np.empty(len(fit))
    for sample, at in fit.by_sample():
        part = fit.keep(at)
        start = part.position + first - length
        left = unexplained(Rows(sample, part.column, start, length), part.estimates)
        square = np.where(np.isnan(left), sigma[at, None], left) ** 2
        recent[at] = square.mean(axis=1)
    louder: np.ndarray = np.sqrt((1 + recent / sigma**2) / 2)
    return fit.car_error(first, last) * louder


def _against_chance(fit: Fit, exclude: Iterable[Any]) -> tuple[float, np.ndarray, int]:
    """Mean over dates of the CARs, the same on placebo dates, number of dates."""
    span = fit.design.windows.event
    chance = PlaceboDates(fit, [span], exclude=exclude, error=event_error)
    (groups,) = chance.groups
    size = np.bincount(groups.of_event, minlength=groups.count)
    weight = 1 / (groups.count * size[groups.of_event])
    error = weight * event_error(fit, *span)
    if fit.sign is not None:
        error *= fit.sign
    scaled = chance.tables.car[0] / chance.tables.error[0]
    drawn = draw_anchors(chance.anchors(0), DRAWS, SEED)
    null = chance.sums(0, drawn, scaled, error).sum(axis=0)
    return float(weight @ fit.car(*span)), null, groups.count
