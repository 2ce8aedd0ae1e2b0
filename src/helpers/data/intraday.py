"""Five-minute bars of the regular New York session.

A bar bears the instant at which it starts. A file holds every bar of every session
from its first to its last, early closes included; a bar that the source lacks is
recorded in the manifest and is never filled.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from helpers.data.calendars import parse_day, session_hours
from helpers.data.collection_rules import file_of
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
    return file_of(symbol, BARS_FOLDER, "parquet")


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
    # The calendar date of an instant in UTC is its session's: New York's regular
    # session never crosses midnight UTC.
    first = None if start is None else parse_day(start).tz_localize("UTC")
    last = None
    if end is not None:
        last = parse_day(end).tz_localize("UTC") + pd.Timedelta(days=1, seconds=-1)
    kept = table.loc[first:last]
    if kept.empty:
        raise DataError(
            f"No bar of {symbol} from {start} to {end}: the bars are of "
            f"{table.index[0]:%Y-%m-%d} to {table.index[-1]:%Y-%m-%d}."
        )
    kept.attrs["missing"] = list(manifest_entry(file)["missing_bars"])
    return kept


def check_bars(symbol: str, content: bytes) -> tuple[pd.DataFrame, list[Fault]]:
    """Check one symbol's bars against the calendar and the manifest.

    Parameters
    ----------
    symbol : str
        Symbol of the instruments table.
    content : bytes
        The file's content, Parquet.

    Returns
    -------
    table : DataFrame
        As :func:`load_bars`; without rows if the content cannot be read.
    faults : list of Fault
        What is wrong with it.

    Raises
    ------
    DataError
        If the file is not listed in the manifest.
    """
    file = bars_path(symbol)
    entry = manifest_entry(file)
    table = _parse(content)
    faults = [Fault(file, said, field=field) for field, said in _problems(table, entry)]
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
    for day in compare_with_daily(table, closes)["far"] if not faults else ():
        if day not in recorded:
            said = f"the last bar of {day} is more than {FAR_BP} basis points from the "
            said += "daily close, and the manifest does not record it."
            faults.append(Fault(file, said))
    return table, faults


def _parse(content: bytes) -> pd.DataFrame:
    """Return the bars of a Parquet file, none if it cannot be read as such."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        columns = pq.read_table(pa.BufferReader(content))
        if columns.column_names != BARS_COLUMNS:
            raise ValueError("other columns")
        prices = {
            # Rounding undoes what the conversion from decimals does to last bits.
            name: columns[name].cast(pa.float64()).to_numpy().round(PRICE_PLACES)
            for name in ("open", "close")
        }
        volume = columns["volume"].cast(pa.float64()).to_numpy()
        starts = pd.DatetimeIndex(columns["start"].to_pandas(), name="start")
        starts = starts.tz_convert("UTC").as_unit("ns")
    # A damaged file makes the library raise whatever it meets.
    except Exception:
        index = pd.DatetimeIndex([], tz="UTC", name="start")
        return pd.DataFrame(columns=BARS_COLUMNS[1:], index=index, dtype=float)
    return pd.DataFrame({**prices, "volume": volume}, index=starts)


def _problems(
    table: pd.DataFrame, entry: Mapping[str, Any]
) -> Iterator[tuple[str | None, str]]:
    if table.empty:
        yield (
            None,
            f"cannot be read as Parquet with the columns {', '.join(BARS_COLUMNS)}, "
            "or has no rows.",
        )
        return
    found = {"rows": len(table), "first": table.index[0], "last": table.index[-1]}
    for field, value in found.items():
        said = value if field == "rows" else _iso(value)
        if entry.get(field) != said:
            yield None, f"{field} is {said} where the manifest says {entry.get(field)}."
    for field in BARS_COLUMNS[1:]:
        sound = table[field] > 0
        if field == "volume":
            sound = ~(table[field] < 0)
        if not sound.all():
            value, when = table[field][~sound].iloc[0], table.index[~sound][0]
            least = "zero or more" if field == "volume" else "above zero"
            yield field, f"{value:g} at {_iso(when)} is not {least}."
    starts = table.index
    if starts.has_duplicates or not starts.is_monotonic_increasing:
        yield "start", "bars are not in order, each once."
        return
    expected = _expected_starts(starts[0], starts[-1])
    stray = starts[~starts.isin(expected)]
    if len(stray):
        said = f"a bar at {_iso(stray[0])}, which no session of New York holds"
        yield "start", f"{said} ({len(stray)} such)."
    absent = {_iso(instant) for instant in expected[~expected.isin(starts)]}
    recorded = set(entry.get("missing_bars", []))
    for instant in sorted(absent - recorded):
        said = "is missing and not recorded in the manifest."
        yield "start", f"the bar at {instant} {said}"
    for instant in sorted(recorded - absent):
        said = "is recorded as missing in the manifest and is not."
        yield "start", f"the bar at {instant} {said}"


def _expected_starts(first: pd.Timestamp, last: pd.Timestamp) -> pd.DatetimeIndex:
    """Return the starts of all bars of the sessions from one instant to another."""
    import numpy as np
    import pandas as pd

    hours = session_hours(EXCHANGE)
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


def _iso(instant: pd.Timestamp) -> str:
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
