"""The real yfinance against a server that misbehaves in every way we know of.

After each fault the data verify, no row is lost, and each symbol is as it was or
wholly new.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from refresh_tools import CUT, END, SYMBOLS, files_of, returns_of
from yahoo_server import WEB_PAGE, Chart, Fault, YahooServer

from helpers.data.files import manifest_entry, using_data_dir
from helpers.data.prices import load_prices, load_returns, prices_path
from helpers.data.verify import verify
from helpers.errors import DataError, NoNetwork, RateLimited
from helpers.refresh.fetch import Patience
from helpers.refresh.report import Outcome, Report
from helpers.refresh.run import refresh

pytest_plugins = ["refresh_fixtures"]

HASTY = Patience(pause=0, tries=3)
# Against answers that take longer than this.
TIMEOUT = 1.0
SLOW = 2.5
DAY = "2026-08-03"
NEXT_DAY = "2026-08-04"
LAST_DAY_AT_HAND = "2026-07-10"


def run(folder: Path, *symbols: str, **options: Any) -> Report:
    """Refresh, and check what must hold whatever happens."""
    before = {symbol: returns_of(folder, symbol) for symbol in symbols}
    try:
        return refresh(
            symbols or None, until=END, data=folder, **{"patience": HASTY} | options
        )
    finally:
        report = verify(folder)
        assert report.ok, str(report)
        for symbol, old in before.items():
            new = returns_of(folder, symbol).reindex(old.index)
            assert np.allclose(new, old, rtol=0, atol=1e-8, equal_nan=True)


def one(report: Report) -> Outcome:
    [outcome] = report.outcomes
    return outcome


def last_price(folder: Path, symbol: str) -> str:
    with using_data_dir(folder):
        return str(load_prices(symbol).index[-1].date())


def at(chart: Chart, day: str) -> int:
    """Return the position of a day in a chart."""
    days = np.array(chart["timestamp"]).astype("datetime64[s]").astype("datetime64[D]")
    return int(days.searchsorted(np.datetime64(day)))


def columns(chart: Chart) -> list[list[Any]]:
    [quote], [adjusted] = (chart["indicators"][name] for name in ("quote", "adjclose"))
    return [chart["timestamp"], *quote.values(), adjusted["adjclose"]]


def prices(chart: Chart) -> list[list[Any]]:
    """Return the closes and the adjusted closes of a chart."""
    [quote], [adjusted] = (chart["indicators"][name] for name in ("quote", "adjclose"))
    return [quote["close"], adjusted["adjclose"]]


def empty_row(day: str) -> Callable[[Chart], None]:
    def change(chart: Chart) -> None:
        for column in columns(chart)[1:]:
            column[at(chart, day)] = None

    return change


def repeat_row(factor: float) -> Callable[[Chart], None]:
    def change(chart: Chart) -> None:
        i = at(chart, DAY)
        for column in columns(chart):
            column.insert(i, column[i])
        chart["timestamp"][i + 1] += 60
        for column in prices(chart):
            column[i + 1] *= factor

    return change


def scale(
    first: str | None = None, last: str | None = None, by: float = 1.0
) -> Callable[[Chart], None]:
    """Multiply closes and adjusted closes from `first` to before `last`."""

    def change(chart: Chart) -> None:
        start = 0 if first is None else at(chart, first)
        end = len(chart["timestamp"]) if last is None else at(chart, last)
        for column in prices(chart):
            column[start:end] = [value * by for value in column[start:end]]

    return change


def set_meta(**values: Any) -> Callable[[Chart], None]:
    return lambda chart: chart["meta"].update(values)


def without(*path: str) -> Callable[[Chart], None]:
    def change(chart: Chart) -> None:
        for name in path[:-1]:
            chart = chart[name]
        del chart[path[-1]]

    return change


# --- Yahoo fails for a while, or for good --------------------------------------

PASSING = {
    "429": Fault(status=429, body=b"Too Many Requests", times=2),
    "500": Fault(status=500, body=WEB_PAGE, times=2),
    "404 though the symbol is known": Fault(status=404, body=WEB_PAGE, times=2),
    "HTML in place of JSON": Fault(body=WEB_PAGE, times=1),
    "truncated": Fault(cut=True, times=1),
    "slow": Fault(delay=SLOW, times=1),
    "reset": Fault(reset=True, times=1),
    "empty result": Fault(body=b'{"chart": {"result": [], "error": null}}', times=1),
}


@pytest.mark.parametrize("name", PASSING)
def test_a_fault_that_passes_is_waited_out(
    name: str, folder: Path, yahoo: YahooServer
) -> None:
    fault = PASSING[name]
    yahoo.faults["NVDA"] = Fault(**vars(fault))
    patience = Patience(pause=0, tries=3, timeout=TIMEOUT if fault.delay else 20)
    outcome = one(run(folder, "NVDA", patience=patience))
    assert (outcome.status, outcome.last) == ("new prices", END)
    assert len(outcome.new) == 29
    assert yahoo.asked.count("NVDA") > (fault.times or 0)
    assert last_price(folder, "NVDA") == END


LASTING = {
    "500": (Fault(status=500, body=WEB_PAGE), "HTTP 500 with a web page"),
    "HTML in place of JSON": (Fault(body=WEB_PAGE), "HTTP 200 with a web page"),
    "empty result": (
        Fault(body=b'{"chart": {"result": [], "error": null}}'),
        "the answer holds no prices",
    ),
    "404": (Fault(status=404, body=WEB_PAGE), "HTTP 404 with a web page"),
    "no adjusted close": (
        Fault(change=without("indicators", "adjclose")),
        r"no adjusted close\) as read by yfinance 1\.7\.0",
    ),
    "no currency": (
        Fault(change=without("meta", "currency")),
        r"expected form \(KeyError: 'currency'\) as read by yfinance 1\.7\.0",
    ),
    "no exchange": (
        Fault(change=without("meta", "exchangeName")),
        r"meta lacks exchangeName\) as read by yfinance 1\.7\.0",
    ),
    "no quotes": (
        Fault(change=without("indicators", "quote")),
        r"expected form .* as read by yfinance 1\.7\.0",
    ),
    "weekly prices": (
        Fault(change=set_meta(dataGranularity="1wk")),
        r"prices are for 1wk, not 1d\) as read by yfinance 1\.7\.0",
    ),
}


@pytest.mark.parametrize("name", LASTING)
def test_a_fault_that_lasts_leaves_the_old_prices(
    name: str, folder: Path, yahoo: YahooServer
) -> None:
    fault, said = LASTING[name]
    yahoo.faults["NVDA"] = fault
    before = files_of(folder)
    outcome = one(run(folder, "NVDA"))
    assert (outcome.status, outcome.error) == ("refused", "SymbolUnavailable")
    assert outcome.last == CUT
    assert outcome.reason is not None
    with pytest.raises(DataError, match=said):
        raise DataError(outcome.reason)
    assert files_of(folder) == before


def test_an_unknown_symbol_is_asked_for_twice_only(
    folder: Path, yahoo: YahooServer
) -> None:
    """A share of ours that the server, as Yahoo at times, says it cannot find."""
    outcome = one(run(folder, "BIDU", patience=Patience(pause=0, tries=9)))
    assert outcome.error == "SymbolUnavailable"
    assert "HTTP 404: No data found" in str(outcome.reason)
    assert "after 2 tries" in str(outcome.reason)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault(cut=True), "bytes missing"),
        (Fault(delay=SLOW), "timed out"),
        (Fault(reset=True), "onnection|Empty reply"),
    ],
    ids=["truncated", "slow", "reset"],
)
def test_without_a_whole_answer_nothing_is_changed(
    fault: Fault, said: str, folder: Path, yahoo: YahooServer
) -> None:
    yahoo.faults["*"] = fault
    before = files_of(folder)
    patience = Patience(pause=0, tries=2, timeout=TIMEOUT)
    with pytest.raises(NoNetwork, match=rf"AMD: .*({said}).*after 2 tries"):
        run(folder, "NVDA", "AMD", "MSFT", patience=patience)
    assert files_of(folder) == before
    assert "MSFT" not in yahoo.asked


def test_without_a_network_the_age_of_the_data_is_said(
    folder: Path, yahoo: YahooServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELPERS_YAHOO_URL", "http://127.0.0.1:9")
    with pytest.raises(
        NoNetwork,
        match=rf"Nothing was changed; the prices at hand end on {CUT}, \d+ days ago",
    ):
        run(folder, "NVDA", "AMD")


def test_limited_for_ever(folder: Path, yahoo: YahooServer) -> None:
    yahoo.faults["*"] = Fault(status=429, body=b"Too Many Requests")
    before = files_of(folder)
    with pytest.raises(RateLimited, match=r"429\), after 3 tries\..*Nothing was ch"):
        run(folder, "NVDA", "AMD")
    assert files_of(folder) == before
    assert "AMD" not in yahoo.asked


def test_limited_midway_stops_and_keeps_what_was_done(
    folder: Path, yahoo: YahooServer
) -> None:
    yahoo.faults["AMD"] = Fault(status=429, body=b"Too Many Requests")
    report = run(folder, "NVDA", "AMD", "MSFT")
    assert [o.status for o in report.outcomes] == ["new prices", "refused", "not asked"]
    assert report.outcomes[1].error == "RateLimited"
    assert "MSFT" not in yahoo.asked
    assert not report.ok
    assert "limits requests" in str(report.stopped)
    assert [last_price(folder, s) for s in ("NVDA", "AMD", "MSFT")] == [END, CUT, CUT]


def test_a_wait_that_yahoo_asks_for_is_not_cut_short(
    folder: Path, yahoo: YahooServer
) -> None:
    limit = {"Retry-After": "3600"}
    yahoo.faults["*"] = Fault(status=429, body=b"", headers=limit)
    with pytest.raises(RateLimited, match=r"after one try.*wait 3600 seconds"):
        run(folder, "NVDA")


def test_one_of_ten_fails_and_nine_are_new(folder: Path, yahoo: YahooServer) -> None:
    yahoo.faults["TSM"] = Fault(status=500, body=WEB_PAGE)
    report = run(folder, *SYMBOLS)
    statuses = {one.symbol: one.status for one in report.outcomes}
    assert statuses.pop("TSM") == "refused"
    assert set(statuses.values()) == {"new prices"}
    assert len(statuses) == 9
    assert last_price(folder, "TSM") == CUT


# --- Yahoo answers, and the answer is wrong -------------------------------------


def chart_without(day: str) -> Callable[[Chart], None]:
    def change(chart: Chart) -> None:
        i = at(chart, day)
        for column in columns(chart):
            del column[i]

    return change


def add_rows(*days: str) -> Callable[[Chart], None]:
    """Append rows for days after the last one asked for."""

    def change(chart: Chart) -> None:
        for column in columns(chart)[1:]:
            column += [column[-1]] * len(days)
        for day in days:
            noon = np.datetime64(f"{day}T16:00", "s").astype(int)
            chart["timestamp"].append(int(noon))

    return change


def late_split(chart: Chart) -> None:
    scale(first=DAY, by=0.1)(chart)


WRONG: dict[str, tuple[Callable[[Chart], None], str, str]] = {
    "missing session": (
        chart_without(DAY),
        "IncompleteSessions",
        rf"lacks 1 of the sessions that XNAS held: {DAY} \(no row\).*"
        rf"special_sessions\.csv.*--accept NVDA={DAY}",
    ),
    "null row": (
        empty_row(DAY),
        "IncompleteSessions",
        rf"XNAS held: {DAY} \(no price\)",
    ),
    "row twice, prices differ": (
        repeat_row(1.01),
        "IncompleteSessions",
        f"gives {DAY} twice, with different prices",
    ),
    "split without an action, prices before not adjusted": (
        late_split,
        "ChangedHistory",
        f"moves by -8.* on {DAY} and no split is listed",
    ),
    "split without an action, all prices on the new basis": (
        scale(by=0.1),
        "ChangedHistory",
        f"the close of {LAST_DAY_AT_HAND} is .* at hand and .* at Yahoo, where Yahoo "
        "lists no split",
    ),
    "history altered": (
        scale(first="2026-06-15", last="2026-06-16", by=1.005),
        "ChangedHistory",
        r"2 of \d+ returns at hand are not Yahoo's: 2026-06-15 \(.*2026-06-16 \(.*"
        r"--accept NVDA=2026-06-15/2026-06-16",
    ),
    "history altered by two basis points": (
        scale(first="2026-06-15", last="2026-06-16", by=1.0002),
        "ChangedHistory",
        r"2 of \d+ returns at hand are not Yahoo's",
    ),
    "another currency": (
        set_meta(currency="CAD"),
        "ChangedHistory",
        "Yahoo gives the currency CAD, the table of instruments USD",
    ),
    "another exchange": (
        set_meta(exchangeTimezoneName="Europe/London", exchangeName="LSE"),
        "ChangedHistory",
        "Yahoo gives the time zone Europe/London",
    ),
    "another kind": (
        set_meta(instrumentType="ETF"),
        "ChangedHistory",
        "Yahoo gives the kind etf, the table of instruments share",
    ),
    "price of zero": (
        scale(first=DAY, last=NEXT_DAY, by=0.0),
        "ChangedHistory",
        f"moves by -100.0% on {DAY}",
    ),
    "negative price": (
        scale(first=DAY, last=NEXT_DAY, by=-1.0),
        "ChangedHistory",
        f"moves by -20.* on {DAY}",
    ),
    "infinite price": (
        scale(first=DAY, last=NEXT_DAY, by=float("inf")),
        "ChangedHistory",
        f"moves by .inf% on {DAY}",
    ),
    "another share": (
        lambda chart: prices(chart)[0].__setitem__(
            slice(None), [v * 3 for v in prices(chart)[0]]
        ),
        "ChangedHistory",
        "and .* at Yahoo, where Yahoo lists no split",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_is_refused_with_its_reason(
    name: str, folder: Path, yahoo: YahooServer
) -> None:
    change, error, said = WRONG[name]
    yahoo.faults["NVDA"] = Fault(change=change)
    before = files_of(folder)
    outcome = one(run(folder, "NVDA"))
    assert (outcome.status, outcome.error) == ("refused", error)
    with pytest.raises(DataError, match=said):
        raise DataError(outcome.reason)
    assert files_of(folder) == before
    assert yahoo.asked == ["NVDA"]


def test_a_split_applied_late(folder: Path, yahoo: YahooServer) -> None:
    yahoo.splits["NVDA"] = {DAY: 10}
    yahoo.faults["NVDA"] = Fault(change=late_split)
    outcome = one(run(folder, "NVDA"))
    assert outcome.error == "ChangedHistory"
    assert f"split of 10 for 1 is listed on {DAY}" in str(outcome.reason)


def test_a_split_listed_that_no_price_shows(folder: Path, yahoo: YahooServer) -> None:
    yahoo.splits["NVDA"] = {DAY: 10}
    outcome = one(run(folder, "NVDA"))
    assert outcome.error == "ChangedHistory"
    assert "at Yahoo, where Yahoo's splits would make it" in str(outcome.reason)


# --- Yahoo answers oddly, and rightly ------------------------------------------


def test_a_split_rebases_what_was_at_hand(folder: Path, yahoo: YahooServer) -> None:
    yahoo.splits["NVDA"] = {DAY: 10}
    yahoo.faults["NVDA"] = Fault(change=scale(by=0.1))
    with using_data_dir(folder):
        old = load_prices("NVDA", "close", end=CUT)["NVDA"]
        shares = load_prices("NVDA", "volume", end=CUT)["NVDA"]
    outcome = one(run(folder, "NVDA"))
    assert outcome.remarks == (
        f"levels to {CUT} re-based by 0.1: split of 10 for 1 on {DAY}",
    )
    with using_data_dir(folder):
        new = load_prices("NVDA", "close", end=CUT)["NVDA"]
        assert np.allclose(new, old / 10)
        assert load_prices("NVDA", "volume", end=CUT)["NVDA"].equals(shares * 10)
        entry = manifest_entry(prices_path("NVDA"))
    assert entry["actions"] == [{"date": DAY, "kind": "split", "value": 10.0}]


def test_a_dividend_rebases_what_was_at_hand(folder: Path, yahoo: YahooServer) -> None:
    paid = {}

    def pay(chart: Chart) -> None:
        closes, adjusted = prices(chart)
        i = at(chart, DAY)
        paid["factor"] = 1 - 2.0 / closes[i - 1]
        adjusted[:i] = [value * paid["factor"] for value in adjusted[:i]]

    yahoo.dividends["NVDA"] = {DAY: 2.0}
    yahoo.faults["NVDA"] = Fault(change=pay)
    with using_data_dir(folder):
        old = load_prices("NVDA", end=CUT)["NVDA"]
    outcome = one(run(folder, "NVDA"))
    assert outcome.status == "new prices"
    assert len(outcome.remarks) == 1
    assert f"dividend of 2 on {DAY}" in outcome.remarks[0]
    with using_data_dir(folder):
        new = load_prices("NVDA", end=CUT)["NVDA"]
        closes = load_prices("NVDA", "close", end=CUT)["NVDA"]
        moved = load_returns("NVDA", start=DAY, end=DAY).iat[0, 0]
        bare = load_prices("NVDA", "close")["NVDA"].pct_change()[DAY]
    assert np.allclose(new, old * paid["factor"], rtol=1e-9)
    assert closes.iloc[-1] == pytest.approx(old.iloc[-1], abs=0.01)
    assert moved == pytest.approx((1 + bare) / paid["factor"] - 1, abs=1e-6)


def test_levels_that_no_action_explains_are_a_doubt(
    folder: Path, yahoo: YahooServer
) -> None:
    def lower(chart: Chart) -> None:
        adjusted = prices(chart)[1]
        adjusted[:] = [value * 0.99 for value in adjusted]

    yahoo.faults["NVDA"] = Fault(change=lower)
    outcome = one(run(folder, "NVDA"))
    assert outcome.status == "new prices"
    assert (
        "by 0.99: no action that Yahoo lists, where that makes it 1"
        in (outcome.remarks[0])
    )
    with using_data_dir(folder):
        assert manifest_entry(prices_path("NVDA"))["doubts"][-1]["first"] == CUT


def test_a_dividend_that_the_adjusted_close_lacks_is_a_doubt(
    folder: Path, yahoo: YahooServer
) -> None:
    yahoo.dividends["NVDA"] = {DAY: 2.0}
    outcome = one(run(folder, "NVDA"))
    assert outcome.status == "new prices"
    assert (
        f"by 1: dividend of 2 on {DAY}, where that makes it 0.9" in (outcome.remarks[0])
    )
    assert len(outcome.remarks) == 1


def test_the_bar_of_tomorrow_is_left_out(folder: Path, yahoo: YahooServer) -> None:
    yahoo.faults["NVDA"] = Fault(change=add_rows("2026-08-21", "2026-08-24"))
    outcome = one(run(folder, "NVDA"))
    assert outcome.last == END
    assert outcome.remarks == ("2026-08-21 left out: after the last complete session",)
    assert last_price(folder, "NVDA") == END


def test_a_newest_session_without_a_price_yet(folder: Path, yahoo: YahooServer) -> None:
    yahoo.faults["NVDA"] = Fault(change=empty_row(END))
    outcome = one(run(folder, "NVDA"))
    assert outcome.last == "2026-08-19"
    assert outcome.remarks == (f"no price yet of {END}",)
    yahoo.faults.clear()
    assert one(run(folder, "NVDA")).new == (END,)


def test_a_session_at_hand_that_yahoo_lacks_is_kept(
    folder: Path, yahoo: YahooServer
) -> None:
    yahoo.faults["NVDA"] = Fault(change=chart_without("2026-06-15"))
    outcome = one(run(folder, "NVDA"))
    assert outcome.remarks == ("kept though Yahoo lacks it: 2026-06-15",)
    with using_data_dir(folder):
        assert "2026-06-15" in load_prices("NVDA").index


def test_a_row_twice_with_the_same_prices(folder: Path, yahoo: YahooServer) -> None:
    yahoo.faults["NVDA"] = Fault(change=repeat_row(1.0))
    assert len(one(run(folder, "NVDA")).new) == 29


def test_a_row_on_a_day_without_a_session(folder: Path, yahoo: YahooServer) -> None:
    def add_saturday(chart: Chart) -> None:
        i = at(chart, DAY)
        for column in columns(chart):
            column.insert(i, column[i - 1])
        chart["timestamp"][i] += 86400

    yahoo.faults["NVDA"] = Fault(change=add_saturday)
    outcome = one(run(folder, "NVDA"))
    assert outcome.remarks == ("2026-08-01 left out: XNAS held no session",)
    assert len(outcome.new) == 29


def test_sessions_without_trade_become_a_suspension(
    folder: Path, yahoo: YahooServer
) -> None:
    def suspend(chart: Chart) -> None:
        i = at(chart, DAY)
        volume = chart["indicators"]["quote"][0]["volume"]
        volume[i : i + 3] = [0, 0, 0]
        for column in prices(chart):
            column[i : i + 3] = [column[i - 1]] * 3

    yahoo.faults["0981.HK"] = Fault(change=suspend)
    outcome = one(run(folder, "0981.HK"))
    assert "no price from 2026-08-03 to 2026-08-05" in outcome.remarks[0]
    with using_data_dir(folder):
        [gap] = manifest_entry(prices_path("0981.HK"))["gaps"]
        holes = load_returns("0981.HK").attrs["holes"]["0981.HK"]
    assert (gap["kind"], gap["first"], gap["last"]) == (
        "suspension",
        "2026-08-03",
        "2026-08-05",
    )
    assert holes == ["2026-08-03", "2026-08-04", "2026-08-05"]


def test_a_large_move_is_taken_and_recorded(folder: Path, yahoo: YahooServer) -> None:
    yahoo.faults["NVDA"] = Fault(change=scale(first=DAY, by=0.7))
    outcome = one(run(folder, "NVDA"))
    assert outcome.status == "new prices"
    assert "large move, from one source: -2" in outcome.remarks[0]
    assert DAY in outcome.remarks[0]


# --- Hostile answers -----------------------------------------------------------


def set_split(text: str) -> Callable[[Chart], None]:
    def change(chart: Chart) -> None:
        stamp = chart["timestamp"][at(chart, DAY)]
        numerator, denominator = map(float, text.split("/"))
        split = {"numerator": numerator, "denominator": denominator, "date": stamp}
        chart["events"]["splits"] = {str(stamp): split | {"splitRatio": text}}

    return change


NESTED = b'{"chart": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
BOMB = gzip.compress(bytes(200_000_000), 9)
HOSTILE = {
    "a split of nothing": (Fault(change=set_split("2/0")), "expected form"),
    "a negative split": (Fault(change=set_split("-2/1")), "no positive number"),
    "JSON nested deeply": (Fault(body=NESTED), "text that is no chart|a web page"),
    "an answer that unpacks to 200 MB": (
        Fault(body=BOMB, headers={"Content-Encoding": "gzip"}),
        "larger than prices can be",
    ),
    "another symbol": (Fault(change=set_meta(symbol="MSFT")), "answers for MSFT"),
    "another exchange": (Fault(change=set_meta(exchangeName="PNK")), "exchange PNK"),
    "a wait that is no number": (
        Fault(status=500, body=b"", headers={"Retry-After": "\xb2"}),
        "HTTP 500",
    ),
    "control codes": (
        Fault(change=set_meta(dataGranularity="\x1b[31m1wk\x07")),
        r"prices are for \[31m1wk, not 1d",
    ),
    "no market time": (
        Fault(change=without("meta", "regularMarketTime")),
        "meta lacks regularMarketTime",
    ),
    "a market of the same hours": (
        Fault(change=set_meta(exchangeName="NYQ")),
        "Yahoo gives the exchange XNYS, the table of instruments XNAS",
    ),
    "a market time that is none": (
        Fault(change=set_meta(regularMarketTime="yesterday")),
        "expected form",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_answer_for_one_symbol_leaves_the_others_alone(
    name: str, folder: Path, yahoo: YahooServer
) -> None:
    fault, said = HOSTILE[name]
    yahoo.faults["AMD"] = fault
    report = run(folder, "NVDA", "AMD", "MSFT", patience=Patience(pause=0, tries=1))
    statuses = [one.status for one in report.outcomes]
    assert statuses == ["new prices", "refused", "new prices"]
    with pytest.raises(DataError, match=said):
        raise DataError(report.outcomes[1].reason)
    assert str(report).replace("\n", "").isprintable()
    assert [last_price(folder, s) for s in ("NVDA", "AMD", "MSFT")] == [END, CUT, END]


def test_a_first_symbol_that_cannot_be_had_does_not_end_the_run(
    folder: Path, yahoo: YahooServer
) -> None:
    yahoo.faults["NVDA"] = Fault(cut=True)
    report = run(folder, "NVDA", "AMD", patience=Patience(pause=0, tries=1))
    assert [one.status for one in report.outcomes] == ["refused", "new prices"]


def test_provenance_names_the_server_and_no_password(
    folder: Path, yahoo: YahooServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELPERS_YAHOO_URL", yahoo.url.replace("//", "//me:secret@"))
    run(folder, "NVDA")
    with using_data_dir(folder):
        assert manifest_entry("prices/NVDA.csv")["sources"][-1]["source"] == yahoo.url


def test_a_date_that_is_accepted_of_what_is_not_asked_for_is_refused(
    folder: Path, yahoo: YahooServer
) -> None:
    for symbol, said in {"AMD": "not asked for", "nvda": "did you mean NVDA"}.items():
        with pytest.raises(DataError, match=said):
            refresh(["NVDA"], accept={symbol: [DAY]}, data=folder, patience=HASTY)


def test_a_session_in_progress_by_yahoo_is_not_taken_whatever_the_clock_says(
    folder: Path, yahoo: YahooServer
) -> None:
    """The clock of this machine is past the close, and the last trade is at noon."""
    noon = int(pd.Timestamp(f"{END}T12:00", tz="America/New_York").timestamp())
    yahoo.faults["NVDA"] = Fault(change=set_meta(regularMarketTime=noon))
    outcome = one(run(folder, "NVDA"))
    assert outcome.last == "2026-08-19"
    assert outcome.remarks[0] == f"{END} left out: after the last complete session"


def test_a_last_date_before_the_first_session_takes_nothing(
    folder: Path, yahoo: YahooServer
) -> None:
    report = refresh(["NVDA"], until="2016-08-20", data=folder, patience=HASTY)
    assert one(report).status == "up to date"
    assert yahoo.asked == []


def test_a_share_that_is_far_behind_is_not_in_order(
    folder: Path, yahoo: YahooServer
) -> None:
    def suspend(chart: Chart) -> None:
        volume = chart["indicators"]["quote"][0]["volume"]
        i = at(chart, "2026-07-13")
        volume[i:] = [0] * len(volume[i:])
        for column in prices(chart):
            column[i:] = [column[i - 1]] * len(column[i:])

    yahoo.faults["NVDA"] = Fault(change=suspend)
    report = run(folder, "NVDA")
    assert (one(report).status, one(report).behind) == ("nothing new", 29)
    assert "no trade (volume 0) on 29 sessions" in one(report).remarks[0]
    assert not report.ok


def test_a_damaged_cache_of_yfinance_is_named(
    folder: Path, yahoo: YahooServer, tmp_path: Path
) -> None:
    caches = tmp_path / "cache" / "py-yfinance"
    caches.mkdir(parents=True)
    for name in ("cookies", "tkr-tz", "isin-tkr"):
        (caches / f"{name}.db").write_bytes(b"no database" * 1000)
    code = """
