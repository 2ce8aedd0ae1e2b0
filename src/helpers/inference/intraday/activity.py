"""How much was traded beside which way prices moved."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.errors import StudyError
from helpers.inference.intraday.result import IntradayStudy


def volume_by_period(study: IntradayStudy, event_id: str) -> pd.Series:
    """Volume of each bar over the median of its clock time, for one event.

    Returns
    -------
    Series
        By relative period of the event window; NaN for the night.

    Examples
    --------
    >>> from helpers import intraday_study, load_ledger
    >>> event = load_ledger().loc[["nvda-results-fy26-q2"]].reset_index()
    >>> study = intraday_study("NVDA", event)
    >>> float(volume_by_period(study, "nvda-results-fy26-q2")[1]) > 1
    True
    """
    event = study.number(event_id)
    where = study.stretch(event, *study.window)
    volume = study.model.grid.volume[study.model.symbol]
    estimate = study.model.estimates[where.row]
    if estimate is None:
        raise StudyError(f"{event_id}: {study.model.reason(where.row)}.")
    usual = np.full(volume.shape[1], np.nan)
    usual[1:] = np.nanmedian(volume[estimate.rows, 1:], axis=0)
    values = volume[where.row + where.offsets, where.slots] / usual[where.slots]
    periods = pd.RangeIndex(study.window[0], study.window[1] + 1)
    return pd.Series(values, index=periods.rename("relative_period"))
