"""Asking Yahoo again until it answers, patiently and not for ever."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpers.errors import DataError, NoNetwork, RateLimited, SymbolUnavailable

if TYPE_CHECKING:
    import pandas as pd

    from helpers.refresh.history import History
    from helpers.refresh.yahoo import Session, UnansweredError

LONGEST_WAIT = 300.0
# Waits are multiples of the pause, doubled with each try.
FIRST_WAIT = {"rate limit": 20.0}
OTHER_FIRST_WAIT = 2.0
# Asking again and again cannot help against these.
FEWER_TRIES = {"unknown symbol": 2, "format": 1, "cache": 1}

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Patience:
    """How long to wait for Yahoo, and how often to ask.

    Parameters
    ----------
    pause : float
        Seconds between two symbols. After a failure the wait is 2 pauses, then 4,
        8 and so on; after HTTP 429 it is 20, 40, 80; up to half as much again is
        added by chance, and no wait is longer than five minutes.
    tries : int
        Times to ask for a symbol before giving it up.
    timeout : float
        Seconds to wait for one answer.
    """

    pause: float = 1.5
    tries: int = 4
    timeout: float = 20.0

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        if not (self.pause >= 0 and self.tries >= 1 and self.timeout > 0):
            raise DataError(
                f"pause {self.pause:g}, tries {self.tries} and timeout "
                f"{self.timeout:g} must be 0 or more, 1 or more and above 0."
            )

    def wait_after(self, cause: str, attempt: int) -> float:
        """Return the seconds to wait after try number `attempt` failed."""
        first = self.pause * FIRST_WAIT.get(cause, OTHER_FIRST_WAIT)
        wait = first * 2 ** (attempt - 1) * random.uniform(1.0, 1.5)
        return min(wait, LONGEST_WAIT)


def fetch(
    session: Session,
    symbol: str,
    first: pd.Timestamp,
    last: pd.Timestamp,
    *,
    timezone: str | None,
    patience: Patience,
    tell: Tell,
) -> History:
    """Ask as :func:`helpers.refresh.yahoo.ask` until there is an answer.

    Raises
    ------
    RateLimited, NoNetwork, SymbolUnavailable
        If every try failed, by the cause of the last one.
    """
    from helpers.refresh.yahoo import UnansweredError, ask

    attempt, timeout = 0, patience.timeout
    while True:
        attempt += 1
        tell(f"try {attempt} of {patience.tries}")
        try:
            return ask(session, symbol, first, last, timezone, timeout)
        except UnansweredError as error:
            wait = patience.wait_after(error.cause, attempt)
            asked = error.retry_after or 0.0
            tries = min(patience.tries, FEWER_TRIES.get(error.cause, patience.tries))
            if attempt >= tries or asked > LONGEST_WAIT:
                raise _given_up(symbol, error, attempt) from error
            pause(max(wait, asked), tell, f"{error.what}; try {attempt + 1} in")


def pause(seconds: float, tell: Tell, what: str) -> None:
    """Wait, telling every second how long it still takes."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        tell(f"{what} {left:.0f} s")
        time.sleep(min(left, 1.0))


def _given_up(symbol: str, error: UnansweredError, attempt: int) -> DataError:
    tried = f"{attempt} tries" if attempt > 1 else "one try"
    wait = f"{error.retry_after:.0f} seconds" if error.retry_after else "an hour"
    kinds: dict[str, tuple[type[DataError], str]] = {
        "rate limit": (
            RateLimited,
            f" Yahoo limits requests: wait {wait}, then run it again.",
        ),
        "network": (NoNetwork, " Check the connection, then run it again."),
        "unknown symbol": (
            SymbolUnavailable,
            " Yahoo writes BRK-B, 0700.HK and 688981.SS: check the symbol on its own "
            "page. It says the same of a firm delisted and, at times, of one that it "
            "cannot find just now.",
        ),
        "server": (SymbolUnavailable, " That is Yahoo's side: run it again later."),
    }
    kind, advice = kinds.get(error.cause, (SymbolUnavailable, ""))
    return kind(f"{symbol}: {error.what}, after {tried}.{advice}")
