"""Finding the data folder, hashes, and writing without a half-written state."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from data_folder import DATA, copy_data, edit_manifest

from helpers.data.files import data_dir, read_manifest, read_verified, using_data_dir
from helpers.data.replacement import write_atomic
from helpers.errors import DataError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_data(tmp_path / "data")


def test_default_folder_is_that_of_the_checkout(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("HELPERS_DATA", raising=False)
    assert data_dir() == DATA


def test_environment_variable_names_the_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HELPERS_DATA", str(tmp_path))
    assert data_dir() == tmp_path
    with using_data_dir(DATA):
        assert data_dir() == DATA
    assert data_dir() == tmp_path


def test_environment_variable_that_names_no_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HELPERS_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match=r"HELPERS_DATA names .*nowhere"):
        data_dir()


def test_missing_manifest_says_how_to_restore_it(folder: Path) -> None:
    (folder / "manifest.json").unlink()
    with (
        using_data_dir(folder),
        pytest.raises(DataError, match=r"manifest\.json is missing .*`git checkout"),
    ):
        read_manifest()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "[" * 100_000,
        '{"files": []}',
        '{"files": {"prices/A.csv": {}}}',
        '{"files": {"prices/A.csv": {"sha256": null, "symbol": "A"}}}',
        '{"files": {"prices/A.csv": {"sha256": "", "symbol": "B"}}}',
        '{"files": {"../A.csv": {"sha256": "", "symbol": "A"}}}',
    ],
)
def test_broken_manifest_is_refused(folder: Path, content: str) -> None:
    (folder / "manifest.json").write_text(content)
    with (
        using_data_dir(folder),
        pytest.raises(DataError, match=r"manifest\.json is broken.*`git checkout"),
    ):
        read_manifest()


def test_manifest_is_read_again_after_a_change(folder: Path) -> None:
    with using_data_dir(folder):
        assert "prices/NVDA.csv" in read_manifest()["files"]
        edit_manifest(folder, lambda entries: entries.pop("prices/NVDA.csv"))
        assert "prices/NVDA.csv" not in read_manifest()["files"]


def test_one_changed_byte_is_refused(folder: Path) -> None:
    path = folder / "prices" / "NVDA.csv"
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(bytes(content))
    with (
        using_data_dir(folder),
        pytest.raises(DataError, match=r"prices/NVDA\.csv is not the file .* sha256"),
    ):
        read_verified("prices/NVDA.csv")


def test_file_that_is_gone_or_not_listed(folder: Path) -> None:
    (folder / "prices" / "NVDA.csv").unlink()
    with using_data_dir(folder):
        with pytest.raises(DataError, match=r"prices/NVDA\.csv is listed .* cannot"):
            read_verified("prices/NVDA.csv")
        with pytest.raises(DataError, match=r"prices/NONE\.csv is not listed"):
            read_verified("prices/NONE.csv")


def test_ledger_tables_may_be_edited(folder: Path) -> None:
    path = folder / "claims.csv"
    path.write_bytes(path.read_bytes() + b"\n")
    with using_data_dir(folder):
        assert read_verified("claims.csv") == path.read_bytes()


def test_write_atomic_replaces_and_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    write_atomic(path, b"old")
    write_atomic(path, b"new")
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["table.csv"]


def test_write_atomic_into_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Cannot write table\.csv"):
        write_atomic(tmp_path / "nowhere" / "table.csv", b"new")
