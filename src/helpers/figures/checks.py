"""What a figure is given, checked before anything is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from helpers.errors import HelpersError


def table_of(
    value: Any, columns: Iterable[str], what: str, *, numbers: Iterable[str] = ()
) -> pd.DataFrame:
    """A frame with rows and the columns needed, or an error that names them.

    Parameters
    ----------
    value : Any
    columns : iterable of str
        Needed.
    what : str
        How the error calls the frame.
    numbers : iterable of str
        Columns that must hold numbers.
    """
    if not isinstance(value, pd.DataFrame):
        raise HelpersError(f"{what} must be a DataFrame, not {type(value).__name__}.")
    needed = list(dict.fromkeys([*columns, *numbers]))
    missing = [name for name in needed if name not in value.columns]
    if missing:
        has = ", ".join(str(name) for name in value.columns) or "none"
        raise HelpersError(
            f"{what} has no column {' and no column '.join(map(repr, missing))}; "
            f"its columns are {has}."
        )
    if value.empty:
        raise HelpersError(f"{what} has no rows: there is nothing to draw.")
    for name in numbers:
        if not pd.api.types.is_numeric_dtype(value[name]):
            raise HelpersError(f"{what}: column {name!r} does not hold numbers.")
    return value


def series_of(value: Any, what: str) -> pd.Series:
    """A Series of numbers with at least one that is not missing."""
    if not isinstance(value, pd.Series):
        raise HelpersError(f"{what} must be a Series, not {type(value).__name__}.")
    if not pd.api.types.is_numeric_dtype(value):
        raise HelpersError(f"{what} does not hold numbers.")
    if not value.notna().any():
        raise HelpersError(f"{what} holds no number: there is nothing to draw.")
    return value.astype(float)


def numbers_of(value: Any, what: str) -> np.ndarray:
    """One row of numbers without missing ones."""
    out = np.asarray(value, dtype=float)
    if out.ndim != 1 or not out.size:
        raise HelpersError(f"{what} must be one row of numbers, and not empty.")
    if not np.isfinite(out).all():
        raise HelpersError(f"{what} holds values that are missing or not finite.")
    return out


def some(value: Any, what: str) -> Mapping[str, Any]:
    """A mapping with entries, its names as text."""
    if not isinstance(value, Mapping):
        raise HelpersError(f"{what} must be a mapping, not {type(value).__name__}.")
    if not value:
        raise HelpersError(f"{what} is empty: there is nothing to draw.")
    return {str(name): one for name, one in value.items()}


def known(names: Iterable[Any], among: Iterable[Any], what: str) -> None:
    """Refuse names that would be left out in silence."""
    there = list(among)
    lost = [str(name) for name in names if name not in there]
    if lost:
        raise HelpersError(
            f"{what} names {', '.join(lost)}, which is not drawn; there are "
            f"{', '.join(map(str, there))}."
        )


def as_date(value: Any) -> Any:
    """A date given as text; anything else as it is."""
    return pd.Timestamp(value) if isinstance(value, str) else value


def row_labels(index: pd.Index) -> list[str]:
    """Labels of rows; those of several levels in one line."""
    return [
        ", ".join(map(str, label)) if isinstance(label, tuple) else str(label)
        for label in index
    ]
