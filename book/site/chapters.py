"""Chapters of the book: executed notebooks, prepared for Sphinx without running.

What a chapter shows is taken from its stored outputs: alt text for the images, a
CSV file behind each figure and table, its answer, and the cell in which each claim is
decided. Controls live in a running notebook only; where one stood, the page says so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from book.drawn_compare import COLUMNS, drawn_rows
from book.notebooks import short_name
from book.site.markup import below, csv_text, download, literal
from book.site.tables import framed_table, table_rows
from helpers.data.text import harmless
from helpers.errors import HelpersError

IMAGE = "image/png"
FIGURE_CAPTION = "**Figure.**"
_TITLE = re.compile(r"^# +(.*\S)", re.MULTILINE)
_NAME = re.compile(r"[\w+-][\w.+-]*(?: [\w.+-]+)*")
_NOTEBOOK_LINK = re.compile(r"\]\((?:\.\./)?(?:notebooks/)?([\w-]+)\.ipynb(#[^)]*)?\)")
# A Markdown table whose first column has no heading, which would be announced as one.
_NAMELESS = re.compile(r"^\| *\|(?=.*\n\|[-:| ]+$)", re.MULTILINE)
_CODEBOOK = "`data/README.md`"
WIDGET = "application/vnd.jupyter.widget-view+json"
# A control without anything beside it that a page could show.
ONLY_LIVE = (
    '<p class="only-live">Here the notebook has controls, which work in JupyterLab: '
    "<code>make lab</code>.</p>"
)
# All that is no numbered chapter is for working in.
LAB = re.compile(r"start-here|\d+-(explorer|your-own-event)|(?!\d+-).*")

Json = dict[str, Any]


@dataclass(frozen=True)
class Image:
    """A stored figure."""

    alt: str
    width: int  # in CSS pixels
    numbers: str = ""  # address of its CSV file within the site


@dataclass
class Chapter:
    """A notebook as a page."""

    name: str  # of the file, without suffix
    title: str
    notebook: Json  # as it is handed to Sphinx
    answer: str = ""  # in one sentence, if it recorded one
    # By claim_id: the id of the cell that decides it, and what that recorded.
    claims: dict[str, tuple[str, Json]] = field(default_factory=dict)
    images: dict[str, Image] = field(default_factory=dict)  # by sha256
    # By name: CSV text of what stands behind its figures and tables.
    files: dict[str, str] = field(default_factory=dict)

    @property
    def is_lab(self) -> bool:
        """Whether it is for working in."""
        return LAB.fullmatch(self.name) is not None

    @property
    def part(self) -> str:
        """What it, its figures and its tables are numbered by: 2. in 02-late-august."""
        number = self.name.partition("-")[0]
        return f"{int(number)}." if number.isdecimal() else ""

    def drawing(self, digest: str) -> Json:
        """What is stored of the figure with this digest; empty if it is not here."""
        for cell in self.notebook["cells"]:
            for output in cell.get("outputs", []):
                about = output.get("metadata", {}).get(IMAGE, {})
                if about.get("sha256") == digest:
                    drawn = about.get("drawn")
                    return drawn if isinstance(drawn, dict) else {}
        return {}

    @property
    def heading(self) -> str:
        """Its title with its number."""
        return f"{self.part} {self.title}".lstrip()

    @property
    def place(self) -> str:
        """What it is sorted by: its name, or that of the chapter which it follows."""
        after = self.notebook["metadata"].get("after")
        return f"{after}~{self.name}" if after else self.name


def read_chapters(paths: Iterable[Path], events: Mapping[str, str]) -> list[Chapter]:
    """Prepare stored notebooks, and return them in the order of the book.

    Parameters
    ----------
    paths : iterable of Path
    events : mapping of an event's title to its id
        In tables their titles become links to their pages.

    Raises
    ------
    HelpersError
        If a file is no notebook, has no title in its first cell, is of a format
        without cell ids, or has a name that cannot stand in an address.
    """
    pages = {title: f"../events/{event}.html" for title, event in events.items()}
    return sorted(
        (_read(path, pages) for path in paths),
        key=lambda one: (one.is_lab, one.name != "start-here", one.place),
    )


def _read(path: Path, pages: Mapping[str, str]) -> Chapter:
    if not _NAME.fullmatch(path.stem):
        raise HelpersError(
            f"{short_name(path)} has a name that makes no address: use letters, "
            "digits, hyphens and single blanks."
        )
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        title = _TITLE.search(text(notebook["cells"][0]["source"]))
    except (OSError, ValueError) as error:
        raise HelpersError(f"{short_name(path)} cannot be read: {error}") from error
    except (KeyError, IndexError, TypeError):
        title = None
    if title is None:
        raise HelpersError(
            f"{short_name(path)} has no title: start its first cell with '# '."
        )
    if any("id" not in cell for cell in notebook["cells"]):
        raise HelpersError(
            f"{short_name(path)} has cells without an id, as notebooks had before "
            "format 4.5: open it in JupyterLab and save it."
        )
    # Every page shows it, and not every notebook is of this book.
    first = notebook["cells"][0]
    chapter = Chapter(path.stem, title[1], notebook)
    heading = f"# {literal(chapter.heading)}"
    first["source"] = _TITLE.sub(lambda _: heading, text(first["source"]), 1)
    # The state of controls, for which pages would ask another server for scripts.
    notebook["metadata"].pop("widgets", None)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            _prepare_code(cell, chapter, pages)
        elif cell["cell_type"] == "markdown":
            cell["source"] = link_pages(text(cell["source"]))
    notebook["cells"][0]["source"] += (
        '\n\n<p class="page-tools">'
        f"{download(f'notebooks/{path.name}', 'Take this notebook away', '../')} "
        '<button type="button" onclick="window.print()">Print, or keep as PDF'
        "</button></p>"
    )
    return chapter


def text(source: str | list[str]) -> str:
    """Return text that a notebook may hold as a list of lines."""
    return source if isinstance(source, str) else "".join(source)


def link_pages(markdown: str, suffix: str = ".ipynb") -> str:
    """Point links between notebooks, and to the codebook, at the pages made from them.

    Pages end on `suffix`: that of a source where Sphinx follows links, else ``.html``.
    """
    codebook = f"[data codebook](../data{'.md' if suffix == '.ipynb' else suffix})"
    linked = _NOTEBOOK_LINK.sub(rf"](\1{suffix}\2)", markdown)
    return linked.replace(_CODEBOOK, codebook)


def _prepare_code(cell: Json, chapter: Chapter, pages: Mapping[str, str]) -> None:
    metadata = cell["metadata"]
    metadata["anchor"] = f"cell-{cell['id']}"
    metadata["tags"] = [*metadata.get("tags", []), "hide-input"]
    for output in cell["outputs"]:
        record = output.get("metadata", {}).get("helpers", {}).get("record", {})
        chapter.answer = record.get("answer", chapter.answer)
        for claim_id, verdict in record.get("claims", {}).items():
            chapter.claims[claim_id] = (metadata["anchor"], verdict)
    cell["outputs"] = list(_prepared(cell["outputs"], chapter, pages))


def _prepared(
    outputs: Iterable[Json], chapter: Chapter, pages: Mapping[str, str]
) -> Iterator[Json]:
    """Outputs with links to the numbers behind them; a figure's follow its caption."""
    links = ""
    for output in outputs:
        data = output.get("data", {})
        if "record" in output.get("metadata", {}).get("helpers", {}):
            continue
        if data.pop(WIDGET, None) is not None and not data.keys() - {"text/plain"}:
            data["text/html"] = ONLY_LIVE
        elif IMAGE in data:
            links = _figure_links(output["metadata"].get(IMAGE, {}), chapter)
        elif "text/html" in data:
            data["text/html"] = _with_link(text(data["text/html"]), chapter, pages)
        elif "text/markdown" in data:
            shown = link_pages(harmless(text(data["text/markdown"])), ".html")
            shown = _NAMELESS.sub("| what |", shown)
            if shown.startswith(FIGURE_CAPTION):
                number = len(chapter.images)
                name = f'<a id="figure-{number}"></a>**Figure {chapter.part}{number}.**'
                shown = f"{shown.replace(FIGURE_CAPTION, name, 1)}\n\n{links}"
            data["text/markdown"] = shown
        yield output


