"""Do US and Chinese chips drift apart: other choices, and data in which they do."""

import numpy as np
import pandas as pd
import pytest
from data_folder import copy_data, edit_lines
from notebook_runs import run_chapter

from helpers import HelpersError, load_groups, load_returns, net_basket

NAME = "08-parallel-ecosystems"
RULE = pd.Timestamp("2022-10-10")


def test_titles_and_verdict_follow_the_choices():
    run = run_chapter(
        NAME,
        AMERICAN={"Nvidia": None, "two tool makers": ["AMAT", "LRCX"]},
        GROUPS={"Hong Kong foundries": None, "SMIC alone": ["0981.HK"]},
        ROLLING=125,
        ESTIMATION=90,
    )
    assert any("Over 125 sessions the correlation" in text for text in run.said)
    assert any("Nvidia in New York" in text for text in run.said)
    apart = next(text for text in run.said if "drift apart into" in text)
    assert "Not this claim's verdict" in apart
    assert "Nvidia as market in place of US chip designers" in apart
    assert "correlation, SMIC alone" in apart
    assert "parallel-ecosystems" not in run.record["claims"]
    assert "china-determined" in run.record["claims"]
    # Prices of the foundries are the bundled ones: what is said of revenue stays true.
    assert not any("Nvidia's revenue" in text for text in run.false)


@pytest.mark.parametrize(
    ("choices", "named"),
    [
        ({"GROUPS": ["US tool makers"]}, "NVDA and AMAT trade at the same hours"),
        ({"GROUPS": {"new": ["688347.SS"]}}, "0 pairs before 2022-10-10"),
        ({"ESTIMATION": (-120, -11)}, r"not on \(-120, -11\)"),
        ({"EVENTS": ["bis-2022-rules"]}, "bis-2022-rules"),
    ],
)
def test_what_cannot_be_studied_is_named(choices, named):
    with pytest.raises(HelpersError, match=named):
        run_chapter(NAME, **choices)


def follow_new_york_until_the_rule(folder):
    """Foundries in Hong Kong that take over most of New York's move, until the rule."""
    us, home = (load_groups(name).iloc[0] for name in
                ("US chip designers", "Hong Kong foundries"))  # fmt: skip
    returns = load_returns([*us["symbols"], *home["symbols"], us["benchmark"]])
    night = net_basket(returns, us["symbols"], us["benchmark"])
    for symbol in home["symbols"]:
        own = returns[symbol].dropna()
        before = own.index.searchsorted(night.index, side="right")
        pull = night.groupby(before).sum()
        pull = pull[(pull.index > 0) & (pull.index < len(own))]
        pull.index = own.index[pull.index]
        pull = pull.where((pull.index < RULE) & (pull.abs() < 0.1), 0)
        moved = own + pull.reindex(own.index, fill_value=0).where(own.abs() < 0.1, 0)
        growth = ((1 + moved) / (1 + own)).cumprod()

        def rewrite(lines, growth=growth):
            for at, line in enumerate(lines[1:], start=1):
                date, close, adjusted, *rest = line.split(",")
                if date in growth.index and adjusted:
                    adjusted = f"{float(adjusted) * growth[date]:.6g}"
                lines[at] = ",".join([date, close, adjusted, *rest])

        edit_lines(folder, f"prices/{symbol}.csv", rewrite)


def no_step_together(lines):
    """Every step that keeps the two systems together as not verified."""
    together = ("h20-resumption", "deepseek-r2-ascend", "china-approves", "h200-ten")
    for at, line in enumerate(lines):
        if line.startswith(together):
            lines[at] = line.replace(",verified,", ",partly,")


def test_verdicts_turn_where_the_two_sides_part(tmp_path):
    folder = copy_data(tmp_path / "data")
    follow_new_york_until_the_rule(folder)
    edit_lines(folder, "events.csv", no_step_together)
    run = run_chapter(NAME, data=folder)
    parted = run.words("parallel-ecosystems")
    assert parted["correlation, Hong Kong foundries"] == "supported"
    assert parted["correlation, mainland chip names"] == "not testable"
    assert parted[""] == "supported"
    assert run.words("china-determined")[""] == "supported"
    assert any("no drift apart can be shown" in text for text in run.false)
    assert any("changes net of the markets" in text for text in run.false)
    assert np.isfinite(run.record["numbers"]["breaks_holm"])
