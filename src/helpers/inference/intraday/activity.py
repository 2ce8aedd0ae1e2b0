"""How much was traded and how far prices moved, beside which way they went.

Both are held against the same clock time of the estimation sessions, so that the
U-shape of volume and volatility over the day is taken out, and against the same
clock time of all clear sessions for a p-value. Only more than usual counts.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.errors import StudyError
from helpers.inference.intraday.placebo import Stretch
from helpers.inference.intraday.result import Bound, IntradayStudy
from helpers.inference.outcome import FEWEST_PLACEBO_DATES
from helpers.study.intraday.grid import NIGHT, later

ACTIVITY_COLUMNS = [
    "volume_ratio",
    "volume_p",
    "volatility",
    "volatility_ratio",
    "volatility_p",
    "n_sessions",
]


def activity(study: IntradayStudy, first: Bound, last: Bound) -> pd.DataFrame:
    """Return abnormal volume and realised volatility of each event's window.

    Parameters
    ----------
    study : IntradayStudy
    first, last : int or Series by event
        Window in relative periods; the night is left out, since nothing is traded
        in it here.

    Returns
    -------
    DataFrame
        Indexed by (event_id, symbol). ``volume_ratio``: volume over the median of
        the same clock time in the estimation sessions. ``volatility``: square root
        of the sum of squared five-minute returns, decimal; ``volatility_ratio``:
        over the median likewise. ``volume_p``, ``volatility_p``: share of clear
        sessions with a ratio at least as large. NaN where the window has no bar.

    Examples
    --------
    >>> from helpers import intraday_study, load_ledger
    >>> event = load_ledger().loc[["nvda-results-fy26-q2"]].reset_index()
    >>> found = activity(intraday_study("NVDA", event), 1, 78)
    >>> found["volume_ratio"].round(1).tolist()
    [1.3]
    """
    grid = study.model.grid
    symbol = study.model.symbol
    squared = grid.returns[symbol] ** 2
    rows = []
    for event, bounds in enumerate(study.bounds(first, last)):
        where = study.stretch(event, *bounds)
        kept = where.slots != NIGHT
        where = Stretch(where.row, where.offsets[kept], where.slots[kept])
        if not kept.any():
            rows.append([np.nan] * 5 + [0])
            continue
        traded, volume_p, _ = _against_usual(study, where, grid.volume[symbol])
        moved, volatility_p, count = _against_usual(study, where, squared)
        size = np.sqrt(_sums(where, squared)[where.row])
        rows.append([traded, volume_p, size, np.sqrt(moved), volatility_p, count])
    return pd.DataFrame(rows, index=study.index, columns=ACTIVITY_COLUMNS)


def _against_usual(
    study: IntradayStudy, where: Stretch, values: np.ndarray
) -> tuple[float, float, int]:
    """Ratio to the median of the estimation sessions, p-value, placebo sessions."""
    model = study.model
    sums = _sums(where, values)
    first, last = model.estimation
    usable = pd.Series(np.where(model.whole & ~model.masked, sums, np.nan))
    usual = usable.rolling(last - first + 1, min_periods=model.min_sessions).median()
    ratios = sums / usual.shift(-last).to_numpy()
    own = float(ratios[where.row])
    if not np.isfinite(own):
        session = model.grid.sessions[where.row]
        raise StudyError(
            f"{model.symbol} has no volume on {session:%Y-%m-%d}, or usually none."
        )
    reference = ratios[study.others(where)]
    reference = reference[np.isfinite(reference)]
    if len(reference) < FEWEST_PLACEBO_DATES:
        return own, np.nan, len(reference)
    share = (1 + int((reference >= own).sum())) / (1 + len(reference))
    return own, share, len(reference)


def _sums(where: Stretch, values: np.ndarray) -> np.ndarray:
    """Sum of the stretch around every session, (S,), NaN where it has a hole."""
    shifted = {
        int(offset): later(values, int(offset)) for offset in np.unique(where.offsets)
    }
    return where.take(shifted.__getitem__).sum(axis=1)


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
