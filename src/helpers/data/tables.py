"""All tables that are kept by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.data.chips import CHIPS
from helpers.data.claims import CRITERIA, GROUPS, LEGS
from helpers.data.collection_rules import (
    ANNOTATIONS,
    INSTRUMENTS,
    PRICE_SOURCES,
    SPECIAL_SESSIONS,
)
from helpers.data.event_rules import (
    ARTICLE,
    CLAIMS,
    EARNINGS,
    EVENTS,
    HAND_SESSIONS,
    SOURCES,
)
from helpers.data.fact_rules import (
    FACT_SOURCES,
    FUNDAMENTALS,
    LISTINGS,
    NVIDIA_REVENUE,
)
from helpers.data.files import data_dir
from helpers.data.instruments import unknown
from helpers.data.market_facts import PRICE_LIMITS, PUBLISHED, SHARE_COUNTS
from helpers.data.thresholds import THRESHOLDS
from helpers.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

ABOUT_PRICES = (INSTRUMENTS, SPECIAL_SESSIONS, ANNOTATIONS, PRICE_SOURCES)
LEDGER = (
    *(ARTICLE, EVENTS, SOURCES, CLAIMS, GROUPS),
    *(LEGS, CRITERIA, EARNINGS, HAND_SESSIONS),
)
FACTS = (
    *(CHIPS, THRESHOLDS, FUNDAMENTALS, NVIDIA_REVENUE, LISTINGS),
    *(SHARE_COUNTS, PRICE_LIMITS, PUBLISHED, FACT_SOURCES),
)
TABLES = (*ABOUT_PRICES, *LEDGER, *FACTS)


def kept_table(file: str) -> pd.DataFrame:
    """Return a table kept by hand as its file has it, with dates as Timestamps.

    ``DataError`` if there is no such table or it breaks a rule of the codebook. What
    has a loader of its own is completed there.

    Examples
    --------
    >>> kept_table("article.csv")["publisher"].item()
    'Archyde'
    """
    tables = {table.file: table for table in TABLES}
    if file not in tables:
        raise DataError(unknown(file, tables, "table"))
    return tables[file].frame(tables[file].read(data_dir()))
