"""The article's claims and the verdict on each, collected from the chapters.

Two chapters may judge one claim. ``data/claims.csv`` names, for every claim, the
chapter that decides; that choice was made with the list of claims, before any
result. What another chapter says of it stands beside the verdict as a second
reading and changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from helpers.data.files import data_dir
from helpers.data.ledger import load_claims, load_ledger
from helpers.errors import HelpersError
from helpers.evidence.chapters import CHAPTERS, Reading, read_chapters
from helpers.evidence.verdict import WORDS, Verdict
from helpers.evidence.wording import Figures

# What the verdict on each claim rests on, in kind; how many events, is counted.
RESTS_ON: Mapping[str, str] = {
    "nvidia-dip": "one announcement and one share",
    "dip-is-signal": "two dates and one share",
    "pressure-accelerates": "many announcements, and suppliers' revenue",
    "deepseek-rival": "one date and one share",
    "deepseek-domestic": "releases and reports, and shares on a few dates",
    "huawei-roadmap": "one published plan, and shares on its date",
    "restrictions-innovate": "documents alone",
    "ecosystem-investment": "listings, revenue, and prices since two dates",
    "beijing-guidance": "a few announcements",
    "state-funding": "documents, and shares on one date",
    "us-exposure": "many announcements, and filings",
    "china-determined": "filings and market estimates",
    "global-fragmentation": "years of daily co-movement",
    "parallel-ecosystems": "years of daily co-movement",
    "domestic-manufacturing": "criteria scored after publication",
    "equipment-software-bottleneck": "a few announcements",
    "how-quickly": "criteria scored after publication",
}
_PARTS = ("word", "sentence", "others", "strength")
SURVEY = "how-sure"
_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")


@dataclass(frozen=True)
class Overview:
    """Every claim with its verdict, and every chapter's answer.

    Attributes
    ----------
    claims : DataFrame
        By ``claim_id``, in the order of the book: ``chapter`` (as the claims table
        names it), ``notebook`` (file), ``claim``, ``word``, ``sentence``,
        ``rests_on``, ``others`` (second readings: dict of notebook to word),
        ``strength`` (whether the verdict survives the survey of choices),
        ``events`` and ``verified`` (how many events the claim names, and how many
        of them are verified).
    answers : dict of notebook to the chapter's answer
    figures : Figures
        Every number that the sentences state, and the verdicts themselves.
    answer : str
        The book's answer in a few sentences.
    """

    claims: pd.DataFrame
    answers: dict[str, str]
    figures: Figures
    answer: str


def chapter_key(name: str) -> str:
    """The key of a chapter that the claims table names, such as ``late-august``."""
    return name.lower().replace("'", "").replace(" ", "-")


def chapter_name(key: str) -> str:
    """The name of a chapter of that key, as the claims table gives it."""
    names = {chapter_key(name): str(name) for name in load_claims()["notebook"]}
    return names.get(key, key.replace("-", " "))


def decide(readings: Mapping[str, Reading]) -> dict[str, Verdict]:
    """Pick the verdict that counts for each claim.

    Parameters
    ----------
    readings : dict of chapter key to Reading

    Returns
    -------
    dict of claim_id to Verdict
        In the order of ``data/claims.csv``.

    Raises
    ------
    HelpersError
        If the chapter that must decide a claim gives no verdict on it, or a
        chapter judges what is no claim.
    """
    claims = load_claims()
    decided = {}
    for claim_id, chapter in claims["notebook"].items():
        reading = readings.get(chapter_key(chapter))
        if reading is None or claim_id not in reading.verdicts:
            raise HelpersError(
                f"Claim {claim_id!r} has no verdict: claims.csv leaves it to the "
                f"chapter {chapter!r}, which "
                + ("does not exist." if reading is None else "does not judge it.")
            )
        decided[str(claim_id)] = reading.verdicts[str(claim_id)]
    for key, reading in readings.items():
        for claim_id in reading.verdicts:
            if claim_id not in decided:
                raise HelpersError(
                    f"The chapter {key!r} judges {claim_id!r}, which is no claim of "
                    "claims.csv."
                )
    return decided


def all_verdicts() -> dict[str, Verdict]:
    """Run every chapter and return the verdict on each claim.

    Returns
    -------
    dict of claim_id to Verdict

    Raises
    ------
    HelpersError
        If a claim has no verdict, or a verdict no claim.
    """
    return decide(read_chapters())


def overview_of(readings: Mapping[str, Reading]) -> Overview:
    """Put what the chapters came to into one table.

    Parameters
    ----------
    readings : dict of chapter key to Reading

    Raises
    ------
    HelpersError
        As :func:`decide`, or if the survey of all verdicts leaves one out.
    """
    notebooks = {chapter.key: chapter.notebook for chapter in CHAPTERS}
    rows = []
    for claim_id, verdict in decide(readings).items():
        decides = chapter_key(str(load_claims().at[claim_id, "notebook"]))
        others = {
            notebooks[key]: reading.verdicts[claim_id].word
            for key, reading in readings.items()
            if key != decides and claim_id in reading.verdicts
        }
        strength = _strength(readings, claim_id)
        rows.append((claim_id, verdict.word, verdict.sentence, others, strength))
    answers = {notebooks[key]: reading.answer for key, reading in readings.items()}
    return _assembled(rows, answers)


def _strength(readings: Mapping[str, Reading], claim_id: str) -> str:
    """What the survey of all verdicts says of one."""
    survey = readings.get(SURVEY)
    name = f"{claim_id}: strength"
    if survey is None or name not in survey.figures:
        raise HelpersError(
            f"The chapter {SURVEY!r} does not say whether the verdict on {claim_id!r} "
            "survives."
        )
    return str(survey.figures[name]["value"])


def stored_overview(entries: Mapping[str, Mapping[str, Any]]) -> Overview | None:
    """Rebuild the overview from the file of results, if it is of these data.

    Parameters
    ----------
    entries : mapping of name to ``{"value": ..., "text": ...}``
        What :func:`overview_of` recorded as figures.

    Returns
    -------
    Overview or None
        None if the data have changed since, or an entry is missing.
    """
    values = {name: entry["value"] for name, entry in entries.items()}
    if values.get("data") != data_fingerprint():
        return None
    try:
        rows = [
            (claim_id, *(values[f"{claim_id}: {part}"] for part in _PARTS))
            for claim_id in load_claims().index
        ]
        answers = {c.notebook: values[f"answer: {c.notebook}"] for c in CHAPTERS}
    except KeyError:
        return None
    return _assembled(rows, answers)


def data_fingerprint() -> str:
    """Letters that change whenever a table or a price file changes.

    The manifests hold a hash of every price file; the other tables are read.
    """
    folder = data_dir()
    digest = hashlib.sha256()
    for path in sorted([*folder.glob("*.csv"), *folder.glob("**/manifest.json")]):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    # Letters only: digits would pass for a computed number in the check of prose.
    return digest.hexdigest()[:16].translate(_LETTERS)


def _assembled(
    rows: list[tuple[str, str, str, dict[str, str], str]], answers: dict[str, str]
) -> Overview:
    claims, ledger = load_claims(), load_ledger()
    notebooks = {chapter.key: chapter.notebook for chapter in CHAPTERS}
    records = {}
    for claim_id, word, sentence, others, strength in rows:
        events = list(claims.at[claim_id, "event_ids"])
        chapter = str(claims.at[claim_id, "notebook"])
        if claim_id not in RESTS_ON:
            raise HelpersError(
                f"Claim {claim_id!r} lacks a word on what its verdict rests on: add "
                "it to RESTS_ON in helpers.evidence.claims."
            )
        records[claim_id] = {
            "chapter": chapter,
            "notebook": notebooks[chapter_key(chapter)],
            "claim": claims.at[claim_id, "claim"],
            "word": word,
            "sentence": sentence,
            "rests_on": RESTS_ON[claim_id],
            "others": others,
            "strength": strength,
            "events": len(events),
            "verified": int((ledger.loc[events, "verification"] == "verified").sum()),
        }
    table = pd.DataFrame.from_dict(records, orient="index").rename_axis("claim_id")
    table = table.sort_values("notebook", kind="stable")
    figures = Figures()
    _record(figures, table, answers)
    return Overview(table, answers, figures, _answer(figures, table))


def _record(figures: Figures, table: pd.DataFrame, answers: dict[str, str]) -> None:
    figures.add("data", data_fingerprint(), data_fingerprint())
    figures.count("claims", len(table))
    for word in WORDS:
        figures.count(word, int((table["word"] == word).sum()))
    for strength, count in table["strength"].value_counts().sort_index().items():
        figures.count(f"strength: {strength}", int(count))
    fails = table["word"].isin(["not supported", "contradicted"])
    figures.count("do_not_hold", int(fails.sum()))
    second = table[table["others"].map(len) > 0]
    agreeing = [set(row.others.values()) == {row.word} for row in second.itertuples()]
    figures.count("judged_twice", len(second))
    figures.count("judged_twice_alike", sum(agreeing))
    for claim_id, row in table.iterrows():
        figures.count(f"{claim_id}: events", row["events"])
        figures.count(f"{claim_id}: verified", row["verified"])
        figures.add(f"{claim_id}: word", row["word"], row["word"])
        figures.add(f"{claim_id}: sentence", row["sentence"], row["sentence"])
        others = "; ".join(f"{file}: {word}" for file, word in row["others"].items())
        figures.add(f"{claim_id}: others", row["others"], others)
        figures.add(f"{claim_id}: strength", row["strength"], row["strength"])
    for notebook, answer in answers.items():
        figures.add(f"answer: {notebook}", answer, answer)


def _answer(figures: Figures, table: pd.DataFrame) -> str:
    full, part, *others = WORDS
    whole = "none" if figures[full] == "0" else figures[full]
    parts = [
        f"Of the article's {figures['claims']} claims the data support {whole} in full "
        f"and {figures[part]} in part"
    ]
    rest = [
        f"{figures[word]} {'is' if figures[word] == '1' else 'are'} {word}"
        for word in others
        if figures[word] != "0"
    ]
    if rest:
        parts.append(" and ".join(", ".join(rest).rsplit(", ", 1)))
    said = [
        f"{word.capitalize()}: {_quoted(table, word)}."
        for word in ("supported", "contradicted")
        if figures[word] != "0"
    ]
    return " ".join(["; ".join(parts) + ".", *said])


def _quoted(table: pd.DataFrame, word: str) -> str:
    claims = table.loc[table["word"] == word, "claim"]
    return "; ".join(
        f"\N{LEFT DOUBLE QUOTATION MARK}{claim}\N{RIGHT DOUBLE QUOTATION MARK}"
        for claim in claims
    )
