"""``python -m book COMMAND``: execute the notebooks, check their form, render them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from book.check import add_check
from book.check_site import add_check_site
from book.run import add_run
from book.site.build import add_site
from helpers.cli import run_command

DESCRIPTION = "Execute the notebooks, check their form, render them."
COMMANDS = (add_run, add_check, add_check_site, add_site)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return 0 if done, 1 for faults found, 2 if it could not run."""
    parser = argparse.ArgumentParser(prog="python -m book", description=DESCRIPTION)
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for add_command in COMMANDS:
        add_command(subparsers)
    return run_command(parser, argv, "stopped; no notebook is half written")


if __name__ == "__main__":
    sys.exit(main())
