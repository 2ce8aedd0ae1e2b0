"""The rendered book, seen as a reader sees it: in a browser, from disk."""

from __future__ import annotations

import csv
import html
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest
from site_tools import CHROMIUM, NO_CHROMIUM, axe_violations, open_browser, open_window

from helpers.data.ledger import load_claims, load_ledger
from helpers.errors import HelpersError
from helpers.site.build import Built, build_site, write_sources

LARGEST_PAGE = 1_500_000
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM)
LOADS = {("link", "href"), ("script", "src"), ("img", "src"), ("source", "src")}


class Links(HTMLParser):
    """The ids of a page, what it loads, and where one can go from it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.loaded: list[str] = []
        self.clicked: list[str] = []
        self.alts: list[str | None] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the links of one element."""
        about = dict(attrs)
        if about.get("id"):
            self.ids.add(str(about["id"]))
        if tag == "img":
            self.alts.append(about.get("alt"))
        for name in ("href", "src", "action"):
            if about.get(name):
                kind = self.loaded if (tag, name) in LOADS else self.clicked
                kind.append(str(about[name]))


@pytest.fixture(scope="module")
def built(root, tmp_path_factory) -> Built:
    return build_site(root, out=tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="module")
def site(built) -> Path:
    return built.front_page.parent


@pytest.fixture(scope="module")
def pages(site) -> dict[Path, Links]:
    return {path: Links(path) for path in sorted(site.rglob("*.html"))}


@pytest.fixture(scope="module")
def browser():
    with open_browser() as opened:
        yield opened


def read_csv(path: Path) -> list[list[str]]:
    """All rows of a CSV file."""
    return list(csv.reader(path.read_text(encoding="utf-8").splitlines()))


