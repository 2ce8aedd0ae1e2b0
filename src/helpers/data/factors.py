"""Daily factors of Fama and French, in decimals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from helpers.data.calendars import sessions
from helpers.data.faults import Fault, refuse
from helpers.data.files import data_dir, manifest_entry, read_verified
from helpers.data.schema import Finding, Row, Table, day, number
from helpers.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

FACTORS_FILE = "factors/fama_french_daily.csv"
PERCENT = 100.0

# Column of the result -> column of the file: size has its own portfolios in each
# model.
MODELS = {
    "ff3": {"mkt_rf": "mkt_rf", "smb": "smb_ff3", "hml": "hml", "rf": "rf"},
    "ff5": {
        "mkt_rf": "mkt_rf",
        "smb": "smb_ff5",
        "hml": "hml",
        "rmw": "rmw",
        "cma": "cma",
        "mom": "mom",
        "rf": "rf",
    },
}


def _check_sessions(rows: Sequence[Row], _: Path) -> Iterator[Finding]:
    """Check that there is a row for each of New York's sessions and for no other."""
    dates = [row.cells["date"] for row in rows]
    held = sessions("XNYS", min(dates), max(dates)).strftime("%Y-%m-%d")
    for i, row in enumerate(rows):
        wanted = held[i] if i < len(held) else "no more rows"
        if dates[i] != wanted:
            yield row, "date", f"{dates[i]!r} where {wanted} should be."
            return


FACTORS = Table(
    FACTORS_FILE,
    {
        "date": day(required=True),
        # The worst day of any factor since 1926 is about -19 per cent.
        **dict.fromkeys(
            ("mkt_rf", "smb_ff3", "smb_ff5", "hml", "rmw", "cma", "mom"),
            number(low=-25, high=25, required=True),
        ),
        "rf": number(low=0, high=25, required=True),
    },
    [],
    table_rules=_check_sessions,
)


def load_factors(model: Literal["ff3", "ff5"] = "ff3") -> pd.DataFrame:
    """Return daily factor returns of the US market.

    Parameters
    ----------
    model : {"ff3", "ff5"}, optional
        Three factors, or five and momentum.

    Returns
    -------
    DataFrame
        Index ``session`` (New York). Columns ``mkt_rf``, ``smb``, ``hml``, ``rf``
        or ``mkt_rf``, ``smb``, ``hml``, ``rmw``, ``cma``, ``mom``, ``rf``, in
        decimals per day (the file holds per cent).

    Raises
    ------
    DataError
        If the model is unknown or the file breaks a rule of the codebook.

    Examples
    --------
    >>> round(load_factors().loc["2025-01-27", "mkt_rf"], 4).item()
    -0.0178
    """
    if model not in MODELS:
        raise DataError(f"model {model!r} is not one of {', '.join(MODELS)}.")
    table = check_factors(read_verified(FACTORS_FILE))
    columns = MODELS[model]
    return table[list(columns.values())].set_axis(list(columns), axis=1) / PERCENT


def check_factors(content: bytes) -> pd.DataFrame:
    """Return the factor file's table, indexed by ``session``, per cent per day.

    Raises
    ------
    DataError
        If the content breaks a rule or is not what the manifest describes.
    """
    table = FACTORS.frame(FACTORS.check(content, data_dir()))
    listed = manifest_entry(FACTORS_FILE).get("rows")
    if listed != len(table):
        problem = f"rows is {len(table)} where the manifest says {listed}."
        refuse([Fault(FACTORS_FILE, problem)])
    return table.set_index("date").rename_axis("session")
