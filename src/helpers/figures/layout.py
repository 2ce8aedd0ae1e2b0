"""Where titles, names and marks stand, found from their size when drawn.

matplotlib's constrained layout knows axes and their labels. This one also keeps
room for a title with a subtitle and a legend, and moves apart names
that would cover one another, at whatever size the figure is drawn. Texts say by
their gid what they are: "end" of a line, "mark" above a panel, "near" a point.
"""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.text import Text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_POINTS, _GAP = 72.0, 4.0  # of an inch, and between texts
_WIDTH = 8.0  # of a figure where its title has 13 points
# Where a point's name may stand: right, left, above, below and between, then further.
_AROUND = [(reach * x, reach * y) for reach in (1.0, 2.2, 3.5) for x, y in (
    (7, 0), (-7, 0), (0, 7), (0, -7), (6, 6), (6, -6), (-6, 6), (-6, -6))]  # fmt: skip


class HouseLayout(ConstrainedLayoutEngine):
    """Constrained layout between the figure's head and its foot."""

    def execute(self, fig: Figure) -> None:
        """Lay the figure out; a dollar in a name begins no formula."""
        for text in fig.findobj(Text):
            text.set_parse_math(False)
        renderer = fig._get_renderer()  # type: ignore[attr-defined]
        self._between_head_and_foot(fig, renderer)
        self._fit(fig, renderer)
        if sum(_stack_marks(axes, renderer) for axes in fig.axes):  # all of them
            self._fit(fig, renderer)
        for axes in fig.axes:
            _part_ends(axes, renderer)
            _place_names(axes, renderer)

    def _fit(self, fig: Figure, renderer: Any) -> None:
        super().execute(fig)

    def _between_head_and_foot(self, fig: Figure, renderer: Any) -> None:
        gap = _GAP / _POINTS / fig.get_size_inches()[1]
        texts = {text.get_gid(): text for text in fig.texts}
        title = texts["title"] = fig._suptitle  # type: ignore[attr-defined]
        title._autopos = False  # it may have been written anew
        size = 13 * (fig.get_size_inches()[0] / _WIDTH) ** 0.35
        title.set(x=0.01, ha="left", va="top", fontsize=size, weight="bold")
        top, bottom = 1 - gap, gap
        for name in ("title", "subtitle"):
            text = texts.get(name)
            if text is None:
                continue
            tall = _wrap(text, 0.98 * fig.bbox.width, renderer) / fig.bbox.height
            text.set_y(top)
            top -= tall + gap
        for legend in [one for one in fig.legends if one.get_gid() == "below"]:
            for columns in (3, 2, 1):
                if legend.get_window_extent(renderer).width < 0.98 * fig.bbox.width:
                    break
                legend.remove()
                legend = legend_below(fig, legend.legend_handles, columns)
            legend.set_bbox_to_anchor((0, bottom, 1, 1), fig.transFigure)
            bottom += legend.get_window_extent(renderer).height / fig.bbox.height
        self.set(rect=(0, bottom - gap, 1, top - bottom + gap))


class OnePanelLayout(HouseLayout):
    """The same for one panel that somebody waits for: its left and foot are fixed."""

    # Inches: two lines and ticks up to 1,000 %; one line. Measuring is as slow as
    # drawing.
    _left, _foot = 1.05, 0.5

    def _fit(self, fig: Figure, renderer: Any) -> None:
        (axes,) = fig.axes
        left, bottom, width, height = self.get()["rect"]
        wide, high = fig.get_size_inches()
        x0, y0 = left + self._left / wide, bottom + self._foot / high
        top = bottom + height - _GAP / _POINTS / high
        right = left + width - _GAP / _POINTS / wide
        axes.set_position((x0, y0, right - x0, top - y0))
        ends = _boxes(axes, "end", renderer).values()
        beyond = max([box[2] - axes.bbox.x1 for box in ends], default=0)
        right -= max(beyond, 0) / fig.bbox.width
        axes.set_position((x0, y0, right - x0, top - y0))
        axes.set_in_layout(True)  # which a place of its own has ended


def _wrap(text: Text, width: float, renderer: Any) -> float:
    """Break a text into lines that have room; return its height in pixels."""
    words = text.get_text().replace("\n", " ")  # no-break spaces stay
    text.set_text(words)
    letters = len(words)
    while (box := text.get_window_extent(renderer)).width > width and letters > 8:
        letters = min(letters - 1, int(letters * width / box.width) + 2)
        text.set_text(fill(words, letters))
    return float(box.height)


def legend_below(fig: Figure, handles: Sequence[Any], columns: int = 4) -> Any:
    """A legend below the axes, in as many columns as have room, or none if empty."""
    if not handles:
        return None
    legend = fig.legend(
        handles=handles, loc="lower center", bbox_to_anchor=(0, 0, 1, 1), ncols=columns,
        fontsize=10, frameon=False, borderaxespad=0.2,
    )  # fmt: skip
    legend.set_gid("below")
    for text in legend.get_texts():
        text.set_parse_math(False)
    return legend