def some_pages(site: Path) -> list[Path]:
    """Every kind of page, and every chapter."""
    events = sorted((site / "events").glob("*.html"))
    return [
        *sorted(site.glob("*.html")),
        *sorted((site / "chapters").glob("*.html")),
        site / "events" / "index.html",
        *events[:: max(1, len(events) // 6)],
    ]


def test_every_event_and_every_notebook_has_its_page(root, site):
    events = {path.stem for path in (site / "events").glob("*.html")} - {"index"}
    assert events == set(load_ledger().index)
    chapters = {path.stem for path in (site / "chapters").glob("*.html")}
    assert chapters == {path.stem for path in (root / "notebooks").glob("*.ipynb")}


def test_no_link_image_or_file_of_the_site_is_missing(site, pages):
    missing = []
    for path, links in pages.items():
        for link in links.loaded + links.clicked:
            name, fragment = urldefrag(link)
            if re.match(r"https?:", link):
                continue
            target = (path.parent / unquote(name.split("?")[0])).resolve()
            target = path if not name else target
            page = pages.get(target)
            if not target.is_file() or (
                fragment and page is not None and unquote(fragment) not in page.ids
            ):
                missing.append(f"{path.relative_to(site)} -> {link}")
    assert missing == []


def test_a_page_loads_nothing_from_elsewhere(site, pages):
    outside = {
        (path.relative_to(site), link)
        for path, links in pages.items()
        for link in links.loaded
        if re.match(r"(?:https?:)?//", link)
    }
    assert outside == set()
    styles = "".join(path.read_text() for path in site.rglob("*.css"))
    assert re.findall(r"url\([\"']?(?:https?:)?//[^)]*\)|@import[^;]*//", styles) == []


def test_only_addresses_that_the_data_cite_can_be_followed(root, pages):
    cited = "".join(
        path.read_text(encoding="utf-8")
        for path in [*root.glob("data/*.csv"), root / "data" / "README.md"]
    )
    uncited = {
        link
        for links in pages.values()
        for link in links.clicked
        if re.match(r"https?:", link) and unquote(link) not in unquote(cited)
    }
    assert uncited == set()


def test_every_claim_links_to_its_cell_its_events_and_its_data(site, pages):
    claims = load_claims()
    links = pages[site / "claims.html"]
    for claim_id, claim in claims.iterrows():
        assert f"claim-{claim_id}" in links.ids
        first = claim["event_ids"][0]
        assert f"events/{first}.html" in links.clicked
    assert sum("#cell-" in link for link in links.clicked) == len(claims)
    assert any(link.startswith("data/prices/") for link in links.clicked)


def test_every_image_says_what_is_seen(pages):
    alts = [alt for links in pages.values() for alt in links.alts]
    assert len(alts) > 10
    assert [alt for alt in alts if not alt or len(alt) < 40] == []


def test_the_numbers_behind_a_table_are_those_that_it_shows(site):
    [path, *_] = sorted(site.glob("files/02-late-august/table-*.csv"))
    rows = read_csv(path)
    assert len(rows) > 5
    assert {len(row) for row in rows} == {len(rows[0])}
    shown = (site / "chapters" / "02-late-august.html").read_text(encoding="utf-8")
    assert all(f">{html.escape(row[1])}<" in shown for row in rows[1:])


def test_a_page_with_all_its_files_stays_small(site, pages):
    heavy = {}
    for path, links in pages.items():
        local = {
            (path.parent / urldefrag(link)[0].split("?")[0]).resolve()
            for link in links.loaded
        }
        size = sum(one.stat().st_size for one in {path, *local})
        if size >= LARGEST_PAGE:
            heavy[str(path.relative_to(site))] = size
    assert heavy == {}


def test_text_of_the_ledger_is_shown_and_never_run(root, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    for path in [*root.glob("data/*.csv"), root / "data" / "README.md"]:
        shutil.copy(path, data)
    nasty = '<script>alert("x")</script> a | b `c` [d](e) **f** {math}`g` $h$ <!--'
    table = data / "events.csv"
    rows = read_csv(table)
    title, notes = rows[0].index("title"), rows[0].index("notes")
    rows[5][title] = rows[5][notes] = nasty
    with table.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    site = build_site(root, out=tmp_path / "out", data_dir=data).front_page.parent
    for page in (site / "events" / f"{rows[5][0]}.html", site / "events/index.html"):
        text = page.read_text(encoding="utf-8")
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text
        assert "a | b `c` [d](e) **f** {math}`g` $h$ &lt;!--" in text


def test_a_warning_stops_the_build_and_leaves_the_last_site(root, site, tmp_path):
    copy = tmp_path / "checkout"
    for name in ("notebooks", "data"):
        shutil.copytree(root / name, copy / name)
    for name in ("README.md", "CITATION.cff"):
        shutil.copy(root / name, copy)
    kept = copy / "build" / "site"
    kept.mkdir(parents=True)
    (kept / "index.html").write_text("the last one")
    broken = (copy / "data" / "README.md").read_text() + "\n[gone](gone.md)\n"
    (copy / "data" / "README.md").write_text(broken)
    with pytest.raises(HelpersError, match=r"gone\.md"):
        build_site(copy)
    assert (kept / "index.html").read_text() == "the last one"


def test_a_notebook_without_a_title_is_refused_by_name(root, tmp_path):
    copy = tmp_path / "checkout"
    shutil.copytree(root / "data", copy / "data")
    (copy / "notebooks").mkdir()
    (copy / "notebooks" / "untitled.ipynb").write_text('{"cells": []}')
    with pytest.raises(HelpersError, match="untitled"):
        write_sources(copy, tmp_path / "source")


@needs_chromium
def test_every_page_loads_without_complaint(site, browser):
    wrong = {}
    with open_window(browser) as seen:
        for path in sorted(site.rglob("*.html")):
            seen.go(path.as_uri())
            outgoing = [url for url in seen.fetched if url.startswith("http")]
            broken = seen.page.evaluate(
                "[...document.images].filter(i => !i.naturalWidth).map(i => i.src)"
            )
            if seen.wrong or outgoing or broken:
                wrong[path.name] = (list(seen.wrong), outgoing, broken)
    assert wrong == {}


@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(site, browser, scheme):
    found = {}
    with open_window(browser, scheme=scheme) as seen:
        for path in some_pages(site):
            seen.go(path.as_uri())
            assert seen.page.locator("html").get_attribute("data-theme") == scheme
            violations = axe_violations(seen.page)
            if violations:
                found[path.name] = violations
    assert found == {}


@needs_chromium
def test_a_phone_needs_no_sideways_scroll(site, browser):
    wide = {}
    with open_window(browser, width=360) as seen:
        for path in some_pages(site):
            seen.go(path.as_uri())
            width = seen.page.evaluate("document.documentElement.scrollWidth")
            if width > 360:
                wide[path.name] = width
    assert wide == {}


@needs_chromium
def test_search_finds_an_event_and_a_chapter(site, browser):
    for words, found in (("Cambricon", "events/"), ("placebo", "chapters/")):
        address = f"{(site / 'search.html').as_uri()}?q={words}"
        with open_window(browser) as seen:
            seen.go(address)
            hits = seen.page.locator(f"#search-results a[href*='{found}']")
            hits.first.wait_for(timeout=20_000)
            assert seen.wrong == []


@needs_chromium
def test_the_search_field_opens_by_keyboard_and_leads_to_the_results(site, browser):
    with open_window(browser) as seen:
        seen.go((site / "index.html").as_uri())
        seen.page.keyboard.press("Control+k")
        seen.page.keyboard.type("DeepSeek")
        seen.page.keyboard.press("Enter")
        seen.page.locator("#search-results a").first.wait_for(timeout=20_000)


@needs_chromium
def test_dark_mode_is_switched_by_keyboard_and_kept(site, browser):
    with open_window(browser) as seen:
        seen.go((site / "index.html").as_uri())
        page = seen.page
        page.locator(".theme-switch-button").first.focus()
        page.keyboard.press("Enter")
        page.locator(".theme-change-button[data-mode=dark]").first.press("Enter")
        assert page.locator("html").get_attribute("data-theme") == "dark"
        page.goto((site / "claims.html").as_uri())
        assert page.locator("html").get_attribute("data-theme") == "dark"


@needs_chromium
def test_the_first_figure_is_there_within_a_second(site, browser):
    with open_window(browser) as seen:
        seen.go((site / "index.html").as_uri())
        milliseconds = seen.page.evaluate(
            "performance.getEntriesByType('navigation')[0].loadEventEnd"
        )
        assert seen.page.evaluate("document.images[0].naturalWidth") > 0
    assert milliseconds < 1000


@needs_chromium
def test_a_link_to_a_deciding_cell_lands_on_its_verdict(site, browser):
    with open_window(browser) as seen:
        seen.go((site / "index.html").as_uri())
        seen.page.locator("table a[href*='#cell-']").first.click()
        cell = seen.page.locator("div.cell:target")
        assert "Verdict:" in cell.inner_text()


@needs_chromium
def test_screenshots_are_kept_to_look_at(root, site, browser):
    shots = root / "build" / "screenshots"
    shots.mkdir(parents=True, exist_ok=True)
    for width, scheme in ((1280, "light"), (1280, "dark"), (360, "light")):
        with open_window(browser, width=width, scheme=scheme) as seen:
            for path in some_pages(site):
                name = path.relative_to(site).with_suffix("").as_posix()
                seen.go(path.as_uri())
                file = f"{name.replace('/', '_')}-{width}-{scheme}.png"
                seen.page.screenshot(path=shots / file)
    assert len(list(shots.glob("*.png"))) >= 3 * len(some_pages(site))
