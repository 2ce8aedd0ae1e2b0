"""The chapter on late August: other choices run, and other data turn its words."""

from __future__ import annotations

from pathlib import Path

import papermill
import pytest
from notebook_runs import altered_prices, run


def test_another_share_and_window_run_and_are_not_the_claims_verdict(
    tmp_path: Path,
) -> None:
    found = run(
        "02", tmp_path, SHARE="AMD", ESTIMATION=[-60, -11], PEERS={"mine": ["NVDA"]}
    )
    assert "[−60, −11]" in found.text
    assert "120" not in found.text.split("## Verdicts")[0].split("Figure")[1]
    assert "Not this claim's verdict" in found.text
    assert found.verdicts == {}


def test_other_days_are_shown_where_they_are_chosen(tmp_path: Path) -> None:
    found = run("02", tmp_path, SHOWN=["2025-09-15", "2025-10-10"])
    assert "New York sessions from 15 September 2025 to 10 October 2025" in found.text


def test_a_share_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        papermill.PapermillExecutionError, match="Unknown symbol 'NVDX'"
    ):
        run("02", tmp_path, SHARE="NVDX")


def test_a_crash_on_the_day_turns_the_verdict_and_every_sentence_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    altered_prices(tmp_path, monkeypatch, {"NVDA": {"2025-08-21": -0.17}})
    found = run("02", tmp_path)
    assert found.verdicts["nvidia-dip"]["word"] == "supported"
    false = "\n".join(found.no_longer)
    for words in (
        "That is an ordinary move",
        "not after DeepSeek's remark",
        "stand out against the S&P 500",
        "lie outside",
        "choices give a clear move",
        "was back at its price",
    ):
        assert words in false
