"""The command ``study``: one share, one session, on the terminal or as JSON."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from helpers.errors import CalendarError, StudyError
from helpers.study.windows import Window

if TYPE_CHECKING:
    import pandas as pd

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

WINDOWS: tuple[Window, ...] = ((0, 0), (0, 1), (-1, 1), (-5, 5))
EXAMPLES = """\
examples:
  .venv/bin/python -m helpers study NVDA 2025-08-29 --benchmark ^GSPC
  .venv/bin/python -m helpers study 688256.SS 2025-08-22 --window 0,1 --json
  .venv/bin/python -m helpers study NVDA 2025-08-21 --estimation=-60,-11 --model huber
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
    option, default = parser.add_argument, "(default: %(default)s)"
    option("symbol", help="a symbol of data/instruments.csv, such as NVDA")
    option("session", help="day 0, a session of the share's exchange, as YYYY-MM-DD")
    said = "market of the model (default: the instrument's own)"
    option("--benchmark", help=said)
    option("--model", default="market", help=f"normal-return model {default}")
    said, window = f"estimation window in sessions {default}", "FIRST,LAST"
    option("--estimation", default="-120,-11", metavar=window, help=said)
    said = "event window; may be given several times (default: four usual ones)"
    option("--window", action="append", metavar=window, help=said)
    option("--json", action="store_true", help="print JSON")
    parser.set_defaults(handler=_study)


def _study(arguments: argparse.Namespace) -> int:
    chosen = [_window(text) for text in arguments.window or ()]
    about, table = single_study(
        arguments.symbol,
        arguments.session,
        arguments.benchmark,
        windows=chosen or WINDOWS,
        model=arguments.model,
        estimation=_window(arguments.estimation),
    )
    write = as_json if arguments.json else as_text
    print(write(about, table))
    return 0


def single_study(
    symbol: str,
    session: pd.Timestamp | str,
    benchmark: str | None = None,
    *,
    windows: Sequence[Window] = WINDOWS,
    **options: Any,
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Study one share around one session of its exchange, over several windows.

    Returns what was studied, and one row a window, indexed by (first, last): car, se,
    t, df, p_value, ci_low, ci_high (decimal), sample_quantile_p, placebo_p and
    placebo_dates (NaN where undefined), detectable (smallest effect found with 80 %
    power). `options` are the model and the estimation window.
    """
    import pandas as pd

    from helpers.inference.event_study import event_study
    from helpers.lab.choices import Choices
    from helpers.lab.engine import check_choices, single_cars, study_options, unfit
    from helpers.lab.store import Store

    store, choices = Store(), Choices("", (symbol,), benchmark, **options)
    check_choices(choices)
    for _, why in unfit(choices, store):
        raise StudyError(f"{symbol} cannot be studied: {why}.")
    exchange = str(store.about(symbol)["mic"])
    day0 = _session_of(session, exchange)
    asked = study_options(choices, store, [symbol])
    clear = store.occupied(symbol)
    event = pd.DataFrame({"event_id": ["event"], "symbol": [symbol], "day0": [day0]})
    rows = {}
    for first, last in windows:
        # No wider than the window itself, so that each keeps all its placebos.
        around = (min(first, 0), max(last, 0))
        found = event_study(events=event, window=around, **asked)
        for reason in found.skipped["reason"]:
            raise StudyError(
                f"{symbol} cannot be studied around {day0:%Y-%m-%d}: {reason}."
            )
        row = single_cars(found, (first, last), {symbol: clear}).loc[symbol]
        rows[first, last] = row.drop("n_obs")
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index = pd.MultiIndex.from_tuples(rows, names=["first", "last"])
    about = {
        "symbol": symbol,
        "benchmark": (asked["benchmark"] or {symbol: "factors"})[symbol],
        "model": choices.model,
        "session": day0,
        "exchange": exchange,
        "estimates": found.estimates.iloc[0],
        "remarks": found.remarks,
    }
    return about, table


def _window(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"\s*([+-]?\d+)\s*,\s*([+-]?\d+)\s*", text)
    if not match:
        raise StudyError(
            f"{text!r} is not a window: write two sessions with a comma, as in -1,1."
        )
    return int(match[1]), int(match[2])


def as_json(about: dict[str, Any], table: pd.DataFrame) -> str:
    """The study as JSON, returns decimal."""
    about = about | {"estimates": about["estimates"].to_dict()}
    known = table.astype(object).where(table.notna(), None)
    windows = known.reset_index().to_dict("records")
    return json.dumps(about | {"windows": windows}, indent=1, default=_written)


def _written(value: Any) -> Any:
    return f"{value:%Y-%m-%d}" if hasattr(value, "year") else value.item()


def as_text(about: dict[str, Any], table: pd.DataFrame) -> str:
    """The study as a short report for the terminal."""
    estimates = about["estimates"]
    loadings = "".join(
        f", {name} {estimates[name]:.3f}" for name in estimates.index if "beta" in name
    )
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
    lines = [
        f"{about['symbol']} around {about['session']:%A %Y-%m-%d} "
        f"({about['exchange']}), {about['model']} model against {about['benchmark']}",
        f"Estimation {estimates['first']:%Y-%m-%d} to {estimates['last']:%Y-%m-%d}, "
        f"{estimates['n_obs']} sessions: alpha {estimates['alpha']:.3%}{loadings}, "
        f"sigma {estimates['sigma']:.2%}",
        "",
        head,
        *rows,
        "",
        "CAR: cumulative abnormal return, exact standard error and 95 % interval.",
        "p: exact t / sample quantile / placebo dates.",
        "detectable: smallest true effect that the t test finds 4 times in 5.",
        *(f"Mind: {text}" for text in about["remarks"]),
    ]
    return "\n".join(lines)


def _session_of(date: pd.Timestamp | str, exchange: str) -> pd.Timestamp:
    """The session of an exchange on a date, or an error with its neighbours."""
    from helpers.data.calendars import is_session, parse_day, sessions

    session = parse_day(date)
    if is_session(exchange, session):
        return session
    known = sessions(exchange)
    at = known.searchsorted(session)
    near = [f"{day:%Y-%m-%d}" for day in known[max(0, at - 1) : at + 1]]
    raise CalendarError(
        f"{exchange} had no session on {session:%A %Y-%m-%d}; the nearest "
        f"{'are' if len(near) > 1 else 'is'} {' and '.join(near)}."
    )
