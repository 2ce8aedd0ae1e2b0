"""Tables and figures as files: what is read back is what was saved."""

from __future__ import annotations

import re

import openpyxl
import pandas as pd
import pytest

from helpers import event_study, load_events, load_returns
from helpers.errors import HelpersError
from helpers.notebook import p_cell, percent, save

STUDY = event_study(
    load_returns(["NVDA", "^GSPC"]),
    load_events("NVDA", event_ids="deepseek-v31-domestic-chip-remark"),
    benchmark="^GSPC",
)
DAYS = STUDY.daily().droplevel("event_id")
SHOWN = {
    "caption": "Nvidia & the market, 100 %",
    "formats": {"car": percent, "p_value": p_cell},
}


def test_a_csv_has_the_values_in_full(tmp_path):
    file = save(DAYS, tmp_path / "days.csv", **SHOWN)
    back = pd.read_csv(file, index_col=[0, 1], parse_dates=["session"])
    pd.testing.assert_frame_equal(back, DAYS, check_dtype=False, rtol=1e-15)


def test_an_excel_file_has_the_table_as_shown_and_its_values(tmp_path):
    book = openpyxl.load_workbook(save(DAYS, tmp_path / "days.xlsx", **SHOWN))
    shown, values = book["table"], book["values"]
    assert shown["A1"].value == SHOWN["caption"]
    assert shown["D4"].value == percent(DAYS["car"].iloc[0])
    assert values["D2"].value == pytest.approx(DAYS["car"].iloc[0], rel=1e-12)
    assert values.max_row == len(DAYS) + 1


def test_a_latex_table_has_caption_formats_and_no_letter_that_latex_lacks(tmp_path):
    text = save(DAYS, tmp_path / "days.tex", **SHOWN).read_text()
    assert r"\caption{Nvidia \& the market, 100 \%}" in text
    assert text.isascii()
    cell = percent(DAYS["car"].iloc[-1]).replace("\u2212", "$-$")
    assert cell.replace("\u00a0", "~").replace("%", r"\%") in text


def inches(content: bytes, ending: str) -> float:
    if ending == ".svg":
        return float(re.search(rb'width="([\d.]+)pt"', content)[1]) / 72
    return float(re.search(rb"/MediaBox \[ 0 0 ([\d.]+)", content)[1]) / 72


@pytest.mark.parametrize("ending", [".svg", ".pdf"])
def test_a_figure_has_the_width_that_is_asked_for_and_stays_as_it_was(tmp_path, ending):
    figure = STUDY.plot(-5, 10)
    first = save(figure, tmp_path / f"a{ending}", width=3.5).read_bytes()
    assert inches(first, ending) == pytest.approx(3.5, abs=0.01)
    assert figure.get_size_inches()[0] == 8.0
    assert save(figure, tmp_path / f"b{ending}", width=3.5).read_bytes() == first


@pytest.mark.parametrize(
    ("what", "file", "options", "message"),
    [
        (DAYS, "days.doc", {}, r"kept as \.csv, \.xlsx, \.tex"),
        (DAYS, "days", {}, "kept as"),
        (DAYS, "days.tex", {"width": 3}, "no width"),
        (DAYS, "days.tex", {"formats": {"zz": "{}"}}, "'zz', which is no column"),
        (DAYS, "no/days.csv", {}, "Cannot write"),
        (STUDY.plot(0, 1), "a.csv", {}, r"kept as \.svg, \.pdf, \.png"),
        (STUDY.plot(0, 1), "a.svg", {"width": "3"}, "2 to 20 inches"),
        (STUDY.plot(0, 1), "a.svg", {"width": 0}, "2 to 20 inches"),
        (STUDY.plot(0, 1), "a.svg", {"caption": "c"}, "no caption"),
        (STUDY, "a.svg", {}, "neither a table nor a figure"),
    ],
)
def test_what_cannot_be_saved_is_refused(tmp_path, what, file, options, message):
    with pytest.raises(HelpersError, match=message):
        save(what, tmp_path / file, **options)
