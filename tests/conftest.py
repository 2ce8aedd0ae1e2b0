"""What all tests share: the checkout, no network, the same random choices."""

from __future__ import annotations

import ipaddress
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from notebook_tools import FIGURE, SENTENCE, write_notebook

from book.check import check_notebook
from book.kernels import fork_kernels
from book.run import run_notebooks

ROOT = Path(__file__).resolve().parents[1]
LONG = (
    "test_lab_browser",
    "test_site",
    "test_refresh",
    "test_cluster",
    "test_chapter_",
)

# Tests are about the bundled data, whatever was refreshed in this checkout; the
# kernels of the notebooks inherit it.
os.environ["HELPERS_BUNDLED"] = "1"
# As `make` executes them; tests that run side by side want one thread each as well.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

# A shared machine is slow now and then; that is no fault of the code. In CI the
# same examples are tried each time, so that red means that the code changed.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


def _refuse_the_network(event: str, arguments: tuple[object, ...]) -> None:
    if event != "socket.connect":
        return
    address = arguments[1]
    if not isinstance(address, tuple):
        return  # a socket in the file system
    host = str(address[0])
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    if not local:
        raise RuntimeError(f"A test tried to reach {host}: tests use no network.")


sys.addaudithook(_refuse_the_network)
fork_kernels()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with what takes longest, so that no worker is left alone at the end.

    A file is never split among workers. Notebooks come first, the largest ahead, then
    what drives a browser, a kernel or processes of its own.
    """

    def place(item: pytest.Item) -> tuple[int, int]:
        if item.path.suffix == ".ipynb":
            return 0, -item.path.stat().st_size
        return 1 + (not item.path.stem.startswith(LONG)), 0

    items.sort(key=place)


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the checkout."""
    return ROOT


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    """Let no figure of one test live on into the next."""
    yield
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close("all")


@pytest.fixture(scope="session")
def executed_bytes(tmp_path_factory) -> bytes:
    """An executed notebook with text, a figure and a record, for all that spoil it."""
    path = tmp_path_factory.mktemp("executed") / "small.ipynb"
    sentence = SENTENCE.replace("HOLDS", "True").replace("CAR", "0.25")
    write_notebook(path, "print(6 * 7)", FIGURE.replace("VALUE", "3"), sentence)
    run_notebooks([path])
    return path.read_bytes()


@pytest.fixture
def executed(tmp_path, executed_bytes) -> Path:
    """A copy of the executed notebook, without fault until a test spoils it."""
    path = write_notebook(tmp_path / "small.ipynb")
    path.write_bytes(executed_bytes)
    assert check_notebook(path) == []
    return path


@pytest.fixture
def make_notebook(tmp_path) -> Callable[..., Path]:
    """Write a notebook with the code cells given, not yet executed."""

    def make(*sources: str, name: str = "small", **metadata: object) -> Path:
        return write_notebook(tmp_path / f"{name}.ipynb", *sources, **metadata)

    return make
