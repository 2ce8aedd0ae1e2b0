"""What happened next: nothing leaks across publication, verdicts follow the data."""

import datetime as dt
from copy import copy

import numpy as np
import pandas as pd
import pytest

from helpers import StudyError
from helpers.data.chips import load_chips
from helpers.data.facts import load_fundamentals
from helpers.data.ledger import load_claims, load_ledger
from helpers.evidence.domestic_alternatives import DomesticAlternatives
from helpers.evidence.domestic_news import SETBACK
from helpers.evidence.forward_criteria import (
    CRITERIA,
    LAST_BASELINE,
    PUBLISHED,
    UNSCORED,
)
from helpers.evidence.what_next import (
    OUTCOMES,
    TOOL_NEWS,
    WhatNext,
    outcome,
    tool_study,
)
from helpers.evidence.what_next_findings import (
    forward_word,
    robust_word,
    what_next_findings,
)
from helpers.presentation import what_next as chapter

BY_ID = {criterion.criterion_id: criterion for criterion in CRITERIA}


@pytest.fixture(scope="module")
def later():
    return WhatNext()


@pytest.fixture(scope="module")
def tools():
    return tool_study()


@pytest.fixture(scope="module")
def findings(later, tools):
    return what_next_findings(later, tools)


def scaled(where, factor):
    """Company figures with those of some periods multiplied."""
    table = load_fundamentals()
    chosen = where(table) & (table["unit"] != "share") & (table["unit"] != "ratio")
    table.loc[chosen, "value"] *= factor
    return table


def words(findings):
    return {name: verdict.word for name, verdict in findings.verdicts.items()}


def test_every_criterion_belongs_to_a_claim_and_has_its_thresholds_in_order():
    claims = load_claims()
    for criterion in CRITERIA:
        assert criterion.claim_id in claims.index
        assert pd.Timestamp(criterion.read_by) > PUBLISHED
        if criterion.reverses is not None:
            sign = 1 if criterion.rising else -1
            assert sign * criterion.supports > sign * criterion.reverses
    assert {each.claim_id for each in UNSCORED} <= set(claims.index)
    assert len(BY_ID) == len(CRITERIA)


def test_baselines_from_after_publication_are_refused(later):
    with pytest.raises(StudyError, match="was not out by then"):
        later.before("SMIC", "revenue", "2025-07-01", "2025-09-30")


def test_later_figures_from_before_publication_are_refused(later):
    with pytest.raises(StudyError, match="is not later news"):
        later.after("SMIC", "revenue", "2025-07-01", "2025-09-30")


def test_later_figures_do_not_move_the_baselines(later):
    after = WhatNext(scaled(lambda table: table["period_end"] > LAST_BASELINE, 3.0))
    ratios = later.scoreboard["measure"] == "ratio"
    pd.testing.assert_series_equal(
        after.scoreboard.loc[ratios, "baseline"],
        later.scoreboard.loc[ratios, "baseline"],
    )
    changed = after.scoreboard["later"] != later.scoreboard["later"]
    assert {"smic-revenue", "cambricon-doubles"} <= set(changed.index[changed])


def test_nothing_from_after_publication_moves_a_baseline(later):
    """Every kind of later data is changed at once, and only later data."""
    figures = load_fundamentals()
    late = figures["period_end"] > PUBLISHED
    figures.loc[late, "value"] *= 0.5
    chips = load_chips()
    new = chips["available_first"] > PUBLISHED
    chips.loc[new & (chips["availability"] == "actual"), "tpp"] *= 9
    ledger = load_ledger()
    when = ledger["announced_at"].map(lambda at: pd.Timestamp(at.date()))
    returns = {}
    for basket in ("Hong Kong foundries", "mainland chip names"):
        returns[basket] = later.returns(basket).copy()
        returns[basket].loc[PUBLISHED + pd.Timedelta(days=1) :, basket] += 0.01
    other = WhatNext(
        figures, chips=chips, ledger=ledger[when <= PUBLISHED], returns=returns
    )

    was, now = later.scoreboard, other.scoreboard
    known = was["measure"].isin(["ratio", "difference"])
    # The filing on the later quarter recast this baseline, as the chapter says.
    known["nvidia-china-halves"] = False
    pd.testing.assert_series_equal(
        was.loc[known, "baseline"], now.loc[known, "baseline"]
    )
    unmoved = was.index[was["reading"].eq(now["reading"])]
    assert set(unmoved) == {"nvidia-china-halves"}


def test_early_figures_do_not_move_the_readings(later):
    before = WhatNext(scaled(lambda table: table["period_start"] <= PUBLISHED, 3.0))
    pd.testing.assert_series_equal(
        before.scoreboard["later"], later.scoreboard["later"]
    )


def test_only_events_after_publication_are_read(later):
    for criterion in CRITERIA:
        rows = later.later_events(criterion)
        assert all(when.date() > PUBLISHED.date() for when in rows["announced_at"])
        assert (rows["verification"] == "verified").all()


def test_returns_before_publication_are_not_read(later):
    basket = "Hong Kong foundries"
    table = later.returns(basket).copy()
    table.loc[:PUBLISHED, basket] = 0.05
    other = WhatNext(returns={basket: table})
    expected = later.scoreboard.loc["foundry-shares", "reading"]
    found = other._foundry_shares(BY_ID["foundry-shares"])[1]
    assert found == pytest.approx(expected)


def test_a_span_is_read_only_if_its_quarters_fill_it(later):
    whole = later.after("SMIC", "revenue", "2026-01-01", "2026-06-30")
    assert whole == pytest.approx(2505.5 + 3006.0)
    assert np.isnan(later.after("SMIC", "revenue", "2026-04-01", "2026-09-30"))


