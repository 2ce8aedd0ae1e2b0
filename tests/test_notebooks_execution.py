"""Executing notebooks: fresh, repeatable, stage by stage, all or nothing."""

from __future__ import annotations

import json
import os

import pytest
from notebook_tools import FIGURE, SENTENCE, rewrite, run_command

from book.notebooks import find_notebooks
from book.run import run_notebooks
from helpers.errors import HelpersError


def texts(path) -> list[str]:
    """Each printed output of a stored notebook."""
    cells = json.loads(path.read_text())["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    return ["".join(output["text"]) for output in outputs if "text" in output]


def test_executing_twice_changes_not_one_byte(executed):
    before = executed.read_bytes()
    os.utime(executed, (0, 0))
    [execution], _ = run_notebooks([executed])
    assert not execution.written
    assert execution.changes == []
    assert texts(executed) == ["42\n"]
    assert executed.read_bytes() == before
    assert executed.stat().st_mtime == 0  # not even written


def test_what_differs_between_machines_is_not_stored(executed):
    """Versions, timings, and digits that a figure or a record has from a processor."""
    before = executed.read_bytes()

    def change(notebook):
        cells = notebook["cells"]
        cells[2]["source"] = FIGURE.replace("VALUE", "3.0000004")
        cells[3]["source"] = SENTENCE.replace("HOLDS", "True").replace("CAR", "0.25001")

    rewrite(executed, change)
    rewrite(executed, lambda notebook: notebook["metadata"].update(widgets={}))
    rewrite(
        executed,
        lambda notebook: notebook["cells"][1]["metadata"].update(execution={"at": "1"}),
    )
    [execution], _ = run_notebooks([executed])
    assert execution.changes == []
    after, stored = (json.loads(one) for one in (executed.read_bytes(), before))
    assert after["metadata"] == stored["metadata"]
    for new, old in zip(after["cells"][1:], stored["cells"][1:], strict=True):
        assert (new["outputs"], new["metadata"]) == (old["outputs"], old["metadata"])


def test_a_result_that_changed_is_written_and_named(executed):
    def change(notebook):
        cells = notebook["cells"]
        cells[1]["source"] = "print(6 * 8)"
        cells[2]["source"] = FIGURE.replace("VALUE", "3.2")
        cells[3]["source"] = SENTENCE.replace("HOLDS", "False").replace("CAR", "0.5")

    rewrite(executed, change)
    done = run_command("run", str(executed))
    assert done.returncode == 0, done.stderr
    for what in (
        "cell 2: text: “48” and was “42”",
        "cell 3: the figure: the panel: y of line 1: 3.2 and was 3",
        "cell 4: its sentence no longer holds with these data",
        "cell 4: record numbers car is 0.5 and was 0.25 (100.00% of it)",
        "results.json",
    ):
        assert what in done.stdout
    assert texts(executed) == ["48\n"]
    results = json.loads((executed.parent / "results.json").read_text())
    assert results == {
        "small": {"answer": "It rose.", "numbers": {"car": 0.5}, "p_values": [0.5]}
    }


def test_a_later_stage_reads_what_an_earlier_one_recorded(make_notebook):
    sentence = SENTENCE.replace("HOLDS", "True").replace("CAR", "2 / 3")
    read = "print(json.load(open('results.json'))['first']['numbers']['car'])"
    late = make_notebook("import json", read, name="a-late-one", stage=1)
    first = make_notebook("import time; time.sleep(1)", sentence, name="first")
    run_notebooks([late, first])
    assert texts(late) == ["0.666667\n"]


def test_a_notebook_runs_in_its_own_folder_with_a_fresh_kernel(make_notebook):
    """Kernels share what was imported before them, and nothing that one of them did."""
    mark = "import builtins, os; print('mark' in os.environ, hasattr(builtins, 'mark'))"
    path = make_notebook(
        "from pathlib import Path; print(Path('small.ipynb').exists())",
        mark,
        "os.environ['mark'] = builtins.mark = 'left behind'",
    )
    for _ in range(2):
        run_notebooks([path])
        assert texts(path) == ["True\n", "False False\n"]


def test_a_failing_cell_is_shown_and_nothing_of_it_is_stored(make_notebook):
    path = make_notebook("a = 1", "a / 0", "print('never')")
    other = make_notebook("print('done')", name="other")
    later = make_notebook("print('not even started')", name="later", stage=1)
    before = path.read_bytes()
    done = run_command("run", str(path.parent))
    assert done.returncode == 2
    assert "small.ipynb: cell 3 failed with ZeroDivisionError" in done.stderr
    assert "a / 0" in done.stderr
    assert "\x1b" not in done.stderr
    assert path.read_bytes() == before
    assert (texts(other), texts(later)) == (["done\n"], [])
    assert not list(path.parent.glob(".*"))


@pytest.mark.parametrize(
    ("code", "timeout", "message"),
    [
        ("import time; time.sleep(600)", 1, r"cell 2 took longer than 1 seconds"),
        ("import os; os._exit(3)", 300, r"cell 2 killed the kernel"),
    ],
)
def test_a_cell_that_never_ends_or_kills_the_kernel_is_named(
    make_notebook, code, timeout, message
):
    path = make_notebook(code)
    before = path.read_bytes()
    with pytest.raises(HelpersError, match=message):
        run_notebooks([path], timeout=timeout)
    assert path.read_bytes() == before


def test_run_and_check_tell_what_they_did(executed):
    done = run_command("run", str(executed))
    assert done.returncode == 0, done.stderr
    assert "Executed 1 notebook" in done.stdout
    assert "results.json" in done.stdout  # which was not there yet
    assert "small is done" in done.stderr
    assert "TCP" not in done.stderr
    done = run_command("check", str(executed))
    assert (done.returncode, done.stdout) == (0, "Checked 1 notebook: no faults.\n")
    rewrite(executed, lambda notebook: notebook["cells"][1].update(execution_count=7))
    done = run_command("check", str(executed))
    assert done.returncode == 1
    assert "small.ipynb:2: execution count 7 instead of 1" in done.stdout


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "is not a notebook"), ("not json", "cannot be read")],
)
def test_a_file_that_is_no_notebook_is_refused_by_name(tmp_path, content, message):
    path = tmp_path / "odd.ipynb"
    if content is not None:
        path.write_text(content)
    for command in ("run", "check"):
        done = run_command(command, str(path))
        assert done.returncode == 2
        assert "odd.ipynb" in done.stderr
        assert message in done.stderr
        assert "Traceback" not in done.stderr


def test_a_folder_without_notebooks_is_refused(tmp_path):
    with pytest.raises(HelpersError, match="no notebook in"):
        find_notebooks([tmp_path])
