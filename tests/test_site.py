"""The rendered book, seen as a reader sees it: in a browser, from disk."""

from __future__ import annotations

import csv
import html
import json
import re
import shutil
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest
from site_tools import (
    CHROMIUM,
    NO_CHROMIUM,
    axe_violations,
    layout_of,
    open_browser,
    open_window,
)

from book.check_site import load_codes, page_faults
from book.site.build import MARK, build_site
from book.site.chapters import WIDGET
from helpers import (
    HelpersError,
    event_study,
    load_claims,
    load_events,
    load_ledger,
    load_prices,
    load_returns,
)

LARGEST_PAGE = 1_500_000
PHONE = 390
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM)
# Colours alone differ in the dark; all else was looked at in the light.
DARK_RULES = ("color-contrast", "link-in-text-block")
NASTY = '<script>alert("x")</script> a | b `c` [d](e) **f** {math}`g` $h$ <!--'
LOADS = {("link", "href"), ("script", "src"), ("img", "src"), ("source", "src")}
OWN = "My Study 2"
ADDRESS = "https://book.example/chips/"
REMARK = "deepseek-v31-domestic-chip-remark"
# A page of each kind: those that the browser measures at each width.
KINDS = (
    *("index", "short", "claims", "data", "events/index", f"events/{REMARK}"),
    *("chapters/00-overview", "chapters/04-export-controls"),
    *("events/deepseek-r2-ascend-setback", "events/bis-2022-10-07-rules"),
)
WIDTHS = (PHONE, 800, 1280)
SMALLEST_TYPE = 9
STILL = "* { transition: none !important; }"


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


def read_csv(path: Path) -> list[list[str]]:
    """All rows of a CSV file."""
    return list(csv.reader(path.read_text(encoding="utf-8").splitlines()))


