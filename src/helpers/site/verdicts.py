"""The verdicts as the chapters state them, each with the cell that decides it.

They are read from the stored outputs, so that the front page can never say
something else than the chapter that it sends its reader to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from helpers.errors import HelpersError
from helpers.evidence.verdict import WORDS
from helpers.notebooks.files import short_name
from helpers.site.chapters import anchor, read_json, text

_STATED = re.compile(
    r"> \*\*Claim\.\*\* (?P<claim>.+?)\.\n>\n"
    r"> \*\*Verdict: (?P<word>[a-z ]+)\.\*\* (?P<sentence>.+?)\n>\n"
    r"> \*Criteria\.\* (?P<criteria>.+)",
    re.DOTALL,
)


@dataclass(frozen=True)
class Decided:
    """A claim's verdict and where it is decided.

    Attributes
    ----------
    word, sentence, criteria : str
        As in :class:`helpers.evidence.verdict.Verdict`.
    chapter : str
        Name of the notebook, without suffix.
    anchor : str
        Id of the deciding cell on the chapter's page.
    """

    word: str
    sentence: str
    criteria: str
    chapter: str
    anchor: str


def read_verdicts(
    notebooks: Iterable[Path], claims: Mapping[str, str]
) -> dict[str, Decided]:
    """Return the verdict on each claim that a chapter decides.

    Parameters
    ----------
    notebooks : iterable of Path
        Stored notebooks, in the order of the book. Of two that state the same
        claim's verdict, the first decides.
    claims : mapping of claim_id to the claim's words

    Returns
    -------
    dict of claim_id to Decided

    Raises
    ------
    HelpersError
        If a notebook states a verdict on something that is no claim, in a word
        that is no verdict, or if two notebooks contradict each other.
    """
    ids = {_plain(words): claim_id for claim_id, words in claims.items()}
    decided: dict[str, Decided] = {}
    for path in notebooks:
        for claim, found in _stated(path):
            claim_id = ids.get(_plain(claim))
            if claim_id is None or found.word not in WORDS:
                raise HelpersError(
                    f"{short_name(path)} states the verdict {found.word!r} on "
                    f"{claim!r}: one of them is unknown to claims.csv or to the "
                    "list of verdicts. Execute the notebook again."
                )
            first = decided.setdefault(claim_id, found)
            if first.word != found.word:
                raise HelpersError(
                    f"{first.chapter} calls {claim_id!r} {first.word}, "
                    f"{found.chapter} {found.word}: execute both again."
                )
    return decided


def _stated(path: Path) -> Iterable[tuple[str, Decided]]:
    for cell in read_json(path)["cells"]:
        for output in cell.get("outputs", []):
            shown = text(output.get("data", {}).get("text/markdown", ""))
            found = _STATED.fullmatch(shown.strip())
            if found:
                yield (
                    found["claim"],
                    Decided(
                        word=found["word"],
                        sentence=found["sentence"],
                        criteria=found["criteria"],
                        chapter=path.stem,
                        anchor=anchor(cell["id"]),
                    ),
                )


def _plain(words: str) -> str:
    return " ".join(words.split()).rstrip(".")