import sys
from helpers.cli import main
sys.exit(main(["refresh", "--symbols", "NVDA", "--tries", "1", "--data", sys.argv[1]]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        env=os.environ | {"XDG_CACHE_HOME": str(caches.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    said = " ".join((done.stdout + done.stderr).split())
    assert "Traceback" not in said
    assert f"remove the folder {caches}" in said, said


@pytest.mark.parametrize(
    ("ratio", "moved"), [("5/4", 1.25), ("4/5", 0.8), ("3/2", 1.5)]
)
def test_a_small_split_that_is_listed_and_not_applied_is_refused(
    ratio: str, moved: float, folder: Path, yahoo: YahooServer
) -> None:
    def change(chart: Chart) -> None:
        set_split(ratio)(chart)
        scale(first=DAY, by=1 / moved)(chart)

    yahoo.faults["NVDA"] = Fault(change=change)
    outcome = one(run(folder, "NVDA"))
    assert outcome.error == "ChangedHistory"
    assert f"for 1 is listed on {DAY}" in str(outcome.reason)


def test_a_reverse_split_rebases_the_rounding_of_the_closes_as_well(
    folder: Path, yahoo: YahooServer
) -> None:
    def change(chart: Chart) -> None:
        set_split("1/20")(chart)
        scale(by=20.0)(chart)

    yahoo.faults["0981.HK"] = Fault(change=change)
    yahoo.faults["KLAC"] = Fault(change=change)
    report = run(folder, "0981.HK", "KLAC")
    assert [one.status for one in report.outcomes] == ["new prices"] * 2


# --- What the user vouches for -------------------------------------------------


def accept(*days: str) -> dict[str, list[str]]:
    return {"NVDA": list(days)}


def test_an_accepted_hole_is_recorded(folder: Path, yahoo: YahooServer) -> None:
    yahoo.faults["NVDA"] = Fault(change=chart_without(DAY))
    outcome = one(run(folder, "NVDA", accept=accept(DAY)))
    assert len(outcome.new) == 28
    with using_data_dir(folder):
        assert load_returns("NVDA").attrs["holes"]["NVDA"] == [DAY]
        assert np.isnan(load_returns("NVDA", start=NEXT_DAY).iat[0, 0])


def test_an_accepted_difference_keeps_the_return_at_hand(
    folder: Path, yahoo: YahooServer
) -> None:
    days = ("2026-06-15", "2026-06-16")
    yahoo.faults["NVDA"] = Fault(change=scale(days[0], days[1], 1.005))
    outcome = one(run(folder, "NVDA", accept=accept(*days)))
    assert outcome.status == "new prices"
    assert outcome.remarks[0].startswith("kept where Yahoo differs: 2026-06-15 (")


def test_an_accepted_fall_is_recorded(folder: Path, yahoo: YahooServer) -> None:
    yahoo.faults["NVDA"] = Fault(change=late_split)
    outcome = one(run(folder, "NVDA", accept=accept(DAY)))
    assert outcome.status == "new prices"
    assert "large move" in outcome.remarks[0]


def test_known_doubts_of_the_history_at_hand_excuse_a_difference(
    folder: Path, yahoo: YahooServer
) -> None:
    """The codebook doubts TSM's prices of 2026-06-11."""
    yahoo.faults["TSM"] = Fault(change=scale("2026-06-11", "2026-06-12", 1.002))
    outcome = one(run(folder, "TSM"))
    assert outcome.status == "new prices"
    assert "kept where Yahoo differs: 2026-06-11" in outcome.remarks[0]


def test_the_report_as_text_and_plain_values(folder: Path, yahoo: YahooServer) -> None:
    yahoo.faults["AMD"] = Fault(change=chart_without(DAY))
    report = run(folder, "NVDA", "AMD")
    text = str(report)
    assert "yfinance 1.7.0\nnew prices: 1, refused: 1\n" in text
    assert text.index("NVDA") < text.index("AMD")
    assert max(map(len, text.splitlines())) <= 90
    plain = json.loads(json.dumps(report.to_dict()))
    assert [one["status"] for one in plain["outcomes"]] == ["new prices", "refused"]
    assert plain["ok"] is False
