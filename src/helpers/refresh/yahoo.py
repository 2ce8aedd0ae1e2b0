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
from pathlib import Path
from typing import Any

import pandas as pd
import peewee
import platformdirs
import yfinance
from curl_cffi import requests
from yfinance.data import YfData
from yfinance.exceptions import YFRateLimitError

from helpers.data.text import one_line
from helpers.refresh.fetch import Patience, Tell
from helpers.refresh.history import History

VERSION: str = yfinance.__version__
ELSEWHERE = "HELPERS_YAHOO_URL"
CHART_PATH = "/v8/finance/chart/"
# A daily history of a hundred years takes a tenth of this.
LARGEST_ANSWER = 30_000_000
META_FIELDS = (
    "symbol", "currency", "exchangeName", "exchangeTimezoneName", "instrumentType",
    "dataGranularity", "regularMarketTime",
)  # fmt: skip
COLUMNS = {"Close": "close", "Adj Close": "adj_close", "Volume": "volume"}
# yfinance is to raise instead of to hide and to print; bs4 is what it reads Yahoo's
# page of consent to cookies with.
yfinance.config.debug.hide_exceptions = False
for _name in ("yfinance", "bs4"):
    logging.getLogger(_name).addHandler(logging.NullHandler())


class UnansweredError(Exception):
    """Yahoo gave no usable answer, this time.

    The cause is rate limit, unknown symbol, server, network, format or cache; what it
    was is for the user, `retry_after` the seconds that the server asked to wait.
    """

    def __init__(self, cause: str, what: str, retry_after: float = 0.0) -> None:
        super().__init__(what)
        self.cause = cause
        self.retry_after = retry_after


class Session(requests.Session[requests.Response]):
    """A browser-like session that keeps the answers to questions for prices."""

    def __init__(self, patience: Patience, tell: Tell) -> None:
        super().__init__(impersonate="chrome")
        self.patience, self.tell = patience, tell
        self.elsewhere = os.environ.get(ELSEWHERE, "").rstrip("/")
        # What provenance says: where prices came from, without a password.
        self.source = re.sub("//[^/]*@", "//", self.elsewhere) or "Yahoo Finance"
        self.answers: list[requests.Response] = []
        self.overran = False

    def request(self, method: Any, url: str, *args: Any, **kwargs: Any) -> Any:
        """Send a request; with ``HELPERS_YAHOO_URL`` set, to that address."""
        path = url.partition("://")[2]
        asked = f"{self.elsewhere}/{path}" if self.elsewhere else url
        self.overran, received = False, bytearray()

        def receive(chunk: bytes) -> int:
            if len(received) + len(chunk) > LARGEST_ANSWER:
                self.overran = True
                return 0  # which makes curl give up, whatever was packed into it
            received.extend(chunk)
            return len(chunk)

        kwargs["content_callback"] = receive
        response = super().request(method, asked, *args, **kwargs)
        response.content = bytes(received)
        if CHART_PATH in url:
            self.answers.append(response)
        return response


