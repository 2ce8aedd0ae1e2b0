"""Verifying the whole data folder."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from data_damages import damage, small_data
from data_folder import Lines, copy_few, edit_lines, edit_manifest, set_cell

from helpers.data.verify import verify
from helpers.errors import DataError

SYMBOLS = ("NVDA", "^GSPC", "^SOX", "0700.HK", "^HSI", "EWT")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_few(tmp_path / "data", SYMBOLS)


def test_bundled_data_have_no_fault() -> None:
    report = verify()
    assert report.ok, str(report)
    assert report.rows == 446_317
    assert "no fault" in str(report)


def test_report_as_plain_values(folder: Path) -> None:
    edit_lines(folder, "prices/NVDA.csv", set_cell("2025-08-27", 3, "0"))
    report = verify(folder)
    plain = json.loads(json.dumps(report.to_dict()))
    assert not plain["ok"]
    assert plain["faults"] == [
        {
            "file": "prices/NVDA.csv",
            "row": 1693,
            "field": "volume",
            "problem": "is 0: must be above zero.",
        }
    ]
    assert "1 fault" in str(report)
    assert "prices/NVDA.csv, row 1693, field 'volume'" in str(report)


def test_changed_file_is_named_with_the_place_of_the_change(folder: Path) -> None:
    path = folder / "prices" / "NVDA.csv"
    text = path.read_text()
    path.write_text(text.replace("2025-08-27,181.6,", "2025-08-27,-181.6,"))
    found = [(fault.file, fault.row, fault.field) for fault in verify(folder).faults]
    assert found == [
        ("prices/NVDA.csv", None, None),
        ("prices/NVDA.csv", 1693, "close"),
    ]


def remove_file(folder: Path) -> None:
    (folder / "prices" / "NVDA.csv").unlink()


def remove_factors(folder: Path) -> None:
    (folder / "factors" / "fama_french_daily.csv").unlink()
    edit_manifest(folder, lambda files: files.pop("factors/fama_french_daily.csv"))


def add_file(folder: Path) -> None:
    (folder / "prices" / "NONE.csv").write_text("date\n")


def add_table(folder: Path) -> None:
    (folder / "notes.csv").write_text("note\n")


def unlist(folder: Path) -> None:
    edit_manifest(folder, lambda files: files.pop("prices/NVDA.csv"))


def drop_instrument(folder: Path) -> None:
    def drop(lines: Lines) -> None:
        lines[:] = [line for line in lines if not line.startswith("EWT,")]

    edit_lines(folder, "instruments.csv", drop)


def remove_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def break_ledger(folder: Path) -> None:
    path = folder / "events.csv"
    path.write_text(path.read_text().replace("2025-08-2", "2025-13-2"))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (remove_file, "prices/NVDA.csv: is listed in manifest.json but cannot"),
        (remove_factors, "factors/fama_french_daily.csv: is needed"),
        (add_file, "prices/NONE.csv: is no table of ours"),
        (add_table, "notes.csv: is no table of ours"),
        (unlist, "prices/NVDA.csv: is needed and not listed"),
        (drop_instrument, "prices/EWT.csv: belongs to no symbol of instruments.csv"),
        (remove_manifest, "manifest.json: manifest.json is missing"),
        (break_ledger, "events.csv"),
    ],
)
def test_faults_of_the_folder(
    folder: Path, change: Callable[[Path], None], expected: str
) -> None:
    change(folder)
    report = verify(folder)
    assert not report.ok
    assert any(str(fault).startswith(expected) for fault in report.faults)


def test_broken_table_stops_the_reading_of_prices(folder: Path) -> None:
    def misspell(lines: Lines) -> None:
        lines[1] = lines[1].replace("share", "shares")

    edit_lines(folder, "instruments.csv", misspell)
    report = verify(folder)
    assert [(f.file, f.row, f.field) for f in report.faults] == [
        ("instruments.csv", 2, "kind")
    ]
    assert report.rows == 0
    assert "mend the tables first" in str(report)


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nowhere"):
        verify(tmp_path / "nowhere")


def test_random_damage_is_named_or_does_no_harm(tmp_path: Path) -> None:
    """A hundred here; ``python tests/data_damages.py 2000`` does two thousand."""
    seen = damage(100, small_data(tmp_path / "data"), seed=1)
    assert sum(seen.values()) == 100
    assert seen["prices: named"] + seen["intraday: named"] > 15


def test_what_is_no_file_is_named(folder: Path) -> None:
    """A pipe would make a reader wait for ever."""
    for file in ("prices/NVDA.csv", "events.csv", "manifest.json"):
        path = folder / file
        whole = path.read_bytes()
        for make in (os.mkfifo, os.mkdir):
            path.unlink()
            make(path)
            assert not verify(folder).ok
            path.rmdir() if path.is_dir() else path.unlink()
            path.write_bytes(whole)
    assert verify(folder).ok
