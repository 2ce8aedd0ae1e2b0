"""What the tables of facts hold, and what the loaders make of them."""

from __future__ import annotations

import math
import operator
from pathlib import Path

import pandas as pd
import pytest
from data_folder import DATA

from helpers.data.chips import FIGURES, FORMAT_BITS, load_chips
from helpers.data.fact_rules import FACT_SOURCES
from helpers.data.facts import (
    four_quarters,
    fundamentals_series,
    load_fundamentals,
    load_listings,
    load_nvidia_revenue,
)
from helpers.data.instruments import load_instruments
from helpers.data.market_facts import (
    PRICE_LIMITS,
    SHARE_COUNTS,
    shares_outstanding,
)
from helpers.data.prices import load_returns
from helpers.data.tables import kept_table
from helpers.data.thresholds import CHIP_COLUMNS, load_thresholds
from helpers.errors import DataError

# Sources


def test_every_source_is_cited_and_every_table_cites_known_ones():
    cited: set[str] = set()
    for table in (
        load_chips(systems=True),
        load_thresholds(),
        load_fundamentals(),
        load_listings(),
        *(load_nvidia_revenue(b, period=p) for b, p in REVENUE_TABLES),
        SHARE_COUNTS.frame(SHARE_COUNTS.read(DATA)),
        PRICE_LIMITS.frame(PRICE_LIMITS.read(DATA)),
        kept_table("published.csv"),
    ):
        cited |= {source for sources in table["sources"] for source in sources}
    known = set(fact_sources().index)
    assert {source for source in cited if not source.startswith("ledger:")} == known


def fact_sources() -> pd.DataFrame:
    return FACT_SOURCES.frame(FACT_SOURCES.read(DATA)).set_index("source_id")


REVENUE_TABLES = [
    ("billing", "quarter"),
    ("billing", "year"),
    ("headquarters", "quarter"),
    ("headquarters", "year"),
]


def test_a_weak_source_alone_does_not_verify():
    weak = set(fact_sources().query("reliability == 'weak'").index)
    assert weak
    for table in (load_chips(systems=True), load_fundamentals()):
        verified = table[table["verification"] == "verified"]
        cited = [set(sources) for sources in verified["sources"] if sources]
        assert not any(sources <= weak for sources in cited)


# Codebook


@pytest.fixture(scope="module")
def codebook(root: Path) -> str:
    text = (root / "data" / "README.md").read_text(encoding="utf-8")
    section = text.partition("## Fact tables")[2].partition("\n## ")[0]
    return " ".join(section.split())


def test_the_codebook_counts_the_rows(codebook):
    chips = load_chips(systems=True)["level"].value_counts()
    thresholds, figures = load_thresholds(), load_fundamentals()
    billing, headquarters = (
        sum(len(load_nvidia_revenue(basis, period=p)) for p in ("quarter", "year"))
        for basis in ("billing", "headquarters")
    )
    shares = len({row["symbol"] for row in SHARE_COUNTS.read(DATA)})
    boards = len({row["board"] for row in PRICE_LIMITS.read(DATA)})
    for text in (
        f"{chips['chip']} chips, {chips['system']} systems",
        f"{len(thresholds)} conditions of {thresholds['rule_id'].nunique()} rules",
        f"{len(figures)} figures of {figures['entity'].nunique()} entities",
        f"{billing} figures by billing location, {headquarters} by headquarters",
        f"{len(load_listings())} first days of trading",
        f"{len(kept_table('published.csv'))} figures of the press and of studies",
        f"{len(SHARE_COUNTS.read(DATA))} counts of {shares} instruments",
        f"{len(PRICE_LIMITS.read(DATA))} limits of {boards} boards",
        f"{len(fact_sources())} sources",
    ):
        assert text in codebook


# Chips


def test_processing_performance_is_that_of_the_highest_format():
    chips = load_chips()
    assert len(chips) == 46
    rates = chips[list(FORMAT_BITS)].mul(pd.Series(FORMAT_BITS))
    assert (chips["tpp"] - rates.max(axis=1)).abs().max() <= 0.5
    assert chips["tpp"].notna().equals(rates.notna().any(axis=1))
    h20 = chips.loc["nvidia-h20"]
    assert (h20["tpp"], h20["performance_density"]) == (2368, 2.91)
    b300 = chips.loc["nvidia-b300"]
    assert (b300["tpp"], b300["tpp_without_fp4"]) == (56_000, 36_000)
    # One format only, and that is FP4: nothing is left without it.
    assert pd.isna(chips.loc["huawei-atlas-350", "tpp_without_fp4"])


