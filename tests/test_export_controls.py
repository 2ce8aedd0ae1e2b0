"""The chapter on export controls: its verdict follows prices and revenue."""

import matplotlib
import numpy as np
import pandas as pd
import pytest

from helpers import StudyError, event_study, load_events
from helpers.data.ledger import load_ledger
from helpers.evidence.export_controls import CHAINS, ExportControls
from helpers.evidence.export_controls_findings import (
    export_controls_findings,
    prices_speak,
    revenue_cells,
    spoken_for,
)
from helpers.evidence.reactions import BASKETS, Reactions, basket_returns
from helpers.evidence.signed import expected_signs, signed_events, signed_study
from helpers.evidence.supplier_revenue import (
    cumulative_revenue,
    four_quarters,
    growth_after,
)
from helpers.evidence.tool_controls import ToolControls
from helpers.presentation import export_controls as chapter
from helpers.presentation import export_controls_readings as reading
from helpers.presentation import supplier_revenue as suppliers

PLATES = [
    chapter.averages,
    chapter.events,
    reading.readings,
    reading.denied,
    reading.specifications,
    chapter.paths,
    chapter.activity,
    suppliers.revenue,
]
CLAIM = "pressure-accelerates"


@pytest.fixture(scope="module")
def study():
    return ExportControls()


@pytest.fixture(scope="module")
def findings(study):
    return export_controls_findings(study)


def moved_by(study, size):
    """The study with `size` added on day 0 where the article expects a gain."""
    signs = study.signs("thesis")
    given = {}
    for basket in study.choices.china:
        returns = basket_returns(BASKETS[basket])
        placed = signed_events(study.everything(basket), signs)
        for row in placed.itertuples():
            if row.day0 in returns.index:
                returns.loc[row.day0, basket] += size * row.sign
        given[basket] = returns
    return like(study, ExportControls(returns=given))


def like(study, other):
    """`other` with what the verdict does not read taken over, to save time."""
    for name in ("averages", "activity", "denied", "paths", "before_and_after"):
        setattr(other, name, getattr(study, name))
    other.steps, other.by_event = study.steps, study.by_event
    return other


def test_only_us_pressure_is_studied(study):
    assert set(study.pressure["actor"]) == {"us-government"}
    assert "rare-earth-rules" not in study.ids()
    assert "ai-diffusion-rescission-ascend-guidance" not in study.ids("relaxation")
    assert set(study.ids(verified=True)) < set(study.ids())


def test_every_chain_is_in_the_ledger_in_order():
    ledger = load_ledger()
    for ids in CHAINS.values():
        dates = ledger.loc[list(ids), "announced_at"]
        assert dates.is_monotonic_increasing


@pytest.mark.parametrize("model", ["market", "market_adjusted"])
def test_signed_mean_is_the_mean_of_sign_times_car(study, model):
    base = study.everything("mainland chip names")
    signs = study.signs("conventional", differing=False)
    found = signed_study(base, signs, model=model)
    alike = Reactions(
        base.basket, base.event_ids, mask=base.mask, model=model, window=base.window
    )
    plain = alike.by_event(0, 1)["car"]
    used = found.car(0, 1).index.get_level_values("event_id")
    expected = np.mean([signs[event] * plain[event] for event in used])
    assert found.caar(0, 1)["caar"] == pytest.approx(expected)
    turned = signed_study(base, -signs, model=model).caar(0, 1)["caar"]
    assert turned == pytest.approx(-expected)


def test_a_sign_needs_an_expectation():
    base = Reactions(BASKETS["Nvidia"], ["bis-2023-10-17-rules"])
    with pytest.raises(StudyError, match="expected sign"):
        signed_study(base, pd.Series({"bis-2023-10-17-rules": 0}))


def test_leans_count_only_when_asked():
    events = load_ledger().loc[["nvda-a100-h100-letter", "bis-2022-10-07-rules"]]
    without = expected_signs(events, "cn_conventional", leans=False)
    with_leans = expected_signs(events, "cn_conventional", leans=True)
    assert without.to_list() == [0, -1]
    assert with_leans.to_list() == [1, -1]


def test_readings_are_opposed_where_they_differ(study):
    thesis, usual = study.signs("thesis"), study.signs("conventional")
    assert (thesis + usual == 0).all()
    assert (thesis != 0).sum() >= 8
    main = study.readings.xs("differ", level="events")["car"].unstack("reading")
    assert main["thesis"].to_numpy() == pytest.approx(-main["conventional"].to_numpy())


