"""Export controls: other choices run, and other data turn what the chapter says."""

from __future__ import annotations

from pathlib import Path

import pytest
from notebook_runs import altered_prices, run_chapter, run_here

from helpers import load_claim_legs, load_events, load_groups, load_returns
from helpers.errors import HelpersError
from helpers.inference.claims import leg_signs

CHAPTER = "04-export-controls"
CLAIM = "pressure-accelerates"


def test_later_announcements_and_a_group_of_ones_own_run() -> None:
    found = run_chapter(
        CHAPTER,
        SINCE="2023-01-01",
        GROUPS={"two designers": ["688256.SS", "688041.SS"]},
        ESTIMATION=(-80, -11),
    )
    assert "two designers moved" in found.text
    assert "sessions [−80, −11]" in found.text
    assert "[−120" not in found.text
    # The pair is named by itself, so it stays where later announcements are averaged.
    assert "BIS rules on advanced chips and tools" in found.text
    assert "two designers in place of mainland chip names" in found.text
    assert found.verdicts == {}


@pytest.mark.parametrize(
    ("choices", "named"),
    [
        ({"SINCE": "2026-09-01"}, "no announcement of .* from 2026-09-01"),
        ({"EVENTS": ["veu-revocation"]}, r"announcement of \['veu-revocation'\]"),
        ({"TYPES": ["tariff"]}, "Unknown type 'tariff'"),
        ({"PAIR": ["huawei-entity-list"]}, "only 111 sessions before day 0 2019-05-16"),
    ],
)
def test_what_cannot_be_studied_is_named(
    choices: dict[str, object], named: str
) -> None:
    with pytest.raises(HelpersError, match=named):
        run_here(CHAPTER, **choices)


def gains_on_controls(size: float) -> dict[str, dict[str, float]]:
    """Returns of mainland chip names that gain where the article expects it."""
    leg = load_claim_legs(CLAIM).loc[(CLAIM, "mainland chip names")]
    members = load_groups("mainland chip names")["symbols"].iloc[0]
    signs, returns = leg_signs(leg), load_returns(list(members))
    placed = load_events(list(members), event_ids=list(signs))
    changes: dict[str, dict[str, float]] = {symbol: {} for symbol in members}
    for row in placed.itertuples():
        if row.day0 in returns.index and returns[row.symbol].notna()[row.day0]:
            moved = returns.at[row.day0, row.symbol] + size * signs[row.event_id]
            changes[row.symbol][f"{row.day0:%Y-%m-%d}"] = moved
    return changes


def test_gains_on_controls_turn_the_verdict_and_the_finding(tmp_path: Path) -> None:
    data = altered_prices(tmp_path, gains_on_controls(0.1))
    found = run_chapter(CHAPTER, data=data)
    words = found.words(CLAIM)
    assert words["mainland chip names"] == "supported"
    assert words[""] == "undecided"  # revenue says neither
    false = "\n".join(found.false)
    for sentence in (
        "as the usual reading has it",
        "tell the article's reading from zero",
        "where own supply is taken away",
        "Excluded, at five per cent",
    ):
        assert sentence in false