def test_a_range_is_given_where_sources_differ():
    chips = load_chips()
    ranged = chips[chips["tpp_low"] < chips["tpp_high"]]
    assert set(ranged.index) == {
        "nvidia-b300",
        "nvidia-b30a",
        "nvidia-rubin",
        "huawei-ascend-910b",
        "huawei-ascend-910c",
        "moore-threads-s5000",
        "metax-c600",
    }
    known = chips[chips["tpp"].notna()]
    assert known["tpp"].between(known["tpp_low"], known["tpp_high"]).all()


def test_systems_are_apart_and_planned_parts_marked():
    everything = load_chips(systems=True)
    systems = everything[everything["level"] == "system"]
    assert len(systems) == 4
    assert systems["tpp"].isna().all()
    planned = load_chips().query("availability == 'planned'")
    assert set(planned["vendor"]) == {"Huawei", "MetaX", "Baidu Kunlunxin"}
    assert (planned["available_first"] > planned["announced_last"]).all()


def test_what_is_not_verified_is_named_and_can_be_blanked():
    kept, blanked = load_chips(systems=True), load_chips(True, systems=True)
    assert list(kept.index) == list(blanked.index)
    for name in (*FIGURES, "tpp", "performance_density"):
        is_doubtful = kept["unverified"].map(lambda fields, name=name: name in fields)
        assert is_doubtful.any(), name
        assert kept.loc[is_doubtful, name].notna().all()
        assert blanked.loc[is_doubtful, name].isna().all()
        pd.testing.assert_series_equal(
            blanked.loc[~is_doubtful, name], kept.loc[~is_doubtful, name]
        )
    unverified = blanked[blanked["verification"] == "unverified"]
    assert unverified[[*FIGURES, "tpp", "available_first"]].isna().all(axis=None)
    assert (unverified["foundry"] == "").all()


def test_what_rests_on_a_doubtful_figure_is_doubtful():
    chips = load_chips()
    assert "tpp" in chips.loc["moore-threads-s5000", "unverified"]
    assert "performance_density" in chips.loc["nvidia-b200", "unverified"]
    assert "tpp" not in chips.loc["nvidia-b200", "unverified"]
    # INT8 is doubtful there, FP16 decides.
    assert "tpp" not in chips.loc["huawei-ascend-910c", "unverified"]
    verified = load_chips(True)
    assert verified.loc["nvidia-b200", "tpp"] == 36_000
    assert pd.isna(verified.loc["moore-threads-s5000", "tpp_high"])


def test_a_doubtful_day_becomes_its_month_and_a_doubtful_date_goes():
    kept, blanked = load_chips(), load_chips(True)
    assert kept.loc["nvidia-h100", "announced_first"] == pd.Timestamp("2022-03-22")
    h100 = blanked.loc["nvidia-h100"]
    assert h100["announced_first"] == pd.Timestamp("2022-03-01")
    assert h100["announced_last"] == pd.Timestamp("2022-03-31")
    assert pd.isna(blanked.loc["nvidia-a100", "announced_first"])


# Thresholds


def test_thresholds_hold_what_the_rules_say():
    table = load_thresholds()
    assert len(table) == 39
    assert table["announced"].is_monotonic_increasing
    paragraph = table[(table["rule_id"] == "rule-2023-10-a")]
    lines = paragraph[["alternative", "metric", "operator", "value"]]
    assert lines.values.tolist() == [
        [1, "tpp", "ge", 4800.0],
        [2, "tpp", "ge", 1600.0],
        [2, "performance_density", "ge", 5.92],
    ]
    # A rule that names a chip takes the chip's figure.
    letter = table[table["rule_id"] == "letter-2025-04"].set_index("metric")["value"]
    assert letter.to_dict() == {"memory_bandwidth": 4000.0, "interconnect": 900.0}


