"""pyproject.toml, requirements.lock and environment.yml say the same."""

from __future__ import annotations

import base64
import importlib.metadata
import io
import os
import re
import runpy
import subprocess
import sys
import threading
import tomllib
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

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


def make(folder: Path, *arguments: str, **environment: str):
    """Run make in a checkout of its own; return what it did and said."""
    return subprocess.run(
        ["make", "--directory", str(folder), *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )


@pytest.fixture
def checkout(root, tmp_path) -> Path:
    """What makes an environment, in a folder of its own."""
    folder = tmp_path / "a checkout"
    (folder / ".ci").mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", ".ci/uv.py"):
        (folder / name).write_text((root / name).read_text())
    return folder


def test_make_without_a_usable_python_says_what_to_install(checkout):
    (checkout / "requirements.lock").touch()
    done = make(checkout, "PYTHON=", "test")
    assert done.returncode == 2
    assert "No Python 3.11 or newer" in done.stderr
    assert "apt install python3" in done.stderr


def test_an_environment_half_made_or_moved_is_made_anew(root, checkout):
    """Judged by make itself, on real environments into which nothing is installed."""
    lock, made = checkout / "requirements.lock", ".venv/made-as"
    lock.write_text("six==1.17.0\n")  # no hash: refused
    by_pip = {"INSTALLER": "pip", "PYTHON": sys.executable}
    done = make(checkout, made, **by_pip)
    assert done.returncode == 2
    assert "hash" in done.stderr
    assert not (checkout / made).exists()
    lock.write_text("# nothing\n")
    assert make(checkout, made, **by_pip).returncode == 0
    assert make(checkout, "--question", made).returncode == 0
    moved = checkout.with_name("moved")
    checkout.rename(moved)
    assert make(moved, "--question", made).returncode == 1
    # Without an index there is no uv, and a sentence says what to do.
    (moved / "requirements.lock").write_text((root / "requirements.lock").read_text())
    done = subprocess.run(
        [moved / ".venv/bin/python", moved / ".ci/uv.py", "pip", "list"],
        env={**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(moved)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "make INSTALLER=pip" in done.stderr


class OwnIndex(BaseHTTPRequestHandler):
    """An index that has one package, for those who say who they are."""

    who: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        self.who.append(self.headers.get("Authorization"))
        wheel = io.BytesIO()
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("greeting.py", "")
            about = "Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n"
            archive.writestr("greeting-1.0.dist-info/METADATA", about)
            kind = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            archive.writestr("greeting-1.0.dist-info/WHEEL", kind)
            archive.writestr("greeting-1.0.dist-info/RECORD", "")
        name = "greeting-1.0-py3-none-any.whl"
        page = f'<a href="/{name}">{name}</a>'.encode()
        content = wheel.getvalue() if self.path.endswith(".whl") else page
        kind = "application/zip" if content is not page else "text/html"
        self.send_response(200 if self.who[-1] else 401)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    do_HEAD = do_GET

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


def test_uv_asks_the_index_that_pip_is_configured_with(root, tmp_path):
    server = ThreadingHTTPServer(("127.0.0.1", 0), OwnIndex)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings = tmp_path / "pip.conf"
    index = f"http://me:secret@127.0.0.1:{server.server_port}/simple"
    settings.write_text(f"[global]\nindex-url = {index}\n[install]\ntimeout = 5\n")
    plain = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PIP_", "UV_")) and not name.lower().endswith("proxy")
    }
    kept = {"PIP_CONFIG_FILE": str(settings), "UV_CACHE_DIR": str(tmp_path / "cache")}
    try:
        done = subprocess.run(
            [
                *(sys.executable, root / ".ci" / "uv.py", "pip", "install"),
                *("--target", tmp_path / "target", "greeting"),
            ],
            env=plain | kept,
            capture_output=True,
            text=True,
        )
    finally:
        server.shutdown()
        server.server_close()
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "target" / "greeting.py").is_file()
    basic = "Basic " + base64.b64encode(b"me:secret").decode()
    assert set(OwnIndex.who) - {None} == {basic}
    assert "secret" not in done.stdout + done.stderr


def test_each_of_pips_settings_has_its_name_for_uv(root, tmp_path):
    uv_settings = runpy.run_path(str(root / ".ci" / "uv.py"))["uv_settings"]
    listed = (
        f"global.find-links='{tmp_path} {tmp_path}/not-there'\n"
        "global.index-url='https://one.example/simple'\n"
        "install.index-url='https://two.example/simple'\n"
        ":env:.extra-index-url='\\nhttps://a.example\\nhttps://b.example'\n"
        "global.cert='/etc/own.pem'\n"
        "global.trusted-host='one.example'\n"
        ":env:.proxy='http://proxy.example:3128'\n"
        "download.index-url='https://three.example/simple'\n"
    )
    settings = uv_settings(listed, {"UV_INSECURE_HOST": "mine.example"})
    assert settings == {
        "UV_FIND_LINKS": str(tmp_path),
        "UV_DEFAULT_INDEX": "https://two.example/simple",
        "UV_INDEX": "https://a.example https://b.example",
        "SSL_CERT_FILE": "/etc/own.pem",
        "ALL_PROXY": "http://proxy.example:3128",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_SYSTEM_CERTS": "true",
    }
