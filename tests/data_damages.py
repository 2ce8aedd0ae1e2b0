"""Damage a file of the data at random, and look at what verify and the loaders say.

As a program, ``python tests/data_damages.py 2000`` does so that many times and prints
what came of it.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
from data_folder import DATA, copy_few, edit_manifest

from helpers.data.factors import FACTORS_FILE, load_factors
from helpers.data.files import read_manifest, using_data_dir
from helpers.data.intraday import load_bars
from helpers.data.ledger import load_ledger
from helpers.data.prices import load_returns
from helpers.data.verify import verify
from helpers.errors import HelpersError

SYMBOLS = ("NVDA", "0981.HK", "TSM", "^GSPC", "^SOX", "^HSI")
BARS = "intraday/TSM.parquet"
HASHED = ("prices/NVDA.csv", "prices/0981.HK.csv", BARS, FACTORS_FILE)
BY_HAND = ("events.csv", "sources.csv", "claims.csv", "instruments.csv",
           "annotations.csv", "chips.csv")  # fmt: skip


def spoil_a_byte(chance: random.Random, content: bytes) -> bytes:
    """Turn one bit over."""
    spoiled = bytearray(content)
    spoiled[chance.randrange(len(spoiled))] ^= 1 << chance.randrange(8)
    return bytes(spoiled)


def cut_off(chance: random.Random, content: bytes) -> bytes:
    """Lose the end."""
    return content[: chance.randrange(len(content))]


def swap_parts(chance: random.Random, content: bytes) -> bytes:
    """Put the end before the start."""
    first, second = sorted(chance.randrange(len(content)) for _ in range(2))
    return content[second:] + content[first:second] + content[:first]


def overwrite(chance: random.Random, content: bytes) -> bytes:
    """Write something else over a stretch."""
    start = chance.randrange(len(content))
    return content[:start] + chance.randbytes(chance.randrange(1, 99)) + content[start:]


DAMAGES = (spoil_a_byte, cut_off, swap_parts, overwrite)
LOADERS: dict[str, Callable[[], Any]] = {
    "prices": lambda: load_returns(["NVDA", "0981.HK"]),
    "bars": lambda: load_bars("TSM"),
    "factors": lambda: load_factors("ff5"),
    "ledger": load_ledger,
}


def loaded(folder: Path) -> dict[str, Any]:
    """Return what each loader gives: a table, or the name of an error of ours."""
    found: dict[str, Any] = {}
    with using_data_dir(folder):
        for name, load in LOADERS.items():
            try:
                found[name] = load()
            except HelpersError as error:
                found[name] = type(error).__name__
    return found


def damage(times: int, folder: Path, seed: int) -> Counter[str]:
    """Damage files of a sound folder one after the other, and mend them again.

    Raises
    ------
    AssertionError
        If a loader gives other numbers from a file that is listed by its hash, or from
        any that verify has no fault to find with; if verify does not name such a file.
    """
    chance, sound = random.Random(seed), loaded(folder)
    seen: Counter[str] = Counter()
    for number in range(times):
        files = ("manifest.json", *HASHED, *BY_HAND)
        file = files[number % len(files)]
        whole = (folder / file).read_bytes()
        spoiled = chance.choice(DAMAGES)(chance, whole)
        (folder / file).write_bytes(spoiled)
        try:
            report = verify(folder)  # no traceback, whatever it is
            names = " ".join(map(str, report.faults))
            if file in HASHED and spoiled != whole:
                assert file in names, f"{file} is not named after damage {number}"
            for name, given in loaded(folder).items():
                if isinstance(given, pd.DataFrame) and (report.ok or file in HASHED):
                    is_text = name == "ledger" and file in BY_HAND
                    assert is_text or given.equals(sound[name]), f"{file}, {number}"
        finally:
            (folder / file).write_bytes(whole)
        kind = file if file == "manifest.json" else file.partition("/")[0]
        seen[f"{kind}: {'no fault, no harm' if report.ok else 'named'}"] += 1
    assert verify(folder).ok
    return seen


def small_data(target: Path) -> Path:
    """Return a data folder of a few symbols, with the bars of one of them."""
    folder = copy_few(target, SYMBOLS)
    (folder / BARS).parent.mkdir()
    (folder / BARS).write_bytes((DATA / BARS).read_bytes())
    with using_data_dir(DATA):
        entry = read_manifest()["files"][BARS]
    edit_manifest(folder, lambda entries: entries.update({BARS: entry}))
    return folder


if __name__ == "__main__":
    asked = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as temporary:
        counted = damage(asked, small_data(Path(temporary) / "data"), seed=7)
    for what, count in sorted(counted.items()):
        print(f"{count:5} {what}")
    print(f"{time.monotonic() - began:5.0f} s")
