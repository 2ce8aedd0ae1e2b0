"""Parts that figures share: names of lines, marks and rows, titles, legends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from helpers.figures.layout import legend_below as legend_below
from helpers.figures.style import BLACK, GREY, PANEL, SHADE, SMALL, TEXT, Style

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def zero_line(axes: Axes, *, vertical: bool = False) -> None:
    """Draw zero, where an abnormal return says nothing."""
    draw = axes.axvline if vertical else axes.axhline
    draw(0, color=GREY, linewidth=1, zorder=1)


def label_end(
    axes: Axes, x: Any, y: float, text: str, colour: str, **more: Any
) -> None:
    """Name a line at its end, in its colour, in place of a legend.

    Names that would cover one another are moved apart when the figure is drawn.
    `more` is passed on to ``Axes.annotate``.
    """
    options: dict[str, Any] = {
        "xytext": (5, 0), "va": "center", "fontsize": TEXT, "linespacing": 1.0,
        "weight": "bold",
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
