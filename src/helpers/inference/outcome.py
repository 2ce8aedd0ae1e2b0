"""What one test says: its row in a table of tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from helpers.errors import StudyError

# Fewer dates (or draws) than these say nothing of what chance does.
FEWEST_PLACEBO_DATES = 20


class Undefined(Exception):
    """A test has no value here; the message says why. Never shown as an error."""


@contextmanager
def or_study_error(what: str) -> Iterator[None]:
    """Turn a test without a value into an error that the user sees."""
    try:
        yield
    except Undefined as reason:
        raise StudyError(f"{what}: {reason}.") from None


@dataclass(frozen=True)
class Outcome:
    """Statistic, degrees of freedom (NaN where none), two-sided p, remark."""

    statistic: float
    df: float
    p_value: float
    note: str = ""


def normal_outcome(z: float, note: str = "") -> Outcome:
    """Two-sided outcome of a statistic that is standard normal."""
    from scipy.special import ndtr

    return Outcome(float(z), np.nan, float(2 * ndtr(-abs(z))), note)


def t_outcome(t: float, df: float, note: str = "") -> Outcome:
    """Two-sided outcome of a statistic with Student's t distribution."""
    from scipy.special import stdtr

    return Outcome(float(t), float(df), float(2 * stdtr(df, -abs(t))), note)


def counted_error(share: float, draws: int) -> float:
    """Standard error of a share that was counted in `draws` draws."""
    return float(np.sqrt(share * (1 - share) / draws))
