"""Adding an instrument to study, with its history from Yahoo."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable
from pathlib import Path

import numpy as np

from helpers.data.calendars import FIRST_DAY, calendar_code, sessions
from helpers.data.files import read_verified, using_data_dir
from helpers.data.instruments import (
    CURRENCIES,
    INSTRUMENTS_FILE,
    instrument_lines,
    load_instruments,
    read_instruments,
)
from helpers.data.lock import only_one
from helpers.data.refresh.checks import Terms
from helpers.data.refresh.continuation import continue_history
from helpers.data.refresh.fetch import Patience, Tell, fetch
from helpers.data.refresh.markets import (
    BENCHMARK_OF,
    KIND_OF,
    MIC_OF,
    ROLE_OF,
    last_complete_session,
    max_move,
)
from helpers.data.refresh.report import Outcome
from helpers.data.refresh.rows import as_days
from helpers.data.refresh.run import Day, as_day, refuse_bundled_switch
from helpers.data.refresh.write import check_writable, put_in_force, refreshed_entry
from helpers.data.refreshed import added_instruments
from helpers.errors import DataError, IncompleteSessions, SymbolUnavailable

GROUP = "added"
_SYMBOL = re.compile(r"\^?[A-Z0-9]+([.-][A-Z0-9]+)*")
_ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")


def add_instrument(
    symbol: str,
    *,
    benchmark: str | None = None,
    sector: str = "",
    name: str | None = None,
    since: Day = FIRST_DAY,
    until: Day | None = None,
    accept: Iterable[np.datetime64] = (),
    data: Path | str | None = None,
    patience: Patience | None = None,
    tell: Tell | None = None,
) -> tuple[dict[str, str], Outcome]:
    """Add an instrument: exchange, currency and history as Yahoo gives them.

    Parameters
    ----------
    symbol : str
        Yahoo's symbol, such as ``TER`` or ``2330.TW``.
    benchmark : str, optional
        Market to measure it against; empty for none. Default the local market,
        where it is bundled.
    sector : str, optional
        Sector index to measure it against.
    name : str, optional
        Default the name that Yahoo gives.
    since : str or date, optional
        First date of its history.
    until : str or date, optional
        Last date; default, and at most, the last complete session.
    accept : iterable of datetime64, optional
        Dates on which a hole or a large move is right.
    data : Path or str, optional
        Data folder; default :func:`helpers.data.files.data_dir`.
    patience : Patience, optional
        Waits and number of tries.
    tell : callable, optional
        Told what is going on, in a few words.

    Returns
    -------
    row : dict
        Its row of the instruments table.
    outcome : Outcome
        What became of its prices.

    Raises
    ------
    RateLimited, NoNetwork, SymbolUnavailable
        If Yahoo gives no answer.
    IncompleteSessions, ChangedHistory
        If its history has a hole or an unexplained jump that is not accepted.
    DataError
        If the symbol is known already, or its exchange, currency or kind is not
        one that can be studied here. Nothing was changed.
    """
    from helpers.data.refresh.yahoo import VERSION, yahoo_session

    now = dt.datetime.now(dt.UTC)
    with using_data_dir(data) as folder:
        refuse_bundled_switch()
        with only_one(folder), yahoo_session() as session:
            check_writable(folder)
            symbol = _checked(symbol, load_instruments().index)
            history = fetch(
                session,
                symbol,
                as_day(since),
                np.datetime64(now.date()),
                timezone=None,
                patience=patience or Patience(),
                tell=tell or _silent,
            )
            mic, kind = _placed(symbol, history.exchange, history.kind)
            market = BENCHMARK_OF.get(calendar_code(mic), "")
            row = {
                "symbol": symbol,
                "name": name or history.name,
                "kind": kind,
                "mic": mic,
                "currency": _known_currency(symbol, history.currency),
                "group": GROUP,
                "role": ROLE_OF[kind],
                "benchmark": market if benchmark is None else benchmark,
                "sector": sector,
                "max_move": f"{max_move(symbol, kind, mic):g}",
            }
            rows = [*added_instruments(folder), row]
            read_instruments(read_verified(INSTRUMENTS_FILE) + instrument_lines(rows))
            held = sessions(mic)
            days = as_days(held)
            last, _ = last_complete_session(mic, now)
            terms = Terms(
                symbol=symbol,
                kind=kind,
                mic=mic,
                currency=row["currency"],
                max_move=float(row["max_move"]),
                sessions=days,
                until=last if until is None else min(last, as_day(until)),
                accepted=frozenset(accept),
            )
            try:
                done = continue_history(history, None, terms, held)
            except IncompleteSessions as error:
                raise IncompleteSessions(
                    f"{error} Or begin after the hole, with --since."
                ) from error
            if done is None:
                raise SymbolUnavailable(f"{symbol}: Yahoo gives no price of it.")
            entry = refreshed_entry(symbol, done, None, None, now, VERSION)
            put_in_force(folder, entry, done.content, row)
    outcome = Outcome(
        symbol,
        "new prices",
        done.last,
        new=done.new,
        changed=done.changed,
        remarks=done.remarks,
    )
    return row, outcome


def _silent(_words: str) -> None:
    return None


def _checked(symbol: str, known: Collection[str]) -> str:
    symbol = symbol.strip().upper()
    if symbol in known:
        raise DataError(
            f"{symbol} is among the instruments already: `python -m helpers refresh "
            f"--symbols {symbol}` brings its prices up to date."
        )
    if not _SYMBOL.fullmatch(symbol) or _ISIN.fullmatch(symbol):
        raise DataError(
            f"{symbol!r} is no symbol of a share, fund or index as Yahoo writes it, "
            "such as TER, 2330.TW or ^NDX."
        )
    return symbol


def _placed(symbol: str, exchange: str, kind: str) -> tuple[str, str]:
    if exchange not in MIC_OF:
        raise DataError(
            f"{symbol} trades on Yahoo's exchange {exchange!r}, for which there is no "
            f"calendar here; there is one for {', '.join(sorted(MIC_OF))}."
        )
    if kind not in KIND_OF:
        raise DataError(
            f"{symbol} is what Yahoo calls {kind}: only shares, funds traded on an "
            "exchange and indexes can be studied."
        )
    return MIC_OF[exchange], KIND_OF[kind]


def _known_currency(symbol: str, currency: str) -> str:
    if currency not in CURRENCIES:
        raise DataError(
            f"{symbol} is quoted in {currency}; known are {', '.join(CURRENCIES)}."
        )
    return currency
