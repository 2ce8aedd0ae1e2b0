"""The chapters: which there are, what each computes, and all of them at once.

A chapter is registered here and nowhere else: the file of results, the verdicts and
the overview are made from this list.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from helpers.evidence.verdict import Verdict
from helpers.evidence.wording import Figures


class Findings(Protocol):
    """What a chapter's findings have in common; verdicts are optional."""

    @property
    def figures(self) -> Figures:
        """Every number that the chapter's sentences state."""

    @property
    def answer(self) -> str:
        """The chapter's question answered in one sentence."""


@dataclass(frozen=True)
class Chapter:
    """One notebook and what it is computed from.

    Attributes
    ----------
    key : str
        Its name in the file of results.
    notebook : str
        File in the folder of notebooks.
    compute : callable
        Runs the chapter's studies on the data at hand.
    surveys : bool
        Whether it is about the other chapters: `compute` is then given their
        readings, and runs after them.
    """

    key: str
    notebook: str
    compute: Callable[..., Findings]
    surveys: bool = False


@dataclass(frozen=True)
class Reading:
    """What a chapter came to, without the studies behind it.

    Attributes
    ----------
    figures : dict of name to ``{"value": ..., "text": ...}``
    answer : str
    verdicts : dict of claim_id to Verdict
    """

    figures: dict[str, dict[str, Any]]
    answer: str
    verdicts: dict[str, Verdict] = field(default_factory=dict)


def _the_data() -> Findings:
    from helpers.evidence.the_data import TheData
    from helpers.evidence.the_data_findings import the_data_findings

    return the_data_findings(TheData())


def _late_august() -> Findings:
    from helpers.evidence.late_august import LateAugust
    from helpers.evidence.late_august_findings import late_august_findings

    return late_august_findings(LateAugust())


def _inside_the_day() -> Findings:
    from helpers.evidence.inside_the_day import InsideTheDay
    from helpers.evidence.inside_the_day_findings import inside_the_day_findings

    return inside_the_day_findings(InsideTheDay())


def _export_controls() -> Findings:
    from helpers.evidence.export_controls import ExportControls
    from helpers.evidence.export_controls_findings import export_controls_findings

    return export_controls_findings(ExportControls())


def _domestic_alternatives() -> Findings:
    from helpers.evidence.accelerators import Accelerators
    from helpers.evidence.domestic_alternatives import DomesticAlternatives
    from helpers.evidence.domestic_findings import domestic_findings
    from helpers.evidence.ecosystem import Ecosystem

    return domestic_findings(DomesticAlternatives(), Accelerators(), Ecosystem())


def _beijings_policy() -> Findings:
    from helpers.evidence.beijing import Beijing
    from helpers.evidence.beijing_findings import beijing_findings

    return beijing_findings(Beijing())


def _global_semiconductors() -> Findings:
    from helpers.evidence.global_semiconductors import GlobalSemiconductors
    from helpers.evidence.global_semiconductors_findings import global_findings

    return global_findings(GlobalSemiconductors())


def _parallel_ecosystems() -> Findings:
    from helpers.evidence.parallel_ecosystems import ParallelEcosystems
    from helpers.evidence.parallel_ecosystems_findings import parallel_findings

    return parallel_findings(ParallelEcosystems())


def _how_sure(readings: Mapping[str, Reading]) -> Findings:
    from helpers.evidence.claims import decide
    from helpers.evidence.how_sure import HowSure
    from helpers.evidence.how_sure_findings import how_sure_findings

    verdicts = {claim_id: one.word for claim_id, one in decide(readings).items()}
    chapters = {key: reading.figures for key, reading in readings.items()}
    return how_sure_findings(HowSure(verdicts, chapters, jobs=at_once()))


def _what_happened_next() -> Findings:
    from helpers.evidence.what_next import WhatNext, tool_study
    from helpers.evidence.what_next_findings import what_next_findings

    return what_next_findings(WhatNext(), tool_study())


CHAPTERS = (
    Chapter("the-data", "01-the-data.ipynb", _the_data),
    Chapter("late-august", "02-late-august.ipynb", _late_august),
    Chapter("inside-the-day", "03-inside-the-day.ipynb", _inside_the_day),
    Chapter("export-controls", "04-export-controls.ipynb", _export_controls),
    Chapter(
        "domestic-alternatives",
        "05-domestic-alternatives.ipynb",
        _domestic_alternatives,
    ),
    Chapter("beijings-policy", "06-beijings-policy.ipynb", _beijings_policy),
    Chapter(
        "global-semiconductors",
        "07-global-semiconductors.ipynb",
        _global_semiconductors,
    ),
    Chapter(
        "parallel-ecosystems", "08-parallel-ecosystems.ipynb", _parallel_ecosystems
    ),
    Chapter("how-sure", "09-how-sure-are-we.ipynb", _how_sure, surveys=True),
    Chapter("what-happened-next", "10-what-happened-next.ipynb", _what_happened_next),
)


def at_once() -> int:
    """Processes that the studies may use: two, or one on a single processor."""
    return min(2, os.cpu_count() or 1)


def read_chapter(
    chapter: Chapter, readings: Mapping[str, Reading] | None = None
) -> Reading:
    """Run one chapter's studies and keep what they come to.

    Parameters
    ----------
    chapter : Chapter
    readings : dict of chapter key to Reading
        Those of the other chapters, for a chapter that surveys them.
    """
    found = chapter.compute(readings) if chapter.surveys else chapter.compute()
    verdicts: Mapping[str, Verdict] = getattr(found, "verdicts", {})
    return Reading(found.figures.entries, found.answer, dict(verdicts))


def read_studies(processes: int | None = None) -> dict[str, Reading]:
    """Run the studies of every chapter that stands by itself.

    Parameters
    ----------
    processes : int, optional
        How many chapters to run at a time; by default :func:`at_once`.

    Returns
    -------
    dict of chapter key to Reading
        In the order of the book, without the chapters that survey the others.
    """
    from joblib import Parallel, delayed

    alone = [one for one in CHAPTERS if not one.surveys]
    tasks = (delayed(read_chapter)(one) for one in alone)
    found = Parallel(n_jobs=processes or at_once())(tasks)
    return {one.key: reading for one, reading in zip(alone, found, strict=True)}


def read_chapters(processes: int | None = None) -> dict[str, Reading]:
    """Run every chapter's studies, then the chapters that survey them.

    Parameters
    ----------
    processes : int, optional
        As for :func:`read_studies`.

    Returns
    -------
    dict of chapter key to Reading
        In the order of the book.
    """
    found = read_studies(processes)
    for chapter in CHAPTERS:
        if chapter.surveys:
            found[chapter.key] = read_chapter(chapter, found)
    return {one.key: found[one.key] for one in CHAPTERS}
