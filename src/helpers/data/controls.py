"""Which chips meet which thresholds of the export controls."""

from __future__ import annotations

import datetime as dt
import math
import operator
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.data.chips import load_chips
from helpers.data.thresholds import CHIP_COLUMNS, DATA_CENTRE, load_thresholds
from helpers.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "ge": operator.ge,
    "gt": operator.gt,
    "le": operator.le,
    "lt": operator.lt,
    "eq": operator.eq,
}
# Ends of the range of processing performance that sources give.
_ENDS = ("tpp_low", "tpp_high")


def chips_against_thresholds(
    on: dt.date | str | None = None,
    *,
    verified_only: bool = False,
    data_dir: Path | str | None = None,
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
    data_dir : path, optional
        As for :func:`load_thresholds`.

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
    >>> met = chips_against_thresholds("2023-11-01").query("meets")
    >>> met["chip_id"].isin(["nvidia-h100", "nvidia-h20"]).sum().item()
    1
    """
    import pandas as pd

    day = None if on is None else _day(on)
    chips = load_chips(verified_only, data_dir=data_dir)
    conditions = load_thresholds(data_dir)
    conditions = conditions[conditions["applies_to"] == DATA_CENTRE]
    if verified_only:
        doubtful = conditions.loc[conditions["verification"] != "verified", "rule_id"]
        conditions = conditions[~conditions["rule_id"].isin(doubtful)]
    rules = [_rule(group) for _, group in conditions.groupby("rule_id", sort=False)]
    records, undated = [], []
    for chip_id, chip in chips.iterrows():
        as_of = chip["announced_last"] if day is None else day
        if pd.isna(as_of):
            undated.append(chip_id)
            continue
        records += [
            {"chip_id": chip_id, "day": as_of, **rule.verdict(chip.to_dict())}
            for rule in rules
            if rule.first <= as_of and (pd.isna(rule.last) or as_of <= rule.last)
        ]
    columns = ["chip_id", "rule_id", "effect", "day", "meets", "is_robust"]
    table = pd.DataFrame(records, columns=[*columns, "alternative", "missing"])
    table = table.astype({"meets": "boolean", "alternative": "Int64"})
    table.attrs["undated"] = tuple(undated)
    return table


@dataclass(frozen=True)
class _Condition:
    columns: tuple[str, ...]
    compare: Callable[[float, float], bool]
    value: float

    def met_by(self, figures: Mapping[str, float]) -> bool | None:
        number = math.fsum(figures[name] for name in self.columns)
        return None if math.isnan(number) else self.compare(number, self.value)


@dataclass(frozen=True)
class _Rule:
    rule_id: str
    effect: str
    first: pd.Timestamp
    last: pd.Timestamp
    alternatives: Mapping[int, Sequence[_Condition]]

    def verdict(self, chip: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the rule says of a chip, at its figures and their range."""
        met = self._met(chip)
        outcome = _any(met.values())
        ends = [_any(self._met(_rescaled(chip, e)).values()) for e in _ENDS]
        looked_at = {
            name
            for conditions in self.alternatives.values()
            for condition in conditions
            for name in condition.columns
        }
        return {
            "rule_id": self.rule_id,
            "effect": self.effect,
            "meets": outcome,
            "is_robust": all(end == outcome for end in ends),
            "alternative": next((n for n, is_met in met.items() if is_met), None),
            "missing": tuple(sorted(n for n in looked_at if math.isnan(chip[n]))),
        }

    def _met(self, figures: Mapping[str, float]) -> dict[int, bool | None]:
        return {
            number: _all(condition.met_by(figures) for condition in conditions)
            for number, conditions in self.alternatives.items()
        }


def _rescaled(chip: Mapping[str, Any], end: str) -> dict[str, Any]:
    """Return a chip with its processing performance at one end of the range."""
    scale = chip[end] / chip["tpp"]
    density = chip["performance_density"] * scale
    return {**chip, "tpp": chip[end], "performance_density": density}


def _all(outcomes: Iterable[bool | None]) -> bool | None:
    known = list(outcomes)
    if False in known:
        return False
    return None if None in known else True


def _any(outcomes: Iterable[bool | None]) -> bool | None:
    known = list(outcomes)
    if True in known:
        return True
    return None if None in known else False


def _rule(group: pd.DataFrame) -> _Rule:
    alternatives: dict[int, list[_Condition]] = defaultdict(list)
    for row in group.to_dict("records"):
        alternatives[row["alternative"]].append(
            _Condition(
                CHIP_COLUMNS[row["metric"]], _COMPARISONS[row["operator"]], row["value"]
            )
        )
    head = group.iloc[0]
    return _Rule(
        head["rule_id"],
        head["effect"],
        head["applies_first"],
        head["applies_last"],
        alternatives,
    )


def _day(on: dt.date | str) -> pd.Timestamp:
    import pandas as pd

    try:
        day = dt.date.fromisoformat(on) if isinstance(on, str) else on
        return pd.Timestamp(day.year, day.month, day.day)
    except (ValueError, AttributeError):
        raise DataError(f"{on!r} is not a date such as 2023-11-17.") from None
