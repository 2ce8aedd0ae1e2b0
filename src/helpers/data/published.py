"""Figures that others published and that prices can be held against."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from helpers.data import schema
from helpers.data.collection_rules import INSTRUMENTS
from helpers.data.fact_rules import PROVENANCE, check_sourced, fact_day
from helpers.data.files import data_dir
from helpers.data.schema import Problem, Row, Table

if TYPE_CHECKING:
    import pandas as pd

UNITS = {"return": "share", "car": "share", "mean car": "share", "value": "USD bn"}


def _check_result(row: Row) -> Iterator[Problem]:
    if row["unit"] != UNITS[row["measure"]]:
        yield (
            "unit",
            f"is {row['unit']}: a {row['measure']} is in {UNITS[row['measure']]}.",
        )
    if row.is_before("last", "first"):
        yield "last", f"{row['last']} is before first {row['first']}."


PUBLISHED = Table(
    "published.csv",
    {
        "published_id": schema.key(),
        "what": schema.text(required=True),
        "symbols": schema.reference(
            INSTRUMENTS.keys, "an instrument of instruments.csv", several=True
        ),
        "first": fact_day(required=True),
        "last": fact_day(),
        "measure": schema.word(*UNITS),
        "unit": schema.word(*dict.fromkeys(UNITS.values())),
        "published": schema.number(required=True),
        "rounding": schema.number(above=0, required=True),
        "taken": schema.word("close", "inside"),
        **PROVENANCE,
    },
    [("published_id",)],
    _check_result,
    check_sourced,
)


def load_published() -> pd.DataFrame:
    """Return published figures on the bundled instruments, one a row.

    Returns
    -------
    DataFrame
        Indexed by ``published_id``: ``what``, ``symbols`` (tuple), ``first``, ``last``
        (Timestamp of the exchange; NaT: one session), ``measure``, ``unit``,
        ``published`` (decimal, or bn of USD), ``rounding`` (how far the figure may be
        from the truth by the way it was printed, in its unit), ``taken`` (at the close
        or inside the session), ``verification``, ``sources`` (tuple), ``note``.

    Raises
    ------
    DataError
        If the table breaks a rule of the codebook; the message names file, row
        and field.

    Examples
    --------
    >>> load_published().at["nvda-monday", "published"].item()
    -0.17
    """
    table = PUBLISHED.frame(PUBLISHED.read(data_dir()))
    return table.set_index("published_id")
