"""The results file, and the README's finding and figure, written by code."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from helpers.errors import HelpersError
from helpers.evidence.results import Results, all_results

RESULTS_FILE = "notebooks/results.json"
FIGURE_FILE = "notebooks/images/late-august.png"
README_FILE = "README.md"
OVERVIEW_FILE = "notebooks/00-overview.ipynb"
START, END = "<!-- finding: written by code -->", "<!-- end of finding -->"
_BLOCK = re.compile(f"{re.escape(START)}\n(.*?){re.escape(END)}", re.DOTALL)


@dataclass(frozen=True)
class Written:
    """What the files should hold.

    Attributes
    ----------
    results : Results
        Content of ``notebooks/results.json``.
    finding : str
        Text between the two markers of the README.
    figure : bytes
        PNG of the README's figure.
    """

    results: Results
    finding: str
    figure: bytes


def compute() -> Written:
    """Compute the results, the README's finding and its figure from the data."""
    from helpers.evidence.late_august import LateAugust
    from helpers.evidence.late_august_findings import late_august_findings
    from helpers.presentation.late_august import day_by_day
    from helpers.presentation.notebook import render_png

    results, answers = all_results()
    study = LateAugust()
    plate = day_by_day(study, late_august_findings(study))
    alt = plate["alt"].replace("[", "(").replace("]", ")")
    finding = (
        f"**{answers['overview']}**\n\n"
        f"All verdicts with their evidence: [{OVERVIEW_FILE}]({OVERVIEW_FILE}). On the "
        f"first claim: {answers['late-august']}\n\n![{alt}]({FIGURE_FILE})"
    )
    return Written(results, finding, render_png(plate["fig"]))


def results_text(results: Results) -> str:
    """The results file as it is written."""
    return json.dumps(results, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def finding_in(readme: str) -> str:
    """The finding that a README states.

    Raises
    ------
    HelpersError
        If the README lacks the two markers around it.
    """
    found = _BLOCK.search(readme)
    if not found:
        raise HelpersError(f"{README_FILE} lacks the lines {START} and {END}.")
    return found[1].strip("\n")


def with_finding(readme: str, finding: str) -> str:
    """The README with the text between its markers replaced."""
    finding_in(readme)
    return _BLOCK.sub(lambda _: f"{START}\n{finding}\n{END}", readme)


def write_all(root: Path, written: Written | None = None) -> list[str]:
    """Bring results file, README and figure up to date.

    Parameters
    ----------
    root : Path
        The checkout.
    written : Written, optional
        What the files should hold; computed by default.

    Returns
    -------
    list of str
        The files that changed, relative to `root`.
    """
    from helpers.data.replacement import write_atomic

    written = compute() if written is None else written
    readme = (root / README_FILE).read_text(encoding="utf-8")
    readme = with_finding(readme, written.finding)
    wanted = {
        RESULTS_FILE: results_text(written.results).encode(),
        README_FILE: readme.encode(),
        FIGURE_FILE: written.figure,
    }
    changed = []
    for name, content in wanted.items():
        path = root / name
        if not path.is_file() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(path, content)
            changed.append(name)
    return changed