def _figure_links(about: Json, chapter: Chapter) -> str:
    if "sha256" not in about:
        return ""
    digest, drawn = about["sha256"], about.get("drawn")
    links, numbers = [download(f"_images/{digest}.png", "Figure (PNG)", "../")], ""
    if drawn:
        # Chapters of before kept the table itself.
        rows = drawn if isinstance(drawn, str) else csv_text(COLUMNS, drawn_rows(drawn))
        numbers = _keep(chapter, "figure", rows)
        links.insert(0, download(numbers, "Numbers of this figure (CSV)", "../"))
    alt = str(about.get("alt", ""))
    if isinstance(drawn, dict) and drawn.get("texts"):
        # Its title is in the image alone.
        alt = f"{drawn['texts'][0].rstrip('.')}. {alt}"
    alt = " ".join(alt.split())
    chapter.images[digest] = Image(alt, int(about.get("width", 0)), numbers)
    return below(*links)


def _with_link(table: str, chapter: Chapter, pages: Mapping[str, str]) -> str:
    """A table in its frame, with its file; other HTML as it is."""
    rows = table_rows(table)
    if not rows:
        return table
    file = _keep(chapter, "table", csv_text(rows[0], rows[1:]))
    link = below(download(file, "Numbers of this table (CSV)", "../"))
    name = Path(file).stem
    number = f"Table {chapter.part}{name.removeprefix('table-')}. "
    return f"{framed_table(table, name, pages, number)}\n{link}"


def _keep(chapter: Chapter, kind: str, content: str) -> str:
    """Keep a file of numbers, and return its address within the site."""
    number = 1 + sum(name.startswith(kind) for name in chapter.files)
    name = f"{kind}-{number}.csv"
    chapter.files[name] = content
    return f"files/{chapter.name}/{name}"
