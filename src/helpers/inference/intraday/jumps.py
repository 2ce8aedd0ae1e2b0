"""Single bars that stand out.

A bar stands out if its abnormal return, over what is usual at that time of day,
exceeds the largest of nearly all sessions without events. Searching all bars of a
session is thereby allowed for: in 5 of 100 quiet sessions one bar is called out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.errors import StudyError
from helpers.inference.intraday.result import IntradayStudy
from helpers.study.intraday.model import BARS, IntradayModel


@dataclass(frozen=True)
class JumpRule:
    """What the largest bar of a session comes to on clear sessions.

    Attributes
    ----------
    largest : ndarray, (P,)
        Largest absolute abnormal return over its scale, one for each session.
    threshold : float
        What only the stated share of them exceeds.
    """

    largest: np.ndarray
    threshold: float

    def p_value(self, size: float) -> float:
        """Share of clear sessions whose largest bar is at least as large."""
        return (1 + int((self.largest >= size).sum())) / (1 + len(self.largest))


def jump_rule(model: IntradayModel, *, level: float = 0.95) -> JumpRule:
    """Learn from the sessions that are not masked which bars stand out.

    Parameters
    ----------
    model : IntradayModel
    level : float
        Share of clear sessions in which no bar is to stand out.

    Examples
    --------
    >>> from helpers import IntradayModel, load_grid
    >>> model = IntradayModel(load_grid(["NVDA", "SPY"]), "NVDA", ["SPY"])
    >>> 5 < jump_rule(model).threshold < 10
    True
    """
    grid = model.grid
    full = grid.bars == grid.bars.max()
    scaled = np.abs(model.abnormal()[:, BARS] / model.scales[:, BARS])
    kept = ~model.masked & full & np.isfinite(scaled).all(axis=1)
    largest = scaled[kept].max(axis=1)
    if len(largest) < 1 / (1 - level):
        raise StudyError(f"{len(largest)} clear sessions are too few for {level}.")
    return JumpRule(largest, float(np.quantile(largest, level)))


def jumps(
    study: IntradayStudy, event_id: str, *, threshold: float | None = None
) -> pd.DataFrame:
    """Return the bars of an event's first session that stand out.

    Parameters
    ----------
    study : IntradayStudy
    event_id : str
    threshold : float, optional
        Size that a bar must exceed; by default that of :func:`jump_rule`.

    Returns
    -------
    DataFrame
        By start of the bar (UTC): ``relative_period``, ``abnormal`` (decimal),
        ``size`` (over its usual scale, with sign), ``p_value``.

    Examples
    --------
    >>> from helpers import IntradayModel, load_grid, load_ledger, study_events
    >>> model = IntradayModel(load_grid(["NVDA", "SPY"]), "NVDA", ["SPY"])
    >>> event = load_ledger().loc[["h200-export-decision"]].reset_index()
    >>> found = jumps(study_events(model, event), "h200-export-decision")
    >>> found["abnormal"].abs().idxmax()
    Timestamp('2025-12-08 17:55:00+0000', tz='UTC')
    """
    rule = jump_rule(study.model)
    event = study.number(event_id)
    origin = int(study.events["first"].iloc[event])
    timeline = study.timeline
    first = timeline.night_of_session(origin) + 1
    last = timeline.last_of_session(origin)
    where = study.stretch(event, first - origin, last - origin)
    abnormal = study.model.abnormal()[where.row, where.slots]
    size = abnormal / study.model.scales[where.row, where.slots]
    table = pd.DataFrame(
        {
            "relative_period": np.arange(first, last + 1) - origin,
            "abnormal": abnormal,
            "size": size,
            "p_value": [rule.p_value(abs(one)) for one in size],
        },
        index=pd.DatetimeIndex(timeline.starts[first : last + 1], name="start"),
    )
    table.index = table.index.tz_localize("UTC")
    least = rule.threshold if threshold is None else threshold
    return table[table["size"].abs() > least]
