"""P-values of many tests, corrected for their number."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.errors import StudyError


def adjusted_p_values(p_values: pd.Series) -> pd.DataFrame:
    """Holm's and Benjamini-Hochberg's correction of a family of p-values.

    Parameters
    ----------
    p_values : Series
        NaN where a test is undefined; such a test is none of the family.

    Returns
    -------
    DataFrame
        Columns ``holm`` (chance of any false rejection) and ``bh`` (expected
        share of false ones among the rejections), on the index of `p_values`.

    Raises
    ------
    StudyError
        If a value is no probability, or none is defined.

    References
    ----------
    Benjamini, Y. and Hochberg, Y. (1995), Journal of the Royal Statistical Society B
    57; Holm, S. (1979), Scandinavian Journal of Statistics 6.

    Examples
    --------
    >>> import pandas as pd
    >>> found = adjusted_p_values(pd.Series({"rise": 0.01, "fall": 0.04}))
    >>> found["holm"].to_dict()
    {'rise': 0.02, 'fall': 0.04}
    """
    from scipy.stats import false_discovery_control

    values = p_values.to_numpy(dtype=float)
    known = ~np.isnan(values)
    if not known.any():
        raise StudyError("There is no p-value to correct: every test is undefined.")
    for at in np.flatnonzero((values < 0) | (values > 1))[:1]:
        raise StudyError(
            f"{values[at]} of {p_values.index[at]!r} is no p-value: it lies outside "
            "0 to 1."
        )
    corrected = np.full((len(values), 2), np.nan)
    corrected[known, 0] = _holm(values[known])
    corrected[known, 1] = false_discovery_control(values[known])
    return pd.DataFrame(corrected, index=p_values.index, columns=["holm", "bh"])


def _holm(p_values: np.ndarray) -> np.ndarray:
    # statsmodels has it too, and collects the garbage of the whole process each time:
    # a third of a second in a notebook.
    order = np.argsort(p_values, kind="stable")
    left = np.arange(len(p_values), 0, -1)
    stepped = np.maximum.accumulate(left * p_values[order])
    out = np.empty(len(p_values))
    out[order] = np.minimum(stepped, 1.0)
    return out
