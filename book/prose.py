"""Numbers in prose that the data could move: a sentence of code must state those.

"It fell 2.1 %" in a Markdown cell goes stale without a sound when the data change.
What looks like a measured number is therefore refused there: percentages, p-values,
signed and small decimals. Dates, names, counts, windows such as [0, +1], levels of
tests and confidence, formulas, code and quotations are left alone.
"""

from __future__ import annotations

import re

_LEVELS = r"(?:1|5|10|80|90|95|97\.5|99) ?%"
_LEFT_ALONE = re.compile(
    r"^[ \t>]*(```+|~~~+).*?^[ \t>]*\1|`[^`]+`|\$\$.*?\$\$|\$[^$\n]*[A-Za-z\\][^$\n]*\$"
    r"|<!--.*?-->|<[^>]+>|https?://\S+|(?<=\])\([^)\s]*\)|“[^”]*”|\[[^\]]*,[^\]]*\]"
    rf"|(?<![\d.,+−-]){_LEVELS}",
    re.MULTILINE | re.DOTALL,
)
_MEASURED = re.compile(
    r"[+−-]?\d[\d,.]*[ \u00a0\u202f]?(?:\\?%|per cent\b|percentage points?\b)"
    r"|\bp ?[=<>≤≥] ?0?\.\d+"
    r"|(?<![\w.])[+−]\d+\.\d+"
    r"|(?<![\w.§])0?\.\d+"
)


def measured_numbers(markdown: str) -> list[str]:
    """Return the numbers in a Markdown text that look like results.

    Parameters
    ----------
    markdown : str
        The text of a cell or a file.

    Returns
    -------
    list of str
        As they are written, in order.
    """
    text = re.sub("[\u00a0\u202f\u2009]", " ", markdown.replace("**", ""))
    return [found[0] for found in _MEASURED.finditer(_LEFT_ALONE.sub(" ", text))]
