"""Building the book: pages from notebooks and ledger, then Sphinx, then in place."""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from book.notebooks import ROOT, find_notebooks, short_name
from helpers.errors import HelpersError

if TYPE_CHECKING:
    from book.site.chapters import Chapter

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

SITE = Path(__file__).parent
# Lists what is in a site: the mark of one that this command made.
MARK = ".made-by-book-site"
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


def build_site(root: Path, out: Path | None = None, address: str = "") -> Path:
    """Render the book from stored outputs, without executing anything.

    Parameters
    ----------
    root : Path
        The checkout: its ``notebooks``, ``data`` and ``README.md`` are read.
    out : Path, optional
        Folder in which to make the folder ``site``; default ``build`` of the
        checkout.
    address : str, optional
        Where the site will be read, such as ``https://example.org/book/``. Those who
        show a link to a page ask for its image by its whole address.

    Returns
    -------
    Path
        The site.

    Raises
    ------
    HelpersError
        If a notebook, the README or the ledger cannot be made into a page, Sphinx
        warns of anything, or the site's folder holds what this command did not make.
        The last book that was built stays in place.
    """
    out = (root / "build" if out is None else out).resolve()
    site = out / "site"
    _check_ours(site)
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".site-", dir=out) as folder:
        source, made = Path(folder, "source"), Path(folder, "made")
        short = write_sources(root, source)
        # Sphinx is a process of its own and leaves a core free.
        with ThreadPoolExecutor() as beside:
            paper = beside.submit(short)
            _run_sphinx(source, made, Path(folder, "doctrees"), address)
        (made / "short.pdf").write_bytes(paper.result())
        _lighten(made)
        (made / MARK).write_text("\n".join(_files_in(made)), encoding="utf-8")
        _check_ours(site)
        if site.exists():
            site.rename(Path(folder, "last"))
        made.rename(site)
    return site


def _files_in(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if not path.is_dir() and path.name != MARK
    )


def _check_ours(site: Path) -> None:
    """Refuse to replace a folder with anything in it that no earlier build made."""
    mark = site / MARK
    ours = mark.read_text("utf-8").splitlines() if mark.is_file() else []
    strange = sorted(set(_files_in(site)) - set(ours)) if site.is_dir() else []
    if strange or (site.exists() and not site.is_dir()):
        what = f"holds {strange[0]}" if strange else "is a file"
        raise HelpersError(
            f"{short_name(site)} {what}, which was not made here: move it away, or "
            "build elsewhere with --out."
        )


def write_sources(root: Path, source: Path) -> Callable[[], bytes]:
    """Write what Sphinx reads into the new folder `source`; see :func:`build_site`.

    Returns what makes the short version's PDF.
    """
    import pandas as pd

    from book.site.chapters import read_chapters
    from book.site.claims import claims_page, read_claims, verdict_csv
    from book.site.data_page import ARCHIVE, data_archive, data_page, published
    from book.site.event_index import event_index
    from book.site.events import event_page
    from book.site.front_page import cite_page, front_page, read_front
    from book.site.paths import measure_paths, paths_csv
    from book.site.reactions import measure, place_events, reaction_csv
    from book.site.short import short_page, short_pdf
    from helpers import data_as_of, load_ledger, load_sources
    from helpers.data.files import using_data_dir
    from helpers.data.tables import kept_table
    from helpers.notebook import day

    data, extra = root / "data", source / "extra"
    notebooks = find_notebooks([root / "notebooks"])
    with using_data_dir(data):
        ledger, sources = load_ledger(), load_sources()
        events = {title: str(event_id) for event_id, title in ledger["title"].items()}
        chapters = read_chapters(notebooks, events)
        claims = read_claims(chapters)
        placed = place_events(ledger)
        reactions = measure(placed)
        paths = measure_paths(reactions)
        as_of = day(pd.Timestamp(max(data_as_of().ends.values())))
        front = read_front(root, claims, chapters)
        article = kept_table("article.csv").iloc[0]
        files, codebook = published(), (data / "README.md").read_bytes()
        pages = {
            "index.md": front_page(front, claims, chapters, as_of),
            "short.md": short_page(front, claims, chapters, article),
            "claims.md": claims_page(claims, ledger),
            "extra/files/verdicts.csv": verdict_csv(claims),
            "data.md": data_page(codebook.decode(), files),
            "cite.md": cite_page(root, as_of),
            "events/index.md": event_index(ledger, reactions, paths),
        }
        for event_id in events.values():
            rows = reactions.loc[event_id]
            pages[f"events/{event_id}.md"] = event_page(
                event_id, ledger, sources, placed.loc[event_id], rows, paths, claims
            )
            pages[f"extra/files/events/{event_id}.csv"] = reaction_csv(rows)
            numbers = paths_csv(paths, event_id)
            pages[f"extra/files/events/{event_id}-paths.csv"] = numbers
    pages |= _chapter_pages(chapters)
    # What the extension of Sphinx needs to know.
    images = {key: asdict(one) for each in chapters for key, one in each.images.items()}
    about = {"as_of": as_of, "images": images, "plate": front.plate.name}
    pages["about.json"] = json.dumps(about, ensure_ascii=False)
    for name, content in pages.items():
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    _copy(front.plate, source / front.plate.name)
    extra.mkdir(exist_ok=True)
    (extra / f"{ARCHIVE}.zip").write_bytes(data_archive(codebook, files))
    for path in notebooks:
        _copy(path, extra / "notebooks" / path.name)
    for file, as_listed in files.items():
        (extra / "data" / file).parent.mkdir(parents=True, exist_ok=True)
        (extra / "data" / file).write_bytes(as_listed)
    return partial(short_pdf, front, claims, chapters, article, as_of)


def _chapter_pages(chapters: list[Chapter]) -> dict[str, str]:
    pages = {}
    for chapter in chapters:
        content = json.dumps(chapter.notebook, ensure_ascii=False)
        pages[f"chapters/{chapter.name}.ipynb"] = content
        for name, numbers in chapter.files.items():
            pages[f"extra/files/{chapter.name}/{name}"] = numbers
    return pages


def _run_sphinx(source: Path, made: Path, doctrees: Path, address: str) -> None:
    command = [
        *(sys.executable, "-m", "sphinx", "--builder", "html"),
        *("--fail-on-warning", "--quiet", "--no-color"),
        *("--conf-dir", str(SITE), "--doctree-dir", str(doctrees)),
        *("--define", f"html_baseurl={address}"),
        *(str(source), str(made)),
    ]
    # A process of its own: Sphinx leaves its mark on docutils and on logging. It
    # starts in the checkout, where it finds the package ``book``.
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
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


def _copy(path: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, to)


def add_site(subparsers: Subparsers) -> None:
    """Add ``site`` to a command line."""
    parser = subparsers.add_parser(
        "site",
        help="render the notebooks and the ledger as a book to read in a browser",
        description="Render the stored notebooks, the claims and the event ledger as "
        "pages in build/site. Nothing is executed and no network is used.",
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="where to build (default: build)"
    )
    parser.add_argument(
        "--address",
        default="",
        metavar="URL",
        help="where it will be read, for the image that links to it show",
    )
    parser.set_defaults(handler=_site)


def _site(arguments: argparse.Namespace) -> int:
    started = time.monotonic()
    site = build_site(ROOT, arguments.out, arguments.address)
    print(
        f"Rendered {len(list(site.rglob('*.html')))} pages in "
        f"{time.monotonic() - started:.0f} s. "
        f"Open {short_name(site / 'index.html')} in a browser."
    )
    return 0
