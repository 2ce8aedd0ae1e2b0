"""Measure the engine's speed beside other programs, in one run.

``python benchmarks/run.py`` prints a table and writes ``build/bench.json``.
Each row is measured in a process of its own, so that its peak of memory is its
own; "warm" is the best of several runs, "first" the very first one, which also
pays for the memory that it takes from the system. The other programs run on one
common workload in an environment of theirs, ``build/bench-venv``, which is made
on the first run (it needs a package index; ``--no-others`` does without).
"""

from __future__ import annotations

import argparse
import json
import pickle
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build"
OTHERS = ["eventstudy", "event-study-toolkit", "easy_es"]
SEED = 20250829
SESSIONS = 6300
ESTIMATION, EVENT = (-120, -11), (-10, 10)
WINDOW = EVENT[1] - ESTIMATION[0] + 1
RESAMPLED = {"cluster_bootstrap", "placebo", "sample_quantile"}

Row = dict[str, Any]


def simulated(symbols: int, sessions: int) -> Any:
    """Returns of `symbols` shares and their market as a DataFrame."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(SEED)
    values = np.empty((symbols + 1, sessions))
    values[-1] = rng.normal(0.0003, 0.01, sessions)
    for row in range(symbols):
        values[row] = rng.normal(0, 0.02, sessions) + values[-1]
    names = [*(f"S{k}" for k in range(symbols)), "market"]
    index = pd.bdate_range("2001-01-01", periods=sessions)
    return pd.DataFrame(values.T, index=index, columns=names)


def events_of(returns: Any, count: int) -> Any:
    """`count` events on random shares and sessions."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(SEED + 1)
    last = len(returns) - EVENT[1]
    shares = np.array(returns.columns[:-1])
    return pd.DataFrame(
        {
            "event_id": np.arange(count),
            "symbol": shares[rng.integers(len(shares), size=count)],
            "day0": returns.index[rng.integers(-ESTIMATION[0], last, size=count)],
        }
    )


def peak_memory() -> float:
    """Peak resident memory of this process in GB."""
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size / (1e9 if platform.system() == "Darwin" else 1e6)


