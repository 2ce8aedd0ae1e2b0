"""When news came, and the opening hours of the exchanges around it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from helpers.presentation.style import BLACK, BLUE, GREY, ORANGE, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Days shown before and after the news.
MARGIN = pd.Timedelta(hours=30)


def opening_hours(
    panels: Mapping[str, tuple[pd.Timestamp, pd.Timestamp]],
    hours: Mapping[str, pd.DataFrame],
    chosen: Mapping[tuple[str, str], pd.DatetimeIndex],
    *,
    title: str,
    clock: str,
) -> Figure:
    """Draw sessions as bars, the news as a band, and the sessions that it meets.

    Parameters
    ----------
    panels : mapping of panel title to (earliest, latest)
        Instants between which the news became public.
    hours : mapping of city to DataFrame
        By session: ``open`` and ``close``, instants.
    chosen : mapping of (panel title, city) to sessions
        Day 0 first, then the further sessions of the default window.
    title : str
    clock : str
        IANA zone in which the horizontal axis is told.
    """
    figure, grid = new_figure(
        1.2 + 1.75 * len(panels), len(panels), title=title, squeeze=False
    )
    for axes, (name, (earliest, latest)) in zip(
        grid[:, 0], panels.items(), strict=True
    ):
        ends = [hours[city].at[chosen[name, city][-1], "close"] for city in hours]
        low, high = earliest - MARGIN, max(ends) + pd.Timedelta(hours=6)
        for row, (city, table) in enumerate(hours.items()):
            inside = table[(table["open"] > low) & (table["close"] < high)]
            for session, opened in inside.iterrows():
                _bar(axes, row, opened, session, chosen[name, city], clock)
        band = [_local(instant, clock) for instant in (earliest, latest)]
        axes.axvspan(*band, color=ORANGE, alpha=0.3, zorder=0)
        axes.axvline(band[0], color=ORANGE, linewidth=1.6)
        axes.set_title(name, loc="left", fontsize=10)
        axes.set_xlim(_local(low, clock), _local(high, clock))
        _days(axes, list(hours))
    grid[-1, 0].set_xlabel(f"Clock of {clock.rpartition('/')[2].replace('_', ' ')}")
    return figure


def _bar(
    axes: Axes,
    row: int,
    opened: pd.Series,
    session: pd.Timestamp,
    chosen: pd.DatetimeIndex,
    clock: str,
) -> None:
    start, end = (_local(opened[edge], clock) for edge in ("open", "close"))
    first, later = session == chosen[0], session in chosen[1:]
    axes.barh(
        row,
        end - start,
        left=start,
        height=0.66,
        color=BLUE if first else "#e3e3e3",
        edgecolor=BLUE if later else GREY,
        linewidth=2.2 if later else 0.6,
        zorder=2,
    )
    axes.text(
        start + (end - start) / 2,
        row,
        "day 0" if first else "+1" if later else f"{session.day} {session:%b}",
        ha="center",
        va="center",
        fontsize=8,
        color="white" if first else BLACK,
        weight="bold" if first or later else "normal",
        clip_on=True,
        zorder=3,
    )


def _local(instant: pd.Timestamp, clock: str) -> pd.Timestamp:
    return instant.tz_convert(clock).tz_localize(None)


def _days(axes: Axes, cities: list[str]) -> None:
    from matplotlib.dates import DateFormatter, DayLocator, HourLocator

    axes.set_yticks(range(len(cities)), cities)
    axes.set_ylim(len(cities) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    axes.xaxis.set_major_locator(DayLocator())
    axes.xaxis.set_major_formatter(DateFormatter("%a %d %b"))
    axes.xaxis.set_minor_locator(HourLocator(byhour=[12]))
