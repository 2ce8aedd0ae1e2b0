"""Numbers as they are written in sentences, titles and tables."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from helpers.errors import HelpersError

MINUS = "\N{MINUS SIGN}"
NO_BREAK = "\N{NO-BREAK SPACE}"
P_VALUE = "p-value"


def number(value: float, digits: int = 2, *, signed: bool = False) -> str:
    """A number with a true minus sign, for example ``−0.24``."""
    if math.isnan(value):
        raise HelpersError("A result that a sentence needs is undefined (NaN).")
    text = f"{abs(value):.{digits}f}"
    if value < 0 and float(text) != 0:
        return MINUS + text
    return f"+{text}" if signed and float(text) != 0 else text


def percent(value: float, digits: int = 2, *, signed: bool = True) -> str:
    """A decimal fraction in percent, for example ``−0.24 %`` for -0.0024."""
    return number(100 * value, digits, signed=signed) + NO_BREAK + "%"


def p_value(value: float) -> str:
    """A p-value as it is written after ``p``: ``= 0.69`` or ``< 0.001``."""
    return "< 0.001" if value < 0.001 else f"= {number(value, 3 if value < 0.1 else 2)}"


def p_cell(value: float) -> str:
    """A p-value in a table, three digits, for example ``0.690`` or ``< 0.001``."""
    return "< 0.001" if value < 0.001 else number(value, 3)


def window_text(first: int, last: int) -> str:
    """A window as it is written, for example ``[0, +1]``."""
    return f"[{number(first, 0, signed=True)}, {number(last, 0, signed=True)}]"


def capitalised(text: str) -> str:
    """A text with its first letter as a capital and the others as they are."""
    return text[:1].upper() + text[1:]


def day(date: pd.Timestamp) -> str:
    """A date in full, for example ``21 August 2025``."""
    return f"{date.day} {date:%B %Y}"


def short_day(date: pd.Timestamp) -> str:
    """A date for an axis, for example ``21 Aug``."""
    return f"{date.day} {date:%b}"


@dataclass
class Figures:
    """The numbers of one chapter: each with its value and how it is written.

    Sentences take their numbers from here and nowhere else, so that the file of
    results holds every number that prose states.
    """

    entries: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, name: str, value: Any, text: str, kind: str = "") -> str:
        """Record a result and return how it is written.

        Parameters
        ----------
        name : str
        value : any
            What JSON can hold.
        text : str
        kind : str
            What the value is, where a later chapter has to find it by that.
        """
        if name in self.entries:
            raise HelpersError(f"The result {name!r} is recorded twice.")
        if isinstance(value, float):
            # Six digits: what a reader could check, and no machine's rounding.
            value = float(f"{value:.6g}")
        self.entries[name] = {"value": value, "text": text}
        if kind:
            self.entries[name]["kind"] = kind
        return text

    def percent(self, name: str, value: float, digits: int = 2) -> str:
        """Record a decimal fraction, written in percent with its sign."""
        return self.add(name, float(value), percent(float(value), digits))

    def share(self, name: str, value: float, digits: int = 1) -> str:
        """Record a decimal fraction that has no sign, written in percent."""
        return self.add(name, float(value), percent(float(value), digits, signed=False))

    def number(self, name: str, value: float, digits: int = 2) -> str:
        """Record a plain number."""
        return self.add(name, float(value), number(float(value), digits))

    def count(self, name: str, value: int) -> str:
        """Record a whole number."""
        return self.add(name, int(value), str(int(value)))

    def p_value(self, name: str, value: float) -> str:
        """Record a p-value, written ``= 0.69`` or ``< 0.001``."""
        return self.add(name, float(value), p_value(float(value)), kind=P_VALUE)

    def day(self, name: str, date: pd.Timestamp) -> str:
        """Record a date, written in full."""
        return self.add(name, f"{date:%Y-%m-%d}", day(date))

    def __getitem__(self, name: str) -> str:
        return str(self.entries[name]["text"])
