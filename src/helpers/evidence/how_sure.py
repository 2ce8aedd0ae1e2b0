"""How sure are we: every verdict asked again, in every way at hand.

The survey stands on the other chapters: their verdicts, the p-values that they
recorded, and the studies that their verdicts read. It changes no verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from helpers.data.ledger import load_claims, load_ledger
from helpers.errors import HelpersError
from helpers.evidence.domestic_verdicts import investment_word
from helpers.evidence.global_semiconductors_findings import KINDS
from helpers.evidence.how_sure_checks import SIZE, Checked, check, words_without
from helpers.evidence.how_sure_claims import Studies, price_claims
from helpers.evidence.how_sure_curves import (
    PLACEBO_DATES,
    Curve,
    curve_of,
    words_by_specification,
)
from helpers.evidence.how_sure_legs import Leg, PriceClaim
from helpers.evidence.how_sure_size import Size, all_sizes
from helpers.evidence.how_sure_tests import Entries, Family, every_test
from helpers.evidence.how_sure_words import (
    DEPENDS,
    DOCUMENTS,
    HOLDS,
    NO_PRICES,
)
from helpers.inference.multiple import adjusted
from helpers.inference.parallel import in_parallel

# At least this share of the specifications must leave the verdict as it is: one in
# twenty turns it by chance alone.
AGREEING = 0.95
SPECIFICATIONS = "more than one specification in twenty"
JOINT = "median_estimate"
FIRST = "nvidia-dip"
POSITIVE = ("supported", "partly supported")

# Price claims that no curve of event windows can reach, and why.
BEYOND: Mapping[str, str] = {
    "ecosystem-investment": "returns over years since two dates, not around events",
    "global-fragmentation": "co-movement over years, not returns around events",
    "parallel-ecosystems": "co-movement over years, not returns around events",
}


@dataclass(frozen=True)
class Survival:
    """What became of one claim's verdict in the survey.

    Attributes
    ----------
    claim_id, verdict : str
    strength : str
        One of :data:`helpers.evidence.how_sure_words.STRENGTHS`.
    turned_by : tuple of str
        The checks that change the word, in a reader's words.
    one_test : str
        The word if one test alone is asked; empty beyond the reach of a curve.
    specifications, agreeing : int
        How many there are, and under how many the word stays.
    turned_to : dict of word to int
        The other words, and under how many specifications.
    joint_p : float
        Smallest joint p-value of the claim's studies, Holm over them; NaN if none.
    events, firms : dict of name to word
        The word without each event and each firm.
    verified, wider, corrected, joint : str
        The word without unverified events, with all of them, after correction of
        the book's tests, and by the joint tests; empty where not asked.
    note : str
        Why a price claim is beyond the curve, and what its chapter has instead.
    """

    claim_id: str
    verdict: str
    strength: str
    turned_by: tuple[str, ...]
    one_test: str = ""
    specifications: int = 0
    agreeing: int = 0
    turned_to: Mapping[str, int] | None = None
    joint_p: float = float("nan")
    events: Mapping[str, str] | None = None
    firms: Mapping[str, str] | None = None
    verified: str = ""
    wider: str = ""
    corrected: str = ""
    joint: str = ""
    note: str = ""

    def turning(self, words: Mapping[str, str] | None) -> list[str]:
        """What turns the word that one test gives when it is left out."""
        return [name for name, word in (words or {}).items() if word != self.one_test]


@dataclass(frozen=True)
class Answer:
    """What one study said: its checks and its curve."""

    checked: Checked
    curve: Curve


def _ask(task: tuple[Leg, str], placebo_dates: int) -> Answer:
    leg, method = task
    return Answer(check(leg), curve_of(leg, placebo_dates, method=method))


class HowSure:
    """The survey, each part computed once when first asked for.

    Parameters
    ----------
    verdicts : mapping of claim_id to the verdict's word
    chapters : mapping of chapter to what it recorded
    studies : Studies, optional
        The chapters' studies; by default those of the data at hand.
    ask : iterable of str, optional
        Claims to ask about; by default all.
    placebo_dates : int
    jobs : int, optional
        Processes for curves and sizes; by default as an active
        ``joblib.parallel_config`` says, else one a processor.

    Raises
    ------
    HelpersError
        If a claim has no verdict, or a price claim is neither studied here nor
        listed with the reason.
    """

    def __init__(
        self,
        verdicts: Mapping[str, str],
        chapters: Mapping[str, Entries],
        studies: Studies | None = None,
        *,
        ask: Iterable[str] | None = None,
        placebo_dates: int = PLACEBO_DATES,
        jobs: int | None = None,
    ) -> None:
        self.verdicts = dict(verdicts)
        self.chapters = chapters
        self.placebo_dates = placebo_dates
        self.jobs = jobs
        self._joint: dict[str, pd.Series] = {}
        found = price_claims(studies or Studies.bundled())
        listed = [str(claim_id) for claim_id in load_claims().index]
        self.asked = listed if ask is None else list(ask)
        self.claims: dict[str, PriceClaim] = {
            claim_id: claim
            for claim_id, claim in found.items()
            if claim_id in self.asked
        }
        for claim_id, about in load_claims().iterrows():
            if claim_id not in self.verdicts:
                raise HelpersError(f"Claim {claim_id!r} has no verdict to ask about.")
            by_price = "price" in about["kind"]
            if by_price and claim_id not in {*found, *BEYOND}:
                raise HelpersError(
                    f"Claim {claim_id!r} rests on prices: add its studies to "
                    "helpers.evidence.how_sure_claims or the reason to BEYOND."
                )

    @cached_property
    def sizes(self) -> list[Size]:
        """Measured size of the tests, by kind of study."""
        return all_sizes(jobs=self.jobs)

    @cached_property
    def family(self) -> Family:
        """Every test that the book recorded."""
        return every_test(self.chapters)

    @cached_property
    def _answers(self) -> dict[tuple[str, str, str], Answer]:
        """What was asked of each study, by claim, leg and how placebos are made."""
        # The longest first, so that no process waits for it at the end.
        tasks = [
            (claim_id, leg, "blocks")
            for claim_id, one in self.claims.items()
            for leg in one.legs
            if claim_id == FIRST
        ]
        tasks += [
            (claim_id, leg, "dates")
            for claim_id, one in self.claims.items()
            for leg in one.legs
        ]
        found = in_parallel(
            _ask,
            [(leg, method) for _, leg, method in tasks],
            (self.placebo_dates,),
            work=float("inf"),
            n_jobs=self.jobs,
            progress=True,
            what="studies",
        )
        names = [(claim_id, leg.name, method) for claim_id, leg, method in tasks]
        return dict(zip(names, found, strict=True))

    @cached_property
    def checks(self) -> dict[str, dict[str, Checked]]:
        """Every study asked again, by claim and leg."""
        return {
            claim_id: {
                leg.name: self._answers[claim_id, leg.name, "dates"].checked
                for leg in one.legs
            }
            for claim_id, one in self.claims.items()
        }

    @cached_property
    def curves(self) -> dict[str, dict[str, Curve]]:
        """The specification curve of every study, by claim and leg."""
        return {
            claim_id: {
                leg.name: self._answers[claim_id, leg.name, "dates"].curve
                for leg in one.legs
            }
            for claim_id, one in self.claims.items()
        }

    @cached_property
    def blocks(self) -> Curve:
        """The curve of the first claim on histories resampled in blocks.

        One event has no more placebo dates than there are sessions without news;
        resampled histories are a second null, of any number.
        """
        (leg,) = self.claims[FIRST].legs
        return self._answers[FIRST, leg.name, "blocks"].curve

    @cached_property
    def survival(self) -> dict[str, Survival]:
        """What became of every verdict, in the order of the list of claims."""
        return {claim_id: self._surveyed(claim_id) for claim_id in self.asked}

    def _surveyed(self, claim_id: str) -> Survival:
        verdict = self.verdicts[claim_id]
        if claim_id in self.claims:
            return self._asked_again(self.claims[claim_id], verdict)
        if claim_id in BEYOND:
            turned, note = self._beyond(claim_id)
            strength = DEPENDS if turned else HOLDS
            return Survival(claim_id, verdict, strength, turned, note=note)
        return Survival(claim_id, verdict, NO_PRICES, ())

    def joint_p_values(self, claim_id: str) -> pd.Series:
        """Joint p-value of each of a claim's studies, Holm over them."""
        if claim_id not in self._joint:
            found = {
                name: float(curve.joint.at[JOINT, "p_value"])
                for name, curve in self.curves[claim_id].items()
            }
            self._joint[claim_id] = adjusted(pd.Series(found))["holm"]
        return self._joint[claim_id]

    def _asked_again(self, claim: PriceClaim, verdict: str) -> Survival:
        checks = self.checks[claim.claim_id]
        pairs = list(checks.items())
        main = {name: found.main.reading for name, found in checks.items()}
        events = words_without(
            claim, main, {name: found.events for name, found in checks.items()}
        )
        firms = words_without(
            claim, main, {name: found.firms for name, found in checks.items()}
        )
        one_test = claim.rule(main)
        words = words_by_specification(claim, self.curves[claim.claim_id])
        counts = words.value_counts()
        agreeing = int(counts.get(verdict, 0))
        cutoff = self.family.cutoff("bh")
        corrected = {
            name: reading if checks[name].main.p_value <= cutoff else 0
            for name, reading in main.items()
        }
        joint = claim.rule(self._joint_readings(claim, main))
        verified, wider = (
            claim.rule({name: getattr(found, kind).reading for name, found in pairs})
            for kind in ("verified", "wider")
        )
        after = claim.rule(corrected)
        turned = []
        if agreeing < AGREEING * len(words):
            turned.append(SPECIFICATIONS)
        if one_test != verdict:
            turned.append("asking one test alone")
        # A correction may well lead back from what one test says to the verdict.
        for name, word in (("the joint test", joint), ("correction", after)):
            if word not in (verdict, one_test):
                turned.append(name)
        for name, found in (
            ("one event", set(events.values())),
            ("one firm", set(firms.values())),
            ("unverified events", {verified, wider}),
        ):
            if found - {one_test}:
                turned.append(name)
        silent = claim.rule(dict.fromkeys(main, 0))
        if turned:
            strength = DEPENDS
        elif verdict in POSITIVE and silent == verdict:
            strength = DOCUMENTS
        else:
            strength = HOLDS
        return Survival(
            claim.claim_id,
            verdict,
            strength,
            tuple(turned),
            one_test=one_test,
            specifications=len(words),
            agreeing=agreeing,
            turned_to={str(k): int(n) for k, n in counts.items() if k != verdict},
            joint_p=float(self.joint_p_values(claim.claim_id).min()),
            events=events,
            firms=firms,
            verified=verified,
            wider=wider,
            corrected=after,
            joint=joint,
        )

    def _joint_readings(
        self, claim: PriceClaim, main: Mapping[str, int]
    ) -> dict[str, int]:
        """Readings by the joint test, which looks in the claim's direction only."""
        p_values = self.joint_p_values(claim.claim_id)
        out = {}
        for leg in claim.legs:
            curve = self.curves[claim.claim_id][leg.name]
            median = float(curve.joint.at[JOINT, "observed"])
            direction = leg.direction or (1 if median > 0 else -1)
            if p_values[leg.name] < SIZE:
                out[leg.name] = direction
            else:
                out[leg.name] = 0 if main[leg.name] == direction else main[leg.name]
        return out

    def _beyond(self, claim_id: str) -> tuple[tuple[str, ...], str]:
        """What turns a verdict that no curve reaches, by its chapters' own figures."""
        reason = BEYOND[claim_id]
        if claim_id == "ecosystem-investment":
            return self._investment(reason)
        figures = self.chapters["parallel-ecosystems"]
        total = int(figures["specifications"]["value"])
        fallen = int(figures["specifications_fallen"]["value"])
        note = (
            f"{reason}; in chapter eight {fallen} of {total} specifications fall "
            "beyond chance"
        )
        says_no = self.verdicts[claim_id] not in POSITIVE
        turned = []
        if (fallen > (1 - AGREEING) * total) == says_no:
            turned.append(SPECIFICATIONS)
        if says_no and float(figures["breaks_holm"]["value"]) < SIZE:
            turned.append("a date left open")
        if claim_id == "global-fragmentation":
            world = self.chapters["global-semiconductors"]
            ends = [float(world[f"end_{kind}_p"]["value"]) for kind in KINDS.values()]
            if says_no and min(ends) < SIZE:
                turned.append("asking one test alone")
        return tuple(turned), note

    def _investment(self, reason: str) -> tuple[tuple[str, ...], str]:
        figures = self.chapters["domestic-alternatives"]
        names = [
            name
            for name in figures
            if name.startswith("since_rule_") and name.endswith("_p")
        ]
        cutoff = self.family.cutoff("bh")
        clear = sum(float(figures[name]["value"]) <= cutoff for name in names)
        legs = int(figures["investment_legs"]["value"])
        silent = investment_word(legs - 1) if clear < len(names) else None
        turned = () if silent in (None, self.verdicts["ecosystem-investment"]) else (
            "correction",
        )  # fmt: skip
        note = (
            f"{reason}; {clear} of {len(names)} comparisons of the basket with a "
            "market survive the correction"
        )
        return turned, note

    @cached_property
    def titles(self) -> pd.Series:
        """Title of every ledger event."""
        return load_ledger()["title"]
