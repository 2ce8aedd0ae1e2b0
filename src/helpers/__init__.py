"""Event studies of chip sanctions and chip announcements on public prices."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# What to do -> name -> (module, what it is), in the order of a day's work. Names are
# resolved on first use (PEP 562), so that `import helpers` costs next to nothing and
# a notebook pays only for what it calls.
_TASKS = {
    "Load prices": {
        "load_instruments": ("data.instruments", "what can be studied, and on what"),
        "load_returns": ("data.prices", "daily returns, sessions x symbols"),
        "load_prices": ("data.prices", "daily prices or volumes, sessions x symbols"),
        "load_bars": ("data.intraday", "five-minute bars of one instrument"),
        "load_factors": ("data.factors", "daily factors of the US market"),
        "load_groups": ("data.claims", "groups of shares, bundled or of one's own"),
        "basket": ("study.baskets", "equal-weighted return of shares as one column"),
        "baskets": ("study.baskets", "the same of several groups, a column each"),
        "sessions": ("data.calendars", "trading days of an exchange"),
        "data_as_of": ("data.as_of", "how far the data reach"),
        "using_data_dir": ("data.files", "another data folder, in a with block"),
        "verify": ("data.verify", "whether the data are whole and unaltered"),
    },
    "Find and place events": {
        "load_events": ("study.events", "the ledger's events with day 0 per symbol"),
        "place_event": ("study.placing", "an event of one's own, placed"),
        "day0": ("study.day0", "first session that could react to an announcement"),
        "event_mask": ("study.events", "sessions that events and results occupy"),
        "overlapping_events": ("study.events", "other events around a date"),
        "load_ledger": ("data.ledger", "the announcements, as the ledger has them"),
        "load_sources": ("data.ledger", "where each is documented"),
        "add_event": ("data.event_entry", "write one into the ledger"),
    },
    "Study": {
        "event_study": ("inference.event_study", "abnormal returns around events"),
        "EventStudy": ("inference.result", "its result: CARs, tests, readings, plots"),
        "volume_study": ("inference.activity", "the same of trading volume"),
        "volatility_study": ("inference.activity", "the same of volatility"),
    },
    "Look inside the day": {
        "load_grid": ("study.intraday.grid", "returns by session and five minutes"),
        "IntradayModel": ("study.intraday.model", "what its bars would have been"),
        "study_events": ("inference.intraday.study", "abnormal returns in bars"),
        "session_events": ("inference.intraday.study", "whole sessions as if events"),
        "jump_rule": ("inference.intraday.jumps", "from what size bars stand out"),
        "jumps": ("inference.intraday.jumps", "bars that stand out"),
    },
    "Ask how sure": {
        "specification_curve": (
            "inference.specification_curve",
            "the study under every defensible choice",
        ),
        "Grid": ("inference.grid", "those choices"),
        "detectable_effect": ("inference.power", "the smallest CAR a t test finds"),
        "shrink": ("inference.shrinkage", "many single effects read together"),
        "synthetic_control": ("inference.synthetic", "a share against a mix of others"),
        "adjusted_p_values": ("inference.multiple", "corrected for their number"),
    },
    "Read a claim": {
        "load_claims": ("data.ledger", "what the article claims"),
        "load_claim_legs": ("data.claims", "what each claim stands on"),
        "load_criteria": ("data.claims", "what is to show whether it came about"),
        "study_leg": ("inference.claims", "the study that a leg of prices names"),
        "read_leg": ("inference.claims", "that study, read by the rule for all claims"),
        "read_change": ("inference.readings", "the same for a resampled estimate"),
        "Reading": ("inference.readings", "its result: word, interval, power curve"),
        "judge": ("inference.readings", "several legs, corrected for their number"),
        "combine": ("inference.readings", "one word over several"),
    },
    "Compare markets over years": {
        "net_of_market": ("inference.pairs", "returns less their market's part"),
        "net_basket": ("inference.pairs", "the same of a basket, whoever trades when"),
        "closes_first": ("inference.pairs", "which of two exchanges comes first"),
        "pair_by_clock": ("inference.pairs", "two markets' days that match"),
        "standardised": ("inference.comovement", "returns over their volatility"),
        "conditional_correlation": ("inference.comovement", "correlation day by day"),
        "correlation_change": ("inference.comovement", "before and after a date"),
        "find_break": ("inference.breaks", "whether and when a mean has changed"),
        "critical_value": ("inference.breaks", "what the best of all dates must pass"),
        "connectedness": ("inference.connectedness", "who passes shocks on to whom"),
        "rolling_connectedness": ("inference.connectedness", "the same over time"),
        "received_by_chance": ("inference.connectedness", "the same without a link"),
        "received_change": ("inference.connectedness", "its change at a date"),
    },
    "Look up firms and chips": {
        "load_earnings": ("data.ledger", "days of results"),
        "load_fundamentals": ("data.facts", "figures from firms' accounts"),
        "fundamentals_series": ("data.facts", "one figure over the years"),
        "four_quarters": ("data.facts", "the same summed over four quarters"),
        "load_nvidia_revenue": ("data.facts", "Nvidia's revenue by market"),
        "load_listings": ("data.facts", "new listings of chip firms"),
        "shares_outstanding": ("data.market_facts", "how many shares firms had"),
        "load_chips": ("data.chips", "accelerators and what they can do"),
        "load_thresholds": ("data.thresholds", "limits of the export rules"),
    },
    "Explore": {"explore": ("lab.view", "an event, with controls to change it")},
}
_ERRORS = (
    "HelpersError",
    "DataError",
    "CalendarError",
    "StudyError",
    "ChangedHistory",
    "IncompleteSessions",
    "NoNetwork",
    "RateLimited",
    "SymbolUnavailable",
)

_API = {
    name: f"helpers.{module}"
    for names in _TASKS.values()
    for name, (module, _) in names.items()
} | dict.fromkeys(_ERRORS, "helpers.errors")

__all__ = ["__version__", *(name for name in _API if name not in _ERRORS)]


def _contents() -> str:
    width = max(map(len, _API))
    parts = [
        "\n".join([task, *(f"    {name:{width}}  {text}" for name, (_, text) in rows)])
        for task, rows in ((task, names.items()) for task, names in _TASKS.items())
    ]
    return "\n\n".join(parts)


__doc__ = f"""{__doc__}

{_contents()}

Figures are drawn by ``helpers.figures``; what a notebook says is put into words by
``helpers.notebook``. Every error that the package raises on purpose is a
``HelpersError``: see ``helpers.errors``.

>>> from helpers import event_study, load_events, load_returns
>>> events = load_events("NVDA", event_ids="deepseek-v31-domestic-chip-remark")
>>> study = event_study(load_returns(["NVDA", "^GSPC"]), events, benchmark="^GSPC")
>>> study.car(0, 1)["car"].round(4).tolist()
[-0.0104]
"""


def __getattr__(name: str) -> Any:
    try:
        module = import_module(_API[name])
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    return getattr(module, name)


def __dir__() -> list[str]:
    return [*__all__, *_ERRORS]
