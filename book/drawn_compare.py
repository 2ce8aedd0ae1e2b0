"""Whether two figures show the same, and the table of what one shows."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

TOLERANCE = 1e-3
COLUMNS = ("panel", "series", "mark", "x", "y", "x_label", "y_label", "value")
_EPOCH = datetime(1970, 1, 1)  # what matplotlib counts days from
_NUMBER = re.compile(r"[+\-\u2212]?[\d.,]*\s?%?")
_TABLED = ("line", "bar", "point", "area", "cell")
_COLOUR_LEVELS = 2  # of 255: what rounding makes of a computed colour

Drawn = Mapping[str, Any]
Row = tuple[str, str, str, str, str, str, str, str]


def same_drawn(stored: Drawn, new: Drawn, tolerance: float = TOLERANCE) -> list[str]:
    """Compare what two figures show.

    Parameters
    ----------
    stored, new : dict
        What :func:`~helpers.notebook.drawn.drawn` returned for each.
    tolerance : float, default 1e-3
        As a share of the length of an axis, or of a colour scale.

    Returns
    -------
    list of str
        One sentence for each thing that differs, the largest difference of a mark
        named; empty where the two show the same.
    """
    found = [
        *_texts("text", stored, new, "texts"),
        *_texts("legend", stored, new, "legends"),
    ]
    before, after = stored.get("panels", []), new.get("panels", [])
    if len(before) != len(after):
        return [*found, f"it has {len(after)} panels and had {len(before)}"]
    for number, (old, fresh) in enumerate(zip(before, after, strict=True), 1):
        where = f"panel {number}" if len(before) > 1 else "the panel"
        found += [f"{where}: {what}" for what in _panel(old, fresh, tolerance)]
    return found


def drawn_rows(content: Drawn) -> Iterator[Row]:
    """Return the points that a figure draws, one row each, under :data:`COLUMNS`.

    Parameters
    ----------
    content : dict
        What :func:`~helpers.notebook.drawn.drawn` returned.

    Yields
    ------
    tuple of str
        ``panel`` (title of the axes), ``series`` (its label, else a number), ``mark``
        (line, bar, point, area, cell), ``x`` and ``y`` in the units of the axes (dates
        in ISO form), the tick labels that stand there, and ``value``, the number
        behind a colour or the foot of a bar. Marks placed in parts of the axes, such
        as shading and zero lines, are left out.
    """
    panels = [one for one in content.get("panels", []) if not one.get("colorbar")]
    for number, panel in enumerate(panels, 1):
        title = panel.get("title") or str(number)
        for mark in panel.get("marks", []):
            if mark["mark"] in _TABLED and "x" in mark and not mark.get("within"):
                yield from _rows(mark, title, panel["x"], panel["y"])


def _texts(what: str, stored: Drawn, new: Drawn, key: str) -> Iterator[str]:
    old, fresh = stored.get(key), new.get(key)
    if old != fresh:
        yield f"the {what} is {fresh!r} and was {old!r}"


def _panel(stored: Drawn, new: Drawn, tolerance: float) -> Iterator[str]:
    yield from _texts("title", stored, new, "title")
    yield from _texts("legend", stored, new, "legend")
    yield from _texts("table", stored, new, "tables")
    axes: dict[str, Drawn] = {name: stored.get(name, {}) for name in "xy"}
    for name in "xy":
        old, fresh = axes[name], new.get(name, {})
        for key in ("label", "scale", "tick_labels"):
            yield from _texts(f"{name} axis' {key.replace('_', ' ')}", old, fresh, key)
        yield from _numbers(
            f"limit of the {name} axis", old, fresh, "limits", old, tolerance
        )
    for kind in ("texts", "marks"):
        old_marks, new_marks = stored.get(kind, []), new.get(kind, [])
        if [_name(one) for one in old_marks] != [_name(one) for one in new_marks]:
            yield (
                f"it shows {', '.join(map(_name, new_marks)) or 'nothing'} "
                f"and showed {', '.join(map(_name, old_marks)) or 'nothing'}"
            )
            continue
        for old, fresh in zip(old_marks, new_marks, strict=True):
            yield from _mark(old, fresh, axes, tolerance)


def _name(mark: Drawn) -> str:
    return repr(mark["text"]) if "text" in mark else f"{mark['mark']} {mark['series']}"


def _mark(
    stored: Drawn, new: Drawn, axes: Mapping[str, Drawn], tolerance: float
) -> Iterator[str]:
    name = _name(stored)
    yield from _texts(f"{name}'s colour map", stored, new, "colour_map")
    if not _same_colours(stored.get("colours", ""), new.get("colours", "")):
        yield from _texts(f"colour of {name}", stored, new, "colours")
    yield from _texts(f"frame of {name}", stored, new, "within")
    for key in "xy":
        axis = {} if stored.get("within") else axes[key]
        yield from _numbers(f"{key} of {name}", stored, new, key, axis, tolerance)
    value: Drawn = {"limits": stored.get("colour_range", "")}
    width = axes["x"]
    if stored.get("mark") == "bar":
        value, width = axes["y"], axes["x"]
        if stored.get("horizontal"):
            value, width = width, value
    yield from _numbers(f"value of {name}", stored, new, "value", value, tolerance)
    yield from _numbers(f"width of {name}", stored, new, "width", width, tolerance)


def _numbers(
    what: str, stored: Drawn, new: Drawn, key: str, axis: Drawn, tolerance: float
) -> Iterator[str]:
    """Name the largest difference between two lines of numbers, if it is too large."""
    old, fresh = stored.get(key, "").split(), new.get(key, "").split()
    if len(old) != len(fresh):
        yield f"{what}: {len(fresh)} numbers, and there were {len(old)}"
        return
    limits = axis.get("limits", "").split() or ["0", "1"]
    scale = axis.get("scale", "linear")
    low, high = (_along(limit, scale) for limit in limits)
    span = abs(high - low) or 1.0
    gaps = [
        0.0 if a == b else abs(_along(a, scale) - _along(b, scale)) / span
        for a, b in zip(old, fresh, strict=True)
    ]
    wrong = [at for at, gap in enumerate(gaps) if not gap <= tolerance]
    if wrong:
        at = max(wrong, key=lambda one: (math.isnan(gaps[one]), gaps[one]))
        share = "" if math.isnan(gaps[at]) else f", {gaps[at]:.2%} of the axis"
        others = f"; {len(wrong) - 1} more differ" if len(wrong) > 1 else ""
        yield f"{what}: {fresh[at]} and was {old[at]}{share}{others}"


def _along(written: str, scale: str) -> float:
    """Where a number stands along its axis; nan where there is none."""
    if written == "-":
        return math.nan
    value = float(written)
    if scale == "log":
        return math.log10(value) if value > 0 else math.nan
    return value


def _same_colours(stored: str, new: str) -> bool:
    old, fresh = re.split("[ ,]", stored), re.split("[ ,]", new)
    if len(old) != len(fresh):
        return False
    return all(
        a == b
        or (
            len(a) == len(b) == 9
            and all(
                abs(int(a[at : at + 2], 16) - int(b[at : at + 2], 16)) <= _COLOUR_LEVELS
                for at in (1, 3, 5, 7)
            )
        )
        for a, b in zip(old, fresh, strict=True)
    )


def _rows(mark: Drawn, panel: str, x_axis: Drawn, y_axis: Drawn) -> Iterator[Row]:
    xs, ys = mark["x"].split(), mark["y"].split()
    values = mark.get("value", "").split()
    names = [_tick_names(axis) for axis in (x_axis, y_axis)]
    for at, (x, y) in enumerate(zip(xs, ys, strict=True)):
        written = (_written(x, x_axis), _written(y, y_axis))
        labels = (_nearest(names[0], x), _nearest(names[1], y))
        value = _written(values[at], {}) if len(values) > at else ""
        yield panel, mark["series"], mark["mark"], *written, *labels, value


def _written(number: str, axis: Drawn) -> str:
    if number == "-":
        return ""
    if not axis.get("dates"):
        return number
    minutes = round(float(number) * 24 * 60)
    date = _EPOCH + timedelta(minutes=minutes)
    return f"{date:%Y-%m-%d}" if minutes % 1440 == 0 else f"{date:%Y-%m-%dT%H:%M}"


def _tick_names(axis: Drawn) -> list[tuple[float, str]]:
    """Tick labels that name something; those that only repeat a number are left."""
    labels = axis.get("tick_labels", [])
    numbers = all(_NUMBER.fullmatch(label) for label in labels)
    if axis.get("dates") or (numbers and not axis.get("named")):
        return []
    return list(zip(map(float, axis["ticks"].split()), labels, strict=False))


def _nearest(names: list[tuple[float, str]], written: str) -> str:
    """The tick whose place a mark belongs to: series may stand a little off it."""
    if not names or written == "-":
        return ""
    at = float(written)
    places = sorted(tick for tick, _ in names)
    gaps = [after - before for before, after in pairwise(places)]
    tick, name = min(names, key=lambda one: abs(one[0] - at))
    return name if abs(tick - at) < min(gaps, default=1) / 2 else ""
