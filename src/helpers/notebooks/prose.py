"""Numbers in prose, and whether code produced them.

A sentence such as "fell 2.1 %" goes stale without a sound when the data change.
Every number in Markdown must therefore occur in ``results.json``, which code
writes: chapter -> name -> ``{"value": ..., "text": ...}``. What is no finding is
left out: dates, clock times, numbering, names such as S&P 500 or the event window
[0, +1], formulas, code.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from helpers.errors import HelpersError

Results = Mapping[str, Mapping[str, Mapping[str, Any]]]

# A space that does not break a number apart: no-break, thin, narrow no-break.
_THIN = "\u00a0\u2009\u202f"
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?"
    r"|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_NUMBERED = (
    r"(?:[Cc]hapters?|[Ss]ections?|[Cc]laims?|[Ff]igures?|[Tt]ables?|[Nn]otebooks?"
    r"|[Ss]teps?|[Pp]arts?|[Aa]ppendix|[Ff]ootnotes?|[Cc]ells?|[Pp]ages?|Form|§)"
)
# Names that end in a number of their own. A word that has a letter before its
# digits, such as H20 or FY26, needs no entry.
_NAMES = (
    r"S&P 500",
    r"CSI[ -](?:300|500|800|1000)",
    r"(?:SSE )?STAR[ -](?:Market )?50",
    r"SSE 50",
    r"ChiNext 50",
    r"Nasdaq[ -]100",
    r"Russell (?:1000|2000|3000)",
    r"Nikkei 225",
    r"KOSPI 200",
    r"(?:Huawei )?Ascend 9\d0[A-D]?",
    r"910[A-D]",
    r"(?:Nvidia )?RTX (?:Pro )?\d{4}[A-Z]?",
    r"Fama[-–]French (?:three|3|five|5)",
    r"Section (?:232|301)",
    r"Python 3(?:\.\d+)*(?:,? (?:to|and|or|–|-) 3\.\d+)*",
    r"CC BY(?:-[A-Z]+)* 4\.0",
    r"8-K|10-K|10-Q|20-F|6-K",
)

_NOT_PROSE = (
    re.compile(
        r"^[ \t>]*(```+|~~~+).*?(?:^[ \t>]*\1[`~]*[ \t]*$|\Z)",
        re.MULTILINE | re.DOTALL,
    ),
    re.compile(r"<!--.*?-->", re.DOTALL),
    re.compile(r"(?<!`)(`+)(?!`)(?:(?!\n\s*\n).)*?(?<!`)\1(?!`)", re.DOTALL),
    re.compile(r"\$\$.*?\$\$", re.DOTALL),
    # As Markdown readers do: a formula has no blank inside its dollars. Without a
    # letter in it, it is a number in italics.
    re.compile(r"(?<!\\)\$(?=\S)(?=[^$]*[A-Za-z])[^$\n]*?(?<=\S)(?<!\\)\$(?!\d)"),
    re.compile(r"^\s*\[[^\]]+\]:\s.*$", re.MULTILINE),
    re.compile(r"\[\^[^\]]+\]"),
    re.compile(
        r"(?<=\])\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?:\s+(?:\"[^\"]*\"|'[^']*'))?\)"
    ),
    re.compile(r"<?\bhttps?://[^\s>)\]]+>?"),
    re.compile(r"\bdoi:\S+", re.IGNORECASE),
    re.compile(r"</?[A-Za-z][^>]*>"),
)
_NUMBERING = (
    re.compile(r"^[ \t>]*(?:#+[ \t]+)?\d+(?:\.\d+)*[.)](?=\s)", re.MULTILINE),
    re.compile(r"^[ \t>]*#+[ \t]+\d+(?:\.\d+)*(?=\s)", re.MULTILINE),
)
_NOT_FINDINGS = (
    # What windows are called: day 0, and [0, +1] unless it is an interval in percent.
    re.compile(r"\b[Dd]ays? 0(?![\w.,%]*\d|[ ]?%)"),
    re.compile(rf"\[[+−-]?\d{{1,3}},[ {_THIN}]?[+−-]?\d{{1,3}}\](?!\(|[ {_THIN}]?%)"),
    re.compile(r"[\w./-]+\.(?:ipynb|py|csv|json|md|yml|toml|lock|png|cff)\b"),
    re.compile(rf"(?<![\w.])(?:{'|'.join(_NAMES)})(?!\w|\.\d)"),
    re.compile(rf"{_NUMBERED}[ {_THIN}]\d+(?:\.\d+)*(?:[–-]\d+)?(?![\w%])"),
    re.compile(r"(?<![\d.])(?:19|20)\d\d-\d\d(?:-\d\d)?(?:T[\d:]+Z?)?(?![\d%])"),
    re.compile(rf"\b\d{{1,2}}(?:[–-]\d{{1,2}})?[ {_THIN}]{_MONTH}(?!\w)"),
    re.compile(rf"\b{_MONTH}[ {_THIN}]\d{{1,2}}(?:[–-]\d{{1,2}})?(?![\d.%])"),
    re.compile(r"(?<![\d:.])[0-2]?\d:[0-5]\d(?::[0-5]\d)?(?![\d:])"),
    re.compile(
        r"(?<![\d.,+−$€£¥])(?<![^A-Za-z]-)(?:19|20)\d\d(?:[–/-](?:(?:19|20)\d\d|\d\d)(?!\d))?"
        rf"(?![\d%]|[.,]\d|[ {_THIN}]?%)(?:s\b)?"
    ),
    # Versions, tickers that start with digits, words with a letter before a digit.
    re.compile(r"(?<![\w.])v?\d+\.\d+\.\d+(?:\.\d+)*(?!\w)"),
    re.compile(r"(?<![\w.])\d+\.[A-Z]{2,3}\b"),
    re.compile(r"(?<!\w)[A-Z][A-Za-z]*-\d+(?:\.\d+)*[A-Za-z]*(?!\w|%)"),
    re.compile(
        r"(?<!\w)(?!(?:USD|RMB|CNY|HKD|TWD|EUR|GBP|JPY)\d)"
        r"[\w&./-]*[A-Za-z][\w&]*\d(?:[\w&/-]|\.(?=\w))*"
    ),
)
_NUMBER = re.compile(
    rf"""
    (?P<sign>(?<![\w.)\]–])[+\-−])?
    (?P<digits>
        \d{{1,3}}(?:[,{_THIN}]\d{{3}})+(?:\.\d+)?(?![\d])
      | \d+(?:\.\d+)?(?:[eE][+\-−]?\d+)?
      | (?<!\d)\.\d+
    )
    (?P<percent>[ {_THIN}]?(?:\\?%|per[ ]cent\b|percent\b))?
    """,
    re.VERBOSE,
)
_RANGE_TO_PERCENT = re.compile(
    rf"(?<![\d.])(\d+(?:\.\d+)?)(?=(?:–| to )[+−-]?\d+(?:\.\d+)?[ {_THIN}]?%)"
)


def prose_numbers(markdown: str) -> list[str]:
    """Return the numbers that a Markdown text states, in order.

    Parameters
    ----------
    markdown : str
        The text of a cell or a file.

    Returns
    -------
    list of str
        Each number in one spelling: a hyphen for minus, no thousands separators,
        a zero before the point, ``%`` directly after percentages; ``"-2.1%"`` for
        "−2.1 %" and "-2.1 per cent".
    """
    text = markdown
    for pattern in _NOT_PROSE:
        text = pattern.sub(" ", text)
    for pattern in _NUMBERING:
        text = pattern.sub("", text)
    text = html.unescape(text)
    # Emphasis would part a sign from its number or a number from its unit.
    text = text.replace("**", "").replace("\\$", "$").replace("\\%", "%")
    for pattern in _NOT_FINDINGS:
        text = pattern.sub(" ", text)
    return _numbers(text)


def unbacked_numbers(markdown: str, results: Results) -> list[str]:
    """Return the numbers in a Markdown text that no result's text contains.

    Parameters
    ----------
    markdown : str
        The text of a cell or a file.
    results : mapping
        Chapter -> name -> mapping with the result as it is written, ``text``.

    Returns
    -------
    list of str
        In the spelling of :func:`prose_numbers`, in order. A number without a sign
        is also backed by a result with one, because words can carry the sign
        ("fell 2.1 %"); a number with a sign needs a result with that sign.

    Raises
    ------
    HelpersError
        If a result has no ``text``.
    """
    backed: set[str] = set()
    for chapter, entries in results.items():
        for name, entry in entries.items():
            if not isinstance(entry, Mapping) or not isinstance(entry.get("text"), str):
                raise HelpersError(
                    f"Result {chapter}/{name} has no text: run the notebook that "
                    "writes it."
                )
            for number in _numbers(entry["text"]):
                backed.update((number, number.lstrip("+-")))
    return [number for number in prose_numbers(markdown) if number not in backed]


def read_results(path: Path) -> dict[str, Any]:
    """Return the results that code has written, or none if there is no such file.

    Parameters
    ----------
    path : Path
        ``notebooks/results.json``.

    Raises
    ------
    HelpersError
        If the file is not a JSON object of objects.
    """
    if not path.is_file():
        return {}
    try:
        results = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise HelpersError(f"{path.name} is not valid JSON: {error}") from error
    if not isinstance(results, dict) or not all(
        isinstance(entries, dict) for entries in results.values()
    ):
        raise HelpersError(
            f"{path.name} must map chapters to results: run the notebooks again."
        )
    return results


def _numbers(text: str) -> list[str]:
    spread = _RANGE_TO_PERCENT.sub(r"\1%", text)
    return [_spelling(match) for match in _NUMBER.finditer(spread)]


def _spelling(match: re.Match[str]) -> str:
    sign = (match["sign"] or "").replace("−", "-")
    digits = re.sub(rf"[,{_THIN}]", "", match["digits"]).replace("−", "-")
    if digits.startswith("."):
        digits = f"0{digits}"
    return f"{sign}{digits}{'%' if match['percent'] else ''}"
