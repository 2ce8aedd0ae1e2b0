"""Results file, README and computed numbers hold one another."""

import json
from pathlib import Path

import pytest

from helpers import HelpersError
from helpers.notebooks.prose import unbacked_numbers
from helpers.notebooks.results import (
    FIGURE_FILE,
    README_FILE,
    RESULTS_FILE,
    compute,
    finding_in,
    results_text,
    write_all,
)

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def written():
    return compute()


def test_results_file_is_what_the_data_give(written):
    stored = json.loads((ROOT / RESULTS_FILE).read_text(encoding="utf-8"))
    assert stored == json.loads(results_text(written.results))


def test_readme_states_the_computed_finding(written):
    readme = (ROOT / README_FILE).read_text(encoding="utf-8")
    assert finding_in(readme) == written.finding
    assert (ROOT / FIGURE_FILE).is_file()


def test_the_finding_has_no_number_of_its_own(written):
    assert unbacked_numbers(written.finding, written.results) == []


def test_readme_without_markers_is_refused():
    with pytest.raises(HelpersError, match="finding"):
        finding_in("# A title\n")


def test_writing_twice_changes_nothing(tmp_path, written):
    (tmp_path / README_FILE).write_text(
        (ROOT / README_FILE).read_text(encoding="utf-8"), encoding="utf-8"
    )
    assert set(write_all(tmp_path, written)) >= {RESULTS_FILE, FIGURE_FILE}
    assert write_all(tmp_path, written) == []
