"""What a study could have found: its power, by formula and by simulation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from helpers.errors import StudyError
from helpers.inference.grid import Grid
from helpers.inference.outcome import counted_error
from helpers.inference.power import detectable_effect, power_of_t
from helpers.inference.specification_curve import specification_curve
from helpers.study.checks import Mask
from helpers.study.windows import Window

__all__ = ["Power", "power"]

EFFECTS = np.array([0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5])


@dataclass(frozen=True)
class Power:
    """Result of :func:`helpers.power`.

    Attributes
    ----------
    detectable : float
        Smallest true mean CAR, in size, that the t test finds with the power
        asked; decimal. One event has the exact t of its CAR, several the cross
        section clustered by date.
    simulated : float
        The same by adding an effect to the placebo draws, whose errors are
        those of real returns; decimal.
    size : float
        Share of placebo draws without an effect that the t test rejects.
    critical : float
        |t| that the share alpha of the placebo draws exceeds.
    se, df : float
        Standard error of the study's mean CAR (decimal), degrees of freedom.
    n_events, n_dates, n_placebo : int
    curve : DataFrame
        Indexed by effect (decimal): ``t_test`` by formula, ``simulated`` and its
        ``error`` (Monte Carlo; NaN where every eligible date is used).
    note : str
        How the placebo draws were made.
    """

    detectable: float
    simulated: float
    size: float
    critical: float
    se: float
    df: float
    n_events: int
    n_dates: int
    n_placebo: int
    curve: pd.DataFrame
    note: str


def power(
    returns: pd.DataFrame,
    events: pd.DataFrame,
    *,
    benchmark: str | Mapping[str, str] | None = None,
    model: str = "market",
    estimation: Window = (-120, -11),
    window: Window = (0, 1),
    mask: Mask | None = None,
    sector: str | Mapping[str, str] | None = None,
    power: float = 0.8,
    alpha: float = 0.05,
    effects: Sequence[float] | None = None,
    placebo_dates: int = 2000,
    seed: int = 20250829,
    exclude: Iterable[Any] = (),
    matched: bool = False,
    method: str = "dates",
) -> Power:
    """Smallest effect that a study finds with a given power.

    Parameters
    ----------
    returns, events, benchmark, model, estimation, mask, sector
        As for ``event_study``; events may have a ``sign`` (1 or -1).
    window : (int, int)
        Window of the test, sessions relative to day 0, inclusive.
    power, alpha : float
        Chance of finding the effect, and size of the two-sided t test.
    effects : sequence of float, optional
        True mean CARs at which to give the power; decimal.
    placebo_dates, seed, exclude, matched, method
        As for ``specification_curve``.

    Returns
    -------
    Power

    Raises
    ------
    StudyError
        If an argument is malformed, the events cannot be studied or are one
        group of dates, or fewer than 20 placebo dates are eligible.

    References
    ----------
    MacKinlay, A. C. (1997), Journal of Economic Literature 35 (closed forms).

    Examples
    --------
    >>> from helpers import load_events, load_returns, power
    >>> events = load_events("NVDA", event_ids="deepseek-v31-domestic-chip-remark")
    >>> found = power(load_returns(["NVDA", "^GSPC"]), events, benchmark="^GSPC")
    >>> round(found.detectable, 3), round(found.simulated, 3)
    (0.075, 0.087)
    """
    from scipy.special import stdtrit

    if benchmark is None:
        markets: dict[str, Any] = {}
    else:
        markets = {"market": benchmark}
    grid = Grid(
        markets,
        sectors={} if sector is None else {"sector": sector},
        models=(model,),
        estimations=(estimation,),
        windows=(window,),
        masks={"mask": mask},
        kinds=("simple",),
        day0s={"as placed": 0},
    )
    found = specification_curve(
        returns,
        events,
        grid,
        placebo_dates=placebo_dates,
        seed=seed,
        exclude=exclude,
        matched=matched,
        method=method,
        progress=False,
    )
    row = found.primary
    if not np.isfinite(row["se"]):
        raise StudyError(
            "The events are one group of dates, so their mean has no error and the "
            "test no power: study the shares as one basket."
        )
    se, df = float(row["se"]), float(row["df"])
    smallest = detectable_effect(se, df, power=power, alpha=alpha)
    t, estimate = found.placebo_t[:, 0], found.placebo[:, 0]
    # An effect adds to every CAR of a draw and leaves its error alone: from how
    # far on, up or down, is the draw significant?
    bar = stdtrit(found.placebo_df[:, 0], 1 - alpha / 2) * np.abs(estimate / t)
    needed = np.concatenate([bar - estimate, bar + estimate])
    asked = EFFECTS * smallest if effects is None else np.asarray(effects, dtype=float)
    rows = {}
    for effect in asked:
        share = np.mean([np.abs(estimate + way * effect) > bar for way in (1, -1)])
        rows[float(effect)] = {
            "t_test": power_of_t(float(effect), se, df, alpha=alpha),
            "simulated": float(share),
            "error": np.nan if found.enumerated else counted_error(share, len(t)),
        }
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index.name = "effect"
    return Power(
        detectable=smallest,
        simulated=float(np.quantile(needed, power, method="inverted_cdf")),
        size=float((np.abs(estimate) > bar).mean()),
        critical=float(np.quantile(np.abs(t), 1 - alpha)),
        se=se,
        df=df,
        n_events=int(row["n_events"]),
        n_dates=int(row["n_dates"]),
        n_placebo=len(t),
        curve=table,
        note=found.note,
    )
