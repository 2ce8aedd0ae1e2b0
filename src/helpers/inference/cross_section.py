"""Why some CARs are larger than others: a regression over events."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from helpers.errors import StudyError
from helpers.inference.groups import Groups
from helpers.study.intervals import with_interval

FEWEST_GROUPS = 10


def explained(
    cars: pd.Series, groups: Groups, characteristics: pd.DataFrame, level: float
) -> pd.DataFrame:
    """Regression of CARs on characteristics, errors clustered by date.

    Parameters
    ----------
    cars : Series by (event_id, symbol)
    groups : Groups
        Of dates, which are the sample.
    characteristics, level
        As for :meth:`EventStudy.explain`, which tells result and errors.
    """
    from statsmodels.regression.linear_model import OLS

    table = _by_event(characteristics, cars.index)
    names = [str(name) for name in table.columns]
    if groups.count < max(FEWEST_GROUPS, len(names) + 3):
        raise StudyError(
            f"{groups.count} groups of dates are too few to explain CARs by "
            f"{len(names)} characteristic(s): clustered errors need at least "
            f"{max(FEWEST_GROUPS, len(names) + 3)}."
        )
    x = np.column_stack([np.ones(len(cars)), table.to_numpy(dtype=float)])
    if np.linalg.matrix_rank(x / np.abs(x).max(axis=0)) < x.shape[1]:
        raise StudyError(
            f"{', '.join(names)} cannot be told apart over these events: one is "
            "constant or follows from the others."
        )
    found = OLS(cars.to_numpy(), x).fit(
        cov_type="cluster", cov_kwds={"groups": groups.of_event}
    )
    df = np.full(x.shape[1], groups.count - 1)
    out = with_interval(found.params, found.bse, df, level)
    out = out.rename(columns={"car": "estimate"}).set_axis(["const", *names])
    out.index.name = "characteristic"
    out.attrs = {
        "n_events": len(cars),
        "n_groups": groups.count,
        "r_squared": float(found.rsquared),
    }
    return out


def _by_event(characteristics: pd.DataFrame, index: pd.MultiIndex) -> pd.DataFrame:
    """One row an event, in the order of `index`."""
    if not isinstance(characteristics, pd.DataFrame) or characteristics.empty:
        raise StudyError(
            "Characteristics are a DataFrame by event_id, by symbol or by both, a "
            "column each."
        )
    for name, kind in characteristics.dtypes.items():
        if not is_numeric_dtype(kind):
            raise StudyError(
                f"The characteristic {name!r} is {kind}, not a number: use "
                "pandas.get_dummies for groups."
            )
    own = characteristics.index
    if not own.is_unique:
        raise StudyError(f"Characteristics have {own[own.duplicated()][0]!r} twice.")
    if own.nlevels == 2:
        keys = index
    else:
        keys = max(
            (index.get_level_values(level) for level in ("event_id", "symbol")),
            key=lambda names: int(names.isin(own).sum()),
        )
    table = characteristics.reindex(keys).set_axis(index)
    lacking = table.index[table.isna().any(axis=1)]
    if len(lacking):
        raise StudyError(
            f"Characteristics of {' '.join(map(str, lacking[0]))} are missing: add "
            "them, or leave the event out with .select."
        )
    return table
