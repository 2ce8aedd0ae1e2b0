"""A share that did not have the news, made of others: the synthetic control.

References
----------
Abadie, A., Diamond, A. and Hainmueller, J. (2010), Journal of the American
Statistical Association 105 (weights; placebos in space).
Abadie, A. (2021), Journal of Economic Literature 59 (placebos in time).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from helpers.errors import StudyError
from helpers.inference.outcome import FEWEST_PLACEBO_DATES
from helpers.study.frames import check_frame, check_returns

GAP = 11  # sessions before day 0 that are left out, as news may leak


@dataclass(frozen=True)
class Synthetic:
    """What a share did beyond a mix of others.

    Attributes
    ----------
    weights : Series
        Part of each donor in the mix; they are not negative and add up to one.
    path : Series
        Return of the share less that of the mix, added up from day 0, decimal, by
        relative session.
    error : float
        Standard deviation of that difference in one session before the news.
    space : DataFrame
        The same paths of each donor, by relative session, as if it had had the news.
    time : DataFrame
        The same paths of the share from earlier sessions.
    space_errors, time_errors : Series
        Their `error`.
    """

    weights: pd.Series
    path: pd.Series
    error: float
    space: pd.DataFrame
    time: pd.DataFrame
    space_errors: pd.Series
    time_errors: pd.Series

    def p_value(self, last: int, *, by: str = "time") -> float:
        """Chance of a path as far out at `last`, for its error, in placebos.

        Twice the share of those that lie at least as far on the side on which the path
        lies, itself counted: a share that used to gain on the mix is not judged by how
        far it used to gain. `by` is "time" or "space", where with n donors it cannot be
        smaller than 2 / (n + 1).
        """
        paths, errors = self.time, self.time_errors
        if by == "space":
            paths, errors = self.space, self.space_errors
        if paths.empty:
            raise StudyError("One donor alone leaves no placebo in space.")
        placebos = (paths.loc[last] / errors).to_numpy()
        own = self.path.loc[last] / self.error
        beyond = min((placebos >= own).sum(), (placebos <= own).sum())
        return float(min(1, 2 * (1 + beyond) / (1 + len(placebos))))


def synthetic_control(
    returns: pd.DataFrame,
    share: str,
    donors: Sequence[str],
    day0: Any,
    *,
    before: int = 250,
    after: int = 60,
) -> Synthetic:
    """Hold a share against the mix of donors that moved most like it before.

    Parameters
    ----------
    returns : (T, k) DataFrame
        Simple daily returns, decimal, by session of one exchange; rows in which the
        share or a donor has none are left out.
    share : str
    donors : sequence of str
        Shares that the news did not concern.
    day0 : date
        First session that could react.
    before : int
        Sessions on which the mix is fitted; they end 12 sessions before day 0.
    after : int
        Last relative session of the paths.

    Raises
    ------
    StudyError
        If the frame holds no returns of one exchange, a column is missing, day 0 is no
        session, or sessions are too few before or after it.

    Examples
    --------
    >>> from helpers import load_returns
    >>> names = ["NVDA", "AMD", "AVGO", "MU", "TXN"]
    >>> found = synthetic_control(load_returns(names), "NVDA", names[1:], "2025-01-27")
    >>> found.path.round(2).loc[0].item(), found.weights.idxmax()
    (-0.07, 'AMD')
    """
    check_frame(returns)
    columns = [share, *donors]
    missing = [name for name in columns if name not in returns]
    if missing or share in donors or not 0 < len(donors) == len(set(donors)):
        raise StudyError(
            f"synthetic_control: no column {', '.join(missing)}."
            if missing
            else "synthetic_control: give donors, each once, and not the share itself."
        )
    check_returns(returns, columns)
    table = returns[columns].dropna()
    try:
        at = int(table.index.get_loc(pd.Timestamp(day0)))
    except KeyError:
        raise StudyError(f"{day0} is no session of {share} and its donors.") from None
    needed = before + GAP
    if at < needed or at + after >= len(table):
        raise StudyError(
            f"{share} has {at} sessions before {day0} and {len(table) - at - 1} after: "
            f"{needed} and {after} are needed."
        )
    values = table.to_numpy()

    def fitted(
        one: int, others: list[int], start: int
    ) -> tuple[np.ndarray, float, np.ndarray]:
        window = values[start - needed : start - GAP]
        weights = _weights(window[:, one], window[:, others])
        left = values[:, one] - values[:, others] @ weights
        error = float(left[start - needed : start - GAP].std())
        return weights, error, left[start : start + after + 1].cumsum()

    everyone = list(range(1, len(columns)))
    weights, error, path = fitted(0, everyone, at)
    space = {
        columns[one]: fitted(one, [k for k in everyone if k != one], at)
        for one in everyone
        if len(everyone) > 1
    }
    # Earlier starts whose path is over before the news.
    starts = range(needed, at - after - GAP, 5)
    if len(starts) < FEWEST_PLACEBO_DATES:
        raise StudyError(
            f"{share} has {len(starts)} earlier stretches of {after} sessions before "
            f"{day0}: {FEWEST_PLACEBO_DATES} are needed."
        )
    time = {table.index[start]: fitted(0, everyone, start) for start in starts}
    days = pd.RangeIndex(after + 1, name="session")
    both = (space, time)
    paths = [pd.DataFrame({k: f[2] for k, f in p.items()}, days) for p in both]
    errors = [pd.Series({k: f[1] for k, f in p.items()}, dtype=float) for p in both]
    own = pd.Series(weights, list(donors)), pd.Series(path, days), error
    return Synthetic(*own, *paths, *errors)


def _weights(one: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Weights that are not negative, add up to one and fit best (least squares)."""
    from scipy.optimize import nnls

    # A row that weighs so much that the sum is one to the last digits.
    heavy = 1e4 * np.abs(others).max() * len(one) ** 0.5
    rows = np.vstack([others, np.full(others.shape[1], heavy)])
    found, _ = nnls(rows, np.append(one, heavy))
    return np.asarray(found / found.sum())
