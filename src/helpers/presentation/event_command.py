"""The command ``event add``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.data.event_rules import (
    ACTORS,
    CONFIDENCES,
    EVENT_COLUMNS,
    EVENT_TYPES,
    LEANS,
    PRECISIONS,
    READINGS,
    SIGNS,
    VERIFICATIONS,
)

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

SOURCE_FIELDS = ("publisher", "title", "published", "url", "status")

EXAMPLES = """\
example:
  python -m helpers event add nvda-licence --announced-at 2026-11-20T16:20 \\
    --actor us-government --type control --title "New licence requirement" \\
    --symbols NVDA --sign-nvda-thesis=- --sign-cn-thesis=+ \\
    --sign-cn-conventional=- --source-publisher Reuters \\
    --source-title "US tightens licences" --source-published 2026-11-20

An instant without an offset is told in the event's time zone, that of the actor
unless --timezone says otherwise; a date alone means that the hour is unknown. The
codebook, data/README.md, explains every field."""

_CHOICES: dict[str, tuple[str, ...]] = {
    "actor": ACTORS,
    "type": EVENT_TYPES,
    "type_second": EVENT_TYPES,
    "precision": PRECISIONS,
    "confounder": ("true", "false"),
    "verification": VERIFICATIONS,
    "time_confidence": CONFIDENCES,
    **{f"sign_{reading}": SIGNS for reading in READINGS},
    **{f"lean_{reading}": LEANS for reading in READINGS},
}
_LISTS = ("firms", "symbols", "confounders")


def add_event_command(subparsers: Subparsers) -> None:
    """Add ``event add`` to a command line."""
    parser = subparsers.add_parser(
        "event", help="add an event to the ledger, by the rules it is read by"
    )
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    add = actions.add_parser(
        "add",
        help="add an event and its source",
        description="Add an event and its source to events.csv and sources.csv. The "
        "whole ledger is checked with them first; nothing is written if a rule is "
        "broken. Editing the two files by hand does the same.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add.add_argument("event_id", help="small letters, digits and hyphens")
    for column in EVENT_COLUMNS[1:]:
        words = _CHOICES.get(column, ())
        add.add_argument(
            f"--{column.replace('_', '-')}",
            metavar=column.upper(),
            choices=words or None,
            help=", ".join(word or "''" for word in words)
            or ("separated by ;" if column in _LISTS else None),
            required=column in ("announced_at", "actor", "type", "title"),
        )
    for name in SOURCE_FIELDS:
        add.add_argument(
            f"--source-{name}",
            metavar=name.upper(),
            required=name in ("publisher", "title"),
        )
    add.add_argument(
        "--data",
        type=Path,
        metavar="DATA",
        help="data folder (default: HELPERS_DATA, else the checkout's data folder)",
    )
    add.set_defaults(handler=_add)


def _add(arguments: argparse.Namespace) -> int:
    from helpers.data.event_entry import add_event
    from helpers.data.files import using_data_dir
    from helpers.study.events import load_events

    given = vars(arguments)
    source = {
        name: given[f"source_{name}"]
        for name in SOURCE_FIELDS
        if given[f"source_{name}"] is not None
    }
    event = {name: given[name] for name in EVENT_COLUMNS if given[name] is not None}
    row = add_event(event, [source], data=arguments.data)
    print(f"Added {row['event_id']}, announced {row['announced_at']}.")
    symbols = row["symbols"].split(";") if row["symbols"] else ["NVDA", "0981.HK"]
    with using_data_dir(arguments.data):
        placed = load_events(symbols, event_ids=row["event_id"])
    for exchange, day in placed.groupby("exchange")["day0"].first().items():
        print(f"Day 0 on {exchange}: {day:%Y-%m-%d}.")
    return 0
