"""A study that a claim's verdict reads, with all that could be varied in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from helpers.data.instruments import instrument
from helpers.data.prices import load_returns
from helpers.evidence.reactions import Reactions
from helpers.evidence.signed import signed_events
from helpers.study.windows import Window

SHORT: tuple[Window, ...] = (
    (0, 0),
    (0, 1),
    (0, 2),
    (0, 5),
    (-1, 1),
    (-1, 2),
    (-5, 5),
)
MAIN: Window = (0, 1)
# Estimation windows that could have been chosen, the chapters' own first. Where little
# else can be varied all of them are, elsewhere the first three.
ESTIMATIONS: tuple[Window, ...] = (
    (-120, -11),
    (-60, -11),
    (-250, -11),
    (-120, -21),
    (-250, -31),
)
# Further markets of the same exchange, beside the one that the chapter uses.
MARKETS: Mapping[str, tuple[str, ...]] = {
    "^GSPC": ("^GSPC", "^IXIC"),
    "000300.SS": ("000300.SS", "000001.SS"),
    "^HSI": ("^HSI",),
}

# A reading of one study: -1 a loss and 1 a gain beyond chance, 0 neither.
Readings = Mapping[str, int]
Rule = Callable[[Readings], str]


@dataclass(frozen=True)
class Leg:
    """One study of prices that a claim rests on.

    Attributes
    ----------
    name : str
        What is studied, as a reader would say it; unique within its claim.
    base : Reactions
        The group of shares with every event that may count, unsigned.
    signs : Series
        1, -1 or 0 by event_id: the events that count and the sign that the
        abnormal return is multiplied with.
    wider : Series
        The same with the events that are not verified.
    direction : int
        Sign of the signed mean that the claim expects; 0 if it expects a
        reaction of either sign.
    window : (int, int)
        Of the chapter's main reading.
    windows, estimations : tuple of (int, int)
        That could have been chosen instead, the main one among them.
    """

    name: str
    base: Reactions
    signs: pd.Series
    wider: pd.Series
    direction: int
    window: Window = MAIN
    windows: tuple[Window, ...] = SHORT
    estimations: tuple[Window, ...] = ESTIMATIONS[:3]

    @cached_property
    def events(self) -> pd.DataFrame:
        """The events that count, one a session: event_id, symbol, day0, sign, title."""
        return self._placed(self.signs)

    @cached_property
    def wider_events(self) -> pd.DataFrame:
        """The same with the events that are not verified."""
        return self._placed(self.wider)

    def _placed(self, signs: pd.Series) -> pd.DataFrame:
        columns = ["event_id", "day0", "sign", "title", "verification"]
        found = signed_events(self.base, signs)[columns]
        return found.assign(symbol=self.base.basket.name).reset_index(drop=True)

    @property
    def unverified(self) -> list[str]:
        """Events that are not verified, whether they count or not."""
        table = self.wider_events
        return list(table.loc[table["verification"] != "verified", "event_id"])

    @property
    def firms(self) -> tuple[str, ...]:
        """Members of the group."""
        return self.base.basket.symbols

    @cached_property
    def markets(self) -> tuple[str, ...]:
        """Markets that could explain the group, the chapter's own first."""
        return MARKETS[self.base.basket.benchmark]

    @cached_property
    def sector(self) -> str | None:
        """The index of the group's sector, if its exchange has one."""
        named = {str(instrument(symbol)["sector"] or "") for symbol in self.firms}
        found = sorted(name for name in named if name and name != "nan")
        return found[0] if found else None

    @cached_property
    def returns(self) -> pd.DataFrame:
        """The group beside its markets and sector, decimal, on common sessions."""
        own = self.base.returns
        wanted = [name for name in (*self.markets, self.sector) if name]
        missing = [name for name in wanted if name not in own]
        table = own[[name for name in own if name in (self.base.basket.name, *wanted)]]
        holes = dict(own.attrs.get("holes", {}))
        if missing:
            more = load_returns(missing)
            table = table.join(more.reindex(table.index))
            holes |= more.attrs["holes"]
        table.attrs = dict(own.attrs) | {"holes": holes}
        return table

    @cached_property
    def members(self) -> pd.DataFrame:
        """Each firm's own return on the group's sessions, decimal."""
        return load_returns(list(self.firms)).reindex(self.base.returns.index)

    def without(self, firm: str) -> pd.DataFrame:
        """The group's returns without one of its members."""
        name = self.base.basket.name
        count, own = self.members.notna().sum(axis=1), self.members[firm]
        mean = self.base.returns[name]
        rest = (count * mean - own) / (count - 1)
        table = self.base.returns.assign(
            **{name: rest.where(own.notna(), mean).where(count - own.notna() > 0)}
        )
        table.attrs = dict(self.base.returns.attrs)
        return table


@dataclass(frozen=True)
class PriceClaim:
    """A claim whose verdict reads prices around events.

    Attributes
    ----------
    claim_id : str
    legs : tuple of Leg
    rule : callable
        The chapter's verdict from one reading a leg, all else as it is.
    """

    claim_id: str
    legs: tuple[Leg, ...]
    rule: Rule
