"""A chapter run in a kernel of its own, with other choices or on other data."""

from __future__ import annotations

import contextlib
import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from data_folder import copy_data, edit_lines

from book.execute import execute
from book.results import gather
from helpers.notebook.output import NO_LONGER, printed_p_values

ROOT = Path(__file__).resolve().parents[1]
PRICES = slice(1, 3)  # close and adjusted close


@dataclass(frozen=True)
class Run:
    """What a chapter said.

    Attributes
    ----------
    said : list of str
        Texts of its outputs, in order.
    record : dict
        What it keeps for other pages: answer, numbers, claims.
    """

    said: list[str]
    record: dict[str, Any]

    @property
    def text(self) -> str:
        """All that it said."""
        return "\n".join(self.said)

    @property
    def verdicts(self) -> dict[str, Any]:
        """Recorded verdicts, by claim."""
        return self.record.get("claims", {})

    @property
    def false(self) -> list[str]:
        """Sentences and captions that say of themselves that they no longer hold."""
        return [text for text in self.said if NO_LONGER in text]

    def words(self, claim_id: str) -> dict[str, str]:
        """Word of each leg of a recorded verdict; the verdict itself under ""."""
        claim = self.record["claims"][claim_id]
        legs = {leg: row["word"] for leg, row in claim["legs"].items()}
        return legs | {"": claim["word"]}


def run_chapter(name: str, *, data: Path | None = None, **choices: Any) -> Run:
    """Run a notebook with some of its parameters changed; its file stays as it is.

    Raises
    ------
    HelpersError
        If a cell failed, with the message of its error.
    """
    path = ROOT / "notebooks" / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    at = next(
        number
        for number, cell in enumerate(notebook.cells)
        if "parameters" in cell.metadata.get("tags", ())
    )
    lines = [f"{choice} = {value!r}" for choice, value in choices.items()]
    notebook.cells.insert(at + 1, nbformat.v4.new_code_cell("\n".join(lines)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT / "src"), str(ROOT)]))
        if data is not None:
            patch.setenv("HELPERS_DATA", str(data))
        executed = execute(notebook, path, timeout=300)
    said = [
        output["data"]["text/plain"]
        for cell in executed.cells
        for output in cell.get("outputs", ())
        if output.get("data", {}).get("text/plain")
    ]
    return Run(said, gather({name: executed}).get(name, {}))


def run_here(name: str, **choices: Any) -> None:
    """Run a notebook's cells in this process, so that a cell's own error comes out.

    For choices that are refused: without a kernel of their own they take a moment.
    """
    notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    namespace: dict[str, Any] = {"__name__": "__main__"}
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            for number, cell in enumerate(notebook.cells, 1):
                if cell.cell_type == "code":
                    code = compile(cell.source, f"{name}, cell {number}", "exec")
                    exec(code, namespace)
                if "parameters" in cell.metadata.get("tags", ()):
                    namespace |= choices
    finally:
        printed_p_values.clear()  # written before the cell that failed


def altered_prices(folder: Path, changes: dict[str, dict[str, float]]) -> Path:
    """Make a copy of the data with some returns replaced, and return where it is.

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
    return data
