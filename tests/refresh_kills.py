"""Kill refreshes at random moments, and look at what is left on disk.

As a program, ``python tests/refresh_kills.py 200`` kills that many refreshes, and
that many processes that only write, and prints what came of it.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from importlib import import_module
from io import StringIO
from pathlib import Path

from data_folder import DATA
from refresh_tools import CUT, END, SYMBOLS, early_data, returns_of

from helpers.cli import main
from helpers.data.as_of import data_as_of
from helpers.data.files import read_verified, using_data_dir
from helpers.data.prices import prices_path
from helpers.refresh.store import restore
from helpers.data.refresh.write import clear_away, put_in_force
from helpers.data.verify import verify

HERE = Path(__file__).parent
FAILED = 99
REFRESH = ("refresh", "--symbols", *SYMBOLS, "--until", END, "--pause", "0")


@contextmanager
def server_process() -> Iterator[str]:
    """Serve prices from a process of its own; yield its address."""
    command = [sys.executable, str(HERE / "yahoo_server.py"), str(DATA), *SYMBOLS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.kill()


def run_in_child(folder: Path, *command: str) -> int:
    """Run a command in a fork of this process, which has all it needs imported."""
    child = os.fork()
    if child:
        return child
    code = FAILED
    try:
        with redirect_stdout(StringIO()):
            code = main([*command, "--data", str(folder)])
    finally:
        # Nothing of what the parent has to do is to be done here.
        os._exit(code)


def contents(folder: Path) -> dict[str, bytes]:
    """Return the content in force of each symbol."""
    with using_data_dir(folder):
        return {symbol: read_verified(prices_path(symbol)) for symbol in SYMBOLS}


def kill_refreshes(times: int, folder: Path, seed: int) -> Counter[str]:
    """Kill a refresh, or every fifth time a restore, at a random moment.

    What is on disk afterwards is what the next command starts from, unless every
    symbol is new by then.

    Returns
    -------
    Counter
        How many were killed and how many had ended by then; in how many states
        some symbols were new and some old; how many files were left over.

    Raises
    ------
    AssertionError
        If the data do not verify, or a symbol is neither as it was nor wholly new.
    """
    chance = random.Random(seed)
    old = contents(folder)
    started = time.monotonic()
    os.waitpid(run_in_child(folder, *REFRESH), 0)
    whole = time.monotonic() - started
    new = contents(folder)
    assert all(new[symbol] != old[symbol] for symbol in SYMBOLS)
    shutil.rmtree(folder / "refreshed")
    seen: Counter[str] = Counter()
    for number in range(times):
        if contents(folder) == new:
            restore(data=folder)  # so that there is something to do
        command = ("restore",) if number % 5 == 4 else REFRESH
        reach = 0.02 if command == ("restore",) else 1.1 * whole
        child = run_in_child(folder, *command)
        time.sleep(chance.uniform(0, reach))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        assert status in (0, signal.SIGKILL), f"exit status {status}"
        seen["killed" if status else "ended before"] += 1
        report = verify(folder)
        assert report.ok, f"after {number + 1} kills: {report}"
        found = contents(folder)
        for symbol in SYMBOLS:
            assert found[symbol] in (old[symbol], new[symbol]), symbol
        count = sum(found[symbol] == new[symbol] for symbol in SYMBOLS)
        seen["some symbols new, some old"] += 0 < count < len(SYMBOLS)
        seen["files left over"] += any("left of a refresh" in n for n in report.notes)
    os.waitpid(run_in_child(folder, *REFRESH), 0)
    assert contents(folder) == new
    assert not any("left of" in note for note in verify(folder).notes)
    return seen


def kill_writers(times: int, folder: Path, seed: int) -> Counter[str]:
    """Kill a process that does nothing but put one of two states in force.

    Raises
    ------
    AssertionError
        If the data do not verify, or the state is neither of the two.
    """
    chance = random.Random(seed)
    symbol = "NVDA"
    file = prices_path(symbol)
    states = []
    for until in ("2026-07-31", END):
        command = ("refresh", "--symbols", symbol, "--until", until, "--pause", "0")
        os.waitpid(run_in_child(folder, *command), 0)
        manifest = json.loads((folder / "refreshed" / "manifest.json").read_text())
        with using_data_dir(folder):
            states.append((manifest["files"][file], read_verified(file)))
    seen: Counter[str] = Counter()
    for _ in range(times):
        child = os.fork()
        if not child:
            while True:
                for entry, content in states:
                    put_in_force(folder, entry, content)
        time.sleep(chance.uniform(0, 0.1))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        report = verify(folder)
        assert report.ok, str(report)
        with using_data_dir(folder):
            found = read_verified(file)
        assert found in [content for _, content in states]
        seen["writers killed"] += 1
        seen["files left over by writers"] += any("left of" in n for n in report.notes)
        clear_away(folder)
    return seen


def kill_all_sorts(times: int, seed: int) -> Counter[str]:
    """Kill refreshes and writers in a fresh folder, with a server beside them."""
    os.environ.pop("HELPERS_BUNDLED", None)
    with tempfile.TemporaryDirectory() as temporary, server_process() as url:
        os.environ["HELPERS_YAHOO_URL"] = url
        os.environ["XDG_CACHE_HOME"] = str(Path(temporary) / "cache")
        # Imported here, so that no child spends its life importing.
        for module in ("run", "restore", "yahoo"):
            import_module(f"helpers.data.refresh.{module}")

        folder = early_data(Path(temporary) / "data")
        assert verify(folder).ok
        with using_data_dir(folder):
            assert set(data_as_of(SYMBOLS).ends.values()) == {CUT}
        returns_of(folder, "0981.HK")  # builds Hong Kong's calendar
        seen = kill_refreshes(times, folder, seed)
        main(["restore", "--data", str(folder)])
        return seen + kill_writers(times, folder, seed)


if __name__ == "__main__":
    asked = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    began = time.monotonic()
    for what, number in kill_all_sorts(asked, seed=7).items():
        print(f"{number:5} {what}")
    print(f"{time.monotonic() - began:5.0f} s; the data verified after every one.")
