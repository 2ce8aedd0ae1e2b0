"""Chapters run with other choices or on altered prices, in a kernel of their own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from data_folder import copy_data, edit_lines

from helpers.notebook.output import NO_LONGER

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
PRICES = slice(1, 3)  # close and adjusted close


@dataclass(frozen=True)
class Run:
    """What a notebook said.

    Attributes
    ----------
    texts : every output as text, in order
    verdicts : what `verdict` recorded, by claim
    """

    texts: list[str]
    verdicts: dict[str, dict[str, Any]]

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(self.texts)

    @property
    def no_longer(self) -> list[str]:
        """The outputs that say of themselves that they no longer hold."""
        return [text for text in self.texts if NO_LONGER in text]


def run(notebook: str, folder: Path, **choices: Any) -> Run:
    """Execute a copy of a chapter in `folder` with other choices than its own.

    Raises
    ------
    papermill.PapermillExecutionError
        If a cell fails: its message has the error.
    """
    (source,) = NOTEBOOKS.glob(f"{notebook}*.ipynb")
    executed = papermill.execute_notebook(
        source,
        folder / source.name,
        parameters=choices,
        cwd=NOTEBOOKS,
        progress_bar=False,
    )
    texts: list[str] = []
    verdicts: dict[str, dict[str, Any]] = {}
    for cell in executed.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            texts.append(data.get("text/markdown") or data.get("text/plain", ""))
            kept = output.get("metadata", {}).get("helpers", {}).get("record", {})
            verdicts |= kept.get("claims", {})
    return Run(texts, verdicts)


def altered_prices(
    folder: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, dict[str, float]]
) -> None:
    """Make kernels read a copy of the data with some returns replaced.

    Parameters
    ----------
    folder : Path
        Where the copy is made.
    changes : mapping of symbol to mapping of session to its new return, decimal
        All prices from that session on move with it, so that no other return does.
    """
    data = copy_data(folder / "data")
    for symbol, returns in changes.items():

        def change(lines: list[str], returns: dict[str, float] = returns) -> None:
            rows = [line.split(",") for line in lines[1:]]
            factor, before = 1.0, None
            for row in rows:
                adjusted = float(row[2])
                if row[0] in returns and before is not None:
                    factor *= (1 + returns[row[0]]) * before / adjusted
                before = adjusted
                row[PRICES] = [
                    f"{float(cell) * factor:.6f}" if cell else cell
                    for cell in row[PRICES]
                ]
            lines[1:] = [",".join(row) for row in rows]

        edit_lines(data, f"prices/{symbol}.csv", change)
    monkeypatch.setenv("HELPERS_DATA", str(data))


def stored(notebook: str) -> nbformat.NotebookNode:
    """A chapter as it is committed."""
    (source,) = NOTEBOOKS.glob(f"{notebook}*.ipynb")
    return nbformat.read(source, as_version=4)
