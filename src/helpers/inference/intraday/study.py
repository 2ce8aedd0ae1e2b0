"""The event study inside the day: one call, one result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from helpers.errors import StudyError
from helpers.inference.intraday.result import IntradayStudy
from helpers.study.intraday.grid import SLOTS, Grid, load_grid
from helpers.study.intraday.model import IntradayModel
from helpers.study.intraday.timeline import Timeline
from helpers.study.windows import Window, check_window

EVENT_COLUMNS = ["event_id", "earliest_at", "latest_at"]


def intraday_study(
    symbol: str,
    events: pd.DataFrame,
    *,
    benchmarks: Sequence[str] = ("SPY",),
    window: Window = (0, SLOTS - 1),
    estimation: Window = (-120, -11),
    masked: Iterable[pd.Timestamp] = (),
    min_sessions: int = 40,
    grid: Grid | None = None,
) -> IntradayStudy:
    """Measure abnormal returns inside the day around announcements.

    Parameters
    ----------
    symbol : str
        The share; it must have bars.
    events : DataFrame
        Columns event_id, earliest_at and latest_at: instants with a time zone
        between which the news came; the same where the minute is known. See
        ``load_ledger`` and :func:`session_events`.
    benchmarks : sequence of str
        Instruments with bars that explain the share: the market, the sector index,
        or both.
    window : (int, int)
        Event window in relative periods, inclusive.
    estimation : (int, int)
        Estimation window in sessions relative to the session of period 0.
    masked : iterable of dates
        Sessions that neither estimation nor placebos may use: other events.
    min_sessions : int
        Fewest estimation sessions.
    grid : Grid, optional
        Returns that hold share and benchmarks; by default from the bundled bars.

    Returns
    -------
    IntradayStudy

    Raises
    ------
    StudyError
        If events or windows are malformed. An event that cannot be studied is no
        error: it stands in ``.skipped`` with the reason.

    Examples
    --------
    >>> from helpers import intraday_study, load_ledger
    >>> event = load_ledger().loc[["nvda-results-fy26-q2"]].reset_index()
    >>> study = intraday_study("NVDA", event, window=(0, 5))
    >>> study.car(0, 5)["car"].round(4).tolist()
    [-0.0205]
    """
    if grid is None:
        grid = load_grid([symbol, *benchmarks])
    model = IntradayModel(
        grid,
        symbol,
        benchmarks,
        estimation=estimation,
        masked=masked,
        min_sessions=min_sessions,
    )
    return study_events(model, events, window=window)


def study_events(
    model: IntradayModel, events: pd.DataFrame, *, window: Window = (0, SLOTS - 1)
) -> IntradayStudy:
    """Measure announcements with a model that several studies share.

    Parameters
    ----------
    model : IntradayModel
        Its masked sessions are left out of the placebos as well.
    events, window
        As for :func:`intraday_study`.

    Returns
    -------
    IntradayStudy

    Raises
    ------
    StudyError
        As for :func:`intraday_study`.

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
        As :func:`intraday_study` takes it; the event_id is the ISO date.

    Examples
    --------
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
