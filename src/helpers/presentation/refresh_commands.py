"""The commands ``refresh``, ``add`` and ``restore``."""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.errors import DataError

if TYPE_CHECKING:
    import numpy as np

    from helpers.data.refresh.fetch import Patience

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

ALL_DONE = 0
NOT_ALL_DONE = 1

REFRESH_EXAMPLES = """\
examples:
  python -m helpers refresh
  python -m helpers refresh --symbols NVDA ^GSPC --dry-run
  python -m helpers refresh --symbols 688981.SS --accept 688981.SS=2026-09-01/2026-09-08

Exit code: 0 every symbol has all that could be had, 1 some were refused or not asked
for, 2 nothing could be done. Refused symbols keep the prices they had."""


def add_refresh_commands(subparsers: Subparsers) -> None:
    """Add ``refresh``, ``add`` and ``restore`` to a command line."""
    _add_refresh(subparsers)
    _add_add(subparsers)
    _add_restore(subparsers)


def _add_refresh(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "refresh",
        help="bring prices up to the last complete session, from Yahoo Finance",
        description="Ask Yahoo Finance for newer prices, one symbol at a time, check "
        "them against those at hand, and put them in force beside the bundled ones.",
        epilog=REFRESH_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--symbols",
        nargs="+",
        metavar="SYMBOL",
        help="only these (default: every instrument)",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="ask and check, but write nothing"
    )
    parser.add_argument(
        "--accept",
        action="append",
        default=[],
        metavar="SYMBOL=DATE[/DATE]",
        help="take a hole, a large move or a differing return on these dates as right",
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    _add_common_options(parser, "a year before the end of the prices at hand")
    parser.set_defaults(handler=_refresh)


def _add_add(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "add",
        help="add an instrument to study, with its history from Yahoo Finance",
        description="Add an instrument: exchange, currency, calendar and history are "
        "found, the benchmark is asked for unless it is given.",
    )
    parser.add_argument("symbol", help="Yahoo's symbol, such as TER or 2330.TW")
    parser.add_argument(
        "--benchmark",
        help="market to measure it against, or '' for none (default: the local market)",
    )
    parser.add_argument("--sector", default="", help="sector index, if there is one")
    parser.add_argument("--name", help="default: the name that Yahoo gives")
    parser.add_argument(
        "--accept",
        action="append",
        default=[],
        metavar="DATE[/DATE]",
        help="take a hole or a large move on these dates as right",
    )
    _add_common_options(parser, "2018-01-01")
    parser.set_defaults(handler=_add)


def _add_restore(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "restore",
        help="return to the bundled prices",
        description="Return to the bundled prices, and forget instruments that were "
        "added. Nothing else is touched.",
    )
    parser.add_argument(
        "symbols", nargs="*", metavar="SYMBOL", help="only these (default: all)"
    )
    _add_data_option(parser)
    parser.set_defaults(handler=_restore)


def _add_common_options(parser: argparse.ArgumentParser, since: str) -> None:
    parser.add_argument(
        "--since", metavar="DATE", help=f"first date to ask for (default: {since})"
    )
    parser.add_argument(
        "--until",
        metavar="DATE",
        help="last date to take (default, and at most: the last complete session)",
    )
    parser.add_argument(
        "--pause",
        type=float,
        default=1.5,
        metavar="SECONDS",
        help="between symbols; waits after failures are multiples (default: 1.5)",
    )
    parser.add_argument(
        "--tries",
        type=int,
        default=4,
        metavar="N",
        help="how often to ask for a symbol (default: 4)",
    )
    parser.add_argument(
        "--timeout",
        type=float,
        default=20.0,
        metavar="SECONDS",
        help="how long to wait for one answer (default: 20)",
    )
    _add_data_option(parser)


def _add_data_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DATA",
        help="data folder (default: HELPERS_DATA, else the checkout's data folder)",
    )


def _refresh(arguments: argparse.Namespace) -> int:
    from helpers.data.refresh.run import refresh

    accept: dict[str, list[np.datetime64]] = defaultdict(list)
    for text in arguments.accept:
        symbol, given, days = text.rpartition("=")
        if not given:
            raise DataError(f"--accept {text!r}: write it as SYMBOL=DATE[/DATE].")
        accept[symbol] += _days(days)
    report = refresh(
        arguments.symbols,
        since=arguments.since,
        until=arguments.until,
        accept=accept,
        dry_run=arguments.dry_run,
        data=arguments.data,
        patience=_patience(arguments),
        progress=sys.stderr.isatty(),
    )
    print(json.dumps(report.to_dict(), indent=1) if arguments.json else report)
    return ALL_DONE if report.ok else NOT_ALL_DONE


def _add(arguments: argparse.Namespace) -> int:
    from helpers.data.refresh.add import add_instrument

    benchmark = arguments.benchmark
    if benchmark is None and sys.stdin.isatty():
        answer = input(
            "Benchmark of its market models (Enter: the local market, -: none): "
        ).strip()
        benchmark = {"": None, "-": ""}.get(answer, answer)
    accept = [day for text in arguments.accept for day in _days(text)]
    since = {} if arguments.since is None else {"since": arguments.since}
    row, outcome = add_instrument(
        arguments.symbol,
        benchmark=benchmark,
        sector=arguments.sector,
        name=arguments.name,
        until=arguments.until,
        accept=accept,
        data=arguments.data,
        patience=_patience(arguments),
        tell=_progress_line if sys.stderr.isatty() else None,
        **since,
    )
    if sys.stderr.isatty():
        print(file=sys.stderr)
    print(outcome)
    market = row["benchmark"] or "none; name one in each study"
    print(
        f"{row['symbol']} is {row['name']}, a {row['kind']} on {row['mic']} in "
        f"{row['currency']}. Benchmark: {market}."
    )
    return ALL_DONE


def _restore(arguments: argparse.Namespace) -> int:
    from helpers.data.refresh.restore import restore

    back = restore(arguments.symbols or None, data=arguments.data)
    if not back:
        print("The bundled prices are in force.")
    else:
        print(f"Back to the bundled data: {', '.join(back)}.")
    return ALL_DONE


def _patience(arguments: argparse.Namespace) -> Patience:
    from helpers.data.refresh.fetch import Patience

    return Patience(arguments.pause, arguments.tries, arguments.timeout)


def _days(text: str) -> list[np.datetime64]:
    import numpy as np

    from helpers.data.refresh.run import as_day

    first, _, last = text.partition("/")
    start = as_day(first)
    return list(np.arange(start, (as_day(last) if last else start) + 1))


def _progress_line(words: str) -> None:
    print(f"\r{words:<78}", end="", file=sys.stderr, flush=True)
