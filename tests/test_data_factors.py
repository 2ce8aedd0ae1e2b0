"""The daily factors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from data_folder import Lines, copy_data, edit_lines, line_of, set_cell

from helpers.data.calendars import sessions
from helpers.data.factors import load_factors
from helpers.data.files import using_data_dir
from helpers.data.prices import load_returns
from helpers.errors import DataError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_data(tmp_path / "data")


def test_columns_and_sessions() -> None:
    three, five = load_factors("ff3"), load_factors("ff5")
    assert three.columns.tolist() == ["mkt_rf", "smb", "hml", "rf"]
    assert five.columns.tolist() == [
        "mkt_rf", "smb", "hml", "rmw", "cma", "mom", "rf",
    ]  # fmt: skip
    assert three.index.equals(sessions("XNYS", "2018-12-03", "2026-04-30"))
    assert five.notna().all(axis=None)


def test_factors_are_decimals_of_the_size_of_the_market() -> None:
    factors = load_factors("ff3")
    market = factors["mkt_rf"] + factors["rf"]
    index = load_returns("^GSPC")["^GSPC"].reindex(market.index)[1:]
    assert np.corrcoef(market[1:], index)[0, 1] > 0.99
    assert 0.95 < market[1:].std() / index.std() < 1.10
    assert market["2020-03-16"] == pytest.approx(-0.12, abs=0.005)


def test_the_two_models_share_all_but_size() -> None:
    three, five = load_factors("ff3"), load_factors("ff5")
    shared = ["mkt_rf", "hml", "rf"]
    assert three[shared].equals(five[shared])
    assert not three["smb"].equals(five["smb"])


def test_unknown_model() -> None:
    with pytest.raises(DataError, match="'ff4' is not one of ff3, ff5"):
        load_factors("ff4")  # type: ignore[arg-type]


def remove_row(lines: Lines) -> None:
    del lines[line_of(lines, "2025-01-27")]


def remove_end(lines: Lines) -> None:
    del lines[-2:]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (set_cell("2018-12-06", 1, "n/a"), r", row 4, field 'mkt_rf': 'n/a' is not"),
        (set_cell("2018-12-06", 6, ""), r", row 4, field 'cma': '' is not"),
        (set_cell("2018-12-06", 2, "1130"), r", row 4, field 'smb_ff3': '1130' is not"),
        (set_cell("2018-12-06", 8, "-0.01"), r", row 4, field 'rf': .* negative"),
        (set_cell("2018-12-06", 0, "2018-12-05"), r", row 4, field 'date'"),
        (remove_row, r", row 1546, field 'date': '2025-01-28' where 2025-01-27"),
        (remove_end, r": rows is 1859 where the manifest says 1861"),
        (lambda lines: lines.__setitem__(0, "date,mkt"), ", row 1: columns must be"),
        (lambda lines: lines.__delitem__(slice(1, None)), ", row 1: has no rows"),
        (set_cell("2018-12-06", 2, "0,1"), ": cannot be read as CSV"),
    ],
)
def test_broken_file(
    folder: Path, change: Callable[[Lines], None], message: str
) -> None:
    edit_lines(folder, "factors/fama_french_daily.csv", change)
    with (
        using_data_dir(folder),
        pytest.raises(DataError, match=rf"fama_french_daily\.csv{message}"),
    ):
        load_factors()
