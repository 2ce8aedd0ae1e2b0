"""Refreshing prices: ask and check, symbol by symbol, then put all in force at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from helpers.data.calendars import exchange_timezone, parse_day, session_hours
from helpers.data.files import read_manifest, read_with_entry
from helpers.data.instruments import load_instruments, unknown_symbol
from helpers.data.prices import load_table, prices_path
from helpers.data.snapshot import bundled_data
from helpers.errors import CalendarError, DataError, NoNetwork, RateLimited
from helpers.refresh.continuation import continue_history
from helpers.refresh.fetch import Patience, fetch, pause
from helpers.refresh.history import AtHand, Terms, named
from helpers.refresh.markets import last_complete_session
from helpers.refresh.report import Outcome, Report
from helpers.refresh.store import Store, open_store

if TYPE_CHECKING:
    from helpers.refresh.yahoo import Session

Day = str | dt.date

# A year of sessions that are at hand already is asked for again and compared.
COMPARED = pd.Timedelta(days=365)
UNREACHABLE: dict[str, type[DataError]] = {
    "NoNetwork": NoNetwork,
    "RateLimited": RateLimited,
}


def refresh(
    symbols: Sequence[str] | None = None,
    *,
    since: Day | None = None,
    until: Day | None = None,
    accept: Mapping[str, Iterable[Day]] | None = None,
    dry_run: bool = False,
    data: Path | str | None = None,
    patience: Patience | None = None,
    progress: bool = False,
) -> Report:
    """Bring prices up to the last complete session, through yfinance.

    Parameters
    ----------
    symbols : sequence of str, optional
        Default every instrument.
    since : str or date, optional
        First date to ask for. Sessions that are at hand already are compared;
        default a year before the end of the history at hand.
    until : str or date, optional
        Last date to take; default, and at most, the last complete session of each
        exchange.
    accept : mapping of str to days, optional
        By symbol, dates on which a difference, a hole or a large move is right.
    dry_run : bool, optional
        Ask and check, and write nothing.
    data : Path or str, optional
        Data folder; default :func:`helpers.data.files.data_dir`.
    patience : Patience, optional
        Waits and number of tries.
    progress : bool, optional
        Show a progress bar on standard error.

    Returns
    -------
    Report
        What became of each symbol. Each is all or nothing; what was done is put in
        force at the end, also if the run is interrupted or Yahoo stops answering.

    Raises
    ------
    NoNetwork, RateLimited
        If Yahoo answered nothing at all. Nothing was changed.
    DataError
        If a symbol is unknown, the folder is read-only, or another command is
        changing it.
    CalendarError
        If a date is none.
    """
    from tqdm import tqdm

    from helpers.refresh.yahoo import VERSION, yahoo_session

    now = dt.datetime.now(dt.UTC)
    with open_store(data, dry_run=dry_run) as store:
        known = load_instruments().to_dict("index")
        for symbol in (*(symbols or ()), *(accept or ())):
            if symbol not in known:
                raise DataError(
                    f"{unknown_symbol(symbol, list(known))} To study a new "
                    f"instrument: `.venv/bin/python -m helpers add {symbol}`."
                )
        chosen = list(dict.fromkeys(known if symbols is None else symbols))
        run = _Run(
            store=store,
            instruments=known,
            now=now,
            since=None if since is None else parse_day(since),
            until=None if until is None else parse_day(until),
            accept={
                symbol: frozenset(map(parse_day, days))
                for symbol, days in (accept or {}).items()
            },
            patience=patience or Patience(),
        )
        outcomes: list[Outcome] = []
        stopped = None
        with (
            yahoo_session() as session,
            tqdm(chosen, disable=not progress, unit="symbol") as bar,
        ):
            try:
                for symbol in bar:
                    outcomes.append(run.one(symbol, session, bar))
                    stopped = _reason_to_stop(outcomes)
                    if stopped:
                        break
                    if outcomes[-1].was_asked and symbol != chosen[-1]:
                        pause(run.patience.pause, bar.set_postfix_str, "next in")
            except KeyboardInterrupt:
                stopped = "interrupted; what was done stays."
            bar.set_postfix_str("")
        if outcomes and all(one.error in UNREACHABLE for one in outcomes):
            raise UNREACHABLE[str(outcomes[-1].error)](
                f"{outcomes[-1].reason} Nothing was changed; {run.age(chosen)}."
            )
        if not dry_run and any(one.status == "new prices" for one in outcomes):
            store.save()
        outcomes += [
            Outcome(symbol, "not asked", run.last(symbol))
            for symbol in chosen[len(outcomes) :]
        ]
        at = f"{now:%Y-%m-%d %H:%M} UTC"
        return Report(tuple(outcomes), at, VERSION, dry_run, stopped)


def terms_of(
    symbol: str,
    row: Mapping[str, Any],
    now: dt.datetime,
    until: pd.Timestamp | None,
    accepted: frozenset[pd.Timestamp],
) -> Terms:
    """Return what an instrument's new prices are held against."""
    last = last_complete_session(row["mic"], now)
    return Terms(
        symbol=symbol,
        kind=row["kind"],
        mic=row["mic"],
        currency=row["currency"],
        max_move=float(row["max_move"]),
        hours=session_hours(row["mic"]),
        until=last if until is None else min(last, until),
        accepted=accepted,
    )


