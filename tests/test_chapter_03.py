"""The chapter inside the day: other choices run, and other bars turn its words."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from data_folder import copy_data, edit_manifest
from notebook_runs import run_chapter, run_here

from helpers.data.files import sha256_hex
from helpers.errors import HelpersError

CHAPTER = "03-inside-the-day"


def altered_bars(folder: Path, symbol: str, start: str, move: float) -> Path:
    """Make a copy of the data in which one bar moves a share for good."""
    data = copy_data(folder / "data")
    listed = f"intraday/{symbol}.parquet"
    bars = pq.read_table(data / listed).to_pandas()
    for column, moved in {
        "open": bars["start"] > start,
        "close": bars["start"] >= start,
    }.items():
        prices = bars[column].astype(float)
        bars[column] = prices.where(~moved, prices * (1 + move)).round(4)
    bars.to_parquet(data / listed)
    content = (data / listed).read_bytes()
    edit_manifest(data, lambda files: files[listed].update(sha256=sha256_hex(content)))
    return data


def test_another_share_opening_and_window_run_and_are_named() -> None:
    found = run_chapter(
        CHAPTER,
        SHARE="MU",
        HOUR=6,
        ESTIMATION=(-60, -11),
        WEEKS=[("2025-09-15", "2025-09-19")],
    )
    assert "15 Sep to 19 Sep: Micron Technology" in found.text
    assert "19 Aug to 22 Aug" not in found.text
    assert "was there by 10:00" in found.text
    assert "10:30, and the sector" not in found.text


@pytest.mark.parametrize(
    ("choices", "named"),
    [
        ({"SHARE": "AMD"}, "no five-minute bars of AMD: they are of MU, NVDA"),
        ({"WEEKS": [("2030-01-01", "2030-01-31")]}, "no bars of 2030-01-01"),
        ({"EVENTS": ["none", "none", "none"]}, "Unknown event 'none'"),
    ],
)
def test_what_cannot_be_studied_is_named(
    choices: dict[str, object], named: str
) -> None:
    with pytest.raises(HelpersError, match=named):
        run_here(CHAPTER, **choices)


def test_a_crash_in_one_bar_turns_the_reading_and_what_is_said_of_it(
    tmp_path: Path,
) -> None:
    data = altered_bars(tmp_path, "NVDA", "2025-08-21T13:50Z", -0.15)
    found = run_chapter(CHAPTER, data=data)
    assert found.record["numbers"]["bars_word"] == "supported"
    false = "\n".join(found.false)
    for words in ("nothing unusual", "leave what sessions", "By the bars: supported"):
        assert words in false
    assert "one five-minute move" in found.text or "two five-minute moves" in found.text
