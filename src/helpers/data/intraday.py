"""Five-minute bars of the regular New York session.

A bar bears the instant at which it starts. A file holds every bar of every session
from its first to its last, early closes included; a bar that the source lacks is
recorded in the manifest and is never filled.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from helpers.data.calendars import parse_day, session_hours
from helpers.data.faults import Fault, refuse
from helpers.data.files import manifest_entry, read_manifest, read_verified
from helpers.data.instruments import instrument
from helpers.data.prices import load_prices
from helpers.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

EXCHANGE = "XNYS"
BAR_MINUTES = 5
BARS_FOLDER = "intraday"
BARS_COLUMNS = ["start", "open", "close", "volume"]
# Prices are stored as decimals with this many places, all that the source gives.
PRICE_PLACES = 4
# The last bar ends with the session, before the closing auction is printed.
FAR_BP = 50

Day = str | dt.date


def bars_path(symbol: str) -> str:
    """Return the path of a symbol's bars below the data folder."""
    return f"{BARS_FOLDER}/{symbol.replace('^', '_')}.parquet"


def bar_symbols() -> list[str]:
    """Return the symbols that have bars, sorted."""
    entries = read_manifest()["files"]
    return sorted(
        entry["symbol"]
        for name, entry in entries.items()
        if name.startswith(f"{BARS_FOLDER}/")
    )


def load_bars(
    symbol: str, start: Day | None = None, end: Day | None = None
) -> pd.DataFrame:
    """Return one instrument's five-minute bars.

    Parameters
    ----------
    symbol : str
        Symbol of the instruments table.
    start, end : str, date or Timestamp, optional
        First and last session of the result, inclusive.

    Returns
    -------
    DataFrame
        Index ``start``: instant at which the bar starts, UTC. Columns ``open``
        and ``close`` (US dollars or index points, adjusted for splits and not for
        dividends) and ``volume`` (shares; NaN for an index, which has none).
        ``attrs["missing"]`` lists the bars that the source lacks.

    Raises
    ------
    DataError
        If the symbol is unknown or has no bars, no bar is left, or the file
        breaks a rule of the codebook.
    CalendarError
        If ``start`` or ``end`` is not a date.

    Examples
    --------
    >>> bars = load_bars("NVDA", "2025-08-29", "2025-08-29")
    >>> len(bars), float(bars["close"].iloc[-1])
    (78, 174.16)
    """
    import pandas as pd

    instrument(symbol)
    file = bars_path(symbol)
    known = bar_symbols()
    if symbol not in known:
        raise DataError(
            f"There are no five-minute bars of {symbol}: they are of "
            f"{', '.join(known) or 'no symbol'}."
        )
    table, faults = check_bars(symbol, read_verified(file))
    refuse(faults)
    if start is not None or end is not None:
        # The calendar date of an instant in UTC is its session's: New York's
        # regular session never crosses midnight UTC.
        first = None if start is None else parse_day(start).tz_localize("UTC")
        last = None
        if end is not None:
            last = parse_day(end).tz_localize("UTC") + pd.Timedelta(days=1)
        kept = table.loc[first:last]
        if kept.empty:
            raise DataError(
                f"No bar of {symbol} from {start} to {end}: the bars are of "
                f"{table.index[0]:%Y-%m-%d} to {table.index[-1]:%Y-%m-%d}."
            )
        table = kept
    entry = manifest_entry(file)
    table.attrs["missing"] = list(entry["missing_bars"])
    return table


def check_bars(symbol: str, content: bytes) -> tuple[pd.DataFrame, list[Fault]]:
    """Check one symbol's bars against the rules and the manifest.

    Parameters
    ----------
    symbol : str
        Symbol of the instruments table.
    content : bytes
        The file's content.

    Returns
    -------
    table : DataFrame
        As :func:`load_bars`.
    faults : list of Fault
        What is wrong with it.

    Raises
    ------
    DataError
        If the file is not listed in the manifest.
    """
    file = bars_path(symbol)
    entry = manifest_entry(file)
    table, faults = read_bars(
        content, file, session_hours(EXCHANGE), entry.get("missing_bars", [])
    )
    if not table.empty:
        faults += [
            Fault(file, f"{field} is {value} where the manifest says {listed}.")
            for field, value in describe(table).items()
            if (listed := entry.get(field)) != value
        ]
    return table, faults


def verify_bars(symbol: str, content: bytes) -> tuple[pd.DataFrame, list[Fault]]:
    """Check one symbol's bars, and its last bars against the daily closes.

    Parameters, returns and errors are those of :func:`check_bars`.
    """
    file = bars_path(symbol)
    table, faults = check_bars(symbol, content)
    try:
        closes = load_prices(symbol, "close")[symbol]
    except DataError:
        # The daily prices are at fault, which is reported with their own file.
        return table, faults
    recorded = manifest_entry(file)["last_bar_against_daily_close"]["far"]
    faults += [
        Fault(
            file,
            f"the last bar of {day} is more than {FAR_BP} basis points from "
            "the daily close, and the manifest does not record it.",
        )
        for day in compare_with_daily(table, closes)["far"]
        if day not in recorded
    ]
    return table, faults


