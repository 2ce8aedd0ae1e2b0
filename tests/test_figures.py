"""Figures draw all they are given, say the truth about it, and can be read."""

from __future__ import annotations

import copy
import inspect
import io
import re
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import same_color, to_rgb
from matplotlib.dates import num2date
from matplotlib.text import Text

from helpers import HelpersError, figures
from helpers.figures import layout, points, style, ticks

DAYS = pd.bdate_range("2024-01-02", periods=300)
RANDOM = np.random.default_rng(20250829)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
NAMES = [f"Firm {LETTERS[n % 26]}{n // 26 or ''}" for n in range(40)]


def estimates(rows: int, first: int = 0) -> pd.DataFrame:
    """Estimates of which about half have intervals that exclude zero."""
    at = np.linspace(-0.04, 0.05, rows) + 0.003 * first
    table = {"car": at, "ci_low": at - 0.02, "ci_high": at + 0.02}
    return pd.DataFrame(table, index=[f"Row {n}" for n in range(rows)])


def walks(count: int, index=DAYS, scale: float = 0.01) -> dict[str, pd.Series]:
    """Random walks from near one another, so that their ends crowd."""
    steps = RANDOM.normal(scale=scale, size=(len(index), count))
    return {NAMES[n]: pd.Series(steps[:, n].cumsum(), index) for n in range(count)}


def paths(count: int) -> dict[str, pd.DataFrame]:
    """CAR paths over event time."""
    walked = walks(count, pd.RangeIndex(-5, 11))
    return {
        name: pd.DataFrame({"car": w, "ci_low": w - 0.02, "ci_high": w + 0.02})
        for name, w in walked.items()
    }


def specifications(count: int) -> pd.DataFrame:
    """A table of specifications with two choices."""
    table = estimates(count).reset_index(drop=True).rename(columns={"car": "estimate"})
    models = np.resize(["market", "mean", "sector"], count)
    return table.assign(model=models, window=np.resize(["[0, 0]", "[0, +1]"], count),
                        primary=np.arange(count) == 0)  # fmt: skip


