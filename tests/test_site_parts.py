"""What the site is made from: escaping, chapters, verdicts read from results."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from helpers.errors import HelpersError
from helpers.evidence.verdict import Verdict
from helpers.site.chapters import read_chapter
from helpers.site.markup import literal
from helpers.site.verdicts import read_verdicts

CLAIMS = {"dip": "The share fell", "signal": "The fall was a signal"}
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


def test_a_verdict_is_read_as_the_chapter_states_it(tmp_path):
    stated = Verdict("dip", "not supported", "It fell by 1 %.", "Some criteria.")
    path = notebook(tmp_path / "02-x.ipynb", stated.markdown(CLAIMS["dip"]))
    [(claim_id, found)] = read_verdicts([path], CLAIMS).items()
    assert claim_id == "dip"
    assert (found.word, found.sentence, found.criteria) == (
        stated.word,
        stated.sentence,
        stated.criteria,
    )
    assert (found.chapter, found.anchor) == ("02-x", "cell-b5")


def test_chapters_that_contradict_each_other_are_refused(tmp_path):
    paths = [
        notebook(
            tmp_path / f"{word[:3]}.ipynb",
            Verdict("dip", word, "So.", "Thus.").markdown(CLAIMS["dip"]),
        )
        for word in ("supported", "contradicted")
    ]
    with pytest.raises(HelpersError, match=r"supported.*contradicted"):
        read_verdicts(paths, CLAIMS)


def test_a_verdict_on_what_is_no_claim_is_refused(tmp_path):
    stated = Verdict("dip", "supported", "So.", "Thus.").markdown("Something else")
    with pytest.raises(HelpersError, match="Something else"):
        read_verdicts([notebook(tmp_path / "a.ipynb", stated)], CLAIMS)


def test_markup_that_a_cell_computes_is_shown_and_not_obeyed(tmp_path):
    path = notebook(tmp_path / "a.ipynb", "see <script>x</script> and 1 < 2")
    [output] = read_chapter(path).notebook["cells"][1]["outputs"]
    assert output["data"]["text/markdown"] == r"see \<script>x\</script> and 1 < 2"


def test_a_table_scrolls_in_a_named_frame_and_gives_its_numbers(tmp_path):
    table = (
        "<table><caption>Tests &amp; more</caption><tr><th>day</th><th>p</th></tr>"
        "<tr><td>2025-08-29</td><td>&lt; 0.001</td></tr></table>"
    )
    chapter = read_chapter(notebook(tmp_path / "a.ipynb", html=table))
    assert chapter.files == {"table-1.csv": "day,p\n2025-08-29,< 0.001\n"}
    [output] = chapter.notebook["cells"][1]["outputs"]
    assert 'aria-label="Tests &amp; more"' in output["data"]["text/html"]
    assert 'href="../files/a/table-1.csv"' in output["data"]["text/html"]
