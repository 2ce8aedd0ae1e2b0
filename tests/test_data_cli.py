"""The command line: exit codes and messages."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from data_folder import copy_data, edit_lines, set_cell

from helpers.cli import main


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_data(tmp_path / "data")


def test_verify_of_the_bundled_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify"]) == 0
    assert "no fault" in capsys.readouterr().out


def test_verify_names_faults_and_exits_with_1(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit_lines(folder, "prices/NVDA.csv", set_cell("2025-08-27", 3, "0"))
    assert main(["verify", "--data", str(folder)]) == 1
    assert "prices/NVDA.csv, row 1693, field 'volume'" in capsys.readouterr().out


def test_verify_as_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit_lines(folder, "prices/NVDA.csv", set_cell("2025-08-27", 3, "0"))
    assert main(["verify", "--json", "--data", str(folder)]) == 1
    report = json.loads(capsys.readouterr().out)
    assert [fault["row"] for fault in report["faults"]] == [1693]


@pytest.mark.parametrize(
    "arguments",
    [
        ["verify", "--data", "nowhere"],
        ["refresh", "--data", "nowhere"],
        ["restore", "--data", "nowhere"],
        ["event", "remove", "nowhere"],
    ],
)
def test_what_cannot_run_exits_with_2_and_a_message(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error: ")
    assert "nowhere" in printed.err
    assert "Traceback" not in printed.err


def test_as_a_module() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "helpers", "--help"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0
    for expected in ("verify", "refresh", "add", "restore", "event", "examples:"):
        assert expected in run.stdout
    assert run.stderr == ""


def test_unknown_command_exits_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["conjure"])
    assert stopped.value.code == 2
    assert "conjure" in capsys.readouterr().err
