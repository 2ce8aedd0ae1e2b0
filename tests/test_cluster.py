"""The grid on a dask cluster: two worker processes on loopback, one of them killed."""

from __future__ import annotations

import os
import signal
import threading
import time

import joblib
import numpy as np
import pandas as pd
import pytest
from engine_tools import MARKET, events_at, simulated_returns

from helpers import Grid, specification_curve

WORKERS = 2


@pytest.fixture(scope="module")
def cluster():
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=WORKERS,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
        ) as started,
        Client(started),
    ):
        yield started


@pytest.fixture(scope="module")
def study():
    """Arguments of a curve that keeps two processes busy for seconds."""
    returns = simulated_returns(2, 1500, seed=11, common=0.5)
    return {
        "returns": returns,
        "events": events_at(returns, [500, 800, 1300], ["S0"]),
        "grid": Grid([MARKET, "S1"], sectors=["S1"]),
        "placebo_dates": 1000,
    }


@pytest.fixture(scope="module")
def alone(study):
    return specification_curve(**study, n_jobs=1)


def same(one, other):
    pd.testing.assert_frame_equal(one.table, other.table, check_exact=True)
    np.testing.assert_array_equal(one.placebo, other.placebo)
    np.testing.assert_array_equal(one.placebo_t, other.placebo_t)
    pd.testing.assert_frame_equal(one.joint, other.joint, check_exact=True)


def processes(cluster):
    return {worker.pid for worker in cluster.workers.values()}


def finished(cluster):
    """Tasks that the workers have finished since the cluster was started."""
    return sum(
        entry[1:3] == ("processing", "memory")
        for entry in list(cluster.scheduler.transition_log)
    )


def test_a_cluster_gives_the_same_figures_to_the_bit(cluster, study, alone):
    assert len(processes(cluster)) == WORKERS
    assert os.getpid() not in processes(cluster)
    with joblib.parallel_config("dask"):
        found = specification_curve(**study)
    same(alone, found)
    assert finished(cluster) > WORKERS


def test_a_worker_killed_on_the_way_costs_no_figure(cluster, study, alone):
    victim = min(processes(cluster))
    before = finished(cluster)
    killed_after = []
    over = threading.Event()

    def kill():
        while not over.is_set():
            done = finished(cluster) - before
            if done >= 2:
                os.kill(victim, signal.SIGKILL)
                killed_after.append(done)
                return
            time.sleep(0.01)

    watcher = threading.Thread(target=kill)
    watcher.start()
    try:
        with joblib.parallel_config("dask"):
            found = specification_curve(**study)
    finally:
        over.set()
        watcher.join()
    assert killed_after, "the work was done before a worker could be killed"
    assert finished(cluster) - before > killed_after[0], "nothing was left to do"
    assert victim not in processes(cluster)
    same(alone, found)
