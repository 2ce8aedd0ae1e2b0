"""Which tests to go by, and what each is called."""

from __future__ import annotations

import pandas as pd

from helpers.lab.engine import EXACT, Explored

SIZE = 0.05
# Tests that hold their size for one instrument, and for several around one date.
HEADLINE_ONE = (EXACT, "sample_quantile", "placebo")
HEADLINE_SEVERAL = ("adjusted_bmp", "corrado", "placebo")
TEST_NAMES = {
    EXACT: "Exact t",
    "cross_sectional": "Cross-sectional t",
    "patell": "Patell",
    "adjusted_patell": "Patell, adjusted for correlation",
    "bmp": "BMP",
    "adjusted_bmp": "BMP, adjusted for correlation (KP)",
    "corrado": "Corrado rank",
    "sign": "Sign",
    "generalized_sign": "Generalised sign",
    "wilcoxon": "Wilcoxon",
    "crude_dependence": "Crude dependence",
    "cluster_bootstrap": "Bootstrap by date",
    "placebo": "Placebo dates",
    "sample_quantile": "Sample quantile",
}


def headline(found: Explored) -> pd.DataFrame:
    """The rows of the table of tests to go by, those that are defined."""
    names = HEADLINE_ONE if len(found.cars) == 1 else HEADLINE_SEVERAL
    rows = found.tests.reindex(list(names))
    return rows[rows["p_value"].notna()]
