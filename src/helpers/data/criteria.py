"""What a claim about the future would show, and by which day: its criteria."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from helpers.data import schema
from helpers.data.event_rules import CLAIMS
from helpers.data.files import data_dir
from helpers.data.schema import Problem, Row, Table

if TYPE_CHECKING:
    import pandas as pd


def _check_criterion(row: Row) -> Iterator[Problem]:
    yield from schema.span(row, "base_first", "base_last")
    yield from schema.span(row, "later_first", "later_last")
    yield from schema.pair(row, "entity", "metric")
    if row.is_before("later_first", "base_last"):
        yield "later_first", "is before the end of what it is held against."


CRITERIA = Table(
    "criteria.csv",
    {
        "criterion_id": schema.key(),
        "claim_id": schema.reference(CLAIMS.keys, "a claim of claims.csv"),
        "label": schema.text(required=True),
        "question": schema.text(required=True),
        "measure": schema.word("ratio", "difference", "count", "t statistic"),
        "entity": schema.text(),
        "metric": schema.text(),
        "base_first": schema.day(),
        "base_last": schema.day(),
        "later_first": schema.day(required=True),
        "later_last": schema.day(required=True),
        "met_from": schema.number(required=True),
        "turned_from": schema.number(),
        "rising": schema.word("yes", "no"),
        "open": schema.word("yes", "no"),
        "why": schema.text(required=True),
        "source": schema.text(required=True),
    },
    [("criterion_id",)],
    _check_criterion,
)


def load_criteria() -> pd.DataFrame:
    """Return the criteria by which claims about the future are read.

    Returns
    -------
    DataFrame
        Indexed by ``criterion_id``, with the columns of the codebook: ``rising`` and
        ``open`` are bool, days are Timestamps.

    Raises
    ------
    DataError
        If the table breaks a rule of the codebook.

    Examples
    --------
    >>> load_criteria().query("open").index[:2].tolist()
    ['smic-capital-spending', 'smic-revenue']
    """
    table = CRITERIA.frame(CRITERIA.read(data_dir()))
    for name in ("rising", "open"):
        table[name] = table[name] == "yes"
    return table.set_index("criterion_id")
