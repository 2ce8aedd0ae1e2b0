"""Each way of spoiling a notebook is noticed, by the comparison or the check."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
from pathlib import Path

import pytest
from notebook_tools import FIGURE, SENTENCE, nbval, rewrite, run_command, write_notebook

from book.check import check_notebook
from book.prose import measured_numbers
from book.run import run_notebooks

PRINTED, DRAWN, SAID = 1, 2, 3  # cells of the notebook that is spoiled


def faults_of(path: Path) -> str:
    return "\n".join(fault.what for fault in check_notebook(path))


def change_cell(index: int, **changes):
    return lambda notebook: notebook["cells"][index].update(changes)


def change_image(notebook, **changes):
    output = notebook["cells"][DRAWN]["outputs"][0]
    output["metadata"]["image/png"].update(changes)


def printed(text: str) -> list[dict]:
    return [{"output_type": "stream", "name": "stdout", "text": text}]


def replace_image(cell):
    """Another picture, its digest left as it was."""
    data = cell["outputs"][0]["data"]
    png = bytearray(base64.b64decode("".join(data["image/png"])))
    png[len(png) // 2] ^= 1
    data["image/png"] = base64.b64encode(png).decode()


def say(*, holds: str = "True", car: str = "0.25") -> str:
    return SENTENCE.replace("HOLDS", holds).replace("CAR", car)


def figure(value: str) -> str:
    return FIGURE.replace("VALUE", value)


# Way of spoiling a cell -> its code, and how the stored cell is changed afterwards.
WAYS: dict[str, tuple[str, dict]] = {
    "text": ("print(6 * 7)", {"outputs": printed("43\n")}),
    "output": ("print(6 * 7)", {"outputs": []}),
    "figure": (figure("3"), {"source": figure("3.02")}),
    "image": (figure("3"), {}),
    "record": (say(), {"source": say(car="0.2505")}),
    "holds": (say(), {"source": say(holds="False")}),
    "nothing": (figure("3"), {"source": figure("3.0000004")}),
}


@pytest.fixture(scope="session")
def compared_red(tmp_path_factory) -> dict[str, str]:
    """What the comparison says of a notebook whose cells were spoiled in each way."""
    path = tmp_path_factory.mktemp("spoiled") / "small.ipynb"
    write_notebook(path, *(code for code, _ in WAYS.values()))
    run_notebooks([path])

    def spoil(notebook):
        for at, (way, (_, change)) in enumerate(WAYS.items(), 1):
            notebook["cells"][at].update(change)
            if way == "image":
                replace_image(notebook["cells"][at])

    rewrite(path, spoil)
    said = re.split(r"^_+ .*?Cell (\d+) _+$", nbval(path).stdout, flags=re.MULTILINE)
    ways = list(WAYS)
    return {ways[int(n)]: what for n, what in zip(said[1::2], said[2::2], strict=True)}


@pytest.mark.parametrize(
    ("way", "message"),
    [
        ("text", "text: “42” and was “43”"),
        ("output", "it has 1 outputs and had 0"),
        ("figure", "the figure: the panel: y of line 1: 3.02 and was 3, "),
        ("image", "the stored image is not the one that the code drew"),
        ("record", "record numbers car is 0.2505 and was 0.25 (0.20% of it)"),
        ("holds", "this does not hold with these data: It rose."),
    ],
)
def test_the_comparison_says_what_changed_and_what_to_do(compared_red, way, message):
    assert message in compared_red[way]
    assert "Run `make`" in compared_red[way]


def test_the_comparison_leaves_alone_what_nobody_can_see(compared_red):
    assert "nothing" not in compared_red


def test_a_sentence_that_does_not_hold_fails_the_check_by_its_words(executed):
    def spoil(notebook):
        about = notebook["cells"][SAID]["outputs"][0]["metadata"]["helpers"]
        about["holds"] = False

    rewrite(executed, spoil)
    [fault] = check_notebook(executed)
    assert (fault.cell, fault.what) == (
        SAID + 1,
        "this no longer holds with these data: It rose.",
    )


@pytest.fixture
def altered_data(tmp_path, root) -> Path:
    """A copy of the data in which one digit of Nvidia's last close differs."""
    data = tmp_path / "data"
    shutil.copytree(root / "data", data)
    prices = data / "prices" / "NVDA.csv"
    rows = prices.read_text().splitlines(keepends=True)
    # The first decimal of the close and of the adjusted close alike, so that only
    # the hash can tell.
    rows[-1] = re.sub(r"\.(\d)", lambda digit: f".{9 - int(digit[1])}", rows[-1])
    prices.write_text("".join(rows))
    return data


