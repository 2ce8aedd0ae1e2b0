"""What is wrong with a data file, said the same way everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from helpers.errors import DataError

SHOWN = 3


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a data file, and what to do if that is not plain."""

    # Path below the data folder.
    file: str
    problem: str
    # Line of the file, the header being line 1; column.
    row: int | None = None
    field: str | None = None

    def __str__(self) -> str:
        place = self.file
        if self.row is not None:
            place += f", row {self.row}"
        if self.field is not None:
            place += f", field '{self.field}'"
        return f"{place}: {self.problem}"


class FaultyDataError(DataError):
    """A data error that lists the faults it was raised for."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        lines = [str(fault) for fault in faults[:SHOWN]]
        if len(faults) > SHOWN:
            lines.append(f"... and {len(faults) - SHOWN} more.")
        super().__init__("\n".join(lines))
        self.faults = tuple(faults)


def refuse(faults: Sequence[Fault]) -> None:
    """Raise one error that names the first faults; do nothing if there is none."""
    if faults:
        raise FaultyDataError(faults)
