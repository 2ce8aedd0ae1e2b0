"""P-values of many tests, corrected for their number.

References
----------
Benjamini, Y. and Hochberg, Y. (1995), Journal of the Royal Statistical Society B
57.
Holm, S. (1979), Scandinavian Journal of Statistics 6.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.errors import StudyError


def adjusted(p_values: pd.Series) -> pd.DataFrame:
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
    """
    values = p_values.to_numpy(dtype=float)
    known = ~np.isnan(values)
    if not known.any():
        raise StudyError("There is no p-value to correct: every test is undefined.")
    wrong = p_values[known & ~((values >= 0) & (values <= 1))]
    if len(wrong):
        raise StudyError(
            f"{wrong.iloc[0]} of {wrong.index[0]!r} is no p-value: it lies outside "
            "0 to 1."
        )
    # statsmodels' multipletests collects garbage at each call, which takes longer
    # than most studies.
    order = np.flatnonzero(known)[np.argsort(values[known], kind="stable")]
    ranked, rank = values[order], np.arange(1, len(order) + 1)
    out = pd.DataFrame(np.nan, index=p_values.index, columns=["holm", "bh"])
    holm = np.maximum.accumulate(ranked * (len(order) + 1 - rank))
    bh = np.minimum.accumulate((ranked * len(order) / rank)[::-1])[::-1]
    out.iloc[order] = np.minimum(np.column_stack([holm, bh]), 1)
    return out
