"""The specification curve of each study that a claim's verdict reads."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from helpers.data.instruments import instrument
from helpers.errors import HelpersError
from helpers.evidence.how_sure_checks import reading_of
from helpers.evidence.how_sure_claims import Leg, PriceClaim
from helpers.inference.grid import DIMENSIONS, Grid
from helpers.inference.specification_curve import (
    SpecificationCurve,
    specification_curve,
)

PLACEBO_DATES = 2000
SEED = 20250829
FEWEST = 500
MASKED, WHOLE = "ledger events and results left out", "all sessions"
# The specification that every study has, whatever indices its exchange has.
_PLAIN = {"model": "market", "benchmark": "index 1", "sector": "none"}
PLACED, NEXT = "as placed by the clock", "the session after"


def grid_of(leg: Leg) -> Grid:
    """What could have been chosen for one study, the chapter's own choices first.

    A group without an index of its sector has fewer benchmarks; the market model
    with leads and lags (Dimson) takes their place.
    """
    dates = list(leg.base.masked_sessions["date"].unique())
    masks = {MASKED: {leg.base.basket.name: dates}, WHOLE: None}
    if not leg.base.mask:
        masks = {WHOLE: None, MASKED: masks[MASKED]}
    markets = {str(instrument(symbol)["name"]): symbol for symbol in leg.markets}
    models = ["market", "market_adjusted", "mean"]
    sectors = {}
    if leg.sector:
        sectors = {str(instrument(leg.sector)["name"]): leg.sector}
        models.insert(1, "market_sector")
    else:
        models.append("dimson")
    others = (window for window in leg.windows if window != leg.window)
    return Grid(
        benchmarks=markets | sectors,
        sectors=sectors,
        models=models,
        windows=(leg.window, *others),
        masks=masks,
        day0s={PLACED: 0, NEXT: 1},
    )


def curve_of(leg: Leg, placebo_dates: int = PLACEBO_DATES) -> SpecificationCurve:
    """Every defensible specification of one study, on its events and by chance.

    Placebo dates keep clear of the ledger's events and of results.
    """
    return specification_curve(
        leg.returns,
        leg.events[["event_id", "symbol", "day0", "sign"]],
        grid_of(leg),
        direction=leg.direction,
        placebo_dates=placebo_dates,
        seed=SEED,
        exclude=leg.base.masked_sessions["date"].unique(),
        n_jobs=1,
        progress=False,
    )


def words_by_specification(
    claim: PriceClaim, curves: Mapping[str, SpecificationCurve]
) -> pd.Series:
    """The verdict under each specification, the same one for all of a claim's studies.

    Studies on several exchanges have benchmarks of different names; they are held
    against each other by their place, the first market, the second or the sector.
    Where an exchange has no such index, its first market stays.

    Parameters
    ----------
    claim : PriceClaim
    curves : mapping of leg name to SpecificationCurve

    Returns
    -------
    Series of str
        By specification of the study that has most of them.

    Raises
    ------
    HelpersError
        If that study has fewer than 500 specifications.
    """
    readings = {leg.name: _readings(leg, curves[leg.name]) for leg in claim.legs}
    widest = max(readings.values(), key=len)
    if len(widest) < FEWEST:
        raise HelpersError(
            f"The studies behind {claim.claim_id!r} have at most {len(widest)} "
            f"specifications, fewer than {FEWEST}."
        )
    words = [
        claim.rule({name: _at(known, key) for name, known in readings.items()})
        for key in widest
    ]
    index = pd.MultiIndex.from_tuples(list(widest), names=DIMENSIONS)
    return pd.Series(words, index=index, name="word")


def _readings(leg: Leg, curve: SpecificationCurve) -> dict[tuple[str, ...], int]:
    """Reading under each specification, benchmarks by their place in the grid."""
    place = {name: f"index {n}" for n, name in enumerate(grid_of(leg).benchmarks, 1)}
    out = {}
    for row in curve.table.to_dict("records"):
        key = tuple(place.get(row[name], str(row[name])) for name in DIMENSIONS)
        out[key] = reading_of(row["estimate"], row["p_value"])
    return out


def _at(known: Mapping[tuple[str, ...], int], key: tuple[str, ...]) -> int:
    if key in known:
        return known[key]
    plain = dict(zip(DIMENSIONS, key, strict=True)) | _PLAIN
    return known[tuple(plain[name] for name in DIMENSIONS)]
