"""What all chapters must keep: one rule, one table, sentences that hold."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from book.check import check_notebook
from helpers import load_claim_legs, load_claims, read_leg
from helpers.inference.readings import WORDS, combine

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
RESULTS = json.loads((NOTEBOOKS[0].parent / "results.json").read_text("utf-8"))
LEGS = load_claim_legs()
CARS = LEGS[LEGS["measure"] == "car"]


def recorded() -> dict[str, dict[str, dict]]:
    """Legs that chapters recorded, by claim."""
    return {
        claim: kept["legs"]
        for chapter in RESULTS.values()
        for claim, kept in chapter.get("claims", {}).items()
    }


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_stored_notebook_has_the_form_and_no_sentence_that_fails(path: Path) -> None:
    assert [str(fault) for fault in check_notebook(path)] == []


def together(words: Iterable[str], legs: Iterable[dict[str, Any]]) -> str:
    """One word over several; a fact that is not testable is a part not measured."""
    facts = [leg["word"] for leg in legs if "p_value" not in leg]
    return combine(words, whole="not testable" not in facts)


def test_every_claim_has_one_verdict_and_it_follows_from_its_legs() -> None:
    found = {
        claim: kept
        for chapter in RESULTS.values()
        for claim, kept in chapter.get("claims", {}).items()
    }
    assert sorted(found) == sorted(load_claims().index)
    for claim, kept in found.items():
        decides = {k: v for k, v in kept["legs"].items() if v["decides"]}
        kinds = {v["kind"] for v in decides.values()}
        words = {}
        for kind in kinds:
            own = [v for v in decides.values() if v["kind"] == kind]
            words[kind] = together([v["word"] for v in own], own)
        assert kept["kinds"] == words, claim
        assert kept["word"] == together(words.values(), decides.values()), claim
        assert {v["word"] for v in decides.values()} <= set(WORDS)


def test_chapters_read_what_the_table_of_legs_names() -> None:
    """A chapter's own study and the one made from the table alone are the same."""
    kept = recorded()
    compared = 0
    for (claim, leg), row in CARS.iterrows():
        if leg not in kept.get(claim, {}):
            continue
        alone = read_leg(row)
        stored = kept[claim][leg]
        assert stored["change"] == pytest.approx(alone.change, rel=1e-3), (claim, leg)
        assert stored["smallest"] == pytest.approx(alone.smallest, rel=1e-3), leg
        assert stored["p_value"] == pytest.approx(alone.p_value, abs=0.02), (claim, leg)
        compared += 1
    assert compared >= len(CARS) - 2
