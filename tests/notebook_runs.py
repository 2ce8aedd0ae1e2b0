"""A chapter run in a kernel of its own, with other choices or on other data."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest

from book.execute import execute
from book.results import gather

ROOT = Path(__file__).resolve().parents[1]
NO_LONGER = "No longer so with these data:"


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
