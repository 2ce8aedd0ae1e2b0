"""The event ledger, its sources, the article's claims and earnings dates.

People edit these tables by hand, so no hash guards them: every rule of the
codebook is checked on each load instead, and a breach names file, row and field.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.data.calendars import session_hours
from helpers.data.event_rules import (
    EVENT_COLUMNS,
    EVENT_TYPES,
    check_signs,
    check_vocabularies,
    read_interval,
)
from helpers.data.files import data_dir as default_data_dir
from helpers.data.instruments import load_instruments
from helpers.data.rows import (
    Row,
    check_id,
    check_symbols,
    check_unique,
    read_date,
    read_rows,
)

if TYPE_CHECKING:
    import pandas as pd

EVENTS_FILE = "events.csv"
SOURCES_FILE = "sources.csv"
CLAIMS_FILE = "claims.csv"
EARNINGS_FILE = "earnings.csv"

SOURCE_STATUSES = ("read", "curated-list", "cited", "recalled")
CLAIM_KINDS = ("price", "document", "fundamentals", "forward-looking")
EARNINGS_TIMINGS = ("before-open", "after-close", "unknown")
EARNINGS_STATUSES = ("reported", "scheduled")

SOURCE_COLUMNS = (
    "event_id",
    "n",
    "publisher",
    "title",
    "published",
    "url",
    "status",
)
CLAIM_COLUMNS = (
    "claim_id",
    "claim",
    "kind",
    "would_support",
    "would_contradict",
    "event_ids",
    "notebook",
)
EARNINGS_COLUMNS = ("symbol", "date", "timing", "status")

# Exchanges on which every event must have a session to react in.
_EXCHANGES = ("XNYS", "XHKG", "XSHG")
_PUBLISHED = re.compile(r"(\d{4}(-\d\d(-\d\d( \d\d:\d\d)?)?)?)?")


def load_ledger(data_dir: Path | str | None = None) -> pd.DataFrame:
    """Return the event ledger.

    Parameters
    ----------
    data_dir : path, optional
        Folder with ``events.csv`` and ``sources.csv``; default the bundled data,
        which the instruments and the calendars always come from.

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
        If a table breaks a rule of the codebook; the message names file, row
        and field.

    Examples
    --------
    >>> load_ledger().at["deepseek-v31-domestic-chip-remark", "type"]
    'model-release'
    """
    folder = _folder(data_dir)
    rows = _read_events(folder)
    _check_sourced(rows, _read_sources(folder, rows))
    return _ledger_frame(rows)


def load_sources(data_dir: Path | str | None = None) -> pd.DataFrame:
    """Return where each event of the ledger is from.

    Parameters
    ----------
    data_dir : path, optional
        Folder with ``events.csv`` and ``sources.csv``; default the bundled data.

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
    >>> sources = load_sources().set_index("event_id")
    >>> sources.loc["deepseek-v31-domestic-chip-remark", "publisher"].tolist()
    ['SCMP (copy)', 'CoinCentral', 'Investing.com']
    """
    import pandas as pd

    folder = _folder(data_dir)
    events = _read_events(folder)
    sources = _read_sources(folder, events)
    _check_sourced(events, sources)
    table = pd.DataFrame([row.values for row in sources], columns=SOURCE_COLUMNS)
    return table.astype({"n": int})


def load_claims(data_dir: Path | str | None = None) -> pd.DataFrame:
    """Return what the article claims, as statements that data can bear on.

    Parameters
    ----------
    data_dir : path, optional
        Folder with ``claims.csv``, ``events.csv`` and ``sources.csv``; default
        the bundled data.

    Returns
    -------
    DataFrame
        Indexed by ``claim_id``: ``claim``, ``kind`` (tuple), ``would_support``,
        ``would_contradict``, ``selector`` (as written in the file),
        ``event_ids`` (tuple: the selector resolved, in order of announcement)
        and ``notebook``.

    Raises
    ------
    DataError
        If a table breaks a rule of the codebook.

    Examples
    --------
    >>> load_claims().index[:2].tolist()
    ['nvidia-dip', 'dip-is-signal']
    """
    import pandas as pd

    ledger = load_ledger(data_dir)
    rows = read_rows(_folder(data_dir), CLAIMS_FILE, CLAIM_COLUMNS)
    check_unique(rows, ("claim_id",))
    records = []
    for row in rows:
        check_id(row, "claim_id")
        kinds = row.several("kind")
        if not kinds or set(kinds) - set(CLAIM_KINDS):
            raise row.fail(
                "kind", f"{row['kind']!r} is not made of {', '.join(CLAIM_KINDS)}."
            )
        for field in ("claim", "would_support", "notebook"):
            row.filled(field)
        chosen = _selected(row, ledger)
        records.append(
            {
                **{field: row[field] for field in CLAIM_COLUMNS if field != "kind"},
                "kind": kinds,
                "selector": row["event_ids"],
                "event_ids": tuple(ledger.index[ledger.index.isin(chosen)]),
            }
        )
    columns = [*CLAIM_COLUMNS[:5], "selector", *CLAIM_COLUMNS[5:]]
    return pd.DataFrame(records, columns=columns).set_index("claim_id")


def load_earnings(data_dir: Path | str | None = None) -> pd.DataFrame:
    """Return the days on which firms reported results.

    Parameters
    ----------
    data_dir : path, optional
        Folder with ``earnings.csv``; default the bundled data.

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
    import pandas as pd

    rows = read_rows(_folder(data_dir), EARNINGS_FILE, EARNINGS_COLUMNS)
    check_unique(rows, ("symbol", "date"))
    known = frozenset(load_instruments().index)
    for row in rows:
        check_symbols(row, [row["symbol"]], "symbol", known)
        read_date(row, "date", row["date"])
        row.one_of("timing", EARNINGS_TIMINGS)
        row.one_of("status", EARNINGS_STATUSES)
    table = pd.DataFrame([row.values for row in rows], columns=EARNINGS_COLUMNS)
    dates = pd.to_datetime(table["date"], format="%Y-%m-%d")
    table["date"] = dates.dt.as_unit("ns")
    return table.sort_values(["date", "symbol"], ignore_index=True)


