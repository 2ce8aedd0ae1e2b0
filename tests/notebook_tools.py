"""Small notebooks for tests, and the commands that are run on notebooks."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import nbformat

from book.__main__ import main

ROOT = Path(__file__).resolve().parents[1]
ALT = "Three points on a line that rises from left to right."
# As helpers.notebook shows things: what cannot be seen stands in the metadata.
FIGURE = f"""
import base64, hashlib, io
from IPython.display import display
from matplotlib.figure import Figure
from helpers.notebook.drawn import drawn
figure = Figure()
figure.subplots().plot([1, 2, VALUE])
png = io.BytesIO()
figure.savefig(png, dpi=30)
about = {{"alt": "{ALT}", "drawn": drawn(figure)}}
about["sha256"] = hashlib.sha256(png.getvalue()).hexdigest()
shown = base64.b64encode(png.getvalue()).decode()
display({{"image/png": shown}}, metadata={{"image/png": about}}, raw=True)
""".strip()
SENTENCE = """
from IPython.display import display
about = {"holds": HOLDS, "record": {"answer": "It rose.", "numbers": {"car": CAR}}}
about["p_values"] = [0.5]
display({"text/plain": "It rose."}, metadata={"helpers": about}, raw=True)
""".strip()


def write_notebook(path: Path, *sources: str, **metadata: object) -> Path:
    """Write a notebook with a title and one code cell for each source."""
    cells = [nbformat.v4.new_markdown_cell("# A small notebook", id="cell-0")]
    cells += [
        nbformat.v4.new_code_cell(source, id=f"cell-{number}")
        for number, source in enumerate(sources, 1)
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)
    shutil.copy(ROOT / "notebooks" / "conftest.py", path.parent)
    return path


def nbval(*notebooks: Path) -> subprocess.CompletedProcess[str]:
    """Compare notebooks with a new run of them, strictly, in a pytest of its own."""
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--nbval", "-q", "--color=no"),
            *("-c", os.devnull, "-p", "no:cacheprovider", "-p", "no:xdist"),
            *map(str, notebooks),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )


@dataclass(frozen=True)
class Done:
    """What a command returned and said."""

    returncode: int
    stdout: str
    stderr: str


def run_command(*arguments: str) -> Done:
    """Run ``python -m book`` as make does, within this process."""
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        code = main(arguments)
    return Done(code, out.getvalue(), err.getvalue())


def rewrite(path: Path, change: Callable[[dict], object]) -> None:
    """Change the stored notebook: ``change`` gets it as plain JSON."""
    notebook = json.loads(path.read_text())
    change(notebook)
    path.write_text(json.dumps(notebook))
