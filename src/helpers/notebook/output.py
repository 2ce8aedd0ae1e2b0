"""What a cell shows: sentences, figures and tables, each with its condition.

A person writes a sentence for the data at hand and says beside it when it holds. On
other data or choices the output itself says where it no longer does.

Everything comes out the same each time it is run on the same data, so that stored
and new output can be compared. What is compared as numbers stands in the output's
metadata: what a figure draws, and what :func:`record` keeps for other pages.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.data.text import harmless, printable
from helpers.errors import HelpersError
from helpers.notebook.tables import Format, table_texts

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

CSS_PIXELS_PER_INCH = 96
DOTS_PER_INCH = 192
PALETTE = 128
SHORTEST_ALT = 40
RESULTS_FILE = "results.json"
NO_LONGER = "No longer so with these data:"

# P-values written since the last output: they go into its metadata, to be counted.
printed_p_values: list[float] = []


def say(text: str, *, holds: Any = True) -> None:
    """Show a sentence whose numbers come from code, and say where it fails.

    Parameters
    ----------
    text : str
        Markdown. What would load anything (tags, images, links out of the book) or is
        mathematics is shown letter by letter: it came with a name or a title.
    holds : bool
        The condition under which the sentence is true, as the person who wrote it
        sees it. Where it is false the output says so and the run goes on; on the
        bundled data the tests are then red.

    Raises
    ------
    HelpersError
        If there is nothing to say, or `holds` is neither True nor False.

    Examples
    --------
    >>> say("The share fell.", holds=-0.02 < 0)
    The share fell.
    >>> say("The share fell.", holds=0.02 < 0)
    **No longer so with these data:** The share fell.
    """
    if not text.strip():
        raise HelpersError("say() was given an empty text: give it a sentence.")
    true = _condition(holds)
    _say(text.strip() if true else _no_longer(text.strip()), {"holds": true})


def show(fig: Figure, *, caption: str, alt: str, holds: Any = True) -> None:
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
    holds : bool
        The condition under which title, caption and alternative text are true; where
        it is false the title in the picture and the caption say so.

    Raises
    ------
    HelpersError
        If the title, caption or alternative text is missing, the alternative text is
        too short or only repeats the title, or `holds` is neither True nor False.

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
    ... )
    Figure: It doubles
    **Figure.** Three values.
    """
    from matplotlib import pyplot

    from helpers.notebook.drawn import drawn, figure_title

    true = _condition(holds)
    title = figure_title(fig)
    _check_words(title, caption, alt)
    if not true:
        title = f"{NO_LONGER} {title}"
        _retitle(fig, title)
    png = render_png(fig)
    numbers = drawn(fig)
    pyplot.close(fig)  # else the notebook shows it a second time
    about = {
        "alt": " ".join(alt.split()),
        "drawn": numbers,
        "sha256": hashlib.sha256(png).hexdigest(),
        # Pixels across are the first field of the header.
        "width": round(
            int.from_bytes(png[16:20], "big") / DOTS_PER_INCH * CSS_PIXELS_PER_INCH
        ),
    }
    _display(
        {
            "image/png": base64.b64encode(png).decode(),
            "text/plain": f"Figure: {title}",
        },
        {"image/png": about, "helpers": {"holds": true}},
    )
    words = caption.strip()
    _say(f"**Figure.** {words if true else _no_longer(words)}", {})


