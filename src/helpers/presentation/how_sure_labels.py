"""Short names of studies and choices for the axes of the survey."""

from __future__ import annotations

from collections.abc import Mapping

from helpers.evidence.how_sure_legs import Leg

CHOICES: Mapping[str, str] = {
    "model": "model",
    "benchmark": "benchmark",
    "sector": "sector",
    "estimation": "estimation window",
    "mask": "mask",
    "window": "event window",
    "kind": "kind of return",
    "day0": "rule for day 0",
}
MODELS: Mapping[str, str] = {
    "market": "market model",
    "market_sector": "market and sector",
    "market_adjusted": "market-adjusted",
    "mean": "mean-adjusted",
    "dimson": "market model with leads and lags",
}


def leg_label(leg: Leg | str) -> str:
    """A study in a few words."""
    name = leg if isinstance(leg, str) else leg.name
    return name.replace("NVIDIA", "Nvidia").replace("Chinese pushback", "pushback")
