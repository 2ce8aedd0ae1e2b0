"""Time other programs on one workload; run by their own interpreter.

``python others.py WORKLOAD RESULT``: reads the pickled workload that ``run.py``
wrote and writes, as JSON, for each program either the seconds and the CARs or
the reason why it could not run. It imports nothing of this package, so that the
other programs may have the versions of libraries that they ask for.
"""

from __future__ import annotations

import json
import pickle
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

ESTIMATION = 110
BEFORE, AFTER = 10, 10

Workload = dict[str, Any]
Timed = tuple[float, list[float]]


def statsmodels_loop(work: Workload) -> Timed:
    """A plain loop of statsmodels over the events."""
    from statsmodels.api import OLS, add_constant

    market = work["market"]
    design = add_constant(market)
    start = time.perf_counter()
    cars = []
    for share, place in zip(work["shares"].T, work["places"], strict=True):
        window = slice(place - BEFORE - ESTIMATION, place - BEFORE)
        event = slice(place - BEFORE, place + AFTER + 1)
        fit = OLS(share[window], design[window]).fit()
        cars.append((share[event] - fit.predict(design[event])).sum())
    return time.perf_counter() - start, cars


def eventstudy(work: Workload) -> Timed:
    """``eventstudy`` (PyPI): one object an event."""
    from eventstudy import Single

    data = {"date": work["dates"], "market": work["market"]}
    data |= dict(zip(work["names"], work["shares"].T, strict=True))
    Single._save_parameter("returns", data)
    start = time.perf_counter()
    cars = [
        Single.market_model(
            security_ticker=name,
            market_ticker="market",
            event_date=work["dates"][place],
            event_window=(-BEFORE, AFTER),
            estimation_size=ESTIMATION,
            buffer_size=0,
        ).CAR[-1]
        for name, place in zip(work["names"], work["places"], strict=True)
    ]
    return time.perf_counter() - start, cars


def event_study_toolkit(work: Workload) -> Timed:
    """``event-study-toolkit`` (PyPI): a panel of all shares and days."""
    from event_study_toolkit.eventstudy import eventstudy as toolkit

    count = len(work["names"])
    data = pd.DataFrame(
        {
            "permno": np.repeat(np.arange(count), len(work["dates"])),
            "date": np.tile(work["dates"], count),
            "ret_dlst_adj": work["shares"].T.ravel(),
            "vwretd": np.tile(work["market"], count),
        }
    )
    events = pd.DataFrame(
        {
            "permno": np.arange(count),
            "EVT_DATE": work["dates"][work["places"]],
            "GRP": 1,
        }
    )
    study = toolkit(ESTIMATION, 0, -BEFORE, AFTER, data, events, groups=["GRP"])
    start = time.perf_counter()
    found = study.getAbnormalReturns("market")
    seconds = time.perf_counter() - start
    return seconds, found.groupby("permno")["abret"].sum().tolist()


def easy_es(work: Workload) -> Timed:
    """``easy_es`` (PyPI): its CAPM on a rate of zero is the market model."""
    from easy_es import EventStudy

    count = len(work["names"])
    dates = pd.to_datetime(work["dates"])
    returns = pd.DataFrame(
        {
            "ticker": np.repeat(work["names"], len(dates)),
            "Date": np.tile(dates.date, count),
            "Ret": work["shares"].T.ravel(),
            "Volume": 1.0,
        }
    )
    factors = pd.DataFrame({"Date": dates.date, "Mkt-RF": work["market"], "RF": 0.0})
    events = pd.DataFrame(
        {"ticker": work["names"], "event_date": dates[work["places"]].date}
    )
    study = EventStudy(
        estimation_days=ESTIMATION,
        gap_days=0,
        window_before=BEFORE,
        window_after=AFTER,
        min_estimation_days=ESTIMATION,
        estimator_type="capm",
        n_cores=1,
    )
    # It takes 110 sessions for 110 days of the calendar; this makes it look back
    # far enough to find them.
    study.AUX_OFFSET = ESTIMATION
    study.add_returns(ret_df=returns)
    study.add_factors(factors_df=factors)
    start = time.perf_counter()
    found = study.run_study(events)
    seconds = time.perf_counter() - start
    last = found[found["Offset"] == AFTER].sort_values("event_id")
    return seconds, last["car"].tolist()


PROGRAMS: dict[str, Callable[[Workload], Timed]] = {
    "statsmodels loop": statsmodels_loop,
    "eventstudy": eventstudy,
    "event-study-toolkit": event_study_toolkit,
    "easy_es": easy_es,
}


def main(workload: Path, result: Path) -> None:
    """Run every program on `workload` and write `result`."""
    warnings.simplefilter("ignore")
    work = pickle.loads(workload.read_bytes())
    found: dict[str, dict[str, Any]] = {}
    for name, program in PROGRAMS.items():
        try:
            seconds, cars = min(program(work) for _ in range(3))
            found[name] = {"seconds": seconds, "car": cars}
        except Exception as error:
            reason = str(error).strip().splitlines() or [""]
            found[name] = {"reason": f"{type(error).__name__}: {reason[0]}"}
    result.write_text(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
