"""The commands ``refresh``, ``add`` and ``restore``."""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.data.text import printable
from helpers.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

REFRESH_EXAMPLES = """\
examples:
  .venv/bin/python -m helpers refresh
  .venv/bin/python -m helpers refresh --symbols NVDA ^GSPC --dry-run
  .venv/bin/python -m helpers refresh --symbols ^HSI --accept ^HSI=2026-09-01/2026-09-08

Exit code: 0 every symbol has all that could be had, 1 some were refused, not asked for
or are far behind, 2 nothing could be done. Refused symbols keep the prices they had."""
ADD_EXAMPLES = """\
examples:
  .venv/bin/python -m helpers add TER
  .venv/bin/python -m helpers add TER --from ter.csv
  .venv/bin/python -m helpers add MYFUND --from my.parquet --adjusted --benchmark ^GSPC

A file has one row a day: Date, Close, Adj Close and Volume, as Yahoo and most brokers
export them; other columns are passed over. Naming it again brings it up to date."""


def add_refresh_commands(subparsers: Subparsers) -> None:
    """Add ``refresh``, ``add`` and ``restore`` to a command line."""
    raw = argparse.RawDescriptionHelpFormatter
    refresh = subparsers.add_parser(
        "refresh",
        help="bring prices up to the last complete session, from Yahoo Finance",
        description="Ask Yahoo Finance for newer prices, one symbol at a time, check "
        "them against those at hand, and put them in force beside the bundled ones.",
        epilog=REFRESH_EXAMPLES,
        formatter_class=raw,
    )
    option = refresh.add_argument
    option("--symbols", nargs="+", metavar="SYMBOL", help="only these (default: all)")
    option("--dry-run", action="store_true", help="ask and check, but write nothing")
    option("--json", action="store_true", help="print the report as JSON")
    _add_common_options(
        refresh, "SYMBOL=DATE[/DATE]", "a year before the end of the prices at hand"
    )
    refresh.set_defaults(handler=_refresh)
    add = subparsers.add_parser(
        "add",
        help="add an instrument to study, from Yahoo Finance or a file of your own",
        description="Add an instrument: exchange, currency, calendar and history are "
        "found.",
        epilog=ADD_EXAMPLES,
        formatter_class=raw,
    )
    option = add.add_argument
    option("symbol", help="Yahoo's symbol, such as TER or 2330.TW")
    said = "the file's Close is adjusted for splits and dividends"
    option("--adjusted", action="store_true", help=said)
    said = "take its prices from a CSV or Parquet file; no network is used"
    option("--from", dest="file", type=Path, metavar="FILE", help=said)
    for name, said in {
        "mic": "market of a file's prices (default: by the symbol's ending)",
        "currency": "of a file's prices (default: that of the market)",
        "benchmark": "market to measure it against, or '' (default: the local market)",
        "sector": "sector index, if there is one",
        "name": "default: the name that Yahoo gives",
    }.items():
        option(f"--{name}", help=said)
    _add_common_options(add, "DATE[/DATE]", "2018-01-01")
    add.set_defaults(handler=_add)
    said = "return to the bundled prices, and forget instruments that were added"
    restore = subparsers.add_parser("restore", help=said, description=f"{said}.")
    said = "only these (default: all)"
    restore.add_argument("symbols", nargs="*", metavar="SYMBOL", help=said)
    add_data_option(restore)
    restore.set_defaults(handler=_restore)


def _add_common_options(
    parser: argparse.ArgumentParser, accepted: str, since: str
) -> None:
    option = parser.add_argument
    for name, kind, default, unit, said in (
        ("since", str, None, "DATE", f"first date to ask for (default: {since})"),
        ("until", str, None, "DATE", "last date to take, if it is complete"),
        ("pause", float, 1.5, "SECONDS", "between symbols; waits are multiples"),
        ("tries", int, 4, "N", "how often to ask for a symbol"),
        ("timeout", float, 20.0, "SECONDS", "how long to wait for one answer"),
    ):
        said += f" (default: {default:g})" if default else ""
        option(f"--{name}", type=kind, default=default, metavar=unit, help=said)
    said = "take a hole, a large move or a differing return on these dates as right"
    option("--accept", action="append", default=[], metavar=accepted, help=said)
    add_data_option(parser)


def add_data_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--data``, which names another data folder."""
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DATA",
        help="data folder (default: HELPERS_DATA, else the checkout's data folder)",
    )


def _refresh(arguments: argparse.Namespace) -> int:
    from helpers.refresh.run import refresh

    accept: dict[str, list[pd.Timestamp]] = defaultdict(list)
    for text in arguments.accept:
        symbol, given, days = text.rpartition("=")
        if not given:
            raise DataError(f"--accept {text!r}: write it as SYMBOL=DATE[/DATE].")
        accept[symbol] += _days(days)
    report = refresh(
        arguments.symbols,
        accept=accept,
        dry_run=arguments.dry_run,
        **_common(arguments),
    )
    as_json = arguments.json
    print(json.dumps(report.to_dict(), indent=1) if as_json else printable(report))
    return int(not report.ok)


def _add(arguments: argparse.Namespace) -> int:
    from helpers.refresh.add import add_instrument

    symbol = arguments.symbol.strip().upper()
    row, outcome = add_instrument(
        symbol,
        file=arguments.file,
        adjusted=arguments.adjusted,
        benchmark=arguments.benchmark,
        sector=arguments.sector or "",
        name=arguments.name,
        mic=arguments.mic,
        currency=arguments.currency,
        # As refresh takes it, which messages say.
        accept=[
            day
            for text in arguments.accept
            for day in _days(text.upper().removeprefix(f"{symbol}="))
        ],
        **_common(arguments),
    )
    market = row["benchmark"] or "none; name one in each study"
    print(
        f"{printable(outcome)}\n{row['symbol']} is {row['name']}, a {row['kind']} on "
        f"{row['mic']} in {row['currency']}. Benchmark: {market}."
    )
    return 0


def _restore(arguments: argparse.Namespace) -> int:
    from helpers.refresh.store import restore

    back = restore(arguments.symbols or None, data=arguments.data)
    said = f"Back to the bundled data: {', '.join(back)}."
    print(said if back else "The bundled prices are in force.")
    return 0


def _common(arguments: argparse.Namespace) -> dict[str, Any]:
    from helpers.refresh.fetch import Patience

    return {
        "since": arguments.since,
        "until": arguments.until,
        "data": arguments.data,
        "patience": Patience(arguments.pause, arguments.tries, arguments.timeout),
        "tell": _tell,
    }


def _tell(words: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{words[:78]}", end="\r", file=sys.stderr, flush=True)


def _days(text: str) -> list[pd.Timestamp]:
    import pandas as pd

    from helpers.data.calendars import parse_day

    first, _, last = text.partition("/")
    start, end = parse_day(first), parse_day(last or first)
    if end < start:
        raise DataError(f"--accept {text}: the first date is after the last.")
    return list(pd.date_range(start, end))
