"""Events on the sessions of instruments: rows, neighbours and masks."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.data.calendars import is_session, sessions
from helpers.data.instruments import load_instruments
from helpers.data.ledger import load_earnings, load_ledger
from helpers.errors import CalendarError, DataError, StudyError
from helpers.study.events import event_mask, load_events, overlapping_events

REMARK = "deepseek-v31-domestic-chip-remark"


def dates(table: pd.DataFrame, column: str = "day0") -> list[str]:
    """Return a column of dates as text."""
    return table[column].dt.strftime("%Y-%m-%d").tolist()


def test_without_symbols_each_event_has_those_that_the_ledger_names():
    events, ledger = load_events(), load_ledger()

    expected = [
        (event_id, symbol)
        for event_id, symbols in ledger["symbols"].items()
        for symbol in symbols
    ]
    assert list(zip(events["event_id"], events["symbol"], strict=True)) == expected
    nameless = ledger.index[ledger["symbols"].map(len) == 0]
    assert events.attrs["without_symbols"] == tuple(nameless)
    assert set(events["event_id"]) | set(nameless) == set(ledger.index)


def test_asked_for_symbols_every_event_has_each_of_them():
    events = load_events(["NVDA", "688256.SS"])

    assert len(events) == 2 * len(load_ledger())
    assert events.attrs["without_symbols"] == ()
    assert events.loc[:1, "exchange"].tolist() == ["XNAS", "XSHG"]


def test_day0_is_a_session_of_each_symbols_own_exchange():
    events = load_events()
    exchange_of = load_instruments()["mic"]

    assert (events["exchange"] == events["symbol"].map(exchange_of)).all()
    for row in events.itertuples():
        assert is_session(row.exchange, row.day0), row


def test_one_event_has_a_day0_for_each_exchange():
    events = load_events(
        ["NVDA", "0981.HK", "688256.SS"], event_ids="deepseek-v4-huawei-report"
    )

    assert dates(events) == ["2026-04-06", "2026-04-08", "2026-04-07"]
    assert events["flagged"].all()
    assert set(events["window"]) == {(0, 0)}


def test_an_event_known_to_the_day_or_between_sessions_has_a_longer_window():
    events = load_events(
        ["NVDA", "688981.SS"], event_ids=[REMARK, "smic-entity-list"]
    ).set_index(["event_id", "symbol"])

    assert events.loc[(REMARK, "NVDA"), "window"] == (0, 1)
    assert events.loc[("smic-entity-list", "688981.SS"), "window"] == (0, 1)
    assert events.loc[("smic-entity-list", "NVDA"), "window"] == (0, 0)


def test_events_are_chosen_by_id_type_actor_and_verification():
    ledger = load_ledger()

    controls = load_events("NVDA", types="control")
    assert "ai-diffusion-rescission-ascend-guidance" in set(controls["event_id"])
    by_us = load_events("NVDA", types="control", actors="us-government")
    assert set(by_us["actor"]) == {"us-government"}
    assert len(by_us) < len(controls)
    sure = load_events("NVDA", verification=["verified", "curated-list"])
    assert len(sure) == ledger["verification"].isin(["verified", "curated-list"]).sum()
    in_order = load_events("NVDA", event_ids=["deepseek-v4", "deepseek-v3"])
    assert in_order["event_id"].tolist() == ["deepseek-v3", "deepseek-v4"]
    assert load_events("NVDA", event_ids=[]).empty


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"symbols": "NVDAA"}, "Unknown symbol 'NVDAA': did you mean NVDA"),
        ({"event_ids": "deepseek-v9"}, "Unknown event 'deepseek-v9': .*deepseek-v3"),
        ({"types": "contrl"}, "Unknown type 'contrl': .*control"),
        ({"actors": "usa"}, "Unknown actor 'usa'"),
        ({"verification": "sure"}, "Unknown verification 'sure'"),
        ({"symbols": 5}, "5 is no symbol"),
        ({"symbols": ["NVDA", None]}, "None is no symbol"),
    ],
)
def test_unknown_names_are_refused(arguments: dict[str, str], message: str):
    with pytest.raises(DataError, match=message):
        load_events(**arguments)


def test_the_late_august_remark_has_the_neighbours_that_compete_with_it():
    around = overlapping_events(REMARK, "XNAS", before=2, after=6)

    assert REMARK not in around.index
    assert {
        "macro-ai-bubble-scare",
        "h20-production-halt",
        "macro-jackson-hole",
        "nvda-results-fy26-q2",
        "alibaba-ai-chip-report",
        "veu-revocation",
    } <= set(around.index)
    assert around.loc["macro-ai-bubble-scare", "offset"] == -2
    assert around.loc["alibaba-ai-chip-report", "offset"] == 6
    assert around["day0"].is_monotonic_increasing


def test_an_event_counts_as_soon_as_its_window_touches_the_sessions():
    # The window of the remark reaches from 2025-08-21 to 08-22.
    assert REMARK in overlapping_events("2025-08-22", "XSHG", 0, 0).index
    assert REMARK not in overlapping_events("2025-08-25", "XSHG", 0, 0).index
    assert REMARK not in overlapping_events("2025-08-20", "XSHG", 0, 0).index


def test_a_date_without_a_session_stands_for_the_next_one():
    saturday = overlapping_events("2025-08-30", "XHKG", 0, 0)

    assert set(saturday["day0"]) == {pd.Timestamp("2025-09-01")}
    pd.testing.assert_frame_equal(
        saturday, overlapping_events(pd.Timestamp("2025-09-01"), "XHKG", 0, 0)
    )


@pytest.mark.parametrize(
    ("around", "exchange", "before", "error", "message"),
    [
        ("deepseek-v9", "XNAS", 5, DataError, "neither an event"),
        (None, "XNAS", 5, DataError, "neither an event"),
        ("2031-01-02", "XNAS", 5, CalendarError, "outside the XNYS calendar"),
        ("2026-12-31", "XKRX", 5, CalendarError, "after the last session"),
        ("2025-08-21", "NASDAQ", 5, CalendarError, "Unknown exchange"),
        ("2025-08-21", "XNAS", -1, CalendarError, "count sessions"),
    ],
)
def test_neighbours_of_nothing_are_refused(around, exchange, before, error, message):
    with pytest.raises(error, match=message):
        overlapping_events(around, exchange, before)


def test_mask_holds_own_events_macro_events_and_results():
    mask = event_mask("AMD").set_index("date")["because"]

    assert "nvda-a100-h100-letter" in mask["2022-09-01"]
    assert "macro-tariff-pause" in mask["2025-04-09"]
    assert "macro-tariff-pause" in mask["2025-04-10"]
    # Results by date only: the date, the day after, and one more for the span.
    for date in ("2025-08-05", "2025-08-06", "2025-08-07"):
        assert mask[date] == "earnings"
    assert "2025-08-08" not in mask.index
    # Alibaba's chip does not name AMD.
    assert "2025-08-29" not in mask.index


def test_mask_lies_on_sessions_and_names_each_once():
    mask = event_mask(["NVDA", "0981.HK", "688981.SS"])

    assert not mask.duplicated(["symbol", "date"]).any()
    exchange_of = load_instruments()["mic"]
    for symbol, rows in mask.groupby("symbol"):
        assert rows["date"].isin(sessions(exchange_of[symbol])).all()
    assert "earnings" not in ";".join(mask.loc[mask["symbol"] != "NVDA", "because"])


def test_excluded_events_mask_nothing_but_do_not_unmask_others():
    full = event_mask("688256.SS")
    without = event_mask("688256.SS", exclude=["h20-avoid-guidance", REMARK])

    lost = set(full["date"]) - set(without["date"])
    assert {pd.Timestamp("2025-08-12"), pd.Timestamp("2025-08-13")} <= lost
    # 2025-08-22 is also the session of the H20 production halt.
    assert pd.Timestamp("2025-08-22") in set(without["date"])


def test_span_widens_the_mask():
    narrow = event_mask("NVDA", span=(0, 0))
    wide = event_mask("NVDA", span=(-1, 2))

    assert set(narrow["date"]) < set(wide["date"])
    h20 = wide[wide["because"].str.contains("nvda-h20-licence")]
    # Day 0 is Wednesday 2025-04-16; Good Friday is no session.
    assert dates(h20, "date") == [
        "2025-04-15",
        "2025-04-16",
        "2025-04-17",
        "2025-04-21",
    ]


def test_every_results_date_of_a_firm_is_masked():
    earnings = load_earnings()
    masked = event_mask(sorted(earnings["symbol"].unique()))
    keys = set(zip(masked["symbol"], masked["date"], strict=True))

    assert set(zip(earnings["symbol"], earnings["date"], strict=True)) <= keys


def test_malformed_masks_are_refused():
    with pytest.raises(StudyError, match="ends before it starts"):
        event_mask("NVDA", span=(1, 0))
    with pytest.raises(DataError, match="Unknown symbol"):
        event_mask("NVDAA")
    with pytest.raises(DataError, match="Unknown event"):
        event_mask("NVDA", exclude="deepseek-v9")
