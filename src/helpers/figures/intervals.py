"""Estimates with their intervals, one row each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.errors import HelpersError
from helpers.figures import parts, style, ticks
from helpers.figures.checks import known, option, row_labels, some, table_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_NOTE_LETTERS, _LABEL_LETTERS = 38, 34
_MANY = 30  # rows from which on letters and marks are smaller


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
    xlabel : str, or mapping of panel title to str
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
    percent : bool, or mapping of panel title to bool
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
    notes = {row: fill(text, _NOTE_LETTERS) for row, text in (notes or {}).items()}
    shaded = bands if isinstance(bands, Mapping) else {"": bands}
    known([*notes, *hollow], labels, "forest: a row of notes or hollow")
    styles = style.series_styles(
        dict.fromkeys(name for tables in grid.values() for name in tables), colours
    )
    texts = [fill(label, _LABEL_LETTERS) for label in labels]
    most = max(len(tables) for tables in grid.values())
    lines = 1 + max(text.count("\n") for text in [*texts, *notes.values()])
    tall = max(0.3 if len(labels) < _MANY else 0.22, 0.12 + 0.16 * most, 0.17 * lines)
    figure, (places,) = style.new_figure(
        1.7 + tall * len(labels), 1, len(grid), title=title, subtitle=subtitle,
        source=source, sharey=True, sharex=isinstance(xlabel, str), squeeze=False,
    )  # fmt: skip
    for axes, (panel, tables) in zip(places, grid.items(), strict=True):
        for row in (row for chosen in shaded.values() for row in chosen):
            known([row], [*labels, *range(len(labels))], "forest: bands")
            at = labels.index(row) if isinstance(row, str) else row
            axes.axhspan(at - 0.5, at + 0.5, color=style.SHADE, linewidth=0, zorder=0)
        width = min(0.22, 0.8 / len(tables))
        for number, (name, table) in enumerate(tables.items()):
            shift = width * (number - (len(tables) - 1) / 2)
            draw_intervals(axes, table, styles[name], shift=shift, value=value)
        parts.zero_line(axes, vertical=True)
        if panels:
            parts.panel_title(axes, fill(panel, 56 // len(grid)))
        if not isinstance(xlabel, str):
            text = option(xlabel, panel, "xlabel")
            axes.set_xlabel(fill(text, max(16, 60 // len(grid))))
        axes.locator_params(axis="x", nbins=max(3, 8 // len(grid)))
        in_percent = option(percent, panel, "percent")
        (ticks.percent_axis if in_percent else ticks.number_axis)(axes.xaxis)
    marks = parts.rows_axis(
        places[0], texts, style.TEXT if len(labels) < _MANY else style.SMALL
    )
    for axes in places:
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="y", visible=False)
    for row, (mark, label) in enumerate(zip(marks, labels, strict=True)):
        if label in hollow:
            mark.label1.set(color=style.GREY, style="italic")
        places[-1].text(
            1.02, row, notes.get(label, ""), fontsize=style.SMALL, va="center",
            transform=places[-1].get_yaxis_transform(), linespacing=1.05,
        )  # fmt: skip
    if isinstance(xlabel, str):
        _common_label(places, fill(xlabel, 78))
    parts.legend_below(figure, [
        *(parts.keys(styles) if len(styles) > 1 else ()),
        parts.key("filled: interval excludes zero"),
        *(parts.patch(name) for name in shaded if name),
    ])  # fmt: skip
    return figure


def draw_intervals(
    axes: Axes,
    table: pd.DataFrame,
    look: style.Style,
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
    look : Style
        Colour and marker.
    shift : float
        Rows by which the series stands lower.
    value : str
    """
    size = 6.5 if len(table) < _MANY else 5.5
    columns = table[[value, "ci_low", "ci_high"]].to_numpy(dtype=float)
    for row, (at, low, high) in enumerate(columns):
        if np.isnan(at):
            continue
        axes.plot([low, high], [row + shift] * 2, color=look.colour, linewidth=1.6)
        axes.plot(
            at, row + shift, marker=look.marker, markersize=size, color=look.colour,
            markerfacecolor=look.colour if low > 0 or high < 0 else "white",
            markeredgewidth=1.6, linestyle="none",
        )  # fmt: skip


def _panels(rows: Any, panels: bool, value: str) -> dict[str, dict[str, pd.DataFrame]]:
    """All frames by panel and series, over the rows of the first."""
    out: dict[str, dict[str, pd.DataFrame]] = {}
    for panel, entry in (some(rows, "rows") if panels else {"": rows}).items():
        tables = {"": entry} if isinstance(entry, pd.DataFrame) else entry
        out[panel] = {
            name: table_of(table, f"forest: {name or panel or 'rows'}",
                           numbers=(value, "ci_low", "ci_high"))
            for name, table in some(tables, f"rows of {panel or 'forest'}").items()
        }  # fmt: skip
    index = next(iter(next(iter(out.values())).values())).index
    for tables in out.values():
        for name, table in tables.items():
            if table.index.equals(index):
                continue
            if not (table.index.is_unique and index.is_unique):
                raise HelpersError(f"forest: the rows of {name!r} are not told apart.")
            known(table.index, index, f"forest: a row of {name!r}")
            known(index, table.index, f"forest: a row that {name!r} needs")
            tables[name] = table.loc[index]
    return out


def _common_label(row: Sequence[Axes], text: str) -> None:
    """One label below all panels, which takes height there and no width."""
    if len(row) > 1:
        row[0].set_xlabel(text, loc="left").set_in_layout(False)
        row[1].set_xlabel(" " + text.count("\n") * "\n ")
    else:
        row[0].set_xlabel(text)
