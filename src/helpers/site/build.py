"""Building the book: pages from notebooks and ledger, then Sphinx, then in place."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.errors import HelpersError
from helpers.site.chapters import Chapter, in_order, read_chapter
from helpers.site.extension import IMAGES_FILE
from helpers.site.verdicts import read_verdicts

if TYPE_CHECKING:
    import pandas as pd

    from helpers.site.reactions import EventFacts

SITE = Path(__file__).parent
SOURCE_FOLDER, SITE_FOLDER = "site-source", "site"
# The theme ships these; no page asks for them.
UNUSED = (
    "**/*.map",
    "_static/scripts/fontawesome.js*",
    "_static/vendor",
    "_static/locales",
    "_static/**/*.html",
    "_sources",
    ".buildinfo",
    "objects.inv",
)
THEME_STYLES = "_static/styles/pydata-sphinx-theme.css"
# Two thousand icons and their fonts: site.css draws the ten in use.
_ICONS = re.compile(
    r"\.fa-[\w-]+(?:,\.fa-[\w-]+)*\{--fa:[^}]*\}"
    r"|@font-face\{[^}]*Font Awesome[^}]*\}"
)


@dataclass(frozen=True)
class Built:
    """The book as it was built.

    Attributes
    ----------
    front_page : Path
    pages : int
    seconds : float
    """

    front_page: Path
    pages: int
    seconds: float


def build_site(
    root: Path,
    *,
    out: Path | None = None,
    data_dir: Path | None = None,
    report: Callable[[str], None] = lambda _: None,
) -> Built:
    """Render the book from stored outputs, without executing anything.

    Parameters
    ----------
    root : Path
        The checkout: its ``notebooks``, ``data`` and ``README.md`` are read.
    out : Path, optional
        Folder for the book and its sources; default ``build`` of the checkout.
    data_dir : Path, optional
        Folder with the ledger; default the checkout's data.
    report : callable, optional
        Told in a few words what is being done.

    Returns
    -------
    Built

    Raises
    ------
    HelpersError
        If a notebook, the README or the ledger cannot be made into a page, or
        Sphinx warns of anything. The last book that was built stays in place.
    """
    started = time.monotonic()
    out = root / "build" if out is None else out
    source, made, site = out / SOURCE_FOLDER, out / ".site", out / SITE_FOLDER
    report("reading notebooks and ledger")
    as_of = write_sources(root, source, data_dir)
    report("rendering the pages")
    shutil.rmtree(made, ignore_errors=True)
    _run_sphinx(source, made, out / "site-doctrees", as_of)
    _lighten(made)
    shutil.rmtree(site, ignore_errors=True)
    made.rename(site)
    return Built(
        front_page=site / "index.html",
        pages=len(list(site.rglob("*.html"))),
        seconds=time.monotonic() - started,
    )


def write_sources(root: Path, source: Path, data_dir: Path | None = None) -> str:
    """Write what Sphinx reads into an empty folder; return the as-of date.

    Parameters
    ----------
    root : Path
        The checkout.
    source : Path
        Folder to write; what is in it is lost.
    data_dir : Path, optional
        Folder with the ledger.

    Raises
    ------
    HelpersError
        As :func:`build_site`.
    """
    from helpers.data.instruments import load_instruments
    from helpers.data.ledger import load_claims, load_ledger
    from helpers.notebooks.files import find_notebooks
    from helpers.notebooks.results import FIGURE_FILE
    from helpers.site.claim_page import claims_page, verdict_csv
    from helpers.site.data_page import data_page
    from helpers.site.front_page import cite_page, front_page
    from helpers.site.reactions import event_facts

    data = root / "data" if data_dir is None else data_dir
    notebooks = find_notebooks([root / "notebooks"])
    ledger = load_ledger(data_dir)
    events = {title: str(event_id) for event_id, title in ledger["title"].items()}
    chapters = in_order([read_chapter(path, events) for path in notebooks])
    claims = load_claims(data_dir)
    verdicts = read_verdicts(notebooks, claims["claim"].to_dict())
    titles = {chapter.name: chapter.title for chapter in chapters}
    facts = event_facts(data_dir)
    as_of = _last_session(root / "data")
    shutil.rmtree(source, ignore_errors=True)
    pages = {
        "index.md": front_page(root, claims, verdicts, chapters, as_of, len(ledger)),
        "claims.md": claims_page(claims, verdicts, titles, ledger, load_instruments()),
        "extra/files/verdicts.csv": verdict_csv(claims, verdicts, titles),
        "data.md": data_page((data / "README.md").read_text(encoding="utf-8"), data),
        "cite.md": cite_page(_citation(root / "CITATION.cff"), as_of),
    }
    for name, content in pages.items():
        _write(source / name, content)
    _write_events(source, facts, claims)
    _write_chapters(source, chapters)
    _copy(root / FIGURE_FILE, source / Path(FIGURE_FILE).name)
    extra = source / "extra"
    for path in notebooks:
        _copy(path, extra / "notebooks" / path.name)
    for path in data.rglob("*.csv"):
        _copy(path, extra / "data" / path.relative_to(data))
    return as_of


def _write_events(source: Path, facts: EventFacts, claims: pd.DataFrame) -> None:
    from helpers.site.event_pages import claims_by_event, event_index, event_page

    resting = claims_by_event(claims)
    _write(source / "events" / "index.md", event_index(facts.ledger))
    for event_id in map(str, facts.ledger.index):
        page, files = event_page(event_id, facts, resting.get(event_id, {}))
        _write(source / "events" / f"{event_id}.md", page)
        for name, numbers in files.items():
            _write(source / "extra" / "files" / "events" / name, numbers)


def _write_chapters(source: Path, chapters: list[Chapter]) -> None:
    images = {}
    for chapter in chapters:
        content = json.dumps(chapter.notebook, ensure_ascii=False)
        _write(source / "chapters" / f"{chapter.name}.ipynb", content)
        for name, numbers in chapter.files.items():
            _write(source / "extra" / "files" / chapter.name / name, numbers)
        images.update({key: asdict(image) for key, image in chapter.images.items()})
    _write(source / IMAGES_FILE, json.dumps(images, ensure_ascii=False))


def _run_sphinx(source: Path, site: Path, doctrees: Path, as_of: str) -> None:
    shutil.rmtree(doctrees, ignore_errors=True)
    footer = f"<p>Data up to {as_of}. Nothing here is investment advice.</p>"
    command = [
        *(sys.executable, "-m", "sphinx", "--builder", "html"),
        *("--fail-on-warning", "--quiet", "--no-color"),
        *("--conf-dir", SITE, "--doctree-dir", doctrees),
        *("--define", f"html_theme_options.extra_footer={footer}"),
        *("--define", f"html_extra_path={source / 'extra'}"),
        *(source, site),
    ]
    # A process of its own: Sphinx leaves its mark on docutils and on logging.
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()
        raise HelpersError(f"The site was not built, for Sphinx says:\n{said}")


def _lighten(site: Path) -> None:
    """Take away what the theme brings and no page of this book needs."""
    styles = site / THEME_STYLES
    styles.write_text(_ICONS.sub("", styles.read_text("utf-8")), encoding="utf-8")
    for path in [path for pattern in UNUSED for path in site.glob(pattern)]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _last_session(data: Path) -> str:
    """The last session of which the prices in force, refreshed or not, know."""
    from helpers.data.as_of import data_as_of
    from helpers.data.files import using_data_dir

    with using_data_dir(data):
        return max(data_as_of().ends.values())


def _citation(path: Path) -> Any:
    import yaml

    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


def _copy(path: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, to)
