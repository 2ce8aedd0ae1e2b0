"""Event studies of chip sanctions and chip announcements on public prices."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# Name -> module. Resolved on first use (PEP 562), so that `import helpers`
# costs next to nothing and a notebook pays only for what it calls.
_API = {
    "CalendarError": "helpers.errors",
    "ChangedHistory": "helpers.errors",
    "DataError": "helpers.errors",
    "Grid": "helpers.inference.grid",
    "HelpersError": "helpers.errors",
    "IncompleteSessions": "helpers.errors",
    "NoNetwork": "helpers.errors",
    "RateLimited": "helpers.errors",
    "StudyError": "helpers.errors",
    "SymbolUnavailable": "helpers.errors",
    "add_event": "helpers.data.event_entry",
    "basket": "helpers.study.baskets",
    "baskets": "helpers.study.baskets",
    "chips_against_thresholds": "helpers.data.controls",
    "data_as_of": "helpers.data.as_of",
    "day0": "helpers.study.day0",
    "event_mask": "helpers.study.events",
    "event_study": "helpers.inference.event_study",
    "explore": "helpers.lab.view",
    "four_quarters": "helpers.data.quarters",
    "fundamentals_series": "helpers.data.facts",
    "load_chips": "helpers.data.chips",
    "load_claim_legs": "helpers.data.claims",
    "load_claims": "helpers.data.ledger",
    "load_earnings": "helpers.data.ledger",
    "load_events": "helpers.study.events",
    "load_factors": "helpers.data.factors",
    "load_groups": "helpers.data.claims",
    "load_fundamentals": "helpers.data.facts",
    "load_groups": "helpers.data.claims",
    "load_instruments": "helpers.data.instruments",
    "load_ledger": "helpers.data.ledger",
    "load_listings": "helpers.data.listings",
    "load_nvidia_revenue": "helpers.data.nvidia_revenue",
    "load_prices": "helpers.data.prices",
    "load_returns": "helpers.data.prices",
    "load_sources": "helpers.data.ledger",
    "load_thresholds": "helpers.data.thresholds",
    "overlapping_events": "helpers.study.events",
    "place_event": "helpers.study.own_events",
    "placebo": "helpers.inference.placebo",
    "power": "helpers.inference.study_power",
    "sessions": "helpers.data.calendars",
    "specification_curve": "helpers.inference.specification_curve",
    "verify": "helpers.data.verify",
    "volatility_study": "helpers.inference.activity",
    "volume_study": "helpers.inference.activity",
}

__all__ = ["__version__", *sorted(_API)]


def __getattr__(name: str) -> Any:
    try:
        module = import_module(_API[name])
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    return getattr(module, name)


def __dir__() -> list[str]:
    return __all__
