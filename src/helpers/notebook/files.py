"""Taking results away: tables and figures as files for a paper or a spreadsheet."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.data.replacement import write_atomic
from helpers.errors import HelpersError
from helpers.notebook.tables import Format, as_text, formatted, heading

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

TABLES = (".csv", ".xlsx", ".tex")
FIGURES = (".svg", ".pdf", ".png")
WIDTHS = (2.0, 20.0)
DOTS_PER_INCH = 300
# Power of the width by which letters and lines change.
LETTERS = 0.35
# What LaTeX has other names for than what a notebook shows.
_LATEX: dict[str, str | int | None] = {
    "\u2212": "$-$", "\u00a0": "~", "\u202f": r"\,", "\u2013": "--", "\u2014": "---",
    "\u201c": "``", "\u201d": "''", "\u2019": "'", "\u2026": r"\dots{}",
    "\u00d7": r"$\times$", "\u00b1": r"$\pm$", "\u2264": r"$\le$", "\u2265": r"$\ge$",
}  # fmt: skip


def save(
    what: pd.DataFrame | Figure,
    path: Path | str,
    *,
    caption: str = "",
    formats: Mapping[str, Format] | None = None,
    width: float | None = None,
) -> Path:
    r"""Write a table or a figure to a file, of the kind that its ending says.

    Parameters
    ----------
    what : DataFrame or matplotlib.figure.Figure
        Table: ``.csv`` has its values in full; ``.xlsx`` has it as it is shown, with
        the caption, and its values on a second sheet; ``.tex`` as it is shown, for
        ``\usepackage{booktabs}``. Figure: ``.svg``, ``.pdf`` or ``.png``.
    path : path
        Where to; a file there is replaced.
    caption : str, optional
        Of a table.
    formats : mapping of str to str or callable, optional
        Of a table, as for :func:`helpers.notebook.table`.
    width : float, optional
        Of a figure, in inches; its height and its letters follow.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    HelpersError
        If the ending is unknown, an option does not go with it, or the file cannot
        be written.

    Examples
    --------
    >>> import tempfile
    >>> from helpers import load_returns
    >>> table = load_returns("NVDA", start="2025-08-28", end="2025-08-29")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = save(table, f"{folder}/nvda.tex", formats={"NVDA": "{:.1%}"})
    ...     print(file.read_text().splitlines()[4])
    2025-08-28 & $-$0.8\% \\
    """
    import pandas as pd

    file = Path(path).expanduser()
    if isinstance(what, pd.DataFrame):
        if width is not None:
            raise HelpersError("A table has no width in inches: that is of figures.")
        content = table_bytes(what, file.suffix, caption, formats)
    elif caption or formats:
        raise HelpersError(
            "A figure's file has no caption or formats: say them beside."
        )
    else:
        content = figure_bytes(what, file.suffix, width)
    write_atomic(file, content)
    return file


def table_bytes(
    df: pd.DataFrame,
    ending: str,
    caption: str = "",
    formats: Mapping[str, Format] | None = None,
) -> bytes:
    """A table as the content of a file: see :func:`save`."""
    import pandas as pd

    if ending not in TABLES:
        raise HelpersError(f"A table is kept as {', '.join(TABLES)}, not {ending!r}.")
    if ending == ".csv":
        return df.to_csv(lineterminator="\n").encode()
    shown = formatted(df, caption or "table", formats)
    for at, name in reversed(list(enumerate(df.index.names))):
        labels = [as_text(one, None) for one in df.index.get_level_values(at)]
        shown.insert(0, name or "", labels, allow_duplicates=True)
    shown.columns = [heading(name) for name in shown.columns]
    if ending == ".xlsx":
        out = io.BytesIO()
        with pd.ExcelWriter(out, engine="openpyxl") as book:
            shown.to_excel(book, sheet_name="table", startrow=2, index=False)
            book.sheets["table"]["A1"] = caption
            _values(df).to_excel(book, sheet_name="values", index=False)
        return out.getvalue()
    numeric = [pd.api.types.is_numeric_dtype(kind) for kind in df.dtypes]
    align = "l" * df.index.nlevels + "".join("r" if one else "l" for one in numeric)
    text = shown.to_latex(
        escape=True,
        index=False,
        column_format=align,
        caption=re.sub(r"([&%$#_{}])", r"\\\1", caption) or None,
    )
    text = re.sub(r"(?<=& )-(?=\d)", "$-$", text)
    return text.translate(str.maketrans(_LATEX)).encode()


def _values(df: pd.DataFrame) -> pd.DataFrame:
    """A table without an index, its instants in UTC: Excel has no time zones."""
    import pandas as pd

    out = df.reset_index()
    for name, kind in out.dtypes.items():
        if isinstance(kind, pd.DatetimeTZDtype):
            out[name] = out[name].dt.tz_convert(None)
    return out.set_axis([heading(name) for name in out.columns], axis=1)


def figure_bytes(fig: Figure, ending: str, width: float | None = None) -> bytes:
    """A figure as the content of a file: see :func:`save`."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.text import Text

    if not isinstance(fig, Figure):
        raise HelpersError(f"{type(fig).__name__} is neither a table nor a figure.")
    if ending not in FIGURES:
        raise HelpersError(f"A figure is kept as {', '.join(FIGURES)}, not {ending!r}.")
    if width is not None and not (
        isinstance(width, Real) and WIDTHS[0] <= width <= WIDTHS[1]
    ):
        raise HelpersError(f"A figure is {WIDTHS[0]:g} to {WIDTHS[1]:g} inches wide.")
    wide, high = map(float, fig.get_size_inches())
    scale = 1.0 if width is None else float(width) / wide
    # Letters, lines and the height shrink less than the width, to stay legible.
    kinds: list[tuple[Any, str]] = [(Text, "fontsize")]
    kinds += [(Line2D, "linewidth"), (Line2D, "markersize")]
    drawn = [
        (one, name, getattr(one, f"get_{name}")())
        for kind, name in kinds
        for one in fig.findobj(kind)
    ]
    fig.set_size_inches(wide * scale, high * scale**0.5)
    for one, name, size in drawn:
        getattr(one, f"set_{name}")(size * scale**LETTERS)
    dated = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(ending)
    out = io.BytesIO()
    try:
        with rc_context({"svg.hashsalt": "helpers", "pdf.fonttype": 42}):
            fig.savefig(out, format=ending[1:], dpi=DOTS_PER_INCH, metadata=dated)
    finally:
        fig.set_size_inches(wide, high)
        for one, name, size in drawn:
            getattr(one, f"set_{name}")(size)
    return out.getvalue()
