"""The command ``site`` of the command line."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


def add_site(subparsers: Subparsers) -> None:
    """Add ``site`` to a command line (see ``helpers.cli``)."""
    parser = subparsers.add_parser(
        "site",
        help="render the notebooks and the ledger as a book to read in a browser",
        description="Render the stored notebooks, the claims and the event ledger as "
        "pages in build/site. Nothing is executed and no network is used.",
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="where to build (default: build)"
    )
    parser.set_defaults(handler=_site)


def _site(arguments: argparse.Namespace) -> int:
    from helpers.notebooks.files import notebooks_dir, short_name
    from helpers.site.build import build_site

    def report(text: str) -> None:
        print(f"[site] {text}", file=sys.stderr, flush=True)

    built = build_site(notebooks_dir().parent, out=arguments.out, report=report)
    print(
        f"Rendered {built.pages} pages in {built.seconds:.0f} s. "
        f"Open {short_name(built.front_page)} in a browser."
    )
    return 0
