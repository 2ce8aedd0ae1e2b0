"""Late August 2025 bar by bar: the five-minute studies behind the answer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from helpers.data.instruments import instrument
from helpers.data.ledger import load_ledger
from helpers.data.prices import load_returns
from helpers.inference.event_study import event_study
from helpers.inference.intraday.activity import activity
from helpers.inference.intraday.jumps import jump_rule, jumps
from helpers.inference.intraday.placebo import Placebo
from helpers.inference.intraday.result import IntradayStudy
from helpers.inference.intraday.study import session_events, study_events
from helpers.study.events import event_mask
from helpers.study.intraday.grid import Grid, load_grid
from helpers.study.intraday.model import IntradayModel
from helpers.study.intraday.timeline import Timeline
from helpers.study.windows import Window

SIZE = 0.05
WEEKS = (("2025-08-19", "2025-08-22"), ("2025-08-27", "2025-09-02"))
HOUR = 12  # bars
NIGHT_PART, HOUR_PART, REST_PART, DAY_PART = PARTS = (
    "night",
    "first hour",
    "rest of the session",
    "whole day",
)
# Shares of the sector that have bars, beside the one under study.
PEERS = ("TSM", "MU")
# A normal variable exceeds its mean less this many deviations 4 times in 5.
FOUR_IN_FIVE = 0.8416


@dataclass(frozen=True)
class Choices:
    """What an analyst may change.

    Attributes
    ----------
    symbol, market, sector : str
        The share, and the two benchmarks it is held against. The market is a fund:
        an index opens on stale prices.
    remark, fall, rule : str
        Events of the ledger: the announcement that the claim means, the report
        before the open on the day of the largest fall, and the licence rule inside
        that session.
    estimation : (int, int)
        Estimation window, sessions relative to the session of the news.
    """

    symbol: str = "NVDA"
    market: str = "SPY"
    sector: str = "^SOX"
    remark: str = "deepseek-v31-domestic-chip-remark"
    fall: str = "alibaba-ai-chip-report"
    rule: str = "veu-revocation"
    estimation: Window = (-120, -11)


class InsideTheDay:
    """The two weeks of late August in five-minute bars, each study run once.

    Parameters
    ----------
    choices : Choices
    grid : Grid, optional
        Five-minute returns; by default from the bundled bars.
    """

    def __init__(
        self, choices: Choices | None = None, grid: Grid | None = None
    ) -> None:
        self.choices = choices or Choices()
        chosen = self.choices
        wanted = (chosen.symbol, chosen.market, chosen.sector)
        self.grid = load_grid(wanted) if grid is None else grid

    @cached_property
    def name(self) -> str:
        """The firm's name."""
        return str(instrument(self.choices.symbol)["name"])

    @cached_property
    def benchmarks(self) -> dict[str, str]:
        """Symbol and short name of market and sector."""
        return {self.choices.market: "market", self.choices.sector: "sector"}

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """The event ledger."""
        return load_ledger()

    @cached_property
    def masked(self) -> pd.DatetimeIndex:
        """Sessions that ledger events and results of the share occupy."""
        return pd.DatetimeIndex(event_mask(self.choices.symbol)["date"].unique())

    @cached_property
    def clear(self) -> pd.DatetimeIndex:
        """Sessions of the bars that hold no event."""
        sessions = self.grid.sessions
        return sessions[~sessions.isin(self.masked)]

    @cached_property
    def models(self) -> dict[str, IntradayModel]:
        """The share's model against each benchmark, shared by all studies."""
        return {
            symbol: IntradayModel(
                self.grid,
                self.choices.symbol,
                [symbol],
                estimation=self.choices.estimation,
                masked=self.masked,
            )
            for symbol in self.benchmarks
        }

    def study(
        self, benchmark: str, events: pd.DataFrame, window: Window = (0, 78)
    ) -> IntradayStudy:
        """Events against one benchmark."""
        return study_events(self.models[benchmark], events, window=window)

    @cached_property
    def weeks(self) -> list[pd.DatetimeIndex]:
        """The sessions of each of the two weeks."""
        known = self.grid.sessions
        return [known[(known >= first) & (known <= last)] for first, last in WEEKS]

    @cached_property
    def sessions(self) -> pd.DatetimeIndex:
        """The sessions studied bar by bar."""
        return self.weeks[0].append(self.weeks[1:])

    @cached_property
    def by_session(self) -> dict[str, IntradayStudy]:
        """Each session of the two weeks from the close before, by benchmark."""
        events = session_events(self.sessions, self.grid)
        return {symbol: self.study(symbol, events) for symbol in self.benchmarks}

    @cached_property
    def parts(self) -> pd.DataFrame:
        """Abnormal return of each part of each session.

        Indexed by (benchmark, session, part): car, se, ..., placebo_p and change,
        the share's own price change over the part (decimal of the close before).
        """
        rows = []
        for symbol, study in self.by_session.items():
            for part, (first, last) in spans(study).items():
                cars = study.car(first, last).droplevel("symbol")
                windows = study.bounds(first, last)
                for number, (event_id, row) in enumerate(cars.iterrows()):
                    name = str(event_id)
                    rows.append(
                        {
                            "benchmark": symbol,
                            "session": pd.Timestamp(name),
                            "part": part,
                            **row,
                            "placebo_p": study.placebo(name, first, last).p_value,
                            "change": self.change(study, number, windows[number]),
                        }
                    )
        keys = ["benchmark", "session", "part"]
        return pd.DataFrame(rows).set_index(keys).sort_index()

    def change(
        self, study: IntradayStudy, number: int, window: Window, symbol: str = ""
    ) -> float:
        """Price change over a window, decimal of the close before each session."""
        where = study.stretch(number, *window)
        values = self.grid.returns[symbol or self.choices.symbol]
        return float(values[where.row + where.offsets, where.slots].sum())

    def price_path(self, symbol: str, session: pd.Timestamp) -> pd.Series:
        """Price change since the close before, after each period of a session.

        Returns
        -------
        Series
            Decimal, by the instant (UTC) at which the period ends.
        """
        grid = self.peers if symbol in PEERS else self.grid
        at = grid.position(session)
        count = grid.bars[at] + 1
        ends = pd.DatetimeIndex(grid.ends[at, :count]).tz_localize("UTC")
        return pd.Series(grid.returns[symbol][at, :count].cumsum(), index=ends)

    @cached_property
    def peers(self) -> Grid:
        """Returns of other chip shares, for comparison."""
        return load_grid(PEERS)

    def session_placebo(self, benchmark: str, session: pd.Timestamp) -> Placebo:
        """A whole session beside the same hours of all clear sessions."""
        study = self.by_session[benchmark]
        return study.placebo(f"{session:%Y-%m-%d}", 0, study.to_close())

    @cached_property
    def troughs(self) -> pd.DataFrame:
        """Deepest point of each session's path: trough, at (UTC), p_value.

        Indexed by (benchmark, session).
        """
        rows = {}
        for symbol, study in self.by_session.items():
            for session in self.sessions:
                low, at, p_value = self.session_placebo(symbol, session).trough
                end = study.ends.loc[(f"{session:%Y-%m-%d}", self.choices.symbol), at]
                rows[symbol, session] = {"trough": low, "at": end, "p_value": p_value}
        return _by_two(rows, "benchmark", "session")

    @cached_property
    def lows(self) -> pd.DataFrame:
        """Lowest price of each session at the end of a bar, as a change.

        Indexed by session: ``open``, ``low``, ``close``, decimal of the close
        before; ``at`` (UTC), the end of the bar; ``hidden``, how far the close had
        come up again.
        """
        rows = {}
        for session in self.sessions:
            path = self.price_path(self.choices.symbol, session)
            rows[session] = {
                "open": path.iloc[0],
                "low": path.min(),
                "at": path.idxmin(),
                "close": path.iloc[-1],
                "hidden": path.iloc[-1] - path.min(),
            }
        return pd.DataFrame.from_dict(rows, orient="index")

    @cached_property
    def activity(self) -> pd.DataFrame:
        """Abnormal volume and realised volatility of each session's hours."""
        study = self.by_session[self.choices.market]
        table = activity(study, 1, study.to_close())
        return table.set_axis(self.sessions)

    @cached_property
    def largest_bars(self) -> pd.DataFrame:
        """The largest bar of each session, over what is usual at that time of day.

        Indexed by (benchmark, session): ``size``, ``abnormal`` (decimal), ``start``
        (UTC), ``stands_out``, and ``detectable``: the size of a move at that
        session's middle that the search would find 4 times in 5, decimal.
        """
        rows = {}
        for symbol, study in self.by_session.items():
            rule = jump_rule(study.model)
            for session in self.sessions:
                found = jumps(study, f"{session:%Y-%m-%d}", threshold=0.0)
                start = found["size"].abs().idxmax()
                estimate = study.model.estimate(self.grid.position(session))
                usual = float(np.median(estimate.scale[1:]))
                rows[symbol, session] = {
                    "size": found["size"][start],
                    "abnormal": found["abnormal"][start],
                    "start": start,
                    "stands_out": abs(found["size"][start]) > rule.threshold,
                    "detectable": (rule.threshold + FOUR_IN_FIVE) * usual,
                }
        return _by_two(rows, "benchmark", "session")

    @cached_property
    def daily(self) -> pd.DataFrame:
        """The daily study of the same sessions, and the same betas bar by bar.

        Indexed by session: the daily study's abnormal return ``daily`` with its
        p-value ``p_value``; ``from_bars``, the sum of the session's abnormal returns
        under the daily study's alpha and beta; ``difference``, the two's; ``own``,
        the sum under the model of bars and night.
        """
        chosen = self.choices
        returns = load_returns([chosen.symbol, chosen.market])
        names = [f"{session:%Y-%m-%d}" for session in self.sessions]
        events = pd.DataFrame(
            {"event_id": names, "symbol": chosen.symbol, "day0": self.sessions}
        )
        found = event_study(
            returns,
            events,
            benchmark=chosen.market,
            estimation=chosen.estimation,
            window=(0, 0),
        )
        cars = found.car(0, 0).droplevel("symbol")
        estimates = found.estimates.droplevel("symbol")
        own = self.parts["car"].xs((chosen.market, DAY_PART), level=(0, 2))
        rows = {}
        for session, name in zip(self.sessions, names, strict=True):
            at = self.grid.position(session)
            periods = slice(0, int(self.grid.bars[at]) + 1)
            share, market = (
                self.grid.returns[symbol][at, periods]
                for symbol in (chosen.symbol, chosen.market)
            )
            alpha, beta = estimates.loc[name, ["alpha", "beta"]]
            abnormal = share - alpha / len(share) - beta * market
            rows[session] = {
                "daily": cars.loc[name, "car"],
                "p_value": cars.loc[name, "p_value"],
                "from_bars": abnormal.sum(),
                "difference": abnormal.sum() - cars.loc[name, "car"],
                "own": own[session],
            }
        return pd.DataFrame.from_dict(rows, orient="index")

    @cached_property
    def close_differences(self) -> pd.Series:
        """Return of the summed bars less that of the daily file, by session."""
        symbol = self.choices.symbol
        daily = load_returns(symbol)[symbol].reindex(self.grid.sessions)
        return (self.grid.day_returns(symbol) - daily).dropna()


