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
from helpers.inference.readings import Reading
from helpers.notebook import fact, p_value, record, say, show, table, verdict
from helpers.notebook.output import printed_p_values

ALT = "Two lines that start together and drift apart after the third day."


@pytest.fixture
def shown():
    """Collect what a notebook would get, in a real IPython session."""
    InteractiveShell.instance()
    printed_p_values.clear()  # what other tests have written without showing it
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


def test_a_figure_carries_alt_text_numbers_and_size(shown):
    show(draw(), caption="Two prices.", alt=ALT)
    figure, caption = shown.outputs
    png = base64.b64decode(figure.data["image/png"])
    about = figure.metadata["image/png"]
    assert png.startswith(b"\x89PNG")
    assert about["alt"] == ALT
    assert about["sha256"] == hashlib.sha256(png).hexdigest()
    # 96 CSS pixels to the inch; the margins are trimmed, so about 6 inches.
    assert 0.8 * 576 < about["width"] < 1.1 * 576
    assert figure.data["text/plain"] == "Figure: Prices part"
    assert figure.metadata["helpers"] == {"holds": True}
    assert about["drawn"]["panels"]
    assert caption.data["text/markdown"] == "**Figure.** Two prices."
    assert plt.get_fignums() == []


def test_the_same_figure_is_the_same_bytes(shown):
    show(draw(), caption="Two prices.", alt=ALT)
    show(draw(), caption="Two prices.", alt=ALT)
    assert shown.outputs[0].data == shown.outputs[2].data
    assert shown.outputs[0].metadata == shown.outputs[2].metadata
    assert b"matplotlib" not in base64.b64decode(shown.outputs[0].data["image/png"])


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
    assert printed == ["Figure: Prices part", "**Figure.** Two prices.", "It fell."]


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
        ("", "right"),
        ("5", "right"),
        ("", "left"),
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


def test_what_no_longer_holds_says_so_and_the_run_goes_on(shown):
    say("> **Finding.** It fell.", holds=np.bool_(False))
    show(draw(), caption="Two prices.", alt=ALT, holds=False)
    table(example(), "Both fell", holds=False)
    finding, figure, caption, numbers = shown.outputs
    assert finding.data["text/markdown"] == (
        "> **No longer so with these data:** **Finding.** It fell."
    )
    assert figure.data["text/plain"] == (
        "Figure: No longer so with these data: Prices part"
    )
    assert "No longer so" in str(figure.metadata["image/png"]["drawn"])
    assert caption.data["text/markdown"].startswith("**Figure.** **No longer so")
    assert "No longer so with these data: Both fell" in numbers.data["text/html"]
    for output in (finding, figure, numbers):
        assert output.metadata["helpers"]["holds"] is False


@pytest.mark.parametrize("holds", [pd.Series([True]), None, "yes", 1])
def test_a_condition_that_is_neither_true_nor_false_is_refused(shown, holds):
    with pytest.raises(HelpersError, match="not True or False"):
        say("It fell.", holds=holds)
    assert shown.outputs == []


def test_what_is_recorded_and_printed_stands_in_the_metadata(shown):
    record(
        answer="It fell.", car=np.float64(-0.0104123456), day=pd.Timestamp("2025-8-21")
    )
    say(f"It fell ({p_value(0.6161)}).")
    kept, said = (output.metadata["helpers"] for output in shown.outputs)
    assert kept["record"] == {
        "answer": "It fell.",
        "numbers": {"car": -0.0104123, "day": "2025-08-21"},
    }
    assert said["p_values"] == [0.616]
    with pytest.raises(HelpersError, match="cannot keep a DataFrame"):
        record(frame=example())


CHANCE = np.linspace(-0.02, 0.02, 999)
ABOUT = {
    "symbols": ["NVDA"],
    "events": ["deepseek-v31-domestic-chip-remark"],
    "window": (0, 1),
    "model": "market",
    "sign": {"deepseek-v31-domestic-chip-remark": -1},
}


def leg(effect, market, **about):
    return Reading(
        effect, CHANCE, smallest=0.01, turned=-1,
        about=ABOUT | {"benchmark": [market]} | about,
    )  # fmt: skip


def test_a_verdict_is_derived_from_its_legs_and_recorded(shown):
    verdict(
        "nvidia-dip",
        {
            "against the market": leg(0.03, "^GSPC"),
            "against its peers": leg(0.04, "US chip peers"),
        },
    )
    assert "**Verdict: supported.**" in shown.outputs[0].data["text/markdown"]
    kept = shown.outputs[1].metadata["helpers"]["record"]["claims"]["nvidia-dip"]
    assert (kept["word"], kept["kinds"]) == ("supported", {"prices": "supported"})
    assert kept["legs"]["against the market"]["change"] == -0.03


def test_a_verdict_on_something_else_is_not_the_claims(shown):
    verdict(
        "nvidia-dip",
        {
            "against the market": leg(0.03, "^GSPC", symbols=["AMD"]),
            "against its peers": leg(0.04, "^SOX"),
        },
    )
    said = shown.outputs[0].data["text/markdown"]
    assert "Not this claim's verdict" in said
    assert "AMD in place of Nvidia" in said
    assert "^SOX as market in place of US chip peers" in said
    assert not any("record" in o.metadata.get("helpers", {}) for o in shown.outputs)


def test_a_fact_is_read_from_conditions_that_exclude_each_other():
    assert fact("It grew.", supports=True, contradicts=False).word == "supported"
    assert fact("It shrank.", supports=False, contradicts=True).word == "contradicted"
    assert fact("It stayed.", supports=False, contradicts=False).word == "undecided"
    assert fact("Nobody counts it.").word == "not testable"
    with pytest.raises(HelpersError, match="both supports and contradicts"):
        fact("Both.", supports=True, contradicts=True)
    with pytest.raises(HelpersError, match="make it a bool"):
        fact("One.", supports=1, contradicts=False)
    with pytest.raises(HelpersError, match="contradicts is a NoneType"):
        fact("Half.", supports=True)


@pytest.mark.parametrize(
    ("fall", "older", "whole", "documents"),
    [
        (0.05, True, "undecided", "undecided"),
        (-0.05, True, "undecided", "undecided"),
        (-0.05, False, "contradicted", "contradicted"),
    ],
)
def test_a_part_that_nothing_measures_bars_support_and_not_refutation(
    shown, fall, older, whole, documents
):
    about = {"events": ["deepseek-monday"], "sign": {"deepseek-monday": -1},
             "window": (0, 0)}  # fmt: skip
    verdict(
        "deepseek-rival",
        {
            "against the market": leg(fall, "^GSPC", **about),
            "against its peers": leg(fall, "US chip peers", **about),
            "age of the firm": fact("It is.", supports=older, contradicts=not older),
            "level of its models": fact("Nobody compares them."),
        },
    )
    kept = shown.outputs[1].metadata["helpers"]["record"]["claims"]["deepseek-rival"]
    assert (kept["word"], kept["kinds"]["documents"]) == (whole, documents)
    assert kept["legs"]["level of its models"]["word"] == "not testable"
