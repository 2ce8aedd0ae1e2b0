"""Every p-value that the book records, corrected for their number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from helpers.errors import HelpersError
from helpers.evidence import beijing_findings, export_controls_findings
from helpers.evidence.reactions import BASKETS
from helpers.evidence.wording import P_VALUE
from helpers.inference.multiple import adjusted

SIZE = 0.05
Entries = Mapping[str, Mapping[str, Any]]

# A p-value that is already corrected, or the largest or smallest of several, is no
# test of its own.
_DERIVED = re.compile(r"(^|_)(holm|bh|largest|specifications)(_|$)")

# Short names within the names of results, and what they stand for.
_SHORT = {
    short: name
    for keys in (export_controls_findings.KEYS, beijing_findings.KEYS)
    for name, short in keys.items()
} | {
    "remark": "Nvidia after the DeepSeek remark",
    "fall": "Nvidia from its largest fall",
    "monday": "Nvidia on the Monday after R1",
    "pushback": "on Chinese purchase limits,",
    "controls": "on US controls,",
    "china": "Chinese chip names after the DeepSeek remark",
    "worst": "Nvidia on its worst day",
    "end": "end markets differ",
    "roadmap": "on Huawei's roadmap,",
    "setback": "on the report of failed training,",
    "fund": "on the state fund,",
}
_TESTS = {
    "adjusted_bmp": "KP",
    "kp": "KP",
    "placebo": "placebo dates",
    "corrado": "Corrado",
    "cross_sectional": "cross-sectional t",
    "cusum": "CUSUM",
}
_WORDS = {
    "day": "on the day",
    "two days": "over two sessions",
    "market": "against the market",
    "sector": "against the sector",
    "differ": "where the readings differ",
    "hong kong": "Hong Kong",
    "nvidia": "Nvidia",
    "deepseek": "DeepSeek",
    "huaweis": "Huawei's",
    "chinese": "Chinese",
    "us": "US",
}


@dataclass(frozen=True)
class Family:
    """All tests of the book, corrected together.

    Attributes
    ----------
    table : DataFrame
        One row a recorded p-value, smallest first: chapter, name, words, p_value,
        holm, bh.
    derived : int
        Recorded p-values that are no test of their own and are left out.
    """

    table: pd.DataFrame
    derived: int

    def below(self, column: str) -> int:
        """How many are below 5 %: of ``p_value``, ``holm`` or ``bh``."""
        return int((self.table[column] < SIZE).sum())

    def cutoff(self, column: str) -> float:
        """The largest raw p-value that the correction leaves below 5 %; 0 if none."""
        kept = self.table.loc[self.table[column] < SIZE, "p_value"]
        return float(kept.max()) if len(kept) else 0.0

    def surviving(self, column: str) -> pd.DataFrame:
        """The rows that the correction leaves below 5 %."""
        return self.table[self.table[column] < SIZE]

    def by_chapter(self) -> pd.DataFrame:
        """Counts by chapter: tests, and how many are below 5 % raw, BH and Holm."""
        counts = {
            chapter: {
                "tests": len(rows),
                **{
                    name: int((rows[name] < SIZE).sum())
                    for name in ("p_value", "bh", "holm")
                },
            }
            for chapter, rows in self.table.groupby("chapter", sort=False)
        }
        return pd.DataFrame.from_dict(counts, orient="index").rename_axis("chapter")


def every_test(chapters: Mapping[str, Entries]) -> Family:
    """Collect what every chapter recorded as a p-value; nothing is picked.

    Parameters
    ----------
    chapters : mapping of chapter to name to ``{"value", "text", "kind"}``

    Raises
    ------
    HelpersError
        If no chapter recorded one.
    """
    rows = []
    derived = 0
    for chapter, entries in chapters.items():
        for name, entry in entries.items():
            if entry.get("kind") != P_VALUE:
                continue
            if _DERIVED.search(name):
                derived += 1
                continue
            rows.append(
                {
                    "chapter": chapter,
                    "name": name,
                    "words": in_words(name),
                    "p_value": float(entry["value"]),
                }
            )
    if not rows:
        raise HelpersError(
            "No chapter recorded a p-value: compute the results again, their file is "
            "of an older form."
        )
    table = pd.DataFrame(rows).sort_values("p_value", kind="stable", ignore_index=True)
    return Family(table.join(adjusted(table["p_value"])), derived)


def in_words(name: str) -> str:
    """A recorded result's name as a reader would say it.

    ``chips_thesis_differ_placebo_p`` becomes "mainland chip names thesis where the
    readings differ, by placebo dates".
    """
    stem = re.sub(r"(_|, )p$", "", name)
    by = ""
    for short, test in _TESTS.items():
        if stem.endswith(f"_{short}"):
            stem, by = stem.removesuffix(f"_{short}"), f", by {test}"
            break
    for short, words in sorted(_SHORT.items(), key=lambda pair: -len(pair[0])):
        if stem == short or stem.startswith(f"{short}_"):
            stem = words + stem.removeprefix(short).replace("_", " ")
            break
    text = stem.replace("_", " ")
    for short, words in _WORDS.items():
        text = re.sub(rf"(?<![\w']){short}(?!\w)", words, text)
    for group in BASKETS:
        text = re.sub(rf"(?<=[^,]) {re.escape(group)}$", f", {group}", text)
    return text.replace(" ,", ",").strip(", ") + by
