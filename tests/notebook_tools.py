"""Small notebooks for tests, and the commands that are run on notebooks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat

ALT = "Three points on a line that rises from left to right."
FIGURE = f"""
from matplotlib.figure import Figure
from helpers.presentation.notebook import show
figure = Figure()
figure.subplots().plot([1, 2, VALUE])
figure.suptitle("It rises")
show(figure, caption="Three points.", alt="{ALT}")
""".strip()


def write_notebook(path: Path, *sources: str) -> Path:
    """Write a notebook with a title and one code cell for each source."""
    cells = [nbformat.v4.new_markdown_cell("# A small notebook", id="cell-0")]
    cells += [
        nbformat.v4.new_code_cell(source, id=f"cell-{number}")
        for number, source in enumerate(sources, 1)
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def nbval(*notebooks: Path, environment: dict[str, str] | None = None):
    """Compare notebooks with a new run of them, strictly, in a pytest of its own."""
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--nbval", "-x", "-q"),
            *("-c", os.devnull, "-p", "no:cacheprovider", "-p", "no:xdist"),
            *map(str, notebooks),
        ],
        capture_output=True,
        text=True,
        env={**os.environ, **(environment or {})},
    )


def run_command(*arguments: str, environment: dict[str, str] | None = None):
    """Run ``python -m helpers.notebooks`` as make does."""
    return subprocess.run(
        [sys.executable, "-m", "helpers.notebooks", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **(environment or {})},
    )


def rewrite(path: Path, change: Callable[[dict], object]) -> None:
    """Change the stored notebook: ``change`` gets it as plain JSON."""
    notebook = json.loads(path.read_text())
    change(notebook)
    path.write_text(json.dumps(notebook))
