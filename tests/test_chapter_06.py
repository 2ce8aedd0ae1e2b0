"""Beijing's policy: other choices run, and other data turn what the chapter says."""

from __future__ import annotations

from pathlib import Path

import pytest
from notebook_runs import altered_prices, run_chapter, run_here

from helpers import load_claim_legs, load_events, load_groups, load_returns
from helpers.errors import HelpersError
from helpers.inference.claims import leg_signs

CHAPTER = "06-beijings-policy"
CLAIM = "beijing-guidance"


def test_fewer_reports_and_another_group_run() -> None:
    found = run_chapter(
        CHAPTER,
        UNTIL="2025-10-31",
        GROUPS={"without Hygon": ["688256.SS", "603019.SS", "688981.SS"]},
        WINDOW=(0, 2),
        SHOWN=("2025-08-01", "2025-09-30"),
    )
    assert "without Hygon gained" in found.text
    assert "over three sessions" in found.text
    assert "On four dates on which Beijing" in found.text
    guidance = next(text for text in found.said if "Beijing asked its" in text)
    assert "Not this claim's verdict" in guidance
    assert "without Hygon in place of mainland chip names" in guidance
    assert found.verdicts == {}


@pytest.mark.parametrize(
    ("choices", "named"),
    [
        ({"EVENTS": ["trump-says-china-declined-h200"]}, "trump-says-china-declined"),
        ({"UNTIL": "2024-12-31"}, "is a verified event from 2023-01-01 to 2024-12-31"),
        ({"FUNDING": ["gallium-germanium"]}, "gallium-germanium"),
        ({"GROUPS": ["US chips"]}, "Unknown group 'US chips'"),
        ({"SUPPLIERS": ["Loongson"]}, "no 'revenue' of 'Loongson'"),
    ],
)
def test_what_cannot_be_studied_is_named(
    choices: dict[str, object], named: str
) -> None:
    with pytest.raises(HelpersError, match=named):
        run_here(CHAPTER, **choices)


def clear_reactions() -> dict[str, dict[str, float]]:
    """Returns in which each report moves both sides as the article expects."""
    changes: dict[str, dict[str, float]] = {}
    for (_, leg_id), leg in load_claim_legs(CLAIM).query("kind == 'prices'").iterrows():
        members = list(load_groups(leg["group"])["symbols"].iloc[0])
        returns, signs = load_returns(members), leg_signs(leg)
        size = 0.04 if leg_id == "Nvidia" else 0.08
        for row in load_events(members, event_ids=list(signs)).itertuples():
            moved = returns.at[row.day0, row.symbol] + size * signs[row.event_id]
            changes.setdefault(row.symbol, {})[f"{row.day0:%Y-%m-%d}"] = moved
    return changes


def test_clear_reactions_turn_the_verdict_and_the_finding(tmp_path: Path) -> None:
    found = run_chapter(CHAPTER, data=altered_prices(tmp_path, clear_reactions()))
    words = found.words(CLAIM)
    assert words["Nvidia"] == words["mainland chip names"] == "supported"
    assert words[""] == "supported"
    assert found.words("state-funding")[""] == "undecided"
    assert any("neither beyond what ordinary dates may give" in x for x in found.false)
