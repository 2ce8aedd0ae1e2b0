"""Abnormal volume and volatility of a group of shares at the events of a study."""

from __future__ import annotations

import pandas as pd

from helpers.data.prices import load_prices
from helpers.evidence.reactions import Reactions
from helpers.inference.activity import volatility_study, volume_study
from helpers.inference.event_study import EventStudy
from helpers.study.events import load_events


def basket_volume(base: Reactions) -> EventStudy:
    """Log volume of each member beyond its usual level, on day 0."""
    symbols = list(base.basket.symbols)
    placed = load_events(symbols, event_ids=base.events["event_id"].tolist())
    return volume_study(
        load_prices(symbols, "volume"),
        placed,
        estimation=base.estimation,
        window=(0, 0),
        mask=base.masked_sessions,
    )


def basket_volatility(base: Reactions) -> EventStudy:
    """Size of the group's abnormal return beyond its usual size, on day 0."""
    dates = base.masked_sessions["date"].unique()
    return volatility_study(
        base.returns,
        base.events,
        benchmark=base.basket.benchmark,
        estimation=base.estimation,
        window=(0, 0),
        mask=pd.DataFrame({"symbol": base.basket.name, "date": dates}),
    )
