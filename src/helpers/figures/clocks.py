"""News and prices against the opening hours of exchanges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.errors import HelpersError
from helpers.figures import parts, style, ticks
from helpers.figures.checks import known, series_of, some, table_of
from helpers.figures.paths import placebo_band

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NEW_YORK = "America/New_York"
NIGHT = "#f2f2f2"
# Shown before and after the sessions; hours that a night takes where it is narrowed.
_BEFORE, _AFTER, NIGHT_HOURS = pd.Timedelta(hours=30), pd.Timedelta(hours=6), 0.9


def opening_hours(
    news: Mapping[str, tuple[pd.Timestamp, pd.Timestamp]],
    hours: Mapping[str, pd.DataFrame],
    chosen: Mapping[tuple[str, str], Sequence[pd.Timestamp]],
    *,
    title: str,
    clock: str,
    subtitle: str | None = None,
) -> Figure:
    """Draw sessions as bars, the news as a band, and the sessions that it meets.

    A panel shows the sessions from 30 hours before the news to 6 hours after the last
    that is chosen; day 0 is filled and bears 0, the others +1, +2, …

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
    subtitle : str, optional

    Raises
    ------
    HelpersError
        If a panel and city have no session chosen, or it is not among the hours.

    Examples
    --------
    >>> opens = pd.date_range("2025-08-21 13:30", periods=2, tz="UTC")
    >>> days = pd.DataFrame({"open": opens, "close": opens + pd.Timedelta(hours=6.5)},
    ...                     index=opens.tz_localize(None).normalize())
    >>> figure = opening_hours(
    ...     {"The remark": (opens[0], opens[0])}, {"New York": days},
    ...     {("The remark", "New York"): list(days.index)},
    ...     title="It came before the open", clock="America/New_York",
    ... )
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['0', '+1']
    """
    known([(panel, city) for panel in some(news, "news") for city in hours], chosen,
          "opening_hours: the sessions chosen")  # fmt: skip
    tables = {city: table_of(table, f"hours of {city}", ("open", "close"))
              for city, table in some(hours, "hours").items()}  # fmt: skip
    figure, grid = style.new_figure(
        1.2 + (0.8 + 0.32 * len(tables)) * len(news), len(news), title=title,
        subtitle=subtitle, squeeze=False,
    )  # fmt: skip
    for axes, (panel, instants) in zip(grid[:, 0], news.items(), strict=True):
        ends = []
        for city, table in tables.items():
            known(chosen[panel, city], table.index, f"hours of {city}")
            ends.append(table.at[chosen[panel, city][-1], "close"])
        low, high = instants[0] - _BEFORE, max(*ends, instants[1]) + _AFTER
        for row, (city, table) in enumerate(tables.items()):
            inside = table[(table["open"] > low) & (table["close"] < high)]
            own = list(chosen[panel, city])
            for session, opened in inside.iterrows():
                _bar(axes, row, opened, own.index(session) if session in own else None,
                     clock)  # fmt: skip
        band = [_local(instant, clock) for instant in instants]
        axes.axvspan(*band, color=style.ORANGE, alpha=0.3, zorder=0)
        axes.axvline(band[0], color=style.ORANGE, linewidth=1.6)
        parts.panel_title(axes, panel)
        parts.rows_axis(axes, list(tables))
        axes.set_xlim(_local(low, clock), _local(high, clock))
        ticks.date_axis(axes.xaxis)
    grid[-1, 0].set_xlabel(f"Clock of {clock.rpartition('/')[2].replace('_', ' ')}")
    return figure


def _bar(axes: Axes, row: int, opened: Any, place: int | None, clock: str) -> None:
    """A session; those of the window bear their number, day 0 filled."""
    start, end = (_local(opened[edge], clock) for edge in ("open", "close"))
    axes.barh(
        row, end - start, left=start, height=0.66, zorder=2,
        color=style.BLUE if place == 0 else "#e3e3e3", linewidth=2.2 if place else 0.6,
        edgecolor=style.BLUE if place else style.GREY,
    )  # fmt: skip
    if place is not None:
        axes.text(
            start + (end - start) / 2, row, f"+{place}" if place else "0", ha="center",
            va="center", fontsize=style.SMALL, weight="bold", clip_on=True, zorder=3,
            color=style.BLACK if place else "white",
        )  # fmt: skip


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
    subtitle : str, optional

    Raises
    ------
    HelpersError
        If a panel is empty, or bands, news or marks belong to none.

    Examples
    --------
    >>> bars = pd.date_range("2025-08-21 13:35", periods=3, freq="5min", tz="UTC")
    >>> line = pd.Series([0.001, 0.004, 0.002], index=bars)
    >>> figure = day_panels({"21 August": {"Nvidia": line}}, title="Calm", ylabel="CAR")
    >>> figure.axes[0].get_title("left")
    '21 August'
    """
    bands, news, marks = bands or {}, news or {}, marks or {}
    known([*bands, *news, *marks], some(panels, "panels"), "day_panels: a panel")
    styles = style.series_styles(
        dict.fromkeys(name for own in panels.values() for name in own), colours
    )
    rows = (len(panels) + 1) // 2
    figure, grid = style.new_figure(
        1.2 + 2.75 * rows, rows, 2, title=title, subtitle=subtitle,
        sharey=True, squeeze=False,
    )  # fmt: skip
    for number, (panel, lines) in enumerate(panels.items()):
        axes = grid.flat[number]
        first = series_of(next(iter(some(lines, panel).values())), panel)
        hours = _hours(first.index, clock)
        start = hours[0] - NIGHT_HOURS
        axes.axvspan(start, hours[0], color=NIGHT, zorder=-2)
        if panel in news:
            seconds = [one.timestamp() for one in first.index]
            edges = np.interp([one.timestamp() for one in news[panel]], seconds, hours,
                              left=start)  # fmt: skip
            axes.axvspan(edges[0], max(edges[1], edges[0] + 0.04), color=style.SHADE,
                         zorder=-1)  # fmt: skip
        if panel in bands:
            known(first.index, bands[panel].index, "day_panels: an instant of the band")
            night = pd.DataFrame({"low": 0.0, "high": 0.0}, index=[start])
            band = bands[panel].loc[first.index].set_axis(hours)
            placebo_band(axes, pd.concat([night, band]), name=None)
        for name, line in lines.items():
            at = np.append(start, _hours(series_of(line, name).index, clock))
            axes.plot(at, np.append(0, line), color=styles[name].colour,
                      linestyle=styles[name].dash, linewidth=1.5)  # fmt: skip
        if panel in marks:
            known([marks[panel]], first.index, "day_panels: a mark")
            axes.plot(
                _hours(pd.DatetimeIndex([marks[panel]]), clock), first[marks[panel]],
                "o", color=style.BLACK, markersize=10, markeredgewidth=1.6,
                markerfacecolor="none",
            )  # fmt: skip
        parts.zero_line(axes)
        _clock_axis(axes)
        axes.margins(x=0)
        parts.panel_title(axes, fill(panel, 38))
    for axes in grid.flat[len(panels) :]:
        axes.set_visible(False)
    for axes in grid[:, 0]:
        axes.set_ylabel(ylabel)
    ticks.percent_axis(grid[0, 0].yaxis)
    parts.legend_below(figure, [parts.key(name, one.colour, "", dash=one.dash)
                                for name, one in styles.items() if name])  # fmt: skip
    return figure


