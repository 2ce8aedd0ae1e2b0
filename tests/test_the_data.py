"""The chapter on the data: it counts what the files hold and shows what it counts."""

from __future__ import annotations

import csv
import shutil

import pandas as pd
import pytest

from helpers.data.hand_sessions import load_hand_sessions
from helpers.data.prices import load_returns, load_table
from helpers.errors import DataError
from helpers.evidence.price_record import PriceRecord
from helpers.evidence.the_data import CASES, TheData
from helpers.evidence.the_data_findings import the_data_findings
from helpers.presentation import the_data as chapter
from helpers.presentation import the_data_tables as tables

PLATES = [
    chapter.coverage,
    chapter.confirmation,
    chapter.two_closes,
    chapter.ledger,
    chapter.clocks,
]
TABLES = [
    tables.instruments_table,
    tables.gaps_table,
    tables.moves_table,
    tables.cases_table,
    tables.differences_table,
    tables.reach_table,
]


@pytest.fixture(scope="module")
def data():
    return TheData()


@pytest.fixture(scope="module")
def findings(data):
    return the_data_findings(data)


def test_days_are_confirmed_disputed_or_alone_and_missing_ones_are_all_gaps(data):
    table = data.prices.coverage

    kinds = table[["confirmed", "disputed", "single"]].sum(axis=1)
    assert (kinds == table["priced"]).all()
    assert (table["priced"] + table["missing"] == table["held"]).all()
    in_gaps = data.prices.gaps.groupby("symbol")["sessions"].sum()
    assert in_gaps.to_dict() == table.loc[table["missing"] > 0, "missing"].to_dict()


def test_returns_are_those_of_the_loader(data):
    symbols = ["NVDA", "603019.SS", "005930.KS", "^HSI"]
    loaded = load_returns(symbols)

    for symbol in symbols:
        own = data.prices.returns[symbol]
        pd.testing.assert_series_equal(
            own.dropna(), loaded[symbol].dropna(), check_names=False
        )


def test_a_day_that_a_source_no_longer_confirms_is_counted(data, findings):
    tables_now = dict(data.prices.tables)
    doubted = tables_now["NVDA"].copy()
    doubted.loc["2025-08-21", ["sources_agree", "sources_differ"]] = [0, 2]
    doubted.loc["2025-08-22", ["sources_agree", "sources_differ"]] = [0, 0]
    changed = TheData(PriceRecord({**tables_now, "NVDA": doubted}), data.ledger)
    other = the_data_findings(changed)

    def value(found, name):
        return found.figures.entries[name]["value"]

    assert value(other, "confirmed") == value(findings, "confirmed") - 2
    assert value(other, "disputed") == value(findings, "disputed") + 1
    assert value(other, "single") == value(findings, "single") + 1
    assert other.answer != findings.answer


def test_distributions_are_dividends_of_the_loaded_prices(data):
    paid = data.prices.distributions.set_index(["symbol", "session"])["size"]

    assert (paid > 0).all()
    table = load_table("EWT")
    day = pd.Timestamp("2022-12-13")
    before = table.index[table.index.get_loc(day) - 1]
    gains = table.loc[day] / table.loc[before]
    assert paid["EWT", day] == pytest.approx(gains["adj_close"] / gains["close"] - 1)


def test_hard_cases_fall_on_the_sessions_that_the_press_allows(data):
    days = data.cases["day0"].dt.strftime("%Y-%m-%d")

    assert days["bis-2022-10-07-rules"].tolist() == [
        "2022-10-07",
        "2022-10-10",
        "2022-10-10",
    ]
    assert days["bis-2023-10-17-rules"].tolist() == [
        "2023-10-17",
        "2023-10-18",
        "2023-10-18",
    ]
    assert set(days["h20-resumption"]) == {"2025-07-15"}


def test_a_date_alone_misses_news_that_comes_after_the_close(data):
    placed = data.ledger.placed

    missed = placed.loc[("h20-resumption", "XNAS")]
    assert f"{missed['dated']:%Y-%m-%d}" == "2025-07-14"
    assert not missed["reached"]
    # Known by date alone, an event is placed by its date alone.
    assert placed.loc[placed["precision"] == "day", "reached"].all()
    same = placed["day0"] == placed["dated"]
    assert (placed["reached"] | ~same).all()


def test_a_firm_cannot_be_studied_while_suspended_or_without_a_past(data):
    reach = data.reach.set_index(["symbol", "event_id"])["reason"]

    remark = "deepseek-v31-domestic-chip-remark"
    assert reach["688347.SS", remark] == "suspended or without a price"
    assert reach["688256.SS", remark] == ""
    assert reach["ARM", "bis-2022-10-07-rules"] == "too little before it"
    assert reach["603019.SS", "deepseek-v4"] == "after the last price"


@pytest.mark.parametrize(
    ("field", "value", "what"),
    [
        ("hand", "2025-8-21", "is not a date"),
        ("exchange", "XLON", "Unknown exchange"),
        ("event_id", "no-such-event", "no event of the ledger"),
        ("verdict", "code", "is not one of"),
    ],
)
def test_a_spoiled_hand_made_session_is_refused(root, tmp_path, field, value, what):
    for name in ("events.csv", "sources.csv", "event_sessions.csv"):
        shutil.copy(root / "data" / name, tmp_path / name)
    path = tmp_path / "event_sessions.csv"
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    rows[3][field] = value
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)

    with pytest.raises(DataError, match=rf"event_sessions\.csv.*{what}"):
        load_hand_sessions(tmp_path)


@pytest.mark.parametrize("plate", PLATES, ids=lambda plate: plate.__name__)
def test_figures_have_title_caption_alt_and_fit_their_width(plate, data, findings):
    import matplotlib

    matplotlib.use("Agg")
    made = plate(data, findings)
    figure = made["fig"]
    figure.canvas.draw()
    width = figure.get_window_extent().width
    assert figure._suptitle.get_window_extent().x1 <= width
    for legend in figure.legends:
        assert legend.get_window_extent().x1 <= width
    assert len(made["caption"]) > 60
    assert len(made["alt"]) > 80
    assert figure._suptitle.get_text() not in made["alt"]


@pytest.mark.parametrize("made", TABLES, ids=lambda made: made.__name__)
def test_tables_have_rows_and_a_caption(made, data):
    shown = made(data)
    assert len(shown["df"]) > 0
    assert len(shown["caption"]) > 40


def test_the_clock_figure_marks_day_0_of_every_city(data, findings):
    import matplotlib

    matplotlib.use("Agg")
    figure = chapter.clocks(data, findings)["fig"]
    for axes, event_id in zip(figure.axes, CASES, strict=True):
        marks = [text.get_text() for text in axes.texts]
        assert marks.count("day 0") == 3
        later = data.ledger.placed.loc[event_id, "window"].map(lambda w: w[1]).sum()
        assert marks.count("+1") == later


def test_sentences_name_what_the_tables_hold(data, findings):
    assert findings.figures["hand_agree"] in tables.hand_line(data, findings)
    assert "SK hynix" in tables.consequences(data, findings)
    assert tables.rules_text(data).count("\n") == len(CASES) - 1