def timed(run: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Seconds of the first run and of the best of all."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return seconds[0], min(seconds)


def read_once(returns: Any, events: Any) -> float:
    """Seconds to read all returns that the events' windows hold, and no more."""
    import numpy as np
    from numpy.lib.stride_tricks import sliding_window_view

    table = np.ascontiguousarray(returns.to_numpy().T)
    column = returns.columns.get_indexer(events["symbol"])
    place = returns.index.get_indexer(events["day0"]) + ESTIMATION[0]
    flat = column * table.shape[1] + place
    shares = sliding_window_view(table.reshape(-1), WINDOW)
    market = sliding_window_view(table[-1], WINDOW)

    def read() -> None:
        for first in range(0, len(flat), 1000):
            part = slice(first, first + 1000)
            shares[flat[part]].sum(axis=1)
            market[place[part]].sum(axis=1)

    return timed(read, 3)[1]


def measure_windows(events: int, symbols: int) -> Row:
    """One study of so many event windows, market model."""
    from helpers import event_study

    returns = simulated(symbols, SESSIONS)
    chosen = events_of(returns, events)
    event_study(returns, chosen.iloc[:100], benchmark="market").car(-1, 1)
    repeats = 5 if events >= 100_000 else 20
    first, best = timed(
        lambda: event_study(returns, chosen, benchmark="market"), repeats
    )
    peak = peak_memory()
    study = event_study(returns, chosen, benchmark="market")
    assert study.n_events == events
    car = timed(lambda: study.car(-10, 10), 3)[1]
    return {
        "first": first,
        "best": best,
        "car": car,
        "read": read_once(returns, chosen),
        "memory": peak,
    }


def measure_tests() -> Row:
    """1,000 events with every analytic test, imports apart."""
    from helpers import event_study
    from helpers.inference.battery import known_tests

    analytic = [name for name in known_tests() if name not in RESAMPLED]
    returns = simulated(500, SESSIONS)
    warm = events_of(returns, 20)
    event_study(returns, warm, benchmark="market").test(-1, 1, analytic)
    chosen = events_of(returns, 1000)

    def run() -> None:
        event_study(returns, chosen, benchmark="market").test(-10, 10, analytic)

    first, best = timed(run, 10)
    return {"first": first, "best": best, "memory": peak_memory()}


def measure_placebo(dates: int) -> Row:
    """A placebo distribution of five firms: 10,000 dates or 10,000 draws."""
    import pandas as pd

    from helpers import event_study

    length = 10_000 + 131 + 20 if dates == 1 else SESSIONS
    returns = simulated(5, length)
    places = [length - 11] if dates == 1 else range(200, length - 50, length // dates)
    rows = [
        (place, name, returns.index[place])
        for place in places
        for name in returns.columns[:5]
    ]
    events = pd.DataFrame(rows, columns=["event_id", "symbol", "day0"])
    study = event_study(returns, events, benchmark="market")
    study.placebo(0, 1, draws=10)
    first, best = timed(lambda: study.placebo(0, 1, draws=10_000), 5)
    found = study.placebo(0, 1, draws=10_000)
    return {
        "first": first,
        "best": best,
        "draws": len(found.statistic),
        "memory": peak_memory(),
    }


def measure_common(workload: str) -> Row:
    """Ours on the workload that the other programs are given."""
    import pandas as pd

    from helpers import event_study

    work = pickle.loads(Path(workload).read_bytes())
    returns = pd.DataFrame(
        work["shares"], index=pd.DatetimeIndex(work["dates"]), columns=work["names"]
    ).assign(market=work["market"])
    events = pd.DataFrame(
        {
            "event_id": range(len(work["names"])),
            "symbol": work["names"],
            "day0": work["dates"][work["places"]],
        }
    )

    def run() -> list[float]:
        study = event_study(returns, events, benchmark="market")
        return study.car(-10, 10)["car"].tolist()

    run()
    return {"seconds": timed(run, 20)[1], "car": run()}


MEASURES: dict[str, Callable[..., Row]] = {
    "windows": measure_windows,
    "tests": measure_tests,
    "placebo": measure_placebo,
    "common": measure_common,
}


def child(name: str, *arguments: int | str) -> Row:
    """Measure `name` in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--child", name, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
    )
    found: Row = json.loads(done.stdout)
    return found


def import_seconds(module: str) -> float:
    """Best of seven imports of `module`, each in a fresh process."""
    code = (
        "import time; start = time.perf_counter(); "
        f"import {module}; print(time.perf_counter() - start)"
    )
    return min(
        float(subprocess.check_output([sys.executable, "-c", code])) for _ in range(7)
    )


def common_workload(path: Path, events: int) -> None:
    """Write the workload: one event a share, on sessions of New York."""
    import numpy as np

    from helpers import sessions

    dates = sessions("XNYS", "2018-01-02", "2022-12-30").to_numpy()
    rng = np.random.default_rng(SEED + 2)
    market = rng.normal(0.0003, 0.01, len(dates))
    noise = rng.normal(0, 0.02, (len(dates), events))
    work = {
        "dates": dates,
        "market": market,
        "shares": market[:, None] * rng.uniform(0.5, 1.5, events) + noise,
        "names": [f"S{k}" for k in range(events)],
        "places": rng.integers(150, len(dates) - 20, events),
    }
    path.write_bytes(pickle.dumps(work))


def others(workload: Path) -> dict[str, Row]:
    """What the other programs need for the workload, or why they cannot."""
    folder = BUILD / "bench-venv"
    python = folder / "bin" / "python"
    try:
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        for name in OTHERS:
            subprocess.run(
                [python, "-m", "pip", "install", "--quiet", name],
                capture_output=True,
                text=True,
                check=False,
            )
        result = BUILD / "bench-others.json"
        script = Path(__file__).with_name("others.py")
        subprocess.run([python, script, workload, result], check=True)
        found: dict[str, Row] = json.loads(result.read_text())
    except (OSError, subprocess.CalledProcessError) as error:
        return {name: {"reason": str(error)} for name in OTHERS}
    return found


def line(what: str, seconds: float | None, events: int, more: str = "") -> str:
    """One row of the table."""
    if seconds is None:
        return f"{what:<46} {'':>10} {'':>12}  {more}"
    each = f"{seconds / events * 1e6:,.2f} us" if events else ""
    return f"{what:<46} {seconds * 1e3:>7,.1f} ms {each:>12}  {more}"


def measure_all(quick: bool, with_others: bool) -> dict[str, Any]:
    """Run every measurement, with a progress bar."""
    from tqdm import tqdm

    sizes = [1000, 10_000, 100_000] + ([] if quick else [1_000_000])
    jobs: list[tuple[str, tuple[Any, ...]]] = [
        ("windows", (size, 500)) for size in sizes
    ]
    if not quick:
        jobs.append(("windows", (1_000_000, 5000)))
    jobs += [("tests", ()), ("placebo", (1,)), ("placebo", (8,))]
    results: dict[str, Any] = {}
    with tqdm(total=len(jobs) + 3, desc="measuring", unit="job") as bar:
        for name, arguments in jobs:
            results[" ".join(map(str, (name, *arguments)))] = child(name, *arguments)
            bar.update()
        results["import pandas"] = import_seconds("pandas")
        results["import helpers"] = import_seconds("helpers, pandas")
        bar.update()
        BUILD.mkdir(exist_ok=True)
        workload = BUILD / "bench-workload.pkl"
        results["common events"] = 200
        common_workload(workload, 200)
        results["common"] = child("common", str(workload))
        bar.update()
        results["others"] = others(workload) if with_others else {}
        bar.update()
        workload.unlink()
    return results


def table(results: dict[str, Any]) -> list[str]:
    """The printed table."""
    rows = []
    for name, found in results.items():
        kind, *arguments = name.split()
        if kind == "windows":
            events, symbols = (int(each) for each in arguments)
            rows.append(
                line(
                    f"{events:,} windows, {symbols:,} shares",
                    found["best"],
                    events,
                    f"first run {found['first']:.2f} s; .car() {found['car']:.2f} s; "
                    f"{found['best'] / found['read']:.1f} x reading; "
                    f"peak {found['memory']:.2f} GB",
                )
            )
        elif kind == "tests":
            rows.append(line("1,000 events, all analytic tests", found["best"], 1000))
        elif kind == "placebo":
            what = "dates" if arguments == ["1"] else "draws of 8 dates"
            rows.append(
                line(f"placebo, {found['draws']:,} {what} x 5 firms", found["best"], 0)
            )
    extra = results["import helpers"] - results["import pandas"]
    rows.append(line("import helpers, over import pandas", max(extra, 0.0), 0))
    count, ours = results["common events"], results["common"]
    rows.append(line(f"common workload, {count} events: ours", ours["seconds"], count))
    best = min(
        (
            found["best"] / int(name.split()[1])
            for name, found in results.items()
            if name.startswith("windows") and name.endswith(" 500")
        ),
    )
    for name, found in results["others"].items():
        if "reason" in found:
            rows.append(line(f"  {name}", None, 0, found["reason"]))
            continue
        apart = max(
            abs(one - two) for one, two in zip(ours["car"], found["car"], strict=True)
        )
        each = found["seconds"] / count
        rows.append(
            line(
                f"  {name}",
                found["seconds"],
                count,
                f"{found['seconds'] / ours['seconds']:,.0f} x ours here, "
                f"{each / best:,.0f} x ours in bulk; CARs within {apart:.0e}",
            )
        )
    return rows


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="100,000 windows at most")
    parser.add_argument(
        "--no-others", action="store_true", help="without the other programs"
    )
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        name, *arguments = options.child
        values = [int(each) if each.isdigit() else each for each in arguments]
        print(json.dumps(MEASURES[name](*values)))
        return
    results = measure_all(options.quick, not options.no_others)
    rows = table(results)
    (BUILD / "bench.json").write_text(json.dumps(results, indent=1))
    print(f"{'':<46} {'time':>10} {'per event':>12}")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
