"""The overview of all verdicts without running every chapter again."""

from __future__ import annotations

from helpers.evidence.claims import Overview, overview_of, stored_overview
from helpers.notebooks.files import notebooks_dir
from helpers.notebooks.prose import read_results


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
