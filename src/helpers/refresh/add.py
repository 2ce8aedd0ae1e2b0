"""Adding an instrument to study, with its history from Yahoo or from a file."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.data.calendars import FIRST_DAY, calendar_code, parse_day
from helpers.data.collection_rules import CURRENCIES, SYMBOL
from helpers.data.instruments import instruments_with, load_instruments
from helpers.data.prices import prices_path
from helpers.errors import DataError, IncompleteSessions, SymbolUnavailable
from helpers.refresh.continuation import continue_history
from helpers.refresh.fetch import Patience, Tell, fetch
from helpers.refresh.history import History
from helpers.refresh.markets import (
    BENCHMARK_OF,
    CURRENCY_OF,
    KIND_OF,
    MIC_OF,
    MIC_OF_SUFFIX,
    ROLE_OF,
    max_move,
)
from helpers.refresh.own_file import read_own_file
from helpers.refresh.report import Outcome
from helpers.refresh.run import Day, terms_of
from helpers.refresh.store import open_store

GROUP = "added"
_ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")


def add_instrument(
    symbol: str,
    *,
    file: Path | str | None = None,
    adjusted: bool = False,
    benchmark: str | None = None,
    sector: str = "",
    name: str | None = None,
    mic: str | None = None,
    currency: str | None = None,
    since: Day | None = None,
    until: Day | None = None,
    accept: Iterable[Day] = (),
    data: Path | str | None = None,
    patience: Patience | None = None,
    tell: Tell | None = None,
) -> tuple[dict[str, str], Outcome]:
    """Add an instrument: exchange, currency and history as Yahoo or a file gives them.

    Parameters
    ----------
    symbol : str
        Yahoo's symbol, such as ``TER`` or ``2330.TW``.
    file : path, optional
        CSV or Parquet file with its prices, as :func:`read_own_file` takes; no network
        is used then. Naming it again brings its prices up to date.
    adjusted : bool, optional
        Whether the file's ``Close`` is adjusted, where it has no ``Adj Close``.
    benchmark : str, optional
        Market to measure it against; empty for none. Default the local market,
        where it is bundled.
    sector : str, optional
        Sector index to measure it against.
    name : str, optional
        Default the name that Yahoo gives; of a file the symbol.
    mic, currency : str, optional
        Market and currency of a file's prices; default by the symbol's ending.
    since : str or date, optional
        First date of its history; default 2018-01-01.
    until : str or date, optional
        Last date; default, and at most, the last complete session.
    accept : iterable of days, optional
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
    now, first = dt.datetime.now(dt.UTC), parse_day(since or FIRST_DAY)
    if first > pd.Timestamp(now.date()):
        raise DataError(f"The first date, {first:%Y-%m-%d}, lies in the future.")
    with open_store(data) as store:
        symbol = symbol.strip().upper()
        if not re.fullmatch(SYMBOL, symbol) or _ISIN.fullmatch(symbol):
            raise DataError(
                f"{symbol!r} is no symbol of a share, fund or index as Yahoo writes "
                "it, such as TER, BRK-B, 2330.TW, 0700.HK or ^NDX."
            )
        entry = store.files.get(prices_path(symbol), {})
        if file is not None and entry.get("own_file"):
            store.drop([symbol])
        elif symbol in load_instruments().index:
            raise DataError(
                f"{symbol} is among the instruments already: `.venv/bin/python -m "
                f"helpers refresh --symbols {symbol}` brings its prices up to date."
            )
        how: dict[str, Any] = {"refreshed_at": f"{now:%Y-%m-%dT%H:%MZ}"}
        if file is None:
            from helpers.refresh.yahoo import VERSION

            how["yfinance"] = VERSION
            history = _asked(symbol, first, pd.Timestamp(now.date()), patience, tell)
            market, kind = _placed(symbol, history)
        else:
            history = read_own_file(Path(file), first, adjusted=adjusted)
            how["own_file"] = True
            kind = "index" if symbol.startswith("^") else "share"
            market = mic or MIC_OF_SUFFIX.get(symbol.rpartition(".")[2], "XNYS")
        local = calendar_code(market)
        row = {
            "symbol": symbol,
            "name": name or history.name or symbol,
            "kind": kind,
            "mic": market,
            "currency": history.currency or currency or CURRENCY_OF[local],
            "group": GROUP,
            "role": ROLE_OF[kind],
            "benchmark": BENCHMARK_OF.get(local, "")
            if benchmark is None
            else benchmark,
            "sector": sector,
            "max_move": f"{max_move(symbol, kind, market):g}",
        }
        instruments_with([*store.instruments, row])  # checks it among the others
        end = None if until is None else parse_day(until)
        terms = terms_of(symbol, row, now, end, frozenset(map(parse_day, accept)))
        try:
            done = continue_history(history, None, terms)
        except IncompleteSessions as error:
            raise IncompleteSessions(
                f"{error} Or begin after the hole, with --since."
            ) from error
        if not done.new:
            raise SymbolUnavailable(
                f"{symbol}: {history.source} gives no price from {first:%Y-%m-%d} to "
                f"{terms.until:%Y-%m-%d}."
            )
        store.add(symbol, done, None, how)
        store.instruments.append(row)
        store.save()
    return row, Outcome(
        symbol, "new prices", done.new[-1], done.new, done.changed, done.remarks
    )


def _asked(
    symbol: str,
    first: pd.Timestamp,
    today: pd.Timestamp,
    patience: Patience | None,
    tell: Tell | None,
) -> History:
    from helpers.refresh.yahoo import yahoo_session

    with yahoo_session() as session:
        return fetch(
            session,
            symbol,
            first,
            today,
            timezone=None,
            patience=patience or Patience(),
            tell=tell or (lambda words: None),
        )


def _placed(symbol: str, history: History) -> tuple[str, str]:
    if history.exchange not in MIC_OF:
        raise DataError(
            f"{symbol} trades on Yahoo's exchange {history.exchange!r}, for which "
            f"there is no calendar here; there is one for {', '.join(sorted(MIC_OF))}."
        )
    if history.kind not in KIND_OF:
        raise DataError(
            f"{symbol} is what Yahoo calls {history.kind}: only shares, funds traded "
            "on an exchange and indexes can be studied."
        )
    if history.currency not in CURRENCIES:
        raise DataError(
            f"{symbol} is quoted in {history.currency}; known are "
            f"{', '.join(CURRENCIES)}."
        )
    return MIC_OF[history.exchange], KIND_OF[history.kind]
