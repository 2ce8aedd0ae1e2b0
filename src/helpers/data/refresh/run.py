"""Refreshing prices: ask, check, put in force, symbol by symbol."""

from __future__ import annotations

import datetime as dt
import os
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.data.calendars import exchange_timezone, parse_day, sessions
from helpers.data.files import (
    manifest_entry,
    read_manifest,
    read_with_entry,
    using_data_dir,
)
from helpers.data.instruments import load_instruments, unknown_symbol
from helpers.data.lock import only_one
from helpers.data.prices import prices_path
from helpers.data.refresh.checks import Terms
from helpers.data.refresh.continuation import AtHand, Continuation, continue_history
from helpers.data.refresh.fetch import Patience, fetch, pause
from helpers.data.refresh.markets import last_complete_session
from helpers.data.refresh.report import Outcome, Report
from helpers.data.refresh.rows import Dates, Prices, as_days, between, named
from helpers.data.refresh.write import (
    check_writable,
    clear_away,
    put_in_force,
    refreshed_entry,
)
from helpers.data.refreshed import BUNDLED_SWITCH, bundled_data, refreshed_manifest
from helpers.errors import CalendarError, DataError, NoNetwork, RateLimited

if TYPE_CHECKING:
    from helpers.data.refresh.yahoo import Session

Day = str | dt.date

# A year of sessions that are at hand already is asked for again and compared.
COMPARED = np.timedelta64(365, "D")
CANNOT_WRITE = "CannotWrite"
UNREACHABLE: dict[str, type[DataError]] = {
    "NoNetwork": NoNetwork,
    "RateLimited": RateLimited,
}


