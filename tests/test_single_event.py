"""One share, one session: library, command line and notebook agree."""

import json
import subprocess
import sys

import pytest

from helpers import (
    CalendarError,
    DataError,
    StudyError,
    event_mask,
    event_study,
    load_events,
    load_returns,
)
from helpers.cli import main
from helpers.lab.study_command import single_study


def test_command_line_prints_the_engines_figures(capsys):
    assert main(["study", "NVDA", "2025-08-29", "--benchmark", "^GSPC", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    returns = load_returns(["NVDA", "^GSPC"])
    event = load_events("NVDA", event_ids="alibaba-ai-chip-report")
    study = event_study(returns, event, benchmark="^GSPC")
    for window in printed["windows"]:
        row = study.car(int(window["first"]), int(window["last"])).iloc[0]
        for name in ("car", "se", "t", "df", "p_value", "ci_low", "ci_high"):
            assert window[name] == pytest.approx(row[name], rel=1e-12)
    narrow = event_study(returns, event, benchmark="^GSPC", window=(0, 1))
    clear = event_mask("NVDA")["date"].unique()
    (shown,) = (w for w in printed["windows"] if (w["first"], w["last"]) == (0, 1))
    assert shown["placebo_p"] == narrow.placebo(0, 1, exclude=clear).p_value


def test_text_output_names_session_exchange_and_interval(capsys):
    assert main(["study", "NVDA", "2025-08-29"]) == 0
    out = capsys.readouterr().out
    assert "Friday 2025-08-29 (XNAS)" in out
    assert "[+0,+1]" in out
    assert "95 % interval" in out


def test_a_model_without_placebo_dates_leaves_their_figures_empty(capsys):
    """As in the command's own help: huber is fitted window by window."""
    words = ["NVDA", "2025-08-21", "--model", "huber", "--window", "0,1"]
    assert main(["study", *words]) == 0
    assert "huber model against ^GSPC" in capsys.readouterr().out
    assert main(["study", *words, "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["windows"]
    assert row["placebo_p"] is row["placebo_dates"] is None
    assert 0 < row["p_value"] < 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["NVDIA", "2025-08-29"], "NVDA"),
        (["NVDA", "2025-08-30"], "2025-08-29 and 2025-09-02"),
        (["NVDA", "2012-08-29"], "2018"),
        (["NVDA", "2019-01-15"], "sessions before day 0"),
        (["NVDA", "yesterday"], "YYYY-MM-DD"),
        (["NVDA", "2025-08-29", "--benchmark", "NVDA"], "own benchmark"),
        (["NVDA", "2025-08-29", "--window", "1"], "two sessions with a comma"),
        (["NVDA", "2025-08-29", "--window=1,-1"], "ends before it starts"),
        (["NVDA", "2025-08-29", "--model", "magic"], "market_adjusted"),
        (["005930.KS", "2025-08-29"], "no benchmark of its own"),
    ],
)
def test_bad_input_is_one_sentence_and_no_number(words, message, capsys):
    assert main(["study", *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert message in captured.err


def test_help_helps():
    run = subprocess.run(
        [sys.executable, "-m", "helpers", "study", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "python -m helpers study NVDA 2025-08-29 --benchmark ^GSPC" in run.stdout
    assert "--estimation" in run.stdout


def test_library_raises_the_same_errors():
    with pytest.raises(CalendarError, match="no session"):
        single_study("NVDA", "2025-08-30")
    with pytest.raises(DataError, match="NVDA"):
        single_study("NVDAA", "2025-08-29")
    with pytest.raises(StudyError, match="no benchmark of its own"):
        single_study("000660.KS", "2025-08-29")
