"""Lines over dates (or any other axis), with marks, spans, bands and levels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from helpers.errors import HelpersError
from helpers.figures.axes import date_axis, number_axis, percent_axis
from helpers.figures.checks import as_date, known, series_of, some, table_of
from helpers.figures.paths import placebo_band
from helpers.figures.style import (
    BLACK,
    BLUE,
    GREY,
    MID,
    ORANGE,
    SHADE,
    SMALL,
    Style,
    label_ends,
    mark_dates,
    new_figure,
    panel_title,
    series_styles,
    zero_line,
)

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
    spans: Mapping[str, tuple[Any, Any]] | None = None,
    bands: Mapping[str, pd.DataFrame] | None = None,
    band_name: str = "",
    behind: Mapping[str, pd.Series] | None = None,
    levels: Mapping[str, float] | None = None,
    hollow: Mapping[str, pd.Series] | None = None,
    percent: bool = False,
    log: bool = False,
    from_zero: bool = False,
    sharey: bool = True,
    colours: Mapping[str, str] | None = None,
    subtitle: str | None = None,
    source: str | None = None,
) -> Figure:
    """Lines over an axis, each named at its end, one panel above the other.

    Parameters
    ----------
    data : DataFrame, or mapping
        A frame has a column for each line; a mapping of line name to Series is one
        panel as well. A mapping of panel title to one of both has a panel for each.
        Missing values break a line.
    title, xlabel : str
    ylabel : str, or mapping of panel title to str
    marks : mapping of label to date, optional
        Vertical lines, named above the first panel.
    spans : mapping of label to (first, last), optional
        Shaded stretches, named likewise.
    bands : mapping of panel title to DataFrame, optional
        Columns low and high: a grey range behind the lines.
    band_name : str
    behind : mapping of panel title to Series, optional
        A restless line drawn thin and grey behind the others.
    levels : mapping of label to float, optional
        Horizontal lines, such as what chance gives.
    hollow : mapping of line name to Series of bool, optional
        Draws these lines with markers, hollow where True (such as figures that are
        not verified).
    percent, log : bool
        Write fractions in percent; a logarithmic axis, on which equal growth has
        equal slope.
    from_zero : bool
        Let the vertical axis begin at zero.
    sharey : bool
        One vertical scale for all panels.
    colours : mapping of line name to colour, optional
    subtitle, source : str, optional

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
    spans = {
        name: (as_date(first), as_date(last))
        for name, (first, last) in (spans or {}).items()
    }
    known(bands or (), panels, "bands")
    known(behind or (), panels, "behind")
    names = dict.fromkeys(name for entry in panels.values() for name in entry)
    known(hollow or (), names, "hollow")
    styles = series_styles(names, colours)
    lowest = min(
        float(one.min()) for entry in panels.values() for one in entry.values()
    )
    if log and lowest <= 0:
        raise HelpersError("lines: a logarithmic axis takes values above zero only.")
    most = max(len(entry) for entry in panels.values())
    figure, grid = new_figure(
        1.4 + len(panels) * max(2.5, 0.6 + 0.21 * most), len(panels), title=title,
        subtitle=subtitle, source=source, sharex=True, sharey=sharey, squeeze=False,
    )  # fmt: skip
    for axes, (panel, entry) in zip(grid[:, 0], panels.items(), strict=True):
        if bands and panel in bands:
            placebo_band(axes, bands[panel], name=band_name or None)
        if behind and panel in behind:
            back = behind[panel]
            axes.plot(back.index, back, color=MID, linewidth=0.7, zorder=1)
        for name, line in entry.items():
            _draw(axes, name, line, styles[name], hollow)
        if log:
            _log_axis(axes)
        else:
            (percent_axis if percent else number_axis)(axes.yaxis)
            low, high = axes.get_ylim()
            if from_zero:
                axes.set_ylim(bottom=0)
            if low < 0 < high:
                zero_line(axes)
        label_ends(
            axes,
            {name: (line.last_valid_index(), float(line.dropna().iloc[-1]))
             for name, line in entry.items()},
            styles,
        )  # fmt: skip
        _levels(axes, levels or {})
        for first, last in spans.values():
            axes.axvspan(first, last, color=SHADE, linewidth=0, zorder=-1)
        for x in marks.values() if axes is not grid[0, 0] else ():
            axes.axvline(x, color=GREY, linewidth=1, linestyle=":", zorder=1)
        if panel:
            panel_title(axes, panel)
        axes.set_ylabel(ylabel[panel] if isinstance(ylabel, Mapping) else ylabel)
        axes.grid(axis="x", visible=False)
    mark_dates(grid[0, 0], marks)
    _name_spans(grid[0, 0], spans)
    _time(grid[-1, 0], panels)
    grid[-1, 0].set_xlabel(xlabel)
    return figure


