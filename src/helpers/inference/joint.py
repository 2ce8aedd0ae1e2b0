"""Joint inference on a curve: is it more than chance gives to all of it?

References
----------
Simonsohn, U., Simmons, J. P. and Nelson, L. D. (2020), Nature Human Behaviour 4.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

SIZE = 0.05
# A tail that is nothing to the machine would be an infinite score.
SMALLEST = 1e-300


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
    """The three statistics of a curve for each of its draws.

    Parameters
    ----------
    estimates, scores : (B, S)
        Scores are NaN where a specification has no error of its own.
    direction : {-1, 0, 1}

    Returns
    -------
    dict
        Of (B,): median_estimate and mean_t as they are, share_significant in
        the claim's direction, or in either where it is 0.
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


def joint_table(
    estimates: np.ndarray,
    scores: np.ndarray,
    placebo: np.ndarray,
    placebo_scores: np.ndarray,
    direction: int,
    note: str,
) -> pd.DataFrame:
    """The three statistics of the curve beside those of its placebo draws.

    Parameters
    ----------
    estimates, scores : (S,)
    placebo, placebo_scores : (B, S)
    direction : {-1, 0, 1}
    note : str
    """
    own = curve_statistics(estimates[None], scores[None], direction)
    chance = curve_statistics(placebo, placebo_scores, direction)
    rows = {}
    for name, values in own.items():
        observed = float(values[0])
        # A draw without an error in one specification has no share and no mean.
        known = chance[name][~np.isnan(chance[name])]
        defined = np.isfinite(observed) and len(known) > 0
        # The share has its direction already, and more of it is more.
        towards = 1 if name == "share_significant" else direction
        rows[name] = {
            "observed": observed,
            "placebo_median": float(np.median(known)) if defined else np.nan,
            "p_value": at_least_as_far(observed, known, towards) if defined else np.nan,
            "n_placebo": len(known),
            "note": note
            if defined
            else "undefined: one group of dates, so the mean has no error of its own",
        }
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index.name = "statistic"
    return table
