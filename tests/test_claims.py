"""A leg of a claim is studied and read from the table of legs alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers import (
    DataError,
    StudyError,
    event_mask,
    event_study,
    load_claim_legs,
    load_events,
    load_groups,
    load_ledger,
    load_returns,
    read_leg,
    study_leg,
)
from helpers.inference.claims import clear_of_news, leg_signs, one_a_day
from helpers.inference.readings import judge

LEGS = load_claim_legs().query("measure == 'car'")
DECIDING = LEGS[LEGS["decides"]].index
GUIDANCE = ("beijing-guidance", "mainland chip names")


@pytest.fixture(scope="module")
def returns():
    members = load_groups()["symbols"].explode()
    return load_returns([*dict.fromkeys(members), "^GSPC", "000300.SS", "^HSI", "^SOX"])


@pytest.fixture(scope="module")
def readings(returns):
    return {key: read_leg(leg, returns=returns) for key, leg in LEGS.iterrows()}


def test_every_leg_of_cars_is_read_as_the_table_names_it(readings):
    for key, leg in LEGS.iterrows():
        about = readings[key].about
        expected = leg_signs(leg)
        assert set(about["events"]) <= set(expected)
        assert about["sign"].items() <= expected.items()
        assert about["window"] == (leg["first"], leg["last"])
        assert about["model"] == leg["model"]
        market = leg["benchmark"] or load_groups(leg["group"])["benchmark"].item()
        assert about["benchmark"] == [market]
        assert readings[key].smallest > 0


@pytest.mark.parametrize("key", DECIDING, ids=" ".join)
def test_altered_returns_turn_the_word(returns, readings, key):
    leg = LEGS.loc[key]
    study = study_leg(leg, returns=returns)
    days = study.sessions[0].groupby("event_id").first()
    sign = pd.Series(readings[key].about["sign"])
    members = list(load_groups(leg["group"]).iloc[0]["symbols"])
    for way, word in ((1, "supported"), (-1, "contradicted")):
        altered = returns.copy()
        for event, day in days.items():
            # Far beyond what chance gives, whatever happened on the day.
            move = way * sign[event] * (0.4 if leg["last"] < 10 else 0.95)
            altered.loc[day, members] = altered.loc[day, members] + move
        assert read_leg(leg, returns=altered).word() == word


def test_a_group_is_its_members_alike(returns):
    leg = LEGS.loc[GUIDANCE]
    study = study_leg(leg, returns=returns, masked=False)
    members = list(load_groups("mainland chip names").iloc[0]["symbols"])
    table = returns[members].mean(axis=1).to_frame("names")
    table["000300.SS"] = returns["000300.SS"]
    events = load_events(members[0], event_ids=study.panel.events["event_id"])
    own = event_study(
        table, events.assign(symbol="names"), benchmark="000300.SS", window=(0, 1)
    )
    np.testing.assert_allclose(
        study.car(0, 1).to_numpy(), own.car(0, 1).to_numpy(), rtol=1e-12
    )


def test_a_member_is_studied_by_itself_clear_of_its_own_news(returns):
    leg = LEGS.loc[GUIDANCE]
    alone = read_leg(leg, symbols=("0981.HK",), benchmark="^HSI", returns=returns)
    assert alone.about["symbols"] == ["0981.HK"]
    assert alone.about["benchmark"] == ["^HSI"]
    news = clear_of_news(["0981.HK"], 1)
    assert set(news) == set(event_mask("0981.HK")["date"])
    assert clear_of_news(["0981.HK"], 20).empty


def test_choices_reach_the_study(returns):
    leg = LEGS.loc[("nvidia-dip", "against the market")]
    plain = study_leg(leg, returns=returns)
    masked = study_leg(leg, returns=returns, masked=True)
    assert masked.estimates["n_obs"].item() < plain.estimates["n_obs"].item()
    other = read_leg(
        leg, returns=returns, window=(0, 5), estimation=(-60, -11), model="mean"
    )
    assert other.about["window"] == (0, 5)
    assert other.about["model"] == "mean"
    assert read_leg(leg, returns=returns, smallest=0.5).smallest == 0.5
    given = leg.copy()
    given["smallest"] = 0.25
    assert read_leg(given, returns=returns).smallest == 0.25
    sigma = plain.estimates["sigma"].item()
    assert read_leg(leg, returns=returns).smallest == pytest.approx(sigma)


def test_events_are_those_that_are_verified_and_signed():
    leg = LEGS.loc[("pressure-accelerates", "mainland chip names")]
    signs = leg_signs(leg)
    ledger = load_ledger().loc[list(signs)]
    assert set(ledger["verification"]) == {"verified"}
    expected = ledger["sign_cn_thesis"].map({"+": 1, "-": -1})
    assert signs == expected.to_dict()
    assert signs.items() <= leg_signs(leg, verified=False).items()


def test_a_day_is_one_observation_and_has_one_direction():
    days = pd.to_datetime(["2025-01-02", "2025-01-02", "2025-01-03", "2025-01-03"])
    events = pd.DataFrame({"event_id": list("abcd"), "day0": days})
    kept = one_a_day(events, {"a": 1, "b": 1, "c": 1, "d": -1})
    assert kept["event_id"].tolist() == ["a"]


def test_what_is_no_leg_of_cars_is_named(returns):
    legs = load_claim_legs()
    other = legs[legs["measure"] == "correlation"].iloc[0]
    with pytest.raises(StudyError, match="'correlation' is no study of CARs"):
        study_leg(other)
    leg = LEGS.loc[GUIDANCE].copy()
    leg["events"] = "no-such-event"
    with pytest.raises(DataError, match="Unknown event 'no-such-event'"):
        study_leg(leg, returns=returns)
    leg["events"] = ""
    with pytest.raises(StudyError, match="is verified"):
        study_leg(leg, returns=returns)


def test_the_family_is_what_decides(readings):
    family = {k: readings[k] for k in DECIDING if k[0] == "nvidia-dip"}
    table = judge(family)
    assert len(table) == 2
    assert (table["holm"] >= table["p_value"]).all()
    assert set(table["word"]) == {"undecided"}
