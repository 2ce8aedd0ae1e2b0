"""Events with the sign that a claim expects of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.errors import StudyError
from helpers.study.checks import check_events


def signed_events(events: pd.DataFrame) -> pd.DataFrame:
    """Events with their sign and a number, in an order of their own.

    Raises
    ------
    StudyError
        If the events are malformed or a sign is neither 1 nor -1.
    """
    out = check_events(events)
    out["sign"] = 1.0
    if "sign" in events.columns:
        for name, sign in zip(out["event_id"], events["sign"], strict=True):
            if isinstance(sign, str) or sign not in (1, -1):
                raise StudyError(
                    f"Event {name!r} has the sign {sign!r}: it is 1 or -1. Leave out "
                    "an event without an expected sign."
                )
        out["sign"] = events["sign"].to_numpy(dtype=float)
    out = out.sort_values(["day0", "event_id", "symbol"], ignore_index=True)
    return out.assign(number=np.arange(len(out)))
