"""The form of a stored notebook: what comparing its outputs cannot see.

The comparison looks at no cell without a count, at no image whose numbers agree,
and knows nothing of readers.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from book.agreement import denied_numbers
from book.compare import image_is_its_own
from book.notebooks import add_notebooks, find_notebooks, short_name
from book.prose import measured_numbers
from helpers.errors import HelpersError

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

LONGEST_CELL = 30
LONGEST_MEDIAN = 10
SHORTEST_ALT = 40
PARAMETERS = "parameters"

_ADDRESS = re.compile(r"<[^<>]* at 0x[0-9a-f]{6,}>")
_MACHINE_PATH = re.compile(r"/(?:home|root|tmp|Users)/|[A-Za-z]:\\Users")
_WEB_ADDRESS = re.compile(r"https?://\S+")
_COMMENT_TO_NBVAL = re.compile(r"NBVAL_|PYTEST_VALIDATE_")
_TAGS_TO_RUNNERS = re.compile(r"nbval|raises-exception|skip-execution")
_FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_TITLE = re.compile(r"^# +(.*\S)", re.MULTILINE)
_MARKDOWN_IMAGE = re.compile(r"!\[([^\]]*)\]")
_HTML_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_HTML_ALT = re.compile(r"""\balt\s*=\s*(["'])(.*?)\1""", re.IGNORECASE | re.DOTALL)

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a notebook.

    Attributes
    ----------
    notebook : str
        The notebook's file.
    cell : int or None
        The cell, counted from 1 over all cells; None for the notebook as a whole.
    what : str
        What is wrong.
    """

    notebook: str
    cell: int | None
    what: str

    def __str__(self) -> str:
        """Return the fault on one line."""
        where = self.notebook if self.cell is None else f"{self.notebook}:{self.cell}"
        return f"{where}: {self.what}"


def check_notebook(path: Path) -> list[Fault]:
    """Return everything that is wrong with the form of a stored notebook.

    Parameters
    ----------
    path : Path
        The notebook.

    Returns
    -------
    list of Fault
        Empty if nothing is wrong.

    Raises
    ------
    HelpersError
        If the file cannot be read as JSON.
    """
    name = short_name(path)
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise HelpersError(f"{name} cannot be read: {error}") from error
    invalid = _schema_fault(notebook)
    if invalid:
        return [Fault(name, None, invalid)]
    cells = notebook["cells"]
    faults = [Fault(name, None, what) for what in _whole_faults(notebook)]
    for number, cell in enumerate(cells, 1):
        faults += [Fault(name, number, what) for what in _cell_faults(cell)]
    return faults + [Fault(name, at, what) for at, what in _order_faults(cells)]


def _schema_fault(notebook: Any) -> str | None:
    from nbformat.validator import iter_validate

    if not isinstance(notebook, dict):
        return "not a valid notebook: it is not a JSON object"
    version = (notebook.get("nbformat"), notebook.get("nbformat_minor"))
    if version != (4, 5):
        return f"notebook format {version[0]}.{version[1]} instead of 4.5"
    # Unlike nbformat.validate, this repairs nothing behind our back.
    for error in iter_validate(notebook):
        return f"not a valid notebook: {error.message[:200]}"
    return None


def _whole_faults(notebook: Json) -> Iterator[str]:
    kernel = notebook["metadata"].get("kernelspec", {}).get("name")
    if kernel != "python3":
        yield f"the kernel is {kernel!r} instead of 'python3'"
    cells = notebook["cells"]
    if len({cell["id"] for cell in cells}) < len(cells):
        yield "two cells have the same id"
    titled = [
        number
        for number, cell in enumerate(cells, 1)
        if cell["cell_type"] == "markdown"
        for _ in _TITLE.findall(_FENCED.sub("", _text(cell["source"])))
    ]
    if titled != [1]:
        yield "the first cell must hold the only title (a line starting with '# ')"
    lengths = [
        len(_text(cell["source"]).splitlines())
        for cell in cells
        if cell["cell_type"] == "code"
    ]
    if lengths and statistics.median(lengths) > LONGEST_MEDIAN:
        yield (
            f"the median code cell has {statistics.median(lengths):g} lines, "
            f"more than {LONGEST_MEDIAN}"
        )


def _order_faults(cells: list[Json]) -> Iterator[tuple[int, str]]:
    code = [
        (number, cell)
        for number, cell in enumerate(cells, 1)
        if cell["cell_type"] == "code" and _text(cell["source"]).strip()
    ]
    for expected, (number, cell) in enumerate(code, 1):
        count = cell["execution_count"]
        if count != expected:
            yield number, f"execution count {count} instead of {expected}"
        if expected > 1 and PARAMETERS in _tags(cell):
            yield number, f"the cell tagged {PARAMETERS!r} is not the first code cell"


def _cell_faults(cell: Json) -> Iterator[str]:
    source = _text(cell["source"])
    if not source.strip():
        yield "the cell is empty"
    if _MACHINE_PATH.search(_WEB_ADDRESS.sub("", source)):
        yield "the source names a path of one machine"
    if _COMMENT_TO_NBVAL.search(source) or any(
        map(_TAGS_TO_RUNNERS.search, _tags(cell))
    ):
        yield "a tag or comment keeps the cell from being tested"
    if cell["cell_type"] == "markdown":
        yield from _markdown_faults(source)
    elif cell["cell_type"] == "code":
        lines = len(source.splitlines())
        if lines > LONGEST_CELL:
            yield f"{lines} lines of code, more than {LONGEST_CELL}"
        for output, after in zip_longest(cell["outputs"], cell["outputs"][1:]):
            yield from _output_faults(output)
            yield from _figure_faults(output, after or {})


def _markdown_faults(source: str) -> Iterator[str]:
    alts = _MARKDOWN_IMAGE.findall(source)
    for tag in _HTML_IMAGE.findall(source):
        found = _HTML_ALT.search(tag)
        alts.append(found[2] if found else "")
    for alt in alts:
        if len(alt.strip()) < SHORTEST_ALT:
            yield f"an image has an alt text shorter than {SHORTEST_ALT}: {alt!r}"
    for number in measured_numbers(source):
        yield f"prose states {number!r}, which the data could move: let code say it"


def _output_faults(output: Json) -> Iterator[str]:
    if output["output_type"] == "error":
        yield f"a stored error: {output['ename']}"
    if output.get("name") == "stderr":
        yield "a stored message on stderr"
    data = output.get("data", {})
    about = output.get("metadata", {})
    if about.get("helpers", {}).get("holds", True) is not True:
        said = " ".join(_text(data.get("text/plain", "")).split())
        yield f"this no longer holds with these data: {said}"
    for kind in data:
        if kind.startswith("image/"):
            yield from _image_faults(output, about.get(kind, {}))
    shown = [
        content if isinstance(content, (str, list)) else json.dumps(content)
        for kind, content in data.items()
        if not kind.startswith("image/")
    ]
    texts = [output.get("text", ""), *shown, output.get("traceback", [])]
    if any(_MACHINE_PATH.search(_text(text)) for text in texts):
        yield "an output names a path of one machine"
    if any(_ADDRESS.search(_text(text)) for text in texts):
        yield "an object is shown by its address in memory: end the cell without it"


def _image_faults(output: Json, about: Json) -> Iterator[str]:
    alt = str(about.get("alt", "")).strip()
    if len(alt) < SHORTEST_ALT:
        yield f"an image has an alt text shorter than {SHORTEST_ALT}: {alt!r}"
    if "sha256" not in about:
        yield "an image was not made by helpers' show(): it carries no sha256"
    elif not image_is_its_own(output):
        yield "an image is not the one that the code drew: its sha256 differs"


def _figure_faults(output: Json, after: Json) -> Iterator[str]:
    """Numbers of a figure's title, caption and alternative text that do not agree."""
    about = output.get("metadata", {}).get("image/png", {})
    drawn = about.get("drawn")
    if not isinstance(drawn, dict):
        return
    panels, alt = drawn.get("panels", []), str(about.get("alt", ""))
    title = _text(output.get("data", {}).get("text/plain", ""))
    caption = _text(after.get("data", {}).get("text/markdown", ""))
    heads = " ".join([title, *drawn.get("texts", []), caption])
    for number in denied_numbers(alt, heads, panels):
        yield (
            f"the alternative text says {number}, which is neither drawn nor said "
            "in title or caption"
        )
    for number in denied_numbers(title, f"{caption} {alt}", panels):
        yield (
            f"the title says {number}, which is neither drawn nor said in caption or "
            "alternative text"
        )


def _tags(cell: Json) -> list[str]:
    return list(cell["metadata"].get("tags", []))


def _text(source: str | list[str]) -> str:
    """Return text that the file may hold as a list of lines."""
    return source if isinstance(source, str) else "".join(source)


def add_check(subparsers: Subparsers) -> None:
    """Add ``check`` to a command line."""
    check = subparsers.add_parser(
        "check", help="check the form of notebooks: order, alt text, cell lengths"
    )
    add_notebooks(check)
    check.set_defaults(handler=_check)


def _check(arguments: argparse.Namespace) -> int:
    paths = find_notebooks(arguments.paths)
    faults = [fault for path in paths for fault in check_notebook(path)]
    for fault in faults:
        print(fault)
    plural = "" if len(paths) == 1 else "s"
    print(f"Checked {len(paths)} notebook{plural}: {len(faults) or 'no'} faults.")
    return 1 if faults else 0
