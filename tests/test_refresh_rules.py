"""Continuing a history, telling complete sessions, and waiting: without a server."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.data.calendars import session_hours
from helpers.data.price_rules import read_table
from helpers.errors import ChangedHistory, DataError
from helpers.refresh.continuation import Continuation, continue_history
from helpers.refresh.fetch import LONGEST_WAIT, Patience
from helpers.refresh.history import AtHand, Case, History, named
from helpers.refresh.markets import last_complete_session, max_move
from helpers.refresh.report import Outcome, Report

DAYS = pd.DatetimeIndex(session_hours("XNAS").loc["2025-01-02":"2025-12-31"].index)
ROW = {
    "symbol": "TEST",
    "kind": "share",
    "mic": "XNAS",
    "currency": "USD",
    "max_move": 0.25,
}
HEADER = "date,close,adj_close,volume,sources_agree,sources_differ"


def history(
    dates: pd.DatetimeIndex,
    close: np.ndarray,
    adjusted: np.ndarray,
    *,
    dividends: dict[pd.Timestamp, float] | None = None,
    splits: dict[pd.Timestamp, float] | None = None,
) -> History:
    columns = {"close": close, "adj_close": adjusted, "volume": 1000.0}
    return History(
        prices=pd.DataFrame(columns, index=dates),
        source="a test",
        dividends=dividends or {},
        splits=splits or {},
    )


def at_hand(dates: pd.DatetimeIndex, close: np.ndarray, adjusted: np.ndarray) -> AtHand:
    rows = zip(dates, close, adjusted, strict=True)
    lines = [HEADER, *(f"{d:%Y-%m-%d},{c:.6f},{a:.6f},1000,1,0" for d, c, a in rows)]
    content = "".join(f"{line}\n" for line in lines).encode()
    return AtHand(content, read_table(content), {})


def continued(new: History, old: AtHand | None) -> Continuation:
    return continue_history(Case(new, old, ROW, DAYS[-1]))


def prices_of(done: Continuation) -> pd.DataFrame:
    return read_table(done.content)


def returns(prices: object) -> np.ndarray:
    values = np.asarray(prices)
    return values[1:] / values[:-1] - 1


@given(
    moves=st.lists(st.floats(-0.05, 0.05), min_size=30, max_size=60),
    end=st.integers(10, 25),
    ex_dates=st.sets(st.integers(1, 29), max_size=3),
    share=st.floats(0.001, 0.05),
    split=st.sampled_from([None, 2.0, 10.0, 0.1]),
)
def test_whatever_happens_later_returns_at_hand_stay(
    moves: list[float],
    end: int,
    ex_dates: set[int],
    share: float,
    split: float | None,
) -> None:
    """Dividends and a split after the end at hand move levels, and nothing else."""
    dates = DAYS[: len(moves)]
    close = 100 * np.cumprod(1 + np.array(moves))
    dividends = {dates[i]: share * close[i - 1] for i in ex_dates}

    def adjusted_as_of(last: int) -> np.ndarray:
        factors = np.ones(len(dates))
        for i in ex_dates:
            if i < last:
                factors[:i] *= 1 - share
        return close * factors

    old = at_hand(dates[:end], close[:end], adjusted_as_of(end)[:end])
    splits = {}
    level = 1.0
    if split is not None:
        splits = {dates[end + 1]: split}
        level = 1 / split
    now = adjusted_as_of(len(dates)) * level
    new = history(
        dates,
        close * level,
        now,
        dividends={day: amount * level for day, amount in dividends.items()},
        splits=splits,
    )
    done = continued(new, old)
    assert done.new == tuple(dates[end:].strftime("%Y-%m-%d"))
    found = prices_of(done)
    assert np.allclose(
        returns(found["adj_close"])[: end - 1],
        returns(old.prices["adj_close"]),
        rtol=0,
        atol=1e-8,
    )
    assert np.allclose(returns(found["adj_close"]), returns(now), rtol=0, atol=3e-6)
    assert np.allclose(found["adj_close"], now, rtol=1e-5)
    assert np.allclose(found["close"], close * level, rtol=1e-5)
    assert done.entry["doubts"] == []
    later = [day for day in dividends if day >= dates[end]]
    assert len(done.entry["actions"]) == len(later) + len(splits)
    assert any("re-based" in one for one in done.remarks) == bool(done.entry["actions"])


def test_unchanged_levels_leave_old_lines_as_they_are() -> None:
    close = np.linspace(100, 110, 40)
    old = at_hand(DAYS[:30], close[:30], close[:30])
    done = continued(history(DAYS[:40], close, close), old)
    assert done.content.startswith(old.content)
    assert len(prices_of(done)) == len(old.prices) + 10


def test_prices_rounded_to_cents_may_differ_by_half_a_cent() -> None:
    exact = 7 + np.arange(40) * 0.0137
    rounded = exact.round(2)
    assert np.abs(returns(exact) - returns(rounded)).max() > 5e-4
    old = at_hand(DAYS[:30], rounded[:30], rounded[:30])
    done = continued(history(DAYS[:40], exact, exact), old)
    # The new part joins on at Yahoo's level, without the rounding of the old.
    joined = returns(prices_of(done)["adj_close"])[29]
    assert joined == pytest.approx(exact[30] / exact[29] - 1, abs=1e-6)
    assert done.entry["half_unit"] == pytest.approx(0.005, rel=1e-2)


@pytest.mark.parametrize(("mic", "move"), [("XSHG", 0.7), ("XNAS", 0.5)])
def test_a_move_that_no_trade_can_make_is_refused(mic: str, move: float) -> None:
    """On the mainland beyond the limit of the exchange, elsewhere by a split's size."""
    days = pd.DatetimeIndex(session_hours(mic).loc["2025-01-02":].index[:40])
    close = np.where(np.arange(40) < 35, 100.0, 100.0 * move)
    new = history(days, close, close)
    case = Case(new, None, ROW | {"mic": mic, "max_move": 0.1025}, days[-1])
    with pytest.raises(ChangedHistory, match="and no split is listed"):
        continue_history(case)
    accepted = Case(new, None, case.row, days[-1], frozenset([days[35]]))
    assert len(continue_history(accepted).new) == 40


