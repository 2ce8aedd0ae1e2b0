"""First sessions that were written down by hand, independent of the code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from helpers.data.calendars import calendar_code
from helpers.data.files import data_dir as default_data_dir
from helpers.data.ledger import load_ledger
from helpers.data.rows import check_unique, read_date, read_rows
from helpers.errors import CalendarError

if TYPE_CHECKING:
    import pandas as pd

HAND_FILE = "event_sessions.csv"
HAND_COLUMNS = (
    "event_id",
    "exchange",
    "hand",
    "hand_alternative",
    "hand_note",
    "code",
    "verdict",
    "why",
)
_DATES = ("hand", "hand_alternative", "code")


def load_hand_sessions(data_dir: Path | str | None = None) -> pd.DataFrame:
    """Return the first sessions that were noted when the events were collected.

    Parameters
    ----------
    data_dir : path, optional
        Folder with ``event_sessions.csv`` and the ledger; default the bundled data.

    Returns
    -------
    DataFrame
        One row for each event and exchange: ``event_id``, ``exchange``, ``hand``,
        ``hand_alternative`` and ``code`` (Timestamps; NaT where there is none),
        ``hand_note``, ``verdict`` (``code``, ``open`` or empty) and ``why``.

    Raises
    ------
    DataError
        If the table breaks a rule of the codebook; the message names file, row
        and field.
    """
    import pandas as pd

    folder = default_data_dir() if data_dir is None else Path(data_dir)
    known = load_ledger(folder).index
    rows = read_rows(folder, HAND_FILE, HAND_COLUMNS)
    check_unique(rows, ("event_id", "exchange"))
    for row in rows:
        if row["event_id"] not in known:
            raise row.fail(
                "event_id", f"{row['event_id']!r} is no event of the ledger."
            )
        try:
            calendar_code(row["exchange"])
        except CalendarError as error:
            raise row.fail("exchange", str(error)) from error
        row.filled("hand")
        for field in _DATES:
            if row[field]:
                read_date(row, field, row[field])
        row.one_of("verdict", ("code", "open") if row["code"] else ("",))
        if row["code"]:
            row.filled("why")
    table = pd.DataFrame([row.values for row in rows], columns=list(HAND_COLUMNS))
    for field in _DATES:
        dates = pd.to_datetime(table[field], format="%Y-%m-%d", errors="coerce")
        table[field] = dates.dt.as_unit("ns")
    return table