def read_bars(
    content: bytes, file: str, hours: pd.DataFrame, missing: Sequence[str]
) -> tuple[pd.DataFrame, list[Fault]]:
    """Read a file of bars and check it against the calendar.

    Parameters
    ----------
    content : bytes
        The file's content, Parquet.
    file : str
        Its path below the data folder, for messages.
    hours : DataFrame
        As ``session_hours`` of New York.
    missing : sequence of str
        Starts of the bars that the source is known to lack.

    Returns
    -------
    table : DataFrame
        As :func:`load_bars`; without rows if the content cannot be read.
    faults : list of Fault
        What is wrong.
    """
    table = _parse(content)
    if table is None:
        columns = ", ".join(BARS_COLUMNS)
        problem = f"cannot be read as Parquet with the columns {columns}."
        return _nothing(), [Fault(file, problem)]
    if table.empty:
        return table, [Fault(file, "has no rows.")]
    faults = _check_values(table, file)
    order = table.index
    if order.has_duplicates or not order.is_monotonic_increasing:
        faults.append(Fault(file, "bars are not in order, each once.", field="start"))
        return table, faults
    return table, faults + _check_calendar(order, file, hours, missing)


def _parse(content: bytes) -> pd.DataFrame | None:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        columns = pq.read_table(pa.BufferReader(content))
        if columns.column_names != BARS_COLUMNS:
            return None
        prices = {
            # Rounding undoes what the conversion from decimals does to last bits.
            name: columns[name].cast(pa.float64()).to_numpy().round(PRICE_PLACES)
            for name in ("open", "close")
        }
        starts = pd.DatetimeIndex(columns["start"].to_pandas(), name="start")
        volume = columns["volume"].cast(pa.float64()).to_numpy()
    except (pa.ArrowException, ValueError):
        return None
    return pd.DataFrame({**prices, "volume": volume}, index=starts.as_unit("ns"))


def _nothing() -> pd.DataFrame:
    import pandas as pd

    index = pd.DatetimeIndex([], tz="UTC", name="start")
    return pd.DataFrame(columns=BARS_COLUMNS[1:], index=index, dtype=float)


def _check_values(table: pd.DataFrame, file: str) -> list[Fault]:
    wrong = {
        "open": ~(table["open"] > 0),
        "close": ~(table["close"] > 0),
        "volume": table["volume"] < 0,
    }
    return [
        Fault(
            file,
            f"{table[field][bad].iloc[0]:g} at {iso(table.index[bad][0])} is not "
            f"{'zero or more' if field == 'volume' else 'above zero'}.",
            field=field,
        )
        for field, bad in wrong.items()
        if bad.any()
    ]


def _check_calendar(
    starts: pd.DatetimeIndex,
    file: str,
    hours: pd.DataFrame,
    missing: Sequence[str],
) -> list[Fault]:
    expected = expected_starts(hours, starts[0], starts[-1])
    absent = expected[~expected.isin(starts)]
    stray = starts[~starts.isin(expected)]
    faults = []
    if len(stray):
        problem = f"a bar at {iso(stray[0])}, which no session of New York holds"
        faults.append(Fault(file, f"{problem} ({len(stray)} such).", field="start"))
    found = [iso(instant) for instant in absent]
    for instant in sorted(set(found) ^ set(missing)):
        problem = (
            "is missing and not recorded in the manifest."
            if instant in found
            else "is recorded as missing in the manifest and is not."
        )
        faults.append(Fault(file, f"the bar at {instant} {problem}", field="start"))
    return faults


def expected_starts(
    hours: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp
) -> pd.DatetimeIndex:
    """Return the starts of all bars of the sessions from one instant to another.

    Parameters
    ----------
    hours : DataFrame
        As ``session_hours``.
    first, last : Timestamp
        Instants inside the first and the last session (UTC).

    Returns
    -------
    DatetimeIndex
        UTC; 78 a session of six and a half hours, 42 where it ends at 13:00.
    """
    import numpy as np
    import pandas as pd

    held = hours[(hours["close"] > first) & (hours["open"] <= last)]
    opens, closes = (
        held[edge].dt.tz_localize(None).to_numpy() for edge in ("open", "close")
    )
    step = np.timedelta64(BAR_MINUTES, "m")
    counts = (closes - opens) // step
    ends = counts.cumsum()
    within = np.arange(counts.sum()) - np.repeat(ends - counts, counts)
    values = np.repeat(opens, counts) + within * step
    return pd.DatetimeIndex(values).as_unit("ns").tz_localize("UTC")


def describe(table: pd.DataFrame) -> dict[str, Any]:
    """Return what the manifest says of a file of bars: rows, first and last."""
    return {
        "rows": len(table),
        "first": iso(table.index[0]),
        "last": iso(table.index[-1]),
    }


def iso(instant: pd.Timestamp) -> str:
    """Return an instant as it is written in the manifest."""
    return f"{instant.tz_convert('UTC'):%Y-%m-%dT%H:%MZ}"


def closing_prices(bars: pd.DataFrame) -> pd.Series:
    """Return the close of each session's last bar, by session.

    Parameters
    ----------
    bars : DataFrame
        As :func:`load_bars`.

    Returns
    -------
    Series
        Index ``session`` without time zone.
    """
    import pandas as pd

    dates = pd.DatetimeIndex(bars.index.tz_localize(None).normalize(), name="session")
    return bars["close"].groupby(dates).last()


def compare_with_daily(bars: pd.DataFrame, closes: pd.Series) -> Mapping[str, Any]:
    """Compare the last bar of each session with the daily close.

    Parameters
    ----------
    bars : DataFrame
        As :func:`load_bars`.
    closes : Series
        Daily closes adjusted for splits only, by session; NaN where unknown.

    Returns
    -------
    dict
        ``sessions`` compared; ``median_bp`` and ``largest_bp`` of the absolute
        difference in basis points; ``far``, the dates on which it exceeds 50.
    """
    last = closing_prices(bars)
    difference = (last / closes.reindex(last.index) - 1).abs().dropna() * 1e4
    return {
        "sessions": len(difference),
        "median_bp": round(float(difference.median()), 2),
        "largest_bp": round(float(difference.max()), 2),
        "far": [f"{day:%Y-%m-%d}" for day in difference.index[difference > FAR_BP]],
    }
