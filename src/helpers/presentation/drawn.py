"""A digest of what a figure draws, apart from how its pixels came out.

Comparing stored with new output leaves images out, so a chart whose data changed
would pass unseen. The digest is printed beside the image as text, and text is
compared. It is taken from positions within the axes to 1e-5 of their length:
coarse enough to ignore the last bits in which two processors differ, and finer
than anything a reader can see.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.transforms import Transform

DIGEST_LENGTH = 12
_AXES_DECIMALS = 5


def drawn_digest(fig: Figure) -> str:
    """Return a short digest of everything that the axes of ``fig`` show.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        A figure that has been drawn (saved) once, so that its ticks are set.

    Returns
    -------
    str
        12 hexadecimal digits. They change with the data, the limits, a colour, a
        label or a title, and not with size, resolution or font.
    """
    lines = "\n".join(_describe_figure(fig))
    return hashlib.sha256(lines.encode()).hexdigest()[:DIGEST_LENGTH]


def figure_title(fig: Figure) -> str:
    """Return the figure's title: that of the whole, else the first of its axes.

    Parameters
    ----------
    fig : matplotlib.figure.Figure

    Returns
    -------
    str
        The title on one line; empty if there is none.
    """
    candidates = [fig.get_suptitle()]
    for axes in fig.axes:
        candidates += [axes.get_title(loc) for loc in ("left", "center", "right")]
    return next((" ".join(text.split()) for text in candidates if text.strip()), "")


def _describe_figure(fig: Figure) -> Iterator[str]:
    for text in fig.texts:
        yield f"text {text.get_text()}"
    for legend in fig.legends:
        yield from _describe_legend(legend)
    for axes in fig.axes:
        yield from _describe_axes(axes)


def _describe_axes(axes: Any) -> Iterator[str]:
    titles = [axes.get_title(loc) for loc in ("left", "center", "right")]
    yield f"axes {titles} {axes.get_xlabel()!r} {axes.get_ylabel()!r}"
    for axis, limits in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
        labels = [label.get_text() for label in axis.get_ticklabels()]
        bounds = " ".join(f"{limit:.6g}" for limit in limits)
        yield f"{axis.axis_name} {axis.get_scale()} {bounds} {labels}"
    for text in axes.texts:
        yield f"text {text.get_text()} {_positions(text, axes)}"
    for artist in (*axes.lines, *axes.patches, *axes.collections, *axes.images):
        if artist.get_visible():
            shown = f"{_positions(artist, axes)} {_colours(artist)}"
            yield f"{type(artist).__name__} {shown}"
    for table in axes.tables:
        cells = table.get_celld()
        yield f"table {[cells[at].get_text().get_text() for at in sorted(cells)]}"
    legend = axes.get_legend()
    if legend is not None:
        yield from _describe_legend(legend)
    for inset in axes.child_axes:
        yield from _describe_axes(inset)


def _describe_legend(legend: Any) -> Iterator[str]:
    handles = [_colours(drawn) for drawn in legend.legend_handles if drawn is not None]
    yield f"legend {[text.get_text() for text in legend.get_texts()]} {handles}"


def _positions(artist: Artist, axes: Axes) -> str:
    """Return where the artist's points lie within the axes, as rounded text."""
    import numpy as np
    from matplotlib.collections import Collection
    from matplotlib.image import AxesImage
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch
    from matplotlib.text import Text

    parts: list[str] = []
    if isinstance(artist, Line2D):
        parts.append(_within(artist.get_xydata(), artist.get_transform(), axes))
    elif isinstance(artist, Patch):
        path = artist.get_path()
        parts.append(_within(path.vertices, artist.get_transform(), axes))
    elif isinstance(artist, Text):
        position = artist.get_unitless_position()
        parts.append(_within([position], artist.get_transform(), axes))
    elif isinstance(artist, Collection):
        offsets: Any = np.ma.filled(np.ma.asarray(artist.get_offsets(), float), np.nan)
        parts.append(_within(offsets, artist.get_offset_transform(), axes))
        for path in artist.get_paths():
            parts.append(_within(path.vertices, artist.get_transform(), axes))
        parts.append(_values(artist.get_array()))
    elif isinstance(artist, AxesImage):
        parts.append(_values(artist.get_array()))
        parts.append(_values(artist.get_extent()))
    return " ".join(parts)


def _within(points: Any, transform: Transform, axes: Axes) -> str:
    """Return points as fractions of the axes, or nothing if they hang on pixels."""
    import numpy as np

    if not any(
        branch
        for base in (axes.transData, axes.transAxes)
        for branch in transform.contains_branch_seperately(base)
    ):
        return ""
    points = np.asarray(points, dtype=float).reshape(-1, 2)
    if len(points) == 0:
        return ""
    fractions = (transform - axes.transAxes).transform(points)
    # Adding zero turns -0.0, which a last bit can cause, into 0.0.
    rounded = np.round(fractions, _AXES_DECIMALS) + 0.0
    return " ".join(
        f"{x:.{_AXES_DECIMALS}f},{y:.{_AXES_DECIMALS}f}" for x, y in rounded
    )


def _values(values: Any) -> str:
    import numpy as np

    if values is None:
        return ""
    filled: Any = np.ma.filled(np.ma.asarray(values, dtype=float), np.nan).ravel()
    return " ".join(f"{value:.6g}" for value in filled + 0.0)


def _colours(artist: Any) -> list[str]:
    """Return the artist's colours: two series that swap them are another figure."""
    from matplotlib.colors import to_hex, to_rgba_array

    found = []
    for getter in ("get_color", "get_facecolor", "get_edgecolor"):
        if hasattr(artist, getter):
            colours = to_rgba_array(getattr(artist, getter)())
            found.append(",".join(to_hex(rgba, keep_alpha=True) for rgba in colours))
    return found
