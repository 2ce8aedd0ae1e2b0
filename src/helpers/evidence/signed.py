"""Events with an expected sign: does the market move the way a reading says?

The mean of sign x CAR is the mean CAR of a position that is long where the
reading expects a gain and short where it expects a loss. The short position is
the same series with its sign turned, so every test of the engine applies as it
stands, and the average needs no formula of its own.
"""

from __future__ import annotations

import pandas as pd

from helpers.errors import StudyError
from helpers.evidence.reactions import Reactions
from helpers.inference.event_study import EventStudy, event_study

SIGNS = {"+": 1, "-": -1}


def expected_signs(events: pd.DataFrame, column: str, *, leans: bool) -> pd.Series:
    """Expected sign of each event under one reading of the ledger.

    Parameters
    ----------
    events : DataFrame
        Rows of the ledger, see ``load_ledger``.
    column : str
        ``nvda_thesis``, ``cn_thesis`` or ``cn_conventional``.
    leans : bool
        Whether an event that the reading leaves open (``0`` or ``mixed``) takes
        the sign of its lean. Without, it has none.

    Returns
    -------
    Series
        1, -1 or 0 (no expectation) by event_id.
    """
    signs = events[f"sign_{column}"].map(SIGNS).fillna(0)
    if leans:
        lean = events[f"lean_{column}"].map(SIGNS).fillna(0)
        signs = signs.where(signs != 0, lean)
    return signs.astype(int)


def signed_events(base: Reactions, signs: pd.Series) -> pd.DataFrame:
    """The events that have a sign, one a session, placed long or short.

    Events of one session with opposite signs cancel out: the session is left out
    and ``attrs["conflicting"]`` names them.
    """
    given = signs[signs != 0]
    placed = base.placed[base.placed["event_id"].isin(given.index)].copy()
    placed["sign"] = placed["event_id"].map(given)
    torn = placed.groupby("day0")["sign"].transform("nunique") > 1
    kept = placed[~torn].drop_duplicates("day0")
    name = base.basket.name
    kept = kept.assign(symbol=kept["sign"].map({1: name, -1: f"{name}, short"}))
    kept.attrs["conflicting"] = placed.loc[torn, "event_id"].tolist()
    return kept


def signed_study(
    base: Reactions,
    signs: pd.Series,
    *,
    mask: bool | None = None,
    model: str | None = None,
    returns: pd.DataFrame | None = None,
) -> EventStudy:
    """The events as a position that is long or short by their expected sign.

    Parameters
    ----------
    base : Reactions
        The basket with all of its events, unsigned.
    signs : Series
        1, -1 or 0 by event_id, see :func:`expected_signs`.
    mask, model, returns
        Other choices than those of `base`.

    Returns
    -------
    EventStudy
        ``caar`` is the mean of sign x CAR.

    Raises
    ------
    StudyError
        If no event has a sign.
    """
    events = signed_events(base, signs)
    if events.empty:
        raise StudyError(f"No event has an expected sign for {base.basket.name}.")
    name, benchmark = base.basket.name, base.basket.benchmark
    short = f"{name}, short"
    # The market is turned as well: a model that takes it off as it is, without a
    # beta, would otherwise add to the position what it should subtract.
    turned = {name: short, benchmark: f"{benchmark}, short"}
    given = base.returns if returns is None else returns
    returns = given.assign(**{turned[each]: -given[each] for each in turned})
    holes = given.attrs.get("holes", {})
    returns.attrs["holes"] = {
        **holes,
        **{turned[each]: holes.get(each, []) for each in turned},
    }
    barred = None
    if base.mask if mask is None else mask:
        dates = base.masked_sessions["date"].unique()
        barred = pd.concat(
            pd.DataFrame({"symbol": symbol, "date": dates}) for symbol in (name, short)
        )
    return event_study(
        returns,
        events.drop(columns="sign"),
        benchmark={name: benchmark, short: turned[benchmark]},
        model=model or base.model,
        estimation=base.estimation,
        window=base.window,
        mask=barred,
    )
