"""What the chapters came to, as they recorded it when they were last executed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from helpers.errors import HelpersError

RESULTS_FILE = "results.json"


def load_results() -> dict[str, Any]:
    """Return what the chapters recorded, by notebook: read where they are.

    Returns
    -------
    dict
        Notebook (its file name without ending) -> what it kept: ``answer``,
        ``numbers``, ``claims`` and ``p_values``.

    Raises
    ------
    HelpersError
        If the file is missing or no JSON.
    """
    try:
        found: dict[str, Any] = json.loads(Path(RESULTS_FILE).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise HelpersError(
            f"{RESULTS_FILE} cannot be read ({error}): `make` writes it as the "
            "chapters run."
        ) from None
    return found
