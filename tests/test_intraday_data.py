"""Five-minute bars: complete by the calendar, exact, and refused when they are not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from data_folder import DATA, copy_data
from intraday_tools import closing_prices

from helpers.data.calendars import session_hours
from helpers.data.files import using_data_dir
from helpers.data.intraday import bar_symbols, bars_path, load_bars
from helpers.data.prices import load_prices
from helpers.data.verify import verify
from helpers.errors import CalendarError, DataError

SYMBOLS = ["MU", "NVDA", "QQQ", "SPY", "TSM", "^GSPC", "^SOX"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_data(tmp_path / "data")


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
    """Up to the closing auction, which comes after the last bar."""
    files = json.loads((DATA / "manifest.json").read_text())["files"]
    for symbol in SYMBOLS:
        last = closing_prices(load_bars(symbol))
        daily = load_prices(symbol, "close")[symbol].reindex(last.index)
        apart = (last / daily - 1).abs().dropna() * 1e4
        recorded = files[bars_path(symbol)]["last_bar_against_daily_close"]
        assert len(apart) == recorded["sessions"] >= 538
        assert round(apart.median(), 2) == recorded["median_bp"] < 2.5
        far = apart.index[apart > 50].strftime("%Y-%m-%d")
        assert far.tolist() == recorded["far"]
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


def test_an_altered_byte_is_refused(folder: Path) -> None:
    path = folder / "intraday" / "SPY.parquet"
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(content)
    with using_data_dir(folder), pytest.raises(DataError, match="sha256 differs"):
        load_bars("SPY")
    assert [fault.file for fault in verify(folder).faults] == ["intraday/SPY.parquet"]
