"""What the stored notebooks recorded is gathered, and git shows them by cells.

Their cells are compared with a new run by nbval, which pytest runs on the folder
``notebooks`` beside these tests. That each fault would be noticed is proved in
``test_notebooks_spoiled.py``; the form of each is checked in ``test_chapters.py``.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from book.results import write_results
from helpers.errors import HelpersError


def test_results_and_readme_are_what_the_notebooks_recorded(root, tmp_path):
    """Written anew from the notebooks they come out the same."""
    shutil.copytree(root / "notebooks", tmp_path / "notebooks")
    shutil.copy(root / "README.md", tmp_path)
    assert write_results(tmp_path / "notebooks") == []


def test_the_finding_of_the_readme_is_that_of_the_overview(tmp_path):
    """With the figure that the README names, and what its chapter answers."""

    def notebook(record: dict, **more) -> str:
        about = {"helpers": {"record": record}, **more.get("metadata", {})}
        data = {"text/plain": "", **more.get("data", {})}
        return json.dumps({"cells": [{"outputs": [{"data": data, "metadata": about}]}]})

    folder = tmp_path / "notebooks"
    folder.mkdir()
    (folder / "00-overview.ipynb").write_text(notebook({"answer": "None of 17."}))
    (folder / "02-dip.ipynb").write_text(
        notebook(
            {"answer": "It did not fall."},
            data={"image/png": "aW1hZ2U="},
            metadata={"image/png": {"alt": "A line [up]"}},
        )
    )
    readme = tmp_path / "README.md"
    readme.write_text(
        "# Title\n<!-- finding: written by code -->\nold\n\n"
        "<!-- figure 1 of notebooks/02-dip.ipynb -->\n"
        "![old](notebooks/images/dip.png)\n"
        "<!-- end of finding -->\nThe end.\n"
    )
    assert len(write_results(folder)) == 3
    assert (folder / "images" / "dip.png").read_bytes() == b"image"
    text = readme.read_text()
    assert "**None of 17.**" in text
    assert "It did not fall." in text
    assert "![A line (up)](notebooks/images/dip.png)" in text
    assert "old" not in text
    assert (text[:8], text[-9:]) == ("# Title\n", "The end.\n")
    assert write_results(folder) == []
    readme.write_text(text.replace("figure 1 of", "figure 2 of"))
    with pytest.raises(HelpersError, match=r"figure 2 of 02-dip.ipynb, which has 1"):
        write_results(folder)


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