def chips(count: int) -> pd.DataFrame:
    """Parts by date and power, close to each other in pairs."""
    return pd.DataFrame(
        {
            "date": DAYS[np.linspace(0, 299, count).astype(int) // 2 * 2],
            "power": np.geomspace(500, 90_000, count),
            "maker": NAMES[:count],
            "part": [f"Part {n}" for n in range(count)],
            "hollow": np.resize([True, False], count),
        }
    )


def marker_lines(figure, axes: int = 0) -> int:
    """Points drawn as lines with a marker alone."""
    return sum(
        len(line.get_xdata())
        for line in figure.axes[axes].lines
        if line.get_linestyle() == "None"
    )


def curves(figure, axes: int = 0) -> int:
    """Lines of more than two points, without those of intervals."""
    drawn = [line for line in figure.axes[axes].lines if line.get_linewidth() > 1.2]
    return sum(len(line.get_xdata()) > 2 for line in drawn)


def shares(count: int) -> pd.DataFrame:
    """Shares by quarter."""
    quarters = pd.date_range("2024-01-01", periods=5, freq="QS")
    return pd.DataFrame(RANDOM.random((count, 5)), NAMES[:count], quarters)


def draw(kind: str, *given, **more):
    """A figure whose words that must be given are of no account here."""
    wanted = inspect.signature(getattr(figures, kind)).parameters.values()
    words = {one.name: "T" for one in wanted
             if one.kind is one.KEYWORD_ONLY and one.default is one.empty}  # fmt: skip
    return getattr(figures, kind)(*given, **words | more)


def panels_of(walked: dict) -> dict:
    """Each line in a panel of its own."""
    return {name: {name: line} for name, line in walked.items()}


def all_curves(figure) -> int:
    """Lines of more than two points in all panels."""
    return sum(curves(figure, panel) for panel in range(len(figure.axes)))


# Each kind with n things to draw, and how many of them it drew.
KINDS = {
    "bars": (
        lambda n: draw("bars", pd.Series(np.arange(1.0, n + 1), NAMES[:n])),
        lambda f: len(f.axes[0].patches),
    ),
    "car_paths": (lambda n: draw("car_paths", paths(n)), curves),
    "car_paths, panels": (lambda n: draw("car_paths", panels_of(paths(n))), all_curves),
    "forest": (lambda n: draw("forest", estimates(n)), marker_lines),
    "forest, series": (
        lambda n: draw("forest", {name: estimates(1) for name in NAMES[:n]}),
        marker_lines,
    ),
    "heat_map": (
        lambda n: draw("heat_map", pd.DataFrame([np.linspace(-0.02, 0.03, n)])),
        lambda f: len(f.axes[0].texts),
    ),
    "lines": (
        lambda n: draw("lines", walks(n), marks={f"on {k}": DAYS[k] for k in range(n)}),
        curves,
    ),
    "scatter": (
        lambda n: draw("scatter", chips(n), "date", "power", group="maker", name="part",
                       log=True),
        marker_lines,
    ),
    "specification_curve": (
        lambda n: draw("specification_curve", specifications(n), ["model", "window"]),
        lambda f: marker_lines(f) - 1,
    ),
}  # fmt: skip


def visible_texts(figure) -> list[Text]:
    """Words that can be seen, but for tick labels outside the axes."""
    out = []
    for text in figure.findobj(Text):
        if text.get_text().strip() and text.get_visible():
            out.append(text)
    shown = set()
    for axes in figure.axes:
        if not axes.get_visible():
            continue
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in axis.get_major_ticks():
                inside = low - 1e-9 <= tick.get_loc() <= high + 1e-9
                shown |= {tick.label1, tick.label2} if inside else set()
        shown |= {axes.xaxis.label, axes.yaxis.label}
        shown |= {one for one in axes.get_children() if isinstance(one, Text)}
    whole = set(figure.texts)
    whole |= {text for legend in figure.legends for text in legend.get_texts()}
    return [text for text in out if text in shown | whole]


def box(text: Text, renderer):
    """Where the words stand, without a line that ties them to a point."""
    return Text.get_window_extent(text, renderer)


def cut_off(figure) -> list:
    """Points of lines that stand outside the axes on which they are drawn."""
    out = []
    for axes in figure.axes:
        low, high = (np.sort(axes.viewLim.intervalx), np.sort(axes.viewLim.intervaly))
        for line in axes.lines:
            if line.get_transform() == axes.transData and line.get_clip_on():
                x, y = line.get_xdata(orig=False), line.get_ydata(orig=False)
                fine = np.isnan(y.astype(float)) | (
                    (x >= low[0]) & (x <= low[1]) & (y >= high[0]) & (y <= high[1])
                )
                out += list(zip(x[~fine], y[~fine], strict=True))
    return out


def overlapping(texts: list[Text], renderer) -> list[tuple[str, str]]:
    """Pairs of words of which one covers the other."""
    boxes = [(text.get_text(), box(text, renderer)) for text in texts]
    return [
        (one, other)
        for (one, a), (other, b) in combinations(boxes, 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > 0.5
        and min(a.y1, b.y1) - max(a.y0, b.y0) > 0.5
    ]


@pytest.mark.parametrize("count", [1, 4, 12])
@pytest.mark.parametrize("kind", KINDS)
def test_everything_given_is_drawn(kind, count):
    draw, drawn = KINDS[kind]
    assert drawn(draw(count)) == count


@pytest.mark.parametrize("kind", KINDS)
def test_words_can_be_read_and_ticks_are_true(kind):
    figure = KINDS[kind][0](5)
    figure.draw_without_rendering()
    renderer = figure._get_renderer()
    texts = visible_texts(figure)
    assert min(text.get_fontsize() for text in texts) >= 9
    assert [t for t in texts if re.fullmatch(r"-[\d.,]+.*", t.get_text())] == []
    frame = figure.bbox
    outside = [
        text.get_text()
        for text in texts
        if (b := box(text, renderer)).x0 < -1 or b.x1 > frame.width + 1
        or b.y0 < -1 or b.y1 > frame.height + 1
    ]  # fmt: skip
    assert outside == []
    assert cut_off(figure) == []
    assert overlapping(texts, renderer) == []
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis) if axes.get_visible() else ():
            if isinstance(axis.get_major_formatter(), ticks.TrueTicks):
                scale = axis.get_major_formatter().scale
                for tick in axis.get_major_ticks():
                    word = tick.label1.get_text() or tick.label2.get_text()
                    value = word.replace(ticks.MINUS, "-").rstrip(" %").replace(",", "")
                    at = scale * tick.get_loc()
                    assert not word or float(value) == pytest.approx(at, abs=1e-6)


@pytest.mark.parametrize(
    "kind",
    [
        "lines",
        "car_paths",
        "scatter",
        "forest, series",
    ],
)
def test_words_part_at_the_width_of_a_phone_too(kind):
    figure = KINDS[kind][0](4)
    figure.suptitle("No longer so: a claim that takes several lines on a phone")
    figure.set_size_inches(390 / 96, 5.5)
    figure.draw_without_rendering()
    renderer = figure._get_renderer()
    named = [text for text in visible_texts(figure) if text.get_gid() in
             ("end", "mark", "head", "near") or text in figure.texts]  # fmt: skip
    assert overlapping(named, renderer) == []
    assert all(box(text, renderer).x1 <= figure.bbox.width + 1 for text in named)


def far_and_near(scale: float = 1.0) -> dict:
    """Two panels, of which the second goes far beyond the first."""
    near, far = (pd.Series([0.1, 0.2, 0.3], DAYS[at : at + 3]) for at in (100, 290))
    return {"near": {"a": near}, "far": {"b": scale * 50 * far}}


@pytest.mark.parametrize(
    ("kind", "given", "more"),
    [
        ("lines", [far_and_near()], {"from_zero": True}),
        ("lines", [far_and_near(-1)], {"from_zero": True, "levels": {"level": -99}}),
        (
            "scatter",
            [pd.DataFrame({"x": [1, 2, 50, 60], "y": [1, 2, 300, 9]}), "x", "y"],
            {"thresholds": pd.DataFrame({"value": [90], "label": ["l"]})},
        ),
        (
            "car_paths",
            [{"one": {"a": estimates(3).set_axis([-9, -8, -7])},
              "two": {"b": 9 * estimates(3).set_axis([20, 21, 22])}}],
            {"focus": (0, 1)},
        ),
    ],
)  # fmt: skip
def test_nothing_is_cut_off_where_panels_share_their_scale(kind, given, more):
    figure = draw(kind, *given, **more)
    figure.draw_without_rendering()
    assert cut_off(figure) == []


def test_significance_that_is_missing_frames_no_cell():
    values = pd.DataFrame([[0.01, np.nan, 0.02]])
    clear = pd.DataFrame([[True, np.nan, False]])
    assert len(draw("heat_map", values, clear).axes[0].patches) == 1


A, B = NAMES[0], NAMES[1]
REFUSED = [
    ("forest", [estimates(2).drop(columns="car")], {}, "no column 'car'"),
    ("forest", [{A: estimates(2), "SOX": estimates(2).drop(columns="ci_high")}], {},
     "SOX has no column 'ci_high'"),
    ("forest", [estimates(0)], {}, "no rows"),
    ("forest", [{}], {}, "empty"),
    ("forest", [{A: estimates(3), B: estimates(2)}], {}, "Row 2"),
    ("forest", [{A: estimates(2), B: estimates(3)}], {}, "Row 2"),
    ("forest", [estimates(3)], {"bands": [3]}, "bands: 3"),
    ("forest", [estimates(3)], {"title": " "}, "title"),
    ("car_paths", [{A: pd.DataFrame({"ar": [1.0]})}], {}, "no column 'car'"),
    ("car_paths", [paths(2)], {"bands": {"no panel": estimates(1)}}, "no panel"),
    ("car_paths", [paths(21)], {}, "draw fewer"),
    ("lines", [walks(21)], {}, "draw fewer"),
    ("lines", [walks(2)], {"log": True}, "above zero"),
    ("lines", [far_and_near()], {"log": True, "levels": {"none": 0}}, "above zero"),
    ("lines", [{A: pd.Series(["x"])}], {}, "no numbers"),
    ("lines", [{A: pd.Series([np.nan])}], {}, A),
    ("lines", [walks(1)], {"hollow": {B: pd.Series([True])}}, B),
    ("lines", [walks(1)], {"hollow": {A: pd.Series([True])}}, "hollow needs"),
    ("lines", [walks(1) | {B: pd.Series([1.0, 2])}], {}, "dates"),
    ("lines", [panels_of(walks(2))], {"ylabel": {A: "Y"}}, B),
    ("heat_map", [pd.DataFrame([[np.nan]])], {}, "no number"),
    ("heat_map", [pd.DataFrame([["x"]])], {}, "numbers"),
    ("heat_map", [shares(2), shares(3) > 0], {}, "significant"),
    ("heat_map", [shares(2), shares(2).where(shares(2) > 0.5)], {}, "significant"),
    ("heat_map", [shares(2)], {"notes": ["one"]}, "1 notes, 5 columns"),
    ("specification_curve", [specifications(3), ["sector"]], {}, "no column 'sector'"),
    ("specification_curve", [specifications(3), {"model": ["no"]}], {}, "'no'"),
    ("specification_curve", [specifications(3)],
     {"band": pd.DataFrame({"low": [0.0], "high": [1.0]})}, "1 ranks for 3"),
    ("scatter", [chips(2), "date", "speed"], {}, "no column 'speed'"),
    ("scatter", [chips(2).assign(power=[1, np.nan]), "date", "power"], {}, "'power'"),
    ("bars", [pd.Series(["x"])], {}, "numbers"),
    ("scatter", [chips(2), "date", "power"], {"thresholds": pd.DataFrame(
        {"value": [1.0], "label": ["old"], "last": DAYS[:1] - pd.Timedelta(days=999)})},
     "old"),
    ("lines", [pd.DataFrame([[1.0, 2.0]], columns=[A, A])], {}, "Series"),
    ("bars", [pd.DataFrame([[1.0, 2.0]], columns=[A, A])], {}, "same name"),
    ("set_colours", [{A: "no colour"}], {}, "no colour"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "given", "more", "word"), REFUSED)
def test_what_cannot_be_drawn_whole_is_refused_by_name(kind, given, more, word):
    with pytest.raises(HelpersError, match=re.escape(word)):
        draw(kind, *given, **more)


def faces(figure, axes: int = 0) -> list[bool]:
    """Whether each mark is filled, from the top or the left."""
    return [
        not same_color(line.get_markerfacecolor(), "white")
        for line in figure.axes[axes].lines
        if line.get_linestyle() == "None"
        for _ in line.get_xdata()
    ]


def test_marks_are_filled_exactly_where_the_interval_excludes_zero():
    table = estimates(12)
    edge = pd.DataFrame({"car": [0.01, -0.01], "ci_low": [0.0, -0.02],
                         "ci_high": [0.02, 0.0]}, index=["up", "down"])  # fmt: skip
    table = pd.concat([table, edge])
    clear = ((table["ci_low"] > 0) | (table["ci_high"] < 0)).tolist()
    assert 2 < sum(clear) < 12
    assert faces(draw("forest", table)) == clear
    curve = specifications(12)
    sure = int(((curve["ci_low"] > 0) | (curve["ci_high"] < 0)).sum())
    drawn = faces(draw("specification_curve", curve))
    assert drawn == [False] * (12 - sure) + [True] * sure + [True]  # and the main one


def test_a_missing_estimate_leaves_its_row_empty_and_keeps_its_name():
    table = estimates(3)
    table.iloc[1] = np.nan
    figure = draw("forest", table)
    assert marker_lines(figure) == 2
    assert len(figure.axes[0].get_yticklabels()) == 3


def test_rows_in_another_order_are_put_in_that_of_the_first_series():
    table = estimates(3)
    figure = draw("forest", {"A": table, "B": table.iloc[::-1]})
    drawn = [line.get_xdata()[0] for line in figure.axes[0].lines
             if line.get_linestyle() == "None"]  # fmt: skip
    assert drawn == [*table["car"], *table["car"]]


def test_an_axis_from_zero_holds_the_highest_point_of_every_panel():
    days = pd.date_range("2025-01-01", periods=2)
    low, high = (pd.Series([0.1, top], index=days) for top in (0.2, 0.9))
    figure = figures.lines(
        {"One": {"a": low}, "Two": {"b": high}},
        title="Two panels", ylabel="Share", from_zero=True,
    )  # fmt: skip
    assert all(ax.get_ylim()[0] == 0 and ax.get_ylim()[1] > 0.9 for ax in figure.axes)


@pytest.mark.parametrize("step", [0.1, 0.05, 0.025, 0.01, 0.0025, 0.0005])
@pytest.mark.parametrize("start", [-0.13, 0.0, 1.0])
def test_percent_ticks_are_never_rounded_away_from_their_place(step, start):
    _, axes = figures.new_figure(2, title="T")
    places = start + step * np.arange(5)
    axes.set_yticks(places)
    figures.percent_axis(axes.yaxis)
    words = [label.get_text() for label in axes.get_yticklabels()]
    read = [float(word.replace(ticks.MINUS, "-").removesuffix(" %")) for word in words]
    assert read == pytest.approx(list(100 * places), abs=1e-9)
    assert (
        len({word.partition(".")[2] and len(word.partition(".")[2]) for word in words})
        == 1
    )


@pytest.mark.parametrize("width", [390 / 96, 8])
@pytest.mark.parametrize("days", [2, 9, 30, 90, 400, 1500, 9000])
def test_dates_on_an_axis_are_true_and_part_at_every_width(days, width):
    index = pd.date_range("2019-12-18", periods=days)
    figure = figures.lines(
        pd.DataFrame({"A": np.arange(days)}, index), title="T", ylabel="Y"
    )
    figure.set_size_inches(width, 4)
    figure.draw_without_rendering()
    axes = figure.axes[0]
    shown = [tick for tick in axes.xaxis.get_major_ticks() if tick.label1.get_text()]
    assert len(shown) >= 2
    for tick in shown:
        word, date = tick.label1.get_text(), num2date(tick.get_loc())
        assert word in (f"{date.day} {date:%b}", f"{date:%b %Y}", f"{date:%Y}")
        assert date.day == 1 or word[0].isdigit()
    assert overlapping([tick.label1 for tick in shown], figure._get_renderer()) == []


def test_an_entity_has_one_colour_in_all_figures():
    figures.set_colours({"Firm C": "green"})
    try:
        drawn = {
            draw("lines", walks(3)).axes[0].texts[2].get_color(),
            draw("car_paths", paths(12)).axes[0].texts[2].get_color(),
            figures.series_styles(["Firm C"])["Firm C"].colour,
        }  # fmt: skip
        assert drawn == {style.GREEN}
        others = {one.colour for name, one in figures.series_styles(NAMES[:5]).items()
                  if name != "Firm C"}  # fmt: skip
        assert style.GREEN not in others
    finally:
        figures.set_colours({})


@pytest.mark.parametrize("colours", [{}, {"Firm A": "grey", "Firm B": "blue"}])
def test_no_two_series_look_alike(colours):
    figures.set_colours(colours)
    try:
        styles = figures.series_styles(NAMES[:16])
    finally:
        figures.set_colours({})
    assert len({(one.colour, str(one.dash)) for one in styles.values()}) == 16
    assert len({(one.colour, one.marker) for one in styles.values()}) == 16


def test_spread_moves_no_more_than_needed_and_keeps_the_order():
    values = [5.0, 5.1, 0.0, 5.05, 9.9]
    out = layout.spread(values, 1.0, 0.0, 10.0)
    assert list(np.argsort(out)) == list(np.argsort(values))
    assert min(np.diff(sorted(out))) >= 1 - 1e-9
    assert min(out) >= 0.5
    assert max(out) <= 9.5
    assert layout.spread([1.0, 4.0], 1.0) == [1.0, 4.0]


def test_input_is_left_as_it_was_and_the_same_input_gives_the_same_picture():
    table, line = {"A": estimates(4), "B": estimates(4, 1)}, walks(3)
    before = copy.deepcopy((table, line))
    pictures = []
    for _ in range(2):
        for figure in (draw("forest", table),
                       draw("lines", line)):  # fmt: skip
            stored = io.BytesIO()
            figure.savefig(stored, format="png", dpi=60)
            pictures.append(stored.getvalue())
    assert pictures[:2] == pictures[2:]
    for name in table:
        pd.testing.assert_frame_equal(table[name], before[0][name])
    for name in line:
        pd.testing.assert_series_equal(line[name], before[1][name])


TEXT = {name: getattr(style, name) for name in ("BLACK", "BLUE", "ORANGE", "GREEN",
                                                "PURPLE", "GREY")}  # fmt: skip
# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
SEEN_BY = {
    "all cones": np.eye(3),
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                     [-0.011820, 0.042940, 0.968881]],
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                   [-0.003882, -0.048116, 1.051998]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                   [0.004733, 0.691367, 0.303900]],
}  # fmt: skip
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722],
                   [0.0193, 0.1192, 0.9505]])  # fmt: skip


