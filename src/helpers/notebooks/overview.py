"""What all chapters came to, without running every one of them again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from helpers.errors import HelpersError
from helpers.evidence.chapters import CHAPTERS
from helpers.evidence.claims import Overview, decide, overview_of, stored_overview
from helpers.notebooks.files import notebooks_dir


def current_overview() -> Overview:
    """Return the verdicts that the chapters' functions give on the data at hand.

    They are taken from ``results.json``, which ``make`` computes with those very
    functions, as long as the data are still the same; otherwise every chapter is run.

    Raises
    ------
    HelpersError
        If the file of results is broken, a claim has no verdict, or a verdict no
        claim.
    """
    stored = read_results(notebooks_dir() / "results.json").get("overview", {})
    found = stored_overview(stored)
    if found is None:
        from helpers.evidence.chapters import read_chapters

        found = overview_of(read_chapters())
    return found


def recorded_chapters() -> tuple[dict[str, str], dict[str, dict[str, Any]]]:
    """Return every verdict's word and every chapter's numbers, surveys aside.

    As :func:`current_overview`: from ``results.json`` as long as the data are the
    same, otherwise from the chapters' studies themselves.

    Returns
    -------
    verdicts : dict of claim_id to word
    chapters : dict of chapter key to name to ``{"value": ..., "text": ...}``
    """
    stored = read_results(notebooks_dir() / "results.json")
    found = stored_overview(stored.get("overview", {}))
    alone = [one.key for one in CHAPTERS if not one.surveys]
    if found is not None and all(key in stored for key in alone):
        return dict(found.claims["word"]), {key: stored[key] for key in alone}
    from helpers.evidence.chapters import read_studies

    readings = read_studies()
    words = {claim_id: one.word for claim_id, one in decide(readings).items()}
    return words, {key: reading.figures for key, reading in readings.items()}


def read_results(path: Path) -> dict[str, Any]:
    """Return the results that code has written, or none if there is no such file.

    Parameters
    ----------
    path : Path
        ``notebooks/results.json``.

    Raises
    ------
    HelpersError
        If the file is not a JSON object of objects.
    """
    if not path.is_file():
        return {}
    try:
        results = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise HelpersError(f"{path.name} is not valid JSON: {error}") from error
    if not isinstance(results, dict) or not all(
        isinstance(entries, dict) for entries in results.values()
    ):
        raise HelpersError(
            f"{path.name} must map chapters to results: run the notebooks again."
        )
    return results