def spans(study: IntradayStudy) -> dict[str, tuple[int, int | pd.Series]]:
    """The parts of a session as windows of a study of whole sessions."""
    close = study.to_close()
    windows = ((0, 0), (1, HOUR), (HOUR + 1, close), (0, close))
    return dict(zip(PARTS, windows, strict=True))


def _by_two(
    rows: dict[tuple[str, pd.Timestamp], dict[str, Any]], *names: str
) -> pd.DataFrame:
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index = pd.MultiIndex.from_tuples(list(rows), names=list(names))
    return table.sort_index()


def clock(instant: pd.Timestamp) -> str:
    """New York's clock at an instant, for example ``13:45``."""
    return f"{instant.tz_convert('America/New_York'):%H:%M}"


def remark_session(study: InsideTheDay) -> pd.Timestamp:
    """The session that the latest instant of the remark falls to."""
    return _session_of(study, study.choices.remark)


def fall_session(study: InsideTheDay) -> pd.Timestamp:
    """The session of the licence rule and of the largest fall."""
    return _session_of(study, study.choices.rule)


def _session_of(study: InsideTheDay, event_id: str) -> pd.Timestamp:
    timeline = Timeline(study.grid)
    first = timeline.first_after(study.ledger.loc[event_id, "latest_at"])
    return study.grid.sessions[timeline.rows[first]]


def next_session(study: InsideTheDay, session: pd.Timestamp) -> pd.Timestamp:
    """The session after one."""
    return study.grid.sessions[study.grid.position(session) + 1]


def hidden_session(study: InsideTheDay) -> pd.Timestamp:
    """The session whose close stood furthest above its lowest price."""
    return pd.Timestamp(study.lows["hidden"].idxmax())
