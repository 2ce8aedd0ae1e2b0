"""Five-minute bars of the regular New York session.

A bar bears the instant at which it starts. A file holds every bar of every session
from its first to its last, early closes included; a bar that the source lacks is
recorded in the manifest and is never filled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.data.calendars import Day, parse_day
from helpers.data.collection_rules import file_of
from helpers.data.files import manifest_entry, read_manifest, read_verified
from helpers.data.instruments import instrument
from helpers.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

EXCHANGE = "XNYS"
BAR_MINUTES = 5
BARS_FOLDER = "intraday"
BARS_COLUMNS = ["start", "open", "close", "volume"]
# Prices are stored as decimals with this many places, all that the source gives.
PRICE_PLACES = 4


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
    content = read_verified(file)
    try:
        table = _read(content)
    except Exception as error:  # whatever pyarrow meets in a file that is none of ours
        said = f"{file} holds no five-minute bars ({type(error).__name__}: {error})."
        raise DataError(said) from error
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


def _read(content: bytes) -> pd.DataFrame:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = pq.read_table(pa.BufferReader(content))
    # Rounding undoes what the conversion from decimals does to last bits.
    table = pd.DataFrame(
        {
            name: columns[name].cast(pa.float64()).to_numpy().round(PRICE_PLACES)
            for name in BARS_COLUMNS[1:]
        },
        index=pd.DatetimeIndex(columns["start"].to_pandas(), name="start"),
    )
    return table.set_axis(table.index.as_unit("ns"))
