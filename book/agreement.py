"""Whether what is said to those who do not see a figure is what others see in it.

The alternative text of a figure is all that some readers have of it, and a number in it
goes stale without a sound when the figure changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

# Dates, windows and levels are no results.
_LEFT_ALONE = re.compile(
    r"\[[^\]]*,[^\]]*\]|\d{1,2} [A-Z][a-z]+ \d{4}|\d{4}-\d\d-\d\d|95\s%"
)
_MEASURED = re.compile(r"([+\u2212-]?)(\d[\d,]*(?:\.\d+)?)(\s%)?")
_DRAWN = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
_NOT_NUMBERS = {"mark", "series", "colours", "within"}
# Rounding of a value that was rounded once before.
_TWICE = 1.02


def denied_numbers(
    alt: str, words: str, drawn: Sequence[Mapping[str, Any]]
) -> list[str]:
    """Return the results in an alternative text that the figure does not bear out.

    Parameters
    ----------
    alt : str
        The alternative text.
    words : str
        Title and caption of the figure.
    drawn : sequence of mapping
        Its panels as they are stored: marks with their coordinates, texts.

    Returns
    -------
    list of str
        Percentages and decimals as they are written that are neither drawn nor said
        in title or caption, each to the digits that it has.

    Examples
    --------
    >>> panels = [{"marks": [{"mark": "line", "y": "0.021 0.139"}]}]
    >>> denied_numbers("It ends at +13.9 %.", "Up 14 %", panels)
    []
    >>> denied_numbers("It ends at +13.1 %.", "Up 14 %", panels)
    ['+13.1 %']
    """
    drawn_values = [value for panel in drawn for value in _drawn_values(panel)]
    said = [(value, half) for _, _, value, half in _measured(words)]
    denied = []
    for text, signed, value, half in _measured(alt):
        scales = (1, 100) if text.endswith("%") else (1,)
        close = any(
            abs(scale * (one if signed else abs(one)) - value) <= half * _TWICE
            for one in drawn_values
            for scale in scales
        )
        # What was said may be rounded to fewer digits.
        if not close and not any(
            abs(abs(one) - abs(value)) <= max(half, coarse) * _TWICE
            for one, coarse in said
        ):
            denied.append(text)
    return denied


def _measured(words: str) -> Iterator[tuple[str, bool, float, float]]:
    """Each result as it is written, whether with its sign, and half its last digit."""
    for sign, digits, unit in _MEASURED.findall(_LEFT_ALONE.sub(" ", words)):
        after = digits.partition(".")[2]
        if unit or after:
            value = float(digits.replace(",", "")) * (
                -1 if sign in ("-", "\u2212") else 1
            )
            text = f"{sign}{digits}{' %' if unit else ''}"
            yield text, bool(sign), value, 0.5 * 10.0 ** -len(after)


def _drawn_values(panel: Mapping[str, Any]) -> Iterator[float]:
    for text in panel.get("texts", []):
        yield from map(float, _DRAWN.findall(text["text"].replace("\u2212", "-")))
    for mark in panel.get("marks", []):
        for name, numbers in mark.items():
            if name in _NOT_NUMBERS or not isinstance(numbers, str):
                continue
            found = [float(one) for one in _DRAWN.findall(numbers)]
            if mark.get("within") and name in ("x", "y"):
                low, high = map(float, panel[name]["limits"].split())
                found = [low + one * (high - low) for one in found]
            yield from found
