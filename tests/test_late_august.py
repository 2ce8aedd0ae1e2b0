"""The late-August chapter: its verdicts follow the data, its figures show them."""

import pandas as pd
import pytest

from helpers import StudyError
from helpers.data.prices import load_returns
from helpers.evidence.late_august import Choices, LateAugust
from helpers.evidence.late_august_findings import late_august_findings
from helpers.presentation import late_august as chapter

PLATES = [
    chapter.timeline,
    chapter.day_by_day,
    chapter.paths,
    chapter.chance,
    chapter.china,
    chapter.lasting,
    chapter.specifications,
]


@pytest.fixture(scope="module")
def study():
    return LateAugust()


@pytest.fixture(scope="module")
def findings(study):
    return late_august_findings(study)


def with_return(study, session, value):
    """The study on returns in which one session of the share is replaced."""
    returns = study.returns.copy()
    returns.attrs = dict(study.returns.attrs)
    returns.loc[session, study.choices.symbol] = value
    return LateAugust(returns=returns)


def test_sessions_are_those_of_the_ledger(study):
    assert study.remark_day == pd.Timestamp("2025-08-21")
    assert study.fall_day == pd.Timestamp("2025-08-29")


def test_a_large_fall_after_the_remark_would_support_the_claim(study):
    fallen = late_august_findings(with_return(study, study.remark_day, -0.17))
    assert fallen.verdicts["nvidia-dip"].word == "supported"
    assert "−17.00\N{NO-BREAK SPACE}%" in fallen.verdicts["nvidia-dip"].sentence
    assert fallen.answer != late_august_findings(study).answer


def test_a_fall_that_the_sector_shares_would_support_it_in_part(study):
    returns = study.returns.copy()
    returns.attrs = dict(study.returns.attrs)
    returns.loc[study.remark_day, ["NVDA", "^SOX"]] = -0.15
    shared = late_august_findings(LateAugust(returns=returns))
    assert shared.verdicts["nvidia-dip"].word == "partly supported"


def test_a_small_fall_is_neither_supported_nor_contradicted(study):
    small = late_august_findings(with_return(study, study.remark_day, -0.03))
    assert small.verdicts["nvidia-dip"].word == "not supported"


def test_no_fall_contradicts_the_dip(study, findings):
    assert study.price_change(study.remark_day, 2) > 0
    assert findings.verdicts["nvidia-dip"].word == "contradicted"


def test_a_loss_that_lasts_would_be_a_signal(study):
    returns = study.returns.copy()
    returns.attrs = dict(study.returns.attrs)
    after = returns.index.get_loc(study.remark_day)
    returns.iloc[after : after + 21, returns.columns.get_loc("NVDA")] -= 0.03
    lasting = late_august_findings(LateAugust(returns=returns))
    assert lasting.verdicts["dip-is-signal"].word == "supported"


def test_a_gain_would_contradict_the_signal(study):
    returns = study.returns.copy()
    returns.attrs = dict(study.returns.attrs)
    after = returns.index.get_loc(study.remark_day)
    returns.iloc[after : after + 27, returns.columns.get_loc("NVDA")] += 0.03
    gained = late_august_findings(LateAugust(returns=returns))
    assert gained.verdicts["dip-is-signal"].word == "contradicted"


def test_another_share_can_be_asked_about():
    other = late_august_findings(LateAugust(Choices(symbol="AMD")))
    assert other.answer.startswith("Advanced Micro Devices")


def test_a_share_without_history_is_refused_with_the_reason():
    returns = load_returns(["NVDA", "^GSPC", "^SOX"], start="2025-06-02")
    with pytest.raises(StudyError, match="sessions before day 0"):
        late_august_findings(LateAugust(returns=returns))


def test_suspended_name_is_listed_not_dropped(study):
    skipped = study.china.skipped
    assert list(skipped.index.get_level_values("symbol")) == ["688347.SS"]
    assert "2025-08-18" in skipped["reason"].iloc[0]
    assert "2025-08-18" in chapter.china(study, late_august_findings(study))["caption"]


@pytest.mark.parametrize("plate", PLATES, ids=lambda plate: plate.__name__)
def test_figures_have_title_caption_alt_and_fit_their_width(plate, study, findings):
    import matplotlib

    matplotlib.use("Agg")
    made = plate(study, findings)
    figure = made["fig"]
    figure.canvas.draw()
    title = figure._suptitle
    width = figure.get_window_extent().width
    assert title.get_window_extent().x1 <= width, "the title runs off the figure"
    assert len(made["caption"]) > 60
    assert len(made["alt"]) > 80
    assert title.get_text() not in made["alt"]
    matplotlib.pyplot.close(figure)


def test_day_by_day_draws_the_study(study, findings):
    import matplotlib

    figure = chapter.day_by_day(study, findings)["fig"]
    drawn = [
        line.get_xdata()[0] for line in figure.axes[0].lines if line.get_marker() == "o"
    ]
    assert drawn == pytest.approx(study.weeks("^GSPC")["car"].to_list())
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert labels[3] == "Thu 21 Aug"
    matplotlib.pyplot.close(figure)


def test_specifications_are_all_shown(study):
    table = study.specifications.xs(study.choices.remark, level="event_id")
    assert len(table) == 18
    assert table["car"].notna().all()
    masked = table.xs("ledger events and results left out", level="mask")
    whole = table.xs("all sessions", level="mask")
    assert (masked["n_obs"].to_numpy() < whole["n_obs"].to_numpy()).all()
