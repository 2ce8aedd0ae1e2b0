"""What a notebook shows: figures with alt text, tables and computed sentences.

Everything shown here comes out the same, byte for byte, each time it is run on
the same data, so that stored and new output can be compared.
"""

from __future__ import annotations

import base64
import hashlib
import html
import io
import numbers
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from helpers.errors import HelpersError
from helpers.presentation.drawn import drawn_digest, figure_title
from helpers.presentation.drawn_table import drawn_table

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from helpers.evidence.verdict import Verdict

    Format = str | Callable[[Any], str]

CSS_PIXELS_PER_INCH = 96
DOTS_PER_INCH = 192
PALETTE = 128
MISSING = "n/a"
SHORTEST_ALT = 40


def show(fig: Figure, *, caption: str, alt: str, dpi: int = DOTS_PER_INCH) -> None:
    """Show a figure with its alternative text and a caption below it, and close it.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        The figure. It must have a title, on itself or on one of its axes.
    caption : str
        Markdown shown under the figure.
    alt : str
        What is to be seen, as a sentence for those who cannot see it: at least
        40 characters, and not the title again.
    dpi : int, default 192
        Resolution in dots per inch. The size on the page does not depend on it.

    Raises
    ------
    HelpersError
        If the title, caption or alternative text is missing, or the alternative
        text is too short or only repeats the title.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> fig, ax = plt.subplots()
    >>> _ = ax.plot([1, 2, 4])
    >>> _ = ax.set_title("It doubles")
    >>> show(
    ...     fig,
    ...     caption="Three values.",
    ...     alt="A line that rises from 1 to 4 and steepens on the way.",
    ... )  # doctest: +ELLIPSIS
    Figure: It doubles [drawn data ...]
    **Figure.** Three values.
    """
    title = figure_title(fig)
    _check_words(title, caption, alt)
    png = render_png(fig, dpi)
    text = f"Figure: {title} [drawn data {drawn_digest(fig)}]"
    drawn = drawn_table(fig)
    _close(fig)
    _display(
        {"image/png": base64.b64encode(png).decode(), "text/plain": text},
        {
            "image/png": {
                "alt": " ".join(alt.split()),
                "drawn": drawn,
                "sha256": hashlib.sha256(png).hexdigest(),
                "width": round(_pixels_wide(png) / dpi * CSS_PIXELS_PER_INCH),
            }
        },
    )
    say(f"**Figure.** {caption.strip()}")


def render_png(fig: Figure, dpi: int = DOTS_PER_INCH) -> bytes:
    """Return a figure as PNG: the same figure gives the same bytes each time.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        The figure; it stays open.
    dpi : int, default 192
        Resolution in dots per inch.

    Returns
    -------
    bytes
        The content of a PNG file, its margins trimmed.
    """
    from PIL import Image

    drawn, stored = io.BytesIO(), io.BytesIO()
    fig.savefig(drawn, format="png", dpi=dpi, bbox_inches="tight")
    # Flat colours: a palette keeps what is seen at a third of the size, which
    # counts because the pictures are committed.
    colours = (
        Image.open(drawn).convert("RGB").quantize(PALETTE, dither=Image.Dither.NONE)
    )
    colours.save(stored, format="PNG", optimize=True)
    return stored.getvalue()


def say(markdown: str) -> None:
    """Show computed prose: Markdown in which the numbers come from code.

    Parameters
    ----------
    markdown : str
        The text, as Markdown.

    Raises
    ------
    HelpersError
        If there is nothing to say.
    """
    if not markdown.strip():
        raise HelpersError("say() was given an empty text: give it a sentence.")
    text = markdown.strip()
    _display({"text/markdown": text, "text/plain": text})


def say_verdicts(verdicts: Mapping[str, Verdict]) -> None:
    """Show each verdict under its claim, with its evidence and its criteria.

    Parameters
    ----------
    verdicts : mapping of claim_id to Verdict
        Claims are worded as ``data/claims.csv`` words them.
    """
    from helpers.data.ledger import load_claims

    claims = load_claims()["claim"]
    for claim_id, verdict in verdicts.items():
        say(verdict.markdown(claims[claim_id]))


