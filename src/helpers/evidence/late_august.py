"""What happened to Nvidia in late August 2025: the studies behind the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from helpers.data.instruments import instrument
from helpers.data.prices import load_prices, load_returns
from helpers.errors import StudyError
from helpers.inference.event_study import EventStudy, event_study
from helpers.inference.power import detectable_effect
from helpers.inference.resampling import Placebo
from helpers.study.events import event_mask, load_events
from helpers.study.windows import Window

SIZE = 0.05
POWER = 0.8
HORIZONS = (20, 60)
PATH: Window = (-5, 10)
SPAN = ("2025-07-01", "2025-10-31")
WEEKS = ("2025-08-18", "2025-09-05")
ESTIMATIONS: Mapping[str, Window] = {
    "120 sessions": (-120, -11),
    "60 sessions": (-60, -11),
    "250 sessions": (-250, -11),
}


@dataclass(frozen=True)
class Choices:
    """What an analyst may change.

    Attributes
    ----------
    symbol, market, sector : str
        The share, and the two benchmarks it is held against.
    remark, fall : str
        Events of the ledger: the announcement that the claim means, and the
        one that shares its day with the share's largest fall.
    estimation : (int, int)
        Estimation window, sessions relative to day 0.
    chips : tuple of str
        Chinese chip names, each held against its own exchange's market.
    """

    symbol: str = "NVDA"
    market: str = "^GSPC"
    sector: str = "^SOX"
    remark: str = "deepseek-v31-domestic-chip-remark"
    fall: str = "alibaba-ai-chip-report"
    estimation: Window = (-120, -11)
    chips: tuple[str, ...] = (
        "688256.SS",
        "688041.SS",
        "603019.SS",
        "688981.SS",
        "688347.SS",
        "688012.SS",
        "002371.SZ",
        "0981.HK",
        "1347.HK",
    )


class LateAugust:
    """The late-August studies, each run once when first asked for.

    Parameters
    ----------
    choices : Choices
    returns : DataFrame, optional
        Decimal returns, sessions x symbols; by default from the bundled data.

    Raises
    ------
    StudyError
        If one of the two events cannot be studied, with the reason.
    """

    def __init__(
        self, choices: Choices | None = None, returns: pd.DataFrame | None = None
    ) -> None:
        self.choices = choices or Choices()
        chosen = self.choices
        wanted = [chosen.symbol, chosen.market, chosen.sector]
        self.returns = load_returns(wanted) if returns is None else returns
        self.events = load_events(chosen.symbol, event_ids=[chosen.remark, chosen.fall])
        placed = self.events.set_index("event_id")["day0"]
        self.remark_day = placed[chosen.remark]
        self.fall_day = placed[chosen.fall]

    @cached_property
    def name(self) -> str:
        """The firm's name."""
        return str(instrument(self.choices.symbol)["name"])

    @cached_property
    def benchmarks(self) -> dict[str, str]:
        """Symbol and name of market and sector."""
        chosen = (self.choices.market, self.choices.sector)
        return {symbol: str(instrument(symbol)["name"]) for symbol in chosen}

    def study(
        self,
        benchmark: str,
        *,
        window: Window = (-10, 10),
        estimation: Window | None = None,
        **options: Any,
    ) -> EventStudy:
        """Both events against one benchmark."""
        found = event_study(
            self.returns,
            self.events,
            benchmark=benchmark,
            estimation=estimation or self.choices.estimation,
            window=window,
            **options,
        )
        for (event, symbol), reason in found.skipped["reason"].items():
            raise StudyError(f"{symbol} cannot be studied around {event}: {reason}.")
        return found

    @cached_property
    def against(self) -> dict[str, EventStudy]:
        """The main study by benchmark."""
        return {symbol: self.study(symbol) for symbol in self.benchmarks}

    def car(self, event: str, benchmark: str, first: int, last: int) -> pd.Series:
        """CAR of one event with error, t, p and interval."""
        wide = self.long[benchmark] if last > 10 else self.against[benchmark]
        return wide.car(first, last).loc[(event, self.choices.symbol)]

    def daily(self, benchmark: str) -> pd.DataFrame:
        """Abnormal return of each session around the remark, by session."""
        rows = (
            self.against[benchmark]
            .daily()
            .xs(
                (self.choices.remark, self.choices.symbol), level=("event_id", "symbol")
            )
        )
        return rows.reset_index().set_index("session")

    def weeks(self, benchmark: str) -> pd.DataFrame:
        """The rows of :meth:`daily` in the weeks that are studied by the day."""
        return self.daily(benchmark).loc[WEEKS[0] : WEEKS[1]]

    @cached_property
    def long(self) -> dict[str, EventStudy]:
        """The same study with an event window of 60 sessions."""
        return {
            symbol: self.study(symbol, window=(-1, max(HORIZONS)))
            for symbol in self.benchmarks
        }

    def placebo_study(
        self, event: str, benchmark: str, window: Window, model: str = "market"
    ) -> EventStudy:
        """One event with an event window no wider than its placebos need."""
        return event_study(
            self.returns,
            self.events[self.events["event_id"] == event],
            benchmark=benchmark,
            estimation=self.choices.estimation,
            window=window,
            model=model,
        )

    @cached_property
    def event_sessions(self) -> pd.DatetimeIndex:
        """Sessions that ledger events and results of the firm occupy."""
        return pd.DatetimeIndex(event_mask(self.choices.symbol)["date"].unique())

    @cached_property
    def placebos(self) -> dict[tuple[str, str], Placebo]:
        """Placebo dates clear of the ledger, over [0, +1], by event and benchmark."""
        return {
            (event, benchmark): self.placebo_study(event, benchmark, (0, 1)).placebo(
                0, 1, exclude=self.event_sessions
            )
            for event in (self.choices.remark, self.choices.fall)
            for benchmark in self.benchmarks
        }

    def price_change(self, first: pd.Timestamp, sessions: int) -> float:
        """Change of the share from the close before `first`, decimal."""
        series = self.returns[self.choices.symbol].dropna()
        at = series.index.get_loc(first)
        return float((1 + series.iloc[at : at + sessions]).prod() - 1)

    def recovery(self, first: pd.Timestamp) -> int | None:
        """Sessions until the share closed at or above its close before `first`.

        Zero when the close of `first` itself did; None if it never has.
        """
        series = self.returns[self.choices.symbol].dropna()
        path = (1 + series.loc[first:]).cumprod()
        back = (path >= 1).to_numpy()
        return int(back.argmax()) if back.any() else None

    @cached_property
    def worst(self) -> pd.Series:
        """The session of the largest fall from the remark to the end of August."""
        end = self.remark_day + pd.offsets.MonthEnd(0)
        series = self.returns[self.choices.symbol].loc[self.remark_day : end]
        session = series.idxmin()
        market = self.daily(self.choices.market).loc[session]
        sector = self.daily(self.choices.sector).loc[session]
        return pd.Series(
            {
                "session": session,
                "change": series[session],
                "sector_change": self.returns.loc[session, self.choices.sector],
                "market_ar": market["car"],
                "sector_ar": sector["car"],
                "sector_p": sector["p_value"],
            }
        )

    @cached_property
    def persistence(self) -> pd.DataFrame:
        """CAR over 20 and 60 sessions by event, benchmark and model."""
        rows = []
        models = {"market": "market model", "market_adjusted": "market-adjusted"}
        for benchmark in self.benchmarks:
            for model, label in models.items():
                study = self.study(benchmark, window=(-1, max(HORIZONS)), model=model)
                for horizon in HORIZONS:
                    cars = study.car(0, horizon)
                    for event in (self.choices.remark, self.choices.fall):
                        row = cars.loc[(event, self.choices.symbol)]
                        # So long a window cannot keep clear of every event.
                        chance = self.placebo_study(
                            event, benchmark, (0, horizon), model
                        ).placebo(0, horizon)
                        rows.append(
                            {
                                "event_id": event,
                                "benchmark": benchmark,
                                "model": label,
                                "horizon": horizon,
                                **row,
                                "placebo_p": chance.p_value,
                            }
                        )
        keys = ["event_id", "benchmark", "model", "horizon"]
        return pd.DataFrame(rows).set_index(keys)

    @cached_property
    def specifications(self) -> pd.DataFrame:
        """CAR over [0, +1] under other defensible choices, by event."""
        chosen = self.choices
        masks = {
            "all sessions": None,
            "ledger events and results left out": event_mask(
                chosen.symbol, exclude=[chosen.remark, chosen.fall]
            ),
        }
        rows = []
        for benchmark in (*self.benchmarks, "both"):
            for label, estimation in ESTIMATIONS.items():
                for masked, mask in masks.items():
                    found = self._specified(benchmark, estimation, mask)
                    cars = found.car(0, 1)
                    for (event, _), row in cars.iterrows():
                        rows.append(
                            {
                                "event_id": event,
                                "benchmark": benchmark,
                                "estimation": label,
                                "mask": masked,
                                "n_obs": found.estimates["n_obs"].xs(event).iloc[0],
                                **row,
                            }
                        )
        keys = ["event_id", "benchmark", "estimation", "mask"]
        return pd.DataFrame(rows).set_index(keys)

    def _specified(
        self, benchmark: str, estimation: Window, mask: pd.DataFrame | None
    ) -> EventStudy:
        if benchmark == "both":
            return self.study(
                self.choices.market,
                model="market_sector",
                sector=self.choices.sector,
                estimation=estimation,
                mask=mask,
                min_observations=20,
            )
        return self.study(
            benchmark, estimation=estimation, mask=mask, min_observations=20
        )

    @cached_property
    def china(self) -> EventStudy:
        """The remark on the Chinese chip names, each against its own market."""
        chips = list(self.choices.chips)
        markets = {symbol: str(instrument(symbol)["benchmark"]) for symbol in chips}
        returns = load_returns([*chips, *dict.fromkeys(markets.values())])
        return event_study(
            returns,
            load_events(chips, event_ids=self.choices.remark),
            benchmark=markets,
            estimation=self.choices.estimation,
            window=(-3, 6),
        )

    @cached_property
    def china_tests(self) -> pd.DataFrame:
        """Tests of the Chinese names' mean abnormal return over [0, +1]."""
        return self.china.test(0, 1)

    @cached_property
    def prices(self) -> pd.DataFrame:
        """Adjusted closes of share, market and sector, first of the span at 100."""
        symbols = [self.choices.symbol, *self.benchmarks]
        closes = load_prices(symbols, start=SPAN[0], end=SPAN[1])
        return 100 * closes / closes.iloc[0]

    @cached_property
    def paths(self) -> dict[str, dict[str, pd.DataFrame]]:
        """CAR paths by benchmark and event, indexed by relative day."""
        out = {}
        for symbol, found in self.against.items():
            path = found.car_path(*PATH)
            out[symbol] = {
                event: path.xs(
                    (event, self.choices.symbol), level=("event_id", "symbol")
                )
                for event in (self.choices.remark, self.choices.fall)
            }
        return out

    @cached_property
    def bands(self) -> dict[str, pd.DataFrame]:
        """Placebo bands of the CAR paths by benchmark."""
        return {
            symbol: self.placebo_study(self.choices.remark, symbol, PATH).placebo_band(
                *PATH
            )
            for symbol in self.benchmarks
        }

    def power(self, benchmark: str, first: int, last: int) -> float:
        """Smallest true abnormal return that the t test finds with that power."""
        row = self.car(self.choices.remark, benchmark, first, last)
        return detectable_effect(float(row["se"]), float(row["df"]), power=POWER)

    def significant_loss(self, event: str, benchmark: str) -> bool:
        """Negative CAR over [0, +1], by exact t and by placebo dates."""
        row = self.car(event, benchmark, 0, 1)
        chance = self.placebos[event, benchmark]
        return bool(row["car"] < 0 and row["p_value"] < SIZE and chance.p_value < SIZE)
