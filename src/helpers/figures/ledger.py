"""Dated events in rows, and verdicts in rows: what a ledger and a list hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

import pandas as pd

from helpers.errors import HelpersError
from helpers.figures import parts, style, ticks
from helpers.figures.checks import as_date, known, row_labels, table_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Points that a mark takes of the width, and inches of a level and of a row's frame.
_MARK, _ACROSS, _LEVEL, _FRAME = 9.0, 440.0, 0.15, 0.16
# Inches of the board that a word, a letter, a line and a row's frame take.
_WORD, _LETTER, _LINE, _ROW = 0.8, 0.08, 0.16, 0.16


def event_line(
    events: pd.DataFrame,
    *,
    title: str,
    rows: str = "type",
    group: str = "actor",
    split: Any = None,
    xlabel: str = "",
    colours: Mapping[str, str] | None = None,
    subtitle: str | None = None,
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
    colours : mapping of group to colour, optional
    subtitle : str, optional

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
    table_of(events, "event_line", ("date", rows, group))
    if events[["date", rows, group]].isna().any(axis=None):
        raise HelpersError(f"event_line: date, {rows} or {group} has missing values.")
    events = events.reset_index(drop=True)
    pieces = [events]
    if split is not None:
        before = events["date"] < as_date(split)
        pieces = [events[before], events[~before]]
        if any(part.empty for part in pieces):
            raise HelpersError(f"event_line: no event on one side of {split}.")
    styles = style.series_styles(events[group].value_counts().index, colours)
    shares = [1.0, 2.1][: len(pieces)]
    level = pd.concat(
        _levels(part, rows, _ACROSS * share / sum(shares))
        for part, share in zip(pieces, shares, strict=True)
    )
    deepest = level.groupby(events[rows]).max()[events[rows].value_counts().index]
    labels = [fill(str(kind), 18) for kind in deepest.index]
    tall = (_FRAME + _LEVEL * (1 + deepest)).clip(
        lower=[0.17 * (1.5 + label.count("\n")) for label in labels]
    )
    floors = tall.cumsum()
    figure, (grid,) = style.new_figure(
        1.9 + tall.sum(), 1, len(pieces), title=title, subtitle=subtitle,
        sharey=True, squeeze=False, width_ratios=shares,
    )  # fmt: skip
    for axes, part in zip(grid, pieces, strict=True):
        for row, event in part.iterrows():
            look = styles[str(event[group])]
            axes.plot(
                event["date"], floors[event[rows]] - _FRAME - _LEVEL * level[row],
                marker=look.marker, color=look.colour, markersize=7,
                markerfacecolor=look.colour if event.get("verified", True) else "white",
                markeredgewidth=1.5, linestyle="none", clip_on=False,
            )  # fmt: skip
        for floor in floors:
            axes.axhline(floor, color=style.LIGHT, linewidth=0.8)
        axes.margins(x=0.04)
        ticks.date_axis(axes.xaxis)
        axes.grid(axis="y", visible=False)
        axes.tick_params(axis="y", length=0)
    grid[0].set_yticks(floors - tall / 2, labels)
    grid[0].set_ylim(floors.iloc[-1], 0)
    grid[-1].set_xlabel(xlabel)
    counts = events[group].astype(str).value_counts()
    handles = [parts.key(f"{name} ({counts[name]})", one.colour, one.marker)
               for name, one in styles.items()]  # fmt: skip
    if "verified" in events:
        sure = int(events["verified"].sum())
        handles.append(parts.key(f"verified ({sure})", filled=True))
        unsure = f"not, or in part ({len(events) - sure})"
        handles.append(parts.key(unsure, filled=False))
    parts.legend_below(figure, handles)
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


def board(
    table: pd.DataFrame,
    words: Sequence[str],
    *,
    title: str,
    word: str = "word",
    group: str | None = None,
    texts: Mapping[str, str] | None = None,
    hollow: Sequence[str] = (),
    colours: Mapping[str, str] | None = None,
    subtitle: str | None = None,
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
    texts : mapping of column to heading, optional
        Columns written to the right.
    hollow : sequence of words
        Drawn hollow, such as what is left open.
    colours : mapping of word to colour, optional
    subtitle : str, optional

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
    table_of(table, "board", [one for one in (word, group, *texts) if one])
    known(table[word], words, "board: a word")
    known(hollow, words, "board: hollow")
    styles = style.series_styles(words, colours)
    letters = {name: 1 + max(len(head), *table[name].astype(str).map(len))
               for name, head in texts.items()}  # fmt: skip
    wide = [_WORD * len(words), _LETTER * sum(letters.values())][: 1 + bool(texts)]
    room = int((style.WIDTH - sum(wide)) / _LETTER)
    labels = [fill(label, max(room, 16)) for label in row_labels(table.index)]
    heads = [] if group is None else list(table[group])
    heights, headings, end = _heights(heads, labels)
    figure, (grid,) = style.new_figure(
        1.2 + end, 1, len(wide), title=title, subtitle=subtitle,
        sharey=True, squeeze=False, width_ratios=wide,
    )  # fmt: skip
    axes = grid[0]
    for height, own in zip(heights, table[word], strict=True):
        axes.axhline(height, color=style.LIGHT, linewidth=0.8)
        look = styles[own]
        axes.plot(
            list(words).index(own), height, look.marker, color=look.colour,
            markersize=9.5, markeredgewidth=1.8,
            markerfacecolor="white" if own in hollow else look.colour,
        )  # fmt: skip
    counts = table[word].value_counts()
    names = [f"{fill(one, 12, break_long_words=False)}\n{counts.get(one, 0)}"
             for one in words]  # fmt: skip
    axes.set_xticks(range(len(words)), names, fontsize=style.SMALL)
    axes.set_xlim(-0.5, len(words) - 0.5)
    marks = axes.set_yticks([*heights, *headings.values()], [*labels, *headings])
    for mark in marks[len(labels) :]:
        mark.label1.set_fontweight("bold")
    axes.set_ylim(end, 0)
    left = 0
    for name, head in texts.items():
        for height, text in zip([-0.2, *heights], [head, *table[name]], strict=True):
            grid[1].text(left, height, str(text), va="center", fontsize=style.SMALL,
                         weight="bold" if height < 0 else "normal")  # fmt: skip
        left += letters[name]
        grid[1].set_xlim(0, left)
        grid[1].set_xticks([])
    for one in grid:
        one.xaxis.tick_top()
        parts.bare(one)
    return figure


def _heights(
    groups: Sequence[str], labels: Sequence[str]
) -> tuple[list[float], dict[str, float], float]:
    """Inches from the top: of each row, of the heading above each group, of the end."""
    heights: list[float] = []
    headings: dict[str, float] = {}
    at = 0.0
    for row, label in enumerate(labels):
        if groups and (not row or groups[row] != groups[row - 1]):
            if groups[row] in headings:
                raise HelpersError(f"board: the rows of {groups[row]!r} stand apart.")
            headings[groups[row]] = at + _LINE
            at += 2 * _LINE
        tall = _ROW + _LINE * (1 + label.count("\n"))
        heights.append(at + tall / 2)
        at += tall
    return heights, headings, at
