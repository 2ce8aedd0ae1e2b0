"""Does the method find what is known: other choices, and figures that are not so."""

from __future__ import annotations

from pathlib import Path

import pytest
from data_folder import copy_data, edit_lines
from notebook_runs import run_chapter, run_here

from helpers.errors import HelpersError

NAME = "14-known-results"


def test_other_firms_dates_and_windows_run() -> None:
    run = run_chapter(
        NAME,
        SINCE="2023-01-01",
        SUPPLIERS=["QCOM", "MU"],
        NAMED=["mainland chip names"],
        SELLERS=["AMD", "NVDA"],
        WINDOW=(0, 2),
    )
    assert "Equal parts of Qualcomm and Micron Technology" in run.text
    assert "all 2 firms" in run.text
    assert "Advanced Micro Devices and Nvidia" in run.text
    assert "[0, +1]" not in run.text
    assert "SMIC (Hong Kong), 28 September 2020" not in run.text
    assert run.record["numbers"]["moves"] < 22


@pytest.mark.parametrize(
    ("choices", "named"),
    [
        ({"SELLERS": ["NVDA", "TXN"]}, "TXN: share_counts.csv"),
        ({"SUPPLIERS": ["QCOM", "NOBODY"]}, "NOBODY"),
        ({"LISTINGS": ["no-such-event"]}, "no-such-event"),
        ({"SHORT": (-200, -11)}, "sessions before day 0 2019-05-16"),
    ],
)
def test_what_cannot_be_studied_is_named(
    choices: dict[str, object], named: str
) -> None:
    with pytest.raises(HelpersError, match=named):
        run_here(NAME, **choices)


def other_figures(lines: list[str]) -> None:
    """A fall of twelve per cent where the press printed seventeen, and a wrong CAR."""
    for at, line in enumerate(lines):
        if line.startswith("nvda-monday,"):
            lines[at] = line.replace(",-0.17,", ",-0.12,")
        if line.startswith("student-nvda-2023"):
            lines[at] = line.replace(",-0.04183,", ",-0.03183,")


def test_a_figure_that_does_not_come_out_is_said(tmp_path: Path) -> None:
    data = copy_data(tmp_path / "data")
    edit_lines(data, "published.csv", other_figures)
    run = run_chapter(NAME, data=data)
    assert run.record["numbers"]["moves_same"] == 20
    false = "\n".join(run.false)
    for words in ("Of 22 moves", "Moves as printed", "Cumulative abnormal returns"):
        assert words in false
