"""Executing one notebook in a fresh kernel, so that the same code gives the same.

Done by nbclient. papermill, which ``-p`` is for, stores its timings and an injected
cell in what it runs, so it is for copies of a notebook and not for the notebook.
"""

from __future__ import annotations

import asyncio
import copy
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from book.notebooks import short_name
from helpers.errors import HelpersError

if TYPE_CHECKING:
    from nbformat import NotebookNode

_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python"}
_ANSI_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_TIMING_KEYS = ("execution", "ExecuteTime", "trusted", "collapsed", "scrolled")
# Names a widget of this one kernel, by another name in every run.
_WIDGET = "application/vnd.jupyter.widget-view+json"


def execute(
    notebook: NotebookNode,
    path: Path,
    *,
    timeout: float,
    at_cell: Callable[[int], object] = lambda index: None,
) -> NotebookNode:
    """Execute a notebook from top to bottom in a fresh kernel, in its own folder.

    Parameters
    ----------
    notebook : NotebookNode
        What to execute; it stays as it is.
    path : Path
        Where the notebook lies.
    timeout : float
        Seconds that one cell may take.
    at_cell : callable, optional
        Called with the index of each code cell as it starts.

    Returns
    -------
    NotebookNode
        The same cells with new outputs, less what differs between two runs.

    Raises
    ------
    HelpersError
        If a cell failed, took too long or killed the kernel: which, and why.
    """
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient import NotebookClient
    from nbclient.exceptions import (
        CellExecutionError,
        CellTimeoutError,
        DeadKernelError,
    )

    executed = copy.deepcopy(notebook)
    current = 0

    def start_cell(cell: NotebookNode, cell_index: int) -> None:
        nonlocal current
        current = cell_index
        at_cell(cell_index)

    def failure(what: str, details: str = "") -> HelpersError:
        source = executed.cells[current].source
        return HelpersError(
            f"{short_name(path)}: cell {current + 1} {what} The file is left as it "
            f"was.\n{details or _numbered(source)}"
        )

    client = NotebookClient(
        executed,
        timeout=timeout,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.resolve().parent)}},
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        on_cell_start=start_cell,
        # Below that the kernel reports on its own start, not on the notebook.
        extra_arguments=["--IPKernelApp.log_level=40"],
    )
    try:
        asyncio.run(client.async_execute(env=_kernel_environment()))
    except CellTimeoutError as error:
        raise failure(f"took longer than {timeout:g} seconds.") from error
    except CellExecutionError as error:
        trace = _ANSI_COLOUR.sub("", error.traceback)
        raise failure(f"failed with {error.ename}.", trace) from error
    except DeadKernelError as error:
        raise failure("killed the kernel.") from error
    except NoSuchKernel as error:
        raise HelpersError(
            "There is no Jupyter kernel named python3 in this environment: run "
            "`make environment`, or pip install ipykernel."
        ) from error
    normalise(executed)
    return executed


def normalise(notebook: NotebookNode) -> None:
    """Drop what differs between two runs of the same notebook, in place.

    Goes: the Python version, timings, widgets (what else their output holds is left
    to be seen) and the state of the user interface. Stays: cell ids, tags and
    everything that code or author put there.
    """
    notebook.metadata["kernelspec"] = {**_KERNEL, "name": "python3"}
    notebook.metadata.get("language_info", {}).pop("version", None)
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        for key in _TIMING_KEYS:
            cell.metadata.pop(key, None)
        for output in cell.get("outputs", ()):
            output.get("data", {}).pop(_WIDGET, None)


def _kernel_environment() -> dict[str, str]:
    """Return the environment of the kernel, less what could change the results."""
    environment = dict(os.environ, PYTHONHASHSEED="0")
    environment.pop("MPLBACKEND", None)
    # Notebooks share the processors, and threads of one add up in another order.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        environment.setdefault(name, "1")
    return environment


def _numbered(source: str) -> str:
    lines = source.splitlines()
    return "\n".join(f"  {number:3} | {line}" for number, line in enumerate(lines, 1))
