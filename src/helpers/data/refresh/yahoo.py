"""One question to Yahoo through yfinance, and what its answer amounts to.

This is the only module that imports yfinance, and nothing imports it but the
refresh. yfinance raises the same message for many causes and hides others, so
what went wrong is read from the answers themselves, which the session keeps.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
import yfinance
from curl_cffi import requests
from yfinance.data import YfData
from yfinance.exceptions import YFRateLimitError

from helpers.data.refresh.rows import Prices, as_days

Cause = Literal["rate limit", "unknown symbol", "server", "network", "format"]

VERSION: str = yfinance.__version__
CHART_PATH = "/v8/finance/chart/"
META_FIELDS = (
    "currency",
    "exchangeName",
    "exchangeTimezoneName",
    "instrumentType",
    "dataGranularity",
)
COLUMNS = ("Close", "Adj Close", "Volume", "Dividends", "Stock Splits")


@dataclass(frozen=True)
class History:
    """One symbol's daily history as Yahoo gave it.

    Parameters
    ----------
    symbol, name, kind, currency, exchange, timezone : str
        What Yahoo says of the instrument, in its own words (``EQUITY``, ``NMS``).
    prices : Prices
        NaN where Yahoo gives no price; volume 0 also where it gives none.
    repeated : tuple of datetime64
        Dates that Yahoo gives twice with different prices.
    dividends, splits : dict of datetime64 to float
        Amount per share, and new shares per old one, by ex-date.
    """

    symbol: str
    name: str
    kind: str
    currency: str
    exchange: str
    timezone: str
    prices: Prices
    repeated: tuple[np.datetime64, ...]
    dividends: dict[np.datetime64, float]
    splits: dict[np.datetime64, float]


class UnansweredError(Exception):
    """Yahoo gave no usable answer, this time.

    Parameters
    ----------
    cause : {"rate limit", "unknown symbol", "server", "network", "format"}
        What kind of failure it was.
    what : str
        What happened, for the user.
    retry_after : float, optional
        Seconds that the server asked to wait.
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
        self._elsewhere = os.environ.get("HELPERS_YAHOO_URL", "").rstrip("/")
        self.answers: list[requests.Response] = []

    def request(self, method: Any, url: str, *args: Any, **kwargs: Any) -> Any:
        """Send a request; with ``HELPERS_YAHOO_URL`` set, to that address."""
        asked = url
        if self._elsewhere:
            asked = f"{self._elsewhere}/{url.partition('://')[2]}"
        response = super().request(method, asked, *args, **kwargs)
        if CHART_PATH in url:
            self.answers.append(response)
        return response


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
    first: np.datetime64,
    last: np.datetime64,
    *,
    timezone: str | None = None,
    timeout: float = 20.0,
) -> History:
    """Ask once for a symbol's daily history.

    Parameters
    ----------
    session : Session
        As :func:`yahoo_session` gives it.
    symbol : str
        Yahoo's symbol.
    first, last : datetime64[D]
        Dates, both inclusive.
    timezone : str, optional
        The exchange's time zone where it is known, which saves a request.
    timeout : float, optional
        Seconds to wait for an answer.

    Returns
    -------
    History
        At least one date.

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
            start=str(first),
            end=str(last + 1),
            interval="1d",
            auto_adjust=False,
            actions=True,
            keepna=True,
            repair=False,
            timeout=timeout,
        )
    except YFRateLimitError as error:
        raise _rate_limited(session.answers) from error
    except Exception as error:
        # yfinance passes on whatever its parts raise: curl's errors, its own,
        # and KeyError or TypeError where an answer has not the expected form.
        raise _failure(session.answers, error) from error
    if frame.empty:
        raise UnansweredError("server", "the answer holds no prices")
    return _read(symbol, frame, session.answers[-1])


def _rate_limited(answers: Sequence[requests.Response]) -> UnansweredError:
    said = answers[-1].headers.get("Retry-After") if answers else None
    wait = float(said) if said and said.isdigit() else None
    return UnansweredError("rate limit", "too many requests (HTTP 429)", wait)


def _failure(answers: Sequence[requests.Response], error: Exception) -> UnansweredError:
    connection = isinstance(error, requests.exceptions.RequestException)
    if isinstance(error, requests.exceptions.JSONDecodeError):
        connection = False
    if connection or not answers:
        return UnansweredError("network", _in_words(error))
    status = answers[-1].status_code
    if status == 429:
        return _rate_limited(answers)
    payload = _json(answers[-1])
    if payload is None:
        what = f"HTTP {status} with {_nature(answers[-1])} instead of data"
        return UnansweredError("server", what)
    chart = payload.get("chart") if isinstance(payload, dict) else None
    said = chart.get("error") if isinstance(chart, dict) else None
    if isinstance(said, dict):
        reason = str(said.get("description") or said.get("code"))
        cause: Cause = "unknown symbol" if status == 404 else "server"
        return UnansweredError(cause, f"HTTP {status}: {reason}")
    if status >= 400:
        return UnansweredError("server", f"HTTP {status}")
    if isinstance(chart, dict) and not chart.get("result"):
        return UnansweredError("server", "the answer holds no prices")
    return _unexpected(f"{type(error).__name__}: {error}")


def _in_words(error: Exception) -> str:
    """Say what went wrong with a connection, without curl's pointer to a manual."""
    kinds = {
        requests.exceptions.Timeout: "no answer in time",
        requests.exceptions.DNSError: "the name of the server could not be resolved",
        requests.exceptions.IncompleteRead: "the answer broke off",
        requests.exceptions.ConnectionError: "the connection failed",
    }
    words = next((said for kind, said in kinds.items() if isinstance(error, kind)), "")
    detail = str(error).partition(". See ")[0]
    return f"{words} ({detail})" if words else detail


