"""How true a test is: p-values where nothing happened, effects that it finds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.errors import HelpersError
from helpers.figures import parts, style, ticks
from helpers.figures.checks import numbers_of, some, table_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def calibration(
    p_values: Mapping[str, Any],
    power: Mapping[str, pd.DataFrame] | None = None,
    *,
    title: str,
    effect: str = "Effect put in",
    percent: bool = True,
    colours: Mapping[str, str] | None = None,
    subtitle: str | None = None,
) -> Figure:
    """Share of p-values at or below each level, and how many effects are found.

    Parameters
    ----------
    p_values : mapping of test to p-values
        Where nothing happened: on the diagonal they are uniform.
    power : mapping of test to DataFrame, optional
        By size of the effect: found (marks) and promised (line), shares.
    title : str
    effect : str
        Names the horizontal axis of the effects.
    percent : bool
        Whether the effect is a fraction to be written in percent.
    colours : mapping of test to colour, optional
    subtitle : str, optional

    Raises
    ------
    HelpersError
        If p-values or frames are empty or no shares, or a column is missing.

    Examples
    --------
    >>> figure = calibration({"placebo": [0.1, 0.4, 0.9]}, title="Uniform")
    >>> len(figure.axes)
    1
    """
    tests = {name: np.sort(numbers_of(one, f"p-values of {name!r}"))
             for name, one in some(p_values, "p_values").items()}  # fmt: skip
    for name, values in tests.items():
        _shares(values, f"p-values of {name!r}")
    found = {} if power is None else some(power, "power")
    styles = style.series_styles(dict.fromkeys([*tests, *found]), colours)
    figure, grid = style.new_figure(
        4.2, 1, 1 + bool(found), title=title, subtitle=subtitle,
        squeeze=False,
    )  # fmt: skip
    left, right = grid[0, 0], grid[0, -1]
    left.plot([0, 1], [0, 1], color=style.GREY, linewidth=1)
    for name, values in tests.items():
        share = np.arange(len(values) + 1) / len(values)
        left.step(np.append(0, values), share, where="post", linewidth=1.6,
                  color=styles[name].colour, linestyle=styles[name].dash)  # fmt: skip
    left.set_xlabel("p-value where nothing happened")
    left.set_ylabel("Share at or below")
    parts.panel_title(left, "No effect: uniform")
    ticks.number_axis(left.xaxis)
    for name, table in found.items():
        table_of(table, f"power of {name!r}", numbers=("found", "promised"))
        _shares(table[["found", "promised"]].to_numpy(), f"power of {name!r}")
        look = styles[name]
        right.plot(table.index, table["promised"], color=look.colour,
                   linestyle=look.dash, linewidth=1.2)  # fmt: skip
        right.plot(table.index, table["found"], look.marker, color=look.colour)
        (ticks.percent_axis if percent else ticks.number_axis)(right.xaxis)
        right.set_xlabel(effect)
        right.set_ylabel("Share found")
        parts.panel_title(right, "Marks: found. Line: promised")
    for axes in grid[0]:
        axes.set_ylim(0, 1.02)
        ticks.percent_axis(axes.yaxis)
    parts.legend_below(figure, parts.keys(styles))
    return figure


def _shares(values: np.ndarray, what: str) -> None:
    if (values < 0).any() or (values > 1).any():
        raise HelpersError(f"calibration: {what} are not between 0 and 1.")
