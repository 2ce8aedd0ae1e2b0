"""Loading prices and returns: alignment, holes, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from data_folder import Lines, copy_data, edit_lines, edit_manifest, line_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.data.calendars import sessions
from helpers.data.files import using_data_dir
from helpers.data.prices import load_prices, load_returns
from helpers.errors import CalendarError, DataError

SUSPENDED = sessions("XSHG", "2025-05-26", "2025-06-09")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_data(tmp_path / "data")


@pytest.mark.parametrize(
    ("symbol", "date", "percent"),
    [
        ("NVDA", "2025-01-27", -16.97),
        ("NVDA", "2025-08-21", -0.24),
        ("NVDA", "2025-08-29", -3.32),
        ("688256.SS", "2025-08-22", 20.00),
        ("ARM", "2024-02-08", 47.89),
        ("^HSI", "2025-04-07", -13.22),
    ],
)
def test_known_returns(symbol: str, date: str, percent: float) -> None:
    found = load_returns(symbol, start=date, end=date)
    assert found.shape == (1, 1)
    assert found.iat[0, 0] * 100 == pytest.approx(percent, abs=0.005)


def test_known_closes() -> None:
    close = load_prices("NVDA", "close", "2025-08-27", "2025-08-29")["NVDA"]
    assert close.iloc[[0, -1]].tolist() == pytest.approx([181.60, 174.18], abs=0.005)


def test_returns_are_taken_before_exchanges_are_aligned() -> None:
    # New York was shut on 2025-07-04, Hong Kong on 2025-07-01.
    frame = load_returns(["NVDA", "0700.HK"], start="2025-06-30", end="2025-07-07")
    assert frame.loc["2025-07-04", "0700.HK"] == pytest.approx(-0.0064, abs=0.002)
    assert np.isnan(frame.loc["2025-07-04", "NVDA"])
    assert np.isnan(frame.loc["2025-07-01", "0700.HK"])
    alone = load_returns("NVDA", start="2025-06-30", end="2025-07-07")["NVDA"]
    assert frame["NVDA"].dropna().equals(alone)


def test_rows_are_the_union_of_the_exchanges_sessions() -> None:
    frame = load_returns(["NVDA", "000300.SS"], start="2022-09-01", end="2022-10-31")
    both = sessions("XNYS", "2022-09-01", "2022-10-31").union(
        sessions("XSHG", "2022-09-01", "2022-10-31")
    )
    assert frame.index.equals(both.rename("session"))
    assert frame.columns.tolist() == ["NVDA", "000300.SS"]


def test_a_suspension_leaves_holes_and_no_return_across_it() -> None:
    frame = load_returns(["688041.SS", "000300.SS"])
    assert frame.loc[SUSPENDED, "688041.SS"].isna().all()
    assert np.isnan(frame.loc["2025-06-10", "688041.SS"])
    assert not np.isnan(frame.loc["2025-06-11", "688041.SS"])
    assert frame.loc[SUSPENDED, "000300.SS"].notna().all()
    assert frame.attrs["holes"] == {
        "688041.SS": SUSPENDED.strftime("%Y-%m-%d").tolist(),
        "000300.SS": [],
    }
    assert frame.attrs["after_holes"]["688041.SS"] == ["2025-06-10"]
    assert frame.attrs["history"]["688041.SS"] == ["2022-08-12", "2026-02-26"]


def test_prices_are_not_filled_forward() -> None:
    prices = load_prices("688041.SS", start="2025-05-23", end="2025-06-10")
    assert prices["688041.SS"].notna().sum() == 2
    assert prices.index.equals(sessions("XSHG", "2025-05-23", "2025-06-10"))


def test_attributes_survive_selection_and_are_plain() -> None:
    frame = load_returns(["005930.KS", "NVDA"]).loc["2025":].dropna()
    assert frame.attrs["holes"] == {
        "005930.KS": ["2022-01-03", "2022-05-09", "2025-09-19"],
        "NVDA": [],
    }
    assert frame.copy().attrs == frame.attrs


@pytest.mark.parametrize("symbol", ["NVDA", "688256.SS", "^VIX", "000660.KS"])
def test_every_session_of_the_history_is_accounted_for(symbol: str) -> None:
    returns = load_returns(symbol)
    prices = load_prices(symbol)
    without = {*returns.attrs["holes"][symbol], *returns.attrs["after_holes"][symbol]}
    empty = returns.index[returns[symbol].isna()].strftime("%Y-%m-%d")
    assert set(empty) == without
    assert prices.index[1:].equals(returns.index)


def test_first_return_uses_the_session_before() -> None:
    whole = load_returns("NVDA")
    part = load_returns("NVDA", start="2025-08-25", end="2025-08-29")
    pd.testing.assert_frame_equal(part, whole.loc["2025-08-25":"2025-08-29"])


def test_log_returns_are_logarithms_of_gross_returns() -> None:
    simple = load_returns(["NVDA", "0981.HK"])
    log = load_returns(["NVDA", "0981.HK"], kind="log")
    pd.testing.assert_frame_equal(log, np.log1p(simple), check_exact=False, rtol=1e-12)


def test_fields_that_no_source_gives_are_empty() -> None:
    assert load_prices("0981.HK", "close").isna().all(axis=None)
    assert load_prices("^VIX", "volume").isna().all(axis=None)
    assert load_prices("NVDA", "volume").min(axis=None) > 1e6


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([],), DataError, "No symbol was given"),
        ((["NVDA", "AMD", "NVDA"],), DataError, "'NVDA' is given twice"),
        (
            (["NVDA", "NVIDIA"],),
            DataError,
            "Unknown symbol 'NVIDIA': did you mean NVDA",
        ),
        (([None],), DataError, "None is no symbol"),
        (([["NVDA"]],), DataError, r"\['NVDA'\] is no symbol"),
        ((None,), DataError, "None is no symbol: give a text or a list"),
        (("NVDA", "simple", "2025"), CalendarError, "'2025' is not a date"),
        (("NVDA", "cents"), DataError, "'cents' is not one of"),
        (("NVDA", "simple", "2027-01-01"), DataError, "NVDA 2018-12-03 to 2026-08-21"),
        (("NVDA", "simple", "2025-09-09", "2025-09-01"), DataError, "No session from"),
        (("NVDA", "simple", "soon"), CalendarError, "'soon' is not a date"),
    ],
)
def test_bad_requests(
    arguments: tuple[object, ...], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        load_returns(*arguments)  # type: ignore[arg-type]


def test_bad_field() -> None:
    with pytest.raises(DataError, match="field 'open' is not one of adj_close, close"):
        load_prices("NVDA", "open")  # type: ignore[arg-type]


def rewrite_prices(lines: Lines, scale: float) -> None:
    for at, line in enumerate(lines[1:], start=1):
        date, _, adjusted, *rest = line.split(",")
        # Closes are known to half a cent only, which would not scale with them.
        lines[at] = ",".join([date, "", repr(float(adjusted) * scale), *rest])


@given(scale=st.floats(1e-3, 1e6))
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_returns_do_not_depend_on_the_unit_of_prices(
    folder: Path, scale: float
) -> None:
    edit_lines(folder, "prices/NVDA.csv", lambda lines: rewrite_prices(lines, scale))
    with using_data_dir(folder):
        scaled = load_returns("NVDA", kind="log")
    original = load_returns("NVDA", kind="log")
    # Each example scales what the one before left, so returns carry rounding only.
    np.testing.assert_allclose(scaled, original, atol=1e-12)
    edit_lines(
        folder, "prices/NVDA.csv", lambda lines: rewrite_prices(lines, 1 / scale)
    )


@given(
    positions=st.sets(st.integers(2, 1935), min_size=1, max_size=12),
)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_holes_empty_two_returns_and_change_no_other(
    tmp_path_factory: pytest.TempPathFactory, positions: set[int]
) -> None:
    folder = copy_data(tmp_path_factory.mktemp("holes") / "data")
    whole = load_returns("ORCL")
    dates = load_prices("ORCL").index[sorted(positions)].strftime("%Y-%m-%d")

    def remove(lines: Lines) -> None:
        for date in dates:
            del lines[line_of(lines, date)]

    def record(entries: dict[str, dict[str, object]]) -> None:
        gaps = [
            {"kind": "hole", "first": date, "last": date, "reason": "a test"}
            for date in dates
        ]
        entries["prices/ORCL.csv"].update(gaps=gaps, rows=1939 - len(dates), moves=[])

    edit_lines(folder, "prices/ORCL.csv", remove)
    edit_lines(folder, "instruments.csv", allow_any_move)
    edit_manifest(folder, record)
    with using_data_dir(folder):
        holed = load_returns("ORCL")
    after = {position + 1 for position in positions}
    emptied = whole.index[sorted(position - 1 for position in positions | after)]
    assert set(holed.index[holed["ORCL"].isna()]) == set(emptied)
    assert holed.attrs["holes"]["ORCL"] == dates.tolist()
    kept = holed.dropna()
    pd.testing.assert_frame_equal(kept, whole.loc[kept.index])


def allow_any_move(lines: Lines) -> None:
    at = next(i for i, line in enumerate(lines) if line.startswith("ORCL,"))
    lines[at] = lines[at].rpartition(",")[0] + ",9"
