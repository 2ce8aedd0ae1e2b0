"""The chapter on late August: other choices run, and other data turn its words."""

from __future__ import annotations

from pathlib import Path

import pytest
from notebook_runs import altered_prices, run_chapter, run_here

from helpers.errors import HelpersError

CHAPTER = "02-late-august"


def test_another_share_and_window_run_and_are_not_the_claims_verdict() -> None:
    found = run_chapter(
        CHAPTER, SHARE="AMD", ESTIMATION=(-60, -11), PEERS={"mine": ["NVDA"]}
    )
    said = "\n".join(found.said)
    assert "[−60, −11]" in said
    assert "[−120" not in said
    assert "Not this claim's verdict" in said
    assert "claims" not in found.record


def test_other_days_are_shown_where_they_are_chosen() -> None:
    found = run_chapter(CHAPTER, SHOWN=("2025-09-15", "2025-10-10"))
    shown = "New York sessions from 15 September 2025 to 10 October 2025"
    assert any(shown in text for text in found.said)


def test_a_share_that_is_not_there_is_named() -> None:
    with pytest.raises(HelpersError, match="Unknown symbol 'NVDX'"):
        run_here(CHAPTER, SHARE="NVDX")


def test_a_crash_on_the_day_turns_the_verdict_and_every_sentence_on_it(
    tmp_path: Path,
) -> None:
    data = altered_prices(tmp_path, {"NVDA": {"2025-08-21": -0.17}})
    found = run_chapter(CHAPTER, data=data)
    assert found.words("nvidia-dip")[""] == "supported"
    false = "\n".join(found.false)
    for words in (
        "That is an ordinary move",
        "not after DeepSeek's remark",
        "out against the S&P 500",
        "lie outside",
        "choices give a clear move",
        "was back at its price",
    ):
        assert words in false
