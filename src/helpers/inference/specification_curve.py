"""The same study under every defensible choice, and on placebo dates.

References
----------
Simonsohn, U., Simmons, J. P. and Nelson, L. D. (2020), Specification curve
analysis, Nature Human Behaviour 4, 1208-1214.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from helpers.errors import StudyError
from helpers.inference.battery import check_random
from helpers.inference.cells import Answer, Cell, Task, answer
from helpers.inference.curve import SpecificationCurve
from helpers.inference.grid import NONE, Grid, Specification, default_grid
from helpers.inference.groups import chained
from helpers.inference.null import (
    Cluster,
    Null,
    clusters_of,
    draw_anchors,
    free_sessions,
)
from helpers.inference.outcome import or_study_error
from helpers.inference.pool import Pool
from helpers.inference.resampling import described
from helpers.study.checks import check_events, plain_dates
from helpers.study.design import Choices, build_design
from helpers.study.fit import Design
from helpers.study.frames import check_frame, check_returns, known_kind, return_kind
from helpers.study.panel import announcements, placed
from helpers.study.samples import Timeline
from helpers.study.windows import Windows

__all__ = ["Grid", "SpecificationCurve", "specification_curve"]

DIRECTIONS = (-1, 0, 1)
SECONDS_WITHOUT_BAR = 1.0


def specification_curve(
    returns: pd.DataFrame,
    events: pd.DataFrame,
    grid: Grid | None = None,
    *,
    direction: int = 0,
    placebo_dates: int = 2000,
    seed: int = 20250829,
    exclude: Iterable[Any] = (),
    n_jobs: int | None = None,
    progress: bool = True,
) -> SpecificationCurve:
    """Study events under every choice of a grid, and on placebo dates.

    Parameters
    ----------
    returns : DataFrame, sessions x symbols
        Decimal simple returns, see ``load_returns``; log returns are made of
        them.
    events : DataFrame
        Columns event_id, symbol, day0, one row an event and symbol, and
        optionally ``sign`` (1 or -1), by which its CAR is multiplied.
    grid : Grid, optional
        Default :func:`helpers.inference.grid.default_grid`: every column without
        events is a market.
    direction : {-1, 0, 1}
        Sign of the effect that the claim expects; 0 for either.
    placebo_dates : int
        Placebo draws. One event, or several whose windows overlap, take every
        eligible session once, however many there are.
    seed : int
    exclude : dates
        Sessions that no placebo's event window may hold, such as those of the
        ledger's other events and of results.
    n_jobs : int, optional
        Processes; by default as an active ``joblib.parallel_config`` says, such as
        that of a cluster, else one. The figures do not depend on it.
    progress : bool
        Show a bar on a terminal when it takes longer than a second.

    Returns
    -------
    SpecificationCurve

    Raises
    ------
    StudyError
        If returns, events, grid or options are malformed, if no specification
        can be estimated, or if fewer than 20 placebo dates are eligible.

    Notes
    -----
    A placebo's event windows, under all specifications, keep clear of the
    primary windows of the study's own events and of `exclude`, and every
    specification must be estimable there: all specifications then have the same
    dates, which is what joint inference needs.

    Examples
    --------
    >>> from helpers import Grid, load_events, load_returns, specification_curve
    >>> events = load_events("NVDA", event_ids="deepseek-v31-domestic-chip-remark")
    >>> returns = load_returns(["NVDA", "^GSPC", "^SOX"])
    >>> grid = Grid(["^GSPC", "^SOX"], windows=[(0, 0), (0, 1)], kinds=["simple"])
    >>> curve = specification_curve(returns, events, grid)
    >>> len(curve), curve.table["estimate"].median().round(4).item()
    (68, 0.0002)
    >>> curve.joint["p_value"].round(1).to_dict()
    {'median_estimate': 1.0, 'share_significant': 1.0, 'mean_t': 0.9}
    """
    draws, seed = check_random(placebo_dates, seed)
    _check_jobs(n_jobs)
    if direction not in DIRECTIONS:
        raise StudyError(f"direction is -1, 0 or 1, not {direction!r}.")
    check_frame(returns)
    barred = plain_dates(exclude, "exclude").dropna()
    checked = _in_order(events)
    chosen = default_grid(returns, checked, barred) if grid is None else grid
    specifications = list(chosen.specifications())
    symbols = sorted(checked["symbol"].unique())
    tasks = _tasks(returns, chosen, specifications, symbols)
    null, place = _where(tasks, checked["day0"], chosen, barred)
    with or_study_error("No placebo distribution"):
        run = partial(answer, events=checked, null=null, symbols=symbols)
        answers = _answers(run, tasks, n_jobs, progress)
        pool = Pool(tasks, answers, specifications)
        clusters = _clusters(tasks, checked, place, pool.used())
        anchors = null.anchors(
            clusters, lambda i: pool.standing(i, checked.at[i, "symbol"]), place
        )
    drawn = draw_anchors(anchors, draws, seed)
    placebo = pool.placebo(checked, clusters, drawn)
    return SpecificationCurve(
        table=pool.table(placebo[0], placebo[1]),
        skipped=pool.skipped(),
        placebo=placebo[0],
        placebo_t=placebo[1],
        placebo_df=placebo[2],
        placebo_dates=null.days(clusters, place, drawn),
        direction=direction,
        enumerated=len(clusters) == 1,
        note=described(anchors, draws),
    )


def _in_order(events: pd.DataFrame) -> pd.DataFrame:
    """Events with their sign and a number, in an order of their own."""
    out = check_events(events)
    if "sign" not in out.columns:
        out["sign"] = 1.0
    out = out.sort_values(["day0", "event_id", "symbol"], ignore_index=True)
    return out.assign(number=np.arange(len(out)))


def _tasks(
    returns: pd.DataFrame,
    grid: Grid,
    specifications: list[Specification],
    symbols: list[str],
) -> list[Task]:
    """One task for all specifications that share a fit."""
    used = dict.fromkeys([*symbols, *grid.columns()])
    check_returns(returns, [name for name in used if name in returns.columns])
    tables = _by_kind(returns, grid)
    cells: dict[tuple[Any, ...], list[Cell]] = {}
    for number, one in enumerate(specifications):
        key = (one.model, one.benchmark, one.sector, one.mask, one.kind, one.estimation)
        shift = grid.day0s[one.day0]
        cells.setdefault(key, []).append(Cell(number, one.window, shift))
    designs: dict[tuple[Any, ...], tuple[Design, list[str]]] = {}
    tasks = []
    for key, members in cells.items():
        model, benchmark, sector, mask, kind, estimation = key
        first = min(cell.window[0] for cell in members)
        last = max(cell.window[1] for cell in members)
        windows = Windows(estimation, (first, last))
        if key[:-1] not in designs:
            # A model without a market counts sessions with the primary one.
            market = benchmark if benchmark != NONE else next(iter(grid.benchmarks), "")
            choices = Choices(
                model=model,
                benchmark=grid.market(market) if market else None,
                sector=grid.sector(sector) if sector != NONE else None,
                mask=grid.masks[mask],
                lags=grid.lags,
                max_missing=grid.max_missing,
                min_observations=grid.min_observations,
            )
            designs[key[:-1]] = build_design(
                tables[kind], symbols, windows, choices, trusted=True
            )
        design, names = designs[key[:-1]]
        tasks.append(Task(replace(design, windows=windows), names, tuple(members)))
    return tasks


def _by_kind(returns: pd.DataFrame, grid: Grid) -> dict[str, pd.DataFrame]:
    """Simple and log returns, as far as the grid asks for them."""
    kind = return_kind(returns)
    if kind == "log" or ("log" in grid.kinds and known_kind(kind) == "log"):
        raise StudyError(
            "A specification curve takes simple returns and makes log returns of "
            "them: use load_returns(..., kind='simple')."
        )
    out = {}
    for kind in grid.kinds:
        out[kind] = returns
        if kind == "log":
            values = np.log1p(returns.where(returns > -1))
            values.attrs = {**returns.attrs, "kind": "log"}
            out[kind] = values
    return out


def _answers(
    run: Callable[[Task], Answer], tasks: list[Task], n_jobs: int | None, progress: bool
) -> list[Answer]:
    """Answers of all tasks in their order, with a bar on a terminal."""
    from joblib import Parallel, delayed
    from tqdm import tqdm

    # What tasks share is bound to `run`, not passed: it would be sent to one worker
    # of a cluster ahead of them, and be lost with it.
    found = Parallel(n_jobs=n_jobs, return_as="generator")(map(delayed(run), tasks))
    bar = tqdm(
        found, desc="specifications", total=len(tasks), leave=False,
        disable=None if progress else True, delay=SECONDS_WITHOUT_BAR,
    )  # fmt: skip
    return list(bar)


def _check_jobs(n_jobs: Any) -> None:
    whole = isinstance(n_jobs, int) and not isinstance(n_jobs, bool)
    if n_jobs is not None and (not whole or n_jobs == 0):
        raise StudyError(
            f"n_jobs is a number of processes, -1 for all processors, or None, not "
            f"{n_jobs!r}."
        )


def _where(
    tasks: list[Task], day0: pd.Series, grid: Grid, exclude: pd.DatetimeIndex
) -> tuple[Null, np.ndarray]:
    """Where placebo events may stand, and the place of each event or -1, (N,)."""
    samples = [sample for task in tasks for sample in task.design.samples]
    dates = Timeline.of(samples).dates
    place = dates.get_indexer(pd.DatetimeIndex(day0))
    own = place[place >= 0, None] + list(grid.windows[0])
    own = np.clip(own, 0, len(dates) - 1)
    return Null(dates, free_sessions(dates, own, exclude)), place


def _clusters(
    tasks: list[Task], events: pd.DataFrame, place: np.ndarray, used: np.ndarray
) -> list[Cluster]:
    """Clusters of the events in `used`, whose windows meet in some specification."""
    design = tasks[0].design
    sample, _, position = placed(design, events)
    ids = events["event_id"].to_numpy()
    news = announcements(design.samples, ids, sample, position)
    cells = [cell for task in tasks for cell in task.cells]
    start = place[used] + min(cell.window[0] + cell.shift for cell in cells)
    end = place[used] + max(cell.window[1] + cell.shift for cell in cells)
    groups = chained(start, end, None if news is None else news[used])
    return clusters_of(place, used, *groups)