def test_a_changed_price_fails_execution_and_comparison(
    make_notebook, altered_data, monkeypatch
):
    """By its hash; and where the hash was changed with it, by what comes out."""
    price = "print(helpers.load_prices('NVDA', 'close').iloc[-1, 0])"
    path = make_notebook("import helpers", price)
    run_notebooks([path])
    before = path.read_bytes()
    monkeypatch.setenv("HELPERS_DATA", str(altered_data))
    executed_anew = run_command("run", str(path))
    assert executed_anew.returncode == 2
    assert "prices/NVDA.csv is not the file" in executed_anew.stderr
    assert path.read_bytes() == before

    manifest_path = altered_data / "manifest.json"
    manifest = json.loads(manifest_path.read_text())
    content = (altered_data / "prices" / "NVDA.csv").read_bytes()
    manifest["files"]["prices/NVDA.csv"]["sha256"] = hashlib.sha256(content).hexdigest()
    manifest_path.write_text(json.dumps(manifest))
    compared = nbval(path)
    assert compared.returncode == 1
    assert "DataError" not in compared.stdout  # the loader is content
    assert re.search(r"text: “[\d.]+” and was “[\d.]+”", compared.stdout)


def add_output(**output):
    return lambda notebook: notebook["cells"][PRINTED]["outputs"].append(output)


def change_title(title: str):
    def change(notebook):
        output = notebook["cells"][DRAWN]["outputs"][0]
        output["data"]["text/plain"] = f"Figure: {title}"

    return change


def add_cell(kind: str, source: str):
    def add(notebook):
        cell = {"cell_type": kind, "id": "added", "metadata": {}, "source": source}
        if kind == "code":
            cell |= {"execution_count": 4, "outputs": []}
        notebook["cells"].append(cell)

    return add


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda book: replace_image(book["cells"][DRAWN]), "its sha256 differs"),
        (change_cell(1, outputs=[], execution_count=None), "count None instead of 1"),
        (change_cell(1, execution_count=2), "execution count 2 instead of 1"),
        (change_cell(1, source="# NBVAL_IGNORE_OUTPUT\n1"), "from being tested"),
        (change_cell(1, metadata={"tags": ["nbval-skip"]}), "from being tested"),
        (change_cell(1, metadata={"tags": ["raises-exception"]}), "from being tested"),
        (change_cell(2, metadata={"tags": ["parameters"]}), "not the first code cell"),
        (change_cell(1, source="x = 1\n" * 31), "31 lines of code"),
        (change_cell(1, source="x = 1\n" * 11), "median code cell has 11 lines"),
        (change_cell(1, source="open('/home/me/x')"), "source names a path"),
        (change_cell(0, source="no title"), "only title"),
        (change_cell(0, source="# One\n\n# Two"), "only title"),
        (change_cell(0, id="cell-1"), "the same id"),
        (change_cell(0, source=""), "the cell is empty"),
        (add_cell("code", " "), "the cell is empty"),
        (add_cell("markdown", "# Another title"), "only title"),
        (add_cell("markdown", "![too short](x.png)"), "alt text shorter"),
        (add_cell("markdown", '<img src="x.png">'), "alt text shorter"),
        (add_cell("markdown", "It fell 2.1 %."), "prose states '2.1 %'"),
        (
            add_output(output_type="stream", name="stderr", text="Warning"),
            "message on stderr",
        ),
        (
            add_output(output_type="stream", name="stdout", text="/tmp/x/y"),
            "output names a path",
        ),
        (
            add_output(
                output_type="execute_result",
                execution_count=1,
                metadata={},
                data={"text/plain": "<matplotlib.legend.Legend at 0x7f8d440d79d0>"},
            ),
            "by its address in memory",
        ),
        (
            add_output(output_type="error", ename="KeyError", evalue="x", traceback=[]),
            "stored error: KeyError",
        ),
        (
            add_output(
                output_type="display_data",
                metadata={},
                data={"image/svg+xml": "<svg/>"},
            ),
            "carries no sha256",
        ),
        (lambda notebook: change_image(notebook, alt="short"), "alt text shorter"),
        (
            lambda notebook: change_image(notebook, alt=f"A line{'up' * 20} to 33.3 %"),
            "says 33.3 %, which is neither drawn nor said",
        ),
        (change_title("It rose by 33.3 %"), "the title says 33.3 %, which is neither"),
        (lambda notebook: notebook["metadata"].pop("kernelspec"), "the kernel is None"),
        (lambda notebook: notebook.update(nbformat_minor=4), "format 4.4 instead"),
        (lambda notebook: notebook.pop("cells"), "not a valid notebook"),
    ],
)
def test_a_fault_of_form_is_found(executed, change, fault):
    rewrite(executed, change)
    assert fault in faults_of(executed)


@pytest.mark.parametrize(
    ("prose", "measured"),
    [
        (
            "It fell −2.1 % or **2.1%** or 2.1 per cent.",
            ["−2.1 %", "2.1%", "2.1 per cent"],
        ),
        ("beta 0.72, p < 0.001, +1.5 and .3", ["0.72", "p < 0.001", "+1.5", ".3"]),
        ("a 95 % interval, p below 5 %, [0, +1], [−0.5, 1.5] as a window", []),
        ("28 August 2025, 2025-08-28, S&P 500, H20, 688256.SS, V3.1, CC BY 4.0", []),
        (
            "`x = 0.5`, $\\beta = 0.5$, “a fifth, 20.5 %”, [x](a0.5.md) and 17 claims",
            [],
        ),
    ],
)
def test_a_measured_number_in_prose_is_found(prose, measured):
    assert measured_numbers(prose) == measured
