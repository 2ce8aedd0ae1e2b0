"""The command line: ``python -m helpers COMMAND``.

Each command is one function that adds a parser and sets its ``handler``; they
are registered in ``COMMANDS``. A handler returns the exit code.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.errors import HelpersError
from helpers.presentation.event_command import add_event_command
from helpers.presentation.refresh_commands import add_refresh_commands
from helpers.presentation.study_command import add_study
from helpers.site.command import add_site

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

SUCCESS = 0
FAULTS_FOUND = 1
CANNOT_RUN = 2

# Where a collection keeps its five-minute bars, if it has any.
BARS_COLLECTION = "intraday-5m"

DESCRIPTION = """\
Study events, check data and bring them in.

Exit code: 0 done, 1 the check found faults, 2 the command could not run."""

EXAMPLES = """\
examples:
  python -m helpers study NVDA 2025-08-29 --benchmark ^GSPC
  python -m helpers refresh --symbols NVDA ^GSPC
  python -m helpers add TER
  python -m helpers restore
  python -m helpers verify
  python -m helpers verify --json --data elsewhere/data
  python -m helpers register
  python -m helpers import ~/collections/2026-11
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments; default those of the process.

    Returns
    -------
    int
        Exit code: 0 done, 1 faults found, 2 the command could not run.
    """
    parser = argparse.ArgumentParser(
        prog="python -m helpers",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for add_command in COMMANDS:
        add_command(subparsers)
    arguments = parser.parse_args(argv)
    try:
        return int(arguments.handler(arguments))
    except HelpersError as error:
        print(f"error: {error}", file=sys.stderr)
        return CANNOT_RUN
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return CANNOT_RUN


def _add_verify(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "verify",
        help="check every data file against the manifest and the codebook's rules",
        description="Check every data file against the manifest and the rules of "
        "data/README.md. Each fault names file, row and field.",
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    _add_data_option(parser)
    parser.set_defaults(handler=_verify)


def _verify(arguments: argparse.Namespace) -> int:
    from helpers.data.verify import verify

    report = verify(arguments.data, progress=sys.stderr.isatty())
    print(json.dumps(report.to_dict(), indent=1) if arguments.json else report)
    return SUCCESS if report.ok else FAULTS_FOUND


def _add_import(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "import",
        help="bring prices and factors from a collection into the data folder",
        description="Read a collection (manifest.json, daily/*.csv, two files of "
        f"factors and, if it has them, five-minute bars in {BARS_COLLECTION}/), check "
        "it, and write prices/, factors/, intraday/ and manifest.json. Nothing is "
        "written if anything is wrong; importing twice changes nothing.",
    )
    parser.add_argument("source", type=Path, metavar="DIR", help="the collection")
    _add_data_option(parser)
    parser.set_defaults(handler=_import)


def _import(arguments: argparse.Namespace) -> int:
    from helpers.data.importer import import_data
    from helpers.data.intraday_importer import import_intraday

    done = [import_data(arguments.source, arguments.data, progress=sys.stderr.isatty())]
    if (arguments.source / BARS_COLLECTION).is_dir():
        done.append(import_intraday(arguments.source / BARS_COLLECTION, arguments.data))
    print(
        f"{sum(one.files for one in done)} files, "
        f"{sum(one.rows for one in done):,} rows imported; "
        f"{sum(len(one.changed) for one in done)} file(s) changed."
    )
    return SUCCESS


def _add_register(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "register",
        help="record the tables kept by hand and the event ledger as they stand",
        description="After editing instruments.csv, closures.csv, annotations.csv, "
        "price_sources.csv, events.csv, sources.csv or claims.csv: check the prices "
        "against the edited tables and record the new hashes in manifest.json.",
    )
    _add_data_option(parser)
    parser.set_defaults(handler=_register)


def _register(arguments: argparse.Namespace) -> int:
    from helpers.data.manifest import register

    changed = register(arguments.data)
    print(f"recorded: {', '.join(changed)}" if changed else "nothing had changed.")
    return SUCCESS


def _add_data_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DATA",
        help="data folder (default: HELPERS_DATA, else the checkout's data folder)",
    )


COMMANDS: tuple[Callable[[Subparsers], None], ...] = (
    add_study,
    add_site,
    add_refresh_commands,
    add_event_command,
    _add_verify,
    _add_register,
    _add_import,
)
