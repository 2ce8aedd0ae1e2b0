"""Executing notebooks so that the same code and data give the same file.

Each notebook runs from top to bottom in a fresh kernel, in its own folder. It is
written back only if that succeeded and changed something.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.errors import HelpersError
from helpers.notebooks.files import short_name

if TYPE_CHECKING:
    from nbformat import NotebookNode

DEFAULT_TIMEOUT_SECONDS = 600
_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python"}
_ANSI_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_TIMING_KEYS = ("execution", "ExecuteTime", "trusted", "collapsed", "scrolled")
# Names a widget of this one kernel, by another name in every run.
_WIDGET = "application/vnd.jupyter.widget-view+json"


@dataclass(frozen=True)
class Execution:
    """What became of one notebook: which, and whether its file changed."""

    notebook: Path
    changed: bool


def execute_notebook(
    path: Path, *, timeout: float = DEFAULT_TIMEOUT_SECONDS, progress: bool = True
) -> Execution:
    """Execute one notebook in a fresh kernel and store its results in it.

    Parameters
    ----------
    path : Path
        The notebook. Its own folder is the working folder of its code.
    timeout : float, default 600
        Seconds that one cell may take.
    progress : bool, default True
        Whether to draw a progress bar over its cells on standard error.

    Returns
    -------
    Execution
        With ``changed`` false if the file already held exactly these results.

    Raises
    ------
    HelpersError
        If the file is no notebook, or a cell failed, took too long or killed the
        kernel. The file is then left as it was.
    """
    notebook = read_notebook(path)
    _run_cells(notebook, path, timeout, progress)
    normalise(notebook)
    return Execution(path, write_notebook(notebook, path))


def read_notebook(path: Path) -> NotebookNode:
    """Return the notebook in ``path``, in the current notebook format.

    Raises
    ------
    HelpersError
        If the file cannot be read or is not a notebook.
    """
    import nbformat

    try:
        return nbformat.read(path, as_version=4)
    except (OSError, ValueError, AttributeError, nbformat.ValidationError) as error:
        raise HelpersError(
            f"{short_name(path)} cannot be read as a notebook: {error}"
        ) from error


def normalise(notebook: NotebookNode) -> None:
    """Drop what differs between two runs of the same notebook, in place.

    Goes: the Python version, timings, widgets (what else their output holds is left
    to be seen) and the state of the user interface. Stays: cell ids, tags and
    everything that code or author put there.
    """
    notebook.metadata["kernelspec"] = {**_KERNEL, "name": "python3"}
    language = notebook.metadata.get("language_info", {})
    language.pop("version", None)
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        for key in _TIMING_KEYS:
            cell.metadata.pop(key, None)
        for output in cell.get("outputs", ()):
            output.get("data", {}).pop(_WIDGET, None)


def write_notebook(notebook: NotebookNode, path: Path) -> bool:
    """Write ``notebook`` to ``path`` all at once, if that changes the file.

    Returns
    -------
    bool
        Whether the file was written.
    """
    import nbformat

    content = nbformat.writes(notebook).rstrip("\n") + "\n"
    if path.is_file() and path.read_text(encoding="utf-8") == content:
        return False
    staged = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        staged.write_text(content, encoding="utf-8", newline="\n")
        os.replace(staged, path)
    finally:
        staged.unlink(missing_ok=True)
    return True


def _run_cells(
    notebook: NotebookNode, path: Path, timeout: float, progress: bool
) -> None:
    """Run every code cell of ``notebook``, storing the outputs in it."""
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient import NotebookClient
    from nbclient.exceptions import (
        CellExecutionError,
        CellTimeoutError,
        DeadKernelError,
    )

    from helpers.notebooks.progress import CellProgress

    with CellProgress(path.stem, len(notebook.cells), enabled=progress) as cells:

        def failure(what: str, details: str = "") -> HelpersError:
            source = notebook.cells[cells.current].source
            return HelpersError(
                f"{short_name(path)}: cell {cells.current + 1} {what} The file is "
                f"left as it was.\n{details or _numbered(source)}"
            )

        client = NotebookClient(
            notebook,
            timeout=timeout,
            kernel_name="python3",
            resources={"metadata": {"path": str(path.resolve().parent)}},
            record_timing=False,
            store_widget_state=False,
            coalesce_streams=True,
            on_cell_start=lambda cell, cell_index: cells.start_cell(cell_index),
            # Below that the kernel reports on its own start, not on the notebook.
            extra_arguments=["--IPKernelApp.log_level=40"],
        )
        try:
            client.execute(env=_kernel_environment())
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


def _kernel_environment() -> dict[str, str]:
    """Return the environment of the kernel, less what could change the results."""
    environment = dict(os.environ, PYTHONHASHSEED="0")
    environment.pop("MPLBACKEND", None)
    return environment


def _numbered(source: str) -> str:
    lines = source.splitlines()
    return "\n".join(f"  {number:3} | {line}" for number, line in enumerate(lines, 1))
