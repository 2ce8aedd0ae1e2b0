"""The stored notebooks: executed, without fault, and their prose backed by code.

Their cells are compared with a new run by nbval, which pytest runs on the folder
``notebooks`` beside these tests. That each fault would be noticed is proved in
``test_notebooks_spoiled.py``.
"""

from __future__ import annotations

import json
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