def table(
    df: pd.DataFrame,
    caption: str,
    formats: Mapping[str, Format] | None = None,
    *,
    holds: Any = True,
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
        digits. A missing value is an empty cell.
    holds : bool
        The condition under which the caption is true.

    Raises
    ------
    HelpersError
        If the caption is empty, the table has no column, ``formats`` names a column
        that the table has not, or `holds` is neither True nor False.
    """
    true = _condition(holds)
    words = caption.strip() if true else f"{NO_LONGER} {caption.strip()}"
    as_html, as_text = table_texts(df, words, formats)
    _display(
        {"text/html": as_html, "text/plain": as_text}, {"helpers": {"holds": true}}
    )


def record(*, answer: str | None = None, **numbers: Any) -> None:
    """Keep what other pages of the book state, without showing it.

    Parameters
    ----------
    answer : str, optional
        The chapter's answer in one plain sentence.
    **numbers
        Results by name: numbers, texts, dates or lists of them.

    Examples
    --------
    >>> record(answer="It did not fall.", car=-0.0104)
    """
    kept: dict[str, Any] = {"numbers": {k: _plain(v) for k, v in numbers.items()}}
    if answer is not None:
        kept["answer"] = answer
    keep(kept)


def load_results() -> dict[str, Any]:
    """Return what the chapters recorded, by notebook: read where they are.

    Returns
    -------
    dict
        Notebook (its file name without ending) -> what it kept: ``answer``,
        ``numbers``, ``claims`` and ``p_values``.

    Raises
    ------
    HelpersError
        If the file is missing or no JSON.
    """
    try:
        found: dict[str, Any] = json.loads(Path(RESULTS_FILE).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise HelpersError(
            f"{RESULTS_FILE} cannot be read ({error}): `make` writes it as the "
            "chapters run."
        ) from None
    return found


def keep(kept: Mapping[str, Any]) -> None:
    """Put a record into the notebook: an output that shows nothing."""
    from IPython.core.interactiveshell import InteractiveShell

    if InteractiveShell.initialized():
        _display({"text/plain": ""}, {"helpers": {"record": dict(kept)}})


def render_png(fig: Figure) -> bytes:
    """A figure as PNG without margins: the same bytes each time."""
    from PIL import Image

    drawn, stored = io.BytesIO(), io.BytesIO()
    fig.savefig(
        drawn,
        format="png",
        dpi=DOTS_PER_INCH,
        bbox_inches="tight",
        pil_kwargs={"compress_level": 0},  # it is read at once, and not stored
    )
    # Flat colours: a palette keeps what is seen at a third of the size, which
    # counts because the pictures are committed.
    colours = (
        Image.open(drawn).convert("RGB").quantize(PALETTE, dither=Image.Dither.NONE)
    )
    colours.save(stored, format="PNG")
    return stored.getvalue()


def _say(text: str, about: dict[str, Any]) -> None:
    _display({"text/markdown": harmless(text), "text/plain": text}, {"helpers": about})


def _no_longer(text: str) -> str:
    """The text as one that no longer holds, inside a quotation if it is one."""
    if text.startswith(">"):
        return f"> **{NO_LONGER}** {text[1:].lstrip()}"
    return f"**{NO_LONGER}** {text}"


def _condition(holds: Any) -> bool:
    import numpy as np

    if not isinstance(holds, bool | np.bool_):
        raise HelpersError(
            f"holds is {type(holds).__name__}, not True or False: compare single "
            "values, or reduce with .all() or .any()."
        )
    return bool(holds)


def _display(data: dict[str, str], metadata: dict[str, Any]) -> None:
    """Hand ready-made output to the notebook; elsewhere print the text of it."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.display import display

    if printed_p_values:
        counted = [float(f"{value:.3g}") for value in printed_p_values]
        printed_p_values.clear()
        metadata["helpers"] = metadata.get("helpers", {}) | {"p_values": counted}
    if InteractiveShell.initialized():
        display(data, metadata=metadata, raw=True)
    elif data["text/plain"]:
        print(printable(data["text/plain"]))


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


def _retitle(fig: Figure, title: str) -> None:
    """Write another title over that of the whole, else over the first of its axes."""
    if fig.get_suptitle().strip():
        fig.suptitle(title)
        return
    for axes in fig.axes:
        for loc in ("left", "center", "right"):
            if axes.get_title(loc).strip():
                axes.set_title(title, loc=loc)
                return


def _plain(value: Any) -> Any:
    """A value as JSON can hold it, numbers to six digits."""
    import numpy as np
    import pandas as pd

    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, Mapping | pd.Series):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | np.ndarray | pd.Index):
        return [_plain(each) for each in value]
    if isinstance(value, np.bool_ | np.number):
        value = value.item()
    if isinstance(value, float):
        # Six digits: what a reader could check, and no machine's rounding.
        return float(f"{value:.6g}")
    if value is None or isinstance(value, bool | int | str):
        return value
    raise HelpersError(
        f"record() cannot keep a {type(value).__name__}: give a number, text, date or "
        "a list of them."
    )
