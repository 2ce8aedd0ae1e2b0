"""The daily factors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from data_folder import copy_data

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


def test_the_bundled_factors_are_whole() -> None:
    """One row a New York session, none larger than the worst day since 1926."""
    five = load_factors("ff5")
    assert len(five) == 1861
    assert five.drop(columns="rf").abs().max(axis=None) < 0.19
    assert five["rf"].ge(0).all()


def test_an_altered_file_is_refused(folder: Path) -> None:
    path = folder / "factors" / "fama_french_daily.csv"
    path.write_text(path.read_text().replace("2018-12-06,", "2018-12-06,1", 1))
    with using_data_dir(folder), pytest.raises(DataError, match="sha256 differs"):
        load_factors()
