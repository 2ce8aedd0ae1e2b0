"""Day 0 on hard dates, its properties, and the ledger's hand-made sessions."""

from __future__ import annotations

import csv
import datetime as dt
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.data.calendars import session_hours, sessions
from helpers.data.ledger import load_ledger
from helpers.errors import CalendarError
from helpers.study.day0 import day0
from helpers.study.events import load_events

EXCHANGES = ["XNAS", "XHKG", "XSHG"]


@lru_cache
def hours(exchange: str) -> pd.DataFrame:
    """Return an exchange's hours, read once."""
    return session_hours(exchange)


HARD = [
    # BIS rules of 2022-10-07: Hong Kong had closed, the mainland was on holiday.
    ("2022-10-07T10:00-04:00", "XNAS", "2022-10-07"),
    ("2022-10-07T10:00-04:00", "XHKG", "2022-10-10"),
    ("2022-10-07T10:00-04:00", "XSHG", "2022-10-10"),
    # BIS rules of 2023-10-17 came before the New York open.
    ("2023-10-17T09:15-04:00", "XNAS", "2023-10-17"),
    ("2023-10-17T09:15-04:00", "XHKG", "2023-10-18"),
    # H20 resumption: late evening in New York, morning in Asia.
    ("2025-07-14T22:30-04:00", "XNAS", "2025-07-15"),
    ("2025-07-14T22:30-04:00", "XHKG", "2025-07-15"),
    ("2025-07-14T22:30-04:00", "XSHG", "2025-07-15"),
    # At the close itself nothing can react any more; a second earlier it can.
    ("2025-08-27T15:59:59-04:00", "XNAS", "2025-08-27"),
    ("2025-08-27T16:00:00-04:00", "XNAS", "2025-08-28"),
    ("2025-08-27T16:00:00+08:00", "XHKG", "2025-08-28"),
    ("2025-08-27T15:00:00+08:00", "XHKG", "2025-08-27"),
    ("2025-08-27T15:00:00+08:00", "XSHG", "2025-08-28"),
    # Early close in New York at 13:00, and at 12:00 in Hong Kong.
    ("2025-07-03T12:59-04:00", "XNAS", "2025-07-03"),
    ("2025-07-03T13:00-04:00", "XNAS", "2025-07-07"),
    ("2024-12-24T13:00+08:00", "XHKG", "2024-12-27"),
    # Storms shut Hong Kong on 2023-09-01 and 09-08.
    ("2023-09-01T10:00+08:00", "XHKG", "2023-09-04"),
    ("2023-09-08T10:00+08:00", "XHKG", "2023-09-11"),
    ("2023-09-01T10:00+08:00", "XSHG", "2023-09-01"),
    # The lunch break belongs to the session.
    ("2026-01-28T12:21+08:00", "XHKG", "2026-01-28"),
    ("2026-01-28T12:21+08:00", "XSHG", "2026-01-28"),
    # Weekend, holidays, days of mourning.
    ("2025-08-30T12:00-04:00", "XNAS", "2025-09-02"),
    ("2023-09-04T10:00+08:00", "XNAS", "2023-09-05"),
    ("2018-12-05T12:00-05:00", "XNAS", "2018-12-06"),
    ("2018-12-05T12:00-05:00", "XHKG", "2018-12-06"),
    ("2025-01-09T12:00-05:00", "XNAS", "2025-01-10"),
    # Good Friday, Easter Monday and Qingming of 2026.
    ("2026-04-03T12:00-04:00", "XNAS", "2026-04-06"),
    ("2026-04-03T12:00-04:00", "XSHG", "2026-04-07"),
    ("2026-04-03T12:00-04:00", "XHKG", "2026-04-08"),
    # The same wall clock on both sides of a change of clocks in New York: the
    # Hong Kong close of 16:00 is 04:00 in summer and 03:00 in winter.
    ("2025-10-31T03:30-04:00", "XHKG", "2025-10-31"),
    ("2025-11-03T03:30-05:00", "XHKG", "2025-11-04"),
    ("2025-03-07T03:30-05:00", "XHKG", "2025-03-10"),
    ("2025-03-10T03:30-04:00", "XHKG", "2025-03-10"),
]


@pytest.mark.parametrize(("announced", "exchange", "expected"), HARD)
def test_hard_dates(announced: str, exchange: str, expected: str):
    placed = day0(announced, exchange)

    assert placed.session == pd.Timestamp(expected)
    assert not placed.flagged
    assert placed.window == (0, 0)
    assert expected in placed.rule


