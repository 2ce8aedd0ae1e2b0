"""What the event ledger holds, and on which session each event falls."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from helpers.data.calendars import session_hours, sessions
from helpers.data.hand_sessions import load_hand_sessions
from helpers.data.ledger import load_ledger, load_sources, local_dates
from helpers.study.events import load_events

# A listed share of each exchange, which places events on its sessions.
EXCHANGES = {"XNAS": "NVDA", "XHKG": "0981.HK", "XSHG": "688981.SS"}
CITIES = {"XNAS": "New York", "XHKG": "Hong Kong", "XSHG": "Shanghai"}
CASES = (
    "bis-2022-10-07-rules",
    "bis-2023-10-17-rules",
    "h20-resumption",
    "deepseek-v31-domestic-chip-remark",
)


class LedgerRecord:
    """The ledger and its day 0 on three exchanges."""

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """The ledger as ``load_ledger`` gives it."""
        return load_ledger()

    @cached_property
    def sources(self) -> pd.DataFrame:
        """Where each event is from."""
        return load_sources()

    @cached_property
    def placed(self) -> pd.DataFrame:
        """Day 0 of every event on every exchange, beside its date alone.

        Returns
        -------
        DataFrame
            By ``event_id`` and ``exchange``: ``day0``, ``window`` (sessions),
            ``precision``, ``rule``, ``verification``; ``dated``: the first session
            dated on or after the date that the announcement bears where it was
            made, which leaves clocks out of account; ``reached``: whether the
            default window holds that session.
        """
        dates = dict(zip(self.ledger.index, local_dates(self.ledger), strict=True))
        parts = []
        for exchange, symbol in EXCHANGES.items():
            events = load_events(symbol).set_index("event_id")
            held = sessions(exchange)
            first = held.searchsorted(
                pd.DatetimeIndex([pd.Timestamp(dates[e]) for e in events.index])
            )
            at = held.get_indexer(pd.DatetimeIndex(events["day0"]))
            last = at + events["window"].map(lambda window: window[1]).to_numpy()
            parts.append(
                events[["day0", "window", "precision", "rule", "verification"]].assign(
                    exchange=exchange,
                    dated=held[first],
                    reached=(at <= first) & (first <= last),
                )
            )
        table = pd.concat(parts).reset_index()
        return table.set_index(["event_id", "exchange"])

    @cached_property
    def hand(self) -> pd.DataFrame:
        """The hand-made sessions beside the code's.

        Returns
        -------
        DataFrame
            As ``load_hand_sessions``, with ``day0`` and ``window`` of the code and
            ``agrees``.
        """
        table = load_hand_sessions()
        found = table.join(
            self.placed[["day0", "window"]], on=["event_id", "exchange"], how="inner"
        )
        return found.assign(agrees=found["hand"] == found["day0"])

    @cached_property
    def differences(self) -> pd.DataFrame:
        """The rows of :attr:`hand` where hand and code differ."""
        return self.hand[~self.hand["agrees"]].reset_index(drop=True)

    @cached_property
    def crowded(self) -> pd.Series:
        """Whether another event's window touches an event's own, in New York.

        Returns
        -------
        Series of bool
            By ``event_id``.
        """
        held = sessions("XNAS")
        rows = self.placed.xs("XNAS", level="exchange")
        first = held.get_indexer(pd.DatetimeIndex(rows["day0"]))
        # The shortest window of the studies, [0, +1], unless the clock needs more.
        last = first + rows["window"].map(lambda window: max(1, window[1])).to_numpy()
        touches = (first[:, None] <= last[None, :]) & (first[None, :] <= last[:, None])
        return pd.Series(touches.sum(axis=1) > 1, index=rows.index)

    @cached_property
    def hours(self) -> dict[str, pd.DataFrame]:
        """Opening hours of each exchange's sessions, in UTC."""
        return {exchange: session_hours(exchange) for exchange in EXCHANGES}
