"""The one file of results: every number that prose, titles and README state."""

from __future__ import annotations

from typing import Any

from helpers.evidence.chapters import read_chapters
from helpers.evidence.claims import overview_of

Results = dict[str, dict[str, dict[str, Any]]]


def all_results() -> tuple[Results, dict[str, str]]:
    """Compute every chapter's numbers and its answer from the data at hand.

    A chapter is registered in :mod:`helpers.evidence.chapters`.

    Returns
    -------
    results : dict of chapter to name to ``{"value": ..., "text": ...}``
    answers : dict of chapter to the chapter's answer in one sentence
    """
    readings = read_chapters()
    overview = overview_of(readings)
    results = {key: reading.figures for key, reading in readings.items()}
    answers = {key: reading.answer for key, reading in readings.items()}
    return (
        {"overview": overview.figures.entries, **results},
        {"overview": overview.answer, **answers},
    )
