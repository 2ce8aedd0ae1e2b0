"""Checking refreshed prices, by the rules that the bundled ones keep."""

from __future__ import annotations

from pathlib import Path

from helpers.data.faults import Fault
from helpers.data.files import MANIFEST_NAME, read_with_entry
from helpers.data.instruments import load_instruments
from helpers.data.prices import check_table, prices_path
from helpers.data.refreshed import REFRESHED_NAME, refreshed_manifest
from helpers.errors import DataError


def check_refreshed(folder: Path) -> tuple[int, int, list[Fault], list[str]]:
    """Check the refreshed data that are in force.

    Parameters
    ----------
    folder : Path
        Data folder, which must be the one in force.

    Returns
    -------
    files, rows : int
        Refreshed price files and their rows.
    faults : list of Fault
        What is wrong with them.
    notes : list of str
        What is no fault.
    """
    try:
        manifest = refreshed_manifest(folder)
        instruments = load_instruments()
    except DataError as error:
        return 0, 0, [Fault(f"{REFRESHED_NAME}/{MANIFEST_NAME}", str(error))], []
    if manifest is None:
        return 0, 0, [], []
    rows = 0
    faults = []
    owned = {prices_path(symbol): symbol for symbol in instruments.index}
    for name, entry in manifest["files"].items():
        where = f"{REFRESHED_NAME}/{entry['stored']}"
        if name not in owned:
            faults.append(Fault(where, "belongs to no symbol of instruments.csv."))
            continue
        try:
            table, found = check_table(owned[name], *read_with_entry(name))
        except DataError as error:
            faults.append(Fault(where, str(error)))
            continue
        rows += len(table)
        faults += [
            Fault(where, fault.problem, fault.row, fault.field) for fault in found
        ]
    for row in manifest["instruments"]:
        if prices_path(row["symbol"]) not in manifest["files"]:
            problem = f"has no prices of {row['symbol']}, which was added."
            faults.append(Fault(f"{REFRESHED_NAME}/{MANIFEST_NAME}", problem))
    return len(manifest["files"]), rows, faults, _leftovers(folder, manifest["files"])


def _leftovers(folder: Path, files: dict[str, dict[str, str]]) -> list[str]:
    listed = {entry["stored"] for entry in files.values()}
    refreshed = folder / REFRESHED_NAME
    names = [path.relative_to(refreshed).as_posix() for path in refreshed.rglob("*.*")]
    count = len([name for name in names if name not in {*listed, MANIFEST_NAME}])
    if not count:
        return []
    return [
        f"{count} file(s) in {REFRESHED_NAME} are left of a refresh that was cut "
        "short: harmless, the next one clears them away."
    ]
