"""Estimates with their errors as one table."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.errors import StudyError

CAR_COLUMNS = ["car", "se", "t", "df", "p_value", "ci_low", "ci_high"]


def with_interval(
    estimate: np.ndarray,
    error: np.ndarray,
    df: np.ndarray,
    level: float,
    index: pd.Index | None = None,
) -> pd.DataFrame:
    """Estimate, error, t, p and interval as a frame."""
    from scipy.special import stdtr, stdtrit

    if not 0 < level < 1:
        raise StudyError(f"level must lie between 0 and 1, not {level}.")
    t = estimate / error
    # The quantile is slow, and few degrees of freedom differ.
    known, which = np.unique(df, return_inverse=True)
    half = stdtrit(known, 0.5 + level / 2)[which] * error
    values = [estimate, error, t, df, 2 * stdtr(df, -np.abs(t)), estimate - half]
    frame = dict(zip(CAR_COLUMNS, [*values, estimate + half], strict=True))
    return pd.DataFrame(frame, index=index)
