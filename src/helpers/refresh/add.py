"""Adding an instrument to study, with its history from Yahoo or from a file."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from helpers.data.calendars import FIRST_DAY, Day, calendar_code, parse_day
from helpers.data.collection_rules import SYMBOL
from helpers.data.instruments import instruments_with, load_instruments
from helpers.data.prices import prices_path
from helpers.errors import DataError, IncompleteSessions, SymbolUnavailable
from helpers.refresh import markets
from helpers.refresh.continuation import continue_history
from helpers.refresh.fetch import Patience, Tell, fetch
from helpers.refresh.history import Case
from helpers.refresh.own_file import read_own_file
from helpers.refresh.report import Outcome
from helpers.refresh.store import changing, save

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
    tell: Tell = lambda words: None,
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
    benchmark, sector : str, optional
        Market and sector index to measure it against; empty for none. Default the
        local market, where it is bundled, and no sector.
    name : str, optional
        Default the name that Yahoo gives; of a file the symbol.
    mic, currency : str, optional
        Market and currency of a file's prices; default by the symbol's ending.
    since, until : str or date, optional
        First and last date of its history; default 2018-01-01 and, at most, the last
        complete session.
    accept : iterable of days, optional
        Dates on which a hole or a large move is right.
    data, patience, tell : optional
        As for :func:`helpers.refresh.run.refresh`.

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
    with changing(data) as (folder, new):
        symbol = symbol.strip().upper()
        if not re.fullmatch(SYMBOL, symbol) or _ISIN.fullmatch(symbol):
            raise DataError(
                f"{symbol!r} is no symbol of a share, fund or index as Yahoo writes "
                "it, such as TER, BRK-B, 2330.TW, 0700.HK or ^NDX."
            )
        if file is not None and new.files.get(prices_path(symbol), {}).get("own_file"):
            new.drop([symbol])
        elif symbol in load_instruments().index:
            raise DataError(
                f"{symbol} is among the instruments already: `.venv/bin/python -m "
                f"helpers refresh --symbols {symbol}` brings its prices up to date."
            )
        how: dict[str, object] = {"refreshed_at": f"{now:%Y-%m-%dT%H:%MZ}"}
        if file is None:
            from helpers.refresh.yahoo import VERSION, Session

            how["yfinance"] = VERSION
            span = (first, pd.Timestamp(now.date()))
            with Session(patience or Patience(), tell) as session:
                history = fetch(session, symbol, span)
            kind = markets.KIND_OF.get(history.kind, history.kind)
            market = markets.MIC_OF.get(history.exchange, history.exchange)
        else:
            history = read_own_file(Path(file), first, adjusted=adjusted)
            how["own_file"] = True
            kind = "index" if symbol.startswith("^") else "share"
            market = mic or markets.MIC_OF_SUFFIX.get(symbol.rpartition(".")[2], "XNYS")
        local = calendar_code(market)
        if benchmark is None:
            benchmark = markets.BENCHMARK_OF.get(local, "")
        row = {
            "symbol": symbol,
            "name": name or history.name or symbol,
            "kind": kind,
            "mic": market,
            "currency": history.currency or currency or markets.CURRENCY_OF[local],
            "group": GROUP,
            "role": markets.ROLE_OF.get(kind, ""),
            "benchmark": benchmark,
            "sector": sector,
            "max_move": f"{markets.max_move(symbol, kind, market):g}",
        }
        instruments_with([*new.instruments, row])  # checks it among the others
        last = None if until is None else parse_day(until)
        last = markets.last_complete_session(market, now, last)
        case = Case(history, None, row, last, frozenset(map(parse_day, accept)))
        try:
            done = continue_history(case)
        except IncompleteSessions as error:
            said = f"{error} Or begin after the hole, with --since."
            raise IncompleteSessions(said) from error
        if not done.new:
            raise SymbolUnavailable(
                f"{symbol}: {history.source} gives no price from {first:%Y-%m-%d} to "
                f"{last:%Y-%m-%d}."
            )
        new.put(done.entry | how, done.content)
        new.instruments.append(row)
        save(folder, new)
    return row, Outcome(symbol, "new prices", done.new[-1], done.new, done.remarks)
