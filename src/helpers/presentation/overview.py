"""The figure and the texts of the overview."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.evidence.chapters import CHAPTERS
from helpers.evidence.claims import SURVEY, Overview
from helpers.evidence.how_sure_words import STRENGTHS
from helpers.evidence.verdict import WORDS
from helpers.presentation.scoreboard import scoreboard

Plate = dict[str, Any]
SURVEY_NOTEBOOK = next(one.notebook for one in CHAPTERS if one.key == SURVEY)


def heading(chapter: str) -> str:
    """A chapter's name as a heading."""
    return chapter[0].upper() + chapter[1:]


def verdicts(overview: Overview) -> Plate:
    """The scoreboard of all claims."""
    table, figures = overview.claims, overview.figures
    rows = pd.DataFrame(
        {
            "group": table["chapter"].map(heading),
            "label": table["claim"],
            "word": table["word"],
            "others": table["others"].map(lambda others: list(others.values())),
            "note": [
                f"{row.verified} of {row.events}" for row in table.itertuples()
            ],
            "strength": table["strength"],
        }
    )  # fmt: skip
    whole = "none holds" if figures["supported"] == "0" else None
    title = (
        f"Of {figures['claims']} claims {whole or figures['supported'] + ' hold'} in "
        "full, "
        f"{figures['partly supported']} in part and {figures['do_not_hold']} not"
    )
    counts = "; ".join(f"{word} {figures[word]}" for word in WORDS)
    listed = ". ".join(
        f"{word.capitalize()}: {', '.join(table.index[table['word'] == word])}"
        for word in WORDS
        if figures[word] != "0"
    )
    return {
        "fig": scoreboard(rows, WORDS, title=title),
        "caption": (
            "Verdicts by chapter, chosen by code from the criteria that stand in the "
            "chapter. A circle around a mark is a second reading by another "
            "chapter, with other data; the chapter named by the list of claims "
            "decides. Right: how many of the events that a claim names are verified; "
            "those that are not decide nothing alone. How sure: whether the verdict "
            "survives other defensible choices, from the chapter on that question."
        ),
        "alt": (
            f"Table of {len(table)} claims by five verdicts with one mark a row. "
            f"{counts}. {listed}."
        ),
    }


def claims_text(overview: Overview) -> str:
    """Every claim with verdict, evidence, what it rests on, and where to read on."""
    parts = []
    for (chapter, notebook), rows in overview.claims.groupby(
        ["chapter", "notebook"], sort=False
    ):
        parts.append(f"### [{heading(str(chapter))}]({notebook})")
        parts += [_claim(row) for row in rows.itertuples()]
    return "\n\n".join(parts)


def _claim(row: Any) -> str:
    second = "".join(
        f" Second reading in [{file.removesuffix('.ipynb')}]({file}): {word}."
        for file, word in row.others.items()
    )
    return (
        f"**{row.word.capitalize()}.** {row.claim}.  \n"
        f"{row.sentence}  \n"
        f"*Strength: rests on {row.rests_on}; {row.verified} of {row.events} events "
        f"verified. How sure: [{row.strength}]({SURVEY_NOTEBOOK}).*"
        f"{second}"
    )


def chapters_text(overview: Overview) -> str:
    """What each chapter found, in its own sentence."""
    return "\n".join(
        f"- [{notebook.removesuffix('.ipynb')}]({notebook}): {answer}"
        for notebook, answer in overview.answers.items()
    )


def second_readings(overview: Overview) -> str:
    """How often another chapter reads a claim alike."""
    figures = overview.figures
    return (
        f"{figures['judged_twice']} claims are judged by two chapters, with daily and "
        f"with five-minute prices; {figures['judged_twice_alike']} of them alike."
    )


def strengths(overview: Overview) -> str:
    """How many verdicts survive other choices, and where that is shown."""
    figures = overview.figures
    counts = ", ".join(
        f"{figures[f'strength: {word}']} {word}"
        for word in STRENGTHS
        if f"strength: {word}" in figures.entries
    )
    return (
        "Chapter nine asks every verdict again under other defensible choices "
        f"([{SURVEY_NOTEBOOK.removesuffix('.ipynb')}]({SURVEY_NOTEBOOK})). Of "
        f"{figures['claims']} verdicts: {counts}."
    )
