"""What the tests of the refresh share: a server, and a folder with early prices."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from data_folder import DATA
from refresh_tools import SYMBOLS, early_data
from yahoo_server import YahooServer, yahoo_server


@pytest.fixture(scope="session")
def _server() -> Iterator[YahooServer]:
    with yahoo_server(DATA, SYMBOLS) as server:
        yield server


@pytest.fixture(scope="session")
def _early(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return early_data(tmp_path_factory.mktemp("early") / "data")


@pytest.fixture
def folder(_early: Path, tmp_path: Path) -> Path:
    """A data folder whose prices of ten symbols end early."""
    return Path(shutil.copytree(_early, tmp_path / "data"))


@pytest.fixture
def no_internet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let curl, which the guard of all tests cannot see, reach this machine only.

    Anything else would go through a proxy that is not there.
    """
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.setenv(name.upper(), "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "127.0.0.1")


@pytest.fixture
def yahoo(
    _server: YahooServer,
    no_internet: None,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> YahooServer:
    """A server in Yahoo's place, without faults until a test sets some."""
    import yfinance

    caches = tmp_path_factory.getbasetemp() / "yfinance"
    yfinance.set_tz_cache_location(str(caches))
    monkeypatch.setenv("XDG_CACHE_HOME", str(caches))
    monkeypatch.setenv("HELPERS_YAHOO_URL", _server.url)
    monkeypatch.delenv("HELPERS_BUNDLED")
    _server.faults.clear()
    _server.dividends.clear()
    _server.splits.clear()
    _server.asked.clear()
    return _server