def test_by_event_agrees_with_the_engine(study):
    returns = basket_returns(BASKETS["Nvidia"])
    direct = event_study(
        returns.set_axis(["NVDA", "^GSPC"], axis=1),
        load_events("NVDA", event_ids=["bis-2023-10-17-rules"]),
        benchmark="^GSPC",
        mask={"NVDA": study.everything("Nvidia").masked_sessions["date"].tolist()},
    )
    car = direct.car(0, 1)["car"].iloc[0]
    assert study.by_event("Nvidia").at["bis-2023-10-17-rules", "car"] == (
        pytest.approx(car)
    )


def test_some_events_share_what_is_known_of_the_basket(study):
    base = study.everything("Nvidia")
    few = base.only(["bis-2023-10-17-rules"])
    fresh = Reactions(BASKETS["Nvidia"], ["bis-2023-10-17-rules"])
    assert few.by_event(0, 1)["car"].iloc[0] == pytest.approx(
        fresh.by_event(0, 1)["car"].iloc[0]
    )
    with pytest.raises(StudyError, match="big-fund-iii"):
        base.only(["big-fund-iii"])


def test_today_prices_speak_for_neither_reading(study, findings):
    assert prices_speak(study) == "neither"
    assert findings.verdicts[CLAIM].word == "partly supported"
    assert "revenue alone" in findings.verdicts[CLAIM].sentence


def test_gains_on_controls_would_be_the_article_and_losses_the_usual_reading(
    study, findings
):
    gained = moved_by(study, 0.12)
    assert spoken_for(gained)["mainland chip names"] == "thesis"
    lost = moved_by(study, -0.12)
    assert spoken_for(lost)["mainland chip names"] == "conventional"
    verdict = export_controls_findings(lost).verdicts[CLAIM]
    assert verdict.word == "contradicted"
    assert verdict.sentence != findings.verdicts[CLAIM].sentence


def test_gains_and_faster_growth_would_support_the_claim(study):
    gained = moved_by(study, 0.12)
    faster = study.growth.copy()
    faster["growth"], faster["growth_before"] = 0.5, 0.1
    faster["verified"] = faster["before_verified"] = True
    gained.growth = faster
    assert export_controls_findings(gained).verdicts[CLAIM].word == "supported"


def test_falling_revenue_would_leave_nothing(study):
    shrunk = like(study, ExportControls())
    falling = study.growth.copy()
    falling["growth"] = -0.2
    shrunk.growth = falling
    shrunk.readings, shrunk.specifications = study.readings, study.specifications
    assert export_controls_findings(shrunk).verdicts[CLAIM].word == "not supported"


def test_what_is_not_verified_does_not_count(study):
    grew, sped = revenue_cells(study)
    assert ("bis-2024-12-02-rules", "Hygon") not in grew.index
    assert ("bis-2024-12-02-rules", "Cambricon") in grew.index
    assert len(sped) <= len(grew)


def test_four_quarters_add_up_across_years():
    known = cumulative_revenue("Cambricon")
    june = (
        known.at[(2026, 2), "value"]
        + known.at[(2025, 4), "value"]
        - known.at[(2025, 2), "value"]
    )
    table = four_quarters("Cambricon")
    assert table.at[pd.Timestamp("2026-06-30"), "value"] == pytest.approx(june)
    assert table.at[pd.Timestamp("2025-12-31"), "growth"] == pytest.approx(
        6497.2 / 1174.464 - 1
    )
    assert not table.at[pd.Timestamp("2025-03-31"), "verified"]


def test_growth_after_starts_with_the_next_full_quarter():
    found = growth_after(four_quarters("SMIC"), pd.Timestamp("2022-10-07"))
    assert found["end"] == pd.Timestamp("2023-12-31")
    assert found["growth"] == pytest.approx(6321.6 / 7273.3 - 1, abs=1e-3)
    assert np.isnan(found["growth_before"])


def test_events_without_prices_are_listed(study):
    left = study.left_out.set_index(["event_id", "basket"])["reason"]
    assert "outside the history" in left["zte-denial-order", "Nvidia"]
    assert ("sugon-hygon-entity-list", "mainland chip names") in left.index


def test_tool_controls_hold_each_event_on_each_basket():
    tools = ToolControls()
    assert set(tools.table.index.unique("event_id")) == set(tools.event_ids)
    assert (tools.table["holm"] >= tools.table["p_value"]).all()
    assert tools.reacted.empty


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


def test_events_figure_keeps_the_order_of_time(study, findings):
    matplotlib.use("Agg")
    figure = chapter.events(study, findings)["fig"]
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    months = [label.rsplit(", ", 1)[1] for label in labels]
    assert months == sorted(months)
    assert len(labels) == 31
    matplotlib.pyplot.close(figure)
