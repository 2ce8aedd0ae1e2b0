"""The command line: ``python -m helpers COMMAND``.

Each command is one function that adds a parser and sets its ``handler``; they
are registered in ``COMMANDS``. A handler returns the exit code.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from helpers.data.event_rules import EVENTS, SOURCES
from helpers.data.text import printable
from helpers.errors import HelpersError
from helpers.lab.study_command import add_study
from helpers.refresh.commands import add_data_option, add_refresh_commands

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

DESCRIPTION = """\
Study events, check data and bring them in.

Exit code: 0 done, 1 the check found faults, 2 the command could not run."""

EXAMPLES = """\
examples:
  .venv/bin/python -m helpers study NVDA 2025-08-29 --benchmark ^GSPC
  .venv/bin/python -m helpers refresh --symbols NVDA ^GSPC
  .venv/bin/python -m helpers add TER
  .venv/bin/python -m helpers add TER --from prices.csv
  .venv/bin/python -m helpers restore
  .venv/bin/python -m helpers verify
  .venv/bin/python -m helpers verify --json --data elsewhere/data
"""

EVENT_EXAMPLES = """\
example:
  .venv/bin/python -m helpers event add nvda-licence --announced-at 2026-11-20T16:20 \\
    --actor us-government --type control --title "New licence requirement" \\
    --symbols NVDA --sign-nvda-thesis=- --sign-cn-thesis=+ \\
    --sign-cn-conventional=- --source-publisher Reuters \\
    --source-title "US tightens licences" --source-published 2026-11-20

An instant without an offset is told in the event's time zone, that of the actor
unless --timezone says otherwise; a date alone means that the hour is unknown. The
codebook, data/README.md, explains every field."""


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
        prog=".venv/bin/python -m helpers",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for add_command in COMMANDS:
        add_command(subparsers)
    return run_command(parser, argv)


def run_command(
    parser: argparse.ArgumentParser,
    argv: Sequence[str] | None = None,
    stopped: str = "stopped",
) -> int:
    """Run the ``handler`` that a parser's commands set; return the exit code."""
    words: list[str] = []
    for word in sys.argv[1:] if argv is None else argv:
        # A window that begins with a minus is no option, which argparse takes it for.
        if words and re.fullmatch(r"-\d+,[+-]?\d+", word):
            words[-1] += f"={word}"
        else:
            words.append(word)
    arguments = parser.parse_args(words)
    try:
        return int(arguments.handler(arguments))
    except (HelpersError, OSError) as error:
        print(f"error: {printable(error)}", file=sys.stderr)
    except KeyboardInterrupt:
        print(stopped, file=sys.stderr)
    return 2


def _add_verify(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "verify",
        help="check every data file against the manifest and the codebook's rules",
        description="Check every data file against the manifest and the rules of "
        "data/README.md. Each fault names file, row and field.",
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    add_data_option(parser)
    parser.set_defaults(handler=_verify)


def _verify(arguments: argparse.Namespace) -> int:
    from helpers.data.verify import verify

    report = verify(arguments.data, progress=sys.stderr.isatty())
    as_json = arguments.json
    print(json.dumps(report.to_dict(), indent=1) if as_json else printable(report))
    return int(not report.ok)


def _add_event(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "event", help="add an event to the ledger or take one out, by its rules"
    )
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    add = actions.add_parser(
        "add",
        help="add an event and its source",
        description="Add an event and its source to events.csv and sources.csv. The "
        "whole ledger is checked with them first; nothing is written if a rule is "
        "broken. Editing the two files by hand does the same.",
        epilog=EVENT_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add.add_argument("event_id", help="small letters, digits and hyphens")
    needed = add.add_argument_group("needed")
    for prefix, table in (("", EVENTS), ("source_", SOURCES)):
        for name, column in list(table.columns.items())[2 if prefix else 1 :]:
            is_needed = prefix + name in _NEEDED
            (needed if is_needed else add).add_argument(
                f"--{prefix}{name}".replace("_", "-"),
                metavar=name.upper(),
                choices=column.words or None,
                help=", ".join(column.words)
                or ("separated by ;" if column.several else None),
                required=is_needed,
            )
    add_data_option(add)
    add.set_defaults(handler=_event_add)
    remove = actions.add_parser("remove", help="take an event and its sources out")
    remove.add_argument("event_id")
    add_data_option(remove)
    remove.set_defaults(handler=_event_remove)


_NEEDED = ["announced_at", "actor", "type", "title", "source_publisher", "source_title"]


def _event_add(arguments: argparse.Namespace) -> int:
    from helpers.data.event_entry import add_event
    from helpers.data.files import using_data_dir
    from helpers.data.instruments import load_instruments
    from helpers.study.events import load_events

    given = vars(arguments)
    source = {
        name: given[f"source_{name}"]
        for name in list(SOURCES.columns)[2:]
        if given[f"source_{name}"] is not None
    }
    event = {name: given[name] for name in EVENTS.columns if given[name] is not None}
    row = add_event(event, [source], data=arguments.data)
    print(f"Added {row['event_id']}, announced {row['announced_at']}.")
    with using_data_dir(arguments.data):
        # One share of every exchange where the event names none.
        shares = load_instruments().query("role == 'firm'").groupby("mic")
        named = row["symbols"].split(";") if row["symbols"] else []
        symbols = named or shares.head(1).index.tolist()
        placed = load_events(symbols, event_ids=row["event_id"])
    for exchange, day in placed.groupby("exchange")["day0"].first().items():
        print(f"Day 0 on {exchange}: {day:%Y-%m-%d}.")
    return 0


def _event_remove(arguments: argparse.Namespace) -> int:
    from helpers.data.event_entry import remove_event

    remove_event(arguments.event_id, data=arguments.data)
    print(f"Took {arguments.event_id} out, with its sources.")
    return 0


COMMANDS: tuple[Callable[[Subparsers], None], ...] = (
    add_study,
    add_refresh_commands,
    _add_event,
    _add_verify,
)
