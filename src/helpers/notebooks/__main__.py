"""``python -m helpers.notebooks run`` and ``... check``."""

from __future__ import annotations

import argparse
import sys

from helpers.errors import HelpersError
from helpers.notebooks.commands import add_commands


def main() -> int:
    """Run one command; return 0 if done, 1 for faults found, 2 if it could not run."""
    parser = argparse.ArgumentParser(
        prog="python -m helpers.notebooks", description=__doc__
    )
    add_commands(parser.add_subparsers(required=True, metavar="COMMAND"))
    arguments = parser.parse_args()
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
