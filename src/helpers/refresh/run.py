"""Refreshing prices: ask and check, symbol by symbol, then put all in force at once."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from helpers.data.calendars import Day, exchange_timezone, parse_day
from helpers.data.files import read_manifest, read_with_entry
from helpers.data.instruments import load_instruments, unknown_symbol
from helpers.data.prices import load_table, prices_path
from helpers.data.snapshot import Snapshot, bundled_data
from helpers.data.text import one_line
from helpers.errors import DataError, HelpersError, NoNetwork, RateLimited
from helpers.refresh.continuation import continue_history
from helpers.refresh.fetch import Patience, Tell, fetch
from helpers.refresh.history import AtHand, Case, named
from helpers.refresh.markets import last_complete_session
from helpers.refresh.report import Outcome, Report
from helpers.refresh.store import changing, save

if TYPE_CHECKING:
    from helpers.refresh.yahoo import Session

# A year of sessions that are at hand already is asked for again and compared.
COMPARED = pd.Timedelta(days=365)
UNREACHABLE = {"NoNetwork": NoNetwork, "RateLimited": RateLimited}


def refresh(
    symbols: Sequence[str] | None = None,
    *,
    since: Day | None = None,
    until: Day | None = None,
    accept: Mapping[str, Iterable[Day]] | None = None,
    dry_run: bool = False,
    data: Path | str | None = None,
    patience: Patience | None = None,
    tell: Tell = lambda words: None,
) -> Report:
    """Bring prices up to the last complete session, through yfinance.

    Parameters
    ----------
    symbols : sequence of str, optional
        Default every instrument.
    since, until : str or date, optional
        First date to ask for, default a year before the end of the history at hand,
        which is compared; and last date to take, at most the last complete session.
    accept : mapping of str to days, optional
        By symbol, dates on which a difference, a hole or a large move is right.
    dry_run : bool, optional
        Ask and check, and write nothing.
    data : Path or str, optional
        Data folder; default :func:`helpers.data.files.data_dir`.
    patience, tell : optional
        Waits and number of tries; what is told what is going on, in a few words.

    Returns
    -------
    Report
        What became of each symbol. Each is all or nothing; what was done is put in
        force at the end, also if the run is interrupted or Yahoo stops answering.

    Raises
    ------
    NoNetwork, RateLimited
        If Yahoo answered nothing at all. Nothing was changed.
    DataError, CalendarError
        If a symbol is unknown, a date is none, the folder is read-only, or another
        command is changing it.
    """
    from helpers.refresh.yahoo import VERSION, Session

    now, session = dt.datetime.now(dt.UTC), Session(patience or Patience(), tell)
    with changing(data, dry_run=dry_run) as (folder, new), session:
        known = load_instruments().reset_index().set_index("symbol", drop=False)
        chosen = list(dict.fromkeys(known.index if symbols is None else symbols))
        for symbol in (*chosen, *(accept := accept or {})):
            if symbol not in known.index:
                raise DataError(
                    f"{unknown_symbol(symbol, list(known.index))} To study a new "
                    f"instrument: `.venv/bin/python -m helpers add {symbol}`."
                )
            if symbol not in chosen:
                raise DataError(f"{symbol} is to be accepted but not asked for.")
        run = _Run(
            new,
            session,
            now,
            None if since is None else parse_day(since),
            None if until is None else parse_day(until),
            {one: frozenset(map(parse_day, accept[one])) for one in accept},
        )
        outcomes: list[Outcome] = []
        stopped = None
        try:
            for row in known.loc[chosen].to_dict("records"):
                if outcomes and outcomes[-1].was_asked:
                    time.sleep(session.patience.pause)
                outcomes.append(run.one(row))
                stopped = _reason_to_stop(outcomes)
                if stopped:
                    break
        except KeyboardInterrupt:
            stopped = "interrupted; what was done stays."
        if outcomes and all(one.error in UNREACHABLE for one in outcomes):
            raise UNREACHABLE[str(outcomes[-1].error)](
                f"{outcomes[-1].reason} Nothing was changed; {_age(chosen, now)}."
            )
        if not dry_run and any(one.status == "new prices" for one in outcomes):
            save(folder, new)
        outcomes += [
            Outcome(symbol, "not asked", _last(symbol))
            for symbol in chosen[len(outcomes) :]
        ]
        at = f"{now:%Y-%m-%d %H:%M} UTC"
        return Report(tuple(outcomes), at, VERSION, dry_run, stopped)


@dataclass(frozen=True)
class _Run:
    """One run of the command over several symbols."""

    new: Snapshot
    session: Session
    now: dt.datetime
    since: pd.Timestamp | None
    until: pd.Timestamp | None
    accept: Mapping[str, frozenset[pd.Timestamp]]

    def one(self, row: Mapping[str, Any]) -> Outcome:
        """Refresh one symbol; whatever goes wrong with it is its own affair."""
        symbol = row["symbol"]
        try:
            return self._refreshed(row)
        except Exception as error:
            kind, reason = type(error).__name__, str(error)
            if not isinstance(error, HelpersError):
                said = f"{symbol}: an answer that nothing here expects ({kind}: "
                reason = f"{said}{one_line(error)})."
            return Outcome(symbol, "refused", _last(symbol), reason=reason, error=kind)

    def _refreshed(self, row: Mapping[str, Any]) -> Outcome:
        from helpers.refresh.yahoo import VERSION

        symbol, mic = row["symbol"], row["mic"]
        at_hand = self._at_hand(symbol)
        newest = at_hand.prices.index[-1]
        until = last_complete_session(mic, self.now, self.until)
        last = f"{newest:%Y-%m-%d}"
        if newest >= until:
            return Outcome(symbol, "up to date", last)
        if at_hand.entry.get("own_file"):
            said = "from a file of your own: add it again with --from to go on"
            return Outcome(symbol, "own file", last, remarks=(said,))
        first = newest - COMPARED if self.since is None else self.since
        history = fetch(self.session, symbol, (first, until), exchange_timezone(mic))
        accepted = self.accept.get(symbol, frozenset())
        case = Case(history, at_hand, row, until, accepted)
        done = continue_history(case)
        remarks = list(done.remarks)
        if done.new:
            newest = pd.Timestamp(done.new[-1])
            how = {"refreshed_at": f"{self.now:%Y-%m-%dT%H:%MZ}", "yfinance": VERSION}
            self.new.put(done.entry | how, done.content)
        behind = case.held[(case.held > newest) & (case.held <= until)]
        if len(behind):
            remarks.append(f"no price yet of {named(behind)}")
        return Outcome(
            symbol,
            "new prices" if done.new else "nothing new",
            f"{newest:%Y-%m-%d}",
            new=done.new,
            remarks=tuple(remarks),
            behind=len(behind),
        )

    def _at_hand(self, symbol: str) -> AtHand:
        """Return what is in force, or the bundled prices if they changed below it."""
        file = prices_path(symbol)
        bundled = read_manifest()["files"].get(file, {}).get("sha256")
        refreshed = self.new.files.get(file)
        if refreshed is not None and refreshed["bundled_sha256"] != bundled:
            refreshed = None
        with nullcontext() if refreshed else bundled_data():
            content, entry = read_with_entry(file)
            table = load_table(symbol)
        first = table.index[-1] - COMPARED if self.since is None else self.since
        prices = table[table.index >= first]
        prices = prices if len(prices) else table[-10:]
        return AtHand(content, prices, entry, refreshed or {}, bundled)


def _last(symbol: str) -> str:
    """Return the last date of a symbol's prices; empty if they are damaged."""
    try:
        return f"{load_table(symbol).index[-1]:%Y-%m-%d}"
    except HelpersError:
        return ""


def _age(symbols: Sequence[str], now: dt.datetime) -> str:
    """Say how old the prices at hand are."""
    last = max(map(_last, symbols))
    if not last:
        return "there are no prices at hand"
    days = (now.date() - dt.date.fromisoformat(last)).days
    return f"the prices at hand end on {last}, {days} days ago"


def _reason_to_stop(outcomes: Sequence[Outcome]) -> str | None:
    """Return why no further symbol is to be asked for: a limit, no network twice."""
    errors = [one.error for one in outcomes[-2:]]
    is_lost = errors[-1] == "RateLimited" or errors == ["NoNetwork"] * 2
    return outcomes[-1].reason if is_lost else None
