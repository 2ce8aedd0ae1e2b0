"""Yahoo's words for exchanges and kinds of instruments, in ours."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from helpers.data.calendars import session_hours

# Indexes of Cboe, Dow Jones, Nasdaq and S&P keep New York's hours.
_YAHOOS = {
    "ARCX": "PCX", "BATS": "BTS", "XAMS": "AMS", "XASE": "ASE", "XETR": "GER",
    "XHKG": "HKG", "XKOS": "KOE", "XKRX": "KSC", "XNAS": "NCM NGM NMS",
    "XNYS": "CXI DJI NIM NYQ SNP WCB", "XSHE": "SHZ", "XSHG": "SHH", "XTAI": "TAI",
    "XTKS": "JPX",
}  # fmt: skip
MIC_OF = {theirs: mic for mic, names in _YAHOOS.items() for theirs in names.split()}
KIND_OF = {"EQUITY": "share", "ETF": "etf", "INDEX": "index"}

# The local market, by calendar: what instruments.csv takes for the bundled ones.
BENCHMARK_OF = {"XNYS": "^GSPC", "XHKG": "^HSI", "XSHG": "000300.SS"}
CURRENCY_OF = {
    "XNYS": "USD", "XHKG": "HKD", "XSHG": "CNY", "XKRX": "KRW", "XTAI": "TWD",
    "XTKS": "JPY", "XAMS": "EUR", "XETR": "EUR",
}  # fmt: skip
# What Yahoo appends to a symbol -> market; a share without is taken for a US one.
MIC_OF_SUFFIX = {
    "HK": "XHKG", "SS": "XSHG", "SZ": "XSHE", "KS": "XKRX", "KQ": "XKOS", "TW": "XTAI",
    "T": "XTKS", "AS": "XAMS", "DE": "XETR",
}  # fmt: skip
ROLE_OF = {"share": "firm", "etf": "fund", "index": "gauge"}
MAX_MOVE_OF = {"share": 0.25, "etf": 0.15, "index": 0.12}
# Just above what the exchange lets a share move in one session: beyond it is no trade
# but a bonus issue or a split.
LIMIT_OF = {
    "XSHG": 0.1025, "XSHE": 0.1025, "XTAI": 0.1025, "XKRX": 0.3025, "XKOS": 0.3025
}  # fmt: skip
WIDER_LIMIT = 0.2025  # on the STAR Market and ChiNext

# Yahoo shows closing prices late now and then, and Hong Kong's closing auction
# ends after the calendar's close.
SETTLED_AFTER = dt.timedelta(hours=1)


def last_complete_session(
    exchange: str, now: dt.datetime, until: pd.Timestamp | None = None
) -> pd.Timestamp:
    """Return the last session that is over for good, or `until` if that is earlier.

    `exchange` is a market identifier code, `now` has a time zone.
    """
    closes = session_hours(exchange)["close"]
    settled = int(closes.searchsorted(now - SETTLED_AFTER, side="right"))
    last = closes.index[max(settled, 1) - 1]
    return last if until is None else min(last, until)


def max_move(symbol: str, kind: str, mic: str) -> float:
    """Return the largest one-day return of a new instrument that needs no reason.

    As in the codebook: for shares just above the limit of the exchange.
    """
    if kind != "share" or mic not in LIMIT_OF:
        return MAX_MOVE_OF.get(kind, 0.0)  # another kind is refused by its row
    is_wider = mic[:3] == "XSH" and symbol.startswith(("688", "300", "301"))
    return WIDER_LIMIT if is_wider else LIMIT_OF[mic]
