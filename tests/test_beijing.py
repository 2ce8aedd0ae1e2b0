"""The chapter on Beijing's policy: its verdicts follow prices and documents."""

import matplotlib
import numpy as np
import pandas as pd
import pytest

from helpers.evidence.beijing import BASES, Beijing
from helpers.evidence.beijing_findings import beijing_findings, fund_moves, half_holds
from helpers.evidence.reactions import BASKETS, basket_returns
from helpers.presentation import beijing as chapter
from helpers.presentation import beijing_accounts as accounts

PLATES = [
    chapter.kinds,
    chapter.events,
    chapter.guidance,
    chapter.specifications,
    chapter.fund,
    accounts.nvidia_revenue,
    accounts.suppliers,
]


@pytest.fixture(scope="module")
def study():
    return Beijing()


@pytest.fixture(scope="module")
def findings(study):
    return beijing_findings(study)


def moved_by(study, event_ids, sizes):
    """The study with returns moved on day 0 of the events, by basket."""
    given = {}
    for basket, size in sizes.items():
        returns = basket_returns(BASKETS[basket])
        placed = study.everything(basket).placed.set_index("event_id")
        for at, event in enumerate(event_ids):
            # Moves of different size: a spread of zero has no test.
            returns.loc[placed.at[event, "day0"], basket] = size * (1 + at / 20)
        given[basket] = returns
    other = Beijing(returns=given)
    other.kinds = study.kinds
    return other


def test_only_beijings_measures_are_studied(study):
    assert set(study.measures["actor"]) == {"chinese-government"}
    assert len(study.guidance) == 5
    assert study.funding == ["big-fund-iii"]


def test_each_market_has_its_own_first_session(study):
    new_york = study.everything("Nvidia").placed.set_index("event_id")["day0"]
    shanghai = study.everything("mainland chip names").placed
    shanghai = shanghai.set_index("event_id")["day0"]
    stop = "rtx-pro-6000d-stop"
    assert new_york[stop] == pd.Timestamp("2025-09-17")
    assert shanghai[stop] == pd.Timestamp("2025-09-18")


def test_mean_is_over_dates(study):
    row = study.averages.loc[("mainland chip names", 0, 1)]
    table = study.by_event("mainland chip names").loc[study.guidance, "car"]
    assert row["car"] == pytest.approx(table.mean())
    assert row["n_events"] == 5


def test_undisturbed_reports_have_no_other_event_in_the_window(study):
    table = study.by_event("mainland chip names")
    alone = study.undisturbed("mainland chip names")
    assert 0 < len(alone) < len(study.guidance)
    assert (table.loc[alone, "others"] == "").all()


def test_today_neither_half_is_clear_by_every_test(study, findings):
    assert not half_holds(study, "Nvidia", -1)
    assert not half_holds(study, "mainland chip names", 1)
    assert findings.verdicts["beijing-guidance"].word == "partly supported"


def test_both_halves_would_support_and_their_opposite_contradict(study, findings):
    sizes = {"Nvidia": -0.12, "mainland chip names": 0.15}
    both = beijing_findings(moved_by(study, study.guidance, sizes))
    assert both.verdicts["beijing-guidance"].word == "supported"
    assert both.answer != findings.answer
    turned = {basket: -size for basket, size in sizes.items()}
    opposite = beijing_findings(moved_by(study, study.guidance, turned))
    assert opposite.verdicts["beijing-guidance"].word == "contradicted"


def test_without_verified_reports_nothing_is_supported(study):
    fewer = Beijing()
    fewer.measures = study.measures.copy()
    doubted = study.guidance[:3]
    fewer.measures.loc[doubted, "verification"] = "unverified"
    fewer.kinds = study.kinds
    assert fewer.guidance == study.guidance[3:]
    word = beijing_findings(fewer).verdicts["beijing-guidance"].word
    assert word == "not supported"


def test_fund_verdict_follows_prices_and_documents(study, findings):
    assert findings.verdicts["state-funding"].word == "partly supported"
    raised = moved_by(study, study.funding, {"Hong Kong foundries": 0.2})
    raised.averages = study.averages
    raised.specifications = study.specifications
    assert fund_moves(raised, 1) == ["Hong Kong foundries"]
    assert beijing_findings(raised).verdicts["state-funding"].word == "supported"
    sunk = moved_by(study, study.funding, {"Hong Kong foundries": -0.2})
    sunk.averages, sunk.specifications = study.averages, study.specifications
    assert beijing_findings(sunk).verdicts["state-funding"].word == "contradicted"
    sunk.funds = study.funds.assign(verification="unverified")
    assert beijing_findings(sunk).verdicts["state-funding"].word == "not supported"


def test_the_two_bases_are_never_joined(study, findings):
    matplotlib.use("Agg")
    figure = accounts.nvidia_revenue(study, findings)["fig"]
    lines = [
        [line for line in axes.lines if len(line.get_xdata()) > 3 and
         line.get_linestyle() == "-"]
        for axes in figure.axes
    ]  # fmt: skip
    assert [len(found) for found in lines] == [1, 1]
    first, second = (found[0].get_ydata() for found in lines)
    expected = [study.china_revenue[basis]["china_share"] for basis in BASES]
    assert np.allclose(first, 100 * expected[0])
    known = study.china_revenue["headquarters"]["verification"] != "unverified"
    assert np.allclose(second, 100 * expected[1][known])
    matplotlib.pyplot.close(figure)


@pytest.mark.parametrize("plate", PLATES, ids=lambda plate: plate.__name__)
def test_figures_have_title_caption_alt_and_fit_their_width(plate, study, findings):
    matplotlib.use("Agg")
    made = plate(study, findings)
    figure = made["fig"]
    figure.canvas.draw()
    title = figure._suptitle
    assert title.get_window_extent().x1 <= figure.get_window_extent().width
    assert len(made["caption"]) > 60
    assert len(made["alt"]) > 80
    assert title.get_text() not in made["alt"]
    matplotlib.pyplot.close(figure)
