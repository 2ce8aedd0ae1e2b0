"""How sure a verdict is: one of four words, and the criteria they are read from."""

from __future__ import annotations

HOLDS, DOCUMENTS, DEPENDS, NO_PRICES = (
    "holds",
    "rests on documents",
    "depends on choices",
    "not a price claim",
)
STRENGTHS = (HOLDS, DOCUMENTS, DEPENDS, NO_PRICES)

STRENGTH_CRITERIA = (
    "Each study behind a verdict is read again by one test at 5 %, and the chapter's "
    "own rule turns the readings into a word, with documents held as they are. "
    f"{DEPENDS.capitalize()}: one test alone gives another word than the verdict; or "
    "more than one specification in twenty does; or the joint test of all "
    "specifications, the correction of all tests of the book together (Benjamini-"
    "Hochberg), leaving out one event or one firm, or leaving out or letting in the "
    "unverified events leads to yet another word. "
    f"{DOCUMENTS.capitalize()}: none of this changes it, the verdict is positive, and "
    "it would be the same if prices had said nothing. "
    f"{HOLDS.capitalize()}: none of this changes it. "
    f"{NO_PRICES.capitalize()}: documents, accounts or later criteria alone decide."
)