def ask(
    session: Session,
    symbol: str,
    span: tuple[pd.Timestamp, pd.Timestamp],
    timezone: str | None,
) -> History:
    """Ask once for a symbol's daily history, from the first to the last date of a span.

    A time zone that is known saves a request. If there is no usable answer, it raises
    ``UnansweredError``.
    """
    session.answers.clear()
    # yfinance keeps failed answers to questions about the past, and would give
    # them again without asking.
    YfData(session=session).cache_get.cache_clear()
    ticker = yfinance.Ticker(symbol, session=session)
    if timezone is not None:
        ticker._tz = timezone
    first, last = span
    try:
        frame = ticker.history(
            start=f"{first:%Y-%m-%d}",
            end=f"{last + pd.Timedelta(days=1):%Y-%m-%d}",
            interval="1d", auto_adjust=False, actions=True, keepna=True, repair=False,
            timeout=session.patience.timeout,
        )  # fmt: skip
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
        folder = Path(platformdirs.user_cache_dir()) / "py-yfinance"
        said = f"yfinance's own cache cannot be used ({one_line(error)}): remove the "
        return UnansweredError("cache", f"{said}folder {folder}")
    if session.overran:
        return UnansweredError("server", "the answer is larger than prices can be")
    answer = session.answers[-1] if session.answers else None
    status = 0 if answer is None else answer.status_code
    if isinstance(error, YFRateLimitError) or status == 429:
        said = "" if answer is None else answer.headers.get("Retry-After") or ""
        wait = float(said) if re.fullmatch(r"[0-9]{1,6}", said) else 0.0
        return UnansweredError("rate limit", "too many requests (HTTP 429)", wait)
    if answer is None or (
        isinstance(error, requests.exceptions.RequestException)
        and not isinstance(error, requests.exceptions.JSONDecodeError)
    ):
        # Without curl's pointer to a manual.
        return UnansweredError("network", one_line(error).partition(". See ")[0])
    try:
        chart = answer.json()["chart"]
        why = chart["error"] or {}
        reason = one_line(why.get("description") or why.get("code") or "")
    except Exception:
        kind = str(answer.headers.get("Content-Type", "")).partition(";")[0]
        nature = "a web page" if "html" in kind else "text that is no chart"
        return UnansweredError("server", f"HTTP {status} with {nature} instead of data")
    if reason:
        cause = "unknown symbol" if status == 404 else "server"
        return UnansweredError(cause, f"HTTP {status}: {reason}")
    if status >= 400:
        return UnansweredError("server", f"HTTP {status}")
    if not chart.get("result"):
        return UnansweredError("server", "the answer holds no prices")
    return _unexpected(f"{type(error).__name__}: {one_line(error)}")


def _unexpected(what: str) -> UnansweredError:
    return UnansweredError(
        "format",
        f"the answer has not the expected form ({what}) as read by yfinance "
        f"{VERSION}: a newer one may read it",
    )


def _read(symbol: str, frame: pd.DataFrame, session: Session) -> History:
    [result] = session.answers[-1].json()["chart"]["result"]
    about = {name: one_line(value or "") for name, value in result["meta"].items()}
    lacking = [field for field in META_FIELDS if not about.get(field)]
    if lacking:
        raise _unexpected(f"meta lacks {', '.join(lacking)}")
    if about["symbol"] != symbol:
        said = f"Yahoo answers for {about['symbol']}: renamed, or another"
        raise UnansweredError("unknown symbol", said)
    if about["dataGranularity"] != "1d":
        raise _unexpected(f"prices are for {about['dataGranularity']}, not 1d")
    if not result["indicators"].get("adjclose"):
        # yfinance would pass off the plain close as the adjusted one.
        raise _unexpected("there is no adjusted close")
    prices = frame[list(COLUMNS)].astype(float).set_axis(list(COLUMNS.values()), axis=1)
    prices.index = (
        pd.DatetimeIndex(frame.index).tz_localize(None).normalize().as_unit("ns")
    )
    dividends, splits = (
        {day: float(value) for day, value in listed[listed != 0].items()}
        for listed in (
            frame[name].set_axis(prices.index) for name in ("Dividends", "Stock Splits")
        )
    )
    if not all(0 < one < math.inf for one in (*dividends.values(), *splits.values())):
        raise _unexpected("a dividend or split is no positive number")
    return History(
        prices=prices,
        source=session.source,
        name=about.get("longName") or about.get("shortName") or symbol,
        kind=about["instrumentType"],
        currency=about["currency"],
        exchange=about["exchangeName"],
        timezone=about["exchangeTimezoneName"],
        dividends=dividends,
        splits=splits,
        repeated=_repeated(result),
        traded_at=pd.Timestamp(result["meta"]["regularMarketTime"], unit="s", tz="UTC"),
    )


def _repeated(result: dict[str, Any]) -> tuple[pd.Timestamp, ...]:
    """Return the dates that occur twice with different prices.

    yfinance keeps one row of each date without a word. Equal rows are harmless:
    Yahoo often gives the newest session twice.
    """
    stamps = pd.to_datetime(pd.Index(result["timestamp"]), unit="s", utc=True)
    local = stamps.tz_convert(result["meta"]["exchangeTimezoneName"])
    dates = local.tz_localize(None).normalize().as_unit("ns")
    quote = result["indicators"]["quote"][0]["close"]
    closes = pd.Series(quote, index=dates, dtype=float)
    kinds = closes.dropna().groupby(level=0).nunique()
    return tuple(kinds.index[kinds > 1])
