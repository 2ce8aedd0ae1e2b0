"""What a verdict is: one of five words, and the criteria it was read from."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.errors import HelpersError

WORDS = (
    "supported",
    "partly supported",
    "not supported",
    "contradicted",
    "not testable with these data",
)


@dataclass(frozen=True)
class Verdict:
    """A claim of the article as the data judge it.

    Attributes
    ----------
    claim_id : str
        Key of ``data/claims.csv``.
    word : str
        One of :data:`WORDS`.
    sentence : str
        The evidence in one sentence, its numbers computed.
    criteria : str
        What each word means for this claim.
    """

    claim_id: str
    word: str
    sentence: str
    criteria: str

    def __post_init__(self) -> None:
        if self.word not in WORDS:
            raise HelpersError(f"{self.word!r} is not a verdict: {', '.join(WORDS)}.")

    def markdown(self, claim: str) -> str:
        """The verdict under the claim, as a paragraph of a notebook."""
        return (
            f"> **Claim.** {claim}.\n>\n"
            f"> **Verdict: {self.word}.** {self.sentence}\n>\n"
            f"> *Criteria.* {self.criteria}"
        )
