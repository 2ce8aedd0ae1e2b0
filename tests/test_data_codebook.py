"""The codebook says what the data have."""

from __future__ import annotations

import re

import pytest
from data_folder import DATA

from helpers.data.collection_rules import exceptions_of
from helpers.data.instruments import load_instruments
from helpers.data.price_rules import PRICES
from helpers.data.prices import load_returns, load_table, prices_path
from helpers.data.schema import Table
from helpers.data.tables import TABLES


@pytest.fixture(scope="module")
def codebook() -> str:
    text = (DATA / "README.md").read_text(encoding="utf-8")
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("table", [*TABLES, PRICES], ids=lambda table: table.file)
def test_every_column_and_word_is_explained(codebook: str, table: Table) -> None:
    words = {word for column in table.columns.values() for word in column.words}
    missing = [word for word in (*table.columns, *words) if f"`{word}`" not in codebook]
    assert missing == []


def test_every_group_is_named(codebook: str) -> None:
    groups = set(load_instruments()["group"])
    assert {group for group in groups if f"`{group}`" not in codebook} == set()


def test_counts_of_the_checks(codebook: str) -> None:
    symbols = list(load_instruments().index)
    tables = {symbol: load_table(symbol) for symbol in symbols}
    rows = sum(len(table) for table in tables.values())
    agree = sum((table["sources_agree"] > 0).sum() for table in tables.values())
    alone = sum(
        (table["sources_agree"] + table["sources_differ"] == 0).sum()
        for table in tables.values()
    )
    assert (
        f"{agree:,} of {rows:,} days confirmed by at least one; "
        f"{rows - agree - alone} disputed; {alone:,} from one source only"
    ) in codebook
    holes = load_returns(symbols).attrs["holes"]
    assert f"{sum(map(len, holes.values()))} sessions excused" in codebook
    moves = [
        int(tables[symbol].loc[move["date"], "sources_agree"])
        for symbol in symbols
        for move in exceptions_of(symbol, DATA)["moves"]
    ]
    two, one = sum(count > 1 for count in moves), moves.count(1)
    assert (
        f"{len(moves)} recorded moves, {two} of them confirmed by two or more "
        f"further sources, {one} by one, {moves.count(0)} by none"
    ) in codebook


def test_every_alteration_and_gap_is_named(codebook: str) -> None:
    gaps = codebook.partition("## Gaps")[2].partition("## Alterations")[0]
    lines = gaps.split(" | | ")
    altered = set()
    for symbol in load_instruments().index:
        known = exceptions_of(symbol, DATA)
        altered |= {prices_path(symbol) for _ in known["alterations"]}
        for gap in known["gaps"]:
            assert any(symbol in line and gap["first"] in line for line in lines)
    assert len(altered) == 2
    assert [name for name in altered if f"| `{name}` |" not in codebook] == []
