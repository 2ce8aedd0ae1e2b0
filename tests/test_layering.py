"""Imports inside the package point one way, and importing it costs little."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import helpers

LAYERS = [
    "errors",
    "data",
    "refresh",
    "study",
    "inference",
    "figures",
    "notebook",
    "lab",
    "cli",
]
TOP = {"cli", "__main__"}
# EventStudy.plot alone draws with a room above its own, once it is called.
ALLOWED = {"helpers.inference.result": {"helpers.figures"}}
HEAVY = [
    "scipy",
    "statsmodels",
    "arch",
    "matplotlib",
    "pandas",
    "numpy",
    "exchange_calendars",
    "yfinance",
    "IPython",
    "nbclient",
]


def layer_of(module: str) -> str:
    """Return the layer of a dotted module name such as ``helpers.data.files``."""
    part = module.split(".")[1]
    return "cli" if part in TOP else part


def imported_modules(source: str, module: str) -> set[str]:
    """Return the package's own modules that ``source`` imports, wherever it does.

    A name taken from the package itself counts as the module that it is lazily
    loaded from.
    """
    package = module.split(".")[:-1]
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            if origin == "helpers":
                found.update(
                    helpers._API.get(alias.name, f"helpers.{alias.name}")
                    for alias in node.names
                    if not alias.name.startswith("__")
                )
            else:
                found.add(origin)
    return {name for name in found if name.startswith("helpers.")}


def upward_imports(source: str, module: str) -> set[str]:
    """Return what ``module`` imports from a layer above its own."""
    own = LAYERS.index(layer_of(module))
    return {
        imported
        for imported in imported_modules(source, module)
        if LAYERS.index(layer_of(imported)) > own
    }


def package_modules(root: Path) -> dict[str, Path]:
    """Return dotted name -> file for every module below the package's own."""
    source = root / "src"
    return {
        ".".join(path.relative_to(source).with_suffix("").parts): path
        for path in sorted((source / "helpers").rglob("*.py"))
        if path != source / "helpers" / "__init__.py"
    }


def test_no_module_imports_from_a_layer_above_its_own(root):
    modules = package_modules(root)
    assert len(modules) > len(LAYERS)
    upward = {
        module: found
        for module, path in modules.items()
        if (
            found := upward_imports(path.read_text(), module)
            - ALLOWED.get(module, set())
        )
    }
    assert upward == {}


def test_the_rooms_are_drawn_as_they_are(root):
    """CONTRIBUTING names every room, in the order in which imports point."""
    drawn = [
        line.split("`")[1].removeprefix("helpers.")
        for line in (root / "CONTRIBUTING.md").read_text("utf-8").splitlines()
        if line.startswith("| `helpers.")
    ]
    assert drawn == LAYERS
    built = {layer_of(module) for module in package_modules(root)}
    assert built == set(LAYERS)


def test_an_exception_to_the_rule_is_still_made(root):
    modules = package_modules(root)
    for module, allowed in ALLOWED.items():
        assert upward_imports(modules[module].read_text(), module) == allowed


def test_every_name_the_package_offers_comes_from_a_known_layer():
    assert {layer_of(module) for module in helpers._API.values()} <= set(LAYERS)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from helpers.study.fit import fit", {"helpers.study.fit"}),
        ("import helpers.cli", {"helpers.cli"}),
        ("def f():\n    from helpers.lab import x", {"helpers.lab"}),
        ("from helpers import event_study", {"helpers.inference.event_study"}),
        ("from ..study import fit", {"helpers.study"}),
        ("from helpers.errors import DataError\nimport pandas", set()),
        ("from . import files", set()),
    ],
)
def test_an_upward_import_is_found_however_it_is_written(source, expected):
    assert upward_imports(source, "helpers.data.example") == expected


def test_importing_the_package_loads_nothing_heavy():
    code = (
        "import sys, helpers; dir(helpers); "
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


# Yahoo's exchanges with the index of each.
NAMED_BY_TRADE = {"helpers.refresh.markets"}


def test_no_module_knows_a_share_a_claim_or_an_event(root):
    """Research stands in the notebooks and in data; docstrings may give examples."""
    known = set(helpers.load_instruments().index) | set(helpers.load_ledger().index)
    known |= set(helpers.load_claims().index)
    found = {}
    for module, path in package_modules(root).items():
        constants = {
            node.value
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        if constants & known and module not in NAMED_BY_TRADE:
            found[module] = sorted(constants & known)
    assert found == {}
