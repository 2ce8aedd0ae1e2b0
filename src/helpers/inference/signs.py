"""Events with the sign that a claim expects of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.study.checks import check_events


def signed_events(events: pd.DataFrame) -> pd.DataFrame:
    """Events with their sign and a number, in an order of their own.

    Raises
    ------
    StudyError
        If the events are malformed or a sign is neither 1 nor -1.
    """
    out = check_events(events)
    if "sign" not in out.columns:
        out["sign"] = 1.0
    out = out.sort_values(["day0", "event_id", "symbol"], ignore_index=True)
    return out.assign(number=np.arange(len(out)))
