"""One question to Yahoo through yfinance, and what its answer amounts to.

This is the only module that imports yfinance, and nothing imports it but the
refresh. yfinance raises the same message for many causes and hides others, so
what went wrong is read from the answers themselves, which the session keeps.
"""

from __future__ import annotations

import logging
import math
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import peewee
import platformdirs
import yfinance
from curl_cffi import requests
from yfinance.data import YfData
from yfinance.exceptions import YFRateLimitError

from helpers.refresh.history import History

Cause = Literal["rate limit", "unknown symbol", "server", "network", "format", "cache"]

VERSION: str = yfinance.__version__
ELSEWHERE = "HELPERS_YAHOO_URL"
CHART_PATH = "/v8/finance/chart/"
# A daily history of a hundred years takes a tenth of this.
LARGEST_ANSWER = 30_000_000
META_FIELDS = (
    "symbol",
    "currency",
    "exchangeName",
    "exchangeTimezoneName",
    "instrumentType",
    "dataGranularity",
)
COLUMNS = {"Close": "close", "Adj Close": "adj_close", "Volume": "volume"}


class UnansweredError(Exception):
    """Yahoo gave no usable answer, this time: the cause, and for the user what it was.

    ``retry_after`` is the seconds that the server asked to wait.
    """

    def __init__(
        self, cause: Cause, what: str, retry_after: float | None = None
    ) -> None:
        super().__init__(what)
        self.cause = cause
        self.what = what
        self.retry_after = retry_after


class Session(requests.Session[requests.Response]):
    """A browser-like session that keeps the answers to questions for prices."""

    def __init__(self) -> None:
        super().__init__(impersonate="chrome")
        self.elsewhere = os.environ.get(ELSEWHERE, "").rstrip("/")
        self.answers: list[requests.Response] = []

    def request(self, method: Any, url: str, *args: Any, **kwargs: Any) -> Any:
        """Send a request; with ``HELPERS_YAHOO_URL`` set, to that address."""
        asked = url
        if self.elsewhere:
            asked = f"{self.elsewhere}/{url.partition('://')[2]}"
        received = bytearray()

        def receive(chunk: bytes) -> int:
            if len(received) + len(chunk) > LARGEST_ANSWER:
                return 0  # which makes curl give up, whatever was packed into it
            received.extend(chunk)
            return len(chunk)

        kwargs["content_callback"] = receive
        response = super().request(method, asked, *args, **kwargs)
        response.content = bytes(received)
        if CHART_PATH in url:
            self.answers.append(response)
        return response

    @property
    def source(self) -> str:
        """What provenance says: where prices came from."""
        return self.elsewhere or "Yahoo Finance"


@contextmanager
def yahoo_session() -> Iterator[Session]:
    """Open a session, with yfinance set to raise instead of to hide and to print."""
    # bs4 is what yfinance reads Yahoo's page of consent to cookies with.
    loggers = [logging.getLogger(name) for name in ("yfinance", "bs4")]
    levels = [logger.level for logger in loggers]
    hidden = yfinance.config.debug.hide_exceptions
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    yfinance.config.debug.hide_exceptions = False
    try:
        with Session() as session:
            yield session
    finally:
        yfinance.config.debug.hide_exceptions = hidden
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def ask(
    session: Session,
    symbol: str,
    first: pd.Timestamp,
    last: pd.Timestamp,
    timezone: str | None,
    timeout: float,
) -> History:
    """Ask once for a symbol's daily history.

    Parameters
    ----------
    session : Session
        As :func:`yahoo_session` gives it.
    symbol : str
        Yahoo's symbol.
    first, last : Timestamp
        Dates, both inclusive.
    timezone : str or None
        The exchange's time zone where it is known, which saves a request.
    timeout : float
        Seconds to wait for an answer.

    Raises
    ------
    UnansweredError
        If there is no usable answer.
    """
    session.answers.clear()
    # yfinance keeps failed answers to questions about the past, and would give
    # them again without asking.
    YfData(session=session).cache_get.cache_clear()
    ticker = yfinance.Ticker(symbol, session=session)
    if timezone is not None:
        ticker._tz = timezone
    try:
        frame = ticker.history(
            start=f"{first:%Y-%m-%d}",
            end=f"{last + pd.Timedelta(days=1):%Y-%m-%d}",
            interval="1d",
            auto_adjust=False,
            actions=True,
            keepna=True,
            repair=False,
            timeout=timeout,
        )
        if frame.empty:
            raise UnansweredError("server", "the answer holds no prices")
        return _read(symbol, frame, session)
    except UnansweredError:
        raise
    # yfinance passes on whatever its parts raise: curl's errors, its own, and any
    # other where an answer has not the expected form.
    except Exception as error:
        raise _failure(session, error) from error


