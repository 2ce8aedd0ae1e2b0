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
    from helpers.refresh.yahoo import Session

Tell = Callable[[str], None]

LONGEST_WAIT = 300.0
# The first wait in pauses; it doubles with each try.
FIRST_WAIT = {"rate limit": 20.0}
OTHER_FIRST_WAIT = 2.0
# Asking again and again cannot help against these.
FEWER_TRIES = {"unknown symbol": 2, "format": 1, "cache": 1}
ADVICE: dict[str, tuple[type[DataError], str]] = {
    "rate limit": (RateLimited, " Yahoo limits requests: wait {wait}; run it again."),
    "network": (NoNetwork, " Check the connection, then run it again."),
    "unknown symbol": (
        SymbolUnavailable,
        " Yahoo writes BRK-B, 0700.HK and 688981.SS: check the symbol on its own page. "
        "It says the same of a firm delisted and, at times, of one that it cannot find "
        "just now.",
    ),
    "server": (SymbolUnavailable, " That is Yahoo's side: run it again later."),
}


@dataclass(frozen=True)
class Patience:
    """How long to wait for Yahoo, and how often to ask.

    Parameters
    ----------
    pause : float
        Seconds between two symbols. After a failure the wait is 2 pauses, then 4 and
        so on, after HTTP 429 10 times as long; up to half as much again by chance,
        never longer than five minutes.
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
        return min(first * 2 ** (attempt - 1) * random.uniform(1, 1.5), LONGEST_WAIT)


def fetch(
    session: Session,
    symbol: str,
    span: tuple[pd.Timestamp, pd.Timestamp],
    timezone: str | None = None,
) -> History:
    """Ask as :func:`helpers.refresh.yahoo.ask` until there is an answer.

    After the last try it raises ``RateLimited``, ``NoNetwork``, ``SymbolUnavailable``.
    """
    from helpers.refresh.yahoo import UnansweredError, ask

    patience, attempt = session.patience, 0
    while True:
        attempt += 1
        session.tell(f"{symbol}: try {attempt} of {patience.tries}")
        try:
            return ask(session, symbol, span, timezone)
        except UnansweredError as error:
            wait, tries = error.retry_after, FEWER_TRIES.get(error.cause, 99)
            if attempt >= min(patience.tries, tries) or wait > LONGEST_WAIT:
                kind, advice = ADVICE.get(error.cause, (SymbolUnavailable, ""))
                tried = f"{attempt} tries" if attempt > 1 else "one try"
                advice = advice.format(
                    wait=f"{wait:.0f} seconds" if wait else "an hour"
                )
                raise kind(f"{symbol}: {error}, after {tried}.{advice}") from error
            wait = max(patience.wait_after(error.cause, attempt), wait)
            session.tell(f"{symbol}: {error}; asked again in {wait:.0f} s")
            time.sleep(wait)
