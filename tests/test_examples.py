"""Every name that the package offers shows how it is used, and the example runs."""

from __future__ import annotations

import doctest
import importlib

import pytest

import helpers

OFFERED = [
    (room, name)
    for room in ("helpers", "helpers.figures", "helpers.notebook")
    for name in importlib.import_module(room).__all__
    if name != "__version__"
]


def examples(thing, name):
    module = importlib.import_module(getattr(thing, "__module__", name))
    found = doctest.DocTestFinder(recurse=False).find(
        thing, name, module=module, globs=dict(vars(module))
    )
    return [each for each in found if each.examples]


@pytest.mark.parametrize(("room", "name"), OFFERED)
def test_the_example_of_a_public_name_runs(room, name):
    thing = getattr(importlib.import_module(room), name)
    found = examples(thing, f"{room}.{name}")
    assert found or room != "helpers", f"{room}.{name} has no example"
    runner = doctest.DocTestRunner(optionflags=doctest.REPORT_ONLY_FIRST_FAILURE)
    said = []
    for each in found:
        runner.run(each, out=said.append)
    assert runner.failures == 0, "".join(said)


def test_what_help_tells_first_runs_and_names_all_that_is_offered():
    found = examples(helpers, "helpers")
    runner = doctest.DocTestRunner()
    for each in found:
        runner.run(each)
    assert (runner.failures, runner.tries) == (0, 4)
    listed = [
        line.split()[0] for line in helpers.__doc__.splitlines() if "    " in line
    ]
    assert listed == helpers.__all__[1:]
