"""Tables as HTML that needs no style sheet, and as text."""

from __future__ import annotations

import html
import numbers
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from helpers.errors import HelpersError

if TYPE_CHECKING:
    import pandas as pd

Format = str | Callable[[Any], str]


def table_html(
    df: pd.DataFrame, caption: str, formats: Mapping[str, Format] | None = None
) -> str:
    """A table as HTML: see :func:`helpers.notebook.table`."""
    return _table_html(df, formatted(df, caption, formats), caption.strip())


def table_texts(
    df: pd.DataFrame, caption: str, formats: Mapping[str, Format] | None = None
) -> tuple[str, str]:
    """A table as HTML and as text: see :func:`helpers.notebook.table`."""
    cells = formatted(df, caption, formats)
    words = caption.strip()
    return _table_html(df, cells, words), f"{words}\n{cells.to_string()}"


def formatted(
    df: pd.DataFrame, caption: str, formats: Mapping[str, Format] | None
) -> pd.DataFrame:
    """Return ``df`` with every value as the text that is shown."""
    import pandas as pd

    formats = formats or {}
    if not caption.strip():
        raise HelpersError("table() was given an empty caption: say what it shows.")
    if df.shape[1] == 0:
        raise HelpersError(f"Table {caption!r} has no columns: there is nothing in it.")
    unknown = sorted(set(formats) - set(df.columns))
    if unknown:
        raise HelpersError(
            f"Table {caption!r}: formats name {', '.join(map(repr, unknown))}, which "
            f"is no column; the columns are {', '.join(map(str, df.columns))}."
        )

    # By position: two columns may bear the same name.
    texts = {
        at: [as_text(value, formats.get(name)) for value in df.iloc[:, at]]
        for at, name in enumerate(df.columns)
    }
    shown = pd.DataFrame(texts, index=df.index, dtype=object)
    shown.columns = df.columns
    return shown


def as_text(value: Any, how: Format | None) -> str:
    """Return a value as it is shown."""
    import pandas as pd

    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return ""
    if callable(how):
        return how(value)
    if how is not None:
        return how.format(value)
    if isinstance(value, pd.Timestamp):
        midnight = value == value.normalize() and value.tz is None
        return value.strftime("%Y-%m-%d") if midnight else str(value)
    if isinstance(value, numbers.Real) and not isinstance(value, numbers.Integral):
        return f"{float(value):.4g}"
    return str(value)


def _table_html(df: pd.DataFrame, cells: pd.DataFrame, caption: str) -> str:
    """Return the table as HTML that needs no style sheet and holds no random id."""
    import pandas as pd

    numeric = [
        pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype)
        for dtype in df.dtypes
    ]
    corner = [_cell(str(name or ""), scope="col") for name in df.index.names]
    heads = map(heading, df.columns)
    columns = list(zip(heads, numeric, strict=True))
    head = "".join([*corner, *(_cell(name, right, "col") for name, right in columns)])
    rows = []
    for label, values in zip(df.index, cells.to_numpy().tolist(), strict=True):
        labels = label if isinstance(label, tuple) else (label,)
        row = [_cell(as_text(part, None), scope="row") for part in labels]
        row += map(_cell, values, numeric)
        rows.append(f"<tr>{''.join(row)}</tr>")
    return "\n".join(
        [
            '<table class="dataframe">',
            f"<caption>{html.escape(caption)}</caption>",
            f"<thead><tr>{head}</tr></thead>",
            "<tbody>",
            *rows,
            "</tbody>",
            "</table>",
        ]
    )


def _cell(text: str, right: bool = False, scope: str = "") -> str:
    """One cell; Jupyter would align all right, and GitHub drops styles."""
    style = "text-align: left"
    if right:
        style = "text-align: right; font-variant-numeric: tabular-nums"
    kind, side = f'th scope="{scope}"' if scope else "td", "right" if right else "left"
    end = f"{html.escape(text)}</{kind[:2]}>"
    return f'<{kind} align="{side}" style="{style}">{end}'


def heading(name: object) -> str:
    """Return the heading of a column, its levels side by side."""
    parts = name if isinstance(name, tuple) else (name,)
    return " / ".join(filter(None, map(str, parts)))
