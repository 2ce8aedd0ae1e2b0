"""The article whose claims are set beside market data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.data import schema
from helpers.data.event_rules import VERIFICATIONS
from helpers.data.files import data_dir
from helpers.data.schema import Table

if TYPE_CHECKING:
    import pandas as pd

_filled = schema.text(required=True)

ARTICLE = Table(
    "article.csv",
    {
        "title": _filled,
        "publisher": _filled,
        "address": schema.text(
            required=True, like=r"https?://\S+", say="a web address"
        ),
        "published_first": schema.day(required=True),
        "published_last": schema.day(required=True),
        "verification": schema.word(*VERIFICATIONS),
        "note": schema.text(),
    },
    [("address",)],
    lambda row: schema.span(row, "published_first", "published_last"),
)


def load_article() -> pd.Series:
    """Return what is known of the article: where it stands and from when it is.

    Returns
    -------
    Series
        ``title``, ``publisher``, ``address``, ``published_first`` and
        ``published_last`` (Timestamps: the span that holds its date),
        ``verification``, ``note``.

    Raises
    ------
    DataError
        If the table breaks a rule of the codebook.

    Examples
    --------
    >>> load_article()["publisher"]
    'Archyde'
    """
    return ARTICLE.frame(ARTICLE.read(data_dir())).iloc[0]
