"""The house style: colours, type, a figure with its claim as the title.

Colours are those of Okabe and Ito (2008), which readers with any common form of
colour blindness can tell apart, darkened until text in them can be read on white;
series also differ in dash and marker. A filled marker means that the interval
excludes zero (or whatever the function says); colour alone never says so.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any, NamedTuple

from matplotlib.figure import Figure

from helpers.errors import HelpersError
from helpers.figures.layout import HouseLayout
from helpers.figures.layout import legend_below as legend_below

if TYPE_CHECKING:
    from matplotlib.axes import Axes

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
    source: str | None = None,
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
    source : str, optional
        Written small below everything.
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
        for text, gid in ((subtitle, "subtitle"), (source, "source")):
            if text:
                figure.text(
                    0.01, 0.5, text, ha="left", va="top", color=GREY, gid=gid,
                    fontsize=TEXT if gid == "subtitle" else SMALL,
                )  # fmt: skip
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
    >>> colour("Nvidia") == colour("Nvidia", {}) == "#00785a"
    True
    >>> set_colours({})
    """
    known = {str(name): _hex(name, value) for name, value in colours.items()}
    _book.clear()
    _book.update(known)


def colour(name: str, colours: Mapping[str, str] | None = None) -> str:
    """The colour of a name: as given, else as set for all figures, else blue.

    Parameters
    ----------
    name : str
    colours : mapping of name to colour, optional
        Goes before what :func:`set_colours` set.
    """
    if colours and name in colours:
        return _hex(name, colours[name])
    return _book.get(name, BLUE)


def series_styles(
    names: Iterable[Any], colours: Mapping[str, str] | None = None
) -> dict[str, Style]:
    """One colour, dash and marker for each name, all told apart.

    Parameters
    ----------
    names : iterable
    colours : mapping of name to colour, optional
        Names without a colour, here or by :func:`set_colours`, take what is left
        of the palette in their order.

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
    asked = {**_book, **{str(name): one for name, one in (colours or {}).items()}}
    given = {name: colour(name, colours) for name in labels if name in asked}
    free = [one for one in ORDER if one not in given.values()] or list(ORDER)
    turns = cycle(free)
    out: dict[str, Style] = {}
    counts: Counter[str] = Counter()
    for name in labels:
        own = given.get(name) or next(turns)
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


def zero_line(axes: Axes, *, vertical: bool = False) -> None:
    """Draw zero, where an abnormal return says nothing."""
    draw = axes.axvline if vertical else axes.axhline
    draw(0, color=GREY, linewidth=1, zorder=1)


def label_end(
    axes: Axes, x: Any, y: float, text: str, colour: str, **more: Any
) -> None:
    """Name a line at its end, in its colour, in place of a legend.

    Names that would cover one another are moved apart when the figure is drawn.

    Parameters
    ----------
    axes : Axes
    x, y : date or float, float
        Where the line ends.
    text, colour : str
    **more
        Passed on to ``Axes.annotate``; ``ha="right"`` names the line's start.
    """
    options: dict[str, Any] = {
        "xytext": (-5 if more.get("ha") == "right" else 5, 0), "va": "center",
        "fontsize": TEXT, "linespacing": 1.0, "weight": "bold",
    } | more  # fmt: skip
    axes.annotate(
        text, (axes.convert_xunits(x), y), textcoords="offset points", color=colour,
        annotation_clip=False, gid="end", **options,
    )  # fmt: skip


def label_ends(
    axes: Axes, ends: Mapping[str, tuple[Any, float]], styles: Mapping[str, Style]
) -> None:
    """Name several lines at their ends, each tied to its name in its own dash."""
    for name, (x, y) in ends.items():
        one = styles[name]
        tie: dict[str, Any] = {}
        if len(ends) > 1:
            arrow = {"arrowstyle": "-", "color": one.colour, "linestyle": one.dash,
                     "linewidth": 1.3, "shrinkA": 3, "shrinkB": 0,
                     "relpos": (0, 0.5), "patchA": None}  # fmt: skip
            tie = {"xytext": (22, 0), "arrowprops": arrow}
        if name.strip():
            label_end(axes, x, y, name, one.colour, **tie)


def panel_title(axes: Axes, text: str) -> None:
    """Write a panel's title above everything else that stands on the panel."""
    axes.set_title(text, loc="left", fontsize=PANEL, y=1.0, pad=6).set_gid("head")


def name_above(axes: Axes, x: Any, text: str, colour: str = GREY, **more: Any) -> None:
    """Write above a panel what stands at `x`; such names are stacked if need be."""
    axes.annotate(
        text, (axes.convert_xunits(x), 1.0), xycoords=("data", "axes fraction"),
        xytext=(0, 3), textcoords="offset points", ha="center", va="bottom",
        fontsize=SMALL, color=colour, gid="mark", annotation_clip=False, **more,
    )  # fmt: skip


def mark_dates(axes: Axes, marks: Mapping[str, Any], *, named: bool = True) -> None:
    """Draw dated vertical lines, named above the panel."""
    for name, x in marks.items():
        axes.axvline(x, color=GREY, linewidth=1, linestyle=":", zorder=1)
        if named:
            name_above(axes, x, name)


def rows_axis(axes: Axes, labels: Sequence[str], size: float = TEXT) -> Any:
    """Name rows 0, 1, … from the top, and return their ticks."""
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    return axes.set_yticks(range(len(labels)), labels, fontsize=size)


def bare(axes: Axes) -> None:
    """Take frame, grid and tick marks away."""
    axes.grid(visible=False)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def key(label: str, colour: str = BLACK, marker: str = "o", **more: Any) -> Any:
    """A mark for a legend; ``filled=False`` leaves it hollow, ``dash`` adds a line."""
    from matplotlib.lines import Line2D

    face = colour if more.pop("filled", True) else "white"
    return Line2D(
        [], [], color=colour, marker=marker, linestyle=more.pop("dash", "none"),
        label=label, markersize=6.5, markeredgewidth=1.6, markerfacecolor=face, **more,
    )  # fmt: skip


def keys(styles: Mapping[str, Style], *, lines: bool = True) -> list[Any]:
    """Marks for a legend of all named series."""
    return [key(name, one.colour, one.marker, dash=one.dash if lines else "none")
            for name, one in styles.items() if name]  # fmt: skip


def patch(label: str, colour: str = SHADE) -> Any:
    """A field for a legend."""
    from matplotlib.patches import Patch

    return Patch(facecolor=colour, edgecolor=GREY, linewidth=0.5, label=label)


def _hex(name: str, value: str) -> str:
    from matplotlib.colors import is_color_like, to_hex

    value = PALETTE.get(value, value)
    if not is_color_like(value):
        raise HelpersError(
            f"{value!r} is no colour for {name!r}: one of {', '.join(PALETTE)}, or "
            "any colour of matplotlib."
        )
    return str(to_hex(value))
