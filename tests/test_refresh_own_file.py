"""Prices of one's own: a file comes in with the checks that Yahoo's answers get."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from data_folder import DATA
from refresh_tools import CUT, END, early_data, files_of, returns_of

from helpers.cli import main
from helpers.data.as_of import data_as_of
from helpers.data.files import manifest_entry, using_data_dir
from helpers.data.prices import load_prices, load_returns
from helpers.data.verify import verify
from helpers.errors import ChangedHistory, DataError, IncompleteSessions
from helpers.inference.event_study import event_study
from helpers.refresh.add import add_instrument
from helpers.refresh.run import refresh
from helpers.refresh.store import restore
from helpers.study.events import load_events

pytest_plugins = ["refresh_fixtures"]


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that knows nothing of KLAC, and no server to ask."""
    monkeypatch.delenv("HELPERS_BUNDLED", raising=False)
    monkeypatch.setenv("HELPERS_YAHOO_URL", "http://127.0.0.1:9")
    return early_data(tmp_path / "data", without="KLAC")


@pytest.fixture
def table() -> pd.DataFrame:
    """KLAC as Yahoo exports it."""
    with using_data_dir(DATA):
        closes, adjusted, volume = (
            load_prices("KLAC", field, "2024-01-02", END)["KLAC"]
            for field in ("close", "adj_close", "volume")
        )
    closes = closes.fillna(adjusted)
    return pd.DataFrame(
        {
            "Date": closes.index.strftime("%Y-%m-%d"),
            "Open": closes,
            "High": closes,
            "Low": closes,
            "Close": closes,
            "Adj Close": adjusted,
            "Volume": volume.astype("int64"),
        }
    ).reset_index(drop=True)


def add(folder: Path, table: pd.DataFrame, **options: object) -> dict[str, str]:
    path = folder.parent / "klac.csv"
    table.to_csv(path, index=False)
    row, outcome = add_instrument("KLAC", file=path, data=folder, **options)
    assert outcome.status == "new prices"
    return row


def test_a_csv_can_be_studied_at_once_and_restore_takes_it_away(
    bare: Path, table: pd.DataFrame
) -> None:
    before = files_of(bare)
    row = add(bare, table)
    assert (row["mic"], row["currency"], row["benchmark"]) == ("XNYS", "USD", "^GSPC")
    assert verify(bare).ok
    bundled = returns_of(DATA, "KLAC")
    with using_data_dir(bare):
        returns = load_returns(["KLAC", "^GSPC"], start="2024-01-03")
        events = load_events("KLAC", event_ids="nvda-results-fy26-q2")
        car = event_study(returns, events, benchmark="^GSPC").car(0, 1)
        assert str(data_as_of("KLAC")) == f"From files of your own: KLAC, to {END}."
        assert manifest_entry("prices/KLAC.csv")["sources"] == [
            {"source": "own file klac.csv", "first": "2024-01-02", "last": END}
        ]
    assert np.allclose(returns["KLAC"].dropna(), bundled.loc["2024-01-03":END])
    assert np.isfinite(car.to_numpy()).all()
    assert restore(["KLAC"], data=bare) == ["KLAC"]
    assert files_of(bare) == before


def test_parquet_and_the_ways_in_which_dates_are_exported(
    bare: Path, table: pd.DataFrame
) -> None:
    add(bare, table)
    expected = returns_of(bare, "KLAC")
    dates = pd.DatetimeIndex(table["Date"])
    zoned = dates.tz_localize("America/New_York")
    numbers = table.drop(columns="Date")
    for index in (dates, zoned, zoned.rename("Date"), dates.rename("session")):
        path = bare.parent / "klac.parquet"
        numbers.set_axis(index).to_parquet(path)
        add_instrument("KLAC", file=path, data=bare)
        assert returns_of(bare, "KLAC").equals(expected)
    add(
        bare,
        table[::-1].assign(
            Date=[f"{day} 00:00:00-04:00" for day in table["Date"]][::-1]
        ),
    )
    assert returns_of(bare, "KLAC").equals(expected)


def test_naming_the_file_again_brings_it_up_to_date_and_yahoo_is_not_asked(
    bare: Path, table: pd.DataFrame
) -> None:
    add(bare, table[table["Date"] <= CUT])
    [outcome] = refresh(["KLAC"], data=bare).outcomes
    assert (outcome.status, outcome.last) == ("own file", CUT)
    add(bare, table)
    assert f"{returns_of(bare, 'KLAC').index[-1]:%Y-%m-%d}" == END


def with_decimal_commas(table: pd.DataFrame) -> pd.DataFrame:
    prices = ["Open", "High", "Low", "Close", "Adj Close"]
    return table.assign(
        **{name: table[name].map(lambda x: f"{x:.6f}".replace(".", ","))
           for name in prices}
    )  # fmt: skip


def test_a_file_from_elsewhere_gives_the_same_prices(
    bare: Path, table: pd.DataFrame
) -> None:
    add(bare, table)
    expected = returns_of(bare, "KLAC")
    comma = with_decimal_commas(table)
    note = table.assign(Währung="€")
    spelled = table.rename(columns={"Close": "Close/Last", "Adj Close": "ADJ. CLOSE"})
    spelled["Date"] += "T00:00:00.000Z"
    files = {
        "semicolons": comma.to_csv(index=False, sep=";").encode(),
        "tabs": comma.to_csv(index=False, sep="\t").encode("utf-16"),
        "another alphabet": note.to_csv(index=False, sep=";").encode("cp1252"),
        "Windows": table.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig"),
        "another spelling": spelled.to_csv(index=False).encode(),
    }
    path = bare.parent / "own.csv"
    for content in files.values():
        path.write_bytes(content)
        add_instrument("KLAC", file=path, data=bare)
        assert np.allclose(returns_of(bare, "KLAC"), expected, atol=1e-6)


