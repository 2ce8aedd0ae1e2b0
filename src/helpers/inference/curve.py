"""What a specification curve found: every choice, and what chance alone gives.

References
----------
Simonsohn, U., Simmons, J. P. and Nelson, L. D. (2020), Specification curve
analysis, Nature Human Behaviour 4, 1208-1214.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

BAND = (0.025, 0.975)
SIZE = 0.05
# A tail that is nothing to the machine would be an infinite score.
SMALLEST = 1e-300
UNDEFINED = "undefined: one group of dates, so the mean has no error of its own"


@dataclass(frozen=True)
class SpecificationCurve:
    """Result of :func:`helpers.specification_curve`, S specifications.

    Attributes
    ----------
    table : DataFrame
        One row a specification: the choices by their names, ``estimate`` (mean
        of sign x CAR, decimal), ``se``, ``ci_low``, ``ci_high``, ``t``, ``df``,
        ``p_value`` (two-sided), ``placebo_p`` (the same by the placebo draws),
        ``n_events``, ``n_dates`` and ``primary``. One event has the exact error
        of its CAR; the mean of several has one clustered by date, and none
        (NaN) where all events are one group of dates.
    skipped : DataFrame
        Columns of the choices, ``event_id``, ``symbol`` and ``reason``: events
        that a specification could not study, and with an empty ``event_id``
        whole specifications.
    placebo, placebo_t : ndarray (B, S)
        Estimate and t of each specification in each placebo draw; the draws use
        the same dates in all specifications.
    placebo_df : ndarray (B, S)
        Degrees of freedom of ``placebo_t``.
    placebo_dates : DataFrame (B, clusters)
        First session of each cluster of events in each draw, in columns named
        by the cluster's own.
    direction : {-1, 0, 1}
    enumerated : bool
        Every eligible session is used once rather than drawn.
    note : str
        How the placebo draws were made.
    """

    table: pd.DataFrame
    skipped: pd.DataFrame
    placebo: np.ndarray
    placebo_t: np.ndarray
    placebo_df: np.ndarray
    placebo_dates: pd.DataFrame
    direction: int
    enumerated: bool
    note: str

    def __len__(self) -> int:
        return len(self.table)

    def sorted(self) -> pd.DataFrame:
        """The table in order of the estimate, numbered from 1 by ``rank``."""
        out = self.table.sort_values("estimate", kind="stable")
        out.index = pd.RangeIndex(1, len(out) + 1, name="rank")
        return out

    @cached_property
    def joint(self) -> pd.DataFrame:
        """Whether the curve as a whole is more than chance gives.

        Returns
        -------
        DataFrame
            Rows ``median_estimate``, ``share_significant`` (at 5 %, in the
            claim's direction, or in either where it is 0) and ``mean_t`` (each
            t on the normal scale of its degrees of freedom); columns observed,
            placebo_median, p_value (one-sided in the claim's direction, else
            two-sided), n_placebo, note. Simonsohn, Simmons and Nelson (2020).
        """
        estimates, t, df = self.table[["estimate", "t", "df"]].to_numpy().T[:, None]
        chances = normal_scores(self.placebo_t, self.placebo_df)
        own = curve_statistics(estimates, normal_scores(t, df), self.direction)
        chance = curve_statistics(self.placebo, chances, self.direction)
        rows = {}
        for name, (observed,) in own.items():
            # A draw without an error in one specification has no share and no mean.
            known = chance[name][~np.isnan(chance[name])]
            # The share has its direction already, and more of it is more.
            towards = 1 if name == "share_significant" else self.direction
            defined = np.isfinite(observed) and len(known) > 0
            p_value = at_least_as_far(observed, known, towards) if defined else np.nan
            rows[name] = {
                "observed": float(observed),
                "placebo_median": float(np.median(known)) if defined else np.nan,
                "p_value": p_value,
                "n_placebo": len(known),
                "note": self.note if defined else UNDEFINED,
            }
        table = pd.DataFrame.from_dict(rows, orient="index")
        return table.rename_axis("statistic")

    @cached_property
    def band(self) -> pd.DataFrame:
        """Where 95 % of the placebo curves lie at each rank.

        Returns
        -------
        DataFrame
            Indexed by rank as :meth:`sorted`: observed, low, median, high; each
            placebo curve is sorted by itself first.
        """
        curves = np.sort(self.placebo, axis=1)
        low, median, high = np.quantile(curves, [BAND[0], 0.5, BAND[1]], axis=0)
        observed = self.sorted()["estimate"]
        columns = {"observed": observed, "low": low, "median": median, "high": high}
        return pd.DataFrame(columns, index=observed.index)


def normal_scores(t: np.ndarray, df: np.ndarray) -> np.ndarray:
    """Each t as the normal value with the same tail, of the shape of `t`.

    So that t of few and of many degrees of freedom can be averaged.
    """
    from scipy.special import ndtri, stdtr

    scores: np.ndarray = -np.sign(t) * ndtri(
        np.maximum(stdtr(df, -np.abs(t)), SMALLEST)
    )
    return scores


def curve_statistics(
    estimates: np.ndarray, scores: np.ndarray, direction: int
) -> dict[str, np.ndarray]:
    """The three statistics of a curve (B, S) for each of its draws, (B,).

    Scores are NaN where a specification has no error of its own. The share is that of
    the claim's direction, or of either where it is 0.
    """
    from scipy.special import ndtri

    undefined = np.isnan(scores).any(axis=1)
    sized = np.abs(scores) if not direction else direction * scores
    share = (sized > -ndtri(SIZE / 2)).mean(axis=1)
    return {
        "median_estimate": np.median(estimates, axis=1),
        "share_significant": np.where(undefined, np.nan, share),
        "mean_t": scores.mean(axis=1),
    }


def at_least_as_far(observed: float, placebo: np.ndarray, direction: int) -> float:
    """Share of draws at least as far in that direction, the study counted in."""
    if direction:
        extreme = direction * placebo >= direction * observed
    else:
        extreme = np.abs(placebo) >= abs(observed)
    return float((1 + extreme.sum()) / (1 + len(placebo)))
