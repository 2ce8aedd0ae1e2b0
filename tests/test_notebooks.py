"""The stored notebooks: executed, without fault, and their prose backed by code.

Their cells are compared with a new run by nbval, which pytest runs on the folder
``notebooks`` beside these tests. That each fault would be noticed is proved in
``test_notebooks_spoiled.py``.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.notebooks.check import check_notebook
from helpers.notebooks.prose import read_results, unbacked_numbers

NOTEBOOKS = sorted(Path(__file__).resolve().parents[1].glob("notebooks/*.ipynb"))


def test_there_are_notebooks():
    assert len(NOTEBOOKS) >= 1


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_stored_notebook_has_no_fault_of_form(path):
    assert [str(fault) for fault in check_notebook(path)] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_number_in_a_notebooks_prose_comes_from_code(path):
    results = read_results(path.parent / "results.json")
    cells = json.loads(path.read_text())["cells"]
    unbacked = {
        number: found
        for number, cell in enumerate(cells, 1)
        if cell["cell_type"] == "markdown"
        and (found := unbacked_numbers("".join(cell["source"]), results))
    }
    assert unbacked == {}


def test_every_number_in_the_readme_comes_from_code(root):
    results = read_results(root / "notebooks" / "results.json")
    assert unbacked_numbers((root / "README.md").read_text(), results) == []


def test_git_shows_a_changed_notebook_cell_by_cell_after_make_diffs(root, tmp_path):
    def run(*command: str) -> str:
        return subprocess.run(
            command, cwd=tmp_path, check=True, capture_output=True, text=True
        ).stdout

    recipe = subprocess.run(
        ["make", "--dry-run", "diffs"], cwd=root, capture_output=True, text=True
    ).stdout.replace("\\\n", " ")
    tools = str(Path(sys.executable).parent)
    settings = re.findall(r"^\s*(git config .*)$", recipe, re.MULTILINE)
    assert len(settings) == 2
    run("git", "init", "--quiet")
    for setting in settings:
        here = setting.replace(f"{root}/.venv/bin", tools)
        run(*shlex.split(here))
    (tmp_path / ".gitattributes").write_text((root / ".gitattributes").read_text())
    path = tmp_path / "start-here.ipynb"
    path.write_text((root / "notebooks" / path.name).read_text())
    run("git", "add", ".")
    path.write_text(path.read_text().replace("Where do I start?", "Where to begin?"))
    shown = run("git", "diff", "--no-color")
    assert "modified /cells/0/source" in shown
    assert "image/png" not in shown