def test_prices_in_cents_are_no_distribution_and_mended_by_what_the_message_says(
    bare: Path, table: pd.DataFrame, capsys
) -> None:
    path, cents = bare.parent / "klac.csv", table.round(2)
    cents[cents["Date"] != DAY].to_csv(path, index=False)
    command = ["add", "klac", "--from", str(path), "--data", str(bare)]
    assert main(command) == 2
    said = capsys.readouterr().err
    assert "own file klac.csv lacks 1 of the sessions" in said
    assert "Yahoo" not in said
    option = said.split("as a hole: ")[1].split(". ")[0]
    assert main([*command, *option.split()]) == 0
    assert verify(bare).ok


def change(day: str, column: str, value: object):
    def edit(table: pd.DataFrame) -> pd.DataFrame:
        table = table.astype(object)
        table.loc[table["Date"] == day, column] = value
        return table

    return edit


def scale_before(day: str, by: float, *columns: str):
    def edit(table: pd.DataFrame) -> pd.DataFrame:
        for column in columns:
            table.loc[table["Date"] < day, column] *= by
        return table

    return edit


DAY = "2025-08-27"
BROKEN = {
    "a day-first date": (
        change(DAY, "Date", "27/08/2025"),
        DataError,
        r"klac\.csv, row 416, field 'Date': '27/08/2025' is not a date .*\s"
        "Write dates as 2025-08-29",
    ),
    "an instant": (
        change(DAY, "Date", f"{DAY} 15:30:00"),
        DataError,
        r"row 416, field 'Date': '2025-08-27 15:30:00' is not a date",
    ),
    "a thousands' separator": (
        change(DAY, "Close", "1,234.5"),
        DataError,
        r"row 416, field 'Close': '1,234.5' is not a number",
    ),
    "a date twice": (
        lambda table: pd.concat([table, table[:1]]),
        DataError,
        "2024-01-02 is in row 2 already; keep one",
    ),
    "a missing session": (
        lambda table: table[table["Date"] != DAY],
        IncompleteSessions,
        rf"lacks 1 of the sessions that XNYS held: {DAY}.*--accept KLAC={DAY}",
    ),
    "a split that is not applied": (
        scale_before(DAY, 10, "Close", "Adj Close"),
        ChangedHistory,
        f"moves by -90.* on {DAY} and no split is listed",
    ),
    "a listed split that is not applied": (
        lambda table: scale_before(DAY, 1.25, "Close", "Adj Close")(
            table.assign(**{"Stock Splits": np.where(table["Date"] == DAY, 1.25, 0)})
        ),
        ChangedHistory,
        f"a split of 1.25 for 1 is listed on {DAY} and the prices before it are not",
    ),
    "a price of zero": (
        change(DAY, "Adj Close", "0"),
        ChangedHistory,
        f"moves by -100.0% on {DAY}",
    ),
    "the closes of another share": (
        lambda table: table.assign(Close=table["Close"] * 3),
        DataError,
        "are not on one basis",
    ),
    "no adjusted close": (
        lambda table: table.drop(columns="Adj Close"),
        DataError,
        r"has no column Adj Close among Date, .*--adjusted",
    ),
    "no column of ours": (
        lambda table: table.set_axis(list("abcdefg"), axis=1),
        DataError,
        "has no column Date",
    ),
    "two closes": (
        lambda table: table.assign(close=table["Close"]),
        DataError,
        "has two columns for Close",
    ),
    "another calendar": (
        lambda table: table.assign(
            Date=(pd.DatetimeIndex(table["Date"]) + pd.Timedelta(days=1)).strftime(
                "%Y-%m-%d"
            )
        ),
        IncompleteSessions,
        "of the sessions that XNYS held",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_with_a_file_is_said_and_changes_nothing(
    name: str, bare: Path, table: pd.DataFrame
) -> None:
    edit, error, said = BROKEN[name]
    before = files_of(bare)
    with pytest.raises(error, match=said):
        add(bare, edit(table))
    assert files_of(bare) == before


def test_closes_that_are_adjusted_are_taken_if_one_says_so(
    bare: Path, table: pd.DataFrame
) -> None:
    closes = table.drop(columns=["Close", "Volume"]).rename(
        columns={"Adj Close": "close"}
    )
    add(bare, closes, adjusted=True)
    assert verify(bare).ok


@pytest.mark.parametrize(
    "content", [b"", b"\x00\xff\xfe", b"PAR1....PAR1", b"a;b\n1;2\n"]
)
@pytest.mark.parametrize("name", ["own.csv", "own.parquet"])
def test_files_of_another_kind_get_an_error_of_ours(
    content: bytes, name: str, bare: Path
) -> None:
    path = bare.parent / name
    path.write_bytes(content)
    with pytest.raises(DataError, match=name.replace(".", r"\.")):
        add_instrument("KLAC", file=path, data=bare)
    with pytest.raises(DataError, match="There is no file"):
        add_instrument("KLAC", file=bare.parent, data=bare)


def test_the_command(bare: Path, table: pd.DataFrame, capsys) -> None:
    path = bare.parent / "0001.csv"
    table.to_csv(path, index=False)
    command = ["add", "my-klac", "--from", str(path), "--data", str(bare)]
    assert main([*command, "--name", "My KLA"]) == 0
    said = capsys.readouterr().out
    assert "MY-KLAC is My KLA, a share on XNYS in USD. Benchmark: ^GSPC." in said
    assert main([*command, "--mic", "XLON"]) == 2
    assert "Unknown exchange 'XLON'" in capsys.readouterr().err
    assert main(["add", "../up", "--from", str(path), "--data", str(bare)]) == 2
    assert "is no symbol" in capsys.readouterr().err
