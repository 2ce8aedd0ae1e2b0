"""The numbers behind a figure are those that it draws."""

from __future__ import annotations

import csv
import io

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers.presentation.drawn_table import COLUMNS, drawn_table
from helpers.presentation.notebook import render_png


def rows_of(figure: Figure) -> list[dict[str, str]]:
    render_png(figure, 50)
    read = csv.DictReader(io.StringIO(drawn_table(figure)))
    assert tuple(read.fieldnames or ()) == COLUMNS
    return list(read)


def test_a_line_over_dates_gives_its_sessions_and_values():
    figure = Figure()
    axes = figure.subplots()
    days = pd.to_datetime(["2025-08-28", "2025-08-29", "2025-09-02"])
    axes.plot(days, [1, -0.0332, 2.5], label="NVDA")
    axes.set_title("Prices", loc="left")
    rows = rows_of(figure)
    assert [row["x"] for row in rows] == ["2025-08-28", "2025-08-29", "2025-09-02"]
    assert [float(row["y"]) for row in rows] == [1, -0.0332, 2.5]
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


def test_a_heat_map_gives_the_number_behind_each_colour_and_no_colour_bar():
    figure = Figure()
    axes = figure.subplots()
    cells = np.array([[1.5, np.nan], [3, -4]])
    figure.colorbar(axes.imshow(cells), ax=axes)
    rows = rows_of(figure)
    assert [row["value"] for row in rows] == ["1.5", "nan", "3", "-4"]
    assert [(row["x"], row["y"]) for row in rows] == [
        ("0", "0"),
        ("1", "0"),
        ("0", "1"),
        ("1", "1"),
    ]


def test_scattered_points_and_areas_are_given_point_by_point():
    figure = Figure()
    axes = figure.subplots()
    axes.scatter([1, 2], [3, 4])
    axes.fill_between([0, 1], [0, 0], [2, 2])
    marks = [row["mark"] for row in rows_of(figure)]
    assert marks.count("point") == 2
    assert marks.count("area") >= 4
