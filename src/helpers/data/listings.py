"""First days of trading of chip firms: offers, first closes and gains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.data.fact_rules import LISTINGS, event_dates
from helpers.data.files import data_dir

if TYPE_CHECKING:
    import pandas as pd


def load_listings() -> pd.DataFrame:
    """Return first days of trading, one firm a row.

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

    folder = data_dir()
    table = LISTINGS.frame(LISTINGS.read(folder))
    dates = pd.to_datetime(table["event_id"].map(event_dates(folder)))
    table.insert(table.columns.get_loc("mic"), "date", dates)
    table["gain"] = table["gain"].fillna(table["first_close"] / table["offer"] - 1)
    return table.set_index("event_id")
