"""The codebook says what the data have."""

from __future__ import annotations

import json
import re

import pytest
from data_folder import DATA

from helpers.data.annotations import ANNOTATIONS_COLUMNS
from helpers.data.calendars import CLOSURES_COLUMNS
from helpers.data.factors import FACTORS_COLUMNS
from helpers.data.instruments import INSTRUMENTS_COLUMNS, load_instruments
from helpers.data.manifest import SOURCES_COLUMNS
from helpers.data.price_rules import PRICE_COLUMNS
from helpers.data.prices import load_returns, load_table


@pytest.fixture(scope="module")
def codebook() -> str:
    text = (DATA / "README.md").read_text(encoding="utf-8")
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize(
    "columns",
    [
        ANNOTATIONS_COLUMNS,
        CLOSURES_COLUMNS,
        FACTORS_COLUMNS,
        INSTRUMENTS_COLUMNS,
        PRICE_COLUMNS,
        SOURCES_COLUMNS,
    ],
)
def test_every_column_is_explained(codebook: str, columns: list[str]) -> None:
    missing = [column for column in columns if f"`{column}`" not in codebook]
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
    files = json.loads((DATA / "manifest.json").read_text())["files"]
    moves = [
        int(tables[entry["symbol"]].loc[move["date"], "sources_agree"])
        for entry in files.values()
        for move in entry.get("moves", [])
    ]
    two, one = sum(count > 1 for count in moves), moves.count(1)
    assert (
        f"{len(moves)} recorded moves, {two} of them confirmed by two or more "
        f"further sources, {one} by one, {moves.count(0)} by none"
    ) in codebook


def test_every_altered_file_is_named(codebook: str) -> None:
    files = json.loads((DATA / "manifest.json").read_text())["files"]
    altered = [name for name, entry in files.items() if entry.get("alterations")]
    assert len(altered) == 2
    assert [name for name in altered if f"| `{name}` |" not in codebook] == []


def test_every_gap_is_named(codebook: str) -> None:
    files = json.loads((DATA / "manifest.json").read_text())["files"]
    gaps = [
        (entry["symbol"], gap["first"])
        for entry in files.values()
        for gap in entry.get("gaps", [])
    ]
    table = codebook.partition("## Gaps")[2].partition("## Alterations")[0]
    lines = table.split(" | | ")
    for symbol, first in gaps:
        assert any(symbol in line and first in line for line in lines), (symbol, first)
