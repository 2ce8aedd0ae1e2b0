"""Short names of claims, studies and choices for the axes of the survey."""

from __future__ import annotations

from collections.abc import Mapping

from helpers.evidence.how_sure_legs import Leg

CLAIMS: Mapping[str, str] = {
    "nvidia-dip": "Nvidia's dip",
    "dip-is-signal": "dip is a signal",
    "pressure-accelerates": "pressure accelerates",
    "deepseek-rival": "DeepSeek a rival",
    "deepseek-domestic": "DeepSeek on Chinese chips",
    "huawei-roadmap": "Huawei's roadmap",
    "restrictions-innovate": "restrictions innovate",
    "ecosystem-investment": "capital for chips",
    "beijing-guidance": "Beijing's guidance",
    "state-funding": "state funding",
    "us-exposure": "US exposure",
    "china-determined": "China is determined",
    "global-fragmentation": "market splits",
    "parallel-ecosystems": "systems drift apart",
    "domestic-manufacturing": "domestic fabs go on",
    "equipment-software-bottleneck": "tools and software decide",
    "how-quickly": "only speed is open",
}
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


def claim_label(claim_id: str) -> str:
    """A claim in a few words; its key where none are known."""
    return CLAIMS.get(claim_id, claim_id.replace("-", " "))


def leg_label(leg: Leg | str) -> str:
    """A study in a few words."""
    name = leg if isinstance(leg, str) else leg.name
    return name.replace("NVIDIA", "Nvidia").replace("Chinese pushback", "pushback")


def span(window: tuple[int, int]) -> str:
    """A window as it is written, such as ``[0, +1]``."""
    ends = (f"{day:+d}".replace("+0", "0").replace("-", "\N{MINUS SIGN}") for day in
            window)  # fmt: skip
    return f"[{', '.join(ends)}]"


def sentence(text: str) -> str:
    """A name with a capital at its start, the rest as it is."""
    return text[:1].upper() + text[1:]