def table(
    df: pd.DataFrame,
    caption: str,
    formats: Mapping[str, Format] | None = None,
) -> None:
    """Show a table with a caption, row and column headings and aligned numbers.

    Parameters
    ----------
    df : pandas.DataFrame
        Rows to show; the index becomes the row headings.
    caption : str
        Plain text shown above the table.
    formats : mapping of str to str or callable, optional
        Column name -> format specification such as ``"{:+.2%}"``, or a function
        of one value. Real numbers without one are shown with four significant
        digits. A missing value is shown as ``n/a``.

    Raises
    ------
    HelpersError
        If the caption is empty, the table has no column, or ``formats`` names a
        column that the table has not.
    """
    _check_table(df, caption, formats or {})
    cells = _format_cells(df, formats or {})
    plain = f"{caption.strip()}\n{cells.to_string()}"
    _display(
        {"text/html": _table_html(df, cells, caption.strip()), "text/plain": plain}
    )


def table_html(
    df: pd.DataFrame,
    caption: str,
    formats: Mapping[str, Format] | None = None,
) -> str:
    """The HTML of :func:`table`, for a page or widget of one's own.

    Parameters
    ----------
    df, caption, formats
        As for :func:`table`.
    """
    _check_table(df, caption, formats or {})
    return _table_html(df, _format_cells(df, formats or {}), caption.strip())


def _check_table(df: pd.DataFrame, caption: str, formats: Mapping[str, Format]) -> None:
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


def _display(data: dict[str, str], metadata: dict[str, Any] | None = None) -> None:
    """Hand ready-made output to the notebook; elsewhere print the text of it."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.display import display

    if InteractiveShell.initialized():
        display(data, metadata=metadata or {}, raw=True)
    else:
        print(data["text/plain"])


def _check_words(title: str, caption: str, alt: str) -> None:
    if not title:
        raise HelpersError(
            "The figure has no title: set one that says what the figure shows."
        )
    if not caption.strip():
        raise HelpersError(f"Figure {title!r} has an empty caption: write one.")
    words = " ".join(alt.split())
    if words.casefold().rstrip(".") == title.casefold().rstrip("."):
        raise HelpersError(
            f"Figure {title!r}: its alt text only repeats the title: say what is "
            "to be seen."
        )
    if len(words) < SHORTEST_ALT:
        raise HelpersError(
            f"Figure {title!r}: its alt text has {len(words)} characters and needs "
            f"{SHORTEST_ALT}: say in a sentence what is to be seen."
        )


def _pixels_wide(png: bytes) -> int:
    return int.from_bytes(png[16:20], "big")  # the first field of the header


def _close(fig: Figure) -> None:
    """Forget the figure, so that the notebook does not show it a second time."""
    from matplotlib import pyplot

    pyplot.close(fig)


def _format_cells(df: pd.DataFrame, formats: Mapping[str, Format]) -> pd.DataFrame:
    """Return ``df`` with every value as the text that is shown."""
    import pandas as pd

    # By position: two columns may bear the same name.
    texts = {
        at: [_as_text(value, formats.get(name)) for value in df.iloc[:, at]]
        for at, name in enumerate(df.columns)
    }
    shown = pd.DataFrame(texts, index=df.index, dtype=object)
    shown.columns = df.columns
    return shown


def _as_text(value: Any, how: Format | None) -> str:
    import pandas as pd

    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return MISSING
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
    corner = "".join(
        f'<th scope="col" {_aligned(False)}>{html.escape(str(name or ""))}</th>'
        for name in df.index.names
    )
    heads = "".join(
        f'<th scope="col" {_aligned(right)}>{html.escape(_heading(name))}</th>'
        for name, right in zip(df.columns, numeric, strict=True)
    )
    rows = []
    for label, values in zip(
        df.index, cells.itertuples(index=False, name=None), strict=True
    ):
        labels = label if isinstance(label, tuple) else (label,)
        start = "".join(
            f'<th scope="row" {_aligned(False)}>'
            f"{html.escape(_as_text(part, None))}</th>"
            for part in labels
        )
        rest = "".join(
            f"<td {_aligned(right)}>{html.escape(text)}</td>"
            for text, right in zip(values, numeric, strict=True)
        )
        rows.append(f"<tr>{start}{rest}</tr>")
    return "\n".join(
        [
            '<table class="dataframe">',
            f"<caption>{html.escape(caption)}</caption>",
            f"<thead><tr>{corner}{heads}</tr></thead>",
            "<tbody>",
            *rows,
            "</tbody>",
            "</table>",
        ]
    )


def _aligned(right: bool) -> str:
    """Attributes of a cell: Jupyter would align all right, GitHub drops styles."""
    if right:
        style = "text-align: right; font-variant-numeric: tabular-nums"
        return f'align="right" style="{style}"'
    return 'align="left" style="text-align: left"'


def _heading(name: object) -> str:
    return " / ".join(map(str, name)) if isinstance(name, tuple) else str(name)
