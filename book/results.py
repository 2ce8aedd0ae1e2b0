"""What the notebooks recorded, gathered in one file; the README's finding from it.

Everything here is a function of the stored notebooks: nothing is computed twice.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from book.notebooks import short_name, write_if_changed
from helpers.data.text import harmless
from helpers.errors import HelpersError

RESULTS_FILE = "results.json"
OVERVIEW = "00-overview"
DIGITS = 6
START, END = "<!-- finding: written by code -->", "<!-- end of finding -->"
_BLOCK = re.compile(f"{re.escape(START)}\n(.*?){re.escape(END)}", re.DOTALL)
# Which figure the finding shows, as the README names it, and the file it goes to.
_FIGURE = re.compile(
    r"<!-- figure (?P<number>\d+) of notebooks/(?P<stem>[\w-]+)\.ipynb -->\n"
    r"!\[[^\]]*\]\((?P<file>[^)\s]+\.png)\)"
)

Record = dict[str, Any]


def write_results(folder: Path) -> list[Path]:
    """Bring ``results.json`` up to date with a folder's notebooks, and the README.

    Parameters
    ----------
    folder : Path
        Folder of executed notebooks. A ``README.md`` above it that has the two
        markers around its finding is written too.

    Returns
    -------
    list of Path
        Files that changed.
    """
    notebooks = {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*.ipynb"))
    }
    results = gather(notebooks)
    wanted: dict[Path, bytes] = {}
    if results or (folder / RESULTS_FILE).is_file():
        wanted[folder / RESULTS_FILE] = results_text(results).encode()
    readme = folder.parent / "README.md"
    if readme.is_file():
        wanted.update(_finding(readme, results, notebooks))
    return [path for path, new in wanted.items() if write_if_changed(path, new)]


def gather(notebooks: Mapping[str, Mapping[str, Any]]) -> dict[str, Record]:
    """Merge what the outputs of each notebook recorded, in the order of its cells.

    Parameters
    ----------
    notebooks : mapping of str to dict
        Name of a notebook -> the notebook as JSON.

    Returns
    -------
    dict of str to dict
        Name -> record, of those that recorded anything. Records of a notebook are
        merged: dictionaries into one another, lists one after the other.

    Raises
    ------
    HelpersError
        If one notebook records two values under one name.
    """
    results: dict[str, Record] = {}
    for name, notebook in notebooks.items():
        record: Record = {}
        for output in _outputs(notebook):
            about = output.get("metadata", {}).get("helpers", {})
            _merge(record, about.get("record", {}), name)
            # Every p-value that the notebook printed, to be counted.
            if about.get("p_values"):
                _merge(record, {"p_values": about["p_values"]}, name)
        if record:
            results[name] = record
    return results


def results_text(results: Mapping[str, Any]) -> str:
    """Return the results file as it is written: sorted, with six digits."""
    rounded = _rounded(results)
    return json.dumps(rounded, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _merge(into: Record, record: Mapping[str, Any], where: str) -> None:
    for key, value in record.items():
        if isinstance(value, Mapping):
            _merge(into.setdefault(key, {}), value, f"{where}: {key}")
        elif isinstance(value, list):
            into[key] = [*into.get(key, []), *value]
        elif into.get(key, value) != value:
            raise HelpersError(
                f"{where}: {key!r} is recorded twice, as {into[key]!r} and as "
                f"{value!r}: give each number its own name."
            )
        else:
            into[key] = value


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


def _finding(
    readme: Path, results: Mapping[str, Any], notebooks: Mapping[str, Any]
) -> dict[Path, bytes]:
    """The README with its finding as the notebooks have it, and its figure."""
    text = readme.read_text(encoding="utf-8")
    block, answer = _BLOCK.search(text), results.get(OVERVIEW, {}).get("answer")
    if not block or not answer:
        return {}
    wanted: dict[Path, bytes] = {}
    rest = block[1].strip("\n").split("\n\n", 1)[1:]
    if figure := _FIGURE.search(block[1]):
        stem, number, file = figure["stem"], int(figure["number"]), figure["file"]
        image, alt = _figure(notebooks, stem, number, readme)
        wanted[readme.parent / file] = image
        overview = f"notebooks/{OVERVIEW}.ipynb"
        rest = [
            f"All verdicts with their evidence: [{overview}]({overview}). On the first "
            f"claim: {harmless(results.get(stem, {}).get('answer', ''))}",
            f"<!-- figure {number} of notebooks/{stem}.ipynb -->\n![{alt}]({file})",
        ]
    finding = "\n\n".join([f"**{harmless(answer)}**", *rest])
    wanted[readme] = _BLOCK.sub(lambda _: f"{START}\n{finding}\n{END}", text).encode()
    return wanted


def _figure(
    notebooks: Mapping[str, Any], stem: str, number: int, readme: Path
) -> tuple[bytes, str]:
    shown = [
        output
        for output in _outputs(notebooks.get(stem, {}))
        if "image/png" in output.get("data", {})
    ]
    if not 0 < number <= len(shown):
        raise HelpersError(
            f"{short_name(readme)} names figure {number} of {stem}.ipynb, which has "
            f"{len(shown)} figures."
        )
    content = shown[number - 1]["data"]["image/png"]
    png = base64.b64decode(content if isinstance(content, str) else "".join(content))
    alt = shown[number - 1].get("metadata", {}).get("image/png", {}).get("alt", "")
    return png, harmless(alt.replace("[", "(").replace("]", ")"))


def _outputs(notebook: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    for cell in notebook.get("cells", ()):
        yield from cell.get("outputs", ())
