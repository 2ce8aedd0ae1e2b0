"""Controls on chip tools and software: how tool makers and foundries reacted."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import pandas as pd

from helpers.data.ledger import load_claims
from helpers.evidence.reactions import BASKETS, Reactions
from helpers.inference.multiple import adjusted
from helpers.study.windows import Window

CLAIM = "equipment-software-bottleneck"
TOOL_BASKETS = (
    "US tool makers",
    "mainland tool makers",
    "mainland chip names",
    "Hong Kong foundries",
)
SIZE = 0.05


class ToolControls:
    """Each tool event on each basket, for the claim about tools and software.

    Parameters
    ----------
    event_ids : sequence of str, optional
        By default those that ``data/claims.csv`` lists for the claim.
    window : (int, int)
        Sessions over which the abnormal return is summed.
    """

    def __init__(
        self, event_ids: Sequence[str] | None = None, *, window: Window = (0, 1)
    ) -> None:
        listed = load_claims().loc[CLAIM, "event_ids"]
        self.event_ids = tuple(event_ids or listed)
        self.window = window

    @cached_property
    def table(self) -> pd.DataFrame:
        """CAR by basket and event, with Holm's correction over all of them.

        Indexed by (basket, event_id): day0, title, verification, others, car, se,
        df, p_value, ci_low, ci_high, holm. Events that could not be studied have no
        row.
        """
        parts = {}
        for name in TOOL_BASKETS:
            found = Reactions(BASKETS[name], self.event_ids, window=(-5, 5))
            parts[name] = found.by_event(*self.window)
        table = pd.concat(parts, names=["basket", "event_id"])
        table["holm"] = adjusted(table["p_value"])["holm"]
        return table

    @property
    def reacted(self) -> pd.DataFrame:
        """Rows of verified events that stay significant after Holm's correction."""
        verified = self.table["verification"] == "verified"
        return self.table[verified & (self.table["holm"] < SIZE)]