@dataclass(frozen=True)
class _Run:
    """One run of the command over several symbols."""

    store: Store
    instruments: Mapping[str, Mapping[str, Any]]
    now: dt.datetime
    since: pd.Timestamp | None
    until: pd.Timestamp | None
    accept: Mapping[str, frozenset[pd.Timestamp]]
    patience: Patience

    def one(self, symbol: str, session: Session, bar: Any) -> Outcome:
        """Refresh one symbol; whatever goes wrong with it is its own affair."""
        from helpers.refresh.yahoo import plain

        last = self.last(symbol)
        try:
            return self._refreshed(symbol, session, bar)
        except (DataError, CalendarError) as error:
            return Outcome(
                symbol, "refused", last, reason=str(error), error=type(error).__name__
            )
        except Exception as error:
            kind = type(error).__name__
            reason = f"{symbol}: an answer that nothing here expects ({kind}: "
            return Outcome(
                symbol, "refused", last, reason=f"{reason}{plain(error)}).", error=kind
            )

    def _refreshed(self, symbol: str, session: Session, bar: Any) -> Outcome:
        from helpers.refresh.yahoo import VERSION

        at_hand, bundled_sha256 = self._at_hand(symbol)
        newest = at_hand.prices.index[-1]
        terms = terms_of(
            symbol,
            self.instruments[symbol],
            self.now,
            self.until,
            self.accept.get(symbol, frozenset()),
        )
        last = f"{newest:%Y-%m-%d}"
        if newest >= terms.until:
            return Outcome(symbol, "up to date", last)
        if at_hand.entry.get("own_file"):
            said = "from a file of your own: add it again with --from to go on"
            return Outcome(symbol, "own file", last, remarks=(said,))
        history = fetch(
            session,
            symbol,
            newest - COMPARED if self.since is None else self.since,
            terms.until,
            timezone=exchange_timezone(terms.mic),
            patience=self.patience,
            tell=lambda words: bar.set_postfix_str(f"{symbol}: {words}"),
        )
        done = continue_history(history, at_hand, terms)
        remarks = list(done.remarks)
        if done.new:
            newest = pd.Timestamp(done.new[-1])
            at = f"{self.now:%Y-%m-%dT%H:%MZ}"
            how = {"refreshed_at": at, "yfinance": VERSION}
            self.store.add(symbol, done, bundled_sha256, how)
        held = pd.DatetimeIndex(terms.hours.index)
        behind = held[(held > newest) & (held <= terms.until)]
        if len(behind):
            remarks.append(f"no price yet of {named(behind)}")
        return Outcome(
            symbol,
            "new prices" if done.new else "nothing new",
            f"{newest:%Y-%m-%d}",
            new=done.new,
            changed=done.changed,
            remarks=tuple(remarks),
            behind=len(behind),
        )

    def _at_hand(self, symbol: str) -> tuple[AtHand, str | None]:
        file = prices_path(symbol)
        bundled = read_manifest()["files"].get(file, {}).get("sha256")
        refreshed = self.store.files.get(file)
        if refreshed and refreshed["bundled_sha256"] == bundled:
            content, entry = read_with_entry(file)
            table = load_table(symbol)
        else:
            with bundled_data():
                content, entry = read_with_entry(file)
                table = load_table(symbol)
        first = table.index[-1] - COMPARED if self.since is None else self.since
        prices = table[table.index >= first]
        return AtHand(content, prices if len(prices) else table[-10:], entry), bundled

    def last(self, symbol: str) -> str:
        """Return the last date of a symbol's prices; empty if they are damaged."""
        try:
            return f"{load_table(symbol).index[-1]:%Y-%m-%d}"
        except DataError:
            return ""

    def age(self, symbols: Sequence[str]) -> str:
        """Say how old the prices at hand are."""
        ends = sorted(filter(None, map(self.last, symbols)))
        if not ends:
            return "there are no prices at hand"
        days = (self.now.date() - dt.date.fromisoformat(ends[-1])).days
        span = ends[0] if ends[0] == ends[-1] else f"{ends[0]} to {ends[-1]}"
        return f"the prices at hand end on {span}, {days} days ago"


def _reason_to_stop(outcomes: Sequence[Outcome]) -> str | None:
    """Return why no further symbol should be asked for, if it is so."""
    newest = outcomes[-1]
    if newest.error == "RateLimited":
        return newest.reason
    unreached = [one.error == "NoNetwork" for one in outcomes]
    if all(unreached) or unreached[-2:] == [True, True]:
        return newest.reason
    return None
