"""The engine on the repository's own prices and factors."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from helpers import event_study, load_factors, load_prices, load_returns
from helpers.data.factors import FACTORS_FILE
from helpers.data.files import read_verified
from helpers.inference.activity import volatility_study, volume_study

DAY = pd.Timestamp("2025-08-29")


def one_event(symbol, day0=DAY):
    return pd.DataFrame({"event_id": ["e"], "symbol": [symbol], "day0": [day0]})


@pytest.mark.parametrize(
    ("model", "columns"),
    [
        ("capm", ["mkt_rf"]),
        ("ff3", ["mkt_rf", "smb_ff3", "hml"]),
        ("ff5", ["mkt_rf", "smb_ff5", "hml", "rmw", "cma"]),
    ],
)
def test_factors_of_the_file_are_per_cent_and_the_engine_is_told_decimals(
    model, columns
):
    returns = load_returns(["NVDA", "^GSPC"])
    study = event_study(
        returns,
        one_event("NVDA"),
        model=model,
        factors=load_factors("ff3" if model == "capm" else model),
    )
    raw = pd.read_csv(
        BytesIO(read_verified(FACTORS_FILE)), index_col="date", parse_dates=True
    )
    both = returns[["NVDA"]].join(raw / 100, how="inner")
    place = both.index.get_loc(DAY)
    window = both.iloc[place - 120 : place - 10]
    fit = sm.OLS(
        (window["NVDA"] - window["rf"]).to_numpy(),
        sm.add_constant(window[columns].to_numpy()),
    ).fit()
    found = study.estimates.iloc[0]
    np.testing.assert_allclose(
        found.iloc[: len(columns) + 1].astype(float), fit.params, rtol=1e-7
    )
    assert found["sigma"] == pytest.approx(np.sqrt(fit.mse_resid), rel=1e-10)
    assert 0.5 < found["beta_mkt_rf"] < 3
    assert 0.005 < found["sigma"] < 0.05


def test_a_suspended_share_is_left_out_around_its_suspension():
    # SMIC in Shanghai did not trade from 1 to 8 September 2025.
    returns = load_returns(["688981.SS", "000300.SS"])
    for model in ["market", "mean"]:
        study = event_study(
            returns, one_event("688981.SS"), benchmark="000300.SS", model=model
        )
        assert (
            "688981.SS has no return on 2025-09-01" in study.skipped["reason"].iloc[0]
        )
    before = event_study(
        returns, one_event("688981.SS"), benchmark="000300.SS", window=(-5, 0)
    )
    assert before.n_events == 1


def test_each_market_keeps_its_own_holidays():
    returns = load_returns(["NVDA", "^GSPC", "0981.HK", "^HSI"])
    day0 = pd.Timestamp("2025-07-07")
    events = pd.concat([one_event("NVDA", day0), one_event("0981.HK", day0)])
    study = event_study(returns, events, benchmark={"NVDA": "^GSPC", "0981.HK": "^HSI"})
    # 1 July is a holiday in Hong Kong, 4 July in the United States.
    days = {
        symbol: set(study.sessions.loc[("e", symbol)].dt.strftime("%m-%d"))
        for symbol in ["NVDA", "0981.HK"]
    }
    assert "07-01" in days["NVDA"]
    assert "07-01" not in days["0981.HK"]
    assert "07-04" not in days["NVDA"]
    assert "07-04" in days["0981.HK"]


def test_a_share_of_hong_kong_is_explained_by_new_york_only_with_its_lag():
    returns = load_returns(["0981.HK", "^GSPC"])
    study = event_study(
        returns,
        one_event("0981.HK", pd.Timestamp("2025-08-28")),
        model="dimson",
        benchmark="^GSPC",
        lags=(-1, 0),
    )
    assert study.n_events == 1
    assert list(study.estimates)[:4] == ["alpha", "beta", "beta(-1)", "beta(0)"]


def test_volume_and_volatility_of_a_day_of_results():
    results = pd.Timestamp("2024-08-29")
    volume = load_prices(["NVDA", "SPY"], "volume")
    study = volume_study(volume, one_event("NVDA", results))
    assert study.car(0, 0)["car"].iloc[0] > 0
    returns = load_returns(["NVDA", "^GSPC"])
    study = volatility_study(returns, one_event("NVDA", results), benchmark="^GSPC")
    assert study.car(0, 0)["car"].iloc[0] > 0
