"""Numbers in prose are found, in one spelling, and names and dates are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.errors import HelpersError
from helpers.notebooks.prose import prose_numbers, read_results, unbacked_numbers

RESULTS = {
    "dip": {
        "car": {"value": -0.0213, "text": "−2.1 %"},
        "interval": {"value": [-0.051, 0.008], "text": "[−5.1, +0.8] %"},
        "days": {"value": 1234, "text": "1,234 sessions"},
    }
}


@pytest.mark.parametrize(
    ("markdown", "numbers"),
    [
        ("It fell −2.1 % or -2.1% or **−2.1\u202f%**.", ["-2.1%"] * 3),
        ("by 2.1 per cent, 2.1 percent, 2.1\\%", ["2.1%"] * 3),
        ("1,234.5 and 1\u2009234 and 1\u00a0234", ["1234.5", "1234", "1234"]),
        ("p = .03, t(108) = +1.96; 1e-5", ["0.03", "108", "+1.96", "1e-5"]),
        ("[−5.1, +0.8] %", ["-5.1", "+0.8"]),
        ("[−5, +8] %, [−5, +8.5] and day 12", ["-5", "+8", "-5", "+8.5", "12"]),
        ("2.1–3.4 %, 2 to 3 %", ["2.1%", "3.4%", "2%", "3%"]),
        ("\\$5.5bn, RMB12, 1.35x, 250bp, 5-day", ["5.5", "12", "1.35", "250", "5"]),
        ("$-2.1$ and _2.2_ and *3.3*", ["-2.1", "2.2", "3.3"]),
        ("&minus;3.5&nbsp;% of 2,025", ["-3.5%", "2025"]),
        ("2000 % and -2020", ["2000%", "-2020"]),
        ("| CAR | −0.4 |\n|---|---:|\n| N | 12 |", ["-0.4", "12"]),
        ("![Bars, 9 of them](images/a7.png)", ["9"]),
        ("[5 firms](https://example.org/6?x=7 'Eight')", ["5"]),
        ("> 1. In 12 of 13 cases", ["12", "13"]),
        ("a stray ` and 5\n\nanother ` and 6", ["5", "6"]),
    ],
)
def test_a_number_is_found_in_one_spelling(markdown, numbers):
    assert prose_numbers(markdown) == numbers


@pytest.mark.parametrize(
    "markdown",
    [
        "2025-08-28, 2025-08, 2025-08-28T20:00:00Z, 28 August 2025, Aug 28, 2025",
        "28–29 August; in 1999, 2018–2026, 2018/19, the 2010s, pre-2020, mid-2025",
        "at 16:00, or 09:30:00",
        "## 2. Why\n\n### 2.1 How\n\n1. first\n2) second\n   3. third",
        "Section 2, claim 14, Figure 3, notebook 02, steps 1–3",
        "S&P 500, S&amp;P 500, CSI 300, STAR 50, Nasdaq-100, Russell 2000",
        "H20, A100, V3.1, R1, FY26, Q2, 688256.SS, 0981.HK, 2330.TW, GPT-4, B30A's",
        "Ascend 910C, 910B, RTX Pro 6000D, Form 10-Q, 8-K, Python 3.11, CC BY 4.0",
        "version 0.1.0, v1.2.3",
        "day 0 and [0, +1], [−120, −11], [-1,+1]",
        "[notebooks/02-late-august.ipynb](notebooks/02-late-august.ipynb), 02-x.csv",
        "`x = 5`, ``a ` 6``\n\n```python\ny = 7\n```\n\n~~~\n8\n~~~",
        "```\nnever closed 5",
        "<!-- 5 --> <a href='6'>x</a> <https://example.org/7> https://example.org/8",
        "[text](path/9.md 'title') and [ref][a1]\n\n[a1]: https://example.org/10",
        "a footnote[^12]",
        "$\\hat\\beta_1 = 2 + 3x$ and $$\\frac{1}{2}$$",
        "no number at all",
        "",
    ],
)
def test_what_is_no_finding_is_left_out(markdown):
    assert prose_numbers(markdown) == []


def test_dollar_amounts_are_not_taken_for_a_formula():
    assert prose_numbers("from $5 billion in May to $6 billion") == ["5", "6"]


@given(
    st.integers(-999_999, 999_999),
    st.integers(0, 3),
    st.sampled_from(["-", "−"]),
    st.sampled_from(["", "%", " %", "\u202f%"]),
)
def test_a_written_number_is_found_whole(number, decimals, minus, unit):
    written = f"{abs(number) / 10**decimals:,.{decimals}f}"
    spelled = f"{minus if number < 0 else ''}{written}{unit}"
    expected = f"{'-' if number < 0 else ''}{written.replace(',', '')}"
    expected += "%" if unit else ""
    year = written.isdigit() and written[:2] in ("19", "20") and len(written) == 4
    if not (year and number > 0 and not unit):
        assert prose_numbers(f"It was {spelled}, they say.") == [expected]


def test_numbers_that_code_wrote_are_backed_in_any_spelling():
    prose = "It fell -2.1% (or 2.1 %), interval −5.1 to +0.8, over 1234 sessions."
    assert unbacked_numbers(prose, RESULTS) == []


@pytest.mark.parametrize(
    ("prose", "unbacked"),
    [
        ("It fell −2.2 %.", ["-2.2%"]),
        ("It rose +2.1 %.", ["+2.1%"]),  # the opposite sign
        ("It fell −2.1 points.", ["-2.1"]),  # not a percentage
        ("It fell −2.10 %.", ["-2.10%"]),  # more digits than the result has
        ("A range of +5.1.", ["+5.1"]),
    ],
)
def test_a_number_that_no_result_contains_is_named(prose, unbacked):
    assert unbacked_numbers(prose, RESULTS) == unbacked


def test_without_results_every_number_is_unbacked(tmp_path):
    results = read_results(tmp_path / "results.json")
    assert unbacked_numbers("One of 5, on 28 August 2025.", results) == ["5"]


@pytest.mark.parametrize("content", ["{", "[]", '{"dip": 5}'])
def test_a_broken_results_file_is_refused(tmp_path, content):
    path = tmp_path / "results.json"
    path.write_text(content)
    with pytest.raises(HelpersError, match=r"results\.json"):
        read_results(path)


def test_a_result_without_text_is_refused():
    with pytest.raises(HelpersError, match="dip/car has no text"):
        unbacked_numbers("", {"dip": {"car": {"value": 1}}})
