"""Kill refreshes at random moments, and look at what is left on disk.

As a program, ``python tests/refresh_kills.py 200`` kills that many refreshes, and
that many processes that only write, and prints what came of it.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from importlib import import_module
from io import StringIO
from pathlib import Path

from data_folder import DATA, read_from
from refresh_tools import CUT, END, SYMBOLS, early_data, returns_of

from helpers.cli import main
from helpers.data.as_of import data_as_of
from helpers.data.event_entry import add_event, remove_event
from helpers.data.files import read_verified, using_data_dir
from helpers.data.ledger import load_ledger, load_sources
from helpers.data.lock import only_one
from helpers.data.prices import prices_path
from helpers.data.replacement import write_atomic
from helpers.data.snapshot import snapshot_at
from helpers.data.verify import verify
from helpers.errors import DataError
from helpers.refresh.store import restore, save

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


def kill(command: Sequence[str], folder: Path, within: float) -> bool:
    """Run a command and kill it within some seconds; tell whether it ran that long."""
    child = run_in_child(folder, *command)
    time.sleep(within)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert status in (0, signal.SIGKILL), f"exit status {status}"
    return status == signal.SIGKILL


def kill_refreshes(times: int, folder: Path, seed: int) -> Counter[str]:
    """Kill a refresh, or every third time a restore, at a random moment.

    Raises
    ------
    AssertionError
        If the data do not verify, or are neither as they were nor wholly new.
    """
    chance = random.Random(seed)
    old = contents(folder)
    started = time.monotonic()
    os.waitpid(run_in_child(folder, *REFRESH), 0)
    whole = time.monotonic() - started
    new = contents(folder)
    assert all(new[symbol] != old[symbol] for symbol in SYMBOLS)
    seen: Counter[str] = Counter()
    for number in range(times):
        if number % 3 == 2:
            killed = kill(["restore"], folder, chance.uniform(0, 0.05))
        else:
            restore(data=folder)
            killed = kill(REFRESH, folder, chance.uniform(0, 1.1 * whole))
        seen["killed" if killed else "ended before"] += 1
        report = verify(folder)
        assert report.ok, f"after {number + 1} kills: {report}"
        found = contents(folder)
        assert found in (old, new)
        seen["new prices in force"] += found == new
    return seen


def kill_writers(times: int, folder: Path, seed: int) -> Counter[str]:
    """Kill a process that does nothing but put one of two states in force.

    Raises
    ------
    AssertionError
        If the data do not verify, or the state is neither of the two.
    """
    chance = random.Random(seed)
    states = []
    for until in ("2026-07-31", END):
        command = ("refresh", "--symbols", "NVDA", "--until", until, "--pause", "0")
        os.waitpid(run_in_child(folder, *command), 0)
        states.append((snapshot_at(folder), contents(folder)))
    seen: Counter[str] = Counter()
    for _ in range(times):
        child = os.fork()
        if not child:
            while True:
                for snapshot, _ in states:
                    save(folder, snapshot)
        time.sleep(chance.uniform(0, 0.1))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        report = verify(folder)
        assert report.ok, str(report)
        assert contents(folder) in [state for _, state in states]
        seen["writers killed"] += 1
        seen["files left over"] += len(list(folder.glob(".*.tmp")))
        with only_one(folder):
            assert not list(folder.glob(".*.tmp"))
    return seen


def kill_additions(times: int, folder: Path, seed: int) -> Counter[str]:
    """Kill a process that adds an event and takes it out, over and over.

    Raises
    ------
    AssertionError
        If the ledger cannot be read, has another event more or less, or is not in
        order after the next command.
    """
    chance = random.Random(seed)
    known = set(read_from(folder, load_ledger).index)
    event = {
        "event_id": "killed-event",
        "announced_at": "2025-11-20T16:20",
        "title": "An event",
        "actor": "markets",
        "timezone": "America/New_York",
        "type": "macro",
        "confounder": "true",
    }
    seen: Counter[str] = Counter()
    for _ in range(times):
        child = os.fork()
        if not child:
            while True:
                with suppress(DataError):  # left of the kill before
                    remove_event("killed-event", data=folder)
                add_event(event, {"publisher": "P", "title": "T"}, data=folder)
        time.sleep(chance.uniform(0.1, 0.4))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        there = set(read_from(folder, load_ledger).index) - known
        assert there <= {"killed-event"}
        sourced = set(read_from(folder, load_sources)["event_id"])
        assert set(read_from(folder, load_ledger).index) == sourced
        seen["additions killed"] += 1
        seen["events there after it"] += len(there)
    with suppress(DataError):
        remove_event("killed-event", data=folder)
    add_event(event | {"event_id": "another"}, {"publisher": "P", "title": "T"},
              data=folder)  # fmt: skip
    assert verify(folder).ok, str(verify(folder))
    return seen


def kill_notebook_writers(times: int, folder: Path, seed: int) -> Counter[str]:
    """Kill a process that stores one of two states of a notebook, as ``run`` does.

    Raises
    ------
    AssertionError
        If the file is neither of the two.
    """
    chance = random.Random(seed)
    states = [f'{{"cells": [{n}]}}'.encode() * 200_000 for n in range(2)]
    path = folder / "notebook.ipynb"
    write_atomic(path, states[0])
    seen: Counter[str] = Counter()
    for _ in range(times):
        child = os.fork()
        if not child:
            while True:
                for state in states:
                    write_atomic(path, state)
        time.sleep(chance.uniform(0, 0.1))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        assert path.read_bytes() in states
        seen["writers of notebooks killed"] += 1
    return seen


def kill_all_sorts(times: int, seed: int) -> Counter[str]:
    """Kill refreshes and writers in a fresh folder, with a server beside them."""
    os.environ.pop("HELPERS_BUNDLED", None)
    with tempfile.TemporaryDirectory() as temporary, server_process() as url:
        os.environ["HELPERS_YAHOO_URL"] = url
        os.environ["XDG_CACHE_HOME"] = str(Path(temporary) / "cache")
        # Imported here, so that no child spends its life importing.
        import_module("helpers.refresh.yahoo")
        folder = early_data(Path(temporary) / "data")
        assert verify(folder).ok
        with using_data_dir(folder):
            assert set(data_as_of(SYMBOLS).ends.values()) == {CUT}
        returns_of(folder, "0981.HK")  # builds Hong Kong's calendar
        seen = kill_refreshes(times, folder, seed)
        main(["restore", "--data", str(folder)])
        seen += kill_writers(times, folder, seed)
        seen += kill_additions(times, folder, seed)
        return seen + kill_notebook_writers(times, Path(temporary), seed)


if __name__ == "__main__":
    asked = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    began = time.monotonic()
    for what, number in kill_all_sorts(asked, seed=7).items():
        print(f"{number:5} {what}")
    print(f"{time.monotonic() - began:5.0f} s; the data verified after every one.")