def _failure(session: Session, error: Exception) -> UnansweredError:
    if isinstance(error, peewee.PeeweeException):
        return UnansweredError(
            "cache",
            f"yfinance's own cache cannot be used ({plain(error)}): remove the folder "
            f"{Path(platformdirs.user_cache_dir()) / 'py-yfinance'}",
        )
    answer = session.answers[-1] if session.answers else None
    if isinstance(error, YFRateLimitError) or (answer and answer.status_code == 429):
        said = (answer.headers.get("Retry-After") or "") if answer else ""
        wait = float(said) if re.fullmatch(r"[0-9]{1,6}", said) else None
        return UnansweredError("rate limit", "too many requests (HTTP 429)", wait)
    is_of_curl = isinstance(error, requests.exceptions.RequestException)
    if answer is None or (
        is_of_curl and not isinstance(error, requests.exceptions.JSONDecodeError)
    ):
        return UnansweredError("network", _in_words(error))
    status = answer.status_code
    try:
        chart = answer.json()["chart"]
        said = chart["error"] or {}
        reason = plain(said.get("description") or said.get("code") or "")
    except Exception:
        kind = str(answer.headers.get("Content-Type", "")).partition(";")[0]
        nature = "a web page" if "html" in kind else "text that is no chart"
        return UnansweredError("server", f"HTTP {status} with {nature} instead of data")
    if reason:
        cause: Cause = "unknown symbol" if status == 404 else "server"
        return UnansweredError(cause, f"HTTP {status}: {reason}")
    if status >= 400:
        return UnansweredError("server", f"HTTP {status}")
    if not chart.get("result"):
        return UnansweredError("server", "the answer holds no prices")
    return _unexpected(f"{type(error).__name__}: {plain(error)}")


def _in_words(error: Exception) -> str:
    """Say what went wrong with a connection, without curl's pointer to a manual."""
    kinds = {
        requests.exceptions.Timeout: "no answer in time",
        requests.exceptions.DNSError: "the name of the server could not be resolved",
        requests.exceptions.IncompleteRead: "the answer broke off",
        requests.exceptions.ConnectionError: "the connection failed",
    }
    words = next((said for kind, said in kinds.items() if isinstance(error, kind)), "")
    detail = plain(error).partition(". See ")[0]
    return f"{words} ({detail})" if words else detail


def plain(text: object) -> str:
    """Return what somebody else wrote as one short line, fit for a terminal."""
    printable = "".join(c if c.isprintable() else " " for c in str(text)[:1000])
    return " ".join(printable.split())[:200]


def _unexpected(what: str) -> UnansweredError:
    return UnansweredError(
        "format",
        f"the answer has not the expected form ({what}) as read by yfinance "
        f"{VERSION}: Yahoo may have changed its format, and a newer "
        "yfinance may read it",
    )


def _read(symbol: str, frame: pd.DataFrame, session: Session) -> History:
    [result] = session.answers[-1].json()["chart"]["result"]
    meta, indicators = result["meta"], result["indicators"]
    lacking = [field for field in META_FIELDS if not meta.get(field)]
    if lacking:
        raise _unexpected(f"meta lacks {', '.join(lacking)}")
    if meta["symbol"] != symbol:
        said = f"Yahoo answers for {plain(meta['symbol'])}: renamed, or another"
        raise UnansweredError("unknown symbol", said)
    if meta["dataGranularity"] != "1d":
        raise _unexpected(f"prices are for {plain(meta['dataGranularity'])}, not 1d")
    if not indicators.get("adjclose"):
        # yfinance would pass off the plain close as the adjusted one.
        raise _unexpected("there is no adjusted close")
    prices = frame[list(COLUMNS)].astype(float).set_axis(list(COLUMNS.values()), axis=1)
    prices.index = (
        pd.DatetimeIndex(frame.index).tz_localize(None).normalize().as_unit("ns")
    )
    dividends, splits = (
        {
            day: float(value)
            for day, value in zip(prices.index, frame[name], strict=True)
            if value != 0
        }
        for name in ("Dividends", "Stock Splits")
    )
    if not all(0 < one < math.inf for one in (*dividends.values(), *splits.values())):
        raise _unexpected("a dividend or split is no positive number")
    traded = meta.get("regularMarketTime")
    return History(
        prices=prices,
        source=session.source,
        name=plain(meta.get("longName") or meta.get("shortName") or symbol),
        kind=plain(meta["instrumentType"]),
        currency=plain(meta["currency"]),
        exchange=plain(meta["exchangeName"]),
        timezone=plain(meta["exchangeTimezoneName"]),
        dividends=dividends,
        splits=splits,
        repeated=_repeated(result, prices),
        traded_at=None if not traded else pd.Timestamp(traded, unit="s", tz="UTC"),
    )


def _repeated(result: dict[str, Any], prices: pd.DataFrame) -> tuple[pd.Timestamp, ...]:
    """Return the dates that occur twice with different prices.

    yfinance keeps one row of each date without a word. Equal rows are harmless:
    Yahoo often gives the newest session twice.
    """
    stamps = pd.to_datetime(pd.Index(result["timestamp"]), unit="s", utc=True)
    local = stamps.tz_convert(result["meta"]["exchangeTimezoneName"])
    dates = local.tz_localize(None).normalize().as_unit("ns")
    closes = pd.Series(
        result["indicators"]["quote"][0]["close"], index=dates, dtype=float
    )
    kinds = closes.dropna().groupby(level=0).nunique()
    return tuple(kinds.index[kinds > 1])
