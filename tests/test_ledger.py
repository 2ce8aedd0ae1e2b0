"""The ledger's tables as they are, and each way in which an edit can break them."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from helpers.data.ledger import (
    load_claims,
    load_earnings,
    load_ledger,
    load_sources,
    local_dates,
)
from helpers.errors import DataError

TABLES = ["events.csv", "sources.csv", "claims.csv", "earnings.csv"]
REMARK = "deepseek-v31-domestic-chip-remark"

Change = Callable[[list[dict[str, str]]], None]


@pytest.fixture
def folder(root: Path, tmp_path: Path) -> Path:
    """A folder with copies of the ledger's tables, free to be broken."""
    for name in TABLES:
        shutil.copy(root / "data" / name, tmp_path / name)
    return tmp_path


def change(folder: Path, name: str, edit: Change) -> None:
    """Rewrite a table after `edit` has changed its rows in place."""
    with open(folder / name, newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        rows, columns = list(reader), list(reader.fieldnames or [])
    edit(rows)
    with open(folder / name, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def set_field(key: str, field: str, value: str) -> Change:
    """Return an edit of one field of the row whose first field is `key`."""

    def edit(rows: list[dict[str, str]]) -> None:
        row = next(row for row in rows if next(iter(row.values())) == key)
        row[field] = value

    return edit


def line_of(folder: Path, name: str, key: str) -> int:
    """Return the line of the first row that begins with `key`."""
    lines = (folder / name).read_text(encoding="utf-8").splitlines()
    return next(n for n, line in enumerate(lines, 1) if line.startswith(f"{key},"))


def test_bundled_tables_hold_what_the_codebook_says():
    ledger = load_ledger()

    assert len(ledger) >= 111
    assert ledger["announced_at"].is_monotonic_increasing
    assert str(ledger["announced_at"].dtype) == "datetime64[ns, UTC]"
    assert set(ledger["precision"]) == {"minute", "session", "day"}
    width = ledger["latest_at"] - ledger["earliest_at"]
    assert set(width[ledger["precision"] == "minute"]) == {pd.Timedelta(0)}
    # The widest stretch is a weekend.
    assert width.max() <= pd.Timedelta(days=2)
    assert (ledger["earliest_at"] <= ledger["announced_at"]).all()
    assert (ledger["announced_at"] <= ledger["latest_at"]).all()
    assert set(load_sources()["event_id"]) == set(ledger.index)


def test_sources_of_an_event_are_numbered_from_one_without_gaps():
    for numbers in load_sources().groupby("event_id")["n"].agg(list):
        assert numbers == list(range(1, len(numbers) + 1))


def test_macro_and_results_are_confounders_and_only_they_have_no_sign():
    ledger = load_ledger()

    assert ledger.loc[ledger["type"] == "macro", "confounder"].all()
    assert set(ledger.loc[ledger["confounder"], "type"]) == {"macro", "earnings"}
    # Results of a Chinese chip firm are an event of the study, not a nuisance.
    assert not ledger.loc["cambricon-h1-2025", "confounder"]
    assert ((ledger["sign_cn_thesis"] == "none") == ledger["confounder"]).all()


def test_a_mixed_event_keeps_both_types_and_a_doubtful_sign_keeps_its_lean():
    ledger = load_ledger()

    both = ledger.loc["ai-diffusion-rescission-ascend-guidance"]
    assert (both["type"], both["type_second"]) == ("relaxation", "control")
    doubtful = ledger.loc["h20-resumption"]
    assert (doubtful["sign_cn_conventional"], doubtful["lean_cn_conventional"]) == (
        "mixed",
        "-",
    )


def test_the_ledger_never_dates_an_event_by_its_private_letter():
    ledger = load_ledger()
    dates = dict(zip(ledger.index, local_dates(ledger), strict=True))

    assert dates["nvda-a100-h100-letter"] == dt.date(2022, 8, 31)
    assert dates["nvda-h20-licence"] == dt.date(2025, 4, 15)
    assert dates["big-fund-iii"] == dt.date(2024, 5, 27)
    assert dates["ai-diffusion-rescission-ascend-guidance"] == dt.date(2025, 5, 13)


def test_nvidia_results_have_the_same_dates_in_ledger_and_earnings():
    ledger = load_ledger()
    results = ledger[ledger.index.str.startswith("nvda-results-")]
    earnings = load_earnings()
    listed = earnings.loc[earnings["symbol"] == "NVDA", "date"]

    assert {pd.Timestamp(date) for date in local_dates(results)} == set(
        listed[listed >= "2022-01-01"]
    )


def test_claims_resolve_their_selectors():
    claims, ledger = load_claims(), load_ledger()

    pressure = claims.loc["pressure-accelerates"]
    types = ledger.loc[list(pressure["event_ids"]), ["type", "type_second"]]
    assert types.isin(["control", "relaxation"]).any(axis=1).all()
    assert set(types.to_numpy().ravel()) == {"control", "relaxation", ""}
    assert claims.loc["parallel-ecosystems", "event_ids"] == tuple(ledger.index)
    later = ledger.loc[list(claims.loc["how-quickly", "event_ids"])]
    assert min(local_dates(later)) == dt.date(2025, 9, 29)
    assert (
        claims.loc["dip-is-signal", "event_ids"]
        == (claims.loc["nvidia-dip", "event_ids"])
    )
    assert claims.loc["pressure-accelerates", "kind"] == ("price", "fundamentals")


def test_after_a_date_leaves_the_events_of_that_date_out(folder: Path):
    edit = set_field("how-quickly", "event_ids", "after:2025-09-29")
    change(folder, "claims.csv", edit)

    later = load_claims(folder).loc["how-quickly", "event_ids"]

    assert "rare-earth-rules" in later
    assert "deepseek-v32-exp" not in later


def test_an_added_event_is_taken_up_by_claims_that_select_it(folder: Path):
    def add(rows: list[dict[str, str]]) -> None:
        rows.append({**rows[-1], "event_id": "later-event"})

    change(folder, "events.csv", add)
    change(folder, "sources.csv", set_new_source("later-event"))

    assert "later-event" in load_claims(folder).loc["how-quickly", "event_ids"]


def set_new_source(event_id: str) -> Change:
    def add(rows: list[dict[str, str]]) -> None:
        rows.append({**rows[-1], "event_id": event_id, "n": "1"})

    return add


BROKEN_EVENTS = [
    ("symbols", "NVDA;NVDAX", "'NVDAX' is not a symbol of instruments.csv"),
    ("symbols", "NVDA; AMD", "separate by ';' alone"),
    ("symbols", "NVDA;NVDA", "names something twice"),
    ("type", "sanction", "'sanction' is not one of control"),
    ("type_second", "sanction", "'sanction' is not one of '', control"),
    ("type_second", "model-release", "repeats the type"),
    ("actor", "moon", "'moon' is not one of us-government"),
    ("sign_nvda_thesis", "−", "is not one of +, -, 0, mixed, none"),
    ("lean_nvda_thesis", "0", "is not one of '', +, -"),
    ("lean_nvda_thesis", "+", "goes with the sign 0 or mixed"),
    ("sign_cn_thesis", "none", "for a confounder and for nothing else"),
    ("confounder", "yes", "'yes' is not one of true, false"),
    ("precision", "hour", "'hour' is not one of minute, session, day"),
    ("precision", "minute", "earliest_at and latest_at differ"),
    ("verification", "sure", "'sure' is not one of verified"),
    ("time_confidence", "sure", "'sure' is not one of high"),
    ("timezone", "Asia/Peking", "no IANA time zone"),
    ("timezone", "Asia", "no IANA time zone"),
    ("timezone", "", "no IANA time zone"),
    ("announced_at", "yesterday", "is not an instant"),
    ("announced_at", "2025-08-21T12:00", "has no UTC offset"),
    ("announced_at", "2025-08-21", "has no UTC offset"),
    ("announced_at", "2025-08-21T12:00-04:00", "another offset than Asia/Shanghai"),
    ("announced_at", "2025-08-22T12:00+08:00", "not between earliest_at and latest"),
    ("latest_at", "2025-08-21T17:00+08:00", "must be 00:00 and 23:59"),
    ("earliest_at", "", "is not an instant"),
    ("confounders", "deepseek-v9", "'deepseek-v9' is no other event's id"),
    ("confounders", REMARK, "is no other event's id"),
    ("title", " ", "is empty"),
    ("event_id", "Remark 1", "small letters, digits and hyphens"),
]


@pytest.mark.parametrize(("field", "value", "message"), BROKEN_EVENTS)
def test_a_broken_event_is_refused_by_row_and_field(
    folder: Path, field: str, value: str, message: str
):
    row = line_of(folder, "events.csv", REMARK)
    change(folder, "events.csv", set_field(REMARK, field, value))
    # A faulty bound shows at the representative instant; a faulty word, where it is.
    shown = "precision" if "must be 00:00" in message else field

    with pytest.raises(DataError, match=f"events.csv, row {row}") as caught:
        load_ledger(folder)

    assert message in str(caught.value)
    assert f"field '{shown}'" in str(caught.value)


@pytest.mark.parametrize("date", ["2017-12-29", "2026-12-31", "2031-01-02"])
def test_an_event_outside_the_calendars_is_refused(folder: Path, date: str):
    for field in ("earliest_at", "announced_at", "latest_at"):
        clock = {"earliest_at": "00:00", "announced_at": "17:00", "latest_at": "23:59"}
        change(
            folder,
            "events.csv",
            set_field(REMARK, field, f"{date}T{clock[field]}+08:00"),
        )

    with pytest.raises(DataError, match=r"field 'announced_at'.*outside the calendars"):
        load_ledger(folder)


def test_session_precision_without_an_interval_is_refused(folder: Path):
    for field in ("earliest_at", "latest_at"):
        edit = set_field("deepseek-r1", field, "2025-01-20T20:00+08:00")
        change(folder, "events.csv", edit)

    with pytest.raises(DataError, match="is session, yet earliest_at equals"):
        load_ledger(folder)


def test_an_offset_must_be_that_of_the_date_and_not_of_the_season(folder: Path):
    # 2025-03-10 is the first Monday of summer time in New York.
    for field in ("earliest_at", "announced_at", "latest_at"):
        edit = set_field("macro-jackson-hole", field, "2025-03-10T10:00-05:00")
        change(folder, "events.csv", edit)

    with pytest.raises(DataError, match="the clock shows 2025-03-10T11:00-04:00"):
        load_ledger(folder)


def test_a_day_on_which_the_clocks_change_can_be_known_to_the_day(folder: Path):
    values = {
        "timezone": "America/New_York",
        "earliest_at": "2025-03-09T00:00-05:00",
        "announced_at": "2025-03-09T12:00-04:00",
        "latest_at": "2025-03-09T23:59-04:00",
    }
    for field, value in values.items():
        change(folder, "events.csv", set_field(REMARK, field, value))

    assert load_ledger(folder).loc[REMARK, "precision"] == "day"


def test_a_repeated_event_is_refused(folder: Path):
    change(folder, "events.csv", lambda rows: rows.append(rows[0]))

    with pytest.raises(DataError, match=r"row \d+, .*in row 2 already"):
        load_ledger(folder)


def test_an_event_without_a_source_is_refused(folder: Path):
    def drop(rows: list[dict[str, str]]) -> None:
        rows[:] = [row for row in rows if row["event_id"] != REMARK]

    change(folder, "sources.csv", drop)

    for load in (load_ledger, load_sources, load_claims):
        with pytest.raises(DataError, match=f"'{REMARK}' has no source"):
            load(folder)


BROKEN_SOURCES = [
    ("event_id", "no-such-event", "is not an event of events.csv"),
    ("n", "0", "whole number from 1"),
    ("n", "one", "whole number from 1"),
    ("publisher", "", "is empty"),
    ("title", "", "is empty"),
    ("published", "May 2025", "is not YYYY"),
    ("url", "www.example.org", "is not a web address"),
    ("status", "maybe", "'maybe' is not one of read"),
]


@pytest.mark.parametrize(("field", "value", "message"), BROKEN_SOURCES)
def test_a_broken_source_is_refused_by_row_and_field(
    folder: Path, field: str, value: str, message: str
):
    row = line_of(folder, "sources.csv", REMARK)
    change(folder, "sources.csv", set_field(REMARK, field, value))

    with pytest.raises(
        DataError, match=f"sources.csv, row {row}, field '{field}'"
    ) as caught:
        load_sources(folder)

    assert message in str(caught.value)


def test_a_repeated_source_is_refused(folder: Path):
    change(folder, "sources.csv", lambda rows: rows.append(rows[-1]))

    with pytest.raises(DataError, match=r"sources.csv, row \d+, field 'n'"):
        load_ledger(folder)


BROKEN_CLAIMS = [
    ("event_ids", "no-such-event", "no event of events.csv and no selector"),
    ("event_ids", "type:sanction", "no event of events.csv and no selector"),
    ("event_ids", "after:soon", "is not a date"),
    ("event_ids", "after:20250928", "is not a date"),
    ("event_ids", "after:2030-01-01", "selects no event"),
    ("event_ids", "", "selects no event"),
    ("kind", "hearsay", "'hearsay' is not made of price"),
    ("kind", "", "'' is not made of price"),
    ("claim", "", "is empty"),
    ("claim_id", "NVIDIA dip", "small letters, digits and hyphens"),
]


@pytest.mark.parametrize(("field", "value", "message"), BROKEN_CLAIMS)
def test_a_broken_claim_is_refused_by_row_and_field(
    folder: Path, field: str, value: str, message: str
):
    row = line_of(folder, "claims.csv", "nvidia-dip")
    change(folder, "claims.csv", set_field("nvidia-dip", field, value))

    with pytest.raises(
        DataError, match=f"claims.csv, row {row}, field '{field}'"
    ) as caught:
        load_claims(folder)

    assert message in str(caught.value)


def test_a_repeated_claim_is_refused(folder: Path):
    change(folder, "claims.csv", lambda rows: rows.append(rows[0]))

    with pytest.raises(DataError, match="nvidia-dip is in row 2 already"):
        load_claims(folder)


BROKEN_EARNINGS = [
    ("symbol", "NVDAX", "is not a symbol of instruments.csv"),
    ("date", "2020-7-28", "is not a date"),
    ("date", "2020-02-30", "is not a date"),
    ("timing", "noon", "'noon' is not one of before-open"),
    ("status", "maybe", "'maybe' is not one of reported"),
]


@pytest.mark.parametrize(("field", "value", "message"), BROKEN_EARNINGS)
def test_a_broken_earnings_date_is_refused_by_row_and_field(
    folder: Path, field: str, value: str, message: str
):
    row = line_of(folder, "earnings.csv", "AMD")
    change(folder, "earnings.csv", set_field("AMD", field, value))

    with pytest.raises(
        DataError, match=f"earnings.csv, row {row}, field '{field}'"
    ) as caught:
        load_earnings(folder)

    assert message in str(caught.value)


def test_a_repeated_earnings_date_is_refused(folder: Path):
    change(folder, "earnings.csv", lambda rows: rows.append(rows[0]))

    with pytest.raises(DataError, match=r"earnings.csv, row \d+.*in row 2 already"):
        load_earnings(folder)


LOADERS = [
    ("events.csv", load_ledger),
    ("sources.csv", load_sources),
    ("claims.csv", load_claims),
    ("earnings.csv", load_earnings),
]


@pytest.mark.parametrize(("name", "load"), LOADERS)
def test_the_shape_of_a_table_is_checked(
    folder: Path, name: str, load: Callable[[Path], pd.DataFrame]
):
    path = folder / name
    sound = path.read_text(encoding="utf-8")
    header, _, body = sound.partition("\n")
    first = header.split(",")[1]

    def refused(text: str, message: str) -> None:
        path.write_text(text, encoding="utf-8")
        with pytest.raises(DataError, match=message):
            load(folder)

    refused(header + "\n", f"{name}: has no rows")
    refused("", f"{name}, row 1: columns must be")
    refused(sound.replace(f",{first},", ",", 1), rf"missing: {first}; unknown: none")
    refused(f"{header},colour\n{body}", "missing: none; unknown: colour")
    refused(f"{sound}one,two\n", r"row \d+: has 2 fields instead of")
    refused(f'{sound}"never closed', r"row \d+: is no CSV")
    path.write_bytes(sound.encode("utf-8") + b"\xff\n")
    with pytest.raises(DataError, match=f"{name}: is not UTF-8"):
        load(folder)
    path.unlink()
    with pytest.raises(DataError, match=f"{name}: cannot be read"):
        load(folder)


def test_rows_are_counted_as_lines_of_the_file(folder: Path):
    # A note of two lines shifts what follows in an editor, and so in the message.
    change(folder, "events.csv", set_field("zte-denial-order", "notes", "one\ntwo"))
    change(folder, "events.csv", set_field("huawei-entity-list", "actor", "moon"))

    with pytest.raises(DataError, match=r"events.csv, row 4, field 'actor'"):
        load_ledger(folder)


def test_a_table_saved_by_a_spreadsheet_is_read(folder: Path):
    path = folder / "events.csv"
    text = path.read_text(encoding="utf-8").replace("\n", "\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + text.encode("utf-8"))

    pd.testing.assert_frame_equal(load_ledger(folder), load_ledger())
