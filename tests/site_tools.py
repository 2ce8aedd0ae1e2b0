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
