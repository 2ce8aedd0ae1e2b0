"""The explorer in a real JupyterLab, used as an analyst uses it."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import TimeoutError
from site_tools import CHROMIUM, NO_CHROMIUM, open_browser, open_window

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM)

# A shared machine may be slow; nothing here waits longer than it must.
PATIENCE = 90_000
NOTEBOOKS = ("start-here.ipynb", "11-explorer.ipynb")


def make_lab_arguments(root: Path) -> list[str]:
    """What ``make lab`` gives to JupyterLab."""
    done = subprocess.run(
        ["make", "--dry-run", "lab"], cwd=root, capture_output=True, text=True
    )
    (line,) = re.findall(r"jupyter lab (.*)$", done.stdout, re.MULTILINE)
    return line.split()


@contextmanager
def jupyter_lab(folder: Path, arguments: list[str]) -> Iterator[str]:
    """JupyterLab on loopback with no settings but its own; yields its address."""
    places = {
        f"JUPYTER{name}_DIR": str(folder / "jupyter" / name.strip("_").lower())
        for name in ("_CONFIG", "_DATA", "_RUNTIME", "LAB_SETTINGS", "LAB_WORKSPACES")
    }
    config = Path(places["JUPYTER_CONFIG_DIR"])
    config.mkdir(parents=True)
    # News would be asked for on the network, and offered in a box over the notebook.
    never = {
        "news_url": None,
        "check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
    }
    (config / "jupyter_lab_config.json").write_text(json.dumps({"LabApp": never}))
    settings = {
        "apputils-extension/notification": {"fetchNews": "false"},
        # Else what is out of sight is not on the page, and where running all cells
        # leaves the view differs from run to run.
        "notebook-extension/tracker": {"windowingMode": "none"},
    }
    for name, values in settings.items():
        path = Path(places["JUPYTERLAB_SETTINGS_DIR"], "@jupyterlab", name)
        path.parent.mkdir(parents=True)
        path.with_suffix(".jupyterlab-settings").write_text(json.dumps(values))
    command = [
        *(sys.executable, "-m", "jupyterlab", *arguments, "--no-browser"),
        *("--ServerApp.ip=127.0.0.1", "--ServerApp.port=0", "--allow-root"),
    ]
    log = folder / "jupyter.log"
    with log.open("w") as said:
        server = subprocess.Popen(
            command,
            cwd=folder,
            stdout=said,
            stderr=subprocess.STDOUT,
            env={**os.environ, **places, "IPYTHONDIR": str(folder / "ipython")},
        )
        try:
            yield _address(server, Path(places["JUPYTER_RUNTIME_DIR"]), log)
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _address(server: subprocess.Popen, runtime: Path, log: Path) -> str:
    until = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < until and server.poll() is None:
        for found in runtime.glob("jpserver-*.json"):
            about = json.loads(found.read_text() or "{}")
            if about.get("port"):
                return f"http://127.0.0.1:{about['port']}/?token={about['token']}"
        time.sleep(0.1)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text()}")


@pytest.fixture(scope="module")
def page(root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab")
    (folder / "notebooks").mkdir()
    for name in NOTEBOOKS:
        shutil.copyfile(root / "notebooks" / name, folder / "notebooks" / name)
    with (
        jupyter_lab(folder, make_lab_arguments(root)) as address,
        open_browser() as browser,
        open_window(browser, width=1500) as seen,
    ):
        seen.page.set_default_timeout(PATIENCE)
        seen.page.set_viewport_size({"width": 1500, "height": 1250})
        seen.page.goto(address)
        yield seen.page
        outside = {url for url in seen.fetched if urlsplit(url).hostname != "127.0.0.1"}
        assert {url for url in outside if url.startswith("http")} == set()


@pytest.fixture(scope="module")
def shots(root) -> Path:
    folder = root / "build" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def test_make_lab_opens_on_the_start_notebook(page, shots):
    page.get_by_role("heading", name="Where do I start?").wait_for()
    assert urlsplit(page.url).path.endswith("/lab/tree/notebooks/start-here.ipynb")
    page.screenshot(path=shots / "lab-start.png")


@pytest.fixture(scope="module")
def explorer(page):
    """The explorer, run; its picture, and a way to wait until another is there."""
    page.get_by_role("link", name="11-explorer").first.click()
    page.get_by_role("heading", name="What did a share do around an event?").wait_for()
    picture = page.locator(".explorer-output img")
    for _ in range(6):
        page.locator("#jp-MainMenu").get_by_text("Run", exact=True).click()
        page.get_by_text("Run All Cells", exact=True).click()
        # What is run before the kernel is connected, JupyterLab loses.
        with suppress(TimeoutError):
            picture.wait_for(timeout=PATIENCE / 6)
            break
    else:
        pytest.fail("The explorer was run six times and drew nothing.")
    return page


def shown(page) -> tuple[str, str]:
    """Source of the picture and text of the tables."""
    source = page.locator(".explorer-output img").get_attribute("src")
    return source, "\n".join(page.locator(".explorer-output table").all_inner_texts())


def changed(page, before: str) -> None:
    """Wait until another picture stands there."""
    page.wait_for_function(
        """before => {
            const image = document.querySelector('.explorer-output img');
            return image && image.getAttribute('src') !== before;
        }""",
        arg=before,
    )


def csv_in(page, label: str) -> bytes:
    link = page.locator(".explorer-output .files a", has_text=f"{label} (CSV)")
    return base64.b64decode(link.get_attribute("href").partition(",")[2])


def test_moving_a_control_changes_figure_and_table_and_the_call_gives_them_again(
    explorer, shots
):
    page = explorer
    page.locator(".explorer-output img").scroll_into_view_if_needed()
    page.screenshot(path=shots / "lab-explorer-before.png")
    picture, tables = shown(page)
    # By keyboard alone: JupyterLab must not take the keys for its shortcuts.
    page.get_by_label("Event", exact=True).fill("")
    page.keyboard.type("huawei-ascend-roadmap")
    page.keyboard.press("Enter")
    changed(page, picture)
    picture, other_tables = shown(page)
    assert other_tables != tables
    page.get_by_label("Model", exact=True).select_option("market_adjusted")
    changed(page, picture)
    picture, _ = shown(page)
    page.get_by_label("Add one", exact=True).fill("AMD  Advanced Micro Devices")
    page.keyboard.press("Enter")
    changed(page, picture)
    call = page.get_by_label("Python", exact=True).input_value()
    assert '["NVDA", "AMD"]' in call
    assert 'model="market_adjusted"' in call
    given: dict = {}
    exec(call.replace("view.show()", ""), given)
    view = given["view"]
    labels = ("Figure's numbers", "Instruments", "Tests")
    assert [csv_in(page, label) for label in labels] == list(view.files.values())
    with page.expect_download() as kept:
        page.locator(".explorer-output .files a", has_text="Figure (PNG)").click()
    assert Path(kept.value.path()).read_bytes().startswith(b"\x89PNG")
    page.screenshot(path=shots / "lab-explorer-after.png")


def test_a_bad_choice_is_answered_and_what_was_shown_stays(explorer, shots):
    page = explorer
    picture, _ = shown(page)
    event = page.get_by_label("Event", exact=True)
    event.fill("yesterday")
    event.press("Enter")
    alert = page.locator(".explorer-output .error")
    alert.wait_for()
    assert "write it as 2025-08-27T16:20-04:00" in alert.inner_text()
    assert shown(page)[0] == picture
    page.screenshot(path=shots / "lab-explorer-error.png")
    event.fill("2025-10-06T08:00-04:00")
    event.press("Enter")
    changed(page, picture)
    call = page.get_by_label("Python", exact=True).input_value()
    assert '"2025-10-06T08:00-04:00"' in call
