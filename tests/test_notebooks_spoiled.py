"""Each way of spoiling a notebook is noticed, by the comparison or the check."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
from pathlib import Path

import pytest
from notebook_tools import FIGURE, nbval, rewrite, run_command

from helpers.notebooks.check import check_notebook
from helpers.notebooks.execute import execute_notebook


def faults_of(path: Path) -> str:
    return "\n".join(fault.what for fault in check_notebook(path))


def test_an_altered_output_fails_the_comparison(executed):
    rewrite(
        executed,
        lambda notebook: notebook["cells"][1]["outputs"][0].update(text=["43\n"]),
    )
    done = nbval(executed)
    assert done.returncode == 1
    assert "43" in done.stdout


def test_an_altered_image_fails_the_check(executed):
    def swap_a_pixel(notebook):
        data = notebook["cells"][2]["outputs"][0]["data"]
        png = bytearray(base64.b64decode("".join(data["image/png"])))
        png[len(png) // 2] ^= 1
        data["image/png"] = base64.b64encode(png).decode()

    rewrite(executed, swap_a_pixel)
    assert "its sha256 differs" in faults_of(executed)


def test_a_figure_drawn_from_other_data_fails_the_comparison(executed):
    """Image and digest are stored from other data than the code now draws."""

    def change_the_data(notebook):
        notebook["cells"][2]["source"] = FIGURE.replace("VALUE", "3.001")

    rewrite(executed, change_the_data)
    assert check_notebook(executed) == []  # the form alone cannot tell
    done = nbval(executed)
    assert done.returncode == 1
    assert "drawn data" in done.stdout


def test_stripped_outputs_fail_the_check(executed):
    def strip(notebook):
        for cell in notebook["cells"][1:]:
            cell.update(outputs=[], execution_count=None)

    rewrite(executed, strip)
    assert faults_of(executed).count("execution count None") == 2


def test_outputs_stripped_behind_kept_counts_fail_the_comparison(executed):
    rewrite(executed, lambda notebook: notebook["cells"][1].update(outputs=[]))
    assert nbval(executed).returncode == 1


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


def test_an_altered_price_file_fails_comparison_and_execution(
    make_notebook, altered_data
):
    path = make_notebook(
        "import helpers",
        "print(helpers.load_prices('NVDA', 'close').iloc[-1, 0])",
    )
    execute_notebook(path, progress=False)
    assert nbval(path).returncode == 0
    before = path.read_bytes()
    altered = {"HELPERS_DATA": str(altered_data)}
    compared = nbval(path, environment=altered)
    assert compared.returncode == 1
    assert "prices/NVDA.csv is not the file" in compared.stdout
    executed_anew = run_command("run", str(path), environment=altered)
    assert executed_anew.returncode == 2
    assert "prices/NVDA.csv is not the file" in executed_anew.stderr
    assert path.read_bytes() == before


def test_a_price_altered_together_with_its_hash_fails_the_comparison(
    make_notebook, altered_data
):
    path = make_notebook(
        "import helpers",
        "print(helpers.load_prices('NVDA', 'close').iloc[-1, 0])",
    )
    execute_notebook(path, progress=False)
    manifest_path = altered_data / "manifest.json"
    manifest = json.loads(manifest_path.read_text())
    content = (altered_data / "prices" / "NVDA.csv").read_bytes()
    manifest["files"]["prices/NVDA.csv"]["sha256"] = hashlib.sha256(content).hexdigest()
    manifest_path.write_text(json.dumps(manifest))
    compared = nbval(path, environment={"HELPERS_DATA": str(altered_data)})
    assert compared.returncode == 1
    assert "DataError" not in compared.stdout  # the loader is content
    assert "mismatch" in compared.stdout


def test_the_stored_notebooks_do_not_pass_on_altered_prices(altered_data, root):
    compared = nbval(
        root / "notebooks", environment={"HELPERS_DATA": str(altered_data)}
    )
    assert compared.returncode == 1
    assert "prices/NVDA.csv is not the file" in compared.stdout


def change_cell(index: int, **changes):
    return lambda notebook: notebook["cells"][index].update(changes)


def change_image(notebook, **changes):
    notebook["cells"][2]["outputs"][0]["metadata"]["image/png"].update(changes)


def add_output(**output):
    return lambda notebook: notebook["cells"][1]["outputs"].append(output)


def add_cell(kind: str, source: str):
    def add(notebook):
        cell = {"cell_type": kind, "id": "added", "metadata": {}, "source": source}
        if kind == "code":
            cell |= {"execution_count": 3, "outputs": []}
        notebook["cells"].append(cell)

    return add


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (change_cell(1, execution_count=2), "execution count 2 instead of 1"),
        (change_cell(1, source="print(42);"), "semicolon"),
        (change_cell(1, source="# NBVAL_IGNORE_OUTPUT\n1"), "keeps the cell's output"),
        (change_cell(1, metadata={"tags": ["nbval-skip"]}), "being tested"),
        (change_cell(1, metadata={"tags": ["raises-exception"]}), "being tested"),
        (change_cell(1, source="!ls"), "calls a shell"),
        (change_cell(1, source="files = !ls"), "calls a shell"),
        (change_cell(1, source="%pip install six"), "calls a shell"),
        (change_cell(1, source="%%bash\nls"), "calls a shell"),
        (change_cell(1, source="x = 1\n" * 26), "26 lines of code"),
        (change_cell(1, source="x = 1\n" * 8), "median code cell has 7 lines"),
        (change_cell(1, source="open('/home/me/x')"), "source names a path"),
        (change_cell(0, source="no title"), "only title"),
        (change_cell(0, source="# One\n\n# Two"), "only title"),
        (change_cell(0, source="# It fell."), "question or a name"),
        (change_cell(0, id="cell-1"), "'cell-1'"),
        (change_cell(0, source=""), "the cell is empty"),
        (add_cell("code", " "), "the cell is empty"),
        (add_cell("markdown", "# Another title"), "only title"),
        (add_cell("markdown", "![too short](x.png)"), "alt text shorter"),
        (add_cell("markdown", '<img src="x.png">'), "alt text shorter"),
        (add_cell("markdown", r"see C:\Users\me"), "source names a path"),
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
                output_type="display_data",
                metadata={},
                data={"text/html": "<a href='/Users/me'>x</a>"},
            ),
            "output names a path",
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
        (lambda notebook: change_image(notebook, alt=""), "alt text shorter"),
        (lambda notebook: change_image(notebook, sha256="0" * 64), "sha256 differs"),
        (lambda notebook: notebook["metadata"].pop("kernelspec"), "the kernel is None"),
        (lambda notebook: notebook.update(nbformat_minor=4), "format 4.4 instead"),
        (lambda notebook: notebook.pop("cells"), "not a valid notebook"),
    ],
)
def test_a_fault_of_form_is_found(executed, change, fault):
    rewrite(executed, change)
    assert fault in faults_of(executed)


def test_a_path_in_a_web_address_is_no_fault(executed):
    address = "See <https://www.example.org/home/prices/>."
    rewrite(executed, add_cell("markdown", address))
    assert check_notebook(executed) == []
