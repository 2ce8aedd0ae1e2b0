"""Each way in which a price file can be wrong is found, by file, row and field."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from data_folder import Lines, copy_few, edit_lines, line_of, set_cell

from helpers.data.files import using_data_dir
from helpers.data.prices import load_prices
from helpers.data.verify import verify
from helpers.errors import DataError

CLOSE, ADJUSTED, VOLUME, AGREE = 1, 2, 3, 4
# Those that are damaged here, and the markets and sectors that they name.
SYMBOLS = (
    *("NVDA", "ARM", "^GSPC", "^SOX", "0700.HK", "^HSI"),
    *("688347.SS", "000300.SS", "000688.SS"),
)
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
        f"row {ROW}, field 'adj_close': 'inf' is not a number",
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
        f"row {ROW}, field 'sources_agree': '-1' is not a whole number",
    ),
    "half a count": (
        set_cell(DAY, AGREE, "1.5"),
        f"row {ROW}, field 'sources_agree': '1.5' is not a whole number",
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
        f"row {ROW}, field 'date': 2025-08-27 is a session without a row",
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
    "short row": (shorten_row, f"row {ROW}: has 5 fields instead of 6"),
    "long row": (
        set_cell(DAY, VOLUME, "235,518,900"),
        f"row {ROW}: has 8 fields instead of 6",
    ),
    "end cut off": (remove_end, "rows is 1936 where the manifest says 1939"),
    "nothing but the header": (remove_all, "row 1: has no rows"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_few(tmp_path / "data", SYMBOLS)


@pytest.mark.parametrize("fault", BROKEN)
def test_broken_file(folder: Path, fault: str) -> None:
    change, message = BROKEN[fault]
    edit_lines(folder, "prices/NVDA.csv", change)
    assert_found(folder, rf"prices/NVDA\.csv(, |: ){message}")


def test_an_index_pays_no_distribution(folder: Path) -> None:
    def raise_closes(lines: Lines) -> None:
        for at in range(1, line_of(lines, "2025-08-27")):
            cells = lines[at].split(",")
            cells[CLOSE] = repr(float(cells[CLOSE]) * 1.01)
            lines[at] = ",".join(cells)

    edit_lines(folder, "prices/_GSPC.csv", raise_closes)
    assert_found(folder, rf"_GSPC\.csv, row {ROW}, field 'close': the returns")


def gap(first: str, last: str) -> str:
    return f"NVDA,hole,{first},{last},,,,a test,"


EXCEPTIONS = {
    "a recorded gap that has a price": (
        gap(DAY, DAY),
        f"row {ROW}, field 'date': 2025-08-27 is recorded as missing",
    ),
    "a recorded gap without a session": (
        gap("2025-07-04", "2025-07-06"),
        "field 'date': the recorded gap from 2025-07-04 to 2025-07-06 covers no",
    ),
    "a recorded move that did not happen": (
        f"NVDA,move,{DAY},{DAY},adj_close,,0.4,a test,",
        r"field 'adj_close': the recorded move of \+40\.00% on 2025-08-27 is not in",
    ),
}


@pytest.mark.parametrize("exception", EXCEPTIONS)
def test_what_is_recorded_must_be_in_the_file(folder: Path, exception: str) -> None:
    line, message = EXCEPTIONS[exception]
    edit_lines(folder, "annotations.csv", lambda lines: lines.append(line))
    assert_found(folder, rf"prices/NVDA\.csv(, |: ){message}")


EDITS = {
    "a recorded move of another size": (
        ("annotations.csv", "0.4789", "0.4889"),
        r"ARM\.csv, row 103, field 'adj_close': moves by \+0\.4789 on 2024-02-08, "
        r"where \+0\.4889 is recorded",
    ),
    "a gap recorded a day too late": (
        (
            "annotations.csv",
            "688347.SS,suspension,2025-08-18",
            "688347.SS,suspension,2025-08-19",
        ),
        r"688347\.SS\.csv, row 494, .*2025-08-18 is a session without a row",
    ),
    "a closure on another day": (
        ("special_sessions.csv", "XHKG,2023-09-08", "XHKG,2023-09-07"),
        r"0700\.HK\.csv, row 1174, field 'date': 2023-09-07 was no session",
    ),
    "another first date in the manifest": (
        ("manifest.json", '"first": "2018-12-03"', '"first": "2018-12-04"'),
        r"first is 2018-12-03 where the manifest says 2018-12-04",
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_that_the_prices_contradict_is_found(folder: Path, name: str) -> None:
    (file, old, new), message = EDITS[name]
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")
    assert_found(folder, message)


def test_a_price_of_a_day_on_which_the_exchange_was_closed_is_not_read(
    folder: Path,
) -> None:
    """A return across it would be passed off as one session's."""
    line = "XHKG,2025-08-27,,,a test,a test"
    edit_lines(folder, "special_sessions.csv", lambda lines: lines.append(line))
    with (
        using_data_dir(folder),
        pytest.raises(DataError, match=r"0700\.HK\.csv has a price of 2025-08-27"),
    ):
        load_prices("0700.HK")


def assert_found(folder: Path, message: str) -> None:
    found = [str(fault) for fault in verify(folder).faults]
    assert any(re.search(message, one) for one in found), found