def linear(colour) -> np.ndarray:
    """Linear RGB of a colour."""
    levels = np.array(to_rgb(colour))
    low = levels <= 0.04045
    return np.where(low, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)


def contrast(one, other) -> float:
    """Contrast ratio by WCAG 2."""
    low, high = sorted(float(TO_XYZ[1] @ linear(colour)) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB of linear RGB, white at D65."""
    ratio = TO_XYZ @ rgb / TO_XYZ.sum(axis=1)
    x, y, z = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("name", TEXT)
def test_words_in_every_colour_can_be_read_and_lines_seen_on_every_shade(name):
    assert contrast("black", "white") == pytest.approx(21)
    assert contrast(TEXT[name], "white") >= 4.5
    assert (
        min(contrast(TEXT[name], ground) for ground in (style.SHADE, style.LIGHT)) >= 3
    )
    assert contrast(style.MID, "white") >= 3
    faded = points.PALE * np.array(to_rgb(TEXT[name])) + (1 - points.PALE)
    assert contrast(faded, "white") >= 3


@pytest.mark.parametrize("eye", SEEN_BY)
def test_colours_are_told_apart_by_every_eye(eye):
    # A distance of 2.3 in CIELAB is the least that can be seen at all.
    seen = [
        lab(np.clip(np.array(SEEN_BY[eye]) @ linear(one), 0, 1)) for one in style.ORDER
    ]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) >= 10
