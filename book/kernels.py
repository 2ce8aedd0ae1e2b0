"""Kernels that start at once: forked from a process with the libraries imported.

Importing pandas, matplotlib, scipy and statsmodels and building the exchanges'
calendars takes a notebook longer than most of its cells, and is the same each time.
One process a command does it once (``python -m book.kernels``); each kernel is a copy
of it that has seen no notebook yet. Elsewhere than on Linux kernels start as Jupyter
starts them.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from importlib import import_module
from importlib.metadata import EntryPoint
from typing import IO, Any, cast

from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from book.notebooks import ROOT
from helpers.errors import HelpersError

NAME = "forked"
LAUNCHER = "ipykernel_launcher"
GONE = 1
AT_ONCE = 2  # kernels that need not wait for the calendars of all exchanges
IMPORTED = (
    *("ipykernel.kernelapp", "ipykernel.zmqshell", "matplotlib.pyplot", "scipy.stats"),
    *("statsmodels.api", "helpers.figures", "helpers.notebook"),
)


def fork_kernels() -> None:
    """Let every kernel that this process starts from now on be forked."""
    # Elsewhere there is no fork, or the system's own libraries do not survive it.
    if sys.platform != "linux":
        return
    factory = KernelProvisionerFactory.instance()
    # By hand: entry points are for packages that are installed, and this is not.
    factory.provisioners[NAME] = EntryPoint(
        NAME, f"{__name__}:ForkedKernel", factory.GROUP_NAME
    )
    factory.default_provisioner_name = NAME


class ForkedKernel(LocalProvisioner):
    """Starts kernels through the server, which it starts if it does not run yet."""

    async def launch_kernel(self, cmd: list[str], **options: Any) -> Any:
        """Start a kernel that listens where `cmd` says."""
        environment = options["env"]
        kernel = _server(environment).fork(
            argv=cmd[cmd.index(LAUNCHER) + 1 :],
            cwd=options.get("cwd") or os.getcwd(),
            env=environment,
            quiet="stderr" in options,
        )
        self.process = kernel  # type: ignore[assignment]
        self.pid = self.pgid = kernel.pid
        return self.connection_info


class _Forked:
    """What jupyter_client asks of a process, for one that is another's child."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def poll(self) -> int | None:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return GONE
        return None

    def wait(self) -> int:
        return GONE  # asked for only once poll() has told the end

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


class _Server:
    """The process that kernels are forked from; it ends with this one."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            start_new_session=True,  # an interrupt is for who asked, not for it
        )
        self._turn = threading.Lock()
        atexit.register(self.close)

    def close(self) -> None:
        """Let it end, and with it what it has forked."""
        self._process.terminate()
        for pipe in filter(None, (self._process.stdin, self._process.stdout)):
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
        self._process.wait()

    def fork(self, **wanted: Any) -> _Forked:
        asked, told = cast("IO[str]", self._process.stdin), self._process.stdout
        with self._turn, contextlib.suppress(BrokenPipeError):
            asked.write(json.dumps(wanted) + "\n")
            asked.flush()
            if pid := cast("IO[str]", told).readline():
                return _Forked(int(pid))
        raise HelpersError(
            "No kernel could be started: what notebooks import failed, as said above."
        )


_servers: list[_Server] = []
_starting = threading.Lock()


def _server(environment: dict[str, str]) -> _Server:
    with _starting:
        if not _servers:
            _servers.append(_Server(environment))
        return _servers[0]


def _import_all() -> None:
    """Import what notebooks do, before there is one: nothing here reads the data."""
    # Read when matplotlib is imported, and set by a kernel only later.
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    for module in IMPORTED:
        import_module(module)
    import helpers

    for name in helpers.__all__:
        getattr(helpers, name)


def _serve(asked: IO[str], told: IO[str]) -> None:
    from helpers.data.calendars import build_calendars

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # no kernel stays as a zombie
    for number, line in enumerate(asked, 1):
        pid = os.fork()
        if pid == 0:
            asked.close()
            _become_kernel(**json.loads(line))
            break
        print(pid, file=told, flush=True)
        if number == AT_ONCE:
            build_calendars()


def _become_kernel(argv: list[str], cwd: str, env: dict[str, str], quiet: bool) -> None:
    from ipykernel.kernelapp import IPKernelApp

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    os.chdir(cwd)
    sys.path.remove(str(ROOT))  # where the server started, not the notebook
    os.environ.clear()
    # The kernel ends with its parent, by the number it is told here.
    os.environ.update(env, JPY_PARENT_PID=str(os.getppid()))
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, *([2] if quiet else [])):
        os.dup2(null, stream)
    IPKernelApp.launch_instance(argv=argv)


if __name__ == "__main__":
    _import_all()
    with contextlib.suppress(KeyboardInterrupt):
        _serve(sys.stdin, sys.stdout)