def caught(day: str) -> set[tuple[str, str]]:
    """Return each chip with each rule for data-centre chips that it meets on a day.

    It meets a rule by all conditions of an alternative; an unknown figure meets none.
    """
    rules = load_thresholds().query(
        "applies_to == 'data-centre-chips' and applies_first <= @day "
        "and (applies_last.isna() or applies_last >= @day)"
    )
    pairs = load_chips().reset_index().merge(rules, how="cross", suffixes=("", "_rule"))
    pairs["met"] = [
        getattr(operator, row["operator"])(
            math.fsum(row[name] for name in CHIP_COLUMNS[row["metric"]]), row["value"]
        )
        for row in pairs.to_dict("records")
    ]
    met = pairs.groupby(["chip_id", "rule_id", "alternative"])["met"].all()
    return set(met[met].index.droplevel("alternative"))


def test_the_gaps_in_the_rules_are_found():
    of_2022, of_2023 = caught("2022-12-01"), caught("2023-11-17")
    for chip in ("nvidia-a800", "nvidia-h800"):
        assert (chip, "rule-2022-10") not in of_2022
        assert (chip, "rule-2023-10-a") in of_2023
    for chip in ("nvidia-a100", "nvidia-h100"):
        assert (chip, "rule-2022-10") in of_2022
    for chip in ("nvidia-h20", "nvidia-l20", "nvidia-l2"):
        assert not {(chip, "rule-2023-10-a"), (chip, "rule-2023-10-b")} & of_2023
    of_2025 = caught("2025-05-01")
    for letter in ("letter-2025-04", "letter-2025-04-intel"):
        assert ("nvidia-h20", letter) in of_2025
    of_2026 = caught("2026-02-01")
    # Not inside the strict bounds: bandwidth 3,350 and 5,300 of H100 and MI300X.
    tariffed = {chip for chip, rule in of_2026 if rule == "tariff-2026-01"}
    assert tariffed == {"nvidia-h200", "amd-mi325x"}
    assert ("nvidia-b200", "rule-2026-01") not in of_2026
    assert ("nvidia-h200", "rule-2026-01") in of_2026


def test_control_codes_agree_with_the_arithmetic():
    chips = load_chips().query("country == 'US' and tpp.notna()")["control"]
    of_2022, today = caught("2022-12-01"), caught("2026-10-01")
    early, broad, relief, tariff = (
        {chip for chip, rule in on if rule == of}
        for on, of in (
            (of_2022, "rule-2022-10"),
            (today, "rule-2023-10-a"),
            (today, "rule-2026-01"),
            (today, "tariff-2026-01"),
        )
    )
    expected = {
        "rule-2022": early & BEFORE_2023,
        "3a090a": broad,
        "review-2026": broad & relief,
        "denial-2026": broad - relief,
        "tariff-2026": tariff,
    }
    for code, meet in expected.items():
        coded = {chip for chip, codes in chips.items() if code in codes}
        assert coded == meet & set(chips.index), code


BEFORE_2023 = {"nvidia-a100", "nvidia-a800", "nvidia-h100"}


# Fundamentals


def test_bundled_figures_are_complete_and_sane():
    table = load_fundamentals()
    assert len(table) == 353
    shares = table[table["unit"] == "share"]["value"]
    assert shares.between(0, 1).all()
    assert len(shares) > 50
    assert (table["period_start"] <= table["period_end"]).all()
    without_value = table[table["value"].isna()]
    assert list(without_value["entity"]) == ["GLM-5.2"]
    assert not table["metric"].str.startswith("revenue_china").any()


def test_values_not_verified_are_blanked_and_their_rows_kept():
    everything, verified = load_fundamentals(), load_fundamentals(True)
    assert len(everything) == len(verified)
    is_verified = everything["verification"] == "verified"
    assert verified.loc[~is_verified, "value"].isna().all()
    pd.testing.assert_series_equal(
        verified.loc[is_verified, "value"], everything.loc[is_verified, "value"]
    )


def test_parts_of_nvidia_add_up():
    values = {
        metric: fundamentals_series("Nvidia", metric, period="quarter")["value"]
        for metric in ("revenue", "revenue_data_centre")
    }
    assert (values["revenue_data_centre"] < values["revenue"]).all()
    day = pd.Timestamp("2026-04-26")
    hyperscale, acie, edge = (
        fundamentals_series("Nvidia", f"revenue_{name}").loc[day, "value"]
        for name in ("hyperscale", "acie", "edge")
    )
    assert hyperscale + acie == values["revenue_data_centre"][day]
    assert hyperscale + acie + edge == values["revenue"][day]


