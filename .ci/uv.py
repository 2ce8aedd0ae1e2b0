"""Run uv on the environment that runs this, set up as pip is.

    .venv/bin/python .ci/uv.py pip install --require-hashes -r requirements.lock

uv itself comes from the index that pip asks, at the version and hash of the lock, and
takes over pip's settings: index, certificates, proxy. This stands on the standard
library alone. With INSTALLER=pip in the environment pip installs everything.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

LOCK = Path(__file__).resolve().parents[1] / "requirements.lock"
PIP = [sys.executable, "-m", "pip"]
# pip's setting -> the variable that tells uv the same; uv reads proxies itself.
NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "no-index": "UV_NO_INDEX",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "proxy": "ALL_PROXY",
}
SEPARATORS = {"UV_FIND_LINKS": ","}
NO_UV = """
[environment] uv could not be had from the index that pip is set up with; pip says
above why. A first run needs the network: mend that and run make again. Where there is
no uv for this machine, `make INSTALLER=pip` does without it and takes some minutes."""


def uv_settings(pip_config: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that make uv ask where pip asks.

    Parameters
    ----------
    pip_config : str
        What ``pip config list`` prints.
    environment : mapping
        The environment; what it sets for uv stays.
    """
    found: dict[str, tuple[int, str]] = {}
    for line in pip_config.splitlines():
        place, _, written = line.partition("=")
        section, _, name = place.strip().rpartition(".")
        if section not in (sections := ["global", "install", ":env:"]):
            continue
        rank = sections.index(section)
        if name in NAMES and rank >= found.get(name, (0, ""))[0]:
            value = str(ast.literal_eval(written))
            found[name] = rank, _present(value) if name == "find-links" else value
    settings = {
        NAMES[name]: SEPARATORS.get(NAMES[name], " ").join(value.split())
        for name, (_, value) in found.items()
    }
    # As pip does: the best version of all indexes; the lock's hashes part them.
    settings["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    settings["UV_SYSTEM_CERTS"] = "true"
    return {name: value for name, value in settings.items() if name not in environment}


def _present(places: str) -> str:
    """Leave out folders that are not there: pip warns of them, uv refuses them."""
    return " ".join(
        place
        for place in places.split()
        if not place.startswith(("/", "file:"))
        or Path(place.removeprefix("file://")).exists()
    )


def fetch_uv() -> int:
    """Install the lock's uv by pip, if it is not there yet; return pip's exit code."""
    if Path(sys.executable).with_name("uv").is_file():
        return 0
    lines = LOCK.read_text(encoding="utf-8").splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith("uv=="))
    entry = [lines[start]]
    while entry[-1].endswith("\\"):
        entry.append(lines[start + len(entry)])
    with tempfile.TemporaryDirectory() as folder:
        pinned = Path(folder) / "uv.txt"
        pinned.write_text("\n".join(entry), encoding="utf-8")
        wanted = ["install", "-qq", "--no-deps", "--require-hashes", "-r", pinned]
        return subprocess.run([*PIP, *wanted]).returncode


def main() -> int:
    """Run uv with the arguments of the command line."""
    wanted = sys.argv[1:]
    if os.environ.get("INSTALLER") == "pip" and wanted[:2] == ["pip", "install"]:
        return subprocess.run([sys.executable, "-m", *wanted]).returncode
    if fetch_uv():
        print(NO_UV, file=sys.stderr)
        return 1
    listed = subprocess.run(
        [*PIP, "config", "list"], capture_output=True, text=True, check=True
    )
    environment = os.environ | uv_settings(listed.stdout, os.environ)
    environment["VIRTUAL_ENV"] = sys.prefix
    if "compile" in wanted:  # a lock has every file's hash, not those of one machine
        for name in ("UV_FIND_LINKS", "UV_INDEX"):
            environment.pop(name, None)
    uv = Path(sys.executable).with_name("uv")
    return subprocess.run([uv, *wanted], env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