def refresh(
    symbols: Sequence[str] | None = None,
    *,
    since: Day | None = None,
    until: Day | None = None,
    accept: Mapping[str, Iterable[np.datetime64]] | None = None,
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
    accept : mapping of str to days (datetime64), optional
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
        What became of each symbol. Each is all or nothing, and in force as soon
        as it is done.

    Raises
    ------
    NoNetwork, RateLimited
        If Yahoo answered nothing at all. Nothing was changed.
    DataError
        If a symbol is unknown, the folder is read-only, or another command is
        changing it.
    CalendarError
        If ``since`` or ``until`` is not a date.
    """
    now = dt.datetime.now(dt.UTC)
    with using_data_dir(data) as folder:
        refuse_bundled_switch()
        with nullcontext() if dry_run else only_one(folder):
            if not dry_run:
                check_writable(folder)
                clear_away(folder)
            instruments = load_instruments().to_dict("index")
            chosen = _chosen(symbols, list(instruments))
            run = _Run(
                folder=folder,
                instruments=instruments,
                now=now,
                since=None if since is None else as_day(since),
                until=None if until is None else as_day(until),
                accept=accept or {},
                dry_run=dry_run,
                patience=patience or Patience(),
            )
            return run.all_of(chosen, progress)


def refuse_bundled_switch() -> None:
    """Refuse to change refreshed data while they are switched off.

    Raises
    ------
    DataError
        If the environment variable ``HELPERS_BUNDLED`` is set.
    """
    if os.environ.get(BUNDLED_SWITCH, "0") not in ("", "0"):
        raise DataError(
            f"The environment variable {BUNDLED_SWITCH} switches refreshed data off: "
            "unset it first. Nothing was changed."
        )


def as_day(value: Day) -> np.datetime64:
    """Return a date as a day of numpy.

    Raises
    ------
    CalendarError
        If it is not a date.
    """
    return np.datetime64(parse_day(value), "D")


def _chosen(symbols: Sequence[str] | None, known: list[str]) -> list[str]:
    if symbols is None:
        return known
    for symbol in symbols:
        if symbol not in known:
            raise DataError(
                f"{unknown_symbol(symbol, known)} To study a new instrument: `python "
                f"-m helpers add {symbol}`."
            )
    return list(dict.fromkeys(symbols))


@dataclass(frozen=True)
class _Start:
    """Where a symbol's refresh starts from."""

    at_hand: AtHand
    first: np.datetime64
    bundled_sha256: str | None
    refreshed: Mapping[str, Any] | None


@dataclass(frozen=True)
class _Run:
    """One run of the command over several symbols."""

    folder: Path
    instruments: Mapping[str, Mapping[str, Any]]
    now: dt.datetime
    since: np.datetime64 | None
    until: np.datetime64 | None
    accept: Mapping[str, Iterable[np.datetime64]]
    dry_run: bool
    patience: Patience

    def all_of(self, symbols: Sequence[str], progress: bool) -> Report:
        """Refresh several symbols, until one of them shows that it is of no use."""
        from tqdm import tqdm

        from helpers.data.refresh.yahoo import VERSION, yahoo_session

        outcomes: list[Outcome] = []
        stopped = None
        with (
            yahoo_session() as session,
            tqdm(symbols, disable=not progress, unit="symbol") as bar,
        ):
            try:
                for symbol in bar:
                    outcome = self._one(symbol, session, bar)
                    outcomes.append(outcome)
                    stopped = _reason_to_stop(outcomes)
                    if stopped:
                        break
                    if outcome.status != "up to date" and symbol != symbols[-1]:
                        pause(self.patience.pause, bar.set_postfix_str, "next in")
            except KeyboardInterrupt:
                stopped = "interrupted; what was done stays."
            bar.set_postfix_str("")
        if outcomes and all(one.error in UNREACHABLE for one in outcomes):
            raise UNREACHABLE[str(outcomes[-1].error)](
                f"{outcomes[-1].reason} Nothing was changed; {self._age(symbols)}."
            )
        outcomes += [
            Outcome(symbol, "not asked", self._last(symbol))
            for symbol in symbols[len(outcomes) :]
        ]
        return Report(
            outcomes=tuple(outcomes),
            at=f"{self.now:%Y-%m-%d %H:%M} UTC",
            yfinance=VERSION,
            dry_run=self.dry_run,
            stopped=stopped,
        )

    def _one(self, symbol: str, session: Session, bar: Any) -> Outcome:
        last = ""
        try:
            start = self._start(symbol)
            newest = start.at_hand.prices.dates[-1]
            last = str(newest)
            held = sessions(self.instruments[symbol]["mic"])
            terms, unknown = self._terms(symbol, as_days(held))
            if newest >= terms.until:
                if unknown:
                    return Outcome(symbol, "nothing new", last, remarks=(unknown,))
                return Outcome(symbol, "up to date", last)
            history = fetch(
                session,
                symbol,
                start.first,
                terms.until,
                timezone=exchange_timezone(terms.mic),
                patience=self.patience,
                tell=lambda words: bar.set_postfix_str(f"{symbol}: {words}"),
            )
            done = continue_history(history, start.at_hand, terms, held)
        except (DataError, CalendarError) as error:
            return Outcome(
                symbol, "refused", last, reason=str(error), error=type(error).__name__
            )
        if done is None:
            return Outcome(symbol, "nothing new", last)
        if not self.dry_run:
            try:
                self._put_in_force(symbol, done, start)
            except DataError as error:
                return Outcome(
                    symbol, "refused", last, reason=str(error), error=CANNOT_WRITE
                )
        remarks = [*done.remarks, *([unknown] if unknown else [])]
        behind = between(terms.sessions, np.datetime64(done.last) + 1, terms.until)
        if len(behind):
            remarks.append(f"Yahoo has no price yet of {named(behind)}")
        return Outcome(
            symbol,
            "new prices",
            done.last,
            new=done.new,
            changed=done.changed,
            remarks=tuple(remarks),
        )

    def _start(self, symbol: str) -> _Start:
        file = prices_path(symbol)
        listed = read_manifest()["files"].get(file)
        bundled_sha256 = None if listed is None else listed["sha256"]
        manifest = refreshed_manifest(self.folder)
        refreshed = None if manifest is None else manifest["files"].get(file)
        if refreshed and refreshed["bundled_sha256"] != bundled_sha256:
            refreshed = None
        with nullcontext() if refreshed else bundled_data():
            content, entry = read_with_entry(file)
        lines = content.decode().splitlines()
        first = self.since
        if first is None:
            first = np.datetime64(lines[-1][:10]) - COMPARED
        newest = max(1, min(bisect_left(lines, str(first), 1), len(lines) - 10))
        at_hand = AtHand(lines, Prices.of_lines(lines[newest:]), entry)
        return _Start(at_hand, first, bundled_sha256, refreshed)

    def _terms(self, symbol: str, held: Dates) -> tuple[Terms, str | None]:
        row = self.instruments[symbol]
        until, unknown = last_complete_session(row["mic"], self.now)
        if self.until is not None and self.until < until:
            until = held[held.searchsorted(self.until, side="right") - 1]
            unknown = None
        terms = Terms(
            symbol=symbol,
            kind=row["kind"],
            mic=row["mic"],
            currency=row["currency"],
            max_move=row["max_move"],
            sessions=held,
            until=until,
            accepted=frozenset(self.accept.get(symbol, ())),
        )
        return terms, unknown

    def _put_in_force(self, symbol: str, done: Continuation, start: _Start) -> None:
        from helpers.data.refresh.yahoo import VERSION

        entry = refreshed_entry(
            symbol,
            done,
            start.refreshed,
            start.bundled_sha256,
            self.now,
            VERSION,
        )
        put_in_force(self.folder, entry, done.content)

    def _last(self, symbol: str) -> str:
        try:
            return str(manifest_entry(prices_path(symbol)).get("last", ""))
        except DataError:
            return ""

    def _age(self, symbols: Sequence[str]) -> str:
        ends = sorted(filter(None, map(self._last, symbols)))
        if not ends:
            return "there are no prices at hand"
        days = (self.now.date() - dt.date.fromisoformat(ends[-1])).days
        span = ends[0] if ends[0] == ends[-1] else f"{ends[0]} to {ends[-1]}"
        return f"the prices at hand end on {span}, {days} days ago"


def _reason_to_stop(outcomes: Sequence[Outcome]) -> str | None:
    """Return why no further symbol should be asked for, if it is so."""
    newest = outcomes[-1]
    if newest.error in ("RateLimited", CANNOT_WRITE):
        return newest.reason
    unreached = [one.error == "NoNetwork" for one in outcomes]
    if all(unreached) or unreached[-2:] == [True, True]:
        return newest.reason
    return None
