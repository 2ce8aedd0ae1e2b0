"""All tables that are kept by hand."""

from __future__ import annotations

from helpers.data.article import ARTICLE
from helpers.data.chips import CHIPS
from helpers.data.claims import GROUPS, LEGS
from helpers.data.collection_rules import (
    ANNOTATIONS,
    INSTRUMENTS,
    PRICE_SOURCES,
    SPECIAL_SESSIONS,
)
from helpers.data.criteria import CRITERIA
from helpers.data.event_rules import CLAIMS, EARNINGS, EVENTS, HAND_SESSIONS, SOURCES
from helpers.data.fact_rules import (
    FACT_SOURCES,
    FUNDAMENTALS,
    LISTINGS,
    NVIDIA_REVENUE,
)
from helpers.data.market_rules import PRICE_LIMITS, SHARE_COUNTS
from helpers.data.published import PUBLISHED
from helpers.data.thresholds import THRESHOLDS

ABOUT_PRICES = (INSTRUMENTS, SPECIAL_SESSIONS, ANNOTATIONS, PRICE_SOURCES)
LEDGER = (
    ARTICLE,
    EVENTS,
    SOURCES,
    CLAIMS,
    GROUPS,
    LEGS,
    CRITERIA,
    EARNINGS,
    HAND_SESSIONS,
)
FACTS = (
    CHIPS,
    THRESHOLDS,
    FUNDAMENTALS,
    NVIDIA_REVENUE,
    LISTINGS,
    SHARE_COUNTS,
    PRICE_LIMITS,
    PUBLISHED,
    FACT_SOURCES,
)
TABLES = (*ABOUT_PRICES, *LEDGER, *FACTS)
