"""Reading the small tables that people keep by hand."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from helpers.data.faults import Fault, FaultyDataError, refuse

if TYPE_CHECKING:
    import pandas as pd


def read_text_table(content: bytes, file: str, columns: Sequence[str]) -> pd.DataFrame:
    """Read a CSV file whose every value is kept as text.

    Parameters
    ----------
    content : bytes
        The file's content, UTF-8.
    file : str
        Its name, for messages.
    columns : sequence of str
        The columns it must have, in order.

    Returns
    -------
    DataFrame
        One row per line after the header; empty values are empty strings.

    Raises
    ------
    FaultyDataError
        If it is no CSV or its columns are not those asked for.
    """
    import pandas as pd

    try:
        table = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)
    except ValueError as error:
        raise FaultyDataError(
            [Fault(file, f"cannot be read as CSV ({error}).")]
        ) from error
    if list(table.columns) != list(columns):
        refuse([Fault(file, f"columns must be {', '.join(columns)}.", row=1)])
    return table


def iso_dates(values: pd.Series) -> pd.Series:
    """Return dates written YYYY-MM-DD as timestamps, NaT where they are not."""
    import pandas as pd

    dates = pd.to_datetime(values, format="%Y-%m-%d", errors="coerce")
    return dates.dt.as_unit("ns")


def empty_cells(table: pd.DataFrame, file: str, fields: Sequence[str]) -> list[Fault]:
    """Return a fault for each empty cell in ``fields``."""
    return [
        Fault(file, "is empty.", row=position + 2, field=field)
        for field in fields
        for position, value in enumerate(table[field])
        if not value.strip()
    ]


def repeated_rows(
    table: pd.DataFrame, file: str, keys: Sequence[str], field: str
) -> list[Fault]:
    """Return a fault for each row whose ``keys`` have occurred before."""
    twice = table.duplicated(list(keys)).to_numpy().nonzero()[0]
    return [
        Fault(
            file, f"the same {' and '.join(keys)} again.", row=position + 2, field=field
        )
        for position in twice.tolist()
    ]
