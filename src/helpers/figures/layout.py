"""Where titles, names and marks stand, found from their size when drawn.

matplotlib's constrained layout knows axes and their labels. This one also keeps
room for a title with a subtitle and a source line, and moves apart names that
would cover one another, at whatever size the figure is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

from matplotlib.layout_engine import ConstrainedLayoutEngine

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.transforms import Bbox

TITLE_LETTERS = 72
_PER_INCH = {"title": 9.0, "subtitle": 13.0, "source": 14.4}
_POINTS = 72.0
_GAP = 4.0  # points between texts
# Where a point's name may stand: right, left, above, below and between.
_AROUND = ((7, 0), (-7, 0), (0, 9), (0, -9), (6, 8), (6, -8), (-6, 8), (-6, -8),
           (0, 20), (0, -20), (16, 16), (16, -16), (-16, 16), (-16, -16))  # fmt: skip


class HouseLayout(ConstrainedLayoutEngine):
    """Constrained layout between the figure's head and its foot."""

    def execute(self, fig: Figure) -> None:
        """Lay the figure out."""
        renderer = fig._get_renderer()  # type: ignore[attr-defined]
        self._between_head_and_foot(fig, renderer)
        super().execute(fig)
        if _stack_marks(fig, renderer):
            super().execute(fig)
        for axes in fig.axes:
            _part_ends(axes, renderer)
            _place_names(axes, renderer)

    def _between_head_and_foot(self, fig: Figure, renderer: Any) -> None:
        width, height = fig.get_size_inches()
        gap = _GAP / _POINTS / height
        texts = {text.get_gid(): text for text in fig.texts}
        texts["title"] = fig._suptitle  # type: ignore[attr-defined]
        for name, letters in _PER_INCH.items():
            text = texts.get(name)
            if text is not None:
                words = " ".join(text.get_text().split())
                text.set_text(fill(words, int(letters * width)))
        top, bottom = 1 - gap, 0.0
        for name in ("title", "subtitle"):
            if texts.get(name) is not None:
                texts[name].set_y(top)
                top -= texts[name].get_window_extent(renderer).height / fig.bbox.height
                top -= gap
        if "source" in texts:
            tall = texts["source"].get_window_extent(renderer).height / fig.bbox.height
            bottom = tall + 2 * gap
            texts["source"].set_y(tall + gap)
        for legend in fig.legends:
            if legend.get_gid() == "below":
                legend.set_bbox_to_anchor((0, bottom, 1, 1), fig.transFigure)
                box = legend.get_window_extent(renderer)
                bottom += box.height / fig.bbox.height
        self.set(rect=(0, bottom, 1, top - bottom))


def spread(
    values: Sequence[float],
    least: float | Sequence[float],
    low: float | None = None,
    high: float | None = None,
) -> list[float]:
    """Heights nearest to `values`, in the same order, at least `least` apart.

    Parameters
    ----------
    values : sequence of float
    least : float, or one for each value
        Distance of two neighbours; of sizes, half the sum of theirs.
    low, high : float, optional
        Ends between which the heights stay where there is room.

    Examples
    --------
    >>> spread([1.0, 1.0, 5.0], 1.0)
    [0.5, 1.5, 5.0]
    """
    import numpy as np
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


def _named(axes: Axes, gid: str) -> list[Any]:
    return [text for text in axes.texts if text.get_gid() == gid]


def _extent(text: Any, renderer: Any) -> Bbox:
    """Of the words alone, without the line that ties them to a point."""
    from matplotlib.text import Text

    text.update_positions(renderer)
    return Text.get_window_extent(text, renderer)


def _part_ends(axes: Axes, renderer: Any) -> None:
    """Move names at the ends of lines apart where they share a column."""
    labels = _named(axes, "end")
    boxes = {label: _extent(label, renderer) for label in labels}
    groups: list[list[Any]] = []
    right = float("-inf")
    for label in sorted(labels, key=lambda one: boxes[one].x0):
        if not groups or boxes[label].x0 > right:
            groups.append([])
            right = boxes[label].x1
        groups[-1].append(label)
        right = max(right, boxes[label].x1)
    points = axes.figure.dpi / _POINTS
    for group in groups:
        at = [float(axes.transData.transform(label.xy)[1]) for label in group]
        sizes = [boxes[label].height + points for label in group]
        places = spread(at, sizes, axes.bbox.y0, axes.bbox.y1)
        for label, place, natural in zip(group, places, at, strict=True):
            label.xyann = (label.xyann[0], (place - natural) / points)


def _stack_marks(fig: Figure, renderer: Any) -> bool:
    """Set the names above a panel in as many rows as they need."""
    moved = False
    points = fig.dpi / _POINTS
    for axes in fig.axes:
        marks = _named(axes, "mark")
        ends: list[float] = []
        tall = 0.0
        boxes = {mark: _extent(mark, renderer) for mark in marks}
        step = max((box.height for box in boxes.values()), default=0) / points + 1
        for mark in sorted(marks, key=lambda one: boxes[one].x0):
            box = boxes[mark]
            free = [row for row, end in enumerate(ends) if box.x0 > end + 3 * points]
            row = free[0] if free else len(ends)
            ends[row : row + 1] = [box.x1]
            moved |= mark.xyann[1] != 3 + row * step
            mark.xyann = (mark.xyann[0], 3 + row * step)
            tall = max(tall, 3 + (row + 1) * step)
        heads: list[Any] = [one for one in axes.get_children() if marks]
        for head in heads:
            if head.get_gid() == "head":
                head.set_y(1 + tall * points / axes.bbox.height)
    return moved


def _place_names(axes: Axes, renderer: Any) -> None:
    """Set each point's name on the first side where it covers no other."""
    names = _named(axes, "near")
    points = axes.figure.dpi / _POINTS
    taken: list[Any] = [_around(axes.transData.transform(one.xy), 4 * points)
                        for one in names]  # fmt: skip
    for name in names:
        best: tuple[float, Any, Any] | None = None
        for place in _AROUND:
            name.xyann = place
            name.set_ha("left" if place[0] > 0 else "right" if place[0] else "center")
            name.set_va("bottom" if place[1] > 0 else "top" if place[1] else "center")
            box = _extent(name, renderer)
            cost = sum(_shared(box, other) for other in taken)
            cost += max(0, box.x1 - axes.bbox.x1) + max(0, axes.bbox.x0 - box.x0)
            cost += max(0, box.y1 - axes.bbox.y1) + max(0, axes.bbox.y0 - box.y0)
            if best is None or cost < best[0]:
                best = (cost, place, (name.get_ha(), name.get_va(), box))
            if not cost:
                break
        assert best is not None
        name.xyann = best[1]
        name.set(ha=best[2][0], va=best[2][1])
        taken.append(best[2][2])


def _around(point: Any, reach: float) -> Bbox:
    from matplotlib.transforms import Bbox

    x, y = point
    return Bbox([[x - reach, y - reach], [x + reach, y + reach]])


def _shared(one: Bbox, other: Bbox) -> float:
    """Area that two boxes share."""
    wide = min(one.x1, other.x1) - max(one.x0, other.x0)
    tall = min(one.y1, other.y1) - max(one.y0, other.y0)
    return wide * tall if wide > 0 and tall > 0 else 0.0
