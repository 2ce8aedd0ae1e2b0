"""From which size a second process or a cluster pays, and what the largest takes.

``python benchmarks/scale.py`` prints tables and writes ``build/scale.json``: by one
process, two processes and a dask cluster of two worker processes on this machine,
every US stock over 25 years: 5,000 simulated securities with market and sector
factors and listings of their own, 6,300 sessions in a Parquet file with one column
each, and 1,000 to 1,000,000 events. A task reads its own columns and the market's,
and nothing else.

Beside it the time of a specification curve, of one (specification, date) in it, and
of the same fit and error in a plain loop over statsmodels.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from run import BUILD, SEED, SESSIONS, peak_memory
from tqdm import tqdm

from helpers import (
    Grid,
    event_mask,
    event_study,
    load_events,
    load_returns,
    specification_curve,
)

SECURITIES = 5000
SECTORS = 12
SHARES_A_TASK = 250
MARKET = "market"
SIZES = [1_000, 10_000, 100_000, 1_000_000]
WAYS = ["one process", "two processes", "dask, two workers"]
STOCKS = "every stock"
PRICES = BUILD / "every-stock.parquet"
REMARK = "deepseek-v31-domestic-chip-remark"


@dataclass(frozen=True)
class Part:
    """The events of one task: shares by column, day 0 by row."""

    path: str
    columns: list[str]
    column: np.ndarray
    row: np.ndarray


def write_prices(path: Path) -> None:
    """Returns of all securities, correlated as shares are, a column at a time."""
    rng = np.random.default_rng(SEED)
    market = rng.normal(0.0003, 0.01, SESSIONS)
    sectors = rng.normal(0, 0.008, (SECTORS, SESSIONS))
    columns = {MARKET: market}
    for k in range(SECURITIES):
        noise = rng.standard_t(4, SESSIONS) * rng.uniform(0.008, 0.02)
        values = rng.uniform(0.5, 1.6) * market + sectors[k % SECTORS] + noise
        # A third of them are listed on the way.
        if k % 3 == 0:
            values[: rng.integers(SESSIONS // 2)] = np.nan
        columns[f"S{k}"] = np.maximum(values, -0.9)
    table = pa.table(columns)
    pq.write_table(table, path, compression="none", use_dictionary=False)


def parts_of(path: Path, events: int) -> list[Part]:
    """`events` events on random shares and sessions, by task."""
    rng = np.random.default_rng(SEED + 1)
    share = rng.integers(SECURITIES, size=events)
    row = rng.integers(SESSIONS // 2 + 150, SESSIONS - 20, size=events)
    out = []
    for low in range(0, SECURITIES, SHARES_A_TASK):
        own = np.flatnonzero((share >= low) & (share < low + SHARES_A_TASK))
        used, column = np.unique(share[own], return_inverse=True)
        if len(own):
            names = [f"S{k}" for k in used]
            out.append(Part(str(path), names, column, row[own]))
    return out


def study_part(part: Part) -> tuple[np.ndarray, int]:
    """Sums by date that the mean CAR over [0, +1] and its error are made of."""
    table = pq.read_table(
        part.path, columns=[*part.columns, MARKET], memory_map=True
    ).to_pandas()
    table.index = pd.bdate_range("2001-01-01", periods=SESSIONS).as_unit("ns")
    events = pd.DataFrame(
        {
            "event_id": np.arange(len(part.row)),
            "symbol": np.array(part.columns)[part.column],
            "day0": table.index[part.row],
        }
    )
    study = event_study(table, events, benchmark=MARKET, window=(0, 1))
    day0 = study.fit.position + SESSIONS - len(study.fit.design.samples[0].sessions)
    car = study.fit.car(0, 1)
    scaled = car / study.fit.car_error(0, 1)
    sums = [
        np.bincount(day0, weights=values, minlength=SESSIONS)
        for values in (np.ones(len(car)), car, scaled, scaled**2)
    ]
    return np.array(sums), len(study.skipped)


def mean_of(parts: list[Part], n_jobs: int | None) -> tuple[float, float, int]:
    """Mean CAR, its error clustered by date, and the events studied."""
    answers = joblib.Parallel(n_jobs=n_jobs)(map(joblib.delayed(study_part), parts))
    # One order of adding up, whoever did the parts.
    count, car, *_ = np.sum([sums for sums, _ in answers], axis=0)
    mean = car.sum() / count.sum()
    away = car - mean * count
    return float(mean), float(np.sqrt((away**2).sum()) / count.sum()), int(count.sum())


@contextmanager
def way(name: str) -> Iterator[tuple[int | None, Callable[[], float]]]:
    """Number of jobs for joblib, and the peak memory of a worker in GB."""
    with ExitStack() as stack:
        if name == "one process":
            yield 1, peak_memory
        elif name == "two processes":
            stack.enter_context(joblib.parallel_config("loky", n_jobs=2))
            yield 2, lambda: max(joblib.Parallel()([joblib.delayed(peak_memory)()] * 2))
        else:
            from distributed import Client, LocalCluster

            cluster = stack.enter_context(
                LocalCluster(
                    n_workers=2,
                    threads_per_worker=1,
                    host="127.0.0.1",
                    dashboard_address=None,
                )
            )
            client = stack.enter_context(Client(cluster))
            stack.enter_context(joblib.parallel_config("dask"))
            yield None, lambda: max(client.run(peak_memory).values())


def measure(name: str, run: Callable[[int | None], Any], repeats: int) -> dict:
    """First and best time of a run one way, workers' peak memory and the result.

    The first includes starting the processes, the best does not.
    """
    start = time.perf_counter()
    with way(name) as (n_jobs, worker_memory):
        result = run(n_jobs)
        seconds = [time.perf_counter() - start]
        for _ in range(repeats - 1):
            start = time.perf_counter()
            run(n_jobs)
            seconds.append(time.perf_counter() - start)
        return {
            "first": seconds[0],
            "best": min(seconds),
            "worker memory": worker_memory(),
            "memory": peak_memory(),
            "result": result,
        }


def alone(size: int, name: str) -> dict:
    """One measurement in a process of its own, so that its memory is its own."""
    command = [sys.executable, __file__, "--one", str(size), name]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def one(size: int, name: str) -> dict:
    """Measure one size one way."""
    row = measure(name, partial(stocks, size), 3)
    # The figures themselves, to the bit, so that the ways can be compared.
    values = np.ascontiguousarray(row.pop("result"))
    return row | {"digest": hashlib.sha256(values.tobytes()).hexdigest()}


def stocks(events: int, n_jobs: int | None) -> tuple[float, float, int]:
    """The study of every stock, from the file."""
    return mean_of(parts_of(PRICES, events), n_jobs)


def loop_over_statsmodels(fits: int = 400) -> float:
    """Seconds for one fit, CAR and exact error in a plain loop."""
    import statsmodels.api as sm

    returns = load_returns(["NVDA", "^GSPC"])
    y, x = returns["NVDA"].to_numpy(), returns["^GSPC"].to_numpy()
    start = time.perf_counter()
    for place in range(300, 300 + fits):
        window = slice(place - 120, place - 10)
        found = sm.OLS(y[window], sm.add_constant(x[window])).fit()
        ahead = np.column_stack([np.ones(2), x[place : place + 2]])
        car = (y[place : place + 2] - found.predict(ahead)).sum()
        sums = ahead.sum(axis=0)
        car / np.sqrt(2 * found.scale + sums @ found.cov_params() @ sums)
    return (time.perf_counter() - start) / fits


def one_curve() -> dict[str, float]:
    """The late-August curve on all eligible dates, in this process."""
    returns = load_returns(["NVDA", "^GSPC", "^SOX"])
    events = load_events("NVDA", event_ids=REMARK)
    barred = event_mask("NVDA", exclude=REMARK)["date"]
    specification_curve(returns, events, Grid(["^GSPC"], models=["mean"]))
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        curve = specification_curve(
            returns, events, direction=-1, exclude=barred, n_jobs=1
        )
        curve.joint  # noqa: B018
        seconds.append(time.perf_counter() - start)
    rate = curve.placebo.size / min(seconds)
    slow = loop_over_statsmodels()
    return {
        "specifications": len(curve),
        "dates": len(curve.placebo),
        "seconds": min(seconds),
        "specifications x dates per second": rate,
        "statsmodels, seconds each": slow,
        "ratio": rate * slow,
    }


def main() -> None:
    """Run every measurement, with a progress bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes only")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--prices", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    BUILD.mkdir(exist_ok=True)
    if given.prices:
        write_prices(PRICES)
        return
    if given.one:
        size, name = given.one
        print(json.dumps(one(int(size), name)))
        return
    # A process hands its peak of memory on to those that it starts.
    subprocess.run([sys.executable, __file__, "--prices"], check=True)
    sizes = SIZES[: 2 if given.quick else None]
    rows = []
    with tqdm(total=len(sizes) * len(WAYS) + 1, desc="measuring", unit="job") as bar:
        for size in sizes:
            found = []
            for name in WAYS:
                row = alone(size, name)
                found.append(row.pop("digest"))
                rows.append({"workload": STOCKS, "size": size, "by": name, **row})
                bar.update()
            assert len(set(found)) == 1, f"{size} events: the ways differ"
        curve = one_curve()
        bar.update()
    PRICES.unlink()
    table = pd.DataFrame(rows)
    print(table.to_string(index=False, float_format="{:.2f}".format))
    print(pd.Series(curve).to_string(float_format="{:,.6g}".format))
    out = {"rows": rows, "curve": curve}
    (BUILD / "scale.json").write_text(json.dumps(out, indent=1) + "\n")


if __name__ == "__main__":
    main()
