"""Outputs of chapters that still show figures by the old presentation modules.

Goes with them: there a figure keeps its numbers as CSV, and a digest in its text.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator

_DIGEST = re.compile(r" \[drawn data [0-9a-f]+\]")


def without_digest(text: str) -> str:
    """Return a text without the digest of what a figure draws."""
    return _DIGEST.sub("", text)


def same_old_drawn(stored: str, new: str) -> Iterator[str]:
    """Say where two tables of drawn numbers differ by more than a thousandth."""
    old, fresh = (list(csv.reader(io.StringIO(one))) for one in (stored, new))
    if len(old) != len(fresh):
        yield f"the figure draws {len(fresh)} points and drew {len(old)}"
        return
    for before, after in zip(old, fresh, strict=True):
        if not all(map(_same, before, after)):
            yield f"the figure: {','.join(after)} and was {','.join(before)}"
            return


def _same(stored: str, new: str) -> bool:
    try:
        return stored == new or math.isclose(
            float(stored), float(new), rel_tol=1e-3, abs_tol=1e-6
        )
    except ValueError:
        return False