@pytest.mark.parametrize(
    ("announced", "exchange", "words"),
    [
        ("2025-08-27T16:20-04:00", "XNAS", "at or after the close (16:00)"),
        ("2025-08-27T08:00-04:00", "XNAS", "before the open (09:30)"),
        ("2025-08-27T12:00-04:00", "XNAS", "inside the session (09:30 to 16:00)"),
        ("2025-07-03T12:00-04:00", "XNAS", "inside the session (09:30 to 13:00)"),
        ("2025-08-30T12:00-04:00", "XNAS", "on a day without a session"),
        ("2025-08-27T16:20-04:00", "XHKG", "Thu 2025-08-28 04:20 Hong Kong time"),
    ],
)
def test_the_rule_tells_the_local_clock_and_the_reason(announced, exchange, words):
    assert words in day0(announced, exchange).rule


def test_one_instant_written_in_three_ways_has_one_day0():
    local = dt.datetime(2025, 8, 27, 16, 20, tzinfo=ZoneInfo("America/New_York"))

    assert (
        day0("2025-08-27T16:20-04:00", "XSHG")
        == day0(local, "XSHG")
        == day0(pd.Timestamp("2025-08-27 16:20", tz="America/New_York"), "XSHG")
    )


def test_day_precision_takes_the_date_as_written_and_two_sessions():
    placed = day0("2025-08-21T12:00+08:00", "XNAS", "day")

    assert placed.session == pd.Timestamp("2025-08-21")
    assert placed.flagged
    assert placed.window == (0, 1)
    # The clock counts for nothing, even where it would move the session.
    for clock in ("00:00", "23:59"):
        announced = f"2025-08-21T{clock}+08:00"
        assert day0(announced, "XNAS", "day") == placed
    assert day0("2025-08-21T23:00+08:00", "XSHG").session != placed.session


def test_day_precision_moves_a_closed_day_to_the_next_session():
    placed = day0("2022-10-01T12:00+08:00", "XSHG", "day")

    assert placed.session == pd.Timestamp("2022-10-10")


def test_session_precision_is_flagged_and_uses_the_representative_instant():
    placed = day0("2025-08-27T16:20-04:00", "XNAS", "session")

    assert placed.flagged
    assert placed.session == pd.Timestamp("2025-08-28")
    assert placed.window == (0, 0)


def test_an_interval_over_two_sessions_starts_at_the_first_and_reaches_the_last():
    interval = ("2025-04-20T20:00-04:00", "2025-04-21T06:23-04:00")
    shanghai = day0("2025-04-21T05:00-04:00", "XSHG", "session", interval=interval)
    new_york = day0("2025-04-21T05:00-04:00", "XNAS", "session", interval=interval)

    assert shanghai.session == pd.Timestamp("2025-04-21")
    assert shanghai.window == (0, 1)
    assert "2025-04-21 to 2025-04-22" in shanghai.rule
    # Before the New York open all of it, so nothing is in doubt there.
    assert new_york.session == pd.Timestamp("2025-04-21")
    assert new_york.window == (0, 0)


@pytest.mark.parametrize(
    ("announced", "message"),
    [
        ("2025-08-27T16:20", "has no UTC offset"),
        ("2025-08-27", "has no UTC offset"),
        (dt.datetime(2025, 8, 27, 16, 20), "has no UTC offset"),
        (pd.Timestamp("2025-08-27 16:20"), "has no UTC offset"),
        (dt.date(2025, 8, 27), "has no UTC offset"),
        ("soon", "is not an instant"),
        ("06/10/2025 08:00-04:00", "is not an instant"),
        ("16:20-04:00", "is not an instant"),
        ("25-08-27T16:20-04:00", "is not an instant"),
        ("2025-08-27T16-04:00", "is not an instant"),
        ("20250827T1620-0400", "is not an instant"),
        (1756326000, "is not an instant"),
        ("1600-01-01T08:00-04:00", "of no year"),
        (pd.NaT, "is not an instant"),
        (None, "is not an instant"),
        ("2017-12-29T12:00-05:00", "calendar runs from"),
        ("2031-01-02T12:00-05:00", "calendar runs from"),
    ],
)
def test_an_instant_that_cannot_be_placed_gives_no_session(announced, message):
    for precision in ("minute", "day"):
        with pytest.raises(CalendarError, match=message):
            day0(announced, "XNAS", precision)


def test_the_last_sessions_of_a_calendar_have_no_room_for_the_window():
    last = sessions("XSHG")[-1].strftime("%Y-%m-%d")

    assert day0(f"{last}T12:00+08:00", "XSHG").session == pd.Timestamp(last)
    with pytest.raises(CalendarError, match="has no day 0 on XSHG"):
        day0(f"{last}T12:00+08:00", "XSHG", "day")


def test_unknown_words_and_intervals_that_do_not_fit_are_refused():
    announced = "2025-08-27T16:20-04:00"

    with pytest.raises(CalendarError, match="Unknown exchange 'NASDAQ'"):
        day0(announced, "NASDAQ")
    with pytest.raises(CalendarError, match="Precision 'hour'"):
        day0(announced, "XNAS", "hour")
    with pytest.raises(CalendarError, match="goes with the precision session"):
        day0(announced, "XNAS", interval=(announced, announced))
    late = ("2025-08-27T17:00-04:00", "2025-08-27T18:00-04:00")
    with pytest.raises(CalendarError, match="is not between"):
        day0(announced, "XNAS", "session", interval=late)


