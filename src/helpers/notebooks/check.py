"""The form of a stored notebook: what comparing outputs cannot see.

nbval compares text outputs of cells that carry an execution count. It looks at no
image, passes over cells without a count, and knows nothing of readability.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import statistics
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.errors import HelpersError
from helpers.notebooks.files import short_name
from helpers.presentation.notebook import SHORTEST_ALT

LONGEST_CELL = 25
LONGEST_MEDIAN = 6

_STORED_PATH = re.compile(r"/(?:home|root|tmp|Users)/|[A-Za-z]:\\Users")
_WEB_ADDRESS = re.compile(r"https?://\S+")
_SHELL = re.compile(
    r"^\s*(?:\w+\s*=\s*)?(?:!|%%?(?:bash|sh|script|sx|system|pip|conda|mamba|uv)\b)",
    re.MULTILINE,
)
_COMMENT_TO_NBVAL = re.compile(r"NBVAL_|PYTEST_VALIDATE_")
_TAGS_TO_RUNNERS = re.compile(r"nbval|raises-exception|skip-execution")
_FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_TITLE = re.compile(r"^# +(.*\S)", re.MULTILINE)
_MARKDOWN_IMAGE = re.compile(r"!\[([^\]]*)\]")
_HTML_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_HTML_ALT = re.compile(r"""\balt\s*=\s*(["'])(.*?)\1""", re.IGNORECASE | re.DOTALL)


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
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise HelpersError(f"{short_name(path)} cannot be read: {error}") from error
    name = short_name(path)
    invalid = _schema_fault(notebook)
    if invalid:
        return [Fault(name, None, invalid)]
    faults = [Fault(name, None, what) for what in _whole_faults(notebook)]
    for number, cell in enumerate(notebook["cells"], 1):
        faults += [Fault(name, number, what) for what in _cell_faults(cell)]
    faults += [Fault(name, at, what) for at, what in _count_faults(notebook["cells"])]
    return faults


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


def _whole_faults(notebook: dict[str, Any]) -> Iterator[str]:
    kernel = notebook["metadata"].get("kernelspec", {}).get("name")
    if kernel != "python3":
        yield f"the kernel is {kernel!r} instead of 'python3'"
    cells = notebook["cells"]
    for cell_id, count in Counter(cell["id"] for cell in cells).items():
        if count > 1:
            yield f"{count} cells have the id {cell_id!r}"
    titles = [
        (number, title)
        for number, cell in enumerate(cells, 1)
        if cell["cell_type"] == "markdown"
        for title in _TITLE.findall(_FENCED.sub("", _text(cell["source"])))
    ]
    if len(titles) != 1 or titles[0][0] != 1:
        yield "the first cell must hold the only title (a line starting with '# ')"
    elif titles[0][1][-1] in ".!:;,":
        yield f"the title must be a question or a name: {titles[0][1]!r}"
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


def _count_faults(cells: list[dict[str, Any]]) -> Iterator[tuple[int, str]]:
    expected = 0
    for number, cell in enumerate(cells, 1):
        if cell["cell_type"] != "code" or not _text(cell["source"]).strip():
            continue
        expected += 1
        count = cell["execution_count"]
        if count != expected:
            yield number, f"execution count {count} instead of {expected}"


def _cell_faults(cell: dict[str, Any]) -> Iterator[str]:
    source = _text(cell["source"])
    if not source.strip():
        yield "the cell is empty"
    if _STORED_PATH.search(_WEB_ADDRESS.sub("", source)):
        yield "the source names a path of one machine"
    for tag in cell["metadata"].get("tags", []):
        if _TAGS_TO_RUNNERS.search(tag):
            yield f"the tag {tag!r} keeps the cell from being tested"
    if cell["cell_type"] == "markdown":
        yield from _markdown_faults(source)
    elif cell["cell_type"] == "code":
        yield from _code_faults(source)
        for output in cell["outputs"]:
            yield from _output_faults(output)


def _markdown_faults(source: str) -> Iterator[str]:
    alts = _MARKDOWN_IMAGE.findall(source)
    for tag in _HTML_IMAGE.findall(source):
        found = _HTML_ALT.search(tag)
        alts.append(found[2] if found else "")
    for alt in alts:
        if len(alt.strip()) < SHORTEST_ALT:
            yield f"an image has an alt text shorter than {SHORTEST_ALT}: {alt!r}"


def _code_faults(source: str) -> Iterator[str]:
    lines = source.splitlines()
    if len(lines) > LONGEST_CELL:
        yield f"{len(lines)} lines of code, more than {LONGEST_CELL}"
    if source.rstrip().endswith(";"):
        yield "the code ends with a semicolon"
    if _COMMENT_TO_NBVAL.search(source):
        yield "a comment keeps the cell's output from being compared"
    if _SHELL.search(source):
        yield "the code calls a shell or a package installer"


def _output_faults(output: dict[str, Any]) -> Iterator[str]:
    if output["output_type"] == "error":
        yield f"a stored error: {output['ename']}"
    if output.get("name") == "stderr":
        yield "a stored message on stderr"
    texts = [_text(output.get("text", ""))]
    for kind, content in output.get("data", {}).items():
        if kind.startswith("image/"):
            metadata = output.get("metadata", {}).get(kind, {})
            yield from _image_faults(kind, _text(content), metadata)
        else:
            shown = json.dumps(content) if isinstance(content, dict) else content
            texts.append(_text(shown))
    texts += output.get("traceback", [])
    if any(_STORED_PATH.search(text) for text in texts):
        yield "an output names a path of one machine"


def _image_faults(kind: str, content: str, metadata: dict[str, Any]) -> Iterator[str]:
    alt = str(metadata.get("alt", "")).strip()
    if len(alt) < SHORTEST_ALT:
        yield f"an image has an alt text shorter than {SHORTEST_ALT}: {alt!r}"
    try:
        stored = (
            content.encode()
            if kind == "image/svg+xml"
            else base64.b64decode(content, validate=False)
        )
    except binascii.Error:
        yield "an image cannot be decoded"
        return
    if "sha256" not in metadata:
        yield "an image was not made by helpers' show(): it carries no sha256"
    elif hashlib.sha256(stored).hexdigest() != metadata["sha256"]:
        yield "an image is not the one that the code drew: its sha256 differs"


def _text(source: str | list[str]) -> str:
    """Return text that the file may hold as a list of lines."""
    return source if isinstance(source, str) else "".join(source)
