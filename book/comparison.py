"""What the comparison of notebooks by nbval lacks: figures, records, conditions.

nbval compares the texts of each cell, strictly, and leaves images and metadata out.
``notebooks/conftest.py`` takes the hook below in, which compares those with the
tolerance that the runner has, and says what to do about a difference.
"""

from __future__ import annotations

from collections.abc import Generator

import pytest
from nbval.plugin import IPyNbCell, NbCellError, coalesce_streams

from book.compare import differences

WHAT_TO_DO = (
    "Run `make`, which stores what really changed and names it, then look at the "
    "diff: is it what you meant to change?"
)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Compare a cell's figures and records as well, once it has run."""
    if not isinstance(item, IPyNbCell):
        return (yield)
    failure: NbCellError | None = None
    result: object = None
    try:
        result = yield
    except NbCellError as error:
        if str(error) != "Cell outputs differ":
            raise
        failure = error
    stored = coalesce_streams(item.cell.outputs)
    new = coalesce_streams(item.test_outputs or [])
    found = [
        what
        for old, fresh in zip(stored, new, strict=False)
        for what in differences(old, fresh)
    ]
    broken = [
        " ".join(str(one["data"].get("text/plain", "")).split())
        for one in new
        if one.get("metadata", {}).get("helpers", {}).get("holds", True) is not True
    ]
    found += [f"this does not hold with these data: {what}" for what in broken]
    if failure is None and not found:
        return result
    if len(stored) != len(new):
        found.append(f"it has {len(new)} outputs and had {len(stored)}")
    raise NbCellError(
        item.cell_num,
        "Cell outputs differ",
        item.cell.source,
        "\n".join([*found, WHAT_TO_DO]),
    )
