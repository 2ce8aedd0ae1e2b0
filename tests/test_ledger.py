"""What the ledger holds, and what a new event does to it."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from data_folder import read_from

from helpers.data.claims import leg_events, load_claim_legs
from helpers.data.ledger import (
    load_claims,
    load_earnings,
    load_ledger,
    load_sources,
    local_dates,
)
from helpers.errors import DataError

REMARK = "deepseek-v31-domestic-chip-remark"

Change = Callable[[list[dict[str, str]]], None]


@pytest.fixture
def folder(root: Path, tmp_path: Path) -> Path:
    """A folder with copies of the ledger's tables, free to be broken."""
    for path in (root / "data").glob("*.csv"):
        shutil.copy(path, tmp_path)
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


def test_no_clock_is_a_minute_that_was_read_from_prices():
    ledger = load_ledger()
    told = ledger[ledger["notes"].str.contains("from prices")]

    assert set(told.index) == {"ai-diffusion-rescission-report", "us-mulls-h200"}
    assert told["notes"].str.startswith("Minute from prices, ").all()
    assert (told["latest_at"] - told["earliest_at"] > pd.Timedelta(hours=2)).all()


def test_clocks_are_as_early_as_what_was_read():
    ledger = load_ledger()

    def bounds(event_id: str) -> list[str]:
        about = ledger.loc[event_id]
        ends = about[["earliest_at", "latest_at"]]
        return [f"{end.tz_convert(about['timezone']):%m-%d %H:%M}" for end in ends]

    assert bounds("veu-revocation")[1] == "08-29 09:10"
    assert bounds("h20-security-summons")[1] == "07-31 13:51"
    assert bounds("smic-entity-list")[0] == "12-18 09:30"
    assert bounds("customs-crackdown-nvidia")[1] == "10-10 17:24"
    assert bounds("gallium-ban-to-us")[1] == "12-03 16:52"
    assert bounds("macro-nvda-intel-stake")[1] == "09-18 08:10"
    assert bounds("zte-denial-order")[1] == "04-16 09:29"
    assert bounds("h200-export-decision")[0] == "12-08 12:56"
    assert bounds("nvda-8k-2023-10-17") == ["10-17 17:27"] * 2
    # One page that puts it after the close does not make a clock.
    assert ledger.loc[REMARK, "precision"] == "day"


def test_a_report_that_nobody_found_again_stays_out_of_every_leg():
    unfound = "deepseek-picks-huawei-training-report"
    ledger, legs = load_ledger(), load_claim_legs()

    assert list(ledger.index[ledger["verification"] == "unverified"]) == [unfound]
    asked = [leg_events(leg) for leg in legs["events"]]
    assert any(asked)
    assert not any(unfound in events for events in asked)


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

    later = read_from(folder, load_claims).loc["how-quickly", "event_ids"]

    assert "rare-earth-rules" in later
    assert "deepseek-v32-exp" not in later


def test_an_added_event_is_taken_up_by_claims_that_select_it(folder: Path):
    def add(rows: list[dict[str, str]]) -> None:
        rows.append({**rows[-1], "event_id": "later-event"})

    change(folder, "events.csv", add)
    change(folder, "sources.csv", set_new_source("later-event"))

    assert (
        "later-event" in read_from(folder, load_claims).loc["how-quickly", "event_ids"]
    )


def set_new_source(event_id: str) -> Change:
    def add(rows: list[dict[str, str]]) -> None:
        rows.append({**rows[-1], "event_id": event_id, "n": "1"})

    return add


@pytest.mark.parametrize("date", ["2017-12-29", "2041-01-02"])
def test_an_event_outside_the_calendars_is_refused(folder: Path, date: str):
    for field in ("earliest_at", "announced_at", "latest_at"):
        clock = {"earliest_at": "00:00", "announced_at": "17:00", "latest_at": "23:59"}
        change(
            folder,
            "events.csv",
            set_field(REMARK, field, f"{date}T{clock[field]}+08:00"),
        )

    with pytest.raises(DataError, match=r"field 'announced_at'.*outside the calendars"):
        read_from(folder, load_ledger)


def test_an_offset_must_be_that_of_the_date_and_not_of_the_season(folder: Path):
    # 2025-03-10 is the first Monday of summer time in New York.
    for field in ("earliest_at", "announced_at", "latest_at"):
        edit = set_field("macro-jackson-hole", field, "2025-03-10T10:00-05:00")
        change(folder, "events.csv", edit)

    with pytest.raises(DataError, match="the clock shows 2025-03-10T11:00-04:00"):
        read_from(folder, load_ledger)


def test_a_day_on_which_the_clocks_change_can_be_known_to_the_day(folder: Path):
    values = {
        "timezone": "America/New_York",
        "earliest_at": "2025-03-09T00:00-05:00",
        "announced_at": "2025-03-09T12:00-04:00",
        "latest_at": "2025-03-09T23:59-04:00",
    }
    for field, value in values.items():
        change(folder, "events.csv", set_field(REMARK, field, value))

    assert read_from(folder, load_ledger).loc[REMARK, "precision"] == "day"


def test_an_event_without_a_source_is_refused(folder: Path):
    def drop(rows: list[dict[str, str]]) -> None:
        rows[:] = [row for row in rows if row["event_id"] != REMARK]

    change(folder, "sources.csv", drop)

    for load in (load_ledger, load_sources, load_claims):
        with pytest.raises(DataError, match=f"'{REMARK}' has no source"):
            read_from(folder, load)