def day_shape(
    panels: Mapping[str, pd.Series],
    *,
    title: str,
    xlabel: str = "New York",
    subtitle: str | None = None,
) -> Figure:
    """What is usual over the day: one panel for each quantity, from zero.

    Parameters
    ----------
    panels : mapping of axis label to Series
        By hour of the day, such as 9.5 for 9:30.
    title, xlabel, subtitle : str

    Raises
    ------
    HelpersError
        If a Series is empty.

    Examples
    --------
    >>> volume = pd.Series([2.0, 1.0, 1.8], index=[9.5, 12.0, 15.9])
    >>> day_shape({"Volume": volume}, title="A smile").axes[0].get_ylabel()
    'Volume'
    """
    rows = (len(some(panels, "panels")) + 1) // 2
    figure, grid = style.new_figure(
        1.0 + 2.4 * rows, rows, min(len(panels), 2), title=title, subtitle=subtitle,
        squeeze=False,
    )  # fmt: skip
    for number, (name, line) in enumerate(panels.items()):
        axes = grid.flat[number]
        axes.plot(line.index, series_of(line, name), color=style.BLUE)
        axes.set_ylim(bottom=min(0, axes.get_ylim()[0]) if line.min() < 0 else 0)
        axes.set_ylabel(name)
        axes.set_xlabel(xlabel)
        _clock_axis(axes)
        ticks.number_axis(axes.yaxis)
    for axes in grid.flat[len(panels) :]:
        axes.set_visible(False)
    return figure


def _clock_axis(axes: Axes) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 4, 10], integer=True))
    axes.xaxis.set_major_formatter(lambda x, _: f"{int(x)}:{60 * (x % 1):02.0f}")
    axes.grid(axis="x", visible=False)


def _hours(instants: Any, clock: str) -> np.ndarray:
    if not isinstance(instants, pd.DatetimeIndex) or instants.tz is None:
        raise HelpersError("The lines have no instants with a time zone.")
    local = instants.tz_convert(clock)
    return np.asarray(local.hour + local.minute / 60)


def _local(instant: pd.Timestamp, clock: str) -> pd.Timestamp:
    return instant.tz_convert(clock).tz_localize(None)
