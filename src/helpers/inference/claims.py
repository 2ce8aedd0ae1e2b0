"""A claim's leg of prices, studied from the table of legs alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from helpers.data.claims import leg_events, load_groups
from helpers.data.instruments import load_instruments
from helpers.data.ledger import load_ledger
from helpers.data.prices import load_returns
from helpers.errors import StudyError
from helpers.inference.event_study import EventStudy, event_study
from helpers.inference.readings import Reading, read_study
from helpers.study.events import event_mask, load_events
from helpers.study.windows import Window

SIGNS = {"+": 1, "-": -1}
# Beyond so many sessions no window keeps clear of all other news.
LONGEST_CLEAR = 10


def leg_signs(leg: pd.Series, *, verified: bool = True) -> dict[str, int]:
    """Return the events of a leg with the direction that the claim expects of each.

    Parameters
    ----------
    leg : Series
        A row of ``load_claim_legs``, of prices.
    verified : bool
        Leave out what is not verified.

    Returns
    -------
    dict of event_id to 1 or -1
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
    masked: bool = False,
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
    masked : bool
        Keep other events and results out of the estimation window.
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
    """
    if leg["measure"] != "car":
        raise StudyError(f"A leg of {leg['measure']!r} is no study of CARs.")
    group = load_groups(leg["group"]).iloc[0]
    members = symbols or group["symbols"]
    name = members[0] if len(members) == 1 else str(leg["group"])
    market = benchmark or leg["benchmark"] or group["benchmark"]
    table = group_returns({name: members, **_market(market)}, returns)
    signs = leg_signs(leg, verified=verified)
    if not signs:
        raise StudyError(f"No event of {leg['statement']!r} is verified.")
    events = load_events(members[0], event_ids=list(signs)).assign(symbol=name)
    events["sign"] = events["event_id"].map(signs)
    # The study is of the moves as they are; the reading turns them.
    events = one_a_day(events).drop(columns="sign")
    mask = None
    if masked:
        dates = event_mask(members)["date"].unique()
        mask = pd.DataFrame({"symbol": name, "date": dates})
    return event_study(
        table,
        events,
        benchmark=market,
        window=window or (int(leg["first"]), int(leg["last"])),
        mask=mask,
        **{"model": leg["model"], **choices},
    )


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
    """
    study = study_leg(leg, **choices)
    first, last = study.windows.event
    given = leg["smallest"] if smallest is None and leg["smallest"] > 0 else smallest
    return read_study(
        study,
        first,
        last,
        sign=leg_signs(leg, verified=choices.get("verified", True))
        if leg["sign"] not in SIGNS
        else SIGNS[leg["sign"]],
        smallest=given,
        exclude=clear_of_news(leg["group"], last - first),
    )


def clear_of_news(group: str, length: int) -> pd.DatetimeIndex:
    """Sessions of ledger events and results that no placebo window may hold.

    Windows of more than ten sessions cannot keep clear of them: none then.
    """
    if length > LONGEST_CLEAR:
        return pd.DatetimeIndex([])
    members = load_groups(group).iloc[0]["symbols"]
    return pd.DatetimeIndex(event_mask(members)["date"].unique())


def group_returns(
    groups: Mapping[str, tuple[str, ...]], returns: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Equal-weighted return of each group over the members that have one.

    Parameters
    ----------
    groups : mapping of name to symbols
    returns : DataFrame, optional
        Decimal returns of all symbols; by default loaded.

    Returns
    -------
    DataFrame
        One column a group; ``attrs["holes"]`` of single members stay.
    """
    wanted = list(
        dict.fromkeys(symbol for group in groups.values() for symbol in group)
    )
    table = load_returns(wanted) if returns is None else returns
    out = pd.DataFrame(
        {name: table[list(group)].mean(axis=1) for name, group in groups.items()}
    )
    holes = table.attrs.get("holes", {})
    out.attrs = dict(table.attrs) | {
        "holes": {
            name: holes.get(group[0], []) if len(group) == 1 else []
            for name, group in groups.items()
        }
    }
    out.attrs.pop("after_holes", None)
    return out


def one_a_day(events: pd.DataFrame) -> pd.DataFrame:
    """Events that share a day 0 as one; a day with both signs is left out.

    Parameters
    ----------
    events : DataFrame
        Columns event_id, symbol, day0 and sign.
    """
    torn = events.groupby(["symbol", "day0"])["sign"].transform("nunique") > 1
    return events[~torn].drop_duplicates(["symbol", "day0"])


def _market(benchmark: str) -> dict[str, tuple[str, ...]]:
    if benchmark in load_instruments().index:
        return {benchmark: (benchmark,)}
    return {benchmark: tuple(load_groups(benchmark).iloc[0]["symbols"])}
