"""The chapter on global semiconductors: verdicts follow the data."""

import pandas as pd
import pytest

from helpers.evidence.global_semiconductors import (
    CONTROLS,
    PUSHBACK,
    Choices,
    GlobalSemiconductors,
)
from helpers.evidence.global_semiconductors_findings import global_findings, losers
from helpers.presentation import global_semiconductors as chapter

PLATES = [chapter.groups, chapter.by_event, chapter.leads, chapter.factors]


@pytest.fixture(scope="module")
def study():
    return GlobalSemiconductors()


@pytest.fixture(scope="module")
def findings(study):
    return global_findings(study)


def with_move(study, symbols, move, kinds=(CONTROLS, PUSHBACK)):
    """The study on returns in which event days have this abnormal return more."""
    returns = study.returns.copy()
    returns.attrs = dict(study.returns.attrs)
    for kind in kinds:
        group = study.choices.exposed[0]
        days = study.reactions(group, kind).events["day0"].unique()
        for symbol in symbols:
            returns.loc[pd.DatetimeIndex(days), symbol] += move
    # Event days are few: co-movement is taken over as it is.
    return GlobalSemiconductors(Choices(comovement=study.comovement), returns)


def exposed_symbols(study):
    return [symbol for group in study.choices.exposed for symbol in group.symbols]


def test_events_are_verified_and_of_the_named_kind(study):
    from helpers import load_ledger

    ledger = load_ledger()
    for ids in study.events.values():
        assert (ledger.loc[ids, "verification"] == "verified").all()
    assert "gallium-ban-to-us" not in study.events[CONTROLS]
    assert "micron-ban" in study.events[PUSHBACK]


def test_no_loss_counts_and_the_sentence_says_what_could_have_been_found(
    study, findings
):
    verdict = findings.verdicts["us-exposure"]
    assert not losers(study, CONTROLS) + losers(study, PUSHBACK)
    assert verdict.word == "not supported"
    assert "four times in five" in verdict.sentence


def test_losses_of_all_exposed_groups_would_support_the_claim(study, findings):
    fallen = global_findings(with_move(study, exposed_symbols(study), -0.06))
    assert fallen.verdicts["us-exposure"].word == "supported"
    assert fallen.answer != findings.answer


def test_losses_of_one_group_would_support_it_in_part(study):
    one = global_findings(with_move(study, ["NVDA"], -0.06, [CONTROLS]))
    assert one.verdicts["us-exposure"].word == "partly supported"
    assert "Nvidia" in one.answer
    # Data centres then fall, cars and phones do not: the effects differ.
    assert one.verdicts["global-fragmentation"].word in (
        "not supported",
        "partly supported",
    )


def test_gains_on_all_days_contradict_the_warning(study):
    gained = global_findings(with_move(study, exposed_symbols(study), 0.04))
    assert gained.verdicts["us-exposure"].word == "contradicted"


def test_end_markets_that_differ_would_support_fragmentation_in_part(study):
    symbols = ["NVDA", "AMD", "AVGO", "MRVL", "ANET", "DELL", "SMCI"]
    apart = global_findings(with_move(study, symbols, -0.08))
    assert apart.verdicts["global-fragmentation"].word == "partly supported"


def test_fragmentation_is_not_supported_as_the_data_stand(findings):
    assert findings.verdicts["global-fragmentation"].word == "not supported"


def test_events_left_out_are_named_with_their_reason(study):
    table = chapter.events_table(study)["df"]
    assert table.loc["amd-mi308-licence", "studied"] == "with nvda-h20-licence"
    assert "sessions before" in table.loc["huawei-entity-list", "studied"]


@pytest.mark.parametrize("plate", PLATES, ids=lambda plate: plate.__name__)
def test_figures_have_title_caption_alt_and_fit_their_width(plate, study, findings):
    import matplotlib

    matplotlib.use("Agg")
    made = plate(study, findings)
    figure = made["fig"]
    figure.canvas.draw()
    title = figure._suptitle
    assert title.get_window_extent().x1 <= figure.get_window_extent().width
    assert len(made["caption"]) > 60
    assert len(made["alt"]) > 80
    assert title.get_text() not in made["alt"]
