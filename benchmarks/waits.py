"""What a person waits for: an update of the explorer, bars, a refresh, a check.

``python benchmarks/waits.py`` prints processor times, so that a busy machine is no
slow program. The refresh asks a server on this machine, as the tests do.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REPEATS = 8
MANY = (
    *("NVDA", "AMD", "MU", "AVGO", "INTC", "QCOM"),
    *("TSM", "ASML", "AMAT", "LRCX", "0981.HK", "9988.HK"),
)


def seconds(run: Callable[[], object]) -> float:
    """Processor seconds of one call."""
    start = time.process_time()
    run()
    return time.process_time() - start


def explorer_update(shares: tuple[str, ...]) -> float:
    """Median seconds to show another event of some shares in the explorer."""
    from helpers.lab.choices import Choices
    from helpers.lab.explorer import Explorer
    from helpers.lab.store import Store

    explorer = Explorer(Choices("2025-06-10", shares), Store())
    return statistics.median(
        seconds(lambda day=day: explorer.controls.set(Choices(day, shares)))
        for day in (f"2025-06-{day:02}" for day in range(2, 2 + REPEATS))
    )


def bars() -> float:
    """Seconds to load the five-minute bars of one share, least of several."""
    from helpers.data.intraday import load_bars

    load_bars("NVDA")
    return min(seconds(lambda: load_bars("NVDA")) for _ in range(REPEATS))


def verifying() -> float:
    """Seconds to verify every data file, the calendars built before."""
    from helpers.data.verify import verify

    verify()
    return min(seconds(verify) for _ in range(REPEATS))


def refreshing() -> tuple[float, float]:
    """Seconds a symbol of a refresh of ten, and of asking through yfinance alone."""
    import pandas as pd
    from refresh_kills import server_process
    from refresh_tools import END, SYMBOLS, early_data

    from helpers.refresh.fetch import Patience
    from helpers.refresh.run import refresh
    from helpers.refresh.store import restore

    first, last = pd.Timestamp("2025-07-10"), pd.Timestamp(END)
    with tempfile.TemporaryDirectory() as temporary, server_process() as url:
        os.environ |= {"HELPERS_YAHOO_URL": url, "XDG_CACHE_HOME": temporary}
        from helpers.refresh.yahoo import ask, yahoo_session

        folder = early_data(Path(temporary) / "data")

        def whole() -> None:
            report = refresh(
                SYMBOLS, until=END, data=folder, patience=Patience(pause=0)
            )
            assert report.ok

        def asking() -> None:
            with yahoo_session() as session:
                for symbol in SYMBOLS:
                    ask(session, symbol, first, last, "America/New_York", 20)

        taken = []
        for _ in range(REPEATS):
            taken.append((seconds(whole), seconds(asking)))
            restore(data=folder)
    one, two = (min(times) / len(SYMBOLS) for times in zip(*taken, strict=True))
    return one, two


def main() -> None:
    """Measure and print."""
    sys.path.insert(0, str(ROOT / "tests"))
    os.environ.pop("HELPERS_BUNDLED", None)
    for shares in (MANY[:1], MANY):
        what = f"the explorer, {len(shares)} shares"
        print(f"{what:<29} {1e3 * explorer_update(shares):7.1f} ms")
    print(f"five-minute bars of a share   {1e3 * bars():7.1f} ms")
    print(f"verifying all data            {1e3 * verifying():7.1f} ms")
    whole, asking = refreshing()
    print(f"a refresh, a symbol           {1e3 * whole:7.1f} ms", end="")
    print(f"   ({1e3 * asking:.1f} ms of them in yfinance)")


if __name__ == "__main__":
    main()
