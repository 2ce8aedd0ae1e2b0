"""Yahoo's words for exchanges and kinds of instruments, in ours."""

from __future__ import annotations

import datetime as dt

import numpy as np

from helpers.data.calendars import session_hours

MIC_OF = {
    "AMS": "XAMS",
    "ASE": "XASE",
    "BTS": "BATS",
    "DJI": "XNYS",
    "GER": "XETR",
    "HKG": "XHKG",
    "JPX": "XTKS",
    "KOE": "XKOS",
    "KSC": "XKRX",
    "NCM": "XNAS",
    "NGM": "XNAS",
    "NIM": "XNYS",  # indexes of Nasdaq: New York's hours
    "NMS": "XNAS",
    "NYQ": "XNYS",
    "PCX": "ARCX",
    "SHH": "XSHG",
    "SHZ": "XSHE",
    "SNP": "XNYS",  # indexes of S&P
    "TAI": "XTAI",
}
KIND_OF = {"EQUITY": "share", "ETF": "etf", "INDEX": "index"}

# The local market, by calendar: what instruments.csv takes for the bundled ones.
BENCHMARK_OF = {"XNYS": "^GSPC", "XHKG": "^HSI", "XSHG": "000300.SS"}
MAX_MOVE_OF = {"share": 0.25, "etf": 0.15, "index": 0.12}
ROLE_OF = {"share": "firm", "etf": "fund", "index": "gauge"}

# Yahoo shows closing prices late now and then, and Hong Kong's closing auction
# ends after the calendar's close.
SETTLED_AFTER = dt.timedelta(hours=1)


def last_complete_session(
    exchange: str, now: dt.datetime
) -> tuple[np.datetime64, str | None]:
    """Return the last session of an exchange that is over for good.

    Parameters
    ----------
    exchange : str
        Market identifier code.
    now : datetime
        The present, with a time zone.

    Returns
    -------
    session : datetime64[D]
        The session.
    remark : str or None
        What to tell if newer sessions cannot be told from holidays.
    """
    closes = session_hours(exchange)["close"]
    settled = int(closes.searchsorted(now - SETTLED_AFTER, side="right"))
    session = np.datetime64(closes.index[max(settled, 1) - 1], "D")
    if settled < len(closes):
        return session, None
    return session, (
        f"the calendar of {exchange} ends on {session}: newer prices cannot be checked "
        "without a newer release of this package"
    )


def max_move(symbol: str, kind: str, mic: str) -> float:
    """Return the largest one-day return of a new instrument that needs no reason.

    As in the codebook: for mainland shares just above the limit of the exchange,
    which is wider on the STAR Market and ChiNext.
    """
    if kind == "share" and mic in ("XSHG", "XSHE"):
        return 0.2025 if symbol.startswith(("688", "300", "301")) else 0.1025
    return MAX_MOVE_OF[kind]