def outputs(notebook: Path) -> list[tuple[str, dict]]:
    """Each stored output of a notebook with the id of its cell."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [(cell["id"], one) for cell in cells for one in cell.get("outputs", [])]


def records(notebook: Path) -> dict[str, tuple[str, dict]]:
    """What a notebook recorded of each claim, with the id of the cell."""
    return {
        claim_id: (cell, verdict)
        for cell, output in outputs(notebook)
        for claim_id, verdict in output.get("metadata", {})
        .get("helpers", {})
        .get("record", {})
        .get("claims", {})
        .items()
    }


@pytest.fixture(scope="module")
def chapter(root) -> Path:
    """The first chapter that decides a claim."""
    return next(one for one in sorted(root.glob("notebooks/*.ipynb")) if records(one))


@pytest.fixture(scope="module")
def checkout(root, chapter, tmp_path_factory) -> Path:
    """A copy of what a book is made from, with markup in it and an own notebook."""
    copy = tmp_path_factory.mktemp("checkout, with a comma")
    for name in ("notebooks", "data"):
        shutil.copytree(root / name, copy / name)
    for name in ("README.md", "CITATION.cff"):
        shutil.copy(root / name, copy)
    table = copy / "data" / "events.csv"
    rows = read_csv(table)
    for column in ("title", "notes", "clock", "firms"):
        rows[5][rows[0].index(column)] = NASTY
    with table.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    own = json.loads(chapter.read_text(encoding="utf-8"))
    own["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {}}
    own["cells"] = own["cells"][:2]
    own["cells"][0]["source"] = "# My Study?\n\nIt has controls and no figure."
    view = {WIDGET: {"model_id": "1"}, "text/plain": "Dropdown()"}
    own["cells"][1]["outputs"] = [
        {"output_type": "display_data", "metadata": {}, "data": view}
    ]
    (copy / "notebooks" / f"{OWN}.ipynb").write_text(json.dumps(own))
    return copy


@pytest.fixture(scope="module")
def site(checkout) -> Path:
    """The book, built in place of an earlier one."""
    old = checkout / "build" / "site"
    old.mkdir(parents=True)
    (old / "gone.html").write_text("of the last build")
    (old / MARK).write_text("gone.html")
    made = build_site(checkout, address=ADDRESS)
    assert made == old
    assert not (made / "gone.html").exists()
    assert [path.name for path in (checkout / "build").iterdir()] == ["site"]
    return made


@pytest.fixture(scope="module")
def pages(site) -> dict[Path, Links]:
    return {path: Links(path) for path in sorted(site.rglob("*.html"))}


@pytest.fixture(scope="module")
def browser():
    with open_browser() as opened:
        yield opened


def test_every_event_and_every_notebook_has_its_page(checkout, site):
    events = {path.stem for path in (site / "events").glob("*.html")} - {"index"}
    assert events == set(load_ledger().index)
    chapters = {path.stem for path in (site / "chapters").glob("*.html")}
    assert chapters == {path.stem for path in (checkout / "notebooks").glob("*.ipynb")}


def test_every_cell_keeps_its_address_and_its_code(chapter, site, pages):
    page = site / "chapters" / f"{chapter.stem}.html"
    cells = json.loads(chapter.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert {f"cell-{cell['id']}" for cell in code} <= pages[page].ids
    assert page.read_text(encoding="utf-8").count("highlight-ipython3") == len(code)


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


def test_only_addresses_that_the_data_cite_can_be_followed(checkout, pages):
    cited = "".join(
        path.read_text(encoding="utf-8")
        for path in [*checkout.glob("data/*.csv"), checkout / "data" / "README.md"]
    )
    uncited = {
        link
        for links in pages.values()
        for link in links.clicked
        if re.match(r"(?:https?:)?//", link) and unquote(link) not in unquote(cited)
    }
    assert uncited == set()


def test_every_image_says_what_is_seen(pages):
    alts = [alt for links in pages.values() for alt in links.alts]
    assert len(alts) > 10
    assert [alt for alt in alts if not alt or len(alt) < 40] == []


def test_a_page_with_all_its_files_stays_small(site, pages):
    heavy = {}
    for path, links in pages.items():
        local = {
            (path.parent / unquote(urldefrag(link)[0].split("?")[0])).resolve()
            for link in links.loaded
            if ".html" not in link
        }
        size = sum(one.stat().st_size for one in {path, *local})
        if size >= LARGEST_PAGE:
            heavy[str(path.relative_to(site))] = size
    assert heavy == {}


def test_the_claims_page_says_what_each_chapter_recorded(checkout, site, pages):
    page = (site / "claims.html").read_text(encoding="utf-8")
    parts = page.partition("</article>")[0].split('<section id="claim-')[1:]
    sections = {part.partition('"')[0]: html.unescape(part) for part in parts}
    claims, recorded = load_claims(), {}
    for path in sorted((checkout / "notebooks").glob("*.ipynb")):
        for claim_id, found in records(path).items():
            recorded[claim_id] = (path.stem, *found)
    assert len(recorded) > 1
    assert list(sections) == list(claims.index)
    for claim_id, section in sections.items():
        assert f"“{claims.at[claim_id, 'claim']}.”" in section
        chapter, cell, verdict = recorded.get(claim_id, ("", "", {"legs": {}}))
        heading = f"{claims.at[claim_id, 'short']}: {verdict.get('word', '')}"
        assert heading in section
        assert ("no verdict yet" in section) == (not chapter)
        assert f"chapters/{chapter}.html#cell-{cell}" in section or not chapter
        for leg in verdict["legs"].values():
            if leg["kind"] == "prices" and abs(leg["change"]) > 0.005:
                digits = (f"{abs(leg['change']) * scale:.2f}" for scale in (1, 100))
                assert any(one in section for one in digits), (claim_id, leg)
            assert leg["text"] in section
    front = (site / "index.html").read_text(encoding="utf-8")
    assert front.count("no verdict yet</span>") == len(claims) - len(recorded)


def test_the_numbers_behind_a_figure_are_those_that_are_drawn(chapter, site):
    figures = [
        output["metadata"]["image/png"]["drawn"]
        for _, output in outputs(chapter)
        if "image/png" in output.get("data", {})
    ]
    files = [site / "files" / chapter.stem / f"figure-{n + 1}.csv" for n in range(99)]
    assert [path.is_file() for path in files].count(True) == len(figures) > 3
    for drawn, path in zip(figures, files, strict=False):
        rows = read_csv(path)
        written = {row[rows[0].index("y")] for row in rows[1:]}
        for panel in drawn["panels"]:
            for mark in panel.get("marks", []):
                tabled = mark["mark"] in ("line", "bar", "point")
                if tabled and not mark.get("within") and not panel["y"].get("dates"):
                    assert set(mark.get("y", "").split()) - {"-"} <= written


def test_the_numbers_behind_a_table_are_those_that_it_shows(chapter, site):
    [path, *_] = sorted(site.glob(f"files/{chapter.stem}/table-*.csv"))
    rows = read_csv(path)
    assert len(rows) > 1
    assert {len(row) for row in rows} == {len(rows[0])}
    shown = (site / "chapters" / f"{chapter.stem}.html").read_text(encoding="utf-8")
    assert all(f">{html.escape(row[1])}<" in shown for row in rows[1:])


def test_an_events_page_says_when_day_0_was_why_and_what_followed(site):
    page = site / "events" / "deepseek-v31-domestic-chip-remark.html"
    shown = html.unescape(re.sub(r"<[^>]*>", " ", page.read_text("utf-8")))
    words = " ".join(shown.split())
    assert "Only the date is known" in words
    for market in ("New York", "Hong Kong", "Shanghai"):
        assert re.search(rf"{market} 2\d August 2025 \[0, \+1\]", words), market
    assert "the first session in New York dated on or after it is 2025-08-21" in words
    assert "changed by +2.27 % on day 0, 21 August 2025. Its abnormal" in words.replace(
        "\N{NO-BREAK SPACE}", " "
    )
    assert "n/a" not in words
    rows = read_csv(site / "files" / "events" / f"{page.stem}.csv")
    assert any(row[0] == "NVDA" and row[3] == "2025-08-21" for row in rows)


def test_the_paths_on_an_events_page_are_those_of_the_study_and_of_the_prices(site):
    page = (site / "events" / f"{REMARK}.html").read_text(encoding="utf-8")
    heads, *rows = read_csv(site / "files" / "events" / f"{REMARK}-paths.csv")
    rows = [dict(zip(heads, row, strict=True)) for row in rows]
    [first, *_, last] = [row for row in rows if row["symbol"] == "NVDA"]
    assert (first["session"], last["session"]) == ("2025-08-18", "2025-09-05")
    study = event_study(
        load_returns(["NVDA", "^GSPC"]),
        load_events("NVDA", event_ids=REMARK),
        benchmark="^GSPC",
    )
    abnormal = study.car(-3, 10)["car"].item()
    assert float(last["abnormal"]) == pytest.approx(abnormal, abs=1e-6)
    for symbol in {row["symbol"] for row in rows}:
        own = [row for row in rows if row["symbol"] == symbol]
        close = load_prices([symbol])[symbol].dropna()
        base = close.iloc[close.index.get_loc(own[0]["session"]) - 1]
        price = close[own[-1]["session"]] / base - 1
        assert float(own[-1]["price"]) == pytest.approx(price, abs=1e-5)
    halted = [row["session"] for row in rows if row["symbol"] == "688981.SS"]
    assert halted[-1] == "2025-08-29"  # SMIC's last before its shares were halted
    assert float(last["ordinary_low"]) < abnormal < float(last["ordinary_high"])
    shown = f"{100 * abnormal:+.1f}\N{NO-BREAK SPACE}%".replace("-", "\N{MINUS SIGN}")
    assert f">abnormal {shown}<" in page
    alt = re.search(r'aria-label="(Nvidia from 18 August 2025[^"]*)"', page)
    assert alt
    assert f"{shown} at the end, within the ordinary" in html.unescape(alt[1])


def test_the_time_line_and_the_list_lead_to_every_event(site, pages):
    page = (site / "events" / "index.html").read_text(encoding="utf-8")
    ledger = load_ledger()
    for event_id in ledger.index:
        assert page.count(f'href="{event_id}.html" data-type') == 2, event_id
    for year in range(2018, 2027):
        assert f'<div class="year"><strong>{year}</strong>' in page


def test_the_short_version_is_two_pages_of_paper_with_every_verdict(site):
    paper = (site / "short.pdf").read_bytes()
    assert len(re.findall(rb"/Type /Page\b", paper)) == 2
    page = html.unescape((site / "short.html").read_text(encoding="utf-8"))
    for claim in load_claims()["claim"]:
        assert f">{claim}</a>" in page


def test_all_data_come_in_one_file_with_their_codebook_and_no_time(checkout, site):
    with zipfile.ZipFile(site / "chip-sanctions-data.zip") as archive:
        names, times = archive.namelist(), {one.date_time for one in archive.infolist()}
        inside = {name.partition("/")[2]: archive.read(name) for name in names}
    assert inside.pop("README.md") == (checkout / "data" / "README.md").read_bytes()
    data = site / "data"
    offered = [path for path in data.rglob("*") if path.is_file()]
    assert inside == {
        path.relative_to(data).as_posix(): path.read_bytes() for path in offered
    }
    assert times == {(1980, 1, 1, 0, 0, 0)}


def test_a_link_to_any_page_is_shown_with_its_words_and_the_figure(site, pages):
    about = re.compile(r'<meta property="og:(\w+)" content="([^"]*)"')
    for path in pages:
        if path.stem != "search":
            shown = dict(about.findall(path.read_text(encoding="utf-8")))
            assert shown["image"].startswith(ADDRESS), path
            assert (site / shown["image"].removeprefix(ADDRESS)).is_file(), path
            assert shown["title"], path
            assert len(shown["description"]) > 20, path


def test_no_page_shows_a_code_without_its_name_or_more_numbers_than_it_may(site):
    codes, found = load_codes(), {}
    nasty = read_csv(site / "data" / "events.csv")[5][0]
    for path in sorted(site.rglob("*.html")):
        name = path.relative_to(site).with_suffix("").as_posix()
        faults = [*page_faults(name, path.read_text("utf-8"), codes)]
        if faults and name != f"events/{nasty}":
            found[name] = faults
    assert found == {}


def test_text_of_the_ledger_is_shown_and_never_run(site):
    nasty = read_csv(site / "data" / "events.csv")[5][0]
    for page in (site / "events" / f"{nasty}.html", site / "events/index.html"):
        text = page.read_text(encoding="utf-8")
        assert "<script>alert" not in text
        assert NASTY.partition("</script>")[2] in html.unescape(text)


def test_an_analysts_own_notebook_gets_its_page_in_the_lab(site):
    page = site / "chapters" / f"{OWN}.html"
    assert "Here the notebook has controls" in page.read_text(encoding="utf-8")
    front = (site / "index.html").read_text(encoding="utf-8")
    assert front.index("The book") < front.index("The lab") < front.index("My Study?")


def test_a_build_never_removes_what_it_did_not_make(checkout, site, tmp_path):
    for folder in (tmp_path, site):
        note = folder / "site" / "note.txt" if folder is tmp_path else folder / "n.txt"
        note.parent.mkdir(exist_ok=True)
        note.write_text("mine")
        with pytest.raises(HelpersError, match=note.name):
            build_site(checkout, tmp_path if folder is tmp_path else None)
        assert note.read_text() == "mine"
        note.unlink()
    assert (site / "index.html").is_file()


def test_a_notebook_without_a_title_is_refused_and_the_last_site_stays(checkout, site):
    untitled = checkout / "notebooks" / "untitled.ipynb"
    untitled.write_text('{"cells": []}')
    try:
        with pytest.raises(HelpersError, match="untitled"):
            build_site(checkout)
    finally:
        untitled.unlink()
    assert (site / "index.html").is_file()


@needs_chromium
def test_pages_load_without_complaint_and_axe_finds_nothing(chapter, site, browser):
    nasty = read_csv(site / "data" / "events.csv")[5][0]
    names = [
        *(
            "index",
            "short",
            "claims",
            "data",
            "cite",
            "events/index",
            f"events/{nasty}",
        ),
        *("events/deepseek-v31-domestic-chip-remark", f"chapters/{OWN}"),
        *(f"chapters/{chapter.stem}", "chapters/start-here"),
    ]
    found: dict[str, list[str]] = {}
    with open_window(browser) as window:
        dialogs: list[str] = []
        window.page.on("dialog", lambda one: (dialogs.append(one.message), one.close()))
        for name in names:
            window.go((site / f"{name}.html").as_uri())
            page = window.page
            page.add_style_tag(content=STILL)
            found[name] = [
                *window.wrong,
                *(url for url in window.fetched if url.startswith("http")),
                *page.evaluate(
                    "[...document.images].filter(i => !i.naturalWidth).map(i => i.src)"
                ),
                *axe_violations(page),
            ]
            page.evaluate("document.documentElement.dataset.theme = 'dark'")
            found[name] += axe_violations(page, DARK_RULES)
            page.set_viewport_size({"width": PHONE, "height": 900})
            wide = page.evaluate("document.documentElement.scrollWidth")
            found[name] += [] if wide <= PHONE else [f"{wide} px wide on a phone"]
            page.set_viewport_size({"width": 1280, "height": 900})
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    assert dialogs == []


@needs_chromium
def test_nothing_is_broken_cut_or_too_small_at_any_width(site, browser):
    found = {}
    with open_window(browser) as seen:
        for name in KINDS:
            seen.go((site / f"{name}.html").as_uri())
            seen.page.add_style_tag(content=STILL)
            for width in WIDTHS:
                seen.page.set_viewport_size({"width": width, "height": 900})
                one = layout_of(seen.page)
                broken = [word for word in one["broken"] if word not in NASTY]
                # A table may be wider than a phone, in a frame that scrolls.
                wide = one["wider"] and width == max(WIDTHS)
                faults = (broken, one["cut"], one["unframed"], wide, one["page"] > 0)
                if any(faults) or one["type"] < SMALLEST_TYPE:
                    found[name, width] = one
    assert found == {}


@needs_chromium
def test_events_are_filtered_by_keyboard_and_all_stand_there_without_script(
    site, browser
):
    ledger = load_ledger()
    rows = "tbody tr:visible"
    with open_window(browser) as seen:
        seen.go((site / "events" / "index.html").as_uri())
        assert seen.page.locator(rows).count() == len(ledger)
        seen.page.locator("select[name=actor]").focus()
        seen.page.keyboard.type("a Chinese firm")
        wanted = ledger[ledger["actor"] == "chinese-firm"]
        assert seen.page.locator(rows).count() == len(wanted)
        assert seen.page.locator("output").inner_text() == f"{len(wanted)} events"
        assert seen.page.locator(".time-line a:visible").count() >= len(wanted)
        years = {when.year for when in wanted["announced_at"]}
        assert seen.page.locator("h2:visible").count() == len(years)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "events" / "index.html").as_uri())
    assert page.locator(rows).count() == len(ledger)
    assert page.locator("select:visible").count() == 0
    context.close()


@needs_chromium
def test_search_is_reached_by_keyboard_and_finds_events_and_chapters(site, browser):
    with open_window(browser) as seen:
        for words, found in (("Cambricon", "events/"), ("placebo", "chapters/")):
            seen.go((site / "index.html").as_uri())
            seen.page.keyboard.press("Control+k")
            seen.page.keyboard.type(words)
            seen.page.keyboard.press("Enter")
            hits = seen.page.locator(f"#search-results a[href*='{found}']")
            hits.first.wait_for(timeout=20_000)
            assert seen.wrong == []
            # Not every event on whose page the share is only measured.
            assert 0 < hits.count() < 80


@needs_chromium
def test_the_keyboard_skips_to_the_content(site, browser):
    with open_window(browser) as seen:
        seen.go((site / "claims.html").as_uri())
        for key in ("Tab", "Enter", "Tab"):
            seen.page.keyboard.press(key)
        assert seen.page.evaluate("document.activeElement.closest('main') !== null")
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        assert seen.page.evaluate(outline) != "none"


@needs_chromium
def test_on_paper_stand_title_text_and_figures_and_nothing_else(chapter, site, browser):
    with open_window(browser) as seen:
        seen.go((site / "chapters" / f"{chapter.stem}.html").as_uri())
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


@needs_chromium
def test_figures_stand_on_white_in_the_dark(chapter, site, browser):
    with open_window(browser, scheme="dark") as seen:
        seen.go((site / "chapters" / f"{chapter.stem}.html").as_uri())
        assert seen.page.locator("html").get_attribute("data-theme") == "dark"
        styles = seen.page.evaluate(
            "[...document.querySelectorAll('article img')].map(getComputedStyle)"
            ".map(style => style.backgroundColor + style.filter)"
        )
    assert set(styles) == {"rgb(255, 255, 255)none"}


@needs_chromium
def test_a_link_to_a_deciding_cell_lands_on_its_verdict(site, browser):
    with open_window(browser) as seen:
        seen.go((site / "index.html").as_uri())
        seen.page.locator("table a[href*='#cell-']").first.click()
        assert "Verdict:" in seen.page.locator("div.cell:target").inner_text()
