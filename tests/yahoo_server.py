"""A server that answers as Yahoo does, from the bundled prices, and can misbehave.

As a program, ``python yahoo_server.py DATA SYMBOL...`` prints its address and serves
until it is ended.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pandas as pd

from helpers.data.calendars import exchange_timezone, session_hours
from helpers.data.files import using_data_dir
from helpers.data.instruments import load_instruments
from helpers.data.prices import load_table
from helpers.data.snapshot import bundled_data

CHART = "/v8/finance/chart/"
EXCHANGES = {
    "ARCX": "PCX",
    "XHKG": "HKG",
    "XKRX": "KSC",
    "XNAS": "NMS",
    "XNYS": "NYQ",
    "XSHE": "SHZ",
    "XSHG": "SHH",
}
KINDS = {"share": "EQUITY", "etf": "ETF", "index": "INDEX"}
WEB_PAGE = b"<!DOCTYPE html><html><body>Sorry, something went wrong.</body></html>"

Chart = dict[str, Any]
Change = Callable[[Chart], None]


@dataclass
class Fault:
    """How to misbehave.

    Parameters
    ----------
    status : int
        HTTP status.
    body : bytes, optional
        Sent in place of the chart.
    change : callable, optional
        Edits the chart before it is sent.
    headers : dict
        Sent as well.
    cut, reset : bool
        Break off in the middle of the body; close the connection without a word.
    delay : float
        Seconds to wait in the middle of the body.
    times : int, optional
        How many questions for prices to spoil; default all.
    """

    status: int = 200
    body: bytes | None = None
    change: Change | None = None
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    reset: bool = False
    delay: float = 0.0
    times: int | None = None


class YahooServer:
    """Charts of instruments, and the pages that yfinance asks for before them.

    Attributes
    ----------
    url : str
        Its address.
    faults : dict of str to Fault
        By symbol; ``*`` for all.
    asked : list of str
        Symbols whose prices were asked for, in order.
    dividends, splits : dict
        Symbol to {date: amount} and {date: new shares per old}.
    """

    def __init__(self, data: Path, symbols: Sequence[str]) -> None:
        with using_data_dir(data), bundled_data():
            self._instruments = load_instruments().loc[list(symbols)]
            self._tables = {symbol: load_table(symbol) for symbol in symbols}
            hours = {
                mic: session_hours(mic) for mic in self._instruments["mic"].unique()
            }
            self._opens = {mic: table["open"] for mic, table in hours.items()}
            self._closes = {mic: table["close"] for mic, table in hours.items()}
        self.faults: dict[str, Fault] = {}
        self.asked: list[str] = []
        self.dividends: dict[str, dict[str, float]] = {}
        self.splits: dict[str, dict[str, float]] = {}
        self._lock = threading.Lock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                server._answer(self)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                pass  # a client that was killed or gave up waiting

        self._http = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def serve(self) -> None:
        """Serve until :meth:`close`."""
        self._http.serve_forever(poll_interval=0.02)

    def close(self) -> None:
        """Stop serving."""
        self._http.shutdown()
        self._http.server_close()

    def chart(self, symbol: str, first: float, last: float) -> Chart:
        """Return the chart of a symbol, of sessions that open in [first, last)."""
        row, table = self._instruments.loc[symbol], self._tables[symbol]
        opens = self._opens[row["mic"]].reindex(table.index)
        stamps = pd.Series([int(o.timestamp()) for o in opens], index=table.index)
        inside = (stamps >= first) & (stamps < last)
        table, stamps = table[inside], stamps[inside]
        closes = table["close"].fillna(table["adj_close"]).tolist()
        volumes = [None if v != v else int(v) for v in table["volume"]]
        by_day = {f"{day:%Y-%m-%d}": stamp for day, stamp in stamps.items()}
        return {
            "meta": {
                "currency": row["currency"],
                "symbol": symbol,
                "exchangeName": EXCHANGES[row["mic"]],
                "instrumentType": KINDS[row["kind"]],
                "exchangeTimezoneName": exchange_timezone(row["mic"]),
                "dataGranularity": "1d",
                "longName": row["name"],
                "regularMarketTime": self._traded_at(row["mic"]),
                "priceHint": 2,
                "validRanges": ["1d", "5d", "1y", "max"],
            },
            "timestamp": stamps.tolist(),
            "events": {
                "dividends": {
                    str(by_day[day]): {"amount": amount, "date": by_day[day]}
                    for day, amount in self.dividends.get(symbol, {}).items()
                    if day in by_day
                },
                "splits": {
                    str(by_day[day]): {
                        "date": by_day[day],
                        "numerator": ratio,
                        "denominator": 1,
                        "splitRatio": f"{ratio:g}:1",
                    }
                    for day, ratio in self.splits.get(symbol, {}).items()
                    if day in by_day
                },
            },
            "indicators": {
                "quote": [
                    {
                        "open": list(closes),
                        "high": list(closes),
                        "low": list(closes),
                        "close": list(closes),
                        "volume": volumes,
                    }
                ],
                "adjclose": [{"adjclose": table["adj_close"].tolist()}],
            },
        }

    def _traded_at(self, mic: str) -> int:
        """Return when the newest session of the data ended: Yahoo's market time."""
        newest = max(
            table.index[-1]
            for symbol, table in self._tables.items()
            if self._instruments.at[symbol, "mic"] == mic
        )
        return int(self._closes[mic][newest].timestamp())

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        asked = urlsplit(request.path)
        if CHART not in asked.path:
            page = b"crumb" if asked.path.endswith("getcrumb") else b""
            _send(request, 200, page, {"Content-Type": "text/plain"})
            return
        symbol = unquote(asked.path.rpartition("/")[2])
        with self._lock:
            self.asked.append(symbol)
            fault = self._fault(symbol)
        kind = {"Content-Type": "application/json"}
        if symbol not in self._instruments.index:
            said = {
                "code": "Not Found",
                "description": "No data found, symbol may be delisted",
            }
            body = json.dumps({"chart": {"result": None, "error": said}}).encode()
            _send(request, 404, body, kind)
            return
        query = {name: values[0] for name, values in parse_qs(asked.query).items()}
        chart = self.chart(
            symbol,
            float(query.get("period1", 0)),
            float(query.get("period2", time.time())),
        )
        if fault.change is not None:
            fault.change(chart)
        body = json.dumps({"chart": {"result": [chart], "error": None}}).encode()
        if fault.body is not None:
            body = fault.body
            kind = {"Content-Type": "text/html"}
        if fault.reset:
            request.close_connection = True
            request.connection.close()
            return
        _send(request, fault.status, body, kind | fault.headers, fault.delay, fault.cut)

    def _fault(self, symbol: str) -> Fault:
        fault = self.faults.get(symbol) or self.faults.get("*")
        if fault is None or fault.times == 0:
            return Fault()
        if fault.times is not None:
            fault.times -= 1
        return fault


def _send(
    request: BaseHTTPRequestHandler,
    status: int,
    body: bytes,
    headers: dict[str, str],
    delay: float = 0.0,
    cut: bool = False,
) -> None:
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name, value)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    half = len(body) // 2
    request.wfile.write(body[:half])
    request.wfile.flush()
    if cut:
        request.close_connection = True
        return
    time.sleep(delay)
    request.wfile.write(body[half:])


@contextmanager
def yahoo_server(data: Path, symbols: Sequence[str]) -> Iterator[YahooServer]:
    """Serve the prices of a data folder in a ``with`` block."""
    server = YahooServer(data, symbols)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join()


if __name__ == "__main__":
    program = YahooServer(Path(sys.argv[1]), sys.argv[2:])
    print(program.url, flush=True)
    program.serve()
