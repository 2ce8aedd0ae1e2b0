"""Figures inside the day: an axis of trading time, paths, patterns, power."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers.presentation.style import (
    BLACK,
    BLUE,
    GREY,
    LIGHT,
    ORANGE,
    label_end,
    new_figure,
    percent_axis,
    spread,
    zero_line,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NEW_YORK = "America/New_York"
SHADE = "#ffe9b8"
# How wide the night is drawn, in bars of five minutes.
NIGHT_BARS = 14
LINES = ((BLUE, "-"), (ORANGE, "-."), (GREY, "--"))


@dataclass(frozen=True)
class TradingAxis:
    """Trading time laid out from left to right, nights narrowed.

    Attributes
    ----------
    opens, closes : DatetimeIndex
        Instants of the sessions shown, in order, and their close.
    before : Timestamp
        The close before the first session.
    """

    opens: pd.DatetimeIndex
    closes: pd.DatetimeIndex
    before: pd.Timestamp

    def _edges(self) -> tuple[list[pd.Timestamp], list[float]]:
        instants, places = [self.before], [0.0]
        for opened, closed in zip(self.opens, self.closes, strict=True):
            start = places[-1] + NIGHT_BARS
            bars = (closed - opened) / pd.Timedelta("5min")
            instants += [opened, closed]
            places += [start, start + bars]
        return instants, places

    def place(self, instants: pd.DatetimeIndex) -> np.ndarray:
        """Where instants stand; those outside stand at the nearer end."""
        known, places = self._edges()
        seconds = [one.timestamp() for one in known]
        return np.interp([one.timestamp() for one in instants], seconds, places)

    def decorate(self, axes: Axes) -> None:
        """Part the sessions and name them under the lowest axes."""
        _, places = self._edges()
        hours: list[float] = []
        for start, end in zip(places[1::2], places[2::2], strict=True):
            axes.axvspan(start - NIGHT_BARS, start, color="#f2f2f2", zorder=-2)
            hours += np.arange(start + 6, end, 12).tolist()
        axes.vlines(
            hours, 0, 1, transform=axes.get_xaxis_transform(), color="#efefef",
            linewidth=0.6, zorder=-3,
        )  # fmt: skip
        middles = [(a + b) / 2 for a, b in zip(places[1::2], places[2::2], strict=True)]
        names = [
            f"{one:%a} {one.day} {one:%b}" for one in self.opens.tz_convert(NEW_YORK)
        ]
        axes.set_xticks(middles, names)
        axes.tick_params(axis="x", length=0)
        axes.grid(axis="x", visible=False)
        axes.set_xlim(0, places[-1])


def trading_weeks(
    axis: TradingAxis,
    news: pd.DataFrame,
    prices: Mapping[str, pd.Series],
    abnormal: Mapping[str, pd.Series],
    volume: pd.Series,
    *,
    title: str,
) -> Figure:
    """Announcements, prices, abnormal returns and volume over several sessions.

    Parameters
    ----------
    axis : TradingAxis
    news : DataFrame
        Columns title, earliest_at, latest_at, verified, in the order shown.
    prices, abnormal : mapping of name to Series
        Change since the close before the first session, decimal, by the instant at
        which each period ends.
    volume : Series
        Volume over what is usual at that time of day, by the end of the bar.
    title : str
    """
    rows = len(news)
    figure, (strip, top, middle, low) = new_figure(
        5.9 + 0.34 * rows,
        4,
        title=title,
        sharex=True,
        height_ratios=[0.34 * rows, 2.4, 1.9, 1.0],
    )
    spans = [
        axis.place(pd.DatetimeIndex([row.earliest_at, row.latest_at]))
        for row in news.itertuples()
    ]
    for axes in (strip, top, middle, low):
        axis.decorate(axes)
    _announcements(strip, news, spans)
    for axes in (top, middle, low):
        for (start, end), verified in zip(spans, news["verified"], strict=True):
            if verified:
                axes.axvspan(
                    start, max(end, start + 1), color=SHADE, alpha=0.5, zorder=-1
                )
    for axes, lines in ((top, prices), (middle, abnormal)):
        ends = {name: float(series.iloc[-1]) for name, series in lines.items()}
        for series, (colour, dash) in zip(lines.values(), LINES, strict=False):
            axes.plot(
                np.append(0, axis.place(pd.DatetimeIndex(series.index))),
                np.append(0, series.to_numpy()),
                color=colour,
                linestyle=dash,
                linewidth=1.5,
            )
        zero_line(axes)
        bottom, ceiling = axes.get_ylim()
        places = spread(list(ends.values()), (ceiling - bottom) / 9)
        for name, place, (colour, _) in zip(ends, places, LINES, strict=False):
            label_end(axes, axes.get_xlim()[1], place, name, colour)
        percent_axis(axes.yaxis)
    top.set_ylabel("Price change")
    middle.set_ylabel("Abnormal return,\ncumulated")
    right = axis.place(pd.DatetimeIndex(volume.index))
    heights, ground = volume.to_numpy(), np.zeros(len(volume))
    low.fill_between(
        np.column_stack([right - 1, right - 1, right, right]).ravel(),
        np.column_stack([ground, heights, heights, ground]).ravel(),
        color=BLUE,
        linewidth=0,
    )
    low.axhline(1, color=GREY, linewidth=1)
    low.set_ylim(0, None)
    low.set_ylabel("Volume,\n× usual")
    low.set_xlabel("Session, New York; grey: the night, narrowed")
    return figure


def _announcements(axes: Axes, news: pd.DataFrame, spans: Sequence[np.ndarray]) -> None:
    """One row for each announcement: the interval of its clock, or its minute."""
    width = axes.get_xlim()[1]
    for row, (about, (start, end)) in enumerate(
        zip(news.itertuples(), spans, strict=True)
    ):
        face = BLACK if about.verified else "white"
        if end - start < 1:
            axes.plot(start, row, "D", color=BLACK, markerfacecolor=face, markersize=6)
        else:
            axes.barh(row, end - start, left=start, height=0.42, facecolor=face,
                      edgecolor=BLACK, linewidth=1.2)  # fmt: skip
        text = about.title if about.verified else f"{about.title} (unverified)"
        right = start < width / 2
        axes.annotate(
            text,
            (end if right else start, row),
            xytext=(8 if right else -8, 0),
            textcoords="offset points",
            ha="left" if right else "right",
            va="center",
            fontsize=9,
            annotation_clip=False,
        )
    axes.set_ylim(len(news) - 0.4, -0.6)
    axes.set_yticks([])
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)


@dataclass(frozen=True)
class DayPanel:
    """One session as it is drawn: paths from the close before.

    Attributes
    ----------
    lines : mapping of name to Series
        Decimal, by the instant at which each period ends; the first is the night.
    band : DataFrame, optional
        Columns low and high by the same instants: what clear sessions give.
    interval : (Timestamp, Timestamp), optional
        Between which the news came.
    mark : Timestamp, optional
        End of a bar that stands out.
    """

    lines: Mapping[str, pd.Series]
    band: pd.DataFrame | None = None
    interval: tuple[pd.Timestamp, pd.Timestamp] | None = None
    mark: pd.Timestamp | None = None


def day_panels(panels: Mapping[str, DayPanel], *, title: str, ylabel: str) -> Figure:
    """Sessions side by side, two in a row, on one scale.

    Parameters
    ----------
    panels : mapping of panel title to DayPanel
    title, ylabel : str
    """
    rows = (len(panels) + 1) // 2
    figure, grid = new_figure(
        1.2 + 2.75 * rows, rows, 2, title=title, sharey=True, squeeze=False
    )
    for axes, (name, panel) in zip(grid.ravel(), panels.items(), strict=False):
        _day(axes, panel)
        axes.set_title(fill(name, 40), loc="left", fontsize=10.5)
    for axes in grid.ravel()[len(panels) :]:
        axes.set_visible(False)
    for axes in grid[:, 0]:
        axes.set_ylabel(ylabel)
    percent_axis(grid[0, 0].yaxis)
    names = list(next(iter(panels.values())).lines)
    handles = [
        grid[0, 0].plot([], [], color=colour, linestyle=dash, label=name)[0]
        for name, (colour, dash) in zip(names, LINES, strict=False)
    ]
    figure.legend(
        handles=handles, loc="outside lower center", ncols=len(names), fontsize=10
    )
    return figure


def _day(axes: Axes, panel: DayPanel) -> None:
    instants = pd.DatetimeIndex(next(iter(panel.lines.values())).index)
    hours = _clock_hours(instants)
    start = hours[0] - 0.75  # the night, as wide as three quarters of an hour
    x = np.append(start, hours)
    axes.axvspan(start, hours[0], color="#f2f2f2", zorder=-2)
    if panel.interval:
        edges = [
            float(np.clip(edge, start, hours[-1]))
            for edge in _interval_hours(panel.interval, instants, start)
        ]
        axes.axvspan(edges[0], max(edges[1], edges[0] + 0.04), color=SHADE, zorder=-1)
    if panel.band is not None:
        axes.fill_between(
            x,
            np.append(0, panel.band["low"]),
            np.append(0, panel.band["high"]),
            facecolor=LIGHT,
            edgecolor=GREY,
            linewidth=0.6,
            zorder=0,
        )
    for series, (colour, dash) in zip(panel.lines.values(), LINES, strict=False):
        axes.plot(
            x, np.append(0, series.to_numpy()), color=colour, linestyle=dash,
            linewidth=1.5,
        )  # fmt: skip
    if panel.mark is not None:
        first = next(iter(panel.lines.values()))
        at = float(_clock_hours(pd.DatetimeIndex([panel.mark]))[0])
        axes.plot(
            at, first[panel.mark], "o", color=BLACK, markerfacecolor="none",
            markersize=10, markeredgewidth=1.6,
        )  # fmt: skip
    zero_line(axes)
    ticks = np.arange(10, hours[-1] + 0.01, 2)
    axes.set_xticks(ticks, [f"{int(tick)}:00" for tick in ticks])
    axes.set_xlim(start, hours[-1])
    axes.grid(axis="x", visible=False)


def _clock_hours(instants: pd.DatetimeIndex) -> np.ndarray:
    local = instants.tz_convert(NEW_YORK)
    return np.asarray(local.hour + local.minute / 60)


def _interval_hours(
    interval: tuple[pd.Timestamp, pd.Timestamp],
    instants: pd.DatetimeIndex,
    start: float,
) -> tuple[float, float]:
    """Where an interval stands in a session's panel; the night is one step."""
    out = []
    opened = _clock_hours(instants[:1])[0]
    for edge, if_night in zip(interval, (start, opened), strict=True):
        if edge < instants[0]:
            out.append(if_night)
        elif edge > instants[-1]:
            out.append(np.inf)
        else:
            out.append(float(_clock_hours(pd.DatetimeIndex([edge]))[0]))
    return out[0], out[1]


