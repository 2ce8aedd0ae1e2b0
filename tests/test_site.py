"""The rendered book, seen as a reader sees it: in a browser, from disk."""

from __future__ import annotations

import csv
import html
import json
import re
import shutil
from base64 import b64decode
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag

import pytest
from helpers.site.build import Built, build_site, write_sources
from helpers.site.chapters import WIDGET
from site_tools import CHROMIUM, NO_CHROMIUM, axe_violations, open_browser, open_window

from helpers.data.ledger import load_claims, load_ledger
from helpers.errors import HelpersError

LARGEST_PAGE = 1_500_000
LARGEST_FIGURES = 8_000_000
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM)
A4_TEXT_HEIGHT = 261 / 25.4 * 96  # CSS pixels between the margins
# Colours alone differ in the dark; all else was looked at in the light.
DARK_RULES = ("color-contrast", "link-in-text-block")
NASTY = '<script>alert("x")</script> a | b `c` [d](e) **f** {math}`g` $h$ <!--'
# Elements are numbered, so that each is known again when it has the focus.
COUNT_FOCUSABLE = """() => {
    const kinds = 'a[href], button, input, summary, [tabindex="0"]';
    const all = [...document.querySelectorAll(kinds)].filter(
        one => one.checkVisibility({visibilityProperty: true}) && one.tabIndex >= 0);
    all.forEach((one, number) => one.dataset.number = number);
    return all.length;
}"""
FOCUSED = """() => {
    const one = document.activeElement, style = getComputedStyle(one);
    if (one === document.body) return [null, true, ''];
    const visible = style.outlineStyle !== 'none' || style.boxShadow !== 'none';
    return [one.dataset.number ?? one.outerHTML, visible, one.outerHTML.slice(0, 120)];
}"""
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


def checkout(root: Path, copy: Path) -> Path:
    """Copy what a book is made from."""
    for name in ("notebooks", "data"):
        shutil.copytree(root / name, copy / name)
    for name in ("README.md", "CITATION.cff"):
        shutil.copy(root / name, copy)
    return copy


def broken_checkout(root: Path, copy: Path) -> Path:
    """A checkout whose codebook has a broken link, beside a book built before."""
    checkout(root, copy)
    kept = copy / "build" / "site"
    kept.mkdir(parents=True)
    (kept / "index.html").write_text("the last one")
    codebook = copy / "data" / "README.md"
    codebook.write_text(codebook.read_text() + "\n[gone](gone.md)\n")
    return copy


