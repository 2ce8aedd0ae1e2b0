"""Sessions put together from five-minute bars, to hold against daily prices."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.study.intraday.grid import Grid


def closing_prices(bars: pd.DataFrame) -> pd.Series:
    """The close of each session's last bar, by session."""
    dates = pd.DatetimeIndex(bars.index.tz_localize(None).normalize(), name="session")
    return bars["close"].groupby(dates).last()


def day_returns(grid: Grid, symbol: str) -> pd.Series:
    """The sum of each session's periods, by session."""
    values = np.where(grid.exists, grid.returns[symbol], 0.0).sum(axis=1)
    return pd.Series(values, index=grid.sessions, name=symbol)
