"""``add``, ``restore``, ``event add`` and what they leave for the next cell."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from data_folder import DATA, edit_lines, read_from, set_cell
from refresh_tools import CUT, END, cut_history, early_data, files_of, returns_of
from yahoo_server import Chart, Fault, YahooServer

from helpers.cli import main
from helpers.data.as_of import data_as_of
from helpers.data.event_entry import add_event, remove_event
from helpers.data.files import using_data_dir
from helpers.data.instruments import instrument, load_instruments
from helpers.data.ledger import load_ledger, load_sources
from helpers.data.prices import load_returns, load_table
from helpers.data.verify import verify
from helpers.errors import (
    DataError,
    HelpersError,
    IncompleteSessions,
    SymbolUnavailable,
)
from helpers.inference.event_study import event_study
from helpers.refresh.add import add_instrument
from helpers.refresh.fetch import Patience
from helpers.refresh.run import refresh
from helpers.refresh.store import restore
from helpers.study.events import load_events

pytest_plugins = ["refresh_fixtures"]

HASTY = Patience(pause=0, tries=2)
EVENT = {
    "event_id": "test-licence",
    "announced_at": "2025-11-20T16:20",
    "title": "A licence",
    "actor": "us-government",
    "type": "control",
    "symbols": "NVDA;0981.HK",
    "sign_nvda_thesis": "-",
    "sign_cn_thesis": "+",
    "sign_cn_conventional": "-",
}
SOURCE = {"publisher": "A paper", "title": "A headline", "published": "2025-11-20"}


@pytest.fixture
def bare_folder(tmp_path: Path) -> Path:
    """A folder that knows nothing of KLAC."""
    folder = early_data(tmp_path / "bare", without="KLAC")
    assert verify(folder).ok, str(verify(folder))
    return folder


def add_klac(folder: Path, **options: str) -> dict[str, str]:
    row, outcome = add_instrument(
        "klac",
        since="2024-01-02",
        until=END,
        data=folder,
        patience=HASTY,
        **options,
    )
    assert outcome.last == END
    return row


def test_an_added_instrument_can_be_studied_at_once(
    bare_folder: Path, yahoo: YahooServer
) -> None:
    row = add_klac(bare_folder)
    assert (row["mic"], row["currency"], row["kind"]) == ("XNAS", "USD", "share")
    assert (row["benchmark"], row["role"], row["name"]) == ("^GSPC", "firm", "KLA")
    assert verify(bare_folder).ok
    with using_data_dir(bare_folder):
        returns = load_returns(["KLAC", "^GSPC"], start="2024-01-03")
        events = load_events("KLAC", event_ids="nvda-results-fy26-q2")
        result = event_study(returns, events, benchmark="^GSPC")
    bundled = returns_of(DATA, "KLAC")
    assert np.allclose(returns["KLAC"], bundled.reindex(returns.index), atol=1e-6)
    assert np.isfinite(result.car(0, 1).to_numpy()).all()


def test_an_added_instrument_is_refreshed_like_the_others(
    bare_folder: Path, yahoo: YahooServer
) -> None:
    add_instrument(
        "KLAC", since="2025-01-02", until=CUT, data=bare_folder, patience=HASTY
    )
    old = returns_of(bare_folder, "KLAC")
    [outcome] = refresh(["KLAC"], until=END, data=bare_folder, patience=HASTY).outcomes
    assert len(outcome.new) == 29
    assert returns_of(bare_folder, "KLAC").reindex(old.index).equals(old)
    assert verify(bare_folder).ok


def test_the_benchmark_given_is_taken(bare_folder: Path, yahoo: YahooServer) -> None:
    assert add_klac(bare_folder, benchmark="SPY")["benchmark"] == "SPY"


def test_what_cannot_be_added_changes_nothing(
    bare_folder: Path, yahoo: YahooServer
) -> None:
    def of(**values: str) -> Fault:
        def change(chart: Chart) -> None:
            chart["meta"].update(values)

        return Fault(change=change)

    before = files_of(bare_folder)
    cases = [
        (of(exchangeName="LSE"), {}, "Unknown exchange 'LSE'"),
        (of(exchangeName="PNK"), {}, "Unknown exchange 'PNK'"),
        (of(symbol="KLA"), {}, "Yahoo answers for KLA: renamed, or another"),
        (of(currency="GBp"), {}, "field 'currency': 'GBp' is not one of"),
        (of(instrumentType="CURRENCY"), {}, "field 'kind': 'CURRENCY' is not one of"),
        (Fault(), {"benchmark": "NONE"}, "'NONE' is not another symbol"),
    ]
    for fault, options, said in cases:
        yahoo.faults["KLAC"] = fault
        with pytest.raises(HelpersError, match=said):
            add_klac(bare_folder, **options)
    for symbol, said in [
        ("NVDA", "among the instruments already"),
        ("EURUSD=X", "is no symbol"),
        ("../x", "is no symbol"),
        ("US67066G1040", "is no symbol"),
    ]:
        with pytest.raises(DataError, match=said):
            add_instrument(symbol, data=bare_folder, patience=HASTY)
    with pytest.raises(SymbolUnavailable, match="HTTP 404: No data found"):
        add_instrument("NOSUCH", data=bare_folder, patience=HASTY)
    assert files_of(bare_folder) == before


def test_a_hole_in_an_added_history_is_refused(
    bare_folder: Path, yahoo: YahooServer
) -> None:
    def drop(chart: Chart) -> None:
        for column in chart["indicators"]["quote"][0].values():
            column[100] = None

    yahoo.faults["KLAC"] = Fault(change=drop)
    with pytest.raises(IncompleteSessions, match="Or begin after the hole"):
        add_klac(bare_folder)


def test_restore_brings_the_bundled_state_back(
    bare_folder: Path, yahoo: YahooServer
) -> None:
    before = files_of(bare_folder)
    refresh(["NVDA", "AMD"], until=END, data=bare_folder, patience=HASTY)
    add_klac(bare_folder)
    assert restore(["AMD"], data=bare_folder) == ["AMD"]
    with using_data_dir(bare_folder):
        ends = data_as_of(["NVDA", "AMD", "KLAC"]).ends
    assert ends == {"NVDA": END, "AMD": CUT, "KLAC": END}
    assert sorted(restore(data=bare_folder)) == ["KLAC", "NVDA"]
    assert files_of(bare_folder) == before
    assert restore(data=bare_folder) == []
    with pytest.raises(DataError, match="NVDA was not refreshed: nothing was"):
        restore(["NVDA"], data=bare_folder)


def test_a_folder_that_is_none_of_ours_is_not_touched(
    tmp_path: Path, yahoo: YahooServer
) -> None:
    for name in ("refreshed.zip", ".mine.7.tmp", "prices.csv"):
        (tmp_path / name).write_bytes(b"mine")
    before = files_of(tmp_path)
    for change in (restore, refresh):
        with pytest.raises(DataError, match="is no data folder"):
            change(data=tmp_path)
    with pytest.raises(DataError, match="is no data folder"):
        add_event(EVENT, [SOURCE], data=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(before)
    assert files_of(tmp_path) == before


@pytest.mark.parametrize("switch", ["0", "1"])
def test_restore_does_not_strand_the_ledger(
    switch: str,
    bare_folder: Path,
    yahoo: YahooServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add_klac(bare_folder)
    add_event(EVENT | {"symbols": "NVDA;KLAC"}, [SOURCE], data=bare_folder)
    assert verify(bare_folder).ok
    monkeypatch.setenv("HELPERS_BUNDLED", switch)
    for chosen in (None, ["KLAC"]):
        with pytest.raises(DataError, match=r"events\.csv \(test-licence\) names KLAC"):
            restore(chosen, data=bare_folder)
    monkeypatch.setenv("HELPERS_BUNDLED", "0")
    assert verify(bare_folder).ok


def test_damage_to_refreshed_prices_is_found_and_restore_gets_rid_of_it(
    folder: Path, yahoo: YahooServer
) -> None:
    refresh(["NVDA"], until=END, data=folder, patience=HASTY)
    path = folder / "refreshed.zip"
    whole = path.read_bytes()
    for at in range(0, len(whole), len(whole) // 40):
        damaged = bytearray(whole)
        damaged[at] ^= 0x55
        path.write_bytes(bytes(damaged))
        with using_data_dir(folder):
            if verify(folder).ok:  # a byte that no reader looks at may be another
                assert load_table("NVDA").index[-1] == pd.Timestamp(END)
                continue
            with pytest.raises(DataError, match=r"damaged.*helpers restore"):
                load_table("NVDA")
    path.write_bytes(whole[: len(whole) // 2])
    assert "refreshed.zip is damaged" in str(verify(folder))
    assert restore(data=folder) == []
    assert not path.exists()
    assert verify(folder).ok


def test_bundled_prices_that_changed_are_not_hidden(
    folder: Path, yahoo: YahooServer
) -> None:
    """As after a pull that brings newer bundled prices."""
    refresh(["NVDA"], until=END, data=folder, patience=HASTY)
    edit_lines(folder, "prices/NVDA.csv", set_cell("2025-08-27", 3, "235518901"))
    with using_data_dir(folder), pytest.raises(DataError, match="has changed since"):
        load_table("NVDA")
    assert "has changed since" in str(verify(folder))
    refresh(["NVDA"], until=END, data=folder, patience=HASTY)
    assert verify(folder).ok
    with using_data_dir(folder):
        assert load_table("NVDA").loc["2025-08-27", "volume"] == 235518901


def test_as_of_when(folder: Path, yahoo: YahooServer) -> None:
    with using_data_dir(folder):
        assert str(data_as_of("NVDA")) == f"Bundled prices: NVDA, to {CUT}."
        with pytest.raises(DataError, match="Unknown symbol 'NVDAA'"):
            data_as_of("NVDAA")
    refresh(["NVDA", "AMD"], until=END, data=folder, patience=HASTY)
    with using_data_dir(folder):
        said = str(data_as_of(["NVDA", "AMD", "TSM"]))
    assert said.startswith("Prices refreshed from Yahoo Finance on 20")
    assert said.endswith(f": 2 instruments, to {END}. Still bundled: TSM, to {CUT}.")


def test_refreshed_data_can_be_switched_off(
    folder: Path, yahoo: YahooServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh(["NVDA"], until=END, data=folder, patience=HASTY)
    monkeypatch.setenv("HELPERS_BUNDLED", "1")
    with using_data_dir(folder):
        assert f"{load_table('NVDA').index[-1]:%Y-%m-%d}" == CUT
    with pytest.raises(DataError, match="HELPERS_BUNDLED switches refreshed data off"):
        refresh(["NVDA"], data=folder, patience=HASTY)


def test_what_is_up_to_date_is_not_asked_for(folder: Path, yahoo: YahooServer) -> None:
    refresh(["NVDA"], until=END, data=folder, patience=HASTY)
    yahoo.asked.clear()
    before = files_of(folder)
    [outcome] = refresh(["NVDA"], until=END, data=folder, patience=HASTY).outcomes
    assert outcome.status == "up to date"
    assert yahoo.asked == []
    assert files_of(folder) == before


def test_a_dry_run_writes_nothing(folder: Path, yahoo: YahooServer) -> None:
    before = files_of(folder)
    report = refresh(["NVDA"], until=END, dry_run=True, data=folder, patience=HASTY)
    assert len(report.outcomes[0].new) == 29
    assert "a dry run: nothing was written" in str(report)
    assert files_of(folder) == before


def test_refreshing_in_steps_gives_what_one_refresh_gives(
    folder: Path, yahoo: YahooServer
) -> None:
    for until in ("2026-07-20", "2026-08-05", END):
        refresh(["NVDA"], until=until, data=folder, patience=HASTY)
    with using_data_dir(folder):
        in_steps = load_table("NVDA")
    restore(data=folder)
    refresh(["NVDA"], until=END, data=folder, patience=HASTY)
    with using_data_dir(folder):
        assert load_table("NVDA").equals(in_steps)


def test_too_early_an_end_of_the_history_at_hand(
    folder: Path, yahoo: YahooServer
) -> None:
    """With --since after the end of the history at hand nothing can be compared."""
    cut_history(folder, "NVDA", "2025-01-03")
    [outcome] = refresh(
        ["NVDA"], since="2026-01-02", until=END, data=folder, patience=HASTY
    ).outcomes
    assert outcome.error == "IncompleteSessions"
    assert "too few to compare" in str(outcome.reason)


# --- events ------------------------------------------------------------------


def test_an_event_is_added_and_placed(folder: Path) -> None:
    old = read_from(folder, load_ledger)
    row = add_event(EVENT, [SOURCE, SOURCE | {"title": "Another"}], data=folder)
    assert row["announced_at"] == "2025-11-20T16:20-05:00"
    assert (row["precision"], row["timezone"]) == ("minute", "America/New_York")
    new = read_from(folder, load_ledger)
    assert new.drop(index="test-licence").equals(old)
    events = read_from(folder, load_events, event_ids="test-licence")
    assert events["day0"].dt.strftime("%m-%d").tolist() == ["11-21", "11-21"]
    sources = read_from(folder, load_sources)
    assert sources[sources["event_id"] == "test-licence"]["n"].tolist() == [1, 2]
    assert verify(folder).ok


def test_a_date_alone_means_that_the_hour_is_unknown(folder: Path) -> None:
    row = add_event(EVENT | {"announced_at": "2025-11-20"}, [SOURCE], data=folder)
    assert row["precision"] == "day"
    assert row["earliest_at"] == "2025-11-20T00:00-05:00"
    assert row["latest_at"] == "2025-11-20T23:59-05:00"
    assert read_from(folder, load_ledger).loc["test-licence", "clock"] == "date only"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"symbols": "NVDAA"}, "field 'symbols': 'NVDAA' is not a symbol"),
        ({"sign_cn_thesis": ""}, "field 'sign_cn_thesis'"),
        ({"type": "rumour"}, "field 'type': 'rumour' is not one of"),
        ({"announced_at": "soon"}, "field 'announced_at': 'soon' is not an instant"),
        ({"announced_at": "2025-11-20T16:20+08:00"}, "has another offset than America"),
        ({"event_id": "deepseek-r1"}, "deepseek-r1 is in row"),
        ({"event_id": "Not An Id"}, "not made of small letters"),
        ({"precision": "session", "clock": "?"}, "field 'earliest_at'"),
        ({"colour": "red"}, "has no column colour"),
        ({"confounders": "nothing"}, "is no other event's id"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_an_event_that_breaks_a_rule_changes_nothing(
    change: dict[str, str], said: str, folder: Path
) -> None:
    before = files_of(folder)
    with pytest.raises(DataError, match=said):
        add_event(EVENT | change, [SOURCE], data=folder)
    assert files_of(folder) == before


def test_an_event_needs_a_source(folder: Path) -> None:
    before = files_of(folder)
    with pytest.raises(DataError, match="has no source"):
        add_event(EVENT, [], data=folder)
    with pytest.raises(DataError, match=r"sources\.csv.* has no|sources\.csv"):
        add_event(EVENT, [SOURCE | {"colour": "red"}], data=folder)
    assert files_of(folder) == before


def test_an_addition_cut_short_harms_no_reader_and_is_made_good_by_the_next(
    folder: Path,
) -> None:
    """Killed between the two files, it leaves sources without their event."""
    events = (folder / "events.csv").read_bytes()
    old = read_from(folder, load_ledger), read_from(folder, load_sources)
    add_event(EVENT, [SOURCE], data=folder)
    whole = files_of(folder)
    (folder / "events.csv").write_bytes(events)
    assert read_from(folder, load_ledger).equals(old[0])
    assert read_from(folder, load_sources).equals(old[1])
    assert "'test-licence' is no event of events.csv" in str(verify(folder))
    add_event(EVENT, [SOURCE], data=folder)
    assert files_of(folder) == whole


def test_an_event_is_taken_out_again(folder: Path) -> None:
    before = read_from(folder, load_ledger), read_from(folder, load_sources)
    add_event(EVENT, SOURCE, data=folder)
    remove_event("test-licence", data=folder)
    assert read_from(folder, load_ledger).equals(before[0])
    assert read_from(folder, load_sources).equals(before[1])
    assert verify(folder).ok
    files = files_of(folder)
    with pytest.raises(DataError, match=r"'deepseek-v31-.*' is no other"):
        remove_event("deepseek-v31-domestic-chip-remark", data=folder)
    with pytest.raises(DataError, match="has no event 'nothing'"):
        remove_event("nothing", data=folder)
    assert files_of(folder) == files


def test_event_add_on_the_command_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [
        f"--{name.replace('_', '-')}={value}"
        for name, value in EVENT.items()
        if name != "event_id"
    ]
    sources = [f"--source-{name}={value}" for name, value in SOURCE.items()]
    command = ["event", "add", "test-licence", *options, *sources]
    assert main([*command, "--data", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "Day 0 on XHKG: 2025-11-21." in said
    assert "Day 0 on XNAS: 2025-11-21." in said
    with (folder / "events.csv").open(newline="") as lines:
        assert list(csv.reader(lines))[-1][0] == "test-licence"
    assert main([*command, "--data", str(folder)]) == 2
    assert "test-licence is in row" in capsys.readouterr().err


# --- the command line, and what must not touch the network ---------------------


def test_refresh_add_and_restore_on_the_command_line(
    bare_folder: Path, yahoo: YahooServer, capsys: pytest.CaptureFixture[str]
) -> None:
    common = ["--until", END, "--pause", "0", "--data", str(bare_folder)]
    assert main(["refresh", "--symbols", "NVDA", "--json", *common]) == 0
    assert json.loads(capsys.readouterr().out)["outcomes"][0]["last"] == END
    assert main(["add", "KLAC", "--since", "2024-01-02", *common]) == 0
    said = capsys.readouterr().out
    assert "KLAC is KLA, a share on XNAS in USD. Benchmark: ^GSPC." in said
    yahoo.faults["AMD"] = Fault(status=500, body=b"")
    assert main(["refresh", "--symbols", "AMD", "--tries", "1", *common]) == 1
    assert main(["refresh", "--symbols", "AMDD", *common]) == 2
    assert "helpers add AMDD" in capsys.readouterr().err
    wrong = ["refresh", "--accept", "AMD", "--symbols", "AMD", *common]
    assert main(wrong) == 2
    assert "write it as SYMBOL=DATE" in capsys.readouterr().err
    assert main(["restore", "--data", str(bare_folder)]) == 0
    assert "Back to the bundled data: KLAC, NVDA." in capsys.readouterr().out
    with using_data_dir(bare_folder):
        assert "KLAC" not in load_instruments().index
        assert instrument("NVDA")["mic"] == "XNAS"


def test_what_make_runs_imports_no_yfinance_and_opens_no_connection(
    root: Path, folder: Path, yahoo: YahooServer
) -> None:
    """Loading, studying and verifying, on refreshed data as well."""
    refresh(["NVDA"], until=END, data=folder, patience=HASTY)
    code = """
