"""The overview: one verdict a claim, from the chapter that decides, and its figure."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import matplotlib
import pytest
from data_folder import copy_data

from helpers.data.files import using_data_dir
from helpers.data.ledger import load_claims
from helpers.errors import HelpersError
from helpers.evidence.chapters import CHAPTERS, Reading
from helpers.evidence.claims import (
    RESTS_ON,
    SURVEY,
    chapter_key,
    data_fingerprint,
    decide,
    overview_of,
    stored_overview,
)
from helpers.evidence.how_sure_words import STRENGTHS
from helpers.evidence.late_august import LateAugust
from helpers.evidence.late_august_findings import late_august_findings
from helpers.evidence.verdict import WORDS, Verdict
from helpers.presentation import overview as chapter
from helpers.site.chapters import read_chapter

matplotlib.use("Agg")
LATE, INSIDE = "late-august", "inside-the-day"


@pytest.fixture(scope="module")
def readings() -> dict[str, Reading]:
    """A book whose verdicts go through the five words in turn."""
    found = {one.key: Reading({}, f"Answer of {one.key}.") for one in CHAPTERS}
    for number, (claim_id, name) in enumerate(load_claims()["notebook"].items()):
        word = WORDS[number % len(WORDS)]
        verdict = Verdict(claim_id, word, f"Evidence on {claim_id}.", "Criteria.")
        found[chapter_key(name)].verdicts[claim_id] = verdict
        entry = {"value": STRENGTHS[number % 4], "text": STRENGTHS[number % 4]}
        found[SURVEY].figures[f"{claim_id}: strength"] = entry
    return found


@pytest.fixture(scope="module")
def overview(readings):
    return overview_of(readings)


def with_verdict(readings, key, claim_id, word):
    """The book with one more verdict, or another one, in a chapter."""
    verdict = Verdict(claim_id, word, "Another sentence.", "Criteria.")
    verdicts = {**readings[key].verdicts, claim_id: verdict}
    return {**readings, key: replace(readings[key], verdicts=verdicts)}


def test_every_claim_belongs_to_a_registered_chapter_and_says_what_it_rests_on():
    claims = load_claims()
    keys = {chapter.key for chapter in CHAPTERS}

    assert {chapter_key(name) for name in claims["notebook"]} <= keys
    assert set(RESTS_ON) == set(claims.index)


# For every claim a test that changes the data a verdict rests on and sees it turn.
TURNS = {
    "nvidia-dip": "late_august::a_large_fall_after_the_remark_would_support_the_claim",
    "dip-is-signal": "late_august::a_loss_that_lasts_would_be_a_signal",
    "pressure-accelerates": "export_controls::gains_on_controls_would_be_the_article_"
    "and_losses_the_usual_reading",
    "deepseek-rival": "domestic_alternatives::price_verdicts_turn_with_the_sign_of_"
    "event_days",
    "deepseek-domestic": "domestic_alternatives::price_verdicts_turn_with_the_sign_of_"
    "event_days",
    "huawei-roadmap": "domestic_alternatives::price_verdicts_turn_with_the_sign_of_"
    "event_days",
    "restrictions-innovate": "domestic_alternatives::unverified_releases_carry_no_"
    "verdict",
    "ecosystem-investment": "domestic_alternatives::each_leg_of_the_investment_"
    "verdict_can_fail",
    "beijing-guidance": "beijing::both_halves_would_support_and_their_opposite_"
    "contradict",
    "state-funding": "beijing::fund_verdict_follows_prices_and_documents",
    "us-exposure": "global_semiconductors::losses_of_all_exposed_groups_would_support_"
    "the_claim",
    "global-fragmentation": "global_semiconductors::end_markets_that_differ_would_"
    "support_fragmentation_in_part",
    "china-determined": "parallel_ecosystems::determined_follows_the_accounts",
    "parallel-ecosystems": "parallel_ecosystems::a_link_that_ends_with_the_rule_would_"
    "support_the_claim",
    "domestic-manufacturing": "what_next::verdicts_turn_when_later_figures_and_events_"
    "turn",
    "equipment-software-bottleneck": "what_next::the_bottleneck_turns_with_returns_"
    "and_report",
    "how-quickly": "what_next::verdicts_turn_when_later_figures_and_events_turn",
}


def test_every_claim_has_a_test_that_turns_its_verdict():
    assert set(TURNS) == set(load_claims().index)
    for claim, place in TURNS.items():
        module, name = place.split("::")
        source = Path(__file__).with_name(f"test_{module}.py").read_text()
        found = source.partition(f"def test_{name}(")[2].partition("\ndef ")[0]
        named = claim in found or ("CLAIM" in found and f'CLAIM = "{claim}"' in source)
        assert named, f"{place} says nothing of {claim}"
        assert "word" in found, f"{place} looks at no verdict"


def test_every_notebook_of_the_book_is_a_registered_chapter(root):
    notebooks = map(read_chapter, (root / "notebooks").glob("*.ipynb"))
    book = {f"{one.name}.ipynb" for one in notebooks if not one.is_lab}

    assert book == {one.notebook for one in CHAPTERS} | {"00-overview.ipynb"}


def test_verdicts_are_those_of_the_chapters_in_the_order_of_the_claims(readings):
    decided = decide(readings)

    assert list(decided) == list(load_claims().index)
    assert decided["nvidia-dip"] == readings[LATE].verdicts["nvidia-dip"]


def test_a_claim_without_verdict_is_an_error_that_names_it(readings):
    poorer = {**readings, "beijings-policy": Reading({}, "")}
    with pytest.raises(HelpersError, match="'beijing-guidance' has no verdict"):
        decide(poorer)
    without = {key: one for key, one in readings.items() if key != LATE}
    with pytest.raises(HelpersError, match="'late August', which does not exist"):
        decide(without)


def test_a_claim_that_the_survey_leaves_out_is_an_error_that_names_it(readings):
    figures = dict(readings[SURVEY].figures)
    del figures["nvidia-dip: strength"]
    poorer = {**readings, SURVEY: replace(readings[SURVEY], figures=figures)}
    with pytest.raises(HelpersError, match="'nvidia-dip' survives"):
        overview_of(poorer)
    without = {key: one for key, one in readings.items() if key != SURVEY}
    with pytest.raises(HelpersError, match="'how-sure' does not say"):
        overview_of(without)


def test_the_strength_of_each_verdict_stands_beside_it(readings, overview):
    figure = chapter.verdicts(overview)["fig"]
    drawn = [text.get_text().replace("\n", " ") for text in figure.axes[0].texts]
    for claim_id, row in overview.claims.iterrows():
        stated = readings[SURVEY].figures[f"{claim_id}: strength"]["value"]
        assert row["strength"] == stated
    for strength in STRENGTHS:
        assert drawn.count(strength) == (overview.claims["strength"] == strength).sum()
    assert "How sure: [holds](09-how-sure-are-we.ipynb)" in chapter.claims_text(
        overview
    )


def test_a_verdict_on_no_claim_is_an_error(readings):
    richer = with_verdict(readings, LATE, "nvidia-dop", "supported")
    with pytest.raises(HelpersError, match="'nvidia-dop', which is no claim"):
        decide(richer)


def test_a_second_reading_stands_beside_the_verdict_and_changes_nothing(
    readings, overview
):
    first = overview.claims.at["nvidia-dip", "word"]
    second = overview_of(with_verdict(readings, INSIDE, "nvidia-dip", "contradicted"))

    assert second.claims.at["nvidia-dip", "word"] == first == "supported"
    others = {"03-inside-the-day.ipynb": "contradicted"}
    assert second.claims.at["nvidia-dip", "others"] == others
    assert second.answer == overview.answer
    assert second.figures["judged_twice"] == "1"
    assert second.figures["judged_twice_alike"] == "0"


def test_another_verdict_changes_table_counts_answer_and_figure(readings, overview):
    other = overview_of(with_verdict(readings, LATE, "nvidia-dip", "contradicted"))

    assert other.claims.at["nvidia-dip", "word"] == "contradicted"
    counts = {word: overview.figures.entries[word]["value"] for word in WORDS}
    assert sum(counts.values()) == len(load_claims())
    assert other.figures["contradicted"] == str(counts["contradicted"] + 1)
    assert other.answer != overview.answer
    assert chapter.verdicts(other)["alt"] != chapter.verdicts(overview)["alt"]


def test_the_overview_comes_back_from_its_stored_figures(overview):
    entries = json.loads(json.dumps(overview.figures.entries))
    again = stored_overview(entries)

    assert again is not None
    assert again.answer == overview.answer
    assert again.claims.equals(overview.claims)
    assert again.answers == overview.answers
    assert again.figures.entries == overview.figures.entries


def test_stored_verdicts_are_not_used_for_other_data(overview, tmp_path):
    entries = overview.figures.entries
    before = data_fingerprint()
    with using_data_dir(copy_data(tmp_path / "data")) as folder:
        same = data_fingerprint()
        path = folder / "events.csv"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(",verified,", ",partly,", 1), encoding="utf-8")
        assert data_fingerprint() not in (same, before)
        assert stored_overview(entries) is None


def test_an_incomplete_file_of_results_is_not_used(overview):
    entries = dict(overview.figures.entries)
    del entries["nvidia-dip: word"]
    assert stored_overview(entries) is None
    assert stored_overview({}) is None


def test_the_stored_verdicts_are_those_of_the_functions(root):
    stored = json.loads((root / "notebooks/results.json").read_text(encoding="utf-8"))
    found = stored_overview(stored["overview"])
    assert found is not None, "results.json is of other data: run make"
    for claim_id, verdict in late_august_findings(LateAugust()).verdicts.items():
        assert found.claims.at[claim_id, "word"] == verdict.word
        assert found.claims.at[claim_id, "sentence"] == verdict.sentence


def test_the_scoreboard_puts_each_mark_in_the_column_of_its_verdict(overview):
    plate = chapter.verdicts(overview)
    figure = plate["fig"]
    figure.canvas.draw()
    axes = figure.axes[0]
    marks = [int(line.get_xdata()[0]) for line in axes.lines]

    assert marks == [WORDS.index(word) for word in overview.claims["word"]]
    assert figure.get_size_inches()[1] <= 9
    edge = figure.get_window_extent().width
    assert figure._suptitle.get_window_extent().x1 <= edge
    assert all(text.get_window_extent().x1 <= edge for text in axes.texts)
    assert min(label.get_window_extent().x0 for label in axes.get_yticklabels()) >= 0
    assert len(plate["caption"]) > 60
    assert len(plate["alt"]) > 80


def test_a_second_reading_is_a_ring_in_its_own_column(readings):
    second = overview_of(with_verdict(readings, INSIDE, "nvidia-dip", "contradicted"))
    axes = chapter.verdicts(second)["fig"].axes[0]
    rings = [line for line in axes.lines if line.get_markersize() > 12]

    assert [line.get_xdata()[0] for line in rings] == [WORDS.index("contradicted")]


def test_every_claim_is_told_with_its_evidence_and_a_link(overview):
    text = chapter.claims_text(overview)

    for claim_id, row in overview.claims.iterrows():
        assert row["claim"] in text
        assert f"Evidence on {claim_id}." in text
        assert f"]({row['notebook']})" in text
    assert chapter.chapters_text(overview).count("\n") == len(CHAPTERS) - 1
