"""pyproject.toml, requirements.lock and environment.yml say the same."""

from __future__ import annotations

import importlib.metadata
import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

PYTHON_VERSIONS = [f"3.{minor}" for minor in range(8, 20)]


@pytest.fixture(scope="module")
def project(root: Path) -> dict:
    return tomllib.loads((root / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="module")
def conda(root: Path) -> dict:
    return yaml.safe_load((root / "environment.yml").read_text())


@pytest.fixture(scope="module")
def locked(root: Path) -> dict[str, list[str]]:
    """Package -> the lines of its entry in the lock."""
    entries: dict[str, list[str]] = {}
    for line in (root / "requirements.lock").read_text().splitlines():
        if re.match(r"\w", line):
            name, double_equals, _ = line.partition("==")
            assert double_equals, f"{line!r} pins no version"
            assert canonicalize_name(name) not in entries, f"{name} is locked twice"
            entries[canonicalize_name(name)] = [line]
        elif not line.lstrip().startswith("#"):
            entries[list(entries)[-1]].append(line)
    return entries


def locked_version(entry: list[str]) -> Version:
    return Version(re.search(r"==([^\s;]+)", entry[0])[1])


def direct_requirements(project: dict) -> list[Requirement]:
    extras = project["optional-dependencies"].values()
    return [Requirement(r) for r in sum(extras, project["dependencies"])]


def test_every_direct_dependency_is_locked_at_a_version_that_fits(project, locked):
    wrong = [
        str(requirement)
        for requirement in direct_requirements(project)
        if canonicalize_name(requirement.name) not in locked
        or locked_version(locked[canonicalize_name(requirement.name)])
        not in requirement.specifier
    ]
    assert wrong == []


def test_the_build_system_is_locked_so_that_installing_needs_no_network(root, locked):
    build = tomllib.loads((root / "pyproject.toml").read_text())["build-system"]
    for requirement in map(Requirement, build["requires"]):
        version = locked_version(locked[canonicalize_name(requirement.name)])
        assert version in requirement.specifier


def test_every_locked_package_has_hashes(locked):
    bare = [
        name
        for name, lines in locked.items()
        if not any(re.search(r"--hash=sha256:[0-9a-f]{64}\b", row) for row in lines)
    ]
    assert bare == []
    assert len(locked) > 50


@pytest.mark.parametrize("name", ["requirements.lock", "environment.yml"])
def test_the_installed_files_name_no_host_and_no_path(root, name):
    text = (root / name).read_text()
    assert not re.search(r"://|@\s|--(?:extra-)?index-url|--find-links|file:", text)
    assert not re.search(r"/(?:home|root|tmp|Users|opt|work)/", text)


def test_the_installed_packages_are_the_locked_ones(project, locked):
    different = {
        requirement.name: importlib.metadata.version(requirement.name)
        for requirement in direct_requirements(project)
        if Version(importlib.metadata.version(requirement.name))
        != locked_version(locked[canonicalize_name(requirement.name)])
    }
    assert different == {}, "run make environment"


def test_conda_takes_the_packages_from_the_lock(conda, project):
    names = [part for part in conda["dependencies"] if isinstance(part, str)]
    assert sorted(name.split()[0] for name in names) == ["pip", "python"]
    [pip] = [part["pip"] for part in conda["dependencies"] if isinstance(part, dict)]
    assert pip == ["-r requirements.lock"]
    assert conda["name"] == project["name"]


def test_conda_and_pyproject_agree_on_python(conda, project):
    [python] = [
        part.removeprefix("python").strip()
        for part in conda["dependencies"]
        if isinstance(part, str) and part.startswith("python")
    ]
    wanted, allowed = SpecifierSet(python), SpecifierSet(project["requires-python"])
    assert min(allowed.filter(PYTHON_VERSIONS)) == min(wanted.filter(PYTHON_VERSIONS))
    assert set(wanted.filter(PYTHON_VERSIONS)) <= set(allowed.filter(PYTHON_VERSIONS))
    tested = [
        classifier.rsplit(" ", 1)[1]
        for classifier in project["classifiers"]
        if "Python :: 3." in classifier
    ]
    assert sorted(wanted.filter(PYTHON_VERSIONS), key=Version) == tested


def test_ci_runs_the_python_versions_that_the_package_names(root, project):
    workflow = yaml.safe_load((root / ".github/workflows/ci.yml").read_text())
    matrix = workflow["jobs"]["test"]["strategy"]["matrix"]["python"]
    named = [f"Programming Language :: Python :: {version}" for version in matrix]
    assert named == [c for c in project["classifiers"] if "Python :: 3." in c]


def test_the_versions_of_package_and_citation_agree(root):
    citation = yaml.safe_load((root / "CITATION.cff").read_text())
    installed = importlib.metadata.version("chip-sanctions-event-studies")
    assert citation["version"] == installed
    assert citation["cff-version"] == "1.2.0"


def test_a_python_without_pip_is_refused_in_a_sentence(root, tmp_path):
    script = root / ".ci" / "environment.py"
    code = (
        "import runpy, sys; sys.modules['ensurepip'] = None; "
        f"sys.argv = ['environment.py', {str(tmp_path / 'made')!r}]; "
        f"runpy.run_path({str(script)!r}, run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert "no venv module" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "made").exists()


def test_an_old_python_is_refused_in_a_sentence(root, monkeypatch):
    script = runpy.run_path(str(root / ".ci" / "environment.py"))
    monkeypatch.setattr(sys, "version_info", (3, 10, 13, "final", 0))
    with pytest.raises(script["EnvironmentFailure"], match=r"3\.11 or newer"):
        script["check_python"]()


def test_make_without_a_usable_python_says_what_to_install(root, tmp_path):
    (tmp_path / "Makefile").write_text((root / "Makefile").read_text())
    (tmp_path / ".ci").mkdir()
    for name in ("requirements.lock", "pyproject.toml", ".ci/environment.py"):
        (tmp_path / name).write_text("")
    done = subprocess.run(
        ["make", "--directory", str(tmp_path), "PYTHON=", "test"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "No Python 3.11 or newer" in done.stderr
    assert "apt install python3" in done.stderr


def test_an_interrupted_install_is_not_taken_for_a_whole_one(root, tmp_path):
    """A lock that cannot be installed leaves nothing that says it was."""
    copy = tmp_path / "checkout"
    (copy / ".ci").mkdir(parents=True)
    script = (root / ".ci" / "environment.py").read_text()
    (copy / ".ci" / "environment.py").write_text(script)
    (copy / "pyproject.toml").write_text("")
    (copy / "requirements.lock").write_text("six==1.17.0\n")  # no hash: pip refuses
    made = copy / ".venv"
    made.mkdir()
    (made / "ready").write_text("made from an older lock")
    done = subprocess.run(
        [sys.executable, str(copy / ".ci" / "environment.py"), str(made)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "pip failed" in done.stderr
    assert not (made / "ready").exists()
