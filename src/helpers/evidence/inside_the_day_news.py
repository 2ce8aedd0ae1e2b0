"""Announcements with a clock: what each moved, when, and for how long."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd

from helpers.evidence.inside_the_day import HOUR, SIZE, InsideTheDay
from helpers.inference.intraday.activity import activity
from helpers.inference.intraday.jumps import jumps, settled
from helpers.inference.intraday.result import IntradayStudy
from helpers.study.intraday.grid import NIGHT
from helpers.study.intraday.timeline import Timeline

BAR = pd.Timedelta("5min")
# Events of the ledger that the chapter names although part of their interval lies
# outside New York's hours, or the ledger does not name the share for them.
NAMED = (
    "bis-2024-12-02-rules",
    "deepseek-monday",
    "nvda-h20-licence",
    "h200-export-decision",
)
STEPS = {"first": 0, "after_15": 3, "after_30": 6, "after_60": 12}  # bars


class Announcements:
    """The ledger's announcements with a clock, measured with the day's models.

    Parameters
    ----------
    day : InsideTheDay
    """

    def __init__(self, day: InsideTheDay) -> None:
        self.day = day
        self.choices = day.choices

    @cached_property
    def known(self) -> pd.DataFrame:
        """Ledger events within the bars whose clock is known to a stretch of the day.

        Indexed by event_id: title, earliest_at, latest_at, verification, type,
        symbols, and ``when``: "inside" (all of the interval within one session),
        "overnight" (all of it in one night) or "across".
        """
        ledger = self.day.ledger
        grid = self.day.grid
        first, last = (
            pd.Timestamp(instant, tz="UTC")
            for instant in (grid.opens[0], grid.closes[-1])
        )
        inside = (ledger["earliest_at"] >= first) & (ledger["latest_at"] < last)
        rows = ledger[inside & (ledger["precision"] != "day")]
        timeline = Timeline(grid)
        when = []
        for earliest, latest in zip(
            rows["earliest_at"], rows["latest_at"], strict=True
        ):
            start, end = timeline.first_after(earliest), timeline.first_after(latest)
            if start == end and timeline.slots[start] == NIGHT:
                when.append("overnight")
            elif (
                timeline.rows[start] == timeline.rows[end]
                and timeline.slots[start] != NIGHT
            ):
                when.append("inside")
            else:
                when.append("across")
        keep = ["title", "earliest_at", "latest_at", "verification", "type", "symbols"]
        return rows[keep].assign(when=when)

    @cached_property
    def chosen(self) -> pd.DataFrame:
        """The events of :attr:`known` that the chapter measures.

        All that came inside New York's hours, those that the ledger names the share
        for, and the few named by the chapter.
        """
        known = self.known
        about = known["symbols"].map(lambda symbols: self.choices.symbol in symbols)
        keep = (known["when"] == "inside") | about | known.index.isin(NAMED)
        return known[keep]

    @cached_property
    def studies(self) -> dict[str, IntradayStudy]:
        """The chosen events and those that the claims are about, by benchmark."""
        ledger = self.day.ledger
        rows = ledger.loc[ledger.index.isin([*self.chosen.index, *self.claimed])]
        events = rows.reset_index()[["event_id", "earliest_at", "latest_at"]]
        return {
            symbol: self.day.study(symbol, events, (0, 2 * HOUR))
            for symbol in self.day.benchmarks
        }

    @property
    def claimed(self) -> tuple[str, str, str]:
        """The remark, the report before the fall, and the rule of that day."""
        return self.choices.remark, self.choices.fall, self.choices.rule

    @cached_property
    def reactions(self) -> pd.DataFrame:
        """Abnormal return of each event from the news to one hour after it.

        Indexed by (benchmark, event_id): car, se, ..., placebo_p, change, bars
        (length of the window), and volume_ratio, volume_p, volatility,
        volatility_ratio, volatility_p of the same window.
        """
        parts = {}
        first = self.studies[self.choices.market]
        # The same for every benchmark: what was traded has no model.
        more = activity(first, 0, _reach(first)).droplevel("symbol")
        for symbol, study in self.studies.items():
            reach = _reach(study)
            table = study.car(0, reach).droplevel("symbol")
            table = table.join(more.drop(columns="n_sessions"))
            windows = study.bounds(0, reach)
            table["placebo_p"] = [
                study.placebo(str(name), 0, reach).p_value for name in table.index
            ]
            table["change"] = [
                self.day.change(study, number, window)
                for number, window in enumerate(windows)
            ]
            table["bars"] = [last + 1 for _, last in windows]
            parts[symbol] = table
        return pd.concat(parts, names=["benchmark"])

    @cached_property
    def to_next_close(self) -> pd.DataFrame:
        """The claims' events up to the close of the session after the news.

        Indexed by (benchmark, event_id): car, se, ..., placebo_p.
        """
        parts = {}
        for symbol, study in self.studies.items():
            timeline = study.timeline
            ends = [
                timeline.last_of_session(timeline.last_of_session(last) + 1)
                for last in study.events["last"]
            ]
            until = _relative(study, ends)
            table = study.car(0, until).droplevel("symbol").loc[list(self.claimed)]
            table["placebo_p"] = [
                study.placebo(str(name), 0, until).p_value for name in table.index
            ]
            parts[symbol] = table
        return pd.concat(parts, names=["benchmark"])

    @cached_property
    def searched(self) -> pd.DataFrame:
        """Announcements, macro events left out, whose interval reaches a session."""
        studied = self.studies[self.choices.market].events["event_id"]
        chosen = self.chosen[self.chosen.index.isin(studied)]
        return chosen[(chosen["when"] != "overnight") & (chosen["type"] != "macro")]

    @cached_property
    def dated(self) -> pd.DataFrame:
        """Bars that stand out within the interval of an announcement.

        Indexed by event_id, for those of :attr:`searched`: ``start`` and ``end``
        (UTC) of the largest bar that stands out against the market, its
        ``relative_period``, ``abnormal`` return (decimal), ``size`` over its usual
        scale and ``p_value`` of the search; ``sector_size``, the same bar against
        the sector; ``searched``, minutes of the interval inside the session.
        """
        study = self.studies[self.choices.market]
        sector = self.day.models[self.choices.sector]
        rows = {}
        for name, about in self.searched.iterrows():
            event_id = str(name)
            found = jumps(study, event_id)
            inside = (found.index + BAR > about["earliest_at"]) & (
                found.index <= about["latest_at"]
            )
            if not inside.any():
                continue
            start = found.loc[inside, "size"].abs().idxmax()
            number = study.number(event_id)
            period = int(found.loc[start, "relative_period"])
            where = study.stretch(number, period, period)
            at = where.row, int(where.slots[0])
            until = min(
                study.uncertain_until().iloc[number], study.to_close().iloc[number]
            )
            rows[event_id] = {
                "start": start,
                "end": start + BAR,
                **found.loc[start],
                "sector_size": sector.abnormal()[at] / sector.scales[at],
                "searched": 5 * int(until + 1),
            }
        return pd.DataFrame.from_dict(rows, orient="index")

    @cached_property
    def speed(self) -> pd.DataFrame:
        """How prices went on after the first period that held the news.

        Indexed by event_id: announcements dated by a bar that stands out, from that
        bar on; and overnight news of the share after which the abnormal return to
        the close has a placebo p-value below 0.05, from the night on. Against the
        market. Columns: ``first``, the abnormal return of that period;
        ``after_15``, ``after_30``, ``after_60`` minutes; ``close``; ``minutes``
        from its end until what remained was no more than chance; ``dated``.
        """
        study = self.studies[self.choices.market]
        close = study.to_close().droplevel("symbol")
        origins = self.dated["relative_period"].astype(int).to_dict()
        overnight = self.chosen[
            (self.chosen["when"] == "overnight") & (self.chosen["type"] != "macro")
        ]
        for event_id in overnight.index.intersection(close.index):
            last = int(close[event_id])
            if study.placebo(event_id, 0, last).p_value < SIZE:
                origins[event_id] = 0
        rows = {}
        for event_id, first in origins.items():
            last = int(close[event_id])
            found = study.placebo(event_id, first, last)
            path = np.cumsum(found.own_abnormal)
            row = {
                name: float(path[min(step, last - first)])
                for name, step in STEPS.items()
            }
            row["close"] = float(path[-1])
            row["minutes"] = max(0, 5 * settled(study, event_id, first, last))
            rows[event_id] = {**row, "dated": event_id in self.dated.index}
        return pd.DataFrame.from_dict(rows, orient="index")


def _reach(study: IntradayStudy) -> pd.Series:
    """Relative period one hour after the latest instant, or the close if sooner."""
    ends = [
        min(last + HOUR, study.timeline.last_of_session(last))
        for last in study.events["last"]
    ]
    return _relative(study, ends)


def _relative(study: IntradayStudy, positions: list[int]) -> pd.Series:
    """Positions in the timeline as relative periods of their events."""
    return pd.Series(positions - study.events["first"].to_numpy(), index=study.index)
