"""Correlations and other shares over time, with dated breaks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from helpers.presentation.style import (
    BLACK,
    BLUE,
    GREY,
    MID,
    ORANGE,
    SHADE,
    label_end,
    new_figure,
    percent_axis,
    spread,
    zero_line,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STYLES = ((BLUE, "-"), (ORANGE, "--"), (BLACK, ":"))


def plain_axis(axis: Any, digits: int = 1) -> None:
    """Write an axis as plain numbers with a true minus sign."""
    from matplotlib.ticker import FuncFormatter

    def label(value: float, _: int) -> str:
        text = f"{value:.{digits}f}"
        zero = float(text) == 0
        return text.lstrip("-") if zero else text.replace("-", "\N{MINUS SIGN}")

    axis.set_major_formatter(FuncFormatter(label))


def lines_over_time(
    panels: Mapping[str, Mapping[str, pd.Series]],
    *,
    title: str,
    ylabel: str,
    marks: Mapping[str, pd.Timestamp] | None = None,
    percent: bool = False,
    behind: Mapping[str, pd.Series] | None = None,
    behind_name: str = "",
) -> Figure:
    """Lines over calendar time, one panel above the other on common axes.

    Parameters
    ----------
    panels : mapping of panel title to mapping of line name to Series by date
    title, ylabel : str
    marks : mapping of label to date, optional
        Vertical lines, named above the first panel.
    percent : bool
        Whether the values are decimal fractions to be written in percent.
    behind : mapping of panel title to Series by date, optional
        A restless line drawn thin and grey behind the others.
    behind_name : str
        Its name.
    """
    from matplotlib.dates import DateFormatter, YearLocator

    figure, grid = new_figure(
        1.7 + 2.5 * len(panels),
        len(panels),
        title=title,
        sharex=True,
        sharey=True,
        squeeze=False,
    )
    values = [line for lines in panels.values() for line in lines.values()]
    values += list((behind or {}).values())
    low = min(float(line.min()) for line in values)
    high = max(float(line.max()) for line in values)
    for axes, (name, lines) in zip(grid[:, 0], panels.items(), strict=True):
        if behind and name in behind:
            restless = behind[name]
            axes.plot(restless.index, restless, color=MID, linewidth=0.6, zorder=1)
        for (colour, dash), line in zip(STYLES, lines.values(), strict=False):
            axes.plot(line.index, line, color=colour, linestyle=dash)
        named = [
            (c, *item) for (c, _), item in zip(STYLES, lines.items(), strict=False)
        ]
        if behind and behind_name and name in behind:
            # The mean, since a restless line ends anywhere.
            level = pd.Series(behind[name].mean(), index=behind[name].index[-1:])
            named.append((GREY, behind_name, level))
        ends = [float(line.iloc[-1]) for _, _, line in named]
        for (colour, label, line), end in zip(
            named, spread(ends, (high - low) / 7), strict=True
        ):
            label_end(axes, line.index[-1], end, label, colour)
        zero_line(axes)
        for date in (marks or {}).values():
            axes.axvline(date, color=GREY, linewidth=1, linestyle=":")
        axes.set_title(name, loc="left", pad=30 if marks and axes is grid[0, 0] else 6)
        axes.set_ylabel(ylabel)
        axes.grid(axis="x", visible=False)
        if percent:
            percent_axis(axes.yaxis)
        else:
            plain_axis(axes.yaxis)
    _name_marks(grid[0, 0], marks or {})
    grid[-1, 0].xaxis.set_major_locator(YearLocator())
    grid[-1, 0].xaxis.set_major_formatter(DateFormatter("%Y"))
    return figure


def _name_marks(axes: Axes, marks: Mapping[str, pd.Timestamp]) -> None:
    for label, date in marks.items():
        axes.annotate(
            label,
            (date, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=9,
            color=GREY,
        )


def break_statistics(
    panels: Mapping[str, tuple[pd.Series, float, tuple[Any, Any, Any]]],
    *,
    title: str,
    ylabel: str,
    bar_name: str,
) -> Figure:
    """A break statistic at every date tried, with its bar and the date found.

    Parameters
    ----------
    panels : mapping of panel title to (statistics by date, bar, dates)
        ``dates`` are the date found and the two ends of its interval.
    title, ylabel : str
    bar_name : str
        What the bar is, written beside it.
    """
    from matplotlib.dates import DateFormatter, YearLocator

    figure, grid = new_figure(
        1.6 + 2.2 * len(panels),
        len(panels),
        title=title,
        sharex=True,
        sharey=True,
        squeeze=False,
    )
    top = max(max(float(path.max()), bar) for path, bar, _ in panels.values())
    for axes, (name, (path, bar, (found, low, high))) in zip(
        grid[:, 0], panels.items(), strict=True
    ):
        axes.axvspan(low, high, color=SHADE, zorder=0)
        axes.plot(path.index, path, color=BLUE)
        axes.axvline(found, color=ORANGE, linestyle="--", linewidth=1.4)
        axes.annotate(
            f"{found:%Y-%m-%d}",
            (found, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(4, -2),
            textcoords="offset points",
            va="top",
            fontsize=9,
            color=ORANGE,
            weight="bold",
        )
        axes.axhline(bar, color=BLACK, linewidth=1)
        axes.annotate(
            bar_name,
            (1.0, bar),
            xycoords=("axes fraction", "data"),
            xytext=(0, 3),
            textcoords="offset points",
            ha="right",
            fontsize=9,
        )
        axes.set_ylim(0, 1.25 * top)
        axes.set_title(name, loc="left")
        axes.set_ylabel(ylabel)
        axes.grid(axis="x", visible=False)
    grid[-1, 0].xaxis.set_major_locator(YearLocator())
    grid[-1, 0].xaxis.set_major_formatter(DateFormatter("%Y"))
    return figure