def test_shares_of_the_count_are_its_units_over_all_units():
    table = load_fundamentals()
    counted = table[
        table["metric"].str.startswith("china_accelerator_unit")
        & (table["period_end"] == "2025-12-31")
    ].pivot(index="entity", columns="metric", values="value")
    whole = ["Nvidia", "Chinese vendors", "AMD"]
    share, units = counted.columns
    assert counted.loc[whole, share].sum() == pytest.approx(1)
    implied = counted[units] / counted.loc[whole, units].sum()
    assert (implied - counted[share]).abs().max() < 0.006


def test_shares_of_sales_follow_from_the_sales():
    def value(entity: str, metric: str, year: int) -> float:
        series = fundamentals_series(entity, metric)
        return float(series.loc[pd.Timestamp(year, 12, 31), "value"])

    sales = value("Chinese vendors", "china_ai_chip_sales_bernstein", 2028)
    demand = value("China", "china_ai_chip_demand_bernstein", 2028)
    supply = value("China", "china_ai_chip_supply_bernstein", 2028)
    share = value("Chinese vendors", "china_ai_chip_sales_share_bernstein", 2028)
    assert share == pytest.approx(sales / demand, abs=0.005)
    assert supply > demand


def test_a_series_runs_over_one_kind_of_period():
    quarters = fundamentals_series("SMIC", "revenue", period="quarter")
    assert quarters.index.is_monotonic_increasing
    assert quarters.index[0] == pd.Timestamp("2022-03-31")
    # No quarter is missing between the first and the last.
    assert len(quarters) == 18
    assert set(quarters["verification"]) == {"verified"}
    years = fundamentals_series("SMIC", "revenue", period="year")
    assert quarters["value"][:4].sum() == pytest.approx(years["value"].iloc[0], abs=0.2)


@pytest.mark.parametrize(
    ("entity", "metric", "period", "message"),
    [
        ("Nvdia", "revenue", None, "no entity 'Nvdia': choose from Nvidia, AMD"),
        ("SMIC", "turnover", None, "no metric 'turnover' of SMIC: choose from capex"),
        ("SMIC", "revenue", None, "by quarter, year: name one as `period`"),
        (
            "SMIC",
            "revenue",
            "month",
            "no period 'month' for revenue of SMIC: choose from quarter, year",
        ),
    ],
)
def test_a_series_that_is_not_there_is_refused(entity, metric, period, message):
    with pytest.raises(DataError, match=message):
        fundamentals_series(entity, metric, period=period)


# Nvidia's revenue from China


def test_the_basis_must_be_named_and_there_are_two():
    with pytest.raises(TypeError):
        load_nvidia_revenue()
    for basis in ("both", "", "Billing", None):
        with pytest.raises(DataError, match="They are never joined"):
            load_nvidia_revenue(basis)
    with pytest.raises(DataError, match="is not quarter or year"):
        load_nvidia_revenue("billing", period="half")


def test_each_basis_stands_alone():
    tables = {key: load_nvidia_revenue(key[0], period=key[1]) for key in REVENUE_TABLES}
    for (basis, _), table in tables.items():
        assert set(table["basis"]) == {basis}
        assert table.index.is_unique
        assert table.index.is_monotonic_increasing
    assert sum(map(len, tables.values())) == 28
    years = pd.Timestamp("2025-01-26")
    billed = tables["billing", "year"].loc[years, "china_usd_m"]
    seated = tables["headquarters", "year"].loc[years, "china_usd_m"]
    assert (billed, seated) == (17_108, 25_048)


def test_shares_are_of_the_whole_revenue_of_the_same_period():
    for basis, period in REVENUE_TABLES:
        table = load_nvidia_revenue(basis, period=period)
        assert table["china_share"].between(0, 1).all()
        total = fundamentals_series("Nvidia", "revenue", period=period)["value"]
        pd.testing.assert_series_equal(
            table["total_usd_m"], total[table.index], check_names=False
        )