ZONES = st.sampled_from(
    [ZoneInfo(name) for name in ("America/New_York", "Asia/Shanghai", "UTC")]
)
INSTANTS = st.datetimes(
    dt.datetime(2018, 1, 4), dt.datetime(2026, 12, 30), timezones=ZONES
)


@given(instant=INSTANTS, exchange=st.sampled_from(EXCHANGES))
def test_day0_is_the_first_session_that_closes_after_the_instant(instant, exchange):
    session = day0(instant, exchange).session
    table = hours(exchange)

    assert session in table.index
    assert table.loc[session, "close"] > instant
    earlier = table.loc[table.index < session, "close"]
    assert not (earlier > instant).any()


@given(pair=st.tuples(INSTANTS, INSTANTS), exchange=st.sampled_from(EXCHANGES))
def test_later_news_never_has_an_earlier_day0(pair, exchange):
    earlier, later = sorted(pair)

    assert day0(earlier, exchange).session <= day0(later, exchange).session


@given(instant=INSTANTS, exchange=st.sampled_from(EXCHANGES))
def test_day_precision_never_looks_back_and_skips_no_session(instant, exchange):
    placed = day0(instant, exchange, "day")
    date = pd.Timestamp(instant.date())
    index = hours(exchange).index

    assert placed.session >= date
    assert not ((index >= date) & (index < placed.session)).any()


@given(
    instants=st.lists(INSTANTS, min_size=3, max_size=3),
    exchange=st.sampled_from(EXCHANGES),
)
def test_an_interval_covers_the_day0_of_each_instant_in_it(instants, exchange):
    earliest, instant, latest = sorted(instants)
    placed = day0(instant, exchange, "session", interval=(earliest, latest))
    index = hours(exchange).index
    first = index.get_loc(placed.session) + placed.window[0]
    last = index.get_loc(placed.session) + placed.window[1]

    for moment in (earliest, instant, latest):
        assert first <= index.get_loc(day0(moment, exchange).session) <= last


# The sessions that were written down by hand when the ledger was collected are an
# independent check on the code. Where the two differ, data/event_sessions.csv
# says what the code gives, which of them is right, and why.


@lru_cache
def hand_made(root: Path) -> list[dict[str, str]]:
    """Return the rows of the table of hand-made sessions."""
    path = root / "data" / "event_sessions.csv"
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@lru_cache
def computed() -> dict[tuple[str, str], tuple[str, list[str]]]:
    """Return day 0 and the default window by event and exchange."""
    symbols = {"XNAS": "NVDA", "XHKG": "0981.HK", "XSHG": "688981.SS"}
    found = {}
    for exchange, symbol in symbols.items():
        index = sessions(exchange)
        for event in load_events(symbol).itertuples():
            at = index.get_loc(event.day0)
            window = index[at + event.window[0] : at + event.window[1] + 1]
            dates = window.strftime("%Y-%m-%d").tolist()
            found[event.event_id, exchange] = (f"{event.day0:%Y-%m-%d}", dates)
    return found


def test_hand_made_sessions_cover_three_exchanges_of_ledger_events(root: Path):
    rows = [(row["event_id"], row["exchange"]) for row in hand_made(root)]
    events = {event_id for event_id, _ in rows}

    # An event added later need not have them; those that exist are not to go.
    assert len(events) >= 111
    assert events <= set(load_ledger().index)
    assert sorted(rows) == sorted((e, x) for e in events for x in EXCHANGES)


def test_day0_agrees_with_every_hand_made_session_or_the_difference_is_recorded(
    root: Path,
):
    unrecorded = [
        (row["event_id"], row["exchange"], row["hand"], session)
        for row in hand_made(root)
        for session, _ in [computed()[row["event_id"], row["exchange"]]]
        if session != row["hand"] and session != row["code"]
    ]

    assert unrecorded == []


def test_every_recorded_difference_still_exists_and_is_explained(root: Path):
    recorded = [row for row in hand_made(root) if row["code"]]

    assert recorded
    for row in recorded:
        session, window = computed()[row["event_id"], row["exchange"]]
        assert (row["code"], row["code"] != row["hand"]) == (session, True), row
        assert row["verdict"] in ("code", "open")
        assert row["why"]
        if row["verdict"] == "open":
            assert row["hand"] in window
    assert not any(
        row["verdict"] or row["why"] for row in hand_made(root) if not row["code"]
    )


def test_where_the_hand_names_two_sessions_the_default_window_has_both(root: Path):
    rows = [row for row in hand_made(root) if row["hand_alternative"]]

    assert rows
    for row in rows:
        _, window = computed()[row["event_id"], row["exchange"]]
        assert {row["hand"], row["hand_alternative"]} <= set(window), row
