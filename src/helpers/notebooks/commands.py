"""The commands ``run``, ``check`` and ``results`` of the command line."""

from __future__ import annotations

import argparse
import os
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.notebooks.files import find_notebooks, notebooks_dir, short_name

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


def add_commands(subparsers: Subparsers) -> None:
    """Add ``run``, ``check`` and ``results`` to a command line.

    Parameters
    ----------
    subparsers
        What ``ArgumentParser.add_subparsers`` returned. Each command sets
        ``handler`` in the parsed arguments: a function of those arguments that
        returns the exit code and raises ``HelpersError`` for what a user can mend.
    """
    from helpers.notebooks.execute import DEFAULT_TIMEOUT_SECONDS

    run = subparsers.add_parser(
        "run", help="execute notebooks in fresh kernels and store their results"
    )
    run.add_argument(
        "--timeout",
        type=float,
        default=DEFAULT_TIMEOUT_SECONDS,
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
    check = subparsers.add_parser(
        "check", help="check the form of notebooks: order, alt text, cell lengths"
    )
    check.set_defaults(handler=_check)
    results = subparsers.add_parser(
        "results",
        help="write results.json, and the README's finding and figure, from the data",
        description="Compute every number that prose, titles and README state, and "
        "write notebooks/results.json and the README's finding and figure where they "
        "differ. Notebooks are not touched: see run.",
    )
    results.set_defaults(handler=_results)
    for command in (run, check):
        command.add_argument(
            "paths",
            nargs="*",
            type=Path,
            metavar="PATH",
            help="notebooks or folders of them (default: the folder notebooks)",
        )


def _run(arguments: argparse.Namespace) -> int:
    from helpers.notebooks.execute import execute_notebook

    started = time.monotonic()
    paths = find_notebooks(arguments.paths)
    # A thread each is enough: the work is done in the kernels' own processes.
    with ThreadPoolExecutor(arguments.jobs or os.cpu_count()) as pool:
        done = pool.map(partial(execute_notebook, timeout=arguments.timeout), paths)
        changed = [short_name(one.notebook) for one in done if one.changed]
    seconds = time.monotonic() - started
    print(f"Executed {_count(len(paths))} in {seconds:.0f} s.", end=" ")
    if changed:
        print(f"Results changed in {', '.join(changed)}.")
    else:
        print("Every stored result came out the same.")
    return 0


def _results(arguments: argparse.Namespace) -> int:
    from helpers.notebooks.results import write_all

    started = time.monotonic()
    changed = write_all(notebooks_dir().parent)
    print(f"Computed the results in {time.monotonic() - started:.0f} s.", end=" ")
    print(f"Changed: {', '.join(changed)}." if changed else "Nothing changed.")
    return 0


def _check(arguments: argparse.Namespace) -> int:
    from helpers.notebooks.check import check_notebook

    paths = find_notebooks(arguments.paths)
    faults = [fault for path in paths for fault in check_notebook(path)]
    for fault in faults:
        print(fault)
    print(f"Checked {_count(len(paths))}: {len(faults) or 'no'} faults.")
    return 1 if faults else 0


def _count(number: int) -> str:
    return f"{number} notebook" + ("" if number == 1 else "s")
