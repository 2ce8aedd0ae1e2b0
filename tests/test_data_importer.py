"""Importing a collection: what comes out, and what is left if it fails."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from data_folder import DATA, copy_data, edit_manifest

from helpers.data.files import sha256_hex, using_data_dir
from helpers.data.importer import import_data
from helpers.data.prices import load_prices
from helpers.data.verify import verify
from helpers.errors import DataError

KILLED_AT_REPLACEMENT = """
import os, signal, sys
from helpers.data.importer import import_data
replace, calls = os.replace, 0
def killing_replace(source, target):
    global calls
    calls += 1
    if calls == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
    replace(source, target)
os.replace = killing_replace
import_data(sys.argv[1], sys.argv[2])
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_data(tmp_path / "data")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collection from which the bundled data would come out again."""
    target = tmp_path_factory.mktemp("collection")
    (target / "daily").mkdir()
    manifest = json.loads((DATA / "manifest.json").read_text(encoding="utf-8"))
    listed = {}
    for name, entry in manifest["files"].items():
        if not name.startswith("prices/"):
            continue
        table = pd.read_csv(DATA / name, dtype=str, keep_default_na=False)
        table = table.rename(
            columns={"sources_agree": "agree", "sources_differ": "differ"}
        )
        undo_alterations(entry["symbol"], table)
        file = f"daily/{Path(name).name}"
        table.to_csv(target / file, index=False)
        listed[entry["symbol"]] = {
            "file": file,
            "sha256": sha256_hex((target / file).read_bytes()),
            "adj_close_from": entry["sources"],
            "close_from": entry["close_sources"],
            "checked_against": [
                f"{check['source']}:{check['agreed']}/{check['compared']}"
                for check in entry["checks"]
            ],
        }
    (target / "manifest.json").write_text(json.dumps(listed))
    factors = pd.read_csv(DATA / "factors" / "fama_french_daily.csv", dtype=str)
    three = factors.rename(columns={"smb_ff3": "smb"})
    five = factors.rename(columns={"smb_ff5": "smb"})
    three[["date", "mkt_rf", "smb", "hml", "rf"]].to_csv(
        target / "fama_french_3f_daily.csv", index=False
    )
    five[["date", "mkt_rf", "smb", "hml", "rmw", "cma", "rf", "mom"]].to_csv(
        target / "fama_french_5f_mom_daily.csv", index=False
    )
    return target


def undo_alterations(symbol: str, table: pd.DataFrame) -> None:
    if symbol == "^VIX":
        at = int((table["date"] == "2021-08-11").to_numpy().argmax())
        table.loc[at, ["close", "adj_close"]] = "16.17"
        table.loc[[at, at + 1], ["agree", "differ"]] = ["2", "0"]
    if symbol == "KLAC":
        known = table["close"] != ""
        scaled = table.loc[known, "close"].astype(float) * 10
        table.loc[known, "close"] = scaled.map("{:.10g}".format)


@pytest.fixture
def collection(bundle: Path, tmp_path: Path) -> Path:
    """The collection again, free to be changed."""
    target = tmp_path / "collection"
    (target / "daily").mkdir(parents=True)
    for path in bundle.rglob("*.*"):
        os.link(path, target / path.relative_to(bundle))
    return target


def rewrite(collection: Path, symbol: str, change: Callable[[str], str]) -> None:
    """Change a daily file and list its new hash."""
    listed = json.loads((collection / "manifest.json").read_text())
    path = collection / listed[symbol]["file"]
    text = change(path.read_text())
    path.unlink()
    path.write_text(text)
    listed[symbol]["sha256"] = sha256_hex(text.encode())
    relist(collection, listed)


def relist(collection: Path, listed: object) -> None:
    (collection / "manifest.json").unlink()
    (collection / "manifest.json").write_text(json.dumps(listed))


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def drop_last_session(text: str) -> str:
    return "".join(text.splitlines(keepends=True)[:-1])


def test_bundled_data_come_out_of_their_collection(bundle: Path, folder: Path) -> None:
    before = contents(folder)
    done = import_data(bundle, folder)
    assert (done.files, done.rows, done.changed) == (62, 112_040, ())
    assert contents(folder) == before


def remove_bars(folder: Path) -> None:
    """Take out the five-minute bars, which have an importer of their own."""
    shutil.rmtree(folder / "intraday")

    def unlist(entries: dict[str, Any]) -> None:
        for name in [name for name in entries if name.startswith("intraday/")]:
            del entries[name]

    edit_manifest(folder, unlist)


def test_import_into_a_folder_with_the_tables_only(bundle: Path, folder: Path) -> None:
    remove_bars(folder)
    wanted = contents(folder)
    for name in wanted:
        if "/" in name or name == "manifest.json":
            (folder / name).unlink()
    assert len(import_data(bundle, folder).changed) == 62
    assert contents(folder) == wanted


def test_alterations_are_applied_and_recorded(bundle: Path, folder: Path) -> None:
    import_data(bundle, folder)
    with using_data_dir(folder):
        vix = load_prices("^VIX", "close", "2021-08-11", "2021-08-11")
        klac = load_prices("KLAC", "close", "2025-08-27", "2025-08-27")
    assert vix.iat[0, 0] == 16.06
    assert 80 < klac.iat[0, 0] < 100
    entries = json.loads((folder / "manifest.json").read_text())["files"]
    altered = {
        name: [change["kind"] for change in entry["alterations"]]
        for name, entry in entries.items()
        if entry.get("alterations")
    }
    assert altered == {
        "prices/KLAC.csv": ["rescale"],
        "prices/_VIX.csv": ["correction", "correction"],
    }


def test_new_sessions_arrive_and_old_files_leave(
    collection: Path, folder: Path
) -> None:
    rewrite(collection, "NVDA", drop_last_session)
    (folder / "prices" / "OLD.csv").write_text("date\n")
    assert import_data(collection, folder).changed == ("prices/NVDA.csv",)
    assert not (folder / "prices" / "OLD.csv").exists()
    with using_data_dir(folder):
        assert load_prices("NVDA").index[-1] == pd.Timestamp("2026-08-20")
    assert verify(folder).ok


def change_byte(collection: Path) -> None:
    path = collection / "daily" / "NVDA.csv"
    text = path.read_text()
    path.unlink()
    path.write_text(text.replace("181.6,", "181.7,"))


def negative_price(collection: Path) -> None:
    rewrite(
        collection,
        "NVDA",
        lambda text: text.replace("2025-08-27,181.6,", "2025-08-27,-181.6,"),
    )


def other_columns(collection: Path) -> None:
    rewrite(collection, "NVDA", lambda text: text.replace("agree", "agreed", 1))


def already_right(collection: Path) -> None:
    rewrite(collection, "^VIX", lambda text: text.replace("16.17,16.17", "16.06,16.06"))


def remove_daily(collection: Path) -> None:
    (collection / "daily" / "NVDA.csv").unlink()


def remove_manifest(collection: Path) -> None:
    (collection / "manifest.json").unlink()


def edit_listed(
    change: Callable[[dict[str, dict[str, object]]], object],
) -> Callable[[Path], None]:
    def edit(collection: Path) -> None:
        listed = json.loads((collection / "manifest.json").read_text())
        change(listed)
        relist(collection, listed)

    return edit


def other_vintage(collection: Path) -> None:
    path = collection / "fama_french_3f_daily.csv"
    text = path.read_text()
    path.unlink()
    path.write_text(text.replace("2025-01-27,-1.49,", "2025-01-27,-1.48,"))


def missing_factor_day(collection: Path) -> None:
    for name in ("fama_french_3f_daily.csv", "fama_french_5f_mom_daily.csv"):
        path = collection / name
        lines = path.read_text().splitlines(keepends=True)
        path.unlink()
        path.write_text("".join(x for x in lines if not x.startswith("2025-01-27")))


BROKEN: dict[str, tuple[Callable[[Path], None], str]] = {
    "changed byte": (change_byte, r"daily/NVDA\.csv of the collection .* sha256"),
    "negative price": (
        negative_price,
        r"prices/NVDA\.csv, row 1693, field 'close': is -181\.6",
    ),
    "other columns": (other_columns, r"daily/NVDA\.csv of the collection, row 1"),
    "correction not needed": (
        already_right,
        r"annotations\.csv, row \d+, field 'original': daily/_VIX\.csv",
    ),
    "file gone": (remove_daily, r"daily/NVDA\.csv of the collection cannot be read"),
    "no manifest": (remove_manifest, r"collection/manifest\.json cannot be read"),
    "unknown symbol": (
        edit_listed(lambda listed: listed.update(NVDX=listed["NVDA"])),
        "Unknown symbol 'NVDX': did you mean NVDA",
    ),
    "symbol gone": (
        edit_listed(lambda listed: listed.pop("NVDA")),
        r"manifest\.json lacks NVDA, which instruments\.csv lists",
    ),
    "entry without hash": (
        edit_listed(lambda listed: listed["NVDA"].pop("sha256")),
        r"manifest\.json: NVDA lacks sha256",
    ),
    "unknown source": (
        edit_listed(lambda listed: listed["NVDA"].update(close_from=["nobody"])),
        r"price_sources\.csv does not list the source 'nobody' of NVDA",
    ),
    "factors of two vintages": (other_vintage, "are not of one vintage"),
    "factors without a session": (
        missing_factor_day,
        r"fama_french_daily\.csv, row 1546, field 'date'",
    ),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_broken_collection_changes_nothing(
    collection: Path, folder: Path, fault: str
) -> None:
    change, message = BROKEN[fault]
    change(collection)
    before = contents(folder)
    with pytest.raises(DataError, match=message):
        import_data(collection, folder)
    assert contents(folder) == before


def test_full_disk_midway_brings_the_old_data_back(
    collection: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for symbol in ("AMD", "NVDA", "^GSPC"):
        rewrite(collection, symbol, drop_last_session)
    before = contents(folder)
    replace = os.replace

    def failing_replace(source: Path, target: Path) -> None:
        if Path(target).name == "NVDA.csv" and Path(source).suffix == ".tmp":
            raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(os, "replace", failing_replace)
    with pytest.raises(DataError, match="No space left on device"):
        import_data(collection, folder)
    assert contents(folder) == before
    assert verify(folder).ok


# The fourth replacement is that of the manifest.
@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
@pytest.mark.parametrize("call", [2, 4])
def test_killed_between_files_leaves_the_old_data_readable(
    collection: Path, folder: Path, call: int
) -> None:
    for symbol in ("AMD", "NVDA", "^GSPC"):
        rewrite(collection, symbol, drop_last_session)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_AT_REPLACEMENT, collection, folder, str(call)],
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    report = verify(folder)
    assert report.ok, str(report)
    assert len([note for note in report.notes if "cut short" in note]) == call - 1
    with using_data_dir(folder):
        old = load_prices(["AMD", "NVDA", "^GSPC"])
    assert old.index[-1] == pd.Timestamp("2026-08-21")
    assert old.iloc[-1].notna().all()

    import_data(collection, folder)
    assert verify(folder).notes == ()
    assert not [name for name in contents(folder) if name.endswith(".tmp")]
    assert not (folder / ".previous").exists()
    with using_data_dir(folder):
        new = load_prices(["AMD", "NVDA", "^GSPC"])
    assert new.index[-1] == pd.Timestamp("2026-08-20")
