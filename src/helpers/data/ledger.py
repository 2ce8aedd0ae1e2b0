"""The event ledger, its sources, the article's claims and days of results."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING

from helpers.data.event_rules import (
    CLAIMS,
    EARNINGS,
    EVENTS,
    INSTANTS,
    SOURCES,
    selected,
)
from helpers.data.files import data_dir
from helpers.data.schema import parse

if TYPE_CHECKING:
    import pandas as pd


def load_ledger() -> pd.DataFrame:
    """Return the event ledger.

    Returns
    -------
    DataFrame
        One row an event in order of announcement, indexed by ``event_id``, with
        the columns of the codebook. ``announced_at``, ``earliest_at`` and
        ``latest_at`` are instants in UTC; ``confounder`` is bool; ``firms``,
        ``symbols`` and ``confounders`` are tuples of str.

    Raises
    ------
    DataError
        If a table breaks a rule of the codebook.

    Examples
    --------
    >>> load_ledger().loc["deepseek-r1", ["type", "precision"]].tolist()
    ['model-release', 'session']
    """
    folder = data_dir()
    content = EVENTS.content(folder)
    EVENTS.check(content, folder)
    SOURCES.read(folder)
    return _frame(content).copy()


@lru_cache(maxsize=2)
def _frame(content: bytes) -> pd.DataFrame:
    import pandas as pd

    rows, _ = parse(EVENTS, content)
    table = EVENTS.frame(rows).set_index("event_id")
    table["timezone"] = [row.cells["timezone"] for row in rows]
    table["confounder"] = table["confounder"] == "true"
    for name in INSTANTS:
        table[name] = pd.to_datetime(table[name], utc=True).dt.as_unit("ns")
    return table.sort_values("announced_at", kind="stable")


def load_sources() -> pd.DataFrame:
    """Return where each event of the ledger is from.

    Returns
    -------
    DataFrame
        One row a source: ``event_id``, ``n`` (int, 1 upwards within an event),
        ``publisher``, ``title``, ``published``, ``url``, ``status``.

    Raises
    ------
    DataError
        If a table breaks a rule of the codebook.

    Examples
    --------
    >>> sources = load_sources()
    >>> sources[sources["event_id"] == "deepseek-r1"]["n"].tolist()
    [1, 2]
    """
    folder = data_dir()
    table = SOURCES.frame(SOURCES.read(folder))
    known = [row["event_id"] for row in EVENTS.read(folder)]
    return table[table["event_id"].isin(known)].reset_index(drop=True)


def load_claims() -> pd.DataFrame:
    """Return what the article claims, as statements that data can bear on.

    Returns
    -------
    DataFrame
        Indexed by ``claim_id``: ``short`` (a few words), ``claim``, ``kind`` (tuple),
        ``would_support``, ``would_contradict``, ``selector`` (as written in the
        file), ``event_ids`` (tuple: the selector resolved, in order of announcement)
        and ``notebook``.

    Raises
    ------
    DataError
        If a table breaks a rule of the codebook.

    Examples
    --------
    >>> load_claims().loc["nvidia-dip", "event_ids"][:1]
    ('macro-ai-bubble-scare',)
    """
    folder = data_dir()
    order = load_ledger().index
    rows, events = CLAIMS.read(folder), EVENTS.read(folder)
    chosen = [selected(row["event_ids"], events) for row in rows]
    table = CLAIMS.frame(rows)
    table["event_ids"] = [tuple(order[order.isin(events)]) for events in chosen]
    selectors = [row.cells["event_ids"] for row in rows]
    table.insert(table.columns.get_loc("event_ids"), "selector", selectors)
    return table.set_index("claim_id")


def load_earnings() -> pd.DataFrame:
    """Return the days on which firms reported results.

    Returns
    -------
    DataFrame
        ``symbol``, ``date`` (Timestamp without time zone, local to the
        exchange), ``timing`` and ``status``, in order of date.

    Raises
    ------
    DataError
        If the table breaks a rule of the codebook.

    Examples
    --------
    >>> load_earnings().query("symbol == 'NVDA' and date < '2026'")["date"].max()
    Timestamp('2025-11-19 00:00:00')
    """
    table = EARNINGS.frame(EARNINGS.read(data_dir()))
    return table.sort_values(["date", "symbol"], ignore_index=True)


def local_dates(ledger: pd.DataFrame) -> list[dt.date]:
    """Return each event's calendar date in its own time zone."""
    return [
        instant.tz_convert(zone).date()
        for instant, zone in zip(
            ledger["announced_at"], ledger["timezone"], strict=True
        )
    ]
