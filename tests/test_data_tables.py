"""Tables kept by hand: as they are, and each way in which an edit can break them.

Every rule is broken once. The message must name file, row and column, say what is
wrong, and be told by the loader as by ``verify``.
"""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from pathlib import Path

import pandas as pd
import pytest
from data_folder import DATA, copy_data, read_from
from hypothesis import given
from hypothesis import strategies as st

from helpers.data.fact_rules import Amount, check_sums
from helpers.data.faults import FaultyDataError
from helpers.data.files import using_data_dir
from helpers.data.ledger import load_ledger
from helpers.data.schema import Row
from helpers.data.tables import TABLES, kept_table
from helpers.data.verify import verify
from helpers.errors import DataError

BY_FILE = {table.file: table for table in TABLES}
REMARK = "deepseek-v31-domestic-chip-remark"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with copies of the tables, free to be broken."""
    for file in BY_FILE:
        shutil.copy(DATA / file, tmp_path / file)
    return tmp_path


def change(folder: Path, file: str, key: dict[str, str], new: dict[str, str]) -> int:
    """Set cells of the first row that has the cells of `key`; return its line."""
    with open(folder / file, newline="", encoding="utf-8") as lines:
        reader = csv.DictReader(lines)
        rows, columns = list(reader), list(reader.fieldnames or [])
    hit = next(row for row in rows if key.items() <= row.items())
    hit.update(new)
    with open(folder / file, "w", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return rows.index(hit) + 2


def at(**cells: str) -> dict[str, str]:
    return cells


H100, B200 = at(chip_id="nvidia-h100"), at(chip_id="nvidia-b200")
C910, M590 = at(chip_id="huawei-ascend-910c"), at(chip_id="cambricon-mlu590")
DENSITY = at(rule_id="rule-2023-10-a", metric="performance_density")
LETTER = at(rule_id="letter-2025-04", metric="interconnect")
OLD = at(rule_id="rule-2022-10", metric="interconnect")
DIFFUSION = at(rule_id="rule-2025-01-diffusion")
SMIC = at(entity="SMIC", metric="revenue", period_end="2024-12-31")
QUARTER, YEAR = SMIC | at(period="quarter"), SMIC | at(period="year")
SHARE = at(entity="ASML", metric="china_share_of_system_sales", period_end="2024-03-31")
NVIDIA = at(entity="Nvidia", metric="revenue", fiscal="FY2025 Q1")
SOLD = at(entity="Cambricon", metric="units_sold")
FILED = at(basis="billing", fiscal="FY2025 Q1")
MOORE, METAX = at(event_id="moore-threads-ipo"), at(event_id="metax-ipo")
EVENT, SOURCE = at(event_id=REMARK), at(event_id=REMARK, n="1")
CLAIM, LEG = at(claim_id="nvidia-dip"), at(leg_id="against the market")
HAND = at(event_id=REMARK, exchange="XNAS")
NVDA, AMD = at(symbol="NVDA"), at(symbol="AMD")
SWK, STORM = at(source_id="swk"), at(exchange="XHKG")
AVGO = at(symbol="AVGO", last="2022-06-30")
HELD = at(board="shanghai-main", applies_to="special-treatment", first="")
LIFTED = HELD | at(first="2026-07-06")
ARTICLE = at(publisher="Archyde")
HOLE, MOVE = at(symbol="000660.KS", kind="hole"), at(symbol="ARM", kind="move")
FIX, DAY = at(symbol="^VIX", kind="correction"), "2025-08-21"

SPECIAL = "special_sessions.csv"

# File, row, new cells, column of the fault, what is said.
BROKEN = [
    ("instruments.csv", AMD, at(symbol="NVDA"), "symbol", "in row 2 already"),
    ("instruments.csv", NVDA, at(symbol="../../evil"), "symbol", "is not a symbol"),
    ("instruments.csv", NVDA, at(name=""), "name", "is empty; fill it in"),
    ("instruments.csv", NVDA, at(kind="bond"), "kind", "is not one of share, etf"),
    ("instruments.csv", NVDA, at(mic="XLON"), "mic", "is not one of ARCX, BATS"),
    ("instruments.csv", NVDA, at(benchmark="NVDA"), "benchmark", "another symbol"),
    ("instruments.csv", NVDA, at(sector="SOX"), "sector", "another symbol"),
    ("instruments.csv", NVDA, at(max_move="0"), "max_move", "must be above zero"),
    ("instruments.csv", NVDA, at(max_move="1e9"), "max_move", "is not a number"),
    (SPECIAL, STORM, at(exchange="XLON"), "exchange", "is not one of"),
    (SPECIAL, STORM, at(date="01.09.2023"), "date", "(YYYY-MM-DD)"),
    (SPECIAL, STORM, at(date="9999-01-01"), "date", "a slip of the pen?"),
    (SPECIAL, STORM, at(date="2023-09-02"), "date", "is a weekend"),
    (SPECIAL, STORM, at(opens="10:00"), "closes", "goes with opens"),
    (SPECIAL, STORM, at(opens="10", closes="16:30"), "opens", "a local clock"),
    ("annotations.csv", HOLE, at(symbol="NONE"), "symbol", "a symbol of instruments"),
    ("annotations.csv", HOLE, at(kind="whim"), "kind", "is not one of suspension"),
    ("annotations.csv", HOLE, at(last="2021-12-31"), "last", "is before 'first'"),
    ("annotations.csv", MOVE, at(last="2024-02-09"), "last", "a move is of one day"),
    ("annotations.csv", MOVE, at(field=""), "field", "which a move needs"),
    ("annotations.csv", MOVE, at(value=""), "value", "which a move needs"),
    ("annotations.csv", FIX, at(original=""), "original", "which a correction needs"),
    ("price_sources.csv", at(source="zjplab"), at(commit=""), "commit", "is empty"),
    (
        "price_sources.csv",
        at(source="zjplab"),
        at(retrieved="11/1/2026"),
        "retrieved",
        "YYYY-MM or YYYY-MM-DD",
    ),
    ("events.csv", EVENT, at(event_id="Remark 1"), "event_id", "small letters"),
    ("events.csv", EVENT, at(event_id="deepseek-v3"), "event_id", "already; keep one"),
    ("events.csv", EVENT, at(event_id="new-remark"), "event_id", "has no source"),
    ("events.csv", EVENT, at(symbols="NVDA;NVDAX"), "symbols", "or write NVDA"),
    ("events.csv", EVENT, at(symbols="NVDA; AMD"), "symbols", "separate by ';' alone"),
    ("events.csv", EVENT, at(symbols="NVDA;NVDA"), "symbols", "names something twice"),
    ("events.csv", EVENT, at(type="ban"), "type", "'ban' is not one of control"),
    ("events.csv", EVENT, at(type_second="model-release"), "type_second", "repeats"),
    ("events.csv", EVENT, at(lean_nvda_thesis="+"), "lean_nvda_thesis", "0 or mixed"),
    ("events.csv", EVENT, at(sign_cn_thesis="none"), "sign_cn_thesis", "confounder"),
    ("events.csv", EVENT, at(confounder="yes"), "confounder", "one of true, false"),
    ("events.csv", EVENT, at(precision="minute"), "precision", "differ: session?"),
    ("events.csv", EVENT, at(timezone="Asia/Peking"), "timezone", "no IANA time zone"),
    ("events.csv", EVENT, at(announced_at="soon"), "announced_at", "not an instant"),
    ("events.csv", EVENT, at(announced_at=DAY), "announced_at", "has no UTC offset"),
    (
        "events.csv",
        EVENT,
        at(announced_at=f"{DAY}T12:00-04:00"),
        "announced_at",
        f"where the clock shows {DAY[:-2]}22T00:00+08:00",
    ),
    (
        "events.csv",
        EVENT,
        at(announced_at="2025-08-22T12:00+08:00"),
        "announced_at",
        "is not between",
    ),
    (
        "events.csv",
        EVENT,
        at(latest_at=f"{DAY}T17:00+08:00"),
        "precision",
        "must be 00:00 and 23:59",
    ),
    ("events.csv", EVENT, at(confounders="no-event"), "confounders", "no other event"),
    ("events.csv", EVENT, at(confounders=REMARK), "confounders", "no other event's id"),
    ("events.csv", EVENT, at(title="a\nb"), "title", "a line break or another control"),
    ("events.csv", EVENT, at(notes="\x1b[2J"), "notes", "a line break or another"),
    ("sources.csv", SOURCE, at(n="0"), "n", "whole number from 1"),
    ("sources.csv", SOURCE, at(publisher=" "), "publisher", "is empty"),
    ("sources.csv", SOURCE, at(published="May 2025"), "published", "is not YYYY"),
    ("sources.csv", SOURCE, at(url="www.example.org"), "url", "is not a web address"),
    ("sources.csv", SOURCE, at(status="maybe"), "status", "is not one of read"),
    ("claims.csv", CLAIM, at(event_ids="nothing"), "event_ids", "and no selector"),
    ("claims.csv", CLAIM, at(event_ids="type:ban"), "event_ids", "and no selector"),
    ("claims.csv", CLAIM, at(event_ids="after:soon"), "event_ids", "is not a date"),
    ("claims.csv", CLAIM, at(event_ids="after:2030-01-01"), "event_ids", "no event"),
    ("claims.csv", CLAIM, at(event_ids=""), "event_ids", "is empty"),
    ("claims.csv", CLAIM, at(kind="hearsay"), "kind", "is not one of price"),
    ("groups.csv", at(group="Nvidia"), at(symbols="NVDIA"), "symbols", "or write NVDA"),
    ("claim_legs.csv", LEG, at(claim_id="dip"), "claim_id", "is not a claim"),
    ("claim_legs.csv", LEG, at(group="Nvdia"), "group", "or write Nvidia"),
    ("claim_legs.csv", LEG, at(sign=""), "sign", "which a leg of prices needs"),
    ("claim_legs.csv", LEG, at(events="no-event"), "events", "Unknown event"),
    ("earnings.csv", AMD, at(symbol="NVDAX"), "symbol", "is not a symbol"),
    ("earnings.csv", AMD, at(date="6/29/2020"), "date", "'6/29/2020' is not a date"),
    ("earnings.csv", AMD, at(timing="noon"), "timing", "is not one of before-open"),
    ("event_sessions.csv", HAND, at(exchange="NYSE"), "exchange", "is not one of"),
    ("event_sessions.csv", HAND, at(hand="8/21/2025"), "hand", "is not a date"),
    ("event_sessions.csv", HAND, at(code=DAY), "verdict", "goes with code"),
    ("fact_sources.csv", SWK, at(source_id="epoch"), "source_id", "already"),
    ("fact_sources.csv", SWK, at(address="github.com"), "address", "not a web"),
    ("fact_sources.csv", SWK, at(address=""), "address_quality", "and only then"),
    ("fact_sources.csv", SWK, at(reliability="high"), "reliability", "is not one of"),
    ("chips.csv", H100, at(chip_id="H100"), "chip_id", "small letters"),
    ("chips.csv", H100, at(chip_id="nvidia-a100"), "chip_id", "already; keep one"),
    ("chips.csv", H100, at(tpp="15000"), "tpp", "is 15000, yet the highest product"),
    ("chips.csv", H100, at(tpp=""), "tpp", "is empty, yet the highest product"),
    ("chips.csv", H100, at(tpp_format="fp16"), "tpp_format", "does not give the tpp"),
    ("chips.csv", H100, at(fp8_tflops="1,979"), "fp8_tflops", "is not a number"),
    ("chips.csv", H100, at(memory_gb="nan"), "memory_gb", "is not a number"),
    ("chips.csv", H100, at(memory_gb="-80"), "memory_gb", "must be above zero"),
    (
        "chips.csv",
        H100,
        at(die_area_mm2="900"),
        "performance_density",
        "is 19.45, yet tpp over die area is 17.59",
    ),
    ("chips.csv", H100, at(die_area_basis=""), "die_area_basis", "both or neither"),
    ("chips.csv", H100, at(tpp_low="1"), "tpp_high", "give both or neither"),
    ("chips.csv", H100, at(tpp_low="1", tpp_high="2"), "tpp_low", "does not hold"),
    (
        "chips.csv",
        at(chip_id="huawei-atlas-950"),
        at(tpp="64000000"),
        "tpp",
        "leave it empty here",
    ),
    ("chips.csv", B200, at(unverified="available"), "unverified", "is an estimate"),
    ("chips.csv", H100, at(unverified="speed"), "unverified", "not one of announced"),
    ("chips.csv", H100, at(unverified="fp4_tflops"), "unverified", "which is empty"),
    ("chips.csv", M590, at(unverified="fp16_tflops"), "unverified", "of a better row"),
    ("chips.csv", M590, at(verification="verified"), "verification", "no source has"),
    ("chips.csv", H100, at(sources="hearsay"), "sources", "is not a source of"),
    ("chips.csv", H100, at(sources="ledger:none"), "sources", "is not a source of"),
    ("chips.csv", H100, at(announced_last=""), "announced_last", "both or neither"),
    ("chips.csv", H100, at(announced_last="2022-03-21"), "announced_last", "is before"),
    (
        "chips.csv",
        H100,
        at(announced_first="2202-03-22"),
        "announced_first",
        "is not of 2010 to 2035",
    ),
    ("chips.csv", H100, at(availability="never"), "availability", "and only then"),
    (
        "chips.csv",
        H100,
        at(available_first="2021-01-01", available_last="2021-12-31"),
        "available_last",
        "is before the announcement",
    ),
    (
        "chips.csv",
        at(chip_id="huawei-ascend-960"),
        at(available_first="2025-09-18"),
        "available_first",
        "yet planned",
    ),
    ("chips.csv", H100, at(control="embargo"), "control", "is not one of letter-2022"),
    ("chips.csv", C910, at(control="guidance-2025"), "control", "from elsewhere only"),
    ("chips.csv", H100, at(entity_listed="2022-01-01"), "entity_listed", "outside the"),
    ("thresholds.csv", DENSITY, at(alternative="0"), "alternative", "whole number"),
    ("thresholds.csv", DENSITY, at(unit="GB/s"), "unit", "is not TPP/mm2"),
    ("thresholds.csv", DENSITY, at(operator=""), "value", "goes with an operator"),
    ("thresholds.csv", DENSITY, at(value="-1"), "value", "must be 0 or more"),
    ("thresholds.csv", DENSITY, at(effect="licence"), "effect", "of the same rule"),
    ("thresholds.csv", DENSITY, at(announced="2023-10-18"), "event_id", "2023-10-17"),
    ("thresholds.csv", DENSITY, at(published="2023-10-16"), "published", "is before"),
    ("thresholds.csv", DENSITY, at(applies_first=""), "applies_first", "in-force"),
    ("thresholds.csv", OLD, at(applies_last="2022-10-20"), "applies_last", "is before"),
    (
        "thresholds.csv",
        DIFFUSION,
        at(applies_first="2025-05-15"),
        "applies_first",
        "withdrawn",
    ),
    (
        "thresholds.csv",
        LETTER,
        at(value_from_chip="nvidia-h21"),
        "value_from_chip",
        "has no interconnect",
    ),
    (
        "thresholds.csv",
        at(rule_id="rule-2024-12-hbm"),
        at(applies_to="data-centre-chips"),
        "metric",
        "says nothing of a chip",
    ),
    ("fundamentals.csv", QUARTER, at(metric="Revenue"), "metric", "words such as"),
    ("fundamentals.csv", QUARTER, at(metric="revenue_china"), "metric", "basis apart"),
    ("fundamentals.csv", QUARTER, at(period="year"), "period", "are 92 days"),
    ("fundamentals.csv", QUARTER, at(period_end="2024-13-31"), "period_end", "a date"),
    ("fundamentals.csv", NVIDIA, at(fiscal="FY2025"), "fiscal", "Q1 for a quarter"),
    ("fundamentals.csv", QUARTER, at(unit="CNY m"), "unit", "is in USD m above"),
    ("fundamentals.csv", SOLD, at(value="-1"), "value", "must be 0 or more"),
    ("fundamentals.csv", SHARE, at(value="49"), "value", "between 0 and 1"),
    ("fundamentals.csv", QUARTER, at(value="2,207"), "value", "is not a number"),
    ("fundamentals.csv", QUARTER, at(rounded_to=""), "rounded_to", "both or neither"),
    ("fundamentals.csv", QUARTER, at(basis="heard"), "basis", "is not one of"),
    (
        "fundamentals.csv",
        QUARTER,
        at(sources="", verification="partly"),
        "verification",
        "there is no source",
    ),
    ("fundamentals.csv", YEAR, at(value="8040"), "value", "rounding allows 0.25"),
    ("nvidia_revenue.csv", FILED, at(basis="mixed"), "basis", "is not one of billing"),
    ("nvidia_revenue.csv", FILED, at(fiscal=""), "fiscal", "is empty"),
    (
        "nvidia_revenue.csv",
        at(basis="billing", fiscal="FY2025"),
        at(china_usd_m="25048"),
        "china_usd_m",
        "add up to 17108",
    ),
    (
        "nvidia_revenue.csv",
        at(basis="headquarters", fiscal="FY2027 Q1"),
        at(china_usd_m="81616"),
        "china_usd_m",
        "more than Nvidia's whole revenue",
    ),
    ("listings.csv", MOORE, at(event_id="moore"), "event_id", "is not an event"),
    ("listings.csv", MOORE, at(currency="HKD"), "currency", "XSHG has CNY"),
    ("listings.csv", MOORE, at(gain="4.25"), "gain", "leave it empty"),
    ("listings.csv", METAX, at(gain="-1.5"), "gain", "must be -1 or more"),
    ("share_counts.csv", AVGO, at(split_factor="100"), "shares", "left out?"),
    ("share_counts.csv", AVGO, at(first="2023-01-01"), "last", "is before first"),
    ("share_counts.csv", AVGO, at(symbol="AVG"), "symbol", "or write AVGO"),
    ("share_counts.csv", AVGO, at(shares="0"), "shares", "must be above zero"),
    ("share_counts.csv", AVGO, at(sources=""), "verification", "there is no source"),
    ("price_limits.csv", LIFTED, at(first="2026-07-05"), "first", "after the end of"),
    ("price_limits.csv", HELD, at(first="2026-07-06"), "last", "is before first"),
    ("price_limits.csv", HELD, at(limit="5"), "limit", "1 at most"),
    ("price_limits.csv", HELD, at(sources=""), "verification", "no source has"),
    ("article.csv", ARTICLE, at(address="archyde"), "address", "not a web address"),
    (
        "article.csv",
        ARTICLE,
        at(published_last="2025-01-01"),
        "published_last",
        "is before published_first",
    ),
]


@pytest.mark.parametrize(
    ("file", "key", "new", "column", "said"),
    [
        pytest.param(*case, id=f"{case[0]}-{case[3]}-{n}")
        for n, case in enumerate(BROKEN)
    ],
)
def test_a_broken_row_is_refused_by_row_and_column(
    file, key, new, column, said, folder: Path
) -> None:
    line = change(folder, file, key, new)
    with pytest.raises(FaultyDataError) as caught:
        BY_FILE[file].read(folder)
    found = [
        one.problem
        for one in caught.value.faults
        if (one.row, one.field) == (line, column)
    ]
    assert any(said in problem for problem in found), caught.value.faults
    assert f"{file}, row {line}, field '{column}'" in str(caught.value)


def test_the_bundled_tables_keep_every_rule(folder: Path) -> None:
    for table in TABLES:
        assert table.read(folder)


@pytest.mark.parametrize("file", BY_FILE)
def test_the_shape_of_a_table_is_checked(file: str, folder: Path) -> None:
    table, path = BY_FILE[file], folder / file
    sound = path.read_text(encoding="utf-8")
    header, _, body = sound.partition("\n")
    second = header.split(",")[1]
    cases: list[tuple[bytes, str]] = [
        (f"{header}\n".encode(), "row 1: has no rows"),
        (b"", "row 1: columns must be"),
        (sound.replace(",", ";").encode(), "row 1: columns must be .* by commas"),
        (
            sound.replace(f",{second}", "", 1).encode(),
            f"row 1: .*missing: {second}; unknown:",
        ),
        (
            f"{header},colour\n{body}".encode(),
            "row 1: .*missing: none; unknown: colour",
        ),
        (f"{sound}one,two,three\n".encode(), r"row \d+: has 3 fields instead of"),
        (f'{sound}"never closed'.encode(), r"row \d+: is no CSV"),
        (sound.encode() + b"\xff\n", "is not UTF-8"),
        (sound.encode("utf-16"), "is not UTF-8"),
    ]
    for content, said in cases:
        path.write_bytes(content)
        with pytest.raises(DataError, match=rf"{file}(, |: ){said}"):
            table.read(folder)
    path.unlink()
    with pytest.raises(DataError, match=f"{file}: cannot be read"):
        table.read(folder)
    path.mkdir()
    with pytest.raises(DataError, match=f"{file}: cannot be read"):
        table.read(folder)


def test_all_faults_of_a_table_are_told_and_verify_tells_the_same(
    tmp_path: Path,
) -> None:
    """As when a spreadsheet has rewritten every date."""
    folder = copy_data(tmp_path / "data")
    for file, column in (("earnings.csv", "date"), ("event_sessions.csv", "hand")):
        rows = pd.read_csv(folder / file, dtype=str, keep_default_na=False)
        rows[column] = pd.to_datetime(rows[column]).dt.strftime("%m/%d/%Y")
        rows.to_csv(folder / file, index=False)
        with pytest.raises(FaultyDataError, match=r"and \d+ more"):
            BY_FILE[file].read(folder)
    found = [(fault.file, fault.field) for fault in verify(folder).faults]
    assert found.count(("earnings.csv", "date")) == 162
    assert found.count(("event_sessions.csv", "hand")) == 345


def test_a_table_saved_by_a_spreadsheet_is_read(folder: Path) -> None:
    path = folder / "events.csv"
    text = path.read_text(encoding="utf-8").replace("\n", "\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + text.encode("utf-8"))
    pd.testing.assert_frame_equal(read_from(folder, load_ledger), load_ledger())


def test_an_edit_is_in_force_at_once(tmp_path: Path) -> None:
    folder = copy_data(tmp_path / "data")
    with using_data_dir(folder):
        before = load_ledger()
        change(folder, "events.csv", EVENT, at(title="Another title"))
        assert load_ledger().loc[REMARK, "title"] == "Another title"
        change(folder, "events.csv", EVENT, at(title=before.loc[REMARK, "title"]))
        pd.testing.assert_frame_equal(load_ledger(), before)


@given(
    parts=st.lists(st.integers(0, 10**6), min_size=2, max_size=6),
    steps=st.sampled_from([1, 10, 100]),
    excess=st.integers(1, 1000),
)
def test_sums_are_held_to_what_rounding_allows(parts, steps, excess) -> None:
    day = dt.date(2024, 1, 1)

    def amount(first: int, days: int, value: float) -> Amount:
        start = day + dt.timedelta(days=first)
        end = start + dt.timedelta(days=days - 1)
        return Amount(Row(2 + first, {}), start, end, value, steps)

    pieces = [amount(90 * n, 90, value) for n, value in enumerate(parts)]
    slack = steps * (len(parts) + 1) / 2
    whole = amount(0, 90 * len(parts), sum(parts) + slack)
    assert list(check_sums([whole, *pieces], "value")) == []
    too_much = amount(0, 90 * len(parts), sum(parts) + slack + excess)
    [(_, _, said)] = check_sums([*pieces, too_much], "value")
    assert "add up to" in said
    # With a part missing there is nothing to hold it to.
    assert list(check_sums([*pieces[1:], too_much], "value")) == []


def test_a_table_that_is_not_kept_is_named():
    with pytest.raises(DataError, match=r"Unknown table 'publishd.csv'.*published.csv"):
        kept_table("publishd.csv")
