"""How sure a verdict is: one of four words, their criteria, and claims by name."""

from __future__ import annotations

from collections.abc import Mapping

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
CLAIMS: Mapping[str, str] = {
    "nvidia-dip": "Nvidia's dip",
    "dip-is-signal": "dip is a signal",
    "pressure-accelerates": "pressure accelerates",
    "deepseek-rival": "DeepSeek a rival",
    "deepseek-domestic": "DeepSeek on Chinese chips",
    "huawei-roadmap": "Huawei's roadmap",
    "restrictions-innovate": "restrictions innovate",
    "ecosystem-investment": "capital for chips",
    "beijing-guidance": "Beijing's guidance",
    "state-funding": "state funding",
    "us-exposure": "US exposure",
    "china-determined": "China is determined",
    "global-fragmentation": "market splits",
    "parallel-ecosystems": "systems drift apart",
    "domestic-manufacturing": "domestic fabs go on",
    "equipment-software-bottleneck": "tools and software decide",
    "how-quickly": "only speed is open",
}


def claim_label(claim_id: str) -> str:
    """A claim in a few words; its key where none are known."""
    return CLAIMS.get(claim_id, claim_id.replace("-", " "))
