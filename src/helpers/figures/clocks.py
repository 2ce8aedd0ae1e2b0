"""News and prices against the opening hours of exchanges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.errors import HelpersError
from helpers.figures.axes import number_axis, percent_axis
from helpers.figures.checks import known, series_of, some, table_of
from helpers.figures.paths import placebo_band
from helpers.figures.style import (
    BLACK,
    BLUE,
    GREY,
    ORANGE,
    SHADE,
    SMALL,
    Style,
    key,
    label_ends,
    legend_below,
    new_figure,
    panel_title,
    series_styles,
    zero_line,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NEW_YORK = "America/New_York"
_NIGHT = "#f2f2f2"
# Shown before the news; hours that a night takes in a row of sessions and in a panel.
_MARGIN, _NIGHT_HOURS, _NIGHT_PANEL = pd.Timedelta(hours=30), 1.2, 0.75


def opening_hours(
    news: Mapping[str, tuple[pd.Timestamp, pd.Timestamp]],
    hours: Mapping[str, pd.DataFrame],
    chosen: Mapping[tuple[str, str], Sequence[pd.Timestamp]],
    *,
    title: str,
    clock: str,
    subtitle: str | None = None,
    source: str | None = None,
) -> Figure:
    """Draw sessions as bars, the news as a band, and the sessions that it meets.

    Parameters
    ----------
    news : mapping of panel title to (earliest, latest)
        Instants between which the news became public.
    hours : mapping of city to DataFrame
        By session: open and close, instants.
    chosen : mapping of (panel title, city) to sessions
        Day 0 first, then the further sessions of the window.
    title : str
    clock : str
        IANA zone in which the horizontal axis is told.
    subtitle, source : str, optional

    Raises
    ------
    HelpersError
        If a panel and city have no session chosen, or it is not among the hours.
    """
    from matplotlib.dates import DayLocator

    figure, grid = new_figure(
        1.2 + (0.8 + 0.32 * len(hours)) * len(some(news, "news")), len(news),
        title=title, subtitle=subtitle, source=source, squeeze=False,
    )  # fmt: skip
    for city, table in some(hours, "hours").items():
        table_of(table, ("open", "close"), f"hours of {city}")
    for axes, (panel, (earliest, latest)) in zip(grid[:, 0], news.items(), strict=True):
        ends = []
        for city, table in hours.items():
            known([(panel, city)], chosen, "opening_hours")
            known(chosen[panel, city], table.index, f"hours of {city}")
            ends.append(table.at[chosen[panel, city][-1], "close"])
        low, high = earliest - _MARGIN, max(ends) + pd.Timedelta(hours=6)
        for row, (city, table) in enumerate(hours.items()):
            inside = table[(table["open"] > low) & (table["close"] < high)]
            for session, opened in inside.iterrows():
                _bar(axes, row, opened, session, chosen[panel, city], clock)
        band = [_local(instant, clock) for instant in (earliest, latest)]
        axes.axvspan(*band, color=ORANGE, alpha=0.3, zorder=0)
        axes.axvline(band[0], color=ORANGE, linewidth=1.6)
        panel_title(axes, panel)
        axes.set_xlim(_local(low, clock), _local(high, clock))
        axes.set_yticks(range(len(hours)), list(hours))
        axes.set_ylim(len(hours) - 0.4, -0.6)
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="y", visible=False)
        axes.xaxis.set_major_locator(DayLocator())
        axes.xaxis.set_major_formatter(lambda x, _: _weekday(x))
    grid[-1, 0].set_xlabel(f"Clock of {_city(clock)}")
    return figure


def _bar(
    axes: Axes, row: int, opened: Any, session: Any, chosen: Any, clock: str
) -> None:
    start, end = (_local(opened[edge], clock) for edge in ("open", "close"))
    first, later = session == chosen[0], session in list(chosen[1:])
    axes.barh(
        row, end - start, left=start, height=0.66, color=BLUE if first else "#e3e3e3",
        edgecolor=BLUE if later else GREY, linewidth=2.2 if later else 0.6, zorder=2,
    )  # fmt: skip
    number = f"+{list(chosen).index(session)}" if later else f"{session.day}"
    axes.text(
        start + (end - start) / 2, row, "day 0" if first else number, ha="center",
        va="center", fontsize=SMALL, color="white" if first else BLACK, clip_on=True,
        weight="bold" if first or later else "normal", zorder=3,
    )  # fmt: skip


def trading_weeks(
    sessions: pd.DataFrame,
    news: pd.DataFrame,
    panels: Mapping[str, Mapping[str, pd.Series]],
    volume: pd.Series | None = None,
    *,
    title: str,
    clock: str = NEW_YORK,
    volume_label: str = "Volume,\nusual = 1",
    colours: Mapping[str, str] | None = None,
    subtitle: str | None = None,
    source: str | None = None,
) -> Figure:
    """Announcements above paths over several sessions, nights narrowed.

    Parameters
    ----------
    sessions : DataFrame
        Columns open and close, instants, in order; paths begin at zero at the
        close before, a night before the first open.
    news : DataFrame
        Columns title, earliest_at and latest_at, and optionally verified (bool;
        others hollow), in the order shown.
    panels : mapping of axis label to mapping of name to Series
        Decimal, by the instant at which each period ends.
    volume : Series, optional
        Over what is usual at that time of day, by the end of the bar.
    title, volume_label : str
    clock : str
        IANA zone of the days' names.
    colours : mapping of name to colour, optional
    subtitle, source : str, optional

    Raises
    ------
    HelpersError
        If a table lacks a column, or a path has an instant outside the sessions.
    """
    axis = _Hours(table_of(sessions, ("open", "close"), "sessions"), clock)
    table_of(news, ("title", "earliest_at", "latest_at"), "news")
    names = dict.fromkeys(
        name for own in some(panels, "panels").values() for name in own
    )
    styles = series_styles(names, colours)
    rows, count = 0.3 * len(news), len(panels) + (volume is not None)
    figure, grid = new_figure(
        1.2 + rows + 2.2 * len(panels) + (volume is not None), 1 + count, title=title,
        subtitle=subtitle, source=source, sharex=True,
        height_ratios=[rows, *[2.2] * len(panels), 1][: 1 + count],
    )  # fmt: skip
    verified = news.get("verified", pd.Series(True, news.index)).astype(bool)
    stretches = [
        axis.place([row.earliest_at, row.latest_at]) for row in news.itertuples()
    ]
    for axes in grid:
        axis.decorate(axes)
    _announcements(grid[0], list(news["title"]), stretches, list(verified), axis.end)
    for axes, (ylabel, lines) in zip(grid[1:], panels.items(), strict=False):
        for (start, end), sure in zip(stretches, verified, strict=True):
            if sure:
                axes.axvspan(start, max(end, start + 0.08), color=SHADE, zorder=-1)
        ends = {}
        for name, line in lines.items():
            series_of(line, name)
            axis.check(line.index, name)
            axes.plot(np.append(0, axis.place(line.index)), np.append(0, line),
                      color=styles[name].colour, linestyle=styles[name].dash,
                      linewidth=1.5)  # fmt: skip
            ends[name] = (axis.end, float(line.iloc[-1]))
        zero_line(axes)
        label_ends(axes, ends, styles)
        percent_axis(axes.yaxis)
        axes.set_ylabel(ylabel)
    if volume is not None:
        right = axis.place(series_of(volume, "volume").index)
        grid[-1].bar(right, volume, width=-1 / 12, align="edge", color=BLUE)
        grid[-1].axhline(1, color=GREY, linewidth=1)
        grid[-1].set_ylabel(volume_label)
        number_axis(grid[-1].yaxis)
    return figure


class _Hours:
    """Trading hours laid out from left to right, nights narrowed."""

    def __init__(self, sessions: pd.DataFrame, clock: str) -> None:
        self.sessions, self.clock = sessions, clock
        first = sessions["open"].iloc[0]
        self.instants = [first - pd.Timedelta(hours=17.5)]
        self.places = [0.0]
        for row in sessions.itertuples():
            start = self.places[-1] + _NIGHT_HOURS
            self.instants += [row.open, row.close]
            self.places += [
                start,
                start + (row.close - row.open).total_seconds() / 3600,
            ]
        self.end = self.places[-1]

    def place(self, instants: Any) -> np.ndarray:
        """Where instants stand; those outside stand at the nearer end."""
        known_at = [one.timestamp() for one in self.instants]
        return np.interp([one.timestamp() for one in instants], known_at, self.places)

    def check(self, instants: pd.Index, name: str) -> None:
        if not isinstance(instants, pd.DatetimeIndex) or instants.tz is None:
            raise HelpersError(f"{name!r} has no instants with a time zone.")
        if instants[0] < self.instants[0] or instants[-1] > self.instants[-1]:
            raise HelpersError(f"{name!r} has instants outside the sessions.")

    def decorate(self, axes: Axes) -> None:
        """Part the sessions and name them under the lowest axes."""
        middles = []
        for start, end in zip(self.places[1::2], self.places[2::2], strict=True):
            axes.axvspan(start - _NIGHT_HOURS, start, color=_NIGHT, zorder=-2)
            middles.append((start + end) / 2)
        opens = [one.tz_convert(self.clock) for one in self.sessions["open"]]
        names = [f"{one:%a}\n{one.day} {one:%b}" for one in opens]
        axes.set_xticks(middles, names)
        axes.tick_params(axis="x", length=0)
        axes.grid(axis="x", visible=False)
        axes.set_xlim(0, self.end)


def _announcements(
    axes: Axes, titles: list[str], spans: list[Any], verified: list[bool], width: float
) -> None:
    for row, (text, (start, end), sure) in enumerate(
        zip(titles, spans, verified, strict=True)
    ):
        face = BLACK if sure else "white"
        if end - start < 0.1:
            axes.plot(start, row, "D", color=BLACK, markerfacecolor=face, markersize=6)
        else:
            axes.barh(row, end - start, left=start, height=0.42, facecolor=face,
                      edgecolor=BLACK, linewidth=1.2)  # fmt: skip
        right = start < width / 2
        axes.annotate(
            text if sure else f"{text} (unverified)", (end if right else start, row),
            xytext=(8 if right else -8, 0), textcoords="offset points", va="center",
            ha="left" if right else "right", fontsize=SMALL, annotation_clip=False,
        )  # fmt: skip
    axes.set_ylim(len(titles) - 0.4, -0.6)
    axes.set_yticks([])
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)


def day_panels(
    panels: Mapping[str, Mapping[str, pd.Series]],
    *,
    title: str,
    ylabel: str,
    bands: Mapping[str, pd.DataFrame] | None = None,
    news: Mapping[str, tuple[pd.Timestamp, pd.Timestamp]] | None = None,
    marks: Mapping[str, pd.Timestamp] | None = None,
    clock: str = NEW_YORK,
    colours: Mapping[str, str] | None = None,
    subtitle: str | None = None,
    source: str | None = None,
) -> Figure:
    """Sessions side by side, two in a row, on one scale from the close before.

    Parameters
    ----------
    panels : mapping of panel title to mapping of name to Series
        Decimal, by the instant at which each period ends; the first is the night.
    title, ylabel : str
    bands : mapping of panel title to DataFrame, optional
        Columns low and high by the same instants: what clear sessions give.
    news : mapping of panel title to (earliest, latest), optional
        Between which the news came, shaded.
    marks : mapping of panel title to Timestamp, optional
        End of a bar that stands out, ringed on the first line.
    clock : str
        IANA zone of the hours.
    colours : mapping of name to colour, optional
    subtitle, source : str, optional

    Raises
    ------
    HelpersError
        If a panel is empty, or bands, news or marks belong to none.
    """
    bands, news, marks = bands or {}, news or {}, marks or {}
    for given, what in ((bands, "bands"), (news, "news"), (marks, "marks")):
        known(given, some(panels, "panels"), what)
    styles = series_styles(
        dict.fromkeys(name for own in panels.values() for name in own), colours
    )
    rows = (len(panels) + 1) // 2
    figure, grid = new_figure(
        1.2 + 2.75 * rows, rows, 2, title=title, subtitle=subtitle, source=source,
        sharey=True, squeeze=False,
    )  # fmt: skip
    for axes, (name, own) in zip(grid.flat, panels.items(), strict=False):
        _day(axes, own, styles, bands.get(name), news.get(name), marks.get(name), clock)
        panel_title(axes, fill(name, 38))
    for axes in grid.flat[len(panels) :]:
        axes.set_visible(False)
    for axes in grid[:, 0]:
        axes.set_ylabel(ylabel)
    percent_axis(grid[0, 0].yaxis)
    legend_below(figure, [key(name, one.colour, "", dash=one.dash)
                          for name, one in styles.items()])  # fmt: skip
    return figure


def _day(
    axes: Axes,
    lines: Mapping[str, pd.Series],
    styles: Mapping[str, Style],
    band: pd.DataFrame | None,
    news: tuple[pd.Timestamp, pd.Timestamp] | None,
    mark: pd.Timestamp | None,
    clock: str,
) -> None:
    first = next(iter(some(lines, "a panel").values()))
    hours = _clock_hours(first.index, clock)
    start = hours[0] - _NIGHT_PANEL
    axes.axvspan(start, hours[0], color=_NIGHT, zorder=-2)
    if news is not None:
        edges = [_edge(one, first.index, hours, start, clock) for one in news]
        axes.axvspan(edges[0], max(edges[1], edges[0] + 0.04), color=SHADE, zorder=-1)
    if band is not None:
        whole = pd.DataFrame({end: np.append(0, band[end]) for end in ("low", "high")},
                             index=np.append(start, hours))  # fmt: skip
        placebo_band(axes, whole, name=None)
    for name, line in lines.items():
        series_of(line, name)
        at = _clock_hours(line.index, clock)
        axes.plot(np.append(start, at), np.append(0, line), color=styles[name].colour,
                  linestyle=styles[name].dash, linewidth=1.5)  # fmt: skip
    if mark is not None:
        axes.plot(
            _clock_hours(pd.DatetimeIndex([mark]), clock), first[mark], "o",
            color=BLACK, markerfacecolor="none", markersize=10, markeredgewidth=1.6,
        )  # fmt: skip
    zero_line(axes)
    ticks = np.arange(np.ceil(hours[0] / 2) * 2, hours[-1] + 0.01, 2)
    axes.set_xticks(ticks, [f"{int(tick)}:00" for tick in ticks])
    axes.set_xlim(start, hours[-1])
    axes.grid(axis="x", visible=False)


def day_shape(
    panels: Mapping[str, pd.Series],
    *,
    title: str,
    xlabel: str = "New York",
    subtitle: str | None = None,
    source: str | None = None,
) -> Figure:
    """What is usual over the day: one panel for each quantity, from zero.

    Parameters
    ----------
    panels : mapping of axis label to Series
        By hour of the day, such as 9.5 for 9:30.
    title, xlabel : str
    subtitle, source : str, optional

    Raises
    ------
    HelpersError
        If a Series is empty.
    """
    figure, grid = new_figure(
        3.4, 1, len(some(panels, "panels")), title=title, subtitle=subtitle,
        source=source, squeeze=False,
    )  # fmt: skip
    for axes, (name, line) in zip(grid[0], panels.items(), strict=True):
        axes.plot(line.index, series_of(line, name), color=BLUE)
        axes.set_ylim(0, None)
        axes.set_ylabel(name)
        axes.xaxis.set_major_formatter(
            lambda hour, _: f"{int(hour)}:{60 * (hour % 1):02.0f}"
        )
        axes.locator_params(axis="x", nbins=4, steps=[1, 2, 5])
        number_axis(axes.yaxis)
        axes.set_xlabel(xlabel)
    return figure


def _clock_hours(instants: Any, clock: str) -> np.ndarray:
    if not isinstance(instants, pd.DatetimeIndex) or instants.tz is None:
        raise HelpersError("The lines have no instants with a time zone.")
    local = instants.tz_convert(clock)
    return np.asarray(local.hour + local.minute / 60)


def _edge(
    instant: pd.Timestamp, instants: Any, hours: np.ndarray, start: float, clock: str
) -> float:
    """Where an instant stands in a panel, whose night is one step."""
    if instant < instants[0]:
        return start
    if instant > instants[-1]:
        return float(hours[-1])
    return float(_clock_hours(pd.DatetimeIndex([instant]), clock)[0])


def _local(instant: pd.Timestamp, clock: str) -> pd.Timestamp:
    return instant.tz_convert(clock).tz_localize(None)


def _weekday(x: float) -> str:
    from matplotlib.dates import num2date

    date = num2date(x)
    return f"{date:%a} {date.day} {date:%b}"


def _city(clock: str) -> str:
    return clock.rpartition("/")[2].replace("_", " ")