import sys
def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        raise SystemExit(f"{event} {arguments}")
sys.addaudithook(refuse)
import helpers
from book import execute, run
from helpers.data.as_of import data_as_of
returns = helpers.load_returns(["NVDA", "^GSPC"])
events = helpers.load_events("NVDA", event_ids="nvda-results-fy26-q2")
helpers.event_study(returns, events, benchmark="^GSPC").car(0, 1)
assert helpers.verify().ok
assert "refreshed" in str(data_as_of("NVDA"))
found = [n for n in sys.modules if n.partition(".")[0] in ("yfinance", "curl_cffi")]
found += [n for n in sys.modules if n.startswith("helpers.data.refresh.")]
print(found)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env=_environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "[]\n", done.stdout + done.stderr
    assert done.stderr == ""


def _environment(folder: Path) -> dict[str, str]:
    import os

    kept = {k: v for k, v in os.environ.items() if k != "HELPERS_YAHOO_URL"}
    return kept | {"HELPERS_DATA": str(folder)}


def test_one_module_alone_imports_yfinance(root: Path) -> None:
    """And the command line imports nothing of the refresh until it is asked to."""
    importers: dict[str, set[str]] = {}
    for path in (root / "src").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for what in ("yfinance", "curl_cffi"):
            if f"import {what}" in text or f"from {what}" in text:
                name = path.relative_to(root / "src" / "helpers").as_posix()
                importers.setdefault(what, set()).add(name)
    assert set(importers) == {"yfinance", "curl_cffi"}
    assert set().union(*importers.values()) == {"refresh/yahoo.py"}
