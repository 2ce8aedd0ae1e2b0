"""The house style: colours, type, a figure with its claim as the title.

Colours are those of Okabe and Ito (2008), which readers with any common form of
colour blindness can tell apart, darkened until text in them can be read on white;
series also differ in dash and marker. A filled marker means that the interval
excludes zero (or whatever the function says); colour alone never says so.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from textwrap import fill
from typing import TYPE_CHECKING, Any, NamedTuple

from matplotlib.figure import Figure

from helpers.errors import HelpersError
from helpers.figures.layout import TITLE_LETTERS, HouseLayout

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
TITLE, PANEL, TEXT, SMALL = 13, 11, 10, 9

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
        figure.suptitle(
            fill(title, TITLE_LETTERS), x=0.01, y=0.99, ha="left", va="top",
            fontsize=TITLE, weight="bold",
        )  # fmt: skip
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
    given = {
        name: colour(name, colours)
        for name in labels
        if name in _book or (colours and name in colours)
    }
    free = [one for one in ORDER if one not in given.values()] or list(ORDER)
    most = len(free) * len(DASHES)
    if len(labels) - len(given) > most:
        raise HelpersError(
            f"{len(labels)} series cannot be told apart in one panel (at most {most}): "
            "draw fewer, use several panels, or a heat map."
        )
    out: dict[str, Style] = {}
    counts: dict[str, int] = {}
    turn = 0
    for name in labels:
        own = given.get(name)
        if own is None:
            own, turn = free[turn % len(free)], turn + 1
        place, before = ORDER.index(own) if own in ORDER else 0, counts.get(own, 0)
        if before >= len(DASHES):
            raise HelpersError(
                f"More than {len(DASHES)} series have the colour of {name!r}: "
                "give some of them another."
            )
        counts[own] = before + 1
        out[name] = Style(
            own,
            DASHES[(place + before) % len(DASHES)],
            MARKERS[(place + 2 * before) % len(MARKERS)],
        )
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
    left = more.get("ha") == "right"
    options: dict[str, Any] = {"xytext": (-5 if left else 5, 0), "va": "center",
                               "fontsize": TEXT, "linespacing": 1.0} | more  # fmt: skip
    axes.annotate(
        text,
        (axes.convert_xunits(x), y),
        textcoords="offset points",
        color=colour,
        weight="bold",
        annotation_clip=False,
        gid="end",
        **options,
    )


def label_ends(
    axes: Axes, ends: Mapping[str, tuple[Any, float]], styles: Mapping[str, Style]
) -> None:
    """Name several lines at their ends, each tied to its name in its own dash."""
    for name, (x, y) in ends.items():
        if not name.strip():
            continue
        one = styles[name]
        tie: dict[str, Any] = {}
        if len(ends) > 1:
            arrow = {"arrowstyle": "-", "color": one.colour, "linestyle": one.dash,
                     "linewidth": 1.3, "shrinkA": 0, "shrinkB": 0,
                     "relpos": (0, 0.5)}  # fmt: skip
            tie = {"xytext": (22, 0), "arrowprops": arrow}
        label_end(axes, x, y, name, one.colour, **tie)


def panel_title(axes: Axes, text: str) -> None:
    """Write a panel's title above everything else that stands on the panel."""
    axes.set_title(text, loc="left", fontsize=PANEL, y=1.0, pad=6).set_gid("head")


def mark_dates(axes: Axes, marks: Mapping[str, Any]) -> None:
    """Draw dated vertical lines; their names are stacked above the panel."""
    for name, x in marks.items():
        axes.axvline(x, color=GREY, linewidth=1, linestyle=":", zorder=1)
        axes.annotate(
            name,
            (axes.convert_xunits(x), 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=SMALL,
            color=GREY,
            annotation_clip=False,
            gid="mark",
        )


def legend_below(figure: Figure, handles: list[Any], columns: int = 3) -> None:
    """A legend below the axes, without a frame."""
    legend = figure.legend(
        handles=handles, loc="lower center", ncols=min(columns, len(handles)),
        fontsize=TEXT, frameon=False, bbox_to_anchor=(0, 0, 1, 1), borderaxespad=0.2,
    )  # fmt: skip
    legend.set_gid("below")


def key(label: str, colour: str = BLACK, marker: str = "o", **more: Any) -> Any:
    """A mark for a legend; ``filled=False`` leaves it hollow, ``dash`` adds a line."""
    from matplotlib.lines import Line2D

    filled, dash = more.pop("filled", True), more.pop("dash", "none")
    return Line2D(
        [], [], color=colour, marker=marker, linestyle=dash, label=label,
        markersize=6.5, markeredgewidth=1.6,
        markerfacecolor=colour if filled else "white", **more,
    )  # fmt: skip


def _hex(name: str, value: str) -> str:
    from matplotlib.colors import is_color_like, to_hex

    value = PALETTE.get(value, value)
    if not is_color_like(value):
        raise HelpersError(
            f"{value!r} is no colour for {name!r}: one of {', '.join(PALETTE)}, or "
            "any colour of matplotlib."
        )
    return str(to_hex(value))
