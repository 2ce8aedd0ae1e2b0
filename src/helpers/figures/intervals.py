"""Estimates with their intervals, one row each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.errors import HelpersError
from helpers.figures.axes import number_axis, percent_axis
from helpers.figures.checks import known, row_labels, some, table_of
from helpers.figures.style import (
    BLACK,
    GREY,
    SHADE,
    SMALL,
    TEXT,
    Style,
    key,
    legend_below,
    new_figure,
    panel_title,
    series_styles,
    zero_line,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NOTE_LETTERS = 38
_LABEL_LETTERS = 34


def forest(
    rows: pd.DataFrame | Mapping[str, Any],
    *,
    title: str,
    xlabel: str | Mapping[str, str],
    value: str = "car",
    panels: bool = False,
    bands: Sequence[int | str] | Mapping[str, Sequence[int | str]] = (),
    notes: Mapping[str, str] | None = None,
    hollow: Sequence[str] = (),
    percent: bool | Mapping[str, bool] = True,
    colours: Mapping[str, str] | None = None,
    subtitle: str | None = None,
    source: str | None = None,
) -> Figure:
    """Draw estimates with intervals; filled where the interval excludes zero.

    Parameters
    ----------
    rows : DataFrame, or mapping of series name to DataFrame
        Rows in the order shown, from the top; columns `value`, ci_low, ci_high,
        decimal. All series have the same rows, in any order; an estimate that is
        missing (NaN) leaves its row empty.
    title : str
    xlabel : str, or mapping of panel name to str
        With one text for all, panels share one scale; with one for each, each has
        its own.
    value : str
        Column of the estimate.
    panels : bool
        Draw each entry of `rows` in a panel of its own, side by side; an entry may
        then be a frame or a mapping of series name to frame.
    bands : sequence of row numbers or labels, or mapping of meaning to such
        Rows to shade; a mapping says in the legend why.
    notes : mapping of row label to text, optional
        Written to the right of the row, such as what was announced.
    hollow : sequence of row labels
        Set in grey italics, such as events that are not verified.
    percent : bool, or mapping of panel name to bool
        Whether values are fractions to be written in percent.
    colours : mapping of series name to colour, optional
    subtitle, source : str, optional

    Raises
    ------
    HelpersError
        If a frame lacks a column or rows, or a label is in no row.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {"car": [0.01, -0.02], "ci_low": [-0.01, -0.03], "ci_high": [0.03, -0.01]},
    ...     index=["21 Aug", "29 Aug"],
    ... )
    >>> figure = forest(table, title="One of two stands out", xlabel="CAR")
    >>> [text.get_text() for text in figure.axes[0].get_yticklabels()]
    ['21 Aug', '29 Aug']
    """
    grid = _panels(rows, panels, value)
    labels = row_labels(next(iter(next(iter(grid.values())).values())).index)
    shaded = bands if isinstance(bands, Mapping) else {"": bands}
    known(notes or (), labels, "notes")
    known(hollow, labels, "hollow")
    styles = series_styles(
        dict.fromkeys(name for tables in grid.values() for name in tables), colours
    )
    most = max(len(tables) for tables in grid.values())
    texts = [fill(label, _LABEL_LETTERS) for label in labels]
    tall = max(0.3, 0.12 + 0.16 * most, 0.19 * max(map(_lines, texts)))
    if notes:
        tall = max(tall, 0.16 * max(_lines(fill(one, NOTE_LETTERS))
                                    for one in notes.values()))  # fmt: skip
    own_scales = isinstance(xlabel, Mapping)
    figure, places = new_figure(
        1.7 + tall * len(labels), 1, len(grid), title=title, subtitle=subtitle,
        source=source, sharey=True, sharex=not own_scales, squeeze=False,
    )  # fmt: skip
    for axes, (panel, tables) in zip(places[0], grid.items(), strict=True):
        for chosen in shaded.values():
            for row in _numbers(chosen, labels):
                axes.axhspan(row - 0.5, row + 0.5, color=SHADE, linewidth=0, zorder=0)
        width = min(0.22, 0.8 / len(tables))
        for number, (name, table) in enumerate(tables.items()):
            shift = width * (number - (len(tables) - 1) / 2)
            draw_intervals(axes, table, styles[name], shift=shift, value=value)
        zero_line(axes, vertical=True)
        if panels:
            panel_title(axes, fill(panel, 56 // len(grid)))
        if isinstance(xlabel, Mapping):
            text = _of(xlabel, panel, "xlabel")
            axes.set_xlabel(fill(text, max(16, 60 // len(grid))))
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="y", visible=False)
        axes.locator_params(axis="x", nbins=max(3, 8 // len(grid)))
        in_percent = _of(percent, panel, "percent")
        (percent_axis if in_percent else number_axis)(axes.xaxis)
    if isinstance(xlabel, str):
        _common_label(places[0], fill(xlabel, 78))
    _rows(places[0, 0], texts, labels, hollow)
    for row, label in enumerate(labels):
        if notes and label in notes:
            places[0, -1].text(
                1.02, row, fill(notes[label], NOTE_LETTERS), fontsize=SMALL,
                transform=places[0, -1].get_yaxis_transform(), va="center",
                linespacing=1.05,
            )  # fmt: skip
    _legend(figure, styles, shaded, grid)
    return figure


def draw_intervals(
    axes: Axes,
    table: pd.DataFrame,
    style: Style,
    *,
    shift: float = 0.0,
    value: str = "car",
) -> None:
    """One series on rows 0, 1, …: filled where the interval excludes zero.

    Parameters
    ----------
    axes : Axes
    table : DataFrame
        Columns `value`, ci_low, ci_high.
    style : Style
    shift : float
        Rows by which the series stands lower.
    value : str
    """
    size = 6.5 if len(table) < 30 else 5.5
    for row, at in enumerate(table[value].to_numpy(dtype=float)):
        if np.isnan(at):
            continue
        low, high = (float(table[end].iloc[row]) for end in ("ci_low", "ci_high"))
        axes.plot([low, high], [row + shift] * 2, color=style.colour, linewidth=1.6)
        axes.plot(
            at, row + shift, marker=style.marker, markersize=size, color=style.colour,
            markerfacecolor=style.colour if low > 0 or high < 0 else "white",
            markeredgewidth=1.6, linestyle="none",
        )  # fmt: skip


def _panels(rows: Any, panels: bool, value: str) -> dict[str, dict[str, pd.DataFrame]]:
    """All frames by panel and series, over the rows of the first."""
    if isinstance(rows, pd.DataFrame):
        rows = {"": rows}
    out: dict[str, dict[str, pd.DataFrame]] = {}
    for panel, entry in (some(rows, "rows") if panels else {"": rows}).items():
        tables = {"": entry} if isinstance(entry, pd.DataFrame) else entry
        out[panel] = {
            name: table_of(
                table, (), f"forest: {name or panel or 'rows'!r}",
                numbers=(value, "ci_low", "ci_high"),
            )
            for name, table in some(tables, f"rows of {panel or 'forest'!r}").items()
        }  # fmt: skip
    index = next(iter(next(iter(out.values())).values())).index
    for tables in out.values():
        for name, table in tables.items():
            if table.index.equals(index):
                continue
            if not (table.index.is_unique and index.is_unique):
                raise HelpersError(f"forest: the rows of {name!r} are not told apart.")
            known(table.index, index, f"forest: {name!r}")
            known(index, table.index, "forest: the first series")
            tables[name] = table.loc[index]
    return out


def _common_label(row: Sequence[Axes], text: str) -> None:
    """One label below all panels, which takes height there and no width."""
    if len(row) > 1:
        row[0].set_xlabel(text, loc="left").set_in_layout(False)
        row[1].set_xlabel(" " + text.count("\n") * "\n ")
    else:
        row[0].set_xlabel(text)


def _rows(
    axes: Axes, texts: Sequence[str], labels: Sequence[str], hollow: Sequence[str]
) -> None:
    axes.set_ylim(len(labels) - 0.4, -0.6)
    size = TEXT if len(labels) < 30 else SMALL
    ticks = axes.set_yticks(range(len(labels)), texts, fontsize=size)
    for tick, label in zip(ticks, labels, strict=True):
        if label in hollow:
            tick.label1.set(color=GREY, style="italic")


def _legend(
    figure: Figure,
    styles: Mapping[str, Style],
    shaded: Mapping[str, Any],
    grid: Mapping[str, Mapping[str, Any]],
) -> None:
    from matplotlib.patches import Patch

    several = len(styles) > 1
    handles = [
        key(name, one.colour, one.marker, dash="-") for name, one in styles.items()
        if several and name
    ]  # fmt: skip
    handles.append(key("filled: interval excludes zero", BLACK))
    handles += [Patch(facecolor=SHADE, edgecolor=GREY, linewidth=0.5, label=name)
                for name in shaded if name]  # fmt: skip
    legend_below(figure, handles)


def _numbers(rows: Sequence[int | str], labels: Sequence[str]) -> list[int]:
    known([row for row in rows if isinstance(row, str)], labels, "bands")
    out = [labels.index(row) if isinstance(row, str) else int(row) for row in rows]
    known(out, range(len(labels)), "bands")
    return out


def _of(option: Any, panel: str, what: str) -> Any:
    """An option that is the same for all panels or given for each."""
    if not isinstance(option, Mapping):
        return option
    if panel not in option:
        raise HelpersError(f"{what} has no entry for the panel {panel!r}.")
    return option[panel]


def _lines(text: str) -> int:
    return 1 + text.count("\n")