def day_shape(panels: Mapping[str, tuple[np.ndarray, str]], *, title: str) -> Figure:
    """What is usual over the day: one panel for each quantity.

    Parameters
    ----------
    panels : mapping of panel title to (values of the 78 bars, axis label)
    title : str
    """
    figure, grid = new_figure(3.4, 1, len(panels), title=title, squeeze=False)
    for axes, (name, (values, label)) in zip(grid[0], panels.items(), strict=True):
        hours = 9.5 + (np.arange(len(values)) + 0.5) / 12
        axes.plot(hours, values, color=BLUE)
        axes.set_ylim(0, None)
        axes.set_title(name, loc="left")
        axes.set_ylabel(label)
        axes.set_xticks([10, 12, 14, 16], ["10:00", "12:00", "14:00", "16:00"])
        axes.set_xlabel("New York")
    return figure


def calibration(
    p_values: Mapping[str, np.ndarray], power: pd.DataFrame, *, title: str
) -> Figure:
    """Placebo p-values on quiet sessions, and how many injected jumps are found.

    Parameters
    ----------
    p_values : mapping of name to ndarray
        One line each; on the diagonal they are uniform.
    power : DataFrame
        Index: size of the jump (decimal); columns promised, known,
        promised_search, searched.
    title : str
    """
    figure, (left, right) = new_figure(4.2, 1, 2, title=title)
    left.plot([0, 1], [0, 1], color=GREY, linewidth=1)
    for (name, values), (colour, dash) in zip(p_values.items(), LINES, strict=False):
        ordered = np.sort(values)
        share = np.arange(1, len(ordered) + 1) / len(ordered)
        left.plot(ordered, share, color=colour, linestyle=dash, label=name)
    left.legend(fontsize=9, loc="lower right")
    left.set_xlabel("Placebo p-value, session without news")
    left.set_ylabel("Share of sessions at or below")
    left.set_title("No news: uniform", loc="left")
    shown = (
        ("known", "promised", BLUE, "o", "minute known"),
        ("searched", "promised_search", ORANGE, "s", "minute searched"),
    )
    for found, promised, colour, marker, name in shown:
        right.plot(power.index, power[promised], color=colour, linewidth=1.2)
        right.plot(
            power.index, power[found], marker, color=colour, markersize=6, label=name
        )
    right.legend(
        fontsize=9, loc="lower right", title="line: promised", title_fontsize=9
    )
    percent_axis(right.xaxis, 1)
    percent_axis(right.yaxis)
    right.set_xlabel("Jump put into one bar")
    right.set_ylabel("Share found")
    right.set_title("Injected jumps", loc="left")
    return figure
