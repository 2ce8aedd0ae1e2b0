"""A browser for tests of the site, and what a page of it asks for."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
ABORTED = "net::ERR_ABORTED"
NO_CHROMIUM = "no Chromium on this machine: on Debian, apt install chromium"

# What figures of chapters are set in at least, in CSS pixels at their full width.
FIGURE_TYPE = 12.2
_LAYOUT = """async () => {
  // A new width is laid out by the next frame but one.
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  const all = (what) => [...document.querySelectorAll(`article ${what}`)];
  const broken = new Set();
  for (const cell of all(":is(td, th)")) {
    const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const node = texts.currentNode;
      for (const word of node.data.matchAll(/[^\\s\\-\u2013\\/_.]{2,}/g)) {
        const range = document.createRange();
        range.setStart(node, word.index);
        range.setEnd(node, word.index + word[0].length);
        const shown = [...range.getClientRects()].filter((one) => one.width);
        if (new Set(shown.map((one) => Math.round(one.top))).size > 1)
          broken.add(word[0]);
      }
    }
  }
  const cut = all("figure svg").flatMap((svg) => {
    const frame = svg.getBoundingClientRect();
    return [...svg.querySelectorAll("text, circle")].filter((one) => {
      const box = one.getBoundingClientRect();
      return box.left < frame.left - 0.5 || box.right > frame.right + 0.5
        || box.top < frame.top - 0.5 || box.bottom > frame.bottom + 0.5;
    }).map((one) => one.textContent);
  });
  const beyond = (one) => {
    const right = one.getBoundingClientRect().right - 1;
    for (let up = one.parentElement; up; up = up.parentElement)
      if (getComputedStyle(up).overflowX !== "visible"
        && right > up.getBoundingClientRect().right) return true;
    return false;
  };
  cut.push(...all(".scrolls").filter(beyond).map((one) => one.innerText.slice(0, 40)));
  const type = all("svg text").map(
    (one) => parseFloat(getComputedStyle(one).fontSize) * one.getScreenCTM().a);
  const seen = (one) => one.clientWidth > 0;
  for (const image of all("a.image-reference img").filter(seen))
    type.push(FIGURE_TYPE * image.clientWidth / parseFloat(image.style.width));
  const over = (one) => one.scrollWidth > one.clientWidth + 1;
  return {
    broken: [...broken],
    cut,
    type: Math.min(1e3, ...type),
    wider: all(".scrolls").filter(over).length,
    unframed: all(".scrolls, a.image-reference").filter(
      (one) => over(one) && getComputedStyle(one).overflowX !== "auto").length,
    page: document.documentElement.scrollWidth - innerWidth,
  };
}""".replace("FIGURE_TYPE", str(FIGURE_TYPE))


@contextmanager
def open_browser() -> Iterator[Any]:
    """Debian's Chromium, driven by Playwright."""
    from playwright.sync_api import sync_playwright

    # Chromium refuses to sandbox itself for root, as whom containers run.
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    arguments = ["--no-sandbox"] if is_root else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Window:
    """A window, what went wrong on its page, and what that page fetched."""

    page: Any
    wrong: list[str] = field(default_factory=list)
    fetched: set[str] = field(default_factory=set)

    def go(self, address: str) -> None:
        """Open a page, and forget what was noted of the last one."""
        self.wrong.clear()
        self.fetched.clear()
        self.page.goto(address, wait_until="load")


@contextmanager
def open_window(
    browser: Any, *, width: int = 1280, scheme: str = "light"
) -> Iterator[Window]:
    """Open a fresh window and listen to all that its pages complain of."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme
    )
    page = context.new_page()
    seen = Window(page)

    def on_console(message: Any) -> None:
        if message.type == "error":
            seen.wrong.append(f"console: {message.text}")

    def on_failure(asked: Any) -> None:
        # The icon of a page may still be on its way when the next page is opened.
        if not (asked.failure == ABORTED and asked.url.endswith("/favicon.svg")):
            seen.wrong.append(f"failed: {asked.url}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: seen.wrong.append(f"script: {error}"))
    page.on("requestfailed", on_failure)
    page.on("request", lambda asked: seen.fetched.add(asked.url))
    try:
        yield seen
    finally:
        context.close()


@cache
def axe_script() -> str:
    """The source of axe-core, from the package that brings it."""
    import axe_playwright_python

    return Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text()


def axe_violations(page: Any, rules: Sequence[str] | None = None) -> list[str]:
    """What axe-core finds wrong with an open page, one line each.

    Parameters
    ----------
    page : Page
    rules : sequence of str, optional
        Ids of the rules to apply; default all.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe_script())
    options = {"runOnly": list(rules)} if rules else {}
    found = page.evaluate(
        "async options => (await axe.run(document, {...options, "
        "resultTypes: ['violations'], preload: false})).violations",
        options,
    )
    return [
        f"{one['id']}: {one['help']}: {node['html'][:160]}"
        for one in found
        for node in one["nodes"]
    ]


def layout_of(page: Any) -> dict[str, Any]:
    """What a reader could not read on an open page, at the width that it has.

    Returns
    -------
    dict
        broken : words broken within a cell; cut : marks and labels beyond the edge of
        their drawing, and tables beyond what shows them; type : the smallest in a
        figure, pixels; wider : how many tables scroll; unframed : how many figures and
        tables are cut and do not; page : by how many pixels the page is wider than the
        window.
    """
    return page.evaluate(_LAYOUT)
