"""Paths over several sessions, with the news above them and nights narrowed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.errors import HelpersError
from helpers.figures import parts, style, ticks
from helpers.figures.checks import series_of, some, table_of
from helpers.figures.clocks import NEW_YORK, NIGHT, NIGHT_HOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def trading_weeks(
    sessions: pd.DataFrame,
    news: pd.DataFrame,
    panels: Mapping[str, Mapping[str, pd.Series]],
    volume: pd.Series | None = None,
    *,
    title: str,
    clock: str = NEW_YORK,
    colours: Mapping[str, str] | None = None,
    subtitle: str | None = None,
) -> Figure:
    """Announcements above paths over several sessions, nights narrowed.

    Parameters
    ----------
    sessions : DataFrame
        Columns open and close, instants, in order; paths begin at zero at the
        close before, a night before the first open.
    news : DataFrame
        Columns title, earliest_at and latest_at, and optionally verified (bool;
        others hollow), in the order shown; what is outside the sessions stands at
        the nearer end.
    panels : mapping of axis label to mapping of name to Series
        Decimal, by the instant at which each period ends.
    volume : Series, optional
        Over what is usual at that time of day, by the end of the bar.
    title : str
    clock : str
        IANA zone of the days' names.
    colours : mapping of name to colour, optional
    subtitle : str, optional

    Raises
    ------
    HelpersError
        If a table lacks a column, or a path has an instant outside the sessions.

    Examples
    --------
    >>> opens = pd.date_range("2025-08-21 13:30", periods=2, tz="UTC")
    >>> days = pd.DataFrame({"open": opens, "close": opens + pd.Timedelta(hours=6.5)})
    >>> news = pd.DataFrame({"title": ["V3.1"], "earliest_at": opens[:1],
    ...                      "latest_at": opens[:1]})
    >>> line = pd.Series([0.01, 0.02], index=opens + pd.Timedelta(minutes=5))
    >>> figure = trading_weeks(days, news, {"CAR": {"Nvidia": line}}, title="Calm")
    >>> len(figure.axes)
    2
    """
    table_of(sessions, "sessions", ("open", "close"))
    if len(news):  # there are quiet weeks
        table_of(news, "news", ("title", "earliest_at", "latest_at"))
    axis = _TradingTime(sessions, clock)
    styles = style.series_styles(
        dict.fromkeys(name for own in some(panels, "panels").values() for name in own),
        colours,
    )
    heights = [
        0.3 * max(len(news), 1),
        *[2.2] * len(panels),
        *([] if volume is None else [1]),
    ]
    figure, grid = style.new_figure(
        1.4 + sum(heights), len(heights), title=title, subtitle=subtitle,
        sharex=True, height_ratios=heights,
    )  # fmt: skip
    for axes in grid:
        axis.decorate(axes)
    shades = axis.announce(grid[0], news)
    for number, (ylabel, lines) in enumerate(panels.items(), start=1):
        axes = grid[number]
        for start, end in shades:
            axes.axvspan(start, max(end, start + 0.08), color=style.SHADE, zorder=-1)
        ends = {}
        for name, line in lines.items():
            x = axis.place(series_of(line, name).index, name)
            look = styles[name]
            axes.plot(np.append(0, x), np.append(0, line), color=look.colour,
                      linestyle=look.dash, linewidth=1.5)  # fmt: skip
            ends[name] = (axis.end, float(line.iloc[-1]))
        parts.zero_line(axes)
        parts.label_ends(axes, ends, styles)
        ticks.percent_axis(axes.yaxis)
        axes.set_ylabel(ylabel)
    if volume is not None:
        right = axis.place(series_of(volume, "volume").index, "volume")
        wide = np.diff(right, prepend=right[0]).clip(max=np.median(np.diff(right)))
        grid[-1].bar(right, volume, width=-wide, align="edge", color=style.BLUE)
        grid[-1].axhline(1, color=style.GREY, linewidth=1)
        grid[-1].set_ylabel("Volume,\nusual = 1")
        ticks.number_axis(grid[-1].yaxis)
    return figure


class _TradingTime:
    """Trading hours laid out from left to right, nights narrowed."""

    def __init__(self, sessions: pd.DataFrame, clock: str) -> None:
        self.opens = [one.tz_convert(clock) for one in sessions["open"]]
        self.instants = [self.opens[0].timestamp() - 17.5 * 3600]
        self.places = [0.0]
        for opened, closed in zip(sessions["open"], sessions["close"], strict=True):
            start = self.places[-1] + NIGHT_HOURS
            long = (closed - opened) / pd.Timedelta(hours=1)
            self.instants += [opened.timestamp(), closed.timestamp()]
            self.places += [start, start + long]
        self.end = self.places[-1]

    def place(self, instants: Any, name: str) -> np.ndarray:
        """Where the instants of a line stand, all of them within the sessions."""
        if not isinstance(instants, pd.DatetimeIndex) or instants.tz is None:
            raise HelpersError(f"{name!r} has no instants with a time zone.")
        seconds = [one.timestamp() for one in instants]
        if min(seconds) < self.instants[0] or max(seconds) > self.instants[-1]:
            raise HelpersError(f"{name!r} has instants outside the sessions.")
        return np.interp(seconds, self.instants, self.places)

    def decorate(self, axes: Axes) -> None:
        """Part the sessions and name them under the lowest axes."""
        starts, ends = np.array(self.places[1::2]), np.array(self.places[2::2])
        for start in starts:
            axes.axvspan(start - NIGHT_HOURS, start, color=NIGHT, zorder=-2)
        names = [f"{one:%a}\n{one.day} {one:%b}" for one in self.opens]
        axes.set_xticks((starts + ends) / 2, names)
        axes.tick_params(axis="x", length=0)
        axes.grid(axis="x", visible=False)
        axes.set_xlim(0, self.end)

    def announce(self, axes: Axes, news: pd.DataFrame) -> list[tuple[float, float]]:
        """Write the news in rows; return where those stand that are verified."""
        shades = []
        for row, about in enumerate(news.to_dict("records")):
            # News outside the sessions stands at the nearer end.
            seconds = [about[edge].timestamp() for edge in ("earliest_at", "latest_at")]
            start, end = np.interp(seconds, self.instants, self.places)
            sure = bool(about.get("verified", True))
            face, text = ("black", "") if sure else ("white", " (unverified)")
            if end - start < 0.1:
                axes.plot(start, row, "D", color="black", markerfacecolor=face,
                          clip_on=False)  # fmt: skip
            else:
                axes.barh(row, end - start, left=start, height=0.42, facecolor=face,
                          edgecolor="black", linewidth=1.2)  # fmt: skip
            right = start < self.end / 2
            axes.annotate(
                about["title"] + text, (end if right else start, row), va="center",
                xytext=(8 if right else -8, 0), textcoords="offset points",
                ha="left" if right else "right", fontsize=style.SMALL,
                annotation_clip=False,
            )  # fmt: skip
            shades += [(start, end)] * sure
        axes.set_ylim(max(len(news), 1) - 0.4, -0.6)
        axes.set_yticks([])
        parts.bare(axes)
        return shades
