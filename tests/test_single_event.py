"""One share, one session: library, command line and notebook agree."""

import json
import subprocess
import sys

import pandas as pd
import pytest

from helpers import CalendarError, DataError, StudyError
from helpers.cli import main
from helpers.evidence.late_august import LateAugust
from helpers.evidence.single_event import single_event


def test_command_line_prints_the_chapters_figures(capsys):
    assert main(["study", "NVDA", "2025-08-29", "--benchmark", "^GSPC", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    study = LateAugust()
    for window in printed["windows"]:
        first, last = int(window["first"]), int(window["last"])
        row = study.car(study.choices.fall, "^GSPC", first, last)
        for name in ("car", "se", "t", "df", "p_value", "ci_low", "ci_high"):
            assert window[name] == pytest.approx(row[name], rel=1e-12)
    two_days = study.placebos[study.choices.fall, "^GSPC"]
    (shown,) = (w for w in printed["windows"] if (w["first"], w["last"]) == (0, 1))
    assert shown["placebo_p"] == two_days.p_value


def test_text_output_names_session_exchange_and_interval(capsys):
    assert main(["study", "NVDA", "2025-08-29"]) == 0
    out = capsys.readouterr().out
    assert "Friday 2025-08-29 (XNAS)" in out
    assert "[+0,+1]" in out
    assert "95 % interval" in out


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
        (["005930.KS", "2025-08-29"], "no default benchmark"),
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
        single_event("NVDA", "2025-08-30")
    with pytest.raises(DataError, match="NVDA"):
        single_event("NVDAA", "2025-08-29")
    with pytest.raises(StudyError, match="no default benchmark"):
        single_event("000660.KS", "2025-08-29")


def test_an_injected_jump_is_found():
    study = LateAugust()
    returns = study.returns.copy()
    returns.attrs = dict(study.returns.attrs)
    session = pd.Timestamp("2025-08-29")
    before = single_event("NVDA", session, returns=study.returns).table
    returns.loc[session, "NVDA"] += 0.10
    after = single_event("NVDA", session, returns=returns).table
    assert after.loc[(0, 0), "car"] - before.loc[(0, 0), "car"] == pytest.approx(0.10)
    assert after.loc[(0, 0), "p_value"] < 0.001
    assert after.loc[(0, 0), "placebo_p"] < 0.01
