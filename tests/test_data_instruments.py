"""The table of instruments."""

from __future__ import annotations

import pandas as pd
import pytest
from data_folder import DATA

from helpers.data.calendars import calendar_code
from helpers.data.instruments import instrument, load_instruments
from helpers.data.prices import prices_path
from helpers.errors import DataError

LISTED = {
    "NVDA": ("XNAS", "USD", "^GSPC", "^SOX"),
    "TSM": ("XNYS", "USD", "^GSPC", "^SOX"),
    "SPY": ("ARCX", "USD", "^GSPC", ""),
    "0981.HK": ("XHKG", "HKD", "^HSI", ""),
    "688256.SS": ("XSHG", "CNY", "000300.SS", "000688.SS"),
    "002371.SZ": ("XSHE", "CNY", "000300.SS", ""),
    "005930.KS": ("XKRX", "KRW", "", ""),
    "^VIX": ("XNYS", "USD", "", ""),
}


def test_every_instrument_has_prices_and_no_other_has() -> None:
    files = {path.name for path in (DATA / "prices").iterdir()}
    table = load_instruments()
    assert len(table) == 61
    assert {prices_path(symbol) for symbol in table.index} == {
        f"prices/{name}" for name in files
    }


@pytest.mark.parametrize("symbol", LISTED)
def test_listing_and_benchmarks(symbol: str) -> None:
    row = instrument(symbol)
    fields = ["mic", "currency", "benchmark", "sector"]
    assert tuple(row[fields]) == LISTED[symbol]


def test_a_benchmark_trades_in_the_same_hours_and_currency() -> None:
    table = load_instruments()
    for field in ("benchmark", "sector"):
        chosen = table[table[field] != ""]
        against = table.loc[chosen[field]]
        same_hours = chosen["mic"].map(calendar_code).to_numpy()
        assert (same_hours == against["mic"].map(calendar_code).to_numpy()).all()
        assert (chosen["currency"].to_numpy() == against["currency"].to_numpy()).all()
        assert set(against["kind"]) == {"index"}


def test_changing_the_result_does_not_change_the_table() -> None:
    table = load_instruments()
    table.loc["NVDA", "name"] = "changed"
    assert instrument("NVDA")["name"] == "Nvidia"


@pytest.mark.parametrize(
    ("symbol", "near"),
    [("nvda", "NVDA"), ("981.HK", "0981.HK"), ("GSPC", r"\^GSPC"), ("688256", "6882")],
)
def test_unknown_symbol_names_near_ones(symbol: str, near: str) -> None:
    with pytest.raises(DataError, match=rf"Unknown symbol '{symbol}'.*{near}"):
        instrument(symbol)


def test_unknown_symbol_without_a_near_one() -> None:
    with pytest.raises(DataError, match=r"'': helpers\.load_instruments"):
        instrument("")


def test_table_is_typed() -> None:
    table = load_instruments()
    assert table["max_move"].dtype == float
    assert not table.drop(columns="max_move").isna().any(axis=None)
    assert isinstance(table.index, pd.Index)
    assert table.index.name == "symbol"
