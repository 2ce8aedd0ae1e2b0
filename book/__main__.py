"""``python -m book COMMAND``: execute the notebooks, check their form, render them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from book.check import add_check
from book.run import add_run
from book.site.build import add_site
from helpers.errors import HelpersError

COMMANDS = (add_run, add_check, add_site)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return 0 if done, 1 for faults found, 2 if it could not run."""
    parser = argparse.ArgumentParser(prog="python -m book", description=__doc__)
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for add_command in COMMANDS:
        add_command(subparsers)
    arguments = parser.parse_args(argv)
    try:
        return int(arguments.handler(arguments))
    except HelpersError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; no notebook is half written", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
