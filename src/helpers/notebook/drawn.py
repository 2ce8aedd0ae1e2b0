"""What a figure draws, as numbers: to compare two runs of it, and to read them.

Two processors draw the same figure with other last digits and so with other pixels.
Images are therefore compared by what their axes show, within a thousandth of the
axes, which is less than anybody can see. :func:`drawn` is that content, kept beside
each image; :mod:`book.drawn_compare` compares two of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.transforms import Transform

COLORBAR = "<colorbar>"  # matplotlib's own label of a colour bar's axes


def drawn(fig: Figure) -> dict[str, Any]:
    """Return what a figure shows as JSON: texts, colours, and numbers of every mark.

    The figure has been saved once, so that its ticks are set. Each pair of axes is a
    panel with its axes (limits, scale, tick labels), texts and marks. Marks stand in
    the units of the axes, rounded to some 1e-5 of their length; those that hang on the
    frame (shading, zero lines) are ``within`` the axes, as fractions of it. Many
    numbers make one string, so that a notebook keeps a series on one line.
    """
    content = {
        "texts": [text.get_text() for text in fig.texts],
        "legends": [_legend(legend) for legend in fig.legends],
        "panels": [_panel(axes) for axes in _with_insets(fig.axes)],
    }
    return _filled(content)


def figure_title(fig: Figure) -> str:
    """The title of the whole figure on one line, else the first of its axes."""
    titles = [
        fig.get_suptitle(),
        *(title for axes in fig.axes for title in _titles(axes)),
    ]
    return next((" ".join(text.split()) for text in titles if text.strip()), "")


def _with_insets(several: Any) -> Iterator[Any]:
    for axes in several:
        yield axes
        yield from _with_insets(axes.child_axes)


def _titles(axes: Any) -> list[str]:
    if not hasattr(axes, "get_title"):  # a second axis, such as that of a heat map
        return []
    return [axes.get_title(place) for place in ("left", "center", "right")]


def _panel(axes: Any) -> dict[str, Any]:
    decimals = [_decimals(axis) for axis in (axes.xaxis, axes.yaxis)]
    legend = axes.get_legend()
    return _filled(
        {
            "title": " ".join(" ".join(_titles(axes)).split()),
            "colorbar": axes.get_label() == COLORBAR,
            "x": _axis(axes.xaxis, decimals[0]),
            "y": _axis(axes.yaxis, decimals[1]),
            "texts": [
                _filled({"text": text.get_text(), **_text_place(text, axes, decimals)})
                for text in axes.texts
                if text.get_visible() and text.get_text()
            ],
            "marks": [_filled(mark) for mark in _marks(axes, decimals)],
            "tables": [
                [cells[at].get_text().get_text() for at in sorted(cells)]
                for cells in (table.get_celld() for table in axes.tables)
            ],
            "legend": _legend(legend) if legend is not None else [],
        }
    )


def _axis(axis: Any, decimals: int | None) -> dict[str, Any]:
    from matplotlib.category import StrCategoryFormatter
    from matplotlib.ticker import FixedFormatter

    names = (FixedFormatter, StrCategoryFormatter)
    shown = [" ".join(label.get_text().split()) for label in axis.get_ticklabels()]
    return _filled(
        {
            "label": axis.get_label_text(),
            "scale": axis.get_scale(),
            "limits": _line(axis.get_view_interval(), decimals),
            "dates": _is_date(axis),
            "named": isinstance(axis.get_major_formatter(), names),
            "ticks": _line(axis.get_ticklocs(), decimals),
            "tick_labels": shown,
        }
    )


def _is_date(axis: Any) -> bool:
    from matplotlib.dates import DateConverter, DateLocator

    by_ticks = isinstance(axis.get_major_locator(), DateLocator)
    return by_ticks or isinstance(axis.get_converter(), DateConverter)


def _decimals(axis: Any) -> int | None:
    """Decimals that part an axis into some 1e5 steps; None: six digits each."""
    low, high = axis.get_view_interval()
    span = abs(high - low)
    if axis.get_scale() != "linear" or not span or not math.isfinite(span):
        return None
    return (6 if _is_date(axis) else 5) - math.floor(math.log10(span))


def _marks(axes: Any, decimals: list[int | None]) -> Iterator[dict[str, Any]]:
    from matplotlib.container import BarContainer

    bars = [one for one in axes.containers if isinstance(one, BarContainer)]
    for number, line in enumerate(axes.lines, 1):
        if line.get_visible():
            place = _place(line.get_xydata(), line.get_transform(), axes, decimals)
            yield {**_named("line", line, number), **place, **_colours(line)}
    for number, container in enumerate(bars, 1):
        yield {**_named("bar", container, number), **_bar(container, decimals)}
    in_bars = {id(patch) for one in bars for patch in one.patches}
    for number, patch in enumerate(axes.patches, 1):
        if patch.get_visible() and id(patch) not in in_bars:
            points, how = patch.get_path().vertices, patch.get_transform()
            place = _place(points, how, axes, decimals)
            yield {**_named("patch", patch, number), **place, **_colours(patch)}
    for number, collection in enumerate(axes.collections, 1):
        if collection.get_visible():
            yield from _collection(collection, number, axes, decimals)
    for number, image in enumerate(axes.images, 1):
        if image.get_visible():
            yield {**_named("cell", image, number), **_image(image, decimals)}


def _named(mark: str, artist: Any, number: int) -> dict[str, Any]:
    label = str(artist.get_label())
    unnamed = label.startswith("_") or not label
    return {"mark": mark, "series": str(number) if unnamed else label}


def _bar(container: Any, decimals: list[int | None]) -> dict[str, Any]:
    import numpy as np

    boxes = np.array([patch.get_bbox().extents for patch in container.patches])
    left, low, right, high = boxes.reshape(-1, 4).T
    horizontal = container.orientation == "horizontal"
    if horizontal:
        ends, feet, wide = (right, (low + high) / 2), left, high - low
        along, across = decimals
    else:
        ends, feet, wide = ((left + right) / 2, high), low, right - left
        across, along = decimals
    return {
        "x": _line(ends[0], decimals[0]),
        "y": _line(ends[1], decimals[1]),
        "value": _line(feet, along),
        "width": _line(wide, across),
        "horizontal": horizontal,
        **_colours(*container.patches),
    }


def _collection(
    collection: Any, number: int, axes: Axes, decimals: list[int | None]
) -> Iterator[dict[str, Any]]:
    import numpy as np
    from matplotlib.collections import QuadMesh

    values = _values(collection)
    if isinstance(collection, QuadMesh):
        corners: Any = collection.get_coordinates()
        centres = (corners[:-1, :-1] + corners[1:, 1:]) / 2
        place = _place(centres.reshape(-1, 2), axes.transData, axes, decimals)
        yield {**_named("cell", collection, number), **place, **values}
        return
    colours = {} if values else _colours(collection)
    offsets: Any = np.ma.filled(np.ma.asarray(collection.get_offsets(), float), np.nan)
    place = _place(offsets, collection.get_offset_transform(), axes, decimals)
    if place:
        yield {**_named("point", collection, number), **place, **values, **colours}
        return
    paths = [path.vertices for path in collection.get_paths()]
    if paths:
        points = np.concatenate(paths)
        place = _place(points, collection.get_transform(), axes, decimals)
        yield {**_named("area", collection, number), **place, **values, **colours}


def _image(image: Any, decimals: list[int | None]) -> dict[str, Any]:
    import numpy as np

    cells = np.asarray(image.get_array())
    if cells.ndim != 2:  # a picture: colours of pixels, no numbers behind them
        return {"value": _line(cells.ravel(), 3)}
    left, right, bottom, top = image.get_extent()
    start, end = (top, bottom) if image.origin == "upper" else (bottom, top)
    height, width = cells.shape
    row, column = np.indices(cells.shape) + 0.5
    x = left + column * (right - left) / width
    y = start + row * (end - start) / height
    return {
        "x": _line(x.ravel(), decimals[0]),
        "y": _line(y.ravel(), decimals[1]),
        **_values(image),
    }


def _values(mapped: Any) -> dict[str, Any]:
    """The numbers behind the colours of an artist, or nothing if it has none."""
    if mapped.get_array() is None:
        return {}
    low, high = mapped.get_clim()
    known = low is not None and high is not None
    return {
        "value": _line(mapped.get_array(), None),
        "colour_range": _line([low, high], None) if known else "",
        "colour_map": mapped.get_cmap().name,
    }


def _text_place(text: Any, axes: Axes, decimals: list[int | None]) -> dict[str, Any]:
    from matplotlib.text import Annotation

    if isinstance(text, Annotation) and text.xycoords == "data":
        at = (axes.convert_xunits(text.xy[0]), axes.convert_yunits(text.xy[1]))
        return _place([at], axes.transData, axes, decimals)
    return _place([text.get_unitless_position()], text.get_transform(), axes, decimals)


def _place(
    points: Any, transform: Transform, axes: Axes, decimals: list[int | None]
) -> dict[str, Any]:
    """Points in units of the axes or as fractions; nothing if they hang on pixels."""
    import numpy as np

    points = np.asarray(points, dtype=float).reshape(-1, 2)
    in_data = transform.contains_branch_seperately(axes.transData)
    within = any(transform.contains_branch_seperately(axes.transAxes))
    if not len(points) or not (any(in_data) or within):
        return {}
    if all(in_data):
        x, y = (transform - axes.transData).transform(points).T
        return {"x": _line(x, decimals[0]), "y": _line(y, decimals[1])}
    x, y = (transform - axes.transAxes).transform(points).T
    return {"within": True, "x": _line(x, 5), "y": _line(y, 5)}


def _line(values: Any, decimals: int | None) -> str:
    """Numbers on one line; ``-`` where there is none."""
    import numpy as np

    filled: Any = np.ma.filled(np.ma.asarray(values, dtype=float), np.nan).ravel()
    return " ".join(_digits(float(value), decimals) for value in filled)


def _digits(value: float, decimals: int | None) -> str:
    if not math.isfinite(value):
        return "-"
    if decimals is None:
        return f"{value + 0.0:.6g}"
    written = f"{round(value, decimals) + 0.0:.{max(decimals, 0)}f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def _legend(legend: Any) -> list[str]:
    handles = [one for one in legend.legend_handles if one is not None]
    colours = [str(_colours(one).get("colours", "")) for one in handles]
    return [*(text.get_text() for text in legend.get_texts()), *colours]


def _colours(*artists: Any) -> dict[str, str]:
    """Colours of artists: two series that swap them are another figure."""
    from matplotlib.colors import to_hex, to_rgba_array

    found = []
    for getter in ("get_color", "get_facecolor", "get_edgecolor"):
        colours = [
            to_hex(rgba, keep_alpha=True)
            for artist in artists
            if hasattr(artist, getter)
            for rgba in to_rgba_array(getattr(artist, getter)())
        ]
        if colours:
            found.append(",".join(colours[:1] if len(set(colours)) == 1 else colours))
    return {"colours": " ".join(found)}


def _filled(content: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in content.items() if value}
