"""The survey of all verdicts: it finds what carries a result, and follows the data."""

from __future__ import annotations

import json
from dataclasses import replace

import matplotlib
import numpy as np
import pandas as pd
import pytest

from helpers.data.ledger import load_claims
from helpers.errors import HelpersError
from helpers.evidence.beijing import Beijing
from helpers.evidence.how_sure import BEYOND, HowSure
from helpers.evidence.how_sure_checks import (
    check,
    main_study,
    tested,
    without_events,
    words_without,
)
from helpers.evidence.how_sure_claims import Studies, price_claims
from helpers.evidence.how_sure_curves import grid_of
from helpers.evidence.how_sure_findings import how_sure_findings
from helpers.evidence.how_sure_legs import PriceClaim
from helpers.evidence.how_sure_size import WORLDS, band, measured_size
from helpers.evidence.how_sure_tests import every_test, in_words
from helpers.evidence.how_sure_words import DEPENDS, DOCUMENTS, STRENGTHS
from helpers.evidence.reactions import BASKETS, basket_returns
from helpers.evidence.verdict import WORDS
from helpers.presentation import how_sure as chapter
from helpers.presentation import how_sure_curves as curves
from helpers.presentation import how_sure_tables as tables
from helpers.study.events import event_mask

matplotlib.use("Agg")
GUIDANCE, FIRST = "beijing-guidance", "nvidia-dip"
FEWEST = 500


@pytest.fixture(scope="module")
def recorded(root):
    stored = json.loads((root / "notebooks/results.json").read_text(encoding="utf-8"))
    words = {
        name.removesuffix(": word"): entry["value"]
        for name, entry in stored["overview"].items()
        if name.endswith(": word")
    }
    alone = {key: stored[key] for key in stored if key not in ("overview", "how-sure")}
    return words, alone


@pytest.fixture(scope="module")
def studies():
    return Studies.bundled()


@pytest.fixture(scope="module")
def claims(studies):
    return price_claims(studies)


@pytest.fixture(scope="module")
def study(recorded, studies):
    """The survey of two claims with fewer draws, to save time."""
    asked = [FIRST, GUIDANCE, *BEYOND]
    found = HowSure(*recorded, studies, ask=asked, placebo_dates=200, jobs=1)
    found.sizes = [measured_size(world, 100) for world in WORLDS]
    return found


@pytest.fixture(scope="module")
def findings(study):
    return how_sure_findings(study)


def moved(study: Beijing, size: float) -> Beijing:
    """The study with `size` added to Chinese names, taken off Nvidia, on day 0."""
    given = {}
    for basket, sign in ((study.choices.nvidia, -1), (study.choices.china[0], 1)):
        returns = basket_returns(BASKETS[basket])
        placed = study.everything(basket).placed
        days = placed.loc[placed["event_id"].isin(study.guidance), "day0"].unique()
        returns.loc[returns.index.isin(days), basket] += sign * size
        given[basket] = returns
    return Beijing(returns=given)


def leg_of(claims: dict[str, PriceClaim], claim_id: str, name: str):
    return next(leg for leg in claims[claim_id].legs if leg.name == name)


def test_every_price_claim_is_studied_or_listed_with_a_reason(claims):
    priced = load_claims().index[["price" in kind for kind in load_claims()["kind"]]]
    assert set(priced) == {*claims, *BEYOND}
    assert not set(claims) & set(BEYOND)


def test_the_survey_reads_what_the_chapters_read(claims, recorded):
    _, chapters = recorded
    same = {
        (FIRST, "NVIDIA"): ("late-august", "remark_market_two_days"),
        ("pressure-accelerates", "mainland chip names"): (
            "export-controls",
            "chips_thesis_differ",
        ),
        (GUIDANCE, "Nvidia"): ("beijings-policy", "nvidia"),
        (GUIDANCE, "mainland chip names"): ("beijings-policy", "chips"),
        ("state-funding", "Hong Kong foundries"): ("beijings-policy", "fund_foundries"),
        ("huawei-roadmap", "mainland tool makers"): (
            "domestic-alternatives",
            "roadmap_mainland_tool_makers",
        ),
    }
    for (claim_id, name), (key, stem) in same.items():
        leg = leg_of(claims, claim_id, name)
        found = tested(main_study(leg), leg)
        assert found.estimate == pytest.approx(chapters[key][stem]["value"], rel=1e-5)
        p_value = chapters[key][f"{stem}_p"]["value"]
        assert found.p_value == pytest.approx(p_value, rel=1e-5)
    leg = leg_of(claims, GUIDANCE, "Nvidia")
    least = chapters["beijings-policy"]["nvidia_detectable"]["value"]
    assert tested(main_study(leg), leg).detectable == pytest.approx(least, rel=1e-5)


