"""The chapter on domestic alternatives: verdicts follow data, figures show them."""

from copy import copy

import pandas as pd
import pytest

from helpers.data.chips import load_chips
from helpers.data.facts import load_fundamentals
from helpers.data.ledger import load_ledger
from helpers.evidence.accelerators import Accelerators
from helpers.evidence.domestic_alternatives import Choices, DomesticAlternatives
from helpers.evidence.domestic_findings import domestic_findings
from helpers.evidence.domestic_news import GROUPS, SETBACK
from helpers.evidence.domestic_verdicts import ON_CHINESE_CHIPS
from helpers.evidence.ecosystem import Ecosystem
from helpers.evidence.monday_after_r1 import MONDAY
from helpers.presentation import domestic_alternatives as chapter
from helpers.presentation import domestic_facts as facts

# Enough for every verdict; the chapter's other kinds of news decide none.
FEWER = Choices(groups={name: GROUPS[name] for name in list(GROUPS)[:2]})


@pytest.fixture(scope="module")
def study():
    return DomesticAlternatives()


@pytest.fixture(scope="module")
def chips():
    return Accelerators()


@pytest.fixture(scope="module")
def ecosystem():
    return Ecosystem()


@pytest.fixture(scope="module")
def findings(study, chips, ecosystem):
    return domestic_findings(study, chips, ecosystem)


@pytest.fixture(scope="module")
def flipped(study):
    """The study with the sign of every event-day return turned around."""
    returns = {}
    for name, table in study.returns.items():
        changed = table.copy()
        changed.attrs = dict(table.attrs)
        for day in study.by_event[name]["day0"]:
            at = changed.index.get_loc(day)
            changed.iloc[at : at + 2, changed.columns.get_loc(name)] *= -1
        returns[name] = changed
    share = study.monday.returns.copy()
    share.attrs = dict(study.monday.returns.attrs)
    share.loc[study.by_event["Nvidia"].loc[MONDAY, "day0"], "NVDA"] *= -1
    return DomesticAlternatives(FEWER, returns=returns, share_returns=share)


def with_ledger(study, ledger):
    """The same study, its reactions kept, beside another ledger."""
    other = copy(study)
    other.ledger = ledger
    return other


def words(findings):
    return {name: verdict.word for name, verdict in findings.verdicts.items()}


def test_price_verdicts_turn_with_the_sign_of_event_days(
    flipped, findings, chips, ecosystem
):
    turned = domestic_findings(flipped, chips, ecosystem)
    before, after = words(findings), words(turned)
    assert before["deepseek-rival"] == "partly supported"
    assert after["deepseek-rival"] == "contradicted"
    assert before["deepseek-domestic"] == "partly supported"
    assert after["deepseek-domestic"] == "contradicted"
    assert before["huawei-roadmap"] == "partly supported"
    assert after["huawei-roadmap"] == "not supported"
    assert turned.answer != findings.answer


def test_without_the_setback_the_turn_would_be_supported(study, chips, ecosystem):
    ledger = load_ledger()
    ledger.loc[SETBACK, "verification"] = "unverified"
    other = with_ledger(study, ledger)
    found = domestic_findings(other, chips, ecosystem)
    assert found.verdicts["deepseek-domestic"].word == "supported"


def test_unverified_releases_carry_no_verdict(study, chips, ecosystem):
    ledger = load_ledger()
    ledger["verification"] = "unverified"
    other = with_ledger(study, ledger)
    found = words(domestic_findings(other, chips, ecosystem))
    assert found["deepseek-domestic"] == "contradicted"
    assert found["restrictions-innovate"] == "not testable with these data"


def test_weak_planned_parts_lose_the_roadmap_its_support(study, ecosystem):
    weak = load_chips()
    planned = weak["availability"] == "planned"
    weak.loc[planned, ["tpp", "tpp_low", "tpp_high"]] = 1000.0
    found = domestic_findings(study, Accelerators(weak), ecosystem)
    assert found.verdicts["huawei-roadmap"].word == "not supported"


def test_unverified_parts_do_not_count_for_the_roadmap(chips):
    table = load_chips()
    table.at["huawei-ascend-970", "unverified"] = ("fp8_tflops", "tpp")
    assert "huawei-ascend-970" in chips.roadmap.index
    assert "huawei-ascend-970" not in Accelerators(table).roadmap.index


