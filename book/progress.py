"""How far the execution of notebooks is: a bar on a terminal, lines in a log."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import NoReturn, Self

from tqdm import tqdm

_REDRAW_EVERY_SECONDS = 1.0
_LOG_EVERY_SECONDS = 5.0


class Progress:
    """Follows cells of several notebooks on standard error; moves in long cells too.

    Parameters
    ----------
    cells : int
        How many cells there are in all.
    """

    def __init__(self, cells: int) -> None:
        self.cells = cells
        self._done = 0
        self._running: dict[str, int] = {}
        self._started = time.monotonic()
        self._ended = threading.Event()
        self._bar: tqdm[NoReturn] | None = None
        if sys.stderr.isatty():
            self._bar = tqdm(total=cells, unit="cell", dynamic_ncols=True)
        self._thread = threading.Thread(target=self._keep_moving, daemon=True)

    def __enter__(self) -> Self:
        """Start showing progress."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop showing progress."""
        self._ended.set()
        self._thread.join()
        self._show()
        if self._bar is not None:
            self._bar.close()

    def at(self, notebook: str, cell: int) -> None:
        """Take note that a notebook's cell, counted from 0, is now running."""
        self._running[notebook] = cell

    def finished(self, notebook: str, cells: int) -> None:
        """Take note that a notebook is done with all its cells."""
        self._running.pop(notebook, None)
        self._done += cells
        if self._bar is None:
            self._log(f"{notebook} is done")

    def _keep_moving(self) -> None:
        pause = _LOG_EVERY_SECONDS if self._bar is None else _REDRAW_EVERY_SECONDS
        while not self._ended.wait(pause):
            self._show()

    def _show(self) -> None:
        running = dict(self._running)
        done = self._done + sum(running.values())
        where = ", ".join(f"{name}:{cell + 1}" for name, cell in running.items())
        if self._bar is not None:
            self._bar.n = done
            self._bar.set_postfix_str(where)
        else:
            self._log(f"{done} of {self.cells} cells  {where}".rstrip())

    def _log(self, text: str) -> None:
        seconds = time.monotonic() - self._started
        print(f"[notebooks] {seconds:4.0f} s  {text}", file=sys.stderr, flush=True)