def _folder(named: Path | str | None) -> Path:
    return default_data_dir() if named is None else Path(named)


def _read_events(folder: Path) -> list[Row]:
    rows = read_rows(folder, EVENTS_FILE, EVENT_COLUMNS)
    check_unique(rows, ("event_id",))
    for row in rows:
        check_id(row, "event_id")
    return rows


def _read_sources(folder: Path, events: Sequence[Row]) -> list[Row]:
    rows = read_rows(folder, SOURCES_FILE, SOURCE_COLUMNS)
    check_unique(rows, ("event_id", "n"))
    known = {row["event_id"] for row in events}
    for row in rows:
        if row["event_id"] not in known:
            raise row.fail(
                "event_id", f"{row['event_id']!r} is not an event of {EVENTS_FILE}."
            )
        if not re.fullmatch(r"[1-9]\d*", row["n"]):
            raise row.fail("n", f"{row['n']!r} is not a whole number from 1 upwards.")
        row.filled("publisher")
        row.filled("title")
        if not _PUBLISHED.fullmatch(row["published"]):
            raise row.fail(
                "published",
                f"{row['published']!r} is not YYYY, YYYY-MM, YYYY-MM-DD or "
                "YYYY-MM-DD HH:MM.",
            )
        if row["url"] and not re.match(r"https?://\S+$", row["url"]):
            raise row.fail("url", f"{row['url']!r} is not a web address.")
        row.one_of("status", SOURCE_STATUSES)
    return rows


def _check_sourced(events: Iterable[Row], sources: Iterable[Row]) -> None:
    sourced = {row["event_id"] for row in sources}
    for row in events:
        if row["event_id"] not in sourced:
            raise row.fail(
                "event_id",
                f"{row['event_id']!r} has no source; add one to {SOURCES_FILE}.",
            )


def _selected(row: Row, ledger: pd.DataFrame) -> set[str]:
    chosen: set[str] = set()
    for token in row.several("event_ids"):
        kind, _, value = token.partition(":")
        if token == "all":
            chosen |= set(ledger.index)
        elif kind == "type" and value in EVENT_TYPES:
            is_type = (ledger["type"] == value) | (ledger["type_second"] == value)
            chosen |= set(ledger.index[is_type])
        elif kind == "after":
            day = read_date(row, "event_ids", value)
            is_later = [date > day for date in local_dates(ledger)]
            chosen |= set(ledger.index[is_later])
        elif token in ledger.index:
            chosen.add(token)
        else:
            raise row.fail(
                "event_ids",
                f"{token!r} is no event of {EVENTS_FILE} and no selector "
                "(all, type:TYPE, after:YYYY-MM-DD).",
            )
    if not chosen:
        raise row.fail("event_ids", "selects no event.")
    return chosen


def local_dates(ledger: pd.DataFrame) -> list[dt.date]:
    """Return each event's calendar date in its own time zone."""
    return [
        instant.tz_convert(zone).date()
        for instant, zone in zip(
            ledger["announced_at"], ledger["timezone"], strict=True
        )
    ]


def _ledger_frame(rows: Sequence[Row]) -> pd.DataFrame:
    import pandas as pd

    symbols = frozenset(load_instruments().index)
    ids = {row["event_id"] for row in rows}
    in_calendar = _calendar_check()
    records = []
    for row in rows:
        check_vocabularies(row)
        check_signs(row)
        for field in ("clock", "title", "description"):
            row.filled(field)
        announced, earliest, latest = read_interval(row)
        in_calendar(row, earliest, latest)
        check_symbols(row, row.several("symbols"), "symbols", symbols)
        for other in row.several("confounders"):
            if other not in ids or other == row["event_id"]:
                raise row.fail("confounders", f"{other!r} is no other event's id.")
        records.append(
            {
                **row.values,
                "announced_at": announced,
                "earliest_at": earliest,
                "latest_at": latest,
                "confounder": row["confounder"] == "true",
                "firms": row.several("firms"),
                "symbols": row.several("symbols"),
                "confounders": row.several("confounders"),
            }
        )
    table = pd.DataFrame(records, columns=EVENT_COLUMNS).set_index("event_id")
    for field in ("announced_at", "earliest_at", "latest_at"):
        table[field] = pd.to_datetime(table[field], utc=True).dt.as_unit("ns")
    return table.sort_values("announced_at", kind="stable")


def _calendar_check() -> Callable[[Row, dt.datetime, dt.datetime], None]:
    hours = [session_hours(exchange) for exchange in _EXCHANGES]
    first = max(table["open"].iloc[0] for table in hours)
    last = min(table["close"].iloc[-1] for table in hours)

    def check(row: Row, earliest: dt.datetime, latest: dt.datetime) -> None:
        if earliest < first or latest >= last:
            raise row.fail(
                "announced_at",
                f"{row['announced_at']} is outside the calendars, which run from "
                f"{first:%Y-%m-%d} to {last:%Y-%m-%d}.",
            )

    return check
