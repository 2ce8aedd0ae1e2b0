"""Which chips meet which thresholds of the export controls."""

from __future__ import annotations

import datetime as dt
import math
import operator
from typing import TYPE_CHECKING

from helpers.data.calendars import parse_day
from helpers.data.chips import load_chips
from helpers.data.thresholds import CHIP_COLUMNS, DATA_CENTRE, load_thresholds
from helpers.errors import CalendarError, DataError

if TYPE_CHECKING:
    import pandas as pd

_COMPARISONS = {
    "ge": operator.ge,
    "gt": operator.gt,
    "le": operator.le,
    "lt": operator.lt,
    "eq": operator.eq,
}
# A condition that an unknown figure decides lies between met and not: the least of a
# rule's conditions, and the greatest of its alternatives, are then what logic asks for.
_MET, _UNKNOWN = 1.0, 0.5
_RULE = ["chip_id", "rule_id"]


def chips_against_thresholds(
    on: dt.date | str | None = None,
    *,
    verified_only: bool = False,
) -> pd.DataFrame:
    """Return which chips meet which rules for data-centre chips.

    This is arithmetic, not law: it takes every chip to be a data-centre part,
    and does it for Chinese chips too, whose sale at home no US rule reaches.

    Parameters
    ----------
    on : date or str, optional
        Day whose rules are applied to all chips, YYYY-MM-DD. Default: to each
        chip the rules in force on the last day of its announcement; chips
        without such a date are left out and named in ``attrs["undated"]``.
    verified_only : bool
        Whether to use verified figures and conditions alone.

    Returns
    -------
    DataFrame
        One row a chip and rule in force: ``chip_id``, ``rule_id``, ``effect``
        (of a rule that a chip meets: ``case-by-case`` is a relief), ``day``
        (Timestamp), ``meets`` (boolean; NA if a figure is missing that decides),
        ``is_robust`` (bool: the same at both ends of the range of ``tpp``),
        ``alternative`` (Int64, the first one met), ``missing`` (tuple: unknown
        figures of the chip that the rule looks at).

    Raises
    ------
    DataError
        If ``on`` is no date or a table breaks a rule of the codebook.

    Examples
    --------
    >>> met = chips_against_thresholds("2023-11-17").set_index(["chip_id", "rule_id"])
    >>> met.loc[("nvidia-h100", "rule-2023-10-a"), "meets"].item()
    True
    """
    import pandas as pd

    try:
        day = None if on is None else parse_day(on)
    except CalendarError as error:
        raise DataError(str(error)) from error
    chips = load_chips(verified_only)
    chips["day"] = chips["announced_last"] if day is None else day
    rules = load_thresholds()
    rules = rules[rules["applies_to"] == DATA_CENTRE]
    if verified_only:
        doubtful = rules.loc[rules["verification"] != "verified", "rule_id"]
        rules = rules[~rules["rule_id"].isin(doubtful)]
    order = {rule: at for at, rule in enumerate(rules["rule_id"].unique())}
    pairs = chips.reset_index()[["chip_id", "day"]].merge(rules, how="cross")
    in_force = (pairs["applies_first"] <= pairs["day"]) & ~(
        pairs["applies_last"] < pairs["day"]
    )
    pairs = pairs[in_force].assign(order=lambda table: table["rule_id"].map(order))
    stated = _outcomes(pairs, chips)
    ends = [_outcomes(pairs, _at_end(chips, end)) for end in ("tpp_low", "tpp_high")]
    met = stated.groupby(level=_RULE).max()
    robust = [end.groupby(level=_RULE).max() == met for end in ends]
    first_met = stated[stated == _MET].reset_index("alternative")["alternative"]
    table = pairs.sort_values(["order"], kind="stable").drop_duplicates(_RULE)
    place = {chip: at for at, chip in enumerate(chips.index)}
    table = table.sort_values("chip_id", key=lambda ids: ids.map(place), kind="stable")
    table = table.set_index(_RULE)[["effect", "day"]]
    table["meets"] = (met == _MET).astype("boolean").mask(met == _UNKNOWN)
    table["is_robust"] = robust[0] & robust[1]
    table["alternative"] = first_met.groupby(level=_RULE).min().astype("Int64")
    looked_at = {
        rule: sorted({name for metric in metrics for name in CHIP_COLUMNS[metric]})
        for rule, metrics in rules.groupby("rule_id")["metric"]
    }
    figures = chips.to_dict("index")
    table["missing"] = [
        tuple(name for name in looked_at[rule] if pd.isna(figures[chip][name]))
        for chip, rule in table.index
    ]
    table = table.reset_index().astype({"is_robust": bool})
    table.attrs["undated"] = tuple(chips.index[chips["day"].isna()])
    return table


def _at_end(chips: pd.DataFrame, end: str) -> pd.DataFrame:
    """Return chips with their processing performance at one end of its range."""
    density = chips["performance_density"] * (chips[end] / chips["tpp"])
    return chips.assign(tpp=chips[end], performance_density=density)


def _outcomes(pairs: pd.DataFrame, chips: pd.DataFrame) -> pd.Series:
    """Return, by chip, rule and alternative, whether it is met: 1, 0 or unknown."""
    import pandas as pd

    figures = chips.to_dict("index")
    met = []
    for row in pairs.itertuples():
        chip = figures[row.chip_id]
        figure = math.fsum(chip[name] for name in CHIP_COLUMNS[row.metric])
        holds = _COMPARISONS[row.operator](figure, row.value)
        met.append(_UNKNOWN if math.isnan(figure) else float(holds))
    outcome = pd.Series(met, index=pairs.set_index([*_RULE, "alternative"]).index)
    return outcome.groupby(level=[0, 1, 2]).min()
