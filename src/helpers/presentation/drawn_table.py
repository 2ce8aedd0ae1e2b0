"""What a figure draws as a table: the numbers behind it, for those who want them."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = ("panel", "series", "mark", "x", "y", "x_label", "y_label", "value")
COLORBAR = "<colorbar>"
_NUMBER = re.compile(r"[+\-\u2212]?[\d.,]*\s?%?")
Row = tuple[str, str, str, str, str, str, str, str]


def drawn_table(fig: Figure) -> str:
    """Return the points that a figure draws, as CSV.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        A figure that has been drawn (saved) once, so that its ticks are set.

    Returns
    -------
    str
        One row a point, bar or cell, in the units of the axes: ``panel`` (title of
        the axes), ``series`` (its label, else a number), ``mark`` (line, bar,
        point, area, cell), ``x``, ``y`` (dates in ISO form), the tick labels that
        stand at x and y, and ``value``, the number behind a colour or the foot of a
        bar. Marks placed in parts of the axes rather than in data units (shading,
        zero lines) are left out.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    drawn = [axes for axes in fig.axes if axes.get_label() != COLORBAR]
    for number, axes in enumerate(drawn, 1):
        panel = " ".join(axes.get_title("left").split()) or str(number)
        writer.writerows(_rows(axes, panel))
    return out.getvalue()


def _rows(axes: Any, panel: str) -> Iterator[Row]:
    from matplotlib.container import BarContainer

    place = _Place(axes)
    in_data = axes.transData
    for number, line in enumerate(axes.lines, 1):
        if line.get_transform() == in_data and line.get_visible():
            series = _series(line, number)
            for x, y in line.get_xydata():
                yield panel, series, "line", *place(x, y), ""
    bars = [one for one in axes.containers if isinstance(one, BarContainer)]
    for number, container in enumerate(bars, 1):
        series = _series(container, number)
        for patch in container.patches:
            (left, low), (right, high) = patch.get_bbox().get_points()
            if container.orientation == "horizontal":
                yield panel, series, "bar", *place(right, (low + high) / 2), _six(left)
            else:
                yield panel, series, "bar", *place((left + right) / 2, high), _six(low)
    for number, collection in enumerate(axes.collections, 1):
        yield from _collection_rows(collection, panel, number, place, in_data)
    for number, image in enumerate(axes.images, 1):
        yield from _image_rows(image, panel, number, place)


def _collection_rows(
    collection: Any, panel: str, number: int, place: _Place, in_data: Any
) -> Iterator[Row]:
    import numpy as np
    from matplotlib.collections import QuadMesh

    if not collection.get_visible():
        return
    series = _series(collection, number)
    values = collection.get_array()
    if isinstance(collection, QuadMesh):
        corners: Any = collection.get_coordinates()
        centres = (corners[:-1, :-1] + corners[1:, 1:]) / 2
        cells: Any = np.ma.filled(np.ma.asarray(values, float), np.nan)
        for (x, y), cell in zip(centres.reshape(-1, 2), cells.ravel(), strict=True):
            yield panel, series, "cell", *place(x, y), _six(cell)
    elif collection.get_offset_transform() == in_data:
        offsets: Any = np.ma.filled(
            np.ma.asarray(collection.get_offsets(), float), np.nan
        )
        known = None if values is None else np.ravel(values)
        for at, (x, y) in enumerate(offsets):
            value = "" if known is None or len(known) <= at else _six(known[at])
            yield panel, series, "point", *place(x, y), value
    elif collection.get_transform() == in_data:
        for path in collection.get_paths():
            for x, y in path.vertices:
                yield panel, series, "area", *place(x, y), ""


def _image_rows(image: Any, panel: str, number: int, place: _Place) -> Iterator[Row]:
    import numpy as np

    cells: Any = np.ma.filled(np.ma.asarray(image.get_array(), dtype=float), np.nan)
    if cells.ndim != 2:
        return
    left, right, bottom, top = image.get_extent()
    upper = image.origin == "upper"
    height, width = cells.shape
    for (row, column), cell in np.ndenumerate(cells):
        x = left + (column + 0.5) * (right - left) / width
        start, end = (top, bottom) if upper else (bottom, top)
        y = start + (row + 0.5) * (end - start) / height
        yield panel, _series(image, number), "cell", *place(x, y), _six(float(cell))


class _Place:
    """Writes a point of one pair of axes: dates as dates, ticks by their names."""

    def __init__(self, axes: Any) -> None:
        self._axes = [(axis, _is_date(axis)) for axis in (axes.xaxis, axes.yaxis)]
        self._names = [_tick_names(axis) for axis, _ in self._axes]

    def __call__(self, x: float, y: float) -> tuple[str, str, str, str]:
        at = (float(x), float(y))
        written = [
            _date(value) if is_date else _six(value)
            for (_, is_date), value in zip(self._axes, at, strict=True)
        ]
        named = [
            _nearest(names, value) for names, value in zip(self._names, at, strict=True)
        ]
        return written[0], written[1], named[0], named[1]


def _is_date(axis: Any) -> bool:
    from matplotlib.dates import DateConverter, DateLocator

    by_ticks = isinstance(axis.get_major_locator(), DateLocator)
    return by_ticks or isinstance(axis.get_converter(), DateConverter)


def _tick_names(axis: Any) -> list[tuple[float, str]]:
    """Tick labels that name something; those that only repeat a number are left."""
    from matplotlib.category import StrCategoryFormatter
    from matplotlib.ticker import FixedFormatter

    labels = [" ".join(label.get_text().split()) for label in axis.get_ticklabels()]
    given = isinstance(
        axis.get_major_formatter(), (FixedFormatter, StrCategoryFormatter)
    )
    numbers = all(_NUMBER.fullmatch(label) for label in labels)
    if _is_date(axis) or (numbers and not given):
        return []
    return list(zip(map(float, axis.get_ticklocs()), labels, strict=False))


def _nearest(names: list[tuple[float, str]], at: float) -> str:
    """The tick whose place `at` belongs to: series may stand a little off it."""
    if not names:
        return ""
    places = sorted(tick for tick, _ in names)
    gaps = [after - before for before, after in pairwise(places)]
    tick, name = min(names, key=lambda one: abs(one[0] - at))
    return name if abs(tick - at) < min(gaps, default=1) / 2 else ""


def _date(at: float) -> str:
    from matplotlib.dates import num2date

    if not math.isfinite(at):
        return ""
    date = num2date(at).replace(tzinfo=None)
    whole_day = (date.hour, date.minute, date.second) == (0, 0, 0)
    return f"{date:%Y-%m-%d}" if whole_day else f"{date:%Y-%m-%dT%H:%M}"


def _series(artist: Any, number: int) -> str:
    label = str(artist.get_label())
    return str(number) if label.startswith("_") or not label else label


def _six(value: float) -> str:
    """Six digits: more than a reader can see, and no machine's rounding."""
    return f"{float(value) + 0.0:.6g}"
