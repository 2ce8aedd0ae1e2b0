"""The event ledger over time: kinds of event in rows, actors as marks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from helpers.presentation.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    LIGHT,
    ORANGE,
    PURPLE,
    new_figure,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARKS: Mapping[str, tuple[str, str]] = {
    "us-government": (BLUE, "o"),
    "chinese-government": (ORANGE, "s"),
    "both-governments": (PURPLE, "D"),
    "us-firm": (GREEN, "^"),
    "chinese-firm": (BLACK, "v"),
    "markets": (GREY, "P"),
}
# Events closer than this share of a panel's width are set above one another.
_CLOSE = 0.028
_STEP = 0.19


def ledger_line(
    events: pd.DataFrame, split: pd.Timestamp, *, title: str, xlabel: str
) -> Figure:
    """Draw every event by date, type, actor and state of verification.

    Parameters
    ----------
    events : DataFrame
        ``date``, ``type``, ``actor``, ``verified`` (bool; others are hollow).
    split : Timestamp
        Where the second panel begins, whose scale is wider.
    title, xlabel : str
    """
    types = list(events["type"].value_counts().index)
    figure, grid = new_figure(
        7.4, 1, 2, title=title, sharey=True, width_ratios=[1, 2.1]
    )
    parts = (events[events["date"] < split], events[events["date"] >= split])
    for axes, part in zip(grid, parts, strict=True):
        low, high = part["date"].min(), part["date"].max()
        reach = (high - low).days
        for row, kind in enumerate(types):
            chosen = part[part["type"] == kind].sort_values("date", kind="stable")
            axes.axhline(row + 0.5, color=LIGHT, linewidth=0.8)
            _points(axes, chosen, row, _CLOSE * reach)
        pad = pd.Timedelta(days=0.04 * reach)
        axes.set_xlim(low - pad, high + pad)
        _dates(axes, reach)
        axes.grid(axis="y", visible=False)
    grid[0].set_yticks(range(len(types)), [kind.replace("-", "\n") for kind in types])
    grid[0].set_ylim(len(types) - 0.45, -0.6)
    for axes in grid:
        axes.tick_params(axis="y", length=0)
    grid[1].set_xlabel(xlabel)
    figure.legend(
        handles=_keys(events),
        loc="outside lower center",
        ncols=3,
        fontsize=9.5,
        frameon=False,
    )
    return figure


def _points(axes: Axes, rows: pd.DataFrame, row: int, close: float) -> None:
    last: list[pd.Timestamp] = []
    for event in rows.itertuples():
        free = [n for n, day in enumerate(last) if (event.date - day).days >= close]
        level = free[0] if free else len(last)
        last[level : level + 1] = [event.date]
        colour, marker = MARKS[event.actor]
        axes.plot(
            event.date, row + 0.34 - _STEP * level, marker=marker, color=colour,
            markerfacecolor=colour if event.verified else "white",
            markersize=7, markeredgewidth=1.5, linestyle="none", clip_on=False,
        )  # fmt: skip


def _words(name: str) -> str:
    return name.replace("-", " ").replace("us ", "US ").replace("chinese", "Chinese")


def _dates(axes: Axes, days: int) -> None:
    from matplotlib.dates import DateFormatter, MonthLocator, YearLocator

    if days > 1000:
        axes.xaxis.set_major_locator(YearLocator(2))
        axes.xaxis.set_major_formatter(DateFormatter("%Y"))
    else:
        axes.xaxis.set_major_locator(MonthLocator((1, 7)))
        axes.xaxis.set_major_formatter(DateFormatter("%b %Y"))
        axes.xaxis.set_minor_locator(MonthLocator((4, 10)))


def _keys(events: pd.DataFrame) -> list[Any]:
    from matplotlib.lines import Line2D

    def key(label: str, colour: str, marker: str, face: str) -> Line2D:
        return Line2D(
            [], [], color=colour, marker=marker, markerfacecolor=face, label=label,
            linestyle="none", markersize=7, markeredgewidth=1.5,
        )  # fmt: skip

    actors = [
        key(f"{_words(name)} ({count})", *MARKS[name], MARKS[name][0])
        for name, count in events["actor"].value_counts().items()
    ]
    state = int(events["verified"].sum())
    return [
        *actors,
        key(f"verified ({state})", BLACK, "o", BLACK),
        key(f"in part or not ({len(events) - state})", BLACK, "o", "white"),
    ]
