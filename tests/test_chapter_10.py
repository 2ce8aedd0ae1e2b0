"""What happened next: other choices run, and later figures turn what is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from data_folder import copy_data, edit_lines, read_from
from notebook_runs import run_chapter, run_here

from helpers import load_criteria
from helpers.errors import DataError, HelpersError

NAME = "10-what-happened-next"


def test_words_follow_other_groups_news_and_thresholds() -> None:
    run = run_chapter(
        NAME,
        PUBLISHED="2025-09-22",
        SHARES={"my pair": ["688256.SS", "688041.SS"]},
        GROUPS={"AMEC": ["688012.SS"]},
        EVENTS=["bis-2024-12-02-rules", "veu-revocation"],
        HARDER=0.2,
    )
    said = "\n".join(run.said)
    assert "open on 22 September 2025" in said
    assert "Since the article my pair" in said
    assert "of 2 reactions" in said
    assert "ratios 20 % further".replace(" %", "\N{NO-BREAK SPACE}%") in said
    assert run.record["numbers"]["open"] == 10
    assert set(run.record["numbers"]["tools"]) == {"AMEC"}


@pytest.mark.parametrize(
    ("choices", "named"),
    [
        ({"PUBLISHED": "2026-03-01"}, "smic-revenue.* on 2026-03-01"),
        ({"KNOWN": "2025-03-31"}, "cambricon-doubles.*was not out by then"),
        ({"EVENTS": ["no-such-rule"]}, "'no-such-rule'"),
    ],
)
def test_what_cannot_be_read_is_named(choices, named) -> None:
    with pytest.raises(HelpersError, match=named):
        run_here(NAME, **choices)


def test_a_criterion_does_not_read_what_was_known(tmp_path: Path) -> None:
    data = copy_data(tmp_path / "data")

    path = data / "criteria.csv"
    look_ahead = path.read_text("utf-8").replace(
        "2026-01-01,2026-06-30,1.0", "2024-07-01,2026-06-30,1.0"
    )
    path.write_text(look_ahead, "utf-8")
    with pytest.raises(DataError, match="'later_first': is before the end"):
        read_from(data, load_criteria)


def rising(lines: list[str]) -> None:
    """SMIC spends twice as much, and Cambricon sells half as much."""
    for at, line in enumerate(lines):
        cells = line.split(",")
        if line.startswith("SMIC,capex,quarter,2026"):
            cells[6] = str(2 * float(cells[6]))
        if line.startswith("Cambricon,revenue,half,2026"):
            cells[6] = "1400"
        if line.startswith("Cambricon,revenue,quarter,2026"):
            cells[6] = "700"
        lines[at] = ",".join(cells)


def two_failures(lines: list[str]) -> None:
    """No approval, and no report of work that came off."""
    for at, line in enumerate(lines):
        if line.startswith(("china-approves-first", "mate60-teardown")):
            lines[at] = line.replace(",verified,", ",partly,")


def test_verdicts_turn_with_later_figures_and_events(tmp_path: Path) -> None:
    data = copy_data(tmp_path / "data")
    edit_lines(data, "fundamentals.csv", rising)
    edit_lines(data, "events.csv", two_failures)
    run = run_chapter(NAME, data=data)
    goes_on = run.words("domestic-manufacturing")
    assert goes_on["criteria open at publication"] == "supported"
    assert goes_on[""] == "undecided"  # no open criterion speaks of software
    assert run.record["numbers"]["readings"]["no-approval"] == 0
    assert run.record["numbers"]["turned_around"] == 1  # Cambricon
    false = "\n".join(run.false)
    for words in ("Of 10 criteria that were open", "Each criterion in the column"):
        assert words in false