def test_rules_give_verdicts_and_turn_with_the_readings(claims, recorded):
    words, _ = recorded
    for claim_id, claim in claims.items():
        names = [leg.name for leg in claim.legs]
        given = {claim.rule(dict.fromkeys(names, sign)) for sign in (-1, 0, 1)}
        given.add(claim.rule({leg.name: leg.direction for leg in claim.legs}))
        assert given <= set(WORDS)
        assert len(given) > 1, claim_id
    silent = dict.fromkeys([leg.name for leg in claims[GUIDANCE].legs], 0)
    assert claims[GUIDANCE].rule(silent) == words[GUIDANCE]


def test_every_study_has_hundreds_of_defensible_specifications(claims):
    for claim_id, claim in claims.items():
        for leg in claim.legs:
            found = list(grid_of(leg).specifications())
            assert len(found) >= FEWEST, (claim_id, leg.name)
            assert len(set(found)) == len(found)
            assert found[0].window == leg.window
            assert found[0].estimation == leg.base.estimation


def test_leaving_one_event_out_finds_the_one_that_carries_the_mean(studies):
    own = studies.beijing
    basket = own.choices.china[0]
    returns = basket_returns(BASKETS[basket])
    placed = own.everything(basket).placed.set_index("event_id")
    planted = own.guidance[2]
    returns.loc[placed.at[planted, "day0"], basket] += 0.5
    other = replace(studies, beijing=Beijing(returns={basket: returns}))
    leg = leg_of(price_claims(other), GUIDANCE, basket)
    table = without_events(main_study(leg), leg)
    change = (table["estimate"] - tested(main_study(leg), leg).estimate).abs()
    assert change.idxmax() == planted
    rest = table.drop(planted)["estimate"]
    assert (rest - table.at[planted, "estimate"] > 0.08).all()


def test_leaving_one_firm_out_is_the_mean_of_the_others(claims):
    leg = leg_of(claims, GUIDANCE, "mainland chip names")
    firm = leg.firms[0]
    others = leg.members[[name for name in leg.firms if name != firm]].mean(axis=1)
    found = leg.without(firm)[leg.base.basket.name]
    pd.testing.assert_series_equal(found, others, check_names=False)


def test_what_is_left_out_of_one_study_is_left_out_of_all(claims):
    claim = claims[GUIDANCE]
    checks = {leg.name: check(leg) for leg in claim.legs}
    tabled = {name: found.events for name, found in checks.items()}
    assert set(words_without(claim, {}, tabled)) == set(tabled["Nvidia"].index)
    flipped = {
        name: table.assign(reading=-1 if name == "Nvidia" else 1)
        for name, table in tabled.items()
    }
    assert set(words_without(claim, {}, flipped).values()) == {"supported"}


def test_unverified_events_count_only_when_they_are_let_in(claims):
    leg = leg_of(claims, "pressure-accelerates", "mainland chip names")
    assert set(leg.events["verification"]) == {"verified"}
    assert len(leg.wider_events) > len(leg.events)
    found = check(leg)
    assert found.unverified == (leg.wider_events["verification"] != "verified").sum()
    assert found.verified == found.main
    assert found.wider.dates > found.main.dates


def test_other_returns_on_the_days_of_the_events_change_what_survives(
    recorded, studies, study
):
    before = study.survival[GUIDANCE]
    assert before.strength == DOCUMENTS
    assert before.agreeing == before.specifications
    other = replace(studies, beijing=moved(studies.beijing, 0.15))
    found = HowSure(*recorded, other, ask=[GUIDANCE], placebo_dates=200, jobs=1)
    after = found.survival[GUIDANCE]
    assert after.strength == DEPENDS
    assert after.one_test == "supported" != after.verdict
    assert after.turned_to
    assert after.turned_to["supported"] > after.agreeing
    assert after.joint_p < 0.05 < before.joint_p
    shown = tables.verdicts(found)["df"].iloc[0]
    assert shown["how sure"] == DEPENDS


