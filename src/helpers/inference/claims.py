"""A claim's leg of prices, studied from the table of legs alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from helpers.data.claims import leg_events, load_groups
from helpers.data.instruments import load_instruments
from helpers.data.ledger import load_ledger
from helpers.data.prices import load_returns
from helpers.errors import StudyError
from helpers.inference.event_study import EventStudy, event_study
from helpers.inference.readings import Reading
from helpers.study.baskets import baskets
from helpers.study.events import event_mask, load_events
from helpers.study.windows import Window

SIGNS = {"+": 1, "-": -1}
# Beyond so many sessions no window keeps clear of all other news.
LONGEST_CLEAR = 10


def leg_signs(leg: pd.Series, *, verified: bool = True) -> dict[str, int]:
    """Return the events of a leg of prices with the direction expected of each.

    Events for which the ledger's column has no sign are left out.
    """
    events = leg_events(leg["events"], verified=verified)
    if leg["sign"] in SIGNS:
        return dict.fromkeys(events, SIGNS[leg["sign"]])
    column = load_ledger().loc[events, leg["sign"]].map(SIGNS).dropna()
    return {str(event): int(sign) for event, sign in column.items()}


def study_leg(
    leg: pd.Series,
    *,
    symbols: tuple[str, ...] | None = None,
    returns: pd.DataFrame | None = None,
    verified: bool = True,
    masked: bool | None = None,
    benchmark: str | None = None,
    window: Window | None = None,
    **choices: Any,
) -> EventStudy:
    """Study a claim's leg of prices as the table of legs names it.

    Parameters
    ----------
    leg : Series
        A row of ``load_claim_legs`` whose measure is ``car``.
    symbols : tuple of str, optional
        Other members of its group.
    returns : DataFrame, optional
        Decimal returns of all that it needs, in place of the bundled ones.
    verified : bool
        Leave out events that are not verified.
    masked : bool, optional
        Keep other events and results out of the estimation window; by default as
        the table has it.
    benchmark : str, optional
        Another market: a symbol or the name of a group.
    window : (int, int), optional
        Another window than the leg's own.
    **choices
        As for ``event_study``: model, estimation and the like.

    Returns
    -------
    EventStudy
        Of the group's equal-weighted return; events that share a day 0 are one, and
        a day 0 on which the claim expects both directions is left out.

    Raises
    ------
    StudyError
        If the leg is no study of CARs or no event of it can be placed.

    Examples
    --------
    >>> from helpers import load_claim_legs, study_leg
    >>> legs = load_claim_legs("nvidia-dip").query("kind == 'prices'")
    >>> study_leg(legs.iloc[0]).n_events
    1
    """
    table, events, market = leg_data(
        leg, symbols=symbols, returns=returns, verified=verified, benchmark=benchmark
    )
    mask = None
    if leg["masked"] if masked is None else masked:
        members = symbols or _members(leg["group"])
        dates = event_mask(list(members))[["date"]].drop_duplicates()
        mask = dates.assign(symbol=events["symbol"].iloc[0])
    return event_study(
        table,
        events.drop(columns="sign"),
        benchmark=market,
        window=window or (int(leg["first"]), int(leg["last"])),
        mask=mask,
        **{"model": leg["model"], **choices},
    )


def leg_data(
    leg: pd.Series,
    *,
    symbols: tuple[str, ...] | None = None,
    returns: pd.DataFrame | None = None,
    verified: bool = True,
    benchmark: str | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    """What a claim's leg of prices is studied on.

    Parameters
    ----------
    leg, symbols, returns, verified, benchmark
        As for :func:`study_leg`.

    Returns
    -------
    returns : DataFrame, its group's equal-weighted return beside the market
    events : DataFrame, one row a day 0, with the ``sign`` that the claim expects
    benchmark : str, the column of the market

    Raises
    ------
    StudyError
        If the leg is no study of CARs or has no verified event.
    """
    if leg["measure"] != "car":
        raise StudyError(f"A leg of {leg['measure']!r} is no study of CARs.")
    group = load_groups(leg["group"]).iloc[0]
    members = tuple(symbols or group["symbols"])
    name = members[0] if len(members) == 1 else str(leg["group"])
    market = benchmark or leg["benchmark"] or group["benchmark"]
    both = {name: members, market: _members(market)}
    if returns is None:
        returns = load_returns(sorted({one for held in both.values() for one in held}))
    signs = leg_signs(leg, verified=verified)
    if not signs:
        raise StudyError(f"No event of {leg['statement']!r} is verified.")
    events = load_events(members[0], event_ids=list(signs)).assign(symbol=name)
    kept = one_a_day(events, signs)
    return baskets(returns, both), kept.assign(sign=kept["event_id"].map(signs)), market


def read_leg(
    leg: pd.Series, *, smallest: float | None = None, **choices: Any
) -> Reading:
    """Read a claim's leg of prices by the rule, as the table of legs names it.

    Parameters
    ----------
    leg : Series
        A row of ``load_claim_legs`` whose measure is ``car``.
    smallest : float, optional
        Smallest effect that would matter; by default the table's, else the rule's.
    **choices
        As for :func:`study_leg`.

    Returns
    -------
    Reading

    Raises
    ------
    StudyError
        As :func:`study_leg` and :func:`helpers.inference.study_readings.read_study`.

    Examples
    --------
    >>> from helpers import load_claim_legs, read_leg
    >>> leg = load_claim_legs().loc[("nvidia-dip", "against the market")]
    >>> reading = read_leg(leg)
    >>> round(reading.change, 4), reading.word()
    (-0.0104, 'undecided')
    """
    study = study_leg(leg, **choices)
    first, last = study.windows.event
    if smallest is None and pd.notna(leg["smallest"]):
        smallest = float(leg["smallest"])
    by_event = leg_signs(leg, verified=choices.get("verified", True))
    members = choices.get("symbols") or _members(leg["group"])
    return study.reads(
        first,
        last,
        sign=SIGNS.get(leg["sign"], by_event),
        smallest=smallest,
        exclude=clear_of_news(members, last - first),
    )


def clear_of_news(symbols: Iterable[str], length: int) -> pd.DatetimeIndex:
    """Sessions of ledger events and results that no placebo window may hold.

    Windows of more than ten sessions cannot keep clear of them: none then.
    """
    if length > LONGEST_CLEAR:
        return pd.DatetimeIndex([])
    return pd.DatetimeIndex(event_mask(list(symbols))["date"].unique())


def one_a_day(events: pd.DataFrame, signs: Mapping[str, int]) -> pd.DataFrame:
    """Events of one series that share a day 0 as one, without days of both signs."""
    signed = events["event_id"].map(signs)
    torn = signed.groupby(events["day0"]).transform("nunique") > 1
    return events[~torn].drop_duplicates("day0")


def _members(name: str) -> tuple[str, ...]:
    """Symbols behind the name of a group or the symbol of an instrument."""
    if name in load_instruments().index:
        return (name,)
    return tuple(load_groups(name).iloc[0]["symbols"])
