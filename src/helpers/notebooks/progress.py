"""How far the execution of a notebook is: a bar on a terminal, lines in a log."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import NoReturn, Self

from tqdm import tqdm

_REDRAW_EVERY_SECONDS = 1.0
_LOG_EVERY_SECONDS = 5.0


class CellProgress:
    """Follows one notebook's cells on standard error; keeps moving in long cells.

    Parameters
    ----------
    name : str
        What to call the notebook.
    cells : int
        How many cells it has.
    enabled : bool
        Whether to show anything.
    """

    def __init__(self, name: str, cells: int, *, enabled: bool = True) -> None:
        self.name = name
        self.cells = cells
        self.enabled = enabled
        self.current = 0
        self.started = time.monotonic()
        self._ended = threading.Event()
        self._bar: tqdm[NoReturn] | None = None
        if enabled and sys.stderr.isatty():
            self._bar = tqdm(total=cells, desc=name, unit="cell", dynamic_ncols=True)
        self._thread = threading.Thread(target=self._keep_moving, daemon=True)

    def __enter__(self) -> Self:
        """Start showing progress."""
        if self.enabled and self._bar is None:
            self._log(f"executing {self.cells} cells")
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop showing progress, and say so if all cells were executed."""
        self._ended.set()
        self._thread.join()
        if self._bar is not None:
            if error is None:
                self._bar.n = self.cells
            self._bar.close()
        elif self.enabled and error is None:
            self._log(f"{self.cells} cells executed")

    def start_cell(self, index: int) -> None:
        """Take note that the cell at ``index``, counted from 0, is now running."""
        self.current = index

    def _keep_moving(self) -> None:
        pause = _LOG_EVERY_SECONDS if self._bar is None else _REDRAW_EVERY_SECONDS
        while not self._ended.wait(pause):
            if self._bar is not None:
                self._bar.n = self.current
                self._bar.refresh()
            elif self.enabled:
                self._log(f"at cell {self.current + 1} of {self.cells}")

    def _log(self, text: str) -> None:
        seconds = time.monotonic() - self.started
        print(f"[{self.name}] {seconds:4.0f} s  {text}", file=sys.stderr, flush=True)
