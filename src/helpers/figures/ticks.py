"""Axes that tell the truth: ticks with as many digits as their steps, and dates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.ticker import Formatter, Locator

MINUS = "\N{MINUS SIGN}"
_MOST_DIGITS = 6
# Finest first: dates, days between them, how they are written, inches that takes.
_DATES: tuple[tuple[str, float, str, float], ...] = (
    ("D", 1, "{0.day} {0:%b}", 0.6),
    ("2D", 2, "{0.day} {0:%b}", 0.6),
    ("W-MON", 7, "{0.day} {0:%b}", 0.6),
    ("2W-MON", 14, "{0.day} {0:%b}", 0.6),
    *((f"{months}MS", 30.4 * months, "{0:%b %Y}", 0.8) for months in (1, 2, 3, 4, 6)),
    *((f"{years}YS", 365.25 * years, "{0:%Y}", 0.45) for years in (1, 2, 5, 10, 20)),
)


def plain(value: float, digits: int) -> str:
    """A number with a true minus sign, thousands parted, and no minus zero."""
    text = f"{value:,.{digits}f}"
    if not text.strip("-0.,"):
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def digits_of(values: Sequence[float]) -> int:
    """Fewest digits with which none of the values is rounded visibly."""
    steps = [abs(a - b) for a, b in zip(values[1:], values[:-1], strict=True)]
    exact = 1e-3 * min([step for step in steps if step > 0], default=1e-6)
    for digits in range(_MOST_DIGITS):
        if all(abs(round(value, digits) - value) <= exact for value in values):
            return digits
    return _MOST_DIGITS


class TrueTicks(Formatter):
    """Writes ticks with the digits that their steps need, and a true minus."""

    def __init__(self, scale: float = 1.0, suffix: str = "") -> None:
        self.scale, self.suffix = scale, suffix

    def __call__(self, x: float, pos: int | None = None) -> str:
        """One tick, as if it stood among those of its axis."""
        return self.format_ticks([*self.locs, x])[-1]

    def format_ticks(self, values: Any) -> list[str]:
        """All ticks of an axis with the same number of digits."""
        shown = [self.scale * float(one) for one in values]
        digits = digits_of(shown)
        return [plain(one, digits) + self.suffix for one in shown]


class DateTicks(Locator):
    """Days, months or years, as many as have room at the size drawn."""

    words = "{0:%Y}"

    def __call__(self) -> list[float]:
        """Places of the ticks within the limits of the axis."""
        return self.tick_values(*self.axis.get_view_interval())  # type: ignore[union-attr]

    def tick_values(self, vmin: float, vmax: float) -> list[float]:
        """The finest dates whose words have room."""
        from matplotlib.dates import date2num, num2date

        low, high = sorted((vmin, vmax))
        first, last = (pd.Timestamp(num2date(x)).tz_localize(None) for x in (low, high))
        box: Any = self.axis.axes.bbox if self.axis else None  # type: ignore[union-attr]
        wide = box.width / self.axis.axes.figure.dpi if box else 6.0  # type: ignore[union-attr]
        fits = (one for one in _DATES if (high - low) / one[1] <= wide / one[3])
        freq, _, self.words, _ = next(fits, _DATES[-1])
        dates = pd.date_range(f"{first.year // 20 * 20}-01-01", last, freq=freq)
        dates = dates[dates >= first]
        return [float(one) for one in date2num(dates)]

    def write(self, x: float, pos: int | None = None) -> str:
        """A date as these ticks are written."""
        from matplotlib.dates import num2date

        return self.words.format(num2date(x))


def percent_axis(axis: Any) -> None:
    """Write a decimal axis in percent, no tick rounded away from its place.

    Parameters
    ----------
    axis : matplotlib Axis
        Such as ``axes.xaxis``; 0.025 is written 2.5 %.

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
    axis.set_major_formatter(TrueTicks(100.0, " %"))


def number_axis(axis: Any) -> None:
    """Write an axis in plain numbers with a true minus sign, see `percent_axis`."""
    axis.set_major_formatter(TrueTicks())


def log_axis(axis: Any) -> None:
    """Make an axis logarithmic, with plain numbers at 1, 2 and 5."""
    from matplotlib.ticker import LogLocator, NullLocator

    axis._set_axes_scale("log")
    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(lambda value, _: f"{value:,.10g}")


def date_axis(axis: Any) -> None:
    """Dates in the book's one style, as many as have room at the size drawn."""
    ticks = DateTicks()
    axis.set_major_locator(ticks)
    axis.set_major_formatter(ticks.write)
