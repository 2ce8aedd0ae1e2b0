"""Lines over dates (or any other axis), with marks, bands and levels."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import fill
from typing import TYPE_CHECKING, Any

import pandas as pd

from helpers.errors import HelpersError
from helpers.figures import parts, style, ticks
from helpers.figures.checks import as_date, known, option, series_of, some, table_of
from helpers.figures.paths import placebo_band

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def lines(
    data: pd.DataFrame | Mapping[str, Any],
    *,
    title: str,
    ylabel: str | Mapping[str, str],
    xlabel: str = "",
    marks: Mapping[str, Any] | None = None,
    bands: Mapping[str, pd.DataFrame] | None = None,
    levels: Mapping[str, float] | None = None,
    hollow: Mapping[str, pd.Series] | None = None,
    percent: bool | Mapping[str, bool] = False,
    log: bool = False,
    from_zero: bool = False,
    sharey: bool = True,
) -> Figure:
    """Lines over an axis, each named at its end, one panel above the other.

    Parameters
    ----------
    data : DataFrame, or mapping
        A frame has a column for each line; a mapping of line name to Series is one
        panel as well. A mapping of panel title to one of both has a panel for each.
        Missing values break a line; a line called "" bears no name.
    title, xlabel : str
    ylabel : str, or mapping of panel title to str
    marks : mapping of label to date, optional
        Vertical lines, named above the first panel.
    bands : mapping of panel title to DataFrame, optional
        Columns low and high: a grey range behind the lines.
    levels : mapping of label to float, optional
        Horizontal lines, such as what chance gives.
    hollow : mapping of line name to Series of bool, optional
        Draws these lines with markers, hollow where True (such as figures that are
        not verified).
    percent : bool, or mapping of panel title to bool
        Whether values are fractions to be written in percent.
    log : bool
        Logarithmic vertical axis, on which equal growth has equal slope.
    from_zero, sharey : bool
        Let the vertical axis begin at zero where nothing is below; let panels
        share it.

    Raises
    ------
    HelpersError
        If a line holds no number, names do not fit, or a logarithmic axis is asked
        for values that are not above zero.

    Examples
    --------
    >>> days = pd.date_range("2025-08-18", periods=3)
    >>> closes = pd.DataFrame({"Nvidia": [180.0, 175, 176]}, index=days)
    >>> figure = lines(
    ...     closes, title="It fell", ylabel="Dollars", marks={"the news": days[1]}
    ... )
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['Nvidia', 'the news']
    """
    panels = _panels(data)
    marks = {name: as_date(x) for name, x in (marks or {}).items()}
    known(bands or (), panels, "lines: the panel of a band")
    names = dict.fromkeys(name for entry in panels.values() for name in entry)
    known(hollow or (), names, "lines: hollow")
    styles = style.series_styles(names)
    every = [line for entry in panels.values() for line in entry.values()]
    heights = [*every, pd.Series(levels or {}, dtype=float)]
    if log and any((one <= 0).any() for one in heights):
        raise HelpersError("lines: a logarithmic axis takes values above zero only.")
    most = max(len(entry) for entry in panels.values())
    figure, grid = style.new_figure(
        1.4 + len(panels) * max(2.5, 0.6 + 0.21 * most), len(panels), title=title,
        sharex=True, sharey=sharey, squeeze=False,
    )  # fmt: skip
    for axes, (panel, entry) in zip(grid[:, 0], panels.items(), strict=True):
        if bands and panel in bands:
            placebo_band(axes, bands[panel], name=None)
        for name, line in entry.items():
            _draw(axes, line, styles[name], (hollow or {}).get(name))
        if log:
            ticks.log_axis(axes.yaxis)
        else:
            in_percent = option(percent, panel, "lines: percent")
            (ticks.percent_axis if in_percent else ticks.number_axis)(axes.yaxis)
        ends = {name: (line.last_valid_index(), float(line.dropna().iloc[-1]))
                for name, line in entry.items()}  # fmt: skip
        parts.label_ends(axes, ends, styles)
        for name, y in (levels or {}).items():
            _level(axes, max(line.index[-1] for line in entry.values()), y, name)
        parts.mark_dates(axes, marks, named=axes is grid[0, 0])
        if panel:
            parts.panel_title(axes, panel)
        axes.set_ylabel(option(ylabel, panel, "lines: ylabel"))
        axes.grid(axis="x", visible=False)
    for axes in grid[:, 0]:  # once all panels are drawn, since they share their scale
        if from_zero and min(one.dataLim.y0 for one in grid[:, 0]) >= 0:
            axes.set_ylim(bottom=0)
        if axes.get_ylim()[0] < 0 < axes.get_ylim()[1]:
            parts.zero_line(axes)
    _time(grid[-1, 0], every)
    grid[-1, 0].set_xlabel(xlabel)
    return figure


def _panels(data: Any) -> dict[str, dict[str, pd.Series]]:
    """Lines by panel: a frame and a mapping of Series are one panel each."""
    entries = {} if isinstance(data, pd.DataFrame) else some(data, "data")
    if not any(isinstance(one, (Mapping, pd.DataFrame)) for one in entries.values()):
        entries = {"": data}
    out = {}
    for panel, entry in entries.items():
        if isinstance(entry, pd.DataFrame):
            entry = {str(name): entry[name] for name in table_of(entry, "lines: data")}
        out[panel] = {
            name: series_of(one, f"lines: {name!r}").sort_index()
            for name, one in some(entry, f"lines: panel {panel!r}").items()
        }
    return out


def _draw(
    axes: Axes, line: pd.Series, look: style.Style, hollow: pd.Series | None
) -> None:
    axes.plot(line.index, line, color=look.colour, linestyle=look.dash, zorder=2)
    if hollow is None:
        if line.notna().sum() == 1:
            axes.plot(line.index, line, look.marker, color=look.colour, zorder=3)
        return
    known(line.dropna().index, hollow.index, "lines: a date that hollow needs")
    doubtful = hollow.reindex(line.index, fill_value=False).astype(bool)
    for state, face in ((False, look.colour), (True, "white")):
        part = line[doubtful == state]
        axes.plot(
            part.index, part, linestyle="none", marker=look.marker, markersize=5.5,
            color=look.colour, markerfacecolor=face, markeredgewidth=1.4, zorder=3,
        )  # fmt: skip


def _level(axes: Axes, x: Any, y: float, name: str) -> None:
    """A horizontal line, named among the ends of the others."""
    axes.axhline(y, color=style.BLACK, linewidth=1, linestyle=(0, (4, 2)), zorder=1)
    parts.label_end(axes, x, y, fill(name, 16), style.BLACK, weight="normal",
                    fontsize=style.SMALL, xytext=(27, 0))  # fmt: skip


def _time(axes: Axes, every: list[pd.Series]) -> None:
    """Ticks for dates where all lines have dates, else plain numbers."""
    dated = {isinstance(line.index, pd.DatetimeIndex) for line in every}
    if dated == {True, False}:
        raise HelpersError("lines: some lines run over dates and others do not.")
    if dated == {True}:
        ticks.date_axis(axes.xaxis)
    elif all(pd.api.types.is_numeric_dtype(line.index) for line in every):
        ticks.number_axis(axes.xaxis)
