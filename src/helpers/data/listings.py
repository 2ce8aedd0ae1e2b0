"""First days of trading of chip firms: offers, first closes and gains.

People edit ``listings.csv`` by hand, so every rule of the codebook is checked on
each load.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.data.fact_rules import Library, read_library, read_number, read_positive
from helpers.data.files import data_dir as default_data_dir
from helpers.data.rows import Row, check_unique, read_rows

if TYPE_CHECKING:
    import pandas as pd

LISTINGS_FILE = "listings.csv"
LISTINGS_COLUMNS = (
    "event_id",
    "firm",
    "mic",
    "currency",
    "offer",
    "first_close",
    "gain",
    "verification",
    "sources",
    "note",
)
CURRENCIES = {"XSHG": "CNY", "XSHE": "CNY", "XHKG": "HKD"}


def load_listings(data_dir: Path | str | None = None) -> pd.DataFrame:
    """Return first days of trading, one firm a row.

    Parameters
    ----------
    data_dir : path, optional
        Folder with ``listings.csv``, ``fact_sources.csv`` and ``events.csv``;
        default the bundled data.

    Returns
    -------
    DataFrame
        Indexed by ``event_id``: ``firm``, ``date`` (Timestamp, of the exchange),
        ``mic``, ``currency``, ``offer`` and ``first_close`` (in the currency, NaN:
        not read), ``gain`` (first close over offer less one, decimal; where no
        close was read as reported; NaN: unknown), ``verification``, ``sources``
        (tuple), ``note``.

    Raises
    ------
    DataError
        If the table breaks a rule of the codebook; the message names file, row
        and field.

    Examples
    --------
    >>> load_listings()["firm"].tolist()
    ['Moore Threads', 'MetaX', 'Biren']
    """
    import pandas as pd

    folder = default_data_dir() if data_dir is None else Path(data_dir)
    library = read_library(folder)
    rows = read_rows(folder, LISTINGS_FILE, LISTINGS_COLUMNS)
    check_unique(rows, ("event_id",))
    columns = list(LISTINGS_COLUMNS)
    columns.insert(columns.index("mic"), "date")
    records = [_listing(row, library) for row in rows]
    return pd.DataFrame(records, columns=columns).set_index("event_id")


def _listing(row: Row, library: Library) -> dict[str, Any]:
    import pandas as pd

    event = row["event_id"]
    if event not in library.event_dates:
        raise row.fail("event_id", f"{event!r} is not an event of events.csv.")
    row.filled("firm")
    mic = row.one_of("mic", tuple(CURRENCIES))
    if row["currency"] != CURRENCIES[mic]:
        raise row.fail(
            "currency", f"is {row['currency']}: {mic} has {CURRENCIES[mic]}."
        )
    offer, close = read_positive(row, "offer"), read_positive(row, "first_close")
    gain = read_number(row, "gain", low=-1)
    if not math.isnan(offer) and not math.isnan(close):
        if not math.isnan(gain):
            raise row.fail("gain", "follows from offer and close; leave it empty.")
        gain = close / offer - 1
    return {
        **row.values,
        "date": pd.Timestamp(library.event_dates[event]),
        "offer": offer,
        "first_close": close,
        "gain": gain,
        "sources": library.check(row),
    }
