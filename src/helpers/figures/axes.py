"""Axes that tell the truth: ticks with as many digits as their steps, and dates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from matplotlib.ticker import Formatter

if TYPE_CHECKING:
    import pandas as pd

MINUS = "\N{MINUS SIGN}"
_MOST_DIGITS = 6


def plain(value: float, digits: int) -> str:
    """A number with a true minus sign, thousands parted, and no minus zero."""
    text = f"{value:,.{digits}f}"
    if not text.strip("-0.,"):
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def digits_of(values: Sequence[float], least: int = 0) -> int:
    """Fewest digits with which none of the values is rounded visibly."""
    steps = [abs(a - b) for a, b in zip(values[1:], values[:-1], strict=True)]
    exact = 1e-3 * min([step for step in steps if step > 0], default=1e-6)
    for digits in range(least, _MOST_DIGITS):
        if all(abs(round(value, digits) - value) <= exact for value in values):
            return digits
    return _MOST_DIGITS


class TrueTicks(Formatter):
    """Writes ticks with the digits that their steps need, and a true minus."""

    def __init__(self, scale: float = 1.0, suffix: str = "", least: int = 0) -> None:
        self.scale, self.suffix, self.least = scale, suffix, least

    def __call__(self, x: float, pos: int | None = None) -> str:
        """One tick, as if it stood among those of its axis."""
        shown = [self.scale * float(one) for one in [*self.locs, x]]
        return plain(shown[-1], digits_of(shown, self.least)) + self.suffix

    def format_ticks(self, values: Any) -> list[str]:
        """All ticks of an axis with the same number of digits."""
        self.set_locs(values)
        shown = [self.scale * float(one) for one in values]
        digits = digits_of(shown, self.least)
        return [plain(one, digits) + self.suffix for one in shown]


def percent_axis(axis: Any, digits: int | None = None) -> None:
    """Write a decimal axis in percent, no tick rounded away from its place.

    Parameters
    ----------
    axis : matplotlib Axis
        Such as ``axes.xaxis``; 0.025 is written 2.5 %.
    digits : int, optional
        At least so many decimals; by default as few as the ticks' steps allow.

    Examples
    --------
    >>> from matplotlib import pyplot
    >>> axes = pyplot.figure().add_subplot()
    >>> _ = axes.set_yticks([-0.05, -0.025, 0])
    >>> percent_axis(axes.yaxis)
    >>> [label.get_text() for label in axes.get_yticklabels()]
    ['−5.0 %', '−2.5 %', '0.0 %']
    >>> pyplot.close()
    """
    axis.set_major_formatter(TrueTicks(100.0, " %", digits or 0))


def number_axis(axis: Any, digits: int | None = None, suffix: str = "") -> None:
    """Write an axis in plain numbers with a true minus sign, see `percent_axis`."""
    axis.set_major_formatter(TrueTicks(1.0, suffix, digits or 0))


def date_axis(axis: Any, first: pd.Timestamp, last: pd.Timestamp) -> None:
    """Ticks of a date axis in the book's one style, few enough for a phone.

    Parameters
    ----------
    axis : matplotlib Axis
    first, last : Timestamp
        The dates drawn; years, months or days are told by their distance.
    """
    from matplotlib.dates import (
        AutoDateLocator,
        DateFormatter,
        MonthLocator,
        YearLocator,
    )

    days = (last - first).days
    if days > 3 * 366:
        axis.set_major_locator(YearLocator(1 + days // (8 * 366)))
        axis.set_major_formatter(DateFormatter("%Y"))
    elif days > 75:
        step = next((s for s in (1, 2, 3, 4, 6) if days <= 31 * 7 * s), 6)
        axis.set_major_locator(MonthLocator(range(1, 13, step)))
        axis.set_major_formatter(DateFormatter("%b %Y"))
    else:
        axis.set_major_locator(AutoDateLocator(minticks=3, maxticks=7))
        axis.set_major_formatter(lambda x, _: _day(x))


def _day(x: float) -> str:
    from matplotlib.dates import num2date

    date = num2date(x)
    return f"{date.day} {date:%b}" if not date.hour else f"{date:%H:%M}"