def test_known_corrections_of_known_p_values():
    # Benjamini and Hochberg's adjusted values worked out by hand.
    known = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216]
    holm = [0.01, 0.072, *[0.312] * 5, *[0.615] * 3]
    bh = [0.01, 0.04, *[0.084] * 3, 0.1, 0.74 / 7, *[0.216] * 3]
    entries = {
        f"test_{n}_p": {"value": value, "text": "", "kind": "p-value"}
        for n, value in enumerate(reversed(known))
    }
    entries |= {
        "least_holm_p": {"value": 1e-9, "text": "", "kind": "p-value"},
        "no_test": {"value": 1e-9, "text": ""},
    }
    half = dict(list(entries.items())[:4])
    rest = dict(list(entries.items())[4:])
    found = every_test({"one": half, "two": rest})
    assert found.table["p_value"].tolist() == known
    assert found.table["holm"].tolist() == pytest.approx(holm)
    assert found.table["bh"].tolist() == pytest.approx(bh)
    assert found.derived == 1
    assert [found.below(name) for name in ("p_value", "bh", "holm")] == [5, 2, 1]
    assert found.cutoff("bh") == 0.008
    assert found.by_chapter()["tests"].to_dict() == {"one": 4, "two": 6}


def test_a_book_without_p_values_is_refused():
    with pytest.raises(HelpersError, match="No chapter recorded a p-value"):
        every_test({"one": {"size": {"value": 0.05, "text": "5 %"}}})


def test_nothing_that_the_chapters_recorded_is_left_out(recorded):
    _, chapters = recorded
    found = every_test(chapters)
    marked = sum(
        entry.get("kind") == "p-value"
        for entries in chapters.values()
        for entry in entries.values()
    )
    assert len(found.table) + found.derived == marked > 300
    assert in_words("chips_thesis_differ_placebo_p") == (
        "mainland chip names thesis where the readings differ, by placebo dates"
    )


def test_naive_tests_reject_too_often_where_nothing_happened():
    found = measured_size(WORLDS[0], 200)
    low, high = band(found.studies)
    assert (found.rates.loc["cross_sectional"] > high).all()
    assert found.rates.loc["corrado"].mean() <= high
    assert low < 0.05 < high


def test_the_same_seed_draws_the_same_dates():
    alone = WORLDS[-1]
    first, again = (measured_size(alone, 50).rates for _ in range(2))
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(measured_size(alone, 50, seed=1).rates)


def test_random_dates_are_free_of_news():
    from helpers.evidence.how_sure_size import _eligible, _every_session

    world = WORLDS[-1]
    everywhere = _every_session(world)
    places = _eligible(everywhere, world)
    dates = everywhere.fit.design.timeline.dates
    news = event_mask(world.basket.symbols)["date"]
    assert not dates[places].isin(news).any()
    assert not dates[places + 1].isin(news).any()
    assert len(places) > FEWEST


def test_claims_beyond_a_curve_say_why(study):
    for claim_id, reason in BEYOND.items():
        assert study.survival[claim_id].note.startswith(reason)
        assert study.survival[claim_id].strength in STRENGTHS


def test_a_claim_without_verdict_is_an_error(recorded, studies):
    words, chapters = recorded
    poorer = {name: word for name, word in words.items() if name != FIRST}
    with pytest.raises(HelpersError, match="'nvidia-dip' has no verdict"):
        HowSure(poorer, chapters, studies)


def test_strength_of_every_claim_is_recorded(findings, study):
    for claim_id in study.asked:
        stated = findings.figures.entries[f"{claim_id}: strength"]["value"]
        assert stated == study.survival[claim_id].strength


PLATES = [
    chapter.sizes,
    chapter.power,
    chapter.left_out,
    chapter.all_tests,
    curves.august,
    curves.others,
    curves.choices,
]


@pytest.mark.parametrize("plate", PLATES, ids=lambda plate: plate.__name__)
def test_figures_have_title_caption_alt_and_fit_their_width(plate, study, findings):
    made = plate(study, findings)
    figure = made["fig"]
    figure.canvas.draw()
    title = figure._suptitle
    assert title.get_window_extent().x1 <= figure.get_window_extent().width
    assert len(made["caption"]) > 60
    assert len(made["alt"]) > 80
    assert title.get_text() not in made["alt"]
    matplotlib.pyplot.close(figure)


def test_the_curve_of_the_figure_is_that_of_the_study(study, findings):
    figure = curves.august(study, findings)["fig"]
    ((_, curve),) = study.curves[FIRST].items()
    drawn = np.concatenate(
        [line.get_ydata() for line in figure.axes[0].lines if line.get_marker() == "."]
    )
    assert sorted(drawn) == pytest.approx(sorted(curve.table["estimate"]))
    assert len(curve.table) >= FEWEST
    assert curve.placebos > FEWEST
    assert study.blocks.placebos == study.placebo_dates
    matplotlib.pyplot.close(figure)