@pytest.mark.parametrize(
    ("criterion_id", "reading", "expected"),
    [
        ("smic-revenue", 1.1, "met"),
        ("smic-revenue", 1.05, "in between"),
        ("smic-revenue", 1.0, "turned around"),
        ("nvidia-china-halves", 0.5, "met"),
        ("nvidia-china-halves", 1.2, "turned around"),
        ("no-approval", 0, "met"),
        ("no-approval", 1, "turned around"),
        ("stronger-part", 0.0, "in between"),
        ("stronger-part", np.nan, "no reading"),
    ],
)
def test_outcomes_follow_the_thresholds(criterion_id, reading, expected):
    assert outcome(BY_ID[criterion_id], reading) == expected


def test_harder_ratios_ask_for_more():
    assert outcome(BY_ID["cambricon-doubles"], 2.1) == "met"
    assert outcome(BY_ID["cambricon-doubles"], 2.1, 0.1) == "in between"
    assert outcome(BY_ID["nvidia-china-halves"], 0.47, 0.1) == "in between"


def test_words_of_the_scoreboard():
    def of(*counts):
        pairs = zip(OUTCOMES, counts, strict=False)
        return pd.Series([name for name, count in pairs for _ in range(count)])

    assert forward_word(of(6, 2, 0)) == "supported"
    assert forward_word(of(6, 2, 1)) == "partly supported"
    assert forward_word(of(1, 6, 0)) == "not supported"
    assert forward_word(of(1, 2, 3)) == "contradicted"
    assert forward_word(of(2, 0, 0, 4)) == "not testable with these data"
    # Without one that is met, fewer than two thirds are.
    assert robust_word(of(4, 2, 0), of(4, 2, 0)) == "partly supported"
    assert robust_word(of(6, 2, 0), of(4, 4, 0)) == "partly supported"


def test_verdicts_turn_when_later_figures_and_events_turn(findings, tools):
    before = words(findings)
    assert before["domestic-manufacturing"] == "partly supported"
    assert before["how-quickly"] == "partly supported"
    bad = scaled(lambda table: table["period_start"] > PUBLISHED, 0.1)
    shares = bad["unit"].isin(["share", "ratio"])
    bad.loc[(bad["period_start"] > PUBLISHED) & shares, "value"] *= 0.5
    ledger = load_ledger()
    late = ledger["announced_at"].map(lambda when: when.date()) > dt.date(2025, 9, 28)
    kept = ledger[~late | (ledger["type"] == "relaxation")]
    after = words(what_next_findings(WhatNext(bad, ledger=kept), tools))
    assert after["domestic-manufacturing"] == "contradicted"
    assert after["how-quickly"] == "contradicted"


def test_a_part_without_a_criterion_keeps_a_claim_from_full_support(
    later, tools, monkeypatch
):
    module = "helpers.evidence.what_next_findings.UNSCORED"
    monkeypatch.setattr(module, tuple(e for e in UNSCORED if not e.whole_part))
    word = words(what_next_findings(later, tools))["domestic-manufacturing"]
    assert word == "supported"


def test_the_bottleneck_turns_with_returns_and_report(tools, later, findings):
    assert findings.verdicts["equipment-software-bottleneck"].word == "not supported"
    returns = {}
    for name, table in tools.returns.items():
        changed = table.copy()
        changed.attrs = dict(table.attrs)
        for day in tools.by_event[name]["day0"]:
            at = changed.index.get_loc(day)
            changed.iloc[at : at + 2, changed.columns.get_loc(name)] += 0.15
        returns[name] = changed
    moved = DomesticAlternatives(tools.choices, returns=returns)
    word = what_next_findings(later, moved).verdicts["equipment-software-bottleneck"]
    assert word.word == "supported"
    ledger = load_ledger()
    ledger.loc[SETBACK, "verification"] = "unverified"
    quiet = copy(moved)  # with its reactions
    quiet.ledger = ledger
    word = what_next_findings(later, quiet).verdicts["equipment-software-bottleneck"]
    assert word.word == "partly supported"


def test_tool_study_holds_the_events_of_the_claim(tools):
    listed = set(load_claims().loc["equipment-software-bottleneck", "event_ids"])
    assert set(tools.choices.groups[TOOL_NEWS]) == listed


@pytest.mark.parametrize("name", ["board", "shares", "tools"])
def test_figures_have_title_caption_alt_and_fit_their_width(
    name, later, tools, findings
):
    import matplotlib

    matplotlib.use("Agg")
    made = getattr(chapter, name)(tools if name == "tools" else later, findings)
    figure = made["fig"]
    figure.canvas.draw()
    title = figure._suptitle
    width = figure.get_window_extent().width
    assert title.get_window_extent().x1 <= width, "the title runs off the figure"
    assert len(made["caption"]) > 60
    assert len(made["alt"]) > 80
    assert title.get_text() not in made["alt"]
    matplotlib.pyplot.close(figure)


def test_the_scoreboard_draws_each_outcome_in_its_column(later, findings):
    import matplotlib

    figure = chapter.board(later, findings)["fig"]
    drawn = [
        round(float(line.get_xdata()[0]))
        for line in figure.axes[0].lines
        if line.get_marker() in ("o", "X")
    ]
    columns = {name: place for place, name in enumerate(chapter.COLUMNS)}
    board = later.scoreboard.sort_values("claim_id", kind="stable")
    assert drawn == [columns[name] for name in board["outcome"]]
    matplotlib.pyplot.close(figure)
