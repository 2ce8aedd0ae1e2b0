"""What a figure is given, checked before anything is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from helpers.errors import HelpersError


def table_of(
    value: Any, what: str, columns: Iterable[Any] = (), numbers: Iterable[Any] = ()
) -> pd.DataFrame:
    """A frame with rows and the columns needed, or an error that names them."""
    if not isinstance(value, pd.DataFrame):
        raise HelpersError(f"{what} must be a DataFrame, not {type(value).__name__}.")
    for name in dict.fromkeys([*columns, *numbers]):
        if name not in value.columns:
            has = ", ".join(map(str, value.columns)) or "none"
            raise HelpersError(f"{what} has no column {name!r}; its columns are {has}.")
    if value.empty:
        raise HelpersError(f"{what} has no rows: there is nothing to draw.")
    for name in numbers:
        if not all(map(pd.api.types.is_numeric_dtype, value.loc[:, [name]].dtypes)):
            raise HelpersError(f"{what}: column {name!r} does not hold numbers.")
    return value


def series_of(value: Any, what: str) -> pd.Series:
    """A Series of numbers with at least one that is not missing."""
    if not isinstance(value, pd.Series):
        raise HelpersError(f"{what} must be a Series, not {type(value).__name__}.")
    if not pd.api.types.is_numeric_dtype(value) or not value.notna().any():
        raise HelpersError(f"{what} holds no numbers: there is nothing to draw.")
    return value.astype(float)


def some(value: Any, what: str) -> dict[str, Any]:
    """A mapping with entries, its names as text."""
    if not isinstance(value, Mapping):
        raise HelpersError(f"{what} must be a mapping, not {type(value).__name__}.")
    if not value:
        raise HelpersError(f"{what}: empty, there is nothing to draw.")
    return {str(name): one for name, one in value.items()}


def known(names: Iterable[Any], among: Iterable[Any], what: str) -> None:
    """Refuse names that would be left out in silence."""
    there = list(among)
    lost = [str(name) for name in names if name not in there]
    if lost:
        has = ", ".join(map(str, there))
        raise HelpersError(f"{what}: {', '.join(lost)} is not among {has}.")


def option(value: Any, panel: str, what: str) -> Any:
    """An option that is the same for all panels or given for each by its title."""
    if not isinstance(value, Mapping):
        return value
    known([panel], value, what)
    return value[panel]


def as_date(value: Any) -> Any:
    """A date given as text; anything else as it is."""
    return pd.Timestamp(value) if isinstance(value, str) else value


def row_labels(index: pd.Index) -> list[str]:
    """Labels of rows; those of several levels in one line."""
    return [
        ", ".join(map(str, label)) if isinstance(label, tuple) else str(label)
        for label in index
    ]
