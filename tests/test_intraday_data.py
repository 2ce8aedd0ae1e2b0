"""Five-minute bars: complete by the calendar, exact, and refused when they are not."""

from __future__ import annotations

import gzip
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from data_folder import copy_data, edit_manifest
from test_data_importer import bundle as daily_bundle  # noqa: F401  (a fixture)

from helpers.cli import main
from helpers.data.calendars import session_hours
from helpers.data.files import read_verified, sha256_hex, using_data_dir
from helpers.data.intraday import (
    bar_symbols,
    bars_path,
    closing_prices,
    compare_with_daily,
    load_bars,
)
from helpers.data.intraday_importer import import_intraday
from helpers.data.manifest import register
from helpers.data.prices import load_prices
from helpers.data.verify import verify
from helpers.errors import CalendarError, DataError

SYMBOLS = ["MU", "NVDA", "QQQ", "SPY", "TSM", "^GSPC", "^SOX"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_data(tmp_path / "data")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collection from which the bundled bars would come out again."""
    target = tmp_path_factory.mktemp("bars")
    listed = {}
    for symbol in SYMBOLS:
        bars = load_bars(symbol)
        rows = pd.DataFrame(
            {
                "bar_start_utc": bars.index.strftime("%Y-%m-%dT%H:%MZ"),
                "open": bars["open"],
                "close": bars["close"],
                "volume": bars["volume"].fillna(0).astype("int64"),
            }
        )
        file = f"{symbol.replace('^', '_')}.csv.gz"
        content = gzip.compress(rows.to_csv(index=False).encode(), 1, mtime=0)
        (target / file).write_bytes(content)
        listed[symbol] = {"file": file, "sha256": sha256_hex(content)}
    (target / "manifest.json").write_text(json.dumps(listed))
    return target


@pytest.fixture
def collection(bundle: Path, tmp_path: Path) -> Path:
    target = tmp_path / "bars"
    target.mkdir()
    for path in bundle.iterdir():
        (target / path.name).write_bytes(path.read_bytes())
    return target


def rewrite(collection: Path, symbol: str, change: Callable[[str], str]) -> None:
    """Change the text of one file of a collection and list its new hash."""
    manifest = json.loads((collection / "manifest.json").read_text())
    path = collection / manifest[symbol]["file"]
    text = gzip.decompress(path.read_bytes()).decode()
    changed = change(text)
    assert changed != text
    path.write_bytes(gzip.compress(changed.encode(), 1, mtime=0))
    manifest[symbol]["sha256"] = sha256_hex(path.read_bytes())
    (collection / "manifest.json").write_text(json.dumps(manifest))


def rewrite_bars(
    folder: Path, symbol: str, change: Callable[[pd.DataFrame], pd.DataFrame]
) -> None:
    """Change a file of bars and list the new hash, so that content is at fault."""
    path = folder / bars_path(symbol)
    table = pq.read_table(path)
    changed = change(table.to_pandas())
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(changed, table.schema, False), out)
    path.write_bytes(out.getvalue())

    def relist(entries: dict) -> None:
        entries[bars_path(symbol)]["sha256"] = sha256_hex(out.getvalue())

    edit_manifest(folder, relist)


def bundled_bars(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "intraday").iterdir()}


def test_all_seven_instruments_have_615_sessions() -> None:
    assert bar_symbols() == SYMBOLS
    for symbol in SYMBOLS:
        sessions = closing_prices(load_bars(symbol)).index
        assert len(sessions) == 615
        assert sessions[0] == pd.Timestamp("2024-03-11")
        assert sessions[-1] == pd.Timestamp("2026-08-21")


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_every_session_is_complete_by_the_exchange(symbol: str) -> None:
    bars = load_bars(symbol)
    hours = session_hours("XNYS").loc["2024-03-11":"2026-08-21"]
    counts = pd.Series(1, index=bars.index).groupby(bars.index.date).sum()
    expected = (hours["close"] - hours["open"]) // pd.Timedelta("5min")
    assert sorted(set(expected)) == [42, 78]
    lacking = (expected.to_numpy() - counts.to_numpy()).sum()
    assert lacking == len(bars.attrs["missing"])
    missing = ["2026-08-14T17:15Z"] if symbol == "^GSPC" else []
    assert bars.attrs["missing"] == missing


def test_prices_are_the_source_s_to_the_last_digit() -> None:
    bars = load_bars("NVDA", "2024-03-11", "2024-03-11")
    assert bars["open"].iloc[0] == 86.43
    assert bars["volume"].iloc[0] == 28848510
    assert load_bars("SPY")["close"].to_numpy().dtype == np.float64
    scaled = load_bars("SPY")["open"].to_numpy() * 1e4
    assert np.abs(scaled - np.rint(scaled)).max() < 1e-6


def test_an_index_has_no_volume() -> None:
    assert load_bars("^SOX")["volume"].isna().all()
    assert load_bars("NVDA")["volume"].gt(0).all()


def test_last_bars_agree_with_daily_closes() -> None:
    for symbol in SYMBOLS:
        found = compare_with_daily(
            load_bars(symbol), load_prices(symbol, "close")[symbol]
        )
        assert found["median_bp"] < 2.5
        assert found["sessions"] >= 538
    with pytest.raises(DataError, match="AMD"):
        load_bars("AMD")


def test_a_span_holds_whole_sessions() -> None:
    bars = load_bars("NVDA", "2025-08-29", "2025-09-02")
    assert len(bars) == 2 * 78
    assert bars["close"].iloc[77] == 174.16
    assert len(load_bars("NVDA", "2025-11-28", "2025-11-28")) == 42


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (("NVDI",), DataError, "did you mean NVDA"),
        (("AMD",), DataError, "they are of MU, NVDA"),
        (("NVDA", "2030-01-01"), DataError, "No bar of NVDA from 2030-01-01"),
        (("NVDA", "in August"), CalendarError, "YYYY-MM-DD"),
        (("NVDA", "2025-08-30", "2025-08-31"), DataError, "No bar of NVDA"),
    ],
)
def test_bad_requests_are_refused(arguments, error, words) -> None:
    with pytest.raises(error, match=words):
        load_bars(*arguments)


def drop_bar(bars: pd.DataFrame) -> pd.DataFrame:
    return bars.drop(index=100)


def shift_bar(bars: pd.DataFrame) -> pd.DataFrame:
    bars.loc[77, "start"] += pd.Timedelta("5min")
    return bars


def swap_bars(bars: pd.DataFrame) -> pd.DataFrame:
    return bars.iloc[[1, 0, *range(2, len(bars))]]


def negative_price(bars: pd.DataFrame) -> pd.DataFrame:
    bars.loc[3, "close"] = -bars.loc[3, "close"]
    return bars


def negative_volume(bars: pd.DataFrame) -> pd.DataFrame:
    bars.loc[3, "volume"] = -1
    return bars


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (drop_bar, "the bar at 2024-03-12T15:20Z is missing and not recorded"),
        (shift_bar, "2024-03-11T20:00Z, which no session of New York holds"),
        (swap_bars, "not in order"),
        (negative_price, "at 2024-03-11T13:45Z is not above zero"),
        (negative_volume, "field 'volume'.*zero or more"),
    ],
)
def test_broken_bars_are_refused_on_load_and_by_verify(folder, change, words) -> None:
    rewrite_bars(folder, "NVDA", change)
    with using_data_dir(folder), pytest.raises(DataError, match=words):
        load_bars("NVDA")
    faults = [fault for fault in verify(folder).faults if "intraday" in fault.file]
    assert faults
    assert {fault.file for fault in faults} == {"intraday/NVDA.parquet"}


def test_an_altered_byte_is_refused(folder: Path) -> None:
    path = folder / "intraday" / "SPY.parquet"
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(content)
    with using_data_dir(folder), pytest.raises(DataError, match="sha256 differs"):
        load_bars("SPY")


def test_text_in_place_of_parquet_is_refused(folder: Path) -> None:
    content = b"start,open,close,volume\n"
    (folder / "intraday" / "MU.parquet").write_bytes(content)
    edit_manifest(
        folder,
        lambda entries: entries["intraday/MU.parquet"].update(
            sha256=sha256_hex(content)
        ),
    )
    with using_data_dir(folder), pytest.raises(DataError, match="as Parquet"):
        load_bars("MU")


def test_verify_names_stray_files_and_unrecorded_differences(folder: Path) -> None:
    (folder / "intraday" / "AMD.parquet").write_bytes(b"")
    edit_manifest(
        folder,
        lambda entries: entries["intraday/MU.parquet"][
            "last_bar_against_daily_close"
        ].update(far=[]),
    )
    faults = [str(fault) for fault in verify(folder).faults]
    assert any("AMD.parquet: is not listed" in fault for fault in faults)
    assert any("last bar of 2026-06-26" in fault for fault in faults)


def test_importing_the_same_collection_changes_nothing(bundle, folder) -> None:
    before = bundled_bars(folder)
    manifest = (folder / "manifest.json").read_bytes()
    done = import_intraday(bundle, folder)
    assert done.changed == ()
    assert (done.files, done.rows) == (7, 334_277)
    assert bundled_bars(folder) == before
    assert (folder / "manifest.json").read_bytes() == manifest


def test_a_price_with_other_digits_arrives(collection, folder) -> None:
    rewrite(
        collection, "NVDA", lambda text: text.replace(",86.43,84.74,", ",86.43,84.75,")
    )
    assert import_intraday(collection, folder).changed == ("intraday/NVDA.parquet",)
    with using_data_dir(folder):
        assert load_bars("NVDA")["close"].iloc[0] == 84.75


def test_bars_of_an_instrument_left_out_go(collection, folder) -> None:
    manifest = json.loads((collection / "manifest.json").read_text())
    del manifest["QQQ"]
    (collection / "manifest.json").write_text(json.dumps(manifest))
    import_intraday(collection, folder)
    assert not (folder / "intraday" / "QQQ.parquet").exists()
    with using_data_dir(folder), pytest.raises(DataError, match="no five-minute bars"):
        load_bars("QQQ")


def test_a_missing_bar_is_recorded_and_not_filled(collection, folder) -> None:
    def drop_line(text: str) -> str:
        lines = text.splitlines(keepends=True)
        return "".join(line for line in lines if "2025-08-29T15:00Z" not in line)

    rewrite(collection, "TSM", drop_line)
    import_intraday(collection, folder)
    with using_data_dir(folder):
        bars = load_bars("TSM")
    assert bars.attrs["missing"] == ["2025-08-29T15:00Z"]
    assert pd.Timestamp("2025-08-29T15:00Z") not in bars.index


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace(",86.43,", ",86.43001,"), "no CSV of bars"),
        (lambda text: text.replace("bar_start_utc", "start"), "columns must be"),
        (
            lambda text: "".join(
                line
                for line in text.splitlines(keepends=True)
                if "2025-08-29" not in line
            ),
            "78 of 47754 bars are missing",
        ),
    ],
)
def test_a_broken_collection_changes_nothing(collection, folder, change, words) -> None:
    before = bundled_bars(folder)
    rewrite(collection, "NVDA", change)
    with pytest.raises(DataError, match=words):
        import_intraday(collection, folder)
    assert bundled_bars(folder) == before


def test_a_file_that_is_not_the_listed_one_is_refused(collection, folder) -> None:
    (collection / "MU.csv.gz").write_bytes(gzip.compress(b"other"))
    with pytest.raises(DataError, match="not the file that its manifest lists"):
        import_intraday(collection, folder)
    with pytest.raises(DataError, match="cannot be read"):
        import_intraday(collection / "nowhere", folder)


def test_registering_tables_keeps_the_bars_listed(folder: Path) -> None:
    register(folder)
    with using_data_dir(folder):
        assert bar_symbols() == SYMBOLS
        assert read_verified("intraday/NVDA.parquet")


def test_the_import_command_brings_bars_in_too(
    bundle, folder, tmp_path, request, capsys
) -> None:
    source = tmp_path / "collection"
    shutil.copytree(request.getfixturevalue("daily_bundle"), source)
    shutil.copytree(bundle, source / "intraday-5m")
    rewrite(source / "intraday-5m", "TSM", lambda text: text.replace(",0\n", ",1\n", 1))
    assert main(["import", str(source), "--data", str(folder)]) == 0
    assert "446,317 rows imported; 1 file(s) changed" in capsys.readouterr().out
    assert verify(folder).ok
