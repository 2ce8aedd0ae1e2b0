"""Daily factors of Fama and French, in decimals."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Literal

from helpers.data.files import read_verified
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
        If the model is unknown or the file is not the one that the manifest lists.

    Examples
    --------
    >>> load_factors().loc["2025-01-27"].round(4).to_dict()
    {'mkt_rf': -0.0149, 'smb': -0.0067, 'hml': 0.025, 'rf': 0.0002}
    """
    import pandas as pd

    if model not in tuple(MODELS):
        raise DataError(f"model {model!r} is not one of {', '.join(MODELS)}.")
    table = pd.read_csv(io.BytesIO(read_verified(FACTORS_FILE)), index_col="date")
    table.index = pd.DatetimeIndex(table.index, name="session").as_unit("ns")
    columns = MODELS[model]
    return table[list(columns.values())].set_axis(list(columns), axis=1) / PERCENT
