"""Where prices went around an event: ten sessions on, and where they go on any date."""

from __future__ import annotations

from collections import defaultdict
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


class Step(NamedTuple):
    """A session of a path, in returns since the close before session `FIRST`."""

    day: int  # relative to day 0
    session: pd.Timestamp
    abnormal: float  # cumulative abnormal return, decimal
    price: float  # change of the price, decimal


class Usual(NamedTuple):
    """Between which returns the share `SHARE` of abnormal paths lies on a day."""

    day: int
    low: float
    high: float


class Paths(NamedTuple):
    """Paths around events, and around every session of an instrument, news or none.

    Attributes
    ----------
    around : mapping of (event_id, symbol) to list of Step
        A path ends early where prices end or trading is halted.
    ordinary : mapping of symbol to list of Usual
    """

    around: dict[tuple[str, str], list[Step]]
    ordinary: dict[str, list[Usual]]

    def of(self, event_id: str, symbol: str) -> tuple[list[Step], list[Usual]] | None:
        """Return one path and what is ordinary, if there are both.

        There is none where trading was halted just before the event.
        """
        path, usual = self.around.get((event_id, symbol)), self.ordinary.get(symbol)
        return (path, usual) if path and usual else None


def measure_paths(reactions: pd.DataFrame) -> Paths:
    """Return the paths around every event that can be measured, and what is ordinary.

    `reactions` has day0 and car by (event_id, symbol); those without car have no path.
    """
    events = reactions.loc[reactions["car"].notna(), ["day0"]].reset_index()
    symbols = sorted(events["symbol"].unique())
    benchmark = load_instruments().loc[symbols, "benchmark"].to_dict()
    returns = load_returns(sorted({*symbols, *benchmark.values()}))
    every = returns.stack()
    left, around = events, defaultdict(list)
    for last in range(LAST, -1, -1):
        study = event_study(returns, left, benchmark=benchmark, window=(FIRST, last))
        if study.n_events:
            sessions = study.sessions.stack()
            at = [sessions.to_numpy(), sessions.index.get_level_values("symbol")]
            moves = every.reindex(pd.MultiIndex.from_arrays(at)).to_numpy()
            change = pd.Series(moves, sessions.index).unstack()
            abnormal = study.abnormal_returns.cumsum(axis=1).stack()
            price = (1 + change).cumprod(axis=1).sub(1).stack()
            # By the index: unstacking has sorted the prices.
            table = pd.DataFrame({"at": sessions, "abnormal": abnormal, "price": price})
            for (event_id, symbol, day), *values in table.itertuples():
                around[event_id, symbol].append(Step(day, *values))
        if study.skipped.empty:
            break
        keys = pd.MultiIndex.from_frame(left[["event_id", "symbol"]])
        left = left[keys.isin(study.skipped.index)]
    return Paths(dict(around), _ordinary(returns, benchmark))


def _ordinary(
    returns: pd.DataFrame, benchmark: dict[str, str]
) -> dict[str, list[Usual]]:
    # Windows this long cannot keep clear of the news: hardly a date would be left.
    dates = returns[list(benchmark)].stack().index.to_frame(index=False)
    dates.columns = ["day0", "symbol"]
    dates["event_id"] = dates["day0"].dt.strftime("%Y-%m-%d")
    study = event_study(returns, dates, benchmark=benchmark, window=(FIRST, LAST))
    by_symbol = study.abnormal_returns.cumsum(axis=1).groupby("symbol")
    tail = (1 - SHARE) / 2
    low, high = by_symbol.quantile(tail), by_symbol.quantile(1 - tail)
    return {
        str(symbol): [*map(Usual, low.columns, low.loc[symbol], high.loc[symbol])]
        for symbol in low.index
    }


def paths_csv(paths: Paths, event_id: str) -> str:
    """Return the paths of one event as CSV."""
    rows = []
    for (of_event, symbol), path in paths.around.items():
        usual = paths.ordinary.get(symbol)
        if of_event == event_id and usual:
            rows += [
                (
                    *(symbol, step.day, f"{step.session:%Y-%m-%d}"),
                    *(f"{one:.6g}" for one in (*step[2:], *ordinary[1:])),
                )
                for step, ordinary in zip(path, usual, strict=False)
            ]
    return csv_text(COLUMNS, rows)
