"""What chance alone gives a study: the same one on dates without an event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from helpers.errors import StudyError
from helpers.inference import resampling
from helpers.inference.battery import check_random
from helpers.inference.event_study import event_study
from helpers.inference.outcome import Undefined
from helpers.inference.resampling import Placebo
from helpers.study.checks import Mask
from helpers.study.windows import Window

__all__ = ["Placebo", "placebo"]


def placebo(
    returns: pd.DataFrame,
    events: pd.DataFrame,
    *,
    benchmark: str | Mapping[str, str] | None = None,
    model: str = "market",
    estimation: Window = (-120, -11),
    window: Window = (0, 1),
    mask: Mask | None = None,
    sector: str | Mapping[str, str] | None = None,
    max_missing: float = 0.1,
    min_observations: int = 30,
    placebo_dates: int = 2000,
    seed: int = 20250829,
    exclude: Iterable[Any] = (),
    matched: bool = False,
    method: str = "dates",
) -> Placebo:
    """Run an event study on placebo dates.

    Parameters
    ----------
    returns, events, benchmark, model, estimation, mask, sector
        As for ``event_study``; events may have a ``sign`` (1 or -1), by which
        their CARs are multiplied.
    window : (int, int)
        Window of the test, sessions relative to day 0, inclusive; a placebo's
        keeps clear of the study's own and of `exclude`.
    max_missing, min_observations
        As for ``event_study``.
    placebo_dates, seed, exclude, matched, method
        As for ``specification_curve``.

    Returns
    -------
    Placebo
        ``statistic`` and ``caar`` of each draw, ``observed``, ``p_value`` and
        the ``days`` drawn.

    Raises
    ------
    StudyError
        If an argument is malformed, an event cannot be studied, or fewer than
        20 dates are eligible.

    Examples
    --------
    >>> from helpers import load_events, load_returns, placebo
    >>> events = load_events("NVDA", event_ids="deepseek-v31-domestic-chip-remark")
    >>> found = placebo(load_returns(["NVDA", "^GSPC"]), events, benchmark="^GSPC")
    >>> round(found.p_value, 2), found.enumerated
    (0.63, True)
    """
    draws, seed = check_random(placebo_dates, seed)
    study = event_study(
        returns,
        events,
        benchmark=benchmark,
        model=model,
        estimation=estimation,
        window=window,
        mask=mask,
        sector=sector,
        max_missing=max_missing,
        min_observations=min_observations,
    )
    for (event_id, symbol), reason in study.skipped["reason"].items():
        raise StudyError(
            f"Event {event_id!r} of {symbol} cannot be studied: {reason}. Leave it "
            "out, or choose other windows."
        )
    try:
        return resampling.placebo(
            study.fit,
            *study.windows.event,
            draws=draws,
            seed=seed,
            exclude=exclude,
            matched=matched,
            method=method,
        )
    except Undefined as reason:
        raise StudyError(f"No placebo distribution: {reason}.") from None
