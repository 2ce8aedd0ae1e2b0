"""Killed, out of disk, twice at once, read-only: the data stay whole."""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from refresh_tools import CUT, END, SYMBOLS, files_of
from yahoo_server import Fault, YahooServer

from helpers.data.files import using_data_dir
from helpers.data.lock import only_one
from helpers.data.prices import load_prices
from helpers.data.verify import verify
from helpers.errors import DataError
from helpers.refresh.fetch import Patience
from helpers.refresh.run import refresh
from helpers.refresh.store import restore

pytest_plugins = ["refresh_fixtures"]

HERE = Path(__file__).parent
DROP_FROM_BOUNDING_SET, DAC_OVERRIDE = 24, 1


def command_line(folder: Path, *symbols: str) -> list[str]:
    return [
        *(sys.executable, "-m", "helpers", "refresh", "--pause", "0"),
        *("--until", END, "--data", str(folder), "--symbols", *symbols),
    ]


def run_refresh(
    folder: Path, *symbols: str, before: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command_line(folder, *symbols),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=before,
    )


def test_killed_at_random_moments() -> None:
    """Five refreshes here; ``python tests/refresh_kills.py 200`` kills 200."""
    environment = {k: v for k, v in os.environ.items() if k != "HELPERS_BUNDLED"}
    done = subprocess.run(
        [sys.executable, str(HERE / "refresh_kills.py"), "5"],
        env=environment | {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "the data verified after every one" in done.stdout
    assert "5 writers killed" in done.stdout
    assert "5 additions killed" in done.stdout
    assert "5 writers of notebooks killed" in done.stdout


@pytest.fixture
def small_disk(folder: Path, tmp_path: Path) -> Iterator[Path]:
    """The data folder on a disk with no room for refreshed prices."""
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    disk = tmp_path / "disk"
    disk.mkdir()
    # A page more for each file and folder, since a page is the least they take.
    room = size + 4096 * (len(list(folder.rglob("*"))) + 4) + 50_000
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={room}", "tmpfs", str(disk)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("a tmpfs cannot be mounted here; the file-size limit is tested")
    try:
        yield Path(shutil.copytree(folder, disk / "data"))
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_disk_full(small_disk: Path, yahoo: YahooServer) -> None:
    before = files_of(small_disk)
    with pytest.raises(DataError, match=r"Cannot write refreshed\.zip: No space left"):
        refresh(SYMBOLS, until=END, data=small_disk, patience=Patience(pause=0))
    assert files_of(small_disk) == before
    assert verify(small_disk).ok


def test_files_that_may_not_grow(folder: Path, yahoo: YahooServer) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (45_000, 45_000))

    before = files_of(folder)
    done = run_refresh(folder, "NVDA", "AMD", before=limit)
    assert done.returncode == 2
    assert done.stderr.startswith("error: Cannot write refreshed.zip: File too large")
    assert files_of(folder) == before
    assert verify(folder).ok


def test_read_only_folder(folder: Path, yahoo: YahooServer) -> None:
    def be_a_mere_mortal() -> None:
        # Root may write everywhere unless it gives that up.
        ctypes.CDLL(None).prctl(DROP_FROM_BOUNDING_SET, DAC_OVERRIDE, 0, 0, 0)

    before = files_of(folder)
    folder.chmod(0o555)
    try:
        done = run_refresh(folder, "NVDA", before=be_a_mere_mortal)
    finally:
        folder.chmod(0o755)
    assert done.returncode == 2
    assert done.stderr.startswith("error: The data folder cannot be written to")
    assert yahoo.asked == []
    assert files_of(folder) == before
    assert verify(folder).ok


def test_two_at_once(folder: Path, yahoo: YahooServer) -> None:
    yahoo.faults["*"] = Fault(delay=0.5)
    commands = [command_line(folder, "NVDA", "AMD", "MSFT") for _ in range(2)]
    running = [
        subprocess.Popen(c, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for c in commands
    ]
    said = [process.communicate() for process in running]
    codes = [process.returncode for process in running]
    assert sorted(codes) == [0, 2]
    refused = said[codes.index(2)][1]
    assert refused.startswith("error: Another command is changing this data folder")
    assert "new prices: 3" in said[codes.index(0)][0]
    assert yahoo.asked.count("NVDA") == 1
    assert verify(folder).ok


def test_a_held_folder_is_not_changed(folder: Path, yahoo: YahooServer) -> None:
    before = files_of(folder)
    with only_one(folder):
        for change in (refresh, restore):
            with pytest.raises(DataError, match="Another command is changing"):
                change(["NVDA"], data=folder)
    assert yahoo.asked == []
    assert files_of(folder) == before
    with only_one(folder):
        pass


def test_readers_beside_a_refresh_see_old_or_new(
    folder: Path, yahoo: YahooServer
) -> None:
    seen: list[str] = []
    failures: list[Exception] = []
    done = threading.Event()

    def read() -> None:
        with using_data_dir(folder):
            while not done.is_set():
                try:
                    prices = load_prices("NVDA")
                except Exception as error:
                    failures.append(error)
                    return
                seen.append(str(prices.index[-1].date()))

    def be_read() -> None:
        enough = len(seen) + 2
        while len(seen) < enough and reader.is_alive():
            time.sleep(0.005)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for _ in range(4):
            be_read()
            for until in ("2026-07-31", END):
                refresh(["NVDA"], until=until, data=folder, patience=Patience(pause=0))
                be_read()
            restore(data=folder)
    finally:
        done.set()
        reader.join()
    assert failures == []
    assert set(seen) == {CUT, "2026-07-31", END}