def odd_checkout(root: Path, copy: Path) -> Path:
    """A checkout with markup in its ledger and an analyst's own notebook."""
    checkout(root, copy)
    table = copy / "data" / "events.csv"
    rows = read_csv(table)
    for column in ("title", "notes"):
        rows[5][rows[0].index(column)] = NASTY
    with table.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    own = json.loads((root / "notebooks" / "00-overview.ipynb").read_text())
    own["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {}}
    own["cells"] = own["cells"][:2]
    own["cells"][0]["source"] = "# My Study?\n\nIt has controls and no figure."
    view = {WIDGET: {"model_id": "1"}, "text/plain": "Dropdown()"}
    own["cells"][1] |= {
        "cell_type": "code",
        "execution_count": 1,
        "source": "pick()",
        "outputs": [{"output_type": "display_data", "metadata": {}, "data": view}],
    }
    (copy / "notebooks" / "My Study 2.ipynb").write_text(json.dumps(own))
    return copy


@pytest.fixture(scope="module")
def books(root, tmp_path_factory) -> dict[str, Future[Built]]:
    """Three books built side by side: this one, one with odd text, a broken one."""
    odd = odd_checkout(root, tmp_path_factory.mktemp("odd"))
    broken = broken_checkout(root, tmp_path_factory.mktemp("broken"))
    with ThreadPoolExecutor(3) as pool:
        return {
            "this": pool.submit(build_site, root, out=tmp_path_factory.mktemp("built")),
            "odd": pool.submit(build_site, odd, data_dir=odd / "data"),
            "broken": pool.submit(build_site, broken),
        }


@pytest.fixture(scope="module")
def built(books) -> Built:
    return books["this"].result()


@pytest.fixture(scope="module")
def odd_site(books) -> Path:
    return books["odd"].result().front_page.parent


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
    """Every kind of page, every chapter, and events of every kind."""
    ledger = load_ledger()
    kinds = ledger.groupby(["verification", "precision"]).head(1).index
    return [
        *sorted(site.glob("*.html")),
        *sorted((site / "chapters").glob("*.html")),
        site / "events" / "index.html",
        *(site / "events" / f"{event_id}.html" for event_id in kinds),
    ]


@dataclass
class Seen:
    """What a browser noticed on one page."""

    wrong: list[str]
    outgoing: list[str]
    broken: list[str]
    violations: dict[str, list[str]] = field(default_factory=dict)
    phone_width: int = 0


@pytest.fixture(scope="module")
def tour(root, site) -> dict[Path, Seen]:
    """Every page opened once; some are looked at closely while they are open."""
    shots = root / "build" / "screenshots"
    shots.mkdir(parents=True, exist_ok=True)
    pages = sorted(site.rglob("*.html"))
    with ThreadPoolExecutor(2) as pool:
        halves = list(
            pool.map(lambda half: _visit(site, half, shots), (pages[::2], pages[1::2]))
        )
    return {path: seen for half in halves for path, seen in half.items()}


def _visit(site: Path, paths: list[Path], shots: Path) -> dict[Path, Seen]:
    closely = set(some_pages(site))
    # Chapters have the same styles: in the dark a few of them stand for all.
    chapters = sorted((site / "chapters").glob("*.html"))
    in_the_dark = closely - set(chapters[3:])
    noticed = {}
    with open_browser() as browser, open_window(browser) as window:
        for path in paths:
            window.go(path.as_uri())
            broken = window.page.evaluate(
                "[...document.images].filter(i => !i.naturalWidth).map(i => i.src)"
            )
            outgoing = [url for url in window.fetched if url.startswith("http")]
            noticed[path] = Seen(list(window.wrong), outgoing, broken)
            if path in closely:
                name = "_".join(path.relative_to(site).with_suffix("").parts)
                both = path in in_the_dark
                _look_closely(window.page, noticed[path], shots / name, both=both)
    return noticed


def _look_closely(page: Any, seen: Seen, shot: Path, *, both: bool) -> None:
    # A colour half way from light to dark is none that a reader sees.
    page.add_style_tag(content="* { transition: none !important; }")
    schemes = {"light": None, "dark": DARK_RULES} if both else {"light": None}
    for scheme, rules in schemes.items():
        page.evaluate("to => document.documentElement.dataset.theme = to", scheme)
        seen.violations[scheme] = axe_violations(page, rules)
        page.screenshot(path=f"{shot}-1280-{scheme}.png")
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    page.set_viewport_size({"width": 360, "height": 900})
    seen.phone_width = page.evaluate("document.documentElement.scrollWidth")
    page.screenshot(path=f"{shot}-360-light.png")
    page.set_viewport_size({"width": 1280, "height": 900})


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


def test_pages_tell_a_search_engine_and_a_reader_what_they_are(site, pages):
    titles = {}
    for path in pages:
        text = path.read_text(encoding="utf-8")
        name = str(path.relative_to(site))
        assert '<html lang="en"' in text, name
        titles[name] = re.findall(r"<title>([^<]*)</title>", text)
        levels = list(map(int, re.findall(r"<h([1-6])\b", text.split("<main")[1])))
        assert levels.count(1) == 1, name
        steps = [later - level for level, later in pairwise(levels)]
        assert max(steps, default=0) <= 1, name
        if path.name != "search.html":
            found = re.search(r'<meta name="description" content="([^"]{15,})"', text)
            assert found, f"{name} has no description"
    assert len({tuple(title) for title in titles.values()}) == len(titles)


def test_an_events_page_says_when_day_0_was_why_and_what_followed(site):
    page = site / "events" / "deepseek-v31-domestic-chip-remark.html"
    words = " ".join(re.sub(r"<[^>]*>", " ", page.read_text("utf-8")).split())
    assert "Only the date is known" in words
    for market in ("New York", "Hong Kong", "Shanghai"):
        assert re.search(rf"{market} \S+ 2025-08-2\d \[0, \+1\]", words), market
    assert "the first session in New York dated on or after it is 2025-08-21" in words
    assert re.search(
        r"changed by \S+ % on day 0, 2025-08-2\d\. Its abnormal return", words
    )
    rows = read_csv(site / "files" / "events" / f"{page.stem}.csv")
    assert rows[0][0] == "symbol"
    assert any(row[0] == "NVDA" and row[3] == "2025-08-21" for row in rows)


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


def test_the_figures_committed_in_notebooks_stay_small(root):
    outputs = [
        output.get("data", {})
        for path in root.glob("notebooks/*.ipynb")
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        for output in cell.get("outputs", [])
    ]
    sizes = [
        len(b64decode("".join(data["image/png"])))
        for data in outputs
        if "image/png" in data
    ]
    assert len(sizes) > 10
    assert sum(sizes) < LARGEST_FIGURES


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


def test_text_of_the_ledger_is_shown_and_never_run(odd_site):
    nasty = read_csv(odd_site / "data" / "events.csv")[5][0]
    for page in (odd_site / "events" / f"{nasty}.html", odd_site / "events/index.html"):
        text = page.read_text(encoding="utf-8")
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text
        assert html.escape(NASTY.partition("</script>")[2], quote=False) in text


def test_an_analysts_own_notebook_gets_its_page_in_the_lab(odd_site):
    page = odd_site / "chapters" / "My Study 2.html"
    links = Links(page)
    assert "Here the notebook has controls" in page.read_text(encoding="utf-8")
    assert [link for link in links.loaded if re.match(r"(?:https?:)?//", link)] == []
    front = (odd_site / "index.html").read_text(encoding="utf-8")
    assert "chapters/My%20Study%202.html" in front
    assert front.index("The book") < front.index("The lab") < front.index("My Study?")
    [notebook] = [link for link in links.clicked if link.endswith(".ipynb")]
    assert (page.parent / unquote(notebook)).is_file()


def test_a_warning_stops_the_build_and_leaves_the_last_site(books, tmp_path_factory):
    with pytest.raises(HelpersError, match=r"gone\.md"):
        books["broken"].result()
    [kept] = tmp_path_factory.getbasetemp().glob("broken[0-9]/build/site")
    assert (kept / "index.html").read_text() == "the last one"
    assert [path.name for path in kept.iterdir()] == ["index.html"]


def test_a_notebook_without_a_title_is_refused_by_name(root, tmp_path):
    copy = tmp_path / "checkout"
    shutil.copytree(root / "data", copy / "data")
    (copy / "notebooks").mkdir()
    (copy / "notebooks" / "untitled.ipynb").write_text('{"cells": []}')
    with pytest.raises(HelpersError, match="untitled"):
        write_sources(copy, tmp_path / "source")


@needs_chromium
def test_every_page_loads_without_complaint(tour):
    assert len(tour) > 100
    wrong = {
        path.name: (seen.wrong, seen.outgoing, seen.broken)
        for path, seen in tour.items()
        if seen.wrong or seen.outgoing or seen.broken
    }
    assert wrong == {}


@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(tour, scheme):
    found = {
        path.name: seen.violations[scheme]
        for path, seen in tour.items()
        if scheme in seen.violations
    }
    assert len(found) > 15
    assert {name: lines for name, lines in found.items() if lines} == {}


@needs_chromium
def test_a_phone_needs_no_sideways_scroll(tour):
    widths = {path.name: seen.phone_width for path, seen in tour.items()}
    assert {name: width for name, width in widths.items() if width > 360} == {}
    assert max(widths.values()) == 360


@needs_chromium
def test_screenshots_are_kept_to_look_at(root, site, tour):
    shots = list((root / "build" / "screenshots").glob("*.png"))
    assert len(shots) >= 2 * len(some_pages(site))


@needs_chromium
def test_by_keyboard_one_reaches_everything_and_sees_where_one_is(site, browser):
    with open_window(browser) as seen:
        seen.go((site / "chapters" / "02-late-august.html").as_uri())
        seen.page.keyboard.press("Tab")
        skip = seen.page.evaluate("document.activeElement.textContent.trim()")
        assert skip == "Skip to main content"
        wanted, reached = seen.page.evaluate(COUNT_FOCUSABLE), {0}
        for _ in range(wanted + 10):
            seen.page.keyboard.press("Tab")
            number, visible, label = seen.page.evaluate(FOCUSED)
            if number is None:
                break
            assert visible, f"focus cannot be seen on {label!r}"
            reached.add(number)
        assert number is None, f"focus is caught at {label!r}"
        assert len(reached) >= wanted


@needs_chromium
def test_skipping_to_the_content_leads_past_the_navigation(site, browser):
    with open_window(browser) as seen:
        seen.go((site / "claims.html").as_uri())
        seen.page.keyboard.press("Tab")
        seen.page.keyboard.press("Enter")
        seen.page.keyboard.press("Tab")
        assert seen.page.evaluate("document.activeElement.closest('main') !== null")


@needs_chromium
def test_on_paper_stand_title_text_and_whole_figures_and_nothing_else(site, browser):
    with open_window(browser) as seen:
        seen.go((site / "chapters" / "02-late-august.html").as_uri())
        page = seen.page
        page.emulate_media(media="print")
        for kept in ("h1", "blockquote", "article img", "article table"):
            assert page.locator(kept).first.is_visible(), kept
        for left_out in (
            *(".bd-sidebar-primary", ".bd-sidebar-secondary", ".bd-header-article"),
            *(".page-tools", ".numbers", ".prev-next-footer", "details.hide"),
        ):
            shown = page.locator(left_out).filter(visible=True)
            assert shown.count() == 0, left_out
        assert page.pdf(format="A4").startswith(b"%PDF")
        heights = page.evaluate("[...document.images].map(i => i.height)")
        assert max(heights) <= A4_TEXT_HEIGHT


@needs_chromium
def test_figures_stand_on_white_in_the_dark(site, browser):
    with open_window(browser, scheme="dark") as seen:
        styles = []
        for page in (site / "index.html", site / "chapters" / "02-late-august.html"):
            seen.go(page.as_uri())
            assert seen.page.locator("html").get_attribute("data-theme") == "dark"
            styles += seen.page.evaluate(
                "[...document.querySelectorAll('article img')]"
                ".map(image => getComputedStyle(image))"
                ".map(style => [style.backgroundColor, style.filter])"
            )
    assert len(styles) > 3
    assert {tuple(one) for one in styles} == {("rgb(255, 255, 255)", "none")}


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
