"""Text that is data takes effect nowhere: not in chapters, pages, search or files."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
from data_folder import copy_data, edit_manifest
from hostile_text import HOSTILE, NOWHERE, REFUSED, as_csv, hostile_data, texts_of
from site_tools import CHROMIUM, NO_CHROMIUM, open_browser, open_window

from book.run import run_notebooks
from book.site.build import build_site
from helpers.cli import main
from helpers.data.schema import Table, parse
from helpers.data.tables import TABLES
from helpers.data.text import FORMULA, harmless

# Event titles, names and claims in sentences, tables, figures and verdicts.
RUN = ("02-late-august", "03-inside-the-day")


@pytest.fixture(scope="module")
def fed_site(root, tmp_path_factory) -> tuple[Path, list[tuple[str, str]]]:
    """The book of a checkout with hostile data, on which a few chapters were run."""
    checkout = tmp_path_factory.mktemp("hostile")
    data, fed = hostile_data(checkout / "data")
    shutil.copytree(root / "notebooks", checkout / "notebooks")
    for name in ("README.md", "CITATION.cff"):
        shutil.copy(root / name, checkout)
    foreign = json.loads((root / "notebooks" / "start-here.ipynb").read_text("utf-8"))
    foreign["cells"][0]["source"] = f"# Of somebody else {HOSTILE}\n\nWords."
    (checkout / "notebooks" / "foreign.ipynb").write_text(json.dumps(foreign))
    (data / "private.csv").write_text("mine\n")
    (data / "prices" / "link.csv").symlink_to(root / "README.md")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HELPERS_DATA", str(data))
        run_notebooks([checkout / "notebooks" / f"{name}.ipynb" for name in RUN])
    return build_site(checkout), fed


def test_every_table_is_fed_and_no_file_of_the_site_holds_a_formula(fed_site):
    site, fed = fed_site
    assert {file for file, _ in fed} == {t.file for t in TABLES if texts_of(t)}
    assert {("events.csv", "title"), ("instruments.csv", "name")} <= set(fed)
    assert {("claims.csv", "claim"), ("sources.csv", "title")} <= set(fed)
    assert {path.name for path in (site / "data").glob("*.csv")} == {
        table.file for table in TABLES
    }
    assert not (site / "data" / "prices" / "link.csv").exists()
    formulas = [
        (path.name, cell)
        for path in site.rglob("*.csv")
        for row in csv.reader(path.read_text("utf-8").splitlines())
        for cell in row
        if FORMULA.match(cell)
    ]
    assert formulas == []


@pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM)
def test_no_page_and_no_search_asks_for_anything_or_runs_a_script(fed_site):
    site, _ = fed_site
    pages = [path for path in sorted(site.rglob("*.html")) if path.stem != "search"]
    # The pages of events are of one form: some of them have every part of it.
    events = [path for path in pages if path.parent.name == "events"]
    pages = [path for path in pages if path not in events or path in events[::4]]
    found: dict[str, list[str]] = {}
    shown: dict[Path, int] = {}
    with open_browser() as browser, open_window(browser) as window:
        dialogs: list[str] = []
        window.page.on("dialog", lambda one: (dialogs.append(one.message), one.close()))
        for path in pages:
            window.go(path.as_uri())
            shown[path] = window.page.locator("body").inner_text().count(NOWHERE)
            asked = [url for url in window.fetched if not url.startswith("file:")]
            found[path.name] = [*window.wrong, *asked]
        for words in ("onerror", "script", "bar"):
            window.go((site / "index.html").as_uri())
            window.page.keyboard.press("Control+k")
            window.page.keyboard.type(words)
            window.page.keyboard.press("Enter")
            window.page.locator("#search-results a").first.wait_for(timeout=20_000)
            asked = [url for url in window.fetched if not url.startswith("file:")]
            found[words] = [*window.wrong, *asked]
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    assert dialogs == []
    # It stands there, letter by letter, on every page.
    assert sum(shown.values()) > 1000
    assert min(shown.values()) > 0


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.file)
def test_no_cell_is_a_formula_or_steers_a_terminal(table: Table, root):
    cells = table.rows(root / "data")[0].cells
    for name in texts_of(table):
        for text in REFUSED:
            _, faults = parse(table, as_csv(table, [{**cells, name: text}]))
            assert name in [fault.field for fault in faults], text


def test_text_of_the_manifest_steers_no_terminal(tmp_path, capsys):
    folder = copy_data(tmp_path / "data")
    edit_manifest(
        folder, lambda files: files["prices/NVDA.csv"].update(last="\x1b[31m")
    )
    assert main(["verify", "--data", str(folder)]) == 1
    said = capsys.readouterr().out
    assert "[31m" in said
    assert said.replace("\n", "").isprintable()


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("**Bold** [this](04-x.ipynb#a) `b`", "**Bold** [this](04-x.ipynb#a) `b`"),
        ("![p](http://x)", "&#33;[p]&#40;http://x)"),
        ("\\![p](//x/y)", "&#92;&#33;[p]&#40;//x/y)"),
        ("1 < 2 <b>", "1 < 2 &#60;b>"),
        ("$5 and $6", "&#36;5 and &#36;6"),
        ("```python\na = '<b>'\n```", "```python\na = '<b>'\n```"),
    ],
)
def test_what_a_cell_says_loads_nothing(markdown, shown):
    assert harmless(markdown) == harmless(harmless(markdown)) == shown
