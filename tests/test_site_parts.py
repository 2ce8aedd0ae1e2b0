"""What the site is made from: escaping, chapters, verdicts as they are recorded."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from book.check_site import Codes, page_faults
from book.site.chapters import ONLY_LIVE, WIDGET, Chapter, read_chapters
from book.site.claims import read_claims
from book.site.markup import csv_text, literal
from book.site.plate import phone_plate
from helpers.errors import HelpersError
from helpers.figures.style import PALETTE

PRINTABLE = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FFF), min_size=1)


def shown(markdown: str) -> str:
    """The text of the only paragraph that Markdown gives, with no markup in it."""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(markdown)
    assert [token.type for token in tokens] == [
        "paragraph_open",
        "inline",
        "paragraph_close",
    ]
    children = tokens[1].children or []
    assert {child.type for child in children} <= {"text", "text_special"}
    return "".join(child.content for child in children)


@given(PRINTABLE)
def test_every_text_is_shown_letter_by_letter(text):
    written = literal(text)
    if written and "\x00" not in text:
        assert shown(written) == " ".join(text.split()) or any(
            letter.isspace() for letter in text
        )


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "a | b", "- x", "# y", "1. z", "`c` {d}`e`", "$f$"],
)
def test_markup_in_data_has_no_effect(text):
    assert shown(literal(text)) == text


def notebook(path: Path, *markdown: str, html: str = "") -> Path:
    """A stored notebook whose one code cell shows Markdown and HTML."""
    outputs = [
        {"output_type": "display_data", "metadata": {}, "data": data}
        for data in [
            *({"text/markdown": text} for text in markdown),
            *([{"text/html": html}] if html else []),
        ]
    ]
    cells = [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# Did it?"},
        {
            "cell_type": "code",
            "id": "b5",
            "metadata": {},
            "source": "",
            "execution_count": 1,
            "outputs": outputs,
        },
    ]
    about = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(about))
    return path


def read_chapter(path: Path, events: dict[str, str] | None = None) -> Chapter:
    """The one chapter in a file."""
    [chapter] = read_chapters([path], events or {})
    return chapter


def with_verdict(path: Path, word: str) -> Path:
    """A notebook that records a verdict and its answer, and shows neither."""
    notebook(path, "Beside.")
    stored = json.loads(path.read_text())
    record = {"answer": "So.", "claims": {"nvidia-dip": {"word": word, "legs": {}}}}
    stored["cells"][1]["outputs"].append(
        {
            "output_type": "display_data",
            "metadata": {"helpers": {"record": record}},
            "data": {"text/plain": ""},
        }
    )
    path.write_text(json.dumps(stored))
    return path


def test_a_record_is_read_and_not_shown(tmp_path):
    chapter = read_chapter(with_verdict(tmp_path / "02-x.ipynb", "supported"))
    claim = read_claims([chapter])["nvidia-dip"]
    assert (claim.word, claim.page) == ("supported", "chapters/02-x.html#cell-b5")
    assert chapter.answer == "So."
    assert len(chapter.notebook["cells"][1]["outputs"]) == 1


def test_chapters_that_contradict_each_other_are_refused(tmp_path):
    chapters = [
        read_chapter(with_verdict(tmp_path / f"{word}.ipynb", word))
        for word in ("supported", "contradicted")
    ]
    with pytest.raises(HelpersError, match=r"supported.*contradicted"):
        read_claims(chapters)


def test_a_spreadsheet_meets_no_formula():
    text = csv_text(["a"], [["=1+1"], ["@x"], ["-x"], ["-0.1"], ["+1.48 %"], [-2]])
    assert text.splitlines() == ["a", "'=1+1", "'@x", "'-x", "-0.1", "+1.48 %", "-2"]


def test_markup_that_a_cell_computes_is_shown_and_not_obeyed(tmp_path):
    path = notebook(tmp_path / "a.ipynb", "see <script>x</script> and 1 < 2")
    [output] = read_chapter(path).notebook["cells"][1]["outputs"]
    assert output["data"]["text/markdown"] == "see &#60;script>x&#60;/script> and 1 < 2"


def test_a_column_without_a_heading_gets_one_and_an_empty_cell_stays(tmp_path):
    path = notebook(tmp_path / "a.ipynb", "| | after |\n|---|--:|\n| | 2 |")
    [output] = read_chapter(path).notebook["cells"][1]["outputs"]
    shown = output["data"]["text/markdown"]
    assert shown == "| what | after |\n|---|--:|\n| | 2 |"


def test_a_table_scrolls_in_a_named_frame_and_gives_its_numbers(tmp_path):
    table = (
        "<table><caption>Tests &amp; more</caption><tr><th>day</th><th>p</th></tr>"
        "<tr><td>2025-08-29</td><td>&lt; 0.001</td></tr></table>"
    )
    chapter = read_chapter(notebook(tmp_path / "a.ipynb", html=table))
    assert chapter.files == {"table-1.csv": "day,p\n2025-08-29,< 0.001\n"}
    [output] = chapter.notebook["cells"][1]["outputs"]
    shown = output["data"]["text/html"]
    caption = '<p class="table-caption" id="table-1">Table 1. Tests &amp; more</p>'
    assert caption in shown
    assert shown.count('aria-labelledby="table-1"') == 2
    assert "<caption>" not in shown
    assert 'href="../files/a/table-1.csv"' in shown


def test_an_event_named_in_a_table_leads_to_its_page(tmp_path):
    table = "<table><tr><td>A &lt; B</td><td>A &lt; B too</td></tr></table>"
    path = notebook(tmp_path / "a.ipynb", html=table)
    [output] = read_chapter(path, {"A < B": "a-b"}).notebook["cells"][1]["outputs"]
    shown = output["data"]["text/html"]
    assert '<td><a href="../events/a-b.html">A &lt; B</a></td>' in shown
    assert "<td>A &lt; B too</td>" in shown


def test_controls_give_way_to_what_stands_beside_them(tmp_path):
    view = {WIDGET: {"model_id": "1", "version_major": 2, "version_minor": 0}}
    path = notebook(tmp_path / "start-here.ipynb", "Beside.")
    stored = json.loads(path.read_text())
    stored["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {}}
    outputs = stored["cells"][1]["outputs"]
    outputs[0]["data"] |= view
    outputs.append(
        {
            "output_type": "display_data",
            "metadata": {},
            "data": view | {"text/plain": "Dropdown(options=...)"},
        }
    )
    path.write_text(json.dumps(stored))
    prepared = read_chapter(path).notebook
    beside, alone = (output["data"] for output in prepared["cells"][1]["outputs"])
    assert beside == {"text/markdown": "Beside."}
    assert alone["text/html"] == ONLY_LIVE
    assert "widgets" not in prepared["metadata"]


def test_the_lab_follows_the_book_and_opens_with_its_start(tmp_path):
    book = ["00-overview", "10-next"]
    lab = ["start-here", "11-explorer", "12-your-own-event", "My study", "another"]
    paths = [notebook(tmp_path / f"{name}.ipynb") for name in sorted(book + lab)]
    order = read_chapters(paths, {})
    assert [one.name for one in order] == book + lab
    assert [one.name for one in order if one.is_lab] == lab


@pytest.mark.parametrize("name", ["a<b", "a  b", "what?", "50%"])
def test_a_notebook_whose_name_makes_no_address_is_refused(tmp_path, name):
    with pytest.raises(HelpersError, match="makes no address"):
        read_chapter(notebook(tmp_path / f"{name}.ipynb"))


def test_a_notebook_of_an_old_format_is_refused_with_the_way_out(tmp_path):
    path = notebook(tmp_path / "old.ipynb")
    path.write_text(path.read_text().replace('"id": "b5", ', ""))
    with pytest.raises(HelpersError, match=r"old\.ipynb.*JupyterLab"):
        read_chapter(path)


@pytest.mark.parametrize(
    ("name", "words", "fault"),
    [
        ("events/a", "<p>see deepseek-r1</p>", "'deepseek-r1' without its name"),
        ("claims", "<td>on XSHG</td>", "'XSHG' without its name"),
        ("claims", "<p>0981.HK rose</p>", "'0981.HK' without its name"),
        ("claims", "<p>SMIC (Hong Kong), 0981.HK, rose</p>", None),
        ("claims", "<p>in code: <code>0981.HK</code></p>", None),
        ("claims", '<p><a href="https://x.org">0981.HK, by others</a></p>', None),
        ("data", "<p>0981.HK rose</p>", None),
        ("index", f"<p>{'1.5 ' * 31}</p>", "31 numbers, more than 30"),
    ],
)
def test_a_code_without_its_name_and_too_many_numbers_are_found(name, words, fault):
    codes = Codes({"deepseek-r1", "XSHG"}, {"0981.HK": "SMIC (Hong Kong)"})
    found = [*page_faults(name, f"<article>{words}</article>", codes)]
    assert [fault in one for one in found] == ([True] if fault else [])


def test_drawings_have_the_colours_of_the_house_style(root):
    styles = (root / "book" / "site" / "static" / "site.css").read_text("utf-8")
    light = styles.partition("data-theme")[0]
    for name in ("blue", "orange", "green", "purple"):
        assert f"--{name}: {PALETTE[name]};" in light


def line_figure() -> dict:
    """What is stored of a figure of two lines and an upright."""
    ends = [
        {"text": "Nvidia", "x": "9", "y": "2"},
        {"text": "Market", "x": "9", "y": "2.1"},
    ]
    lines = [
        {"mark": "line", "colours": f"{colour}ff", "x": "0 9", "y": f"1 {text['y']}"}
        for colour, text in zip((PALETTE["blue"], "#123456"), ends, strict=True)
    ]
    upright = {"mark": "line", "colours": "#59595900", "within": True, "x": "0.5 0.5"}
    axis = {"limits": "0 10", "ticks": "0 5 10", "tick_labels": ["a", "b", "c"]}
    panel = {"marks": [*lines, upright], "texts": [*ends, {"text": "<News>"}]}
    return {"texts": ["It\nrose"], "panels": [{**panel, "x": axis, "y": axis}]}


def test_a_figure_of_lines_is_drawn_anew_for_a_phone():
    shown = phone_plate(line_figure(), 'Two "lines".')
    assert "<figcaption>It rose<" in shown
    assert 'aria-label="Two &quot;lines&quot;."' in shown
    assert "&lt;News&gt;" in shown
    assert shown.count('class="ink ink-blue"') == 2  # a line and its name
    heights = dict(re.findall(r'y="([\d.]+)">(Nvidia|Market)<', shown))
    above, under = sorted(map(float, heights))
    assert under - above >= 14  # names of lines that meet stay apart


@pytest.mark.parametrize("mark", ["bar", "area"])
def test_a_figure_of_more_than_lines_is_left_as_it_is(mark):
    drawn = line_figure()
    drawn["panels"][0]["marks"].append({"mark": mark})
    assert phone_plate(drawn, "") == ""
