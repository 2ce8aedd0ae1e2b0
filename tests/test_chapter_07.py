"""Who is exposed: groups of one's own, other news, and prices that do fall."""

from __future__ import annotations

from pathlib import Path

import pytest
from notebook_runs import altered_prices, run_chapter, run_here
from test_chapter_08 import following_new_york_until_the_rule

from helpers import HelpersError, load_events, load_groups

CHAPTER = "07-global-semiconductors"


def test_own_groups_and_later_news_run_and_are_not_the_claims_verdict() -> None:
    found = run_chapter(
        CHAPTER,
        EXPOSED={"my two": ["NVDA", "MU"]},
        GROUPS={"my designers": ["AMD", "AVGO"], "mainland chip names": None},
        TYPES={
            "US relaxations": {"type": "relaxation", "actor": "us-government"},
            "US controls": {"type": "control", "actor": "us-government"},
        },
        SINCE="2023-01-01",
        WINDOW=(0, 2),
    )
    assert "Mean abnormal return over [0, +2]" in found.text
    assert "largest loss" in found.text
    assert "my designers" in found.text
    assert "Huawei foreign direct product rule" not in found.text
    exposure = next(text for text in found.said if "have at stake" in text)
    assert "Not this claim's verdict" in exposure
    assert "my two in place of exposed US chip shares" in exposure
    assert "us-exposure" not in found.verdicts


@pytest.mark.parametrize(
    ("choices", "named"),
    [
        ({"TYPES": {"x": {"type": "sanction"}}}, "Unknown type 'sanction'"),
        ({"GROUPS": {"two markets": ["NVDA", "0981.HK"]}}, "two markets"),
        ({"SINCE": "2027-01-01"}, "no events to study"),
        ({"END_MARKETS": ["data centres"]}, "data centres alone"),
    ],
)
def test_what_cannot_be_studied_is_named(
    choices: dict[str, object], named: str
) -> None:
    with pytest.raises(HelpersError, match=named):
        run_here(CHAPTER, **choices)


def test_losses_and_a_link_that_ends_turn_verdicts_and_words(
    tmp_path: Path,
) -> None:
    beside = ["TSMC (New York)", "ASML (New York)", "server makers", "platforms"]
    drawn = load_groups(["exposed US chip shares", *beside])["symbols"].explode()
    news = load_events(
        "NVDA", types=["control", "procurement-guidance"], verification="verified"
    )
    days = news.loc[news["day0"] > "2019-06-01", "day0"].dt.strftime("%Y-%m-%d")
    falls = {symbol: dict.fromkeys(days, -0.06) for symbol in drawn}
    data = altered_prices(tmp_path, falls | following_new_york_until_the_rule())
    found = run_chapter(CHAPTER, data=data)
    exposure = found.verdicts["us-exposure"]
    assert {leg: row["word"] for leg, row in exposure["legs"].items()} == {
        "US controls": "supported",
        "Chinese purchase limits": "supported",
        "revenue": "contradicted",
    }
    assert exposure["word"] == "the legs part"
    assert found.words("global-fragmentation")[""] == "supported"
    false = "\n".join(found.false)
    for words in ("Neither is beyond chance", "mean reactions", "did every group lose"):
        assert words in false
