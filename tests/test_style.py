"""Colours of the figures: read on white and on shade, and told apart by all."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.colors import to_rgb
from matplotlib.text import Text

from helpers.presentation import style
from helpers.presentation.paths import car_paths, placebo_distributions

TEXT = {
    name: getattr(style, name)
    for name in ("BLACK", "BLUE", "ORANGE", "GREEN", "PURPLE", "GREY")
}
SHADES = {"white": "#ffffff", "shaded weeks": "#fff3d6", "band": style.LIGHT}
# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
SEEN_BY = {
    "all cones": np.eye(3),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
TO_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
)
# In CIELAB; about 2.3 is the least difference that can be seen at all.
TOLD_APART = 10


def linear(colour) -> np.ndarray:
    """Linear RGB of a colour."""
    levels = np.array(to_rgb(colour))
    return np.where(
        levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4
    )


def contrast(one, other) -> float:
    """Contrast ratio by WCAG 2."""
    low, high = sorted(float(TO_XYZ[1] @ linear(colour)) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB of linear RGB, white at D65."""
    ratio = TO_XYZ @ rgb / TO_XYZ.sum(axis=1)
    x, y, z = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_black_on_white_has_the_contrast_that_wcag_gives_it():
    assert contrast("black", "white") == pytest.approx(21)
    assert contrast("#777777", "white") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("name", TEXT)
def test_words_in_every_colour_can_be_read(name):
    assert contrast(TEXT[name], "white") >= 4.5


@pytest.mark.parametrize("ground", SHADES)
@pytest.mark.parametrize("name", TEXT)
def test_lines_and_markers_stand_out_from_what_they_are_drawn_on(name, ground):
    assert contrast(TEXT[name], SHADES[ground]) >= 3


def test_edges_of_bars_stand_out_from_the_paper():
    assert contrast(style.MID, "white") >= 3


@pytest.mark.parametrize("eye", SEEN_BY)
def test_colours_of_lines_are_told_apart_by_every_eye(eye):
    seen = {
        name: lab(np.clip(SEEN_BY[eye] @ linear(colour), 0, 1))
        for name, colour in TEXT.items()
        if name != "GREY"  # of the rest, beside which it never stands unmarked
    }
    close = {
        (one, other): float(np.linalg.norm(seen[one] - seen[other]))
        for one, other in combinations(seen, 2)
    }
    assert min(close.values()) >= TOLD_APART, close


def test_every_word_in_a_drawn_figure_can_be_read():
    days = pd.Index(range(-2, 4))
    path = pd.DataFrame({"car": 0.01, "ci_low": -0.02, "ci_high": 0.04}, index=days)
    band = pd.DataFrame({"low": -0.03, "high": 0.03}, index=days)
    draws = np.random.default_rng(5).normal(scale=0.02, size=200)
    figures = [
        car_paths({"A": {"one": path, "two": -path}}, title="T", xlabel="Day",
                  bands={"A": band}),
        placebo_distributions({"A": (draws, -0.01, 0.05)}, title="T", xlabel="CAR"),
    ]  # fmt: skip
    for figure in figures:
        figure.canvas.draw()
        words = [one for one in figure.findobj(Text) if one.get_text().strip()]
        assert len(words) > 8
        assert {
            word.get_text()
            for word in words
            if contrast(word.get_color(), "white") < 4.5 or word.get_fontsize() < 8
        } == set()
        pyplot.close(figure)