def spread(
    values: Sequence[float],
    least: float | Sequence[float],
    low: float | None = None,
    high: float | None = None,
) -> list[float]:
    """Heights nearest to `values`, in the same order, at least `least` apart.

    Of sizes, `least` is half the sum of two neighbours'; `low` and `high` are ends
    between which the heights stay where there is room.
    """
    from scipy.optimize import isotonic_regression

    if not len(values):
        return []
    order = np.argsort(values, kind="stable")
    sizes = np.broadcast_to(np.asarray(least, dtype=float), len(values))[order]
    steps = np.concatenate([[0.0], np.cumsum((sizes[1:] + sizes[:-1]) / 2)])
    found = isotonic_regression(np.asarray(values, dtype=float)[order] - steps).x
    if low is not None and high is not None:
        first, last = low + sizes[0] / 2, high - sizes[-1] / 2 - steps[-1]
        found = np.clip(found, min(first, last), max(first, last))
    out = np.empty(len(values))
    out[order] = found + steps
    return [float(one) for one in out]


def _box(text: Any, renderer: Any) -> np.ndarray:
    """Left, bottom, right and top of the words, without a line that ties them."""
    text.update_positions(renderer)
    return np.asarray(Text.get_window_extent(text, renderer).extents)


def _boxes(axes: Axes, gid: str, renderer: Any) -> dict[Any, np.ndarray]:
    return {one: _box(one, renderer) for one in axes.texts if one.get_gid() == gid}


def _part_ends(axes: Axes, renderer: Any) -> None:
    """Move names at the ends of lines apart where they share a column."""
    boxes = _boxes(axes, "end", renderer)
    points = renderer.points_to_pixels(1.0)
    groups: list[list[Any]] = []
    right = -np.inf
    for label in sorted(boxes, key=lambda one: boxes[one][0]):
        if boxes[label][0] > right:
            groups.append([])
        groups[-1].append(label)
        right = max(right, boxes[label][2])
    for group in groups:
        at = [float(axes.transData.transform(label.xy)[1]) for label in group]
        sizes = [boxes[label][3] - boxes[label][1] + points for label in group]
        places = spread(at, sizes, axes.bbox.y0, axes.bbox.y1)
        for label, place, natural in zip(group, places, at, strict=True):
            label.xyann = (label.xyann[0], (place - natural) / points)


def _stack_marks(axes: Axes, renderer: Any) -> bool:
    """Set names above a panel on one another, and its title on top of all."""
    boxes = _boxes(axes, "mark", renderer)
    points = renderer.points_to_pixels(1.0)
    placed: list[tuple[float, float, float]] = []
    moved = False
    for mark in sorted(boxes, key=lambda one: boxes[one][0]):
        left, low, right, high = boxes[mark]
        below = [top for x0, x1, top in placed
                 if x0 < right + 3 * points and left < x1 + 3 * points]  # fmt: skip
        at = max(below, default=2.0) + 1
        placed.append((left, right, at + (high - low) / points))
        moved |= abs(mark.xyann[1] - at) > 0.1
        mark.xyann = (mark.xyann[0], at)
    heads: list[Any] = [one for one in axes.get_children() if one.get_gid() == "head"]
    for head in heads if placed else ():
        y = 1 + max(top for *_, top in placed) * points / axes.bbox.height
        moved |= abs(head.get_position()[1] - y) > 1e-3
        head.set_y(y)
    return moved


def _place_names(axes: Axes, renderer: Any) -> None:
    """Set each point's name on the first side where it covers nothing."""
    names: list[Any] = [one for one in axes.texts if one.get_gid() == "near"]
    if not names:
        return
    reach, frame = renderer.points_to_pixels(4.0), axes.bbox.extents
    marks = [axes.transData.transform(line.get_xydata()) for line in axes.lines
             if line.get_marker() not in ("None", None, "")]  # fmt: skip
    dots = np.concatenate([np.empty((0, 2)), *marks])
    taken = np.concatenate(
        [np.hstack([dots - reach, dots + reach]),
         *[[_box(one, renderer)] for one in axes.texts if one not in names]]
    )  # fmt: skip
    for name in names:
        tried: list[Any] = []
        for x, y in _AROUND:
            name.xyann = (x, y)
            name.set_ha("left" if x > 0 else "right" if x else "center")
            name.set_va("bottom" if y > 0 else "top" if y else "center")
            box = _box(name, renderer)
            shared = np.minimum(box[2:], taken[:, 2:]) - np.maximum(
                box[:2], taken[:, :2]
            )
            cost = np.prod(np.clip(shared, 0, None), axis=1).sum()
            cost += 1e3 * np.clip(frame[:2] - box[:2], 0, None).sum()
            cost += 1e3 * np.clip(box[2:] - frame[2:], 0, None).sum()
            tried.append((cost, len(tried), (x, y), name.get_ha(), name.get_va(), box))
            if not cost:
                break
        _, _, name.xyann, ha, va, box = min(tried, key=lambda one: one[:2])
        name.set(ha=ha, va=va)
        taken = np.concatenate([taken, [box]])
