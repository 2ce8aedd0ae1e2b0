"""How true a test is: p-values where nothing happened, effects that it finds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.figures.axes import number_axis, percent_axis
from helpers.figures.checks import numbers_of, some, table_of
from helpers.figures.style import (
    GREY,
    key,
    legend_below,
    new_figure,
    panel_title,
    series_styles,
)

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
    source: str | None = None,
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
    subtitle, source : str, optional

    Raises
    ------
    HelpersError
        If p-values or frames are empty, or a column is missing.

    Examples
    --------
    >>> figure = calibration({"placebo": [0.1, 0.4, 0.9]}, title="Uniform")
    >>> len(figure.axes)
    1
    """
    tests = {name: np.sort(numbers_of(one, f"p-values of {name!r}"))
             for name, one in some(p_values, "p_values").items()}  # fmt: skip
    found = {} if power is None else some(power, "power")
    styles = series_styles(dict.fromkeys([*tests, *found]), colours)
    figure, grid = new_figure(
        4.2, 1, 1 + bool(found), title=title, subtitle=subtitle, source=source,
        squeeze=False,
    )  # fmt: skip
    left = grid[0, 0]
    left.plot([0, 1], [0, 1], color=GREY, linewidth=1)
    for name, values in tests.items():
        share = np.arange(1, len(values) + 1) / len(values)
        left.step(np.append(0, values), np.append(0, share), where="post",
                  color=styles[name].colour, linestyle=styles[name].dash)  # fmt: skip
    left.set_xlabel("p-value where nothing happened")
    left.set_ylabel("Share at or below")
    panel_title(left, "No effect: uniform")
    number_axis(left.xaxis)
    percent_axis(left.yaxis)
    for name, table in found.items():
        table_of(table, (), f"power of {name!r}", numbers=("found", "promised"))
        right, style = grid[0, 1], styles[name]
        right.plot(table.index, table["promised"], color=style.colour,
                   linestyle=style.dash, linewidth=1.2)  # fmt: skip
        right.plot(table.index, table["found"], style.marker, color=style.colour)
        (percent_axis if percent else number_axis)(right.xaxis)
        percent_axis(right.yaxis)
        right.set_xlabel(effect)
        right.set_ylabel("Share found")
        panel_title(right, "Marks: found. Line: promised")
    handles = [key(name, one.colour, one.marker, dash=one.dash)
               for name, one in styles.items()]  # fmt: skip
    legend_below(figure, handles)
    return figure
