"""The command ``run``: execute notebooks, and store what really changed.

A notebook whose metadata has ``"stage": N`` starts when those of earlier stages are
done and their results are gathered: it reads what they recorded. One that neither reads
nor records any may stand in a later stage, to keep the other processors busy there.
Within a stage the largest file goes first, because it tends to take longest.
"""

from __future__ import annotations

import argparse
import os
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from book.compare import settle
from book.execute import execute
from book.kernels import fork_kernels
from book.notebooks import (
    add_notebooks,
    find_notebooks,
    read_notebook,
    short_name,
    write_notebook,
)
from book.progress import Progress
from book.results import write_results
from helpers.errors import HelpersError

if TYPE_CHECKING:
    from nbformat import NotebookNode

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

TIMEOUT_SECONDS = 600
SHOWN_A_CELL = 4


@dataclass(frozen=True)
class Execution:
    """What became of one notebook.

    Attributes
    ----------
    notebook : Path
        The notebook's file.
    written : bool
        Whether the file changed.
    changes : list of (cell, what)
        Results that are no longer what was stored; cells are counted from 1.
    """

    notebook: Path
    written: bool
    changes: list[tuple[int, str]]


def run_notebooks(
    paths: Sequence[Path], *, jobs: int | None = None, timeout: float = TIMEOUT_SECONDS
) -> tuple[list[Execution], list[Path]]:
    """Execute notebooks in fresh kernels, several at a time, stage after stage.

    Parameters
    ----------
    paths : sequence of Path
        The notebooks.
    jobs : int, optional
        Notebooks at a time; one a processor by default.
    timeout : float, default 600
        Seconds that one cell may take.

    Returns
    -------
    executions : list of Execution
    gathered : list of Path
        Files beside the notebooks that changed: the results, the README.

    Raises
    ------
    HelpersError
        If notebooks failed: each with its cell. Those files stay as they were, and
        later stages are not started.
    """
    stages: dict[int, list[tuple[Path, NotebookNode]]] = defaultdict(list)
    for path in sorted(paths, key=lambda path: -path.stat().st_size):
        notebook = read_notebook(path)
        stages[int(notebook.metadata.get("stage", 0))].append((path, notebook))
    cells = [len(one.cells) for stage in stages.values() for _, one in stage]
    done: list[Execution] = []
    gathered: dict[Path, None] = {}
    with Progress(sum(cells)) as progress:

        def run_one(stage: tuple[Path, NotebookNode]) -> Execution | HelpersError:
            try:
                return _run_one(*stage, timeout, progress)
            except HelpersError as error:
                return error

        for _, stage in sorted(stages.items()):
            # A thread each is enough: the work is done in the kernels' processes.
            with ThreadPoolExecutor(jobs or os.cpu_count()) as pool:
                outcomes = list(pool.map(run_one, stage))
            for folder in sorted({path.parent for path, _ in stage}):
                gathered.update(dict.fromkeys(write_results(folder)))
            failed = [str(one) for one in outcomes if isinstance(one, HelpersError)]
            if failed:
                raise HelpersError("\n\n".join(failed))
            done += [one for one in outcomes if isinstance(one, Execution)]
    return sorted(done, key=lambda one: one.notebook), list(gathered)


def _run_one(
    path: Path, stored: NotebookNode, timeout: float, progress: Progress
) -> Execution:
    new = execute(
        stored,
        path,
        timeout=timeout,
        at_cell=lambda index: progress.at(path.stem, index),
    )
    changes = []
    for number, (old, fresh) in enumerate(zip(stored.cells, new.cells, strict=True), 1):
        if fresh.cell_type == "code":
            fresh.outputs, found = settle(old.outputs, fresh.outputs)
            changes += [(number, what) for what in found]
    written = write_notebook(new, path)
    progress.finished(path.stem, len(new.cells))
    return Execution(path, written, changes)


def add_run(subparsers: Subparsers) -> None:
    """Add ``run`` to a command line."""
    run = subparsers.add_parser(
        "run", help="execute notebooks in fresh kernels and store their results"
    )
    add_notebooks(run)
    run.add_argument(
        "--timeout",
        type=float,
        default=TIMEOUT_SECONDS,
        metavar="SECONDS",
        help="longest time for one cell (default: %(default)s)",
    )
    run.add_argument(
        "--jobs",
        type=int,
        metavar="N",
        help="notebooks at a time (default: one a processor)",
    )
    run.set_defaults(handler=_run)


def _run(arguments: argparse.Namespace) -> int:
    started = time.monotonic()
    paths = find_notebooks(arguments.paths)
    if len(paths) > 1:
        fork_kernels()
    done, gathered = run_notebooks(
        paths, jobs=arguments.jobs, timeout=arguments.timeout
    )
    plural = "" if len(paths) == 1 else "s"
    seconds = time.monotonic() - started
    print(f"Executed {len(paths)} notebook{plural} in {seconds:.0f} s.", end=" ")
    changed = [one for one in done if one.written]
    if not changed and not gathered:
        print("Every stored result came out the same.")
        return 0
    print("Changed:")
    for execution in changed:
        print(f"  {short_name(execution.notebook)}")
        for cell, several in groupby(execution.changes, key=itemgetter(0)):
            whats = [what for _, what in several]
            for what in whats[:SHOWN_A_CELL]:
                print(f"    cell {cell}: {what}")
            if len(whats) > SHOWN_A_CELL:
                print(f"    cell {cell}: and {len(whats) - SHOWN_A_CELL} more")
        if not execution.changes:
            print("    counts or metadata only: every result came out the same")
    for path in gathered:
        print(f"  {short_name(path)}")
    return 0
