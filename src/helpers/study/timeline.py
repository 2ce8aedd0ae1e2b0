"""The sessions of several markets in one order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.study.samples import Sample


@dataclass(frozen=True)
class Timeline:
    """The sessions of all samples of a study in one order.

    Attributes
    ----------
    dates : DatetimeIndex of length U
    places : list with one array a sample, its sessions as positions in `dates`
    """

    dates: pd.DatetimeIndex
    places: list[np.ndarray]

    @classmethod
    def of(cls, samples: Sequence[Sample]) -> Timeline:
        """The timeline of `samples`."""
        dates = samples[0].sessions
        if len(samples) == 1:
            return cls(dates, [np.arange(len(dates))])
        for sample in samples[1:]:
            dates = pd.DatetimeIndex(dates.union(sample.sessions))
        return cls(dates, [dates.get_indexer(sample.sessions) for sample in samples])
