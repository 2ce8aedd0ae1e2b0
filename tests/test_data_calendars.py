"""Sessions and hours of the four exchanges."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.data import calendars
from helpers.data.calendars import (
    calendar_code,
    exchange_timezone,
    is_session,
    parse_day,
    session_hours,
    sessions,
)
from helpers.errors import CalendarError

EXCHANGES = ["XNYS", "XHKG", "XSHG", "XKRX"]


@pytest.mark.parametrize(
    ("exchange", "date"),
    [
        ("XHKG", "2023-09-01"),  # Typhoon Saola
        ("XHKG", "2023-09-08"),  # black rainstorm
        ("XHKG", "2023-07-17"),  # Typhoon Talim, known to the library
        ("XKRX", "2026-06-03"),  # local elections
        ("XKRX", "2026-07-17"),  # Constitution Day
        ("XNYS", "2018-12-05"),  # mourning for G. H. W. Bush
        ("XNYS", "2025-01-09"),  # mourning for J. Carter
        ("XNYS", "2025-07-04"),
        ("XNYS", "2025-08-30"),  # a Saturday
    ],
)
def test_closed(exchange: str, date: str) -> None:
    assert not is_session(exchange, date)
    assert len(sessions(exchange, date, date)) == 0


@pytest.mark.parametrize(
    ("exchange", "date"),
    [
        ("XHKG", "2023-08-31"),
        ("XKRX", "2022-01-03"),  # a hole of the price source, not a closure
        ("XKRX", "2022-05-09"),
        ("XKRX", "2025-09-19"),
        ("XKRX", "2025-07-17"),  # Constitution Day was no holiday yet
        ("XSHG", "2025-08-22"),
    ],
)
def test_open(exchange: str, date: str) -> None:
    assert is_session(exchange, date)


def test_mainland_is_shut_in_the_national_day_week() -> None:
    week = sessions("XSHG", "2022-09-30", "2022-10-10")
    assert list(week) == [pd.Timestamp("2022-09-30"), pd.Timestamp("2022-10-10")]
    hong_kong = sessions("XHKG", "2022-10-03", "2022-10-07").strftime("%m-%d")
    assert hong_kong.tolist() == ["10-03", "10-05", "10-06", "10-07"]


@pytest.mark.parametrize(
    ("exchange", "date", "opens", "closes"),
    [
        ("XNYS", "2025-07-03", "13:30", "17:00"),  # early close, 13:00 in New York
        ("XNYS", "2025-03-07", "14:30", "21:00"),  # winter time
        ("XNYS", "2025-03-10", "13:30", "20:00"),  # summer time
        ("XHKG", "2024-12-24", "01:30", "04:00"),  # half day
        ("XHKG", "2025-08-22", "01:30", "08:00"),
        ("XSHG", "2025-08-22", "01:30", "07:00"),
        ("XKRX", "2025-08-22", "00:00", "06:30"),
        ("XKRX", "2020-12-03", "01:00", "07:30"),  # university entrance examination
        ("XKRX", "2024-11-14", "01:00", "07:30"),
        ("XKRX", "2026-11-19", "01:00", "07:30"),
    ],
)
def test_hours(exchange: str, date: str, opens: str, closes: str) -> None:
    hours = session_hours(exchange).loc[date]
    assert hours["open"] == pd.Timestamp(f"{date} {opens}", tz="UTC")
    assert hours["close"] == pd.Timestamp(f"{date} {closes}", tz="UTC")


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_hours_belong_to_the_sessions(exchange: str) -> None:
    hours = session_hours(exchange)
    assert hours.index.equals(sessions(exchange))
    assert hours.index.is_monotonic_increasing
    assert hours.index.is_unique
    assert hours.index.tz is None
    assert hours.index.freq is None
    assert (hours["open"] < hours["close"]).all()
    local = hours["close"].dt.tz_convert(exchange_timezone(exchange))
    assert (local.dt.tz_localize(None).dt.normalize() == hours.index).all()


def test_a_calendar_goes_on_where_the_library_knows_no_holidays() -> None:
    hours = calendars._library_hours("XSHG", "2027-01-31")
    assert hours.index.is_unique
    assert hours.index[-1] == pd.Timestamp("2027-01-29")
    assert hours.loc["2027-01-04", "close"] == pd.Timestamp("2027-01-04 07:00+00:00")


def test_results_are_the_callers_own() -> None:
    hours = session_hours("XNYS")
    hours["close"] = hours["open"]
    assert (session_hours("XNYS")["close"] > hours["close"]).all()


@pytest.mark.parametrize(
    ("exchange", "code"), [("XNAS", "XNYS"), ("ARCX", "XNYS"), ("XSHE", "XSHG")]
)
def test_exchanges_that_keep_anothers_calendar(exchange: str, code: str) -> None:
    assert calendar_code(exchange) == code
    assert sessions(exchange).equals(sessions(code))


@given(st.dates(dt.date(2018, 1, 1), dt.date(2026, 12, 31)), st.sampled_from(EXCHANGES))
def test_a_date_is_a_session_or_lies_between_two(date: dt.date, exchange: str) -> None:
    held = is_session(exchange, date)
    assert (len(sessions(exchange, date, date)) == 1) == held
    assert not (held and date.weekday() >= 5)


@given(
    st.dates(dt.date(2018, 1, 1), dt.date(2026, 12, 31)),
    st.dates(dt.date(2018, 1, 1), dt.date(2026, 12, 31)),
)
def test_a_range_is_cut_from_the_whole(one: dt.date, other: dt.date) -> None:
    first, last = sorted((one, other))
    whole = sessions("XHKG")
    inside = (whole >= pd.Timestamp(first)) & (whole <= pd.Timestamp(last))
    assert sessions("XHKG", first, last).equals(whole[inside])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("XLON",), "Unknown exchange 'XLON': known are ARCX, BATS, XAMS"),
        (("XNYS", "2017-12-29"), "2017-12-29 is outside the XNYS calendar"),
        (("XSHG", None, "2041-01-04"), "which runs from 2018-01-01 to"),
        (("XNYS", "2025-02-30"), "'2025-02-30' is not a date"),
        (("XNYS", "2025"), "'2025' is not a date: write it as YYYY-MM-DD"),
        (("XNYS", "03.04.2025"), "'03.04.2025' is not a date"),
        (("XNYS", dt.date(1066, 10, 14)), "is not a date|outside the XNYS calendar"),
        (("XNYS", "9999-12-31"), "'9999-12-31' is not a date"),
        (("XNYS", 5), "5 is not a date"),
        (("XNYS", "2025-02-02", "2025-01-01"), "is after end"),
        (("XNYS", "2025-02-03 10:00"), "is not a date: write it as YYYY-MM-DD"),
        (("XNYS", dt.datetime(2025, 2, 3, 10)), "has a time of day"),
        (("XNYS", pd.Timestamp("2025-02-03", tz="UTC")), "has a time of day or a time"),
        (("XNYS", pd.NaT), "NaT is not a date"),
    ],
)
def test_bad_requests(arguments: tuple[object, ...], message: str) -> None:
    with pytest.raises(CalendarError, match=message):
        sessions(*arguments)  # type: ignore[arg-type]


def test_days_are_read_alike_from_text_and_dates() -> None:
    day = pd.Timestamp("2025-08-29")
    assert parse_day("2025-08-29") == day
    assert parse_day(dt.date(2025, 8, 29)) == day
    assert parse_day(day) == day
