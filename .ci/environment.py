"""Make the virtual environment from requirements.lock, and say how far it is.

``make`` runs this with the Python it found; it needs the standard library only.
pip is silent for most of a minute while it unpacks wheels, and draws no bar into
a CI log, so its output is read here and told again as one short line that always
moves. The file ``ready`` is written into the environment last: without it the
environment counts as not made, so an interrupted run is never taken for a whole
one. It holds a digest of the lock, so that a change of pyproject.toml alone
fetches nothing again.

    python3 .ci/environment.py .venv
"""

from __future__ import annotations

import hashlib
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
OLDEST = (3, 11)
LOG_EVERY_SECONDS = 5.0
DRAW_EVERY_SECONDS = 0.2


class EnvironmentFailure(Exception):
    """The environment cannot be made; the message says what to do."""


class ProgressLine:
    """One moving line on a terminal, a line every few seconds in a log."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.shown_at = float("-inf")
        self.terminal = sys.stdout.isatty()

    def show(self, text: str, *, at_once: bool = False) -> None:
        """Show ``text`` with the seconds gone, unless one was shown just now."""
        now = time.monotonic()
        pause = DRAW_EVERY_SECONDS if self.terminal else LOG_EVERY_SECONDS
        if not at_once and now - self.shown_at < pause:
            return
        self.shown_at = now
        line = f"[environment] {now - self.started:4.0f} s  {text}"
        if self.terminal:
            width = shutil.get_terminal_size().columns - 1
            print(f"\r{line[:width]:<{width}}", end="", flush=True)
        else:
            print(line, flush=True)

    def close(self) -> None:
        """Leave the moving line, so that what follows starts on its own."""
        if self.terminal:
            print(flush=True)


def check_python() -> None:
    """Refuse a Python that is too old or cannot make environments."""
    need = ".".join(map(str, OLDEST))
    if sys.version_info < OLDEST:
        have = ".".join(map(str, sys.version_info[:2]))
        raise EnvironmentFailure(
            f"Python {need} or newer is needed and this is {have}: install it, "
            "or name another one with `make PYTHON=/path/to/python3`."
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        have = ".".join(map(str, sys.version_info[:2]))
        raise EnvironmentFailure(
            "This Python has no venv module with pip in it: install it (on Debian "
            f"and Ubuntu: apt install python{have}-venv), then run make again."
        ) from None


def lock_digest() -> str:
    """Return what the environment was made from: the lock and the Python."""
    content = LOCK.read_bytes() + sys.version.encode()
    return hashlib.sha256(content).hexdigest()


def run_pip(
    python: Path, arguments: list[str], line: ProgressLine, packages: int
) -> None:
    """Run pip, turning its output into progress; fail with its last words."""
    command = [str(python), "-m", "pip", "install", "--progress-bar=off", *arguments]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    assert process.stdout is not None
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def read(stream: object = process.stdout) -> None:
        for text in stream:  # type: ignore[attr-defined]
            lines.put(text)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    last_words: deque[str] = deque(maxlen=25)
    site_packages = next(python.parents[1].glob("lib/python*/site-packages"))
    before = len(list(site_packages.glob("*.dist-info")))
    seen, name, unpacking = 0, "", False
    try:
        while True:
            try:
                text = lines.get(timeout=DRAW_EVERY_SECONDS)
            except queue.Empty:
                text = ""
            if text is None:
                break
            words = text.split()
            if words:
                last_words.append(text.rstrip())
            if words[:1] in (["Collecting"], ["Processing"], ["Ignoring"]):
                seen += 1
                name = re.split(r"==|-\d", words[1].rsplit("/", 1)[-1])[0]
            elif words[:2] == ["Requirement", "already"]:
                seen += 1
            elif text.startswith("Installing collected packages"):
                unpacking = True
            if unpacking:
                done = len(list(site_packages.glob("*.dist-info"))) - before
                line.show(f"unpacking package {done} of {packages}")
            else:
                line.show(f"fetching package {seen} of {packages}  {name}")
        if process.wait() != 0:
            line.close()
            print("\n".join(last_words), file=sys.stderr)
            raise EnvironmentFailure(
                "pip failed; its last lines are above. A first run needs the "
                "network and about 1.5 GB of disk; mend what pip names and run "
                "make again."
            )
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


def make(environment: Path) -> None:
    """Make ``environment``, or only what of it is out of date."""
    check_python()
    made_from = environment / "ready"
    python = environment / "bin" / "python"
    line = ProgressLine()
    current = made_from.read_text() if made_from.is_file() else ""
    if current != lock_digest() or not python.is_file():
        made_from.unlink(missing_ok=True)
        version = ".".join(map(str, sys.version_info[:3]))
        line.show(f"Python {version}: making {environment.name}", at_once=True)
        subprocess.run(
            [sys.executable, "-m", "venv", "--clear", environment], check=True
        )
        packages = sum("==" in row for row in LOCK.read_text().splitlines())
        run_pip(python, ["--require-hashes", "-r", str(LOCK)], line, packages)
    line.show("installing this repository's own package", at_once=True)
    run_pip(python, ["--no-deps", "--no-build-isolation", "-e", "."], line, 1)
    made_from.write_text(lock_digest())
    line.show("ready", at_once=True)
    line.close()


def main() -> int:
    """Make the environment named on the command line."""
    try:
        make(Path(os.path.abspath(sys.argv[1])))
    except EnvironmentFailure as failure:
        print(f"[environment] {failure}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(
            f"[environment] Making the environment failed (code {error.returncode}); "
            "the lines above say why.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print("\n[environment] Stopped; make starts it over.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
