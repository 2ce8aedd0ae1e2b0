"""The event study inside the day: one call, one result."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from helpers.errors import StudyError
from helpers.inference.intraday.result import IntradayStudy
from helpers.study.intraday.grid import SLOTS, Grid
from helpers.study.intraday.model import IntradayModel
from helpers.study.intraday.timeline import Timeline
from helpers.study.windows import Window, check_window

EVENT_COLUMNS = ["event_id", "earliest_at", "latest_at"]


def study_events(
    model: IntradayModel, events: pd.DataFrame, *, window: Window = (0, SLOTS - 1)
) -> IntradayStudy:
    """Measure abnormal returns inside the day around announcements.

    Parameters
    ----------
    model : IntradayModel
        Its masked sessions are left out of the placebos as well.
    events : DataFrame
        Columns event_id, earliest_at and latest_at: instants with a time zone
        between which the news came; the same where the minute is known. See
        ``load_ledger`` and :func:`session_events`.
    window : (int, int)
        Event window in relative periods, inclusive.

    Returns
    -------
    IntradayStudy

    Raises
    ------
    StudyError
        If events or window are malformed. An event that cannot be studied is no
        error: it stands in ``.skipped`` with the reason.

    Examples
    --------
    >>> from helpers import IntradayModel, load_grid, load_ledger
    >>> model = IntradayModel(load_grid(["NVDA", "SPY"]), "NVDA", ["SPY"])
    >>> event = load_ledger().loc[["alibaba-ai-chip-report"]].reset_index()
    >>> study_events(model, event).car(0, 0)["car"].round(4).tolist()
    [-0.0083]
    """
    checked = _check_events(events)
    window = check_window(window, "Event")
    if not window[0] <= 0 <= window[1]:
        raise StudyError(f"The event window {window} must hold period 0.")
    grid = model.grid
    timeline = Timeline(grid)
    kept, reasons = [], {}
    for event_id, earliest, latest in checked.itertuples(index=False):
        try:
            first = timeline.first_after(earliest)
            last = timeline.first_after(latest)
        except StudyError as error:
            reasons[event_id] = str(error).rstrip(".")
            continue
        row = int(timeline.rows[first])
        reason = model.reason(row)
        if not reason and not -first <= window[0] <= window[1] < len(timeline) - first:
            reason = "its event window reaches beyond the bars"
        if reason:
            reasons[event_id] = reason
        else:
            kept.append((event_id, model.symbol, grid.sessions[row], first, last))
    columns = ["event_id", "symbol", "session", "first", "last"]
    names = pd.Index(list(reasons), name="event_id")
    return IntradayStudy(
        model=model,
        events=pd.DataFrame(kept, columns=columns),
        skipped=pd.DataFrame({"reason": list(reasons.values())}, index=names),
        window=window,
    )


def session_events(sessions: Iterable[pd.Timestamp], grid: Grid) -> pd.DataFrame:
    """Make whole sessions events, period 0 the night before each.

    Parameters
    ----------
    sessions : iterable of dates
    grid : Grid

    Returns
    -------
    DataFrame
        As :func:`study_events` takes it; the event_id is the ISO date.

    Examples
    --------
    >>> from helpers import load_grid
    >>> days = [pd.Timestamp("2025-08-29")]
    >>> session_events(days, load_grid(["NVDA"]))["event_id"].tolist()
    ['2025-08-29']
    """
    dates = [pd.Timestamp(session) for session in sessions]
    rows = [grid.position(date) for date in dates]
    before = pd.DatetimeIndex(grid.opens[rows]).tz_localize("UTC") - pd.Timedelta(
        "1min"
    )
    names = [f"{date:%Y-%m-%d}" for date in dates]
    return pd.DataFrame({"event_id": names, "earliest_at": before, "latest_at": before})


def _check_events(events: pd.DataFrame) -> pd.DataFrame:
    lacking = [name for name in EVENT_COLUMNS if name not in events.columns]
    if lacking:
        raise StudyError(f"The events lack the column {lacking[0]!r}.")
    chosen = events[EVENT_COLUMNS]
    if chosen["event_id"].duplicated().any():
        twice = chosen.loc[chosen["event_id"].duplicated(), "event_id"].iloc[0]
        raise StudyError(f"Event {twice!r} is given twice: name each once.")
    for name in EVENT_COLUMNS[1:]:
        if not isinstance(chosen[name].dtype, pd.DatetimeTZDtype):
            raise StudyError(f"{name} must hold instants with a time zone.")
        if chosen[name].isna().any():
            raise StudyError(f"{name} is empty for some event.")
    wrong = chosen["earliest_at"] > chosen["latest_at"]
    if wrong.any():
        raise StudyError(
            f"Event {chosen.loc[wrong, 'event_id'].iloc[0]!r} has its latest instant "
            "before its earliest."
        )
    return chosen
