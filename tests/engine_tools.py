"""Simulated returns and events for the tests of the engine."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import pandas as pd

MARKET = "MKT"


@cache
def sessions_from(start: str, count: int) -> pd.DatetimeIndex:
    """`count` weekdays from `start` on, as the price loader indexes them."""
    index = pd.bdate_range(start, periods=count).as_unit("ns")
    return pd.DatetimeIndex(index, freq=None, name="session")


def simulated_returns(
    shares: int = 5,
    sessions: int = 400,
    seed: int = 1,
    common: float = 0.0,
    start: str = "2018-01-01",
) -> pd.DataFrame:
    """Shares A, B, ... on one market, with a common shock beyond it if asked."""
    rng = np.random.default_rng(seed)
    market = rng.normal(0.0004, 0.01, sessions)
    beta = rng.uniform(0.5, 1.8, shares)
    spread = rng.uniform(0.01, 0.03, shares)
    noise = rng.normal(size=(sessions, shares)) * np.sqrt(1 - common)
    noise += rng.normal(size=(sessions, 1)) * np.sqrt(common)
    values = 0.0002 + market[:, None] * beta + noise * spread
    names = [f"S{k}" for k in range(shares)]
    table = pd.DataFrame(values, index=sessions_from(start, sessions), columns=names)
    table[MARKET] = market
    table.attrs["kind"] = "simple"
    return table


def events_at(
    returns: pd.DataFrame,
    positions: int | Sequence[int],
    symbols: Sequence[str] | None = None,
) -> pd.DataFrame:
    """One event a position, on all `symbols` (default all shares)."""
    chosen = list(returns.columns.drop(MARKET)) if symbols is None else list(symbols)
    places = [positions] if isinstance(positions, int) else list(positions)
    rows = [
        (f"event at {place}", symbol, returns.index[place])
        for place in places
        for symbol in chosen
    ]
    return pd.DataFrame(rows, columns=["event_id", "symbol", "day0"])