def break_statistics(
    paths: Mapping[str, pd.Series],
    breaks: pd.DataFrame,
    *,
    bar: float,
    bar_name: str,
    title: str,
    ylabel: str,
    subtitle: str | None = None,
    source: str | None = None,
) -> Figure:
    """A break statistic at every date tried, with its bar and the date found.

    Parameters
    ----------
    paths : mapping of panel title to Series by date
    breaks : DataFrame
        By panel title: date (found), low and high (its interval, shaded).
    bar : float
        What the greatest statistic must pass.
    bar_name : str
    title, ylabel : str
    subtitle, source : str, optional

    Raises
    ------
    HelpersError
        If a path is empty or a panel has no row in `breaks`.

    Examples
    --------
    >>> days = pd.date_range("2022-10-03", periods=3)
    >>> figure = break_statistics(
    ...     {"Foundries": pd.Series([1.0, 9.0, 2.0], index=days)},
    ...     pd.DataFrame(
    ...         {"date": days[1], "low": days[0], "high": days[2]}, index=["Foundries"]
    ...     ),
    ...     bar=8.9, bar_name="5 % bar", title="One break", ylabel="Wald statistic",
    ... )
    >>> len(figure.axes)
    1
    """
    paths = {name: series_of(path, f"break_statistics: {name!r}")
             for name, path in some(paths, "paths").items()}  # fmt: skip
    table_of(breaks, ("date", "low", "high"), "breaks")
    known(paths, breaks.index, "paths")
    known(breaks.index, paths, "breaks")
    figure, grid = new_figure(
        1.4 + 2.2 * len(paths), len(paths), title=title, subtitle=subtitle,
        source=source, sharex=True, sharey=True, squeeze=False,
    )  # fmt: skip
    for axes, (name, path) in zip(grid[:, 0], paths.items(), strict=True):
        found = breaks.loc[name]
        axes.axvspan(found["low"], found["high"], color=SHADE, linewidth=0, zorder=0)
        axes.plot(path.index, path, color=BLUE)
        axes.axvline(found["date"], color=ORANGE, linestyle="--", linewidth=1.4)
        date = pd.Timestamp(found["date"])
        axes.annotate(
            f"{date.day} {date:%B %Y}", (found["date"], 1.0),
            xycoords=("data", "axes fraction"), xytext=(0, 3), weight="bold",
            textcoords="offset points", ha="center", va="bottom", fontsize=SMALL,
            color=ORANGE, gid="mark", annotation_clip=False,
        )  # fmt: skip
        _levels(axes, {bar_name: bar})
        axes.set_ylim(bottom=0)
        panel_title(axes, name)
        axes.set_ylabel(ylabel)
        axes.grid(axis="x", visible=False)
    _time(grid[-1, 0], {name: {name: path} for name, path in paths.items()})
    return figure


def _panels(data: Any) -> dict[str, dict[str, pd.Series]]:
    """Lines by panel: a frame and a mapping of Series are one panel each."""
    if isinstance(data, pd.DataFrame) or not any(
        isinstance(entry, (Mapping, pd.DataFrame))
        for entry in some(data, "data").values()
    ):
        data = {"": data}
    out = {}
    for panel, entry in some(data, "data").items():
        if isinstance(entry, pd.DataFrame):
            table_of(entry, (), f"lines: panel {panel!r}")
            entry = {str(name): entry[name] for name in entry}
        out[panel] = {
            name: series_of(one, f"lines: {name!r}").sort_index()
            for name, one in some(entry, f"lines: panel {panel!r}").items()
        }
    return out


def _draw(
    axes: Axes,
    name: str,
    line: pd.Series,
    style: Style,
    hollow: Mapping[str, pd.Series] | None,
) -> None:
    axes.plot(line.index, line, color=style.colour, linestyle=style.dash, zorder=2)
    if hollow is None or name not in hollow:
        if len(line) == 1:
            axes.plot(line.index, line, style.marker, color=style.colour, zorder=3)
        return
    doubtful = hollow[name].reindex(line.index)
    if doubtful[line.notna()].isna().any():
        raise HelpersError(f"hollow: {name!r} has not the dates of the line.")
    for state, face in ((False, style.colour), (True, "white")):
        part = line[doubtful.astype(bool) == state]
        axes.plot(
            part.index, part, linestyle="none", marker=style.marker, markersize=5.5,
            color=style.colour, markerfacecolor=face, markeredgewidth=1.4, zorder=3,
        )  # fmt: skip


def _log_axis(axes: Axes) -> None:
    from matplotlib.ticker import LogLocator

    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")
    axes.minorticks_off()


def _levels(axes: Axes, levels: Mapping[str, float]) -> None:
    for name, y in levels.items():
        axes.axhline(y, color=BLACK, linewidth=1, linestyle=(0, (4, 2)), zorder=1)
        axes.annotate(
            name, (0.0, y), xycoords=("axes fraction", "data"), xytext=(3, 2),
            textcoords="offset points", ha="left", va="bottom", fontsize=SMALL,
            color=BLACK,
        )  # fmt: skip


def _name_spans(axes: Axes, spans: Mapping[str, tuple[Any, Any]]) -> None:
    for name, (first, last) in spans.items():
        ends = [axes.convert_xunits(end) for end in (first, last)]
        axes.annotate(
            name, (sum(ends) / 2, 1.0), xycoords=("data", "axes fraction"),
            xytext=(0, 3), textcoords="offset points", ha="center", va="bottom",
            fontsize=SMALL, color=GREY, gid="mark", annotation_clip=False,
        )  # fmt: skip


def _time(axes: Axes, panels: Mapping[str, Mapping[str, pd.Series]]) -> None:
    """Ticks for dates where all lines have dates, else plain numbers."""
    indexes = [line.index for entry in panels.values() for line in entry.values()]
    if all(isinstance(index, pd.DatetimeIndex) for index in indexes):
        date_axis(axes.xaxis, min(one[0] for one in indexes),
                  max(one[-1] for one in indexes))  # fmt: skip
    elif not any(isinstance(index, pd.DatetimeIndex) for index in indexes):
        if all(pd.api.types.is_numeric_dtype(index) for index in indexes):
            number_axis(axes.xaxis)
    else:
        raise HelpersError("lines: some lines run over dates and others do not.")
