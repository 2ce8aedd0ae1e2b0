"""What notebooks show: the same bytes each time, readable by everybody."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from matplotlib import pyplot as plt

from helpers.errors import HelpersError
from helpers.presentation.drawn import drawn_digest
from helpers.presentation.notebook import say, show, table

ALT = "Two lines that start together and drift apart after the third day."


@pytest.fixture
def shown():
    """Collect what a notebook would get, in a real IPython session."""
    InteractiveShell.instance()
    with capture_output() as captured:
        yield captured
    InteractiveShell.clear_instance()


def draw(
    *,
    end=4.0,
    title="Prices part",
    color="tab:blue",
    bar=1.0,
    label="Nvidia",
    note="dip",
    size=(6.0, 4.0),
    limit=5.0,
    span=1.0,
    dot=2.0,
):
    fig, (left, right) = plt.subplots(1, 2, figsize=size)
    days = [dt.datetime(2025, 8, 27 + i, 9, 30) for i in range(3)]
    left.plot(days, [1.0, 2.0, end], color=color, label=label)
    left.axhline(0.5)
    left.axvline(days[1] + dt.timedelta(minutes=span))
    left.set_ylim(0, limit)
    left.annotate(note, (days[1], 2.0), xytext=(5, 5), textcoords="offset points")
    left.legend()
    right.bar(["a", "b"], [1.0, bar])
    right.scatter([0.1, 0.5], [1.0, dot], c=[0.0, 1.0])
    right.fill_between([0, 1], [0, 0], [1, 0.5])
    fig.suptitle(title)
    return fig


def digest(**changes):
    fig = draw(**changes)
    fig.canvas.draw()
    return drawn_digest(fig)


def test_a_figure_carries_alt_text_digest_and_size(shown):
    show(draw(), caption="Two prices.", alt=ALT, dpi=100)
    figure, caption = shown.outputs
    png = base64.b64decode(figure.data["image/png"])
    about = figure.metadata["image/png"]
    assert png.startswith(b"\x89PNG")
    assert about["alt"] == ALT
    assert about["sha256"] == hashlib.sha256(png).hexdigest()
    # 96 CSS pixels to the inch; the margins are trimmed, so about 6 inches.
    assert 0.8 * 576 < about["width"] < 1.1 * 576
    text = figure.data["text/plain"]
    assert text.startswith("Figure: Prices part [drawn data ")
    assert caption.data["text/markdown"] == "**Figure.** Two prices."
    assert plt.get_fignums() == []


def test_the_same_figure_is_the_same_bytes(shown):
    show(draw(), caption="Two prices.", alt=ALT)
    show(draw(), caption="Two prices.", alt=ALT)
    assert shown.outputs[0].data == shown.outputs[2].data
    assert shown.outputs[0].metadata == shown.outputs[2].metadata
    assert b"matplotlib" not in base64.b64decode(shown.outputs[0].data["image/png"])


def test_resolution_changes_the_image_and_not_its_size_on_the_page(shown):
    show(draw(), caption="Two prices.", alt=ALT, dpi=100)
    show(draw(), caption="Two prices.", alt=ALT, dpi=200)
    low, _, high, _ = shown.outputs
    assert len(high.data["image/png"]) > len(low.data["image/png"])
    assert high.data["text/plain"] == low.data["text/plain"]
    widths = [output.metadata["image/png"]["width"] for output in (low, high)]
    assert abs(widths[0] - widths[1]) <= 2


@pytest.mark.parametrize(
    "change",
    [
        {"end": 4.001},
        {"title": "Prices meet"},
        {"color": "tab:red"},
        {"bar": 1.001},
        {"label": "AMD"},
        {"note": "rise"},
        {"limit": 5.01},
        {"span": 6.0},
        {"dot": 2.01},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_digest_tells_another_drawing(change):
    assert digest(**change) != digest()


def test_the_digest_does_not_depend_on_size_or_the_last_bits():
    assert digest(size=(9.0, 4.0)) == digest()
    assert digest(end=4.0 * (1 + 1e-13), bar=1 + 1e-14) == digest()


def test_the_digest_tells_another_image_or_table():
    def digest_of(value, cell):
        fig, axes = plt.subplots()
        axes.imshow([[0.0, 1.0], [2.0, value]])
        axes.table([[cell]])
        fig.canvas.draw()
        return drawn_digest(fig)

    assert digest_of(3.0, "a") == digest_of(3.0, "a")
    assert digest_of(3.1, "a") != digest_of(3.0, "a")
    assert digest_of(3.0, "b") != digest_of(3.0, "a")


@pytest.mark.parametrize(
    ("title", "caption", "alt", "message"),
    [
        ("", "Two prices.", ALT, "no title"),
        ("Prices part", " ", ALT, "empty caption"),
        ("Prices part", "Two prices.", "", "0 characters"),
        ("Prices part", "Two prices.", "Two lines", "9 characters"),
        (ALT, "Two prices.", ALT.rstrip(".").upper(), "only repeats the title"),
    ],
)
def test_a_figure_without_words_is_refused(shown, title, caption, alt, message):
    with pytest.raises(HelpersError, match=message):
        show(draw(title=title), caption=caption, alt=alt)
    assert shown.outputs == []


def test_computed_prose_is_shown_as_markdown(shown):
    say("It fell **2.1 %**.\n")
    assert shown.outputs[0].data["text/markdown"] == "It fell **2.1 %**."
    assert shown.outputs[0].data["text/plain"] == "It fell **2.1 %**."
    with pytest.raises(HelpersError, match="empty"):
        say("  ")


def test_outside_a_notebook_the_text_is_printed(capsys):
    assert not InteractiveShell.initialized()
    show(draw(), caption="Two prices.", alt=ALT)
    say("It fell.")
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith("Figure: Prices part [drawn data ")
    assert printed[1:] == ["**Figure.** Two prices.", "It fell."]


class Cells(HTMLParser):
    """Reads a table: (tag, attributes, text) of every heading and cell."""

    def __init__(self):
        super().__init__()
        self.cells = []
        self.open = None

    def handle_starttag(self, tag, attrs):
        if tag in ("th", "td", "caption"):
            self.open = (tag, dict(attrs), [])

    def handle_data(self, data):
        if self.open:
            self.open[2].append(data)

    def handle_endtag(self, tag):
        if self.open and tag == self.open[0]:
            kind, attributes, texts = self.open
            self.cells.append((kind, attributes, "".join(texts)))
            self.open = None


def example():
    return pd.DataFrame(
        {
            "CAR": [-0.0213, np.nan],
            "N": [12, 5],
            "note": ["a < b & c", None],
            "day": pd.to_datetime(["2025-08-28", "2025-09-01"]),
        },
        index=pd.Index(["<Nvidia>", "AMD"], name="firm"),
    )


def test_a_table_is_headed_escaped_and_aligned(shown):
    table(example(), "Returns & more", {"CAR": "{:+.2%}"})
    parser = Cells()
    parser.feed(shown.outputs[0].data["text/html"])
    (caption, *cells) = parser.cells
    assert (caption[0], caption[2]) == ("caption", "Returns & more")
    heads = [(a["scope"], text) for tag, a, text in cells if tag == "th"]
    columns = [("col", name) for name in ("firm", "CAR", "N", "note", "day")]
    assert heads == [*columns, ("row", "<Nvidia>"), ("row", "AMD")]
    body = [(text, a["align"]) for tag, a, text in cells if tag == "td"]
    assert body == [
        ("-2.13%", "right"),
        ("12", "right"),
        ("a < b & c", "left"),
        ("2025-08-28", "left"),
        ("n/a", "right"),
        ("5", "right"),
        ("n/a", "left"),
        ("2025-09-01", "left"),
    ]
    numbers = [
        a["style"] for tag, a, _ in cells if a["align"] == "right" and tag == "td"
    ]
    assert all("tabular-nums" in style for style in numbers)


def test_a_table_is_the_same_each_time_and_readable_as_text(shown):
    table(example(), "Returns", {"CAR": "{:+.2%}"})
    table(example(), "Returns", {"CAR": "{:+.2%}"})
    assert shown.outputs[0].data == shown.outputs[1].data
    lines = shown.outputs[0].data["text/plain"].splitlines()
    assert lines[0] == "Returns"
    assert "-2.13%" in shown.outputs[0].data["text/plain"]


def test_real_numbers_are_rounded_unless_told_otherwise(shown):
    frame = pd.DataFrame({"x": [1 / 3], "y": [1 / 3], "same": [True]})
    table(frame, "Thirds", {"y": lambda value: f"{value:.1f} of one"})
    text = shown.outputs[0].data["text/plain"]
    assert "0.3333 " in text
    assert "0.3 of one" in text
    assert "True" in text


def test_a_table_with_two_levels_of_rows_names_both(shown):
    rows = pd.MultiIndex.from_tuples([("NVDA", 1), ("NVDA", 2)], names=["firm", "day"])
    table(pd.DataFrame({"x": [1, 2]}, index=rows), "By day")
    assert shown.outputs[0].data["text/html"].count('scope="row"') == 4


@pytest.mark.parametrize(
    ("frame", "caption", "formats", "message"),
    [
        (pd.DataFrame({"x": [1]}), " ", None, "empty caption"),
        (pd.DataFrame(index=[1]), "Nothing", None, "no columns"),
        (pd.DataFrame({"x": [1]}), "One", {"y": "{}"}, "'y', which is no column"),
    ],
)
def test_a_table_that_cannot_be_shown_is_refused(
    shown, frame, caption, formats, message
):
    with pytest.raises(HelpersError, match=message):
        table(frame, caption, formats)
    assert shown.outputs == []
