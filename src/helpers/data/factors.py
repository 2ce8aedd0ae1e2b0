"""Daily factors of Fama and French, in decimals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from helpers.data.calendars import sessions
from helpers.data.faults import Fault, FaultyDataError, refuse
from helpers.data.files import manifest_entry, read_verified
from helpers.data.text_tables import iso_dates, read_text_table
from helpers.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

FACTORS_FILE = "factors/fama_french_daily.csv"
FACTORS_COLUMNS = [
    "date",
    "mkt_rf",
    "smb_ff3",
    "smb_ff5",
    "hml",
    "rmw",
    "cma",
    "mom",
    "rf",
]
# The worst day of any factor since 1926 is about -19 per cent.
LARGEST_PERCENT = 25.0
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
    >>> load_factors().loc["2025-01-27"].round(4).to_dict()
    {'mkt_rf': -0.0149, 'smb': -0.0067, 'hml': 0.025, 'rf': 0.0002}
    """
    if model not in MODELS:
        raise DataError(f"model {model!r} is not one of {', '.join(MODELS)}.")
    table, faults = check_factors(read_verified(FACTORS_FILE))
    refuse(faults)
    columns = MODELS[model]
    return table[list(columns.values())].set_axis(list(columns), axis=1) / PERCENT


def check_factors(content: bytes) -> tuple[pd.DataFrame, list[Fault]]:
    """Check the factor file against the rules and the manifest.

    Parameters
    ----------
    content : bytes
        The file's content.

    Returns
    -------
    table : DataFrame
        Indexed by ``session``; the file's columns, per cent per day.
    faults : list of Fault
        What is wrong with it.
    """
    table, faults = read_factors(content, sessions("XNYS"))
    entry = manifest_entry(FACTORS_FILE)
    if not faults and entry.get("rows") != len(table):
        problem = f"rows is {len(table)} where the manifest says {entry.get('rows')}."
        faults.append(Fault(FACTORS_FILE, problem))
    return table, faults


def read_factors(
    content: bytes, trading_days: pd.DatetimeIndex
) -> tuple[pd.DataFrame, list[Fault]]:
    """Read the factor file and check it against New York's sessions.

    Parameters
    ----------
    content : bytes
        The file's content.
    trading_days : DatetimeIndex
        All sessions of New York.

    Returns
    -------
    table : DataFrame
        As :func:`check_factors`.
    faults : list of Fault
        What is wrong with it.
    """
    import pandas as pd

    def fault(problem: str, row: int | None, field: str | None) -> Fault:
        return Fault(FACTORS_FILE, problem, row=row, field=field)

    try:
        text = read_text_table(content, FACTORS_FILE, FACTORS_COLUMNS)
    except FaultyDataError as error:
        return pd.DataFrame(columns=FACTORS_COLUMNS[1:]), list(error.faults)
    if text.empty:
        return text, [fault("has no rows.", 1, None)]
    table = text.drop(columns="date").apply(pd.to_numeric, errors="coerce")
    table.index = pd.DatetimeIndex(iso_dates(text["date"]), name="session")
    faults = []
    for column in table:
        for i in (~(table[column].abs() <= LARGEST_PERCENT)).to_numpy().nonzero()[0]:
            problem = f"{text[column].iloc[i]!r} is not a per cent per day."
            faults.append(fault(problem, int(i) + 2, str(column)))
    for i in table["rf"].lt(0).to_numpy().nonzero()[0]:
        faults.append(fault("the risk-free rate is negative.", int(i) + 2, "rf"))
    expected = trading_days[
        trading_days.slice_indexer(table.index.min(), table.index.max())
    ]
    if table.index.equals(expected):
        return table, faults
    for i, day in enumerate(table.index):
        if i >= len(expected) or day != expected[i]:
            wanted = f"{expected[i]:%Y-%m-%d}" if i < len(expected) else "no more rows"
            problem = f"{text['date'].iloc[i]!r} where {wanted} should be."
            return table, [*faults, fault(problem, i + 2, "date")]
    return table, [*faults, fault("sessions are missing at the end.", None, "date")]
