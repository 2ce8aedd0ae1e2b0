"""Where prices went around an event: ten sessions on, and where they go on any date."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from book.site.markup import csv_text
from helpers import event_study, load_instruments, load_returns

# Sessions of a path, cumulated from the first.
FIRST, LAST = -3, 10
SHARE = 0.95
COLUMNS = (
    *("symbol", "relative_day", "session", "abnormal", "price"),
    *("ordinary_low", "ordinary_high"),
)


class Paths(NamedTuple):
    """Paths around events, decimal and since the close before session `FIRST`.

    Attributes
    ----------
    around : DataFrame
        By (event_id, symbol, relative_day): session, abnormal (the cumulative abnormal
        return) and price (its change). A path ends early where prices end or trading
        is halted.
    ordinary : DataFrame
        By (symbol, relative_day): low and high, between which lies the share `SHARE`
        of the abnormal paths around all sessions of the instrument, news or none.
    """

    around: pd.DataFrame
    ordinary: pd.DataFrame

    def of(
        self, event_id: str, symbol: str
    ) -> tuple[pd.DataFrame, pd.DataFrame] | None:
        """Return one path and what is ordinary, by relative_day, if there are both.

        There is none where trading was halted just before the event.
        """
        if (event_id, symbol) in self.around.index and symbol in self.ordinary.index:
            return self.around.loc[(event_id, symbol)], self.ordinary.loc[symbol]
        return None


def measure_paths(reactions: pd.DataFrame) -> Paths:
    """Return the paths around every event that can be measured, and what is ordinary.

    `reactions` has day0 by (event_id, symbol).
    """
    events = reactions[["day0"]].reset_index()
    symbols = sorted(events["symbol"].unique())
    benchmark = load_instruments().loc[symbols, "benchmark"].to_dict()
    returns = load_returns(sorted({*symbols, *benchmark.values()}))
    every = returns.stack()
    parts, left = [], events
    for last in range(LAST, -1, -1):
        study = event_study(returns, left, benchmark=benchmark, window=(FIRST, last))
        if study.n_events:
            sessions = study.sessions.stack()
            at = [sessions.to_numpy(), sessions.index.get_level_values("symbol")]
            moves = every.reindex(pd.MultiIndex.from_arrays(at)).to_numpy()
            change = pd.Series(moves, sessions.index).unstack()
            path = {
                "session": sessions,
                "abnormal": study.abnormal_returns.cumsum(axis=1).stack(),
                "price": (1 + change).cumprod(axis=1).sub(1).stack(),
            }
            parts.append(pd.DataFrame(path))
        if study.skipped.empty:
            break
        keys = pd.MultiIndex.from_frame(left[["event_id", "symbol"]])
        left = left[keys.isin(study.skipped.index)]
    return Paths(pd.concat(parts).sort_index(), _ordinary(returns, benchmark))


def _ordinary(returns: pd.DataFrame, benchmark: dict[str, str]) -> pd.DataFrame:
    # Windows this long cannot keep clear of the news: hardly a date would be left.
    dates = returns[list(benchmark)].stack().index.to_frame(index=False)
    dates.columns = ["day0", "symbol"]
    dates["event_id"] = dates["day0"].dt.strftime("%Y-%m-%d")
    study = event_study(returns, dates, benchmark=benchmark, window=(FIRST, LAST))
    by_symbol = study.abnormal_returns.cumsum(axis=1).groupby("symbol")
    tail = (1 - SHARE) / 2
    edges = {"low": by_symbol.quantile(tail), "high": by_symbol.quantile(1 - tail)}
    return pd.DataFrame({name: edge.stack() for name, edge in edges.items()})


def paths_csv(paths: Paths, event_id: str) -> str:
    """Return the paths of one event as CSV."""
    if event_id not in paths.around.index.levels[0]:
        return csv_text(COLUMNS, [])
    joined = paths.around.loc[event_id].join(paths.ordinary)
    rows = [
        (*key, f"{session:%Y-%m-%d}", *(f"{one:.6g}" for one in values))
        for key, (session, *values) in zip(
            joined.index, joined.itertuples(index=False), strict=True
        )
    ]
    return csv_text(COLUMNS, rows)
