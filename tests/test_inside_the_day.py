"""The chapter inside the day: verdicts follow the bars, figures show them."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest

from helpers.evidence.inside_the_day import Choices, InsideTheDay
from helpers.evidence.inside_the_day_findings import (
    fall_session,
    hidden_session,
    inside_the_day_findings,
    intraday_verdicts,
    remark_session,
)
from helpers.evidence.inside_the_day_news import Announcements
from helpers.evidence.inside_the_day_sentences import (
    data_line,
    dated_sentence,
    fall_sentence,
    hidden_sentence,
    method_sentence,
    speed_sentence,
)
from helpers.presentation import inside_the_day as chapter
from helpers.presentation import inside_the_day_news as news_chapter
from helpers.presentation import inside_the_day_tables as tables

FIGURES = [
    chapter.shape,
    lambda findings: chapter.week(findings, 1),
    lambda findings: chapter.week(findings, 2),
    chapter.parts,
    chapter.four_sessions,
    news_chapter.inside_hours,
    news_chapter.overnight,
    news_chapter.quality,
]
TABLES = [
    tables.news_table,
    tables.fall,
    tables.daily_table,
    tables.activity_table,
    tables.events_table,
    tables.speed_table,
    tables.alarms_table,
]
SENTENCES = [
    data_line,
    method_sentence,
    hidden_sentence,
    fall_sentence,
    dated_sentence,
    speed_sentence,
]


@pytest.fixture(scope="module")
def findings():
    return inside_the_day_findings(InsideTheDay())


@pytest.fixture(scope="module")
def study(findings):
    return findings.day


def moved(study, moves):
    """The study on bars in which some periods of some symbols are changed."""
    returns = {name: values.copy() for name, values in study.grid.returns.items()}
    for symbol, session, slot, change in moves:
        at = study.grid.position(pd.Timestamp(session))
        returns[symbol][at, slot] += change
    return InsideTheDay(grid=dataclasses.replace(study.grid, returns=returns))


def word(study):
    return intraday_verdicts(study)["nvidia-dip"].word


def test_sessions_are_those_of_the_clocks(study):
    assert remark_session(study) == pd.Timestamp("2025-08-21")
    assert fall_session(study) == pd.Timestamp("2025-08-29")
    assert [len(week) for week in study.weeks] == [4, 4]


def test_no_dip_inside_the_day_contradicts_the_claim(findings):
    verdict = findings.verdicts["nvidia-dip"]
    assert verdict.word == "contradicted"
    assert "+1.26\N{NO-BREAK SPACE}%" in verdict.sentence
    assert findings.verdicts["dip-is-signal"].word == "not supported"


def test_a_lasting_fall_of_the_share_alone_would_support_both_claims(study):
    found = inside_the_day_findings(moved(study, [("NVDA", "2025-08-21", 5, -0.15)]))
    assert [verdict.word for verdict in found.verdicts.values()] == ["supported"] * 2
    assert "NVIDIA shows an unusual dip on 21 August 2025" in found.answer
    assert "was not made good" in found.verdicts["dip-is-signal"].sentence


def test_a_fall_shared_by_the_sector_would_support_in_part(study):
    shared = moved(
        study,
        [("NVDA", "2025-08-21", 5, -0.12), ("^SOX", "2025-08-21", 5, -0.11)],
    )
    assert word(shared) == "partly supported"


def test_a_dip_made_good_within_the_day_would_support_in_part(study):
    dipped = moved(
        study,
        [("NVDA", "2025-08-21", 5, -0.10), ("NVDA", "2025-08-21", 30, 0.10)],
    )
    assert word(dipped) == "partly supported"
    assert hidden_session(dipped) == pd.Timestamp("2025-08-21")


def test_a_small_fall_is_neither_supported_nor_contradicted(study):
    assert word(moved(study, [("NVDA", "2025-08-21", 5, -0.02)])) == "not supported"


def test_the_whole_interval_of_the_remark_is_measured(study):
    """A fall in the afternoon before, which the clock allows, counts as well."""
    early = moved(study, [("NVDA", "2025-08-20", 40, -0.15)])
    assert word(early) == "supported"
    before_the_interval = moved(study, [("NVDA", "2025-08-20", 10, -0.15)])
    assert word(before_the_interval) == "contradicted"


def test_the_fall_goes_to_the_announcement_that_its_clock_allows(study):
    night = inside_the_day_findings(moved(study, [("NVDA", "2025-08-29", 0, -0.06)]))
    assert "Alibaba's chip, which names Nvidia, can have done" in fall_sentence(night)
    inside = inside_the_day_findings(moved(study, [("NVDA", "2025-08-29", 40, -0.06)]))
    assert "During the session it lost more" in fall_sentence(inside)


def test_fall_came_early_and_with_the_sector(findings):
    values = {name: entry["value"] for name, entry in findings.figures.entries.items()}
    assert values["fall_hour_share"] > 0.8
    assert values["fall_sector_whole_day"] == pytest.approx(-0.0015, abs=5e-4)
    assert "the sector shared it" in fall_sentence(findings)


def test_the_hidden_fall_came_before_the_remark_s_first_minute(study, findings):
    low = study.lows.loc[hidden_session(study)]
    assert low["at"] == pd.Timestamp("2025-08-20T14:50Z")
    assert low["low"] < -0.035
    assert abs(low["close"]) < 0.005
    assert low["at"] < study.ledger.loc[study.choices.remark, "earliest_at"]
    assert "before the first minute" in findings.answer


def test_daily_study_and_bars_agree_under_the_same_betas(study):
    assert study.daily["difference"].abs().max() < 6e-4
    assert study.close_differences.abs().median() < 5e-4


def test_no_bar_of_late_august_stands_out_and_an_injected_one_would(study):
    assert not study.largest_bars["stands_out"].any()
    jumped = moved(study, [("NVDA", "2025-08-28", 40, 0.015)])
    found = jumped.largest_bars["stands_out"]
    assert found[("SPY", pd.Timestamp("2025-08-28"))]
    assert found.sum() == 2


def test_news_is_sorted_by_the_hours_of_the_exchange(findings):
    when = findings.news.known["when"]
    assert when["macro-jackson-hole"] == "inside"
    assert when["alibaba-ai-chip-report"] == "overnight"
    assert when["veu-revocation"] == "inside"
    assert when["h200-export-decision"] == "across"
    assert when["deepseek-monday"] == "overnight"
    assert "deepseek-v31-domestic-chip-remark" not in when


def test_three_announcements_are_dated_by_a_bar(findings):
    dated = findings.news.dated
    starts = dated["start"].to_dict()
    assert starts == {
        "ai-diffusion-rescission-report": pd.Timestamp("2025-05-07T19:40Z"),
        "us-mulls-h200": pd.Timestamp("2025-11-21T18:45Z"),
        "h200-export-decision": pd.Timestamp("2025-12-08T17:55Z"),
    }
    assert (dated["p_value"] < 0.05).all()
    known = findings.news.known.loc[list(starts)]
    assert (dated["end"] > known["earliest_at"]).all()
    assert (dated["start"] <= known["latest_at"]).all()


def test_the_largest_overnight_reaction_is_found(findings):
    speed = findings.news.speed.loc["deepseek-monday"]
    assert speed["close"] < speed["first"] < -0.05
    assert not speed["dated"]


def test_windows_end_an_hour_after_the_latest_instant(findings):
    bars = findings.news.reactions.loc["SPY", "bars"]
    assert bars["alibaba-ai-chip-report"] == 13  # the night and an hour
    assert bars["macro-jackson-hole"] == 13  # its own bar and an hour
    assert bars["veu-revocation"] == 78  # the close comes first
    assert bars["deepseek-v31-domestic-chip-remark"] == 48 + 1 + 30 + 12


def test_quiet_sessions_are_called_quiet(findings):
    alarms = findings.checks.false_alarms
    assert alarms["hac"].between(0.02, 0.10).all()
    assert alarms["placebo"].between(0, 0.12).all()
    # Eight samples of one kind: the smallest of eight p-values is seldom below this.
    assert alarms["alternate_p"].min() > 0.01


def test_injected_jumps_are_found_as_promised(findings):
    power = findings.checks.power
    assert np.abs(power["known"] - power["promised"]).max() < 0.07
    assert np.abs(power["searched"] - power["promised_search"]).max() < 0.07


def test_other_shares_can_be_asked_about():
    other = InsideTheDay(Choices(symbol="TSM"))
    news = Announcements(other)
    assert "foundry-due-diligence-rule" in news.chosen.index
    assert other.name == "TSMC (ADR)"
    assert len(other.parts) == 64


@pytest.mark.parametrize("plate", FIGURES)
def test_figures_have_title_caption_alt_and_fit_their_width(plate, findings):
    import matplotlib

    matplotlib.use("Agg")
    made = plate(findings)
    figure = made["fig"]
    figure.canvas.draw()
    title = figure._suptitle
    width = figure.get_window_extent().width
    assert title.get_window_extent().x1 <= width, "the title runs off the figure"
    assert len(made["caption"]) > 60
    assert len(made["alt"]) > 80
    assert title.get_text() not in made["alt"]
    matplotlib.pyplot.close(figure)


@pytest.mark.parametrize("plate", TABLES, ids=lambda plate: plate.__name__)
def test_tables_are_whole_and_formatted(plate, findings):
    made = plate(findings)
    assert len(made["df"]) >= 3
    assert set(made.get("formats", {})) <= set(made["df"].columns)
    assert not made["df"].isna().any().any()
    assert len(made["caption"]) > 60


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda one: one.__name__)
def test_sentences_are_complete(sentence, findings):
    said = sentence(findings)
    assert said.rstrip().endswith(".")
    assert not re.search(r"\bnan\b", said)
    assert "  " not in said


def test_uncertain_clocks_are_drawn_as_intervals(study, findings):
    import matplotlib

    matplotlib.use("Agg")
    figure = chapter.week(findings, 1)["fig"]
    strip = figure.axes[0]
    news = chapter.week_news(study, study.weeks[0])
    exact = (news["earliest_at"] == news["latest_at"]).sum()
    assert exact == 1
    assert len(strip.patches) >= len(news) - exact
    widths = [patch.get_width() for patch in strip.patches if patch.get_height() < 1]
    # The remark: an afternoon of 48 bars, the night, a morning of 30 bars.
    assert max(widths) == pytest.approx(48 + 14 + 30, abs=1)
    matplotlib.pyplot.close(figure)


def test_four_sessions_draw_the_study(study, findings):
    import matplotlib

    matplotlib.use("Agg")
    figure = chapter.four_sessions(findings)["fig"]
    drawn = figure.axes[1].lines[0].get_ydata()
    key = ("2025-08-21", "NVDA")
    path = study.by_session["SPY"].abnormal_returns.loc[key].cumsum()
    assert drawn[1:] == pytest.approx(path.to_numpy())
    matplotlib.pyplot.close(figure)
