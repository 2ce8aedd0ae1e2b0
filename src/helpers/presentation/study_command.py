"""The command ``study``: one share, one session, on the terminal or as JSON."""

from __future__ import annotations

import argparse
import json
import re
from typing import TYPE_CHECKING, Any

from helpers.errors import StudyError

if TYPE_CHECKING:
    import pandas as pd

    from helpers.evidence.single_event import SingleEvent

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

EXAMPLES = """\
examples:
  python -m helpers study NVDA 2025-08-29 --benchmark ^GSPC
  python -m helpers study 688256.SS 2025-08-22 --window 0,1 --json
  python -m helpers study NVDA 2025-08-21 --estimation=-60,-11 --model market_adjusted
"""


def add_study(subparsers: Subparsers) -> None:
    """Add ``study`` to a command line (see ``helpers.cli``)."""
    parser = subparsers.add_parser(
        "study",
        help="abnormal returns of one share around one session",
        description="Abnormal returns of one share around one session, with exact "
        "standard errors, the sample-quantile test and placebo dates.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("symbol", help="a symbol of data/instruments.csv, such as NVDA")
    parser.add_argument(
        "session", help="day 0, a session of the share's exchange, as YYYY-MM-DD"
    )
    parser.add_argument(
        "--benchmark", help="market of the model (default: the instrument's own)"
    )
    parser.add_argument(
        "--model", default="market", help="normal-return model (default: %(default)s)"
    )
    parser.add_argument(
        "--estimation",
        default="-120,-11",
        metavar="FIRST,LAST",
        help="estimation window in sessions (default: %(default)s)",
    )
    parser.add_argument(
        "--window",
        action="append",
        metavar="FIRST,LAST",
        help="event window; may be given several times (default: four usual ones)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(handler=_study)


def _study(arguments: argparse.Namespace) -> int:
    from helpers.evidence.single_event import WINDOWS, single_event

    chosen = [_window(text) for text in arguments.window or ()]
    found = single_event(
        arguments.symbol,
        arguments.session,
        arguments.benchmark,
        windows=chosen or WINDOWS,
        model=arguments.model,
        estimation=_window(arguments.estimation),
    )
    print(json.dumps(as_dict(found), indent=1) if arguments.json else as_text(found))
    return 0


def _window(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"\s*([+-]?\d+)\s*,\s*([+-]?\d+)\s*", text)
    if not match:
        raise StudyError(
            f"{text!r} is not a window: write two sessions with a comma, and join them "
            "to the option where the first is negative: --window=-1,1."
        )
    return int(match[1]), int(match[2])


def as_dict(found: SingleEvent) -> dict[str, Any]:
    """The study as plain values, returns decimal."""
    return {
        "symbol": found.symbol,
        "benchmark": found.benchmark,
        "model": found.model,
        "session": f"{found.session:%Y-%m-%d}",
        "exchange": found.exchange,
        "estimates": {
            name: f"{value:%Y-%m-%d}" if name in ("first", "last") else float(value)
            for name, value in found.estimates.items()
        },
        "windows": [
            {"first": first, "last": last, **{k: float(v) for k, v in row.items()}}
            for (first, last), row in found.table.iterrows()
        ],
    }


def as_text(found: SingleEvent) -> str:
    """The study as a short report for the terminal."""
    estimates = found.estimates
    loadings = ", ".join(
        f"{name} {estimates[name]:.3f}" for name in estimates.index if "beta" in name
    )
    lines = [
        f"{found.symbol} around {found.session:%A %Y-%m-%d} ({found.exchange}), "
        f"{found.model} model against {found.benchmark}",
        f"Estimation {estimates['first']:%Y-%m-%d} to {estimates['last']:%Y-%m-%d}, "
        f"{estimates['n_obs']} sessions: alpha {estimates['alpha']:.3%}"
        + (f", {loadings}" if loadings else "")
        + f", sigma {estimates['sigma']:.2%}",
        "",
        _columns(found.table),
        "",
        "CAR: cumulative abnormal return, exact standard error and 95 % interval.",
        "p: exact t / sample quantile / placebo dates.",
        "detectable: smallest true effect that the t test finds 4 times in 5.",
    ]
    return "\n".join(lines)


def _columns(table: pd.DataFrame) -> str:
    head = (
        f"{'window':>10} {'CAR':>8} {'se':>7} {'t':>6} {'95 % interval':>18} "
        f"{'p t':>6} {'p sq':>6} {'p plac':>6} {'dates':>6} {'detectable':>10}"
    )
    rows = [
        f"{f'[{first:+d},{last:+d}]':>10} {row.car:>8.2%} {row.se:>7.2%} "
        f"{row.t:>6.2f} {f'{row.ci_low:.2%} to {row.ci_high:.2%}':>18} "
        f"{row.p_value:>6.3f} {row.sample_quantile_p:>6.3f} {row.placebo_p:>6.3f} "
        f"{row.placebo_dates:>6.0f} {row.detectable:>10.2%}"
        for (first, last), row in table.iterrows()
    ]
    return "\n".join([head, *rows])
