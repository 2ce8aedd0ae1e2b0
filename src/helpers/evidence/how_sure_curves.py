"""The specification curve of each study that a claim's verdict reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from helpers.data.instruments import instrument
from helpers.evidence.how_sure_checks import main_study, reading_of
from helpers.evidence.how_sure_legs import Leg, PriceClaim
from helpers.inference.grid import DIMENSIONS, Grid
from helpers.inference.specification_curve import specification_curve

PLACEBO_DATES = 2000
SEED = 20250829
# Sessions of a window that can still keep clear of the ledger.
LONGEST_CLEAR = 11
MASKED, WHOLE = "ledger events and results left out", "all sessions"
# The specification that every study has, whatever indices its exchange has.
_PLAIN = {"model": "market", "benchmark": "index 1", "sector": "none"}
PLACED, NEXT = "as placed by the clock", "the session after"


def grid_of(leg: Leg) -> Grid:
    """What could have been chosen for one study, the chapter's own choices first.

    One event leaves little else to vary, so that every index of its exchange is a
    benchmark in turn; several are held against the chapter's market alone, and with
    its sector. A group without a sector's index takes the market model with leads
    and lags (Dimson) in its place.
    """
    masked = {leg.base.basket.name: list(_news(leg))}
    masks = {MASKED: masked, WHOLE: None} if leg.base.mask else {WHOLE: None}
    masks |= {MASKED: masked}
    markets = {str(instrument(symbol)["name"]): symbol for symbol in leg.markets}
    models = ["market", "market_adjusted", "mean"]
    sectors = {}
    if leg.sector:
        sectors = {str(instrument(leg.sector)["name"]): leg.sector}
        models.insert(1, "market_sector")
    else:
        models.append("dimson")
    several = len(leg.events) > 1
    benchmarks = dict(list(markets.items())[:1]) if several else markets | sectors
    others = (window for window in leg.windows if window != leg.window)
    return Grid(
        benchmarks=benchmarks,
        sectors=sectors,
        models=models,
        estimations=leg.estimations,
        windows=(leg.window, *others),
        masks=masks,
        day0s={PLACED: 0, NEXT: 1},
    )


def _news(leg: Leg) -> pd.DatetimeIndex:
    """Sessions of ledger events and of results."""
    return pd.DatetimeIndex(leg.base.masked_sessions["date"].unique())


@dataclass(frozen=True)
class Curve:
    """A study's specification curve without its placebo draws, which fill memory.

    Attributes
    ----------
    table, joint, band, influence : DataFrame
        As :class:`~helpers.inference.curve.SpecificationCurve` has them.
    readings : dict of specification to reading
        -1 for a loss, 1 for a gain beyond chance, 0 for neither; benchmarks by their
        place in the grid.
    placebos : int
        Placebo studies behind them.
    note : str
        How these were drawn.
    """

    table: pd.DataFrame
    joint: pd.DataFrame
    band: pd.DataFrame
    influence: pd.DataFrame
    readings: Mapping[tuple[str, ...], int]
    placebos: int
    note: str

    def sorted(self) -> pd.DataFrame:
        """The table in order of the estimate."""
        return self.table.sort_values("estimate", kind="stable").reset_index(drop=True)


def curve_of(
    leg: Leg, placebo_dates: int = PLACEBO_DATES, *, method: str = "dates"
) -> Curve:
    """Every defensible specification of one study, on its events and by chance.

    Only events that the chapter's own study holds enter, so that all specifications
    have the same. Placebo dates keep clear of the ledger's events and of results,
    unless a window is so long that no session could.

    Parameters
    ----------
    leg : Leg
    placebo_dates : int
    method : {"dates", "blocks"}
        Real dates without news, or histories resampled in blocks of sessions.
    """
    longest = max(last - first for first, last in leg.windows)
    studied = main_study(leg).abnormal_returns.index.get_level_values("event_id")
    events = leg.events[leg.events["event_id"].isin(studied)]
    grid = grid_of(leg)
    found = specification_curve(
        leg.returns,
        events[["event_id", "symbol", "day0", "sign"]],
        grid,
        direction=leg.direction,
        placebo_dates=placebo_dates,
        seed=SEED,
        exclude=_news(leg) if longest <= LONGEST_CLEAR else (),
        method=method,
        n_jobs=1,
        progress=False,
    )
    return Curve(
        found.table,
        found.joint,
        found.band,
        found.influence,
        _readings(grid, found.table),
        len(found.placebo),
        found.note,
    )


def words_by_specification(claim: PriceClaim, curves: Mapping[str, Curve]) -> pd.Series:
    """The verdict under each specification, the same one for all of a claim's studies.

    Indices have other names on other exchanges; they are held against each other by
    their place, the first market, the second or the sector. Where an exchange has no
    such index, its first market stays, and where a mask takes nothing away, one
    specification stands for both. One that a study cannot be put to is left out.

    Parameters
    ----------
    claim : PriceClaim
    curves : mapping of leg name to Curve

    Returns
    -------
    Series of str
        By specification of the study that has most of them.
    """
    readings = {leg.name: curves[leg.name].readings for leg in claim.legs}
    words = {}
    for key in max(readings.values(), key=len):
        found = {name: _at(known, key) for name, known in readings.items()}
        if None not in found.values():
            words[key] = claim.rule({name: found[name] or 0 for name in found})
    index = pd.MultiIndex.from_tuples(list(words), names=DIMENSIONS)
    return pd.Series(list(words.values()), index=index, name="word")


def _readings(grid: Grid, table: pd.DataFrame) -> dict[tuple[str, ...], int]:
    place = {name: f"index {n}" for n, name in enumerate(grid.benchmarks, 1)}
    place |= dict.fromkeys(grid.sectors, "sector")
    out = {}
    for row in table.to_dict("records"):
        key = tuple(place.get(row[name], str(row[name])) for name in DIMENSIONS)
        out[key] = reading_of(row["estimate"], row["p_value"])
    return out


def _at(known: Mapping[tuple[str, ...], int], key: tuple[str, ...]) -> int | None:
    """The reading under a specification, or under what is the same for this study."""
    if key in known:
        return known[key]
    own = dict(zip(DIMENSIONS, key, strict=True))
    for market in ({}, _PLAIN):
        for mask in (own["mask"], MASKED, WHOLE):
            same = tuple((own | market | {"mask": mask}).values())
            if same in known:
                return known[same]
    return None
