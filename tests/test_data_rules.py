"""Each way in which a price file can be wrong is refused, by file, row and field."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from data_folder import Lines, copy_data, edit_lines, edit_manifest, line_of, set_cell

from helpers.data.files import using_data_dir
from helpers.data.prices import load_prices
from helpers.errors import DataError

CLOSE, ADJUSTED, VOLUME, AGREE = 1, 2, 3, 4
# Line of 2025-08-27 in prices/NVDA.csv.
ROW = 1693
DAY = "2025-08-27"


def swap_rows(lines: Lines) -> None:
    at = line_of(lines, DAY)
    lines[at], lines[at + 1] = lines[at + 1], lines[at]


def repeat_row(lines: Lines) -> None:
    at = line_of(lines, DAY)
    lines.insert(at, lines[at])


def remove_row(lines: Lines) -> None:
    del lines[line_of(lines, DAY)]


def remove_end(lines: Lines) -> None:
    del lines[-3:]


def remove_all(lines: Lines) -> None:
    del lines[1:]


def add_holiday(lines: Lines) -> None:
    at = line_of(lines, "2025-07-03")
    lines.insert(at + 1, lines[at].replace("2025-07-03", "2025-07-04"))


def split_closes(lines: Lines) -> None:
    for at in range(1, line_of(lines, DAY)):
        cells = lines[at].split(",")
        cells[CLOSE] = repr(float(cells[CLOSE]) * 10)
        lines[at] = ",".join(cells)


def rename_column(lines: Lines) -> None:
    lines[0] = lines[0].replace("adj_close", "adjusted")


def shorten_row(lines: Lines) -> None:
    at = line_of(lines, DAY)
    lines[at] = lines[at].rpartition(",")[0]


BROKEN: dict[str, tuple[Callable[[Lines], None], str]] = {
    "negative price": (
        set_cell(DAY, ADJUSTED, "-1"),
        f"row {ROW}, field 'adj_close': is -1: must be above zero",
    ),
    "zero price": (
        set_cell(DAY, CLOSE, "0"),
        f"row {ROW}, field 'close': is 0: must be above zero",
    ),
    "empty adjusted close": (
        set_cell(DAY, ADJUSTED, ""),
        f"row {ROW}, field 'adj_close': is empty",
    ),
    "infinite price": (
        set_cell(DAY, ADJUSTED, "inf"),
        f"row {ROW}, field 'adj_close': is inf",
    ),
    "text for a price": (
        set_cell(DAY, ADJUSTED, "n/a"),
        f"row {ROW}, field 'adj_close': 'n/a' is not a number",
    ),
    "no trade": (
        set_cell(DAY, VOLUME, "0"),
        f"row {ROW}, field 'volume': is 0: must be above zero",
    ),
    "negative count": (
        set_cell(DAY, AGREE, "-1"),
        f"row {ROW}, field 'sources_agree': is -1: must be a count",
    ),
    "half a count": (
        set_cell(DAY, AGREE, "1.5"),
        f"row {ROW}, field 'sources_agree': is 1.5: must be a count",
    ),
    "another way to write dates": (
        set_cell(DAY, 0, "27/08/2025"),
        f"row {ROW}, field 'date': '27/08/2025' is not a date",
    ),
    "twice the same date": (
        repeat_row,
        f"row {ROW + 1}, field 'date': 2025-08-27 occurs twice",
    ),
    "unsorted": (
        swap_rows,
        f"row {ROW + 1}, field 'date': 2025-08-27 comes after a later date",
    ),
    "no session of the exchange": (
        add_holiday,
        "row 1656, field 'date': 2025-07-04 was no session of the exchange",
    ),
    "missing session without a reason": (
        remove_row,
        f"row {ROW}, field 'date': no row for the session 2025-08-27",
    ),
    "large move without a reason": (
        set_cell("2026-08-21", ADJUSTED, "300"),
        r"row 1940, field 'adj_close': moves by \+\d\d\.\d\d% on 2026-08-21",
    ),
    "close and adjusted close disagree": (
        set_cell(DAY, CLOSE, "183.60"),
        rf"row {ROW}, field 'close': the returns of close and adj_close differ by",
    ),
    "closes on another split basis": (
        split_closes,
        r"row 2, field 'close': .* are not on one basis \(1691 rows\)",
    ),
    "other columns": (rename_column, "row 1: columns must be date, close, adj_close"),
    "short row": (shorten_row, f"row {ROW}, field 'sources_differ': is empty"),
    "long row": (
        set_cell(DAY, VOLUME, "235,518,900"),
        f"row {ROW}: has 8 values, not 6",
    ),
    "end cut off": (remove_end, "rows is 1936 where the manifest says 1939"),
    "nothing but the header": (remove_all, "row 1: has no rows"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_data(tmp_path / "data")


@pytest.mark.parametrize("fault", BROKEN)
def test_broken_file(folder: Path, fault: str) -> None:
    change, message = BROKEN[fault]
    edit_lines(folder, "prices/NVDA.csv", change)
    with (
        using_data_dir(folder),
        pytest.raises(DataError, match=rf"prices/NVDA\.csv(, |: ){message}"),
    ):
        load_prices("NVDA")


def test_first_faults_are_named_and_the_rest_counted(folder: Path) -> None:
    def break_many(lines: Lines) -> None:
        for day in ("2025-08-25", "2025-08-26", "2025-08-27", "2025-08-28"):
            set_cell(day, VOLUME, "0")(lines)

    edit_lines(folder, "prices/NVDA.csv", break_many)
    with using_data_dir(folder), pytest.raises(DataError, match="and 1 more") as caught:
        load_prices("NVDA")
    assert len(str(caught.value).splitlines()) == 4


def test_an_index_pays_no_distribution(folder: Path) -> None:
    def raise_closes(lines: Lines) -> None:
        for at in range(1, line_of(lines, "2025-08-27")):
            cells = lines[at].split(",")
            cells[CLOSE] = repr(float(cells[CLOSE]) * 1.01)
            lines[at] = ",".join(cells)

    edit_lines(folder, "prices/_GSPC.csv", raise_closes)
    with (
        using_data_dir(folder),
        pytest.raises(
            DataError, match=rf"_GSPC\.csv, row {ROW}, field 'close': the returns"
        ),
    ):
        load_prices("^GSPC")


def record(symbol: str, **fields: Any) -> Callable[[dict[str, Any]], None]:
    def change(entries: dict[str, Any]) -> None:
        entries[f"prices/{symbol}.csv"].update(fields)

    return change


def gap(first: str, last: str) -> dict[str, str]:
    return {"kind": "hole", "first": first, "last": last, "reason": "a test"}


EXCEPTIONS = {
    "a recorded gap that has a price": (
        record("NVDA", gaps=[gap(DAY, DAY)]),
        f"row {ROW}, field 'date': 2025-08-27 is recorded as missing",
    ),
    "a recorded gap without a session": (
        record("NVDA", gaps=[gap("2025-07-04", "2025-07-06")]),
        "field 'date': the recorded gap from 2025-07-04 to 2025-07-06 covers no",
    ),
    "a recorded move that did not happen": (
        record("NVDA", moves=[{"date": DAY, "value": 0.4}]),
        r"field 'adj_close': the recorded move of \+40\.00% on 2025-08-27 is not in",
    ),
    "an undone correction": (
        record(
            "NVDA",
            alterations=[
                {"kind": "correction", "first": DAY, "field": "close", "value": 1.0}
            ],
        ),
        "field 'close': should be 1 on 2025-08-27",
    ),
    "another first date": (
        record("NVDA", first="2018-12-04"),
        "first is 2018-12-03 where the manifest says 2018-12-04",
    ),
}


@pytest.mark.parametrize("exception", EXCEPTIONS)
def test_what_is_recorded_must_be_in_the_file(folder: Path, exception: str) -> None:
    change, message = EXCEPTIONS[exception]
    edit_manifest(folder, change)
    with (
        using_data_dir(folder),
        pytest.raises(DataError, match=rf"prices/NVDA\.csv(, |: ){message}"),
    ):
        load_prices("NVDA")


def test_a_recorded_move_of_another_size_is_refused(folder: Path) -> None:
    def change(entries: dict[str, Any]) -> None:
        entries["prices/ARM.csv"]["moves"][0]["value"] = 0.4889

    edit_manifest(folder, change)
    with (
        using_data_dir(folder),
        pytest.raises(
            DataError,
            match=r"ARM\.csv, row 103, field 'adj_close': moves by \+0\.4789 on "
            r"2024-02-08, where \+0\.4889 is recorded",
        ),
    ):
        load_prices("ARM")
