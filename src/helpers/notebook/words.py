"""Numbers, dates and names as they are written in sentences, titles and tables."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd

from helpers.errors import HelpersError
from helpers.notebook.output import printed_p_values

MINUS = "\N{MINUS SIGN}"
NO_BREAK = "\N{NO-BREAK SPACE}"
_SMALL = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    "ten", "eleven", "twelve",
)  # fmt: skip


def number(value: float, digits: int = 2, *, signed: bool = False) -> str:
    """Write a number with a true minus sign.

    Examples
    --------
    >>> number(-0.244)
    '−0.24'
    """
    if math.isnan(value):
        raise HelpersError("A result that a sentence needs is undefined (NaN).")
    text = f"{abs(value):,.{digits}f}"
    if value < 0 and float(text.replace(",", "")) != 0:
        return MINUS + text
    return f"+{text}" if signed and float(text.replace(",", "")) != 0 else text


def percent(value: float, digits: int = 2) -> str:
    """Write a decimal change in percent with its sign.

    Examples
    --------
    >>> percent(0.0148)
    '+1.48\N{NO-BREAK SPACE}%'
    """
    return number(100 * value, digits, signed=True) + NO_BREAK + "%"


def share(value: float, digits: int = 0) -> str:
    """Write a decimal fraction that has no sign in percent.

    Examples
    --------
    >>> share(0.571)
    '57\N{NO-BREAK SPACE}%'
    """
    return number(100 * value, digits) + NO_BREAK + "%"


def day(date: pd.Timestamp) -> str:
    """Write a date in full.

    Examples
    --------
    >>> import pandas as pd
    >>> day(pd.Timestamp("2025-08-21"))
    '21 August 2025'
    """
    return f"{date.day} {date:%B %Y}"


def short_day(date: pd.Timestamp) -> str:
    """Write a date for an axis, such as ``21 Aug``."""
    return f"{date.day} {date:%b}"


def p_value(value: float) -> str:
    """Write a p-value; it counts among those that the chapter prints.

    Examples
    --------
    >>> p_value(0.616), p_value(0.00001)
    ('p = 0.62', 'p < 0.001')
    """
    printed_p_values.append(float(value))
    return "p < 0.001" if value < 0.001 else f"p = {_p_digits(value)}"


def p_cell(value: float) -> str:
    """Write a p-value for a table, such as ``0.62`` or ``< 0.001``; it is counted."""
    printed_p_values.append(float(value))
    return "< 0.001" if value < 0.001 else _p_digits(value)


def interval(row: pd.Series) -> str:
    """Write the 95 % interval of a row of returns, its ci_low and ci_high.

    Examples
    --------
    >>> row = pd.Series({"ci_low": -0.063, "ci_high": 0.042})
    >>> interval(row).replace("\N{NO-BREAK SPACE}", " ")
    '95 % interval −6.3 % to +4.2 %'
    """
    low, high = percent(row["ci_low"], 1), percent(row["ci_high"], 1)
    return f"95{NO_BREAK}% interval {low} to {high}"


def window(first: int, last: int) -> str:
    """Write a window of sessions, such as ``[0, +1]``."""
    return f"[{number(first, 0, signed=True)}, {number(last, 0, signed=True)}]"


def counted(count: int, singular: str, plural: str | None = None) -> str:
    """Write a number of things, in words up to twelve.

    Examples
    --------
    >>> counted(1, "session"), counted(3, "session"), counted(14, "share")
    ('one session', 'three sessions', '14 shares')
    """
    count = int(count)
    word = _SMALL[count] if 0 <= count < len(_SMALL) else f"{count:,}"
    return f"{word} {singular if count == 1 else plural or singular + 's'}"


def listed(items: Iterable[str], word: str = "and") -> str:
    """Write a list as a sentence has it.

    Examples
    --------
    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    *most, last = list(items) or [""]
    return f"{', '.join(most)} {word} {last}" if most else last


def firm(symbol: str) -> str:
    """Return the name of an instrument.

    Examples
    --------
    >>> firm("0981.HK")
    'SMIC (Hong Kong)'
    """
    from helpers.data.instruments import instrument

    return str(instrument(symbol)["name"])


def _p_digits(value: float) -> str:
    return number(value, 3 if value < 0.1 else 2)
