"""The house style: colours, type, a figure with its claim as the title.

Colours are those of Okabe and Ito (2008), which readers with any common form of
colour blindness can tell apart, darkened until text in them can be read on white;
series also differ in dash and marker. A filled marker means that the interval
excludes zero (or whatever the function says); colour alone never says so.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import cycle
from typing import Any, NamedTuple

from matplotlib.figure import Figure

from helpers.errors import HelpersError
from helpers.figures.layout import HouseLayout

BLACK = "#1a1a1a"
BLUE = "#0072b2"
ORANGE = "#b84f00"
GREEN = "#00785a"
PURPLE = "#8f4a7d"
GREY = "#595959"
MID = "#8a8a8a"
LIGHT = "#d9d9d9"
SHADE = "#fff3d6"
PALETTE: Mapping[str, str] = {
    "blue": BLUE,
    "orange": ORANGE,
    "green": GREEN,
    "purple": PURPLE,
    "black": BLACK,
    "grey": GREY,
}
# In this order, where no colour is asked for; grey is for what stands behind.
ORDER = (BLUE, ORANGE, GREEN, PURPLE, BLACK)
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.2, 1.2)), (0, (6, 2, 1.2, 2)))
MARKERS = ("o", "s", "D", "^", "v", "P", "X", "p")

WIDTH = 8.0
SCREEN = 100  # dots per inch where a figure is only looked at
PANEL, TEXT, SMALL = 11, 10, 9

_RC: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": GREY,
    "axes.grid": True,
    "axes.labelcolor": BLACK,
    "axes.labelsize": TEXT,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": PANEL,
    "axes.unicode_minus": True,
    "figure.facecolor": "white",
    "font.family": "DejaVu Sans",
    "font.size": TEXT,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.8,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "xtick.color": BLACK,
    "xtick.labelsize": TEXT,
    "ytick.color": BLACK,
    "ytick.labelsize": TEXT,
}
_book: dict[str, str] = {}


class _Figure(Figure):
    """A figure that shows once, where a cell ends with it or hands it to show().

    It is none of pyplot's, which would show it a second time wherever it is made.
    """

    def _repr_png_(self) -> bytes:
        out = io.BytesIO()
        self.savefig(out, format="png", dpi=SCREEN, bbox_inches="tight")
        return out.getvalue()


class Style(NamedTuple):
    """How one series is drawn: no two of a figure have the same colour and dash."""

    colour: str
    dash: Any
    marker: str


def new_figure(
    height: float,
    rows: int = 1,
    columns: int = 1,
    *,
    title: str,
    subtitle: str | None = None,
    **options: Any,
) -> tuple[Figure, Any]:
    """A figure in the house style with its claim as the title.

    Parameters
    ----------
    height : float
        Inches; the width is the same for every figure.
    rows, columns : int
        Grid of axes.
    title : str
        The claim, with its numbers computed; wrapped as needed.
    subtitle : str, optional
        What is drawn, in which unit, over which period.
    **options
        Passed on to ``matplotlib.figure.Figure.subplots``.

    Returns
    -------
    Figure, Axes or array of Axes

    Raises
    ------
    HelpersError
        If there is no title.

    Examples
    --------
    >>> figure, axes = new_figure(3, title="It doubles", subtitle="Index, 2024 = 1")
    >>> _ = axes.plot([1, 2, 4])
    >>> figure.get_suptitle()
    'It doubles'
    """
    from matplotlib import rc_context

    if not title.strip():
        raise HelpersError("The figure has no title: say what it shows.")
    with rc_context(_RC):
        figure = _Figure(figsize=(WIDTH, height), layout=HouseLayout())
        axes = figure.subplots(rows, columns, **options)
        figure.suptitle(title)  # set in its place and size by the layout
        if subtitle:
            figure.text(0.01, 0.5, subtitle, ha="left", va="top", color=GREY,
                        gid="subtitle", fontsize=TEXT)  # fmt: skip
    return figure, axes


def set_colours(colours: Mapping[str, str]) -> None:
    """Give names a colour of their own in every figure drawn from now on.

    Parameters
    ----------
    colours : mapping of name to colour
        Words of the palette (blue, orange, green, purple, black, grey) or any
        colour of matplotlib. Replaces what was set before.

    Raises
    ------
    HelpersError
        If a colour is not one.

    Examples
    --------
    >>> set_colours({"Nvidia": "green", "the market": "grey"})
    >>> series_styles(["Nvidia"])["Nvidia"].colour
    '#00785a'
    >>> set_colours({})
    """
    known = {str(name): _hex(name, value) for name, value in colours.items()}
    _book.clear()
    _book.update(known)


def series_styles(names: Iterable[Any]) -> dict[str, Style]:
    """One colour, dash and marker for each name, all told apart.

    Parameters
    ----------
    names : iterable
        Those without a colour by :func:`set_colours` take what is left of the
        palette in their order.

    Raises
    ------
    HelpersError
        If there are more names than colours and dashes tell apart, or two alike.

    Examples
    --------
    >>> list(series_styles(["one", "two"])) == ["one", "two"]
    True
    """
    labels = [str(name) for name in names]
    if len(set(labels)) < len(labels):
        twice = sorted({name for name in labels if labels.count(name) > 1})
        raise HelpersError(f"Two series bear the same name: {', '.join(twice)}.")
    given = [_book[name] for name in labels if name in _book]
    free = [one for one in ORDER if one not in given] or list(ORDER)
    turns = cycle(free)
    out: dict[str, Style] = {}
    counts: Counter[str] = Counter()
    for name in labels:
        own = _book.get(name) or next(turns)
        place, before = ORDER.index(own) if own in ORDER else 0, counts[own]
        if before == len(DASHES):
            raise HelpersError(
                f"{name!r} cannot be told apart from {before} others of its colour "
                f"({len(labels)} series): draw fewer, or a heat map."
            )
        counts[own] += 1
        dash = DASHES[(place + before) % len(DASHES)]
        out[name] = Style(own, dash, MARKERS[(place + 2 * before) % len(MARKERS)])
    return out


def _hex(name: str, value: str) -> str:
    from matplotlib.colors import is_color_like, to_hex

    value = PALETTE.get(value, value)
    if not is_color_like(value):
        raise HelpersError(
            f"{value!r} is no colour for {name!r}: one of {', '.join(PALETTE)}, or "
            "any colour of matplotlib."
        )
    return str(to_hex(value))
