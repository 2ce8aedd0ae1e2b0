"""Event studies of trading volume and of volatility.

References
----------
Ajinkya, B. B. and Jain, P. C. (1989), The behavior of daily stock market
trading volume, Journal of Accounting and Economics 11.
Beaver, W. H. (1968), The information content of annual earnings
announcements, Journal of Accounting Research 6.
Campbell, C. J. and Wasley, C. E. (1996), Measuring abnormal daily trading
volume, Review of Quantitative Finance and Accounting 6.
Landsman, W. R. and Maydew, E. L. (2002), Has the information content of
quarterly earnings announcements declined?, Journal of Accounting Research 40.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.errors import StudyError
from helpers.inference.event_study import run_study
from helpers.inference.result import EventStudy
from helpers.study.design import Choices
from helpers.study.frames import check_frame
from helpers.study.windows import Window, Windows

VOLUME_MODELS = ("mean", "market_adjusted", "market", "market_sector")


def volume_study(
    volume: pd.DataFrame,
    events: pd.DataFrame,
    *,
    model: str = "mean",
    estimation: Window = (-120, -11),
    window: Window = (-10, 10),
    **choices: Any,
) -> EventStudy:
    """Measure abnormal trading volume around events.

    Abnormal is the log of a day's volume less its normal level, so that 0.7 is
    about twice the usual (Ajinkya and Jain 1989). Log volume is far closer to
    normal than volume, but serially correlated: errors and tests that add up
    days as if they were independent are too sure of themselves over windows of
    several days. The rank test (Campbell and Wasley 1996) and placebo dates are
    the ones to read.

    Parameters
    ----------
    volume : DataFrame, sessions x symbols
        Shares or value traded, as ``load_prices(symbols, "volume")`` gives it.
        NaN and zero both mean a session without a trade: it has no logarithm,
        counts as missing in the estimation window, and an event window that
        holds one is left out with the reason.
    events, estimation, window
        As for :func:`helpers.event_study`.
    model : {"mean", "market_adjusted", "market", "market_sector"}
    **choices
        benchmark and sector (columns of `volume`, for the models that need
        them), mask, max_missing, min_observations: as for
        :func:`helpers.event_study`.

    Returns
    -------
    EventStudy
        With log volume wherever it says return.

    Raises
    ------
    StudyError
        If a volume is negative, or as :func:`helpers.event_study`.

    Examples
    --------
    >>> from helpers import load_events, load_prices, volume_study
    >>> events = load_events("NVDA", event_ids="deepseek-v31-domestic-chip-remark")
    >>> study = volume_study(load_prices("NVDA", "volume"), events, window=(0, 1))
    >>> study.abnormal_returns.round(2).to_numpy().tolist()
    [[-0.46, -0.25]]
    """
    if model not in VOLUME_MODELS:
        raise StudyError(
            f"No model {model!r} for volume: choose one of {', '.join(VOLUME_MODELS)}."
        )
    windows = Windows(estimation, window)
    return run_study(
        _log_volume(volume),
        events,
        windows,
        Choices(model=model, **choices),
        "volume",
    )


def _log_volume(volume: pd.DataFrame) -> pd.DataFrame:
    """Natural logarithm of the volume, NaN where nothing was traded."""
    check_frame(volume, "Volumes")
    for name, kind in volume.dtypes.items():
        is_number = pd.api.types.is_numeric_dtype(kind)
        if not is_number or pd.api.types.is_bool_dtype(kind):
            raise StudyError(f"Volumes of {name!r} are {kind}, not numbers.")
    values = volume.to_numpy(dtype=float, na_value=np.nan)
    wrong = (values < 0) | np.isinf(values)
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise StudyError(
            f"The volume of {volume.columns[column]!r} on "
            f"{volume.index[row]:%Y-%m-%d} is {values[row, column]:g}: look at the "
            "figures around that session."
        )
    logs = np.log(np.where(values > 0, values, np.nan))
    out = pd.DataFrame(logs, index=volume.index, columns=volume.columns)
    # A session without a trade stays a session, as one without a price does.
    out.attrs["holes"] = {
        name: [*dates, *volume.index[volume[name] == 0].strftime("%Y-%m-%d")]
        for name, dates in volume.attrs.get("holes", {}).items()
        if name in volume.columns
    }
    return out


def volatility_study(
    returns: pd.DataFrame,
    events: pd.DataFrame,
    *,
    model: str = "market",
    estimation: Window = (-120, -11),
    window: Window = (-10, 10),
    **choices: Any,
) -> EventStudy:
    """Measure abnormal volatility around events.

    Abnormal is the size of a day's abnormal return less the mean size of the
    residuals in the estimation window, whose standard deviation is the error of
    one day. Beaver (1968) and Landsman and Maydew (2002) compare squares; sizes
    do the same with one outlier counting for less. Both are taken over their
    leverage first, since a residual is smaller than the error behind it and a
    forecast error larger. Sizes are skewed, so for few events read the rank test
    and placebo dates.

    Parameters
    ----------
    returns, events, estimation, window, **choices
        As for :func:`helpers.event_study`.
    model : str
        Every model but "garch", which has a volatility of its own for each day.

    Returns
    -------
    EventStudy
        With the size of a return, decimal, wherever it says return. In
        ``.estimates`` alpha is the normal size and sigma its spread.

    Raises
    ------
    StudyError
        As :func:`helpers.event_study`.

    Examples
    --------
    >>> from helpers import load_events, load_returns, volatility_study
    >>> events = load_events("NVDA", event_ids="deepseek-v31-domestic-chip-remark")
    >>> returns = load_returns(["NVDA", "^GSPC"])
    >>> study = volatility_study(returns, events, benchmark="^GSPC", window=(0, 1))
    >>> study.abnormal_returns.round(4).to_numpy().tolist()
    [[-0.0118, -0.0015]]
    """
    if model == "garch":
        raise StudyError(
            "The model 'garch' already forecasts volatility: choose another one."
        )
    return run_study(
        returns,
        events,
        Windows(estimation, window),
        Choices(model=model, **choices),
        "volatility",
    )
