"""What a figure draws: kept as numbers, compared with a tolerance, readable."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from book.drawn_compare import COLUMNS, drawn_rows, same_drawn
from helpers.notebook.drawn import drawn


def content(figure: Figure) -> dict:
    """What the figure shows, once it has been through a notebook's JSON."""
    figure.savefig(io.BytesIO(), format="png", dpi=50)
    return json.loads(json.dumps(drawn(figure)))


def rows_of(figure: Figure) -> list[dict[str, str]]:
    return [dict(zip(COLUMNS, row, strict=True)) for row in drawn_rows(content(figure))]


def one_of_everything(change: str = "") -> Figure:
    """A figure with each kind of mark; `change` says what is another in it."""
    by = 0.01 if change == "a point" else 1e-9 if change == "a last bit" else 0
    figure = Figure()
    (lines, bars), (cells, areas) = figure.subplots(2, 2)
    colour = "#d55e00" if change == "a colour" else "#0072b2"
    lines.plot([0, 1, 2], [1, -1, 3 + by], label="NVDA", color=colour)
    lines.axvline(1.5 if change == "a line of the frame" else 1)
    lines.annotate("fall", (1, -0.5 if change == "where a note points" else -1))
    lines.legend()
    lines.set_title("It falls" if change == "a title" else "It rises")
    bars.bar(["2024", "2025"], [3, 4.1 if change == "a bar" else 4])
    bars.errorbar([0], [2], [1.2 if change == "an interval" else 1])
    cells.imshow([[1, 2], [3, -2 if change == "a cell" else -4]])
    cells.text(0, 0, "?" if change == "a text" else "!")
    areas.fill_between([0, 1], [0, 0], [2, 3 if change == "an area" else 2])
    areas.scatter([0.2, 0.4], [1, 1], c=[0, 7 if change == "a shade" else 1])
    areas.set_ylim(0, 5 if change == "a limit" else 4)
    return figure


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("a point", "y of line NVDA: 3.01"),
        ("a colour", "colour of line NVDA"),
        ("a line of the frame", "x of line 2"),
        ("where a note points", "y of 'fall'"),
        ("a title", "the title is 'It falls' and was 'It rises'"),
        ("a bar", "y of bar"),
        ("an interval", "y of area"),
        ("a cell", "value of cell 1: -2 and was -4"),
        ("a text", "'?'"),
        ("an area", "y of area"),
        ("a shade", "value of point"),
        ("a limit", "limit of the y axis: 5 and was 4"),
    ],
)
def test_whatever_a_figure_draws_otherwise_is_named(change, named):
    found = same_drawn(content(one_of_everything()), content(one_of_everything(change)))
    assert named in "\n".join(found)


def test_another_last_bit_is_the_same_figure():
    stored = content(one_of_everything())
    assert same_drawn(stored, content(one_of_everything("a last bit"))) == []


def test_a_missing_panel_point_or_value_is_a_difference():
    def line(*heights: float) -> dict:
        figure = Figure()
        figure.subplots().plot(heights)
        return content(figure)

    assert "2 numbers, and there were 3" in same_drawn(line(1, 2, 3), line(1, 2))[-1]
    assert "- and was 2" in same_drawn(line(1, 2, 3), line(1, np.nan, 3))[-1]
    assert same_drawn(line(1, np.nan, 3), line(1, np.nan, 3)) == []
    assert "4 panels" in same_drawn(line(1), content(one_of_everything()))[-1]


def test_on_a_logarithmic_axis_the_tolerance_is_of_its_decades():
    def price(last: float) -> dict:
        figure = Figure()
        figure.subplots().semilogy([1, 10, last, 10_000])
        return content(figure)

    assert same_drawn(price(100), price(100.5)) == []
    assert "105 and was 100" in "".join(same_drawn(price(100), price(105)))


def test_a_line_over_dates_gives_its_sessions_and_values():
    figure = Figure()
    axes = figure.subplots()
    days = pd.to_datetime(
        ["2025-08-28", "2025-08-29 15:55", "2025-09-02"], format="ISO8601"
    )
    axes.plot(days, [1, -0.0332, 2.5], label="NVDA")
    axes.set_title("Prices", loc="left")
    rows = rows_of(figure)
    assert [row["x"] for row in rows] == [
        "2025-08-28",
        "2025-08-29T15:55",
        "2025-09-02",
    ]
    assert [float(row["y"]) for row in rows] == pytest.approx(
        [1, -0.0332, 2.5], abs=1e-4
    )
    assert {(row["panel"], row["series"], row["mark"]) for row in rows} == {
        ("Prices", "NVDA", "line")
    }


def test_points_beside_a_named_tick_carry_its_name():
    figure = Figure()
    axes = figure.subplots()
    axes.plot([0.1, 0.2], [-0.15, 1.15], "o")
    axes.set_yticks([0, 1], ["against the market", "against the sector"])
    assert [row["y_label"] for row in rows_of(figure)] == [
        "against the market",
        "against the sector",
    ]


def test_bars_give_their_heights_and_zero_lines_are_left_out():
    figure = Figure()
    axes = figure.subplots()
    axes.bar(["2024", "2025"], [3, 4])
    axes.axhline(0)
    axes.axvspan(0, 1)
    rows = rows_of(figure)
    assert [(row["mark"], row["y"], row["x_label"]) for row in rows] == [
        ("bar", "3", "2024"),
        ("bar", "4", "2025"),
    ]


@pytest.mark.parametrize(
    "draw",
    [
        lambda axes, cells: axes.imshow(cells),
        lambda axes, cells: axes.pcolormesh(cells),
    ],
    ids=["imshow", "pcolormesh"],
)
def test_a_heat_map_gives_the_number_behind_each_colour_and_no_colour_bar(
    draw: Callable,
):
    figure = Figure()
    axes = figure.subplots()
    cells = np.array([[1.5, np.nan], [3, -4]])
    figure.colorbar(draw(axes, cells), ax=axes)
    rows = rows_of(figure)
    assert [row["value"] for row in rows] == ["1.5", "", "3", "-4"]
    assert {row["mark"] for row in rows} == {"cell"}
    assert rows[0]["x"] == rows[2]["x"] != rows[1]["x"]
    assert rows[0]["y"] == rows[1]["y"] != rows[2]["y"]
