"""The way back from refreshed to bundled prices."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from helpers.data.files import using_data_dir
from helpers.data.instruments import unknown_symbol
from helpers.data.ledger import load_earnings, load_ledger
from helpers.data.lock import only_one
from helpers.data.refresh.write import take_back
from helpers.data.refreshed import REFRESHED_NAME, refreshed_manifest
from helpers.errors import DataError


def restore(
    symbols: Sequence[str] | None = None, *, data: Path | str | None = None
) -> list[str]:
    """Return to the bundled prices, and forget instruments that were added.

    Parameters
    ----------
    symbols : sequence of str, optional
        Only these; default all that were refreshed or added.
    data : Path or str, optional
        Data folder; default :func:`helpers.data.files.data_dir`.

    Returns
    -------
    list of str
        The symbols that came back.

    Raises
    ------
    DataError
        If a symbol was not refreshed, the ledger names an instrument that was
        added, or another command is changing the folder. Nothing was changed.
    """
    with using_data_dir(data) as folder, only_one(folder):
        try:
            manifest = refreshed_manifest(folder)
        except DataError:
            if symbols is not None:
                raise
            take_back(folder)
            return []
        if manifest is None:
            if symbols is None:
                take_back(folder)
                return []
            raise DataError(
                f"There is no {REFRESHED_NAME} data in force: nothing to restore."
            )
        known = [entry["symbol"] for entry in manifest["files"].values()]
        for symbol in symbols or ():
            if symbol not in known:
                raise DataError(
                    f"{symbol} was not refreshed. {unknown_symbol(symbol, known)}"
                )
        chosen = known if symbols is None else list(symbols)
        added = {row["symbol"] for row in manifest["instruments"]}
        _check_ledger(added.intersection(chosen))
        take_back(folder, None if symbols is None else chosen)
        return chosen


def _check_ledger(leaving: set[str]) -> None:
    """Refuse to leave a ledger behind that names unknown instruments."""
    if not leaving:
        return
    try:
        ledger, earnings = load_ledger(), load_earnings()
    except DataError:
        return  # broken already, which the ledger's own messages tell
    users = [
        f"events.csv ({event_id})"
        for event_id, named in ledger["symbols"].items()
        if leaving.intersection(named)
    ]
    if not leaving.isdisjoint(earnings["symbol"]):
        users.append("earnings.csv")
    if users:
        raise DataError(
            f"{', '.join(users)} names {', '.join(sorted(leaving))}, which only the "
            "refreshed data have: take the symbol out there first. Nothing was changed."
        )
