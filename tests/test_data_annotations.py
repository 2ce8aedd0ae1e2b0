"""The table of known exceptions, and recording edited tables."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from data_folder import copy_data
from helpers.data.manifest import register

from helpers.data.annotations import read_annotations
from helpers.data.files import using_data_dir
from helpers.data.instruments import instrument
from helpers.data.prices import load_returns
from helpers.data.verify import verify
from helpers.errors import DataError

HEADER = "symbol,kind,first,last,field,original,value,reason,source\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_data(tmp_path / "data")


def edit(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ("NONE,hole,2025-01-02,2025-01-02,,,,why,", "row 2, field 'symbol'"),
        ("NVDA,whim,2025-01-02,2025-01-02,,,,why,", "row 2, field 'kind'"),
        ("NVDA,hole,2 Jan,2025-01-02,,,,why,", "row 2, field 'first'"),
        ("NVDA,hole,2025-01-02,2025-01-32,,,,why,", "row 2, field 'last'"),
        ("NVDA,hole,2025-01-03,2025-01-02,,,,why,", "row 2, field 'last': is before"),
        ("NVDA,hole,2025-01-02,2025-01-02,,,,,", "row 2, field 'reason': is empty"),
        ("NVDA,move,2025-01-02,2025-01-03,close,,1,w,", "row 2, field 'last': a move"),
        ("NVDA,move,2025-01-02,2025-01-02,close,,,w,", "row 2, field 'value'"),
        ("NVDA,move,2025-01-02,2025-01-02,close,,big,w,", "row 2, field 'value'"),
        ("NVDA,move,2025-01-02,2025-01-02,volume,,1,w,", "row 2, field 'field'"),
        (
            "NVDA,correction,2025-01-02,2025-01-02,close,,1,w,",
            "row 2, field 'original'",
        ),
    ],
)
def test_broken_annotation(row: str, place: str) -> None:
    with pytest.raises(DataError, match=rf"annotations\.csv, {place}"):
        read_annotations(f"{HEADER}{row}\n".encode(), {"NVDA"})


def test_the_same_exception_twice() -> None:
    row = "NVDA,hole,2025-01-02,2025-01-02,,,,why,\n"
    with pytest.raises(DataError, match=r"annotations\.csv, row 3, field 'first'"):
        read_annotations(f"{HEADER}{row}{row}".encode(), {"NVDA"})


def test_registering_twice_changes_nothing(folder: Path) -> None:
    register(folder)
    before = (folder / "manifest.json").read_bytes()
    assert register(folder) == []
    assert (folder / "manifest.json").read_bytes() == before


def test_an_edited_table_is_read_after_registering(folder: Path) -> None:
    edit(folder, "instruments.csv", "NVIDIA", "NVIDIA Corporation")
    edit(folder, "claims.csv", " ", "  ")
    with using_data_dir(folder), pytest.raises(DataError, match="helpers register"):
        instrument("NVDA")
    assert register(folder) == ["claims.csv", "instruments.csv"]
    with using_data_dir(folder):
        assert instrument("NVDA")["name"] == "NVIDIA Corporation"
    assert verify(folder).ok


def test_a_new_table_of_the_ledger_is_registered(folder: Path) -> None:
    (folder / "notes.csv").write_text("note\n")
    assert register(folder) == ["notes.csv"]
    assert verify(folder).ok


def refuse_unchanged(folder: Path, message: str) -> None:
    before = (folder / "manifest.json").read_bytes()
    with pytest.raises(DataError, match=message):
        register(folder)
    assert (folder / "manifest.json").read_bytes() == before


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        (
            "closures.csv",
            "XHKG,2023-09-08",
            "XHKG,2023-09-07",
            r"prices/0700\.HK\.csv, row 1174, field 'date': 2023-09-07 was no",
        ),
        (
            "annotations.csv",
            "688347.SS,suspension,2025-08-18",
            "688347.SS,suspension,2025-08-19",
            r"688347\.SS\.csv, row 494, .* no row for the session 2025-08-18",
        ),
        (
            "annotations.csv",
            "adj_close,16.17,16.06",
            "adj_close,16.17,16.07",
            r"corrections of \^VIX changed, .*helpers import",
        ),
        (
            "instruments.csv",
            "\n^GSPC,",
            "\nNEW,New,share,XNAS,USD,x,firm,^GSPC,,0.25\n^GSPC,",
            "lists NEW but there are no prices",
        ),
    ],
)
def test_an_edit_that_the_prices_contradict_is_refused(
    folder: Path, name: str, old: str, new: str, message: str
) -> None:
    edit(folder, name, old, new)
    refuse_unchanged(folder, message)


@pytest.mark.parametrize(
    "name", ["instruments.csv", "closures.csv", "annotations.csv", "price_sources.csv"]
)
def test_a_missing_table_is_refused(folder: Path, name: str) -> None:
    (folder / name).unlink()
    refuse_unchanged(folder, rf"{name} cannot be read")


def test_the_reason_of_a_gap_reaches_the_manifest(folder: Path) -> None:
    edit(folder, "annotations.csv", "purchase of Huali", "purchase of all of Huali")
    register(folder)
    entry = json.loads((folder / "manifest.json").read_text())["files"]
    (gap,) = entry["prices/688347.SS.csv"]["gaps"]
    assert gap["reason"].endswith("purchase of all of Huali Microelectronics planned")
    with using_data_dir(folder):
        assert len(load_returns("688347.SS").attrs["holes"]["688347.SS"]) == 10


def price_sources_with(change: Callable[[str], str], folder: Path) -> None:
    path = folder / "price_sources.csv"
    path.write_text(change(path.read_text()))


def test_a_source_without_its_commit_is_refused(folder: Path) -> None:
    price_sources_with(
        lambda text: text.replace("2b417757b436e2f5dabe51d454d77402b4316038", ""),
        folder,
    )
    refuse_unchanged(folder, r"price_sources\.csv, row 2, field 'commit': is empty")
