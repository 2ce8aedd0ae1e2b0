"""Dated events in rows, and verdicts in rows: what a ledger and a list hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

import pandas as pd

from helpers.errors import HelpersError
from helpers.figures.axes import date_axis
from helpers.figures.checks import as_date, known, row_labels, table_of
from helpers.figures.style import (
    BLACK,
    LIGHT,
    SMALL,
    TEXT,
    Style,
    key,
    legend_below,
    new_figure,
    series_styles,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Points that a mark takes, and inches of a level and of a row's frame.
_MARK, _LEVEL, _FRAME, _ACROSS = 9.0, 0.15, 0.16, 440.0
_LABEL_LETTERS, _WORD_LETTERS = 46, 11


def event_line(
    events: pd.DataFrame,
    *,
    title: str,
    rows: str = "type",
    group: str = "actor",
    split: Any = None,
    xlabel: str = "",
    state_names: tuple[str, str] = ("verified", "not, or in part"),
    colours: Mapping[str, str] | None = None,
    subtitle: str | None = None,
    source: str | None = None,
) -> Figure:
    """Draw every event by date and row; those close together are stacked.

    Parameters
    ----------
    events : DataFrame
        Columns date, `rows`, `group` and optionally verified (bool; others are
        hollow).
    title : str
    rows, group : str
        Columns that give an event its row, and its colour and marker.
    split : date, optional
        Where a second panel begins, on a wider scale.
    xlabel : str
    state_names : (str, str)
        Words for filled and hollow.
    colours : mapping of group to colour, optional
    subtitle, source : str, optional

    Raises
    ------
    HelpersError
        If a column is missing, or `split` leaves a panel empty.

    Examples
    --------
    >>> events = pd.DataFrame({"date": pd.to_datetime(["2022-10-07", "2023-10-17"]),
    ...                        "type": "control", "actor": "US government"})
    >>> figure = event_line(events, title="Two rules")
    >>> [text.get_text() for text in figure.axes[0].get_yticklabels()]
    ['control']
    """
    table_of(events, ("date", rows, group), "event_line")
    if events["date"].isna().any():
        raise HelpersError("event_line: column 'date' has missing values.")
    parts = [events]
    if split is not None:
        before = events["date"] < as_date(split)
        parts = [events[before], events[~before]]
        if any(part.empty for part in parts):
            raise HelpersError(f"event_line: no event on one side of {split}.")
    kinds = list(events[rows].value_counts().index)
    styles = series_styles(events[group].value_counts().index, colours)
    shares = [1.0, 2.1][: len(parts)]
    placed = [
        _levels(part, rows, _ACROSS * share / sum(shares))
        for part, share in zip(parts, shares, strict=True)
    ]
    deepest = pd.concat(placed).groupby(events[rows]).max()
    labels = [fill(str(kind), 18) for kind in kinds]
    tall = {
        kind: max(
            _FRAME + _LEVEL * (1 + deepest[kind]), 0.17 * (1.5 + text.count("\n"))
        )
        for kind, text in zip(kinds, labels, strict=True)
    }
    floors = pd.Series(tall).cumsum()
    figure, grid = new_figure(
        1.9 + sum(tall.values()), 1, len(parts), title=title, subtitle=subtitle,
        source=source, sharey=True, squeeze=False, width_ratios=shares,
    )  # fmt: skip
    for axes, part, levels in zip(grid[0], parts, placed, strict=True):
        for (_, event), level in zip(part.iterrows(), levels, strict=True):
            style = styles[str(event[group])]
            filled = bool(event.get("verified", True))
            axes.plot(
                event["date"], floors[event[rows]] - _FRAME - _LEVEL * level,
                marker=style.marker, color=style.colour, markersize=7,
                markerfacecolor=style.colour if filled else "white",
                markeredgewidth=1.5, linestyle="none", clip_on=False,
            )  # fmt: skip
        for floor in floors:
            axes.axhline(floor, color=LIGHT, linewidth=0.8)
        axes.margins(x=0.04)
        date_axis(axes.xaxis, part["date"].min(), part["date"].max())
        axes.grid(axis="y", visible=False)
        axes.tick_params(axis="y", length=0)
    middles = [float(floors[kind]) - tall[kind] / 2 for kind in kinds]
    grid[0, 0].set_yticks(middles, labels)
    grid[0, 0].set_ylim(float(floors.iloc[-1]), 0)
    grid[0, -1].set_xlabel(xlabel)
    legend_below(figure, _keys(events, group, styles, state_names))
    return figure


def _levels(part: pd.DataFrame, rows: str, across: float) -> pd.Series:
    """How high each event stands in its row, so that none covers another."""
    close = (part["date"].max() - part["date"].min()) * (_MARK / across)
    out = pd.Series(0, part.index)
    for _, own in part.groupby(rows):
        last: list[pd.Timestamp] = []
        for row, date in own["date"].sort_values(kind="stable").items():
            free = [level for level, day in enumerate(last) if date - day >= close]
            level = free[0] if free and close else len(last)
            last[level : level + 1] = [date]
            out[row] = level
    return out


def _keys(
    events: pd.DataFrame,
    group: str,
    styles: Mapping[str, Style],
    state_names: tuple[str, str],
) -> list[Any]:
    counts = events[group].astype(str).value_counts()
    out = [key(f"{name} ({counts[name]})", one.colour, one.marker)
           for name, one in styles.items()]  # fmt: skip
    if "verified" in events:
        state = int(events["verified"].sum())
        out.append(key(f"{state_names[0]} ({state})"))
        out.append(key(f"{state_names[1]} ({len(events) - state})", filled=False))
    return out


def board(
    table: pd.DataFrame,
    words: Sequence[str],
    *,
    title: str,
    word: str = "word",
    group: str | None = None,
    others: str | None = None,
    texts: Mapping[str, str] | None = None,
    hollow: Sequence[str] = (),
    colours: Mapping[str, str] | None = None,
    subtitle: str | None = None,
    source: str | None = None,
) -> Figure:
    r"""Rows by verdict: a mark in the column of its word, texts to the right.

    Parameters
    ----------
    table : DataFrame
        One row a claim, named by the index, in the order shown.
    words : sequence of str
        Columns from the left, with their counts; every word of the table is one.
    title : str
    word : str
        Column of the verdict.
    group : str, optional
        Column whose text is a heading wherever it changes.
    others : str, optional
        Column of lists of words of further readings, drawn as circles.
    texts : mapping of column to heading, optional
        Columns written to the right.
    hollow : sequence of words
        Drawn hollow, such as what is left open.
    colours : mapping of word to colour, optional
    subtitle, source : str, optional

    Raises
    ------
    HelpersError
        If a column is missing, or a word is not among `words`.

    Examples
    --------
    >>> table = pd.DataFrame({"word": ["undecided"]}, index=["Nvidia fell"])
    >>> figure = board(table, ["supported", "undecided"], title="It is open")
    >>> [text.get_text() for text in figure.axes[0].get_xticklabels()]
    ['supported\n0', 'undecided\n1']
    """
    texts = texts or {}
    columns = [one for one in (word, group, others) if one]
    table_of(table, [*columns, *texts], "board")
    known(table[word], words, f"board: column {word!r}")
    known(hollow, words, "hollow")
    styles = series_styles(words, colours)
    heights, headings = _heights(table[group] if group else None, len(table))
    labels = [fill(label, _LABEL_LETTERS) for label in row_labels(table.index)]
    lines = 1 + max(label.count("\n") for label in labels)
    letters = {name: max(len(head), *table[name].astype(str).map(len))
               for name, head in texts.items()}  # fmt: skip
    ratios = [0.85 * len(words), 0.11 * (sum(letters.values()) + 2 * len(letters))]
    figure, grid = new_figure(
        1.3 + (0.16 + 0.16 * lines) * (heights[-1] + 1), 1, 1 + bool(texts),
        title=title, subtitle=subtitle, source=source, sharey=True, squeeze=False,
        width_ratios=ratios[: 1 + bool(texts)],
    )  # fmt: skip
    axes = grid[0, 0]
    places = {name: place for place, name in enumerate(words)}
    for height, (_, row) in zip(heights, table.iterrows(), strict=True):
        axes.axhline(height, color=LIGHT, linewidth=0.8)
        for other in row[others] if others else ():
            known([other], words, f"board: column {others!r}")
            axes.plot(places[other], height, "o", markersize=16, color=BLACK,
                      fillstyle="none", markeredgewidth=1)  # fmt: skip
        style = styles[row[word]]
        axes.plot(places[row[word]], height, style.marker, color=style.colour,
                  markersize=9.5, markeredgewidth=1.8, markerfacecolor="white"
                  if row[word] in hollow else style.colour)  # fmt: skip
    counts = table[word].value_counts()
    heads = [f"{fill(one, _WORD_LETTERS)}\n{counts.get(one, 0)}" for one in words]
    axes.set_xticks(range(len(words)), heads, fontsize=SMALL)
    axes.set_xlim(-0.5, len(words) - 0.5)
    ticks = axes.set_yticks([*heights, *headings.values()], [*labels, *headings])
    for tick in ticks[len(labels) :]:
        tick.label1.set_fontweight("bold")
    axes.set_ylim(heights[-1] + 0.6, -0.6)
    if texts:
        _texts(grid[0, 1], table, texts, letters, heights)
    for one in grid[0]:
        one.xaxis.tick_top()
        one.tick_params(length=0)
        one.grid(visible=False)
        for spine in one.spines.values():
            spine.set_visible(False)
    return figure


def _heights(
    groups: pd.Series | None, rows: int
) -> tuple[list[float], dict[str, float]]:
    """Height of each row, and of the heading above each group."""
    if groups is None:
        return [float(row) for row in range(rows)], {}
    heights: list[float] = []
    headings: dict[str, float] = {}
    at = 0.0
    for before, group in zip([None, *groups[:-1]], groups, strict=True):
        if group != before:
            headings[f"{group}"] = at
            at += 0.8
        heights.append(at)
        at += 1
    return heights, headings


def _texts(
    axes: Axes,
    table: pd.DataFrame,
    texts: Mapping[str, str],
    letters: Mapping[str, int],
    heights: Sequence[float],
) -> None:
    left = 0.0
    starts = []
    for name in texts:
        starts.append(left)
        for height, text in zip(heights, table[name], strict=True):
            axes.text(left, height, str(text), va="center", fontsize=SMALL)
        left += letters[name] + 2
    axes.set_xlim(0, left)
    ticks = axes.set_xticks(starts, list(texts.values()), fontsize=SMALL, ha="left")
    for tick in ticks:
        tick.label2.set(ha="left", fontweight="bold", fontsize=TEXT - 1)