def _json(answer: requests.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


def _nature(answer: requests.Response) -> str:
    kind = str(answer.headers.get("Content-Type", "")).partition(";")[0]
    if "html" in kind:
        return "a web page"
    return "text that is no JSON"


def _unexpected(what: str) -> UnansweredError:
    return UnansweredError(
        "format",
        f"the answer has not the expected form ({what}) as read by yfinance "
        f"{VERSION}: Yahoo may have changed its format, and a newer "
        "yfinance may read it",
    )


def _read(symbol: str, frame: pd.DataFrame, answer: requests.Response) -> History:
    [result] = _json(answer)["chart"]["result"]
    meta, indicators = result["meta"], result["indicators"]
    lacking = [field for field in META_FIELDS if not meta.get(field)]
    if lacking:
        raise _unexpected(f"meta lacks {', '.join(lacking)}")
    if meta["dataGranularity"] != "1d":
        raise _unexpected(f"prices are for {meta['dataGranularity']}, not 1d")
    if not indicators.get("adjclose"):
        # yfinance would pass off the plain close as the adjusted one.
        raise _unexpected("there is no adjusted close")
    lacking = [column for column in COLUMNS if column not in frame]
    if lacking:
        raise _unexpected(f"no column {', '.join(lacking)}")
    dates = as_days(pd.DatetimeIndex(frame.index).tz_localize(None))
    columns = {name: frame[name].to_numpy(dtype=float) for name in COLUMNS}
    dividends, splits = (
        {dates[i]: float(columns[name][i]) for i in columns[name].nonzero()[0]}
        for name in ("Dividends", "Stock Splits")
    )
    prices = Prices(dates, columns["Close"], columns["Adj Close"], columns["Volume"])
    return History(
        symbol=symbol,
        name=str(meta.get("longName") or meta.get("shortName") or symbol),
        kind=meta["instrumentType"],
        currency=meta["currency"],
        exchange=meta["exchangeName"],
        timezone=meta["exchangeTimezoneName"],
        prices=prices,
        repeated=_repeated(result, prices),
        dividends=dividends,
        splits=splits,
    )


def _repeated(result: dict[str, Any], prices: Prices) -> tuple[np.datetime64, ...]:
    """Return the dates that occur twice with different prices.

    yfinance keeps one row of each date without a word. Equal rows are harmless:
    Yahoo often gives the newest session twice.
    """
    if len(prices) == len(result["timestamp"]) and not np.isnan(prices.close).any():
        return ()
    stamps = pd.to_datetime(pd.Index(result["timestamp"]), unit="s", utc=True)
    local = stamps.tz_convert(result["meta"]["exchangeTimezoneName"])
    closes = pd.Series(
        result["indicators"]["quote"][0]["close"],
        index=as_days(local.tz_localize(None)),
        dtype=float,
    )
    kinds = closes.dropna().groupby(level=0).nunique()
    return tuple(as_days(kinds.index[kinds > 1]))
