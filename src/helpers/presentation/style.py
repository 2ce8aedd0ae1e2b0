"""One look for every figure: colours, type, titles, direct labels.

Colours are those of Okabe and Ito (2008), which readers with any common form of
colour blindness can tell apart, darkened until text in them can be read on white;
lines also differ in dash or marker.
"""

from __future__ import annotations

from itertools import pairwise
from textwrap import fill
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLACK = "#1a1a1a"
BLUE = "#0072b2"
ORANGE = "#b84f00"
GREEN = "#00785a"
PURPLE = "#8f4a7d"
GREY = "#595959"
MID = "#8a8a8a"
LIGHT = "#d9d9d9"
SHADE = "#fff3d6"

WIDTH = 8.0
TITLE_LETTERS = 72

_RC: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": GREY,
    "axes.grid": True,
    "axes.labelcolor": BLACK,
    "axes.labelsize": 10,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.unicode_minus": True,
    "figure.facecolor": "white",
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.8,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "xtick.color": BLACK,
    "xtick.labelsize": 10,
    "ytick.color": BLACK,
    "ytick.labelsize": 10,
}


def new_figure(
    height: float,
    rows: int = 1,
    columns: int = 1,
    *,
    title: str,
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
        The claim, with its numbers computed.
    **options
        Passed on to ``matplotlib.pyplot.subplots``.

    Returns
    -------
    Figure, Axes or array of Axes
    """
    from matplotlib import pyplot, rc_context

    with rc_context(_RC):
        figure, axes = pyplot.subplots(
            rows, columns, figsize=(WIDTH, height), layout="constrained", **options
        )
        figure.suptitle(
            fill(title, TITLE_LETTERS), x=0.01, ha="left", fontsize=13, weight="bold"
        )
    return figure, axes


def percent_axis(axis: Any, digits: int = 0) -> None:
    """Write a decimal axis in percent with a true minus sign."""
    from matplotlib.ticker import FuncFormatter

    def label(value: float, _: int) -> str:
        text = f"{100 * value:.{digits}f}".replace("-", "\N{MINUS SIGN}")
        return f"{text} %"

    axis.set_major_formatter(FuncFormatter(label))


def zero_line(axes: Axes, *, vertical: bool = False) -> None:
    """Draw zero, where an abnormal return says nothing."""
    draw = axes.axvline if vertical else axes.axhline
    draw(0, color=GREY, linewidth=1, zorder=1)


def label_end(
    axes: Axes, x: Any, y: float, text: str, colour: str, **more: Any
) -> None:
    """Name a line at its end, in its colour, in place of a legend."""
    options: dict[str, Any] = {"xytext": (5, 0), "va": "center", "fontsize": 10} | more
    axes.annotate(
        text,
        (x, y),
        textcoords="offset points",
        color=colour,
        weight="bold",
        annotation_clip=False,
        **options,
    )


def spread(values: list[float], least: float) -> list[float]:
    """Heights near `values`, in the same order, at least `least` apart."""
    order = sorted(range(len(values)), key=values.__getitem__)
    out = list(values)
    for below, above in pairwise(order):
        out[above] = max(out[above], out[below] + least)
    return out
