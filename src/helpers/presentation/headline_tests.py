"""Means with their headline tests as a table: the same columns in every chapter."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.evidence.wording import number, p_cell, percent

COLUMNS = {
    "n_events": "dates",
    "adjusted_bmp": "p, KP",
    "corrado": "p, Corrado",
    "placebo": "p, placebo",
    "cluster_bootstrap": "p, bootstrap",
    "holm": "KP, Holm",
    "bh": "KP, Benjamini-Hochberg",
}


def headline_tests(table: pd.DataFrame, mean: str = "mean CAR") -> dict[str, Any]:
    """The table and formats of means, their dates and p-values.

    Parameters
    ----------
    table : DataFrame
        ``car`` (decimal), ``n_events`` and one p-value a test, named as the engine
        names it; ``holm`` and ``bh`` where KP was corrected.
    mean : str
        Heading of the means.

    Returns
    -------
    dict
        ``df`` and ``formats`` of :func:`helpers.presentation.notebook.table`.
    """
    shown = {"car": mean} | {k: v for k, v in COLUMNS.items() if k in table}
    formats: dict[str, Any] = dict.fromkeys(shown.values(), p_cell)
    formats |= {mean: percent, "dates": lambda x: number(x, 0)}
    return {"df": table[list(shown)].rename(columns=shown), "formats": formats}