def test_nothing_new_is_nothing() -> None:
    close = np.linspace(100, 110, 30)
    old = at_hand(DAYS[:30], close, close)
    assert continued(history(DAYS[:30], close, close), old).new == ()


@pytest.mark.parametrize(
    ("now", "exchange", "expected"),
    [
        ("2026-11-20T20:59Z", "XNAS", "2026-11-19"),  # the last minute of trade
        ("2026-11-20T21:59Z", "XNAS", "2026-11-19"),  # closed, not settled
        ("2026-11-20T22:00Z", "XNAS", "2026-11-20"),
        ("2026-11-22T12:00Z", "XNAS", "2026-11-20"),  # a Sunday
        ("2026-11-20T09:00Z", "XHKG", "2026-11-20"),
        ("2026-11-27T18:59Z", "XNYS", "2026-11-25"),  # short day after Thanksgiving
        ("2026-11-27T19:00Z", "XNYS", "2026-11-27"),
    ],
)
def test_the_last_complete_session(now: str, exchange: str, expected: str) -> None:
    moment = dt.datetime.fromisoformat(now)
    assert last_complete_session(exchange, moment) == pd.Timestamp(expected)


def test_waits_grow_and_are_longest_after_a_limit() -> None:
    patience = Patience(pause=1.5)
    for attempt, doubled in ((1, 1), (2, 2), (3, 4)):
        for cause, first in (("server", 3.0), ("rate limit", 30.0)):
            waits = [patience.wait_after(cause, attempt) for _ in range(200)]
            assert min(waits) >= first * doubled
            assert max(waits) <= first * doubled * 1.5
            assert max(waits) - min(waits) > first * doubled * 0.25
    assert patience.wait_after("rate limit", 9) == LONGEST_WAIT
    assert Patience(pause=0).wait_after("rate limit", 9) == 0


@pytest.mark.parametrize(
    "given", [{"pause": -1}, {"tries": 0}, {"timeout": 0}, {"pause": float("nan")}]
)
def test_senseless_patience_is_refused(given: dict[str, float]) -> None:
    with pytest.raises(DataError, match="must be 0 or more, 1 or more and above 0"):
        Patience(**given)


def test_limits_of_one_day_moves() -> None:
    assert max_move("688256.SS", "share", "XSHG") == 0.2025
    assert max_move("600519.SS", "share", "XSHG") == 0.1025
    assert max_move("300750.SZ", "share", "XSHE") == 0.2025
    assert max_move("TER", "share", "XNYS") == 0.25
    assert max_move("^NDX", "index", "XNYS") == 0.12


def test_a_long_list_is_shortened() -> None:
    assert named(["a", "b"]) == "a, b"
    assert named(DAYS[:6]) == (
        "2025-01-02, 2025-01-03, 2025-01-06, 2025-01-07 and 2 more"
    )


def test_what_needs_attention_comes_last_in_a_report() -> None:
    outcomes = (
        Outcome("A", "not asked", "2025-01-02"),
        Outcome("B", "refused", "2025-01-02", reason="why", error="DataError"),
        Outcome("C", "new prices", "2025-01-03", new=("2025-01-03",)),
        Outcome("D", "up to date", "2025-01-03"),
    )
    report = Report(outcomes, "now", "1.7.0", dry_run=False, stopped="why")
    lines = str(report).splitlines()
    assert lines[0] == "Refresh of now, yfinance 1.7.0"
    assert lines[1] == "not asked: 1, refused: 1, new prices: 1, up to date: 1"
    assert lines[2:] == [
        "C             1 new session, to 2025-01-03",
        "B             refused, still to 2025-01-02",
        "              - why",
        "up to date    D",
        "not asked     A",
        "Stopped early: why",
    ]
    assert not report.ok
