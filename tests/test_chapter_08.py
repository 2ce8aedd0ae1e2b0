"""Do US and Chinese chips drift apart: other choices, and data in which they do."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from data_folder import edit_lines
from notebook_runs import altered_prices, run_chapter, run_here

from helpers import load_groups, load_returns, net_basket
from helpers.errors import HelpersError

CHAPTER = "08-parallel-ecosystems"

RULE = pd.Timestamp("2022-10-10")
LARGEST = 0.1  # days on which more happened are left as they are


def test_titles_and_verdict_follow_the_choices() -> None:
    found = run_chapter(
        CHAPTER,
        AMERICAN={"Nvidia": None, "two tool makers": ["AMAT", "LRCX"]},
        GROUPS={"Hong Kong foundries": None, "SMIC alone": ["0981.HK"]},
        ROLLING=125,
        ESTIMATION=90,
    )
    assert "Over 125 sessions the correlation" in found.text
    assert "Nvidia in New York" in found.text
    apart = next(text for text in found.said if "drift apart into" in text)
    assert "Not this claim's verdict" in apart
    assert "Nvidia as market in place of US chip designers" in apart
    assert "correlation, SMIC alone" in apart
    assert list(found.verdicts) == ["china-determined"]
    # Prices that others choose change nothing of what is said of revenue.
    assert not any("Nvidia's revenue" in text for text in found.false)


@pytest.mark.parametrize(
    ("choices", "named"),
    [
        ({"GROUPS": ["US tool makers"]}, "NVDA and AMAT trade at the same hours"),
        ({"GROUPS": {"new": ["688347.SS"]}}, "0 pairs before 2022-10-10"),
        ({"ESTIMATION": [-120, -11]}, r"not on \[-120, -11\]"),
    ],
)
def test_what_cannot_be_studied_is_named(
    choices: dict[str, object], named: str
) -> None:
    with pytest.raises(HelpersError, match=named):
        run_here(CHAPTER, **choices)


def following_new_york_until_the_rule() -> dict[str, dict[str, float]]:
    """Returns of foundries in Hong Kong that take over New York's until the rule."""
    us, home = (
        load_groups(x).iloc[0] for x in ("US chip designers", "Hong Kong foundries")
    )
    returns = load_returns([*us["symbols"], *home["symbols"], us["benchmark"]])
    night = net_basket(returns, us["symbols"], us["benchmark"])
    changes = {}
    for symbol in home["symbols"]:
        own = returns[symbol].dropna()
        before = own.index.searchsorted(night.index, side="right")
        pull = (
            night[before < len(own)].groupby(own.index[before[before < len(own)]]).sum()
        )
        pull = pull[(pull.index < RULE) & (pull.abs() < LARGEST)]
        pull = pull[own[pull.index].abs() < LARGEST]
        moved = own[pull.index] + pull
        changes[symbol] = {f"{day:%Y-%m-%d}": value for day, value in moved.items()}
    return changes


def no_step_together(lines: list[str]) -> None:
    """Let every step that keeps the two systems together be not verified."""
    steps = ("h20-resumption", "deepseek-r2-ascend", "china-approves", "h200-ten-firms")
    for at, line in enumerate(lines):
        if line.startswith(steps):
            lines[at] = line.replace(",verified,", ",partly,")


def test_verdicts_turn_where_the_two_sides_part(tmp_path: Path) -> None:
    data = altered_prices(tmp_path, following_new_york_until_the_rule())
    edit_lines(data, "events.csv", no_step_together)
    found = run_chapter(CHAPTER, data=data)
    parted = found.verdicts["parallel-ecosystems"]
    assert parted["legs"]["correlation, Hong Kong foundries"]["word"] == "supported"
    assert parted["legs"]["correlation, mainland chip names"]["word"] == "not testable"
    assert parted["word"] == "supported"
    assert found.verdicts["china-determined"]["word"] == "supported"
    false = "\n".join(found.false)
    for words in ("no drift apart can be shown", "changes net of the markets"):
        assert words in false
