"""One function a kind of figure: frames in, matplotlib Figure out.

Every function draws all that it is given or refuses with :class:`HelpersError`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

# Name -> module, resolved on first use so that matplotlib is loaded only to draw.
_PUBLIC = {
    "bars": "amounts",
    "car_paths": "paths",
    "date_axis": "ticks",
    "draw_curve": "curve",
    "forest": "intervals",
    "heat_map": "heat",
    "key": "parts",
    "label_ends": "parts",
    "legend_below": "layout",
    "lines": "over_time",
    "log_axis": "ticks",
    "mark_dates": "parts",
    "name_above": "parts",
    "new_figure": "style",
    "number_axis": "ticks",
    "panel_title": "parts",
    "patch": "parts",
    "percent_axis": "ticks",
    "placebo_band": "paths",
    "rows_axis": "parts",
    "scatter": "points",
    "series_styles": "style",
    "set_colours": "style",
    "specification_curve": "curve",
    "zero_line": "parts",
}

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PUBLIC[name]}"), name)


def __dir__() -> list[str]:
    return __all__
