"""Executing notebooks: fresh, repeatable, all or nothing."""

from __future__ import annotations

import json
import os

import pytest
from notebook_tools import nbval, rewrite, run_command

from helpers.errors import HelpersError
from helpers.notebooks.execute import execute_notebook
from helpers.notebooks.files import find_notebooks


def test_a_fresh_notebook_is_executed_and_passes_the_comparison(executed):
    cells = json.loads(executed.read_text())["cells"]
    assert cells[1]["outputs"][0]["text"] == ["42\n"]
    done = nbval(executed)
    assert done.returncode == 0, done.stdout


def test_executing_twice_changes_not_one_byte(executed):
    before = executed.read_bytes()
    os.utime(executed, (0, 0))
    assert not execute_notebook(executed, progress=False).changed
    assert executed.read_bytes() == before
    assert executed.stat().st_mtime == 0  # not even written


def test_what_differs_between_machines_is_not_stored(executed):
    before = executed.read_bytes()

    def add_noise(notebook):
        notebook["metadata"]["language_info"]["version"] = "3.99.0"
        notebook["metadata"]["kernelspec"]["name"] = "my-own-kernel"
        notebook["metadata"]["widgets"] = {"state": {}}
        notebook["cells"][1]["metadata"]["execution"] = {"iopub.execute_input": "now"}

    rewrite(executed, add_noise)
    assert execute_notebook(executed, progress=False).changed
    assert executed.read_bytes() == before


def test_a_notebook_runs_in_its_own_folder_with_a_fresh_kernel(make_notebook):
    path = make_notebook(
        "from pathlib import Path; print(Path('small.ipynb').exists())",
        "import sys; print('numpy' in sys.modules)",
    )
    execute_notebook(path, progress=False)
    cells = json.loads(path.read_text())["cells"]
    assert [cell["outputs"][0]["text"] for cell in cells[1:]] == [
        ["True\n"],
        ["False\n"],
    ]


def test_a_failing_cell_is_shown_and_nothing_is_stored(make_notebook):
    path = make_notebook("a = 1", "a / 0", "print('never')")
    before = path.read_bytes()
    done = run_command("run", str(path))
    assert done.returncode == 2
    assert "small.ipynb: cell 3 failed with ZeroDivisionError" in done.stderr
    assert "a / 0" in done.stderr
    assert "\x1b" not in done.stderr
    assert path.read_bytes() == before
    assert [item.name for item in path.parent.iterdir()] == [path.name]


def test_a_cell_that_takes_too_long_is_named(make_notebook):
    path = make_notebook("import time; time.sleep(60)")
    before = path.read_bytes()
    with pytest.raises(HelpersError, match=r"cell 2 took longer than 1 seconds"):
        execute_notebook(path, timeout=1, progress=False)
    assert path.read_bytes() == before


def test_a_cell_that_kills_the_kernel_is_named(make_notebook):
    path = make_notebook("import os; os._exit(3)")
    with pytest.raises(HelpersError, match=r"cell 2 killed the kernel"):
        execute_notebook(path, progress=False)


def test_run_and_check_tell_what_they_did(executed):
    done = run_command("run", str(executed))
    assert done.returncode == 0, done.stderr
    assert "Executed 1 notebook" in done.stdout
    assert "came out the same" in done.stdout
    assert "[small]" in done.stderr
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
