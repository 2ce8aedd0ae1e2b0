"""China's own chips: other choices run, and other data turn words and verdicts."""

from __future__ import annotations

from pathlib import Path

import pytest
from data_folder import edit_lines
from notebook_runs import altered_prices, run_chapter, run_here

from helpers.errors import HelpersError

NAME = "05-domestic-alternatives"
MAINLAND = ("688256.SS", "688041.SS", "603019.SS", "688981.SS", "688347.SS")


def test_words_follow_other_groups_windows_and_firms() -> None:
    run = run_chapter(
        NAME,
        GROUPS={"my chips": ["688256.SS", "688041.SS"], "Nvidia": None},
        PEERS={"mine": ["AMD", "AVGO"]},
        ESTIMATION=(-60, -11),
        FIRMS=["SMIC"],
        SINCE="2024-01-01",
    )
    said = "\n".join(run.said)
    assert "market model over sessions [−60, −11]" in said
    assert "those since 1 January 2024" in said
    assert "the median of 1 grew" in said
    assert "net of their markets, at: my chips +" in said
    assert "[−120" not in said
    assert "mainland tool makers (" not in said
    capital = next(text for text in run.said if "draws capital" in text)
    assert "Not this claim's verdict" in capital
    assert "ecosystem-investment" not in run.record["claims"]
    assert "deepseek-rival" in run.record["claims"]


@pytest.mark.parametrize(
    ("choices", "named"),
    [
        ({"EVENTS": {"DeepSeek on Chinese chips": ["deepseek-v9"]}}, "'deepseek-v9'"),
        ({"GROUPS": ["chips of my own"]}, "'chips of my own'"),
        ({"ROADMAP": "a-roadmap"}, "'a-roadmap'"),
    ],
)
def test_what_cannot_be_studied_is_named(choices, named) -> None:
    with pytest.raises(HelpersError, match=named):
        run_here(NAME, **choices)


def weak_plan(lines: list[str]) -> None:
    """Huawei's plan as weak as Nvidia's part for China."""
    names = lines[0].split(",")
    columns = [names.index(name) for name in ("fp8_tflops", "fp4_tflops", "tpp")]
    for at, line in enumerate(lines):
        if line.startswith("huawei-ascend-9") and ",planned," in line:
            cells = line.split(",")
            for column, value in zip(columns, ("125", "250", "1000"), strict=True):
                cells[column] = value
            lines[at] = ",".join(cells)


def no_setback(lines: list[str]) -> None:
    """The report of training that failed on Ascend as not verified."""
    at = next(n for n, one in enumerate(lines) if one.startswith("deepseek-r2-ascend"))
    lines[at] = lines[at].replace(",verified,", ",partly,")


def test_verdicts_turn_with_prices_documents_and_figures(tmp_path: Path) -> None:
    days = {"2025-08-22": -0.1, "2025-09-30": -0.1, "2026-04-08": -0.1}
    data = altered_prices(
        tmp_path,
        {"NVDA": {"2025-01-27": 0.17}} | dict.fromkeys(MAINLAND, days),
    )
    edit_lines(data, "chips.csv", weak_plan)
    edit_lines(data, "events.csv", no_setback)
    run = run_chapter(NAME, data=data)
    assert run.words("deepseek-rival")["against its peers"] == "contradicted"
    domestic = run.words("deepseek-domestic")
    assert domestic["mainland chip names"] == "contradicted"
    assert domestic["releases"] == "supported"
    assert domestic[""] == "the legs part"
    assert run.words("huawei-roadmap")["announced performance"] == "contradicted"
    false = "\n".join(run.false)
    for words in (
        "gained more than chance gives",
        "the only loss among them is Nvidia's",
        "On the Monday after R1",
        "The last part planned is to reach",
    ):
        assert words in false