def test_each_leg_of_the_investment_verdict_can_fail(study, chips, ecosystem):
    shrinking = load_fundamentals()
    late = shrinking["period_end"] > pd.Timestamp("2025-07-31")
    own = shrinking["entity"].isin(["Cambricon", "SMIC", "Hua Hong"])
    shrinking.loc[late & own, "value"] *= 0.1
    returns = ecosystem.returns.copy()
    names = returns["mainland chip names"]
    returns["mainland chip names"] = names.where(names < 0.05, 0)
    sunk = ecosystem.listed.assign(gain=-0.1)
    kept = ecosystem.returns
    legs = {
        "3": ("partly supported", Ecosystem(returns=kept)),
        "2": ("partly supported", Ecosystem(returns=kept, listings=sunk)),
        "1": ("not supported", Ecosystem(shrinking, returns=kept, listings=sunk)),
        "0": ("contradicted", Ecosystem(shrinking, returns=returns, listings=sunk)),
    }
    for count, (word, changed) in legs.items():
        found = domestic_findings(study, chips, changed)
        assert found.figures["investment_legs"] == count
        assert found.verdicts["ecosystem-investment"].word == word


def test_growth_compares_verified_figures_of_equal_length(ecosystem):
    row = ecosystem.growth.loc["Cambricon"]
    assert row["period"] == "half"
    assert row["growth"] == pytest.approx(5996 / 2881 - 1)
    assert ecosystem.growth.loc["Hygon", "period_end"].year == 2024


def test_prices_end_where_the_basket_is_still_whole(ecosystem):
    assert ecosystem.returns.index[-1] == pd.Timestamp("2025-12-26")


def test_events_of_one_session_are_one_observation(study):
    row = study.at_event("mainland chip names", "china-triple-ai-chip-output")
    assert row.equals(study.at_event("mainland chip names", "cambricon-h1-2025"))
    assert study.at_event("Nvidia", "china-triple-ai-chip-output").name == (
        "china-triple-ai-chip-output"
    )


def test_disturbed_events_are_known(study):
    events = GROUPS[ON_CHINESE_CHIPS]
    clean = study.undisturbed("mainland chip names", events)
    assert clean == ("deepseek-v4-huawei-report", "deepseek-v4")


def test_lines_are_those_in_force_and_the_letters_are_left_out(chips):
    lines = chips.lines("tpp")
    assert sorted(lines["value"].unique()) == [1600, 2400, 4800, 21000]
    assert chips.licence_line == 4800
    assert lines["first"].min() == pd.Timestamp("2022-10-21")


def test_undisclosed_chips_are_counted_not_drawn(chips):
    assert "thead-ppu" in chips.undisclosed.index
    assert not set(chips.undisclosed.index) & set(chips.points.index)


@pytest.mark.parametrize(
    "name", ["releases", "chips_reactions", "specifications", "thresholds", "revenue",
             "market_value"]
)  # fmt: skip
def test_figures_have_title_caption_alt_and_fit_their_width(
    name, study, chips, ecosystem, findings
):
    import matplotlib

    matplotlib.use("Agg")
    source = {
        "thresholds": chips,
        "revenue": ecosystem,
        "market_value": ecosystem,
    }.get(name, study)
    module = chapter if source is study else facts
    made = getattr(module, name)(source, findings)
    figure = made["fig"]
    figure.canvas.draw()
    title = figure._suptitle
    width = figure.get_window_extent().width
    assert title.get_window_extent().x1 <= width, "the title runs off the figure"
    assert figure.get_figheight() <= 9.1
    assert len(made["caption"]) > 60
    assert len(made["alt"]) > 80
    assert title.get_text() not in made["alt"]
    matplotlib.pyplot.close(figure)


def test_planned_and_unverified_parts_are_drawn_hollow(chips, findings):
    import matplotlib

    figure = facts.thresholds(chips, findings)["fig"]
    faces = {
        round(float(line.get_ydata()[0])): line.get_markerfacecolor()
        for line in figure.axes[0].lines
        if line.get_marker() == "o"
    }
    assert faces[32000] == "white"
    assert faces[5120] == "white"
    assert faces[12800] != "white"
    matplotlib.pyplot.close(figure)
