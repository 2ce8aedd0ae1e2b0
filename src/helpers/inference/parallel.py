"""Many tasks of one kind, where joblib sends them, in the order given."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")

# Below this much work, starting processes takes longer than the work itself.
SMALL = 100_000_000
SECONDS_WITHOUT_BAR = 1.0


def in_parallel(
    run: Callable[..., Result],
    tasks: Sequence[Task],
    shared: Sequence[Any] = (),
    *,
    work: float,
    n_jobs: int | None,
    progress: bool,
    what: str,
) -> list[Result]:
    """Run every task and return the results in the order of the tasks.

    Parameters
    ----------
    run : callable of one task and what is shared
    tasks : sequence
    shared : sequence
        Further arguments, the same for every task.
    work : float
        Cells to read in all; small work is done in this process.
    n_jobs : int or None
        Processes, as joblib counts them. None leaves the choice to an active
        ``joblib.parallel_config``, such as ``parallel_config("dask")`` for an
        existing cluster; without one it is one process where the work is small
        and one a processor otherwise.
    progress : bool
        Show a bar on a terminal once a second has gone by.
    what : str
        What to call the tasks beside the bar.
    """
    from joblib import Parallel, delayed
    from tqdm import tqdm

    jobs = _default_jobs(work) if n_jobs is None else n_jobs
    bar = tqdm(
        total=len(tasks),
        desc=what,
        unit="task",
        disable=None if progress else True,
        delay=SECONDS_WITHOUT_BAR,
        leave=False,
    )
    out = []
    with bar:
        # Bound to the function, not passed: large arguments would be sent to one
        # worker of a cluster ahead of the tasks, and be lost with it.
        bound = partial(_run, run, shared)
        found = Parallel(n_jobs=jobs, return_as="generator")(
            delayed(bound)(task) for task in tasks
        )
        for each in found:
            out.append(each)
            bar.update()
    return out


def _run(run: Callable[..., Result], shared: Sequence[Any], task: Any) -> Result:
    return run(task, *shared)


def _default_jobs(work: float) -> int | None:
    """Processes where the user has not chosen; None where a config has."""
    from joblib.parallel import LokyBackend, get_active_backend

    backend, jobs = get_active_backend()
    if jobs is not None or type(backend) is not LokyBackend:
        return None
    return 1 if work < SMALL else os.cpu_count()


def check_jobs(n_jobs: Any) -> None:
    """Refuse a number of processes that joblib cannot make.

    Raises
    ------
    StudyError
    """
    from helpers.errors import StudyError

    if n_jobs is None:
        return
    if not isinstance(n_jobs, int) or isinstance(n_jobs, bool) or n_jobs == 0:
        raise StudyError(
            f"n_jobs is a number of processes, -1 for all processors, or None, not "
            f"{n_jobs!r}."
        )
