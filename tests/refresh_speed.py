"""How much a refresh computes: CPU time a symbol, and of verifying all data.

As a program, ``python tests/refresh_speed.py`` prints the figures.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
from refresh_kills import server_process
from refresh_tools import END, SYMBOLS, early_data

from helpers.data.verify import verify
from helpers.refresh.fetch import Patience
from helpers.refresh.run import refresh

REPEATS = 8
FIRST, LAST = np.datetime64("2025-07-10"), np.datetime64(END)


def cpu_per_symbol() -> tuple[float, float]:
    """Return CPU seconds for each of ten symbols, least of several refreshes.

    Returns
    -------
    whole, asking : float
        Of the refresh, and of asking through yfinance alone.
    """
    with tempfile.TemporaryDirectory() as temporary, server_process() as url:
        os.environ["HELPERS_YAHOO_URL"] = url
        os.environ["XDG_CACHE_HOME"] = temporary
        from helpers.refresh.yahoo import ask, yahoo_session

        folder = early_data(Path(temporary) / "data")
        whole, asking = [], []
        for _ in range(REPEATS):
            began = time.process_time()
            patience = Patience(pause=0)
            report = refresh(SYMBOLS, until=END, data=folder, patience=patience)
            whole.append(time.process_time() - began)
            assert report.ok
            shutil.rmtree(folder / "refreshed")
            began = time.process_time()
            with yahoo_session() as session:
                for symbol in SYMBOLS:
                    ask(session, symbol, FIRST, LAST, timezone="America/New_York")
            asking.append(time.process_time() - began)
    return min(whole) / len(SYMBOLS), min(asking) / len(SYMBOLS)


if __name__ == "__main__":
    os.environ.pop("HELPERS_BUNDLED", None)
    refreshing, asked = (1e3 * seconds for seconds in cpu_per_symbol())
    print(f"{refreshing:.1f} ms of CPU a symbol, {asked:.1f} ms of them in yfinance")
    verify()  # builds the calendars
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        files = verify().files
        times.append(time.process_time() - start)
    print(f"{min(times):.2f} s of CPU to verify all {files} files")