def test_a_figure_from_a_comment_in_code_is_blanked():
    last = pd.Timestamp("2026-07-26")
    kept = load_nvidia_revenue("headquarters")
    assert kept.loc[last, "verification"] == "unverified"
    blanked = load_nvidia_revenue("headquarters", verified_only=True)
    assert pd.isna(blanked.loc[last, "china_usd_m"])
    assert pd.isna(blanked.loc[last, "china_share"])
    assert blanked["china_usd_m"].notna().sum() == 4


# Listings


def test_a_gain_is_computed_from_prices_and_else_as_reported():
    listings = load_listings()
    assert listings.at["moore-threads-ipo", "gain"] == pytest.approx(600.5 / 114.28 - 1)
    assert listings.at["metax-ipo", "gain"] == 6.93
    assert pd.isna(listings.at["biren-hk-ipo-kunlunxin-filing", "gain"])
    assert listings.at["moore-threads-ipo", "date"] == pd.Timestamp("2025-12-05")


# Shares and price limits


def test_shares_of_the_two_exchanges_are_apart_and_splits_brought_to_one_basis():
    counts = SHARE_COUNTS.frame(SHARE_COUNTS.read(DATA))
    counts["now"] = counts["shares"] * counts["split_factor"]
    smic = counts[counts["last"] == "2025-11-30"].set_index("symbol")
    assert smic["now"].to_dict() == {
        "0981.HK": 6_000_614_360,
        "688981.SS": 1_999_562_549,
    }
    assert set(smic["counts"]) == {"line"}
    naura = counts.query("symbol == '002371.SZ'")["now"]
    assert naura.max() / naura.min() == pytest.approx(1, abs=1e-6)
    broadcom = counts.query("symbol == 'AVGO'").set_index("last")["now"]
    assert broadcom.between(4.05e9, 4.72e9).all()


def test_a_mainland_share_needs_a_reason_just_above_its_boards_limit():
    rows = PRICE_LIMITS.frame(PRICE_LIMITS.read(DATA))
    limits = rows[(rows["applies_to"] == "ordinary") & rows["last"].isna()]
    by_prefix = limits.explode("prefixes").set_index("prefixes")
    shares = load_instruments().query("kind == 'share' and mic in ['XSHG', 'XSHE']")
    board = by_prefix.loc[[symbol[:3] for symbol in shares.index]]
    assert board["mic"].tolist() == shares["mic"].tolist()
    beyond = shares["max_move"].to_numpy() - board["limit"].to_numpy()
    assert (abs(beyond - 0.0025) < 1e-9).all()


def test_four_quarters_add_up_across_years_and_say_what_is_not_verified():
    table = four_quarters("Cambricon")
    reported = load_fundamentals()
    own = reported[
        (reported["entity"] == "Cambricon") & (reported["metric"] == "revenue")
    ]
    since = own[own["period_start"].dt.month == 1].set_index("period_end")["value"]
    june = since["2026-06-30"] + since["2025-12-31"] - since["2025-06-30"]
    assert table.at["2026-06-30", "value"] == pytest.approx(june)
    grown = since["2025-12-31"] / since["2024-12-31"] - 1
    assert table.at["2025-12-31", "growth"] == pytest.approx(grown)
    assert not table.at["2025-03-31", "verified"]
    with pytest.raises(DataError, match="no 'revenue' of 'Loongson'"):
        four_quarters("Loongson")


# What others published, and shares outstanding


def test_prices_give_what_the_press_printed_at_the_close():
    """Of all but one, which was cut and not rounded."""
    moves = kept_table("published.csv").query(
        "measure == 'return' and taken == 'close'"
    )
    moves = moves[moves["last"].isna()]
    returns = load_returns(list(dict.fromkeys(moves["symbols"].explode())))
    for row in moves.itertuples():
        here = returns.at[row.first, row.symbols[0]]
        assert here == pytest.approx(row.published, abs=row.rounding + 1e-9)


def test_a_firm_has_the_shares_that_were_outstanding_near_the_day():
    # The balance sheet of the day before, though a diluted mean holds the day itself.
    assert shares_outstanding(["NVDA"], "2025-01-27")["NVDA"] == 24_477e6
    # Ten for one of July 2024: on the basis of the prices.
    assert shares_outstanding(["AVGO"], "2023-05-15")["AVGO"] == 4_169.2e6
    with pytest.raises(DataError, match=r"TXN: share_counts.csv .* none"):
        shares_outstanding(["NVDA", "TXN"], "2025-06-02")
